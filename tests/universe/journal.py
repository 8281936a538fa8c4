"""What was received and sent, byte for byte, in the order of the exchanges."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

KEEP = 4 * 1024 * 1024  # bytes of one response kept in memory; size and digest cover all of it


@dataclass(slots=True)
class Logged:
    """One exchange. It is in the log before its first byte is sent, so whoever saw an answer finds it here.

    `response` is everything written, interim answers included, up to KEEP bytes. `end` is the offset at which the
    regular message ended; bytes after it (`surplus`) belong to no message. `end` is None when it never ended.
    """

    number: int
    connection: int
    via: str  # connect, socks5, direct
    host: str  # the one the tunnel or SNI names; the Host field is in the request
    port: int
    tls: str | None
    peer: str
    request: bytes
    method: str
    target: str
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    fault: str = ""
    sent: int = 0
    end: int | None = None
    done: bool = False
    _kept: bytearray = field(default_factory=bytearray)
    _digest: Any = field(default_factory=hashlib.sha256)

    def took(self, data: bytes) -> None:
        self.sent += len(data)
        self._digest.update(data)
        if (room := KEEP - len(self._kept)) > 0:
            self._kept += data[:room]

    @property
    def response(self) -> bytes:
        return bytes(self._kept)

    @property
    def regular(self) -> bytes:
        return self.response[: self.end]

    @property
    def surplus(self) -> bytes:
        return b"" if self.end is None else self.response[self.end :]

    @property
    def sha256(self) -> str:
        return str(self._digest.hexdigest())

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def url(self) -> str:
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        return f"{scheme}://{self.host}{'' if self.port == usual else f':{self.port}'}{self.target}"

    @property
    def status(self) -> int | None:
        """Of the final answer; None when there is no readable one."""
        codes = (int(code) for code in re.findall(rb"(?:\A|\r?\n\r?\n)HTTP/\d\.\d (\d{3})", self.response))
        return next((code for code in codes if code >= 200), None)

    def facts(self) -> dict[str, Any]:
        names = ("number", "connection", "via", "host", "port", "tls", "peer", "method", "target", "started")
        more = ("url", "status", "fault", "sent", "sha256", "end", "done")
        return {name: getattr(self, name) for name in (*names, *more)}

    def json(self) -> str:
        """With the bytes in base64, for the control endpoint."""
        encoded = {name: base64.b64encode(getattr(self, name)).decode() for name in ("request", "response")}
        return json.dumps(self.facts() | encoded)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a proxy: `verdict` is ok, nxdomain, refused, blackhole, or how the proxy itself failed."""

    via: str
    host: str
    port: int
    user: str
    verdict: str


class Journal:
    """The log in memory and in two files: log.jsonl, whose `request_at` and `response_at` point into log.bin."""

    def __init__(self, folder: Path) -> None:
        self.exchanges: list[Logged] = []
        self.asked: list[Asked] = []
        self._lines: BinaryIO = (folder / "log.jsonl").open("wb")
        self._bytes: BinaryIO = (folder / "log.bin").open("wb")

    def finish(self, logged: Logged) -> None:
        """The exchange is over; its files are complete on return. The second time nothing happens."""
        if logged.done:
            return
        logged.done = True
        places = {f"{name}_at": self._put(getattr(logged, name)) for name in ("request", "response")}
        self._lines.write(json.dumps(logged.facts() | places).encode() + b"\n")
        self._lines.flush()

    def close(self) -> None:
        for logged in self.exchanges:
            self.finish(logged)
        self._lines.close()
        self._bytes.close()

    def _put(self, data: bytes) -> tuple[int, int]:
        start = self._bytes.tell()
        self._bytes.write(data)
        self._bytes.flush()
        return start, len(data)
