"""From a file to its citations: open, decode, sniff, read, and aim every mention at its URL."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from preserve.documents import sniff
from preserve.documents.mention import Mention, Reader, cut
from preserve.documents.place import Lines
from preserve.documents.url import Target, aim, resolve
from preserve.errors import DocumentError
from preserve.model import Citation

# Read whole, and about six times its size in memory: the longest chat exports are half as long.
MAX_DOCUMENT = 100 * 1024**2
# A report has hundreds, a chat export tens of thousands. Each costs about a kilobyte of memory.
MAX_CITATIONS = 500_000

# One reader a format, by what sniff says: a module with `read(data) -> Iterator[Mention]`, imported when needed.
READERS = {
    "html": "preserve.documents.html",
    "markdown": "preserve.documents.markdown",
    "text": "preserve.documents.text",
}
EXTRAS = frozenset({"code", "comment"})  # roles left out unless asked for


@dataclass(frozen=True, slots=True)
class Document:
    """A document and what it cites, in the order of appearance."""

    path: str  # as given
    sha256: str
    bytes: int
    format: str
    encoding: str
    citations: tuple[Citation, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about the citations that cannot become sources as they stand."""
        long = sum("too-long" in citation.changes for citation in self.citations)
        bad = sum("malformed" in citation.changes for citation in self.citations)
        relative = sum(not citation.url for citation in self.citations) - long - bad
        counted = (
            (relative, "relative URL(s) without a base; give --base-url"),
            (bad, "malformed URL(s)"),
            (long, "URL(s) too long to be preserved"),
        )
        return tuple(f"{self.path}: {count} {what}" for count, what in counted if count)


def read_document(
    path: str | Path,
    *,
    name: str = "",
    base_url: str = "",
    data: bytes | None = None,
    extras: frozenset[str] = frozenset(),
) -> Document:
    """The document at `path` ("-": standard input; `data`: given already) with all its citations.

    `name` is what citations and messages call it, if not by its path. `base_url` is what relative URLs stand under,
    unless the document says it itself. `extras`: "code" and "comment" add the URLs that stand in those. Raises
    DocumentError when it is no readable document.
    """
    name = name or str(path)
    raw = _bytes(str(path), name) if data is None else data
    if len(raw) > MAX_DOCUMENT:
        raise DocumentError(f"{name} is larger than {MAX_DOCUMENT >> 20} MiB.", "Split it.")
    text, encoding = sniff.decode(raw, name)
    document = Document(name, hashlib.sha256(raw).hexdigest(), len(raw), sniff.sniff(text, name), encoding)
    del raw, data
    mentions = _mentions(document, text, extras)
    citations = tuple(_citations(document, text, mentions, base_url))
    return Document(name, document.sha256, document.bytes, document.format, encoding, citations)


def _mentions(document: Document, text: bytes, extras: frozenset[str]) -> list[Mention]:
    """In the order of the text, the last one first, so that each can be let go when it has become a citation."""
    reader: Reader = import_module(READERS[document.format]).read
    found: list[Mention] = []
    for mention in reader(text):
        if mention.role not in EXTRAS or mention.role in extras:
            found.append(mention)
        if len(found) > MAX_CITATIONS:
            raise DocumentError(f"{document.path} cites more than {MAX_CITATIONS:,} URLs.", "Split it.")
    found.sort(key=lambda mention: mention.start)
    found.reverse()
    return found


def _citations(document: Document, text: bytes, mentions: list[Mention], base_url: str) -> Iterator[Citation]:
    lines = Lines(text)
    while mentions:
        mention = mentions.pop()
        target = _target(mention, base_url)
        yield Citation(
            document=document.path,
            sha256=document.sha256,
            format=document.format,
            place=mention.place or lines.place(mention.start),
            role=mention.role,
            written=cut(mention.written),
            url=target.url,
            key=target.key,
            anchor=mention.anchor,
            context=mention.context,
            confidence=mention.confidence,
            changes=tuple(dict.fromkeys((*mention.changes, *target.changes))),
            fetchable=target.fetchable,
        )


def _target(mention: Mention, base_url: str) -> Target:
    if "too-long" in mention.changes:
        return Target("", "")
    base = (resolve(base_url, mention.base) if base_url else mention.base) if mention.base else base_url
    return aim(mention.target, base or "")


def _bytes(path: str, name: str) -> bytes:
    """The bytes of a regular file, or of standard input; one more than allowed when there are more."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_DOCUMENT + 1)
    try:
        # A FIFO would wait for ever, a device may act on being opened: look first, and again once it is open.
        _regular(os.stat(path), name)
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _regular(os.fstat(file.fileno()), name)
            return file.read(MAX_DOCUMENT + 1)
    except FileNotFoundError:
        raise DocumentError(f"There is no file {name}.", "Check the path.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"{name} cannot be read: {why}.", "Check the file and its permissions.") from None


def _regular(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise DocumentError(f"{name} is a folder.", "Name the documents in it.")
    if not stat.S_ISREG(status.st_mode):
        raise DocumentError(f"{name} is not a regular file.", "Name a document, or - for standard input.")
