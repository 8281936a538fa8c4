"""An answer as the rules of a site read it: decoded, cut, told tag by tag."""

from __future__ import annotations

from preserve.capture import charset as charsets
from preserve.capture import markup
from preserve.capture.markup import Reader
from preserve.capture.sites.rule import Seen

READ = 4 << 20  # bytes of a page that are read; a page beyond that is data


def read(seen: Seen, reader: Reader) -> None:
    markup.read(text(seen), reader)


def text(seen: Seen) -> str:
    return charsets.text(seen.data[:READ], seen.charset)


def charset(seen: Seen) -> str:
    """In which the queries of its addresses are meant."""
    return charsets.read(seen.data[:READ], seen.charset)[1]
