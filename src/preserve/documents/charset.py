"""Of what encoding a text is: byte order mark, then strict UTF-8, then the charset that it declares, then statistics.

It becomes UTF-8 once, in `decode`.
"""

from __future__ import annotations

import codecs
import re

from preserve.errors import DocumentError

HEAD = 65_536  # bytes in which a document shows what it is
SAMPLE = 1 << 20  # bytes from which an encoding is guessed; statistics do not gain from more

_CONVERT = "Convert it to HTML or plain text and give me that."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What people's files are in. Statistics over all that Python knows take Cyrillic Windows files for Macintosh ones.
_ENCODINGS = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874",
    "koi8_r", "koi8_u", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
)  # fmt: skip
_CHARSET = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_XML_CHARSET = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.I)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, name: str) -> tuple[bytes, str]:
    """The document as UTF-8 without byte order mark, and the encoding it came in. DocumentError when it is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding
    wide = _wide(data)
    if wide:
        return _strict(data, wide, name), wide
    if _CONTROLS.search(data[:HEAD]) or b"\x00" in data:
        raise DocumentError(f"{name} holds binary data, not text.", _CONVERT)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data, name)
    return data, "utf-8"


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: the NULs of its ASCII characters all stand on the same side."""
    head = data[: HEAD & ~1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not (even or odd) or (even and odd) or max(even, odd) * 20 < len(head):
        return None
    return "utf-16-be" if even else "utf-16-le"


def _strict(data: bytes, encoding: str, name: str) -> bytes:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise DocumentError(f"{name} is not the {encoding} text that it says it is.", _CONVERT) from None
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise DocumentError(f"{name} holds binary data, not text.", _CONVERT)
    return text.encode("utf-8", "replace")


def _guessed(data: bytes, name: str) -> tuple[bytes, str]:
    declared = _CHARSET.search(data, 0, HEAD) or _XML_CHARSET.match(data, 0, HEAD)
    if declared:
        encoding = _known(declared[1].decode("ascii", "replace"))
        try:
            return data.decode(encoding).encode("utf-8", "replace"), encoding
        except (UnicodeDecodeError, LookupError):
            pass  # it declares what it is not
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 20 < sum(1 for char in text[:SAMPLE] if char > "\x7f"):
        return text.encode(), "utf-8, damaged"  # a few bad bytes in what is UTF-8 otherwise
    return _statistics(data, name)


def _statistics(data: bytes, name: str) -> tuple[bytes, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE], cp_isolation=list(_ENCODINGS)).best()
    if best is None:
        raise DocumentError(f"{name} is in an encoding that I do not recognise.", "Save it as UTF-8.")
    return data.decode(best.encoding, "replace").encode("utf-8", "replace"), best.encoding


def _known(charset: str) -> str:
    """The name of a declared charset; in UTF-16 no ASCII declaration could have been read."""
    try:
        found = codecs.lookup(charset).name
    except LookupError:
        return charset
    return "windows-1252" if found in ("iso8859-1", "ascii") else found
