"""What an article of mil.ru needs, and the article that is none."""

from __future__ import annotations

import pytest

from preserve.capture.sites import Part, Seen, mil
from preserve.model import Outcome

AT = "http://eng.mil.ru"
URL = f"{AT}/en/news_page/country/more.htm?id=12059172@egNews"


def seen(body: str, *, url: str = URL, status: int = 200, head: str = "") -> Seen:
    page = f"<html><head><title>Подробнее</title>{head}</head><body>{body}</body></html>"
    return Seen(url, "source", status, "text/html", "windows-1251", page.encode("cp1251"))


def article(inner: str) -> str:
    return f"""<div id="header"><img src="/images/logo.png">Министерство обороны Российской Федерации</div>
    <div id="content"><div id="left"><a href="/news.htm"><img src="/images/all-450.jpg"></a></div>
    <div id="center"><a href="/">Главная</a> <a href="/news.htm">Новости</a>{inner}</div></div>
    <p>При использовании материалов сайта ссылка на него обязательна, как сказано на этой странице.</p>"""


def image(path: str, *instead: str) -> Part:
    return Part(AT + path, "image", instead=tuple(AT + one for one in instead))


def film(path: str, *instead: str) -> Part:
    return Part(AT + path, "film", instead=tuple(AT + one for one in instead))


NEEDS = {
    '<a href="/i/raid-1.jpg"><img src="/i/raid-1-450.jpg"></a>': [image("/i/raid-1.jpg")],
    '<img src="/i/map-300.jpg" srcset="/i/map-600.jpg 600w, /i/map-1200.jpg 1200w">': [image("/i/map-1200.jpg")],
    '<a href="/i/map-2400.jpg"><picture><source srcset="/i/map-1200.jpg 1200w"><img src="/i/map-300.jpg"></picture></a>': [
        image("/i/map-2400.jpg")
    ],
    '<img src="/i/alone-450.jpg">': [image("/i/alone-450.jpg")],
    '<img src="/i/снимок.jpg?вид=общий">': [
        image("/i/%D1%81%D0%BD%D0%B8%D0%BC%D0%BE%D0%BA.jpg?%E2%E8%E4=%EE%E1%F9%E8%E9")
    ],
    '<img src="/i/print.gif" width="16"><p>Words.</p>': [],
    '<video><source src="/f/raid.mp4"></video>': [film("/f/raid.mp4")],
    '<video><source src="/f/raid_360.mp4"><source src="/f/raid_720.mp4"></video>': [
        film("/f/raid_720.mp4", "/f/raid_360.mp4")
    ],
    '<a href="/f/raid.flv">film</a><a href="/f/other.wmv">film</a>': [film("/f/raid.flv"), film("/f/other.wmv")],
    """<script>player({file: "/f/raid-low.mp4", hd: '/f/raid-hd.mp4?t=1', image: "/i/x.jpg"})</script>""": [
        film("/f/raid-hd.mp4", "/f/raid-low.mp4")
    ],
    """</div><a href="/f/elsewhere.mp4">another article</a><p>About "/f/x.mp4"</p>""": [],
    '<a href="/f/film-2015.mp4">film</a><a href="/f/film-2016.mp4">film</a>': [
        film("/f/film-2015.mp4"),
        film("/f/film-2016.mp4"),
    ],
}


@pytest.mark.parametrize("inner", NEEDS)
def test_what_an_article_needs(inner: str) -> None:
    assert list(mil.SITE.needs(seen(article(inner)))) == NEEDS[inner]


def test_a_page_of_another_template_needs_what_it_offers_in_several_sizes() -> None:
    body = (
        '<img src="/logo.png"><a href="/i/full.jpg"><img src="/i/thumb.jpg"></a><img src="/1.jpg" srcset="/2.jpg 2x">'
    )
    assert list(mil.SITE.needs(seen(body))) == [image("/i/full.jpg"), image("/2.jpg")]


EMPTY = Outcome("lost", "soft-404", ("an article without heading, text, picture and film",))
EMPTIES = (
    "",
    "<h1></h1>",
    "<h1> </h1><p>30.09.2015 (20:05)</p><a href='#'>Поделиться</a>",
    "<h1></h1><script>var words = 'a b c d e f g h i j'</script>",
)
LIVE = (
    "<h1>A heading</h1>",
    "<p>The aircraft struck eight targets of the group on Wednesday evening.</p>",
    '<img src="/i/1.jpg">',
    '<a href="/i/1.jpg"><img src="/i/1-450.jpg"></a>',
    '<video src="/f/raid.mp4"></video>',
    '<a href="/f/raid.mp4">скачать</a>',
    """<script>player({file: "/f/raid.mp4"})</script>""",
)  # fmt: skip


@pytest.mark.parametrize("inner", EMPTIES)
@pytest.mark.parametrize(
    "url", [URL, "https://function.mil.ru/news_page/country/more.htm?id=1%40egNews", f"{AT}/more.htm?f=1&id=2"]
)
def test_an_article_that_says_and_shows_nothing_is_none(inner: str, url: str) -> None:
    assert mil.SITE.judge([seen(article(inner), url=url)]) == EMPTY


@pytest.mark.parametrize("inner", LIVE)
def test_an_article_that_says_or_shows_something_is_live(inner: str) -> None:
    assert mil.SITE.judge([seen(article(inner))]) is None


@pytest.mark.parametrize(
    "page",
    [
        seen("<h1></h1>"),  # a template that is not known
        seen(article(""), url=f"{AT}/mission/index.htm"),
        seen(article(""), status=404),
    ],
)
def test_of_other_pages_nothing_is_said(page: Seen) -> None:
    assert mil.SITE.judge([page]) is None
