"""preserve extract"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

# What stands in code and comments is mostly an example, and a page's own style sheets are no evidence: read only if
# asked for.
KINDS = {"code": "code", "comments": "comment", "assets": "asset"}


@click.command("extract")
@click.argument("documents", nargs=-1, metavar="[DOC…|DIR|-]")
@click.option("--jsonl", "shape", flag_value="jsonl", help="Every citation, one JSON object a line.")
@click.option("--plain", "shape", flag_value="plain", help="The URLs to preserve, each once, one a line.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Draw a page: the text, its citations marked."
)
@click.option("--into", type=click.Path(path_type=Path), metavar="FILE", help="Merge into this sources.txt.")
@click.option("--base-url", default="", metavar="U", help="The published address, for site-relative links.")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if sources.txt would change.")
@click.option("--with", "kinds", default="", metavar="KINDS", help="Also list what stands in: code, comments, assets.")
@click.pass_obj
def command(
    context: Context,
    documents: tuple[str, ...],
    shape: str | None,
    html: Path | None,
    into: Path | None,
    base_url: str,
    check: bool,
    kinds: str,
) -> int:
    """List the citations of documents: where, in which role, which URL. Folders are read whole; - is stdin.

    Without documents those of the configuration are read. A document that cannot be read is named on stderr.
    """
    read, code = read_documents(
        context.config,
        documents,
        base_url=base_url,
        extras=_roles(kinds),
        show=html is not None,
        keep=not check,
        quiet=context.verbosity < 0,
    )
    citations = [citation for document in read for citation in document.citations]
    if html:
        _draw(context.folder / html, read)
    if into or check:
        target = context.folder / into if into else context.config.sources_path
        return _merge(target, read, write=not check, allow_private=context.config.network.allow_private) or code
    if shape == "jsonl":
        for citation in citations:
            emit(as_json(citation))
    elif shape == "plain":
        for url in planned(citations):
            out(safe(url))
    else:
        table([row for citation in citations for row in _rows(citation)], ("place", "role", "URL", "anchor"))
    if context.verbosity >= 0:
        _tell(read, citations, shape)
    return code


def _draw(path: Path, read: Sequence[Document]) -> None:
    from preserve.documents.picture import draw
    from preserve.sources import save

    save(path, "".join(draw(read)))
    note(f"drew {safe(path)}")


def _roles(kinds: str) -> frozenset[str]:
    names = [name.strip() for name in kinds.split(",") if name.strip()]
    for name in names:
        if name not in KINDS:
            raise UsageError(f"--with {name}: no such kind", f"known: {', '.join(KINDS)}")
    return frozenset(KINDS[name] for name in names)


def _merge(target: Path, read: Sequence[Document], *, write: bool, allow_private: bool) -> int:
    """Exit code 3 where `write` is off and the file would change."""
    from preserve import sources

    before = sources.load(target)
    after = sources.merge(before, read, allow_private=allow_private)
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
        if citation.planned:
            found.setdefault(citation.key, citation.url)
            for derived in citation.derived:
                found.setdefault(derived.key, derived.url)
    return list(found.values())


def as_json(citation: Citation) -> Json:
    return {
        "document": citation.document,
        "url": citation.url,
        "written": citation.written,
        **citation.place.fields(),
        "role": citation.role,
        "anchor": citation.anchor,
        "context": citation.context,
        "confidence": citation.confidence,
        "fetchable": citation.fetchable,
        "key": citation.key,
        "changes": list(citation.changes),
        "derived": [{"url": one.url, "key": one.key, "relation": one.relation} for one in citation.derived],
    }


def _rows(citation: Citation) -> Iterator[tuple[str, str, str, str]]:
    """A line for the citation, `?` where a person has to decide, and one for whatever else it leads to."""
    url = citation.url or citation.written
    asked = "" if citation.planned or (citation.url and not citation.key) else "? "
    yield place(as_json(citation)), citation.role, asked + url, citation.anchor if citation.anchor != url else ""
    for derived in citation.derived:
        yield "", derived.relation, asked + derived.url, ""


def _tell(read: Sequence[Document], citations: Sequence[Citation], shape: str | None) -> None:
    for warning in (warning for document in read for warning in document.warnings):
        note(safe(warning))
    if shape is None:
        distinct = len({citation.key for citation in citations if citation.key})
        noun = "document" if len(read) == 1 else "documents"
        note(f"{len(citations)} citations of {distinct} URLs in {len(read)} {noun}")
