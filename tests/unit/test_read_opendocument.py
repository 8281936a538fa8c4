"""What OpenDocument files cite, with paragraph, cell or slide."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest

from preserve.documents import read_document
from preserve.documents.readers.opendocument import MAX_REPEATED
from preserve.errors import DocumentError

URN = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(
    f'xmlns:{prefix}="{URN}:{name}:1.0"'
    for prefix, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "svg": "svg-compatible",
        "presentation": "presentation", "script": "script", "form": "form", "style": "style", "meta": "meta",
        "manifest": "manifest",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


def body(content: str, kind: str = "text") -> str:
    return f"<office:body><office:{kind}>{content}</office:{kind}></office:body>"


def package(content: str, kind: str = "text", **members: str | bytes) -> bytes:
    """`styles_xml="…"` adds styles.xml; two underscores are a slash."""
    whole = {
        "content.xml": body(content, kind),
        **{n.replace("__", "/").replace("_", "."): m for n, m in members.items()},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind.replace('drawing', 'graphics')}")
        for name, member in whole.items():
            packed.writestr(
                name, member if isinstance(member, bytes) else f"<office:document {SPACES}>{member}</office:document>"
            )
    return file.getvalue()


def flat(content: str, kind: str = "text", rest: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {SPACES} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind.replace("drawing", "graphics")}">{rest}{body(content, kind)}'
        "</office:document>"
    ).encode()


def found(data: bytes, name: str = "x.bin") -> list[tuple[str, str, str, str]]:
    return [
        (c.place.text(), c.role, (c.url or c.written).removeprefix("https://example.org/"), c.anchor)
        for c in read_document(name, data=data).citations
    ]


def a(href: str, text: str) -> str:
    return f'<text:a xlink:type="simple" xlink:href="https://example.org/{href}">{text}</text:a>'


NOTE = (
    '<text:note text:note-class="{}"><text:note-citation>1</text:note-citation><text:note-body>'
    "<text:p>See {}.</text:p></text:note-body></text:note>"
)
TEXTS = {
    "a link": (
        f"<text:p>Read {a('r?a=1&amp;b=2', 'the report')}.</text:p>",
        [("¶1", "link", "r?a=1&b=2", "the report")],
    ),
    "headings and empty paragraphs count": (
        f'<text:h text:outline-level="1">H</text:h><text:p/><text:p>{a("x", "it")}</text:p>',
        [("¶3", "link", "x", "it")],
    ),
    "runs of one link": (
        f"<text:p>{a('b', '<text:span>bold </text:span><text:span>and <text:span>deep</text:span></text:span>')}</text:p>",
        [("¶1", "link", "b", "bold and deep")],
    ),
    "the title names a link without text": (
        '<text:p><text:a xlink:href="https://example.org/t" office:title="The title"/></text:p>',
        [("¶1", "link", "t", "The title")],
    ),
    "a URL in two runs": (
        "<text:p>At https://exam<text:span>ple.org/split/</text:span><text:bookmark/><text:span>path</text:span> it is.</text:p>",
        [("¶1", "text", "split/path", "")],
    ),
    "spaces, tabs and line breaks end a URL": (
        "<text:p>https://example.org/1<text:s text:c='1000000000'/>x https://example.org/2<text:tab/>x "
        "https://example.org/3<text:line-break/>x</text:p>",
        [("¶1", "text", "1", ""), ("¶1", "text", "2", ""), ("¶1", "text", "3", "")],
    ),
    "the number of a note is no part of a URL": (
        f"<text:p>https://example.org/u{NOTE.format('footnote', a('n', 'there'))} says.</text:p><text:p>x</text:p>",
        [("¶1", "text", "u", ""), ("(footnotes) ¶1", "footnote", "n", "there")],
    ),
    "endnotes, in tables too": (
        "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell><table:table-cell>"
        f"<text:p>y{NOTE.format('endnote', 'https://example.org/e')}</text:p></table:table-cell></table:table-row></table:table>",
        [("(endnotes) ¶2", "footnote", "e", "")],
    ),
    "comments": (
        "<text:p>x<office:annotation><dc:creator>https://example.org/no</dc:creator><text:p>Why https://example.org/c?</text:p>"
        f"<text:list><text:list-item><text:p>{a('l', 'so')}</text:p></text:list-item></text:list></office:annotation>y</text:p>",
        [("(comments) ¶1", "annotation", "c", ""), ("(comments) ¶1", "annotation", "l", "so")],
    ),
    "pictures: those of the document itself cite nothing": (
        '<text:p><draw:frame draw:name="Image1"><draw:image xlink:href="https://example.org/p.png"><text:p/></draw:image>'
        "<svg:title>A map</svg:title><svg:desc>of it</svg:desc></draw:frame>"
        '<draw:frame><draw:image xlink:href="Pictures/1.png"/></draw:frame>'
        '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/>'
        '</draw:frame><draw:frame><draw:plugin xlink:href="https://example.org/film.mp4"/></draw:frame></text:p>',
        [("¶1", "image", "p.png", "A map"), ("¶1", "embed", "film.mp4", "")],
    ),
    "a linked picture": (
        '<text:p>x <draw:a xlink:href="https://example.org/l"><draw:frame><draw:image xlink:href="Pictures/1.png"/>'
        "<svg:desc>The bridge</svg:desc></draw:frame></draw:a></text:p>",
        [("¶1", "link", "l", "The bridge")],
    ),
    "a text box": (
        '<text:p>x</text:p><text:p>y <draw:a xlink:href="https://example.org/l"><draw:frame><draw:text-box>'
        "<text:p>In the box https://example.org/b</text:p></draw:text-box></draw:frame></draw:a></text:p>"
        "<text:p>https://example.org/next</text:p>",
        [("¶2", "link", "l", "In the box https://example.org/b"), ("¶2", "text", "b", ""), ("¶3", "text", "next", "")],
    ),
    "bibliographies": (
        '<text:p>So <text:bibliography-mark text:url="https://example.org/m" text:identifier="M">[M]</text:bibliography-mark>'
        f"</text:p><text:bibliography><text:index-body><text:p>M: {a('e', 'M')}, https://example.org/f</text:p>"
        "</text:index-body></text:bibliography>",
        [("¶1", "bibliography", "m", "[M]"), ("¶2", "bibliography", "e", "M"), ("¶2", "bibliography", "f", "")],
    ),
    "a reference manager": (
        '<text:p>x <text:reference-mark-start text:name="ZOTERO_ITEM CSL_CITATION {&quot;citationItems&quot;:[{&quot;itemData'
        '&quot;:{&quot;URL&quot;:&quot;https://example.org/z&quot;}}]} RNDa"/>(Z)</text:p>',
        [("¶1", "bibliography", "z", "")],
    ),
    "a section from elsewhere": (
        '<text:p>x</text:p><text:section><text:section-source xlink:href="https://example.org/s.odt"/><text:p>y</text:p></text:section>',
        [("¶2", "embed", "s.odt", "")],
    ),
    "forms": (
        '<office:forms><form:form xlink:href="https://example.org/to"><form:button form:label="Go" '
        'xlink:href="https://example.org/b"/><form:text form:current-value="https://example.org/v"/></form:form></office:forms>',
        [("(forms)", "link", "to", ""), ("(forms)", "link", "b", "Go"), ("(forms)", "text", "v", "")],
    ),
    "what a tracked change took out": (
        "<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>x</dc:creator>"
        "</office:change-info><text:p>https://example.org/gone</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:p>Now <text:change/>https://example.org/here</text:p>",
        [("(changes)", "annotation", "gone", ""), ("¶1", "text", "here", "")],
    ),
    "scripts and data are no text": (
        '<text:p>x<text:script xlink:href="https://example.org/js">https://example.org/js</text:script></text:p>',
        [],
    ),
    "in the package .. is the folder of the document": (
        '<text:p><text:a xlink:href="../b.html">b</text:a> <text:a xlink:href="#Chapter">c</text:a></text:p>',
        [("¶1", "link", "../b.html", "b"), ("¶1", "link", "#Chapter", "c")],
    ),
}


@pytest.mark.parametrize(("content", "expected"), TEXTS.values(), ids=TEXTS)
def test_a_text(content, expected):
    assert found(package(content)) == expected


def test_a_relative_link_is_resolved_from_the_folder_of_the_document():
    data = package('<text:p><text:a xlink:href="../b.html">b</text:a></text:p>')
    (citation,) = read_document("x.odt", data=data, base_url="https://example.org/docs/x.odt").citations
    assert (citation.url, citation.written, citation.context) == ("https://example.org/docs/b.html", "../b.html", "b")


def test_headers_properties_and_objects():
    data = package(
        "<text:p>https://example.org/1</text:p>",
        styles_xml='<office:styles><draw:fill-image xlink:href="https://example.org/fill.png"/>'
        '<style:background-image xlink:href="Pictures/2.png"/></office:styles><office:master-styles><style:master-page>'
        f"<style:header><text:p>x {a('h', 'H')}</text:p></style:header><style:footer><text:p>https://example.org/f</text:p>"
        "</style:footer></style:master-page></office:master-styles>",
        meta_xml="<office:meta><meta:generator>https://example.org/no</meta:generator><dc:description>of "
        'https://example.org/m</dc:description><meta:user-defined meta:name="Source">https://example.org/d</meta:user-defined>'
        '<meta:template xlink:href="../../t.ott"/></office:meta>',
        Object__content_xml=body(f"<text:p>{a('o', 'in it')}</text:p>"),
    )
    assert found(data) == [
        ("¶1", "text", "1", ""),
        ("", "image", "fill.png", ""),
        ("(header)", "header", "h", "H"),
        ("(footer)", "header", "f", ""),
        ("(meta.xml)", "header", "m", ""),
        ("(meta.xml)", "header", "d", ""),
        ("(Object) ¶1", "link", "o", "in it"),
    ]


def row(cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def cell(content: str = "", times: int = 1, more: str = "") -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}" {more}>{content}</table:table-cell>'


def sheet(*rows: str, name: str = "Sheet A") -> str:
    return f'<table:table table:name="{name}"><table:table-column/>{"".join(rows)}</table:table>'


URL = "<text:p>https://example.org/u</text:p>"
SHEETS = {
    "cells": (
        sheet(row(cell("<text:p>x</text:p>") + cell(f"<text:p>{a('l', 'it')}</text:p>"))),
        [("Sheet A!B1", "link", "l", "it")],
    ),
    "repeated empty cells and rows": (
        sheet(row(cell(times=16384), 3), row(cell(times=26) + cell(URL)), row(cell(), 1_000_000), row(cell(URL))),
        [("Sheet A!AA4", "text", "u", ""), ("Sheet A!A1000005", "text", "u", "")],
    ),
    "covered cells": (
        sheet(row('<table:covered-table-cell table:number-columns-repeated="2"/>' + cell(URL))),
        [("Sheet A!C1", "text", "u", "")],
    ),
    "grouped rows": (
        sheet(row(cell()), f"<table:table-row-group><table:table-header-rows>{row(cell(URL))}</table:table-header-rows></table:table-row-group>"),
        [("Sheet A!A2", "text", "u", "")],
    ),
    "a repeated cell is there as often": (
        sheet(row(cell() + cell(URL, 2) + cell(), 2)),
        [(f"Sheet A!{at}", "text", "u", "") for at in ("B1", "C1", "B2", "C2")],
    ),
    "lines of a cell": (
        sheet(row(cell(f"<text:p>{a('l', 'it')}</text:p><text:p>https://example.org/2</text:p>"))),
        [("Sheet A!A1", "link", "l", "it"), ("Sheet A!A1", "text", "2", "")],
    ),
    "HYPERLINK": (
        sheet(row(cell("<text:p>https://example.org/s</text:p>", more='table:formula="of:=HYPERLINK(&quot;https://example.org/f?a=&quot;&quot;1&quot;&quot;&amp;b&quot;;&quot;s&quot;)"'))),
        [("Sheet A!A1", "link", 'f?a="1"&b', "https://example.org/s")],
    ),
    "an address that is put together is not": (
        sheet(row(cell(URL, more='table:formula="of:=HYPERLINK(&quot;https://example.org/&quot; &amp; [.B1])"'))),
        [("Sheet A!A1", "text", "u", "")],
    ),
    "WEBSERVICE": (
        sheet(row(cell("<text:p>7</text:p>", more='table:formula="of:=WEBSERVICE( &quot;https://example.org/w&quot;)"'))),
        [("Sheet A!A1", "embed", "w", "")],
    ),
    "a value that is only an attribute": (
        sheet(row(cell(more='office:value-type="string" office:string-value="https://example.org/v"'))),
        [("Sheet A!A1", "text", "v", "")],
    ),
    "comments": (
        sheet(row(cell("<office:annotation><text:p>https://example.org/c</text:p></office:annotation><text:p>x</text:p>"))),
        [("(comments) Sheet A!A1", "annotation", "c", "")],
    ),
    "the next sheet": (
        sheet(row(cell(), 7)) + sheet(row(cell(URL)), name="Б"),
        [("Б!A1", "text", "u", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), SHEETS.values(), ids=SHEETS)
def test_a_sheet(content, expected):
    assert found(package(content, "spreadsheet")) == expected
    assert found(flat(content, "spreadsheet")) == expected


def test_a_filled_sheet_is_listed_up_to_a_limit_and_says_so():
    document = read_document("x", data=package(sheet(row(cell(URL, 16_384), 1_048_576)), "spreadsheet"))
    assert len(document.citations) == MAX_REPEATED and not document.unread
    assert document.warnings == ("x: Sheet A!A1: fills 17,179,869,184 cells, of which 1,000 are listed",)


def test_slides_their_notes_and_what_a_click_opens():
    page = (
        "<draw:page><draw:frame><draw:text-box><text:p>Go {}</text:p></draw:text-box></draw:frame>"
        '<draw:custom-shape><office:event-listeners><presentation:event-listener xlink:href="https://example.org/click"/>'
        '<script:event-listener xlink:href="vnd.sun.star.script:x"/></office:event-listeners><text:p>Press</text:p>'
        "</draw:custom-shape><presentation:notes><draw:frame><draw:text-box><text:p>https://example.org/n</text:p>"
        "</draw:text-box></draw:frame></presentation:notes></draw:page>"
    )
    expected = [
        (place, role, url, anchor)
        for slide in (1, 2)
        for place, role, url, anchor in (
            (f"slide {slide}", "link", "s", "there"),
            (f"slide {slide}", "link", "click", "Press"),
            (f"(notes) slide {slide}", "text", "n", ""),
        )
    ]
    content = page.format(a("s", "there")) * 2
    assert found(package(content, "presentation")) == expected
    assert found(flat(content, "presentation"), "x.txt") == expected


def test_pages_of_a_drawing():
    content = f"<draw:page/><draw:page><draw:rect><text:p>{a('d', 'it')}</text:p></draw:rect></draw:page>"
    assert found(flat(content, "drawing")) == found(package(content, "drawing")) == [("p.2", "link", "d", "it")]


def test_a_flat_file_holds_headers_and_pictures_too():
    rest = (
        "<office:master-styles><style:master-page><style:header><text:p>https://example.org/h</text:p></style:header>"
        "</style:master-page></office:master-styles>"
    )
    picture = (
        "<text:p>x <draw:frame><draw:image><office:binary-data>aHR0cHM6Ly9leGFtcGxlLm9yZy9u https://example.org/no"
        '</office:binary-data></draw:image></draw:frame><text:a xlink:href="../b.html">b</text:a></text:p>'
    )
    assert found(flat(picture, rest=rest)) == [("(header)", "header", "h", ""), ("¶1", "link", "../b.html", "b")]


def test_formats_follow_from_content():
    for kind, expected in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"), ("drawing", "odp")):
        for data in (package("", kind), flat("", kind), b"\xef\xbb\xbf" + flat("", kind)):
            assert read_document("x.txt", data=data).format == expected


def test_encrypted():
    manifest = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    with pytest.raises(DocumentError, match="encrypted"):
        read_document("x.odt", data=package("", **{"META-INF__manifest_xml": manifest}))


def test_parts_that_cannot_be_read_are_named_and_the_rest_is_read():
    document = read_document("x.odt", data=package(f"<text:p>{a('1', 'x')}</text:p>", styles_xml=b"no markup"))
    assert [c.url for c in document.citations] == ["https://example.org/1"] and document.unread
    assert len(document.warnings) == 1 and "styles.xml" in document.warnings[0]


@pytest.mark.parametrize("data", [package("")[:200], package(""), flat("")[:-40]], ids=["cut", "empty", "flat, cut"])
def test_damaged_or_empty(data):
    try:
        assert read_document("x.odt", data=data).citations == ()
    except DocumentError as error:
        assert "damaged" in error.message


def test_without_content():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    with pytest.raises(DocumentError, match=r"content\.xml"):
        read_document("x.odt", data=file.getvalue())


def test_a_text_that_breaks_off_is_read_as_far_as_it_goes():
    data = flat(f"<text:p>x {a('1', 'it')} https://example.org/2 and")
    assert found(data[: data.rindex(b"and")]) == [("¶1", "link", "1", "it"), ("¶1", "text", "2", "")]


@pytest.mark.parametrize(
    "content",
    [
        "<text:p>" + "<text:span>" * 150_000 + "https://example.org/x",
        "<text:p>" * 10_000 + "https://example.org/x",
        "<text:section>" * 50_000 + "<text:p>https://example.org/x</text:p>",
        "<text:p>" + "<draw:frame>" * 20_000 + "<text:p>https://example.org/x",
        "<text:p>https://example.org/x " + "x" * 2_000_000,
    ],
    ids=["spans", "paragraphs", "sections", "frames", "one line"],
)
def test_no_depth_and_no_length_is_dear(content):
    began = time.monotonic()
    assert [url for _, _, url, _ in found(flat(content))] == ["x"]
    assert time.monotonic() - began < 20


def test_formulas_are_read_once():
    formula = "of:=HYPERLINK(" + "&quot;&quot;HYPERLINK(&quot;" * 10_000
    began = time.monotonic()
    found(package(sheet(row(cell(more=f'table:formula="{formula}"'))), "spreadsheet"))
    assert time.monotonic() - began < 10


def test_bombs_are_refused(monkeypatch):
    monkeypatch.setattr("preserve.documents.readers.package.MAX_MEMBER", 1 << 20)
    with pytest.raises(DocumentError, match="unpacks to more"):
        read_document("x.odt", data=package("x" * (2 << 20)))


def test_random_bytes():
    head = flat("").split(b"<office:body>")[0]
    for _ in range(20):
        read_document("x.fodt", data=head + os.urandom(5000))
