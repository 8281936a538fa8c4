"""python -m bench.corpus.build [FAMILY …] builds the documents of tests/vectors/documents and what they cite.

It needs the producers: `make corpus`. What it built is kept with the project, so scoring needs none of them.
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module

from bench.corpus.shelf import DOCUMENTS, Shelf

FAMILIES = (
    "prose", "pages", "bibliographies", "data", "markup", "mail", "office", "opendocument", "richtext", "books",
    "converted", "pdf", "archives", "misnamed",
)  # fmt: skip


def main() -> None:
    shelf = Shelf(DOCUMENTS.with_name("documents.new"))
    shutil.rmtree(shelf.folder, ignore_errors=True)
    shelf.folder.mkdir(parents=True)
    for family in sys.argv[1:] or FAMILIES:
        import_module(f"bench.corpus.{family}").build(shelf)
        print(f"{family}: {len(shelf.names)} documents, {len(shelf.truth)} expected", file=sys.stderr)
    shelf.close()
    shutil.rmtree(DOCUMENTS, ignore_errors=True)  # only now: a build that fails leaves the last one
    shelf.folder.rename(DOCUMENTS)


if __name__ == "__main__":
    main()
