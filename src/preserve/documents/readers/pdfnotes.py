"""What stands on the pages of a PDF without being their content: links, comments, values of forms, attached files.

In pdfium an absent action must never be asked about, and what it hands out is closed again.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from preserve.documents.readers.pdflines import Rect
from preserve.documents.url import MAX_URL

MAX_ANNOTATIONS = 20_000  # on one page; a page of an index has hundreds, an attack millions
MAX_STRING = 1 << 20  # bytes of a comment or a form field
_ACTIONS = (pdfium.PDFACTION_URI, pdfium.PDFACTION_LAUNCH, pdfium.PDFACTION_REMOTEGOTO)


@dataclass(slots=True)
class Link:
    target: str
    base: str
    rects: list[Rect]
    label: str

    @property
    def is_empty(self) -> bool:
        """Nobody can click it: some programs leave such behind at the end of a line."""
        return all(right - left < 1 or top - bottom < 1 for left, bottom, right, top in self.rects)


class Annotations:
    """What stands on a page without being its content."""

    def __init__(self, document: Any, page: Any, base: str) -> None:
        self._document, self._page, self._base = document, page, base
        self.links: list[Link] = []
        self.comments: list[str] = []
        self.values: list[str] = []  # of form fields
        self.attached: list[tuple[str, Any]] = []
        count = pdfium.FPDFPage_GetAnnotCount(page)
        self.crowded = count > MAX_ANNOTATIONS
        for index in range(min(count, MAX_ANNOTATIONS)):
            note = pdfium.FPDFPage_GetAnnot(page, index)
            if note:
                self._read(note)
                pdfium.FPDFPage_CloseAnnot(note)

    def _read(self, note: Any) -> None:
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        contents = string_of(pdfium.FPDFAnnot_GetStringValue, note, b"Contents")
        if kind == pdfium.FPDF_ANNOT_LINK:
            self._link(note, contents)
        elif kind == pdfium.FPDF_ANNOT_WIDGET:
            value = string_of(pdfium.FPDFAnnot_GetStringValue, note, b"V")
            self.values += [value] if value else []
        elif contents:
            self.comments.append(contents)
        if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT and (file := pdfium.FPDFAnnot_GetFileAttachment(note)):
            self.attached.append(("", file))

    def _link(self, note: Any, label: str) -> None:
        handle = pdfium.FPDFAnnot_GetLink(note)
        action = pdfium.FPDFLink_GetAction(handle) if handle else None
        target = target_of(self._document, action) if action else ""
        if not target:
            return
        base, target = relative(self._base, target)
        rect = pdfium.FS_RECTF()
        if pdfium.FPDFAnnot_GetRect(note, rect):
            whole = (rect.left, rect.bottom, rect.right, rect.top)
            self.links.append(Link(target, base, _quads(handle, whole), label))


def _quads(handle: Any, whole: Rect) -> list[Rect]:
    """The rectangles of a link: its quadrilaterals, where they are within it."""
    points = pdfium.FS_QUADPOINTSF()
    quads = []
    for index in range(min(pdfium.FPDFLink_CountQuadPoints(handle), 1000)):
        if pdfium.FPDFLink_GetQuadPoints(handle, index, points):
            xs, ys = (points.x1, points.x2, points.x3, points.x4), (points.y1, points.y2, points.y3, points.y4)
            quads.append((min(xs), min(ys), max(xs), max(ys)))
    left, bottom, right, top = (
        min(whole[0], whole[2]),
        min(whole[1], whole[3]),
        max(whole[0], whole[2]),
        max(whole[1], whole[3]),
    )
    inside = [q for q in quads if q[0] >= left - 2 and q[1] >= bottom - 2 and q[2] <= right + 2 and q[3] <= top + 2]
    return inside if len(inside) == len(quads) > 0 else [(left, bottom, right, top)]


def target_of(document: Any, action: Any) -> str:
    """The URL of an action, "" of one that leads elsewhere."""
    kind = pdfium.FPDFAction_GetType(action)
    if kind not in _ACTIONS:
        return ""
    if kind == pdfium.PDFACTION_URI:
        return decoded(bytes_of(pdfium.FPDFAction_GetURIPath, document, action))
    path = bytes_of(pdfium.FPDFAction_GetFilePath, action).decode("utf-8", "replace")
    return path if path.lower().startswith(("http://", "https://")) else ""


def relative(base: str, target: str) -> tuple[str, str]:
    """The document's base and the URL that stands under it; pdfium has put the one before the other."""
    rest = target.removeprefix(base)
    return (base, rest) if base and rest != target and rest[:1] not in ("", "#", "?") else ("", target)


def bytes_of(tell: Any, *about: Any) -> bytes:
    """What a function of pdfium writes into a buffer, having told its size; without the NUL at its end."""
    size = tell(*about, None, 0)
    if not 1 < size <= MAX_STRING:
        return b""
    buffer = ctypes.create_string_buffer(size)
    tell(*about, ctypes.cast(buffer, tell.argtypes[len(about)]), size)
    return buffer.raw[:-1]


def string_of(tell: Any, *about: Any) -> str:
    """The same of those that are UTF-16."""
    return bytes_of(tell, *about)[:-1].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")


def decoded(uri: bytes) -> str:
    """A URI should be ASCII; programs write UTF-16 with its mark, UTF-8, and what PDFs have of their own."""
    if uri[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return uri.decode("utf-16", "replace")
    try:
        return uri.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return uri.decode("cp1252", "replace")[: MAX_URL + 1]
