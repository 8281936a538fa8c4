"""What became of a visit: pure decisions on what came, each with the signals that led to it."""

from __future__ import annotations

from preserve.errors import FetchError
from preserve.model import OUTCOME_OF, Outcome
from preserve.network.session import Visit

_STATUS = {
    401: ("blocked", "login-wall"),
    402: ("blocked", "members-only"),
    403: ("blocked", "forbidden"),
    404: ("lost", "gone"),
    408: ("failed", "timeout"),
    410: ("lost", "gone"),
    425: ("failed", "server-error"),
    429: ("blocked", "rate-limited"),
    451: ("blocked", "geo-blocked"),
}
_BROKEN = {"two-lengths", "bad-length"}  # the end of the message cannot be known


def classify(visit: Visit, *, content_bytes: int | None, content_fault: FetchError | None) -> Outcome:
    """`content_bytes`: decoded size of the final answer; `content_fault`: why it could not be decoded."""
    signals = _signals(visit)
    if visit.fault is not None:
        return Outcome(OUTCOME_OF[visit.fault.reason], visit.fault.reason, (*signals, visit.fault.message))
    final = visit.final
    assert final is not None and final.status is not None
    if final.truncated:
        return Outcome("failed", "truncated", signals)
    outcome, reason = _by_status(final.status)
    if (outcome, reason) != ("captured", "ok"):
        return Outcome(outcome, reason, signals)
    if _BROKEN & set(final.flaws):
        return Outcome("failed", "malformed", signals)
    if content_fault is not None:
        return Outcome("failed", _content_reason(content_fault), (*signals, content_fault.message))
    if not content_bytes:
        return Outcome("lost", "empty", (*signals, "an answer without content"))
    return Outcome("captured", "ok", signals)


def _by_status(status: int) -> tuple[str, str]:
    if status in _STATUS:
        return _STATUS[status]
    if status in (204, 205):
        return "lost", "empty"
    if status == 206:
        return "failed", "truncated"  # a part that nobody asked for is not the source
    if 200 <= status < 300:
        return "captured", "ok"
    if 300 <= status < 400 or status < 200:
        return "failed", "malformed"  # a redirect that leads nowhere, an answer to a question not asked
    # Other refusals of the request do not say that the source is gone.
    return ("failed", "error") if status < 500 else ("failed", "server-error")


def _content_reason(fault: FetchError) -> str:
    return "limit" if fault.reason == "limit" else "corrupt"


def _signals(visit: Visit) -> tuple[str, ...]:
    found: list[str] = []
    for hop in visit.hops:
        if hop.exchange is None:
            continue
        if hop.status is not None:
            found.append(f"status {hop.status}")
        found += hop.exchange.flaws
        if hop.exchange.truncated:
            found.append(f"truncated {hop.exchange.truncated}")
        if hop.exchange.surplus:
            found.append("bytes after the end of the answer")
        tls = hop.exchange.connection.tls
        if tls and tls.verified != "system":
            found.append(f"tls not verified by the system: {tls.error}")
    return tuple(dict.fromkeys(found))
