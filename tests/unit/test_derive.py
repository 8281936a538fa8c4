"""What a URL's own spelling leads to: originals behind archives, targets behind wrappers."""

from __future__ import annotations

import pytest

from preserve.documents import read_document
from preserve.documents.derive import RELATIONS, derive

ORIGINAL = "archived-original"
TARGET = "wrapper-target"
CASES = [
    ("https://web.archive.org/web/20151001120000/http://eng.mil.ru/a?id=1@x", [(ORIGINAL, "http://eng.mil.ru/a?id=1@x"), ("archived-raw", "https://web.archive.org/web/20151001120000id_/http://eng.mil.ru/a?id=1@x")]),
    ("http://web.archive.org/web/2015/example.org/a", [(ORIGINAL, "http://example.org/a"), ("archived-raw", "http://web.archive.org/web/2015id_/example.org/a")]),
    ("https://web.archive.org/web/20151001120000id_/http://x.org/", [(ORIGINAL, "http://x.org/")]),
    ("https://web.archive.org/web/20151001im_/https:/x.org/a.png", [(ORIGINAL, "https://x.org/a.png"), ("archived-raw", "https://web.archive.org/web/20151001id_/https:/x.org/a.png")]),
    ("https://web.archive.org/web/*/http://x.org/", [(ORIGINAL, "http://x.org/")]),
    ("https://archive.ph/20220301101010/https://x.org/a", [(ORIGINAL, "https://x.org/a")]),
    ("https://archive.ph/2015.10.02-081500/https://x.org/a?b=1", [(ORIGINAL, "https://x.org/a?b=1")]),
    ("https://archive.ph/AbCd1", []),
    ("https://arquivo.pt/wayback/20100101/http://x.org/", [(ORIGINAL, "http://x.org/")]),
    ("https://webcache.googleusercontent.com/search?q=cache:AbCdEfGhIjKl:https://x.org/a", [(ORIGINAL, "https://x.org/a")]),
    ("https://www.webcitation.org/query?url=http%3A%2F%2Fx.org%2Fa&date=2012", [(ORIGINAL, "http://x.org/a")]),
    ("https://www.google.com/url?sa=t&url=https%3A%2F%2Fx.org%2Fa%3Fb%3D1%26c&usg=z", [(TARGET, "https://x.org/a?b=1&c")]),
    ("https://www.google.co.uk/url?q=http://x.org/a", [(TARGET, "http://x.org/a")]),
    ("https://www.google.com/search?q=http://x.org/a", []),
    ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.org%2Fa&data=z", [(TARGET, "https://x.org/a")]),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fx.org%2Fa&h=z", [(TARGET, "https://x.org/a")]),
    ("https://vk.com/away.php?to=https%3A%2F%2Fx.org%2F%D0%B0&cc_key=", [(TARGET, "https://x.org/а")]),
    ("https://www.youtube.com/redirect?event=v&q=https%3A%2F%2Fx.org", [(TARGET, "https://x.org")]),
    ("https://urldefense.com/v3/__https://x.org/a__;!!AbC", [(TARGET, "https://x.org/a")]),
    ("https://urldefense.proofpoint.com/v2/url?u=https-3A__x.org_a&d=z", [(TARGET, "https://x.org/a")]),
    ("https://www.google.com/amp/s/x.org/a", [("amp-original", "https://x.org/a")]),
    ("https://x-org.cdn.ampproject.org/c/s/x.org/a", [("amp-original", "https://x.org/a")]),
    ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fx.org", [(TARGET, "https://x.org")]),
    ("https://vk.com/away.php?to=javascript:alert(1)", []),
    ("https://vk.com/away.php?to=file%3A%2F%2F%2Fetc%2Fpasswd", []),
    ("https://vk.com/away.php", []),
    ("https://www.google.com/url?url=", []),
    ("https://vk.com/wall-1_2", []),
    ("https://[", []),
]  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), CASES, ids=[url for url, _ in CASES])
def test_a_spelling_leads_to(url: str, expected: list[tuple[str, str]]) -> None:
    found = derive(url)
    assert [(one.relation, one.url) for one in found] == expected
    assert all(one.relation in RELATIONS and one.key for one in found)


def test_a_citation_keeps_what_was_cited_and_names_the_rest() -> None:
    cited = "https://web.archive.org/web/2015/http://mil.ru/a"
    (citation,) = read_document("a.md", data=f"[a]({cited})".encode()).citations
    assert citation.url == cited
    assert [one.url for one in citation.derived] == [
        "http://mil.ru/a",
        "https://web.archive.org/web/2015id_/http://mil.ru/a",
    ]
