"""What a document is, decided from its content (`signs.py`); its name has the second word.

What cannot be read is refused by name, for silence would look like "no sources".
"""

from __future__ import annotations

import re
import zlib
from pathlib import PurePath
from typing import BinaryIO

from preserve.documents import signs
from preserve.documents.charset import HEAD
from preserve.documents.formats import BY_SUFFIX, FORMATS
from preserve.documents.readers import frontmatter, ole
from preserve.documents.readers.package import DAMAGE, open_zip
from preserve.errors import DocumentError, NothingToReadError

_CONVERT = "Convert it to HTML or plain text and give me that."
_DECRYPT = "Save it without a password and give me that."
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff_file(file: BinaryIO, name: str) -> str:
    """The format of a file that is no text, "" of what may be one. The file is left at its beginning.

    Raises DocumentError for what has no reader, NothingToReadError for pictures, films and sound.
    """
    head = file.read(HEAD)
    file.seek(0)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zipped(file, name)
    found = next((kind for magic, kind in signs.FILES if head.startswith(magic)), "")
    if found == "gzip":
        return "warc" if _inflated(head).startswith(b"WARC/") else "gzip"
    if not found and b"%PDF-" in head[: signs.PDF_WITHIN]:
        return "pdf"
    if found == "ole":
        return _ole(file, name)
    if found:
        return found
    if head[257:262] == b"ustar":
        return "tar"
    if flat := signs.FLAT_ODF.match(head):
        return signs.ODF[flat[1]]
    _refuse(head, name)
    return _mail(head, PurePath(name).suffix.lower())


def sniff_text(text: bytes, name: str) -> str:
    """The format of a document that is UTF-8 by now."""
    head, suffix = text[:HEAD], PurePath(name).suffix.lower()
    if signs.HTML.match(head):
        return "html"
    named = BY_SUFFIX.get(suffix, "")
    named = named if named and FORMATS[named].kind == "text" else ""
    found = _xml(head, named) or ("url" if signs.SHORTCUT.match(head) else "")
    if not found and head[:1] == b"{" and frontmatter.span(head)[2]:
        return "markdown"
    found = found or _json(head, named)
    if found:
        return found
    if named in ("html", "xml") or (named in ("", "text") and signs.HTMLISH.match(head) and not _is_markup(head)):
        return "html"
    if named and suffix not in signs.VAGUE and named not in signs.STRICT:
        return named
    return next((kind for kind, sign in signs.PROSE if sign.search(head)), "text")


def _is_markup(head: bytes) -> bool:
    """Whether what begins with a tag is Markdown or wiki text nevertheless."""
    return bool(signs.MARKDOWN.search(head) or signs.WIKI.search(head))


def _xml(head: bytes, named: str) -> str:
    root = signs.ROOT.match(head)
    if not (root and (signs.XML.match(head) or root[1] in signs.ROOTS or named in ("xml", "docbook", "jats", "html"))):
        return ""
    kind = signs.ROOTS.get(root[1], "")
    if root[1] in (b"article", b"book"):
        jats = signs.JATS.search(head) and not signs.DOCBOOK.search(head[:4096])
        if jats or named == "jats":
            return "jats"
        return "docbook" if signs.DOCBOOK.search(head[:4096]) or named == "docbook" else ""
    return kind or ("xml" if signs.XML.match(head) or named == "xml" else "")


def _json(head: bytes, named: str) -> str:
    listed = signs.JSON_LIST.match(head) and (named == "json" or not signs.MARKDOWN.search(head))
    if not (listed or signs.JSON.match(head)):
        return ""
    if signs.JSON_LINES.match(head):
        return "jsonl"
    if signs.NOTEBOOK.search(head) and (named == "ipynb" or b"cell_type" in head):
        return "ipynb"
    return "csl" if signs.CSL.match(head) else "jsonl" if named == "jsonl" else "json"


def _zipped(file: BinaryIO, name: str) -> str:
    try:
        with open_zip(file) as package:
            names = {info.filename for info in package.infolist()}
            kind = package.open("mimetype").read(200) if "mimetype" in names else b""
    except (*DAMAGE, RuntimeError) as error:  # the last: zipfile's word for a password that is missing
        raise DocumentError(f"{name} is a damaged ZIP file ({error}).", "Get it again, or repair it.") from None
    finally:
        file.seek(0)
    if kind.startswith(b"application/epub+zip") or "META-INF/container.xml" in names:
        return "epub"
    if b"opendocument." in kind:
        return next((found for what, found in signs.ODF.items() if b"opendocument." + what in kind), "odt")
    if "[Content_Types].xml" in names:
        for folder, found in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(member.startswith(folder) for member in names):
                return found
    return "wacz" if "datapackage.json" in names and any(member.startswith("archive/") for member in names) else "zip"


def _ole(file: BinaryIO, name: str) -> str:
    """An old Office file, by the streams in it."""
    found = ole.kind(file)
    if found in FORMATS:
        return found
    what = f"{name} is {found or 'an OLE file of a kind that I do not know'}, which I cannot read."
    raise DocumentError(what, _DECRYPT if found == ole.ENCRYPTED else _CONVERT)


def _mail(head: bytes, suffix: str) -> str:
    if signs.MBOX.match(head):
        return "mbox"
    length = signs.MAIL_LENGTH.match(head)
    head = head[length.end() :] if length else head
    if not signs.MAIL.match(head):
        return ""
    fields = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0] + b"\n"
    sure = signs.MAIL_FIELD.search(fields) or signs.MAIL_FROM.match(fields)
    return "eml" if sure or BY_SUFFIX.get(suffix) in ("eml", "mbox") else ""


def _refuse(head: bytes, name: str) -> None:
    unread = next((what for magic, what in signs.UNREAD if head.startswith(magic)), "")
    if unread:
        raise DocumentError(f"{name} is {unread}, which I cannot read.", _CONVERT)
    media = next((what for magic, what in signs.MEDIA if head.startswith(magic)), "")
    if media and _CONTROLS.search(head[:64]) is None:
        media = ""  # a text that begins like one
    if head.startswith(b"RIFF"):
        media = signs.RIFF.get(head[8:12], "")
    elif head[4:8] == b"ftyp":
        media = signs.ISO_MEDIA.get(head[8:12], "a film")
    if media:
        raise NothingToReadError(f"{name} is {media}: there is no text in it to read.", "Name the documents that cite.")


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return b""
