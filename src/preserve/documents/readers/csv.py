"""CSV and TSV (RFC 4180, and what spreadsheets write): every citation with its cell.

The delimiter is the one that cuts the first records alike. A record may span lines, its number is the row that a
spreadsheet shows. The first record names the columns when nothing in it cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from preserve.documents.mention import Mention, words
from preserve.documents.place import sentence
from preserve.documents.readers import doi
from preserve.documents.readers.transcript import Transcript
from preserve.documents.readers.value import MAY_CITE, cited
from preserve.model import Place

_HEAD = 65_536  # bytes from which the delimiter is told
_RECORDS = 50
_SAID = re.compile(rb"sep=(.)\r?\n", re.I)  # Excel's first line
_QUOTES = re.compile(rb'""')
_FORMULA = re.compile(
    rb'\s*=.{0,20}?\b(HYPERLINK|IMAGE)\(\s*"((?:[^"]++|"")*+)"?(?:\s*[,;]\s*"((?:[^"]++|"")*+)"?)?', re.I | re.S
)
_TITLES = ("title", "headline", "name", "text", "label", "description", "caption", "subject")
_MAX_CELLS = 40  # of a row, that tell what it is about
_CELL = 120  # characters of each

Field = tuple[int, int, bool]  # its bytes, and whether it was quoted


def read(data: bytes) -> Iterator[Mention]:
    """The citations of every cell."""
    said = _SAID.match(data)
    delimiter = said[1] if said else _delimiter(data)
    names: list[str] = []
    for row, fields in enumerate(_records(data, delimiter, said.end() if said else 0), 1):
        found = [mention for column, one in enumerate(fields) for mention in _cell(data, one, row, column, names)]
        if row == 1 and not found and len(fields) > 1:
            names = [words(_said(data, one)) for one in fields]
        elif found:
            yield from _in_row(data, found, fields, names)


def _delimiter(data: bytes) -> bytes:
    """The one that cuts the first records into most fields, the same number each."""
    best, delimiter = 0.0, b","
    for one in (b"\t", b",", b";", b"|"):
        widths = [len(fields) for fields in islice(_records(data[:_HEAD], one), _RECORDS)]
        alike = sum(width == widths[0] for width in widths) / len(widths) if widths and widths[0] > 1 else 0.0
        if alike > best:
            best, delimiter = alike, one
    return delimiter


def _records(data: bytes, delimiter: bytes, start: int = 0) -> Iterator[list[Field]]:
    mark = re.escape(delimiter)
    field = re.compile(rb' *+"((?:[^"]++|"")*+)(?:"[^' + mark + rb"\r\n]*+|\Z)|([^" + mark + rb"\r\n]*+)", re.S)
    end = re.compile(mark + rb"|\r\n?|\n|\Z")
    fields: list[Field] = []
    while start < len(data) or fields:
        found = field.match(data, start)
        stop = found and end.match(data, found.end())
        if not found or not stop:
            return
        quoted = found[1] is not None
        fields.append((*found.span(1 if quoted else 2), quoted) if not quoted else (found.start(1), found.end(), True))
        start = stop.end()
        if stop[0] != delimiter:
            yield fields
            fields = []


def _transcript(data: bytes, one: Field) -> Transcript:
    """A field without its quotes; what stands behind the closing one belongs to it."""
    start, end, quoted = one
    text = Transcript(data)
    if not quoted:
        text.copy(start, end)
        return text
    text.unescape(_QUOTES, lambda found: b'"', start, end - 1 if data[end - 1 : end] == b'"' else end)
    return text


def _said(data: bytes, one: Field) -> str:
    """The beginning of a field, for people."""
    start, end, quoted = one
    end -= quoted and data[end - 1 : end] == b'"'
    raw = data[start : min(end, start + 4 * _CELL)].decode("utf-8", "ignore")
    return raw.replace('""', '"') if quoted else raw


def _cell(data: bytes, one: Field, row: int, column: int, names: list[str]) -> Iterator[Mention]:
    if one[0] == one[1] or not MAY_CITE.search(data, one[0], one[1]):
        return
    text = _transcript(data, one)
    value = bytes(text.text)
    name = names[column].lower() if column < len(names) else ""
    yield from text.mentions(_cited(value, name), Place(cell=f"{_letters(column)}{row}"))


def _cited(value: bytes, name: str) -> Iterator[Mention]:
    """What a field of the column of that name cites."""
    formula = _FORMULA.match(value)
    target = doi.target(value.decode("utf-8", "replace")) if name == "doi" else ""
    if formula and formula[2].strip():
        url, label = (one.replace(b'""', b'"').decode("utf-8", "replace") for one in (formula[2], formula[3] or b""))
        role = "image" if formula[1].upper() == b"IMAGE" else "link"
        yield Mention(formula.start(2), role, formula[2].decode("utf-8", "replace"), url.strip(), words(label))
    elif target:
        written = value.decode("utf-8", "replace").strip()
        yield Mention(
            value.find(written.encode()), "bibliography", written, target,
            confidence="likely", changes=("scheme-assumed",),
        )  # fmt: skip
    else:
        yield from cited(value)


def _in_row(data: bytes, found: list[Mention], fields: list[Field], names: list[str]) -> Iterator[Mention]:
    """Links by the title that stands in their row; with the row around them."""
    said = [_said(data, one) for one in fields[:_MAX_CELLS]]
    columns = {name.lower(): column for column, name in reversed(list(enumerate(names[: len(said)])))}
    title = next((said[columns[name]] for name in _TITLES if name in columns and said[columns[name]].strip()), "")
    named = [f"{names[column]}: {value}" if column < len(names) else value for column, value in enumerate(said)]
    whole = "; ".join(one.strip() for one, value in zip(named, said, strict=True) if value.strip())
    for mention in found:
        if mention.role in ("link", "bibliography", "image"):
            context = mention.context or _around(whole, mention.written)
            mention = replace(mention, anchor=mention.anchor or words(title), context=context)
        yield mention


def _around(row: str, written: str) -> str:
    before, here, after = row.partition(written)
    return sentence(before, here, after)


def _letters(column: int) -> str:
    """A, B, …, Z, AA, as spreadsheets count columns."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters
