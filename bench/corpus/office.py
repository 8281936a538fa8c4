"""Word, Excel and PowerPoint files by the libraries that scripts use, and corners put into their XML by hand."""

from __future__ import annotations

import io
from html import escape
from typing import Any

from bench.corpus.matter import ARABIC, ENGLISH, TOOLS, TOPICS, UKRAINIAN, Topic
from bench.corpus.shelf import Expected, Shelf, container, replaced, settled

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'  # fmt: skip
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.put(f"docx/python-docx-{topic.name}.docx", *_docx(topic))
        shelf.put(f"xlsx/openpyxl-{topic.name}.xlsx", *_openpyxl(topic))
        shelf.put(f"xlsx/xlsxwriter-{topic.name}.xlsx", *_xlsxwriter(topic))
    for topic in (ENGLISH, UKRAINIAN, ARABIC, TOOLS):
        shelf.put(f"pptx/python-pptx-{topic.name}.pptx", *_pptx(topic))
    shelf.put("docx/hand-corners.docx", *_docx_corners())
    shelf.put("docx/hand-notes.docx", *_docx_notes())
    shelf.put("docx/python-docx-comments.docx", *_docx_comments())
    shelf.put("xlsx/openpyxl-corners.xlsx", *_xlsx_corners())
    shelf.put("xlsx/xlsxwriter-corners.xlsx", *_xlsxwriter_corners())
    shelf.put("xlsx/hand-inline.xlsx", *_xlsx_hand())
    shelf.put("pptx/python-pptx-corners.pptx", *_pptx_corners())


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return settled(out.getvalue())


# Word


def _docx(topic: Topic) -> tuple[bytes, list[Expected]]:
    from docx import Document

    document = Document()
    document.add_heading(topic.title, 1)
    expected = []
    for number, item in enumerate(topic.items):
        paragraph = document.add_paragraph(item.before)
        if item.anchor:
            _hyperlink(document, paragraph, item.url, item.anchor)
        else:  # Word splits text into runs wherever a cursor has been
            for piece in (item.url[:11], item.url[11:17], item.url[17:]):
                paragraph.add_run(piece)
        paragraph.add_run(item.after)
        expected.append(
            Expected(item.url, item.anchor or None, paragraph=number + 2, role="link" if item.anchor else "text")
        )
    return _saved(document), expected


def _hyperlink(document: Any, paragraph: Any, url: str, text: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    page, _, fragment = url.partition("#")
    link.set(qn("r:id"), document.part.relate_to(page, _LINK, is_external=True))
    if fragment:  # as Word does it
        link.set(qn("w:anchor"), fragment)
    for piece in (text[:4], text[4:]):
        run = OxmlElement("w:r")
        run.text = piece
        link.append(run)
    paragraph._p.append(link)


def _docx_comments() -> tuple[bytes, list[Expected]]:
    from docx import Document

    document = Document()
    run = document.add_paragraph().add_run("The claim of the ministry.")
    document.add_comment(runs=run, text="Compare https://example.org/comment-1, please.", author="Desk", initials="D")
    other = document.add_paragraph().add_run("The second claim.")
    document.add_comment(runs=other, text="См. https://vk.com/wall-1_2", author="Desk", initials="D")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Draft of https://example.org/header"
    section.footer.paragraphs[0].text = "Черновик, https://example.org/footer"
    document.core_properties.comments = "Made from https://example.org/property"
    document.core_properties.created = document.core_properties.modified  # the template's, both
    table = document.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        _hyperlink(document, cell.paragraphs[0], f"https://example.org/cell/{number}", f"cell {number}")
    expected = [
        Expected("https://example.org/comment-1", role="annotation", part="word/comments.xml"),
        Expected("https://vk.com/wall-1_2", role="annotation", part="word/comments.xml"),
        Expected("https://example.org/header", role="header", part="word/header1.xml"),
        Expected("https://example.org/footer", role="header", part="word/footer1.xml"),
        Expected("https://example.org/property", role="header"),
        *(Expected(f"https://example.org/cell/{number}", f"cell {number}") for number in range(4)),
    ]
    data = _saved(document)
    return data, expected


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _field(code: str, shown: str) -> str:
    """A complex field, its code split over runs."""
    half = len(code) // 2
    codes = "".join(
        f'<w:r><w:instrText xml:space="preserve">{escape(part)}</w:instrText></w:r>'
        for part in (code[:half], code[half:])
    )
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return mark.format("begin") + codes + mark.format("separate") + _run(shown) + mark.format("end")


def _word(body: str, relations: dict[str, str], more: dict[str, str] | None = None) -> bytes:
    """A package by hand: the body of word/document.xml and its relationships."""
    from docx import Document

    empty = _saved(Document())
    links = "".join(
        f'<Relationship Id="{name}" Type="{_LINK}" Target="{escape(url)}" TargetMode="External"/>'
        for name, url in relations.items()
    )
    kept = (
        '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        '<Relationship Id="rIdF" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/>'
        '<Relationship Id="rIdE" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/endnotes" Target="endnotes.xml"/>'
    )
    rels = f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{kept if more else ""}{links}</Relationships>'  # fmt: skip
    extra = (
        ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        ' xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W}{extra}><w:body>{body}</w:body></w:document>'
    members = {"word/document.xml": document, "word/_rels/document.xml.rels": rels, **(more or {})}
    return replaced(empty, {name: text.encode() for name, text in members.items()})


def _docx_corners() -> tuple[bytes, list[Expected]]:
    p = "<w:p>{}</w:p>".format
    box = p(_run("In a box https://example.org/text-box"))
    drawing = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="7" name="Box"/><a:graphic>'
        f"<a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{box}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    picture = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture" descr="A plume"><a:hlinkClick r:id="rId3"/></wp:docPr></wp:inline></w:drawing></w:r>'
    simple = f'<w:fldSimple w:instr=" HYPERLINK &quot;https://example.org/simple&quot; \\o &quot;tip&quot; ">{_run("simple field")}</w:fldSimple>'
    body = [
        p(_run("Corners of node.js 1.2.3, map.tif, desk@example.org")),  # 1
        p(_field(' HYPERLINK "https://example.org/field?a=1&b=2" ', "complex field")),  # 2
        p(simple),  # 3
        p(_field(' HYPERLINK "https://example.org/page" \\l "part-2" ', "with a place")),  # 4
        p(_field(' HYPERLINK \\l "_Toc123" ', "inside")),  # 5
        p(f'<w:hyperlink w:anchor="_Toc123">{_run("inside")}</w:hyperlink>'),  # 6
        p(
            f'<w:hyperlink r:id="rId1" w:anchor="top">{_run("to the ")}{_run("top")}</w:hyperlink>{_run(" and ")}<w:hyperlink r:id="rId2">{_run("https://example.org/itself")}</w:hyperlink>'
        ),  # 7
        p(_run("Twice https://example.org/a and ") + "<w:r><w:tab/></w:r>" + _run("https://example.org/b.")),  # 8
        p(_run("https://example.org/before") + "<w:r><w:br/></w:r>" + _run("https://example.org/after")),  # 9
        p(f'<w:ins w:id="1" w:author="Desk">{_run("added https://example.org/inserted")}</w:ins>'),  # 10
        f"<w:sdt><w:sdtContent>{p(_run('controlled https://example.org/control'))}</w:sdtContent></w:sdt>",  # 11
        p(picture),  # 12
        p(drawing),  # 13
        p(
            '<w:r><w:t>soft</w:t></w:r><w:r><w:t xml:space="preserve"> https://example.org/no</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>-break</w:t></w:r>'
        ),
    ]
    relations = {
        "rId1": "https://example.org/report",
        "rId2": "https://example.org/itself",
        "rId3": "https://example.org/picture",
        "rId4": "https://example.org/unused-relation",
    }
    expected = [
        Expected("https://example.org/field?a=1&b=2", "complex field", "link", paragraph=2),
        Expected("https://example.org/simple", "simple field", "link", paragraph=3),
        Expected("https://example.org/page#part-2", "with a place", "link", paragraph=4),
        Expected("https://example.org/report#top", "to the top", "link", paragraph=7),
        Expected("https://example.org/itself", "https://example.org/itself", "link", paragraph=7),
        Expected("https://example.org/a", role="text", paragraph=8),
        Expected("https://example.org/b", role="text", paragraph=8),
        Expected("https://example.org/before", role="text", paragraph=9),
        Expected("https://example.org/after", role="text", paragraph=9),
        Expected("https://example.org/inserted", role="text", paragraph=10),
        Expected("https://example.org/control", role="text", paragraph=11),
        Expected("https://example.org/picture", role="link", paragraph=12),
        Expected("https://example.org/text-box", role="text"),
        Expected("https://example.org/no-break", role="text"),
        Expected("https://example.org/unused-relation", optional=True),
    ]  # fmt: skip
    return _word("".join(body), relations), expected


def _docx_notes() -> tuple[bytes, list[Expected]]:
    reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'.format
    body = f'<w:p>{_run("The claim.")}{reference(1)}</w:p><w:p>{_run("Вторая.")}{reference(2)}<w:r><w:endnoteReference w:id="1"/></w:r></w:p>'
    footnotes = (
        f'<w:footnotes {_W}><w:footnote w:id="1"><w:p>{_run("See https://t.me/example/1.")}</w:p></w:footnote>'
        f'<w:footnote w:id="2"><w:p><w:hyperlink r:id="rId1">{_run("запись")}</w:hyperlink></w:p></w:footnote></w:footnotes>'
    )
    endnotes = f'<w:endnotes {_W}><w:endnote w:id="1"><w:p>{_run("Kept at https://archive.ph/AbC12")}</w:p></w:endnote></w:endnotes>'
    rels = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{_LINK}" Target="https://vk.com/wall-1_2" TargetMode="External"/></Relationships>'  # fmt: skip
    members = {"word/footnotes.xml": footnotes, "word/endnotes.xml": endnotes, "word/_rels/footnotes.xml.rels": rels}
    expected = [
        Expected("https://t.me/example/1", role="footnote", part="word/footnotes.xml"),
        Expected("https://vk.com/wall-1_2", "запись", "footnote", part="word/footnotes.xml"),
        Expected("https://archive.ph/AbC12", role="footnote", part="word/endnotes.xml"),
    ]
    return _word(body, {}, members), expected


# Excel


def _openpyxl(topic: Topic) -> tuple[bytes, list[Expected]]:
    from openpyxl import Workbook

    book, expected = Workbook(), []
    sheet = book.active
    sheet.title = topic.title[:25]
    sheet.append(["claim", "source", "version"])
    for row, item in enumerate(topic.items, 2):
        sheet.cell(row, 1, (item.before + item.anchor).strip())
        sheet.cell(row, 3, "1.2.3")
        if item.anchor:
            cell = sheet.cell(row, 2, item.anchor)
            cell.hyperlink = item.url
        else:
            sheet.cell(row, 2, f"{item.before}{item.url}{item.after}")
        expected.append(Expected(item.url, item.anchor or None, sheet=sheet.title, cell=f"B{row}"))
    return _workbook(book), expected


def _workbook(book: Any) -> bytes:
    from datetime import datetime

    book.properties.created = book.properties.modified = datetime(2020, 1, 1)
    return _saved(book)


def _xlsxwriter(topic: Topic) -> tuple[bytes, list[Expected]]:
    import xlsxwriter

    out, expected = io.BytesIO(), []
    book = _writer(xlsxwriter, out)
    sheet = book.add_worksheet("Sources & notes")
    other = book.add_worksheet("Second")
    for row, item in enumerate(topic.items):
        target = sheet if row % 2 == 0 else other
        cell = f"C{row + 3}"
        linked = item.anchor and item.url.startswith("http") and "[" not in item.url  # which it would respell
        if linked:
            target.write_url(cell, item.url, string=item.anchor)
        elif item.anchor:
            target.write_string(cell, item.url)
        else:
            target.write_string(cell, f"{item.before}{item.url}{item.after}")
        expected.append(Expected(item.url, item.anchor if linked else None, sheet=target.get_name(), cell=cell))
    book.close()
    return settled(out.getvalue()), expected


def _writer(xlsxwriter: Any, out: io.BytesIO) -> Any:
    from datetime import datetime

    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": datetime(2020, 1, 1)})
    return book


def _xlsx_corners() -> tuple[bytes, list[Expected]]:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.worksheet.hyperlink import Hyperlink

    book = Workbook()
    sheet = book.active
    sheet.title = "Corners"
    sheet["A1"] = "node.js 1.2.3, map.tif, desk@example.org"
    sheet["B2"] = '=HYPERLINK("https://example.org/formula?a=1&b=2","shown")'
    sheet["B3"] = '=IF(TRUE,HYPERLINK("https://example.org/in-if"),"")'
    sheet["C4"] = "https://example.org/one and https://example.org/two"
    sheet["D5"] = "https://example.org/itself"
    sheet["D5"].hyperlink = "https://example.org/itself"
    sheet["E6"] = "place"
    sheet["E6"].hyperlink = Hyperlink(ref="E6", target="https://example.org/page", location="part-2")
    sheet["F7"] = "inside"
    sheet["F7"].hyperlink = Hyperlink(ref="F7", location="Hidden!A1")
    sheet["G8"] = "mail"
    sheet["G8"].hyperlink = "mailto:desk@example.org"
    sheet["AA30"] = "far, https://example.org/far"
    sheet["A9"] = "noted"
    sheet["A9"].comment = Comment("See https://example.org/comment", "Desk")
    sheet.oddFooter.center.text = "Kept at https://example.org/footer"
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "https://example.org/hidden"
    expected = [
        _cell("https://example.org/formula?a=1&b=2", "B2", anchor="shown"),
        _cell("https://example.org/in-if", "B3"),
        _cell("https://example.org/one", "C4"),
        _cell("https://example.org/two", "C4"),
        _cell("https://example.org/itself", "D5"),
        _cell("https://example.org/page#part-2", "E6", anchor="place"),
        _cell("https://example.org/far", "AA30"),
        _cell("https://example.org/comment", "A9"),
        Expected("https://example.org/footer"),
        _cell("https://example.org/hidden", "A1", "Hidden"),
    ]
    return _workbook(book), expected


def _cell(url: str, cell: str, sheet: str = "Corners", anchor: str | None = None) -> Expected:
    return Expected(url, anchor, sheet=sheet, cell=cell)


def _xlsxwriter_corners() -> tuple[bytes, list[Expected]]:
    import xlsxwriter

    out = io.BytesIO()
    book = _writer(xlsxwriter, out)
    sheet = book.add_worksheet("Corners")
    sheet.write_url("A1", "https://example.org/url#part", string="shown")
    sheet.write_url("A2", "https://example.org/alone")
    sheet.write_url("A3", "internal:Corners!A1", string="inside")
    sheet.write_formula("B4", '=HYPERLINK("https://example.org/formula","клик")', None, "клик")
    bold = book.add_format({"bold": True})
    sheet.write_rich_string("C5", "see ", bold, "https://exam", "ple.org/rich", " there")
    sheet.insert_textbox("D6", "In a box: https://example.org/box", {"url": "https://example.org/box-link"})
    sheet.write_comment("E7", "Смотри https://vk.com/wall-1_2")
    sheet.write_number("F8", 1.5)
    sheet.set_header("&CHeader https://example.org/header")
    book.close()
    expected = [
        _cell("https://example.org/url#part", "A1", anchor="shown"),
        _cell("https://example.org/alone", "A2"),
        _cell("https://example.org/formula", "B4", anchor="клик"),
        _cell("https://example.org/rich", "C5"),
        Expected("https://example.org/box"),
        Expected("https://example.org/box-link"),
        _cell("https://vk.com/wall-1_2", "E7"),
        Expected("https://example.org/header", role="header"),
    ]
    return settled(out.getvalue()), expected


def _xlsx_hand() -> tuple[bytes, list[Expected]]:
    """Inline strings, rows and cells without references, a relationship without a cell."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Данные" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}" xmlns:r="{office}"><sheetData><row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>see https://example.org/inline</t></is></c></row>'
        '<row r="5"><c r="C5" t="str"><v>https://example.org/str</v></c></row><row><c t="inlineStr"><is><r><t>https://example.</t></r><r><t>org/runs</t></r></is></c></row></sheetData>'
        '<hyperlinks><hyperlink ref="B2:D2" r:id="rId1" display="shown"/></hyperlinks></worksheet>',
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{_LINK}" Target="https://example.org/merged?a=1&amp;b=2" TargetMode="External"/></Relationships>',
    }  # fmt: skip
    expected = [
        _cell("https://example.org/inline", "B1", "Данные"),
        _cell("https://example.org/str", "C5", "Данные"),
        _cell("https://example.org/runs", "A6", "Данные"),
        Expected("https://example.org/merged?a=1&b=2", sheet="Данные"),
    ]
    return container([(name, text.encode()) for name, text in members.items()]), expected


# PowerPoint


def _pptx(topic: Topic) -> tuple[bytes, list[Expected]]:
    from pptx import Presentation

    show, expected = Presentation(), []
    for number in range(0, len(topic.items), 3):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = topic.title
        frame = slide.placeholders[1].text_frame
        for index, item in enumerate(topic.items[number : number + 3]):
            paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
            paragraph.add_run().text = item.before
            run = paragraph.add_run()
            if item.anchor:
                run.text = item.anchor
                run.hyperlink.address = item.url
            else:
                run.text = item.url[:10]
                paragraph.add_run().text = item.url[10:]
            paragraph.add_run().text = item.after
            expected.append(Expected(item.url, item.anchor or None, slide=number // 3 + 1))
    return _saved(show), expected


def _pptx_corners() -> tuple[bytes, list[Expected]]:
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    blank = show.slide_layouts[6]
    first, second, third = (show.slides.add_slide(blank) for _ in range(3))
    box = first.shapes.add_textbox(0, 0, Inches(4), Inches(1))
    box.text_frame.text = "node.js 1.2.3 and https://example.org/text, desk@example.org"
    box.click_action.hyperlink.address = "https://example.org/shape"
    group = first.shapes.add_group_shape()
    inner = group.shapes.add_textbox(0, 0, Inches(2), Inches(1))
    inner.text_frame.text = "https://example.org/in-group"
    first.notes_slide.notes_text_frame.text = "Say where: https://example.org/notes."
    table = second.shapes.add_table(2, 2, 0, 0, Inches(6), Inches(2)).table
    table.cell(0, 0).text = "Homs"
    run = table.cell(0, 1).text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "clip", "https://youtu.be/KqEtOd5Mypg?t=5&x=1"
    table.cell(1, 1).text = "https://example.org/cell"
    jump = second.shapes.add_textbox(0, Inches(3), Inches(2), Inches(1))
    jump.text_frame.text = "back"
    jump.click_action.target_slide = first
    last = third.shapes.add_textbox(0, 0, Inches(4), Inches(1)).text_frame
    run = last.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "https://example.org/itself", "https://example.org/itself"
    show.core_properties.comments = "From https://example.org/property"
    expected = [
        Expected("https://example.org/text", slide=1),
        Expected("https://example.org/shape", slide=1),
        Expected("https://example.org/in-group", slide=1),
        Expected("https://example.org/notes", slide=1),
        Expected("https://youtu.be/KqEtOd5Mypg?t=5&x=1", "clip", slide=2),
        Expected("https://example.org/cell", slide=2),
        Expected("https://example.org/itself", slide=3),
        Expected("https://example.org/property", role="header"),
    ]
    return _saved(show), expected
