"""What pandoc and LibreOffice make of one source: the same citations in formats that they write in their own way.

Places are not known beforehand, except cells, slides and pages; URLs and anchors are what was handed over.
"""

from __future__ import annotations

import gzip
import itertools
import re
import subprocess
import tempfile
from dataclasses import replace
from html import escape
from pathlib import Path

from bench.corpus.matter import ARABIC, CHINESE, ENGLISH, RUSSIAN, TOOLS, UKRAINIAN, Item, Topic
from bench.corpus.office import _openpyxl, _pptx
from bench.corpus.opendocument import _odp
from bench.corpus.shelf import ANY_RELATIVE, Expected, Shelf, settled

_NOTE = "https://t.me/example_channel/4821"
_TABLE = "https://example.org/table/1?a=1&b=2"
# Code is only a way to print there; whether what is printed so is cited is debatable.
_STYLED = ("docx", "odt", "rtf", "jats", "latex")
_ZIPPED = ("docx", "odt", "epub", "pptx", "xlsx", "ods", "odp")


def build(shelf: Shelf) -> None:
    _pandoc(shelf)
    _soffice(shelf)


def _usable(topic: Topic) -> list[Item]:
    """Converters respell brackets, apostrophes and an empty query, each in its way."""
    return [item for item in topic.items if not set("['") & set(item.url) and not item.url.endswith("?")]


# pandoc

_WRITERS = {
    "rst": "rst", "asciidoc": "adoc", "org": "org", "mediawiki": "wiki", "textile": "textile", "latex": "tex", "docbook5": "dbk",
    "jats": "nxml", "fb2": "fb2", "html": "html", "docx": "docx", "odt": "odt", "rtf": "rtf", "epub": "epub", "ipynb": "ipynb",
    "markdown": "md",
}  # fmt: skip


def _pandoc(shelf: Shelf) -> None:
    for topic in (ENGLISH, RUSSIAN, ARABIC, CHINESE, TOOLS):
        source, expected = _markdown(topic)
        for writer, suffix in _WRITERS.items():
            if (writer, topic) == ("textile", CHINESE):  # it glues text to URLs
                continue
            data = _run(
                ["pandoc", "-f", "markdown-smart-citations", "-t", writer, "-s", "--metadata", f"title={topic.title}"],
                source,
                suffix,
            )
            folder = {"docbook5": "docbook"}.get(writer, writer)
            found = [*expected, ANY_RELATIVE] if folder in ("epub", "fb2", "docx", "odt") else expected
            if folder in _STYLED:
                found = [*found, Expected("https://code.example/span", optional=True)]
            shelf.put(f"{folder}/pandoc-{topic.name}.{suffix}", data, found)


def _markdown(topic: Topic) -> tuple[bytes, list[Expected]]:
    lines, expected = [f"# {topic.title}", ""], []
    for item in _usable(topic):
        shown = f"[{item.anchor}]({item.url})" if item.anchor else item.url
        lines += [f"{item.before}{shown}{item.after}", ""]
        expected.append(Expected(item.url, item.anchor or None))
    lines += [f"A claim.[^1] `https://code.example/span`, <{_TABLE}>", "", f"[^1]: Said at <{_NOTE}>.", ""]
    expected += [Expected(_TABLE), Expected(_NOTE)]
    return "\n".join(lines).encode(), expected


def _run(command: list[str], source: bytes, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"out.{suffix}"
        environment = {"SOURCE_DATE_EPOCH": "1577836800", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder}
        subprocess.run([*command, "-o", str(out)], input=source, check=True, env=environment, timeout=120)
        data = out.read_bytes()
    if suffix == "ipynb":  # cells are named by chance
        numbers = itertools.count()
        return re.sub(rb'"id": "[^"]*"', lambda match: b'"id": "cell-%d"' % next(numbers), data)
    return settled(data) if suffix in _ZIPPED else data


# LibreOffice


def _soffice(shelf: Shelf) -> None:
    texts = {topic.name: _page(topic) for topic in (ENGLISH, RUSSIAN, ARABIC, CHINESE, TOOLS)}
    sheets = {
        topic.name: _openpyxl(replace(topic, items=tuple(_usable(topic)))) for topic in (ENGLISH, RUSSIAN, ARABIC)
    }
    slides = {topic.name: _pptx(replace(topic, items=tuple(_usable(topic)))) for topic in (ENGLISH, RUSSIAN, ARABIC)}
    printed = {
        name: one for name, one in texts.items() if name not in ("arabic", "chinese")
    }  # characters are lost there
    # Impress breaks text wherever a box ends, so what it prints can be read only where it is linked.
    linked = {
        topic.name: _pptx(replace(topic, items=tuple(one for one in _usable(topic) if one.anchor)))
        for topic in (ENGLISH, RUSSIAN)
    }
    pages = {topic.name: _odp(replace(topic, items=tuple(_usable(topic)[:6]))) for topic in (UKRAINIAN,)}
    jobs = (
        ("html", texts, (("odt", "odt", "odt:writer8"), ("docx", "docx", "docx:MS Word 2007 XML"), ("rtf", "rtf", "rtf"),
                         ("doc", "doc", "doc:MS Word 97"), ("epub", "epub", "epub"))),
        ("html", printed, (("pdf", "pdf", "pdf:writer_web_pdf_Export"),)),
        ("xlsx", sheets, (("ods", "ods", "ods"), ("xlsx", "xlsx", "xlsx"), ("xls", "xls", "xls"), ("html", "html", "html"))),
        ("pptx", slides, (("odp", "odp", "odp"), ("pptx", "pptx", "pptx"))),
        ("pptx", linked, (("pdf", "pdf", "pdf:impress_pdf_Export"),)),
        ("odp", pages, (("pptx", "pptx", "pptx"), ("ppt", "ppt", "ppt"))),
    )  # fmt: skip
    for source, documents, targets in jobs:
        for folder, suffix, filter in targets:
            made = _convert({f"{name}.{source}": data for name, (data, _) in documents.items()}, filter, source)
            for name, (_, expected) in documents.items():
                data, found = _placed(made[name], expected, suffix)
                if suffix == "ppt":  # half a megabyte of zeros
                    suffix, data = "ppt.gz", gzip.compress(data, mtime=0)
                shelf.put(f"{folder}/libreoffice-{name}-{source}.{suffix}", data, found)


def _placed(data: bytes, expected: list[Expected], suffix: str) -> tuple[bytes, list[Expected]]:
    """Cells stay, slides stay or become pages."""
    if suffix in _ZIPPED:
        data = settled(data)
    if suffix == "pdf":
        expected = [
            replace(
                one,
                slide=None,
                page=one.slide or 1,
                anchor=_printed(one.anchor),
                optional=not one.anchor and turned(one.url),
            )
            for one in expected
        ]
    elif suffix in ("html", "ppt"):
        expected = [replace(one, sheet=None, cell=None, slide=None) for one in expected]
    return data, [*expected, ANY_RELATIVE]


def turned(text: str) -> bool:
    """Whether it stands in a PDF in the order of the page, which a reader may turn back or not."""
    return any("\u0590" <= char <= "\u08ff" for char in text)


def _printed(anchor: str | None) -> str | None:
    return None if anchor and turned(anchor) else anchor


def _page(topic: Topic) -> tuple[bytes, list[Expected]]:
    lines, expected = [], []
    for item in _usable(topic):
        url = escape(item.url)
        shown = f'<a href="{url}">{item.anchor}</a>' if item.anchor else url
        lines.append(f"<p>{escape(item.before)}{shown}{escape(item.after)}</p>")
        expected.append(Expected(item.url, item.anchor or None))
    page = f'<html><head><meta charset="utf-8"><title>{topic.title}</title></head><body><h1>{topic.title}</h1>{"".join(lines)}</body></html>'
    return page.encode(), expected


def _convert(sources: dict[str, bytes], filter: str, source: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in sources.items():
            (folder / file).write_bytes(data)
        reader = ["--infilter=HTML (StarWriter)"] if source == "html" else []
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            *reader,
            "--convert-to",
            filter,
            "--outdir",
            f"{folder}/out",
        ]
        subprocess.run(
            [*command, *(str(folder / file) for file in sources)], check=True, capture_output=True, timeout=300
        )
        return {path.stem: path.read_bytes() for path in (folder / "out").iterdir()}
