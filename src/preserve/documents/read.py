"""From a file to its citations: open, sniff, read block by block, and aim every mention at its URL."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from preserve.documents import sniff
from preserve.documents.charset import decode
from preserve.documents.derive import derive
from preserve.documents.formats import FORMATS
from preserve.documents.mention import Block, FileReader, Mention, TextReader, cut
from preserve.documents.place import Lines
from preserve.documents.url import Target, aim, resolve
from preserve.errors import DocumentError, NothingToReadError
from preserve.model import Citation, Derived, Place
from preserve.network.policy import MAX_RATIO

# A text is read whole, and costs about six times its size in memory: the longest chat exports are half as long.
MAX_TEXT = 100 * 1024**2
# Files with an inner order are read piece by piece; web archives and mailboxes have gigabytes.
MAX_FILE = 16 * 1024**3
# What one document may unpack to, all in: a bomb has petabytes, a WACZ of a large site some gigabytes.
MAX_UNPACKED = 16 * 1024**3
# Kilobytes that unpack to more are a bomb, and need not cost what a real archive may: from here on MAX_RATIO counts.
UNPACKED_GRACE = 1024**3
# A mail in a ZIP in a mail is real; deeper than this only what was made to be.
MAX_DEPTH = 6
# A report has hundreds, a chat export tens of thousands. Each costs about a kilobyte of memory.
MAX_CITATIONS = 500_000

EXTRAS = frozenset({"code", "comment", "asset"})  # roles left out unless asked for
_HASHED = 1 << 20  # bytes at once

Bytes = bytes  # `Reading.bytes` hides the name


@dataclass(frozen=True, slots=True)
class Stretch:
    """A block as a person sees it: its text, and which characters of it are which citation."""

    text: str
    place: Place
    marks: tuple[tuple[int, int, int], ...] = ()  # start, end, index among the citations of the document
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document and what it cites, in the order of appearance."""

    path: str  # as given
    sha256: str
    bytes: int
    format: str
    encoding: str
    citations: tuple[Citation, ...] = ()
    notices: tuple[str, ...] = ()  # what silence would hide: pages without text, parts that cannot be read
    unread: bool = False  # sources may be missing because of that
    stretches: tuple[Stretch, ...] = ()  # where asked for

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know: the notices, and the citations that cannot become sources as they stand."""
        long = sum("too-long" in citation.changes for citation in self.citations)
        bad = sum("malformed" in citation.changes for citation in self.citations)
        relative = sum(not citation.url for citation in self.citations) - long - bad
        counted = (
            (relative, "relative URL(s) without a base; give --base-url"),
            (bad, "malformed URL(s)"),
            (long, "URL(s) too long to be preserved"),
        )
        said = tuple(f"{self.path}: {count} {what}" for count, what in counted if count)
        return tuple(f"{self.path}: {notice}" for notice in self.notices) + said


@dataclass(slots=True)
class Reading:
    """One document being read: `citations()` first, whole; then the rest is known."""

    file: BinaryIO
    name: str
    base_url: str = ""
    extras: frozenset[str] = frozenset()
    show: bool = False  # keep the stretches, for the picture
    sha256: str = ""
    bytes: int = 0
    format: str = ""
    encoding: str = ""
    notices: list[str] = field(default_factory=list)
    unread: bool = False
    stretches: list[Stretch] = field(default_factory=list)
    called: str = ""  # the name of the document in it that is begun
    _depth: int = 0
    _unpacked: int = 0
    _count: int = 0

    def citations(self) -> Iterator[Citation]:
        """Every citation, block after block. DocumentError when it is no readable document."""
        self.sha256, self.bytes = hash_file(self.file, self.name)
        try:
            for block in self._blocks(self.file, self.name):
                if block.warning:
                    self._warn(block)
                yield from self._cited(block)
        except DocumentError as error:
            if not 0 < self._count < MAX_CITATIONS:
                raise self._named(error) from None
            self._warn(Block(warning=f"{error.message} What came before it was read.", unread=True))

    def document(self, citations: tuple[Citation, ...]) -> Document:
        """Of what `citations()` gave."""
        return Document(
            self.name, self.sha256, self.bytes, self.format, self.encoding, citations,
            tuple(self.notices), self.unread, tuple(self.stretches),
        )  # fmt: skip

    def _named(self, error: DocumentError) -> DocumentError:
        """Readers do not know what the document is called."""
        message = error.message.removeprefix("The document: ")
        said = message if self.name in message else f"{self.name}: {message}"
        return type(error)(said, error.hint)

    # Nest: documents within documents

    def read(self, data: Bytes | BinaryIO, name: str, place: Place) -> Iterator[Block]:
        if self._depth >= MAX_DEPTH:
            yield Block(place=place, warning=f"is more than {MAX_DEPTH} containers deep; it is not read", unread=True)
            return
        self._depth += 1
        try:
            for block in self._blocks(io.BytesIO(data) if isinstance(data, bytes) else data, name):
                yield replace(block, place=block.place.within(place))
        except NothingToReadError:
            pass  # a picture in a mail is no loss
        except DocumentError as error:
            yield Block(place=place, warning=error.message.removeprefix(name).strip().rstrip("."), unread=True)
        finally:
            self._depth -= 1

    def spend(self, size: int) -> None:
        self._unpacked += size
        most = min(MAX_UNPACKED, max(UNPACKED_GRACE, MAX_RATIO * self.bytes))
        if self._unpacked > most:
            raise DocumentError(f"{self.name} unpacks to more than {most >> 30} GiB.", "Take out what cites.")

    def _blocks(self, file: BinaryIO, name: str) -> Iterator[Block]:
        kind = sniff.sniff_file(file, name)
        if kind:
            self.format, self.encoding = self.format or kind, self.encoding or "binary"
            reader = cast(FileReader, import_module(FORMATS[kind].module).read)
            self.called = name
            yield from reader(file, self)
            return
        raw = file.read(MAX_TEXT + 1)
        if len(raw) > MAX_TEXT:
            raise DocumentError(f"{name} is larger than {MAX_TEXT >> 20} MiB.", "Split it.")
        text, encoding = decode(raw, name)
        del raw
        kind = sniff.sniff_text(text, name)
        self.format, self.encoding = self.format or kind, self.encoding or encoding
        read = cast(TextReader, import_module(FORMATS[kind].module).read)
        yield Block(text, read(text), Place(1, 1))

    # From blocks to citations

    def _warn(self, block: Block) -> None:
        where = block.place.text()
        self.notices.append(f"{where}: {block.warning}" if where else block.warning)
        self.unread = self.unread or block.unread

    def _cited(self, block: Block) -> Iterator[Citation]:
        mentions = self._mentions(block)
        marks: list[tuple[int, int, int]] | None = [] if self.show else None
        lines = Lines(block.text) if block.place.line is not None else None
        while mentions:
            mention = mentions.pop()
            if marks is not None:
                marks.append((mention.start, mention.end or mention.start + len(mention.written.encode()), self._count))
            self._count += 1
            yield self._citation(mention, _place(block.place, lines, mention))
        if marks is not None and (block.text.strip() or block.warning):
            self.stretches.append(_stretch(block, marks))

    def _mentions(self, block: Block) -> list[Mention]:
        """In the order of the text, the last one first, so that each can be let go when it has become a citation."""
        found: list[Mention] = []
        for mention in block.mentions:
            if mention.role not in EXTRAS or mention.role in self.extras:
                found.append(mention)
            if len(found) + self._count > MAX_CITATIONS:
                raise DocumentError(f"{self.name} cites more than {MAX_CITATIONS:,} URLs.", "Split it.")
        found.sort(key=lambda mention: mention.start)
        found.reverse()
        return found

    def _citation(self, mention: Mention, place: Place) -> Citation:
        target, base = _target(mention, self.base_url)
        return Citation(
            document=self.name,
            sha256=self.sha256,
            format=self.format,
            place=place,
            role=mention.role,
            written=cut(mention.written),
            url=target.url,
            key=target.key,
            anchor=mention.anchor,
            context=mention.context,
            confidence=mention.confidence,
            changes=tuple(dict.fromkeys((*mention.changes, *target.changes))),
            fetchable=target.fetchable,
            base=base if "resolved" in target.changes else "",
            derived=_derived(mention, target),
        )


def read_document(
    path: str | Path,
    *,
    name: str = "",
    base_url: str = "",
    data: bytes | None = None,
    extras: frozenset[str] = frozenset(),
    show: bool = False,
) -> Document:
    """The document at `path` (or `data`, given already) with all its citations.

    `name` is what citations and messages call it, if not by its path. `base_url` is what relative URLs stand under,
    unless the document says it itself. `extras`: "code", "comment" and "asset" add the URLs that stand in those.
    `show` keeps the text too. Raises DocumentError when it is no readable document.
    """
    name = name or str(path)
    with io.BytesIO(data) if data is not None else open_document(path, name) as file:
        reading = Reading(file, name, base_url, extras, show)
        citations = tuple(reading.citations())
        return reading.document(citations)


def open_document(path: str | Path, name: str) -> BinaryIO:
    """A regular file, opened without ever waiting. DocumentError for anything else."""
    try:
        # A FIFO would wait for ever, a device may act on being opened: look first, and again once it is open.
        _regular(os.stat(path), name)
        file = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")  # noqa: SIM115  # the caller closes
        _regular(os.fstat(file.fileno()), name)
        return file
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
    if status.st_size > MAX_FILE:
        raise DocumentError(f"{name} is larger than {MAX_FILE >> 30} GiB.", "Split it.")


def hash_file(file: BinaryIO, name: str) -> tuple[str, int]:
    """SHA-256 and size of the whole file; it is left at its beginning."""
    digest, size = hashlib.sha256(), 0
    try:
        while block := file.read(_HASHED):
            digest.update(block)
            size += len(block)
        file.seek(0)
    except OSError as error:
        raise DocumentError(
            f"{name} cannot be read: {error.strerror or error}.", "Check the file and its disk."
        ) from None
    return digest.hexdigest(), size


def _place(outer: Place, lines: Lines | None, mention: Mention) -> Place:
    place = outer
    if lines is not None:
        at = lines.place(mention.start)
        first = at.line == 1
        column = (at.column or 1) + ((outer.column or 1) - 1 if first else 0)
        place = replace(outer, line=(at.line or 1) + (outer.line or 1) - 1, column=column)
    return mention.place.within(place) if mention.place else place


def _stretch(block: Block, marks: list[tuple[int, int, int]]) -> Stretch:
    """Bytes become characters, once for each mark and in one pass."""
    text = block.text.decode("utf-8", "replace")
    shown, at, chars = [], 0, 0
    for start, end, index in sorted(marks):
        start = max(at, start)
        chars += len(block.text[at:start].decode("utf-8", "replace"))
        at = start
        shown.append((chars, chars + len(block.text[start : max(start, end)].decode("utf-8", "replace")), index))
    return Stretch(text, block.place, tuple(shown), block.warning)


def _target(mention: Mention, base_url: str) -> tuple[Target, str]:
    if "too-long" in mention.changes:
        return Target("", ""), ""
    base = (resolve(base_url, mention.base) if base_url else mention.base) if mention.base else base_url
    return aim(mention.target, base or ""), base or ""


def _derived(mention: Mention, target: Target) -> tuple[Derived, ...]:
    unjoined = aim(mention.unjoined) if mention.unjoined else None
    more = (Derived(unjoined.url, unjoined.key, "unjoined"),) if unjoined and unjoined.fetchable else ()
    return (*derive(target.url), *more) if target.fetchable else more
