"""What a reader reports: stretches of a document, and the URLs in them before anyone asks where they lead.

There are two kinds of readers, named in `formats.py`:

- of text: `read(data: bytes) -> Iterator[Mention]`. `data` is the whole document as UTF-8, offsets count its bytes,
  and lines and columns follow from them.
- of files: `read(file: BinaryIO, nest: Nest) -> Iterator[Block]`. A block has a place of its own (a page, a cell, a
  paragraph, a part of a mail) and text of its own, in which its mentions stand. `nest` reads documents within.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from preserve.documents.url import MAX_URL
from preserve.model import Place

MAX_ANCHOR = 300  # characters; a link around a whole page is named by its beginning

ROLES: dict[str, str] = {
    "link": "a link",
    "image": "a picture that the document shows",
    "embed": "a film, sound or page that the document shows",
    "autolink": "a URL that the format itself makes a link",
    "reference": "a link by reference to a definition",
    "definition": "the definition of such a reference, cited or not",
    "footnote": "in a footnote or endnote",
    "bibliography": "in an entry of a bibliography",
    "front-matter": "in a value of the front matter",
    "text": "a URL in running text",
    "bare-domain": "a host name without scheme in running text",
    "cite": "the source that a quotation names",
    "annotation": "in a comment that readers see: of an office document, of a PDF",
    "header": "in a header field of a mail, a running header or footer, a document's properties",
    "comment": "in a comment of the source; only with --with comments",
    "code": "in code; only with --with code",
    "asset": "a style sheet, script, icon or address of the page itself; only with --with assets",
    "listed": "an item of a list that a source is",
}
CHANGES: dict[str, str] = {
    "entity-decoded": "character references were decoded",
    "unescaped": "the format's escapes were undone",
    "resolved": "a relative URL was resolved under its base",
    "scheme-assumed": "it had no scheme, or a mutilated one",
    "joined-lines": "it was broken over lines",
    "zero-width-removed": "invisible characters were taken out",
    "refanged": "someone had made it unclickable on purpose",
    "shortened": "the document shows only its beginning, then an ellipsis",
    "cleaned": "white space and control characters were dropped or percent-encoded",
    "malformed": "it is no URL",
    "too-long": "it is longer than any source can be",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """`start` and `end` count bytes of the text of its block; `end` 0 means: as far as `written` reaches."""

    start: int
    role: str
    written: str
    target: str  # `written` after the format's own escapes are undone
    anchor: str = ""
    context: str = ""
    confidence: str = "certain"
    changes: tuple[str, ...] = ()
    base: str = ""  # what the document itself says relative URLs stand under
    place: Place | None = None  # what neither its offset nor its block tells: a cell, a JSON pointer
    end: int = 0
    unjoined: str = ""  # of a URL put together from two lines: the part that stood on the first


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document that has one place, and the URLs in it.

    Where `place` has a line, lines and columns are counted on from it. `warning` says what silence would hide, of this
    place (`the page is a picture without text`); `unread`: sources may be missing because of it.
    """

    text: bytes = b""  # UTF-8
    mentions: Iterable[Mention] = ()
    place: Place = field(default_factory=Place)
    warning: str = ""
    unread: bool = False


class Nest(Protocol):
    """Where readers of containers hand over the documents within: how deep and how much is watched there."""

    called: str  # the name of the document that a reader begins to read

    def read(self, data: bytes | BinaryIO, name: str, place: Place) -> Iterator[Block]:
        """The blocks of a document within, at `place` of the one that holds it. `name` is for its suffix and for
        messages. What cannot be read becomes a block with a warning, so that the rest is read."""
        ...

    def spend(self, size: int) -> None:
        """So many bytes were unpacked. DocumentError beyond what one document may unpack to."""
        ...


TextReader = Callable[[bytes], Iterator[Mention]]
FileReader = Callable[[BinaryIO, Nest], Iterator[Block]]


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def words(text: str, limit: int = MAX_ANCHOR) -> str:
    """`text` in one line, without control characters, cut at `limit` characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join(_CONTROLS.sub(" ", line).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def cut(written: str) -> str:
    """A URL as written, or its first 16 kB: a longer one is no source, and the manifest is no dump."""
    return written if len(written) <= MAX_URL else written[:MAX_URL]
