"""python -m fuzz.documents FOLDER [libFuzzer options] reads documents that were never written, until it is stopped.

An input is one byte, which chooses the suffix, and a document. It holds that nothing but a DocumentError leaves
`read_document`, and that no input takes longer than SECONDS. FOLDER keeps what reaches new code; it begins with the
documents of tests/vectors/documents. An input that breaks this is written to `crash-…` or `timeout-…`, and is read
again by `python -m fuzz.documents FILE`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import atheris

SECONDS = 20
MAX_LENGTH = 64 * 1024
MAX_MEMORY = 4096  # MB
SEEDS = Path(__file__).parents[1] / "tests/vectors/documents"
OFFICE = frozenset({"doc", "xls", "ppt"})  # read by another program, which is not what is tried here

os.environ["PATH"] = ""  # that program is not found, then
with atheris.instrument_imports(include=["preserve.documents"]):
    from preserve.documents.formats import FORMATS
    from preserve.documents.read import read_document
    from preserve.errors import DocumentError

    for one in FORMATS.values():
        import_module(one.module)

SUFFIXES = ("", *sorted({suffix for name, one in FORMATS.items() if name not in OFFICE for suffix in one.suffixes}))


def read(data: bytes) -> None:
    if not data:
        return
    name = "document" + SUFFIXES[data[0] % len(SUFFIXES)]
    with suppress(DocumentError):
        read_document(name, data=data[1:], extras=frozenset({"code", "comment", "asset"}))


def seed(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(SEEDS.glob("*/*")):
        if path.parent.name not in OFFICE and path.stat().st_size < MAX_LENGTH:
            chosen = SUFFIXES.index(path.suffix.lower()) if path.suffix.lower() in SUFFIXES else 0
            (folder / f"{path.parent.name}-{path.name}").write_bytes(bytes([chosen]) + path.read_bytes())


def main() -> None:
    folder = next((Path(word) for word in sys.argv[1:] if not word.startswith("-")), None)
    if folder and not folder.is_file():
        seed(folder)
    limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MAX_MEMORY}", f"-max_len={MAX_LENGTH}"]
    atheris.Setup([sys.argv[0], *limits, *sys.argv[1:]], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
