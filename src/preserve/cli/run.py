"""preserve run: read the documents, plan, capture what is due, checkpoint, say what became of it."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from preserve import __version__, config, sources
from preserve.cli.main import Context
from preserve.cli.reading import read_documents
from preserve.errors import INTERRUPTED, NOT_CAPTURED
from preserve.model import HELD, OUTCOMES, Entry, Json
from preserve.progress import Progress
from preserve.terminal import bytes_text, complain, emit, note, out, safe

if TYPE_CHECKING:
    from preserve.archive.store import Archive
    from preserve.capture.recorder import Warcinfo
    from preserve.capture.recovery.elsewhere import Wish
    from preserve.capture.video.process import Worker
    from preserve.catalog.holdings import Holdings
    from preserve.cli.groups import Told
    from preserve.documents import Document
    from preserve.runner.local import Drain
    from preserve.runner.plan import Plan


class Span(click.ParamType[float]):
    """A time such as 10m."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return config.span(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("run")
@click.argument("documents", nargs=-1)
@click.option("--only", default="", metavar="GLOB", help="Only sources whose URL fits.")
@click.option("--force", is_flag=True, help="Visit what is not due, too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be visited.")
@click.option("--max-time", type=Span(), metavar="T", help="Begin nothing new after this time (30m, 2h).")
@click.option("--wait", type=Span(), default="0", metavar="T", help="Wait this long for another run to end.")
@click.option("--jitter", type=Span(), default="0", metavar="T", help="Start at a random moment within this time.")
@click.option("--corroborate", is_flag=True, help="Ask the Wayback Machine whether it has seen the same bytes.")
@click.option(
    "--save-to-wayback",
    is_flag=True,
    help="Have the Wayback Machine capture it, too: that tells the world what you look at.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, then a summary.")
@click.pass_obj
def command(
    context: Context,
    documents: tuple[str, ...],
    only: str,
    force: bool,
    dry_run: bool,
    max_time: float | None,
    wait: float,
    jitter: float,
    corroborate: bool,
    save_to_wayback: bool,
    as_json: bool,
) -> int:
    """Capture what is due.

    Reads DOCUMENTS (default: those of the configuration), adds the URLs they cite to sources.txt, visits every
    source that is due, and signs a checkpoint. Exit code 3: a source that was visited could not be captured.
    """
    settings = context.config
    read, unread = read_documents(settings, documents, keep=not dry_run, quiet=context.verbosity < 0)
    if dry_run:
        return _dry_run(settings, read, only=only, force=force, as_json=as_json) or unread
    time.sleep(random.uniform(0, jitter))
    _look_at_cookies(settings)
    spare = _spare(settings, read)
    wish = _wish(settings, corroborate=corroborate, save=save_to_wayback)
    from preserve.archive import manifest, signer, store
    from preserve.capture.recorder import Warcinfo
    from preserve.network.session import USER_AGENT

    key, made = signer.load_or_make(settings.key_path)
    if made:
        note(f"made the signing key {settings.key_path}; keep a copy of it in a safe place")
    store.create(settings.archive_path, key, software=f"preserve {__version__}", clock=_now)
    info = Warcinfo(manifest.new_id(), settings.network.user_agent or USER_AGENT)
    with store.Archive.open(
        settings.archive_path, run=info.run, key=key, clock=_now, warcinfo=info, wait=wait
    ) as archive:
        for notice in archive.notices:
            note(safe(notice))
        text = _merged(settings, read, save=True)
        holdings = _holdings(settings)
        plan = _plan(settings, holdings, text, read, only=only, force=force)
        run = _Run(settings, holdings, as_json=as_json, quiet=context.verbosity < 0, spare=spare, wish=wish)
        code = run.go(archive, info, plan, read, max_time)
    problems = _problems(settings, text)  # told whatever else went wrong
    return code or unread or problems


def _wish(settings: config.Config, *, corroborate: bool, save: bool) -> Wish:
    """What the Wayback Machine is asked beside. Raises ConfigError for keys that cannot be read."""
    from preserve.capture.recovery.elsewhere import Wish
    from preserve.capture.recovery.submit import keys

    return Wish(corroborate, keys(settings) if save else None)


def _look_at_cookies(settings: config.Config) -> None:
    """A login that has expired makes a page that only looks like the source: it is told before anybody is asked."""
    if any(rule.cookies for rule in settings.host.values()):
        from preserve.network.owncookies import Own

        for notice in Own(settings).notes(_now()):
            note(safe(notice))


def _spare(settings: config.Config, read: Sequence[Document]) -> Worker | None:
    """A process with yt-dlp, where a film is likely: it gets ready while the rest of us is loaded. It ends with us,
    whatever comes in between."""
    from preserve.capture.video import process, where

    if not settings.video.enabled:
        return None
    urls = sources.active(sources.load(settings.sources_path))
    urls += [citation.url for document in read for citation in document.citations]
    new = not settings.archive_path.exists()  # nothing is known of what these pages show
    return process.Worker() if urls and (new or any(map(where.known, urls))) else None


def _now() -> datetime:
    return datetime.now(UTC)


def _merged(settings: config.Config, read: Sequence[Document], *, save: bool) -> str:
    """sources.txt with the citations of these documents."""
    path = settings.sources_path
    text = sources.merge(sources.load(path), read, allow_private=settings.network.allow_private)
    if save:
        sources.save(path, text)
    return text


def _add_listed(settings: config.Config, listed: Mapping[str, tuple[str, ...]]) -> None:
    """The films of a playlist that is a source become sources of their own, each with an outcome of its own."""
    from preserve.documents import Document
    from preserve.documents.url import identity
    from preserve.model import Citation, Place

    path = settings.sources_path
    for source, urls in listed.items():
        digest = hashlib.sha256("\n".join(urls).encode()).hexdigest()
        cited = tuple(
            Citation(source, digest, "list", Place(line=number), "listed", url, url, key)
            for number, url in enumerate(urls, 1)
            if (key := identity(url))
        )
        if cited:
            document = Document(source, digest, 0, "list", "utf-8", cited)
            if sources.save(
                path, sources.merge(sources.load(path), [document], allow_private=settings.network.allow_private)
            ):
                note(f"{safe(source)} lists {len(cited)} films: they are in {settings.sources} and due in the next run")


def _problems(settings: config.Config, text: str) -> int:
    """A line that cannot be understood is a source that is not preserved: it must not pass in silence."""
    problems = sources.parse(text).problems
    for problem in problems:
        complain(f"{settings.sources}: {problem}", "the line is kept as it is; correct it, or mark it with - or #")
    return NOT_CAPTURED if problems else 0


def _holdings(settings: config.Config) -> Holdings:
    from preserve.archive import manifest
    from preserve.catalog.holdings import Holdings, fold

    root = settings.archive_path
    return fold(manifest.read(root)) if (root / "archive.json").exists() else Holdings()


def _plan(
    settings: config.Config, holdings: Holdings, text: str, read: Sequence[Document], *, only: str, force: bool
) -> Plan:
    from preserve.documents.url import identity
    from preserve.runner import plan

    active = [(url, identity(url) or url) for url in sources.active(text)]
    wanted = plan.sources(active, [citation for document in read for citation in document.citations])
    return plan.plan(wanted, holdings, now=_now(), every=settings.recapture.every, only=only, force=force)


def _dry_run(settings: config.Config, read: Sequence[Document], *, only: str, force: bool, as_json: bool) -> int:
    text = _merged(settings, read, save=False)
    plan = _plan(settings, _holdings(settings), text, read, only=only, force=force)
    for one in plan.due:
        if as_json:
            emit({"event": "plan", "source": one.source.url, "citations": len(one.source.citations)})
        else:
            out(safe(one.source.url))
    if not as_json:
        note(f"{len(plan.due)} sources would be visited, {len(plan.not_due)} are not due")
    return _problems(settings, text)


@dataclass
class _Run:
    """One run as it is told: its lines and its summary. Implements local.Watcher."""

    config: config.Config
    holdings: Holdings
    as_json: bool
    quiet: bool
    spare: Worker | None
    wish: Wish
    progress: Progress | None = None
    told: dict[str, Told] = field(default_factory=dict)  # by source: what the summary says of it

    def go(self, archive: Archive, info: Warcinfo, plan: Plan, read: Sequence[Document], max_time: float | None) -> int:
        from preserve.network.session import tools

        archive.commit(
            "run",
            {
                "event": "start",
                "tools": tools(),
                "config_sha256": hashlib.sha256(_canonical(self.config)).hexdigest(),
                "user_agent": info.user_agent,
                "documents": [_document(one) for one in read],
                "due": len(plan.due),
            },
        )
        state = self._drain(archive, plan, info, max_time)
        counts, stopped = state.counts, state.stopping
        summary = {
            "sources": len(plan.due) + len(plan.not_due),
            **{outcome: counts[outcome] for outcome in OUTCOMES},
            "not_due": len(plan.not_due),
        }
        archive.close(stopped or "done", summary)
        _add_listed(self.config, state.run.listed)
        self._summarise(archive, summary)
        if stopped == "interrupted":
            return INTERRUPTED
        return NOT_CAPTURED if sum(counts.values()) > sum(counts[name] for name in HELD) else 0

    def _drain(self, archive: Archive, plan: Plan, info: Warcinfo, max_time: float | None) -> Drain:
        from preserve.documents.date import dated
        from preserve.runner import local

        with Progress(len(plan.due), quiet=self.quiet or self.as_json) as self.progress:
            return local.capture_all(
                self.config, archive, info, plan.due, self.holdings, self, max_time, self.spare,
                dated=dated(self.config.folder), wish=self.wish,
            )  # fmt: skip

    # -- local.Watcher

    def begin(self, source: str) -> None:
        if self.progress and not self.as_json:
            self.progress.begin(source)

    def step(self, source: str, text: str) -> None:
        if self.progress and not self.as_json:
            self.progress.step(source, text)

    def transfer(self, source: str, what: str, done: int, total: int | None) -> None:
        if self.progress and not self.as_json:
            self.progress.transfer(source, what, done, total)

    def finish(self, source: str, entry: Entry, imports: Sequence[Entry]) -> None:
        """Each source once: its capture, and what web archives gave in its place, the copy that stands for it first."""
        from preserve.cli import groups

        one = groups.told(entry, self.config, next_visit=self._next_visit(entry))
        for copy in imports[:1]:
            one = groups.recovered(copy, one)
        if one.advice.why:
            self.told[source] = one
        self._say(source, entry, imports, one)

    def _say(self, source: str, entry: Entry, imports: Sequence[Entry], told: Told) -> None:
        from preserve.cli import imports as copies

        stands = (imports or [entry])[0]
        if self.as_json:
            emit(_event(source, entry, imports, told))
            for copy in imports:
                emit(copies.summary(copy))
        elif self.progress:
            words = copies.short(stands) if stands.get("outcome") == "recovered" else _short(entry)
            self.progress.finish(source, stands.get("outcome"), stands.get("reason"), words)

    def _next_visit(self, entry: Entry) -> datetime:
        from preserve.catalog.holdings import Visits
        from preserve.catalog.schedule import due_at

        before = self.holdings.sources.get(entry.get("key"))
        visits = Visits(entry.get("key"), [*(before.captures if before else ()), entry])
        return due_at(visits, self.config.recapture.every)

    def offline(self, message: str) -> None:
        complain(message, "nothing more is asked in this run; every source that was due is noted as failed/offline")

    def _summarise(self, archive: Archive, summary: dict[str, int]) -> None:
        from preserve.cli import groups

        if self.as_json:
            # Closing wrote a note and then its entry, so the size that the note covers is that of the log less one.
            emit({"event": "summary", **summary, "checkpoint": archive.size - 1})
            return
        parts = [f"{summary[outcome]} {outcome}" for outcome in OUTCOMES if summary[outcome]]
        if summary["not_due"]:
            parts.append(f"{summary['not_due']} not due yet")
        if self.told or not self.quiet:
            out(f"{summary['sources']} sources: {', '.join(parts) or 'nothing to do'}")
        for line, style in groups.summary(self.told.values()):
            out(line, style=style)


def _event(source: str, entry: Entry, imports: Sequence[Entry], told: Told) -> Json:
    """`outcome` is that of the source; what our own visit found stands in `found`."""
    from preserve.retrieve.find import answer_record

    stands = (imports or [entry])[0]
    return {
        "event": "capture",
        "source": source,
        "outcome": stands.get("outcome"),
        "reason": stands.get("reason"),
        "found": f"{entry.get('outcome')}/{entry.get('reason')}",
        "import": imports[0].id if imports else None,
        "change": entry.get("change"),
        "capture": entry.id,
        "final_url": entry.get("final_url"),
        "status": (answer_record(entry) or {}).get("status"),
        "records": len(entry.get("records")),
        "bytes": _stored(entry),
        "media": len(entry.get("media")),
        "why": told.advice.why,
        "try": told.advice.try_next,
    }


def _stored(entry: Entry) -> int:
    return sum(record["length"] for record in entry.get("records"))


def _short(entry: Entry) -> str:
    """The end of the line of a source that is done."""
    from preserve.cli.films import short

    if entry.get("reason") == "offline":
        return ""  # said once, by `offline`
    if entry.get("outcome") not in HELD and entry.get("signals"):
        return str(entry.get("signals")[-1])
    count = f"{len(entry.get('records'))} records"
    return ", ".join(filter(None, (count, bytes_text(_stored(entry)), short(entry))))


def _canonical(settings: config.Config) -> bytes:
    """The settings in force, for a hash that tells whether two runs had the same; from a hash, too, a short password
    could be found by trying."""
    from preserve.cli.config import mask

    return json.dumps([(name, mask(name, value)) for name, value, _ in config.settings(settings)], default=str).encode()


def _document(document: Document) -> Json:
    return {
        "path": document.path,
        "sha256": document.sha256,
        "bytes": document.bytes,
        "format": document.format,
        "citations": len(document.citations),
    }
