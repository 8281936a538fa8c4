"""The original of a capture: from a stored WARC member or media file to the bytes that a person asked for.

Four kinds: `content` (chunk framing and content codings undone), `raw` (the wire's bytes after the head, as
stored), `record` (the WARC record itself), `media` (a video, subtitle or other file kept beside the WARCs).
Of a copy that a web archive gave the content is that of the original, also out of a WARC record of the archive's own.
Every byte is held against the hashes of the manifest: the stored member before a byte of it is given out, the result
while it flows.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from preserve.archive import fsio, layout
from preserve.errors import DamagedError, FormatError, NotHeldError
from preserve.model import Entry, Json
from preserve.network import message, policy
from preserve.network.decode import DecodeError, codings, dechunk, decode
from preserve.retrieve import media, memento
from preserve.retrieve.find import Found, answer_record
from preserve.retrieve.reading import text
from preserve.warc.read import MemberBlock, Record, read_record
from preserve.warc.walk import inflate

KINDS = ("content", "raw", "record", "media")
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Original:
    """Bytes on their way out. `sha256`: what they must come to, None where the manifest does not say;
    `steps`: how they follow from what is stored; `truncated`: why the answer was cut short, or None; `item`: the
    media file, of kind `media`."""

    kind: str
    blocks: Iterator[bytes]
    sha256: str | None
    steps: tuple[str, ...]
    mime: str
    truncated: str | None = None
    item: Json | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What went out."""

    sha256: str
    bytes: int


@contextmanager
def opened(root: Path, found: Found, kind: str, item: Json | None = None) -> Iterator[Original]:
    """The original of what was found; `item`: the media file, if it is not to be the one that plays best. Raises
    NotHeldError where there is no such part, DamagedError where the archive does not hold what its manifest says,
    StorageError where the disk fails."""
    with _opened(root, found, kind, item) as original:
        yield dataclasses.replace(original, blocks=_reading(root, original.blocks))


def _reading(root: Path, blocks: Iterator[bytes]) -> Iterator[bytes]:
    with fsio.storage(root):
        yield from blocks


@contextmanager
def _opened(root: Path, found: Found, kind: str, item: Json | None) -> Iterator[Original]:
    if kind == "media":
        item = item or found.media or media.choose(found.capture).item
        path, sha256 = _want(item, "path", str), _want(item, "sha256", str)
        steps = (*_making(found.capture, item), f"the file {path}")
        with _file(root, path) as stream:
            yield Original(kind, _blocks(stream), sha256, steps, item.get("mime") or "", item=item)
        return
    record = found.record or _answer(found.capture)
    with stored(root, record) as (stream, own):
        if kind == "record":
            blocks = inflate(stream, record["offset"], record["length"])
            steps = (f"{_place(record)}: the gzip member decompressed",)
            yield Original(kind, blocks, None, steps, "application/warc")
        elif record.get("type") == "revisit":
            with _referred(root, record) as holder:
                yield _given(found, kind, record, own, holder.block)
        else:
            yield _given(found, kind, record, own, own.block)


def _given(found: Found, kind: str, record: Json, stored: Record, holder: MemberBlock) -> Original:
    """Who asked for the answer of a web archive by the hash of its own content gets just that, else the copy in it."""
    is_copy = memento.of(found.capture) is not None and record.get("id") == found.capture.get("answer")
    if is_copy and kind == "content" and found.by != "content":
        return _copy(found.capture, record, stored, holder)
    return _payload(kind, record, stored, holder)


def _copy(entry: Entry, record: Json, stored: Record, holder: MemberBlock) -> Original:
    """The content of the original in the answer of a web archive."""
    raw = _payload("raw", record, stored, holder)
    about = memento.of(entry) or {}
    steps, blocks = memento.content(entry, _split(stored.block)[0], raw.blocks)
    sha256 = text(about.get("content_sha256")) or None
    return Original("content", blocks, sha256, (*raw.steps, *steps), text(about.get("mime")), raw.truncated)


def _answer(capture: Entry) -> Json:
    record = answer_record(capture)
    if record is None:
        raise NotHeldError(f"capture {capture.id} holds no answer of the source", _hint_for(capture))
    return record


def _hint_for(capture: Entry) -> str:
    if capture.get("media"):
        return "--media gives the media that were kept"
    return f"preserve show {capture.id} tells what came"


def _making(capture: Entry, item: Json) -> Iterator[str]:
    """Of what a derived file was made, and by what."""
    if not item.get("derived_from"):
        return
    for source in media.made_of(capture, item):
        yield f"made of the {source.get('role')} stream {source.get('path')}"
    yield f"made by {item.get('made_by')}; preserve made it, no server sent it"


@contextmanager
def _file(root: Path, relative: str) -> Iterator[BinaryIO]:
    path = layout.resolve(root, relative)
    if not path.exists():
        raise DamagedError(f"{relative} is missing", "preserve verify tells what else is; look for a copy")
    with fsio.read(path) as stream:
        yield stream


@contextmanager
def stored(root: Path, record: Json) -> Iterator[tuple[BinaryIO, Record]]:
    """The record at the place that the manifest names, its stored bytes held against their hash."""
    offset, length = _want(record, "offset", int), _want(record, "length", int)
    with _file(root, _want(record, "file", str)) as stream:
        with fsio.storage(root):
            stored = read_record(stream, offset, length, _want(record, "sha256", str))
        yield stream, stored


T = TypeVar("T")


def _want(item: Json, key: str, kind: type[T]) -> T:
    """A fact without which nothing can be read. An archive may come from anybody."""
    value = item.get(key)
    if not isinstance(value, kind) or (isinstance(value, int) and value < 0):
        raise DamagedError(f"the manifest gives no usable {key} for {item.get('id') or item.get('path')}")
    return value


@contextmanager
def _referred(root: Path, revisit: Json) -> Iterator[Record]:
    """The record that holds the payload of a revisit."""
    target = revisit.get("refers_to")
    if not isinstance(target, dict):
        raise DamagedError(f"the revisit {revisit.get('id')} does not say what it repeats")
    with stored(root, target) as (_, holder):
        if holder.get(b"WARC-Type") != b"response":
            raise DamagedError(f"{_place(target)} is not the answer that {revisit.get('id')} repeats")
        yield holder


def _payload(kind: str, record: Json, stored: Record, holder: MemberBlock) -> Original:
    """Head and framing from the record itself, body from the one that holds it (the same, or what it repeats)."""
    head, _ = _split(stored.block)
    _, body = _split(holder)
    steps = [f"{_place(record)}: the gzip member decompressed"]
    if holder is not stored.block:
        steps.append(f"{_place(record['refers_to'])}: the payload that was repeated byte for byte")
    steps.append("the WARC header and the HTTP head left off")
    mime = record.get("mime") or ""
    truncated = record.get("truncated")
    if kind == "raw" or record.get("type") not in ("response", "revisit"):
        return Original(kind, body, record.get("payload_sha256"), tuple(steps), mime, truncated)
    if message.framing("GET", head).kind == "chunked":
        body = dechunk(body)
        steps.append("chunk framing undone")
    applied = codings(next(iter(head.values("content-encoding")), None))
    if applied:
        body = decode(body, applied)
        steps.append(f"content coding undone: {', '.join(applied)}")
    return Original(kind, body, record.get("content_sha256"), tuple(steps), mime, truncated)


def _split(block: MemberBlock) -> tuple[message.Head, Iterator[bytes]]:
    """The HTTP head of a record block, and what follows it. A block without a head is all body, as on the wire."""
    blocks = block.blocks()
    got = b""
    for piece in blocks:
        got += piece
        end = message.head_end(got, len(got) - len(piece))
        if end >= 0 or len(got) > policy.MAX_HEAD or not got.startswith(b"HTTP/"[: len(got)]):
            break
    else:
        end = -1
    head = message.parse_head(got[:end]) if end >= 0 else message.Head(b"", None, (), ())
    return (head, _chain(got[end:], blocks)) if head.status is not None else (head, _chain(got, blocks))


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _place(record: Json) -> str:
    return f"{record['file']} at byte {record['offset']}, {record['length']} bytes"


class Sink(Protocol):
    def write(self, block: bytes, /) -> object: ...


def deliver(original: Original, sink: Sink) -> Delivered:
    """Stream the original out. Raises DamagedError if it does not come to its hash (the sink then holds bytes that
    are not to be trusted), NotHeldError where the content cannot be had from what was stored."""
    digest, count = hashlib.sha256(), 0
    try:
        for block in original.blocks:
            digest.update(block)
            count += len(block)
            sink.write(block)
    except (DecodeError, FormatError) as error:
        raise memento.cannot_be_had(error.message) from None
    if original.sha256 not in (None, digest.hexdigest()):
        raise DamagedError(
            f"the {original.kind} has SHA-256 {digest.hexdigest()}, the manifest says {original.sha256}",
            "run preserve verify; nothing was kept of this",
        )
    return Delivered(digest.hexdigest(), count)
