"""What a page shows: its pictures at every size, its films, its words; and which rules are whose."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from preserve.capture import sites
from preserve.capture.sites import content, markup
from preserve.capture.sites.content import Picture
from preserve.capture.sites.rule import Seen, Site

URL = "https://example.org/a/b"
AT = "https://example.org"


def seen(html: str, *, url: str = URL, charset: str | None = None, coded: str = "utf-8", role: str = "source") -> Seen:
    return Seen(url, role, 200, "text/html", charset, html.encode(coded))


def article(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag == "article"


PICTURES = {
    '<img src="x.jpg">': Picture((f"{AT}/a/x.jpg",)),
    '<img src="s.jpg" srcset="s.jpg 300w, l.jpg 1600w, m.jpg 768w">': Picture(
        (f"{AT}/a/l.jpg", f"{AT}/a/m.jpg", f"{AT}/a/s.jpg")
    ),
    '<img src="blank.gif" data-src="/l.jpg">': Picture((f"{AT}/l.jpg", f"{AT}/a/blank.gif")),
    '<img src="data:image/gif;base64,AA" data-lazy-srcset="/1.jpg 1x, /2.jpg 2x">': Picture((f"{AT}/2.jpg", f"{AT}/1.jpg")),
    '<a href="/full.jpg"><img src="/thumb.jpg"></a>': Picture((f"{AT}/thumb.jpg",), f"{AT}/full.jpg"),
    '<a href="/full.JPG?v=1"><span><img src="/thumb.jpg"></span></a>': Picture((f"{AT}/thumb.jpg",), f"{AT}/full.JPG?v=1"),
    '<a href="/other/page"><img src="/thumb.jpg"></a>': Picture((f"{AT}/thumb.jpg",)),
    '<a href="/full.jpg">in words</a><img src="/thumb.jpg">': Picture((f"{AT}/thumb.jpg",)),
    '<img src="/s.jpg" data-orig-file="/o.jpg">': Picture((f"{AT}/s.jpg",), f"{AT}/o.jpg"),
    '<picture><source srcset="/1200.webp 1200w, /600.webp 600w"><img src="/300.jpg"></picture>': Picture(
        (f"{AT}/1200.webp", f"{AT}/600.webp", f"{AT}/300.jpg")
    ),
    '<noscript><img src="/n.jpg"></noscript>': Picture((f"{AT}/n.jpg",)),
    '<img src="/icon.png" width="16" height="16"><img src="/x.jpg" width="100%">': Picture((f"{AT}/x.jpg",)),
}  # fmt: skip


@pytest.mark.parametrize("html", PICTURES)
def test_a_picture_at_all_its_sizes(html: str) -> None:
    assert content.read(seen(html), article).pictures == (PICTURES[html],)


def test_a_link_that_is_never_closed_is_of_one_picture() -> None:
    html = '<a href="/full.jpg"><div><img src="/1.jpg"></a></div><img src="/2.jpg">'
    assert content.read(seen(html), article).pictures == (
        Picture((f"{AT}/1.jpg",), f"{AT}/full.jpg"),
        Picture((f"{AT}/2.jpg",)),
    )


def test_what_lies_beside_the_article_is_not_its_own() -> None:
    html = """<html><head><base href="/b/"><title> A
    title </title><meta property="og:image" content="og.jpg"></head><body class="single post">
    <img src="logo.png"><p>Words of a menu.</p>
    <article><h1>The <b>heading</b></h1><p>Four words, no more. <a href="/x">a link</a></p>
    <div><div><img src="1.jpg"></div></div><script>var words</script><a href="f.mp4">film</a></article>
    <img src="ad.jpg"><video src="ad.mp4"></video></body></html>"""
    read = content.read(seen(html), article)
    assert read.main and read.pictures == (Picture((f"{AT}/b/1.jpg",)),) and read.films == (f"{AT}/b/f.mp4",)
    assert (read.heading, read.words, read.title) == ("The heading", 4, "A title")
    assert read.scripts == "var words"
    assert (read.classes, read.shared) == (frozenset({"single", "post"}), f"{AT}/b/og.jpg")


def test_a_page_without_an_article_is_read_whole() -> None:
    read = content.read(seen('<p>Two words</p><img src="/1.jpg"><video><source src="/f.webm"></video>'), article)
    assert (read.main, read.words, read.films) == (False, 2, (f"{AT}/f.webm",))


@pytest.mark.parametrize(
    ("html", "header", "charset"),
    [
        ("", "windows-1251", "cp1251"),
        ('<meta charset="koi8-r">', None, "koi8-r"),
        ('<meta charset="koi8-r">', "windows-1251", "cp1251"),
        ("<p>x</p>", None, "utf-8"),
        ("<p>й</p>", "windows-1251", "utf-8"),
    ],
)
def test_the_charset_in_which_addresses_are_meant(html: str, header: str | None, charset: str) -> None:
    assert markup.charset(seen(html, charset=header)) == charset


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 100_000 + "<img src=/x>", id="deep"),
        pytest.param("<a href=/x.jpg><img src=/y.jpg>" * 100_000, id="links"),
        pytest.param("<picture>" + "<source srcset=/x.jpg><img src=/y.jpg>" * 50_000, id="sources"),
        pytest.param("<picture>" + "<source srcset=/x.jpg>" * 100_000 + "<img>" * 100_000, id="sources-first"),
        pytest.param("<img srcset='" + "/x 1w," * 400_000 + "'>", id="srcset"),
        pytest.param("<article>" * 50_000 + "word " * 100_000, id="articles"),
        pytest.param("<h1>" + "word <b>" * 100_000, id="heading"),
        pytest.param("<script>" + "x" * 4_000_000, id="script"),
        pytest.param("<script>x</script>" * 100_000, id="scripts"),
        pytest.param("<!--" * 500_000, id="comments"),
        pytest.param("</article>" * 100_000, id="ends"),
        pytest.param("\0\ufffd<img src=/x>" * 10_000, id="binary"),
        pytest.param("", id="empty"),
    ],
)
def test_hostile_pages_are_read_in_bounded_time(html: str) -> None:
    began = time.monotonic()
    read = content.read(seen(html), article)
    assert len(read.pictures) <= content.PICTURES
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.youtube.com/watch?v=qblmOvkV9KM", "youtube"),
        ("https://youtu.be/qblmOvkV9KM", "youtube"),
        ("http://eng.mil.ru/en/", "mil.ru"),
        ("https://MIL.ru./", "mil.ru"),
        ("https://vdc-sy.net/x/", "wordpress"),
        ("https://t.me/channel/1", "telegram"),
        ("https://telegram.me/channel/1", "telegram"),
        ("https://notmil.ru/", "web"),
        ("https://mil.ru.example.org/", "web"),
        ("https://example.org/?u=https://t.me/channel/1", "web"),
        ("no address", "web"),
    ],
)
def test_whose_rules_fit(url: str, name: str) -> None:
    assert sites.of(url).name == name


def test_the_answer_tells_where_the_address_does_not() -> None:
    made = '<link href="/wp-content/themes/x/style.css"><link rel="https://api.w.org/" href="/wp-json/">'
    assert sites.shown(sites.of(URL), seen(made)).name == "wordpress"
    assert sites.shown(sites.of(URL), seen("<p>x</p>")).name == "web"
    assert sites.shown(sites.of(URL), seen("", url="https://t.me/channel/1")).name == "telegram"
    other = Site("other", lambda url: True)
    assert sites.shown(other, seen(made)) is other
