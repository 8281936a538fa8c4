"""One value of a data format (a JSON string, a field of CSV, an attribute): a URL, HTML, Markdown, or running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from preserve.documents.mention import Mention
from preserve.documents.readers import html, markdown
from preserve.documents.text import running

URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:)?//[^\s<>\"/][^\s<>\"]*")
MAY_CITE = re.compile(rb"[.:/#]")  # one of them is in every URL
HTML = re.compile(rb"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*|/)?>")
TAG = re.compile(r"<[^<>]*>")
_MARKDOWN = re.compile(rb"\]\((?:https?:|/)")


def cited(text: bytes, role: str = "text", whole: str = "link") -> Iterator[Mention]:
    """What it cites; `role` of URLs in running text, `whole` of a value that is one URL."""
    value = text.strip()
    if b"//" in value[:40] and URL.fullmatch(url := value.decode("utf-8", "replace")):
        yield Mention(text.find(value), whole, url, url)
    elif HTML.search(text):
        yield from html.read(text)
    elif _MARKDOWN.search(text):
        yield from markdown.read(text)
    else:
        yield from running(text, role=role)
