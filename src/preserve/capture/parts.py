"""What belongs to a source beyond its own answer: what the page names, and what the rules of its site ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from preserve.capture import requisites
from preserve.capture.answer import INLINE, Answer, Asker
from preserve.capture.run import Run
from preserve.capture.sites import Part, Seen, Site
from preserve.model import Json
from preserve.network.session import How

_AT_ONCE = 6  # parts of one page in flight, over all hosts; one host still answers one at a time
_DEPTH = 2  # page -> frame or style sheet -> what these need; deeper nesting is advertising
_DEEPER = frozenset({"style", "frame"})  # roles whose answers name parts in turn
_FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")


@dataclass(slots=True)
class Gathering:
    """The parts of one source as they come, in the order in which they are named."""

    run: Run
    asker: Asker
    site: Site
    source: str
    page: str  # the address that names them
    seen: list[Seen] = field(default_factory=list)  # the source's answer first, then those that the site's rules read
    done: dict[str, Json] = field(default_factory=dict)
    films: dict[str, Part] = field(default_factory=dict)  # files of films: the film engine has its turn first
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    deadline: float = 0.0

    @property
    def came(self) -> int:
        return sum(part["came"] for part in self.done.values())


async def gather(run: Run, asker: Asker, site: Site, source: str, page: Answer, *, whole: bool) -> Gathering:
    """Fetch the parts, level by level, within the limits of the session. `page`: the source's own answer; where it is
    not `whole`, what it names belongs to a page that nobody asked for, and only what stands beside it is fetched."""
    gathering = Gathering(run, asker, site, source, page.url)
    gathering.deadline = asyncio.get_running_loop().time() + run.session.limits.time
    own = page.seen("source")
    if own is not None:
        gathering.seen.append(own)
    beside = site.beside(source if site.fits(source) else page.url)  # a redirect may have led into the site
    needs = list(site.needs(own)) if whole and own else []
    named = await _named(page) if whole else []
    views = any(part.read for part in beside)  # that may tell more of the same parts than the source's answer does
    level = await _level(gathering, [*beside, *(() if views else needs), *named])
    for _ in range(_DEPTH - 1):
        level = await _level(gathering, [*(needs if views else ()), *level])
    return gathering


async def add_films(gathering: Gathering) -> None:
    """Fetch the files of films that the film engine left, now that it has had its turn."""
    got = {hop["url"] for hop in gathering.asker.recording.hops if hop["status"] in (200, 206)}
    left = [part for part in gathering.films.values() if got.isdisjoint((part.url, *part.instead))]
    gathering.films.clear()
    await _fetch_all(gathering, left)


async def _level(gathering: Gathering, wanted: Iterable[Part]) -> list[Part]:
    """Fetch what is new of `wanted`; what its answers need in turn."""
    fresh: dict[str, Part] = {}
    for part in wanted:
        if part.role == "film":
            gathering.films.setdefault(part.url, part)
        elif (earlier := gathering.done.get(_name(part))) and (earlier["came"] or not part.instead):
            earlier["required"] |= part.required  # a page may name what only its site's rules know to be required
        elif part.form or part.url != gathering.page:
            told = fresh.setdefault(_name(part), part)
            if len(part.instead) > len(told.instead):  # who knows more addresses of it knows larger ones, too
                fresh[_name(part)] = part
    return await _fetch_all(gathering, fresh.values())


async def _fetch_all(gathering: Gathering, fresh: Collection[Part]) -> list[Part]:
    room = max(0, gathering.run.session.limits.requisites - len(gathering.done))
    deeper: list[Part] = []

    async def fetch(part: Part) -> None:
        async with gathering.gate:
            gathering.done[_name(part)], found = await _fetch(gathering, part)
            deeper.extend(found)
            gathering.run.tell(gathering.source, f"{gathering.came} of {len(gathering.done)} parts")

    async with asyncio.TaskGroup() as group:
        for number, part in enumerate(fresh):
            within = number < room
            gathering.done[_name(part)] = _told(part, None, "error" if within else "limit")  # keeps the page's order
            if within:
                group.create_task(fetch(part))
    return deeper


def _name(part: Part) -> str:
    """A form and a page may have the same address."""
    return part.url + ("#" + urlencode(part.form) if part.form else "")


async def _fetch(gathering: Gathering, part: Part) -> tuple[Json, list[Part]]:
    """One part and what it needs in turn. A part that another page of this run brought is only named."""
    run = gathering.run
    if part.form or part.read:  # what it says is looked at by the rules of one source
        return await _asked(gathering, part)
    one = (part.url, *part.instead)
    if one in run.parts:
        return {**await run.parts[one], "role": part.role, "required": part.required}, []
    waiting = run.parts[one] = asyncio.get_running_loop().create_future()
    told, found = _told(part, None, "error"), list[Part]()
    try:
        told, found = await _asked(gathering, part)
    finally:
        waiting.set_result(told)
    return told, found


async def _asked(gathering: Gathering, part: Part) -> tuple[Json, list[Part]]:
    """The part, or the first that comes of what may stand in its place."""
    told = _told(part, None, "timeout")
    for url in (part.url, *part.instead):
        if gathering.run.stopping or asyncio.get_running_loop().time() > gathering.deadline:
            break
        answer = await _answer(gathering, part, url)
        try:
            came = answer.outcome.held
            told = _told(part, answer.record, answer.outcome.reason, came=came, url=url)
            if part.read and (seen := answer.seen(part.role)):  # a refusal tells something, too
                gathering.seen.append(seen)
            if came:
                return told, await _found(gathering, part, answer)
        finally:
            answer.close()
    return told, []


async def _answer(gathering: Gathering, part: Part, url: str) -> Answer:
    how = How(headers=part.headers)
    if part.form:
        how = How("POST", (*part.headers, _FORM), urlencode(part.form).encode("ascii"))
    return await gathering.asker.ask(url, referer=gathering.page, how=how)


async def _found(gathering: Gathering, part: Part, answer: Answer) -> list[Part]:
    """What an answer names in turn."""
    seen = answer.seen(part.role) if part.read else None
    found = list(gathering.site.needs(seen)) if seen else []
    return [*found, *await _named(answer)] if part.role in _DEEPER else found


def _told(part: Part, record: str | None, reason: str, *, came: bool = False, url: str = "") -> Json:
    told: dict[str, Json] = {
        "url": url or part.url,
        "role": part.role,
        "required": part.required,
        "came": came,
        "record": record,
        "reason": reason,
    }
    if part.form:
        told["form"] = urlencode(part.form)
    if url and url != part.url:
        told["instead_of"] = part.url
    return told


async def _named(answer: Answer) -> Sequence[Part]:
    """What an HTML page or a style sheet names."""
    final, seen = answer.final, answer.seen("")
    if final is None or seen is None:
        return []
    if seen.mime == "text/css":
        read = requisites.of_css
    elif answer.is_page:
        read = requisites.of_html
    else:
        return []
    if len(answer.data) <= INLINE:
        needs = read(answer.data, answer.url, seen.charset)
    else:
        needs = await asyncio.to_thread(read, answer.data, answer.url, seen.charset)
    return [Part(need.url, need.role, required=False) for need in needs]
