"""Small real files made in code: PNG, JPEG, PDF and stand-ins, the same bytes on each start."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator


def noise(seed: str, size: int) -> bytes:
    """Bytes that look random and are always the same."""
    return hashlib.shake_128(seed.encode()).digest(size)


def png(seed: str, width: int = 96, height: int = 64) -> bytes:
    """A picture of coloured stripes with a little grain."""
    tint, grain = noise(seed, 3), noise(seed + " grain", width)
    row = bytes((tint[channel] + 16 * (x // 12) + grain[x] % 5) % 256 for x in range(width) for channel in range(3))
    rows = b"".join(b"\x00" + row[(y % 8) * 3 :] + row[: (y % 8) * 3] for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows, 6)),
            (b"IEND", b""),
        )
    )


# The direct-current table of JPEG's Annex K, and an alternating-current table that knows only "end of block".
_DC_LENGTHS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
_DC_CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110")


def jpeg(seed: str, width: int = 160, height: int = 96, *, weight: int = 4000) -> bytes:
    """A grey baseline JPEG, one flat tone for each block of 8 by 8; `weight` bytes of comment give it size."""
    tones = noise(seed, (width // 8) * (height // 8))
    frame = struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)
    segments = (
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xFE, noise(seed + " comment", weight)),
        (0xDB, b"\0" + bytes([16] * 64)),
        (0xC0, frame),
        (0xC4, b"\x00" + bytes(_DC_LENGTHS) + bytes(range(12))),
        (0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\x00"),
        (0xDA, bytes([1, 1, 0, 0, 63, 0])),
    )
    head = b"".join(struct.pack(">BBH", 0xFF, mark, len(data) + 2) + data for mark, data in segments)
    bits = "".join(_blocks(tones))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def _blocks(tones: bytes) -> Iterator[str]:
    last = 0
    for tone in tones:
        level = tone // 2 - 64
        step, last = level - last, level
        width = abs(step).bit_length()
        value = step if step >= 0 else step + (1 << width) - 1
        yield _DC_CODES[width] + (f"{value:0{width}b}" if width else "") + "0"


def pdf(title: str, lines: tuple[str, ...], *, pages: int = 3, side: int = 200) -> bytes:
    """Pages of Latin text, each with a grey picture of side × side bytes; the title may be in any script."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{' '.join(f'{6 + 3 * n} 0 R' for n in range(pages))}] >>".encode(),
        b"<< /Title <feff%s> /Producer (universe) >>" % title.encode("utf-16-be").hex().encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 4 0 R >> >>",
    ]
    for number in range(pages):
        objects += _page(number, 6 + 3 * number, lines, side)
    parts, offsets, size = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"], [], 0
    for number, content in enumerate(objects, 1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    size = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\n" % (len(objects) + 1))
    return b"".join([*parts, b"startxref\n%d\n%%%%EOF\n" % size])


def _page(number: int, first: int, lines: tuple[str, ...], side: int) -> list[bytes]:
    text = " T* ".join(f"({line}) Tj" for line in (f"Page {number + 1}", *lines))
    content = f"BT /F1 12 Tf 14 TL 60 780 Td {text} ET q 300 0 0 300 60 320 cm /Im Do Q".encode()
    grey = noise(f"pdf {number}", side * side)
    image = f"/Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray /BitsPerComponent 8"
    resources = f"<< /Font << /F1 4 0 R >> /XObject << /Im {first + 2} 0 R >> >>"
    page = f"/MediaBox [0 0 595 842] /Contents {first + 1} 0 R /Resources {resources}"
    return [
        f"<< /Type /Page /Parent 2 0 R {page} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject %s /Length %d >>\nstream\n%s\nendstream" % (image.encode(), len(grey), grey),
    ]


def font(seed: str) -> bytes:
    """Carries the magic number of WOFF2 and nothing a browser could draw."""
    return b"wOF2\x00\x01\x00\x00" + noise(seed, 3000)
