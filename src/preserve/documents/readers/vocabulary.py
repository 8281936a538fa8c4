"""What the elements and attributes of XML vocabularies cite.

RSS 2.0 and 1.0, Media RSS, Atom (RFC 4287), OPML 2.0, Sitemaps 0.9, DocBook 4 and 5, JATS 1.3, FictionBook 2, TEI P5,
KML 2.3, GPX 1.1, SVG 2, XBEL 1.0. They share one table by local name, for where they use the same they mean the same.
"""

from __future__ import annotations

TEI = "http://www.tei-c.org/ns/1.0"
XHTML = "http://www.w3.org/1999/xhtml"

# Attributes that hold a URL, relative ones too: in any element, and where an element says more.
ANYWHERE = {
    "href": "link", "src": "embed", "url": "link", "uri": "link", "xmlUrl": "link", "htmlUrl": "link",
    "fileref": "embed", "resource": "link", "about": "link",
}  # fmt: skip
ATTRIBUTES: dict[str, dict[str, str]] = {
    "audio": {"src": "embed"},
    "audiodata": {"fileref": "embed"},
    "blockquote": {"cite": "cite"},
    "content": {"url": "embed", "src": "embed"},  # of Media RSS, of Atom
    "enclosure": {"url": "embed"},
    "graphic": {"href": "image", "url": "image", "fileref": "image"},  # JATS, TEI, DocBook
    "image": {"href": "image"},
    "imagedata": {"fileref": "image", "href": "image"},
    "img": {"src": "image"},
    "import": {"schemaLocation": "asset"},
    "include": {"href": "asset"},
    "inline-graphic": {"href": "image"},
    "inlinegraphic": {"fileref": "image"},
    "media": {"href": "embed", "url": "embed"},
    "object": {"data": "embed"},
    "player": {"url": "embed"},
    "ptr": {"target": "link"},
    "q": {"cite": "cite"},
    "quote": {"source": "cite"},
    "ref": {"target": "link"},
    "script": {"src": "asset", "href": "asset"},
    "self-uri": {"href": "asset"},
    "source": {"url": "cite", "src": "embed"},
    "thumbnail": {"url": "image"},
    "video": {"src": "embed", "poster": "image"},
}
RELATIONS = dict.fromkeys(
    (
        "self", "edit", "edit-media", "hub", "search", "first", "last", "next", "prev", "previous", "next-archive",
        "prev-archive", "current", "icon", "stylesheet", "service",
    ),
    "asset",
) | {"enclosure": "embed", "via": "cite"}  # fmt: skip
# Attributes that name a vocabulary and cite nothing.
VOCABULARY = frozenset({
    "schemaLocation", "noNamespaceSchemaLocation", "targetNamespace", "namespace", "datatype", "datatypeLibrary",
    "profile", "property", "typeof", "vocab", "rel", "systemId", "domain", "scheme", "specific-use",
})  # fmt: skip
SPOKEN = frozenset({"title", "text", "alt", "description", "summary", "label", "desc", "_note"})  # to people

# Elements whose whole text is a URL, where it is not a plain link; by name, or by parent and name.
CONTENT = {
    "content_loc": "embed",
    "docs": "asset",
    "generator": "asset",
    "icon": "asset",
    "Icon/href": "image",
    "image/loc": "image",
    "image/url": "image",
    "logo": "image",
    "player_loc": "embed",
    "self-uri": "asset",
    "thumbnail_loc": "image",
}
RELATIVE = frozenset({"link", "url", "uri", "href", "loc", "enclosure"})  # elements whose text may be a relative URL
PROSE = frozenset({"p", "para", "simpara", "td", "th", "v", "head", "mixed-citation", "bibl"})  # never one URL as such
REGIONS = {
    **dict.fromkeys(("footnote", "fn", "endnote"), "footnote"),
    **dict.fromkeys(
        ("bibliography", "bibliodiv", "ref-list", "listBibl", "bibl", "biblStruct", "biblioentry"), "bibliography"
    ),
    **dict.fromkeys(
        ("programlisting", "screen", "synopsis", "code", "literal", "eg", "egXML", "preformat", "computeroutput",
         "userinput"),
        "code",
    ),
    **dict.fromkeys(("Style", "StyleMap"), "asset"),  # of KML
}  # fmt: skip
SILENT = frozenset({"binary", "style", "script"})  # no text for people
DATA = frozenset({"rss", "RDF", "feed", "opml", "urlset", "sitemapindex", "kml", "gpx", "xbel", "plist"})  # no prose
INLINE = frozenset({
    "a", "abbr", "abbrev", "acronym", "article-title", "b", "big", "bold", "cite", "citetitle", "code", "command",
    "date", "del", "dfn", "email", "em", "emph", "emphasis", "ext-link", "filename", "firstterm", "foreign",
    "foreignphrase", "glossterm", "hi", "i", "inline-graphic", "italic", "link", "literal", "mentioned", "monospace",
    "name", "named-content", "orgName", "persName", "phrase", "placeName", "productname", "q", "quote", "ref", "roman",
    "rs", "s", "sc", "seg", "small", "source", "span", "strike", "strong", "sub", "subscript", "sup", "superscript",
    "term", "trademark", "tspan", "tt", "u", "ulink", "underline", "uri", "userinput", "volume", "xref", "year",
})  # fmt: skip
TITLES = frozenset({"title", "name", "text", "article-title", "headline"})  # of what stands beside them
# Things with a title of their own, or none: what they cite is not named by that of a larger one.
RECORDS = frozenset({
    "Document", "Folder", "Placemark", "bookmark", "channel", "entry", "feed", "folder", "image", "item", "outline",
    "rte", "trk", "url", "wpt",
})  # fmt: skip
PARTS = frozenset(
    {"article", "body", "book", "chapter", "div", "front", "info", "sec", "section"}
)  # of prose: too large
DOI_MARKS = ("ext-link-type", "pub-id-type", "class", "type")  # attributes that say that something is a DOI
