"""preserve extract"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preserve.cli.main import Context
from preserve.cli.reading import read_documents
from preserve.errors import NOT_CAPTURED, UsageError
from preserve.model import Citation, Json
from preserve.retrieve.reading import place
from preserve.terminal import emit, note, out, safe, table

if TYPE_CHECKING:
    from preserve.documents.read import Document

# What stands in code and comments is mostly an example: read only if asked for.
KINDS = {"code": "code", "comments": "comment"}


@click.command("extract")
@click.argument("documents", nargs=-1, metavar="[DOC…|DIR|-]")
@click.option("--jsonl", "shape", flag_value="jsonl", help="Every citation, one JSON object a line.")
@click.option("--plain", "shape", flag_value="plain", help="The URLs to preserve, each once, one a line.")
@click.option("--into", type=click.Path(path_type=Path), metavar="FILE", help="Merge into this sources.txt.")
@click.option("--base-url", default="", metavar="U", help="The published address, for site-relative links.")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if sources.txt would change.")
@click.option("--with", "kinds", default="", metavar="KINDS", help="Also read what stands in: code, comments.")
@click.pass_obj
def command(
    context: Context,
    documents: tuple[str, ...],
    shape: str | None,
    into: Path | None,
    base_url: str,
    check: bool,
    kinds: str,
) -> int:
    """List the citations of documents: where, in which role, which URL. Folders are read whole; - is stdin.

    Without documents those of the configuration are read. A document that cannot be read is named on stderr.
    """
    read, code = read_documents(context.config, documents, base_url=base_url, extras=_roles(kinds))
    citations = [citation for document in read for citation in document.citations]
    if into or check:
        target = context.folder / into if into else context.config.sources_path
        return _merge(target, read, write=not check) or code
    if shape == "jsonl":
        for citation in citations:
            emit(as_json(citation))
    elif shape == "plain":
        for url in planned(citations):
            out(safe(url))
    else:
        table([_row(citation) for citation in citations], ("place", "role", "URL", "anchor"))
    if context.verbosity >= 0:
        _tell(read, citations, shape)
    return code


def _roles(kinds: str) -> frozenset[str]:
    names = [name.strip() for name in kinds.split(",") if name.strip()]
    for name in names:
        if name not in KINDS:
            raise UsageError(f"--with {name}: no such kind", f"known: {', '.join(KINDS)}")
    return frozenset(KINDS[name] for name in names)


def _merge(target: Path, read: Sequence[Document], *, write: bool) -> int:
    """Exit code 3 where `write` is off and the file would change."""
    from preserve import sources

    before = sources.load(target)
    after = sources.merge(before, read)
    if write and after != before:
        sources.save(target, after)
    elif after != before:
        note(f"{safe(target)} would change")
        return NOT_CAPTURED
    return 0


def planned(citations: Iterable[Citation]) -> list[str]:
    """The URLs that these citations ask to preserve, each source once, as first cited; guesses left out."""
    found: dict[str, str] = {}
    for citation in citations:
        if citation.fetchable and citation.key and citation.confidence != "guess":
            found.setdefault(citation.key, citation.url)
    return list(found.values())


def as_json(citation: Citation) -> Json:
    at = citation.place
    return {
        "document": citation.document,
        "url": citation.url,
        "written": citation.written,
        "line": at.line,
        "column": at.column,
        "page": at.page,
        "cell": at.cell,
        "role": citation.role,
        "anchor": citation.anchor,
        "context": citation.context,
        "confidence": citation.confidence,
        "fetchable": citation.fetchable,
        "key": citation.key,
    }


def _row(citation: Citation) -> tuple[str, str, str, str]:
    url = citation.url or f"? {citation.written}"
    return place(as_json(citation)), citation.role, url, citation.anchor


def _tell(read: Sequence[Document], citations: Sequence[Citation], shape: str | None) -> None:
    for warning in (warning for document in read for warning in document.warnings):
        note(safe(warning))
    if shape is None:
        distinct = len({citation.key for citation in citations if citation.key})
        noun = "document" if len(read) == 1 else "documents"
        note(f"{len(citations)} citations of {distinct} URLs in {len(read)} {noun}")
