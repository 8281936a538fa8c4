"""URLs in running text: where one begins and where the sentence goes on."""

from __future__ import annotations

import time

import pytest

from preserve.documents.find import find

U = "https://x.org/a"


def targets(text: str, **options: bool) -> list[str]:
    return [found.target for found in find(text.encode(), **options)]


@pytest.mark.parametrize("text", [
    f"{U}", f"see {U}.", f"({U})", f"[{U}]", f"<{U}>", f'"{U}"', f"'{U}'", f"“{U}”", f"«{U}»", f"„{U}“", f"{U}, and",
    f"{U}; then", f"{U}!", f"{U}?", f"{U}: this", f"({U}).", f"({U}.)", f"*{U}*", f"**{U}**", f"_{U}_", f"~~{U}~~",
    f"_see {U}_", f"`{U}`", f"VK:{U}", f"источник{U}", f"{U}\u3002后", f"见（{U}）", f"{U}，后", f"راجع {U}،", f"{U}؟",
    f"\u200f{U}\u200f", f"\u2067{U}\u2069 x", f"{U}\u00a0x", f"{U}\u2028x", f"{U}\nhttp", f"{U}\t", f"{U}\x00z",
    f"{U}|", f"{U}) b", f"\\url{{{U}}}", f"{U}\U0001f600"[:-1], f"{U}…"[:-1], f"{U}\\", f"{U}’", f"[1]{U}",
])  # fmt: skip
def test_the_sentence_keeps_its_own_punctuation(text):
    wanted = U if not text.endswith("|") else U + "|"
    assert targets(text) == [wanted]


@pytest.mark.parametrize("url", [
    "https://en.wikipedia.org/wiki/A_(b)", "https://x.org/a_(b_(c))_d", "https://x.org/?a[]=1&b[c]=2", "http://[::1]:80/a",
    "https://www.youtube.com/watch?v=abc_", "https://www.youtube.com/watch?v=abc-", "https://x.org/a,b;c", "https://x.org/~u",
    "https://x.org/@a", "https://x.org/%40a", "https://x.org/a?b=it's", "https://ar.wikipedia.org/wiki/حلب،_سوريا",
    "https://x.org/می\u200cخواهم", "https://web.archive.org/web/2019/http://x.org/a", "http://минобороны.рф/а",
    "https://zh.wikipedia.org/wiki/叙利亚", "https://x.org/a|b", "https://user:pw@x.org:81/", "HTTPS://X.ORG/A",
    "ftp://x.org/a", "ipfs://bafy/a", "magnet:?xt=urn:btih:aa", "https://x.org/a#:~:text=b", "https://x.org/{id}",
    "https://vk.com/wall-3457550_23655", "https://x.org/a//b/", "https://x.org/?", "http://localhost:8080/a",
])  # fmt: skip
def test_a_url_is_found_whole(url):
    wanted = url.rstrip("?")
    assert targets(f"see {url} there") == [wanted]
    assert targets(f"(see {url})") == [wanted]
    assert targets(f"{url}.\n") == [wanted]


@pytest.mark.parametrize(
    ("text", "expected", "confidence", "change"),
    [
        ("www.x.org/a.", "http://www.x.org/a", "likely", "scheme-assumed"),
        ("hxxps://x[.]org/a", "https://x.org/a", "guess", "refanged"),
        ("hXXp[:]//x(.)org", "http://x.org", "guess", "refanged"),
        ("https://x[.]org/a", "https://x.org/a", "guess", "refanged"),
        ("https://x.org/wat…", "https://x.org/wat", "guess", "shortened"),
        ("https://x.org/wat...", "https://x.org/wat", "guess", "shortened"),
        ("https://x.org/a\u200bb", "https://x.org/ab", "likely", "zero-width-removed"),
        ("https://x.org/\u202ea\u202c", "https://x.org/a", "likely", "zero-width-removed"),
    ],
)
def test_what_is_not_taken_as_written_is_said(text, expected, confidence, change):
    (found,) = find(text.encode())
    assert (found.target, found.confidence, found.changes) == (expected, confidence, (change,))


@pytest.mark.parametrize(
    "text",
    ["", "http://", "http://.", "http:// x", "https://…", "a://b", "www.", "www. x", "me@www.x.org", "mailto:a@x.org"],
)
def test_what_is_no_url_is_not_found(text):
    assert targets(text) == []


def test_urls_glued_by_a_comma_are_two():
    assert targets("http://a.org/x,https://b.org/y;http://c.org") == [
        "http://a.org/x",
        "https://b.org/y",
        "http://c.org",
    ]


def test_markup_has_escapes_and_entities_and_plain_text_has_not():
    assert targets(r"http://x.org/a\_b?c=1&amp;d=2&copy=3", markup=True) == ["http://x.org/a_b?c=1&d=2&copy=3"]
    assert targets(r"http://x.org/a\_b") == ["http://x.org/a"]
    assert targets("http://x.org/?c=1&amp;d") == ["http://x.org/?c=1&amp;d"]
    assert targets("&quot;http://x.org/a&quot;", markup=True) == ["http://x.org/a"]


def test_offsets_are_bytes_of_the_source():
    text = "éé http://x.org/é. www.ж.рф"
    for found in find(text.encode()):
        assert text.encode()[found.start : found.end].decode() == found.written


def test_only_the_range_asked_for_is_searched():
    assert [found.target for found in find(b"http://a.org http://b.org http://c.org", 13, 23)] == ["http://b.o"]


@pytest.mark.parametrize("text", [
    "http://x.org/" + "a" * 1_000_000, "http://x.org/" + "%" * 500_000, "http://x.org/" + "(" * 500_000,
    "http://x.org/" + "[" * 500_000, "http://x.org/" + ")" * 500_000, "http://x.org/" + "…" * 300_000,
    "http://)" * 30_000, "http://" * 50_000, "http://x)" * 20_000, "http://x.org/a_" * 20_000, "www." * 50_000,
    "http://x.org/" + "*_~" * 200_000, "://" * 60_000, "hxxp[" * 100_000, "http://x.org/ _" * 10_000, "&amp;" * 200_000,
    "\\" * 800_000, "http://x/ ww" * 15_000,
])  # fmt: skip
def test_no_text_takes_long(text):
    before = time.process_time()
    for markup in (False, True):
        for _ in find(text.encode(), markup=markup):
            pass
    assert time.process_time() - before < 20  # a quadratic step takes minutes


def test_an_endless_url_is_one_citation_that_says_so():
    (found, after) = find(b"http://x.org/" + b"a" * 1_000_000 + b" http://y.org")
    assert found.changes == ("too-long",) and found.target == ""
    assert after.target == "http://y.org"
