"""What rich text, EPUBs and old Office files cite."""

from __future__ import annotations

import http.server
import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from preserve.documents import read_document
from preserve.documents.readers import legacy, ole
from preserve.errors import DocumentError


def found(data: bytes, name: str = "x.bin") -> list[tuple[str, str, str, str]]:
    return [
        (c.place.text(), c.role, (c.url or c.written).removeprefix("https://example.org/"), c.anchor)
        for c in read_document(name, data=data).citations
    ]


# Rich text


def rtf(text: str | bytes, head: str = r"\ansi\ansicpg1252") -> bytes:
    return b"{\\rtf1" + head.encode() + b" " + (text if isinstance(text, bytes) else text.encode("latin-1")) + b"}"


def link(url: str, text: str) -> str:
    return rf'{{\field{{\*\fldinst HYPERLINK "https://example.org/{url}"}}{{\fldrslt {text}}}}}'


CYRILLIC = r"\'ef\'f0\'e8\'e2\'e5\'f2"  # привет
RICH = {
    "a link": (rf"Read {link('r?a=1&b=2', 'the report')}.\par", [("¶1", "link", "r?a=1&b=2", "the report")]),
    "as Word writes it": (
        r"{\field\fldedit{\*\fldinst {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1  HYPERLINK "
        r'"https://example.org/w" \\l "part" \\o "Tip" \\t "_blank" }{\rtlch\fcs1 {\*\datafield 00d0c9ea79f9bace118c}}}'
        "{\\fldrslt {\\rtlch\\fcs1 \\af0 \\ltrch\\fcs0 \\ul\\cf2\\insrsid1 the \r\nreport}}}\\sectd \\par",
        [("¶1", "link", "w#part", "the report")],
    ),
    "as LibreOffice writes it": (
        '{{\\field{\\*\\fldinst HYPERLINK "https://example.org/l" }{\\fldrslt {\\loch\\cf18\\loch\nbold }{\\b\\loch\nlink}{}}}}'
        "\\loch\n after\\par",
        [("¶1", "link", "l", "bold link")],
    ),
    "as pandoc writes it": (
        '{\\pard \\ql \\f0 See {\\field{\\*\\fldinst{HYPERLINK "https://example.org/p"}}{\\fldrslt{\\ul\nit {\\i all}\n}}}\n.\\par}',
        [("¶1", "link", "p", "it all")],
    ),
    "as TextEdit writes it": (
        "\\f0\\fs24 \\cf0 One\\\nTwo {\\field{\\*\\fldinst{HYPERLINK \"https://example.org/t\"}}{\\fldrslt it}}\\\n",
        [("¶2", "link", "t", "it")],
    ),
    "the address without quotes": (
        r"{\field{\*\fldinst HYPERLINK https://example.org/q}{\fldrslt it}}",
        [("¶1", "link", "q", "it")],
    ),
    "a field without result": (r'{\field{\*\fldinst HYPERLINK "https://example.org/f"}}', [("¶1", "link", "f", "")]),
    "a place in the document": (
        r'{\field{\*\fldinst HYPERLINK \\l "Chapter"}{\fldrslt it}}',
        [("¶1", "link", "#Chapter", "it")],
    ),
    "a field in the result of another": (
        rf"{{\field{{\*\fldinst TOC \\o}}{{\fldrslt {link('a', 'A')}\par {link('b', 'B')}}}}}\par",
        [("¶1", "link", "a", "A"), ("¶2", "link", "b", "B")],
    ),
    "a field in the instruction of another": (
        r'{\field{\*\fldinst HYPERLINK "{\field{\*\fldinst REF x}{\fldrslt https://example.org/i}}"}{\fldrslt it}}',
        [("¶1", "link", "i", "it")],
    ),
    "pictures": (
        r'x {\field{\*\fldinst INCLUDEPICTURE "https://example.org/p.png" \\d}{\fldrslt {\pict\pngblip 89504e47}}} '
        r"{\shp{\*\shpinst\shpleft0{\sp{\sn pibName}{\sv https://example.org/s.png}}{\sp{\sn pihlShape}{\sv {\*\hl"
        r"{\hlfr no}{\hlsrc https://example.org/h}}}}}{\shprslt https://example.org/no}}",
        [("¶1", "image", "p.png", ""), ("¶1", "image", "s.png", ""), ("¶1", "link", "h", "")],
    ),
    "running text, broken by lines and groups": (
        "See https://exam\r\nple.org/{\\b split/}\\lang1033 path. It\\line https://example.org/2\\tab x",
        [("¶1", "text", "split/path", ""), ("¶1", "text", "2", "")],
    ),
    "signs": (
        r"\ldblquote https://example.org/1\rdblquote\emdash x (https://example.org/a\_b\-c)\~x \{https://example.org/2\}",
        [("¶1", "text", "1", ""), ("¶1", "text", "a-bc", ""), ("¶1", "text", "2", "")],
    ),
    "notes": (
        rf"One\par Two{{\super\chftn}}{{\*\footnote \chftn\pard See {link('n', 'it')}.\par And https://example.org/m}} on"
        rf"{{\footnote\ftnalt {link('e', 'end')}}}\par {link('3', 'C')}",
        [
            ("(footnotes) ¶2", "footnote", "n", "it"), ("(footnotes) ¶2", "footnote", "m", ""),
            ("(endnotes) ¶2", "footnote", "e", "end"), ("¶3", "link", "3", "C"),
        ],
    ),
    "comments": (
        rf"x {{\*\atnid AB}}{{\*\atnauthor No}}{{\*\annotation{{\*\atndate 1}}\pard See {link('c', 'it')}}}y",
        [("(comments) ¶1", "annotation", "c", "it")],
    ),
    "headers and footers": (
        rf"{{\header \pard {link('h', 'H')}\par}}{{\footerf https://example.org/f}}\headery708 x\par",
        [("(header)", "header", "h", "H"), ("(footer)", "header", "f", "")],
    ),
    "text boxes": (
        rf"x{{\shp{{\*\shpinst{{\sp{{\sn a}}{{\sv 1}}}}{{\shptxt \pard {link('b', 'B')}\par}}}}}}\par",
        [("¶1", "link", "b", "B")],
    ),
    "cells and rows": (
        rf"\trowd\pard\intbl a\cell {link('c', 'C')}\cell\row \pard {link('d', 'D')}\par",
        [("¶2", "link", "c", "C"), ("¶3", "link", "d", "D")],
    ),
    "properties": (
        r"{\info{\title T}{\doccomm From https://example.org/p}{\creatim\yr2020}{\*\hlinkbase https://example.org/base/}}"
        r"{\*\userprops{\propname https://example.org/no}\proptype30{\staticval https://example.org/u}}"
        r'{\field{\*\fldinst HYPERLINK "rel.html"}{\fldrslt it}}',
        [("(info)", "header", "p", ""), ("(info)", "header", "u", ""), ("¶1", "link", "base/rel.html", "it")],
    ),
    "what is beside the text": (
        r"{\info{\author example.org}{\operator https://example.org/no}}{\stylesheet{\s0 https://example.org/no;}}"
        r"{\*\generator https://example.org/no;}{\pict\bin28 https://example.org/nothing!}{\*\unknown{\b https://example.org/no}}"
        r"{\listtext 1.\tab}https://example.org/yes",
        [("¶1", "text", "yes", "")],
    ),
    "what a tracked change took out": (
        r"See {\deleted https://example.org/old}{\revised https://example.org/new}\par",
        [("¶1", "text", "new", ""), ("¶1", "annotation", "old", "")],
    ),
    "hidden text": (r"{\v https://example.org/v}", [("¶1", "text", "v", "")]),
    "unbalanced braces": (r"}} https://example.org/1 {{{\b x", [("¶1", "text", "1", "")]),
    "bin beyond the end": (r"https://example.org/1 \bin9999999999 https://example.org/2", [("¶1", "text", "1", "")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), RICH.values(), ids=RICH)
def test_rich_text(text, expected):
    assert found(rtf(text)) == expected


FONTS = (
    r"{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fswiss\fcharset204 Arial Cyr;}{\f2\fcharset178 Arial (Arabic);}"
    r"{\f3\fcharset128 MS Mincho;}{\f4\fnil\cpg866 Old;}{\f5\fcharset161 Greek}}"
)
SCRIPTS = {
    "the code page of the file": (r"\ansi\ansicpg1251", CYRILLIC, "привет"),
    "bytes as they are": (r"\ansi\ansicpg1251", "привет".encode("cp1251"), "привет"),
    "a Macintosh file": (r"\mac", r"caf\'8e", "café"),
    "a font's": (r"\ansi\ansicpg1252\deff0" + FONTS, rf"caf\'e9 {{\f1 {CYRILLIC}}} caf\'e9", "café привет café"),
    "the default font's": (r"\ansi\ansicpg1252\deff1" + FONTS, CYRILLIC, "привет"),
    "plain goes back to it": (r"\ansi\deff1" + FONTS, rf"\f5 \'e1\plain {CYRILLIC}", "αпривет"),
    "Arabic": (r"\ansi\deff0" + FONTS, r"\f2 \'e3\'d1\'cd\'c8\'c7", "مرحبا"),
    "two bytes": (r"\ansi\deff3" + FONTS, r"\'93\'fa\'96{", "日本"),
    "DOS": (r"\ansi\deff4" + FONTS, r"\'af\'e0", "пр"),
    "UTF-8, against the rules": (r"\ansi\ansicpg65001", "привет".encode(), "привет"),
    "numbers": (r"\ansi", r"\uc1 \u1087?\u1088\'3f\u1080?\uc0 \u1074\u1077\u1090", "привет"),
    "numbers with two bytes to skip": (r"\ansi", r"{\uc2\u1087\'3f\'3f\u1088??}\u1080?", "при"),
    "negative numbers": (r"\ansi", r"\u-10179?\u-8704?\u-3?", "😀\ufffd"),
    "a group ends what is skipped": (r"\ansi", r"{\u1087}a", "пa"),
}  # fmt: skip


@pytest.mark.parametrize(("head", "text", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_scripts(head, text, expected):
    text = text if isinstance(text, bytes) else text.replace("\\'96{", "\\'96\\{").encode("latin-1")
    field = b'{\\field{\\*\\fldinst HYPERLINK "https://example.org/a"}{\\fldrslt ' + text + b"}}"
    assert found(rtf(field, head)) == [("¶1", "link", "a", expected)]


def test_an_address_in_another_script():
    url = r"https://\u1087\'3f\u1088\'3f.\u1088\'3f\u1092\'3f/\u1103\'3f?x=%D0%B0"
    data = rtf(rf'{{\field{{\*\fldinst HYPERLINK "{url}"}}{{\fldrslt it}}}}')
    (citation,) = read_document("x", data=data).citations
    assert (citation.url, citation.anchor) == ("https://пр.рф/я?x=%D0%B0", "it")


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (rtf(b"{" * 150_000 + b"https://example.org/x" + b"}" * 150_000), 1),
        (rtf(b"{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt " * 10_000), 10_000),
        (rtf(b"{\\footnote x" * 20_000), 0),
        (rtf(b"\\b0\\i x" * 200_000), 0),
        (rtf(b"\\" * 1_000_000), 0),
        (rtf(b"{\\*" * 200_000), 0),
        (rtf(b"{\\pict " * 200_000), 0),
        (rtf(b"{\\pict " + b"00ff" * 5_000_000 + b"} https://example.org/x"), 1),
        (rtf(b"x" * 20_000_000 + b" https://example.org/x"), 1),
        (rtf(b"\\bin" + b"9" * 1_000_000), 0),
        (rtf(b"\\u" + b"9" * 1_000_000), 0),
        (rtf(b"\\par " * 300_000), 0),
        (rtf(bytes(5_000_000)), 0),
        (rtf(os.urandom(200_000).replace(b".", b"")), 0),
        (b"{\\rtf1", 0),
        (b"{\\rtf1\\", 0),
        (b"{\\rtf1{\\fonttbl{\\f0\\fcharset9999999;}{\\f\\cpg1;}}\\ansicpg7\\f9", 0),
    ],
    ids=map(str, range(17)),  # a document is no name
)
def test_no_rich_text_is_dear(data, count):
    began = time.monotonic()
    assert len(read_document("x.rtf", data=data, base_url="https://example.org/").citations) == count
    assert time.monotonic() - began < 15


# EPUB

CHAPTERS = {
    "OEBPS/text/one.xhtml": '<p>See <a href="https://example.org/1">one</a>, <a href="two.xhtml#n">two</a>, <a href="#x">x</a>'
    '<img src="../images/own.png"/><img src="https://example.org/p.png" alt="P"/></p>\n<p>https://example.org/t</p>',
    "OEBPS/text/two part.xhtml": '<p><a href="https://example.org/2">two</a></p>',
    "OEBPS/aside.xhtml": '<p><a href="//example.org/3">three</a></p>',
    "OEBPS/nav.xhtml": '<nav><a href="text/one.xhtml">https://example.org/no</a></nav>',
}
XHTML = (
    '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>\n<body>{}</body></html>'
)
CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
OPF = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>A book</dc:title><dc:identifier>urn:uuid:1</dc:identifier><dc:source>https://example.org/source</dc:source>
<link rel="record" href="https://example.org/record"/><link rel="record" href="own.xml"/></metadata><manifest>
<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
<item id="aside" href="aside.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two%20part.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="gone" href="text/gone.xhtml" media-type="application/xhtml+xml"/>
</manifest><spine><itemref idref="one"/><itemref idref="two" linear="no"/><itemref idref="no"/></spine></package>"""
BOOK = [
    ("(OEBPS/text/one.xhtml) :3", "link", "1", "one"),
    ("(OEBPS/text/one.xhtml) :3", "image", "p.png", "P"),
    ("(OEBPS/text/one.xhtml) :4", "text", "t", ""),
    ("(OEBPS/text/two part.xhtml) :3", "link", "2", "two"),
    ("(OEBPS/aside.xhtml) :3", "link", "3", "three"),
    ("(OEBPS/content.opf)", "header", "source", ""),
    ("(OEBPS/content.opf)", "header", "record", ""),
]


def epub(**changes: str | bytes | None) -> bytes:
    """`META_INF__container_xml=None` leaves a member out."""
    members: dict[str, str | bytes | None] = {"META-INF/container.xml": CONTAINER, "OEBPS/content.opf": OPF}
    members |= {name: XHTML.format(text) for name, text in CHAPTERS.items()}
    members |= changes
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/epub+zip")
        for name, member in members.items():
            if member is not None:
                packed.writestr(name, member)
    return file.getvalue()


def test_a_book_in_its_reading_order():
    assert found(epub()) == BOOK


def test_several_renditions_are_read_once():
    more = CONTAINER.replace(
        "</rootfiles>", '<rootfile full-path="OEBPS/content.opf"/><rootfile full-path="no"/></rootfiles>'
    )
    assert found(epub(**{"META-INF/container.xml": more})) == BOOK


def test_a_book_that_does_not_say_what_it_has():
    every = epub(**{"META-INF/container.xml": None, "OEBPS/content.opf": None})
    assert {url for _, _, url, _ in found(every)} >= {"1", "2", "3", "t"}
    assert found(epub(**{"META-INF/container.xml": None})) == BOOK


def test_xml_of_a_chapter():
    chapter = (
        '<?xml version="1.0" encoding="windows-1251"?><html xml:base="https://example.org/base/"><body><p><![CDATA[at '
        'https://example.org/c]]> <a href="rel.html">привет</a> <a id="x"/></p></body></html>'
    ).encode("cp1251")
    citations = [c for c in found(epub(**{"OEBPS/text/one.xhtml": chapter})) if "one" in c[0]]
    assert sorted(citations) == [
        ("(OEBPS/text/one.xhtml) :1", "link", "base/rel.html", "привет"),
        ("(OEBPS/text/one.xhtml) :1", "text", "c", ""),
    ]


def encryption(algorithm: str, *names: str) -> str:
    return "<encryption>" + "".join(
        f'<EncryptedData><EncryptionMethod Algorithm="{algorithm}"/><CipherData><CipherReference URI="{name}"/></CipherData>'
        "</EncryptedData>"
        for name in names
    )


def test_rights_management_is_named():
    aes, chapters = "http://www.w3.org/2001/04/xmlenc#aes128-cbc", tuple(n.replace(" ", "%20") for n in CHAPTERS)
    document = read_document("x", data=epub(**{"META-INF/encryption.xml": encryption(aes, chapters[1])}))
    assert document.unread and "https://example.org/2" not in {c.url for c in document.citations}
    assert document.warnings[0] == "x: (OEBPS/text/two part.xhtml): is encrypted (DRM) and was not read"
    with pytest.raises(DocumentError, match="DRM"):
        read_document("x", data=epub(**{"META-INF/encryption.xml": encryption(aes, *chapters)}))


def test_obfuscated_fonts_hide_nothing():
    fonts = encryption("http://www.idpf.org/2008/embedding", "OEBPS/font.otf", "OEBPS/text/one.xhtml")
    assert found(epub(**{"META-INF/encryption.xml": fonts})) == BOOK


def test_a_chapter_that_cannot_be_read_is_named():
    document = read_document("x", data=epub(**{"OEBPS/text/one.xhtml": b"\0\0\1\2" * 9}))
    assert document.unread and "one.xhtml" in document.warnings[0] and len(document.citations) == len(BOOK) - 3


# Old Office files


def old(*names: str, within: str = "") -> bytes:
    """An OLE file with these streams at its root, and one more in a storage."""
    free, last = 0xFFFFFFFF, 0xFFFFFFFE
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    entries = [
        ("Root Entry", free, 1),
        *((name, free if n == len(names) else n + 1, free) for n, name in enumerate(names, 1)),
    ]
    if within:
        entries[1] = (entries[1][0], entries[1][1], len(entries))
        entries.append((within, free, free))
    sectors = -(-len(entries) // 4)
    struct.pack_into("<HHHHH", header, 0x18, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III", header, 0x2C, 1, 1, 0)
    struct.pack_into("<109I", header, 0x4C, 0, *[free] * 108)
    struct.pack_into("<II", header, 0x44, last, 0)
    chain = [0xFFFFFFFD, *range(2, sectors + 1), last]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, 2, 1, free, right, child)
        + bytes(48)
        for name, right, child in entries
    )
    return bytes(header) + table + directory.ljust(512 * sectors, b"\0")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (old("WordDocument", "1Table"), "doc"),
        (old("\x05SummaryInformation", "a", "b", "c", "d", "Workbook"), "xls"),
        (old("Book"), "xls"),
        (old("PowerPoint Document"), "ppt"),
        (old("Workbook", within="WordDocument"), "xls"),
        (old("EncryptedPackage", "EncryptionInfo"), ole.ENCRYPTED),
        (old("__properties_version1.0"), "an Outlook message (.msg)"),
        (old("Something"), ""),
        (old("WordDocument")[:700], ""),
        (old("WordDocument")[:20], ""),
        (old("WordDocument")[:512] + struct.pack("<128I", *[1] * 128) + bytes(512), ""),  # a chain without end
    ],
)
def test_what_an_ole_file_is(data, kind):
    file = io.BytesIO(data)
    file.seek(3)
    assert ole.kind(file) == kind and file.tell() == 0


def test_a_large_ole_file_has_its_table_elsewhere():
    data = bytearray(old("WordDocument"))
    struct.pack_into("<109I", data, 0x4C, *[0xFFFFFFFF] * 109)
    first = (
        109 * 128
    )  # the sector of the directory: its entry in the table is the first that the header has no room for
    struct.pack_into("<I", data, 0x30, first)
    struct.pack_into("<II", data, 0x44, 2, 1)
    table = struct.pack("<128I", 0xFFFFFFFE, *[0xFFFFFFFF] * 127)
    data[512:1024] = table
    data += struct.pack("<128I", 0, *[0xFFFFFFFF] * 126, 0xFFFFFFFE)  # sector 2: the chain of tables
    data = data.ljust(512 * (first + 1), b"\0") + old("WordDocument")[1024:]
    assert ole.kind(io.BytesIO(data)) == "doc"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (old("EncryptedPackage"), "encrypted"),
        (old("__properties_version1.0"), "Outlook message"),
        (old("Something"), "a kind that I do not know"),
    ],
)
def test_what_is_no_old_office_file_is_named(data, said):
    with pytest.raises(DocumentError, match=said) as caught:
        read_document("x.doc", data=data)
    assert "x.doc" in caught.value.message and caught.value.hint


def test_without_libreoffice(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DocumentError, match="without LibreOffice") as caught:
        read_document("x.doc", data=old("WordDocument"))
    assert "x.doc" in caught.value.message and "soffice --headless" in caught.value.hint


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A program of that name. It tells what it was given, then runs `script`."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("SECRET", "secret")

    def install(script: str) -> Path:
        program = tmp_path / "soffice"
        told = tmp_path / "told"
        program.write_text(
            f'#!/bin/sh\n{{ env; ls -ld "$HOME"; echo "$@"; cat "$HOME"/profile/user/*; }} >{told}\n{script}\n'
        )
        program.chmod(0o700)
        return told

    yield install
    assert not list((tmp_path / "temporary").iterdir())


def docx(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr(
            "_rels/.rels",
            '<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        packed.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>',
        )
    return file.getvalue()  # fmt: skip


def test_the_converted_document_is_read(office, tmp_path):
    (tmp_path / "result").write_bytes(docx("https://example.org/a"))
    told = office(f'cp {tmp_path}/result "$HOME/document.docx"')
    data = old("WordDocument") + '\x13HYPERLINK "https://пример.рф/я?a=1"\x01 http://example.org/no'.encode("utf-16-le")
    document = read_document("x.txt", data=data)
    assert document.format == "doc" and not document.warnings
    assert [(c.place.paragraph, c.role, c.url) for c in document.citations] == [
        (1, "text", "https://example.org/a"),
        (None, "link", "https://пример.рф/я?a=1"),
    ]
    said = told.read_text()
    assert "drwx------" in said and "secret" not in said and "--convert-to docx" in said
    assert "DisableMacrosExecution" in said and "ooInetHTTPSProxyPort" in said


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$", "sleep 60", "(sleep 60 &) ; exit 0"])
def test_a_conversion_that_fails_leaves_nothing(office, monkeypatch, script):
    monkeypatch.setattr(legacy, "LIMIT", 0.5)
    office(script)
    began = time.monotonic()
    with pytest.raises(DocumentError, match="LibreOffice") as caught:
        read_document("x.doc", data=old("WordDocument"))
    assert "x.doc" in caught.value.message and time.monotonic() - began < 20


def test_nothing_is_left_when_the_reader_is_killed(office, tmp_path):
    told = office(f"echo $$ >{tmp_path}/pid; sleep 60")
    (tmp_path / "x.doc").write_bytes(old("WordDocument"))
    code = f"from preserve.documents import read_document; read_document({str(tmp_path / 'x.doc')!r})"
    with subprocess.Popen([sys.executable, "-c", code]) as reader:
        wait(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        assert told.exists()
        reader.send_signal(signal.SIGKILL)
    pid = int((tmp_path / "pid").read_text())
    wait(lambda: not list((tmp_path / "temporary").iterdir()) and not running(pid))


def wait(until) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().split()[2] == "Z")


# With LibreOffice itself

SOFFICE = shutil.which("soffice")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
LINKING = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>x</text:p>
 <text:p>See <text:a xlink:href="https://example.org/a">the report</text:a> <draw:frame text:anchor-type="as-char"
 svg:width="2cm" svg:height="2cm"><draw:image xlink:href="{}" xlink:type="simple"/></draw:frame></text:p></office:text>
 </office:body></office:document>"""


@pytest.fixture
def server():
    """Where it listens, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(PIXEL)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(PIXEL)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *args) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}", asked
        one.shutdown()


def convert(folder: Path, source: str, wanted: str) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        SOFFICE or "",
        profile,
        "--headless",
        "--convert-to",
        wanted,
        "--outdir",
        str(folder),
        str(folder / source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not here")
def test_what_an_old_document_links_is_not_asked_for(tmp_path, server):
    where, asked = server
    (tmp_path / "x.fodt").write_text(LINKING.format(f"{where}/p.png"))
    convert(tmp_path, "x.fodt", "doc:MS Word 97")
    assert asked  # with a profile of its own it asks
    asked.clear()
    document = read_document(tmp_path / "x.doc")
    assert document.format == "doc"
    assert [(c.place.paragraph, c.role, c.url, c.anchor) for c in document.citations] == [
        (2, "link", "https://example.org/a", "the report"),
        (2, "image", f"{where}/p.png", ""),
    ]
    assert asked == []
