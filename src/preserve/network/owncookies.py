"""The cookies that the configuration names for a host: read once a run, never written, and watched on their way out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from preserve.config import Config
from preserve.errors import ConfigError
from preserve.network.cookies import Cookie
from preserve.network.suffix import registrable

MAX_FILE = 8 << 20  # bytes; all cookies of a browser that is used every day are some 2 MB
SOON = 7  # days: a case is captured anew for weeks, and a login takes a person
_KEY = 8  # characters: a shorter value (`lang=en`) is nobody's key, and strangers give the same
_SHOWN = 3  # broken lines of a file that are named
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z|[0-9a-f:]+\Z")
_HINT = "it must be a cookies.txt in Netscape's format, as browser extensions export it"

Fields = tuple[tuple[str, str], ...]
# name, value, domain (with a dot before it: and those below), path, only over https
Plain = tuple[str, str, str, str, bool]


@dataclass(frozen=True, slots=True)
class CookieFile:
    """What stands in a file. `problems`: lines that say nothing, as file:line and why."""

    cookies: tuple[Cookie, ...]
    problems: tuple[str, ...]


class Own:
    """The cookie files of a run. Raises ConfigError for one that cannot be used."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._patterns = [(pattern, rule.cookies) for pattern, rule in config.host.items() if rule.cookies]
        self._files = {name: read(config.path(name), name) for _, name in self._patterns}
        cookies = [one for file in self._files.values() for one in file.cookies]
        self._keys = {(one.name, one.value) for one in cookies if len(one.value) >= _KEY}
        self._sites = {registrable(one.domain): name for name, file in self._files.items() for one in file.cookies}
        self.file = lru_cache(maxsize=1024)(self._file)
        self.of = lru_cache(maxsize=1024)(self._of)

    def _file(self, host: str) -> str:
        """The file whose cookies this host gets, or ""."""
        return (self._config.for_host(host).cookies or "") if self._files else ""

    def _of(self, host: str) -> tuple[Cookie, ...]:
        """The cookies of that file that belong to this host."""
        file = self.file(host)
        return tuple(one for one in self._files[file].cookies if one.belongs(host)) if file else ()

    def guarded(self, url: str, fields: Fields) -> tuple[Fields, bool]:
        """What of a request's fields may go to this address, and whether a person's cookies are among it.

        The last door: whoever composed the request, none of the configuration's cookies passes to a host that has no
        right to it, and nothing of a site with such cookies passes over plain http.
        """
        if not self._files or not any(name.lower() == "cookie" for name, _ in fields):
            return fields, False
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        file = self.file(host)
        if not file and registrable(host) not in self._sites and not self._carries(fields):
            return fields, False
        passed = tuple(
            (name, value if name.lower() != "cookie" else self._allowed(value, host) if parts.scheme == "https" else "")
            for name, value in fields
        )
        return tuple(one for one in passed if one[1] or one[0].lower() != "cookie"), True

    def _carries(self, fields: Fields) -> bool:
        return any(pair in self._keys for name, value in fields if name.lower() == "cookie" for pair in _pairs(value))

    def _allowed(self, value: str, host: str) -> str:
        own = {(one.name, one.value) for one in self.of(host)}
        return "; ".join("=".join(pair) for pair in _pairs(value) if pair not in self._keys or pair in own)

    def site(self, domain: str) -> str:
        """The file that has cookies of the site to which this domain belongs, or ""."""
        return self._sites.get(registrable(domain), "")

    def plain(self, host: str) -> list[Plain]:
        """The cookies that yt-dlp is given for a film of this host."""
        file = self.file(host)
        return [
            (one.name, one.value, one.domain if one.host_only else "." + one.domain, one.path, True)
            for one in (self._files[file].cookies if file else ())
            if one.expires is None or one.expires > time.time()
            if self.file(one.domain) == file or self.file("www." + one.domain) == file
        ]

    def notes(self, now: datetime) -> Iterator[str]:
        """What a person should know of the files before a run: a sentence each."""
        for pattern, name in dict.fromkeys(self._patterns):
            file = self._files[name]
            yield from file.problems[:_SHOWN]
            if len(file.problems) > _SHOWN:
                yield f"{name}: {len(file.problems) - _SHOWN} more lines cannot be read"
            yield from _ages(name, pattern, _concerned(pattern, file.cookies), now)


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    for pair in value.split(";"):
        name, _, text = pair.strip().partition("=")
        yield name, text


def _concerned(pattern: str, cookies: Iterable[Cookie]) -> list[Cookie]:
    """Those of the site that a pattern means: a browser's file is full of others, which are no concern of anybody."""
    site = registrable(pattern.lower().lstrip("*."))
    return [one for one in cookies if "*" in site or not site or registrable(one.domain) == site]


def _ages(name: str, pattern: str, cookies: Sequence[Cookie], now: datetime) -> Iterator[str]:
    if not cookies:
        yield f"{name} holds no cookie for {pattern}: its sources are visited without"
        return
    ends = [(one.expires - now.timestamp(), one) for one in cookies if one.expires is not None]
    gone = [one.name for left, one in ends if left <= 0]
    soon = sorted((one.expires or 0, one.name) for left, one in ends if 0 < left < SOON * 86400)
    words = [f"have expired ({_named(gone)})"] if gone else []
    if soon:
        until = datetime.fromtimestamp(soon[0][0], UTC)
        words.append(f"expire from {until:%Y-%m-%d} on ({_named([one for _, one in soon])})")
    if words:
        yield f"{name}: cookies for {pattern} {' or '.join(words)}: export the file anew"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def read(path: Path, name: str) -> CookieFile:
    """A file in Netscape's format. Its bytes are kept as they are, in UTF-8 or not. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"the cookie file {path} cannot be read: {why}", _HINT) from None
    if len(data) > MAX_FILE:
        raise ConfigError(f"the cookie file {path} is larger than {MAX_FILE >> 20} MiB", _HINT)
    cookies: list[Cookie] = []
    problems: list[str] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n"), 1):
        try:
            if cookie := _line(line.rstrip("\r")):
                cookies.append(replace(cookie, file=name))
        except ValueError as error:
            problems.append(f"{name}:{number}: {error}: the line is left out")
    if not cookies:
        raise ConfigError(f"the cookie file {path} holds no cookie that can be read", _HINT)
    return CookieFile(tuple(cookies), tuple(problems))


def _line(line: str) -> Cookie | None:
    """Raises ValueError; what stands in the line is a secret, and not repeated."""
    line = line.removeprefix("#HttpOnly_")
    if not line.strip() or line.startswith("#"):
        return None
    fields = line.split("\t")
    if len(fields) == 6:
        fields.append("")  # an editor took the last tab for white space: a cookie without a value
    if len(fields) != 7:
        raise ValueError(f"{len(fields)} fields, not 7 with tabs between them")
    domain, below, path, secure, expiry, name, value = fields
    if _CONTROL.search(name + value) or ";" in name + value or not name or "=" in name:
        raise ValueError("name or value are none of a cookie")
    if {below.upper(), secure.upper()} - {"TRUE", "FALSE"}:
        raise ValueError("the second and fourth field are not TRUE or FALSE")
    if not path.startswith("/"):
        raise ValueError("the third field is no path")
    if not re.fullmatch(r"-?\d{1,14}(?:\.\d{1,9})?", expiry):
        raise ValueError("the fifth field is no time")
    ends = float(expiry)
    host = _host(domain)
    only = below.upper() == "FALSE" and not domain.startswith(".")
    return Cookie(name, value, host, path, only, secure=True, expires=ends if ends > 0 else None)


def _host(domain: str) -> str:
    """In punycode, as hosts are asked for."""
    try:
        text = domain.strip().removeprefix(".").encode("latin-1").decode("utf-8").lower()
        host = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("the first field is no host") from None
    if not _HOST.match(host):
        raise ValueError("the first field is no host")
    return host
