"""Keeps one film: its streams as they were served, what the platform said about it, and a copy that plays.

Nothing that an earlier visit holds is fetched again unless it is new or better, and nothing worse takes its place.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from preserve.archive import fsio
from preserve.archive.download import Download
from preserve.archive.layout import resolve
from preserve.capture.recorder import Recording
from preserve.capture.video import changes, derived, describe, extras, fetch, fragments, pieces, ranges
from preserve.capture.video.film import Films, Taken, Watch, failed, shared, untaken
from preserve.capture.video.found import Film, Found, Listed
from preserve.capture.video.status import Verdict
from preserve.capture.video.where import Known
from preserve.errors import DamagedError, FetchError, StorageError
from preserve.model import Entry, Json, Outcome
from preserve.network.session import Jar

RENEWALS = 10  # of the addresses of one film, which last some six hours: a film that takes two days
_ADDRESSED = ("subtitles", "automatic_captions", "thumbnails")  # what else a film names addresses for
_COUNTS = frozenset({"views", "likes"})  # they change by the hour: no reason to store the description once more


@dataclass(slots=True)
class Held:
    """What the newest capture that holds a film has of it."""

    item: Json = None
    media: list[Json] = field(default_factory=list)

    @classmethod
    def of(cls, entry: Entry | None, key: str) -> Held:
        if entry is None:
            return cls()
        items = [one for one in entry.get("films", ()) if one.get("key") == key]
        return cls(items[0] if items else None, [one for one in entry.get("media", ()) if one.get("film") == key])

    def of_role(self, *roles: str) -> list[Json]:
        return [one for one in self.media if one["role"] in roles]


@dataclass(slots=True)
class Part:
    """One stream of the film: fetched in this visit, or held already."""

    stream: pieces.Stream
    held: Json = None
    download: Download | None = None


@dataclass(slots=True)
class Visit:
    """One visit of the films of a page."""

    films: Films
    recording: Recording
    found: Found
    cookies: Jar
    watch: Watch
    again: Callable[[], Awaitable[Found | None]]  # asks the page once more

    async def take(self, film: Film, known: Known, number: int, verdict: Verdict | None) -> Taken:
        """Everything of one film. Raises StorageError; whatever else fails is its outcome.

        Two pages may show one film, and its streams have one place in tmp/: who comes second shares it.
        """
        own = known if known.kind == "film" else _named(film, known, number)
        alone = known.kind == "film"
        return await shared(self.films.fetched, own, self.watch, lambda: self._take(film, own, verdict, alone=alone))

    async def _take(self, film: Film, own: Known, verdict: Verdict | None, *, alone: bool) -> Taken:
        live = film.live == "is_live"
        outcome = self._refusal(film, own, verdict, live=live)
        item = untaken(own, Outcome("captured", "ok"), verdict.status if verdict else None).item
        item |= describe.facts(film.info)
        if own.platform == "web":
            item["id"] = describe.web_id(own.url, film.id)
        if outcome is not None:
            return _ended(item, outcome)
        work = Work(self, film, item, Held.of(self.films.held(own.key), own.key), live=live, alone=alone)
        try:
            return await work.done()
        except FetchError as fault:
            outcome = failed(fault)
            return _ended(item, Outcome(outcome.outcome, outcome.reason, (*outcome.signals, *self.found.remarks[:5])))
        finally:
            work.close()

    def _refusal(self, film: Film, own: Known, verdict: Verdict | None, *, live: bool) -> Outcome | None:
        if own.platform == "youtube" and own.key != f"youtube:{film.id}":
            # yt-dlp takes the first eleven characters of an id that is too long: that film was not cited.
            return Outcome("failed", "error", ("the platform answered with another film's id", f"it is {film.id}"))
        if live and not self.films.settings.video.live:
            return Outcome("failed", "live-now", ("a broadcast that is running; video.live = true takes it",))
        if film.live == "is_upcoming":
            return Outcome("failed", "not-live-yet", ("a broadcast that has not begun",))
        if not film.streams:
            why = film.fault or "no stream that is fetched here"
            return verdict.outcome if verdict else Outcome("failed", "no-media", (why,))
        return None

    def listed(self, found: Listed, known: Known) -> Taken:
        """A playlist or channel: what it lists is kept, its films are other sources."""
        entries = [{"url": describe.text(url, 2000), "title": describe.text(title)} for url, title in found.entries]
        data = json.dumps({"id": found.id, "title": found.title, "entries": entries}, ensure_ascii=False, indent=1)
        stored = self.films.put([data.encode("utf-8", "replace")], ".json")
        item = untaken(known, Outcome("captured", "ok", (f"a list of {len(entries)} films, not expanded",))).item
        item |= {"title": describe.text(found.title), "entries": len(entries)}
        media = describe.media(stored, "list", item, "list.json", mime="application/json")
        return Taken(item, (media,), listed=tuple(url for url, _ in found.entries))


def _named(film: Film, known: Known, number: int) -> Known:
    """A film on a page has the key of its platform, or none but the page's address and its place on it."""
    if film.platform in ("web", "generic", "html5mediaembed"):
        return Known("web", "film", f"{known.key}#{number}" if number else known.key, known.url)
    return Known(film.platform, "film", f"{film.platform}:{film.id}", str(film.info.get("webpage_url") or known.url))


def _ended(item: dict[str, Json], outcome: Outcome) -> Taken:
    return Taken({**item, "outcome": outcome.outcome, "reason": outcome.reason, "signals": list(outcome.signals)})


class Work:
    """One film in hand. `alone`: it is all that its source wants of the platform."""

    def __init__(self, visit: Visit, film: Film, item: dict[str, Json], held: Held, *, live: bool, alone: bool) -> None:
        self.films, self.film, self.item, self.held = visit.films, film, item, held
        self.live, self.alone = live, alone
        self.watch, self._again = visit.watch, visit.again
        self._came = self._renewals = 0  # bytes since the addresses were told; how often they were told anew
        self.headers = visit.found.headers
        self.recording = visit.recording
        self.signals: list[str] = []
        self.media: list[Json] = []
        self.missing: list[Json] = []
        self.downloads: list[Download] = []
        self._kept = False
        settings = self.films.settings
        self.line = fetch.Line(
            self.films.session,
            self.films.recorder,
            visit.recording,
            cookies=visit.cookies.header,
            tries=settings.retry.tries,
            pause=self.films.session.pause,
            stopping=self.films.stopping,
            tell=visit.watch.transfer,
            most=settings.video.size,
            whole=settings.video.media_in_warc == "full",
        )

    def close(self) -> None:
        """What was not finished waits in tmp/ for the next run."""
        for download in self.downloads if not self._kept else ():
            download.close()

    async def done(self) -> Taken:
        parts = await self._parts()
        fresh = [part for part in parts if part.download]
        self.item["changes"] = found = changes.compare(self.held.item, self.item) if self.held.item else []
        told = any(change["what"] not in _COUNTS for change in found) or bool(fresh) or not self.held.media
        await extras.collect(self, anew=told)
        if self.alone:  # what follows is work of this machine
            self.films.session.rest(self.item["url"])
            self.watch.go_on()
        await derived.look(self, parts)
        made = await self._copies(parts, fresh=bool(fresh))
        # Where nothing is new, all that is held stands: a platform that has only the small film left drops no sound.
        streams = [await self._stored(part) for part in parts] if fresh else self.held.of_role("video", "audio")
        self.media = [*streams, *made, *self.media]
        self._kept = True
        return self._taken(parts, fresh)

    def _taken(self, parts: Sequence[Part], fresh: Sequence[Part]) -> Taken:
        pictures = [one for one in self.media if one["role"] == "video"]
        held = max(
            (describe.size(one["facts"]) for one in pictures), key=lambda size: size["height"] or 0, default=None
        )
        drop = changes.dropped(self.held.of_role("video"), self.item["quality"])
        if drop and drop not in self.signals:
            self.signals.append(drop)
        taken = "live" if self.live else "streams" if fresh else "held"
        quiet = not fresh and all(change["what"] in _COUNTS for change in self.item["changes"])
        reason = "partial" if self.missing or self.live else "unchanged" if quiet and self.held.media else "ok"
        self.item |= {"taken": taken, "held": held, "reason": reason, "signals": self.signals}
        if self.live:
            self.signals.append("a running broadcast, taken from the moment of the visit on")
        return Taken(self.item, tuple(self.media), tuple(self.missing), tuple(self.downloads))

    # -- streams

    async def _parts(self) -> list[Part]:
        if not self.live:
            return [await self._part(stream) for stream in self.film.streams]
        # Picture and sound of a broadcast run at the same time; who came second would have another stretch of it.
        came = await asyncio.gather(*map(self._part, self.film.streams), return_exceptions=True)
        parts = [one for one in came if isinstance(one, Part)]
        faults = [one for one in came if isinstance(one, FetchError)]
        for error in came:
            if isinstance(error, BaseException) and not isinstance(error, FetchError):
                raise error  # before all else: a full disk is no failure of a film
        if not parts:
            raise faults[0]
        self.signals += [f"a stream of the broadcast did not come: {fault.message}" for fault in faults]
        return parts

    async def _part(self, stream: pieces.Stream) -> Part:
        """The stream, fetched unless the one held is as good."""
        offer = describe.offer(stream, self.item["duration_ms"])
        decision = changes.decide(self.held.of_role("video", "audio"), offer)
        if decision.action == "ask":
            decision = await self._asked(stream, decision)
        if decision.action == "keep":
            held = describe.nearest(self.held.of_role(stream.role), stream)
            if held is not None and self._is_there(held):
                if decision.why:
                    self.signals.append(decision.why)
                return Part(stream, held=held)
        key = self.item["key"]
        download = await asyncio.to_thread(Download, self.films.root, key, stream.format, stream.marks, self._trusted)
        self.downloads.append(download)
        if download.size:
            self.watch.tell(f"goes on at byte {download.size} of {stream.format}")
        self._name_again(download)
        await self._fetch(stream, download)
        await asyncio.to_thread(download.settle)
        return Part(stream, download=download)

    async def _fetch(self, stream: pieces.Stream, download: Download) -> None:
        """The stream, from new addresses where those that brought something are served no longer."""
        while True:
            before, refused = download.size, None
            newest = next((one for one in self.film.streams if one.format == stream.format), stream)
            try:
                if newest.kind == "file":
                    await ranges.fetch(self.line, newest, download)
                elif missing := await fragments.fetch(self.line, newest, download):
                    self.signals.append(missing)
            except fetch.Expired as fault:
                refused = fault
            self._came += max(0, download.size - before)
            if refused is None:
                return
            if stream.live or not (self._came and await self._renewed()):
                raise refused

    async def _renewed(self) -> bool:
        """Whether the page has told the addresses of the film anew. What it says about it was told before."""
        self._renewals += 1
        if self._renewals > RENEWALS or self.films.stopping():
            return False
        self.watch.tell("asks for new addresses of the streams")
        found = await self._again()
        own = (self.film.platform, self.film.id)
        film = next((one for one in found.films if (one.platform, one.id) == own), None) if found else None
        if found is None or film is None:
            return False
        info = {**self.film.info, **{name: film.info[name] for name in _ADDRESSED if name in film.info}}
        self.film = replace(self.film, info=info, streams=film.streams)
        self.headers, self._came = found.headers, 0
        self.line.cookies = self.films.session.jar(found.cookies).header
        return True

    async def _asked(self, stream: pieces.Stream, decision: changes.Decision) -> changes.Decision:
        """The platform says too little to tell: the server is asked for the head of the file."""
        held = describe.nearest(self.held.of_role(stream.role), stream)
        if held is None:
            return changes.Decision("fetch", "")
        marks = held["marks"] or {}
        if stream.kind != "file":
            same = fetch.listed(piece.url for piece in await fragments.named(self.line, stream)) == marks.get(
                "fragments"
            )
            return changes.Decision("keep" if same and not stream.live else "fetch", "")
        head = (await fetch.exchange(self.line, stream.url, stream.headers, fetch.drain, 1, method="HEAD")).exchange
        same = head is not None and head.status == 200 and fetch.unchanged(marks, head)
        return changes.Decision("keep", "") if same else changes.Decision("fetch", decision.why)

    def _is_there(self, media: Json) -> bool:
        """What is named again must be there: a file lost to a dying disk is fetched again."""
        try:
            return resolve(self.films.root, media["path"]).stat().st_size == int(media["bytes"])
        except (OSError, DamagedError):
            return False

    def _trusted(self, chunk: Mapping[str, Json]) -> bool:
        """Whether the records of a chunk that an earlier run received are still in their WARC file."""
        records = chunk.get("records")
        return isinstance(records, list) and bool(records) and all(self._stored_record(one) for one in records)

    def _stored_record(self, record: Json) -> bool:
        try:
            with fsio.read(resolve(self.films.root, record["file"])) as file:
                file.seek(record["offset"])
                return sha256(file.read(record["length"])).hexdigest() == str(record["sha256"])
        except (OSError, DamagedError, StorageError, KeyError, TypeError):
            return False

    def _name_again(self, download: Download) -> None:
        """Records of a killed run that no entry names: this entry does."""
        named: dict[str, set[int]] = {}
        for chunk in download.chunks:
            for record in chunk["records"]:
                offsets = named.setdefault(record["file"], self.films.named(record["file"]))
                if record["offset"] not in offsets:
                    self.recording.records.append(record)

    async def _stored(self, part: Part) -> Json:
        """The stream under its lasting name, with the ledger of what brought it."""
        if part.download is None:
            return part.held
        stored = await asyncio.to_thread(part.download.adopt, describe.extension(part.stream.extension))
        chunks = [{name: chunk[name] for name in describe.LEDGER} for chunk in part.download.chunks]
        block = describe.line(
            {"v": 1, "media": stored.path, "sha256": stored.sha256, "bytes": stored.bytes, "chunks": chunks}
        )
        pointer = await self.films.recorder.account(self.recording, chunks[0]["url"], chunks[0]["response"], block)
        name = f"f{part.stream.format}.{part.stream.extension}"
        item = describe.media(stored, part.stream.role, self.item, name, facts=part.stream.facts)
        return item | {"ledger": pointer, "marks": fetch.with_marks(part.stream, part.download.chunks)}

    # -- copies

    async def _copies(self, parts: Sequence[Part], *, fresh: bool) -> list[Json]:
        """Made while the streams still lie in tmp/, so that a kill costs the copies and nothing that was fetched; of
        what is held, too, where an earlier visit had no ffmpeg."""
        held = self.held.of_role("access", "sheet")
        if not fresh and held:
            return held
        materials = [
            derived.Material(part.download.path, part.download.sha256, part.stream.role, part.stream.kind == "file")
            if part.download
            else self._held_material(part.held)
            for part in parts
        ]
        if not fresh:
            materials = [self._held_material(one) for one in self.held.of_role("video", "audio")]
        return await derived.derive(self, materials)

    def _held_material(self, media: Json) -> derived.Material:
        whole = "fragments" not in (media["marks"] or {})
        return derived.Material(resolve(self.films.root, media["path"]), media["sha256"], media["role"], whole)
