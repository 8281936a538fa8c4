from __future__ import annotations

import time

import pytest

from preserve.capture.requisites import Requisite, of_css, of_html

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
