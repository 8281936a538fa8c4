"""SHA-1 as web archives write it, in base32, and whether a body has the digest that an index tells. Pure.

SHA-1 is what the archives have. Against somebody who makes two bodies with one digest it proves nothing; that this
copy is the one which the archive indexed, it does.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from preserve.errors import FetchError
from preserve.model import Exchange
from preserve.network import decode

_BASE32 = re.compile(r"(?:sha-?1:)?([A-Z2-7]{32})", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"(?:sha-?1:)?([0-9a-f]{40})", re.IGNORECASE | re.ASCII)


def base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii")


def plain(text: str | None) -> str | None:
    """The SHA-1 in a digest as archives spell them, in upper-case base32; None where it is another kind."""
    text = (text or "").strip()
    if match := _BASE32.fullmatch(text):
        return match[1].upper()
    if match := _HEX.fullmatch(text):
        return base32(bytes.fromhex(match[1]))
    return None


def sha1s(exchange: Exchange) -> dict[str, str]:
    """SHA-1 of the body with its chunks joined (`payload`) and, if it is coded, with its codings undone (`content`),
    in base32. What cannot be undone is left out."""
    codings = decode.codings(exchange.header("content-encoding"))
    found = {"payload": _sha1(_unframed(exchange))}
    if codings:
        found["content"] = _sha1(decode.decode(_unframed(exchange), codings))
    return {what: value for what, value in found.items() if value}


def _unframed(exchange: Exchange) -> Iterable[bytes]:
    return decode.dechunk(exchange.body.blocks()) if exchange.chunked else exchange.body.blocks()


def _sha1(blocks: Iterable[bytes]) -> str | None:
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        for block in blocks:
            digest.update(block)
    except FetchError:
        return None
    return base32(digest.digest())
