"""The fields of a `capture` entry, and how a visit stands to the ones before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import ada_url

from preserve.model import Citation, Entry, Json, Outcome, Source, timestamp
from preserve.network.session import tools


@dataclass(frozen=True, slots=True)
class Previous:
    """The last visit of the same source and the last one that was held."""

    last: Entry | None = None
    good: Entry | None = None


def blank(source: Source, previous: Previous) -> dict[str, Json]:
    """The fields of a `capture` entry before anything is known but what was asked for."""
    return {
        "source": source.url,
        "key": source.key,
        "citations": [citation(one) for one in source.citations],
        "request_url": request_url(source.url),
        "final_url": None,
        "engine": "http",
        "previous": previous.good.seq if previous.good else None,
        "tries": 0,
        "truncated": None,
        "errors": [],
        "hops": [],
        "records": [],
        "answer": None,
        "seen": None,
        "probe": None,
        "robots": None,
        "elsewhere": [],
        "parts": [],
        "films": [],
        "media": [],
    }


def unvisited(source: Source, previous: Previous, outcome: Outcome) -> dict[str, Json]:
    """The entry of a source that was not visited, or whose visit brought nothing that could be written down."""
    now = timestamp(datetime.now(UTC))
    outcome, change = compare(outcome, None, previous)
    return {**blank(source, previous), "started": now, "ended": now, "tools": tools(), **told(outcome, change)}


def told(outcome: Outcome, change: str) -> dict[str, Json]:
    return {
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "signals": list(outcome.signals),
        "change": change,
    }


def request_url(url: str) -> str:
    """As it goes on the wire: the WHATWG spelling, without fragment and without user and password.

    Credentials in a URL would end up in every record; a source that needs them is better asked with a cookie file.
    """
    try:
        parts = ada_url.URL(url)
    except ValueError:
        return url
    parts.hash = ""
    if parts.username or parts.password:  # a URL that cannot have them (file:) refuses even the empty one
        parts.username = parts.password = ""
    return str(parts.href)


def compare(outcome: Outcome, sha256: str | None, previous: Previous) -> tuple[Outcome, str]:
    """How this visit stands to the ones before: `change`, and `unchanged` for the same content again."""
    last, good = previous.last, previous.good
    if last is None:
        return outcome, "first"
    if not outcome.held:
        if last.get("outcome") in ("captured", "recovered"):
            return outcome, "worse"
        same = (last.get("outcome"), last.get("reason")) == (outcome.outcome, outcome.reason)
        return outcome, "same" if same else "changed"
    if good is None:
        return outcome, "first"
    same = sha256 is not None and sha256 == answer_sha256(good)
    if same and outcome.reason == "ok":
        outcome = Outcome("captured", "unchanged", outcome.signals)
    if last.seq != good.seq:
        return outcome, "returned"
    return outcome, "same" if same else "changed"


def answer_sha256(entry: Entry) -> str | None:
    """Of the content that answered a capture."""
    wanted = entry.get("answer")
    return next((record["content_sha256"] for record in entry.get("records", ()) if record["id"] == wanted), None)


def citation(one: Citation) -> Json:
    return {
        "document": one.document,
        "sha256": one.sha256,
        "format": one.format,
        **one.place.fields(),
        "role": one.role,
        "anchor": one.anchor,
        "context": one.context,
        "written": one.written,
        "changes": list(one.changes),
    }
