"""The shelf on which documents and the truth about them are put.

The truth never comes from reading a document back: a text is written with marks around its URLs, and taking the marks
out gives line and column; a producer's document is expected to hold what was handed to the producer.

A mark is `⟦written⟧` or `⟦written¦key=value¦…⟧` with the keys

- `a` the anchor, `r` the role, `u` the URL where it differs from what is written ("" is a relative one);
- `p` the JSON pointer;
- `o` (no value): optional, a finding that is neither asked for nor wrong;
- `n` (no value): nothing of this is put into the text; a reference, whose URL stands elsewhere.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parents[2] / "tests/vectors/documents"

_MARK = re.compile("⟦([^⟦⟧]*)⟧")
# Pictures of the first page, and a style sheet that only Word 2010 reads: half the bytes of a small document.
_UNSEEN = ("docProps/thumbnail.jpeg", "word/stylesWithEffects.xml", "Thumbnails/thumbnail.png")
_TELLS_OF_UNSEEN = re.compile(
    rb'<[^<>]*"[^"]*(?:%s)"[^<>]*/>'
    % b"|".join(name.encode() for name in _UNSEEN).replace(b"word/", b"").replace(b".", b"\\.")
)
_DATED = ("docProps/core.xml", "meta.xml", "word/comments.xml", "EPUB/content.opf", "OEBPS/content.opf")
_DATE = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[^<\"]*")
_EPOCH = (2020, 1, 1, 0, 0, 0)  # one time for all members of all containers


@dataclass(frozen=True, slots=True)
class Expected:
    """One occurrence of a URL that a careful person lists; None: the format has no such place, or it is debatable."""

    url: str
    anchor: str | None = None
    role: str | None = None
    written: str | None = None
    line: int | None = None
    column: int | None = None
    page: int | None = None
    sheet: str | None = None
    cell: str | None = None
    slide: int | None = None
    paragraph: int | None = None
    part: str | None = None
    pointer: str | None = None
    optional: bool = False  # neither asked for nor wrong; the URL "*" stands for any, the written "*" for any relative
    document: str = ""


ANY = Expected("*", optional=True)
ANY_RELATIVE = Expected("", written="*", optional=True)


def unmark(marked: str, **place: object) -> tuple[str, list[Expected]]:
    """The text without its marks, and what is expected in it, with line and column."""
    text, found, at, line, begin = [], [], 0, 1, 0
    size = 0
    for mark in _MARK.finditer(marked):
        before = marked[at : mark.start()]
        text.append(before)
        size += len(before)
        flat = "".join(text)
        line = len(re.findall(r"\r\n|\r|\n", flat)) + 1
        begin = max(flat.rfind("\n"), flat.rfind("\r")) + 1
        written, *attributes = mark[1].split("¦")
        one = _expected(written, dict(part.partition("=")[::2] for part in attributes))
        given = {"line": line, "column": None if one.written is None else size - begin + 1, **place}
        found.append(replace(one, **{key: value for key, value in given.items() if value != "no"}))
        if one.written is not None:
            text.append(written)
            size += len(written)
        at = mark.end()
    text.append(marked[at:])
    return "".join(text), found


def _expected(written: str, given: dict[str, str]) -> Expected:
    shown = "n" not in given
    return Expected(
        given.get("u", written), given.get("a"), given.get("r"), written if shown else None,
        pointer=given.get("p"), optional="o" in given,
    )  # fmt: skip


@dataclass(slots=True)
class Shelf:
    """All documents and all expectations of one build."""

    folder: Path = DOCUMENTS
    truth: list[Expected] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def put(self, name: str, data: bytes, expected: Iterable[Expected]) -> None:
        """A finished document."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert name not in self.names, name
        path.write_bytes(data)
        self.names.append(name)
        self.truth += [replace(one, document=name) for one in expected]

    def text(
        self, name: str, marked: str, encoding: str = "utf-8", mark: bytes = b"", newline: str = "\n", **place: object
    ) -> None:
        """A text with marks in it; `mark` is a byte order mark. `line="no"` where lines say nothing."""
        text, expected = unmark(marked.replace("\n", newline), **place)
        self.put(name, mark + text.encode(encoding), expected)

    def close(self) -> None:
        lines = (json.dumps(_told(one), ensure_ascii=False, separators=(",", ":")) for one in self.truth)
        (self.folder / "truth.jsonl").write_text("".join(line + "\n" for line in lines), "utf-8")


def _told(one: Expected) -> dict[str, object]:
    """What is None or False is left out, for the file is read by people too."""
    told = {"document": one.document, **asdict(one)}
    if one.written == one.url:
        told["written"] = None
    return {key: value for key, value in told.items() if key == "url" or value not in (None, False)}


def truth(folder: Path = DOCUMENTS) -> list[Expected]:
    """What was built."""
    return [Expected(**json.loads(line)) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]


def container(members: Iterable[tuple[str, bytes]], stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    """A ZIP of always the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members:
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            file.writestr(zipfile.ZipInfo(name, _EPOCH), data, kind, 9)
    return out.getvalue()


def settled(data: bytes) -> bytes:
    """The ZIP that a producer wrote, with one time for all its members, and without what nobody reads in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = [name for name in file.namelist() if name not in _UNSEEN]
        members = [(name, _TELLS_OF_UNSEEN.sub(b"", file.read(name))) for name in names]
    return container(
        [(name, _DATE.sub(b"2020-01-01T00:00:00Z", data) if name in _DATED else data) for name, data in members]
    )


def replaced(data: bytes, members: dict[str, bytes]) -> bytes:
    """The ZIP with some members replaced or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        kept = [(name, members.pop(name, None) or file.read(name)) for name in file.namelist()]
    return container([*kept, *members.items()])
