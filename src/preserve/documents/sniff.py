"""What a document is, decided from its content; its name has the second word.

The bytes become UTF-8 once, here: byte order mark, then strict UTF-8, then the charset that the document
declares, then statistics. What cannot be read yet is refused by name, for silence would look like "no sources".
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from preserve.errors import DocumentError

HEAD = 65_536  # bytes in which a document shows what it is
SAMPLE = 1 << 20  # bytes from which an encoding is guessed; statistics do not gain from more

_CONVERT = "Convert it to HTML or plain text and give me that."
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a rich text (RTF) file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .ppt, .msg)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"WARC/1.", "a WARC file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
)
_ZIPPED: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a Word document (DOCX)"),
    (b"xl/", "an Excel workbook (XLSX)"),
    (b"ppt/", "a PowerPoint file (PPTX)"),
    (b"application/epub+zip", "an EPUB"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"datapackage.json", "a WACZ web archive"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text by its bytes, but its escapes and separators would cut or join URLs: these need readers of their own.
_NAMED = {
    ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".bib": "BibTeX", ".csv": "CSV", ".eml": "an e-mail message",
    ".ipynb": "a notebook", ".json": "JSON", ".jsonl": "JSON", ".mbox": "a mailbox", ".ndjson": "JSON",
    ".tex": "LaTeX", ".tsv": "TSV", ".xml": "XML",
}  # fmt: skip
# What people's files are in. Statistics over all that Python knows take Cyrillic Windows files for Macintosh ones.
_ENCODINGS = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874",
    "koi8_r", "koi8_u", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
)  # fmt: skip
_MARKDOWN_NAMES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdx", ".rmd", ".qmd"})
_HTML_NAMES = frozenset({".html", ".htm", ".xhtml", ".xht"})

_COMMENTS = rb"(?:\s|<!--(?:[^-]|-(?!->))*-->|<\?xml[^>]*\?>)*"
_HTML = re.compile(_COMMENTS + rb"<(?:!doctype\s+(?:html|netscape)|html|head|body)\b", re.I)
_HTMLISH = re.compile(
    _COMMENTS
    + rb"<(?:a|article|blockquote|center|dl|div|h[1-6]|iframe|main|meta|ol|p|pre|section|span|table|title|ul)\b",
    re.I,
)
_XML = re.compile(rb"\s*<(?:\?xml|rss|feed|opml|urlset|sitemapindex|plist)\b", re.I)
_JSON = re.compile(rb"\s*\{\s*\"[^\"\n]*\"\s*:")
_JSON_LIST = re.compile(rb"\s*\[\s*(?:[\[{]\s*)?[\"{]")  # or the anchor of a link
_MAIL = re.compile(rb"(?:From \S+ .*\r?\n)?(?:[A-Za-z][A-Za-z0-9-]*:[ \t].*\r?\n(?:[ \t]+\S.*\r?\n)*){2}")
_MAIL_FIELD = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path):[ \t]", re.I | re.M)
_MARKDOWN = re.compile(
    rb"\A(?:---|\+\+\+)[ \t]*\r?\n[\w\"'-]+[ \t]*[:=]"  # front matter
    rb"|\]\((?:<|[^\s()])[^\n]*\)"  # a link
    rb"|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S"  # a definition or footnote
    rb"|^ {0,3}(?:```|~~~)"
    rb"|^#{2,6}[ \t]+\S|(?:\A|\n[ \t]*\r?\n)#[ \t]+\S[^\n]*\n[ \t]*\r?\n",  # headings
    re.M,
)
_CHARSET = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_XML_CHARSET = re.compile(rb"\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.I)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, name: str) -> tuple[bytes, str]:
    """The document as UTF-8 without byte order mark, and the encoding it came in. DocumentError when it is no text."""
    _refuse_binary(data, name)
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


def sniff(text: bytes, name: str) -> str:
    """markdown, html or text, of a document that is UTF-8 by now. DocumentError for a format without a reader."""
    head, suffix = text[:HEAD], PurePath(name).suffix.lower()
    if _HTML.match(head):
        return "html"
    unread = _unread(head, suffix)
    if unread:
        raise DocumentError(f"{name} is {unread}, which I cannot read yet.", _CONVERT)
    if suffix in _MARKDOWN_NAMES:
        return "markdown"
    if suffix in _HTML_NAMES or (_HTMLISH.match(head) and not _MARKDOWN.search(head)):
        return "html"
    return "markdown" if _MARKDOWN.search(head) else "text"


def _unread(head: bytes, suffix: str) -> str | None:
    if _XML.match(head):
        return "XML"
    if _JSON.match(head) or (_JSON_LIST.match(head) and not _MARKDOWN.search(head)):
        return "JSON"
    if _MAIL.match(head) and _MAIL_FIELD.search(head[:8192]):
        return "an e-mail message"
    return _NAMED.get(suffix)


def _refuse_binary(data: bytes, name: str) -> None:
    found = next((what for magic, what in _MAGIC if data.startswith(magic)), None)
    if data.startswith(b"PK\x03\x04"):
        seen = data[:8192] + data[-HEAD:]  # first members, and the directory at the end
        found = next((what for part, what in _ZIPPED if part in seen), "a ZIP archive")
    if found:
        raise DocumentError(f"{name} is {found}, which I cannot read yet.", _CONVERT)


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
