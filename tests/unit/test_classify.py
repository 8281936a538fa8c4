"""What becomes of a visit, stage by stage; pages of all kinds stand in test_saved_pages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from preserve.capture.judging import phrases, redirects, wording
from preserve.capture.judging.look import Look
from preserve.errors import FetchError
from preserve.model import OUTCOME_OF
from preserve.network.session import Hop, Visit
from tests.support.visits import exchange, judged, visit
from tests.universe.hosts.materials import jpeg, pdf, png

HTML = {"Content-Type": "text/html; charset=utf-8"}
ARTICLE = (
    b"<!doctype html><title>Ships</title><h1>Ships</h1><img src=a.jpg><p>"
    + b"The office counted ships and wrote their names into the book. " * 20
)
SHORT = b"<!doctype html><title>Ships</title><h1>Ships</h1><img src=a.jpg><p>The office counted ships."
URL = "https://courier.example/news/2015/48213.html"


def reason(came: Visit, **more: object) -> str:
    outcome = judged(came, **more)  # type: ignore[arg-type]
    assert OUTCOME_OF[outcome.reason] == outcome.outcome
    return outcome.reason


# -- transport, status, content ------------------------------------------------------------------------------------
def test_what_the_network_did_comes_first() -> None:
    came = Visit(URL, [Hop(URL, 1, None, FetchError("unreachable", "nobody there"))], FetchError("timeout", "too late"))
    assert judged(came).signals == ("too late",)
    assert reason(came) == "timeout"
    assert reason(visit(URL, 404, HTML, ARTICLE, truncated="time")) == "truncated"


STATUS = {
    200: "ok", 204: "empty", 206: "truncated", 304: "malformed", 400: "error", 401: "login-wall", 402: "members-only",
    403: "forbidden", 404: "gone", 408: "timeout", 410: "gone", 416: "error", 429: "rate-limited", 451: "geo-blocked",
    500: "server-error", 503: "server-error", 999: "login-wall",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUS)
@pytest.mark.parametrize("looked", [True, False], ids=["looked at", "not looked at"])
def test_the_status(status: int, looked: bool) -> None:
    assert reason(visit(URL, status, HTML, ARTICLE), looked=looked) == STATUS[status]


def test_content_that_is_none() -> None:
    assert reason(visit(URL, 200, HTML, b"")) == "empty"
    assert reason(visit(URL, 200, HTML, ARTICLE, flaws=("two-lengths",))) == "malformed"
    assert reason(visit(URL, 200, HTML, ARTICLE), fault=FetchError("limit", "a bomb")) == "limit"
    assert reason(visit(URL, 200, HTML, ARTICLE), fault=FetchError("malformed", "no gzip")) == "corrupt"


# -- redirects ------------------------------------------------------------------------------------------------------
PLACES = {
    "https://courier.example/login": "login-wall",
    "https://courier.example/users/sign-in/?next=/x": "login-wall",
    "https://courier.example/wp-login.php?redirect_to=x": "login-wall",
    "https://courier.example/?act=login&to=x": "login-wall",
    "https://accounts.google.com/v3/x": "login-wall",
    "https://courier.example/oauth/authorize?client=1": "login-wall",
    "https://courier.example/cdn-cgi/challenge-platform/x": "bot-challenge",
    "https://vk.com/challenge.html?hash429=1": "bot-challenge",
    "https://www.google.com/sorry/index?continue=x": "bot-challenge",
    "https://courier.example/showcaptcha?x": "bot-challenge",
    "https://consent.youtube.com/m?continue=x": "consent-wall",
    "https://www.courier.example/consent/tcf/?to=x": "consent-wall",
    "https://warning.provider.example/?id=1": "geo-blocked",
    "https://www.hugedomains.com/domain_profile.cfm?d=x": "parked",
    "https://ww25.courier.example/news?sub=1": "parked",
    "https://forsale.godaddy.com/forsale/courier.example": "parked",
    "https://courier.example/404.html": "soft-404",
    "https://courier.example/page-not-found/": "soft-404",
    "https://courier.example/error.php": "server-error",
    "https://courier.example/access-denied": "forbidden",
    "https://courier.example/": "redirected-away",
    "https://courier.example/index.html": "redirected-away",
    "https://www.courier.example/en/": "redirected-away",
    "https://courier.example/ru?from=404": "redirected-away",
    "https://casino.example/": "redirected-away",
    # harmless
    "https://courier.example/news/2015/48213.html?print=1": "ok",
    "https://other.example/news/2015/48213.html": "ok",
    "https://courier.example/news/how-to-login-to-the-archive": "ok",
    "https://courier.example/challenge/48213": "ok",
    "https://courier.example/articles/consent/48213": "ok",
    "https://courier.example/en/harbour": "ok",
    "https://courier.example/?p=48213": "ok",
    "https://blocked.courier.example/48213": "ok",
}


@pytest.mark.parametrize("landed", PLACES)
def test_where_a_visit_was_led(landed: str) -> None:
    assert reason(visit(URL, 200, HTML, SHORT, via=(landed,))) == PLACES[landed]


def test_an_article_may_be_about_such_places() -> None:
    for word in ("login", "challenge", "consent", "error", "maintenance", "404", "forbidden"):
        assert reason(visit(URL, 200, HTML, ARTICLE, via=(f"https://courier.example/topics/{word}",))) == "ok"
    assert reason(visit("https://www.eagle.org/a", 200, HTML, ARTICLE, via=("https://ww2.eagle.org/a",))) == "ok"
    assert reason(visit(URL, 200, HTML, ARTICLE, via=("https://accounts.google.com/x",))) == "login-wall"


HOMES = {
    ("https://courier.example/", "https://courier.example/en/"): "ok",
    ("https://courier.example/home", "https://courier.example/"): "ok",
    ("https://courier.example/en/index.php", "https://courier.example/en"): "ok",
    ("https://courier.example/?utm_source=x&fbclid=y", "https://courier.example/"): "ok",
    ("https://courier.example/?p=12", "https://courier.example/"): "redirected-away",
    ("https://courier.example/login", "https://courier.example/login/"): "ok",
    ("https://bit.ly/abcdef", "https://courier.example/"): "ok",
    ("https://cour.ie/aB3", "https://courier.example/"): "ok",  # a newspaper's own shortener
    ("https://courier.example/aB3", "https://casino.example/"): "redirected-away",
    ("https://courier.example/pilots", "https://pilots.courier.example/"): "ok",
    ("https://courier.example/2015/pilots", "https://www.courier.example/"): "redirected-away",
    ("https://www.hugedomains.com/x", "https://www.hugedomains.com/y"): "ok",
    ("https://example.org/parked", "https://www.example.org/parked/"): "ok",
}


@pytest.mark.parametrize("pair", HOMES, ids=" -> ".join)
def test_front_pages(pair: tuple[str, str]) -> None:
    asked, landed = pair
    assert reason(visit(asked, 200, HTML, SHORT, via=(landed,))) == HOMES[pair]


def test_another_site_is_named() -> None:
    signals = judged(visit(URL, 200, HTML, ARTICLE, via=("https://other.example/48213.html",))).signals
    assert "answered by another site: other.example" in signals
    assert not any(
        "another site" in one
        for one in judged(visit(URL, 200, HTML, ARTICLE, via=("https://www.courier.example/x",))).signals
    )


def test_a_place_that_is_missing_is_missing() -> None:
    assert reason(visit(URL, 404, HTML, ARTICLE, via=("https://courier.example/login",))) == "gone"
    assert reason(visit(URL, 404, HTML, ARTICLE, via=("https://courier.example/",))) == "gone"


def test_home_pages() -> None:
    assert redirects.is_home("https://x.example") and redirects.is_home("https://x.example/ru/index.php?lang=ru")
    assert not redirects.is_home("https://x.example/rus-news") and not redirects.is_home("https://x.example/?id=1")


# -- shields ------------------------------------------------------------------------------------------------------------
SCRIPT = b"<html><title>x</title><body><script>run()</script></body></html>"
PLAIN = b"<html><title>403 Forbidden</title><body><h1>403 Forbidden</h1><hr>nginx</body></html>"
SHIELDS: list[tuple[int, Mapping[str, str], bytes, str]] = [
    (200, {"cf-mitigated": "challenge"}, ARTICLE, "bot-challenge"),
    (405, {"x-amzn-waf-action": "captcha"}, PLAIN, "bot-challenge"),
    (403, {"x-vercel-mitigated": "deny"}, PLAIN, "forbidden"),
    (403, {"Server": "cloudflare"}, SCRIPT, "bot-challenge"),
    (403, {"Server": "cloudflare"}, PLAIN, "forbidden"),
    (403, {"Server": "ddos-guard"}, b"", "bot-challenge"),
    (503, {"Server": "cloudflare"}, SCRIPT, "bot-challenge"),
    (503, {"Server": "cloudflare"}, PLAIN, "server-error"),
    (429, {"Server": "cloudflare"}, SCRIPT, "bot-challenge"),
    (429, {"Server": "cloudflare"}, PLAIN, "rate-limited"),
    (429, {"Server": "cloudflare"}, b"", "rate-limited"),
    (401, {"Server": "QRATOR"}, SCRIPT, "bot-challenge"),
    (401, {"Server": "QRATOR", "WWW-Authenticate": "Basic"}, SCRIPT, "login-wall"),
    (403, {"Set-Cookie": "__ddg1_=x; Path=/"}, SCRIPT, "bot-challenge"),
    (403, {"Set-Cookie": "incap_ses_7=x"}, SCRIPT, "bot-challenge"),
    (403, {"X-DataDome": "protected"}, SCRIPT, "bot-challenge"),
    (403, {"X-CDN": "Imperva"}, SCRIPT, "bot-challenge"),
    (403, {"Server": "nginx"}, SCRIPT, "forbidden"),
    (404, {"Server": "cloudflare"}, SCRIPT, "gone"),
    (500, {"Server": "cloudflare"}, SCRIPT, "server-error"),
    (200, {"Server": "ddos-guard", "Set-Cookie": "__ddg1_=x"}, ARTICLE, "ok"),
    (200, {"Server": "cloudflare"}, SCRIPT, "ok"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "body", "expected"), SHIELDS)
def test_shields(status: int, headers: Mapping[str, str], body: bytes, expected: str) -> None:
    assert reason(visit(URL, status, {**HTML, **headers}, body)) == expected


def test_a_shield_is_known_without_a_look() -> None:
    assert reason(visit(URL, 403, {"Server": "ddos-guard"}, b"x"), looked=False) == "bot-challenge"
    assert reason(visit(URL, 429, {"Server": "cloudflare"}, b"x"), looked=False) == "rate-limited"
    assert "server ddos-guard" in judged(visit(URL, 403, {"Server": "ddos-guard"}, SCRIPT)).signals


NUMBERS = {
    1005: "forbidden",
    1009: "geo-blocked",
    1010: "bot-challenge",
    1015: "rate-limited",
    1016: "dns-dead",
    1020: "forbidden",
    1099: "forbidden",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_cloudflares_numbers(number: int) -> None:
    page = (
        f"<title>Access denied</title><h1><span>Error</span><span>{number}</span></h1><h2>Access denied</h2>".encode()
    )
    assert reason(visit(URL, 403, {**HTML, "Server": "cloudflare"}, page)) == NUMBERS[number]
    assert reason(visit(URL, 200, {**HTML, "Server": "cloudflare"}, page + ARTICLE)) == "ok"


REFUSED = {
    (403, "This video is not available in your country."): "geo-blocked",
    (403, "Доступ к этому сайту ограничен на основании решения суда."): "geo-blocked",
    (403, "Verify you are human by completing the action below."): "bot-challenge",
    (403, "Contact your hosting provider for more information."): "parked",
    (404, "Запись удалена автором."): "removed",
    (404, "This video is not available in your country."): "gone",
    (410, "This post was deleted by its author."): "removed",
    (503, "Briefly unavailable for scheduled maintenance."): "server-error",
    (503, "Your access to this site has been limited by the site owner."): "forbidden",
    (406, "This error was generated by Mod_Security."): "forbidden",
    (451, "This account has been suspended for violating the rules."): "removed",
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_a_refusal_says_of_its_reason(case: tuple[int, str]) -> None:
    status, sentence = case
    page = f"<html><p>{sentence}</p><p>{'Some more words stand here. ' * 30}</p>".encode()
    assert reason(visit(URL, status, HTML, page)) == REFUSED[case]


# -- kinds ------------------------------------------------------------------------------------------------------------
REPORT = pdf("A report", ("A line.",))
PICTURE = jpeg("a")
FILE = "https://courier.example/files/annex-c.pdf"
KINDS: dict[str, tuple[Visit, str, str]] = {
    "a PDF": (visit(FILE, 200, {"Content-Type": "application/pdf"}, REPORT), "ok", ""),
    "a PDF that calls itself a page": (
        visit(URL, 200, HTML, REPORT),
        "ok",
        "declared as text/html, the content is pdf",
    ),
    "a PDF without an end": (visit(FILE, 200, {}, REPORT[:-9]), "truncated", "the PDF has no end (%%EOF)"),
    "a picture without an end": (
        visit(URL, 200, {"Content-Type": "image/jpeg"}, PICTURE[:-9]),
        "truncated",
        "the jpeg has no end",
    ),
    "a GIF without an end, its length known": (
        visit(URL, 200, {"Content-Length": "9"}, b"GIF89a\x01\x02\x03"),
        "ok",
        "the gif has no end",
    ),
    "a GIF without an end, cut off": (visit(URL, 200, {}, b"GIF89a\x01\x02\x03"), "truncated", "the gif has no end"),
    "a page for a PDF": (visit(FILE, 200, HTML, ARTICLE), "soft-404", "a PDF was promised, the content is html"),
    "a text for a PDF": (
        visit(FILE, 200, {"Content-Type": "text/plain"}, b"no such thing"),
        "soft-404",
        "the content is text",
    ),
    "a page that calls itself a picture": (
        visit(URL, 200, {"Content-Type": "image/png"}, ARTICLE),
        "soft-404",
        "a picture was promised",
    ),
    "a page of another site for a PDF": (
        visit(FILE, 200, HTML, ARTICLE, via=("https://casino.example/win",)),
        "redirected-away",
        "",
    ),
    "a page that names the file": (
        visit(FILE, 200, HTML, ARTICLE + b"<p>Annex-C.pdf, 2 MB"),
        "ok",
        "a PDF was promised",
    ),
    "a picture for a picture": (
        visit("https://courier.example/a.jpg", 200, {"Content-Type": "image/png"}, png("a")),
        "ok",
        "",
    ),
    "a picture for a PDF": (visit(FILE, 200, {}, png("a")), "ok", "a PDF was promised, the content is png"),
    "an SVG": (
        visit("https://courier.example/a.svg", 200, {"Content-Type": "image/svg+xml"}, b"<svg></svg>"),
        "ok",
        "",
    ),
    "JSON": (visit("https://courier.example/a", 200, {"Content-Type": "application/json"}, b"{}"), "ok", ""),
    "a script that says so": (
        visit("https://courier.example/a.js", 200, {"Content-Type": "text/javascript"}, b"// page not found\n"),
        "ok",
        "",
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str) -> None:
    came, expected, signal = KINDS[name]
    assert reason(came) == expected
    assert signal in " | ".join(judged(came).signals)


# -- nothing there --------------------------------------------------------------------------------------------------
BLANK = {
    "<html><title>A title</title><body></body>": ("empty", "a page without words"),
    "<html><p>&nbsp; &#8203;": ("ok", ""),
    "<html><body><form><input name=q></form>": ("ok", ""),
    "<html><body><script src=a.js></script>": ("ok", "made by a script"),
    "<html><body><p>Loading</p><script src=a.js></script>": ("ok", "made by a script"),
    "<html><nav>Home News</nav><script src=a.js></script>" + "<nav>menu</nav>" * 20: ("ok", "nothing but menus"),
    "<html><img src=a.jpg>": ("ok", ""),
    "<html><frameset><frame src=a.htm></frameset>": ("ok", ""),
    '<html><meta http-equiv=refresh content="0;url=/x">': ("ok", "led to https://courier.example/x"),
    "<html><style>" + "p{}" * 200_000 + "</style><p>words": ("ok", ""),  # behind a long head
}


@pytest.mark.parametrize("page", BLANK, ids=lambda page: page[:60])
def test_blank_pages(page: str) -> None:
    expected, signal = BLANK[page]
    outcome = judged(visit(URL, 200, HTML, page.encode()))
    assert outcome.reason == expected
    assert signal in " | ".join(outcome.signals)


# -- words --------------------------------------------------------------------------------------------------------------
PLAINED = {
    "Ёлка и ёж": "елка и еж",
    "Й и ї остаются": "й и ї остаются",
    "Élève Œuvre naïve": "eleve œuvre naive",
    "Überprüfung ß": "uberprufung ss",
    "عُذرًا، الصّفحة غير مـوجـودة": "عذرا، الصفحه غير موجوده",
    "أإآٱى ي ة": "اااايي ه".replace("يي", "ي ي"),
    "n’existe ‘x’ “y” «z»": 'n\'existe \'x\' "y" "z"',
    "a\u00a0b\u200b–c…": "a b-c...",
}


@pytest.mark.parametrize("text", PLAINED)
def test_the_same_words_are_the_same(text: str) -> None:
    assert wording.plain(text) == PLAINED[text]


def test_sentences_without_what_introduces_them() -> None:
    found = [
        level
        for level, _ in wording.sentences(
            "Sorry! К сожалению, страница не найдена. Error: gone. Error 404 | Attention required"
        )
    ]
    assert found == ["sorry", "страница не найдена", "gone", "error 404", "attention required"]


def test_every_phrase_can_be_written_down() -> None:
    names = {one.name for one in phrases.CLASSES}
    for language in phrases._LANGUAGES:
        assert set(language.TEXT) <= names and set(language.TITLE) <= names
    for one in phrases.CLASSES:
        assert one.reason in OUTCOME_OF
        assert phrases._titles(one.name) and phrases._sentences(one.name)


@pytest.mark.parametrize("language", phrases._LANGUAGES, ids=lambda language: language.__name__.rpartition(".")[2])
def test_no_phrase_repeats_without_a_bound(language: object) -> None:
    for table in (language.TEXT, language.TITLE):  # type: ignore[attr-defined]
        for listed in table.values():
            for phrase in listed:
                bare = phrase.replace("\\.", "").replace("\\+", "")
                for at, char in enumerate(bare):
                    if char in "*+":
                        assert bare[at - 1] == "]" and bare[bare.rindex("[", 0, at) : at].startswith("[\\s"), phrase
                assert not any(f"\\{upper}" in phrase for upper in "WSDB"), phrase  # case is levelled


def test_a_title_is_only_a_hint_on_a_long_page() -> None:
    page = ARTICLE.replace(b"<title>Ships", b"<title>Page not found | Ships")
    outcome = judged(visit(URL, 200, HTML, page))
    assert (outcome.reason, outcome.signals[-1]) == ("ok", "title says: Page not found")


def test_what_was_said_is_quoted_in_its_own_spelling_and_cut() -> None:
    page = "<html><p>Страница, которую Вы ищете, была удалена или перемещена в другой раздел сайта нашей газеты и больше не нужна".encode()
    signal = judged(visit(URL, 200, HTML, page)).signals[-1]
    assert (
        signal.startswith("text says: Страница, которую Вы ищете")
        and len(signal) == len("text says: ") + phrases.MATCHED
    )


def test_every_reason_of_phrases_has_a_page_that_says_it() -> None:
    look = Look(URL, 200, "text/html", "html", 100, lines=("This video is not available in your country.",), own=8)
    assert phrases.said(look) == phrases.Said("geo-blocked", "text says: This video is not available in your country")
    assert phrases.said(look, frozenset({"removed"})) is None


def test_an_exchange_without_a_status_is_judged_by_its_fault() -> None:
    came = Visit(URL, [Hop(URL, 1, exchange(URL, None))], FetchError("malformed", "no status line"))
    assert reason(came) == "malformed"
