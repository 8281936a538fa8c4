"""URLs: which of them are the same source, and what a citation's spelling leads to.

The rule is the WHATWG URL Standard, as ada implements it, and nothing on top: `@` and `%40`, `http` and `https`,
a slash more or less, the order of a query are different sources, because a server may answer them differently
and because an expert for the other side will ask which one was cited.

A URL stays as its document spells it. Only what cannot stand in one line of text (white space, control and
invisible characters) is percent-encoded, exactly as a browser would do when following the link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

# Servers and browsers give up between 8 and 64 kB; a longer "URL" is an accident or an attack.
MAX_URL = 16_384

# Never requested from anyone: an address of another kind, code, or the content itself.
NEVER = frozenset({
    "about", "blob", "callto", "chrome", "cid", "data", "facetime", "file", "geo", "javascript", "mailto", "mid",
    "moz-extension", "sms", "tel", "vbscript", "whatsapp",
})  # fmt: skip

# Zero-width characters and bidi controls. ZWNJ and ZWJ are not among them: they spell Persian and Malayalam.
INVISIBLE = "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_DROPPED = re.compile(r"[\t\r\n]+")  # by the standard's parser, wherever they stand
_UNSHOWN = re.compile(rf"[\x00-\x20\x7f-\xa0\s{INVISIBLE}]|[\ud800-\udfff]")
_NOWHERE = "nowhere:nothing"  # a base under which nothing relative resolves, but a fragment
_EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space, stripped by the standard's parser


@dataclass(frozen=True, slots=True)
class Target:
    """Where a citation leads. `url` is "" when unresolved; `key` is "" for what can never be a source."""

    url: str
    key: str
    changes: tuple[str, ...] = ()
    fetchable: bool = False


def identity(url: str) -> str | None:
    """The key under which a URL is preserved once: the WHATWG serialisation without its fragment.

    Fragments that begin `#!` or `#/` stay, for they name another page of the same site. None when it is no
    absolute URL.
    """
    if len(url) > MAX_URL:
        return None
    href = resolve(_NOWHERE, url)  # of all ways to parse one with ada's binding the quickest
    if href is None or href.startswith(_NOWHERE + "#"):
        return None
    page, _, fragment = href.partition("#")
    return href if fragment.startswith(("!", "/")) else page


def resolve(base: str, written: str) -> str | None:
    """The absolute URL of a relative one; None when either of them is malformed."""
    import ada_url

    try:
        return str(ada_url.join_url(base, written))
    except (ValueError, UnicodeError):
        return None


def fetchable(url: str) -> bool:
    """Whether it is http or https and has a host."""
    return (identity(url) or "").startswith(("http://", "https://"))


def scheme(url: str) -> str:
    """The scheme in lower case, "" for a relative URL."""
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def aim(written: str, base: str = "") -> Target:
    """Where a URL, already decoded from its document's escapes, leads when it stands under `base`."""
    if len(written) > MAX_URL:
        return Target("", "", ("too-long",))
    spelled = spell(written)
    changes = () if spelled == written else ("cleaned",)
    found = scheme(spelled)
    if found in NEVER or spelled.startswith("#"):
        return Target(spelled, "", changes)
    if not found and base:
        return _under(base, spelled, changes)
    if spelled.startswith("//"):  # "as the page was fetched"; a document on a disk was not
        spelled, changes = "https:" + spelled, (*changes, "scheme-assumed")
    elif not found:
        return Target("", "", changes)
    return _absolute(spelled, changes)


def spell(url: str) -> str:
    """`url` as one visible word: what a URL parser drops is dropped, what cannot be seen is percent-encoded."""
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    kept = _DROPPED.sub("", url.strip(_EDGES))
    return _UNSHOWN.sub(lambda match: quote(match[0].encode("utf-8", "replace")), kept)


def _under(base: str, written: str, changes: tuple[str, ...]) -> Target:
    joined = resolve(base, written)
    if joined is None:
        return Target("", "", (*changes, "malformed"))
    return _absolute(joined, (*changes, "resolved"))


def _absolute(url: str, changes: tuple[str, ...]) -> Target:
    key = identity(url)
    if key is None:
        return Target("", "", (*changes, "malformed"))
    return Target(url, url if key == url else key, changes, key.startswith(("http://", "https://")))
