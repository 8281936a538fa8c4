"""The truth by which the program's words for what became of a source are judged: every case, and what is right of it.

A case is a source, what is done to it, and the outcomes that are right, the best first. `fated` strikes each fate once;
`everything` strikes every place with every fate and fault, for the confusion matrix of bench/outcomes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import urlsplit

from .hosts.fates import FATES, PLACES
from .hosts.live import LIVE
from .server import Universe

OK = "captured/ok"


@dataclass(frozen=True, slots=True)
class Case:
    """`path`: the beginning of the targets that are struck, "" for all of the host; `host`: where not the source's."""

    name: str
    url: str
    right: tuple[str, ...]
    fault: str = ""
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""

    def strike(self, universe: Universe) -> None:
        if self.fault:
            universe.fault(self.host or urlsplit(self.url).hostname or "", self.fault, path=self.path, **self.options)


# Beside the fates: what fails earlier, or in the answer's form. Behind a proxy a name that does not exist is no more
# than a host that does not answer.
FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "refused": ("refused", {}, "failed/unreachable"),
    "unknown-name": ("nxdomain", {}, "failed/unreachable"),
    "black-hole": ("blackhole", {}, "failed/timeout"),
    "stall": ("stall", {}, "failed/timeout"),
    "stall-in-body": ("stall", {"after": 700}, "failed/timeout"),
    "hang-up": ("hang-up", {}, "failed/unreachable"),
    "reset-in-head": ("reset-mid-header", {}, "failed/truncated"),
    "reset-in-body": ("reset-mid-body", {}, "failed/truncated"),
    "short-body": ("short-body", {}, "failed/truncated"),
    "no-last-chunk": ("no-last-chunk", {}, "failed/truncated"),
    "206": ("page", {"status": 206, "body": "a part"}, "failed/truncated"),
    "two-lengths": ("two-lengths", {}, "failed/malformed"),
    "bad-chunk": ("bad-chunk", {}, "failed/malformed"),
    "garbage": ("garbage", {}, "failed/malformed"),
    "redirect-nowhere": ("redirect-empty", {}, "failed/malformed"),
    "encoding-lie": ("encoding-lie", {}, "failed/corrupt"),
    "head-bomb": ("header-bomb", {}, "failed/limit"),
    "endless": ("endless-body", {}, "failed/limit"),
    "redirect-loop": ("redirect-loop", {}, "failed/redirect-loop"),
    "redirect-file": ("redirect-file", {}, "refused/scheme"),
    "redirect-metadata": ("redirect-metadata", {}, "refused/private-address"),
    "204": ("204", {}, "lost/empty"),
    "401": ("401", {}, "blocked/login-wall"),
    "404": ("404", {}, "lost/gone"),
    "410": ("410", {}, "lost/gone"),
    "429": ("429", {}, "blocked/rate-limited"),
    "451": ("451", {}, "blocked/geo-blocked"),
    "500": ("500", {}, "failed/server-error"),
    "502": ("502", {}, "failed/server-error"),
    "503": ("503", {}, "failed/server-error"),
    "five-hops": ("redirect-chain", {}, OK),
    "bare-lf": ("bare-lf", {}, OK),
    "two-codings": ("nested-gzip", {"depth": 2}, OK),
}  # fmt: skip
AT_TLS: dict[str, tuple[str, str]] = {
    "alert": ("tls-handshake-abort", "failed/tls-invalid"),
    "reset-in-handshake": ("tls-handshake-reset", "failed/unreachable"),
    "silence-in-handshake": ("tls-stall", "failed/timeout"),
    "expired": ("tls-expired", OK),
    "unknown-authority": ("tls-unknown-authority", OK),
    "wrong-name": ("tls-wrong-host", OK),
}
# Places of the real names, whose sites have rules of their own; {n} makes an address for each case.
REAL: dict[str, tuple[str, str]] = {
    "vk": ("https://vk.com/page-3457550_{n:08}", "page"),  # a post has other views, which would tell of it, too
    "mil-news": ("http://eng.mil.ru/en/news_page/country/more.htm?id=1{n:07}@egNews", "page"),
    "vdc-net": ("https://vdc-sy.net/report-{n:05}-ar/", "page"),
    "vdc-info": ("http://www.vdc-sy.info/pdf/reports/14{n:08}-Arabic.pdf", "file"),
    "mil-map": ("https://function.mil.ru/news_page/intrel/more.htm?id=1{n:07}%40egNews", "page"),
    "syrianarchive": ("https://syrianarchive.org/en/investigations/{n:05}", "page"),
    "youtube": ("https://www.youtube.com/watch?v=case{n:07}", "page"),
    "mil-mission": ("https://structure.mil.ru/mission/{n:05}.htm", "page"),
}
# The page comes, and something that belongs to it does not.
PARTS = (
    Case(
        "a photo of a post",
        "https://vk.com/wall-3457550_23655",
        ("captured/partial",),
        "404",
        host="sun9-1.userapi.com",
    ),
    Case(
        "a picture of a report",
        "https://vdc-sy.net/report-on-russian-attacks-ar/",
        ("captured/partial",),
        "404",
        "/wp-content/uploads/2015/10/zafarana",
    ),
    Case(
        "a map",
        "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews",
        ("captured/partial",),
        "404",
        "/images/map-",
    ),
)
# On the second visit: what happens, and a word of the signal that says so. It is captured all the same.
CHANGES = {"shrunk": "shrank", "retitled": "title"}
# What a lane is given up for; between two of these there has to be something else.
_TRYING = {"blocked/bot-challenge", "blocked/rate-limited", "failed/timeout"}


def living() -> list[Case]:
    return [Case(f"live {name}", url, (OK, "captured/unchanged")) for name, url in LIVE.items()]


def changing() -> list[Case]:
    return [
        Case(f"{place.host} {name}", place.twin(f"c-{name}"), (OK,), name) for name in CHANGES for place in PLACES[:1]
    ]


def fated() -> list[Case]:
    """Every fate once, on a place of its language if there is one, each on a host of its own."""
    cases = []
    for name, fate in FATES.items():
        wanted = "file" if fate.on == "file" else "page"
        fitting = [place for place in PLACES if place.kind == wanted]
        place = next((one for one in fitting if one.language == fate.language), fitting[0])
        cases.append(_of_fate(name, place.twin(name), wanted, f"{place.host} {name}"))
    return cases


def everything() -> list[Case]:
    """Every place with every fate and fault that it can meet."""
    cases = list(_on_twins())
    for place in PLACES:
        for name, (fault, options, right) in FAULTS.items():
            cases.append(Case(f"{place.host} {name}", place.twin(f"x-{name}"), (right,), fault, options=options))
        for name, (fault, right) in AT_TLS.items() if place.secure else ():
            cases.append(Case(f"{place.host} {name}", place.twin(f"t-{name}"), (right,), fault))
    return [*cases, *PARTS, *_on_real_names()]


def _on_twins() -> Iterator[Case]:
    for place in PLACES:
        for name, fate in FATES.items():
            if place.kind in fate.on.split():
                yield _of_fate(name, place.twin(name), place.kind, f"{place.host} {name}")


def _on_real_names() -> Iterator[Case]:
    """Each place begins elsewhere in the row, so that hosts of one lane do not meet the same fate one after another."""
    names = list(_mixed(name for name, fate in FATES.items() if not fate.whole))
    for step in range(len(names)):
        for number, (place, (url, kind)) in enumerate(REAL.items()):
            at = (step + 3 * number) % len(names)
            if kind in FATES[names[at]].on.split():
                yield _of_fate(names[at], url.format(n=4001 + at), kind, f"{place} {names[at]}", whole=False)


def _mixed(names: Iterable[str]) -> Iterator[str]:
    """The trying ones spread evenly among the others."""
    names = list(names)
    trying = [name for name in names if FATES[name].expected in _TRYING]
    others = [name for name in names if name not in trying]
    share = -(-len(others) // len(trying))
    groups: Sequence[list[str]] = [others[at : at + share] for at in range(0, len(others), share)]
    return chain.from_iterable([*([one] if one else []), *(group or [])] for one, group in zip_longest(trying, groups))


def _of_fate(name: str, url: str, kind: str, told: str, *, whole: bool = True) -> Case:
    parts = urlsplit(url)
    path = "" if whole else parts.path + (f"?{parts.query}" if parts.query else "")
    return Case(told, url, FATES[name].right(kind), "fate", path, {"fate": name})


# -- how near ---------------------------------------------------------------------------------------------------------
# Beside two reasons of one outcome, which are near by definition: what is near across outcomes, and why.
NEIGHBOURS: dict[frozenset[str], str] = {
    frozenset({"blocked/private", "lost/removed"}): "platforms say `not available` of both",
    frozenset({"blocked/rate-limited", "failed/server-error"}): "both say: later",
    frozenset({"blocked/forbidden", "failed/server-error"}): "shields that refuse with 503",
    frozenset({"blocked/geo-blocked", "failed/unreachable"}): "some countries are shut out by silence",
}


def verdict(case: Case, said: str) -> str:
    """right, neighbour or wrong."""
    if said in case.right:
        return "right"
    truth = case.right[0]
    same = truth.split("/")[0] == said.split("/")[0]
    return "neighbour" if same or frozenset({truth, said}) in NEIGHBOURS else "wrong"
