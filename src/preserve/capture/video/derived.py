"""What is made of a film's streams: the copy that plays anywhere, and a sheet of its key frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preserve.archive import fsio
from preserve.capture.video import copies, describe
from preserve.model import Json

if TYPE_CHECKING:
    from preserve.capture.video.keep import Part, Work

_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Material:
    """One stream, where it lies. `whole`: a file as the platform made it, not fragments in a row."""

    path: Path
    sha256: str
    role: str
    whole: bool


async def derive(work: Work, materials: Sequence[Material]) -> list[Json]:
    """The media items of what could be made; what could not is told in the signals of the film."""
    if not work.films.settings.video.access_copy or not materials:
        return []
    ffmpeg = await asyncio.to_thread(copies.find)
    if ffmpeg is None:
        work.signals.append("no access copy: ffmpeg is not installed (pip install 'preserve-archiver[ffmpeg]')")
        return []
    paths, hashes = [one.path for one in materials], [one.sha256 for one in materials]
    made: list[Json] = []
    if len(materials) > 1 or not materials[0].whole:  # a file with picture and sound plays as it is
        made += await _made(work, "access", hashes, lambda out: copies.access(ffmpeg, paths, out))
    picture = next((one for one in materials if one.role == "video"), None)
    if picture is not None:
        made += await _made(work, "sheet", [picture.sha256], lambda out: copies.sheet(ffmpeg, picture.path, out))
    return made


async def _made(work: Work, role: str, hashes: list[str], make: Callable[[Path], Any]) -> list[Json]:
    name = {"access": "access copy", "sheet": "contact sheet"}[role]
    work.watch.tell(f"makes the {name}")
    with fsio.scratch(work.films.root) as out:
        try:
            made = await make(out)
        except copies.CopyError as error:
            work.signals.append(f"no {name}: {error}")
            return []
        stored = await asyncio.to_thread(work.films.put, _blocks(out), made.extension)
    facts, rest = describe.made_facts(made), f"{role}.{made.extension}"
    return [
        describe.media(
            stored, role, work.item, rest, mime=made.mime, derived_from=hashes, made_by=made.made_by, facts=facts
        )
    ]


def _blocks(path: Path) -> Iterator[bytes]:
    with fsio.read(path) as file:
        while block := file.read(_READ):
            yield block


async def look(work: Work, parts: Sequence[Part]) -> None:
    """Size and codecs of the pictures that came, where the page did not say them."""
    for part in parts if work.films.settings.video.access_copy else ():
        if part.download is None or part.stream.role != "video" or "width" in part.stream.facts:
            continue
        if (ffmpeg := await asyncio.to_thread(copies.find)) is None:
            return
        with suppress(copies.CopyError):
            told = await copies.facts(ffmpeg, part.download.path)
            part.stream = replace(part.stream, facts={**told, **part.stream.facts})
