"""What pages say in German; how it is written and read stands in the package."""

TEXT: dict[str, tuple[str, ...]] = {
    "challenge": (
        "(?:ihr|dein) browser wird (?:gerade )?überprüft…",
        "(?:bitte )?(?:bestätigen|beweisen) sie,? dass sie (?:ein mensch|kein roboter) sind,? (?:um|indem"
        "|bevor).{0,60}",
        "aktivieren sie javascript und cookies,? um fortzufahren",
        "überprüfung(?:,)? (?:ob sie ein mensch sind|ihres browsers|der verbindung)…",
    ),
    "geo": (
        "(?:dieses|dieser|diese|das|der|die) (?:video|inhalt|seite|website|sendung|beitrag|dienst|angebot) (?:ist"
        "|steht|kann) (?:in|aus) (?:deinem|ihrem|deiner|ihrer) (?:land|region|standort).{0,60}",
        "(?:dieses|dieser|diese|das|der|die) (?:video|inhalt|seite|website|sendung|beitrag|dienst|angebot) (?:ist"
        "|steht)(?: leider)? (?:nicht|nur) .{0,20}(?:in|für) (?:deinem|ihrem|ihrer|ihrem) (?:land|region"
        "|standort).{0,40}",
        "in (?:deinem|ihrem) land nicht verfügbar",
        "der zugriff aus (?:deinem|ihrem) (?:land|standort) ist .{0,30}(?:gesperrt|nicht).{0,30}",
    ),
    "too-many": ("zu viele (?:anfragen|zugriffe).{0,50}",),
    "age": (
        "(?:bist du|sind sie) (?:mindestens |über |älter als )?(?:18|16)(?: jahre(?: alt)?)?(?: oder älter)?",
        "(?:bitte )?(?:bestätigen sie|bestätige),? (?:ihr alter|dein alter|dass (?:sie|du) (?:mindestens|über) "
        "(?:18|16)).{0,40}",
        "(?:diese|dieser) (?:seite|website|inhalt) ist (?:erst )?ab 18(?: jahren)?.{0,40}",
    ),
    "members": (
        "(?:dieser|dieses|diese) (?:artikel|inhalt|video|beitrag|seite) ist (?:nur |exklusiv )?(?:für )?(?:unsere "
        r")?(?:abonnent\w{0,8}|mitglieder|plus-leser\w{0,4})(?: .{0,40})?",
        r"nur für (?:abonnent\w{0,8}|mitglieder)",
        "(?:jetzt )?(?:abonnieren|abo abschließen),? um weiterzulesen",
        "weiterlesen mit .{1,30}(?:abo|plus)",
    ),
    "removed": (
        "(?:dieses |dieser |diese )?(?:video|beitrag|inhalt|seite|konto|kanal|artikel|dokument) (?:wurde|ist) "
        "(?:vom|von (?:der|dem|seinem|ihrem)|durch (?:den|die)|auf (?:antrag|wunsch|anordnung)|aufgrund|wegen) "
        ".{1,60}(?:entfernt|gelöscht|gesperrt).{0,20}",
        "der (?:nutzer|autor|uploader) hat (?:dieses video|diesen beitrag|diese seite) (?:entfernt|gelöscht)",
    ),
    "no-site": ("wenden sie sich (?:bitte )?an ihren hosting-?(?:anbieter|provider).{0,60}",),
    "for-sale": (
        "(?:die|diese) (?:domain|domäne|internetadresse)(?: <domain>)? (?:steht (?:zum|zu) verkauf|ist (?:zu "
        "verkaufen|geparkt|registriert|abgelaufen|käuflich)|wurde (?:geparkt|registriert)|könnte zum verkauf)"
        "(?: (?:bei|auf|über|stehen|für|und) ?.{0,60})?",
        "<domain> (?:steht zum verkauf|ist zu verkaufen|kaufen)",
        "diese domain (?:kaufen|erwerben)",
        "hier entsteht eine neue (?:internetpräsenz|homepage|webseite|website)…",
        "diese (?:webseite|website|seite) wurde (?:gerade|soeben) (?:registriert|eingerichtet)…",
    ),
    "private": (
        "(?:dieses |diese )?(?:video|konto|profil|gruppe|seite|album) ist privat",
        "privates (?:video|konto|profil)",
        "(?:dieser inhalt|diese seite) ist derzeit nicht verfügbar",
        "der (?:eigentümer|nutzer|besitzer) hat den zugriff (?:eingeschränkt|beschränkt).{0,30}",
    ),
    "login": (
        "(?:bitte )?(?:melden sie sich|melde dich|loggen sie sich|logge dich)(?: bitte)? (?:an|ein)(?: oder "
        "registrieren sie sich)?,? um (?:fortzufahren|fortzusetzen|diese[nrs]? (?!kommentar|beitrag "
        "zu).{1,40}(?:sehen|anzuzeigen|lesen|ansehen|aufzurufen)|weiterzulesen)",
        "sie müssen (?:sich anmelden|angemeldet sein|eingeloggt sein|sich einloggen),? um (?:diese|den|die) "
        "(?:seite|inhalt|bereich|forum).{0,40}",
    ),
    "consent": ("bevor (?:sie|du) (?:zu|mit|auf) (?:youtube|google).{1,30}",),
    "down": (
        "(?:die|diese|unsere) (?:seite|website|webseite) (?:wird gerade|befindet sich (?:derzeit |gerade )?in|ist "
        "(?:derzeit|momentan|vorübergehend|wegen)) .{0,30}(?:gewartet|wartung|wartungsarbeiten|wartungsmodus"
        "|nicht erreichbar|nicht verfügbar|offline).{0,50}",
        "wir sind (?:gleich|bald|in kürze) (?:wieder )?(?:zurück|für sie da).{0,30}",
        "fehler beim aufbau einer datenbankverbindung",
        "interner serverfehler.{0,30}",
        "wegen wartungsarbeiten (?:derzeit |vorübergehend )?nicht (?:erreichbar|verfügbar)",
    ),
    "deleted": (
        "(?:dieses |dieser |diese )?(?:video|beitrag|inhalt|foto|konto|kanal|nachricht|profil) (?:wurde|ist) "
        "(?:entfernt|gelöscht|nicht mehr verfügbar)",
    ),
    "not-found": (
        "die (?:von ihnen |von dir )?(?:gewünschte|angeforderte|aufgerufene|gesuchte|angegebene|angefragte)(?: "
        "von ihnen)? (?:seite|datei|url|adresse|webseite|internetseite).{0,60}(?:nicht|existiert|gelöscht"
        "|verschoben|entfernt|verfügbar)…",
        "(?:die|diese) (?:seite|webseite|internetseite),? die sie (?:suchen|gesucht haben|aufrufen|aufgerufen "
        "haben|angefordert haben).{0,60}(?:nicht|gelöscht|verschoben|entfernt)…",
        "(?:die|diese|der|dieser|das|dieses) (?:seite|artikel|beitrag|dokument|datei|inhalt) (?:wurde |konnte "
        "|ist |existiert )?(?:leider )?(?:nicht (?:mehr )?(?:gefunden(?: werden)?|vorhanden|verfügbar|existiert)"
        "|existiert (?:leider )?nicht(?: mehr)?)",
        "(?:die )?(?:seite|datei|artikel|beitrag|dokument) nicht gefunden",
        "(?:wir konnten|wir haben) (?:die|diese) (?:gewünschte |gesuchte )?seite (?:leider )?nicht (?:finden|gefunden)",
        "unter dieser adresse (?:ist|gibt es|wurde) (?:leider )?(?:nichts|keine seite|kein).{0,30}",
        "es wurde(?:n)? (?:leider )?nichts gefunden.{0,30}",
    ),
    "forbidden": (
        "(?:sie haben|du hast) keine (?:berechtigung|zugriffsrechte|erlaubnis).{0,60}",
        "(?:der )?zugriff auf diese (?:seite|website) (?:wurde|ist|wird) (?:ihnen )?(?:verweigert|verboten|gesperrt)",
    ),
}

TITLE: dict[str, tuple[str, ...]] = {
    "challenge": (
        "nur einen moment",
        "einen moment,? bitte",
        "sicherheitsüberprüfung",
        "sind sie ein mensch",
    ),
    "geo": ("in (?:deinem|ihrem) land nicht verfügbar",),
    "too-many": ("zu viele anfragen",),
    "age": (
        "altersprüfung",
        "altersverifikation",
        "altersabfrage",
    ),
    "no-site": (
        "=(?:webspace|website|präsenz|konto) (?:gesperrt|deaktiviert)",
        "hier entsteht eine neue (?:homepage|webseite|website)",
    ),
    "for-sale": (
        "(?:domain )?<domain> (?:steht )?zu[mr]? (?:verkauf|verkaufen)",
        "domain (?:geparkt|kaufen)",
        "domain steht zum verkauf",
    ),
    "private": (
        "privates video",
        "privates profil",
    ),
    "login": (
        "anmelden",
        "anmeldung",
        "login",
        "einloggen",
        "anmeldung erforderlich",
    ),
    "consent": (
        "bevor (?:sie|du) (?:zu|mit|auf) (?:youtube|google).{1,30}",
        "zeit online mit werbung",
    ),
    "privacy": (
        "wir (?:schätzen|respektieren|achten(?: auf)?) ihre privatsphäre",
        "ihre privatsphäre ist uns wichtig",
        "mit werbung weiterlesen",
        "weiter mit werbung(?: lesen)?",
        "diese (?:website|webseite|seite) verwendet cookies",
        "wir verwenden cookies",
    ),
    "down": (
        "wartungsmodus",
        "website im wartungsmodus",
        "interner serverfehler",
    ),
    "deleted": ("(?:video|beitrag) (?:gelöscht|entfernt)",),
    "not-found": (
        r"(?:fehler )?404[\s:.,()-]*(?:die )?(?:seite |datei )?(?:wurde )?nicht gefunden",
        "(?:die )?(?:seite|datei|artikel|beitrag|dokument|inhalt)(?: wurde| konnte)? (?:leider )?nicht "
        r"(?:gefunden(?: werden)?|vorhanden|verfügbar)[\s:!(]*(?:fehler )?(?:404)?\)?",
        "fehler 404",
        r"404[\s-]*fehler",
        "=nicht gefunden",
        "(?:die |diese )?seite existiert nicht(?: mehr)?",
    ),
}
