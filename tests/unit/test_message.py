from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preserve.network import message

FRAMINGS = [
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "length", True),
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "length", True),
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", "length", False),
    ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "length", False),
    ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\n", "length", True),
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "close", False),
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "close", False),
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", "close", False),
    ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "chunked", True),
    ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n", "chunked", True),
    ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "close", False),
    ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "chunked", False),
    ("GET", b"HTTP/1.1 200 OK\r\n\r\n", "close", False),
    ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "none", True),
    ("GET", b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", "none", True),
    ("GET", b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", "none", True),
    ("GET", b"HTTP/1.1 101 Switching\r\n\r\n", "none", False),
    ("GET", b"ICY 200 OK\r\n\r\n", "close", False),
]


@pytest.mark.parametrize(("method", "raw", "kind", "exact"), FRAMINGS)
def test_framing(method: str, raw: bytes, kind: str, exact: bool) -> None:
    found = message.framing(method, message.parse_head(raw))
    assert (found.kind, found.exact) == (kind, exact)


@given(st.binary(max_size=400))
def test_any_bytes_make_a_head_or_none(data: bytes) -> None:
    head = message.parse_head(data)
    assert head.status is None or 100 <= head.status <= 999
    message.framing("GET", head)


@pytest.mark.parametrize("bad", [b"a\r\nEvil: 1", b"a\nb", b"a\0b", b"\x1b[2J", b"\x7f"])
def test_nothing_remote_writes_a_header_line_of_ours(bad: bytes) -> None:
    with pytest.raises(ValueError, match="control"):
        message.request_bytes("GET", b"/", [(b"Host", b"x"), (b"Referer", bad)])
    with pytest.raises(ValueError):
        message.request_bytes("GET", b"/" + bad, [(b"Host", b"x")])
    with pytest.raises(ValueError, match="space"):
        message.request_bytes("GET", b"/a b", [])
