"""sources.txt: the plan, one URL a line, kept by a person and by `extract` together.

    # preserve sources 1
    %base https://example.org/report/
    https://example.org/found            # the hand part: never touched

    %extracted
    %document report.md sha256:9f3c...
      https://example.org/a  # :12 "what it says there"; :14 | a person's comment
    - https://example.org/b  # :30 | ignored by a person
    ? /assets/map.png  # :31 image: needs a person
    ~ https://example.org/c  # no longer cited since sha256:41aa...: still preserved

A line is a mark, a URL, and after white space and `#` a comment: below, the tool's up to `|`, then a person's.
The rules of a merge:

- The tool deletes nothing: neither a line, nor a mark, nor a comment of a person.
- In a document's section there is one line for each source, in the order of the text. What stood between
  two lines stays after the first of them.
- A URL of the upper part is not added below. One that is no longer cited gets `~`; it stays preserved.
- A URL that a person changed below moves to the upper part, and the one that is cited gets `-`.
- The same documents again give the same bytes.

Lines that cannot be understood are kept and reported (`SourcesFile.problems`), never guessed at.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from preserve.documents.cited import OURS, Cited, cited_sources
from preserve.documents.read import Document
from preserve.documents.url import identity, resolve, scheme
from preserve.errors import StorageError, UsageError

VERSION = 1
MAX_SOURCES = 64 * 1024**2  # bytes; some 500,000 lines, as many as one document may cite

_HEADER = "# preserve sources {}\n\n"
_VERSIONED = re.compile(r"#\s*preserve sources (\d{1,9})\s*$")
_SOURCE = re.compile(r"(?:([-?~])[ \t]+|[ \t]*)(\S+)(?:[ \t]+#(.*)|[ \t]*)", re.S)
_DOCUMENT = re.compile(r"%document[ \t]+(\S.*?)[ \t]+sha256:([0-9a-f]{1,64})[ \t]*$")
_PATH = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|%(?=[0-9A-F]{2})|^\s|\s$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. A source when `url` is set; then `mark` is one of " ", "-", "?" and "~"."""

    raw: str  # without its line end
    number: int = 0
    url: str = ""
    mark: str = " "
    ours: str = ""  # the tool's comment
    theirs: str | None = None  # a person's, verbatim; None without one
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The lines under one %document; `path` is "" for what stands before the first."""

    path: str  # as the line spells it
    sha256: str
    head: Line | None  # the %document line itself
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcesFile:
    hand: tuple[Line, ...]
    extracted: str | None  # the %extracted line; None without one
    sections: tuple[Section, ...]
    base: str = ""

    @property
    def lines(self) -> Iterator[Line]:
        yield from self.hand
        for section in self.sections:
            yield from section.lines

    @property
    def problems(self) -> tuple[str, ...]:
        """What cannot be understood, by line number."""
        return tuple(f"line {line.number}: {line.problem}" for line in self.lines if line.problem)


def parse(text: str) -> SourcesFile:
    """The file as it stands; rendering it gives it back. UsageError when a newer version of preserve wrote it."""
    lines = [] if not text else text.removesuffix("\n").split("\n")
    version = _VERSIONED.match(lines[0].lstrip("\ufeff").strip()) if lines else None
    if version and int(version[1]) > VERSION:
        raise UsageError(f"sources.txt is of version {version[1]}, newer than this program.", "Update preserve.")
    base = next((line.split(None, 1)[1].strip() for line in lines if re.match(r"%base[ \t]+\S", line)), "")
    base = base if identity(base) else ""
    hand: list[Line] = []
    sections: list[tuple[Section, list[Line]]] = []
    extracted: str | None = None
    for number, raw in enumerate(lines, 1):
        document = _DOCUMENT.fullmatch(raw.rstrip("\r"))
        if extracted is None and raw.strip() == "%extracted":
            extracted = raw
            sections.append((Section("", "", None), []))
        elif extracted is not None and document:
            sections.append((Section(document[1], document[2], Line(raw, number)), []))
        else:
            kept = sections[-1][1] if sections else hand
            kept.append(_line(raw, number, base, generated=extracted is not None))
    return SourcesFile(tuple(hand), extracted, tuple(replace(s, lines=tuple(kept)) for s, kept in sections), base)


def render(file: SourcesFile) -> str:
    """The text of the file, every line as it was read or made."""
    lines = [line.raw for line in file.hand] + ([] if file.extracted is None else [file.extracted])
    for section in file.sections:
        lines += [line.raw for line in (section.head, *section.lines) if line]
    return "".join(line + "\n" for line in lines)


def active(text: str) -> list[str]:
    """The URLs to preserve, in order, each source once and as it is spelled first.

    Those marked `-` in the upper part are left out of the whole file; what cannot be understood is left out too.
    """
    file = parse(text)
    ignored = {_key(line.url, file.base) for line in file.hand if line.mark == "-"}
    wanted = [line.url for line in file.lines if line.url and line.mark in " ~" and not line.problem]
    urls: dict[str, str] = {}
    for url in wanted:
        urls.setdefault(_key(url, file.base), _absolute(url, file.base))
    return [url for key, url in urls.items() if key not in ignored]


def merge(old: SourcesFile | str, documents: Sequence[Document], *, allow_private: bool = False) -> str:
    """`old` with the citations of `documents`; the sections of other documents stay as they are.

    `allow_private`: URLs of this machine and of private networks need no person's word.
    """
    file = parse(old) if isinstance(old, str) else old
    if not file.hand and file.extracted is None:
        file = replace(file, hand=parse(_HEADER.format(VERSION)).hand)
    if documents and file.extracted is None:
        hand = file.hand if not file.hand[-1].raw.strip() else (*file.hand, Line(""))
        file = replace(file, hand=hand, extracted="%extracted", sections=(Section("", "", None),))
    for document in documents:
        file = _with(file, document, allow_private)
    return render(file)


def _with(file: SourcesFile, document: Document, allow_private: bool) -> SourcesFile:
    path = _PATH.sub(lambda odd: quote(odd[0].encode("utf-8", "surrogatepass"), safe=""), document.path)
    head = Line(f"%document {path} sha256:{document.sha256}")
    index = next((i for i, s in enumerate(file.sections) if s.head and s.path == path), len(file.sections))
    sections = list(file.sections)
    if index == len(sections):
        last = sections[-1]
        if not last.lines or last.lines[-1].raw.strip():
            sections[-1] = replace(last, lines=(*last.lines, Line("")))
        sections.append(Section(path, document.sha256, head))
    above = {_key(line.url, file.base) for line in file.hand if line.url}
    lines, moved = _section(sections[index], document, above, allow_private)
    sections[index] = Section(path, document.sha256, head, lines)
    end = _filled(file.hand)
    return replace(file, hand=(*file.hand[:end], *moved, *file.hand[end:]), sections=tuple(sections))


def _section(
    old: Section, document: Document, above: set[str], allow_private: bool
) -> tuple[tuple[Line, ...], list[Line]]:
    """The new lines of a section, and those that move to the upper part. `above`: the keys that stand there."""
    cited, spellings = cited_sources(document.citations, allow_private)
    end = _filled(old.lines)
    kept: dict[str, Line] = {}  # the line of a source, by key
    after: dict[str, list[Line]] = {"": []}  # what stands after it
    loose: list[Line] = []  # among that: the tool's lines of sources that are no longer cited
    at = ""
    for line in old.lines[:end]:
        key = _key(line.url) if line.url and not line.problem else ""
        key = key if key in cited else spellings.get(line.url, "")
        if key and key not in kept:
            kept[key], at = line, key
            after[at] = []
            continue
        after[at].append(line)
        if line.ours and not line.problem and not key:
            loose.append(line)
    edited = _edits(cited, kept, loose) if old.sha256 == document.sha256 else {}
    becomes: dict[int, Line | None] = {id(line): _gone(line, document.sha256) for line in loose}
    becomes.update((id(line), None) for line in edited.values())
    lines: list[Line] = []
    for key in ("", *cited):
        if key in kept:
            lines.append(_kept(kept[key], cited[key]))
        elif key in edited:
            lines.append(_replaced(cited[key], edited[key]))
        elif key and key not in above:
            lines.append(_written(cited[key].mark, cited[key].url, cited[key].ours))
        standing = (becomes.get(id(line), line) for line in after.get(key, ()))
        lines += [line for line in standing if line]
    moved = [_moved(line) for line in edited.values() if _key(line.url) not in above]
    return (*lines, *old.lines[end:]), moved


def _edits(cited: dict[str, Cited], kept: dict[str, Line], loose: list[Line]) -> dict[str, Line]:
    """The lines whose URL a person changed, by the key that was there.

    The document is the same, so a line that is no longer cited, with the comment of a source that has no line, is
    that source's. A changed base URL changes URLs too: resolved ones are not taken for edits.
    """
    wanting = {source.ours: key for key, source in cited.items() if key not in kept and not source.resolved}
    edited: dict[str, Line] = {}
    for line in loose:
        key = wanting.pop(line.ours, None)
        if key is not None:
            edited[key] = line
    return edited


def _kept(line: Line, source: Cited) -> Line:
    same = _key(line.url) == _key(source.url)
    mark = " " if line.mark == "~" else line.mark if same or line.mark != "?" else source.mark
    return _written(mark, line.url if same else source.url, source.ours, line.theirs)


def _gone(line: Line, sha256: str) -> Line:
    if line.ours.startswith("no longer"):
        return line
    mark = "~" if line.mark == " " else line.mark
    return _written(mark, line.url, f"no longer cited since sha256:{sha256[:12]}", line.theirs)


def _replaced(source: Cited, line: Line) -> Line:
    theirs = (line.theirs or "").strip()
    return _written("-", source.url, source.ours, f" -> {line.url}" + (f"; {theirs}" if theirs else ""))


def _moved(line: Line) -> Line:
    mark = f"{line.mark} " if line.mark in "-?" else ""
    return Line(f"{mark}{line.url}" + (f"  #{line.theirs}" if line.theirs else ""), url=line.url, mark=line.mark)


def _filled(lines: Sequence[Line]) -> int:
    """How many lines there are without the blank ones at the end."""
    end = len(lines)
    while end and not lines[end - 1].raw.strip():
        end -= 1
    return end


def _written(mark: str, url: str, ours: str, theirs: str | None = None) -> Line:
    comment = f"  # {ours}" + ("" if theirs is None else f" |{theirs}")
    return Line(f"{mark} {url}{comment}", url=url, mark=mark, ours=ours, theirs=theirs)


def _line(raw: str, number: int, base: str, *, generated: bool) -> Line:
    text = raw.lstrip("\ufeff") if number == 1 else raw
    if not text.strip() or text.lstrip().startswith("#"):
        return Line(raw, number)
    if text.startswith("%"):
        known = re.match(r"%base[ \t]+\S", text) and identity(text.split(None, 1)[1].strip())
        return Line(raw, number, problem="" if known else "not a directive that I know, or not in its place")
    found = _SOURCE.fullmatch(text.rstrip("\r"))
    if not found:
        return Line(raw, number, problem="more than a URL; a comment begins with white space and #")
    mark, url = found[1] or " ", found[2]
    ours, theirs = _comments(found[3]) if generated else ("", found[3])
    problem = _problem(url, base) if mark in " ~" else ""
    return Line(raw, number, url, mark, ours, theirs, problem)


def _comments(text: str | None) -> tuple[str, str | None]:
    """The tool's part and the person's part of a comment; what the tool cannot have written is the person's."""
    left, bar, right = (text or "").partition("|")
    if not left.strip() or OURS.fullmatch(left):
        return left.strip(), right if bar else None
    return "", text


def _problem(url: str, base: str) -> str:
    if identity(_absolute(url, base)):
        return ""
    return "a malformed URL" if scheme(url) else "a URL without scheme, and no %base to put it under"


def _absolute(url: str, base: str) -> str:
    return (resolve(base, url) or url) if base and not scheme(url) else url


def _key(url: str, base: str = "") -> str:
    absolute = _absolute(url, base)
    return identity(absolute) or absolute


def load(path: str | Path) -> str:
    """The text of the file; "" when there is none. UsageError when it is no such text."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SOURCES + 1)
        if len(data) > MAX_SOURCES:
            raise UsageError(f"{path} is larger than {MAX_SOURCES >> 20} MiB.", "Split it.")
        return data.decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{path} is not UTF-8 in line {line}.", "Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from None


def save(path: str | Path, text: str) -> bool:
    """Writes the file whole or not at all, durable on return; False when it already says just this.

    A link is followed, the mode stays. StorageError when it cannot be written.
    """
    target, data = Path(os.path.realpath(path)), text.encode("utf-8")
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        if mode is not None and target.read_bytes() == data:
            return False
        _replace(target, data, mode)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.", "Check the folder and its space."
        ) from None
    return True


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    """In the order that survives a power cut: content, name, folder."""
    temporary = target.with_name(f".{target.name}.{token_hex(4)}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(handle, mode)
            os.fsync(handle)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
