"""Word, PowerPoint and Excel files: what they cite, and where, in the variants that their programs write."""

from __future__ import annotations

import base64
import io
import time
import zipfile

import pytest

from preserve.documents import read_document
from preserve.documents.readers import formula
from preserve.documents.readers.fieldcode import cited
from preserve.documents.readers.ooxml import column
from preserve.documents.readers.sheet import first_cell, plain
from preserve.errors import DocumentError

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:pic="urn:pic" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"'
)
P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{OFFICE}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
S = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}"'
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def rels(*relations: tuple[str, str, str], office: str = OFFICE) -> str:
    """Id, ending of the type, target: outside where it has a scheme, as Office writes it."""
    inner = "".join(
        f'<Relationship Id="{one}" Type="{office}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if ":" in target or kind in ("hyperlink", "attachedTemplate") else "/>")
        for one, kind, target in relations
    )
    return f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def package(**members: str | bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"{XML}<Types/>")
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def docx(body: str, *relations, office: str = OFFICE, **members: str | bytes) -> bytes:
    return package(**{
        "_rels/.rels": rels(("rId1", "officeDocument", "word/document.xml"), ("rId2", "extended-properties", "docProps/app.xml"),
                            ("rId3", "core-properties", "docProps/core.xml"), office=office),
        "word/document.xml": f"{XML}<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": rels(*relations, office=office),
        **members,
    })  # fmt: skip


def pptx(*slides: str, relations=(), **members: str | bytes) -> bytes:
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in reversed(range(len(slides))))
    files = {}
    for n, slide in enumerate(slides):
        files[f"ppt/slides/slide{n + 1}.xml"] = f"{XML}<p:sld {P}><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>"
        files[f"ppt/slides/_rels/slide{n + 1}.xml.rels"] = rels(*relations)
    return package(**{
        "_rels/.rels": rels(("rId1", "officeDocument", "/ppt/presentation.xml")),
        "ppt/presentation.xml": f"{XML}<p:presentation {P}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": rels(
            *((f"rId{n}", "slide", f"slides/slide{n + 1}.xml") for n in range(len(slides))), ("rIdM", "slideMaster", "slideMasters/slideMaster1.xml")
        ),
        "ppt/slideMasters/slideMaster1.xml": f"{XML}<p:sldMaster {P}/>",
        **files, **members,
    })  # fmt: skip


def xlsx(
    rows: str, *relations, after: str = "", strings: tuple[str, ...] = (), names: str = "", **members: str | bytes
) -> bytes:
    return package(**{
        "_rels/.rels": rels(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{XML}<workbook {S}><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets>{names}</workbook>',
        "xl/_rels/workbook.xml.rels": rels(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml"),
            ("rId3", "connections", "connections.xml"), ("rId4", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
            ("rId5", "externalLink", "externalLinks/externalLink1.xml"), ("rId6", "customXml", "../customXml/item1.xml"),
        )if members or strings else rels(("rId1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f"{XML}<worksheet {S}><sheetData>{rows}</sheetData>{after}</worksheet>",
        "xl/worksheets/_rels/sheet1.xml.rels": rels(*relations),
        "xl/sharedStrings.xml": f"{XML}<sst {S}>{''.join(f'<si>{one}</si>' for one in strings)}</sst>",
        **members,
    })  # fmt: skip


def cites(data: bytes) -> list[tuple[str, str, str, str]]:
    """Place, role, URL, anchor."""
    document = read_document("x.bin", data=data)
    return [(c.place.text(), c.role, c.url or c.written, c.anchor) for c in document.citations]


def t(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


BEGIN, SEPARATE, END = mark("begin"), mark("separate"), mark("end")
A = "https://x.org/a"
LINK = ("rId1", "hyperlink", A)

WORD = {
    "a link, its text in several runs, and what Word keeps apart of its address": (
        docx(p(t("See "), f'<w:hyperlink r:id="rId1" w:anchor="part2">{t("the ")}{t("report")}</w:hyperlink>', t(" now.")), LINK),
        [("¶1", "link", A + "#part2", "the report")],
    ),
    "spaces, quotes and an ampersand in a target": (
        docx(p(f'<w:hyperlink r:id="rId1">{t("x")}</w:hyperlink>'), ("rId1", "hyperlink", "https://x.org/a b?c='d'&amp;e=&quot;")),
        [("¶1", "link", "https://x.org/a%20b?c='d'&e=\"", "x")],
    ),
    "a bookmark of the same document": (
        docx(p(f'<w:hyperlink w:anchor="_Toc1">{t("1 Head")}</w:hyperlink>')), [("¶1", "link", "#_Toc1", "1 Head")],
    ),
    "strict names": (
        docx(p(f'<w:hyperlink r:id="rId1">{t("x")}</w:hyperlink>'), LINK, office=STRICT), [("¶1", "link", A, "x")],
    ),
    "a URL split over runs, with proofing marks, a hyphen that does not break and one that is soft": (
        docx(p(t("at https://x."), '<w:proofErr w:type="spellStart"/>', t("org/a"), "<w:r><w:noBreakHyphen/></w:r>", t("b"),
               "<w:r><w:softHyphen/></w:r>", t("c."))),
        [("¶1", "text", "https://x.org/a-bc", "")],
    ),
    "a tab and a line break end a URL": (
        docx(p(t("https://x.org/a"), "<w:r><w:tab/></w:r>", t("b https://x.org/c"), "<w:r><w:br/></w:r>", t("d"))),
        [("¶1", "text", "https://x.org/a", ""), ("¶1", "text", "https://x.org/c", "")],
    ),
    "a relation without a target leaves its text": (
        docx(p(f'<w:hyperlink r:id="rId9">{t("see https://x.org/t")}</w:hyperlink>')), [("¶1", "text", "https://x.org/t", "")],
    ),
    "a simple field": (
        docx(p(f'<w:fldSimple w:instr=" HYPERLINK &quot;{A}&quot; \\o &quot;tip&quot; ">{t("there")}</w:fldSimple>', t(" and"))),
        [("¶1", "link", A, "there")],
    ),
    "a field whose code is split, with a place in the page": (
        docx(p(t("a "), BEGIN, code(' HYPER'), code('LINK "https://x.'), code('org/a" \\l "b"'), SEPARATE, t("sh"), t("own"), END, t(" z"))),
        [("¶1", "link", A + "#b", "shown")],
    ),
    "fields within the result and within the code of another": (
        docx(p(BEGIN, code(f'HYPERLINK "{A}"'), SEPARATE, t("x "), BEGIN, code("PAGE"), SEPARATE, t("7"), END, END, t(" | "),
               BEGIN, code('HYPERLINK "https://x.org/'), BEGIN, code("REF b"), SEPARATE, t("c"), END, code('"'), SEPARATE, t("y"), END)),
        [("¶1", "link", A, "x 7"), ("¶1", "link", "https://x.org/c", "y")],
    ),
    "a field over two paragraphs": (
        docx(p(BEGIN, code(f"HYPERLINK {A}"), SEPARATE, t("first")) + p(t("second"), END) + p(t("https://x.org/c"))),
        [("¶1", "link", A, "first"), ("¶3", "text", "https://x.org/c", "")],
    ),
    "a field without result, one without end": (
        docx(p(BEGIN, code(f'HYPERLINK "{A}"'), END) + p(BEGIN, code('HYPERLINK "https://x.org/b"'), SEPARATE, t("b"))),
        [("¶1", "link", A, ""), ("¶2", "link", "https://x.org/b", "b")],
    ),
    "an included picture that is linked too": (
        docx(p(BEGIN, code('INCLUDEPICTURE "https://x.org/p.png" \\d'), SEPARATE,
               '<w:r><w:pict><v:shape alt="Photo"><v:imagedata r:id="rId1" o:href="https://x.org/p.png"/></v:shape></w:pict></w:r>', END)),
        [("¶1", "image", "https://x.org/p.png", "")],
    ),
    "a linked picture with a link on it": (
        docx(p('<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="A map"><a:hlinkClick r:id="rId1"/></wp:docPr>'
               '<pic:cNvPr id="0" name="x"><a:hlinkClick r:id="rId1"/></pic:cNvPr><a:blip r:link="rId2" r:embed="rId3"/></wp:inline></w:drawing></w:r>'),
             LINK, ("rId2", "image", "https://x.org/p.png"), ("rId3", "image", "media/image1.png")),
        [("¶1", "link", A, "A map"), ("¶1", "image", "https://x.org/p.png", "A map")],
    ),
    "a picture in a link": (
        docx(p('<w:hyperlink r:id="rId1"><w:r><w:drawing><wp:docPr id="1" descr="A map"/></w:drawing></w:r></w:hyperlink>'), LINK),
        [("¶1", "link", A, "A map")],
    ),
    "a picture with a link of its own in the same link": (
        docx(p('<w:hyperlink r:id="rId1"><w:r><w:drawing><wp:docPr id="1" descr="A map"><a:hlinkClick r:id="rId2"/></wp:docPr></w:drawing></w:r></w:hyperlink>'),
             LINK, ("rId2", "hyperlink", A)),
        [("¶1", "link", A, "A map")],
    ),
    "a relation without its mode": (
        docx(p(f'<w:hyperlink r:id="rId1">{t("x")}</w:hyperlink>'), **{"word/_rels/document.xml.rels": rels(LINK).replace(' TargetMode="External"', "")}),
        [("¶1", "link", A, "x")],
    ),
    "a template is no citation": (
        docx(p(t("x")), **{"word/_rels/settings.xml.rels": rels(("rId1", "attachedTemplate", "https://x.org/t.dotx"))}), [],
    ),
    "parts with the slashes of Windows": (
        docx(p(t("x")), ("rId1", "footnotes", "footnotes.xml"), **{"word\\footnotes.xml": f"<w:footnotes {W}>{p(t(A))}</w:footnotes>"}),
        [("(footnotes) ¶1", "footnote", A, "")],
    ),
    "the same picture twice": (
        docx(p('<w:r><w:drawing><a:blip r:link="rId1"/></w:drawing></w:r>' * 2), ("rId1", "image", "https://x.org/p.png")),
        [("¶1", "image", "https://x.org/p.png", "")] * 2,
    ),
    "the address that a pasted picture had": (
        docx(p('<w:r><w:drawing><wp:docPr id="1" descr="https://x.org/p.png"/><pic:cNvPr descr="https://x.org/p.png"/></w:drawing></w:r>')),
        [("¶1", "image", "https://x.org/p.png", "https://x.org/p.png")],
    ),
    "a link of VML, a film of a site": (
        docx(p('<w:r><w:pict><v:shape href="https://x.org/v" alt="Logo"/></w:pict></w:r>',
               '<w:r><w:drawing><w:webVideoPr embeddedHtml="&lt;iframe src=&quot;https://x.org/embed/1&quot;&gt;&lt;/iframe&gt;"/></w:drawing></w:r>')),
        [("¶1", "link", "https://x.org/v", "Logo"), ("¶1", "embed", "https://x.org/embed/1", "")],
    ),
    "a text box is said twice and heard once; its paragraphs count": (
        docx(p(t("out https://x.org/o"), "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><w:txbxContent>"
               + p(t("in https://x.org/i")) + p(f'<w:hyperlink r:id="rId1">{t("l")}</w:hyperlink>')
               + "</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
               + p(t("in https://x.org/i")) + p(f'<w:hyperlink r:id="rId1">{t("l")}</w:hyperlink>')
               + "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>") + p(t("https://x.org/after")), LINK),
        [("¶1", "text", "https://x.org/o", ""), ("¶2", "text", "https://x.org/i", ""), ("¶3", "link", A, "l"), ("¶4", "text", "https://x.org/after", "")],
    ),
    "what only the older saying has": (
        docx(p("<w:r><mc:AlternateContent><mc:Choice Requires='w16se'><w:sym/></mc:Choice><mc:Fallback><w:t>https://x.org/f</w:t></mc:Fallback></mc:AlternateContent></w:r>")
             + p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>new</w:t></mc:Choice><mc:Fallback><w:t>old</w:t>"
                 + f"<w:txbxContent>{p(t('https://x.org/g'))}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>")),
        [("¶1", "text", "https://x.org/f", ""), ("¶2", "text", "https://x.org/g", "")],
    ),
    "what both sayings have in the paragraph itself; what only the older one has": (
        docx(p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>https://x.org/n</w:t></mc:Choice><mc:Fallback><w:t>https://x.org/n</w:t></mc:Fallback></mc:AlternateContent></w:r>")
             + p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>x</w:t></mc:Choice><mc:Fallback>"
                 + f"<w:txbxContent>{p(t('https://x.org/n'))}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>")),
        [("¶1", "text", "https://x.org/n", ""), ("¶2", "text", "https://x.org/n", "")],
    ),
    "a link that another alternative has said before": (
        docx(p(f"<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:txbxContent>{p(t(A))}</w:txbxContent></mc:Choice></mc:AlternateContent></w:r>")
             + p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>x</w:t></mc:Choice><mc:Fallback>"
                 + f"<w:txbxContent>{p(t(A))}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>")),
        [("¶2", "text", A, ""), ("¶3", "text", A, "")],
    ),
    "tables and content controls": (
        docx(p(t("a")) + f"<w:tbl><w:tr><w:tc>{p(t('b'))}</w:tc><w:tc>{p(t('https://x.org/c'))}</w:tc></w:tr></w:tbl>"
             + f"<w:sdt><w:sdtPr><w:dataBinding w:xpath='/x'/></w:sdtPr><w:sdtContent>{p(t('https://x.org/d'))}</w:sdtContent></w:sdt>"),
        [("¶3", "text", "https://x.org/c", ""), ("¶4", "text", "https://x.org/d", "")],
    ),
    "tracked changes: what is gone is an annotation, what came is text, what stayed is one citation": (
        docx(p(t("https://x.org/"), "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>", f"<w:ins>{t('new')}</w:ins>", t(" and https://x.org/stays"))
             + p('<w:hyperlink r:id="rId1"><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:hyperlink>', t(" rest")), LINK),
        [("¶1", "text", "https://x.org/new", ""), ("¶1", "text", "https://x.org/stays", ""), ("¶1", "annotation", "https://x.org/old", ""),
         ("¶2", "annotation", A, "gone")],
    ),
    "a moved paragraph": (
        docx(f"<w:p><w:moveFrom>{t('https://x.org/m')}</w:moveFrom></w:p><w:p><w:moveTo>{t('https://x.org/m')}</w:moveTo></w:p>"),
        [("¶1", "annotation", "https://x.org/m", ""), ("¶2", "text", "https://x.org/m", "")],
    ),
    "notes, comments, headers": (
        docx(p(t("body")), ("rId1", "header", "header1.xml"), ("rId2", "comments", "comments.xml"), ("rId3", "footnotes", "footnotes.xml"),
             ("rId4", "attachedTemplate", "https://x.org/template.dotx"), **{
                 "word/header1.xml": f"{XML}<w:hdr {W}>{p(t('https://x.org/h'))}</w:hdr>",
                 "word/comments.xml": f'{XML}<w:comments {W}><w:comment w:id="0">{p(t("https://x.org/c"))}</w:comment></w:comments>',
                 "word/footnotes.xml": f'{XML}<w:footnotes {W}><w:footnote w:type="separator">{p()}</w:footnote><w:footnote w:id="1">'
                                       f'{p(t("see "), f"""<w:hyperlink r:id="rId1">{t("f")}</w:hyperlink>""")}</w:footnote></w:footnotes>',
                 "word/_rels/footnotes.xml.rels": rels(("rId1", "hyperlink", "https://x.org/f")),
             }),
        [("(footnotes) ¶2", "footnote", "https://x.org/f", "f"), ("(comments) ¶1", "annotation", "https://x.org/c", ""),
         ("(header1) ¶1", "header", "https://x.org/h", "")],
    ),
    "the base of relative links; properties that hold URLs, but not the cached list of links": (
        docx(p(f'<w:hyperlink r:id="rId1">{t("x")}</w:hyperlink>'), ("rId1", "hyperlink", "sub/page.html"), **{
            "docProps/app.xml": f"{XML}<Properties><HyperlinkBase>https://x.org/base/</HyperlinkBase><HLinks><lpwstr>https://x.org/cached</lpwstr></HLinks></Properties>",
            "docProps/core.xml": f"{XML}<c:p xmlns:c='c'><c:description>from https://x.org/prop</c:description></c:p>"}),
        [("¶1", "link", "https://x.org/base/sub/page.html", "x"), ("(properties)", "header", "https://x.org/prop", "")],
    ),
    "the sources of the bibliography": (
        docx(p(t("x")), ("rId1", "customXml", "../customXml/item1.xml"), **{
            "customXml/item1.xml": f"{XML}<b:Sources xmlns:b='b'><b:Source><b:Title>T</b:Title><b:URL>https://x.org/b</b:URL></b:Source></b:Sources>"}),
        [("(item1)", "bibliography", "https://x.org/b", "")],
    ),
    "a page, a workbook within; charts": (
        docx(p(t("x")), ("rId1", "aFChunk", "afchunk1.html"), ("rId2", "package", "embeddings/book.xlsx"), ("rId3", "chart", "charts/chart1.xml"), **{
            "word/afchunk1.html": "<html><body><a href='https://x.org/h'>h</a></body></html>",
            "word/embeddings/book.xlsx": xlsx('<row r="1"><c r="B1" t="inlineStr"><is><t>https://x.org/x</t></is></c></row>'),
            "word/charts/chart1.xml": f"{XML}<c:chart {P} xmlns:c='c'><a:p><a:r><a:t>https://x.org/c</a:t></a:r></a:p></c:chart>"}),
        [("(chart1) ¶1", "text", "https://x.org/c", ""), ("(word/embeddings/book.xlsx) Data!B1", "link", "https://x.org/x", "https://x.org/x"),
         ("(word/afchunk1.html) :1", "link", "https://x.org/h", "h")],
    ),
    "links of parts that have no reader": (
        docx(p(t("x")), **{"word/_rels/webSettings.xml.rels": rels(("rId1", "frame", "https://x.org/frame.html"))}),
        [("(websettings)", "embed", "https://x.org/frame.html", "")],
    ),
    "names in another case and with the slashes of Windows": (
        package(**{"_rels/.rels": rels(("rId1", "officeDocument", "Word\\Document.xml")), "word/document.xml": f"<w:document {W}>{p(t(A))}</w:document>"}),
        [("¶1", "text", A, "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), WORD.values(), ids=WORD)
def test_docx(data, expected):
    assert sorted(cites(data)) == sorted(expected)


def test_the_order_is_that_of_the_text():
    data, expected = WORD["a text box is said twice and heard once; its paragraphs count"]
    assert cites(data) == expected


def test_the_tabs_of_a_style_are_no_text():
    data = docx("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>" + t("a") + "</w:p>")
    assert [one.text for one in read_document("x.docx", data=data, show=True).stretches] == ["a"]


def test_the_sentence_around_a_link_keeps_its_spaces():
    data = docx(
        p(t("First. See "), f'<w:hyperlink r:id="rId1">{t("the ")}</w:hyperlink>', t("report now. Last.")), LINK
    )
    assert read_document("x.docx", data=data).citations[0].context == "See the report now."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (' HYPERLINK "https://x.org/a" ', [("link", A)]),
        ("HYPERLINK https://x.org/a", [("link", A)]),
        ("hyperlink “https://x.org/a” \\* MERGEFORMAT", [("link", A)]),
        ('HYPERLINK \\o "tip" \\t "_blank" "https://x.org/a"', [("link", A)]),
        ('HYPERLINK \\l "mark"', [("link", "#mark")]),
        ('HYPERLINK "https://x.org/a#b" \\l "b"', [("link", A + "#b")]),
        ('HYPERLINK "C:\\\\folder\\\\a.pdf"', [("link", "C:\\folder\\a.pdf")]),
        ('HYPERLINK ""', []),
        ('HYPERLINK "https://x.org/a', [("link", A)]),
        ('INCLUDEPICTURE "https://x.org/a" \\c "png" \\d', [("image", A)]),
        ("PAGEREF _Toc1 \\h", []),
        ("", []),
        (
            'ADDIN ZOTERO_ITEM CSL_CITATION {"a":[{"itemData":{"URL":"https://x.org/a"},"uris":["http://zotero.org/1"]}]}',
            [("bibliography", A)],
        ),
        ("ADDIN CSL_CITATION {" + '"a":[' * 100_000, []),
        ("ADDIN EN.CITE <EndNote><url>https://x.org/a</url></EndNote>", [("bibliography", A)]),
    ],
)
def test_field_codes(text, expected):
    assert [(role, target) for role, _, target in cited(text)] == expected


# PowerPoint


def shape(*paragraphs: str, link: str = "", descr: str = "") -> str:
    inner = "".join(f"<a:p>{one}</a:p>" for one in paragraphs)
    return f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title 1" descr="{descr}">{link}</p:cNvPr></p:nvSpPr><p:txBody>{inner}</p:txBody></p:sp>'


def run(text: str, link: str = "") -> str:
    return f"<a:r><a:rPr>{link}</a:rPr><a:t>{text}</a:t></a:r>"


CLICK = '<a:hlinkClick r:id="rId1"/>'
SLIDES = {
    "slides in the order in which they are shown": (
        pptx(shape(run("https://x.org/1")), shape(run("a"), run("https://x.org/2"))),
        [("slide 1", "text", "https://x.org/2", ""), ("slide 2", "text", "https://x.org/1", "")],
    ),
    "a link with a bold word is one; another beside it is another": (
        pptx(shape(run("See ") + run("the ", CLICK) + run("report", CLICK) + run("x", '<a:hlinkClick r:id="rId2"/>')), relations=[LINK, ("rId2", "hyperlink", "https://x.org/b")]),
        [("slide 1", "link", A, "the report"), ("slide 1", "link", "https://x.org/b", "x")],
    ),
    "a link that opens when clicked and when pointed at": (
        pptx(shape(run("See ") + run("it", CLICK + '<a:hlinkMouseOver r:id="rId1"/>')), relations=[LINK]), [("slide 1", "link", A, "it")],
    ),
    "a slide that is left in the file and shown nowhere": (
        pptx(shape(run("x")), **{"ppt/_rels/presentation.xml.rels": rels(("rId0", "slide", "slides/slide1.xml"), ("rId9", "slide", "slides/slide9.xml")),
                                 "ppt/slides/slide9.xml": f"{XML}<p:sld {P}>{shape(run(A))}</p:sld>"}),
        [("(slide9) ¶1", "text", A, "")],
    ),
    "a link on a shape is named by its text, on a picture by its description; jumps are no links": (
        pptx(shape(run("Go"), link=CLICK) + f'<p:pic><p:cNvPr id="3" descr="A map">{CLICK}</p:cNvPr><p:blipFill><a:blip r:link="rId2"/></p:blipFill></p:pic>'
             + shape(run("next"), link='<a:hlinkClick r:id="" action="ppaction://hlinkshowjump?jump=nextslide"/>'),
             relations=[LINK, ("rId2", "image", "https://x.org/p.png")]),
        [("slide 1", "link", A, "Go"), ("slide 1", "link", A, "A map"), ("slide 1", "image", "https://x.org/p.png", "A map")],
    ),
    "a linked film is told twice": (
        pptx('<p:pic><p:cNvPr id="4" name="Film"><a:hlinkClick r:id="" action="ppaction://media"/></p:cNvPr><p:nvPr><a:videoFile r:link="rId1"/>'
             '<p:media r:link="rId2"/></p:nvPr></p:pic>', relations=[("rId1", "video", "https://x.org/v"), ("rId2", "media", "https://x.org/v")]),
        [("slide 1", "embed", "https://x.org/v", "")],
    ),
    "a field, a break, a table": (
        pptx(shape('<a:fld type="x"><a:t>https://x.org/f</a:t></a:fld><a:br/>' + run("b")) + f"<p:graphicFrame><a:tbl><a:tc><a:p>{run('https://x.org/c')}</a:p></a:tc></a:tbl></p:graphicFrame>"),
        [("slide 1", "text", "https://x.org/f", ""), ("slide 1", "text", "https://x.org/c", "")],
    ),
    "what is said twice": (
        pptx(f"<mc:AlternateContent><mc:Choice Requires='a14'>{shape(run(A))}</mc:Choice><mc:Fallback>{shape(run(A))}{shape(run('https://x.org/b'))}</mc:Fallback></mc:AlternateContent>"),
        [("slide 1", "text", A, ""), ("slide 1", "text", "https://x.org/b", "")],
    ),
    "notes, both kinds of comments, SmartArt": (
        pptx(shape(run("x")), relations=[("rId1", "notesSlide", "../notesSlides/notesSlide1.xml"), ("rId2", "comments", "../comments/comment1.xml"),
                                         ("rId3", "comments", "../comments/modernComment1.xml"), ("rId4", "diagramData", "../diagrams/data1.xml")], **{
            "ppt/notesSlides/notesSlide1.xml": f"{XML}<p:notes {P}>{shape(run('see https://x.org/n'))}</p:notes>",
            "ppt/comments/comment1.xml": f"{XML}<p:cmLst {P}><p:cm><p:text>old https://x.org/c1</p:text></p:cm></p:cmLst>",
            "ppt/comments/modernComment1.xml": f"{XML}<q:cmLst xmlns:q='q' {P}><q:cm><q:txBody><a:p>{run('new https://x.org/c2')}</a:p></q:txBody></q:cm></q:cmLst>",
            "ppt/diagrams/data1.xml": f"{XML}<d:dataModel xmlns:d='d' {P}><d:pt><d:t><a:p>{run('https://x.org/d')}</a:p></d:t></d:pt></d:dataModel>"}),
        [("(data1) slide 1", "text", "https://x.org/d", ""), ("(notes) slide 1", "text", "https://x.org/n", ""),
         ("(comments) slide 1", "annotation", "https://x.org/c1", ""), ("(comments) slide 1", "annotation", "https://x.org/c2", "")],
    ),
    "a master once": (
        pptx(shape(run("a")), shape(run("b")), **{"ppt/slideMasters/slideMaster1.xml": f"{XML}<p:sldMaster {P}>{shape(run('https://x.org/m'))}</p:sldMaster>"}),
        [("(slideMaster1) ¶1", "header", "https://x.org/m", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), SLIDES.values(), ids=SLIDES)
def test_pptx(data, expected):
    assert sorted(cites(data)) == sorted(expected)


def test_paragraphs_of_a_slide_are_counted():
    data = pptx(shape(run("a"), run("b")) + shape(run("https://x.org/3")))
    assert [(c.place.slide, c.place.paragraph) for c in read_document("x.pptx", data=data).citations] == [(1, 3)]


# Excel


def inline(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'


def calculated(cell: str, source: str, value: str = "") -> str:
    return f'<c r="{cell}" t="str"><f>{source}</f>{f"<v>{value}</v>" if value else ""}</c>'


def mashup(query: str) -> str:
    """A query as Power Query keeps it."""
    inner = package(**{"Formulas/Section1.m": query})
    return base64.b64encode(bytes(4) + len(inner).to_bytes(4, "little") + inner + b"permissions").decode()


QUERY = mashup('Web.Contents("https://x.org/q")')
SHEETS = {
    "shared strings, in runs, without their pronunciation": (
        xlsx('<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="D2" t="s"><v>7</v></c></row>',
             strings=("<t>a</t>", "<r><t>see https://x.</t></r><r><t>org/a</t></r><rPh><t>yomi https://x.org/no</t></rPh>")),
        [("Data!C2", "text", A, "")],
    ),
    "a cell that is a URL": (xlsx(f'<row r="1">{inline("A1", f" {A} ")}</row>'), [("Data!A1", "link", A, A)]),
    "cells without names": (
        xlsx(f'<row><c t="inlineStr"><is><t>a</t></is></c><c><v>1</v></c><c t="inlineStr"><is><t>{A}</t></is></c></row><row r="9"><c t="inlineStr"><is><t>{A}</t></is></c></row>'),
        [("Data!C1", "link", A, A), ("Data!A9", "link", A, A)],
    ),
    "names that are none": (xlsx(f'<row r="5"><c r="ZZZZ99999999" t="inlineStr"><is><t>{A}</t></is></c></row>'), [("Data!A5", "link", A, A)]),
    "links of cells: their text, a range, a place in the page, an empty cell, a number": (
        xlsx(f'<row r="1">{inline("A1", "the report")}{inline("B1", "two")}<c r="C1"><v>7</v></c></row>', LINK,
             after='<hyperlinks><hyperlink ref="A1" r:id="rId1"/><hyperlink ref="B1:C3" r:id="rId1" location="p"/><hyperlink ref="C1" r:id="rId1"/>'
                   '<hyperlink ref="D9" r:id="rId1" display="shown"/><hyperlink ref="E9" location="Data!A1" display="int"/></hyperlinks>'),
        [("Data!A1", "link", A, "the report"), ("Data!B1", "link", A + "#p", "two"), ("Data!C1", "link", A, "7"), ("Data!D9", "link", A, "shown"),
         ("Data!E9", "link", "#Data!A1", "int")],
    ),
    "a link and a text that are the same source; one that is another": (
        xlsx(f'<row r="1">{inline("A1", A)}{inline("B1", "https://X.org")}{inline("C1", "https://x.org/other")}</row>', LINK, ("rId2", "hyperlink", "https://x.org/"),
             after='<hyperlinks><hyperlink ref="A1" r:id="rId1"/><hyperlink ref="B1" r:id="rId2"/><hyperlink ref="C1" r:id="rId1"/></hyperlinks>'),
        [("Data!A1", "link", A, A), ("Data!B1", "link", "https://x.org/", "https://X.org"), ("Data!C1", "link", A, "https://x.org/other"),
         ("Data!C1", "link", "https://x.org/other", "https://x.org/other")],
    ),
    "texts that spell the source otherwise or show its beginning": (
        xlsx(f'<row r="1">{inline("A1", "https://x.org")}{inline("B1", "https://x.org/a/very…")}</row>', ("rId1", "hyperlink", "https://X.org/"),
             ("rId2", "hyperlink", "https://x.org/a/very/long#p"),
             after='<hyperlinks><hyperlink ref="A1" r:id="rId1"/><hyperlink ref="B1" r:id="rId2" location="p"/></hyperlinks>'),
        [("Data!A1", "link", "https://X.org/", "https://x.org"), ("Data!B1", "link", "https://x.org/a/very/long#p", "https://x.org/a/very…")],
    ),
    "the pronunciation of a text in its cell": (
        xlsx('<row r="1"><c r="A1" t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>https://x.org/no</t></rPh></is></c></row>'), [],
    ),
    "formulas": (
        xlsx(f'<row r="1">{calculated("A1", f"HYPERLINK(&quot;{A}&quot;,&quot;shown&quot;)", "shown")}'
             f'{calculated("B1", "HYPERLINK(&quot;https://x.org/&quot;&amp;&quot;b&quot;, &quot;label&quot;)")}'
             f'{calculated("C1", "HYPERLINK(&quot;https://x.org/&quot;&amp;A9,&quot;c&quot;)", "c")}'
             f'{calculated("D1", "HYPERLINK(&quot;https://x.org/&quot;&amp;A9)", "https://x.org/d")}'
             f'{calculated("E1", "A9", "https://x.org/e")}</row>'),
        [("Data!A1", "link", A, "shown"), ("Data!B1", "link", "https://x.org/b", "label"), ("Data!C1", "link", "https://x.org/", "c"),
         ("Data!D1", "link", "https://x.org/d", "https://x.org/d"), ("Data!E1", "link", "https://x.org/e", "https://x.org/e")],
    ),
    "a formula that cells share": (
        xlsx(f'<row r="1"><c r="A1" t="str"><f t="shared" ref="A1:A2" si="0">HYPERLINK("{A}","x")</f><v>x</v></c></row>'
             '<row r="2"><c r="A2" t="str"><f t="shared" si="0"/><v>y</v></c></row>'),
        [("Data!A1", "link", A, "x"), ("Data!A2", "link", A, "y")],
    ),
    "rules and headers": (
        xlsx("", after='<dataValidations><dataValidation sqref="B2:B9" prompt="see https://x.org/p"><formula1>"https://x.org/v,x"</formula1></dataValidation></dataValidations>'
                       '<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12https://x.org/h?a&amp;&amp;b&amp;CPage &amp;P</oddHeader></headerFooter>'),
        [("(validation) Data!B2", "annotation", "https://x.org/p", ""), ("(validation) Data!B2", "text", "https://x.org/v,x", ""), ("(header)", "header", "https://x.org/h?a&b", "")],
    ),
    "comments; of a thread, not its copy for older programs": (
        xlsx("", ("rId1", "comments", "../comments1.xml"), ("rId2", "threadedComment", "../threadedComments/threadedComment1.xml"), **{
            "xl/comments1.xml": f'{XML}<comments {S}><authors><author>x</author><author>tc={{1}}</author></authors><commentList><comment ref="B7" authorId="0">'
                                '<text><r><t>see https://x.</t></r><r><t>org/c</t></r></text></comment><comment ref="C7" authorId="1"><text><t>[Threaded comment] '
                                'https://go.microsoft.com/x https://x.org/t</t></text></comment></commentList></comments>',
            "xl/threadedComments/threadedComment1.xml": f'{XML}<ThreadedComments {S}><threadedComment ref="C7"><text>https://x.org/t</text></threadedComment></ThreadedComments>'}),
        [("(comment) Data!B7", "annotation", "https://x.org/c", ""), ("(comment) Data!C7", "annotation", "https://x.org/t", "")],
    ),
    "drawings stand over a cell": (
        xlsx("", ("rId1", "drawing", "../drawings/drawing1.xml"), **{
            "xl/drawings/drawing1.xml": f'{XML}<x:wsDr xmlns:x="x" {P}><x:twoCellAnchor><x:from><x:col>27</x:col><x:colOff>5</x:colOff><x:row>6</x:row></x:from>'
                                        f'<x:to><x:col>30</x:col><x:row>9</x:row></x:to>{shape(run("https://x.org/t"), link=CLICK)}</x:twoCellAnchor></x:wsDr>',
            "xl/drawings/_rels/drawing1.xml.rels": rels(LINK)}),
        [("(drawing) Data!AB7", "text", "https://x.org/t", ""), ("(drawing) Data!AB7", "link", A, "https://x.org/t")],
    ),
    "where its data come from": (
        xlsx(f'<row r="1">{inline("A1", A)}</row>', names='<definedNames><definedName name="n">"https://x.org/n"</definedName></definedNames>', **{
            "xl/connections.xml": f'{XML}<connections {S}><connection><webPr url="https://x.org/w"/></connection></connections>',
            "xl/pivotCache/pivotCacheDefinition1.xml": f'{XML}<pivotCacheDefinition {S}><sharedItems><s v="{A}"/><s v="https://x.org/pivot"/></sharedItems></pivotCacheDefinition>',
            "xl/externalLinks/externalLink1.xml": f"{XML}<externalLink {S}/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": rels(("rId1", "externalLinkPath", "https://x.org/book.xlsx")),
            "customXml/item1.xml": f"{XML}<DataMashup>{QUERY}</DataMashup>"}),
        [("Data!A1", "link", A, A), ("(names)", "text", "https://x.org/n", ""), ("(connections)", "link", "https://x.org/w", ""),
         ("(item1!Formulas/Section1.m) :1", "text", "https://x.org/q", ""), ("(pivotCacheDefinition1)", "text", "https://x.org/pivot", ""),
         ("(externallink1)", "link", "https://x.org/book.xlsx", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), SHEETS.values(), ids=SHEETS)
def test_xlsx(data, expected):
    assert sorted(cites(data)) == sorted(expected)


def test_what_stands_beside_a_url_is_its_sentence():
    row = f'<row r="1">{inline("A1", "A strike on the depot")}<c r="B1"><v>44621</v></c>{inline("C1", A)}</row>'
    assert read_document("x.xlsx", data=xlsx(row)).citations[0].context == f"A strike on the depot {A}"


def test_sheets_come_in_the_order_of_the_workbook_and_hidden_ones_are_read():
    sheets = '<sheet name="Two" sheetId="2" r:id="rIdB"/><sheet name="One" sheetId="1" state="veryHidden" r:id="rIdA"/>'
    sheet = f'{XML}<worksheet {S}><sheetData><row r="1">{inline("A1", A)}</row></sheetData></worksheet>'
    data = package(**{
        "_rels/.rels": rels(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f"{XML}<workbook {S}><sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": rels(("rIdA", "worksheet", "worksheets/a.xml"), ("rIdB", "worksheet", "worksheets/b.xml"), ("rIdC", "worksheet", "worksheets/c.xml")),
        **{f"xl/worksheets/{name}.xml": sheet for name in "abc"},
    })  # fmt: skip
    assert [where for where, *_ in cites(data)] == ["Two!A1", "One!A1", "c!A1"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('HYPERLINK("https://x.org/a","t")', [("link", A, "t", True)]),
        ('_xlfn.IMAGE("https://x.org/a")', [("image", A, "", True)]),
        ('IF(A1="",HYPERLINK("https://x.org/a"),HYPERLINK(CONCATENATE("https://x.org/","b"),"u"))',
         [("link", A, "", True), ("link", "https://x.org/b", "u", True)]),
        ('HYPERLINK("https://x.org/"&$B$2&"/z","t")', [("link", "https://x.org/", "t", False)]),
        ('HYPERLINK(IF(A1,"https://x.org/a","https://x.org/b"),"t")', [("text", A, "", True), ("text", "https://x.org/b", "", True)]),
        ("HYPERLINK(B2)", []),
        ('HYPERLINK("#Data!A1","t")', [("link", "#Data!A1", "t", True)]),
        ('HYPERLINK("https://x.org/a""b")', [("link", 'https://x.org/a"b', "", True)]),
        ('WEBSERVICE("https://x.org/a")', [("text", A, "", True)]),
        ('HYPERLINK("https://x.org/a', [("link", A, "", True)]),
        ('SUM(A1:A9)&"text"', []),
    ],
)  # fmt: skip
def test_formulas(source, expected):
    assert [(one.role, one.target, one.label, one.whole) for one in formula.cited(source)] == expected


def test_a_part_of_a_formula_is_a_guess():
    citation = read_document("x.xlsx", data=SHEETS["formulas"][0]).citations[2]
    assert (citation.confidence, citation.changes, citation.written) == ("guess", ("shortened",), '"https://x.org/"&A9')


def test_cells_and_columns():
    assert [first_cell(one) for one in ("B7", "$B$7:C9 D1", "b7", "", "ZZZZ1", "7", "A0")] == [
        "B7",
        "B7",
        "B7",
        "",
        "",
        "",
        "",
    ]
    assert [column(one) for one in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert plain("a_x000D_b_x005F_x0041_") == b"a\rb_x0041_"


# What is damaged or hostile


def test_a_part_that_is_damaged_is_told_and_the_rest_is_read():
    relations = [
        ("rId1", "comments", "comments.xml"),
        ("rId2", "footnotes", "footnotes.xml"),
        ("rId3", "header", "../../../x.xml"),
    ]
    data = docx(
        p(t(A)),
        *relations,
        **{"word/comments.xml": b"\x00\x01", "word/footnotes.xml": f"<w:footnotes {W}>{p(t(A))}</w:footnotes>"},
    )
    document = read_document("x.docx", data=data)
    assert [c.place.text() for c in document.citations] == ["¶1", "(footnotes) ¶1"] and document.unread
    assert document.warnings == (
        "x.docx: (comments): cannot be read (The document: word/comments.xml is no XML)",
        "x.docx: (x): cannot be read (The document lacks its part x.xml)",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (package(**{"word/styles.xml": "<x/>"}), "lacks its part word/document.xml"),
        (docx("").replace(b"word/document.xml", b"word/dokument.xml"), "lacks its part|damaged"),
        (docx(p(t(A)))[:-30], "damaged"),
        (package(**{"xl/workbook.bin": b"x", "_rels/.rels": rels(("rId1", "officeDocument", "xl/workbook.bin"))}), r"binary format \(.xlsb\)"),
        (package(**{"word/document.xml": "<!DOCTYPE x [<!ENTITY a '" + "a" * 5000 + "'><!ENTITY b '" + "&a;" * 5000 + "'>]><x>&b;</x>"}), "entities that grow"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(data, message):
    with pytest.raises(DocumentError, match=message):
        read_document("x.docx", data=data)


def test_a_film_of_a_damaged_relation_and_loops_end():
    loop = rels(
        ("rId1", "package", "document.xml"), ("rId2", "chart", "document.xml"), ("rId3", "comments", "document.xml")
    )
    data = docx(p(t(A)), **{"word/_rels/document.xml.rels": loop, "word/_rels/comments.xml.rels": "<broken"})
    assert ("¶1", "text", A, "") in cites(data)


DEEP = 30_000
MILLION = 200_000


@pytest.mark.parametrize(
    "data",
    [
        docx("<w:p><w:r>" * DEEP + t(A)),
        docx(p(BEGIN * DEEP, t("x"), SEPARATE * DEEP, t(A))),
        docx("<mc:AlternateContent><mc:Fallback>" * DEEP + p(t(A))),
        docx(p('<w:hyperlink w:anchor="a">' * DEEP, t(A))),
        docx("<w:p><w:del><w:ins>" * (DEEP // 3) + t(A)),
        docx(p(code('HYPERLINK "' + "\\" * MILLION))),
        docx(p(BEGIN, code('HYPERLINK ' + '"' * MILLION), END)),
        docx(p(BEGIN, code('HYPERLINK ' + '\\l' * MILLION), END)),
        pptx("<p:grpSp>" * DEEP + shape(run(A))),
        xlsx(f'<row r="1">{calculated("A1", "HYPERLINK(" + "(" * MILLION)}{calculated("B1", "HYPERLINK(" + "&quot;" * MILLION)}{calculated("C1", "IMAGE" * MILLION)}</row>'),
        xlsx("<row><c>" * DEEP + A),
        xlsx("", after="<headerFooter><oddHeader>" + "&amp;&quot;" * MILLION + "</oddHeader></headerFooter>"),
        xlsx("</" * MILLION),
    ],
    ids="paragraphs fields alternates links changes backslashes quotes switches groups formulas cells headers ends".split(),
)  # fmt: skip
def test_depth_and_length_cost_no_more_than_their_bytes(data):
    began = time.process_time()
    read_document("x.bin", data=data)
    assert time.process_time() - began < 5


def test_a_text_that_a_million_cells_share_is_no_bomb():
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(2000))
    began = time.process_time()
    assert cites(xlsx(cells, strings=(f"<t>{'x' * 100_000}</t>",))) == []
    assert time.process_time() - began < 10
