"""The signs by which formats are known: first bytes, roots of XML, and what stands in a prose format and in no other.

All patterns look at the first 64 KiB of a document and are linear in them.
"""

from __future__ import annotations

import re

FILES: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"bplist00", "bplist"),
    (b"WARC/1.", "warc"),
    (b"WARC/0.", "warc"),
    (b"\x1f\x8b", "gzip"),
)
PDF_WITHIN = 1024  # bytes: readers accept that much before the header (PDF 1.7, implementation note 13)
UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"!BDN", "an Outlook mailbox (PST)"),
    (b"%!PS", "PostScript"),
)
MEDIA: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"), (b"BM", "a picture"),
    (b"II*\x00", "a picture"), (b"MM\x00*", "a picture"), (b"8BPS", "a picture"), (b"\x00\x00\x01\x00", "a picture"),
    (b"\x1aE\xdf\xa3", "a film"), (b"FLV\x01", "a film"), (b"\x00\x00\x01\xba", "a film"),
    (b"\x00\x00\x01\xb3", "a film"),
    (b"0&\xb2u\x8ef\xcf\x11", "a film"),
    (b"ID3", "sound"), (b"\xff\xfb", "sound"), (b"\xff\xf1", "sound"), (b"OggS", "sound or a film"), (b"fLaC", "sound"),
    (b"wOFF", "a font"), (b"wOF2", "a font"), (b"\x00\x01\x00\x00\x00", "a font"), (b"OTTO", "a font"),
    (b"\x7fELF", "a program"), (b"MZ", "a program"),
)  # fmt: skip
RIFF = {b"WEBP": "a picture", b"WAVE": "sound", b"AVI ": "a film"}
ISO_MEDIA = {b"heic": "a picture", b"mif1": "a picture", b"avif": "a picture", b"M4A ": "sound"}

FLAT_ODF = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml\b[^>]*+>\s*+)?<office:document\s[^>]*?"
    rb"\boffice:mimetype=[\"']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation|graphics)"
)
ODF = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odp"}
COMMENTS = rb"(?:\s|<!--(?:[^-]|-(?!->))*-->|<\?[^>]*\?>)*+"
HTML = re.compile(COMMENTS + rb"<(?:!doctype\s+(?:html|netscape)|html|head|body)\b", re.I)
HTMLISH = re.compile(
    COMMENTS
    + rb"<(?:a|article|blockquote|center|dl|div|h[1-6]|iframe|main|meta|ol|p|pre|section|span|table|title|ul)\b",
    re.I,
)
XML = re.compile(rb"\s*<\?xml\b|" + COMMENTS + rb"<!DOCTYPE\s+(?!html)[A-Za-z]", re.I)
ROOT = re.compile(
    COMMENTS + rb"(?:<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)?" + COMMENTS + rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)"
)
ROOTS = {
    b"rss": "rss", b"RDF": "rss", b"feed": "atom", b"opml": "opml", b"urlset": "sitemap", b"sitemapindex": "sitemap",
    b"plist": "webloc", b"FictionBook": "fb2", b"book": "docbook", b"html": "html",
}  # fmt: skip
JATS = re.compile(rb"-//NLM//DTD|JATS|<front>|<article-meta|dtd-version=|<journal-meta")
DOCBOOK = re.compile(rb"docbook", re.I)
# The archives that Twitter hands out are scripts of one assignment.
JSON = re.compile(rb"\s*(?:window\.[\w.]{1,80}\s*=\s*)?\{\s*(?:\"[^\"\n]*\"\s*:|\})")
JSON_LIST = re.compile(rb"\s*(?:window\.[\w.]{1,80}\s*=\s*)?\[\s*(?:[\[{]\s*)?[\"{]")  # or the anchor of a link
JSON_LINES = re.compile(rb"\s*\{[^\n]*\}[ \t]*\r?\n\s*\{\s*\"")
NOTEBOOK = re.compile(rb"\"cells\"\s*:|\"nbformat\"\s*:")
CSL = re.compile(
    rb"\s*\[\s*\{[^\]]*?\"type\"\s*:\s*\""
    rb"(?:article|book|chapter|post|report|thesis|webpage|entry|paper|motion|song)"
)
MAIL = re.compile(rb"(?:>?From \S+ .*\r?\n)?(?:[A-Za-z][A-Za-z0-9-]*:(?:[ \t].*)?\r?\n(?:[ \t]+\S.*\r?\n)*){2}")
MAIL_LENGTH = re.compile(rb"(?:\xef\xbb\xbf)?(?:\d{1,10}[ \t]*\r?\n)?")  # of Apple Mail's files
MAIL_FIELD = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path|Delivered-To):[ \t]", re.I | re.M)
MAIL_FROM = re.compile(rb"(?=(?:.*\r?\n)*?From:[ \t])(?=(?:.*\r?\n)*?(?:Subject|Date|To):[ \t])")
MBOX = re.compile(rb"From (?:\S+ .*\d{4}.*|-?[ \t]*)\r?\n[A-Za-z][A-Za-z0-9-]*:")
SHORTCUT = re.compile(
    rb"\s*\[(?:InternetShortcut|Desktop Entry|\{000214A0-0000-0000-C000-000000000046\})[^\]]*\]", re.I
)
BIBTEX = re.compile(
    rb"^[ \t]*@(?:article|book|booklet|inbook|incollection|inproceedings|conference|manual|mastersthesis|misc|online"
    rb"|phdthesis|proceedings|report|techreport|thesis|unpublished|www|electronic|dataset|string|comment|preamble)\s*[{(]",
    re.I | re.M,
)
RIS = re.compile(rb"\A\s*(?:\d+\.\s*\r?\n)?TY  ?- ?[A-Z]{3,8}\s*\r?\n", re.I)
LATEX = re.compile(rb"^[ \t]*\\(?:documentclass|documentstyle|begin\{document\}|usepackage)\b", re.M)
LATEX_PART = re.compile(
    rb"\\(?:href\{|(?:url|nolinkurl)\{(?:https?|ftp|mailto):)"
    rb"|^[ \t]*\\(?:chapter|section|subsection|begin|bibitem|bibliography)\*?[\[{]",
    re.M,
)
ORG = re.compile(
    rb"^[ \t]*#\+(?:TITLE|AUTHOR|DATE|OPTIONS|BEGIN_\w+|FILETAGS|STARTUP|LINK|CAPTION)\b|^\*+ (?-i:TODO|DONE) "
    rb"|^[ \t]*:PROPERTIES:[ \t]*$|\[\[[a-z][a-z0-9+-]{1,20}:[^\[\]\n]{1,2000}\]\[[^\[\]]{1,300}\]\]|^\[fn:[\w-]+\]",
    re.I | re.M,
)
WIKI = re.compile(
    rb"\[https?://[^\s\]\[|]{1,2000} [^\]\n]{1,200}\](?!\()|<ref(?:[ ][^<>\n]{0,200})?>"
    rb"|^(={1,6})[^=\n]+\1[ \t]*\r?$",
    re.M,
)
MEDIAWIKI = re.compile(
    WIKI.pattern + rb"|^\{\{(?![<%\s])[^{}\n]+(?:\||\}\})|\[\[(?:File|Image|Category):[^\[\]\n]{1,500}\]\]", re.M
)
ASCIIDOC_TITLE = re.compile(rb"\A(?:(?://[^\n]*)?\n)*= \S[^\n]*[^=\s][ \t]*\r?\n")
ASCIIDOC = re.compile(
    rb"^\[(?:source|quote|NOTE|TIP|verse)[^\]\n]*\][ \t]*\r?$|^image::[^\s\[\]]{1,2000}\[[^\]\n]*\]|\bfootnote:\["
    # no footnote mark, no field of a form, and no dot that someone put into brackets
    rb"|\b(?:link:|https?://)[^\s\[\]]{1,2000}\[(?=[^\]\n]{0,200}[A-Za-z\x80-\xff]{2})[^\]\n]{0,500}\](?![\w(=&.\[])",
    re.M,
)
RST = re.compile(
    rb"`[^`\n<>]+(?:\n[^`\n<>]+)?<[^<>`\s]+>`__?"
    rb"|^[ \t]*\.\. (?:_[^\n]+:(?:\s|\Z)|[\w-]+::|\[[\w#*]+\]\s|\|[^|\n]+\| \w+::)",
    re.M,
)
TEXTILE = re.compile(rb"\"[^\"\n]+\":https?://\S|^h[1-6](?:\([^)\n]*\))?\. \S|^bq\. \S|!https?://[^\s!]+!", re.M)
YAML = re.compile(rb"\A(?:%YAML|---[ \t]*\r?\n(?:#[^\n]*\n)*[\w\"'-]+:[ \t\r\n])")
# A header of short fields, and two lines with the same delimiter.
CSV = re.compile(
    rb"\A(?:sep=[^\n]*\n)?\"?[^\s,;\t\"][^,;\t\"\n]{0,40}\"?([,;\t])(?! )(?:\"?[^,;\t\"\n]{0,40}\"?\1(?! )){0,99}"
    rb"\"?[^,;\t\"\n.!?]{0,40}\"?\r?\n(?:[^\n]*?\1[^\n]*(?:\n|\Z)){2}"
)
WHATSAPP = re.compile(
    rb"\A\s*(?:\xe2\x80\x8e)?\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}[:.]\d{2}[^\n]{0,20}?(?:\]| -) [^\n]"
)
MARKDOWN = re.compile(
    rb"\A(?:---|\+\+\+)[ \t]*\r?\n[\w\"'-]+[ \t]*[:=]"  # front matter
    rb"|\]\((?:<|[^\s()])[^\n]{0,2000}?\)"  # a link
    rb"|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S"  # a definition or footnote
    rb"|^ {0,3}(?:```|~~~)"
    rb"|^#{2,6}[ \t]+\S|(?:\A|\n[ \t]*\r?\n)#[ \t]+\S[^\n]*\n[ \t]*\r?\n",  # headings
    re.M,
)
MARKDOWN_LINK = re.compile(MARKDOWN.pattern.partition(rb"|^#{2,6}")[0], re.M)
# Prose formats by their own signs, for documents whose name says nothing, in the order in which they are asked.
PROSE: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("latex", LATEX),
    ("bibtex", BIBTEX),
    ("ris", RIS),
    ("whatsapp", WHATSAPP),
    ("asciidoc", ASCIIDOC_TITLE),
    ("markdown", MARKDOWN_LINK),
    ("latex", LATEX_PART),
    ("org", ORG),
    ("textile", TEXTILE),
    ("asciidoc", ASCIIDOC),
    ("rst", RST),
    ("mediawiki", MEDIAWIKI),
    ("markdown", MARKDOWN),  # nothing but headings, which the lists of others look like
    ("yaml", YAML),
    ("csv", CSV),
)
VAGUE = frozenset({"", ".txt", ".text", ".log", ".asc", ".doc"})  # suffixes that say nothing about a text
STRICT = frozenset({"json", "jsonl", "ipynb", "rss", "atom", "opml", "fb2", "docbook", "jats", "webloc"})
