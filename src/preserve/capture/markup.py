"""A page told tag by tag, without a tree: in one pass, however deep a hostile page is nested.

lxml's parser forgives what browsers forgive. A tree of objects, Python's or its own, would cost more than all else that
is done with a page, and 60,000 attributes in one tag would take half a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Reader(Protocol):
    """What wants to be told. Every tag that begins ends, those without an end of their own, too."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...


class Enough(Exception):
    """Raised by a reader that wants no more."""


def read(text: str, reader: Reader) -> None:
    """Never raises for what a page is: what had been told before it broke is told."""
    from lxml import etree

    target: Any = _Target(reader)  # lxml leaves out what a target does not want; its annotation asks for all
    parser = etree.HTMLParser(target=target, encoding="utf-8", recover=True, no_network=True)
    try:
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
    except (etree.LxmlError, Enough):
        return


class _Target:
    """What lxml wants beside the rest."""

    def __init__(self, reader: Reader) -> None:
        self.start, self.end, self.data = reader.start, reader.end, reader.data

    def close(self) -> None: ...
