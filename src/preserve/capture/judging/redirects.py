"""Where a visit ended that began elsewhere: at a login, a challenge, a consent form, a seller of domains, at home.

Most redirects are harmless: a secure address, a new domain, a renamed article, a short link. Only two kinds tell that
the page is not there: those to a place that is known for what it is, and those from a deep link to a front page.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from preserve.capture.judging.evidence import NOTHING, Evidence, Verdict
from preserve.network.suffix import registrable

_LEADS_ON = 30  # own words of a page that does nothing but lead on to another by a meta refresh
_WALL = 200  # own words up to which the last word of a path is believed: articles are about challenges and logins, too
_WALLED = frozenset({200, 202, 401, 403, 405, 429, 503})  # with which places answer that are no page of the site
_LOGIN_HOSTS = frozenset({
    "accounts.google.com", "login.live.com", "login.microsoftonline.com", "id.vk.com", "login.vk.com", "id.vk.ru",
    "login.vk.ru", "passport.yandex.ru", "passport.yandex.com", "login.yahoo.com", "appleid.apple.com",
})  # fmt: skip
_BLOCKING = re.compile(r"(?:blocked|block|lawfilter|blackhole|zapret|warning|rkn|blockpage|stop|restricted)\d{0,2}\.")
_SELLERS = frozenset({
    "sedo.com", "sedoparking.com", "parkingcrew.net", "bodis.com", "dan.com", "afternic.com", "hugedomains.com",
    "undeveloped.com", "buydomains.com", "domainmarket.com", "uniregistry.com", "above.com", "nicparked.com",
    "parklogic.com", "voodoo.com", "skenzo.com", "rookmedia.net", "domainsponsor.com", "fastpark.net", "efty.com",
    "brandbucket.com", "squadhelp.com", "atom.com", "domainnamesales.com", "searchvity.com", "expireddomains.com",
    "parking.nic.ru", "parking.reg.ru", "expired.reg.ru", "sale.reg.ru", "forsale.godaddy.com", "perfectdomain.com",
    "domainagents.com", "dnsphere.com", "giantpanda.com", "domain-for-sale.com", "domains4less.com",
})  # fmt: skip
# Hosts of advertisers' parking that stand before a domain's own name: `ww25.example.org`.
_PARKED_LABEL = re.compile(r"ww\d{1,3}\.")
_ENDS = {
    **dict.fromkeys(
        "login signin sign-in sign_in log-in log_in logon authorize servicelogin wp-login authwall auth".split(),  # noqa: SIM905
        "login-wall",
    ),
    **dict.fromkeys(
        "challenge showcaptcha captcha checkpoint security_check human-verification px-captcha antibot".split(),  # noqa: SIM905
        "bot-challenge",
    ),
    **dict.fromkeys("consent cookie-consent cookiewall cookie-wall privacygate privacy-wall".split(), "consent-wall"),  # noqa: SIM905
    **dict.fromkeys("geoblock geo-block geoblocked geo-blocked not-available-in-your-country".split(), "geo-blocked"),  # noqa: SIM905
    **dict.fromkeys(("age-gate", "agegate", "age-verification", "verify-age", "verify_age"), "age-gate"),
    **dict.fromkeys(("forbidden", "access-denied", "accessdenied", "denied", "403"), "forbidden"),
    **dict.fromkeys(("maintenance", "error", "errorpage", "error-page", "500", "503"), "server-error"),
    **dict.fromkeys(
        "404 notfound not-found not_found page-not-found pagenotfound error404 404error error-404 page_not_found "  # noqa: SIM905
        "page404 404-not-found 404notfound".split(),
        "soft-404",
    ),
}  # fmt: skip
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|jsp|do|shtml)$")
_SHORTENERS = frozenset(
    "t.co bit.ly goo.gl tinyurl.com ow.ly is.gd buff.ly vk.cc clck.ru youtu.be fb.me lnkd.in t.ly cutt.ly rb.gy "  # noqa: SIM905
    "rebrand.ly amzn.to dlvr.it j.mp trib.al shorturl.at tiny.cc u.to goo.su redd.it wp.me nyti.ms bbc.in reut.rs "
    "n.pr flic.kr vm.tiktok.com fb.watch ift.tt tr.im su.pr cli.gs v.gd qr.ae po.st aje.io rfi.my on.rt.com "
    "apne.ws cnn.it wapo.st gu.com econ.st politi.co".split()
)
_SHORT_LINK = re.compile(r"/(?=[a-z-]*[A-Z0-9_])[A-Za-z0-9_-]{3,12}/?")
_SHORT_HOST = 10  # characters, as far as newspapers' own shorteners go
_HOMES = re.compile(r"/(?:(?:index|home|default|main|start)(?:\.(?:html?|php\d?|aspx?|jsp|shtml|cfm))?/?)?", re.I)
_LANGUAGE = re.compile(r"/(?:[a-z]{2}|[a-z]{2}[-_][a-z]{2}|eng|rus|ara|ukr|deu|fra)(?=/|$)", re.I)
# Of a front page's query: who sent the visitor, in which language, and that something was not found.
_IDLE = re.compile(
    r"(?:utm_\w+|fbclid|gclid|yclid|lang|language|locale|hl|l|ref|referer|referrer|from|source|src|via|redirected|redirect"
    r"|404|error|err|notfound|not_found|_\w*)$",
    re.I,
)


def walls(evidence: Evidence) -> Verdict:
    """At a place that is known for what it is, by its host or by the last word of its path."""
    landed = _landed(evidence)
    if landed == evidence.asked or evidence.status not in _WALLED:
        return NOTHING
    reason = _host(evidence.asked, landed)
    if not reason and (evidence.look is None or evidence.look.own <= _WALL):
        reason = _path(evidence.asked, landed)
    return Verdict(reason, (f"led to {landed[:200]}",)) if reason else NOTHING


def away(evidence: Evidence) -> Verdict:
    """At a front page, though a page below it was cited; else only said where another site answered."""
    landed = _landed(evidence)
    if landed == evidence.asked or not evidence.good:
        return NOTHING
    host = urlsplit(landed).hostname
    told = (f"led to {landed[:200]}",) if landed != evidence.landed else ()
    if is_home(landed) and not is_home(evidence.asked) and not _moved_home(evidence.asked, landed):
        return Verdict("redirected-away", (f"a page was cited, the front page of {host} came",))
    if is_elsewhere(evidence.asked, landed):
        return Verdict("", (*told, f"answered by another site: {host}"))
    return Verdict("", told)


def is_home(url: str) -> bool:
    """Whether it is the front page of its site, or of one of its languages."""
    parts = urlsplit(url)
    path = parts.path or "/"
    language = _LANGUAGE.match(path)
    if language:
        path = path[language.end() :] or "/"
    if not _HOMES.fullmatch(path):
        return False
    return all(_IDLE.match(key) for key, _ in parse_qsl(parts.query[:2000], keep_blank_values=True))


def is_elsewhere(url: str, other: str) -> bool:
    """Whether they belong to two sites."""
    return not _of_one_site(urlsplit(url).hostname or "", urlsplit(other).hostname or "")


def _of_one_site(host: str, other: str) -> bool:
    host, other = host.removeprefix("www."), other.removeprefix("www.")
    if host == other or host.endswith(f".{other}") or other.endswith(f".{host}"):
        return True
    return registrable(host) == registrable(other)


def is_login(url: str) -> bool:
    """Whether the address itself asks for a login."""
    parts = urlsplit(url)
    return parts.hostname in _LOGIN_HOSTS or _end(parts.path) == "login-wall" or _asks_login(parts.query)


def is_seller(url: str) -> bool:
    """Whether the address itself is with a seller of domains."""
    return _sells(urlsplit(url).hostname or "")


def _landed(evidence: Evidence) -> str:
    look = evidence.look
    if look is not None and look.refresh and look.own <= _LEADS_ON and evidence.good:
        return look.refresh.partition("#")[0]
    return evidence.landed


def _host(asked: str, landed: str) -> str:
    """What a host is that does nothing else."""
    was, host = urlsplit(asked).hostname or "", urlsplit(landed).hostname or ""
    if host == was:
        return ""
    if host in _LOGIN_HOSTS:
        return "login-wall"
    if host.startswith(("consent.", "guce.")):
        return "consent-wall"
    if _sells(host) and not _sells(was):
        return "parked"
    return "geo-blocked" if _BLOCKING.match(host) and not _of_one_site(host, was) else ""


def _path(asked: str, landed: str) -> str:
    """What the words of an address say, where those of the one asked for did not."""
    before, parts = urlsplit(asked), urlsplit(landed)
    host, was = parts.hostname or "", before.hostname or ""
    if _PARKED_LABEL.match(host) and not _PARKED_LABEL.match(was):
        return "parked"
    if "/cdn-cgi/challenge-platform/" in parts.path or "act=security_check" in parts.query:
        return "bot-challenge"
    if parts.path.startswith("/sorry/") and ".google." in f".{host}":
        return "bot-challenge"
    if _asks_login(parts.query) and not _asks_login(before.query):
        return "login-wall"
    if parts.path.startswith("/consent/") and not before.path.startswith("/consent/"):
        return "consent-wall"
    reason = _end(parts.path)
    return reason if reason != _end(before.path) else ""


def _end(path: str) -> str:
    last = _SUFFIX.sub("", unquote(path.rstrip("/").rpartition("/")[2]).lower())
    return _ENDS.get(last, "")


def _asks_login(query: str) -> bool:
    return any(key == "act" and value == "login" for key, value in parse_qsl(query[:2000]))


def _sells(host: str) -> bool:
    return host in _SELLERS or registrable(host) in _SELLERS or host.startswith(("parking.", "parked."))


def _moved_home(asked: str, landed: str) -> bool:
    """Whether a front page is just what was meant: a short link led there, or a part of a site got its own host."""
    before, there = urlsplit(asked), urlsplit(landed)
    was, host = before.hostname or "", there.hostname or ""
    if was == host:
        return False
    if not _of_one_site(was, host) and (was in _SHORTENERS or _is_short_link(was, before.path)):
        return True
    words = re.findall(r"[a-z0-9]{4,}", unquote(before.path).lower()[:300])
    return any(word in host for word in words if word not in ("html", "index", "http", "https"))


def _is_short_link(host: str, path: str) -> bool:
    return len(host) <= _SHORT_HOST and _SHORT_LINK.fullmatch(path) is not None
