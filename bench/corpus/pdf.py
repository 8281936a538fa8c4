"""PDF: printed by Chromium, set by reportlab, written by hand."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from bench.corpus.converted import turned
from bench.corpus.matter import ENGLISH, RUSSIAN, TOOLS, TOPICS, Topic
from bench.corpus.pdfwriter import pdf
from bench.corpus.shelf import Expected, Shelf

_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.put(f"pdf/chromium-{topic.name}.pdf", *_printed(topic))
    for topic in (ENGLISH, RUSSIAN, TOOLS):
        shelf.put(f"pdf/reportlab-{topic.name}.pdf", *_platypus(topic))
    shelf.put("pdf/reportlab-broken.pdf", *_broken())
    shelf.put("pdf/reportlab-columns.pdf", *_columns())
    shelf.put("pdf/reportlab-encrypted.pdf", *_encrypted())
    shelf.put("pdf/hand-annotations.pdf", *_annotations())
    shelf.put("pdf/hand-plain.pdf", *_plain())


def _printed(topic: Topic) -> tuple[bytes, list[Expected]]:
    """Three sentences a page."""
    lines, expected = [], []
    for number, item in enumerate(topic.items):
        url, page = escape(item.url), number // 3 + 1
        here = f'<a href="{url}">{item.anchor}</a>' if item.anchor else url
        style = ' style="break-before: page"' if number and number % 3 == 0 else ""
        lines.append(f"<p{style}>{escape(item.before)}{here}{escape(item.after)}</p>")
        anchor = None if turned(item.anchor) else item.anchor or None
        hard = not item.anchor and turned(item.before) and (turned(item.url) or item.url.endswith("/"))
        expected.append(Expected(item.url, anchor, "link" if item.anchor else "text", page=page, optional=hard))
        if hard:  # the slash is printed on the other side of the full stop
            expected.append(Expected(item.url.rstrip("/"), page=page, optional=True))
    rtl = ' dir="rtl"' if topic.name in ("arabic", "persian") else ""
    page = f'<html{rtl}><meta charset="utf-8"><title>{topic.title}</title><body style="font: 14px DejaVu Sans, sans-serif">{"".join(lines)}</body></html>'
    return _chromium(page), expected


def _chromium(page: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / "page.html", Path(name) / "page.pdf"
        source.write_text(page, "utf-8")
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={name}/profile", "--no-pdf-header-footer",
             f"--print-to-pdf={out}", str(source)], check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return re.sub(rb"\(D:\d{14}", b"(D:20200101000000", out.read_bytes())


def _platypus(topic: Topic) -> tuple[bytes, list[Expected]]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    _font()
    style = ParagraphStyle("body", fontName="DejaVu", fontSize=11, leading=15, spaceAfter=9)
    out, story, expected = io.BytesIO(), [], []
    for number, item in enumerate(topic.items):
        url = escape(item.url)
        here = f'<a href="{url}" color="blue">{item.anchor}</a>' if item.anchor else url
        story.append(Paragraph(f"{escape(item.before)}{here}{escape(item.after)}", style))
        if number % 4 == 3:
            story.append(PageBreak())
        expected.append(
            Expected(item.url, item.anchor or None, "link" if item.anchor else "text", page=number // 4 + 1)
        )
    SimpleDocTemplate(out, invariant=1, title=topic.title).build(story)
    return out.getvalue(), expected


def _font() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("DejaVu", _FONT))


def _canvas(**options: Any) -> tuple[Any, io.BytesIO]:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    return Canvas(out, pagesize=(595, 842), invariant=1, **options), out


def _lines(canvas: Any, x: float, lines: list[str]) -> None:
    text = canvas.beginText(x, 780)
    text.setFont("Helvetica", 11)
    text.setLeading(15)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)


def _broken() -> tuple[bytes, list[Expected]]:
    """URLs broken over lines at the places where typesetters break them, and lines that only look like it."""
    canvas, out = _canvas()
    _lines(canvas, 72, [
        "The list moved twice. First it stood at https://example.org/reports/2015/october/",
        "second/the-list.html and was read there until the spring of the next year.",
        "Then it was at https://example.org/search?place=homs&kind=strike&",
        "from=2015-09-30 for a while, which nobody noticed until much later in the year.",
        "A hyphen stays: https://example.org/2015/a-name-that-was-broken-",
        "at-a-hyphen.html is one page. The capture of it is longer than a line can be:",
        "https://web.archive.org/web/20151002000000/http://example.org/",
        "reports/2015/kept.html (seen in March).",
        "",
        "This one ends a sentence: https://example.org/ended.",
        "Next sentence begins here, and (https://example.org/parens) is in parentheses,",
        "version 1.2.3 of node.js, desk@example.org, map.tif.",
    ])  # fmt: skip
    canvas.showPage()
    _lines(canvas, 72, ["See https://example.org/whole", "Another line", "", "www.example.org/no-scheme is one too."])
    canvas.save()
    urls = (
        "https://example.org/reports/2015/october/second/the-list.html",
        "https://example.org/search?place=homs&kind=strike&from=2015-09-30",
        "https://example.org/2015/a-name-that-was-broken-at-a-hyphen.html",
        "https://web.archive.org/web/20151002000000/http://example.org/reports/2015/kept.html",
        "https://example.org/ended",
        "https://example.org/parens",
    )
    second = [
        Expected("https://example.org/whole", page=2),
        Expected("http://www.example.org/no-scheme", written="www.example.org/no-scheme", page=2),
    ]
    return out.getvalue(), [*(Expected(url, page=1) for url in urls), *second]


def _columns() -> tuple[bytes, list[Expected]]:
    canvas, out = _canvas()
    left = [
        "The left column tells",
        "of https://example.org/left/a-",
        "long-name.html and goes on",
        "to its end.",
        "https://example.org/left-end",
    ]
    right = [
        "The right one begins with",
        "https://example.org/right and",
        "has its own lines beside",
        "those of the left,",
        "see https://example.org/right-end.",
    ]
    _lines(canvas, 60, left)
    _lines(canvas, 320, right)
    canvas.save()
    urls = ("left/a-long-name.html", "left-end", "right", "right-end")
    return out.getvalue(), [Expected(f"https://example.org/{path}", page=1) for path in urls]


def _encrypted() -> tuple[bytes, list[Expected]]:
    from reportlab.lib.pdfencrypt import StandardEncryption

    canvas, out = _canvas(encrypt=StandardEncryption("", "owner", canPrint=1, strength=128))
    _lines(canvas, 72, ["Opens without a password: https://example.org/encrypted"])
    canvas.linkURL("https://example.org/encrypted-link?a=1&b=2", (72, 700, 200, 712))
    canvas.save()
    return out.getvalue(), [
        Expected("https://example.org/encrypted", page=1),
        Expected("https://example.org/encrypted-link?a=1&b=2", page=1),
    ]


def _annotations() -> tuple[bytes, list[Expected]]:
    """What readers see beside the text, on the second page; the first is empty."""
    stream = (
        b"BT /F1 11 Tf 72 700 Td (The ministry published a film of it.) Tj 0 -100 Td (https://example.org/shown) Tj ET"
    )
    annotations = (
        "<</Type/Annot/Subtype/Link/Rect[135 695 185 712]/A<</S/URI/URI(https://example.org/film?a=1&b=2)>>>>"
        "<</Type/Annot/Subtype/Link/Rect[70 595 220 612]/A<</S/URI/URI(https://example.org/shown)>>>>"
        "<</Type/Annot/Subtype/Link/Rect[400 400 450 420]/A<</S/URI/URI(https://example.org/over-nothing)>>>>"
        "<</Type/Annot/Subtype/Link/Rect[0 0 10 10]/Dest[3 0 R/Fit]>>"
        "<</Type/Annot/Subtype/Link/Rect[0 0 10 10]>>"
        "<</Type/Annot/Subtype/Link/Rect[0 0 10 10]/A<</S/Launch/F(notes.txt)>>>>"
        "<</Type/Annot/Subtype/Text/Rect[300 700 320 720]/Contents(Compare https://example.org/note, please.)>>"
        "<</Type/Annot/Subtype/Highlight/Rect[72 695 100 712]/QuadPoints[72 712 100 712 72 695 100 695]/Contents(See https://t.me/example/1)>>"
        "<</Type/Annot/Subtype/FreeText/Rect[72 500 300 520]/DA(/F1 11 Tf)/Contents(In the margin https://example.org/free)>>"
    )
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>{}>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>",
        page.format("").encode(),
        page.format(f"/Contents 6 0 R/Annots[{annotations}]").encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    expected = [
        Expected("https://example.org/film?a=1&b=2", "published", "link", page=2),
        Expected("https://example.org/shown", "https://example.org/shown", "link", page=2),
        Expected("https://example.org/over-nothing", role="link", page=2),
        Expected("https://example.org/note", role="annotation", page=2),
        Expected("https://t.me/example/1", role="annotation", page=2),
        Expected("https://example.org/free", role="annotation", page=2),
    ]
    return pdf(objects), expected


def _plain() -> tuple[bytes, list[Expected]]:
    text = b"BT /F1 11 Tf 72 700 Td (On the source: https://example.org/plain \\(seen\\).) Tj ET"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
    ]  # fmt: skip
    return pdf(objects), [replace(Expected("https://example.org/plain"), page=1)]
