from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preserve.capture.judging.look import Look, look
from preserve.capture.judging.sibling import ALIKE, judged, shape, sibling, similarity
from preserve.model import Outcome

# `{n}` stands for an impossible number, `{w}` for a senseless word.
SIBLINGS = {
    "http://eng.mil.ru/en/more.htm?id=12059172@egNews": "http://eng.mil.ru/en/more.htm?id={n}@egNews",
    "https://function.mil.ru/more.htm?id=12121964%40egNews": "https://function.mil.ru/more.htm?id={n}%40egNews",
    "https://x.org/news.php?cat=5&id=77&lang=ru": "https://x.org/news.php?cat={n}&id={n}&lang=ru",
    "https://x.org/?p=123": "https://x.org/?p={n}",
    "https://x.org/news?48213": "https://x.org/news?{n}",
    "https://forum.org/viewtopic.php?t=4822&start=30": "https://forum.org/viewtopic.php?t={n}&start=30",
    "https://x.org/a-long-title?share=12": "https://x.org/{w}-{w}-{w}?share={n}",
    "https://x.org/a-long-title.html?1443": "https://x.org/{w}-{w}-{w}.html?1443",
    "https://vk.com/wall-3457550_23655": "https://vk.com/wall-3457550_{n}",
    "https://x.org/news/12345": "https://x.org/news/{n}",
    "https://x.org/news/12345.html": "https://x.org/news/{n}.html",
    "https://x.org/en/some-title/a-18453": "https://x.org/en/some-title/a-{n}",
    "https://x.org/market-hit-at-noon-48213/": "https://x.org/{w}-{w}-{w}-{w}-{n}/",
    "https://x.org/questions/12345/how-to-count": "https://x.org/questions/{n}/{w}-{w}-{w}",
    "https://x.org/r/comments/abc123/the_title/": "https://x.org/r/comments/abc{n}/{w}_{w}/",
    "https://x.org/d/550e8400-e29b-41d4-a716-446655440000": "https://x.org/d/{w}-{w}-{w}-{w}-{w}",
    "https://x.org/story/aBc3D4/title.html": "https://x.org/story/{w}/{w}.html",
    "https://x.org/2015/10/03/market-hit/": "https://x.org/2015/10/03/{w}-{w}/",
    "https://vdc-sy.net/report-on-attacks-ar/": "https://vdc-sy.net/{w}-{w}-{w}-{w}/",
    "https://x.org/%D8%AA%D9%82%D8%B1%D9%8A%D8%B1/": "https://x.org/{w}/",
    "https://x.org/news/?utm_source=a&lang=en": "https://x.org/{w}/?utm_source=a&lang=en",
    "https://x.org/": None,
    "https://x.org/en/index.php": None,
    "https://x.org/files/a-12.pdf": None,
    "https://x.org/a.jpg": None,
    "https://x.org/data/12.json": None,
    "https://x.org/watch?v=Kq5ypg&t=30": None,  # a film, and a time in it
    "https://x.org/index.php?title=Harbour": None,  # words that no one can vary
    "mailto:a@x.org": None,
    "http://[::1": None,
}


@pytest.mark.parametrize("url", SIBLINGS)
def test_siblings(url: str) -> None:
    wanted, found = SIBLINGS[url], sibling(url, "token")
    assert found == sibling(url, "token")
    if wanted is None:
        assert found is None
        return
    pattern = re.escape(wanted).replace(r"\{n\}", "90[0-9]{6,}").replace(r"\{w\}", "[A-Za-z0-9]+")
    assert found is not None and re.fullmatch(pattern, found), found
    assert sibling(url, "another") != found
    assert shape(found) == shape(url)


def test_an_impossible_number_is_as_long_as_it_has_to_be() -> None:
    assert sibling("https://x.org/news/7", "t") == sibling("https://x.org/news/12345678", "t")
    long = sibling("https://x.org/status/1234567890123456789", "t") or ""
    assert len(long.rpartition("/")[2]) == 19 and int(long.rpartition("/")[2]) < 2**63


SHAPES = {
    "http://eng.mil.ru/more.htm?id=12059172@egNews": "eng.mil.ru/more.htm?id=9@egNews",
    "http://ENG.mil.ru/more.htm?id=5@egNews": "eng.mil.ru/more.htm?id=9@egNews",
    "https://x.org/2015/10/03/one-title/": "x.org/9/9/9/*/?",
    "https://x.org/2016/1/2/another-title/": "x.org/9/9/9/*/?",
    "https://x.org/some-title-48213/": "x.org/*/?",
    "https://vk.com/wall-1_2": "vk.com/wall-9_9?",
    "https://vk.com/video-1_2": "vk.com/video-9_9?",
    "https://vk.com/durov": "vk.com/*?",
    "https://x.org/news/12.html": "x.org/news/9.html?",
    "https://x.org/q/12345/title": "x.org/q/*/*?",
    "https://x.org/d/550e8400-e29b-41d4-a716-446655440000": "x.org/d/*?",
}


@pytest.mark.parametrize("url", SHAPES)
def test_shapes(url: str) -> None:
    assert shape(url) == SHAPES[url]


@given(st.text(max_size=80), st.text(max_size=8))
def test_no_address_raises(text: str, token: str) -> None:
    for url in (text, f"https://x.org/{text}", f"https://x.org/a?{text}"):
        sibling(url, token)
        shape(url)


# -- pages compared -------------------------------------------------------------------------------------------------
NOW = "https://x.org/news/48213.html"
NEVER = "https://x.org/news/90836742.html"
FRAME = "<title>News | Courier</title><nav><a href=/>Home</a></nav><p>The Courier of the harbour, every day, founded in the spring of the year.</p>"
STORY = "<h1>Ships counted</h1><p>The office counted forty-one ships and wrote their names into the book at the gate, where they can be read by all.</p>"


def at(html: str, url: str = NOW, **more: object) -> Look:
    body = html.encode()
    return look(body, body[-2048:], url=url, status=200, mime="text/html", charset=None, size=len(body), **more)  # type: ignore[arg-type]


def test_likeness() -> None:
    story, other = at(FRAME + STORY), at(FRAME, NEVER)
    assert similarity(story, story) == 100
    assert similarity(story, other) == similarity(other, story) < 50
    assert similarity(at("<p>" + "one two three four five " * 20), at("<p>" + "six seven eight nine ten " * 20)) == 0
    assert similarity(at(""), at("")) == 0


def test_what_is_asked_and_repeated_is_no_difference() -> None:
    one = at("<p>Article 48213 was not found: https://x.org/news/48213.html")
    other = at("<p>Article 90836742 was not found: https://x.org/news/90836742.html", NEVER)
    assert similarity(one, other) == 100
    words = (
        at("<p>Nothing for harbour lights", "https://x.org/harbour-lights"),
        at("<p>Nothing for xkcd vbnm", "https://x.org/xkcd-vbnm"),
    )
    assert similarity(*words) == 100


def found(page: str, other: str, url: str = NOW, never: str = NEVER, status: int = 200) -> Outcome | None:
    return judged(at(page, url), at(other, never), status, same_redirect=False)


def test_a_site_that_shows_the_same_for_everything() -> None:
    outcome = found(FRAME + "<h1></h1>", FRAME + "<h1></h1>")
    assert outcome is not None
    assert (outcome.outcome, outcome.reason) == ("lost", "soft-404")
    assert outcome.signals == (f"an address that cannot exist shows the same, 100 %: {NEVER}",)
    clock = (
        "<p>Made at {} in 0.0{}1 seconds by a machine in the cellar of the house beside the old quay of the harbour."
    )
    assert found(FRAME + clock.format("12:00", 3) * 6, FRAME + clock.format("12:00", 3) * 6) is not None


LIVE = {
    "an article": (FRAME + STORY, FRAME),
    "a sentence": (FRAME + "<p>The book will be published on Friday.</p>", FRAME),
    "a picture": (FRAME + "<img src=a.jpg>", FRAME),
    "a title": (FRAME.replace("News", "Ships counted"), FRAME),
    "made by a script": (
        "<title>Map</title><script src=a.js></script>",
        "<title>Map</title><script src=a.js></script>",
    ),
    "two words": ("<p>Photo 5", "<p>Photo 5"),
    "no words": ("<img src=a.jpg>", "<img src=a.jpg>"),
}


@pytest.mark.parametrize("name", LIVE)
def test_a_page_with_something_of_its_own_is_live(name: str) -> None:
    assert found(*LIVE[name]) is None


def test_a_small_difference_in_a_large_frame_is_seen() -> None:
    frame = FRAME + "".join(f"<p>Line {n} of a long text that stands on each page of the site.</p>" for n in range(40))
    assert similarity(at(frame), at(frame + "<p>Ships counted.</p>", NEVER)) >= ALIKE
    assert found(frame + "<p>Three rockets fell.</p>", frame) is None
    assert found(frame + "<p>Visitors today: 12</p>", frame + "<p>Visitors today: 13</p>") is not None


@pytest.mark.parametrize("status", [0, 301, 403, 404, 410, 429, 500, 503])
def test_a_sibling_that_is_refused_or_missing_proves_nothing(status: int) -> None:
    assert found(FRAME, FRAME, status=status) is None


def test_a_sibling_that_is_led_to_the_page_itself_proves_nothing() -> None:
    assert found(FRAME, FRAME, never=NOW) is None


def test_a_site_that_ignores_all_but_the_words_is_live() -> None:
    page = FRAME.replace("News", "Market hit at noon")
    assert found(page, page, "https://x.org/abcdef/market-hit-noon", "https://x.org/abcdef/vbnmkl-hjt-trwq") is None
    echo = (
        "<title>Results for market hit noon</title><p>Nothing is found here today",
        "<title>Results for vbnmkl hjt trwq</title><p>Nothing is found here today",
    )
    assert found(*echo, "https://x.org/abcdef/market-hit-noon", "https://x.org/abcdef/vbnmkl-hjt-trwq") is not None


def test_led_where_the_page_was_led() -> None:
    def led(url: str) -> Outcome | None:
        return judged(at(STORY, url), at(STORY, url), 200, same_redirect=True)

    outcome = led("https://x.org/archive/")
    assert outcome is not None and (outcome.outcome, outcome.reason) == ("lost", "redirected-away")
    assert led("https://x.org/news/48213-a-title") is None  # the true place of both addresses, for all we know
    assert led("https://x.org/a/b/c") is None
    assert led("https://x.org/list?id=48213") is None


def test_what_is_no_page_is_not_compared() -> None:
    page = at(FRAME)
    text = look(b"a b c d", b"", url=NEVER, status=200, mime="text/plain", charset=None, size=7)
    assert judged(page, text, 200, same_redirect=False) is None
