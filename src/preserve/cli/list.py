"""preserve list"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

import click

from preserve.catalog.holdings import of_sources
from preserve.cli import imports
from preserve.cli.main import Context
from preserve.model import Entry, Json
from preserve.retrieve.find import answer_record, seen
from preserve.retrieve.reading import Reading, objects, text
from preserve.terminal import complain, emit, note, table, time_text


@click.command("list")
@click.argument("pattern", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def command(context: Context, pattern: str, as_json: bool) -> int:
    """List captures, oldest first, and after each what web archives gave in its place, with the time they captured it.

    PATTERN: a part of the source's address, or a glob such as '*.mil.ru/*'.
    """
    reading = Reading(context.config.archive_path, complain)
    found = _matching(reading.entries(), pattern)
    if as_json:
        for entry in found:
            emit(imports.summary(entry) if entry.type == "import" else summary(entry))
    else:
        rows = [_row(entry) for entry in found]
        table(rows, ("captured", "outcome", "capture", "source"))
        if not rows and context.verbosity >= 0:
            note("no capture matches" if pattern else "no captures yet")
    return reading.exit_code


def _matching(entries: Iterator[Entry], pattern: str) -> Iterator[Entry]:
    glob = any(character in pattern for character in "*?[")
    for entry in of_sources(entries):
        source = text(entry.get("source"))
        # `?` is common in addresses: a pattern that is simply a part of one always fits
        if pattern in source or (glob and fnmatch.fnmatchcase(source, pattern)):
            yield entry


def _row(entry: Entry) -> tuple[str, ...]:
    outcome = f"{text(entry.get('outcome'))}/{text(entry.get('reason'))}"
    source = imports.label(entry) + text(entry.get("source"))
    return time_text(seen(entry)), outcome, entry.id[:12], source


def summary(entry: Entry) -> Json:
    """One capture in short, for programs."""
    answer = answer_record(entry) or {}
    records, media = objects(entry, "records"), objects(entry, "media")
    names = ("source", "final_url", "started", "outcome", "reason", "change")
    return {
        "event": "capture",
        "capture": entry.id,
        "seq": entry.seq,
        **{name: entry.get(name) for name in names},
        "status": answer.get("status"),
        "mime": answer.get("mime"),
        "content_sha256": answer.get("content_sha256"),
        "content_bytes": answer.get("content_bytes"),
        "records": len(records),
        "media": len(media),
        "films": [{name: film.get(name) for name in ("key", "outcome", "reason")} for film in objects(entry, "films")],
    }
