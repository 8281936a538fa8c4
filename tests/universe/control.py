"""The switches over HTTP, for a universe in another process: `http://control.universe/` on the direct http port.

POST /fault {"host": "vk.com", "name": "stall", "path": "/wall", "times": 1, "after": 10}
POST /heal  {} or {"host": "vk.com"}
GET  /log   one JSON object a line, bytes in base64
GET  /asked one JSON object a line
"""

from __future__ import annotations

import dataclasses
import http.client
import json
from collections.abc import Awaitable
from typing import Any, Protocol

from .journal import Asked, Logged
from .messages import Reply, Request
from .wire import Wire

HOST = "control.universe"


class Switches(Protocol):
    @property
    def log(self) -> list[Logged]: ...
    @property
    def asked(self) -> list[Asked]: ...
    def set_fault(self, host: str, name: str, **options: Any) -> Awaitable[None]: ...
    def end_faults(self, host: str | None = None) -> Awaitable[None]: ...


async def answer(wire: Wire, request: Request, universe: Switches) -> None:
    try:
        status, text = 200, await _obey(request, universe)
    except (ValueError, TypeError) as error:
        status, text = 400, f"{error}\n"
    head, body = Reply(text.encode(), type="application/json", status=status).render(request)
    await wire.write(head + body)


async def _obey(request: Request, universe: Switches) -> str:
    match request.method, request.path:
        case "POST", "/fault":
            await universe.set_fault(**json.loads(request.body))
            return ""
        case "POST", "/heal":
            await universe.end_faults(**json.loads(request.body or b"{}"))
            return ""
        case "GET", "/log":
            return "".join(logged.json() + "\n" for logged in universe.log)
        case "GET", "/asked":
            return "".join(json.dumps(dataclasses.asdict(asked)) + "\n" for asked in universe.asked)
    raise ValueError(f"{request.method} {request.path} is no switch")


def send(port: int, method: str, path: str, **values: Any) -> list[Any]:
    """The client's side: `port` is the direct http port. Returns the lines; raises ValueError with the reason."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        body = json.dumps(values).encode() if method == "POST" else None
        connection.request(method, path, body, {"Host": HOST})
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    if response.status != 200:
        raise ValueError(text.strip())
    return [json.loads(line) for line in text.splitlines()]
