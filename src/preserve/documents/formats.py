"""The formats that can be read, each with its reader: a module with one function `read` (see mention.py).

`sniff.py` decides which of them a document is; the suffix has a word only where content leaves it open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Format:
    title: str  # as messages call it
    module: str
    suffixes: tuple[str, ...] = ()
    kind: Literal["text", "file"] = "text"


_TABLE: dict[str, tuple[str, str, str, Literal["text", "file"]]] = {
    # Prose
    "text": ("plain text", "text", "txt text log lst nfo", "text"),
    "whatsapp": ("a WhatsApp export", "text", "", "text"),
    "markdown": ("Markdown", "markdown", "md markdown mdown mkd mkdn mdwn mdx rmd qmd", "text"),
    "html": ("HTML", "html", "html htm xhtml xht shtml", "text"),
    "rst": ("reStructuredText", "rst", "rst rest", "text"),
    "asciidoc": ("AsciiDoc", "asciidoc", "adoc asciidoc asc", "text"),
    "org": ("an Org file", "org", "org", "text"),
    "mediawiki": ("MediaWiki text", "mediawiki", "mediawiki wiki wikitext", "text"),
    "textile": ("Textile", "textile", "textile", "text"),
    "latex": ("LaTeX", "latex", "tex latex ltx", "text"),
    # Bibliographies
    "bibtex": ("BibTeX", "bibtex", "bib bibtex", "text"),
    "ris": ("RIS", "ris", "ris", "text"),
    "csl": ("CSL-JSON", "json", "", "text"),
    # Data
    "csv": ("CSV", "csv", "csv", "text"),
    "tsv": ("TSV", "csv", "tsv tab", "text"),
    "json": ("JSON", "json", "json geojson csljson", "text"),
    "jsonl": ("JSON Lines", "json", "jsonl ndjson", "text"),
    "yaml": ("YAML", "yaml", "yaml yml", "text"),
    "ipynb": ("a notebook", "notebook", "ipynb", "text"),
    "script": ("a script or style sheet", "script", "js mjs cjs javascript css", "text"),
    # XML
    "rss": ("an RSS feed", "xml", "rss rdf", "text"),
    "atom": ("an Atom feed", "xml", "atom", "text"),
    "opml": ("OPML", "xml", "opml", "text"),
    "sitemap": ("a sitemap", "xml", "", "text"),
    "docbook": ("DocBook", "xml", "dbk docbook", "text"),
    "jats": ("JATS", "xml", "nxml jats", "text"),
    "fb2": ("a FictionBook", "xml", "fb2", "text"),
    "webloc": ("a webloc file", "shortcut", "webloc", "text"),
    "bplist": ("a binary property list", "bplist", "", "file"),
    "xml": ("XML", "xml", "xml kml gpx svg tei xbel", "text"),
    # Shortcuts
    "url": ("an Internet shortcut", "shortcut", "url desktop", "text"),
    # Mail
    "eml": ("an e-mail message", "mail", "eml emlx mht mhtml", "file"),
    "mbox": ("a mailbox", "mbox", "mbox", "file"),
    # Office
    "docx": ("a Word document (DOCX)", "docx", "docx docm dotx dotm", "file"),
    "pptx": ("a PowerPoint file (PPTX)", "pptx", "pptx pptm ppsx potx", "file"),
    "xlsx": ("an Excel workbook (XLSX)", "xlsx", "xlsx xlsm xltx xltm", "file"),
    "odt": ("an OpenDocument text", "opendocument", "odt ott odm fodt", "file"),
    "ods": ("an OpenDocument spreadsheet", "opendocument", "ods ots fods", "file"),
    "odp": ("an OpenDocument presentation", "opendocument", "odp otp odg otg fodp fodg", "file"),
    "rtf": ("a rich text (RTF) file", "rtf", "rtf", "file"),
    "epub": ("an EPUB", "epub", "epub", "file"),
    "doc": ("an old Word document (DOC)", "legacy", "doc dot", "file"),
    "xls": ("an old Excel workbook (XLS)", "legacy", "xls xlt", "file"),
    "ppt": ("an old PowerPoint file (PPT)", "legacy", "ppt pps pot", "file"),
    # Pages
    "pdf": ("a PDF", "pdf", "pdf", "file"),
    # Archives
    "warc": ("a WARC file", "warcfile", "warc", "file"),
    "wacz": ("a WACZ web archive", "zip", "wacz", "file"),
    "zip": ("a ZIP archive", "zip", "zip", "file"),
    "gzip": ("a gzip file", "gzip", "gz", "file"),
    "tar": ("a tar archive", "tar", "tar", "file"),
}


def _format(title: str, module: str, suffixes: str, kind: Literal["text", "file"]) -> Format:
    folder = (
        "preserve.documents" if module == "text" else "preserve.documents.readers"
    )  # running text is in all of them
    return Format(title, f"{folder}.{module}", tuple(f".{suffix}" for suffix in suffixes.split()), kind)


FORMATS: Mapping[str, Format] = {name: _format(*row) for name, row in _TABLE.items()}
BY_SUFFIX: Mapping[str, str] = {suffix: name for name, one in FORMATS.items() for suffix in one.suffixes}
