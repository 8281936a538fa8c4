"""What pages say in French; how it is written and read stands in the package."""

TEXT: dict[str, tuple[str, ...]] = {
    "challenge": (
        "vérification de (?:votre|la sécurité de votre) (?:navigateur|connexion)…",
        "(?:veuillez )?(?:vérifiez|confirmez|vérifier|confirmer) que vous (?:êtes (?:un )?humain|n'êtes pas un robot)"
        " (?:pour|afin|en|avant).{0,60}",
        "(?:activez|activer) javascript et les cookies pour continuer",
    ),
    "geo": (
        "(?:cette|ce) (?:vidéo|contenu|page|site|programme|service) (?:n'est pas (?:disponible|accessible)|est "
        "(?:bloquée?|indisponible|inaccessible)) (?:dans|depuis|en) (?:votre|ce) (?:pays|région|zone).{0,60}",
        "(?:non disponible|indisponible) dans votre pays",
        "l'accès à (?:ce site|cette page) (?:est|a été) (?:bloqué|interdit|restreint) (?:dans|depuis|par|en).{0,80}",
    ),
    "too-many": ("trop de requêtes.{0,40}",),
    "age": (
        "avez-vous (?:plus de |au moins )?18 ans(?: ou plus)?",
        "(?:veuillez )?(?:confirmez|confirmer)(?: que vous avez (?:plus de|au moins) 18 ans| votre âge).{0,40}",
        "(?:ce|cette) (?:site|contenu|page) est (?:réservée?|interdite?) aux (?:adultes|majeurs|mineurs|moins de "
        "18 ans|personnes majeures).{0,40}",
    ),
    "members": (
        "(?:cet|cette|ce) (?:article|vidéo|contenu|page) est réservée? (?:aux|à nos) (?:abonnés|membres"
        "|adhérents).{0,40}",
        "(?:abonnez-vous|s'abonner) pour (?:lire|continuer|accéder|poursuivre).{0,40}",
        "réservé aux abonnés",
        "la suite est réservée aux abonnés",
    ),
    "removed": (
        "(?:cette |ce |cet )?(?:vidéo|page|publication|contenu|compte|chaîne|article|document) (?:a été|est) "
        "(?:supprimée?|retirée?|suspendue?|bloquée?) (?:par (?:l'|son |le |la )?(?:utilisateur|auteur"
        "|propriétaire|modérateur|administrateur|éditeur)|à la demande|sur décision|pour (?:non-respect|violation"
        "|atteinte)|en raison d'une?|suite à une).{0,80}",
        "l'(?:utilisateur|auteur) a supprimé (?:cette|ce) (?:vidéo|page|publication|contenu)",
    ),
    "for-sale": (
        "(?:ce|le) (?:nom de )?domaine(?: <domain>)? (?:est (?:à vendre|peut-être à vendre|en vente|en parking"
        "|expiré|enregistré)|a expiré)…",
        "<domain> est (?:à vendre|en vente)…",
        "(?:acheter|achetez) ce (?:nom de )?domaine…",
        "ce site (?:a été )?(?:suspendu|désactivé) (?:par|pour).{0,40}(?:hébergeur|impayé).{0,30}",
    ),
    "private": (
        "(?:cette |ce )?(?:vidéo|compte|profil|groupe|page|album) est privée?",
        "(?:vidéo|compte|profil) privée?",
        "ce contenu n'est pas disponible(?: pour le moment)?",
        "l'accès (?:à .{1,30} )?(?:est|a été) (?:restreint|limité) par (?:son|le) (?:propriétaire|auteur)",
    ),
    "login": (
        "(?:veuillez |vous devez )?(?:connectez-vous|vous connecter|être connecté|s'identifier"
        "|identifiez-vous)(?: ou (?:créez|créer) un compte)? pour (?:continuer|voir|accéder|consulter|lire"
        "|afficher)(?! les commentaires).{0,40}",
        "cette page est réservée aux (?:utilisateurs|membres) (?:connectés|inscrits|enregistrés)",
    ),
    "consent": ("avant d'accéder à (?:youtube|google)(?: .{1,20})?",),
    "down": (
        "(?:le|ce|notre) site (?:est |web est )?(?:actuellement |temporairement |momentanément )?(?:en (?:cours "
        "de )?maintenance|indisponible|inaccessible|hors ligne).{0,50}",
        "(?:site|page) en maintenance",
        "nous (?:serons|revenons) (?:de retour )?(?:bientôt|très vite|dans quelques instants).{0,30}",
        "erreur (?:lors de la connexion|de connexion) à la base de données",
        "erreur interne du serveur.{0,30}",
    ),
    "deleted": (
        "(?:cette |ce )?(?:vidéo|publication|contenu|photo|compte|chaîne|message|profil) (?:a été (?:supprimée?"
        "|retirée?)|n'est plus disponible|n'existe plus)",
    ),
    "not-found": (
        "(?:la|cette) (?:page|ressource|url)(?: web)?(?: que vous)? (?:recherchez|cherchez|demandez|demandée"
        "|recherchée|avez demandée|souhaitez consulter|tentez d'(?:ouvrir|afficher)).{0,60}(?:n'|introuvable|pas"
        "|supprimée|déplacée|plus)…",
        "(?:la|cette) page (?:n'(?:existe|a) (?:pas|plus)(?: (?:été trouvée|pu être trouvée))?|est introuvable"
        "|n'est (?:pas|plus) (?:disponible|accessible))(?: (?:ou|sur) .{0,50})?",
        "(?:le|ce) (?:document|fichier|contenu|lien) (?:demandé |recherché )?(?:n'(?:existe|est) (?:pas|plus)(?: "
        "disponible| accessible)?|est introuvable)",
        "(?:l'|cet )article (?:demandé |que vous recherchez )?(?:n'existe (?:pas|plus)|est introuvable|n'est plus "
        "(?:disponible|en ligne))",
        "nous (?:n'avons|n'arrivons|ne (?:parvenons|trouvons)) pas (?:trouvé |à trouver |pu trouver )?(?:la|cette) "
        "page…",
        "(?:page|document|fichier|article|contenu) (?:introuvable|non trouvée?|inexistante?)",
        "aucun(?:e)? (?:page|article|résultat|contenu) ne correspond à (?:cette|votre) (?:adresse|demande|url)…",
    ),
    "forbidden": (
        "vous n'(?:avez|êtes) pas (?:la permission|l'autorisation|le droit|autorisé).{0,60}",
        "(?:l')?accès à (?:cette page|ce site) (?:est |vous est |vous a été )?(?:interdit|refusé)",
    ),
}

TITLE: dict[str, tuple[str, ...]] = {
    "challenge": (
        "=un instant",
        "juste un instant",
        "un moment,? s'il vous plaît",
        "vérification de sécurité",
    ),
    "geo": ("indisponible dans votre pays",),
    "too-many": ("trop de requêtes",),
    "age": (
        "vérification de l'âge",
        "vérification d'âge",
        "contrôle de l'âge",
    ),
    "no-site": (
        "=(?:compte|site) (?:suspendu|désactivé)",
        "site en construction ovh",
    ),
    "for-sale": (
        "(?:le domaine )?<domain> est à vendre",
        "(?:nom de )?domaine (?:à vendre|expiré)",
    ),
    "private": (
        "vidéo privée",
        "compte privé",
    ),
    "login": (
        "connexion",
        "se connecter",
        "connexion requise",
        "s'identifier",
    ),
    "consent": ("avant d'accéder à (?:youtube|google)(?: .{1,20})?",),
    "privacy": (
        "le respect de votre vie privée est notre priorité",
        "(?:nous respectons|votre) (?:votre )?vie privée(?: (?:compte|est importante|nous importe))?(?: pour nous)?",
        "ce site utilise des cookies",
        "nous utilisons des cookies",
    ),
    "down": (
        "(?:site )?en maintenance",
        "=maintenance en cours",
        "erreur interne du serveur",
    ),
    "deleted": ("(?:vidéo|publication) supprimée",),
    "not-found": (
        r"(?:erreur )?404[\s:.,()-]*(?:page )?(?:introuvable|non trouvée?)",
        r"(?:page|document|fichier|article|contenu) (?:introuvable|non trouvée?|inexistante?)[\s:!(]*(?:erreur "
        r")?(?:404)?\)?",
        "erreur 404",
        r"404[\s-]*erreur",
        "=introuvable",
        "cette page n'existe (?:pas|plus)",
    ),
}
