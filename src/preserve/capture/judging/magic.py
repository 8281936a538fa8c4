"""What content is by its own bytes, what its address and its type promise, and whether its end is there. Pure."""

from __future__ import annotations

import codecs
import re
import struct
from urllib.parse import unquote, urlsplit

_LOOKED = 4096  # bytes in which content shows what it is
# What stands before the first tag that counts: comments, declarations. Possessive: a long run is not tried twice.
_LEAD = rb"(?:\s|<!--(?:[^-]|-(?!->))*+-->|<\?[^>]*+>)*+"
_DOCTYPE = rb"(?:<!doctype\s[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)?"
_HTML = re.compile(
    _LEAD
    + rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|base|iframe|frameset|h[1-6]|div|span|p"
    rb"|a|b|br|font|table|center|img|form|ul|ol|main|article|section|header|nav|noscript)\b[^<]{0,1000}?>)",
    re.I,
)
_XHTML = re.compile(_LEAD + rb"<!doctype\s+html\b|" + _LEAD + rb"<html\b", re.I)
_SVG = re.compile(_LEAD + _DOCTYPE + _LEAD + rb"<svg\b", re.I)
_XML = re.compile(rb"\s*+<\?xml\b|" + _LEAD + rb"<(?:rss|feed|urlset|sitemapindex|opml|kml|gpx)\b", re.I)
_JSON = re.compile(rb"\s*+(?:\{\s*+(?:\"|\})|\[\s*+(?:[\[{\"\]]|-?\d|true|false|null))")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Signs that no text begins with: `BM` and `ID3` alone are words.
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"), (b"MM\x00*", "tiff"), (b"\x00\x00\x01\x00", "ico"), (b"\x1aE\xdf\xa3", "webm"),
    (b"FLV\x01", "flv"), (b"\x00\x00\x01\xba", "mpeg"), (b"\x00\x00\x01\xb3", "mpeg"),
    (b"OggS\x00", "ogg"), (b"fLaC\x00", "flac"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"), (b"{\\rtf", "rtf"), (b"\x1f\x8b\x08", "gzip"),
    (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"wOFF", "font"), (b"wOF2", "font"),
    (b"%!PS", "postscript"),
)  # fmt: skip
_MP3 = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9")
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"mif1": "heic"}
_PDF_WITHIN = 1024  # bytes: readers accept that much before the header (PDF 1.7, implementation note 13)

FAMILIES: dict[str, frozenset[str]] = {
    "a page": frozenset({"html"}),
    "a PDF": frozenset({"pdf"}),
    "a picture": frozenset("jpeg png gif webp svg bmp tiff ico avif heic".split()),  # noqa: SIM905
    "a film": frozenset("mp4 webm flv mpeg avi ogg".split()),  # noqa: SIM905
    "a sound": frozenset("mp3 ogg flac wav mp4 webm".split()),  # noqa: SIM905
    "an office document": frozenset("zip office rtf".split()),  # noqa: SIM905
    "an archive": frozenset("zip gzip rar 7z".split()),  # noqa: SIM905
}
_SUFFIXES = {
    "pdf": "a PDF",
    **dict.fromkeys("jpg jpeg jpe png gif webp svg bmp tif tiff avif heic".split(), "a picture"),  # noqa: SIM905
    **dict.fromkeys("mp4 m4v mov webm mkv avi flv mpg mpeg wmv 3gp".split(), "a film"),  # noqa: SIM905
    **dict.fromkeys("mp3 ogg oga wav flac m4a aac opus".split(), "a sound"),  # noqa: SIM905
    **dict.fromkeys("doc docx xls xlsx ppt pptx odt ods odp rtf".split(), "an office document"),  # noqa: SIM905
    **dict.fromkeys("zip gz tgz rar 7z".split(), "an archive"),  # noqa: SIM905
}
_FILES = frozenset(
    "txt csv tsv json xml rss atom kml kmz js css ico woff woff2 ttf srt vtt ics epub exe apk md".split()  # noqa: SIM905
)
_TYPES = {"application/pdf": "a PDF", "image": "a picture", "video": "a film", "audio": "a sound"}
_SUFFIX = re.compile(r"\.([a-z0-9]{1,5})$")


def kind(head: bytes) -> str:
    """html, pdf, jpeg, … by the first bytes; `text` where they are text of no such kind, "" where nothing tells."""
    start = _narrow(head[:_LOOKED])
    for sign, name in _STARTS:
        if start.startswith(sign):
            return name
    if start.startswith(b"BM") and start[6:10] == bytes(4):
        return "bmp"
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "mp4")
    if start.startswith(b"RIFF"):
        return _RIFF.get(start[8:12], "")
    if b"%PDF-" in start[: _PDF_WITHIN + 5] and not _HTML.match(start):
        return "pdf"
    if start.startswith(_MP3) or (start.startswith(b"ID3") and start[3:4] < b"\x10"):
        return "mp3"
    return _textual(start)


def _narrow(start: bytes) -> bytes:
    """UTF-16 and UTF-8 with a mark, as ASCII sees them."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", "replace").encode("utf-8", "replace")
    if start.startswith((b"<\x00", b"\x00<")):
        return start.replace(b"\x00", b"")
    return start.removeprefix(codecs.BOM_UTF8)


def _textual(start: bytes) -> str:
    if not start.strip() or _CONTROL.search(start):
        return "html" if _XHTML.match(start) else ""  # a stray control character is no reason to call a page unknown
    if _SVG.match(start):
        return "svg"
    if _XHTML.match(start):
        return "html"
    if _XML.match(start):
        return "xml"
    if _HTML.match(start):
        return "html"
    return "json" if _JSON.match(start) else "text"


def promised(url: str, mime: str | None) -> str:
    """What the suffix of the address says it is, else its type: one of FAMILIES, "" for neither."""
    found = suffix(url)
    if found in _SUFFIXES:
        return _SUFFIXES[found]
    mime = mime or ""
    return _TYPES.get(mime) or _TYPES.get(mime.partition("/")[0], "")


def suffix(url: str) -> str:
    """Of the last segment of the path, in lower case, without its dot; "" where it has none, and for pages about files
    (`/wiki/File:Map.png`)."""
    found = _SUFFIX.search(name(url).lower())
    return found[1] if found and ":" not in name(url) else ""


def name(url: str) -> str:
    """The last segment of the path, decoded."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquoted(path.rpartition("/")[2])[:300]


def unquoted(text: str) -> str:
    return unquote(text, errors="replace")


def is_file(url: str) -> bool:
    """Whether the suffix names something that is no page; what is unknown (`/v1.2`, `/@a.b`) is taken for a page."""
    found = suffix(url)
    return found in _SUFFIXES or found in _FILES


def contradicts(promise: str, came: str) -> bool:
    """Whether what came cannot be what was promised. Two kinds of picture do not contradict: servers choose."""
    if not promise or not came or came in FAMILIES[promise]:
        return False
    return came == "html" or promise not in ("an archive", "an office document")  # their kinds are too many


def whole(what: str, head: bytes, tail: bytes, size: int | None) -> bool:
    """False where its end is missing for certain. `tail`: its last bytes; `size`: of all of it, if known."""
    if what == "pdf":
        return b"%%EOF" in tail
    if what == "png":
        return b"IEND" in tail
    if what == "jpeg":
        return _jpeg_ends(head, tail, size)
    if what == "gif":
        return tail.rstrip(b"\x00\r\n").endswith(b";")
    if what in ("webp", "wav", "avi") and size is not None and len(head) >= 8:
        return int.from_bytes(head[4:8], "little") + 8 <= size + 1  # the last chunk's padding is often left out
    if what in ("mp4", "avif", "heic") and size is not None:
        return _boxes_end(head, size)
    return True


def _jpeg_ends(head: bytes, tail: bytes, size: int | None) -> bool:
    """Whether the mark of its end stands behind the beginning of its picture, whose coded data never hold it: cameras
    append films and second pictures, and put small ones into the segments before."""
    scan = _jpeg_scan(head)
    if scan is None:
        return size != len(head) or tail.rstrip(b"\x00\r\n").endswith(b"\xff\xd9")
    if any(sign in head[:scan] for sign in _APPENDED):
        return True
    return b"\xff\xd9" in head[scan:] or (size != len(head) and b"\xff\xd9" in tail)


def _jpeg_scan(head: bytes) -> int | None:
    """Where the coded data begin (ITU T.81, annex B); None where the segments do not lead there."""
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        if head[at + 1] == 0xDA:
            return at
        at += 1 if head[at + 1] == 0xFF else 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


_APPENDED = (b"MotionPhoto", b"MicroVideo", b"MPF\x00")


def _boxes_end(head: bytes, size: int) -> bool:
    """Whether the boxes of an ISO media file (ISO 14496-12, section 4.2) end within it, as far as `head` shows."""
    at = 0
    while at + 8 <= min(len(head), size):
        length = int.from_bytes(head[at : at + 4], "big")
        if length == 1 and at + 16 <= len(head):
            length = struct.unpack_from(">Q", head, at + 8)[0]
        if length < 8:  # 0: to the end of the file; anything else is no box
            return True
        at += length
    return at <= size
