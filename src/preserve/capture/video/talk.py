"""How the program and the process that runs yt-dlp talk: one JSON object a line, some with bytes behind it.

The process asks, the program answers, one after the other:

    ask {number, url, method, headers, bytes: the request's body}     head {status, headers} | fault {reason, message}
    more {number}                                                     block {bytes} | end {} | fault {reason, message}
    close {number}                                                    (no answer)
    found {…} | failed {error, text, remarks}                          job {url, key, video, agent, cookies}

Before a job it may be told to `prepare {}` for the pages of unknown sites, which it does without an answer. In place of
a job it may be given a `puzzle {script}`, which it answers with `solved {text}` or `failed`, and asks nothing.
"""

from __future__ import annotations

import json
from typing import BinaryIO

from preserve.model import Json

MAX_LINE = 64 << 20  # of a message; what yt-dlp says of a film has some 100 KB, a list of 5,000 films 1 MB
MAX_BYTES = 64 << 20  # behind one; a request's body has some KB, a block of an answer 256 KB


def pack(kind: str, data: bytes = b"", **fields: Json) -> bytes:
    return json.dumps({"is": kind, "bytes": len(data), **fields}).encode() + b"\n" + data


def unpack(line: bytes) -> tuple[str, Json, int]:
    """Kind, fields, and how many bytes follow. Raises ValueError for what is no message."""
    message = json.loads(line)
    kind, count = message.pop("is"), message.pop("bytes")
    if not isinstance(kind, str) or not isinstance(count, int) or not 0 <= count <= MAX_BYTES:
        raise ValueError("no message")
    return kind, message, count


def receive(stream: BinaryIO) -> tuple[str, Json, bytes]:
    """The next message, waiting for it. Raises EOFError when the other side is gone."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    kind, fields, count = unpack(line)
    return kind, fields, stream.read(count) if count else b""
