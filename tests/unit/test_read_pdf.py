"""PDF: links with the text under them, URLs over broken lines, comments and attachments, and what is broken."""

from __future__ import annotations

import contextlib
import hashlib
import io
import time

import pytest

from preserve.documents import read_document
from preserve.documents.mention import Block
from preserve.documents.readers import pdf as reader
from preserve.documents.readers import pdfnotes
from preserve.errors import DocumentError
from tests.support.pdf import Page, annot, line, lines, link, pdf, stream, string

A = "https://example.org/a"
ROW = 6.0  # what a Courier letter of size 10 is wide
COURIER = ["<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"]
FIXED = "/Resources<</Font<</F1 10 0 R/F2 3 0 R>>>>"


def read(*pages: Page, **parts):
    return read_document("x.bin", data=pdf(*pages, **parts))


def short(document) -> list[tuple]:
    return [(c.place.page, c.role, c.url or c.written, c.anchor) for c in document.citations]


def fixed(*texts: str, x: float = 72, annots=()):
    """One page in letters of equal width, so that a line is as wide as it has letters."""
    return read(Page(lines(x, 700, *texts), annots, FIXED), objects=COURIER)


def under(x: float, y: float, first: int, count: int) -> tuple[float, float, float, float]:
    """The rectangle of some letters of a line of `fixed`."""
    return (x + ROW * first, y - 2, x + ROW * (first + count), y + 8)


# Links

LINKS = [
    ([link(under(72, 700, 4, 10), A)], [("the report", A)]),
    ([link(under(72, 700, 3, 11), A)], [("the report", A)]),  # with the spaces around
    ([link(under(72, 700, 8, 6), "https://example.org/\xe9")], [("report", "https://example.org/é")]),
    ([link(under(72, 700, 8, 6), "https://example.org/нет")], [("report", "https://example.org/нет")]),
    ([link(under(72, 700, 8, 6), "www.example.org")], [("report", "http://www.example.org")]),
    ([link(under(72, 700, 8, 6), "b.html")], [("report", "b.html")]),
    ([link(under(72, 700, 8, 6), "mailto:a@example.org")], [("report", "mailto:a@example.org")]),
    ([link(under(72, 700, 8, 6), "https://example.org/a\nb\0c")], [("report", "https://example.org/ab%00c")]),
    ([link(under(72, 688, 0, 4), A), link(under(72, 688, 5, 5), A + "2")], [("that", A), ("lists", A + "2")]),
    # One link over two lines: as two annotations, and as one with two quadrilaterals.
    ([link(under(72, 700, 15, 13), A), link(under(72, 688, 0, 10), A)], [("which a page that lists", A)]),
    ([link((72, 686, 400, 708), A, quads=[under(72, 700, 15, 13), under(72, 688, 0, 10)])], [("which a page that lists", A)]),
    # One over a part in another font, the same twice, and what nobody can click.
    ([link(under(72, 700, 4, 3), A), link(under(72, 700, 8, 6), A)], [("the report", A)]),
    ([link(under(72, 700, 4, 10), A), link(under(72, 700, 8, 6), A)], [("the report", A)]),
    ([link(under(72, 700, 8, 6), A), link(under(72, 700, 8, 6), A)], [("report", A)]),
    ([link(under(72, 700, 8, 6), A), link((300, 690, 300, 700), A)], [("report", A)]),
    ([link((400, 300, 500, 400), A)], [("", A)]),  # over a picture
    ([annot("Link", (400, 300, 500, 400), f"/Contents(a map)/A<</S/URI/URI({A})>>")], [("a map", A)]),
    # What is no link, or leads elsewhere.
    ([annot("Link", under(72, 700, 8, 6))], []),
    ([annot("Link", under(72, 700, 8, 6), "/A<<>>")], []),
    ([annot("Link", under(72, 700, 8, 6), "/A<</S/URI>>")], []),
    ([annot("Link", under(72, 700, 8, 6), "/Dest[1000 0 R/Fit]")], []),
    ([annot("Link", under(72, 700, 8, 6), "/A<</S/GoToR/F(b.pdf)/D[0/Fit]>>")], []),
    ([annot("Link", under(72, 700, 8, 6), "/A<</S/Launch/F(program.exe)>>")], []),
    ([annot("Link", under(72, 700, 8, 6), f"/A<</S/Launch/F({A})>>")], [("report", A)]),
]  # fmt: skip


@pytest.mark.parametrize(("annots", "expected"), LINKS)
def test_a_link_is_named_by_the_text_under_it(annots, expected):
    document = fixed("See the report, which a page", "that lists them has.", annots=annots)
    assert [(c.anchor, c.url or c.written) for c in document.citations] == expected
    assert all((c.role, c.confidence, c.place.page) == ("link", "certain", 1) for c in document.citations)


def test_the_sentence_of_a_link_goes_over_lines():
    document = fixed("One. See the report, which a", "page has. Two.", annots=[link(under(72, 700, 13, 6), A)])
    assert document.citations[0].context == "See the report, which a page has."


def test_the_same_word_linked_on_each_of_two_lines_is_two_citations():
    annots = [link(under(72, 700, 0, 6), A), link(under(72, 688, 0, 6), A)]
    assert [c.anchor for c in fixed("source", "source", annots=annots).citations] == ["source", "source"]


def test_links_stand_in_the_order_of_the_text():
    annots = [link(under(72, 688, 0, 3), A + "2"), link((400, 400, 500, 500), A + "3"), link(under(72, 700, 0, 3), A)]
    assert [c.url for c in fixed("one", "two", annots=annots).citations] == [A, A + "2", A + "3"]


def test_a_link_wins_over_the_url_under_it_and_only_there():
    text = f"{A} and {A}"
    target = "https://example.org/other"
    document = fixed(text, annots=[link(under(72, 700, 0, len(A)), target)])
    assert short(document) == [(1, "link", target, A), (1, "text", A, "")]
    everything = fixed(text, *["a line of words under one link"] * 12, annots=[link((0, 0, 595, 842), target)])
    assert [c.role for c in everything.citations] == ["link", "text", "text"]


def test_a_link_that_a_program_made_of_the_first_line_of_a_url_is_not_all():
    whole = "https://example.org/reports/long-title"
    document = fixed("https://example.org/reports/", "long-title", annots=[link(under(72, 700, 0, 28), whole[:28])])
    assert [(c.role, c.url, c.confidence) for c in document.citations] == [
        ("link", whole[:28], "certain"),
        ("text", whole, "guess"),
    ]


def test_text_that_runs_up_the_page_has_links_too():
    content = line(100, 100, "See the report here", turned=True) + line(200, 500, "Level")
    annots = [link((100 - 8, 100 + 8 * ROW, 102, 100 + 14 * ROW), A)]
    document = read(Page(content, annots, FIXED), objects=COURIER)
    assert [c.anchor for c in document.citations] == ["report"]


def test_the_base_of_the_catalogue():
    rects = [under(72, 700, 0, 3), under(72, 700, 4, 3)]
    annots = [link(rects[0], "b.html"), link(rects[1], A)]
    document = read(
        Page(line(72, 700, "one two"), annots, FIXED),
        objects=COURIER,
        catalog="/URI<</Base(https://example.org/x/i.html)>>",
    )
    assert [(c.written, c.url, c.changes) for c in document.citations] == [
        ("b.html", "https://example.org/x/b.html", ("resolved",)),
        (A, A, ()),
    ]


# URLs over broken lines. A line of 40 letters is full.

FILL = "x" * 40
LONG = "https://example.org/reports/"
JOINED = [
    # Where the line was full, and where typesetters break.
    ([FILL, "see https://example.org/reports-of/2015/", "long-title/ of it", FILL], "https://example.org/reports-of/2015/long-title/", "https://example.org/reports-of/2015/"),
    ([FILL, "see https://example.org/of-it/reports?", "id=5&x=y. Then", FILL], "https://example.org/of-it/reports?id=5&x=y", "https://example.org/of-it/reports"),
    ([FILL, "see https://example.org/reports/20?id=1&", "x=y, then", FILL], "https://example.org/reports/20?id=1&x=y", "https://example.org/reports/20?id=1&"),
    ([FILL, "see it at https://example.org/long-title-", "of-report.html then", FILL], "https://example.org/long-title-of-report.html", "https://example.org/long-title-"),
    ([FILL, "see https://example.org/reports/2015.10.", "05/index.html", FILL], "https://example.org/reports/2015.10.05/index.html", "https://example.org/reports/2015.10"),
    ([FILL, "see it at https://example.org/reports_of", "/long-title and more of it", FILL], "https://example.org/reports_of/long-title", "https://example.org/reports_of"),
    ([FILL, "see what they wrote about it at https://", "example.org/reports/long then", FILL], "https://example.org/reports/long", ""),
    # Room for less than the next piece.
    ([FILL, "see https://example.org/reports/", "long-and-broad-title of it", FILL], None, ""),
    ([FILL, "see https://example.org/reports/", "longtitle of it", FILL], "https://example.org/reports/longtitle", "https://example.org/reports/"),
    ([FILL, "see https://example.org/reports/", "of it", FILL], None, ""),
    # Anywhere, where the URL has the line to itself or what follows looks like a path.
    ([FILL, "https://example.org/long-title-of-report", "sofall and more", FILL], "https://example.org/long-title-of-reportsofall", "https://example.org/long-title-of-report"),
    ([FILL, "see https://example.org/long-title-of-re", "port/b.html and more", FILL], "https://example.org/long-title-of-report/b.html", "https://example.org/long-title-of-re"),
    ([FILL, "see https://example.org/long-title-of-re", "and more of it", FILL], None, ""),
    ([FILL, "see https://example.org/long-title-of", "port/b.html", FILL], None, ""),
    # Over three lines.
    ([FILL, "see https://example.org/of-2015/reports/", "long-title-of-the-report-of-many-things/", "b.html", FILL], "https://example.org/of-2015/reports/long-title-of-the-report-of-many-things/b.html", "https://example.org/of-2015/reports/"),
    # What cannot go on.
    ([FILL, "see https://example.org/reports/2015-16.", "Then more of it", FILL], None, ""),
    ([FILL, "see https://example.org/reports/2015-16,", "b/c.html", FILL], None, ""),
    ([FILL, "see https://example.org/reports/of-2015/", "- another", FILL], None, ""),
    ([FILL, "see https://example.org/reports/of-2015/", "[2] b/c.html", FILL], None, ""),
    (["1. https://example.org/reports/of-2015-16/", "2. b/c.html"], None, ""),
    ([FILL, "see https://example.org/of-2015/reports/", "", "", "long-title", FILL, FILL, FILL], None, ""),
    # What is never the end of a URL.
    ([FILL, "https://example.org/reports?id=", "5 and more", FILL], "https://example.org/reports?id=5", "https://example.org/reports?id="),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "url", "unjoined"), JOINED)
def test_a_url_goes_on_in_the_next_line_where_the_line_was_full(texts, url, unjoined):
    document = fixed(*texts)
    first = document.citations[0]
    if url is None:
        assert first.confidence == "likely" and "joined-lines" not in first.changes
        assert first.url.startswith("https://example.org/") and "\n" not in first.written
        return
    assert (first.url, first.confidence, first.changes) == (url, "guess", ("joined-lines",))
    assert first.written.replace("\n", "") == url and "\n" in first.written
    assert [d.url for d in first.derived if d.relation == "unjoined"] == ([unjoined] if unjoined else [])
    assert len([c for c in document.citations if c.role == "text"]) == 1


def test_every_url_of_a_list_is_whole():
    urls = [f"https://example.org/{'x' * n}/" for n in (3, 30, 5, 20, 30)]
    assert [c.url for c in fixed(*urls).citations] == urls


def test_a_url_goes_on_in_its_own_column():
    left = ["x" * 30, "a https://example.org/reports/", "long/title of it", "x" * 30]
    right = ["y" * 30, "b https://example.org/archive/", "of/them and more", "y" * 30]
    assert [
        c.url for c in read(Page(lines(50, 700, *left) + lines(300, 700, *right), (), FIXED), objects=COURIER).citations
    ] == [
        "https://example.org/reports/long/title",
        "https://example.org/archive/of/them",
    ]


def test_another_colour_or_font_ends_a_url():
    first, second = line(72, 700, "https://example.org/reports/of-2015/"), line(72, 688, "long-title")
    whole = "https://example.org/reports/of-2015/long-title"
    for before, expected in (("", whole), ("1 0 0 rg ", whole[:-10])):
        assert read(Page(first + before + second, (), FIXED), objects=COURIER).citations[0].url == expected
    other = line(72, 688, "long-title", font="F2")
    assert read(Page(first + other, (), FIXED), objects=COURIER).citations[0].url == whole[:-10]


def test_a_url_in_a_colour_of_its_own_goes_on_as_far_as_the_colour():
    content = (
        line(72, 712, FILL)
        + line(72, 700, "see ")
        + "0 0 1 rg "
        + line(72 + 4 * ROW, 700, "https://example.org/long-title-of-re")
    )
    content += line(72, 688, "ports") + "0 g " + line(72 + 6 * ROW, 688, "and more")
    citation = read(Page(content, (), FIXED), objects=COURIER).citations[0]
    assert (citation.url, citation.confidence) == ("https://example.org/long-title-of-reports", "guess")


def test_a_url_that_runs_up_the_page_goes_on_beside():
    content = "".join(line(100 + 12 * n, 100, text, turned=True) for n, text in enumerate([FILL, *JOINED[0][0][1:]]))
    assert read(Page(content, (), FIXED), objects=COURIER).citations[0].url == JOINED[0][1]


def test_at_the_foot_of_a_page_a_url_may_go_on_overleaf():
    one = [Page(lines(72, 100, FILL, f"see {LONG}of-2015/"), (), FIXED), Page(line(72, 700, "long-title"), (), FIXED)]
    citation = read(*one, objects=COURIER).citations[0]
    assert (citation.url, citation.confidence) == (f"{LONG}of-2015/", "guess")
    short_line = [Page(lines(72, 100, FILL, "see https://a.org/"), (), FIXED)]
    assert read(*short_line, objects=COURIER).citations[0].confidence == "likely"
    question = [Page(lines(72, 100, FILL, "see https://a.org/b?"), (), FIXED)]
    assert read(*question, objects=COURIER).citations[0].confidence == "guess"


# The text of a page


def test_lines_are_joined_by_newlines_and_hyphens_kept():
    document = read_document("x.pdf", data=pdf(Page(lines(72, 700, "the docu-", "ment of", "2015"))), show=True)
    assert [s.text for s in document.stretches] == ["the docu-\nment of\n2015"]


def test_a_mark_covers_the_url_as_written():
    document = read_document(
        "x.pdf", data=pdf(Page(lines(72, 700, FILL, *JOINED[0][0][1:]), (), FIXED), objects=COURIER), show=True
    )
    (stretch,) = document.stretches
    start, end, index = stretch.marks[0]
    assert stretch.text[start:end] == document.citations[index].written


def to_unicode(*rows: str) -> list[str | bytes]:
    """F1 with a ToUnicode map of these rows."""
    table = (
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        f"{len(rows)} beginbfchar {' '.join(rows)} endbfchar endcmap end end"
    )
    return ["<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding/ToUnicode 11 0 R>>", stream(table)]


def test_places_are_right_behind_ligatures_and_letters_beyond_the_basic_plane():
    page = Page(line(72, 700, "A B A see the report"), [link(under(72, 700, 14, 6), A)], FIXED)
    document = read_document(
        "x.pdf", data=pdf(page, objects=to_unicode("<41> <D83DDE00>", "<42> <006600660069>")), show=True
    )
    assert document.stretches[0].text == "😀 ffi 😀 see the report"
    start, end, _ = document.stretches[0].marks[0]
    assert document.stretches[0].text[start:end] == document.citations[0].anchor == "report"


def test_a_page_of_letters_without_meaning_is_told():
    fine, bad = (
        Page(line(72, 700, "Words without a number"), (), FIXED),
        Page(line(72, 700, "AAAA BBBB AABB ABAB"), (), FIXED),
    )
    document = read(fine, bad, objects=to_unicode("<41> <0000>", "<42> <E001>"))
    assert document.notices == ("p.2: is text in fonts that do not say which letters they draw; it was not read",)
    assert not document.unread


def test_a_page_that_is_mostly_empty_is_read_in_lines():
    """pdfium takes it for one of vertical writing, and puts letters that stand alone on lines of their own."""
    word = "https://example.org/ab"
    content = "".join(line(72 + 6 * n, 700, letter) for n, letter in enumerate(word))
    content += "".join(line(72, 680 - 12 * n, "a") + line(520, 680 - 12 * n, "b") for n in range(30))
    assert [c.url for c in read(Page(content, (), FIXED), objects=COURIER).citations] == [word]


ARABIC = to_unicode(*(f"<{65 + n:02X}> <{0x0627 + n:04X}>" for n in range(20)))


def arabic(text: str) -> str:
    return "".join(chr(0x0627 + ord(char) - 65) if char.isupper() else char for char in text)


@pytest.mark.parametrize(
    ("shown", "read_as"),  # what stands on the page from left to right, and what a person reads from right to left
    [
        (["https://example.org/a FED CBA"], "ABC DEF https://example.org/a"),
        (["IHG https://example.org/a FED CBA"], "ABC DEF https://example.org/a GHI"),
        (["https://example.org/a/ FED CBA", "GHI b/c"], None),
    ],
)
def test_arabic_around_a_url(shown, read_as):
    page = Page(lines(72, 700, *shown), (), FIXED)
    document = read_document("x.pdf", data=pdf(page, objects=ARABIC), show=True)
    if read_as is None:
        (citation,) = document.citations
        assert (citation.url, citation.confidence) == ("https://example.org/a/b/c", "guess")
        return
    assert [c.url for c in document.citations] == [A]
    assert document.stretches[0].text == arabic(read_as)


def test_letter_spaced_text_is_read_in_words():
    content = f"3 Tc {line(72, 700, 'see the report at https://example.org/a')} 0 Tc"
    annots = [link((72 + 9 * 8, 698, 72 + 9 * 14 - 3, 708), A + "2")]
    document = read_document("x.pdf", data=pdf(Page(content, annots, FIXED), objects=COURIER), show=True)
    assert document.stretches[0].text == "see the report at https://example.org/a"
    assert [(c.url, c.anchor) for c in document.citations] == [(A + "2", "report"), (A, "")]


def test_a_glyph_without_meaning_is_neither_a_hyphen_nor_the_end_of_a_line():
    page = Page(line(72, 700, "the A report, here"), [link(under(72, 700, 6, 6), A)], FIXED)
    document = read_document("x.pdf", data=pdf(page, objects=to_unicode("<41> <0000>")), show=True)
    assert document.stretches[0].text == "the \ufffd report, here"
    assert document.citations[0].anchor == "report"


# Beside the pages' content


def test_comments_forms_properties_bookmarks_and_scripts():
    annots = [
        annot("Text", (10, 10, 20, 20), f"/Contents({A}1)"),
        annot("FreeText", (10, 10, 20, 20), f"/Contents{string('нет ' + A + '2')}"),
        annot("Highlight", (10, 10, 20, 20), f"/Contents(see {A}3)"),
        annot("Widget", (10, 10, 20, 20), f"/FT/Tx/T(name)/V({A}4)"),
    ]
    document = read_document(
        "x.pdf",
        data=pdf(
            Page(line(72, 700, "words"), annots),
            info=f"/Title(On {A}5)/Producer(https://example.org/program)",
            catalog="/Outlines 10 0 R/Names<</JavaScript<</Names[(a) 12 0 R]>>>>",
            objects=[
                "<</First 11 0 R/Last 11 0 R>>",
                f"<</Title(The source)/Parent 10 0 R/Next 11 0 R/First 11 0 R/A<</S/URI/URI({A}6)>>>>",
                f"<</S/JavaScript/JS(app.launchURL\\('{A}7'\\))>>",
            ],
        ),
        extras=frozenset({"code"}),
    )
    found = [(c.place.page, c.place.part, c.role, c.url, c.anchor) for c in document.citations]
    assert found == [
        (None, "properties", "header", A + "5", ""),
        (None, "bookmarks", "link", A + "6", "The source"),
        (1, None, "annotation", A + "1", ""),
        (1, None, "annotation", A + "2", ""),
        (1, None, "annotation", A + "3", ""),
        (1, None, "text", A + "4", ""),
        (None, "scripts", "code", A + "7", ""),
    ]


def test_attachments_are_documents_of_their_own():
    files = [
        "<</Type/Filespec/F(a.md)/EF<</F 11 0 R>>>>",
        stream(f"[x]({A})", "/Type/EmbeddedFile"),
        "<</Type/Filespec/F(b.pdf)/EF<</F 13 0 R>>>>",
        stream(pdf(Page(line(72, 700, A + "2"))), "/Type/EmbeddedFile"),
    ]
    note = annot("FileAttachment", (10, 10, 20, 20), "/FS 12 0 R")
    document = read(Page("", [note]), objects=files, catalog="/Names<</EmbeddedFiles<</Names[(a.md) 10 0 R]>>>>")
    assert [(c.place.page, c.place.line, c.place.part, c.role, c.url) for c in document.citations] == [
        (1, None, "b.pdf", "text", A + "2"),
        (None, 1, "a.md", "link", A),
    ]


def picture(width: float = 550, height: float = 770) -> str:
    return f"q {width} 0 0 {height} 40 70 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q\n"


def test_pages_that_are_pictures_are_named_together():
    scan, text, stamped = Page(picture()), Page(line(72, 700, "words")), Page(picture() + line(72, 20, "No. 17"))
    with_logo = Page(picture(50, 50) + line(72, 700, "words"))
    assert read(text, scan).notices == ("p.2: is a picture without text; nothing on it was read",)
    document = read(text, *[scan] * 3, with_logo, stamped, Page())
    assert document.notices == ("pages 2-4, 6: each is a picture without text; nothing on it was read",)
    assert not document.unread
    many = read(*[scan, text] * 30)
    assert (
        len(many.notices) == 1 and many.notices[0].startswith("pages 1, 3, 5") and " and 10 more: " in many.notices[0]
    )


# What is broken, locked or hostile


def rc4(key: bytes, data: bytes) -> bytes:
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def locked(password: bytes) -> bytes:
    """A page behind a password: PDF 1.7, 7.6, revision 2 of the standard security handler."""
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner = bytes(32)
    key = hashlib.md5((password + padding)[:32] + owner + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + b"\0").digest()[:5]
    content = rc4(hashlib.md5(key + (1001).to_bytes(3, "little") + b"\0\0").digest()[:10], line(72, 700, A).encode())
    handler = f"<</Filter/Standard/V 1/R 2/P -4/O<{owner.hex()}>/U<{rc4(key, padding).hex()}>>>"
    plain = pdf(Page("x" * len(content)), objects=[handler], trailer="/Encrypt 10 0 R/ID[<00><00>]")
    return plain.replace(b"x" * len(content), content)


def test_an_encrypted_document_is_named_unless_its_password_is_empty():
    assert [c.url for c in read_document("x.pdf", data=locked(b"")).citations] == [A]
    with pytest.raises(DocumentError, match="The PDF is encrypted; it needs a password"):
        read_document("x.pdf", data=locked(b"secret"))


def test_a_document_that_cannot_be_repaired_is_refused():
    for data in (b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 40, b"%PDF-1.4\n1 0 obj\n<</Type/Catalog"):
        with pytest.raises(DocumentError, match="The PDF is damaged beyond repair"):
            read_document("x.pdf", data=data)


def test_a_damaged_document_is_read_as_far_as_it_goes():
    whole = pdf(Page(line(72, 700, A)), Page(line(72, 700, A + "2")))
    assert len(read_document("x", data=whole[: whole.index(b"startxref")]).citations) == 2
    assert len(read_document("x", data=b"junk\n" + whole).citations) == 2
    at = whole.index(b"1002 0 obj")
    document = read_document("x", data=whole[:at] + b"9" + whole[at + 1 :])
    assert [c.url for c in document.citations] == [A]
    assert document.notices == ("p.2: is damaged; it was not read",) and document.unread


@pytest.mark.parametrize(
    "change",
    [
        (b"/Kids[1000 0 R]", b"/Kids[2 0 R 1000 0 R]"),
        (b"/Count 1", b"/Count 1048574"),
        (b"/Count 1", b"/Count -5"),
        (b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 1e30 1e30]"),
        (b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 0 0]"),
        (b"trailer\n<<", b"trailer\n<</Prev 9 "),
        (b"/Parent 2 0 R", b"/Parent 1000 0 R"),
        (b"/Annots[", b"/Annots[null 5 1000 0 R 99 0 R 2 0 R(x)"),
        (b"/Rect[72", b"/Rect[nan"),
    ],
)
def test_loops_and_lies_end(change):
    before, after = change
    data = pdf(Page(line(72, 700, A), [link((72, 690, 100, 710), A)]))
    assert before in data
    started = time.monotonic()
    with contextlib.suppress(DocumentError):
        read_document("x.pdf", data=data.replace(before, after))
    assert time.monotonic() - started < 10


def test_a_page_with_too_many_annotations_is_told(monkeypatch):
    monkeypatch.setattr(pdfnotes, "MAX_ANNOTATIONS", 3)
    page = Page(line(72, 700, "words"), [link((72, 690, 100, 710), f"{A}{n}") for n in range(5)])
    document = read(page)
    assert len(document.citations) == 3 and document.unread
    assert document.notices[0].startswith("p.1: is crowded: only the first")


def test_what_is_large_takes_seconds():
    links = [link((72 + n % 9, 100, 300, 700), A) for n in range(200)]
    content = lines(72, 700, *(f"{n} https://example.org/{'-' * 30}/" for n in range(500)), leading=1)
    started = time.monotonic()
    document = read(Page(content, links), Page(line(72, 700, "https://example.org/" + "-/" * 5000)))
    assert len(document.citations) == 502 and time.monotonic() - started < 10


class Unopened:
    """A nest that nothing is handed to."""

    def spend(self, size: int) -> None:
        raise AssertionError

    def read(self, data, name, place):
        raise AssertionError


def test_each_page_is_a_block_and_nothing_is_left_open():
    blocks = reader.read(io.BytesIO(pdf(*[Page(line(72, 700, A))] * 3)), Unopened())
    first = next(blocks)
    assert isinstance(first, Block) and first.place.page == 1 and first.text == A.encode()
    blocks.close()
    assert [block.place.page for block in reader.read(io.BytesIO(pdf(*[Page()] * 3)), Unopened())] == [1, 2, 3]
