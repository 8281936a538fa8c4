"""What stands between a page and whoever has not agreed, logged in, grown up, paid or moved to another country."""

from __future__ import annotations

from urllib.parse import quote

from ..messages import Reply, Request, redirect
from .fate import Answer, Fate, html
from .papers import PRESS

CONSENT, LOGIN, AGE, PRIVATE = "blocked/consent-wall", "blocked/login-wall", "blocked/age-gate", "blocked/private"
MEMBERS, GEO = "blocked/members-only", "blocked/geo-blocked"


def _sent(to: str, here: str, *, status: int = 302) -> Answer:
    """Every address but those below `here` is sent to `to`, with {back} in it as the address to return to."""

    def answer(request: Request) -> Reply | None:
        if here and request.path.startswith(here):
            return None
        return redirect(to.format(back=quote(f"https://{request.host}{request.target}", safe="")), status)

    return answer


def _own(path: str, page: Reply, to: str = "") -> Answer:
    """A wall at an address of the host's own."""
    sent = _sent(to or f"{path}?next={{back}}", path)
    return lambda request: page if request.path.startswith(path) else sent(request)


def _form(button: str, user: str, word: str, more: str = "") -> str:
    return (
        f'<form method="post" action="/login"><label>{user}<input type="text" name="login"></label><label>{word}<input '
        f'type="password" name="password"></label><button type="submit">{button}</button></form>{more}'
    )


# -- consent --------------------------------------------------------------------------------------------------------
BEFORE = html(
    "Before you continue to YouTube",
    '<div class="box"><h1>Before you continue to YouTube</h1><p>We use cookies and data to deliver and maintain Google '
    "services, track outages and protect against spam, fraud, and abuse, and to measure audience engagement.</p><p>If you "
    "choose to “Accept all,” we will also use cookies and data to develop and improve new services.</p><form "
    'action="https://consent.youtube.com/save" method="POST"><input type="hidden" name="gl" value="DE"><button>Reject all'
    "</button></form><form action='https://consent.youtube.com/save' method='POST'><button>Accept all</button></form></div>",
    server="ESF",
)
GUCE = html(
    "Yahoo is part of the Yahoo family of brands",
    '<form method="post" class="consent-form" action="/v2/collectConsent?sessionId=3_cc"><h1>Yahoo is part of the Yahoo '
    "family of brands</h1><p>We, Yahoo, are part of the Yahoo family of brands. When you use our sites and apps, we use "
    "cookies to provide our sites and apps to you, authenticate users and measure use.</p><button name='agree'>Accept all"
    "</button><button name='reject'>Reject all</button><a>Manage privacy settings</a></form>",
)
COOKIES_EN = html(
    "The Evening Press: your privacy",
    '<div id="sp_message_container" role="dialog"><h1>We value your privacy</h1><p>We and our 842 partners store and access '
    "information on a device, such as cookies, and process personal data for personalised advertising and content. To read "
    "our site you must accept or subscribe.</p><button>Accept all</button><button>Subscribe without ads</button></div>",
    head='<script src="https://cdn.privacy-mgmt.com/unified/wrapperMessagingWithoutDetection.js"></script>',
)
COOKIES_DE = html(
    "Weiter mit Werbung lesen oder Abo abschließen",
    '<main class="cmp-purabo"><h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und '
    "Tracking. Die Zustimmung ist jederzeit widerrufbar. Wir und unsere Partner nutzen Cookies und verarbeiten "
    "personenbezogene Daten.</p><button>Akzeptieren und weiter</button><h2>oder Pur-Abo abschließen</h2><p>Kein Tracking, "
    "keine Werbung.</p><button>Zum Pur-Abo</button><p>Bereits Abonnent? Hier anmelden</p></main>",
    language="de",
)
COOKIES_FR = html(
    "Le respect de votre vie privée est notre priorité",
    '<div id="didomi-host"><h1>Le respect de votre vie privée est notre priorité</h1><p>Avec votre accord, nos 310 '
    "partenaires et nous utilisons des cookies pour stocker et accéder à des informations personnelles. Pour accéder au "
    "site, acceptez les cookies ou abonnez-vous.</p><button>Tout accepter</button><button>Tout refuser et s'abonner"
    "</button></div>",
    language="fr",
    head='<script src="https://sdk.privacy-center.org/loader.js"></script>',
)

# -- login ----------------------------------------------------------------------------------------------------------
LOGIN_EN = html(
    "Log in",
    "<h1>Log in</h1><p>You must be logged in to view this page.</p>"
    + _form(
        "Log in", "Email", "Password", '<a href="/forgot">Forgot password?</a> <a href="/join">Create an account</a>'
    ),
)
LOGIN_RU = html(
    "Вход",
    "<h1>Вход на сайт</h1><p>Эта страница доступна только авторизованным пользователям. Пожалуйста, войдите.</p>"
    + _form(
        "Войти", "Телефон или почта", "Пароль", '<a href="/restore">Забыли пароль?</a> <a href="/join">Регистрация</a>'
    ),
    language="ru",
)
LOGIN_UK = html(
    "Вхід",
    "<h1>Увійдіть</h1><p>Щоб переглянути цю сторінку, увійдіть до облікового запису.</p>"
    + _form("Увійти", "Пошта", "Пароль"),
    language="uk",
)
LOGIN_AR = html(
    "تسجيل الدخول",
    "<h1>تسجيل الدخول</h1><p>يجب تسجيل الدخول لعرض هذه الصفحة.</p>"
    + _form("دخول", "البريد الإلكتروني", "كلمة المرور", '<a href="/forgot">نسيت كلمة المرور؟</a>'),
    language="ar",
)
LOGIN_DE = html(
    "Anmelden",
    "<h1>Anmelden</h1><p>Bitte melden Sie sich an, um diese Seite zu sehen.</p>"
    + _form("Anmelden", "E-Mail-Adresse", "Passwort", '<a href="/vergessen">Passwort vergessen?</a>'),
    language="de",
)
LOGIN_FR = html(
    "Connexion",
    "<h1>Connexion</h1><p>Vous devez être connecté pour consulter cette page.</p>"
    + _form("Se connecter", "Adresse e-mail", "Mot de passe", '<a href="/oubli">Mot de passe oublié ?</a>'),
    language="fr",
)
FACEBOOK = html(
    "Log into Facebook",
    '<div id="login_link"><h2>Log into Facebook</h2><p>You must log in to continue.</p></div>'
    '<form action="/login/device-based/regular/login/" method="post"><input type="text" name="email" placeholder="Email '
    'address or phone number"><input type="password" name="pass" placeholder="Password"><button name="login">Log in'
    "</button></form><a>Forgotten account?</a> <a>Sign up for Facebook</a>",
)
INSTAGRAM = html(  # the form is drawn by a program; the page has nothing but its title
    "Login • Instagram",
    '<div id="react-root"></div><noscript>JavaScript is needed.</noscript><script src="/static/bundles/Consumer.js"></script>',
    head='<meta property="og:title" content="Login • Instagram"><meta name="description" content="Welcome back to Instagram. '
    'Sign in to check out what your friends, family &amp; interests have been capturing &amp; sharing around the world.">',
)
ACCOUNTS = html(
    "Sign in - Google Accounts",
    '<h1>Sign in</h1><p>to continue to Google Docs</p><form action="/v3/signin" method="post"><input type="email" '
    'name="identifier" aria-label="Email or phone"><input type="password" name="hiddenPassword" hidden></form>',
    server="ESF",
)
WORDPRESS = html(
    "Log In &lsaquo; Blog &#8212; WordPress",
    '<div id="login"><h1><a href="https://wordpress.org/">Powered by WordPress</a></h1><form name="loginform" id="loginform" '
    'action="/wp-login.php" method="post"><p><label>Username or Email Address</label><input type="text" name="log"></p><p>'
    '<label>Password</label><input type="password" name="pwd"></p><p class="forgetmenot"><input name="rememberme" '
    'type="checkbox">Remember Me</p><input type="submit" value="Log In"></form><p id="nav">Lost your password?</p></div>',
)
FORUM = PRESS.page(  # in the frame of the site, as boards do it
    "Information",
    "<h2>Information</h2><p>The board requires you to be registered and logged in to view this topic.</p>"
    + _form("Login", "Username", "Password", "<p>In order to login you must be registered.</p>"),
)

# -- age, private, members -----------------------------------------------------------------------------------------
AGE_EN = html(
    "Are you over 18?",
    '<div class="gate"><h1>You must be 18+ to view this community</h1><p>You must be at least eighteen years old to view this '
    "content. Are you over eighteen and willing to see adult content?</p><button name='over18' value='yes'>Yes</button>"
    "<button name='over18' value='no'>No</button></div>",
)
AGE_DE = html(
    "Altersprüfung",
    "<h1>Bist du mindestens 18 Jahre alt?</h1><p>Diese Seite ist erst ab 18 Jahren zugänglich. Bitte bestätige dein Alter.</p>"
    "<button>Ja, ich bin über 18</button><button>Nein</button>",
    language="de",
)
AGE_RU = html(
    "Подтвердите возраст",
    "<h1>Вам уже исполнилось 18 лет?</h1><p>Материалы этой страницы предназначены только для лиц старше 18 лет. Подтвердите "
    "свой возраст.</p><button>Да, мне есть 18</button><button>Нет</button>",
    language="ru",
)
PRIVATE_EN = html(
    "Private account",
    '<header><a href="/">Pictures</a></header><main><h2>This account is private</h2><p>Follow this account to see its photos '
    "and videos.</p></main>",
)
PRIVATE_RU = html(
    "Закрытое сообщество",
    '<div class="group_private"><h1>Это закрытое сообщество</h1><p>Страница скрыта настройками приватности. Записи видны '
    "только участникам.</p></div>",
    language="ru",
)
PRIVATE_VIDEO = html(
    "Private video",
    "<div class='player-unavailable'><h1>This video is private</h1><p>Sorry about that.</p></div>",
)
REQUEST_ACCESS = html(
    "You need access",
    "<h1>You need access</h1><p>Request access, or switch to an account with access.</p><button>Request access</button>",
    status=403,
)
UNAVAILABLE = html(
    "Facebook",
    "<h2>This content isn't available right now</h2><p>When this happens, it's usually because the owner only shared it with "
    "a small group of people, changed who can see it or it's been deleted.</p><a href='/'>Go to Feed</a>",
)
PAYING = html(
    "The bridge papers, part 4",
    "<header><a href='/'>A newsletter</a></header><h1>The bridge papers, part 4</h1><div class='paywall'><h2>This post is for "
    "paid subscribers</h2><a>Subscribe</a><p>Already a paid subscriber? Sign in</p></div>",
)
PATRONS = html(
    "Locked post",
    "<h1>Locked post</h1><p>This post is for members only. Become a member to unlock it.</p><button>Join for $5 a month</button>",
)
SUBSCRIBERS_RU = html(
    "Материал для подписчиков",
    "<h1>Карта, которую не показали</h1><p>Этот материал доступен только подписчикам. Оформите подписку, чтобы прочитать его "
    "полностью.</p><button>Оформить подписку</button>",
    language="ru",
)
PAYMENT = html("Payment Required", "<h1>402</h1><p>Subscribe to read this article.</p>", status=402)

# -- geography ------------------------------------------------------------------------------------------------------
COUNTRY_403 = html(
    "Access restricted",
    "<h1>Access restricted</h1><p>This site cannot be accessed from your country. Your IP address: 192.0.2.7 (Germany).</p>",
    status=403,
)
REGION_EN = html(
    "Video",
    "<div class='player'><p>This content is not available in your region.</p><p>Due to licensing restrictions we cannot show "
    "it where you are.</p></div>",
)
EUROPE_200 = html(
    "Unavailable in Europe",
    "<p>Unfortunately, our website is currently unavailable in most European countries. We are engaged on the issue and "
    "committed to looking at options that support our full range of digital offerings to the EU market.</p>",
)
REGION_RU = html(
    "Недоступно",
    "<h1>Контент недоступен в вашем регионе</h1><p>Просмотр ограничен правообладателем.</p>",
    language="ru",
)
REGION_DE = html(
    "Nicht verfügbar",
    "<h1>Dieses Video ist in Ihrem Land leider nicht verfügbar</h1><p>Aus rechtlichen Gründen darf es nur in Deutschland "
    "gezeigt werden.</p>",
    language="de",
)
REGION_FR = html(
    "Non disponible",
    "<h1>Ce contenu n'est pas disponible dans votre pays</h1><p>Pour des raisons de droits, il ne peut être diffusé dans "
    "votre zone géographique.</p>",
    language="fr",
)
REGION_AR = html(
    "غير متاح", "<h1>هذا المحتوى غير متاح في بلدك</h1><p>نعتذر، لا يمكن عرضه في منطقتك.</p>", language="ar"
)
RU_403 = html(
    "Доступ запрещён",
    "<h1>403</h1><p>Доступ к сайту из вашей страны ограничен. Сайт доступен только с территории Российской Федерации.</p>",
    status=403,
    language="ru",
)

FATES = {
    "consent-youtube": Fate(CONSENT, _sent("https://consent.youtube.com/m?continue={back}&gl=DE&hl=de&cm=2", "")),
    "consent-google": Fate(CONSENT, _sent("https://consent.google.com/ml?continue={back}&gl=DE&m=0", "")),
    "consent-yahoo": Fate(CONSENT, _sent("https://consent.yahoo.com/v2/collectConsent?sessionId=3_cc&u={back}", "")),
    "cookies-en": Fate(CONSENT, COOKIES_EN),
    "cookies-de": Fate(CONSENT, COOKIES_DE, "de"),
    "cookies-fr": Fate(CONSENT, COOKIES_FR, "fr"),
    "login-redirect": Fate(LOGIN, _own("/login", LOGIN_EN), whole=True),
    "login-en": Fate(LOGIN, LOGIN_EN),
    "login-ru": Fate(LOGIN, LOGIN_RU, "ru"),
    "login-uk": Fate(LOGIN, LOGIN_UK, "uk"),
    "login-ar": Fate(LOGIN, LOGIN_AR, "ar"),
    "login-de": Fate(LOGIN, LOGIN_DE, "de"),
    "login-fr": Fate(LOGIN, LOGIN_FR, "fr"),
    "login-board": Fate(LOGIN, Reply(FORUM)),
    "login-facebook": Fate(LOGIN, _sent("https://www.facebook.com/login/?next={back}", "")),
    "login-instagram": Fate(LOGIN, _sent("https://www.instagram.com/accounts/login/?next={back}", "")),
    "login-google": Fate(LOGIN, _sent("https://accounts.google.com/ServiceLogin?continue={back}&service=wise", "")),
    "login-wordpress": Fate(LOGIN, _own("/wp-login.php", WORDPRESS, "/wp-login.php?redirect_to={back}&reauth=1"), whole=True),
    "age-en": Fate(AGE, AGE_EN),
    "age-de": Fate(AGE, AGE_DE, "de"),
    "age-ru": Fate(AGE, AGE_RU, "ru"),
    "age-redirect": Fate(AGE, _own("/over18", AGE_EN, "/over18?dest={back}"), whole=True),
    "private-account": Fate(PRIVATE, PRIVATE_EN),
    "private-ru": Fate(PRIVATE, PRIVATE_RU, "ru"),
    "private-video": Fate(PRIVATE, PRIVATE_VIDEO),
    "request-access": Fate(PRIVATE, REQUEST_ACCESS),
    "unavailable": Fate(PRIVATE, UNAVAILABLE, also=("lost/removed", "lost/gone", "lost/soft-404")),  # it says either
    "paid-post": Fate(MEMBERS, PAYING),
    "patrons": Fate(MEMBERS, PATRONS),
    "subscribers-ru": Fate(MEMBERS, SUBSCRIBERS_RU, "ru"),
    "402": Fate(MEMBERS, PAYMENT),
    "country-403": Fate(GEO, COUNTRY_403),
    "country-403-ru": Fate(GEO, RU_403, "ru"),
    "region-en": Fate(GEO, REGION_EN),
    "region-europe": Fate(GEO, EUROPE_200),
    "region-ru": Fate(GEO, REGION_RU, "ru"),
    "region-de": Fate(GEO, REGION_DE, "de"),
    "region-fr": Fate(GEO, REGION_FR, "fr"),
    "region-ar": Fate(GEO, REGION_AR, "ar"),
}  # fmt: skip
ELSEWHERE = {
    "consent.youtube.com": BEFORE,
    "consent.google.com": BEFORE,
    "consent.yahoo.com": GUCE,
    "www.facebook.com": FACEBOOK,
    "www.instagram.com": INSTAGRAM,
    "accounts.google.com": ACCOUNTS,
}
