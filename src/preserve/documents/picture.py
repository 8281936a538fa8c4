"""The picture of an extraction: one page with the documents' text, each citation marked, and the list beside it.

It needs nothing but itself, and runs nothing: no script, no font, no picture, no live link to what a stranger wrote.
Text is shown as the document has it, each line in its own direction, so that Arabic, Hebrew and Persian read right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from preserve.documents.read import Document, Stretch
from preserve.model import Citation

# Browsers slow down beyond some megabytes of text; further text is shown only around its citations.
WHOLE = 2_000_000  # characters of all documents together
AROUND = 400  # characters on either side of a citation, then
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --mark: #ffe27a; --guess: #ffc9a3; --none: #d6d6d6; --ink: #111; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Noto Sans", "Noto Naskh Arabic", sans-serif; }
header { padding: .8rem 1.2rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.15rem; margin: 0; } header p { margin: .2rem 0 0; }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(22rem, 2fr); }
section { border-bottom: 1px solid var(--line); padding: 0 1.2rem 1.5rem; min-width: 0; }
h2 { font-size: 1rem; overflow-wrap: anywhere; } .about { color: GrayText; font-size: .85rem; overflow-wrap: anywhere; }
.place { color: GrayText; font-size: .8rem; margin-top: .6rem; }
.warning { border-inline-start: 4px solid #c60; padding-inline-start: .6rem; }
.text div { white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.5em; unicode-bidi: plaintext; }
.numbered div { position: relative; padding-inline-start: 0; margin-left: 3.6rem; }
.numbered div::before { content: attr(data-line); position: absolute; left: -3.6rem; width: 3rem; text-align: right;
  color: GrayText; font-size: .8rem; direction: ltr; }
.gap { color: GrayText; text-align: center; }
mark { background: var(--mark); color: var(--ink); border-radius: 3px; padding: 0 2px; }
mark.guess { background: var(--guess); } mark.none { background: var(--none); }
mark a, td a { color: inherit; text-decoration: none; }
sup { font-size: .7em; padding-inline: 1px; unicode-bidi: isolate; }
:target { outline: 3px solid #06c; outline-offset: 1px; }
aside { border-inline-start: 1px solid var(--line); }
aside div.list { position: sticky; top: 0; max-height: 100vh; overflow: auto; padding: .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
td, th { text-align: start; vertical-align: top; padding: .3rem .4rem; border-bottom: 1px solid var(--line); }
td.url { overflow-wrap: anywhere; } td .anchor { color: GrayText; display: block; } td .derived { display: block; }
.certain { color: #177a2b; } .likely { color: #8a6100; } b.guess { color: #b3400c; }
@media (prefers-color-scheme: dark) {
  .certain { color: #7bd88f; } .likely { color: #e7c34d; } b.guess { color: #ff9d6b; }
}
@media (max-width: 60rem) {
  main { grid-template-columns: 1fr; } aside div.list { position: static; max-height: none; }
}
@media print { aside div.list { position: static; max-height: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def draw(documents: Sequence[Document]) -> Iterator[str]:
    """The page, in pieces. The documents were read with `show`."""
    size = sum(len(stretch.text) for document in documents for stretch in document.stretches)
    yield from _head(documents)
    first = 1
    for document in documents:
        yield from _document(document, first, whole=size <= WHOLE)
        first += len(document.citations)
    yield '</div><aside><div class="list"><table>\n'
    yield "<thead><tr><th>#</th><th>place</th><th>what</th><th>URL</th></tr></thead>\n"
    first = 1
    for document in documents:
        yield f'<tbody><tr><th colspan="4" dir="auto">{_shown(document.path)}</th></tr>\n'
        yield from (_row(number, citation) for number, citation in enumerate(document.citations, first))
        yield "</tbody>\n"
        first += len(document.citations)
    yield "</table></div></aside></main></body></html>\n"


def _head(documents: Sequence[Document]) -> Iterator[str]:
    cited = sum(len(document.citations) for document in documents)
    distinct = len({citation.key for document in documents for citation in document.citations if citation.key})
    what = f"{cited} citations of {distinct} URLs in {len(documents)} document{'s' if len(documents) != 1 else ''}"
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
    yield f"<title>{what}</title><style>{_STYLE}</style></head><body><header><h1>{what}</h1><p>"
    yield '<mark>will be preserved</mark> <mark class="guess">a guess, or no base: a person decides</mark> '
    yield '<mark class="none">cited, but nothing that can be fetched</mark></p></header>\n<main><div>\n'


def _document(document: Document, first: int, *, whole: bool) -> Iterator[str]:
    yield f'<section><h2 dir="auto">{_shown(document.path)}</h2><p class="about">{_shown(document.format)}, '
    yield f"{_shown(document.encoding)}, {document.bytes:,} bytes, sha256:{document.sha256}</p>\n"
    for notice in document.notices:
        yield f'<p class="warning" dir="auto">{_shown(notice)}</p>\n'
    for stretch in document.stretches:
        numbered = stretch.place.line is not None
        if stretch.place.part or not numbered:
            yield f'<div class="place" dir="auto">{_shown(stretch.place.text())}</div>\n'
        yield f'<div class="text{" numbered" if numbered else ""}">\n'
        yield from _text(stretch, document.citations, first, whole=whole)
        yield "</div>\n"
    yield "</section>\n"


def _text(stretch: Stretch, citations: Sequence[Citation], first: int, *, whole: bool) -> Iterator[str]:
    """Line by line; a mark over several lines goes on in each. Where not `whole`, only lines with marks."""
    marks, done, left_out = stretch.marks, 0, False
    for number, line in enumerate(_LINES.finditer(stretch.text), stretch.place.line or 1):
        start, end = line.span()
        here: list[tuple[int, int, int]] = []
        for index in range(done, len(marks)):
            if marks[index][0] >= end:
                break
            here.append(marks[index])
            done = index if marks[index][1] > end else index + 1
        if here or (whole and start < end):
            yield '<p class="gap">…</p>\n' if left_out else ""
            shown = _line(stretch.text, start, end, here, citations, first, whole)
            yield f'<div dir="auto" data-line="{number}">{shown}</div>\n'
        left_out = not (here or whole)
    yield '<p class="gap">…</p>\n' if left_out else ""


def _line(
    text: str,
    start: int,
    end: int,
    marks: Sequence[tuple[int, int, int]],
    citations: Sequence[Citation],
    first: int,
    whole: bool,
) -> str:
    """One line with its marks; where not `whole`, without what is far from any."""
    pieces, at = [], start
    for begin, stop, index in marks:
        name = f' id="m{first + index}"' if begin >= start else ""  # else it is the rest of one that began above
        begin, stop = max(at, begin), min(max(stop, begin), end)
        pieces += [_between(text[at:begin], whole), _mark(text[begin:stop], citations[index], first + index, name)]
        at = max(at, stop)
    return "".join([*pieces, _between(text[at:end], whole)])


def _mark(text: str, citation: Citation, number: int, name: str) -> str:
    title = _shown(citation.url or citation.written)
    return (
        f'<mark class="{_kind(citation)}"{name} title="{title}"><a href="#c{number}"><bdi>{_shown(text)}</bdi>'
        f"<sup>{number}</sup></a></mark>"
    )


def _between(text: str, whole: bool) -> str:
    if whole or len(text) <= 2 * AROUND:
        return _shown(text)
    return f'{_shown(text[:AROUND])} <span class="gap">…</span> {_shown(text[-AROUND:])}'


def _row(number: int, citation: Citation) -> str:
    url = citation.url or citation.written
    anchor = (
        f'<span class="anchor" dir="auto">{_shown(citation.anchor)}</span>' if citation.anchor not in ("", url) else ""
    )
    derived = "".join(
        f'<span class="derived">↳ {_shown(one.relation)} <bdi dir="ltr">{_shown(one.url)}</bdi></span>'
        for one in citation.derived
    )
    changes = f" ({_shown(', '.join(citation.changes))})" if citation.changes else ""
    return (
        f'<tr id="c{number}"><td><a href="#m{number}">{number}</a></td>'
        f'<td dir="auto">{_shown(citation.place.text(column=True))}</td>'
        f'<td>{_shown(citation.role)}<br><b class="{citation.confidence}">{citation.confidence}</b>{changes}</td>'
        f'<td class="url"><a href="#m{number}"><bdi dir="ltr">{_shown(url)}</bdi></a>{anchor}{derived}</td></tr>\n'
    )


def _kind(citation: Citation) -> str:
    if citation.planned:
        return "sure"
    return "guess" if citation.key or not citation.url else "none"


def _shown(text: str) -> str:
    """As text of HTML, with what cannot be seen made visible. Joiners spell Persian words, and the marks of direction
    stand in honest Arabic texts; what overrides a direction is shown."""
    if text.isprintable():
        return escape(text)
    kept = "\t\r\n\u200c\u200d\u200e\u200f\u061c"
    return escape("".join(char if char.isprintable() or char in kept else f"\\x{ord(char):02x}" for char in text))
