"""XML of every vocabulary, its walk, and the exports of chats and bookmarks in HTML and text."""

from __future__ import annotations

import re
import socket
import time

import pytest

from preserve.documents import read_document
from preserve.documents.readers.xmlwalk import walk
from preserve.errors import DocumentError

ALL = frozenset({"code", "comment", "asset"})


def cites(text: str | bytes, name: str = "x.bin", **options):
    data = text.encode() if isinstance(text, str) else text
    document = read_document(name, data=data, extras=ALL, **options)
    lines = re.split(r"\r\n?|\n", data.decode("utf-8", "replace").removeprefix("\ufeff"))
    for c in document.citations:
        assert lines[c.place.line - 1][c.place.column - 1 :].startswith(c.written), c
    return document.citations


def short(citations):
    return [(c.role, c.url or c.written, c.anchor) for c in citations]


def brief(events):
    return [
        e.text
        if e.kind == "text"
        else e.name
        if e.kind == "start"
        else f"/{e.name}"
        if e.kind == "end"
        else f"#{e.text}"
        for e in events
    ]


# The walk

WALKS = [
    ("<a>b<c/>d</a>", ["a", "b", "c", "/c", "d", "/a"]),
    ("<a><!-- b --><![CDATA[<c>&amp;]]></a>", ["a", "# b ", "<c>&amp;", "/a"]),
    ("<?xml version='1.0'?><?pi <x>?><a>&lt;&#65;&#x42;&quot;</a>", ["a", '<AB"', "/a"]),
    ("<a>caf&eacute;&nbsp;&lt;b</a>", ["a", "café\xa0<b", "/a"]),
    ("<a>&unknown; &#0; &#xD800; &amp</a>", ["a", "&unknown; &#0; &#xD800; &amp", "/a"]),
    ("<a>1 < 2 & 3 > 2</a>", ["a", "1 < 2 & 3 > 2", "/a"]),
    ("<a><b>x</a>y", ["a", "b", "x", "/b", "/a", "y"]),
    ("<a>x</c></a>", ["a", "x", "/a"]),
    ("<a><b>cut", ["a", "b", "cut", "/b", "/a"]),
    ("<a><![CDATA[cut", ["a", "cut", "/a"]),
    ("<a>b\r\nc\rd</a>", ["a", "b\nc\nd", "/a"]),
    ("<!DOCTYPE a [<!ENTITY b 'c<!-- -->'><!-- <!ENTITY d 'e'> ]> --> <!ENTITY f \"g&b;\">]><a>&b;&d;&f;</a>", ["a", "c<!-- -->&d;gc<!-- -->", "/a"]),
    ("<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'><a>b</a>", ["a", "b", "/a"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), WALKS, ids=[source for source, _ in WALKS])
def test_the_walk(source, expected):
    assert brief(walk(source.encode())) == expected


def test_names_and_attributes():
    source = b"""<a xmlns='u' xmlns:p="v" x="1" p:x='2' q="&lt;\n&eacute;>"><p:b/><c xmlns="w" xmlns:p="z"><p:d/></c><p:e/></a>"""
    starts = [(e.name, e.space, dict(e.attributes)) for e in walk(source) if e.kind == "start"]
    assert starts == [
        ("a", "u", {"x": "1", "{v}x": "2", "q": "< é>"}),
        ("b", "v", {}), ("c", "w", {}), ("d", "z", {}), ("e", "v", {}),
    ]  # fmt: skip
    assert [e.space for e in walk(source) if e.kind == "end"] == ["v", "z", "w", "v", "u"]


def test_events_say_where_they_stand():
    source = "<r>é<a b='c'>d</a><![CDATA[e]]><!--f--></r>".encode()
    at = {e.text or e.name: source[e.at : e.end].decode() for e in walk(source) if e.kind != "end"}
    assert at == {"r": "<r>", "é": "é", "a": "<a b='c'>", "d": "d", "e": "e", "f": "f"}


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="windows-1251"?><a>мир</a>'.encode("cp1251"),
        '<?xml version="1.0" encoding="UTF-16"?><a>мир</a>'.encode("utf-16"),
        '<?xml version="1.0"?><a>мир</a>'.encode("utf-16-be"),
        "\ufeff<a>мир</a>".encode(),
    ],
)
def test_encodings(data):
    assert "мир" in brief(walk(data))
    assert "мир" in brief(walk([data[:9], data[9:]]))


BOMBS = [
    "".join(["<!DOCTYPE a [<!ENTITY l0 'lol'>", *(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 12)), "]><a>&l11;</a>"]),
    f"<!DOCTYPE a [<!ENTITY b '{'x' * 50_000}'>]><a>{'&b;' * 5000}</a>",
    f"<!DOCTYPE a [<!ENTITY b '{'x' * 50_000}'>]><a b='{'&b;' * 5000}'/>",
    "<!DOCTYPE a [<!ENTITY b '&c;'><!ENTITY c '&b;'>]><a>&b;</a>",
]  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS, ids=["laughs", "quadratic", "attribute", "loop"])
def test_entities_without_end_are_refused_by_name(bomb):
    with pytest.raises(DocumentError, match="entities that grow without end"):
        cites('<?xml version="1.0"?>' + bomb, "x.xml")


def test_nothing_outside_is_read_or_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("http://secret.org/")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        source = (
            f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/a.dtd" [<!ENTITY f SYSTEM "file://{secret}">'
            f'<!ENTITY h SYSTEM "http://127.0.0.1:{port}/"><!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;]>'
            "<a>&f; &h; http://x.org/</a>"
        )
        assert short(cites(source)) == [("text", "http://x.org/", "")]
        with pytest.raises(BlockingIOError):
            server.accept()


def test_what_is_no_xml_is_said():
    for data in (b"", b"text", b"<", b"\x00\xff" * 9, b"<!-- a -->"):
        with pytest.raises(DocumentError, match=r"is no XML"):
            list(walk(data))


HOSTILE = {
    "nested": b"<a>" * 150_000 + b"http://x.org/" + b"</a>" * 150_000,
    "unclosed": b"<a b='c'>" * 50_000 + b"http://x.org/",
    "declaring": b"<r>http://x.org/" + b"".join(b"<a xmlns:p%d='u'>" % i for i in range(20_000)),
    "wrong ends": b"<r>http://x.org/" + b"<a>" * 30_000 + b"</b>" * 30_000,
    "openings": b"<r>http://x.org/ " + b"<" * 200_000,
    "quotes": b"<r>http://x.org/ " + b"<a '" * 50_000,
    "comments": b"<r>http://x.org/ " + b"<!--" * 50_000,
    "sections": b"<r>http://x.org/ " + b"<![CDATA[" * 30_000,
    "references": b"<r>http://x.org/ " + b"&a" * 100_000,
    "one line": b"<r>" + b"<p>word word</p>" * 30_000 + b"http://x.org/</r>",
    "attribute": b"<r>http://x.org/ <a " + b"a" * 200_000 + b">x</a></r>",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_documents_are_read_in_time(what):
    started = time.process_time()
    document = read_document("x.xml", data=b"<?xml version='1.0'?>" + HOSTILE[what])
    assert [c.url for c in document.citations] == ["http://x.org/"]
    assert time.process_time() - started < 10


def test_lines_beyond_what_parsers_count():
    (one,) = cites("<?xml version='1.0'?><r>" + "\n" * 70_000 + "<a href='http://x.org/'/></r>")
    assert (one.place.line, one.place.column) == (70_001, 10)


# Feeds

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>T&eacute;l&nbsp;A &lt;b</title><link>http://x.org/</link><atom:link href="http://x.org/feed" rel="self"/>
<image><url>http://x.org/i.png</url><link>http://x.org/i</link></image>
<item><title>First &amp; best</title><link>http://x.org/?a=1&amp;b=2</link><guid isPermaLink="false">tag:x.org,2015:1</guid>
<description>&lt;p&gt;See &lt;a href="http://y.org/?a=1&amp;amp;b=2"&gt;this&lt;/a&gt; and http://z.org/a.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>Über <a href="http://y.org/c?x&amp;y">that</a>
<img src='/rel.png' alt="Alt"> http://q.org/?1&amp;2</p>]]></content:encoded>
<enclosure url="http://x.org/a.mp3" type="audio/mpeg"/>
<media:group><media:content url="http://x.org/a.jpg" medium="image"/><media:thumbnail url="http://x.org/t.jpg"/></media:group>
<comments>http://x.org/?broken=1&b=2</comments>
<source url="http://s.org/f">S</source></item>
<!-- http://comment.org -->
</channel></rss>"""
FEED = """<?xml version='1.0'?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://b.org/x/"><title>F</title><link rel="self" href="/f"/>
<entry xml:base="y/"><title type="html">E &lt;b&gt;x&lt;/b&gt;</title><id>urn:uuid:x.org</id><link href="z"/>
<link rel="enclosure" href="a.mp3" type="audio/mpeg"/><link rel="http://www.iana.org/assignments/relation/via" href="http://v.org/"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <a href="q">b</a> http://t.org/<b>u</b></div></content>
<summary type="html">&lt;a href="r"&gt;r&lt;/a&gt;</summary></entry></feed>"""


def test_rss():
    citations = cites(RSS)
    assert short(citations) == [
        ("link", "http://x.org/", "Tél A <b"),
        ("asset", "http://x.org/feed", "Tél A <b"),
        ("image", "http://x.org/i.png", "http://x.org/i.png"),
        ("link", "http://x.org/i", "http://x.org/i"),
        ("link", "http://x.org/?a=1&b=2", "First & best"),
        ("link", "http://y.org/?a=1&b=2", "this"),
        ("text", "http://z.org/a", ""),
        ("link", "http://y.org/c?x&y", "that"),
        ("image", "/rel.png", "Alt"),
        ("text", "http://q.org/?1&2", ""),
        ("embed", "http://x.org/a.mp3", "First & best"),
        ("image", "http://x.org/a.jpg", "First & best"),
        ("image", "http://x.org/t.jpg", "First & best"),
        ("link", "http://x.org/?broken=1&b=2", "First & best"),
        ("cite", "http://s.org/f", "S"),
        ("comment", "http://comment.org", ""),
    ]
    escaped, section = citations[5], citations[7]
    assert escaped.written == "http://y.org/?a=1&amp;amp;b=2" and escaped.context == "See this and http://z.org/a."
    assert section.written == "http://y.org/c?x&amp;y" and (section.place.line, section.place.column) == (7, 44)
    assert escaped.changes == section.changes == ("entity-decoded",)


def test_atom_resolves_under_xml_base():
    citations = read_document("x", data=FEED.encode(), extras=ALL).citations
    assert short(citations) == [
        ("asset", "http://b.org/f", "F"),
        ("link", "http://b.org/x/y/z", "E x"),
        ("embed", "http://b.org/x/y/a.mp3", "E x"),
        ("asset", "http://www.iana.org/assignments/relation/via", "E x"),
        ("cite", "http://v.org/", "E x"),
        ("link", "http://b.org/x/y/q", "b"),
        ("text", "http://t.org/u", ""),
        ("link", "http://b.org/x/y/r", "r"),
    ]
    assert citations[1].base == "http://b.org/x/y/" and citations[0].base == "http://b.org/x/"


# Other vocabularies: root, and what is cited

XML = [
    ("opml", '<opml><body><outline text="A &amp; B" xmlUrl="http://a.org/f?x&amp;y" htmlUrl="http://a.org/"/><outline text="see http://t.org/x, ok"/></body></opml>',
     [("link", "http://a.org/f?x&y", "A & B"), ("link", "http://a.org/", "A & B"), ("text", "http://t.org/x", "see http://t.org/x, ok")]),
    ("sitemap", '<urlset xmlns:image="i" xmlns:video="v" xmlns:xhtml="h"><url><loc>http://a.org/?b&amp;c</loc><xhtml:link rel="alternate" href="http://a.org/de"/><image:image><image:loc>http://a.org/i.png</image:loc></image:image>'
     "<video:video><video:title>V</video:title><video:content_loc>http://a.org/v</video:content_loc><video:thumbnail_loc>http://a.org/t</video:thumbnail_loc></video:video></url></urlset>",
     [("link", "http://a.org/?b&c", "http://a.org/?b&c"), ("link", "http://a.org/de", ""), ("image", "http://a.org/i.png", "http://a.org/i.png"), ("embed", "http://a.org/v", "V"), ("image", "http://a.org/t", "V")]),
    ("sitemap", "<sitemapindex><sitemap><loc>http://a.org/1.xml</loc></sitemap></sitemapindex>", [("link", "http://a.org/1.xml", "http://a.org/1.xml")]),
    ("rss", '<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><item rdf:about="http://c.org/1"><title>I</title><link>http://c.org/1</link><description>See http://d.org/</description></item></rdf:RDF>',
     [("link", "http://c.org/1", "I"), ("link", "http://c.org/1", "I"), ("text", "http://d.org/", "")]),
    ("xml", '<kml><Document><Style><IconStyle><Icon><href>http://m.org/i.png</href></Icon></IconStyle></Style><Placemark><name>P</name><description><![CDATA[Seen <a href="http://a.org/?x&y">here</a><br>http://t.org/]]></description>'
     "<ExtendedData><Data><value>https://v.org/1</value></Data></ExtendedData></Placemark><GroundOverlay><Icon><href>files/o.png</href></Icon></GroundOverlay></Document></kml>",
     [("asset", "http://m.org/i.png", "http://m.org/i.png"), ("link", "http://a.org/?x&y", "here"), ("text", "http://t.org/", ""), ("link", "https://v.org/1", "P"), ("image", "files/o.png", "files/o.png")]),
    ("xml", '<gpx xmlns:xsi="s" xsi:schemaLocation="http://n.org/ http://n.org/g.xsd"><wpt><desc>see http://d.org/</desc><link href="http://l.org/"><text>L</text></link></wpt></gpx>', [("text", "http://d.org/", ""), ("link", "http://l.org/", "L")]),
    ("xml", '<xbel><folder><title>F</title><bookmark href="http://x.org/?a&amp;b"><title>X</title><desc>d http://d.org/</desc></bookmark></folder></xbel>', [("link", "http://x.org/?a&b", "X"), ("text", "http://d.org/", "")]),
    ("xml", '<svg xmlns:xlink="l"><style>a{b:url(http://no.org)}</style><a xlink:href="http://a.org/"><text>T</text></a><image xlink:href="a.png"/></svg>', [("link", "http://a.org/", "T"), ("image", "a.png", "")]),
    ("xml", '<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><p>A <ref target="http://r.org/a http://r.org/b">ref</ref><note>N http://n.org/ <ptr target="http://p.org/"/></note>.</p><listBibl><bibl><title>T</title> <idno type="DOI">10.1000/5</idno></bibl></listBibl></text></TEI>',
     [("link", "http://r.org/a", "ref"), ("link", "http://r.org/b", "ref"), ("footnote", "http://n.org/", ""), ("footnote", "http://p.org/", ""), ("bibliography", "https://doi.org/10.1000/5", "T")]),
    ("xml", '<root xmlns="http://no.org/"><rec><Name>Foo</Name><web>http://w.org/1</web><note>see http://n.org/, ok</note></rec><a b="http://at.org/x">t</a><p class="x.y.z"/></root>',
     [("link", "http://w.org/1", "Foo"), ("text", "http://n.org/", ""), ("link", "http://at.org/x", "t")]),
    ("docbook", '<!DOCTYPE article PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "http://www.oasis-open.org/docbook.dtd" [<!ENTITY home "https://h.org">]><article><para>See <ulink url="&home;/y?a&amp;b">the <emphasis>big</emphasis> one</ulink>, http://t.org/'
     '<footnote><para>F http://f.org/ <ulink url="http://g.org/"/></para></footnote></para><screen>curl http://c.org/</screen><bibliography><biblioentry><title>B</title><biblioid class="doi">10.1000/xyz</biblioid></biblioentry></bibliography><mediaobject><imageobject><imagedata fileref="a.png"/></imageobject></mediaobject></article>',
     [("link", "https://h.org/y?a&b", "the big one"), ("text", "http://t.org/", ""), ("footnote", "http://f.org/", ""), ("footnote", "http://g.org/", ""), ("code", "http://c.org/", ""), ("bibliography", "https://doi.org/10.1000/xyz", "B"), ("image", "a.png", "")]),
    ("docbook", '<article xmlns="http://docbook.org/ns/docbook" xmlns:xl="http://www.w3.org/1999/xlink"><para><link xl:href="http://l.org/">http://l.org/</link> or <uri>http://u.org/</uri></para></article>', [("link", "http://l.org/", "http://l.org/"), ("link", "http://u.org/", "http://u.org/")]),
    ("jats", '<article xmlns:xlink="x" dtd-version="1.2"><front><article-meta><article-id pub-id-type="doi">10.1371/j.x</article-id><self-uri xlink:href="http://s.org/x.pdf"/><related-article ext-link-type="doi" xlink:href="10.1371/y"/></article-meta></front>'
     '<body><p>See <ext-link ext-link-type="uri" xlink:href="http://a.org/?x&amp;y">a <italic>b</italic></ext-link>, <uri>http://u.org/</uri>, www.t.org/p.<fn><p>N <ext-link xlink:href="http://f.org/">n</ext-link></p></fn></p><fig><graphic xlink:href="f.tif"/></fig></body>'
     '<back><ref-list><ref><mixed-citation><article-title>Art</article-title> http://r.org/2. <pub-id pub-id-type="doi">10.1000/182</pub-id></mixed-citation></ref></ref-list></back></article>',
     [("asset", "https://doi.org/10.1371/j.x", "10.1371/j.x"), ("asset", "http://s.org/x.pdf", ""), ("link", "https://doi.org/10.1371/y", ""), ("link", "http://a.org/?x&y", "a b"), ("link", "http://u.org/", "http://u.org/"), ("text", "http://www.t.org/p", ""),
      ("footnote", "http://f.org/", "n"), ("image", "f.tif", ""), ("bibliography", "http://r.org/2", ""), ("bibliography", "https://doi.org/10.1000/182", "Art")]),
    ("fb2", '<FictionBook xmlns:l="x"><description><src-url>http://s.org/b</src-url></description><body><p>See <a l:href="http://a.org/">a</a><a l:href="#n1">[1]</a> http://r.org/.</p></body><body name="notes"><section><p>N <a l:href="http://n.org/">n</a> www.m.org/x</p></section></body><binary>AA//www.no.org</binary></FictionBook>',
     [("link", "http://s.org/b", "http://s.org/b"), ("link", "http://a.org/", "a"), ("link", "#n1", "[1]"), ("text", "http://r.org/", ""), ("footnote", "http://n.org/", "n"), ("footnote", "http://www.m.org/x", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "expected"), XML, ids=[f"{i}-{kind}" for i, (kind, _, _) in enumerate(XML)])
def test_vocabularies(kind, source, expected):
    text = '<?xml version="1.0"?>\n' + source
    document = read_document("x.bin", data=text.encode(), extras=ALL)
    assert document.format == kind
    found = short(cites(text))
    assert found == expected


def test_a_damaged_feed_is_read_as_far_as_it_goes():
    cut = RSS[: RSS.index("that</a>")]
    assert [c.url for c in cites(cut)][-1] == "http://y.org/c?x&y"


# Exports that other readers read

BOOKMARKS = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1443772800">Strikes</H3>
    <DL><p>
        <DT><A HREF="https://x.org/?a=1&amp;b=2" ADD_DATE="1443772800" ICON_URI="https://x.org/favicon.ico" ICON="data:image/png;base64,AAAA">The <b>map</b></A>
        <DD>Seen at http://y.org/seen.
        <DT><A HREF="place:sort=8">Most visited</A>
    </DL><p>
</DL><p>
"""
TELEGRAM = """<!DOCTYPE html><html><head><meta charset="utf-8"/><link href="css/style.css" rel="stylesheet"/></head><body onload="CheckLocation();">
<div class="message default clearfix" id="message1"><div class="body"><div class="pull_right date details" title="02.10.2015 08:15:00">08:15</div>
<div class="text">See <a href="https://x.org/a">the map</a> and <a href="https://t.me/c/1/2" onclick="return GoToMessage(2)">this message</a><br>www.y.org/b</div>
<a class="photo_wrap clearfix pull_left" href="photos/photo_1.jpg"><img class="photo" src="photos/photo_1_thumb.jpg"/></a>
<a class="video_file_wrap" href="video_files/video_1.mp4"></a></div></div></body></html>"""
WHATSAPP = """[02.10.15, 08:15:01] A: Messages are encrypted.
[02.10.15, 08:16:11] B: \u200ehttps://x.org/a?b=1
[02.10.15, 08:17:00] C: انظر https://y.org/خبر، ثم http://z.org/1؟
\u200e[02.10.15, 08:18:00] B: \u200e<attached: 00000012-PHOTO-2015-10-02-08-18-00.jpg>
[02.10.15, 08:19:00] B: two lines
www.w.org/2 \u200e
"""


def test_bookmarks():
    document = read_document("b.txt", data=BOOKMARKS.encode())
    assert document.format == "html"
    assert short(document.citations) == [
        ("link", "https://x.org/?a=1&b=2", "The map"),
        ("text", "http://y.org/seen", ""),
        ("link", "place:sort=8", "Most visited"),
    ]
    assert [(c.place.line, c.place.column) for c in document.citations] == [(7, 22), (8, 21), (9, 22)]


def test_telegrams_html():
    citations = cites(TELEGRAM, "messages.html")
    assert [one for one in short(citations) if one[0] != "asset"] == [
        ("link", "https://x.org/a", "the map"),
        ("link", "https://t.me/c/1/2", "this message"),
        ("text", "http://www.y.org/b", ""),
        ("link", "photos/photo_1.jpg", ""),
        ("image", "photos/photo_1_thumb.jpg", ""),
        ("link", "video_files/video_1.mp4", ""),
    ]


def test_whatsapp():
    document = read_document("_chat.txt", data=WHATSAPP.encode())
    assert document.format == "whatsapp"
    assert [(c.place.line, c.role, c.url) for c in document.citations] == [
        (2, "text", "https://x.org/a?b=1"),
        (3, "text", "https://y.org/خبر"),
        (3, "text", "http://z.org/1"),
        (6, "text", "http://www.w.org/2"),
    ]
    cites(WHATSAPP, "_chat.txt")
