"""PDF: the links of every page, the URLs in its text, its comments, form fields, attachments and bookmarks.

On pdfium, which repairs much of what is broken. Its own rules: one thread; what belongs to a page is closed before the
page, and the page before the document; an absent action is never asked about. Nothing is drawn and no script is run.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

import pypdfium2.raw as pdfium

from preserve.documents.mention import Block, Mention, Nest, words
from preserve.documents.readers.pdflines import PageText
from preserve.documents.readers.pdfnotes import MAX_ANNOTATIONS, Annotations, decoded, relative, string_of, target_of
from preserve.documents.readers.pdfpage import mentions
from preserve.documents.text import running
from preserve.errors import DocumentError
from preserve.model import Place

MAX_PAGES = 200_000  # a page tree can count more than it has: none is found behind the last
MAX_BOOKMARKS = 50_000  # a large book has thousands
MAX_ATTACHMENTS = 10_000
MAX_ATTACHMENT = 256 * 1024**2  # bytes
MAX_OBJECTS = 1_000  # of a page, looked at to see whether it is a picture
MAX_RANGES = 20  # of page numbers in one warning
HARDLY = 200  # characters: a stamp or a number on a scanned page
COVERED = 0.7  # of a page, by its picture
ILLEGIBLE = 0.2  # of a page's characters

_WARNINGS = {  # what a page is
    "picture": "a picture without text; nothing on it was read",
    "illegible": "text in fonts that do not say which letters they draw; it was not read",
    "crowded": f"crowded: only the first {MAX_ANNOTATIONS:,} of its annotations were read",
    "damaged": "damaged; it was not read",
}
_UNREAD = ("crowded", "damaged")
_PROPERTIES = ("Title", "Author", "Subject", "Keywords")  # the others name the programs that made it
_UNSHOWN = re.compile("[\x01-\x08\ufffd\uffff\ue000-\uf8ff]")
_BASE = re.compile(rb"/Base\s*\(((?:\\.|[^\\()]){1,2000})\)")
_PIECE = 1 << 20


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """Page by page. DocumentError when it is encrypted or beyond repair."""
    with ExitStack() as stack:
        document = _open(file, stack)
        base = _base(file)
        yield from _properties(document)
        yield from _bookmarks(document, base)
        yield from _pages(document, base, nest)
        yield from _scripts(document)
        yield from _attachments(document, nest)


def _open(file: BinaryIO, stack: ExitStack) -> Any:
    access = pdfium.FPDF_FILEACCESS()
    access.m_FileLen = file.seek(0, 2)

    def give(_: Any, position: int, buffer: Any, size: int) -> int:
        try:
            file.seek(position)
            piece = file.read(size)
        except OSError:  # an exception would end in C; to pdfium the file is damaged there
            return 0
        ctypes.memmove(buffer, piece, len(piece))
        return int(len(piece) == size)

    kept = access.m_GetBlock = type(access.m_GetBlock)(give)
    document = pdfium.FPDF_LoadCustomDocument(access, None)
    if document:
        stack.callback(lambda: (pdfium.FPDF_CloseDocument(document), kept, access))  # which live as long
        return document
    error = pdfium.FPDF_GetLastError()
    if error == pdfium.FPDF_ERR_PASSWORD:
        raise DocumentError("The PDF is encrypted; it needs a password.", "Decrypt it and give me that.")
    if error == pdfium.FPDF_ERR_SECURITY:
        raise DocumentError("The PDF is encrypted in a way that I cannot read.", "Decrypt it and give me that.")
    raise DocumentError("The PDF is damaged beyond repair.", "Get it again, or repair it.")


def _base(file: BinaryIO) -> str:
    """What relative URIs stand under. pdfium puts it before them and does not tell."""
    file.seek(0)
    before, found = b"", b""
    while piece := file.read(_PIECE):
        for match in _BASE.finditer(before + piece):
            found = match[1]
        before = piece[-4096:]
    return decoded(re.sub(rb"\\(.)", rb"\1", found))


# Pages


def _pages(document: Any, base: str, nest: Nest) -> Iterator[Block]:
    odd: defaultdict[str, list[int]] = defaultdict(list)
    count = pdfium.FPDF_GetPageCount(document)
    for number in range(1, min(count, MAX_PAGES) + 1):
        with ExitStack() as stack:
            page = pdfium.FPDF_LoadPage(document, number - 1)
            if not page:
                odd["damaged"].append(number)
                yield Block(place=Place(page=number))
                continue
            stack.callback(pdfium.FPDF_ClosePage, page)
            yield from _page(document, page, Place(page=number), base, nest, odd)
    for what, pages in odd.items():
        yield _warning(what, pages)
    if count > MAX_PAGES:
        yield Block(warning=f"only the first {MAX_PAGES:,} of {count:,} pages were read", unread=True)


def _page(document: Any, page: Any, place: Place, base: str, nest: Nest, odd: dict[str, list[int]]) -> Iterator[Block]:
    assert place.page is not None
    with ExitStack() as stack:
        handle = pdfium.FPDFText_LoadPage(page)
        if not handle:
            odd["damaged"].append(place.page)
            return
        stack.callback(pdfium.FPDFText_ClosePage, handle)
        text = PageText(handle)
        notes = Annotations(document, page, base)
        if notes.crowded:
            odd["crowded"].append(place.page)
        yield Block(text.text, tuple(mentions(text, notes.links)), place)
    if len(text.raw) < HARDLY and _pictured(page, bool(text.raw.strip())):
        odd["picture"].append(place.page)
    elif len(_UNSHOWN.findall(text.text.decode())) > max(5, ILLEGIBLE * len(text.raw)):
        odd["illegible"].append(place.page)
    for role, contents in (("annotation", notes.comments), ("text", notes.values)):
        if contents:
            data = "\n\n".join(contents).encode("utf-8", "replace")
            yield Block(data, running(data, role=role), place)
    for name, attached in notes.attached:
        yield from _attached(attached, name, place, nest)


def _pictured(page: Any, written: bool) -> bool:
    """Whether the page shows something else than text: anything, or a picture all over it where it has a few words."""
    for index in range(min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        one = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(one)
        if kind not in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        if not written:
            return True
        edges = [ctypes.c_float() for _ in range(4)]
        pdfium.FPDFPageObj_GetBounds(one, *edges)
        left, bottom, right, top = (edge.value for edge in edges)
        area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page)
        if (right - left) * (top - bottom) > COVERED * area:
            return True
    return not written and pdfium.FPDFPage_CountObjects(page) > HARDLY  # letters drawn as curves


def _warning(what: str, pages: list[int]) -> Block:
    unread = what in _UNREAD
    if len(pages) == 1:
        return Block(place=Place(page=pages[0]), warning=f"is {_WARNINGS[what]}", unread=unread)
    return Block(warning=f"{_ranges(pages)}: each is {_WARNINGS[what]}", unread=unread)


def _ranges(pages: list[int]) -> str:
    """`pages 3-17, 20`"""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    named = [f"{first}-{last}" if last > first else str(first) for first, last in runs[:MAX_RANGES]]
    more = sum(last - first + 1 for first, last in runs[MAX_RANGES:])
    return f"pages {', '.join(named)}" + (f" and {more:,} more" if more else "")


# The document


def _properties(document: Any) -> Iterator[Block]:
    values = {name: string_of(pdfium.FPDF_GetMetaText, document, name.encode()) for name in _PROPERTIES}
    text = "\n".join(f"{name}: {value}" for name, value in values.items() if value).encode("utf-8", "replace")
    if text:
        yield Block(text, running(text, role="header"), Place(part="properties"))


def _bookmarks(document: Any, base: str) -> Iterator[Block]:
    """Those that lead to a URL."""
    waiting = [pdfium.FPDFBookmark_GetFirstChild(document, None)]
    seen: set[int | None] = {None}  # they may go round in circles
    while waiting and len(seen) <= MAX_BOOKMARKS:
        one = waiting.pop()
        address = ctypes.cast(one, ctypes.c_void_p).value
        if address in seen:
            continue
        seen.add(address)
        waiting += [pdfium.FPDFBookmark_GetNextSibling(document, one), pdfium.FPDFBookmark_GetFirstChild(document, one)]
        action = pdfium.FPDFBookmark_GetAction(one)
        target = target_of(document, action) if action else ""
        if target:
            under, target = relative(base, target)
            title = words(string_of(pdfium.FPDFBookmark_GetTitle, one))
            text = title.encode("utf-8", "replace")
            mention = Mention(0, "link", target, target, title, title, base=under, end=len(text))
            yield Block(text, (mention,), Place(part="bookmarks"))


def _scripts(document: Any) -> Iterator[Block]:
    for index in range(min(pdfium.FPDFDoc_GetJavaScriptActionCount(document), MAX_ATTACHMENTS)):
        script = pdfium.FPDFDoc_GetJavaScriptAction(document, index)
        if not script:
            continue
        code = string_of(pdfium.FPDFJavaScriptAction_GetScript, script)
        pdfium.FPDFDoc_CloseJavaScriptAction(script)
        text = code.encode("utf-8", "replace")
        yield Block(text, running(text, role="code", bare=False), Place(part="scripts"))


def _attachments(document: Any, nest: Nest) -> Iterator[Block]:
    count = pdfium.FPDFDoc_GetAttachmentCount(document)
    for index in range(min(count, MAX_ATTACHMENTS)):
        attachment = pdfium.FPDFDoc_GetAttachment(document, index)
        if attachment:
            yield from _attached(attachment, f"attachment {index + 1}", Place(), nest)
    if count > MAX_ATTACHMENTS:
        yield Block(warning=f"only the first {MAX_ATTACHMENTS:,} of {count:,} attachments were read", unread=True)


def _attached(attachment: Any, name: str, place: Place, nest: Nest) -> Iterator[Block]:
    name = words(string_of(pdfium.FPDFAttachment_GetName, attachment)) or name
    place = replace(place, part=name or "attachment")
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attachment, None, 0, size):
        yield Block(place=place, warning="is damaged; it was not read", unread=True)
        return
    if size.value > MAX_ATTACHMENT:
        yield Block(place=place, warning=f"is larger than {MAX_ATTACHMENT >> 20} MiB; it was not read", unread=True)
        return
    nest.spend(size.value)
    buffer = ctypes.create_string_buffer(size.value)
    pdfium.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
    yield from nest.read(buffer.raw, name, place)
