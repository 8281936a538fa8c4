"""What a page shows, and that no page, however it is made, breaks the looking."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preserve.capture.judging.look import HEAD, Look, look

URL = "https://courier.example/a/b.html"


def at(data: bytes | str, url: str = URL, *, mime: str | None = "text/html", charset: str | None = None) -> Look:
    body = data.encode() if isinstance(data, str) else data
    return look(body[:HEAD], body[-2048:], url=url, status=200, mime=mime, charset=charset, size=len(body))


SHOWN = {
    "<p>one  two\n three": "one two three",
    "<p>one<br>two<p>three": "one two three",
    "<td>one<td>two": "one two",
    "o<b>n</b>e": "one",
    "<script>no()</script>one": "one",
    "<style>p{}</style>one": "one",
    "<noscript>no</noscript>one": "one",
    "<template><p>no</template>one": "one",
    "o<svg><title>no</title><text>no</text></svg>ne": "o ne",
    "<select><option>no</select>one": "one",
    "<iframe>no</iframe>one": "one",
    "<!-- no -->one": "one",
    "<p hidden>no</p><p>one two three four five six": "one two three four five six",
    '<p style="color:red; DISPLAY : none">no</p>one': "one",
    '<div style="visibility:hidden"><p>no</div>one': "one",
    "<dialog>no</dialog><dialog open>one</dialog>": "one",
    '<body style="display:none"><p>one': "one",
    '<html hidden><body class="x"><p>one': "one",
    '<div style="display:none"><p>one two three four five six</div>': "one two three four five six",  # until a script ran
    "<p>a &amp; b &lt;c&gt; &eacute;": "a & b <c> é",
    "<nav>menu</nav><p>one": "menu one",
    "<p>un<wbr>broken": "unbroken",
}


@pytest.mark.parametrize("html", SHOWN)
def test_the_visible_words(html: str) -> None:
    seen = at(html)
    assert (seen.text, seen.words) == (SHOWN[html], len(SHOWN[html].split()))


OWN = {
    "<nav>menu</nav><header>head</header><p>one</p><aside>side</aside><footer>foot</footer>": ("one",),
    "<article><header><h1>Title</h1></header><p>one</article>": ("Title", "one"),
    '<div role="navigation">menu</div><p>one': ("one",),
    "<ul><li><a href=/x>all of it</a><li><a href=/y>another</a></ul><p>one": ("one",),
    "<p>Read <a href=/x>this</a> before you go on": ("Read this before you go on",),
    "<h1><a href=/>Title</a></h1>": ("Title",),
    "<button>Accept</button><p>one": ("one",),
    "<blockquote>said</blockquote><p>one": ("one",),
}


@pytest.mark.parametrize("html", OWN)
def test_what_is_the_pages_own(html: str) -> None:
    seen = at(html)
    assert (seen.lines, seen.own) == (OWN[html], len(" ".join(OWN[html]).split()))


COUNTED = {
    "<title> A \n title </title><title>no</title>": {"title": "A title"},
    "<p><svg><title>no</title></svg><title>yes</title>": {"title": "yes"},
    "<h2>second</h2><h1>first</h1><h1>no</h1>": {"heading": "first"},
    "<h2>second</h2>": {"heading": "second"},
    '<form><input type="PASSWORD"></form>': {"password": True, "forms": 1},
    '<div hidden><form><input type="password"></form></div>': {"password": False, "forms": 0},
    '<noscript><input type="password"></noscript>': {"password": False},
    '<a href="/x">x</a><a href="#y">y</a><a name=z>z</a><a href="javascript:v()">v</a>': {"links": 1},
    '<img src=a><video src=b></video><audio src=c></audio><iframe src=d></iframe><img width=1 height="1px">': {
        "media": 4
    },
    '<script>a</script><script type="application/ld+json">{}</script>': {"scripts": 1},
    "<meta http-equiv=Refresh content=\"0; URL='/x?a=1'\">": {"refresh": "https://courier.example/x?a=1"},
    '<meta http-equiv="refresh" content="0;url=other.html">': {"refresh": "https://courier.example/a/other.html"},
    '<meta http-equiv="refresh" content="300;url=/x">': {"refresh": None},
    '<meta http-equiv="refresh" content="0">': {"refresh": None},
    '<meta http-equiv="refresh" content="0;url=javascript:x">': {"refresh": None},
    '<meta http-equiv="refresh" content="0;url=http://[bad">': {"refresh": None},
    '<noscript><meta http-equiv="refresh" content="0;url=/x"></noscript>': {"refresh": None},
    "<script>window._cf_chl_opt={}</script>": {"marks": (("bot-challenge", "cloudflare"),)},
    "<html data-adblockkey=x><p>one": {"marks": (("parked", "advertising of a parked domain"),)},
    "<p>" + "word " * 300 + "<script>window._cf_chl_opt={}</script>": {"marks": ()},
}


@pytest.mark.parametrize("html", COUNTED)
def test_what_is_counted(html: str) -> None:
    seen = at(html)
    assert {name: getattr(seen, name) for name in COUNTED[html]} == COUNTED[html]


VIEWERS = {
    '<iframe src="/raw/annex%20c.pdf"></iframe>': True,
    '<a href="https://files.example/get/annex%20c.pdf?dl=1">Download</a>': True,
    '<a href="/files/annex%20c.pdf?lang=ru">По-русски</a>': False,  # the page itself
    '<a href="/files/other.pdf">x</a>': False,
    '<link rel="canonical" href="/x/annex%20c.pdf">': False,
}


@pytest.mark.parametrize("html", VIEWERS)
def test_a_viewer_shows_or_offers_the_file(html: str) -> None:
    assert at(html, "https://courier.example/files/annex%20c.pdf").named is VIEWERS[html]


RUSSIAN = "<title>Сводка</title><p>Суда вышли в море утром, лоцман подтвердил это вечером"
ARABIC = "<title>بيان</title><p>غادرت السفينة المرفأ صباح اليوم وعادت في المساء"


def declared(text: str, charset: str) -> str:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">{text}'


CHARSETS = {
    "utf-8, said nowhere": (RUSSIAN.encode(), None),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + RUSSIAN.encode(), "windows-1251"),
    "utf-8, the header lies": (RUSSIAN.encode(), "windows-1251"),
    "utf-8, the page lies": (declared(RUSSIAN, "koi8-r").encode(), None),
    "utf-8 with a bad byte": (RUSSIAN.encode() + b" \xff ", "utf-8"),
    "utf-16 with a mark": (RUSSIAN.encode("utf-16"), None),
    "utf-16 without one": (("<html>" + RUSSIAN).encode("utf-16-le"), "utf-16le"),
    "utf-32": (RUSSIAN.encode("utf-32"), None),
    "windows-1251 in the header": (RUSSIAN.encode("cp1251"), "windows-1251"),
    "windows-1251 in the page": (declared(RUSSIAN, "windows-1251").encode("cp1251"), None),
    "windows-1251, the header says utf-8": (declared(RUSSIAN, "windows-1251").encode("cp1251"), "utf-8"),
    "windows-1251, the header says Latin": (declared(RUSSIAN, "windows-1251").encode("cp1251"), "iso-8859-1"),
    "windows-1251, said nowhere": (RUSSIAN.encode("cp1251"), None),
    "koi8-r": (declared(RUSSIAN, "koi8-r").encode("koi8-r"), None),
    "an unknown charset": (RUSSIAN.encode(), "x-nothing"),
    "a codec that is no charset": (RUSSIAN.encode(), "punycode"),
    "no charset, windows-1251": (RUSSIAN.encode("cp1251"), "punycode"),
    "windows-1256": (declared(ARABIC, "windows-1256").encode("cp1256"), None),
    "utf-8, cut in a letter": (RUSSIAN.encode()[:-1], None),
}


@pytest.mark.parametrize("name", CHARSETS)
def test_charsets(name: str) -> None:
    data, header = CHARSETS[name]
    seen = at(data, charset=header)
    title, word = ("بيان", "السفينة") if name == "windows-1256" else ("Сводка", "лоцман")
    assert seen.title == title
    assert word in seen.text.split()


def test_latin_stays_latin() -> None:
    page = "<title>Élan</title><p>Les bateaux ont quitté le quai à l’aube, déclare la capitainerie"
    assert at(page.encode("cp1252")).title == at(page.encode("cp1252"), charset="iso-8859-1").title == "Élan"


def test_a_default_of_the_server_is_no_charset() -> None:
    page = declared("<title>Zażółć</title><p>Statki wyszły w morze o świcie, potwierdził pilot", "windows-1250")
    assert at(page.encode("cp1250"), charset="iso-8859-1").title == "Zażółć"


def test_what_is_no_page() -> None:
    assert at(b"Log\n\nFog until noon", mime="text/plain").lines == ("Log", "Fog until noon")
    assert at(b"Hello <b>there", mime="text/html").text == "Hello there"  # as a browser takes it
    assert at(b"\x89PNG\r\n\x1a\n..IEND", mime="text/html").kind == "png"
    assert not at(b"\x89PNG\r\n\x1a\n..IEND", mime="text/html").is_page
    assert at(b"", mime="text/html") == Look(URL, 200, "text/html", "", 0)
    assert at(b"%PDF-1.4 ...", mime="application/pdf").complete is False


def test_one_word_of_chinese_is_not_one_word() -> None:
    assert at("<p>" + "星期六港口办公室统计了四十一艘船" * 10).words > 30


def test_a_long_page_is_looked_at_as_far_as_it_tells() -> None:
    seen = at("<title>Long</title>" + "<p>word word word word</p>" * 20_000)
    assert 19_000 < len(seen.text) <= 20_000
    assert seen.words == len(seen.text.split())


def test_no_more_tags_than_these_are_read() -> None:
    assert at("<html>" + "<p>" * 59_000 + "seen").text == "seen"
    assert at("<html>" + "<p>" * 61_000 + "unseen").text == ""


def test_long_menus_do_not_hide_what_is_said() -> None:
    menu = "<nav>" + "<a href=/x>another page of this site</a><br>" * 3000 + "</nav>"
    assert at(f"{menu}<p>one two").lines == ("one two",)


HOSTILE = {
    "deep": b"<div>" * 100_000 + b"x",
    "deep in another way": b"<b><i>" * 80_000,
    "a hundred thousand attributes": b"<html><p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x",
    "many tags": b"<p>a" * 130_000,
    "only openings": b"<" * HEAD,
    "tags without end": b"<a" * (HEAD // 2),
    "comments without end": b"<!--" * (HEAD // 4),
    "a comment of dashes": b"<!--" + b"-" * HEAD,
    "entities": b"<p>" + b"&amp;" * 100_000,
    "one style": b'<html><p style="' + b"display " * 60_000 + b'">x',
    "refreshes": b"<html>" + b'<meta http-equiv=refresh content="0;url=' * 10_000,
    "metas": b"<meta" * 100_000,
    "declarations": b"<?xml" * 100_000,
    "pictures": b"<html>" + b"<img src=x width=1>" * 26_000,
    "NUL": b"<html>" + b"\x00" * HEAD,
    "titles": b"<html>" + b"<title>a" * 60_000,
    "ends": b"</p>" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_no_time(name: str) -> None:
    started = time.process_time()
    at(HOSTILE[name])
    assert time.process_time() - started < 3  # seconds; the worst takes some 0.2, anything quadratic minutes


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["text/html", "image/png", None]), st.text(max_size=12))
def test_nothing_raises(data: bytes, mime: str | None, charset: str) -> None:
    at(data, mime=mime, charset=charset)


PIECES = ["<p>", "</p>", "<a href=x>", "</a>", "<script>", "</script>", "<title>", "<", ">", "x y", "&", '"', "<svg>", "\x00", "é", "<form>", "<div hidden>", "</div>", "<!--", "-->", "<h1>", "<meta http-equiv=refresh content='0;url=", "<body>", "</html>", "<template>"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_markup_raises(pieces: list[str]) -> None:
    seen = at("<html>" + "".join(pieces))
    assert seen.words == len(seen.text.split())
    assert seen.own >= 0
