"""HTML as people save it: written by hand, bookmarks of browsers, the export of a messenger, Word's filtered HTML."""

from __future__ import annotations

from html import escape

from bench.corpus.matter import TOPICS, Item, Topic
from bench.corpus.shelf import Shelf


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.text(f"html/hand-{topic.name}.html", _page(topic, "utf-8"))
    shelf.text("html/cp1251-russian.html", _page(TOPICS[1], "windows-1251"), "cp1251")
    shelf.text("html/hand-corners.html", CORNERS)
    shelf.text("html/hand-base.html", BASE)
    shelf.text("html/hand-xhtml.xhtml", XHTML)
    shelf.text("html/word-filtered.htm", WORD.replace("\n", "\r\n"), "cp1252")
    shelf.text("html/browser-bookmarks.html", _bookmarks())
    shelf.text("html/telegram-messages.html", _telegram())


def html(item: Item) -> str:
    """A sentence as HTML, marked."""
    url = escape(item.url)
    told = f"⟦{url}¦u={item.url}"
    if not item.anchor:
        return f"{escape(item.before)}{told}¦r=text⟧{escape(item.after)}"
    return (
        f'{escape(item.before)}<a href="{told}¦a={item.anchor}¦r=link⟧">{escape(item.anchor)}</a>{escape(item.after)}'
    )


def body(topic: Topic) -> str:
    return "\n".join(f"<p>{html(item)}</p>" for item in topic.items)


def _page(topic: Topic, charset: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="{charset}">
<title>{topic.title}</title>
<link rel="stylesheet" href="https://asset.example/site.css">
<link rel="canonical" href="https://asset.example/page">
<script src="https://asset.example/site.js"></script>
</head>
<body>
<h1>{topic.title}</h1>
{body(topic)}
</body>
</html>
"""


CORNERS = """<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html xmlns:og="http://ogp.me/ns#">
<head>
<title>Corners, version 1.2.3 of node.js</title>
<meta property="og:image" content="https://asset.example/og.png">
<meta name="twitter:image" content="https://asset.example/card.png">
<link rel="icon" href="https://asset.example/favicon.ico">
<link rel="alternate" type="application/rss+xml" href="https://asset.example/feed">
<script type="application/ld+json">{"@context": "https://schema.org", "url": "https://asset.example/ld"}</script>
<style>@import url("https://asset.example/a.css"); body { background: url(https://asset.example/bg.png) }</style>
<script>var u = "https://code.example/script", a = "<a href='https://code.example/string'>x</a>";</script>
</head>
<body>
<!-- <a href="https://comment.example/">no</a> https://comment.example/text -->
<p><a href="⟦https://example.org/?a=1&amp;b=2&copy=3¦u=https://example.org/?a=1&b=2&copy=3¦a=entities¦r=link⟧">entities</a>,
<A HREF=⟦https://example.org/unquoted¦a=unquoted¦r=link⟧>unquoted</A>,
<a
  class='link' href='⟦https://example.org/single¦a=single quotes¦r=link⟧'>single <b>quo</b>tes</a>,
<a href=" ⟦https://example.org/spaces¦a=spaces¦r=link⟧ ">spaces</a>, <a href="⟦//example.org/scheme¦u=https://example.org/scheme¦a=no scheme¦r=link⟧">no scheme</a>,
<a href="⟦annex.html¦u=¦a=relative¦r=link⟧">relative</a>, <a href="⟦/root?x=1¦u=¦a=root¦r=link⟧">root</a>, <a name="here">none</a>, <a href="#here">here</a>,
<a href="mailto:desk@example.org">mail</a>, <a href="javascript:void(0)">code</a>, <a href="tel:+1">call</a>.</p>
<p><a href="⟦https://example.org/full¦r=link⟧"><img src="⟦https://img.example.org/thumb.jpg¦a=A plume¦r=image⟧" alt="A plume"></a>
<img src="⟦https://img.example.org/s.jpg¦r=image⟧" srcset="⟦https://img.example.org/m.jpg¦r=image⟧ 1x, ⟦https://img.example.org/l,2.jpg¦r=image⟧ 2x">
<img src="data:image/png;base64,iVBORw0KGgo=" alt="inline">
<picture><source srcset="⟦https://img.example.org/w.webp¦r=image⟧" type="image/webp"><img src="⟦https://img.example.org/w.png¦a=W¦r=image⟧" alt="W"></picture></p>
<iframe src="⟦https://www.youtube.com/embed/qblmOvkV9KM?start=10&amp;rel=0¦u=https://www.youtube.com/embed/qblmOvkV9KM?start=10&rel=0¦r=embed⟧"></iframe>
<video src="⟦https://media.example.org/a.mp4¦r=embed⟧" poster="⟦https://img.example.org/poster.jpg¦r=image⟧"></video>
<audio><source src="⟦https://media.example.org/a.ogg¦r=embed⟧"></audio>
<object data="⟦https://example.org/report.pdf¦r=embed⟧"></object><embed src="⟦https://example.org/film.swf¦r=embed⟧">
<map name="m"><area shape="rect" coords="0,0,1,1" href="⟦https://example.org/area¦r=link⟧" alt="area"></map>
<blockquote cite="⟦https://example.org/quoted¦r=cite⟧">Said, and <q cite="⟦https://example.org/q¦r=cite⟧">said again</q>.</blockquote>
<p>Text ⟦https://example.org/text?a=1&amp;b=2¦u=https://example.org/text?a=1&b=2⟧, (⟦https://example.org/parens⟧) and <b>⟦https://example.org/bold⟧</b>;
⟦www.example.org/www¦u=http://www.example.org/www⟧ &lt;⟦https://example.org/angle⟧&gt;, me@example.org, e.g.this.<br>⟦https://example.org/after-break⟧<br>⟦https://example.org/last⟧</p>
<p><a href="⟦https://example.org/shown¦a=https://example.org/sho…¦r=link⟧">https://example.org/sho…</a> <a href="⟦https://example.org/itself¦a=https://example.org/itself¦r=link⟧">https://example.org/itself</a></p>
<pre>https://code.example/pre-is-code</pre><code>https://code.example/code</code>
<noscript><img src="⟦https://pixel.example.org/track.gif?id=1¦r=image⟧" width="1" height="1"></noscript>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><a xlink:href="⟦https://example.org/in-svg¦r=link⟧"><text>svg</text></a></svg>
<table><tr><td>Homs<td><a href="⟦https://example.org/cell¦a=clip¦r=link⟧">clip</a><tr><td>Idlib<td>⟦https://example.org/cell2⟧</table>
</body></html>
""".replace("<pre>https://code.example/pre-is-code</pre>", "")

BASE = """<html><head><base href="https://example.org/reports/2015/"><title>Base</title></head><body>
<a href="⟦annex.html¦u=https://example.org/reports/2015/annex.html¦a=annex¦r=link⟧">annex</a>
<a href="⟦../2016/¦u=https://example.org/reports/2016/¦a=next year¦r=link⟧">next year</a>
<a href="⟦/contact?x=1&amp;y=2¦u=https://example.org/contact?x=1&y=2¦a=contact¦r=link⟧">contact</a>
<a href="⟦?page=2¦u=https://example.org/reports/2015/?page=2¦a=page¦r=link⟧">page</a>
<img src="⟦img/a.png¦u=https://example.org/reports/2015/img/a.png¦a=map¦r=image⟧" alt="map">
<a href="⟦https://t.me/example/1¦a=elsewhere¦r=link⟧">elsewhere</a>
</body></html>
"""

XHTML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">
<head><title>Strict</title></head>
<body>
<p>See <a href="⟦https://example.org/?a=1&#38;b=2¦u=https://example.org/?a=1&b=2¦a=the list¦r=link⟧">the list</a><br/>
and ⟦https://example.org/strict⟧.</p>
<p><img src="⟦https://img.example.org/x.png¦a=x¦r=image⟧" alt="x"/></p>
</body>
</html>
"""

WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head>
<meta http-equiv=Content-Type content="text/html; charset=windows-1252">
<meta name=Generator content="Microsoft Word 15 (filtered)">
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:TargetScreenSize>https://comment.example/mso</o:TargetScreenSize></o:OfficeDocumentSettings></xml><![endif]-->
<style>
<!--
 /* Font Definitions, https://asset.example/font */
 p.MsoNormal {margin:0cm;}
-->
</style>
</head>
<body lang=EN-GB link="#0563C1">
<div class=WordSection1>
<p class=MsoNormal><span lang=EN-GB>The minister’s office <a
href="⟦https://example.org/minister¦a=published it¦r=link⟧"><span
style='color:windowtext'>published
it</span></a>, see <a href="⟦https://vk.com/wall-1_2#_ftn¦a=https://vk.com/wall-1_2¦r=link⟧">https://vk.com/wall-1_2</a>.<o:p></o:p></span></p>
<p class=MsoNormal><a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title="">[1]</a>&nbsp;⟦https://example.org/word-text⟧</p>
<p class=MsoNormal><img width=604 height=340 src="⟦report_files/image001.jpg¦u=¦r=image⟧"></p>
<div id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1">[1]</a> Taken from <a href="⟦https://t.me/example/12?single¦a=the channel¦r=link⟧">the channel</a></p></div>
</div>
</body>
</html>
"""


def _bookmarks() -> str:
    lines = [
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>",
        "<!-- This is an automatically generated file. It will be read and overwritten. DO NOT EDIT! -->",
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">',
        "<TITLE>Bookmarks</TITLE>",
        "<H1>Bookmarks</H1>",
        "<DL><p>",
    ]
    for number, topic in enumerate(TOPICS):
        lines.append(f'    <DT><H3 ADD_DATE="14433{number}0000" LAST_MODIFIED="0">{topic.title}</H3>\n    <DL><p>')
        for item in topic.items:
            url, title = escape(item.url), item.anchor or topic.title
            lines.append(
                f'        <DT><A HREF="⟦{url}¦u={item.url}¦a={title}⟧" ADD_DATE="1443350000" '
                f'ICON_URI="https://asset.example/favicon.ico" ICON="data:image/png;base64,iVBORw0KGgo=">{title}</A>'
            )
        lines.append("    </DL><p>")
    return "\n".join([*lines, "</DL><p>"]) + "\n"


def _telegram() -> str:
    lines = [
        '<!DOCTYPE html>\n<html>\n <head>\n  <meta charset="utf-8"/>\n  <title>Exported Data</title>',
        '  <link href="css/style.css" rel="stylesheet"/>\n  <script src="js/script.js" type="text/javascript"></script>',
        ' </head>\n <body onload="CheckLocation();">\n  <div class="page_wrap">\n   <div class="history">',
    ]
    number = 0
    for topic in TOPICS:
        for item in topic.items:
            number += 1
            url = escape(item.url)
            shown = item.anchor or url
            link = f'<a href="⟦{url}¦u={item.url}¦a={item.anchor or item.url}¦r=link⟧">{shown}</a>'
            lines.append(
                f'    <div class="message default clearfix" id="message{number}">\n     <div class="body">\n'
                f'      <div class="pull_right date details" title="02.10.2015 08:15:00 UTC+03:00">08:15</div>\n'
                f'      <div class="from_name">Example channel</div>\n'
                f'      <div class="text">\n{escape(item.before)}{link}{escape(item.after)}\n      </div>\n     </div>\n    </div>'
            )
    lines.append(
        '    <div class="media_wrap clearfix">\n     <a class="photo_wrap clearfix pull_left" href="⟦photos/photo_1.jpg¦u=¦r=link⟧">\n'
        '      <img class="photo" src="⟦photos/photo_1_thumb.jpg¦u=¦r=image⟧" style="width: 260px"/>\n     </a>\n    </div>'
    )
    lines.append('    <a class="pagination" href="#go_to_message12" onclick="return GoToMessage(12)">a reply</a>')
    return "\n".join([*lines, "   </div>\n  </div>\n </body>\n</html>"]) + "\n"
