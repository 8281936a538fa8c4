"""PDF by hand: no more of the format than a page of text and its annotations need."""

from __future__ import annotations


def many_pages(count: int) -> bytes:
    """A PDF written by hand: forty lines of prose a page, one of them with a URL, and one link."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for number in range(count):
        lines = [
            f"({number}.{line} The prose of a report goes on for a line of the usual length.) '" for line in range(40)
        ]
        lines[20] = f"(See https://example.org/text/{number} for it.) '"
        stream = ("BT /F1 11 Tf 72 760 Td 14 TL " + "\n".join(lines) + " ET").encode()
        page = len(objects) + 1
        link = f"<</Type/Annot/Subtype/Link/Rect[72 700 200 712]/A<</S/URI/URI(https://example.org/link/{number})>>>>"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {page + 1} 0 R"
            f"/Annots[{link}]>>".encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        ]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects[1] = f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode()
    return pdf(objects)


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """The first object is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)
