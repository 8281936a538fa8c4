"""What stands between a site and a program that asks: challenges, refusals, limits, blocks of states.

The markup is what the shields send, shortened to what tells them apart; numbers and keys are invented.
"""

from __future__ import annotations

from dataclasses import replace

from ..messages import Reply, Request, redirect
from .fate import Fate, html

CHALLENGE, FORBIDDEN, GEO = "blocked/bot-challenge", "blocked/forbidden", "blocked/geo-blocked"
RAY = "8e5a0b6c7d1f2a3b"
CLOUDFLARE = (("CF-RAY", f"{RAY}-FRA"), ("Cache-Control", "private, max-age=0, no-store"))


def _cloudflare(title: str, body: str, status: int = 403, *, head: str = "", mitigated: str = "") -> Reply:
    fields = (*CLOUDFLARE, *((("cf-mitigated", mitigated),) if mitigated else ()))
    return html(title, body, status=status, head=head, server="cloudflare", fields=fields)


def _cloudflare_error(number: int, head: str, text: str, status: int = 403) -> Reply:
    body = (
        f'<div id="cf-wrapper"><div id="cf-error-details" class="cf-error-details-wrapper"><h1><span>Error</span>'
        f"<span>{number}</span></h1><h2>{head}</h2><h3>What happened?</h3><p>{text}</p>"
        f'<p>Ray ID: {RAY} &bull; <span>Performance &amp; security by</span> <a href="https://www.cloudflare.com/">'
        "Cloudflare</a></p></div></div>"
    )
    return _cloudflare(f"{head} | site used Cloudflare to restrict access", body, status)


JUST_A_MOMENT = _cloudflare(
    "Just a moment...",
    '<div class="main-wrapper" role="main"><div class="main-content"><noscript><div class="h2"><span '
    'id="challenge-error-text">Enable JavaScript and cookies to continue</span></div></noscript></div></div>'
    "<script>(function(){window._cf_chl_opt={cvId:'3',cZone:\"site\",cType:'managed',cRay:'" + RAY + "'};"
    "var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray="
    + RAY
    + "';document.getElementsByTagName('head')[0].appendChild(a);}());</script>",
    head='<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="360">',
    mitigated="challenge",
)
CHECKING = _cloudflare(
    "Just a moment...",
    '<table width="100%" height="100%"><tr><td align="center"><div class="cf-browser-verification cf-im-under-attack">'
    '<noscript><h1 data-translate="turn_on_js">Please turn JavaScript on and reload the page.</h1></noscript>'
    '<div id="cf-content" style="display:none"><h1><span data-translate="checking_browser">Checking your browser before '
    'accessing</span> the site.</h1><p data-translate="process_is_automatic">This process is automatic. Your browser '
    "will redirect to your requested content shortly.</p><p>Please allow up to 5 seconds&hellip;</p></div>"
    '<form id="challenge-form" action="/?__cf_chl_jschl_tk__=abc" method="POST"><input type="hidden" name="jschl_vc">'
    '</form></div><div class="attribution">DDoS protection by <a href="https://www.cloudflare.com/5xx-error-landing">'
    f"Cloudflare</a><br>Ray ID: <code>{RAY}</code></div></td></tr></table>",
    503,
)
ATTENTION = _cloudflare(
    "Attention Required! | Cloudflare",
    '<div id="cf-wrapper"><h1 data-translate="challenge_headline">One more step</h1><h2>Please complete the security '
    'check to access the site</h2><form class="challenge-form" id="challenge-form" action="/?__cf_chl_captcha_tk__=x" '
    'method="POST"><div class="cf-captcha-container"></div></form><h2>Why do I have to complete a CAPTCHA?</h2><p>'
    "Completing the CAPTCHA proves you are a human and gives you temporary access to the web property.</p></div>",
)
SORRY_BLOCKED = _cloudflare(
    "Attention Required! | Cloudflare",
    '<div id="cf-wrapper"><h1 data-translate="block_headline">Sorry, you have been blocked</h1><h2>You are unable to '
    "access this site</h2><h2>Why have I been blocked?</h2><p>This website is using a security service to protect "
    "itself from online attacks. The action you just performed triggered the security solution.</p><p>Cloudflare Ray "
    f"ID: <strong>{RAY}</strong></p></div>",
)
WEB_SERVER_DOWN = replace(
    _cloudflare("site | 521: Web server is down", "<h1>Web server is down</h1><p>Error code 521</p>", 521),
    reason="",
)
DDOS_GUARD = html(
    "DDoS-Guard",
    '<div id="link-ddg"><a href="https://ddos-guard.net">DDoS-Guard</a></div><h1 id="ddg-l10n-title">Checking your '
    'browser before accessing the site</h1><p id="ddg-l10n-description">It may take a few seconds.</p><noscript>Please '
    "enable JavaScript.</noscript>",
    status=403,
    head='<script data-ddg-origin="true" data-ddg-l10n="true" src="/.well-known/ddos-guard/js-challenge/index.js">'
    "</script>",
    server="ddos-guard",
    fields=(("Set-Cookie", "__ddg1_=kQ9h; HttpOnly; Path=/"),),
)
QRATOR = html(
    "",
    '<noscript><span style="color:#ff0000">Please enable JavaScript to continue</span></noscript><script '
    'src="/__qrator/qauth_utm_v2d_v9118.js"></script>',
    status=401,
    server="QRATOR",
)
QRATOR_403 = html(
    "HTTP 403",
    '<div class="error-code">403 error</div><p>Доступ к сайту запрещен</p><p>Если вы считаете, что это ошибка, '
    "свяжитесь с владельцем сайта. Запрос: 7f3a-6620</p>",
    status=403,
    server="QRATOR",
    language="ru",
)
INCAPSULA = Reply(
    b'<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"><meta name="viewport" '
    b'content="initial-scale=1.0"><script src="/arms-Doct-The-Then-throngling-Was-Son" async></script></head><body '
    b'style="margin:0px;height:100%"><iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=7-7603-0'
    b'&incident_id=434000870345-4166220&edet=12&cinfo=0e00" frameborder=0 width="100%" height="100%">Request '
    b"unsuccessful. Incapsula incident ID: 434000870345-4166220</iframe></body></html>",
    type="text/html",
    fields=(("X-CDN", "Imperva"), ("X-Iinfo", "7-7603-0 NNNN RT(1681 88) q(0 -1 -1 -1) r(0 -1) B12(14,2,0) U24")),
)
PARDON = html(
    "Pardon Our Interruption",
    "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think you were a bot. "
    "There are a few reasons this might happen:</p><ul><li>You're a power user moving through this website with "
    "super-human speed.</li><li>You've disabled cookies in your web browser.</li><li>A third-party browser plugin is "
    "preventing JavaScript from running.</li></ul><p>To regain access, please make sure that cookies and JavaScript are "
    "enabled before reloading the page.</p>",
    fields=(("X-CDN", "Imperva"),),
)
SUCURI = html(
    "Sucuri WebSite Firewall - Access Denied",
    "<h1>Access Denied - Sucuri Website Firewall</h1><p>If you are the site owner (or you manage this site), please "
    "whitelist your IP.</p><h2>Block details:</h2><table><tr><td>Block ID:</td><td>BNP005</td></tr><tr><td>Block "
    "reason:</td><td>Bad bot access attempt.</td></tr></table>",
    status=403,
    server="Sucuri/Cloudproxy",
    fields=(("X-Sucuri-ID", "12005"), ("X-Sucuri-Block", "BNP005")),
)
SUCURI_SCRIPT = html(
    "You are being redirected...",
    "<noscript>Javascript is required. Please enable javascript before you are allowed to see this page.</noscript>"
    "<script>var s={},u,c,U,r,i,l=0,a,e=eval,w=String.fromCharCode,sucuri_cloudproxy_js='',S='YT0nWTInLnNsaWNlKDEp';"
    "</script>",
    server="Sucuri/Cloudproxy",
    fields=(("X-Sucuri-ID", "12005"),),
)
DATADOME = html(
    "site",
    "<p id=\"cmsg\">Please enable JS and disable any ad blocker</p><script data-cfasync=\"false\">var dd={'rt':'c',"
    "'cid':'AHrlqAAA','hsh':'EC3A9FB6','t':'fe','s':43337,'e':'5e8c40','host':'geo.captcha-delivery.com'}</script>"
    '<script data-cfasync="false" src="https://ct.captcha-delivery.com/c.js"></script>',
    status=403,
    fields=(("X-DataDome", "protected"), ("X-DD-B", "1"), ("Set-Cookie", "datadome=abc; Path=/; Secure")),
)
AWS_CAPTCHA = html(
    "Human Verification",
    '<div id="captcha-container"></div><noscript><h1>JavaScript is disabled</h1>In order to continue, you need to verify '
    "that you're not a robot by solving a CAPTCHA puzzle. The CAPTCHA puzzle requires JavaScript.</noscript>",
    status=405,
    head='<script>window.awsWafCookieDomainList=[];window.gokuProps={"key":"AQID","iv":"A6wU","context":"glDL"};</script>'
    '<script src="https://0a1b.2c3d.eu-central-1.captcha.awswaf.com/0a1b/captcha.js"></script>',
    server="awselb/2.0",
    fields=(("x-amzn-waf-action", "captcha"),),
)
AWS_CHALLENGE = html(
    "",
    '<div id="challenge-container"></div><script>AwsWafIntegration.saveReferrer();AwsWafIntegration.checkForceRefresh();'
    "</script><noscript><h1>JavaScript is disabled</h1>In order to continue, we need to verify that you're not a robot. "
    "This requires JavaScript. Enable JavaScript and then reload the page.</noscript>",
    status=202,
    head='<script>window.awsWafCookieDomainList=[];window.gokuProps={"key":"AQID","iv":"A6wU","context":"glDL"};</script>'
    '<script src="https://0a1b.2c3d.eu-central-1.token.awswaf.com/0a1b/challenge.js"></script>',
    server="CloudFront",
    fields=(("x-amzn-waf-action", "challenge"),),
)
PERIMETERX = html(
    "Access to this page has been denied",
    '<div class="content"><h1>Before we continue...</h1><p>Press &amp; Hold to confirm you are a human (and not a bot).'
    "</p><div id=\"px-captcha\"></div><p>Reference ID 5f2c-11ee</p></div><script>window._pxAppId='PXabc';</script><script "
    'src="/abc/captcha/captcha.js?a=c"></script>',
    status=403,
)
VERCEL = html(
    "Vercel Security Checkpoint",
    '<main><p id="header-text">We\'re verifying your browser</p><p id="footer-text">Vercel Security Checkpoint | '
    'fra1::1731</p></main><noscript>Enable JavaScript to continue</noscript><script type="module" src="/.well-known/'
    'vercel/security/static/challenge.v2.min.js"></script>',
    status=429,
    server="Vercel",
    fields=(("x-vercel-mitigated", "challenge"),),
)
ANUBIS = html(
    "Making sure you&#39;re not a bot!",
    '<main><h1 id="title">Making sure you&#39;re not a bot!</h1><p id="status">Loading...</p><details><summary>Why am I '
    "seeing this?</summary><p>You are seeing this because the administrator of this website has set up Anubis to "
    "protect the server against the scourge of AI companies aggressively scraping websites. Anubis uses a "
    "Proof-of-Work scheme in the vein of Hashcash.</p></details><noscript><p>Sadly, you must enable JavaScript to get "
    "past this challenge.</p></noscript></main>",
    head='<script id="anubis_challenge" type="application/json">{"rules":{"algorithm":"fast","difficulty":4}}</script>'
    '<script async type="module" src="/.within.website/x/cmd/anubis/static/js/main.mjs"></script>',
)
SORRY = html(
    "https://site/",
    "<form id='captcha-form' action='index' method='post'><div id='recaptcha' class='g-recaptcha'></div></form><p><b>About "
    "this page</b><br>Our systems have detected unusual traffic from your computer network. This page checks to see if "
    "it's really you sending the requests, and not a robot.</p><p>IP address: 192.0.2.7</p>",
    status=429,
    server="HTTP server (unknown)",
)
SMART_CAPTCHA = html(
    "Вы не робот?",
    '<div class="CheckboxCaptcha"><h1>Подтвердите, что запросы отправляли вы, а не робот</h1><p>Нам очень жаль, но '
    "запросы с вашего устройства похожи на автоматические.</p><form method='POST' action='/checkcaptcha'><label>Я не "
    "робот</label></form><p>Если у вас возникли проблемы, напишите в службу поддержки Yandex SmartCaptcha.</p></div>",
    language="ru",
    head='<script src="https://smartcaptcha.yandexcloud.net/captcha.js"></script>',
)


def _akamai(request: Request) -> Reply:
    page = (
        "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n \nYou don't have permission "
        f'to access "http&#58;&#47;&#47;{request.host}{request.path}" on this server.<P>\nReference&#32;&#35;18&#46;5d1f'
        "3617&#46;1731&#46;2b3c\n<P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18&#46;5d1f3617</P>\n</BODY>\n"
        "</HTML>\n"
    )
    return Reply(page.encode(), type="text/html", status=403, server="AkamaiGHost")


def _captcha_of_its_own(request: Request) -> Reply:
    if request.path == "/showcaptcha":
        return SMART_CAPTCHA
    return redirect(f"/showcaptcha?cc=1&retpath=https%3A//{request.host}{request.path}&t=2/1731", 302)


WORDFENCE = html(
    "Your access to this site has been limited by the site owner",
    "<h1>Your access to this site has been limited by the site owner</h1><p>Your access to this service has been limited. "
    "(HTTP response code 503)</p><p>If you think you have been blocked in error, contact the owner of this site for "
    "assistance.</p><h3>Block Technical Data</h3><p>Block Reason: Access from your area has been temporarily limited for "
    "security reasons</p><p>About Wordfence: Wordfence is a security plugin.</p>",
    status=503,
)
MOD_SECURITY = html(
    "Not Acceptable!",
    "<h1>Not Acceptable!</h1><p>An appropriate representation of the requested resource could not be found on this server. "
    "This error was generated by Mod_Security.</p>",
    status=406,
    server="Apache",
)
NGINX_403 = Reply(
    b"<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr>"
    b"<center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n",
    type="text/html",
    status=403,
    server="nginx/1.18.0",
)
REGISTER = (
    "<h1>Уважаемый абонент!</h1><p>Доступ к информационному ресурсу ограничен на основании Федерального закона от 27 июля "
    "2006 г. № 149-ФЗ «Об информации, информационных технологиях и о защите информации».</p><p>Ресурс включён в Единый "
    "реестр запрещённой информации. Узнать причину блокировки можно на сайте Роскомнадзора: eais.rkn.gov.ru</p>"
)
RESTRICTED = (
    "<h2>ДОСТУП К РЕСУРСУ ОГРАНИЧЕН</h2><p>Ресурс по данному адресу заблокирован.</p><p>Служба поддержки: 611</p>"
)
BY_COURT = (
    "<p>Уважаемый абонент! Доступ к сайту ограничен по решению суда или по иным основаниям, установленным законодательством "
    "Российской Федерации.</p>"
)
BY_DECREE = "<p>Доступ до даного сайту обмежений згідно з Указом Президента України.</p><p>Ваш провайдер</p>"
PROVIDER = "blocked.provider.example"
COURT = (
    "<h1>ERİŞİM ENGELİ</h1><p>Bu internet sitesi (site) hakkında Bilgi Teknolojileri ve İletişim Kurumu tarafından 5651 "
    "sayılı Kanun uyarınca uygulanan idari tedbir kararıyla erişime engellenmiştir.</p><p>Access to this web site has been "
    "blocked by the decision of the Information and Communication Technologies Authority.</p>"
)
DECREE = (
    "<h1>Доступ до ресурсу заблоковано</h1><p>Доступ до цього сайту обмежено відповідно до рішення Ради національної "
    "безпеки і оборони України, введеного в дію Указом Президента України № 133/2017.</p>"
)
AUTHORITY = (
    "<h1>عفوا، الموقع المطلوب محجوب</h1><p>تم حجب الوصول إلى هذا الموقع وفقا لأنظمة هيئة الاتصالات لأنه مخالف للأنظمة "
    "المعمول بها.</p><p>Access to the requested website is blocked in accordance with the laws of the country.</p>"
)
EUROPE = html(
    "Unavailable due to legal reasons",
    "<h1>451: Unavailable due to legal reasons</h1><p>We recognize you are attempting to access this website from a country "
    "belonging to the European Economic Area (EEA) including the EU which enforces the General Data Protection Regulation "
    "(GDPR) and therefore access cannot be granted at this time.</p>",
    status=451,
)

FATES = {
    "cloudflare-challenge": Fate(CHALLENGE, JUST_A_MOMENT),
    "cloudflare-checking": Fate(CHALLENGE, CHECKING),
    "cloudflare-captcha": Fate(CHALLENGE, ATTENTION),
    "cloudflare-blocked": Fate(FORBIDDEN, SORRY_BLOCKED),
    "cloudflare-1020": Fate(
        FORBIDDEN,
        _cloudflare_error(1020, "Access denied", "This website is using a security service to protect itself."),
    ),
    "cloudflare-1015": Fate(
        "blocked/rate-limited",
        _cloudflare_error(
            1015,
            "You are being rate limited",
            "The owner of this website has banned you temporarily from accessing it.",
            429,
        ),
    ),
    "cloudflare-1009": Fate(
        GEO,
        _cloudflare_error(
            1009,
            "Access denied",
            "The owner of this website (site) has banned the country or region your IP address is in (DE) from "
            "accessing this website.",
        ),
    ),
    "cloudflare-521": Fate("failed/server-error", WEB_SERVER_DOWN),
    "ddos-guard": Fate(CHALLENGE, DDOS_GUARD),
    "qrator": Fate(CHALLENGE, QRATOR),
    "qrator-403": Fate(FORBIDDEN, QRATOR_403, "ru", also=(CHALLENGE,)),  # it does not say whom it takes us for
    "incapsula": Fate(CHALLENGE, INCAPSULA),
    "imperva-pardon": Fate(CHALLENGE, PARDON),
    "sucuri": Fate(FORBIDDEN, SUCURI),
    "sucuri-script": Fate(CHALLENGE, SUCURI_SCRIPT),
    "akamai": Fate(FORBIDDEN, _akamai),
    "datadome": Fate(CHALLENGE, DATADOME),
    "aws-captcha": Fate(CHALLENGE, AWS_CAPTCHA),
    "aws-challenge": Fate(CHALLENGE, AWS_CHALLENGE),
    "perimeterx": Fate(CHALLENGE, PERIMETERX),
    "vercel": Fate(CHALLENGE, VERCEL),
    "anubis": Fate(CHALLENGE, ANUBIS),
    "google-sorry": Fate(CHALLENGE, SORRY),
    "yandex-captcha": Fate(CHALLENGE, _captcha_of_its_own, "ru", whole=True),
    "wordfence": Fate(FORBIDDEN, WORDFENCE, also=("failed/server-error",)),  # a refusal that calls itself 503
    "mod-security": Fate(FORBIDDEN, MOD_SECURITY),
    "forbidden": Fate(FORBIDDEN, NGINX_403),
    "register-ru": Fate(GEO, html("Доступ ограничен", REGISTER, language="ru"), "ru"),
    "register-redirect-ru": Fate(GEO, redirect(f"http://{PROVIDER}/?id=17&st=0&dt=192.0.2.7", 302), "ru"),
    "restricted-ru": Fate(GEO, html("Ресурс заблокирован", RESTRICTED, language="ru"), "ru"),
    "by-court-ru": Fate(GEO, html("Доступ ограничен", BY_COURT, language="ru"), "ru"),
    "by-decree-uk": Fate(GEO, html("Провайдер", BY_DECREE, language="uk"), "uk"),
    "court-tr": Fate(GEO, html("Erişim engellendi", COURT, language="tr"), "tr"),
    "decree-uk": Fate(GEO, html("Доступ заблоковано", DECREE, language="uk"), "uk"),
    "authority-ar": Fate(GEO, html("الموقع محجوب", AUTHORITY, language="ar"), "ar"),
    "geo-451": Fate(GEO, EUROPE),
    "too-many-ru": Fate(
        "blocked/rate-limited",
        html("Слишком много запросов", "<h1>429</h1><p>Слишком много запросов, зайдите позже.</p>", status=429, language="ru"),
        "ru",
    ),
    "anonymous-999": Fate(  # a network of professionals to whoever is not logged in
        "blocked/login-wall",
        Reply(
            b"<html><head><script>window.onload=function(){var trk='bf',trkInfo='bf';window.location.href='/authwall?trk='"
            b"+trk+'&sessionRedirect='+encodeURIComponent(window.location.href);}</script></head></html>",
            type="text/html",
            status=999,
            reason="Request denied",
        ),
        also=(CHALLENGE, FORBIDDEN),
    ),
}  # fmt: skip


def provider(request: Request) -> Reply | None:
    """Where a provider sends its subscribers."""
    return html("Доступ ограничен", REGISTER, language="ru") if request.path == "/" else None
