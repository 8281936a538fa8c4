"""Visits as values: what a network would have brought, without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from preserve.capture.judging import classify
from preserve.capture.judging.look import HEAD, TAIL, Look, look
from preserve.errors import FetchError
from preserve.model import Connection, Exchange, Outcome
from preserve.network.session import Hop, Visit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Headers = Mapping[str, str] | tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Body:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        yield self.data

    def close(self) -> None:
        pass


def exchange(url: str, status: int | None = 200, headers: Headers = (), body: bytes = b"", **more: object) -> Exchange:
    fields = tuple(headers.items()) if isinstance(headers, Mapping) else headers
    host = url.partition("://")[2].partition("/")[0]
    values = {
        "method": "GET", "started": NOON, "ended": NOON, "request": b"", "interim": b"", "head": b"HTTP/1.1\r\n\r\n",
        "connection": Connection(host, 443, None, (), None, None), "chunked": False, "block_sha256": "",
        "payload_sha256": "",
    }  # fmt: skip
    return Exchange(url=url, status=status, headers=fields, body=Body(body), **(values | more))  # type: ignore[arg-type]


def visit(
    url: str, status: int = 200, headers: Headers = (), body: bytes = b"", *, via: tuple[str, ...] = (), **more: object
) -> Visit:
    """Of `url`, answered by the last of `via`; the others redirect."""
    chain = (url, *via)
    hops = [Hop(one, 1, exchange(one, 302, {"Location": following})) for one, following in pairwise(chain)]
    return Visit(url, [*hops, Hop(chain[-1], 1, exchange(chain[-1], status, headers, body, **more))])


def seen(came: Visit) -> Look:
    """What `capture.answer` would make of it."""
    final = came.final
    assert final is not None and final.status is not None
    declared = next((value for key, value in final.headers if key.lower() == "content-type"), "")
    mime, _, parameters = declared.partition(";")
    charset = parameters.partition("charset=")[2].strip(" \"'") or None
    body = b"".join(final.body.blocks())
    return look(
        body[:HEAD], body[-TAIL:], url=came.final_url, status=final.status, mime=mime.strip().lower() or None,
        charset=charset, size=len(body),
    )  # fmt: skip


def judged(came: Visit, fault: FetchError | None = None, *, looked: bool = True) -> Outcome:
    final = came.final
    size = final.body.size if final and final.status is not None else None
    found = seen(came) if looked and came.fault is None and final and final.status is not None else None
    return classify.classify(came, content_bytes=size, content_fault=fault, look=found)
