"""What a stream is made of: one file asked for in ranges, or fragments that a playlist names. Pure.

HLS: RFC 8216. What is needed of it is where the segments are, in which order, and how they are encrypted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

from preserve.errors import FetchError

MAX_FRAGMENTS = 100_000  # of one stream: ten days in segments of ten seconds; a list without end is an attack
MAX_PLAYLIST = 32 << 20  # bytes of a playlist; 100,000 signed addresses have about 20 MB
FETCHED = ("http", "https", "m3u8", "m3u8_native", "http_dash_segments")  # yt-dlp's names of what is fetched here
# Only behind a comma and without going back: a line of a megabyte is read once, not once for each of its characters.
_ATTRIBUTE = re.compile(r'(?:^|,)\s*+([A-Z0-9-]++)=("[^"]*+"|[^",]*+)')
_NUMBER = re.compile(r"[0-9]{1,20}")  # decimal-integer (section 4.2); int() takes signs and digits of other scripts
_VECTOR = re.compile(r"0[xX]([0-9a-fA-F]{1,32})")


@dataclass(frozen=True, slots=True)
class Key:
    """How a fragment is encrypted: AES-128 in CBC mode (RFC 8216 section 4.3.2.4)."""

    url: str
    iv: bytes  # 16


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment. `first`, `last`: its bytes of the file at `url`, or None for all of it; `number`: its sequence
    number in a playlist, None for what comes before the segments."""

    url: str
    first: int | None = None
    last: int | None = None
    key: Key | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream as the platform offers it. `kind`: file, hls, dash."""

    format: str
    role: str  # video, audio
    kind: str
    url: str
    extension: str
    headers: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...] = ()  # of dash; those of hls are in its playlist
    bytes: int | None = None
    last_modified: str | None = None
    live: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, Any]:
        """What tells this stream from a later version of it, as far as the platform says."""
        return {"format": self.format, "bytes": self.bytes, "last_modified": self.last_modified}


def stream(chosen: Mapping[str, Any], live: bool = False) -> Stream:
    """From a format that yt-dlp found and processed. Raises FetchError for one that is not fetched here."""
    protocol = str(chosen.get("protocol"))
    if protocol not in FETCHED:
        raise FetchError("no-media", f"the stream is offered as {protocol}, which is not fetched")
    address = str(chosen.get("url") or "")
    if not address:
        raise FetchError("no-media", "the stream is offered without an address")
    kind = {"http": "file", "https": "file", "http_dash_segments": "dash"}.get(protocol, "hls")
    return Stream(
        format=str(chosen.get("format_id")),
        role="video" if chosen.get("vcodec") != "none" else "audio",
        kind=kind,
        url=address,
        extension=str(chosen.get("ext") or "bin"),
        headers=headers(chosen.get("http_headers") or {}),
        pieces=tuple(_dash(chosen)) if kind == "dash" else (),
        bytes=_count(chosen.get("filesize")),
        last_modified=_last_modified(address),
        live=live,
        facts=facts(chosen),
    )


def facts(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the platform says of a stream, in whole numbers and short texts; what it does not say is left out."""
    found: dict[str, Any] = {
        "format": str(chosen.get("format_id"))[:80],
        **{name: _count(chosen.get(name)) for name in ("width", "height", "fps")},
        "bitrate": _count(chosen.get("tbr"), 1000) or None,
        "duration_ms": _count(chosen.get("duration"), 1000) or None,
        "language": chosen.get("language") and str(chosen["language"])[:40],
        **{name: str(chosen[name])[:80] for name in ("vcodec", "acodec") if chosen.get(name) not in (None, "none", "")},
    }
    return {name: value for name, value in found.items() if value is not None}


def _count(value: Any, times: int = 1) -> int | None:
    ordinary = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53 / times
    return round(value * times) if ordinary else None


def headers(written: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    left_out = {"host", "accept-encoding", "cookie", "content-length", "connection", "range"}
    return tuple((str(name), str(value)) for name, value in written.items() if name.lower() not in left_out)


def _last_modified(url: str) -> str | None:
    """YouTube says in the address when a stream was made (`lmt`, microseconds)."""
    match = re.search(r"[?&/]lmt[=/](\d{6,20})(?=[&/]|$)", url)
    return match[1] if match else None


def _dash(chosen: Mapping[str, Any]) -> Iterator[Piece]:
    base = str(chosen.get("fragment_base_url") or "")
    fragments = chosen.get("fragments") or ()
    for number, fragment in enumerate(fragments({}) if callable(fragments) else fragments):
        if number >= MAX_FRAGMENTS:
            raise FetchError("limit", f"a stream of more than {MAX_FRAGMENTS} fragments")
        try:
            yield Piece(str(fragment.get("url") or urljoin(base, str(fragment.get("path")))))
        except (AttributeError, ValueError):
            raise FetchError("malformed", f"a fragment without an address: {fragment!r:.80}") from None


# -- HLS


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist. `ended`: nothing will follow."""

    pieces: tuple[Piece, ...]
    ended: bool
    seconds: float  # of the longest segment: how often a live one is worth looking at


def playlist(text: str, base: str) -> Playlist:
    """Raises FetchError for what is no media playlist, is encrypted otherwise than by AES-128, or has no end."""
    text = text.removeprefix("\ufeff")
    if not text.startswith("#EXTM3U"):
        raise FetchError("no-media", "the playlist of the stream is none")
    reader = _Reader(base)
    lines = (line.strip() for line in text.splitlines())
    pieces = tuple(_bounded(piece for line in lines if line for piece in reader.take(line)))
    return Playlist(pieces, "#EXT-X-ENDLIST" in text, reader.seconds)


def _bounded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        if number >= MAX_FRAGMENTS:
            raise FetchError("limit", f"a stream of more than {MAX_FRAGMENTS} fragments")
        yield piece


class _Reader:
    """Goes through the lines of a playlist; each tag holds until the next of its kind, a byte range for one segment."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.seconds = 0.0
        self._sequence = 0
        self._key: dict[str, str] = {}
        self._range: tuple[int, int] | None = None
        self._next_byte = 0
        self._tags = {
            "#EXT-X-MEDIA-SEQUENCE": self._start,
            "#EXT-X-TARGETDURATION": self._duration,
            "#EXT-X-BYTERANGE": self._byte_range,
            "#EXT-X-KEY": self._encrypted,
        }

    def take(self, line: str) -> Iterator[Piece]:
        tag, _, value = line.partition(":")
        try:
            if tag == "#EXT-X-MAP":
                yield self._map(_attributes(value))
            elif tag == "#EXT-X-STREAM-INF":
                raise FetchError("no-media", "a list of streams stands where a stream was announced")
            elif tag in self._tags:
                self._tags[tag](value)
            elif not line.startswith("#"):
                yield self._segment(line)
        except ValueError:
            raise FetchError("malformed", f"a playlist with a line that makes no sense: {line[:80]!r}") from None

    def _start(self, value: str) -> None:
        self._sequence = _number(value)

    def _duration(self, value: str) -> None:
        self.seconds = max(0.0, min(float(value), 60.0))  # in this order NaN is 0

    def _byte_range(self, value: str) -> None:
        self._range = _span(value, self._next_byte)

    def _encrypted(self, value: str) -> None:
        self._key = _attributes(value)
        method = self._key.get("METHOD")
        if method not in ("NONE", "AES-128") or self._key.get("KEYFORMAT", "identity") != "identity":
            raise FetchError("no-media", f"the stream is encrypted by {method}: protected by DRM")
        _vector(self._key.get("IV", "0x0"))  # complains of this line, not of the segment that needs it

    def _map(self, attributes: Mapping[str, str]) -> Piece:
        piece = Piece(urljoin(self._base, attributes["URI"]) if "URI" in attributes else self._base)
        if "BYTERANGE" in attributes:
            first, last = _span(attributes["BYTERANGE"], 0)
            piece = replace(piece, first=first, last=last)
        return replace(piece, key=self._key_now())

    def _segment(self, line: str) -> Piece:
        piece = Piece(urljoin(self._base, line), key=self._key_now(), number=self._sequence)
        if self._range:
            piece = replace(piece, first=self._range[0], last=self._range[1])
            self._next_byte, self._range = self._range[1] + 1, None
        self._sequence += 1
        return piece

    def _key_now(self) -> Key | None:
        if self._key.get("METHOD", "NONE") == "NONE":
            return None
        if "URI" not in self._key:
            raise FetchError("no-media", "the stream is encrypted and its key has no address")
        # Without a vector, it is the sequence number (RFC 8216 section 5.2).
        iv = _vector(self._key["IV"]) if "IV" in self._key else self._sequence
        return Key(urljoin(self._base, self._key["URI"]), iv.to_bytes(16))


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _number(written: str) -> int:
    """Raises ValueError."""
    if not _NUMBER.fullmatch(written.strip()):
        raise ValueError(written)
    return int(written)


def _span(written: str, follows: int) -> tuple[int, int]:
    """First and last byte of `length[@start]`; without a start it follows what came before. Raises ValueError."""
    length, _, start = written.partition("@")
    first, count = _number(start) if start else follows, _number(length)
    if not count:
        raise ValueError(written)
    return first, first + count - 1


def _vector(written: str) -> int:
    match = _VECTOR.fullmatch(written)
    if not match:
        raise ValueError(written)
    return int(match[1], 16)
