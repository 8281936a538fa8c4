"""Documents as the commands name them: files, folders, globs of the configuration, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from preserve.config import Config
from preserve.errors import NOT_CAPTURED, DocumentError
from preserve.terminal import complain

if TYPE_CHECKING:
    from preserve.documents import Document


def read_documents(
    config: Config, names: Sequence[str], *, base_url: str = "", extras: frozenset[str] = frozenset()
) -> tuple[list[Document], int]:
    """Every document that can be read, and the exit code: one that cannot is said on stderr, the others go on."""
    from preserve.documents import read_document

    documents, code = [], 0
    for name in _expand(config, names):
        try:
            _check_name(name)
            data = sys.stdin.buffer.read() if name == "-" else None
            path = name if name == "-" else config.folder / name
            base = base_url or config.base_for(name)
            documents.append(read_document(path, name=name, base_url=base, data=data, extras=extras))
        except DocumentError as error:
            complain(error.message, error.hint)
            code = NOT_CAPTURED
    return documents, code


def _check_name(name: str) -> None:
    """The name of a document goes into the manifest, which is UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise DocumentError(f"the name of {name} is not UTF-8", "rename it") from None


def _expand(config: Config, names: Sequence[str]) -> Iterator[str]:
    """In a stable order; hidden files are nobody's documents."""
    if not names:
        found = {path for glob in config.documents for path in config.folder.glob(glob)}
        yield from _files(found, config.folder)
        return
    for name in names:
        folder = config.folder / name
        if name != "-" and folder.is_dir():
            yield from _files(folder.rglob("*"), config.folder)
        else:
            yield name


def _files(found: Iterable[Path], folder: Path) -> Iterator[str]:
    for path in sorted(found):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix()
