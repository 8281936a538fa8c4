"""The characters of a page's bytes: what the bytes are goes before what the server or the page says of them. Pure.

Headers lie more often than pages, and bytes never: a text of any length that is no UTF-8 by chance is none.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLACE = 4096  # bytes in which a page names its charset: the standard says 1024, scripts get in between
_SAMPLE = 16_384  # bytes for statistics; more makes them slower and not better
_META = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_XML = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.I)
# Python knows others that are no charsets, and some of these (punycode, idna) take time squared.
_CHARSETS = ("cp", "iso8859", "koi8", "gb", "big5", "shift", "euc", "mac", "tis", "iso2022", "utf-8", "ascii", "hz")
_LATIN = frozenset({"iso8859-1", "ascii", "cp1252"})  # named where nobody chose a charset
# Bytes above ASCII in a text that is Latin after all: French has some 4 %, Vietnamese 20; Cyrillic and Arabic 60.
_MOST_LATIN = 0.3
_STATISTICS = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "koi8_u", "cp866"]


def text(data: bytes, declared: str | None) -> str:
    """`data` may be cut anywhere. Never raises; what cannot be read is U+FFFD, and there is no NUL."""
    return read(data, declared)[0]


def read(data: bytes, declared: str | None) -> tuple[str, str]:
    """The same, and the codec that it was read by."""
    found, codec = _read(data, declared)
    return found.replace("\x00", ""), codec


def _read(data: bytes, declared: str | None) -> tuple[str, str]:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace"), codec
    if wide := _wide(data):
        return data.decode(wide, "replace"), wide
    named = [name for name in (_known(declared), _known(_named_within(data))) if name]
    if b"\x1b" in data and (seven := [name for name in named if name.startswith("iso2022")]):
        return data.decode(seven[0], "replace"), seven[0]
    if (found := _utf8(data)) is not None:
        # Of ASCII alone any charset may be meant, and entities may name its characters.
        return found, named[0] if named and data.isascii() else "utf-8"
    # A Latin charset in the header is a default of the server; the page knows better.
    for name in sorted(named, key=lambda name: name in _LATIN):
        if name != "utf-8" and (found := _plausible(data, name)) is not None:
            return found, name
    guess = _guess(data)
    return data.decode(guess, "replace"), guess


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: the NULs of its ASCII characters all stand on the same side."""
    head = data[: _PLACE & ~1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not (even or odd) or (even and odd) or max(even, odd) * 20 < len(head):
        return None
    return "utf-16-be" if even else "utf-16-le"


def _named_within(data: bytes) -> str | None:
    found = _META.search(data, 0, _PLACE) or _XML.match(data, 0, _PLACE)
    return found[1].decode("ascii", "replace") if found else None


def _known(name: str | None) -> str | None:
    try:
        codec = codecs.lookup(name or "").name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return None
    return codec if codec.startswith(_CHARSETS) else None


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8")
    found = data.decode("utf-8", "replace")
    above = sum(1 for char in found[:_SAMPLE] if char > "\x7f")
    return found if found[:_SAMPLE].count("\ufffd") * 20 < above else None  # a few bad bytes in what is UTF-8


def _plausible(data: bytes, name: str) -> str | None:
    if name in _LATIN:
        sample = data[:_SAMPLE]
        above = sum(1 for byte in sample if byte > 0x7F)
        letters = sum(1 for byte in sample if chr(byte).isalpha() and byte < 0x80)
        return None if above > _MOST_LATIN * (above + letters) else data.decode("cp1252", "replace")
    found = data.decode(name, "replace")
    return found if found.count("\ufffd") * 100 <= len(found) else None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_isolation=_STATISTICS, steps=3, chunk_size=1024).best()
    return best.encoding if best else "cp1252"
