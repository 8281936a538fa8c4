"""What the captures of one run share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from preserve.archive.download import Download
from preserve.capture.challenge import Passes
from preserve.capture.probe import Sibling
from preserve.capture.recorder import Recorder
from preserve.capture.recovery.elsewhere import Elsewhere
from preserve.capture.robots import Robots
from preserve.capture.video.film import Films
from preserve.model import Json
from preserve.network.session import Session


@dataclass(slots=True)
class Run:
    """One execution, as far as its captures know of each other."""

    session: Session
    recorder: Recorder
    robots: Robots
    passes: Passes
    probing: bool = True  # whether impossible siblings are asked for
    films: Films | None = None  # None: video.enabled is false
    # Each part is fetched once a run, by its address and those that may stand in its place.
    parts: dict[tuple[str, ...], asyncio.Future[Json]] = field(default_factory=dict)
    siblings: dict[str, asyncio.Future[Sibling]] = field(default_factory=dict)  # by host and shape of the path
    elsewhere: Elsewhere | None = None  # None: no third party is asked about what is captured
    stopping: str = ""  # why nothing new is begun: interrupted, time
    tell: Callable[[str, str], None] = lambda source, text: None  # how far the capture of a source has come
    transfer: Callable[[str, str, int, int | None], None] = lambda source, what, done, total: None
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by source: films of a list that are asked for
    leftovers: dict[str, list[Download]] = field(default_factory=dict)  # by source: of no use once it is committed
