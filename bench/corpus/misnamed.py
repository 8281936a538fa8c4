"""Documents under the name of another format: content decides, the suffix second."""

from __future__ import annotations

from dataclasses import replace

from bench.corpus.shelf import Shelf

_NAMES = {
    "markdown/hand-corners.md": "markdown.txt",
    "markdown/hand-front-yaml.md": "front-matter.txt",
    "html/hand-english.html": "html.doc",
    "html/libreoffice-english-xlsx.html": "html.xls",
    "html/hand-russian.html": "html.txt",
    "docx/python-docx-english.docx": "docx.bin",
    "docx/hand-corners.docx": "docx.zip",
    "xlsx/openpyxl-english.xlsx": "xlsx.csv",
    "odt/odfpy-russian.odt": "odt.docx",
    "epub/hand-english.epub": "epub.zip",
    "pdf/reportlab-english.pdf": "pdf.txt",
    "rtf/hand-english.rtf": "rtf.doc",
    "rtf/hand-russian.rtf": "rtf.txt",
    "eml/alternative-russian.eml": "mail.txt",
    "mbox/archive-mixed.mbox": "mailbox",
    "json/telegram-english.json": "json.txt",
    "jsonl/hand-english.jsonl": "jsonl.json",
    "ipynb/hand-english.ipynb": "notebook.json",
    "rss/hand-english.rss": "rss.html",
    "atom/hand-english.atom": "atom.txt",
    "sitemap/hand-english.xml": "sitemap.txt",
    "bibtex/hand-english.bib": "bibtex.txt",
    "ris/manager-english.ris": "ris.txt",
    "latex/hand-english.tex": "latex.txt",
    "bplist/finder-english.webloc": "webloc",
    "url/browser-english.url": "shortcut.txt",
    "gzip/hand-russian.md.gz": "gzip.md",
    "warc/warcio-english.warc.gz": "warc.gz.bin",
    "zip/hand-english.zip": "zip.docx",
}


def build(shelf: Shelf) -> None:
    for source, name in _NAMES.items():
        expected = [replace(one, document="") for one in shelf.truth if one.document == source]
        shelf.put(f"misnamed/{name}", (shelf.folder / source).read_bytes(), expected)
