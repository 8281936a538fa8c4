"""What may become of a page, by name: each an answer and the outcome that it has to get.

    universe.fault("vk.com", "fate", path="/wall-1_2", fate="cloudflare-challenge")   # one address
    universe.fault("press--sale.example", "fate", fate="for-sale-en")                 # a host of its own

`press--anything.example` is a twin: it says what press.example says, and what is done to it is done to nobody else.
Fates that are `whole` have to strike a whole host, or all addresses of one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..messages import Reply, Request
from . import losses, shields, walls
from .fate import Fate
from .materials import jpeg, pdf
from .papers import PAPERS

Site = Callable[[Request], Reply | None]

FATES: Mapping[str, Fate] = MappingProxyType({**shields.FATES, **walls.FATES, **losses.FATES})

REPORT = "/files/2015/report-48213.pdf"
PICTURE = "/upload/2015/10/photo-48213.jpg"


@dataclass(frozen=True, slots=True)
class Place:
    """A source that a fate can strike: kind is page or file."""

    host: str
    path: str
    kind: str
    language: str
    site: Site
    secure: bool = True

    def twin(self, name: str) -> str:
        """The URL of the same source on a host that stands for this one case."""
        label = self.host.removesuffix(".example")
        return f"http{'s' if self.secure else ''}://{label}--{name}.example{self.path}"


def _files(request: Request) -> Reply | None:
    match request.target:
        case "/":
            return Reply(
                b"<!DOCTYPE html><title>Files</title><h1>Files</h1><p>Reports and pictures of the archive.</p>"
            )
        case path if path == REPORT:
            body = pdf("A report", ("A report of three pages.",))
            return Reply(body, type="application/pdf", ranged=True)
        case path if path == PICTURE:
            return Reply(jpeg("photo 48213"), type="image/jpeg", ranged=True)
    return None


PLACES = (
    *(
        Place(paper.host, paper.path, "page", paper.language, paper.site, paper.language in ("en", "de", "fr", "uk"))
        for paper in PAPERS.values()
    ),
    Place("reports.example", REPORT, "file", "en", _files),
    Place("pictures.example", PICTURE, "file", "en", _files, secure=False),
)
_BY_LABEL = {place.host.removesuffix(".example"): place.site for place in PLACES}


def twin(host: str) -> Site | None:
    """The site of a twin; None for any other name."""
    label, mark, rest = host.partition("--")
    return _BY_LABEL.get(label) if mark and rest.endswith(".example") else None


def _one(reply: Reply) -> Site:
    """A host with one page, whatever it is asked."""
    return lambda request: reply


SITES: Mapping[str, Site] = {
    **{place.host: place.site for place in PLACES},
    **{host: _one(reply) for host, reply in (walls.ELSEWHERE | losses.ELSEWHERE).items()},
    shields.PROVIDER: shields.provider,
}
