"""Save Page Now: the Wayback Machine is asked to capture an address itself, only where a person wants that.

It tells the world what is looked at: the copy is public, and so is when it was made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from preserve.capture.recovery.address import spelled
from preserve.capture.recovery.archive import TIME, in_query, loads, word
from preserve.config import Config
from preserve.errors import ConfigError
from preserve.model import Exchange, Json, Limits, timestamp
from preserve.network import decode
from preserve.network.session import Hop, How, Session

DELAY = 5.0  # seconds: 12 in a minute; with keys an account may have 15 at a time
ANSWER = 1024**2  # bytes of the answer: a line of JSON, or without keys a page

_KEYS = re.compile(r"[\x21-\x39\x3b-\x7e]{1,100}:[\x21-\x7e]{1,100}", re.ASCII)
_SAVE = "https://web.archive.org/save"


def keys(config: Config) -> str:
    """What [recover] wayback_keys refers to, `access:secret`; "" where there is none. Raises ConfigError."""
    kind, _, where = config.recover.wayback_keys.partition(":")
    try:
        found = os.environ[where] if kind == "env" else config.path(where).read_text("ascii") if kind == "file" else ""
    except (KeyError, OSError, UnicodeError):
        raise ConfigError(
            f"recover.wayback_keys: nothing can be read from {kind}:{where}", "put access:secret of your account there"
        ) from None
    if kind and not _KEYS.fullmatch(found.strip()):
        raise ConfigError(f"recover.wayback_keys: what {kind}:{where} holds is not of the form access:secret")
    return found.strip()


async def submit(session: Session, keep: Callable[[Hop], Awaitable[None]], url: str, keys: str = "") -> Json:
    """The item of `elsewhere` for an address that was handed in. `keys`: `access:secret` of an account, or none."""
    address, how = _asked(url, keys)
    visit = await session.visit(address, keep=keep, how=how)
    try:
        final = visit.final
        job = _job(final) if final and visit.fault is None else None
        error = visit.fault.message if visit.fault else None
    finally:
        visit.close()
    return {
        "archive": "wayback",
        "submitted": timestamp(datetime.now(UTC)),
        "status": final.status if final else None,
        "job": job,
        "error": error,
    }


def _asked(url: str, keys: str) -> tuple[str, How]:
    limits = Limits(body=ANSWER, time=TIME)
    if not keys:
        return f"{_SAVE}/{spelled(url)}", How(delay=DELAY, tries=1, limits=limits)
    headers = (
        ("Accept", "application/json"),
        ("Authorization", f"LOW {keys}"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    return _SAVE, How("POST", headers, f"url={in_query(url)}".encode("ascii"), DELAY, 1, limits)


def _job(exchange: Exchange) -> str | None:
    said = loads(decode.head(decode.content(exchange), ANSWER).decode("utf-8", "replace"))
    return word(said.get("job_id")) if isinstance(said, dict) else None
