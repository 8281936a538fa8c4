"""Whether web archives are asked for a source, and whether they may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from preserve.catalog.holdings import Visits, held
from preserve.config import Config
from preserve.model import Entry, Json
from preserve.network import policy

# Visits in a row that brought nothing, this one among them, before what may pass is taken to last: a site that is down
# for a night is down for one or two runs.
PERSISTENT = 3
# Of what failed: the reasons that say nothing about the page itself, only that it cannot be had from here.
_BEYOND_REACH = frozenset({"unreachable", "timeout", "tls-invalid", "server-error"})


def wanted(config: Config, capture: Entry, visits: Visits | None) -> bool:
    """Whether archives are asked for the source of `capture`, a visit that is committed. `visits`: those before it."""
    if not (config.recover.archives or config.recover.timemaps) or held(capture):
        return False
    if visits and (visits.good or visits.recovered):
        return False  # nothing is missing
    url = str(capture.get("request_url") or capture.get("source"))
    if config.for_host(_host(url)).recover is False or not public(url, capture.get("hops", ())):
        return False
    outcome, reason = capture.get("outcome"), capture.get("reason")
    if outcome == "lost":
        return True
    lasting = (visits.failures if visits else 0) + 1 >= PERSISTENT
    return lasting and (outcome == "blocked" or (outcome == "failed" and reason in _BEYOND_REACH))


def public(url: str, hops: Iterable[Json]) -> bool:
    """Whether an archive may be told of an address: no name of a private network leaves it. `hops`: of its visit."""
    host = _host(url)
    if "." not in host.strip(".") or policy.is_private(host) or policy.is_onion(host):
        return False
    addresses = {ip for hop in hops for ip in (hop["ip"], *hop["resolved"]) if ip}
    return not any(map(policy.refusal, addresses))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
