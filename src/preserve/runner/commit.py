"""Group commit: entries that are ready close together share the syncs of one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from preserve.archive.store import Archive
from preserve.errors import StorageError
from preserve.model import Entry, Json

GROUP_TIME = 0.02  # seconds that a commit waits for others: the syncs of a busy run are shared, nobody notices the wait

Waiting = tuple[str, Mapping[str, Json], asyncio.Future[Entry]]  # type of the entry, its fields, the entry


class Committer:
    """Each who commits waits until the entry is durable."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._waiting: list[Waiting] = []

    async def commit(self, fields: Mapping[str, Json], kind: str = "capture") -> Entry:
        """Raises StorageError: then none of the group is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Entry] = loop.create_future()
        self._waiting.append((kind, fields, future))
        if len(self._waiting) == 1:
            loop.call_later(GROUP_TIME, self._flush)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:  # the run is stopped at once; what has come need not be fetched again for that
            self._flush()
            return future.result()

    def _flush(self) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            return
        try:
            self._commit(group)
        except ValueError:  # one of them cannot be written down: the others must not suffer for it
            for one in group:
                self._try(one)
        except StorageError as error:
            _fail(group, error)

    def _commit(self, group: list[Waiting]) -> None:
        entries = self._archive.commit_all([(kind, fields) for kind, fields, _ in group])
        for (_, _, future), entry in zip(group, entries, strict=True):
            if not future.done():
                future.set_result(entry)

    def _try(self, one: Waiting) -> None:
        try:
            self._commit([one])
        except (StorageError, ValueError) as error:
            _fail([one], error)


def _fail(group: list[Waiting], error: Exception) -> None:
    for _, _, future in group:
        if not future.done():
            future.set_exception(error)
