"""Whether an archive's copy is of the address that was cited. Pure.

Indexes find a URL by a spelling of their own: without scheme, `www.` and port, in lower case. So they also return what
only looks alike: two films whose names differ in case are one to them. What differs in more than scheme, `www.`, a
port, a slash at the end or the escapes of its characters is another source.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import ada_url

from preserve.network.policy import MAX_URL

_WWW = re.compile(r"www\d?\.")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# Characters that delimit nothing behind the host: escaped or not, they ask for the same.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@:!$'()*,")
# Of archive.today, whose copies are pages of its own; it answers programs with riddles, and is never asked.
_NEVER = frozenset({
    "archive.today", "archive.is", "archive.ph", "archive.li", "archive.fo", "archive.vn", "archive.md",
})  # fmt: skip


def same(one: str, other: str) -> bool:
    """Whether two spellings name the same source."""
    key = _key(one)
    return key is not None and key == _key(other)


def allowed(url: str) -> bool:
    """Whether a copy may be fetched from this address."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return url.startswith(("http://", "https://")) and bool(host) and _WWW.sub("", host, count=1) not in _NEVER


def _key(url: str) -> tuple[str, str, str, str] | None:
    try:
        parts = ada_url.URL(url[: MAX_URL + 1])
    except (ValueError, UnicodeError):
        return None
    if parts.protocol not in ("http:", "https:") or len(url) > MAX_URL:
        return None
    host = str(parts.hostname).rstrip(".")
    match = _WWW.match(host)
    host = host[match.end() :] if match and "." in host[match.end() :] else host
    port = "" if parts.port in ("80", "443") else parts.port
    page = parts.hash if parts.hash.startswith(("#!", "#/")) else ""  # names another page of the same site
    return f"{host}:{port}", _spelled(parts.pathname).removesuffix("/"), _spelled(parts.search), page


def spelled(url: str) -> str | None:
    """As it is asked for within another address: the WHATWG spelling without fragment; None for what is no address.

    Its dots and blanks are resolved in itself, so that they cannot climb out of the address around it.
    """
    try:
        parts = ada_url.URL(url[: MAX_URL + 1])
    except (ValueError, UnicodeError):
        return None
    if parts.protocol not in ("http:", "https:") or len(url) > MAX_URL:
        return None
    parts.hash = parts.username = parts.password = ""
    return str(parts.href)


def _spelled(text: str) -> str:
    """With the escapes undone that change nothing, and the others in one spelling."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _PLAIN else f"%{match[1].upper()}"
