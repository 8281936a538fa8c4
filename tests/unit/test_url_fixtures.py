"""URLs as others find and read them: linkify-it, CommonMark, GitHub, the URL Standard. Every difference has a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from preserve.documents.find import find
from preserve.documents.readers import markdown
from preserve.documents.url import identity, resolve

BASE = "http://base.invalid/"
DATA = Path(__file__).parents[1] / "vectors/urls"

# linkify-it: text -> what we find in it, and why
OTHER_LINKS: dict[str, tuple[list[str], str]] = {
    "//localhost": ([], "in prose `//word` is a comment or a path; a host without a scheme needs a top-level domain"),
    "//test.123": ([], "the same"),
    "4.4.4.4": ([], "a version or a section as often as an address; it needs a port or a path"),
    'http://foo.com/blah_blah_"doublequoted"': (
        ["http://foo.com/blah_blah_"],
        'a quotation mark ends a URL: `http://x.org/a,"title"` in tables and data is far more frequent',
    ),
}
OTHER_NOT_LINKS: dict[str, tuple[list[str], str]] = {
    "_http://example.com": (["http://example.com"], "labels are glued to URLs, and a mark of emphasis is one"),
    "http://example.com_": (["http://example.com"], "no host ends with an underscore: it is a mark of emphasis"),
}


def linkify(name: str) -> Iterator[list[str]]:
    """Blocks of one or two lines without comments: a text, and the link in it when it is not all of it."""
    block: list[str] = []
    for line in (DATA / name).read_text("utf-8").splitlines():
        text = "" if line.startswith("%") else re.sub(r"\s+(?:%|//) .*", "", line).strip()
        if text:
            block.append(text)
        elif block:
            yield block
            block = []
    if block:
        yield block


def links(name: str) -> list[tuple[str, str]]:
    return [
        (block[at], block[min(at + 1, len(block) - 1)]) for block in linkify(name) for at in range(0, len(block), 2)
    ]


def whole(link: str) -> str:
    """With the scheme that linkify-it leaves to its caller."""
    return link if "://" in link else "http:" + link if link.startswith("//") else "http://" + link


def mail(link: str) -> bool:
    return link.lower().startswith("mailto:") or ("@" in link and "://" not in link)


LINKS = links("linkify-links.txt") + links("linkify-port-links.txt")


def test_the_fixtures_are_all_there():
    assert len(LINKS) == 131 and sum(not mail(link) for _, link in LINKS) == 108


@pytest.mark.parametrize(("text", "link"), LINKS)
def test_linkify_links_are_found_whole(text, link):
    found = [one.target for one in find(text.encode(), bare=True)]
    expected = [] if mail(link) else [whole(link)]
    assert found == (OTHER_LINKS[text][0] if text in OTHER_LINKS else expected)


@pytest.mark.parametrize("text", [text for block in linkify("linkify-not-links.txt") for text in block])
def test_what_is_no_link_is_not_found_not_even_as_a_guess(text):
    assert [one.target for one in find(text.encode(), bare=True)] == OTHER_NOT_LINKS.get(text, ([], ""))[0]


# CommonMark and GitHub

# Where the links differ from those of the HTML in the specification, by the number of the example: ours, theirs, why.
IN_DESCRIPTION = "a link within the description of a picture is cited, though browsers show only its text"
MAIL = "an address of a mail in running text is no source"
OTHER_EXAMPLES: dict[str, tuple[set[str], set[str], str]] = {
    "520": ({"uri1"}, set(), IN_DESCRIPTION),
    "574": ({"/url"}, set(), IN_DESCRIPTION),
    "575": ({"/url"}, set(), IN_DESCRIPTION),
    "590": ({"foo"}, set(), "Obsidian's way to show a picture"),
    "gfm-16": (
        {"http://www.google.com/search?q=(business)"},
        {"http://www.google.com/search?q=(business))+ok"},
        "a bracket that a URL did not open ends it, also in its middle: `[text](https://…)` and `(see https://…).` are text",
    ),
    "gfm-17": (
        {"http://www.google.com/search?q=commonmark&hl"},
        {"http://www.google.com/search?q=commonmark"},
        "there is no character reference `&hl;`, so it is a parameter and a semicolon",
    ),
    "gfm-20": (set(), {"mailto:foo@bar.baz"}, MAIL),
    "gfm-21": (set(), {"mailto:hello+xyz@mail.example"}, MAIL),
    "gfm-22": (set(), {"mailto:a.b-c_d@a.b"}, MAIL),
}


def gfm() -> Iterator[dict[str, Any]]:
    text = (DATA / "gfm-0.29-extensions.txt").read_text("utf-8").replace("→", "\t")
    for number, example in enumerate(re.finditer(r"^`{32} example[^\n]*\n(.*?)^\.\n(.*?)^`{32}$", text, re.M | re.S)):
        yield {"example": f"gfm-{number}", "markdown": example[1], "html": example[2]}


COMMONMARK = json.loads((DATA / "commonmark-0.31.2.json").read_text("utf-8"))
GFM = list(gfm())


def in_html(example: dict[str, Any]) -> list[str]:
    """The href and src of what a reader may follow or see."""
    tree = lxml_html.document_fromstring(f"<body>{example['html']}</body>")
    return [url for tag in tree.iter("a", "img") for url in (tag.get("href") or tag.get("src"),) if url]


def spelled(urls: Iterable[str]) -> set[str]:
    """As a browser spells them; the specification's renderer percent-encodes what we leave as it stands."""
    encoded = (url.strip().replace("\\", "%5C").replace("[", "%5B").replace("]", "%5D") for url in urls)
    return {resolve(BASE, url) or url for url in encoded}


@pytest.mark.parametrize("example", COMMONMARK + GFM, ids=lambda example: str(example["example"]))
def test_the_links_of_markdown_are_those_of_its_specification(example):
    """GitHub makes links of running text, CommonMark does not."""
    running = str(example["example"]).startswith("gfm-")
    mentions = [one for one in markdown.read(example["markdown"].encode()) if one.role != "definition"]
    found = spelled(one.target for one in mentions if running or one.confidence == "certain")
    ours, theirs, _ = OTHER_EXAMPLES.get(str(example["example"]), (set(), set(), ""))
    assert found - spelled(ours) == spelled(in_html(example)) - spelled(theirs)
    assert spelled(ours) <= found


# The URL Standard

WPT = [case for case in json.loads((DATA / "wpt-urltestdata.json").read_text("utf-8")) if isinstance(case, dict)]
# Inputs for which ada answers otherwise, by the reason, and its answer.
NO_PUNYCODE = "ada lets a label through that is no Punycode; there is no such host"
CARET = "the Standard encodes ^ in a path since November 2023, after these data"
SURROGATE = "lone surrogates cannot be in the text of a document"
OTHER_URLS: dict[str, tuple[str | None, str]] = {
    **{
        f"http://{before}.{label}": (f"http://{before}.xn--pokxncvks/", NO_PUNYCODE)
        for before in ("a.b.c", "10.0.0")
        for label in ("xn--pokxncvks", "XN--pokxncvks", "Xn--pokxncvks", "xN--pokxncvks")
    },
    "https://xn--/": ("https://xn--/", NO_PUNYCODE),
    "file://xn--/p": ("file://xn--/p", NO_PUNYCODE),
    **{
        f"{scheme}://host/ !\"$%&'()*+,-./:;<=>@[\\]^_`{{|}}~": (
            f"{scheme}://host/%20!%22$%&'()*+,-./:;%3C=%3E@[{backslash}]%5E_%60%7B|%7D~",
            CARET,
        )
        for scheme, backslash in (("foo", "\\"), ("wss", "/"))
    },
    "http://example.com/\ud800\U000107fe\udfff\ufdd0\ufdcf\ufdef\ufdf0\ufffe\uffff?\ud800\U000107fe\udfff\ufdd0\ufdcf"
    "\ufdef\ufdf0\ufffe\uffff": (None, SURROGATE),
}


@pytest.mark.parametrize("case", WPT, ids=lambda case: ascii(case["input"])[:60])
def test_urls_are_parsed_as_the_standard_says(case):
    href = OTHER_URLS[case["input"]][0] if case["input"] in OTHER_URLS else case.get("href")
    if case["base"]:
        assert resolve(case["base"], case["input"]) == href
    else:
        assert identity(case["input"]) == (href and page(href))


def page(href: str) -> str:
    """Without a fragment, unless it names another page."""
    before, _, fragment = href.partition("#")
    return href if fragment.startswith(("!", "/")) else before
