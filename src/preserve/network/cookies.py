"""The cookies of one visit (RFC 6265): what its servers give, and what the configuration names for a host.

The cookies of the configuration are a person's keys. They are sent over https only, to hosts that they belong to and
whose rule names their file; what a server gives in answer to them is such a key again.

Python's http.cookiejar is not used: it knows no public suffixes, lets one host delete the cookies of another, and drops
all cookies of an answer for one that it cannot read.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from preserve.network.suffix import is_public

MAX_FIELD = 8 * 1024  # bytes of one Set-Cookie; browsers stop at 4 KB for name and value
MAX_COOKIES = 180  # that one visit takes: browsers keep as many of one site
MAX_HEADER = 16 * 1024  # bytes of one Cookie field; servers refuse heads above 8 to 32 KB
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BETWEEN = re.compile(r"[\t -/;-@\[-`{-~]+")  # what stands between the parts of a date (RFC 6265 section 5.1.1)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)")
_DAY = re.compile(r"\d{1,2}(?!\d)")
_YEAR = re.compile(r"\d{2,4}(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

Key = tuple[str, str, str]  # what a later cookie takes the place of: domain, path, name


@dataclass(frozen=True, slots=True)
class Cookie:
    """`value` in Latin-1, so that its bytes go back as they came. `file`: the configured file that it is from, or that
    a cookie was from which it answered; "" where it is nobody's secret."""

    name: str
    value: str
    domain: str  # lower case, without a dot before it
    path: str = "/"
    host_only: bool = True
    secure: bool = False
    expires: float | None = None  # seconds since 1970; None: at the end of the visit
    file: str = ""

    @property
    def key(self) -> Key:
        return self.domain, self.path, self.name

    def belongs(self, host: str) -> bool:
        return host == self.domain or (not self.host_only and host.endswith("." + self.domain) and not _is_ip(host))

    def fits(self, scheme: str, host: str, path: str) -> bool:
        """Whether it is sent there (RFC 6265 section 5.4), its time left aside."""
        return (scheme == "https" or not self.secure) and self.belongs(host) and _under(self.path, path)


class Given(Protocol):
    """The cookies that the configuration names."""

    def file(self, host: str) -> str:
        """The file whose cookies this host gets, or ""."""

    def of(self, host: str) -> tuple[Cookie, ...]:
        """The cookies of that file that belong to this host."""


class _Nobody:
    def file(self, host: str) -> str:
        return ""

    def of(self, host: str) -> tuple[Cookie, ...]:
        return ()


NOBODY = _Nobody()


class Jar:
    """The cookies of one visit. `own`: those of the configuration."""

    def __init__(self, own: Given = NOBODY, *, clock: Callable[[], float] = time.time) -> None:
        self._own, self._clock = own, clock
        self._taken: dict[Key, Cookie] = {}

    def header(self, url: str) -> str | None:
        """The value of the Cookie field for this address."""
        scheme, host, path = _parts(url)
        file = self._own.file(host)
        if not (file or self._taken):
            return None
        own = [one for one in self._own.of(host) if one.key not in self._taken] if file else []
        found = [
            one
            for one in (*own, *self._taken.values())
            if one.fits(scheme, host, path) and self._lives(one) and one.file in ("", file)
        ]
        found.sort(key=lambda one: -len(one.path))  # stable: of one length the older first
        pairs: list[str] = []
        room = MAX_HEADER
        for one in found:
            room -= len(one.name) + len(one.value) + 3
            if room >= 0:
                pairs.append(f"{one.name}={one.value}")
        return "; ".join(pairs) or None

    def take(self, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """The Set-Cookie fields of an answer from this address."""
        fields = [value for name, value in headers if name.lower() == "set-cookie"]
        if not fields:
            return
        scheme, host, path = _parts(url)
        file = self._own.file(host) if scheme == "https" else ""
        for field in fields:
            cookie = parse(field, host, path, self._clock())
            if cookie is not None:
                self.put(replace(cookie, file=file, secure=cookie.secure or bool(file)))

    def put(self, cookie: Cookie) -> None:
        """In place of one that has its key; one that has ended is kept to stand in the way of the configuration's."""
        if cookie.key in self._taken or len(self._taken) < MAX_COOKIES:
            self._taken[cookie.key] = cookie

    def _lives(self, cookie: Cookie) -> bool:
        return cookie.expires is None or cookie.expires > self._clock()


def parse(field: str, host: str, path: str, now: float) -> Cookie | None:
    """One Set-Cookie field (RFC 6265 section 5.2), or None for what is no cookie of this host."""
    if len(field) > MAX_FIELD or _CONTROL.search(field):
        return None
    pair, *attributes = field.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not (equals and name):
        return None
    said = {key.strip().lower(): text.strip() for key, _, text in (one.partition("=") for one in attributes)}
    domain = said.get("domain", "").removeprefix(".").lower()
    host_only = not domain or (domain == host and (_is_ip(host) or is_public(host)))
    if domain and domain != host and (_is_ip(host) or not host.endswith("." + domain) or is_public(domain)):
        return None
    own_path = said.get("path", "")
    return Cookie(
        name,
        value,
        domain or host,
        own_path if own_path.startswith("/") else path[: path.rfind("/")] or "/",
        host_only,
        "secure" in said,
        _end(said, now),
    )


def _end(said: dict[str, str], now: float) -> float | None:
    age = said.get("max-age", "")
    if re.fullmatch(r"-?\d+", age):
        return now + (int(age) if len(age) < 12 else 0 if age.startswith("-") else 1e11)
    return moment(said.get("expires", ""))


def moment(text: str) -> float | None:
    """The date of a cookie (RFC 6265 section 5.1.1) in seconds since 1970; None for what is none."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for part in _BETWEEN.split(text[:100]):
        if clock is None and (match := _TIME.match(part)):
            clock = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY.match(part)):
            day = int(match[0])
        elif month is None and part[:3].lower() in _MONTHS:
            month = _MONTHS.index(part[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(part)):
            year = int(match[0])
    if clock is None or day is None or month is None or year is None:
        return None
    year += 1900 if 70 <= year <= 99 else 2000 if year < 70 else 0
    try:
        return datetime(year, month, day, *clock, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host and path; empty where it is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, (parts.hostname or "").rstrip("."), parts.path or "/"
    except ValueError:
        return "", "", "/"


def _under(path: str, asked: str) -> bool:
    """Path-match (RFC 6265 section 5.1.4)."""
    return asked == path or (asked.startswith(path) and (path.endswith("/") or asked[len(path)] == "/"))


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
