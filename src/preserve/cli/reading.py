"""Documents as the commands name them: files, folders, globs of the configuration, standard input.

Each is read in a process of its own (documents/pool.py), unless its very bytes have been read before, by these
readers, and the archive still knows what it cites.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from preserve.config import Config
from preserve.errors import NOT_CAPTURED, DocumentError, NothingToReadError
from preserve.progress import BytesProgress
from preserve.terminal import complain, note, safe

if TYPE_CHECKING:
    from preserve.documents import Document
    from preserve.documents.memory import Memory
    from preserve.documents.pool import Request

# What is read before anyone looks for a bar.
_QUICK = 4_000_000  # bytes
_FEW = 8  # documents


@dataclass(frozen=True, slots=True)
class _Name:
    """One document to read, as it is called. `found`: nobody named it, it lay in a folder."""

    text: str
    found: bool = False
    problem: str = ""  # why it cannot be a document


def read_documents(
    config: Config,
    names: Sequence[str],
    *,
    base_url: str = "",
    extras: frozenset[str] = frozenset(),
    show: bool = False,
    keep: bool = True,
    quiet: bool = False,
) -> tuple[list[Document], int]:
    """Every document that can be read, in order, and the exit code: what cannot is said on stderr, the rest goes on.

    `show`: with their text, for the picture. `keep`: remember in the archive, if there is one, what they cite.
    """
    from preserve.documents.memory import Memory

    found = list(_expand(config, names))
    asked = [_request(config, name.text, base_url, extras, show) for name in found]
    memory = Memory(None if show else config.archive_path, keep=keep)
    return _told(found, _read(found, asked, memory, quiet=quiet), quiet=quiet)


def _request(config: Config, name: str, base_url: str, extras: frozenset[str], show: bool) -> Request:
    from preserve.documents.pool import Request
    from preserve.documents.read import open_document

    def opened() -> BinaryIO:
        if name == "-":
            return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
        return open_document(config.folder / name, name)

    return Request(name, opened, base_url or config.base_for(name), extras, show)


def _read(
    found: Sequence[_Name], asked: Sequence[Request], memory: Memory, *, quiet: bool
) -> list[Document | DocumentError]:
    """What became of each: impossible, known already, or read now."""
    from preserve.documents.pool import read_all

    results: dict[int, Document | DocumentError] = {}
    for index, (name, request) in enumerate(zip(found, asked, strict=True)):
        known = DocumentError(name.problem) if name.problem else memory.recall(request)
        if known:
            results[index] = known
    wanting = [index for index in range(len(found)) if index not in results]
    sizes = [_size(asked[index]) for index in wanting]
    total, done = sum(sizes), 0
    with BytesProgress(total, quiet=quiet or (total < _QUICK and len(wanting) < _FEW)) as progress:
        for index, size, result in zip(wanting, sizes, read_all([asked[index] for index in wanting]), strict=True):
            results[index] = result
            done += size
            progress.at(done, total)
            if not isinstance(result, DocumentError):
                memory.keep(asked[index], result)
    return [results[index] for index in range(len(found))]


def _told(
    found: Sequence[_Name], results: Sequence[Document | DocumentError], *, quiet: bool
) -> tuple[list[Document], int]:
    documents, code, silent = [], 0, 0
    for name, result in zip(found, results, strict=True):
        if isinstance(result, NothingToReadError) and name.found:
            silent += 1
        elif isinstance(result, DocumentError):
            complain(result.message, result.hint)
            code = NOT_CAPTURED
        else:
            documents.append(result)
            code = NOT_CAPTURED if result.unread else code
            for notice in result.notices if result.unread or not quiet else ():
                note(f"{safe(result.path)}: {safe(notice)}")
    if silent and not quiet:
        note(f"{silent} file(s) are pictures, films or sound: there is no text in them to read")
    return documents, code


def _size(request: Request) -> int:
    try:
        with request.open() as file:
            return os.fstat(file.fileno()).st_size
    except (OSError, DocumentError):
        return 0


def _expand(config: Config, names: Sequence[str]) -> Iterator[_Name]:
    """In a stable order; hidden files are nobody's documents."""
    if not names:
        yield from _globbed(config)
    for name in names:
        if name != "-" and os.path.isdir(config.folder / name):
            yield from _walk(config.folder, name)
        else:
            yield _named(name, found=False)


def _globbed(config: Config) -> Iterator[_Name]:
    seen: set[str] = set()
    for path in sorted({path for glob in config.documents for path in config.folder.glob(glob)}):
        name = path.relative_to(config.folder)
        if any(part.startswith(".") for part in name.parts) or (path.is_dir() and not path.is_symlink()):
            continue
        # A glob goes into folders, but not into links to folders: those are walked.
        for one in _walk(config.folder, name.as_posix()) if path.is_dir() else [_named(name.as_posix())]:
            if one.text not in seen:
                seen.add(one.text)
                yield one


def _walk(folder: Path, name: str) -> Iterator[_Name]:
    """Every document below a folder, each real folder once, for links may lead in circles; files in the order of their
    names, and what is no file too: it is told that it cannot be read."""
    seen: set[tuple[int, int]] = set()
    pending = [name.rstrip("/") or "/"]
    while pending:
        here = pending.pop()
        if here != name.rstrip("/") and not os.path.isdir(folder / here):
            yield _named(here)
            continue
        try:
            status = os.stat(folder / here)
            inside = sorted((entry for entry in os.listdir(folder / here) if not entry.startswith(".")), reverse=True)
        except OSError as error:
            yield _Name(here, problem=f"{here} cannot be read: {error.strerror}.")
            continue
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            pending += [f"{here.rstrip('/')}/{entry}" for entry in inside]


def _named(name: str, *, found: bool = True) -> _Name:
    """The name goes into the manifest, which is UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return _Name(name, problem=f"the name of {name} is not UTF-8; rename it")
    return _Name(name, found=found)
