"""HTTP/1.1 heads: read leniently, because a malformed answer is evidence too, and never guessed at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_STATUS_LINE = re.compile(rb"HTTP/(\d)\.(\d) ([1-9]\d\d)(?: (.*))?\Z", re.DOTALL)
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Head:
    """A head as received. `status` is None when the first line is no HTTP status line."""

    raw: bytes
    status: int | None
    headers: tuple[tuple[str, str], ...]
    flaws: tuple[str, ...]
    version: tuple[int, int] = (1, 1)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


def head_end(data: bytes | bytearray, start: int = 0) -> int:
    """Where the head ends, the empty line included, or -1. Single LF ends lines too (RFC 9112 section 2.2)."""
    match = _HEAD_END.search(data, max(0, start - 3))
    return match.end() if match else -1


def parse_head(raw: bytes) -> Head:
    lines = raw.split(b"\n")
    flaws: list[str] = []
    if any(line and not line.endswith(b"\r") for line in lines[:-1]):
        flaws.append("bare-lf")
    match = _STATUS_LINE.match(lines[0].rstrip(b"\r"))
    if not match:
        return Head(raw, None, (), (*flaws, "no-status-line"))
    headers = tuple(_fields(lines[1:], flaws))
    return Head(raw, int(match[3]), headers, tuple(dict.fromkeys(flaws)), (int(match[1]), int(match[2])))


def _fields(lines: Iterable[bytes], flaws: list[str]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for line in lines:
        line = line.rstrip(b"\r")
        if not line:
            continue
        if line[:1] in b" \t" and fields:
            flaws.append("folded-field")
            name, value = fields.pop()
            fields.append((name, f"{value} {line.strip().decode('latin-1')}"))
            continue
        name_bytes, colon, value_bytes = line.partition(b":")
        if not colon:
            flaws.append("field-without-colon")
            continue
        if not _TOKEN.match(name_bytes):
            flaws.append("bad-field-name")
        if b"\0" in value_bytes or b"\r" in value_bytes:
            flaws.append("control-in-field")
        fields.append((name_bytes.strip().decode("latin-1"), value_bytes.strip().decode("latin-1")))
    return fields


def redacted(raw: bytes) -> bytes:
    """A head, or its beginning, without the values of its Set-Cookie fields; all else byte for byte."""
    lines = raw.split(b"\n")
    hidden = False
    for number, line in enumerate(lines):
        name, _, _ = line.partition(b":")
        folded = line.startswith((b" ", b"\t")) and number > 0
        hidden = hidden if folded else name.strip().lower() in (b"set-cookie", b"set-cookie2")
        if hidden:
            end = b"\r" if line.endswith(b"\r") else b""
            lines[number] = (b" " if folded else name + b": ") + b"[redacted]" + end
    return b"\n".join(lines)


@dataclass(frozen=True, slots=True)
class Framing:
    """How long the body is: `kind` is none, length, chunked or close; `exact`: the connection can go on after it."""

    kind: str
    length: int = 0
    flaws: tuple[str, ...] = ()
    exact: bool = True


def framing(method: str, head: Head) -> Framing:
    """RFC 9112 section 6.3, and for what breaks the rules: to the end of the connection, never reused."""
    if head.status is None:
        return Framing("close", exact=False)
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return Framing("none", exact=_persistent(head))
    lengths = {value.strip() for field in head.values("content-length") for value in field.split(",")}
    codings = [part.strip().lower() for field in head.values("transfer-encoding") for part in field.split(",")]
    if codings:
        flaws = ("length-and-chunked",) if lengths else ()
        if codings[-1] != "chunked":
            return Framing("close", flaws=flaws, exact=False)
        return Framing("chunked", flaws=flaws, exact=not flaws and _persistent(head))
    if not lengths:
        return Framing("close", exact=False)
    if len(lengths) > 1:
        return Framing("close", flaws=("two-lengths",), exact=False)
    length = lengths.pop()
    if not length.isascii() or not length.isdigit() or len(length) > 15:
        return Framing("close", flaws=("bad-length",), exact=False)
    return Framing("length", int(length), exact=_persistent(head))


def _persistent(head: Head) -> bool:
    options = {part.strip().lower() for field in head.values("connection") for part in field.split(",")}
    if "close" in options or head.flaws or head.status == 101:
        return False
    return head.version >= (1, 1) or "keep-alive" in options


def request_bytes(method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes = b"") -> bytes:
    """Raises ValueError for a control byte: nothing remote may write a header line of ours."""
    lines = [method.encode("ascii") + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    if any(map(_CONTROL.search, lines)):
        raise ValueError("a control byte in the request")
    if b" " in target:
        raise ValueError("a space in the request target")
    return b"\r\n".join([*lines, b"", body])
