"""The record of another archive in an answer: opened where it is one, refused in a sentence where it is not."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from functools import partial

import brotli
import pytest

from preserve.capture.wrapped import MAX_FIELDS, content, unwrap
from preserve.errors import FormatError
from preserve.network import policy
from preserve.network.decode import DecodeError
from tests.small_archive import chunked, foreign_record

packed = partial(gzip.compress, mtime=0)  # the same bytes each time: they stand in the names of cases

URL = "http://gone.example/a?b=%40"
WHEN = "2016-03-02T12:00:00.000000Z"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
PAGE = b"<p>" + bytes(range(256)) * 20


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def got(data: bytes, size: int = 1000) -> bytes:
    return b"".join(content(unwrap(pieces(data, size)))[1])


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize(
    ("fields", "body", "page", "steps"),
    [
        (b"", PAGE, PAGE, ()),
        (b"", b"", b"", ()),
        (b"Transfer-Encoding: chunked\r\n", chunked(PAGE), PAGE, ("chunk framing undone",)),
        (b"Content-Encoding: gzip\r\n", packed(PAGE), PAGE, ("content coding undone: gzip",)),
        (b"Content-Encoding: br\r\n", brotli.compress(PAGE), PAGE, ("content coding undone: br",)),
        (
            b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            chunked(packed(PAGE)),
            PAGE,
            ("chunk framing undone", "content coding undone: gzip"),
        ),
        # crawlers that decode what they store and keep the fields
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", PAGE, PAGE, ()),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(PAGE), PAGE, ("chunk framing undone",)),
        (b"Transfer-Encoding: chunked\r\n", b"", b"", ()),
        (b"Content-Encoding: gzip\r\nContent-Length: 3\r\n", b"", b"", ()),
    ],
)
def test_the_original_in_a_record(fields: bytes, body: bytes, page: bytes, steps: tuple[str, ...], size: int) -> None:
    data = foreign_record(URL, b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body, WHEN)
    wrapped = unwrap(pieces(data, size))
    assert wrapped.url == URL and wrapped.get("warc-date") == "2016-03-02T12:00:00Z" and wrapped.head.status == 200
    told, blocks = content(wrapped)
    assert (b"".join(blocks), told) == (page, steps)
    assert b"".join(unwrap(pieces(data, size)).payload) == body


def record(**fields: str) -> bytes:
    return foreign_record(URL, HEAD + PAGE, WHEN, **fields)


def inside(change: bytes, to: bytes) -> bytes:
    return packed(gzip.decompress(record()).replace(change, to))


LENGTH = b"Content-Length: %d" % len(HEAD + PAGE)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is cut"),
        (b"<html>no such file", "no whole gzip member"),
        (record()[:-1], "it is cut"),
        (record()[:50], "it is cut"),
        (record()[:-8] + bytes(8), "no whole gzip member"),
        (record() + b"\0", "bytes follow"),
        (record() + record(), "bytes follow"),
        (packed(b""), "has no end"),
        (packed(b"<html>a page</html>\r\n\r\n"), "no WARC record"),
        (inside(b"WARC/1.0", b"WARC/2.0"), "no WARC record"),
        (record(WARC_Type="revisit"), "'revisit' record"),
        (record(WARC_Type="warcinfo"), "'warcinfo' record"),
        (record(Content_Type="text/plain"), "no answer of a server"),
        (inside(LENGTH, b"X: 1"), "no usable Content-Length"),
        (inside(LENGTH, LENGTH + b"\r\n" + LENGTH), "no usable Content-Length"),
        (inside(LENGTH, b"Content-Length: -1"), "no usable Content-Length"),
        (inside(LENGTH, b"Content-Length: " + b"9" * 5000), "no usable Content-Length"),
        (inside(LENGTH, b"Content-Length: 99999999"), "shorter than it says"),
        (inside(LENGTH, b"Content-Length: 600"), "longer than it says"),
        (inside(LENGTH, b"Content-Length: 3"), "longer than it says"),
        (packed(gzip.decompress(record())[:-2]), "has no end"),
        (packed(gzip.decompress(record()) + b"\r\n"), "longer than it says"),
        (foreign_record(URL, b"no answer\r\n\r\n", WHEN), "no HTTP answer"),
        (foreign_record(URL, b"HTTP/1.1 200 OK\r\nX: 1\r\n", WHEN), "has no end"),
        (packed(b"WARC/1.0\r\nX: " + b"a" * (MAX_FIELDS + 9) + b"\r\n\r\n"), "header has no end within"),
        (foreign_record(URL, b"HTTP/1.1 200 OK\r\nX: " + b"a" * (policy.MAX_HEAD + 9) + b"\r\n\r\n", WHEN), "no end within"),
    ],
)  # fmt: skip
def test_what_is_no_such_record_is_refused_in_a_sentence(data: bytes, why: str) -> None:
    for size in (1000, 1 << 20):
        with pytest.raises(FormatError, match=why):
            got(data, size)


@pytest.mark.parametrize(
    ("fields", "body", "reason"),
    [
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nabc", "truncated"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nabcdefg\r\n0\r\n\r\n", "malformed"),
        (b"Content-Encoding: gzip\r\n", packed(PAGE)[:-9], "truncated"),
        (b"Content-Encoding: zstd\r\n", b"(\xb5/\xfd", "malformed"),
        (b"Content-Encoding: gzip, gzip, gzip\r\n", packed(b""), "limit"),
    ],
)
def test_content_that_cannot_be_had_is_told_apart(fields: bytes, body: bytes, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        got(foreign_record(URL, b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body, WHEN))
    assert caught.value.reason == reason


def test_a_bomb_is_left_before_it_unfolds() -> None:
    """Some 80 KB that would become 80 MB: refused in little memory and little time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 80000000\r\n\r\n"
    bomb = [packer.compress(head + HEAD)] + [packer.compress(bytes(1 << 20)) for _ in range(80)] + [packer.flush()]
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(FormatError, match="unfold"):
        for block in content(unwrap(pieces(b"".join(bomb), 4096)))[1]:
            assert block
    assert time.monotonic() - began < 5 and tracemalloc.get_traced_memory()[1] < 16 * 1024**2
    tracemalloc.stop()
