"""Which of a capture's media files a person means. Pure; every text in the answers is remote and not yet safe.

A capture may hold several films; a film is the streams as they were served (video, audio), what was made of them
(access, sheet) and what goes with it (subs, thumb, info, …). docs/FORMAT.md says what an item consists of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preserve.errors import NotHeldError
from preserve.model import Entry, Json
from preserve.retrieve.reading import objects, text

PLAYABLE = ("access", "video", "audio")  # in the order in which they serve who wants to see the film
_SHOWN = 8  # others that are named one by one
_MAX_NAME = 150  # characters: with an addition it fits every file system
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One media file, and what whoever gets it should know."""

    item: Json
    notes: tuple[str, ...] = ()


def choose(capture: Entry, role: str = "", film: str = "") -> Choice:
    """The file of that role (`subs`, or `subs:ar`: role and language or format) of that film (its key, or its id).

    Without a role: what plays best, the access copy before the streams as served. Without a film: the first that
    has such a file. Raises NotHeldError that tells what there is.
    """
    groups = _groups(capture, film)
    for key, items in groups.items():
        if fits := _fitting(items, role):
            notes = _about_films(capture, key, groups) + _about_choice(capture, items, fits, role)
            return Choice(fits[0], tuple(notes))
    everything = [item for items in groups.values() for item in items]
    raise NotHeldError(
        f"capture {capture.id} holds no {f'media of role {role}' if role else 'stream of a film'}",
        f"it holds: {', '.join(_selectors(everything))}; --role gives one of these",
    )


def everything(capture: Entry, role: str = "", film: str = "") -> list[Json]:
    """All files of that role and film; all there are, where neither is given. Raises NotHeldError for none."""
    items = [item for group in _groups(capture, film).values() for item in group]
    found = _of_role(items, role) if role else items
    if not found:
        choose(capture, role, film)  # raises: nothing has that role, and it says what there is
    return found


def holds(capture: Entry, role: str = "", film: str = "") -> bool:
    """Whether `choose` finds something."""
    try:
        return bool(choose(capture, role, film))
    except NotHeldError:
        return False


def _groups(capture: Entry, film: str) -> dict[str, list[Json]]:
    """The files by film, in the order of the capture's `films`; files of no film under "". None of them is empty."""
    items, films = objects(capture, "media"), objects(capture, "films")
    keys = dict.fromkeys([text(one.get("key")) for one in films] + [text(item.get("film")) for item in items])
    groups: dict[str, list[Json]] = {key: [] for key in keys if _means(film, key)}
    for item in items:
        groups.get(text(item.get("film")), []).append(item)
    found = {key: group for key, group in groups.items() if group}
    if found:
        return found
    what = f"nothing of a film {film}" if film and items else "no media"
    became = "; ".join(f"{text(one.get('key'))} is {outcome_text(one)}" for one in films[:_SHOWN])
    raise NotHeldError(f"capture {capture.id} holds {what}", became or "leave --media out to get the page")


def _means(film: str, key: str) -> bool:
    return not film or film in (key, key.partition(":")[2])


def _fitting(items: Sequence[Json], role: str) -> list[Json]:
    """What answers to a role, the best first; the order of the manifest decides where nothing else does."""
    if role:
        return sorted(_of_role(items, role), key=_merit)
    found = [item for name in PLAYABLE for item in sorted(_of_role(items, name), key=_merit)]
    return sorted(found, key=lambda item: not plays_alone(item))


def _of_role(items: Sequence[Json], role: str) -> list[Json]:
    name, _, pick = role.partition(":")
    of_name = [item for item in items if text(item.get("role")) == name]
    wanted = pick.lower()
    exact = [item for item in of_name if wanted in ("", language(item).lower(), text_fact(item, "format").lower())]
    return exact or [item for item in of_name if language(item).lower().startswith(f"{wanted}-")]


def _merit(item: Json) -> tuple[bool, int, int]:
    """People before machines, then the largest picture."""
    picture = item.get("role") in ("video", "thumb")
    return facts(item).get("automatic") is True, -number(item, "height"), -size(item) if picture else 0


def plays_alone(item: Json) -> bool:
    """An access copy, or a stream with picture and sound."""
    role = item.get("role")
    return role == "access" or (role == "video" and text_fact(item, "acodec") not in ("", "none"))


def _about_films(capture: Entry, key: str, groups: dict[str, list[Json]]) -> list[str]:
    others = [other for other in groups if other not in (key, "")]
    if not key or not others:
        return []
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    named = ", ".join(f"--film {other}" for other in others[:_SHOWN])
    return [f"the capture holds media of {len(others) + 1} films; this is of {key}; for the others: {named}{more}"]


def _about_choice(capture: Entry, items: Sequence[Json], fits: Sequence[Json], role: str) -> list[str]:
    item, rest = fits[0], fits[1:]
    notes = []
    if item.get("role") == "access":
        served = [f"--role {name}" for name in ("video", "audio") if _of_role(items, name)]
        verb = "give" if len(served) > 1 else "gives"
        notes.append(f"this is a copy made for playing; {' and '.join(served) or 'nothing'} {verb} what was served")
    elif not role:
        notes += _about_stream(item, items)
    elif rest:
        named = ", ".join(f"{selector} ({kind_text(one)})" for one, selector in _told_apart(rest[:_SHOWN], items))
        more = f" and {len(rest) - _SHOWN} more (preserve show {capture.id[:12]})" if len(rest) > _SHOWN else ""
        notes.append(f"{len(fits)} files fit; this is the best ({kind_text(item)}); the others: {named}{more}")
    return notes


def _about_stream(item: Json, items: Sequence[Json]) -> list[str]:
    if plays_alone(item):
        return ["no access copy was kept; this is the stream as served, with picture and sound"]
    if item.get("role") == "audio":
        return ["no picture is held; this is the sound as served"]
    if not _of_role(items, "audio"):
        return ["no access copy was kept; this is the picture stream as served, no stream of sound is held"]
    return [
        "no access copy was kept, and the film came as two streams: this is the picture (--role video), --role audio"
        " gives the sound; get both, then: ffmpeg -i VIDEO -i AUDIO -c copy FILM.mkv"
    ]


def _told_apart(chosen: Sequence[Json], items: Sequence[Json]) -> Iterator[tuple[Json, str]]:
    """How to ask for each of these: by role and language or format where that gives it, else by its hash."""
    for item in chosen:
        role = text(item.get("role"))
        picks = [f"{role}:{pick}" for pick in (language(item), text_fact(item, "format")) if pick]
        fit = next((pick for pick in picks if _fitting(items, pick)[0] is item), "")
        yield item, f"--role {fit}" if fit else f"sha256:{text(item.get('sha256'))}"


def _selectors(items: Sequence[Json]) -> list[str]:
    """What --role can be here: `video, subs:ar, subs:en`."""
    count = Counter(map(_role, items))
    found = {
        f"{_role(item)}:{language(item)}" if count[_role(item)] > 1 and language(item) else _role(item)
        for item in items
    }
    return sorted(found - {""})[: 4 * _SHOWN]


def _role(item: Json) -> str:
    return text(item.get("role"))


def made_of(capture: Entry, item: Json) -> list[Json]:
    """The files of the capture that a derived one was made of, each with its own pointer to what accounts for it."""
    sources = item.get("derived_from")
    wanted = {one for one in sources if isinstance(one, str)} if isinstance(sources, list) else set()
    return [other for other in objects(capture, "media") if other.get("sha256") in wanted]


def file_names(items: Sequence[Json]) -> list[str]:
    """A name for each in one folder: the last part of its own, of letters, digits and `._-` only; no two alike, also
    where case does not count."""
    names: list[str] = []
    taken: set[str] = set()
    for item in items:
        own = text(item.get("name")) or text(item.get("path"))
        name = _NOT_IN_NAMES.sub("_", own.rpartition("/")[2]).lstrip(".-")[-_MAX_NAME:] or "file"
        if name.lower() in taken:
            name = f"{len(names)}-{name}"
        names.append(name)
        taken.add(name.lower())
    return names


def outcome_text(film: Json) -> str:
    return f"{text(film.get('outcome'))}/{text(film.get('reason'))}"


def kind_text(item: Json) -> str:
    """What tells one file from others of its role: `ar, automatic`, `1280x720`."""
    automatic = "automatic" if facts(item).get("automatic") is True else ""
    words = [language(item), automatic, picture_text(facts(item)), text_fact(item, "format")]
    return ", ".join(filter(None, words)) or f"{size(item)} bytes"


def picture_text(found: Json) -> str:
    """Of `{"width", "height"}`: 1920x1080, 1080p where only the height is known, or nothing."""
    wide, high = (whole(found.get(key)) for key in ("width", "height")) if isinstance(found, dict) else (0, 0)
    return f"{wide}x{high}" if wide and high else f"{high}p" if high else ""


def facts(item: Json) -> Json:
    found = item.get("facts")
    return found if isinstance(found, dict) else {}


def text_fact(item: Json, key: str) -> str:
    return text(facts(item).get(key))


def language(item: Json) -> str:
    return text_fact(item, "language")


def number(item: Json, key: str) -> int:
    return whole(facts(item).get(key))


def size(item: Json) -> int:
    return whole(item.get("bytes"))


def whole(value: Json) -> int:
    """A number of the manifest; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
