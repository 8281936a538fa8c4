"""preserve show"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from preserve.catalog.holdings import held
from preserve.cli import groups, imports
from preserve.cli.films import film_lines, media_lines
from preserve.cli.main import Context
from preserve.errors import DAMAGE_FOUND, DamagedError
from preserve.model import Entry, Json
from preserve.retrieve import ledger
from preserve.retrieve.custody import LIMITS, covering, line_hashes, line_object
from preserve.retrieve.find import find
from preserve.retrieve.reading import Reading, objects, place, text
from preserve.terminal import complain, emit, out, safe, time_text, wrapped


@click.command("show")
@click.argument("wanted", metavar="CAPTURE|URL")
@click.option("--at", metavar="DATE", help="The newest held capture that is not after this date.")
@click.option("--json", "as_json", is_flag=True, help="The manifest's entry and what vouches for it, as JSON.")
@click.pass_obj
def command(context: Context, wanted: str, at: str | None, as_json: bool) -> int:
    """One capture's whole custody record: what was asked, what came, from where, and what vouches for it.

    Of a URL also the copies that web archives gave; each has a record of its own, shown by its id.
    """
    root = context.config.archive_path
    reading = Reading(root, complain)
    answer = find(reading.entries(), wanted, at=at)
    capture, beside = answer.capture, [one for one in answer.imports if one is not answer.capture]
    ledgers = _Ledgers(root)
    if as_json:
        proof = {"line": line_hashes(capture), "checkpoint": covering(root, capture.seq)}
        found = {text(item.get("path")): ledgers.of(item) for item in objects(capture, "media") if item.get("ledger")}
        more = {"ledgers": found, "imports": [imports.summary(one) for one in beside]}
        emit({"entry": line_object(capture), **proof, **more})
    else:
        told = groups.told(capture, context.config, asked=beside)
        for line in _lines(told, capture, beside, root, ledgers):
            out(line)
    return DAMAGE_FOUND if ledgers.damaged else reading.exit_code


class _Ledgers:
    """The ledgers of media files, each read when it is shown. One that cannot be read is `{"error": …}`, and counts."""

    def __init__(self, root: Path) -> None:
        self.root, self.damaged = root, False

    def of(self, item: Json) -> Json | None:
        try:
            return ledger.read(self.root, item)
        except DamagedError as error:
            self.damaged = True
            return {"error": error.message}


def _lines(told: groups.Told, capture: Entry, beside: list[Entry], root: Path, ledgers: _Ledgers) -> Iterator[str]:
    yield from _head(capture, told)
    yield from _section("copy of a web archive", imports.lines(capture))
    yield from _section("header fields of the original", imports.headers(capture))
    yield from _section("web archives asked", imports.asked(capture))
    yield from _section("copies of web archives", (f"{one.id[:12]}  {safe(imports.short(one))}" for one in beside))
    yield from _section("films", (line for film in objects(capture, "films") for line in film_lines(film)))
    media = objects(capture, "media")
    yield from _section("media", (line for item in media for line in media_lines(capture, item, ledgers.of(item))))
    yield from _section("cited in", map(citation, objects(capture, "citations")))
    yield from _section("hops", (line for hop in objects(capture, "hops") for line in _hop(hop)))
    yield from _section("records", (line for record in objects(capture, "records") for line in _record(record)))
    yield from _section(
        "parts that did not come", map(_part, (p for p in objects(capture, "parts") if not p.get("came")))
    )
    yield from _section("errors", map(_error, objects(capture, "errors")))
    yield from _section("proof", _proof(capture, root))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
            yield title
        yield f"  {line}"


def _field(name: str, value: object) -> str:
    return f"{name:<10} {safe(value)}"


def _head(capture: Entry, told: groups.Told) -> Iterator[str]:
    yield _field(capture.type, f"{capture.id} (entry {capture.seq}, run {capture.run[:12]})")
    if capture.type == "import":
        yield _field("instead of", f"capture {capture.get('capture')}")
    for name, key in (("source", "source"), ("asked", "request_url"), ("came from", "final_url")):
        if capture.get(key) and (key == "source" or capture.get(key) != capture.get("source")):
            yield _field(name, capture.get(key))
    name = "asked for" if capture.type == "import" else "visited"
    yield _field(name, f"{text(capture.get('started'))} to {text(capture.get('ended'))}")
    yield _field(
        "outcome", f"{capture.get('outcome')}/{capture.get('reason')}" + ("" if held(capture) else " (not held)")
    )
    for name, words in (("that is", told.advice.why), ("next", told.advice.try_next)):
        yield from wrapped(words, f"{name:<10} ", " " * 11)
    if signals := capture.get("signals"):
        yield _field("because", "; ".join(map(str, signals)) if isinstance(signals, list) else signals)
    previous = capture.get("previous")
    yield _field("change", f"{capture.get('change')}" + (f" since entry {previous}" if previous is not None else ""))
    if capture.get("truncated"):
        yield _field("truncated", capture.get("truncated"))
    if isinstance(tools := capture.get("tools"), dict):
        yield _field("made with", ", ".join(f"{name} {version}" for name, version in tools.items()))


def citation(item: Json) -> str:
    """Where and how a document cites: `report.md:12:4  link  "anchor"`."""
    anchor = f'  "{safe(item["anchor"])}"' if item.get("anchor") else ""
    return f"{safe(place(item))}  {safe(item.get('role') or '')}{anchor}"


def _hop(hop: Json) -> Iterator[str]:
    status = hop.get("status") if hop.get("status") is not None else "no answer"
    yield f"{safe(hop.get('method') or 'GET')} {safe(status)}  {safe(hop.get('url'))}"
    by = f" by proxy {hop['proxy']}" if hop.get("proxy") else ""
    address = f"{hop.get('ip')} port {hop.get('port')}" if hop.get("ip") else "address unknown"
    yield f"  {safe(hop.get('started'))}  {safe(address)}{safe(by)}  {safe(hop.get('protocol') or '')}".rstrip()
    if isinstance(tls := hop.get("tls"), dict):
        trust = f"verified ({tls['verified']})" if tls.get("verified") else f"NOT verified: {tls.get('error')}"
        yield f"  {safe(tls.get('version'))} {safe(tls.get('cipher'))}, {safe(trust)}"
        if tls.get("leaf_sha256"):
            yield f"  certificate sha256:{safe(tls['leaf_sha256'])}"


def _record(record: Json) -> Iterator[str]:
    yield f"{safe(record.get('type'))} {safe(record.get('id'))}  {safe(record.get('url') or '')}".rstrip()
    yield f"  {safe(record.get('file'))} at byte {safe(record.get('offset'))}, {safe(record.get('length'))} bytes"
    for name, key in (("stored", "sha256"), ("payload", "payload_sha256"), ("content", "content_sha256")):
        if record.get(key):
            yield f"  {name:<8} sha256:{safe(record[key])}"
    if isinstance(target := record.get("refers_to"), dict):
        yield f"  repeats  {safe(target.get('id'))} of {safe(target.get('date'))}"
    if record.get("truncated"):
        yield f"  TRUNCATED: {safe(record['truncated'])}"
    if record.get("flaws"):
        yield f"  flaws    {safe(', '.join(map(str, record['flaws'])))}"


def _part(part: Json) -> str:
    need = "required" if part.get("required") else "optional"
    return f"{safe(part.get('role'))} ({need})  {safe(part.get('url'))}  {safe(part.get('reason') or '')}".rstrip()


def _error(error: Json) -> str:
    return f"{safe(error.get('step'))}: {safe(error.get('reason'))}: {safe(error.get('message'))}"


def _proof(capture: Entry, root: Path) -> Iterator[str]:
    hashes = line_hashes(capture)
    yield f"line     sha256:{hashes['sha256']}"
    yield f"leaf     sha256:{hashes['leaf']}"
    checkpoint = covering(root, capture.seq)
    if checkpoint is None:
        yield "no checkpoint covers this entry yet"
    else:
        time = time_text(checkpoint["time"]) if "time" in checkpoint else checkpoint["signature"]
        yield f"covered by {checkpoint['note']} ({safe(time)})"
    yield from LIMITS.replace("; for", ";\nfor").replace(". They", ".\nThey").split("\n")
