"""The one interface behind which every site stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from preserve.model import Outcome


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer that came, as a site's rules look at it. `role`: `source`, or the role of the part it answers."""

    url: str  # that answered, after all redirects
    role: str
    status: int
    mime: str | None
    charset: str | None  # of the header
    data: bytes  # the decoded content, at most policy.MAX_PARSED


@dataclass(frozen=True, slots=True)
class Part:
    """Something that belongs to a source. `instead`: addresses that are tried in turn where `url` brings nothing.

    The role `film` is a file of a film: it is asked for when the film engine has had its turn, and only where that
    brought none of these addresses; nobody asks for it where films are not wanted at all.
    """

    url: str
    role: str  # page, payload, image, film, document, …
    required: bool = True
    form: tuple[tuple[str, str], ...] = ()  # sent by POST; empty: GET
    headers: tuple[tuple[str, str], ...] = ()
    instead: tuple[str, ...] = ()
    read: bool = False  # its answer is shown to `needs` and `judge`, too


def _never(_: object) -> bool:
    return False


def _nothing(_: object) -> Sequence[Part]:
    return ()


def _no_opinion(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Site:
    """The rules of one site; what is not given asks for nothing and has no opinion."""

    name: str
    fits: Callable[[str], bool]  # of the URL as it is requested
    beside: Callable[[str], Sequence[Part]] = _nothing  # of the URL: asked for whatever the page shows
    needs: Callable[[Seen], Sequence[Part]] = _nothing  # of the source's answer and of each part that is `read`
    judge: Callable[[Sequence[Seen]], Outcome | None] = _no_opinion  # of all that was read, the source's answer first
    shows: Callable[[Seen], bool] = _never  # of the source's answer, where no site fits its URL: what it was made by
    # Of all that was read: addresses of the films that it shows, where the engine is told of none; None: not known.
    films: Callable[[Sequence[Seen]], Sequence[str] | None] = _no_opinion
    tells: bool = False  # `judge` tells what is not there: its pages all look alike, and no impossible one is asked for
