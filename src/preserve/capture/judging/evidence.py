"""What a visit is judged by, and how a stage of the judgement answers."""

from __future__ import annotations

from dataclasses import dataclass

from preserve.capture.judging.look import Look
from preserve.errors import FetchError
from preserve.model import Exchange
from preserve.network.visit import Visit


@dataclass(frozen=True, slots=True)
class Evidence:
    """A visit that brought an answer. `look`: None where nobody looked, and nothing is said of what came."""

    visit: Visit
    final: Exchange
    status: int
    content_bytes: int | None
    content_fault: FetchError | None
    look: Look | None

    @property
    def asked(self) -> str:
        return self.visit.url

    @property
    def landed(self) -> str:
        return self.visit.final_url

    @property
    def good(self) -> bool:
        """The server says that this is what was asked for."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stage says: a reason of model.OUTCOMES, "" to go on; and what people should know either way."""

    reason: str = ""
    signals: tuple[str, ...] = ()


NOTHING = Verdict()
