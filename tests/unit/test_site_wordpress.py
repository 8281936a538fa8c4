"""Pages made by WordPress: the uploads behind their pictures, and the page that says it is none."""

from __future__ import annotations

import pytest

from preserve.capture.sites import Part, Seen, wordpress
from preserve.model import Outcome

AT = "https://vdc-sy.net"
UP = "/wp-content/uploads/2015/10"
URL = f"{AT}/report-on-russian-attacks-ar/"


def seen(body: str, *, head: str = "", classes: str = "rtl single single-post", status: int = 200) -> Seen:
    page = (
        f'<html lang="ar" dir="rtl"><head><title>تقرير</title>{head}</head><body class="{classes}">{body}</body></html>'
    )
    return Seen(URL, "source", status, "text/html", "utf-8", page.encode())


def image(name: str, *instead: str) -> Part:
    return Part(f"{AT}{UP}/{name}", "image", instead=tuple(f"{AT}{UP}/{one}" for one in instead))


NEEDS = {
    f'<img src="{UP}/z-300x200.jpg" srcset="{UP}/z-300x200.jpg 300w, {UP}/z-768x512.jpg 768w, {UP}/z.jpg 1600w">': [
        image("z.jpg")
    ],
    f'<img src="{UP}/z-300x200.jpg" srcset="{UP}/z-300x200.jpg 300w, {UP}/z-768x512.jpg 768w">': [
        image("z.jpg", "z-768x512.jpg")
    ],
    f'<img src="/wp-content/themes/t/blank.png" data-src="{UP}/m.jpg"><noscript><img src="{UP}/m.jpg"></noscript>': [
        image("m.jpg")
    ],
    f'<a href="{UP}/o.jpg"><img src="{UP}/o-300x200.jpg"></a>': [image("o.jpg")],
    f'<a href="{UP}/o-1024x683.jpg"><img src="{UP}/o-300x200.jpg"></a>': [image("o.jpg", "o-1024x683.jpg")],
    f'<a href="{URL}"><img src="{UP}/o-150x150.png"></a>': [image("o.png", "o-150x150.png")],
    f'<img src="{UP}/o-scaled.jpg">': [image("o.jpg", "o-scaled.jpg")],
    f'<img src="{UP}/map-1200x.jpg"><img src="{UP}/2015-10-01.jpg">': [image("map-1200x.jpg"), image("2015-10-01.jpg")],
    f'<img src="{UP}/%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9-300x200.jpg">': [
        image("%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9.jpg", "%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9-300x200.jpg")
    ],
    f'<img src="{UP}/خريطة.jpg">': [image("%D8%AE%D8%B1%D9%8A%D8%B7%D8%A9.jpg")],
    f'<img src="{UP}/s.jpg" data-orig-file="{UP}/s-original.jpg">': [image("s-original.jpg")],
    '<img src="/wp-content/themes/t/logo-300x200.png"><img src="https://example.org/elsewhere.jpg">': [],
    '<img class="wp-smiley" src="https://s.w.org/images/core/emoji/2/72x72/1f600.png">': [],
}  # fmt: skip


@pytest.mark.parametrize("inner", NEEDS)
@pytest.mark.parametrize("holder", ["<article>{}</article>", '<div class="x entry-content">{}</div>'])
def test_what_an_article_needs(inner: str, holder: str) -> None:
    assert list(wordpress.SITE.needs(seen(holder.format(inner)))) == NEEDS[inner]


def test_pictures_beside_the_article_are_not_required() -> None:
    body = f'<img src="{UP}/header.jpg"><article><img src="{UP}/1.jpg"></article><img src="{UP}/related-150x150.jpg">'
    assert list(wordpress.SITE.needs(seen(body))) == [image("1.jpg")]


def test_pictures_of_other_articles_and_of_a_page_without_one_are_not_required() -> None:
    teaser = f'<article><a href="/2"><img src="{UP}/teaser.jpg"></a></article>'
    assert list(wordpress.SITE.needs(seen(f'<article><img src="{UP}/1.jpg"></article>{teaser}'))) == [image("1.jpg")]
    assert not wordpress.SITE.needs(seen(f'<div class="banner"><img src="{UP}/banner.jpg"></div>'))


def test_the_featured_picture_is_required_once() -> None:
    head = f'<meta property="og:image" content="{AT}{UP}/featured.jpg">'
    body = f'<article><img src="{UP}/featured.jpg"><img src="{UP}/2.jpg"></article>'
    assert list(wordpress.SITE.needs(seen(body, head=head))) == [image("featured.jpg"), image("2.jpg")]
    assert list(wordpress.SITE.needs(seen("<article></article>", head=head))) == [image("featured.jpg")]


@pytest.mark.parametrize("classes", ["home blog", "archive category", "search search-results"])
def test_a_page_that_lists_articles_needs_none_of_their_pictures(classes: str) -> None:
    assert not wordpress.SITE.needs(seen(f'<article><img src="{UP}/1-150x150.jpg"></article>', classes=classes))


LOST = Outcome("lost", "soft-404", ("WordPress says that there is no such page",))


@pytest.mark.parametrize(
    ("classes", "status", "outcome"),
    [
        ("rtl error404", 200, LOST),
        ("error404 logged-out", 200, LOST),
        ("error404", 404, None),  # its status says it
        ("single single-post", 200, None),
        ("page not-error404-but-about-it", 200, None),
    ],
)
def test_a_page_that_says_it_is_none(classes: str, status: int, outcome: Outcome | None) -> None:
    body = '<section class="error-404 not-found"><h1>عذراً! لم يتم العثور على تلك الصفحة.</h1></section>'
    assert wordpress.SITE.judge([seen(body, classes=classes, status=status)]) == outcome


@pytest.mark.parametrize(
    ("head", "shows"),
    [
        ('<link href="/wp-content/themes/t/style.css"><script src="/wp-includes/js/jquery.js"></script>', True),
        ('<link href="/wp-content/x.css"><link rel="https://api.w.org/" href="https://x.org/wp-json/">', True),
        ('<meta name="generator" content="WordPress 4.9.8">', True),
        ('<img src="https://other.example/wp-content/uploads/x.jpg">', False),  # only shows a picture of one
        ("<p>About wp-content and wp-json</p>", False),
    ],
)
def test_what_shows_that_wordpress_made_a_page(head: str, shows: bool) -> None:
    assert wordpress.SITE.shows(seen("", head=head)) is shows
