"""PDFs made by hand, object by object: as small as they can be, and broken where a test wants them so.

    pdf(Page(line(72, 700, "See https://example.org/a")), Page(annots=[link((72, 690, 90, 702), "https://example.org/")]))

Objects 1 to 3 are the catalogue, the page tree and the font F1 (Helvetica); those of `objects` begin at 10, the pages
at 1000.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Rect = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Page:
    content: str = ""
    annots: Iterable[str] = ()
    entries: str = ""


def pdf(
    *pages: Page, catalog: str = "", info: str = "", objects: Iterable[str | bytes] = (), trailer: str = ""
) -> bytes:
    bodies: dict[int, bytes] = {}
    kids = [1000 + 2 * index for index in range(len(pages))]
    bodies[1] = f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode("latin-1")
    bodies[2] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode()
    bodies[3] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    bodies[4] = f"<<{info}>>".encode("latin-1")
    for number, one in enumerate(objects, 10):
        bodies[number] = one if isinstance(one, bytes) else one.encode("latin-1")
    for kid, page in zip(kids, pages, strict=True):
        entries = page.entries
        if "/MediaBox" not in entries:
            entries += "/MediaBox[0 0 595 842]"
        if "/Resources" not in entries:
            entries += "/Resources<</Font<</F1 3 0 R>>>>"
        annots = " ".join(page.annots)
        bodies[kid] = f"<</Type/Page/Parent 2 0 R/Contents {kid + 1} 0 R/Annots[{annots}]{entries}>>".encode("latin-1")
        bodies[kid + 1] = stream(page.content)
    return _file(bodies, trailer)


def _file(bodies: dict[int, bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    rows = []
    for number, body in bodies.items():
        rows.append(f"{number} 1\n{len(out):010} 00000 n \n")
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + "".join(rows).encode()
    size = max(bodies) + 1
    out += f"trailer\n<</Size {size}/Root 1 0 R/Info 4 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode("latin-1")
    return bytes(out)


def stream(content: str | bytes, entries: str = "") -> bytes:
    data = content.encode("cp1252") if isinstance(content, str) else content
    return f"<</Length {len(data)}{entries}>>stream\n".encode() + data + b"\nendstream"


def string(text: str) -> str:
    """A literal string; what is not Latin-1 becomes UTF-16 with its mark."""
    raw = text if text.isascii() else ("\ufeff" + text).encode("utf-16-be").decode("latin-1")
    return "(" + raw.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").replace("\r", r"\r") + ")"


def line(x: float, y: float, text: str, *, size: float = 10, turned: bool = False, font: str = "F1") -> str:
    """One line of text; `turned`: it runs upwards."""
    matrix = f"0 1 -1 0 {x} {y}" if turned else f"1 0 0 1 {x} {y}"
    literal = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {matrix} Tm ({literal}) Tj ET\n"


def lines(x: float, y: float, *texts: str, size: float = 10, leading: float = 12) -> str:
    return "".join(line(x, y - leading * index, text, size=size) for index, text in enumerate(texts))


def link(rect: Rect, uri: str, *, quads: Iterable[Rect] = ()) -> str:
    """A link annotation, its action a URI written as a PDF string."""
    points = "".join(f"{a} {d} {c} {d} {a} {b} {c} {b} " for a, b, c, d in quads)
    shape = f"/QuadPoints[{points}]" if points else ""
    return annot("Link", rect, f"/A<</S/URI/URI{string(uri)}>>{shape}")


def annot(subtype: str, rect: Rect, entries: str = "") -> str:
    return f"<</Type/Annot/Subtype/{subtype}/Rect[{' '.join(map(str, rect))}]{entries}>>"
