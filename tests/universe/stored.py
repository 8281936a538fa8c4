"""What the WARC files hold and what the universe sent, brought to one form, so that the two can be compared.

The reader is written from docs/FORMAT.md alone: members, header lines, blocks.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from .journal import KEEP, Logged

LEDGER = "application/x.preserve-media+json"
_SECRET = re.compile(rb"^((?:proxy-)?authorization|cookie): [^\r\n]*", re.IGNORECASE | re.MULTILINE)
_INTERIM = re.compile(rb"(?:HTTP/1\.1 1\d\d [^\n]*\n(?:[^\r\n]+\r\n)*\r\n)*")


@dataclass(frozen=True)
class Stored:
    """One record as it lies in a file."""

    file: Path
    head: bytes
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name: str) -> str | None:
        """The only field of that name."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} twice"
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def type(self) -> str:
        return self.get("WARC-Type") or ""

    @property
    def id(self) -> str:
        return self.get("WARC-Record-ID") or ""

    @property
    def url(self) -> str:
        return self.get("WARC-Target-URI") or ""


@dataclass(frozen=True)
class Heard:
    """An exchange, from whichever side it was noted. `payload`: SHA-256 of what follows the head; of the whole answer
    where it is longer than the log keeps."""

    url: str
    request: bytes
    interim: bytes
    head: bytes
    payload: str


def read(file: Path) -> Iterator[Stored]:
    """Every member is one record, and there is nothing but members. A damaged file raises zlib.error."""
    data = file.read_bytes()
    while data:
        inflater = zlib.decompressobj(31)
        whole = inflater.decompress(data)
        assert inflater.eof, f"{file.name} is cut"
        data = inflater.unused_data
        head, _, rest = whole.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        assert first == "WARC/1.1"
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        length = int(dict(headers)["Content-Length"])
        assert rest[length:] == b"\r\n\r\n"
        yield Stored(file, head, headers, rest[:length])


def sent(log: Iterable[Logged]) -> Counter[Heard]:
    """What the universe noted: the regular part of every exchange."""
    return Counter(_sent(one) for one in log)


def _sent(one: Logged) -> Heard:
    interim = _interim(one.regular)
    head, body = split(one.regular[len(interim) :])
    if one.sent > KEEP:
        assert one.end == one.sent and not interim
        return Heard(one.url, _redacted(one.request), b"", head, one.sha256)
    return Heard(one.url, _redacted(one.request), interim, head, sha256(body).hexdigest())


def _redacted(request: bytes) -> bytes:
    head, end, body = request.partition(b"\r\n\r\n")
    return _SECRET.sub(rb"\1: [redacted]", head) + end + body


def _interim(data: bytes) -> bytes:
    match = _INTERIM.match(data)
    return match[0] if match else b""


def split(message: bytes) -> tuple[bytes, bytes]:
    """Head with its empty line, and body. What does not begin like HTTP is all body."""
    match = re.search(rb"\r?\n\r?\n", message) if message.startswith(b"HTTP/") else None
    return (message[: match.end()], message[match.end() :]) if match else (b"", message)


def kept(records: Iterable[Stored]) -> Counter[Heard]:
    """What the archive holds: each answer with the request it is concurrent to, a revisit by its payload's digest, a
    head without its body by what a wire ledger says of it."""
    records = list(records)
    requests = {record.id: record for record in records if record.type == "request"}
    interims = {record.get("WARC-Concurrent-To"): record.block for record in records if is_interim(record)}
    answers = [record for record in records if record.type in ("response", "revisit")]
    assert sorted(record.get("WARC-Concurrent-To") or "" for record in answers) == sorted(requests)
    served = chunks(records)
    return Counter(
        _kept(record, requests[record.get("WARC-Concurrent-To") or ""], interims.get(record.id, b""), served)
        for record in answers
    )


def chunks(records: Iterable[Stored]) -> dict[str, dict[str, Any]]:
    """The lines of all wire ledgers by the answer that they are about; `file` is the media file."""
    found: dict[str, dict[str, Any]] = {}
    for record in records:
        if record.get("Content-Type") == LEDGER:
            told = json.loads(record.block)
            archive = next(folder.parent for folder in record.file.parents if folder.name == "warc")
            found |= {f"<{chunk['response']}>": {**chunk, "file": archive / told["media"]} for chunk in told["chunks"]}
    return found


def is_interim(record: Stored) -> bool:
    return record.type == "metadata" and (record.get("Content-Type") or "").startswith("application/http")


def _kept(answer: Stored, request: Stored, interim: bytes, served: dict[str, dict[str, Any]]) -> Heard:
    head, body = split(answer.block)
    payload = sha256(body).hexdigest()
    if answer.get("WARC-Truncated"):
        assert answer.get("WARC-Truncated") == "length" and not body
        chunk = served[answer.id]
        payload = chunk["payload_sha256"]
        if len(head) + chunk["length"] > KEEP:
            assert not chunk["undone"]
            payload = sha256(head + part(chunk)).hexdigest()
    if answer.type == "revisit":
        assert not body
        payload = (answer.get("WARC-Payload-Digest") or "").removeprefix("sha256:")
    return Heard(answer.url, request.block, interim, head, payload)


def part(chunk: dict[str, Any]) -> bytes:
    """The bytes of a media file that one answer brought."""
    with chunk["file"].open("rb") as file:
        file.seek(chunk["offset"])
        data: bytes = file.read(chunk["length"])
        return data
