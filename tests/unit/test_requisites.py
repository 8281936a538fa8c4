from __future__ import annotations

import time

import pytest

from preserve.capture.requisites import Requisite, candidates, join, of_css, of_html

PAGE = "https://vdc-sy.net/a/b.html"

HTML = {
    '<img src="x.jpg">': ("a/x.jpg", "image"),
    '<img data-src="/lazy.jpg">': ("lazy.jpg", "image"),
    '<img data-lazy-src="//vdc-sy.net/lazy.jpg">': ("lazy.jpg", "image"),
    '<link rel="stylesheet" href="s.css">': ("a/s.css", "style"),
    '<link rel="Shortcut Icon" href="/favicon.ico">': ("favicon.ico", "icon"),
    '<link rel="apple-touch-icon" href="/t.png">': ("t.png", "icon"),
    '<link rel="preload" as="font" href="/f.woff2">': ("f.woff2", "font"),
    '<script src="/j.js#x"></script>': ("j.js", "script"),
    '<iframe src="/f.html"></iframe>': ("f.html", "frame"),
    '<video poster="/p.jpg" src="/v.mp4"></video>': ("p.jpg", "image"),
    '<embed src="/r.pdf" type="application/pdf">': ("r.pdf", "object"),
    '<object data="/r.pdf"></object>': ("r.pdf", "object"),
    '<div style="background: url(/bg.png)">': ("bg.png", "image"),
    '<body background="/bg.png">': ("bg.png", "image"),
    "<style>@import '/i.css';</style>": ("i.css", "style"),
    '<meta property="og:image" content="/og.jpg">': ("og.jpg", "image"),
    '<input type="image" src="/go.png">': ("go.png", "image"),
    '<base href="/other/"><img src="x.jpg">': ("other/x.jpg", "image"),
    "<noscript><img src='/n.jpg'></noscript>": ("n.jpg", "image"),
    '<img src="/a.jpg?x=1&amp;y=2">': ("a.jpg?x=1&y=2", "image"),
}


@pytest.mark.parametrize("html", HTML)
def test_html(html: str) -> None:
    path, role = HTML[html]
    assert of_html(html.encode(), PAGE) == [Requisite(f"https://vdc-sy.net/{path}", role)]


def test_every_candidate_of_a_srcset() -> None:
    html = b'<img srcset="/s.jpg 300w, /m,1.jpg 2x,/l.jpg" src="/s.jpg"><source data-srcset="/w.webp 1x">'
    assert [one.url.rpartition("/")[2] for one in of_html(html, PAGE)] == ["s.jpg", "m,1.jpg", "l.jpg", "w.webp"]


@pytest.mark.parametrize(
    ("srcset", "sizes"),
    [
        ("a.jpg 300w, b.jpg 1600w", [("a.jpg", 300), ("b.jpg", 1600)]),
        ("a.jpg, b.jpg 1.5x,c.jpg 3x", [("a.jpg", 1), ("b.jpg", 1.5), ("c.jpg", 3)]),
        ("a.jpg  9999999w, b.jpg 2h", [("a.jpg", 1), ("b.jpg", 1)]),
    ],
)
def test_a_candidate_is_told_with_its_size(srcset: str, sizes: list[tuple[str, float]]) -> None:
    assert list(candidates(srcset)) == sizes


# A file that is named in Russian: its path goes out in UTF-8 and its query in the charset of the page.
PATH = "%D1%81%D0%BD%D0%B8%D0%BC%D0%BE%D0%BA%201.jpg"
QUERIES = {
    "windows-1251": "%E8%EC%FF=%EA%E0%F0%F2%E0",
    "koi8-r": "%C9%CD%D1=%CB%C1%D2%D4%C1",
    "utf-8": "%D0%B8%D0%BC%D1%8F=%D0%BA%D0%B0%D1%80%D1%82%D0%B0",
}


@pytest.mark.parametrize("told", ["header", "meta", "http-equiv"])
@pytest.mark.parametrize("charset", QUERIES)
def test_names_in_other_alphabets_are_sent_as_browsers_send_them(charset: str, told: str) -> None:
    meta = {
        "header": "",
        "meta": f'<meta charset="{charset}">',
        "http-equiv": f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">',
    }[told]
    page = (
        f'<html><head>{meta}</head><body><p>Опубликована карта.</p><img src="снимок 1.jpg?имя=карта#я"></body></html>'
    )
    found = of_html(page.encode(charset), PAGE, charset if told == "header" else None)
    assert found == [Requisite(f"https://vdc-sy.net/a/{PATH}?{QUERIES[charset]}", "image")]


@pytest.mark.parametrize(
    ("written", "charset", "sent"),
    [
        ("/x?a=é&b=я", "iso-8859-1", "x?a=%E9&b=%26%231103%3B"),  # what the charset does not have, as its number
        ("/x?a=€", "iso-8859-1", "x?a=%80"),  # browsers read that name as windows-1252
        ("/x?q=表", "shift_jis", "x?q=%95\\"),
        ("/x?q=%D0%B8&r=я", "windows-1251", "x?q=%D0%B8&r=%FF"),  # what is encoded already stays
        ("/x?a=@b&c=%40d", "windows-1251", "x?a=@b&c=%40d"),
        ("/x?q=я", "utf-16", "x?q=%D1%8F"),
        ("/x?q=я", "no-such-charset", "x?q=%D1%8F"),
        ("/x?q=я", "rot13", "x?q=%D1%8F"),
        ("/x?q=я", "idna", "x?q=%D1%8F"),
        ("/x?q=я", "a\0b", "x?q=%D1%8F"),
        ("/я#x?q=я", "windows-1251", "%D1%8F"),
    ],
)
def test_a_query_in_the_charset_of_its_page(written: str, charset: str, sent: str) -> None:
    assert join(PAGE, written, charset) == f"https://vdc-sy.net/{sent}"


def test_css() -> None:
    css = b"""@charset "utf-8"; @import "a.css" screen; @import url(b.css);
    @font-face { src: url("f.woff2") format("woff2"), url(f.ttf?x#y) }
    @media print { .x { background: url( 'i.png' ) , image-set("j.png" 1x) } }
    .y { background: url(data:image/png;base64,AAAA) } /* url(no.png) */"""
    found = [(one.url.removeprefix("https://vdc-sy.net/a/"), one.role) for one in of_css(css, PAGE)]
    assert found == [
        ("a.css", "style"),
        ("b.css", "style"),
        ("f.woff2", "font"),
        ("f.ttf?x", "font"),
        ("i.png", "image"),
    ]


MAPPED = '<!DOCTYPE html><meta charset="utf-8"><title>Карта</title><p>удары по целям</p><img src="/карта.png">'


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-8", "windows-1251"),
        ("utf-8", "utf-16"),
        ("utf-8", "utf-7"),
        ("utf-8", "x-nonsense"),
        ("utf-8", "punycode"),
        ("utf-8", "a\0b"),
        ("utf-8-sig", "iso-8859-1"),
        ("cp1251", "utf-8"),
        ("cp1251", None),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-8"),
        ("utf-16-be", None),
        ("utf-32", "utf-8"),
    ],
)
def test_a_charset_that_lies_hides_no_part(codec: str, declared: str | None) -> None:
    (part,) = of_html(MAPPED.encode(codec), PAGE, declared)
    assert part.url == "https://vdc-sy.net/%D0%BA%D0%B0%D1%80%D1%82%D0%B0.png"


def test_only_web_addresses_come_out() -> None:
    html = b"""<img src="data:image/png,x"><img src="javascript:1"><img src="file:///etc/passwd"><img src="http://">
    <script src="ftp://x/y"></script><iframe src="about:blank"></iframe><img src="">"""
    assert of_html(html, PAGE) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<div>" * 100_000 + b"<img src=/x>", id="deep"),
        pytest.param(b"<p " + b"a=b " * 200_000 + b">", id="attributes"),
        pytest.param(b"<!-- " * 100_000, id="comments"),
        pytest.param(b"<style>" + b"{[(" * 100_000 + b"</style>", id="nested-css"),
        pytest.param(b"<img srcset='" + b", ," * 200_000 + b"'>", id="srcset"),
        pytest.param(b"\x00\xff\xfe<img src=/x>" * 1000, id="binary"),
    ],
)
def test_hostile_pages_are_read_in_bounded_time(data: bytes) -> None:
    began = time.monotonic()
    of_html(data, PAGE)
    assert time.monotonic() - began < 20
