"""What yt-dlp finds on a page, as values that travel from its process to ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from preserve.capture.video.pieces import Piece, Stream
from preserve.model import Json

Cookie = tuple[str, str, str, str, bool]  # name, value, domain, path, only over https


@dataclass(frozen=True, slots=True)
class Film:
    """One film. `info`: yt-dlp's own words of it; `streams`: those chosen; `fault`: why there are none, else ""."""

    platform: str
    id: str
    info: Mapping[str, Any]
    streams: tuple[Stream, ...]
    live: str  # not_live, is_live, is_upcoming, was_live, post_live
    fault: str = ""
    comments_fault: str = ""  # why the comments did not come


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of films that is not expanded: (URL, title) of each."""

    platform: str
    id: str
    title: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a page shows. `elsewhere`: films of known platforms that it leads to, by their address; `dead`: films of it
    that could not be understood, by address, class of the error and its words."""

    films: tuple[Film, ...] = ()
    lists: tuple[Listed, ...] = ()
    elsewhere: tuple[str, ...] = ()
    dead: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()  # yt-dlp's warnings
    cookies: tuple[Cookie, ...] = ()  # that this visit was given
    headers: Mapping[str, str] = field(default_factory=dict)  # that yt-dlp sends with everything

    def as_json(self) -> Json:
        return asdict(self)


def read(value: Json) -> Found:
    """The inverse of `as_json`. Raises KeyError, TypeError or ValueError for what is none."""
    return Found(
        films=tuple(_film(one) for one in value["films"]),
        lists=tuple(Listed(**{**one, "entries": tuple(map(tuple, one["entries"]))}) for one in value["lists"]),
        elsewhere=tuple(value["elsewhere"]),
        dead=tuple(tuple(one) for one in value["dead"]),
        remarks=tuple(value["remarks"]),
        cookies=tuple(tuple(one) for one in value["cookies"]),
        headers=value["headers"],
    )


def _film(value: Json) -> Film:
    return Film(**{**value, "streams": tuple(_stream(one) for one in value["streams"])})


def _stream(value: Json) -> Stream:
    pieces = tuple(Piece(one["url"]) for one in value["pieces"])  # keys and ranges stand in playlists, read later
    return Stream(**{**value, "headers": tuple(map(tuple, value["headers"])), "pieces": pieces})
