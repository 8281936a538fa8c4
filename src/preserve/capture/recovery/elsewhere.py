"""What the Wayback Machine is asked about captures of our own, because a person wants it: the field `elsewhere`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from preserve.capture.answer import INLINE
from preserve.capture.recorder import Keeping, Recorder, Recording
from preserve.capture.recovery.corroborate import corroborate, sums
from preserve.capture.recovery.submit import submit
from preserve.capture.recovery.when import public
from preserve.model import Exchange, Json
from preserve.network.session import Session


@dataclass(frozen=True, slots=True)
class Wish:
    """`corroborate`: our bytes are looked for in its index; `keys`: sources are handed in for it to capture, with the
    keys of an account, or with "" as anybody may; None: they are not."""

    corroborate: bool = False
    keys: str | None = None

    def __bool__(self) -> bool:
        return self.corroborate or self.keys is not None


NOTHING = Wish()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Asks for one run."""

    session: Session
    recorder: Recorder
    wish: Wish

    async def __call__(
        self, recording: Recording, url: str, answer: Exchange, tell: Callable[[str], None] = lambda text: None
    ) -> list[Json]:
        """The items for a source that is captured. `url`: of the source; `answer`: with its body still at hand.

        What the Wayback Machine says is stored, and changes nothing of the outcome. Raises StorageError.
        """
        if not public(url, recording.hops):
            return []
        keep = Keeping(self.recorder, recording)
        found: list[Json] = []
        if self.wish.corroborate:
            tell("looks for the same bytes in the Wayback Machine")
            ours = await asyncio.to_thread(sums, answer) if answer.body.size > INLINE else sums(answer)
            found += await corroborate(self.session, keep, ours)
        if self.wish.keys is not None:
            tell("hands it in to the Wayback Machine")
            found.append(await submit(self.session, keep, url, self.wish.keys))
        return found
