"""XML by hand and by feedgen: feeds, lists of feeds, sitemaps, books and articles, shortcuts."""

from __future__ import annotations

import plistlib
from html import escape

from bench.corpus.matter import ENGLISH, RUSSIAN, TOPICS, Item, Topic
from bench.corpus.pages import html
from bench.corpus.shelf import Expected, Shelf

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.text(f"rss/hand-{topic.name}.rss", _rss(topic))
        shelf.text(f"atom/hand-{topic.name}.atom", _atom(topic))
        shelf.text(f"opml/hand-{topic.name}.opml", _opml(topic))
        shelf.text(f"sitemap/hand-{topic.name}.xml", _sitemap(topic))
        shelf.text(f"docbook/hand-{topic.name}.dbk", _docbook(topic))
        shelf.text(f"jats/hand-{topic.name}.nxml", _jats(topic))
        shelf.text(f"fb2/hand-{topic.name}.fb2", _fb2(topic))
        shelf.text(f"xml/tei-{topic.name}.xml", _tei(topic))
    shelf.text("rss/rdf-corners.rdf", RDF)
    shelf.text("rss/wordpress-corners.xml", WORDPRESS)
    shelf.text("atom/blogger-corners.xml", ATOM)
    shelf.text("sitemap/index.xml", INDEX)
    shelf.text("docbook/hand-corners.xml", DOCBOOK)
    shelf.text("xml/earth-places.kml", KML)
    shelf.text("xml/receiver-track.gpx", GPX)
    shelf.text("xml/browser-bookmarks.xbel", XBEL)
    shelf.text("xml/editor-diagram.svg", SVG)
    _feedgen(shelf)
    _shortcuts(shelf)


def _xml(item: Item, element: str, attribute: str) -> str:
    """A sentence with a link as `<element attribute="…">` or a URL in its text."""
    url = escape(item.url)
    if not item.anchor:
        return f"{escape(item.before)}⟦{url}¦u={item.url}⟧{escape(item.after)}"
    link = f'<{element} {attribute}="⟦{url}¦u={item.url}¦a={item.anchor}⟧">{escape(item.anchor)}</{element}>'
    return f"{escape(item.before)}{link}{escape(item.after)}"


# Feeds


def _rss(topic: Topic) -> str:
    items = []
    for number, item in enumerate(topic.items):
        marked = html(item)
        if number % 2:
            description = f"<![CDATA[<p>{marked}</p>]]>"
        else:  # escaped twice
            shown = escape(escape(item.url))
            link = f"⟦{shown}¦u={item.url}" + (f"¦a={item.anchor}⟧" if item.anchor else "⟧")
            before, after = escape(escape(item.before)), escape(escape(item.after))
            inner = f'&lt;a href="{link}"&gt;{item.anchor}&lt;/a&gt;' if item.anchor else link
            description = f"&lt;p&gt;{before}{inner}{after}&lt;/p&gt;"
        items.append(
            f"<item>\n<title>{escape((item.before + item.anchor).strip())}</title>\n"
            f"<link>⟦https://example.org/items/{number}?from=rss&amp;x=1¦u=https://example.org/items/{number}?from=rss&x=1⟧</link>\n"
            f'<guid isPermaLink="false">tag:example.org,2015:{number}</guid>\n<description>{description}</description>\n</item>'
        )
    return (
        f'{_XML}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
        f"<title>{topic.title}</title>\n<link>⟦https://example.org/¦o⟧</link>\n"
        + "\n".join(items)
        + "\n</channel>\n</rss>\n"
    )


WORDPRESS = f"""{_XML}<?xml-stylesheet type="text/xsl" href="https://asset.example/feed.xsl"?>
<!-- https://comment.example/feed -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>Corners 1.2.3</title>
<atom:link href="⟦https://example.org/feed/¦o⟧" rel="self" type="application/rss+xml"/>
<link>⟦https://example.org/¦o⟧</link>
<generator>⟦https://wordpress.example/?v=5.2¦o⟧</generator>
<image><url>⟦https://img.example.org/logo.png¦o⟧</url><link>⟦https://example.org/¦o⟧</link></image>
<item>
<title>Strike</title>
<link>⟦https://example.org/posts/1⟧</link>
<guid isPermaLink="true">⟦https://example.org/?p=1¦o⟧</guid>
<comments>⟦https://example.org/posts/1#comments¦o⟧</comments>
<enclosure url="⟦https://media.example.org/1.mp3⟧" length="1" type="audio/mpeg"/>
<media:content url="⟦https://media.example.org/1.mp4⟧" medium="video"><media:thumbnail url="⟦https://img.example.org/1.jpg⟧"/></media:content>
<description>Short, see ⟦https://example.org/short⟧.</description>
<content:encoded><![CDATA[<p>Long, <a href="⟦https://example.org/long?a=1&amp;b=2¦u=https://example.org/long?a=1&b=2¦a=read⟧">read</a>
<img src="⟦https://img.example.org/in.jpg⟧"/></p><script>var a = "https://code.example/feed"</script>]]></content:encoded>
</item>
</channel>
</rss>
"""
RDF = f"""{_XML}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="⟦https://example.org/rdf¦o⟧"><title>Old feed</title><link>⟦https://example.org/¦o⟧</link>
<items><rdf:Seq><rdf:li rdf:resource="⟦https://example.org/rdf/1¦o⟧"/></rdf:Seq></items></channel>
<item rdf:about="⟦https://example.org/rdf/1¦o⟧"><title>One</title><link>⟦https://example.org/rdf/1⟧</link>
<description>See ⟦https://example.org/rdf/text⟧</description></item>
</rdf:RDF>
"""


def _atom(topic: Topic) -> str:
    entries = []
    for number, item in enumerate(topic.items):
        entries.append(
            f"<entry>\n<title>{escape((item.before + item.anchor).strip())}</title>\n<id>tag:example.org,2015:{number}</id>\n"
            f'<link rel="alternate" href="⟦https://example.org/entries/{number}⟧"/>\n<updated>2015-10-02T08:15:00Z</updated>\n'
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{html(item)}</p></div></content>\n</entry>'
        )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom">\n<title>{topic.title}</title>\n<id>tag:example.org,2015:feed</id>\n'
        '<link rel="self" href="⟦https://example.org/atom¦o⟧"/>\n' + "\n".join(entries) + "\n</feed>\n"
    )


ATOM = f"""{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/">
<title>Corners</title>
<entry>
<title>One</title>
<id>tag:example.org,2015:one</id>
<link rel="alternate" type="text/html" href="⟦one.html¦u=https://example.org/blog/one.html⟧"/>
<link rel="enclosure" type="video/mp4" href="⟦https://media.example.org/one.mp4⟧"/>
<link rel="via" href="⟦https://t.me/example/1⟧"/>
<author><name>Desk</name><uri>⟦https://example.org/desk¦o⟧</uri></author>
<content type="html">&lt;p&gt;See &lt;a href="⟦https://example.org/?a=1&amp;amp;b=2¦u=https://example.org/?a=1&b=2¦a=it⟧"&gt;it&lt;/a&gt; and ⟦https://example.org/text⟧&lt;/p&gt;</content>
</entry>
<entry><title>Two</title><id>tag:example.org,2015:two</id><link href="⟦https://example.org/two⟧"/><summary>From ⟦https://example.org/summary⟧.</summary></entry>
</feed>
"""


def _feedgen(shelf: Shelf) -> None:
    from datetime import UTC, datetime

    from feedgen.feed import FeedGenerator

    moment = datetime(2015, 10, 2, tzinfo=UTC)
    feed = FeedGenerator()
    feed.id("tag:example.org,2015:feedgen")
    feed.title("Made by a library")
    feed.link(href="https://example.org/made", rel="alternate")
    feed.description("Sources")
    feed.updated(moment)
    feed.lastBuildDate(moment)
    expected = [Expected("https://example.org/made", optional=True), Expected("https://lkiesow.github.io/python-feedgen", optional=True)]  # fmt: skip
    expected.append(Expected("http://www.rssboard.org/rss-specification", optional=True))
    for number, item in enumerate((*ENGLISH.items, *RUSSIAN.items)):
        entry = feed.add_entry(order="append")
        entry.id(f"tag:example.org,2015:{number}")
        entry.title((item.before + item.anchor).strip())
        entry.link(href=item.url)
        entry.updated(moment)
        entry.content(f'<p>See <a href="https://example.org/said/{number}">what was said</a>.</p>', type="html")
        expected += [Expected(item.url), Expected(f"https://example.org/said/{number}", "what was said")]
    shelf.put("rss/feedgen-mixed.xml", feed.rss_str(pretty=True), expected)
    shelf.put("atom/feedgen-mixed.xml", feed.atom_str(pretty=True), expected)


def _opml(topic: Topic) -> str:
    lines = []
    for number, item in enumerate(topic.items):
        title = escape((item.before + item.anchor).strip())
        url = f"⟦{escape(item.url)}¦u={item.url}⟧"
        if number % 2:
            lines.append(f'<outline text="{title}" type="link" url="{url}"/>')
        else:
            lines.append(
                f'<outline type="rss" text="{title}" xmlUrl="{url}"\n htmlUrl="⟦https://example.org/site/{number}⟧"/>'
            )
    return (
        f'{_XML}<opml version="2.0">\n<head><title>{topic.title}</title></head>\n<body>\n<outline text="Folder">\n'
        + "\n".join(lines) + "\n</outline>\n</body>\n</opml>\n"
    )  # fmt: skip


def _sitemap(topic: Topic) -> str:
    urls = "\n".join(
        f"<url><loc>⟦{escape(item.url)}¦u={item.url}⟧</loc><lastmod>2015-10-02</lastmod></url>" for item in topic.items
    )
    image = "<url><loc>\n⟦https://example.org/gallery⟧\n</loc><image:image><image:loc>⟦https://img.example.org/g.jpg⟧</image:loc></image:image></url>"
    return (
        f'{_XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.sitemaps.org/schemas/sitemap/0.9 http://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">\n{urls}\n{image}\n</urlset>\n'
    )


INDEX = f"""{_XML}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>⟦https://example.org/sitemap-1.xml.gz⟧</loc></sitemap>
<sitemap><loc>⟦https://example.org/sitemap-2.xml?a=1&amp;b=2¦u=https://example.org/sitemap-2.xml?a=1&b=2⟧</loc></sitemap>
</sitemapindex>
"""


# Articles and books


def _docbook(topic: Topic) -> str:
    paras = "\n".join(f"<para>{_xml(item, 'link', 'xlink:href')}</para>" for item in topic.items)
    return (
        f'{_XML}<article xmlns="http://docbook.org/ns/docbook" xmlns:xlink="http://www.w3.org/1999/xlink" version="5.0">\n'
        f"<title>{topic.title}</title>\n{paras}\n</article>\n"
    )


DOCBOOK = f"""{_XML}<!DOCTYPE article PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN"
 "http://www.oasis-open.org/docbook/xml/4.5/docbookx.dtd">
<!-- https://comment.example/docbook -->
<article>
<title>Corners</title>
<para>See <ulink url="⟦https://example.org/ulink?a=1&amp;b=2¦u=https://example.org/ulink?a=1&b=2¦a=the list⟧">the list</ulink> and <ulink url="⟦https://example.org/empty⟧"/>.</para>
<para>Bare ⟦https://example.org/bare⟧,<footnote><para>Note ⟦https://example.org/note⟧</para></footnote> node.js 1.2.3.</para>
<programlisting>https://code.example/listing</programlisting>
<mediaobject><imageobject><imagedata fileref="⟦https://img.example.org/plume.jpg⟧"/></imageobject></mediaobject>
<bibliography><bibliomixed>A report, <ulink url="⟦http://www.vdc-sy.info/⟧">⟦http://www.vdc-sy.info/¦o⟧</ulink></bibliomixed></bibliography>
</article>
"""


def _jats(topic: Topic) -> str:
    link = 'ext-link ext-link-type="uri"'
    paras = "\n".join(
        f"<p>{_xml(item, link, 'xlink:href').replace(f'</{link}>', '</ext-link>')}</p>" for item in topic.items
    )
    return (
        f'{_XML}<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.2//EN" "JATS-archivearticle1.dtd">\n'
        '<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML">\n'
        f"<front><article-meta><title-group><article-title>{topic.title}</article-title></title-group></article-meta></front>\n"
        f'<body>\n{paras}\n</body>\n<back><ref-list><ref id="r1"><mixed-citation>Report. '
        "<uri>⟦http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf⟧</uri></mixed-citation></ref></ref-list></back>\n</article>\n"
    )


def _fb2(topic: Topic) -> str:
    paras = "\n".join(f"<p>{_xml(item, 'a', 'l:href')}</p>" for item in topic.items)
    return (
        f'{_XML}<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">\n'
        f"<description><title-info><book-title>{topic.title}</book-title></title-info></description>\n"
        f'<body><section>\n{paras}\n<p>Note<a l:href="#n1" type="note">1</a></p></section></body>\n'
        '<body name="notes"><section id="n1"><p>See ⟦https://t.me/example/1⟧</p></section></body>\n'
        '<binary id="cover.png" content-type="image/png">iVBORw0KGgo=</binary>\n</FictionBook>\n'
    )


def _tei(topic: Topic) -> str:
    paras = "\n".join(f"<p>{_xml(item, 'ref', 'target')}</p>" for item in topic.items)
    return (
        f'{_XML}<TEI xmlns="http://www.tei-c.org/ns/1.0">\n<teiHeader><fileDesc><titleStmt><title>{topic.title}</title>'
        f"</titleStmt></fileDesc></teiHeader>\n<text><body>\n{paras}\n</body></text>\n</TEI>\n"
    )


KML = f"""{_XML}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Style id="s"><IconStyle><Icon><href>⟦https://img.example.org/pin.png¦o⟧</href></Icon></IconStyle></Style>
<Placemark><name>Homs</name><description><![CDATA[<a href="⟦https://example.org/kml?a=1&amp;b=2¦u=https://example.org/kml?a=1&b=2⟧">clip</a><br>⟦https://example.org/kml-text⟧]]></description>
<Point><coordinates>36.71,34.73,0</coordinates></Point></Placemark>
<NetworkLink><Link><href>⟦https://example.org/live.kml⟧</href></Link></NetworkLink>
</Document></kml>
"""
GPX = f"""{_XML}<gpx version="1.1" creator="Receiver 1.2.3" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
<wpt lat="34.73" lon="36.71"><name>A</name><desc>Seen at ⟦https://example.org/gpx⟧</desc><link href="⟦https://example.org/gpx-link⟧"><text>film</text></link></wpt>
</gpx>
"""
XBEL = f"""{_XML}<!DOCTYPE xbel PUBLIC "+//IDN python.org//DTD XML Bookmark Exchange Language 1.0//EN//XML" "http://pyxml.sourceforge.net/topics/dtds/xbel.dtd">
<xbel version="1.0"><folder><title>Homs</title>
<bookmark href="⟦https://vk.com/wall-1_2⟧"><title>Post</title></bookmark>
<bookmark href="⟦https://example.org/?a=1&amp;b=2¦u=https://example.org/?a=1&b=2⟧"><title>List</title></bookmark>
</folder></xbel>
"""
SVG = f"""{_XML}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10">
<a xlink:href="⟦https://example.org/svg-old⟧"><text>old</text></a>
<a href="⟦https://example.org/svg-new⟧"><text>new</text></a>
<image xlink:href="⟦https://img.example.org/svg.png⟧"/><text>⟦https://example.org/svg-text⟧</text>
</svg>
"""


# Shortcuts


def _shortcuts(shelf: Shelf) -> None:
    for topic in TOPICS:
        item = topic.items[0]
        shelf.text(f"url/browser-{topic.name}.url", f"[InternetShortcut]\nURL=⟦{item.url}⟧\nIDList=\nHotKey=0\nIconFile=https://asset.example/favicon.ico\nIconIndex=0\n", newline="\r\n")  # fmt: skip
        shelf.text(f"url/desktop-{topic.name}.desktop", f"[Desktop Entry]\nEncoding=UTF-8\nName={topic.title}\nType=Link\nURL=⟦{topic.items[1].url}⟧\nIcon=text-html\n")  # fmt: skip
        shelf.text(f"webloc/finder-{topic.name}.webloc", _webloc(topic.items[2].url))
        binary = plistlib.dumps({"URL": topic.items[3].url}, fmt=plistlib.FMT_BINARY)
        shelf.put(f"bplist/finder-{topic.name}.webloc", binary, [Expected(topic.items[3].url)])
    shelf.text(
        "url/browser-utf16.url", f"[InternetShortcut]\nURL=⟦{RUSSIAN.items[4].url}⟧\n", "utf-16-le", b"\xff\xfe", "\r\n"
    )
    shelf.text("url/browser-cp1251.url", f"[{{000214A0-0000-0000-C000-000000000046}}]\nProp3=19,11\n[InternetShortcut]\nURL=⟦{RUSSIAN.items[6].url}⟧\n", "cp1251", newline="\r\n")  # fmt: skip


def _webloc(url: str) -> str:
    return (
        f'{_XML}<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        f'<plist version="1.0">\n<dict>\n\t<key>URL</key>\n\t<string>⟦{escape(url)}¦u={url}⟧</string>\n</dict>\n</plist>\n'
    )
