"""OpenDocument files by odfpy, and corners put into their XML by hand."""

from __future__ import annotations

import io
from html import escape
from typing import Any

from bench.corpus.matter import TOPICS, Topic
from bench.corpus.shelf import Expected, Shelf, container, settled

_NS = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style", "svg": "svg-compatible",
        "presentation": "presentation",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'  # fmt: skip


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.put(f"odt/odfpy-{topic.name}.odt", *_odt(topic))
        shelf.put(f"ods/odfpy-{topic.name}.ods", *_ods(topic))
        shelf.put(f"odp/odfpy-{topic.name}.odp", *_odp(topic))
    shelf.put("odt/hand-corners.odt", *_odt_corners())
    shelf.put("odt/hand-flat.fodt", *_flat())
    shelf.put("ods/hand-corners.ods", *_ods_corners())
    shelf.put("odp/hand-corners.odp", *_odp_corners())


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.write(out)
    return settled(out.getvalue())


def _odt(topic: Topic) -> tuple[bytes, list[Expected]]:
    from odf.opendocument import OpenDocumentText
    from odf.text import A, H, P, Span

    document, expected = OpenDocumentText(), []
    document.text.addElement(H(outlinelevel=1, text=topic.title))
    for number, item in enumerate(topic.items, 2):
        paragraph = P(text=item.before)
        if item.anchor:
            paragraph.addElement(A(type="simple", href=item.url, text=item.anchor))
        else:
            paragraph.addElement(Span(text=item.url[:12]))
            paragraph.addElement(Span(text=item.url[12:]))
        paragraph.addText(item.after)
        document.text.addElement(paragraph)
        expected.append(
            Expected(item.url, item.anchor or None, paragraph=number, role="link" if item.anchor else "text")
        )
    return _saved(document), expected


def _ods(topic: Topic) -> tuple[bytes, list[Expected]]:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import A, P

    document, expected = OpenDocumentSpreadsheet(), []
    table = Table(name="Sources")
    for number, item in enumerate(topic.items, 1):
        row = TableRow()
        claim, source = TableCell(valuetype="string"), TableCell(valuetype="string")
        claim.addElement(P(text=(item.before + item.anchor).strip()))
        paragraph = P()
        if item.anchor:
            paragraph.addElement(A(type="simple", href=item.url, text=item.anchor))
        else:
            paragraph.addText(f"{item.before}{item.url}{item.after}")
        source.addElement(paragraph)
        row.addElement(claim)
        row.addElement(source)
        table.addElement(row)
        expected.append(Expected(item.url, item.anchor or None, sheet="Sources", cell=f"B{number}"))
    document.spreadsheet.addElement(table)
    return _saved(document), expected


def _odp(topic: Topic) -> tuple[bytes, list[Expected]]:
    from odf.draw import Frame, Page, TextBox
    from odf.opendocument import OpenDocumentPresentation
    from odf.style import MasterPage, PageLayout
    from odf.text import A, P

    document, expected = OpenDocumentPresentation(), []
    layout = PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    master = MasterPage(name="master", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for number, item in enumerate(topic.items, 1):
        page = Page(masterpagename=master, name=f"Page {number}")
        frame = Frame(width="20cm", height="5cm", x="1cm", y="1cm")
        box = TextBox()
        paragraph = P(text=item.before)
        if item.anchor:
            paragraph.addElement(A(type="simple", href=item.url, text=item.anchor))
        else:
            paragraph.addText(item.url)
        paragraph.addText(item.after)
        box.addElement(paragraph)
        frame.addElement(box)
        page.addElement(frame)
        document.presentation.addElement(page)
        expected.append(Expected(item.url, item.anchor or None, slide=number))
    return _saved(document), expected


# By hand


def _package(kind: str, body: str, more: dict[str, str] | None = None) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    name = {"text": "text", "spreadsheet": "spreadsheet", "presentation": "presentation"}[kind]
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NS} office:version="1.2"><office:body><office:{name}>{body}</office:{name}></office:body></office:document-content>'  # fmt: skip
    members = {"mimetype": mimetype, "content.xml": content, **(more or {}), "META-INF/manifest.xml": manifest}
    return container([(name, text.encode()) for name, text in members.items()])


def _a(url: str, text: str) -> str:
    return f'<text:a xlink:type="simple" xlink:href="{escape(url)}">{text}</text:a>'


def _odt_corners() -> tuple[bytes, list[Expected]]:
    body = (
        "<text:p>Corners of node.js 1.2.3, map.tif, desk@example.org</text:p>"  # 1
        f"<text:p>{_a('https://example.org/spans?a=1&b=2', 'in <text:span>two</text:span> spans')}</text:p>"  # 2
        "<text:p>Split https://exam<text:span>ple.org/</text:span>split<text:s/>end</text:p>"  # 3
        "<text:p>https://example.org/before<text:line-break/>https://example.org/after<text:tab/>https://example.org/tab</text:p>"  # 4
        f"<text:p>Inside {_a('#heading', 'heading')}, {_a('https://example.org/itself', 'https://example.org/itself')}</text:p>"  # 5
        '<text:p>Claim<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body><text:p>See {_a('https://t.me/example/1', 'the post')} and https://example.org/note.</text:p></text:note-body></text:note></text:p>"
        "<text:p>Noted<office:annotation><dc:creator>Desk</dc:creator><text:p>Compare https://example.org/annotation</text:p></office:annotation></text:p>"
        f"<text:list><text:list-item><text:p>{_a('https://example.org/item', 'item')}</text:p></text:list-item></text:list>"
        '<table:table table:name="T"><table:table-row><table:table-cell><text:p>https://example.org/cell</text:p></table:table-cell></table:table-row></table:table>'
        '<text:p><draw:a xlink:type="simple" xlink:href="https://example.org/picture"><draw:frame draw:name="g"><draw:image xlink:href="https://img.example.org/plume.jpg"/><svg:title>A plume</svg:title></draw:frame></draw:a></text:p>'
        '<text:p><draw:frame draw:name="b"><draw:text-box><text:p>In a box https://example.org/box</text:p></draw:text-box></draw:frame></text:p>'
        "<text:p>soft https://example.org/soft\u00adhyphen</text:p>"
    )
    styles = f'<office:document-styles {_NS} office:version="1.2"><office:master-styles><style:master-page style:name="Standard"><style:header><text:p>Head https://example.org/header</text:p></style:header></style:master-page></office:master-styles></office:document-styles>'  # fmt: skip
    meta = f'<office:document-meta {_NS} office:version="1.2"><office:meta><dc:description>From https://example.org/property</dc:description></office:meta></office:document-meta>'  # fmt: skip
    expected = [
        Expected("https://example.org/spans?a=1&b=2", "in two spans", "link", paragraph=2),
        Expected("https://example.org/split", role="text", paragraph=3),
        Expected("https://example.org/before", role="text", paragraph=4),
        Expected("https://example.org/after", role="text", paragraph=4),
        Expected("https://example.org/tab", role="text", paragraph=4),
        Expected("https://example.org/itself", "https://example.org/itself", "link", paragraph=5),
        Expected("https://t.me/example/1", "the post", "footnote"),
        Expected("https://example.org/note", role="footnote"),
        Expected("https://example.org/annotation", role="annotation"),
        Expected("https://example.org/item", "item", "link"),
        Expected("https://example.org/cell", role="text"),
        Expected("https://example.org/picture", role="link"),
        Expected("https://img.example.org/plume.jpg", role="image"),
        Expected("https://example.org/box", role="text"),
        Expected("https://example.org/softhyphen", role="text"),
        Expected("https://example.org/header", role="header"),
        Expected("https://example.org/property", role="header"),
    ]
    return _package("text", body, {"styles.xml": styles, "meta.xml": meta}), expected


def _flat() -> tuple[bytes, list[Expected]]:
    body = f"<text:p>Flat {_a('https://example.org/flat?a=1&b=2', 'link')} and https://example.org/text.</text:p>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {_NS} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>\n{body}\n</office:text></office:body></office:document>\n'  # fmt: skip
    return text.encode(), [Expected("https://example.org/flat?a=1&b=2", "link"), Expected("https://example.org/text")]


def _ods_corners() -> tuple[bytes, list[Expected]]:
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    body = (
        '<table:table table:name="Corners">'
        f'<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="4"/></table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="2"/>{text("https://example.org/c4")}<table:covered-table-cell/>{text("node.js 1.2.3")}</table:table-row>'
        '<table:table-row><table:table-cell office:value-type="string" table:formula="of:=HYPERLINK(&quot;https://example.org/formula?a=1&amp;b=2&quot;;&quot;shown&quot;)" office:string-value="shown"><text:p>shown</text:p></table:table-cell>'
        f"{text('one https://example.org/one, two https://example.org/two')}</table:table-row>"
        f'<table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>See https://example.org/annotation</text:p></office:annotation><text:p>noted</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="string"><text:p>{_a("https://example.org/first", "first")}</text:p><text:p>{_a("https://example.org/second", "second")}</text:p></table:table-cell></table:table-row>'
        "</table:table>"
        f'<table:table table:name="Второй лист" table:display="false"><table:table-row><table:table-cell/>{text("https://example.org/hidden")}</table:table-row></table:table>'
    )

    def at(url: str, cell: str, anchor: str | None = None, sheet: str = "Corners") -> Expected:
        return Expected(url, anchor, sheet=sheet, cell=cell)

    expected = [
        at("https://example.org/c4", "C4"),
        at("https://example.org/formula?a=1&b=2", "A5", "shown"),
        at("https://example.org/one", "B5"),
        at("https://example.org/two", "B5"),
        at("https://example.org/annotation", "A6"),
        at("https://example.org/first", "B6", "first"),
        at("https://example.org/second", "B6", "second"),
        at("https://example.org/hidden", "B1", sheet="Второй лист"),
    ]
    return _package("spreadsheet", body), expected


def _odp_corners() -> tuple[bytes, list[Expected]]:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>".format
    body = (
        f'<draw:page draw:name="One">{box("https://example.org/text, node.js 1.2.3")}'
        f'<draw:a xlink:type="simple" xlink:href="https://example.org/shape"><draw:frame><draw:image xlink:href="Pictures/1.png"/></draw:frame></draw:a>'
        f"<presentation:notes>{box('Say https://example.org/notes')}</presentation:notes></draw:page>"
        f'<draw:page draw:name="Two"><draw:g>{box(_a("https://example.org/grouped", "grouped"))}</draw:g>'
        f"{box(_a('https://example.org/itself', 'https://example.org/itself'))}</draw:page>"
    )
    expected = [
        Expected("https://example.org/text", slide=1),
        Expected("https://example.org/shape", slide=1),
        Expected("https://example.org/notes", slide=1),
        Expected("https://example.org/grouped", "grouped", slide=2),
        Expected("https://example.org/itself", "https://example.org/itself", slide=2),
    ]
    return _package("presentation", body), expected
