"""Section extraction: what `preserve extract` finds in documents of every format and of several producers.

The documents and what a careful person lists in them are in tests/vectors/documents, built by `bench.corpus`. A
finding is right when the document holds that URL (compared as WHATWG serialises it, fragment included) and no other
finding has taken it; the nearest one takes it. A place is right when all that the truth knows of it is equal.
The peer is what most scripts do: BeautifulSoup for the links, a regular expression for the rest.

`python -m bench.extraction [FAMILY …]` prints every difference; `-q` the table only.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bench.corpus.pdfwriter import many_pages
from bench.corpus.shelf import DOCUMENTS, Expected, truth
from bench.table import Row
from preserve.documents import read_document
from preserve.documents.formats import FORMATS
from preserve.documents.url import NEVER, identity, scheme
from preserve.errors import DocumentError
from preserve.model import Citation

SECTION = "extraction"
PDF_PAGES = 500
_PLACE = ("line", "column", "page", "sheet", "cell", "slide", "paragraph", "part", "pointer")
_NEEDS_SOFFICE = frozenset({"doc", "xls", "ppt"})
_SCHEME = re.compile(r"[^\w]*[A-Za-z][A-Za-z0-9+.\-]*(?:\[:|:)")  # `hxxp[:]//` too
_URL = re.compile(r"https?://[^\s<>\"'\])}]+")


@dataclass(slots=True)
class Score:
    """Of one family. `said` tells every difference, for those who mend a reader."""

    family: str
    documents: int = 0
    expected: int = 0
    matched: int = 0
    false: int = 0
    placed: int = 0
    places: int = 0
    anchored: int = 0
    anchors: int = 0
    seconds: float = 0.0
    peer: int = 0  # documents that the peer can read at all
    peer_matched: int = 0
    peer_found: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return _share(self.matched, self.expected)

    @property
    def precision(self) -> float:
        return _share(self.matched, self.matched + self.false)

    @property
    def place(self) -> float:
        return _share(self.placed, self.places)

    @property
    def anchor(self) -> float:
        return _share(self.anchored, self.anchors)

    def add(self, other: Score) -> None:
        for name in (
            "documents", "expected", "matched", "false", "placed", "places", "anchored", "anchors", "seconds",
            "peer", "peer_matched", "peer_found",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def families(folder: Path = DOCUMENTS) -> dict[str, dict[str, list[Expected]]]:
    """What is expected of each document of each family; a family is a folder."""
    grouped: dict[str, dict[str, list[Expected]]] = defaultdict(dict)
    for path in sorted(folder.glob("*/*")):
        if path.parent.name not in _NEEDS_SOFFICE or shutil.which("soffice"):
            grouped[path.parent.name][f"{path.parent.name}/{path.name}"] = []
    for one in truth(folder):
        family = one.document.partition("/")[0]
        if family in grouped:
            grouped[family][one.document].append(one)
    return grouped


def score(family: str, documents: dict[str, list[Expected]], folder: Path = DOCUMENTS, *, peer: bool = False) -> Score:
    total = Score(family)
    for name, expected in documents.items():
        data = (folder / name).read_bytes()
        began = time.perf_counter()
        try:
            found = read_document(name, data=data).citations
        except DocumentError as error:
            found = ()
            total.said.append(f"{name}: REFUSED: {error}")
        except Exception:  # noqa: BLE001  # a reader that breaks is a result of this section
            found = ()
            total.said.append(f"{name}: BROKEN: {' '.join(traceback.format_exc(limit=-1).split())}")
        total.seconds += time.perf_counter() - began
        total.documents += 1
        _compare(total, name, expected, found)
        if peer and family in FORMATS and FORMATS[family].kind == "text":
            _compare_peer(total, data, expected)
    return total


# Who takes what


def _compare(total: Score, name: str, expected: list[Expected], found: Iterable[Citation]) -> None:
    sought: dict[str, list[Expected]] = defaultdict(list)
    for one in expected:
        if "*" not in (one.url, one.written):
            sought[_key(one.url, one.written or one.url)].append(one)
    at: dict[str, list[Citation]] = defaultdict(list)
    for citation in found:
        if scheme(citation.url) not in NEVER and not citation.written.startswith("#"):
            at[_key(citation.url, citation.written)].append(citation)
    any_url = any(one.url == "*" for one in expected)
    any_relative = any_url or any(one.written == "*" for one in expected)
    for key in {**sought, **at}:
        missed, false = _pair(total, name, sought[key], at[key])
        total.said += [f"{name}: MISSED {_told(one)} {one.url or one.written}" for one in missed]
        wrong = [one for one in false if not (any_url or (any_relative and not one.url))]
        total.false += len(wrong)
        total.said += [
            f"{name}: FALSE {one.place.text(column=True)} {one.role} {one.url or one.written}" for one in wrong
        ]


def _pair(
    total: Score, name: str, sought: list[Expected], found: list[Citation]
) -> tuple[list[Expected], list[Citation]]:
    """The nearest first; what is optional takes last."""
    sought, found = list(sought), list(found)
    total.expected += sum(not one.optional for one in sought)
    while sought and found:
        one, citation = min(
            ((one, citation) for one in sought for citation in found),
            key=lambda pair: (pair[0].optional, *_distance(*pair)),
        )
        sought.remove(one)
        found.remove(citation)
        if not one.optional:
            _judge(total, name, one, citation)
    return [one for one in sought if not one.optional], found


def _distance(one: Expected, citation: Citation) -> tuple[int, int, int]:
    line = abs((one.line or 0) - (citation.place.line or 0)) if one.line else 0
    column = abs((one.column or 0) - (citation.place.column or 0)) if one.column else 0
    return len(_wrong(one, citation)), line, column


def _judge(total: Score, name: str, one: Expected, citation: Citation) -> None:
    total.matched += 1
    where = f"{name}: {{}} {_told(one)} {one.url or one.written}"
    if any(getattr(one, key) is not None for key in _PLACE):
        total.places += 1
        if wrong := _wrong(one, citation):
            said = ", ".join(f"{key} {getattr(citation.place, key)}" for key in wrong)
            total.said.append(f"{where.format('PLACE')}: found at {said}")
        total.placed += not wrong
    if one.anchor is not None:
        right = " ".join(one.anchor.split()) == " ".join(citation.anchor.split())
        total.anchors += 1
        total.anchored += right
        if not right:
            total.said.append(f"{where.format('ANCHOR')}: {citation.anchor!r} instead of {one.anchor!r}")
    if one.role is not None and one.role != citation.role:
        total.said.append(f"{where.format('role')}: {citation.role} (not scored)")


def _wrong(one: Expected, citation: Citation) -> list[str]:
    return [key for key in _PLACE if not _same(key, getattr(one, key), getattr(citation.place, key))]


def _same(key: str, wanted: object, found: object) -> bool:
    """Parts of an office file may be told by their bare name: `footnotes` for `word/footnotes.xml`."""
    return wanted is None or wanted == found or (key == "part" and PurePosixPath(str(wanted)).stem == found)


def _key(url: str, written: str) -> str:
    """Equal for the same URL. Where the document wrote no scheme, which one was assumed says nothing."""
    if not url:
        return f"relative {written}"
    serialised = (identity(url) or url).partition("#")[0] + "".join(url.partition("#")[1:])
    return serialised if _SCHEME.match(written) else serialised.partition(":")[2]


def _told(one: Expected) -> str:
    return " ".join(f"{key} {value}" for key in _PLACE if (value := getattr(one, key)) is not None) or "somewhere"


# The peer


def _compare_peer(total: Score, data: bytes, expected: list[Expected]) -> None:
    wanted = Counter(
        identity(one.url) or one.url for one in expected if one.url != "*" and not one.optional and one.url
    )
    found = Counter(identity(url) or url for url in _peer(data))
    total.peer += 1
    total.peer_matched += (wanted & found).total()
    total.peer_found += found.total()


def _peer(data: bytes) -> Iterator[str]:
    import warnings

    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this is no HTML
        soup = BeautifulSoup(data, "lxml")
    for tag in soup.find_all(True):
        for name in ("href", "src"):
            if str(tag.get(name, "")).startswith(("http://", "https://")):
                yield str(tag[name])
    for text in soup.stripped_strings:
        yield from (url.rstrip(".,;:!?") for url in _URL.findall(text))


# Rows


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    total = Score("all")
    for family, documents in families().items():
        if quick and family in _NEEDS_SOFFICE:  # it takes seconds a document
            continue
        one = score(family, documents, peer=True)
        total.add(one)
        yield _row(one)
    yield _row(total)
    yield _pages(folder, 50 if quick else PDF_PAGES)


def _row(one: Score) -> Row:
    said = [
        f"precision {one.precision:.1%}, place {one.place:.1%}, anchor {one.anchor:.1%}",
        f"{one.documents} documents, {one.expected} URLs",
    ]
    if one.peer:
        said.append(f"BeautifulSoup + regex {_peer_share(one)}")
    return Row(SECTION, one.family, None, one.seconds, 100 * one.recall, "% recall", remark="; ".join(said))


def _peer_share(one: Score) -> str:
    return f"{_share(one.peer_matched, one.expected):.0%}/{_share(one.peer_matched, one.peer_found):.0%}"


def _pages(folder: Path, pages: int) -> Row:
    """Text and a link on each page, as a report printed to PDF has them."""
    path = folder / "pages.pdf"
    path.write_bytes(many_pages(pages))
    name = f"{pages} pages of PDF"
    began = time.perf_counter()
    try:
        found = read_document(path).citations
    except DocumentError as error:
        return Row(SECTION, name, remark=f"FAILED: {error}")
    seconds = time.perf_counter() - began
    right = sum(one.place.page == number // 2 + 1 for number, one in enumerate(found))
    remark = f"{right} of {2 * pages} URLs on their page"
    return Row(SECTION, name, None, seconds, pages / seconds, "pages/s", remark=remark)


_COLUMNS = ("family", "docs", "expected", "found", "recall", "precision", "place", "anchor", "seconds", "peer r/p")


def main() -> None:
    asked = {word for word in sys.argv[1:] if not word.startswith("-")}
    total, lines = Score("all"), []
    for family, documents in families().items():
        if asked and family not in asked:
            continue
        one = score(family, documents, peer=True)
        total.add(one)
        lines.append(_cells(one))
        if "-q" not in sys.argv:
            print(*one.said, sep="\n", end="\n" if one.said else "")
    for cells in (_COLUMNS, *lines, _cells(total)):
        print(cells[0].ljust(12), *(cell.rjust(9) for cell in cells[1:]))


def _cells(one: Score) -> tuple[str, ...]:
    shares = (f"{100 * share:.1f}" for share in (one.recall, one.precision, one.place, one.anchor))
    peer = _peer_share(one) if one.peer else ""
    counts = (str(one.documents), str(one.expected), str(one.matched + one.false))
    return (one.family, *counts, *shares, f"{one.seconds:.2f}", peer)


if __name__ == "__main__":
    main()
