"""Which URLs are the same source, and where a spelling leads."""

from __future__ import annotations

from itertools import combinations

import pytest

from preserve.documents.url import MAX_URL, aim, fetchable, identity, resolve

DISTINCT = [
    "http://eng.mil.ru/more.htm?id=1@egNews",
    "http://eng.mil.ru/more.htm?id=1%40egNews",
    "https://eng.mil.ru/more.htm?id=1@egNews",
    "http://www.eng.mil.ru/more.htm?id=1@egNews",
    "http://x.org/a",
    "http://x.org/a/",
    "http://x.org/a?",
    "http://x.org/A",
    "http://x.org//a",
    "http://x.org/%d8",
    "http://x.org/%D8",
    "http://x.org/?a=1&b=2",
    "http://x.org/?b=2&a=1",
    "http://x.org/?utm_source=1",
    "http://x.org/?a=%2F",
    "http://x.org/?a=/",
    "http://x.org/",
    "http://x.org/#!/a",
    "http://x.org/#/a",
    "https://web.archive.org/web/2019/http://x.org/a",
]


def test_no_two_spellings_that_a_server_may_tell_apart_are_one_source():
    for one, other in combinations(DISTINCT, 2):
        assert identity(one) != identity(other), (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://X.org/a", "http://x.org:80/a"),
        ("http://x.org/a#part", "http://x.org/a"),
        ("http://x.org", "http://x.org/"),
        ("http://минобороны.рф/", "http://xn--90anlfbebar6i.xn--p1ai/"),
        ("http://x.org/a b", "http://x.org/a%20b"),
    ],
)
def test_what_every_browser_sends_alike_is_one_source(one, other):
    assert identity(one) == identity(other) is not None


@pytest.mark.parametrize(
    "url", ["", "x", "/a", "//x.org/a", "#a", "http://", "http://a b/", "http://[::1/", "http://x:99999/"]
)
def test_what_is_no_absolute_url_has_no_identity(url):
    assert identity(url) is None
    assert not fetchable(url)


def test_a_url_longer_than_the_limit_is_no_source():
    assert identity("http://x.org/" + "a" * MAX_URL) is None
    assert aim("http://x.org/" + "a" * MAX_URL).changes == ("too-long",)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://x.org", True), ("HTTPS://x.org", True), ("ftp://x.org/a", False), ("mailto:a@x.org", False)],
)
def test_only_http_and_https_are_fetchable(url, expected):
    assert fetchable(url) is expected


def test_relative_urls_are_resolved_as_the_standard_says():
    assert resolve("https://x.org/a/b", "../c?d#e") == "https://x.org/c?d#e"
    assert resolve("https://x.org/a", "//y.org/@b") == "https://y.org/@b"
    assert resolve("not a base", "c") is None


@pytest.mark.parametrize(
    ("written", "base", "url", "key", "changes"),
    [
        ("http://X.org/@a", "", "http://X.org/@a", "http://x.org/@a", ()),
        ("http://x.org/a#b", "", "http://x.org/a#b", "http://x.org/a", ()),
        ("http://x.org/a b", "", "http://x.org/a%20b", "http://x.org/a%20b", ("cleaned",)),
        ("http://x.org/\u202eb", "", "http://x.org/%E2%80%AEb", "http://x.org/%E2%80%AEb", ("cleaned",)),
        (" http://x.org/a\n", "", "http://x.org/a", "http://x.org/a", ("cleaned",)),
        ("/a.png", "", "", "", ()),
        ("/a.png", "https://x.org/r/", "https://x.org/a.png", "https://x.org/a.png", ("resolved",)),
        ("//x.org/a", "", "https://x.org/a", "https://x.org/a", ("scheme-assumed",)),
        ("//x.org/a", "http://y.org/", "http://x.org/a", "http://x.org/a", ("resolved",)),
        ("mailto:a@x.org", "", "mailto:a@x.org", "", ()),
        ("javascript:alert(1)", "https://x.org/", "javascript:alert(1)", "", ()),
        ("#note", "https://x.org/", "#note", "", ()),
        ("http://[bad/", "", "", "", ("malformed",)),
        ("ftp://x.org/a", "", "ftp://x.org/a", "ftp://x.org/a", ()),
    ],
)
def test_where_a_spelling_leads(written, base, url, key, changes):
    target = aim(written, base)
    assert (target.url, target.key, target.changes) == (url, key, changes)
    assert target.fetchable is key.startswith("http")
