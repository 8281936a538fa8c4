"""The strict walk refuses every malformation with one error; the tolerant reader gives the stored bytes or none."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preserve.errors import DamagedError
from preserve.warc import walk as walking
from preserve.warc.read import read_record
from preserve.warc.walk import Member, WalkError, inflate, walk, walk_one
from tests.support.archive import hex256, member, record

HEADERS = {"WARC-Record-ID": "<urn:uuid:1>", "WARC-Date": "2026-11-22T15:14:05.123456Z"}
HTTP = {**HEADERS, "Content-Type": "application/http; msgtype=response"}
ANSWER = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello"


def walked(data: bytes, **options: bool) -> list[Member]:
    return list(walk(io.BytesIO(data), **options))


def response(block: bytes = ANSWER, **headers: str) -> bytes:
    return record("response", {**HTTP, **headers}, block)


def test_members_come_with_place_header_and_hashes() -> None:
    one, two = member(response()), member(record("metadata", HEADERS, b"x"))
    first, second = walked(one + two, payload=True, stored=True)
    assert (first.offset, first.length, second.offset, second.length) == (0, len(one), len(one), len(two))
    assert (first.sha256, first.block_sha256) == (hex256(one), hex256(ANSWER))
    assert (first.payload_sha256, second.payload_sha256) == (hex256(b"hello"), hex256(b"x"))
    assert first.get(b"warc-type") == b"response"
    assert (first.block_bytes, first.version) == (len(ANSWER), b"WARC/1.1")


@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("size", [0, 1, 4090, 65_530, 262_144, 300_000, 1_000_000])
def test_blocks_of_every_size_are_hashed_whole(size: int, level: int) -> None:
    block = random.Random(size).randbytes(size // 2) + bytes(size - size // 2)
    data = gzip.compress(record("resource", HEADERS, block), level, mtime=0)
    for found in walked(data + data):
        assert (found.block_sha256, found.length) == (hex256(block), len(data))


@pytest.mark.parametrize(
    ("block", "payload"),
    [
        (b"HTTP/1.1 200 OK\nA: b\n\nbody", b"body"),
        (b"HTTP/1.1 200 OK\r\nA: b\n\r\nbody", b"body"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b""),
        (b"no head at all", b""),
    ],
)
def test_the_payload_begins_after_the_first_empty_line(block: bytes, payload: bytes) -> None:
    assert walked(member(response(block)), payload=True)[0].payload_sha256 == hex256(payload)


def changed(old: bytes, new: bytes) -> bytes:
    assert old in response()
    return member(response().replace(old, new))


BAD = {
    "no gzip": b"WARC/1.1\r\n",
    "zeros": bytes(64),
    "gzip with a file name": gzip.compress(response(), mtime=0)[:3] + b"\x08" + gzip.compress(response(), mtime=0)[4:],
    "cut in the header": member(response())[:6],
    "cut in the data": member(response())[:-20],
    "cut in the trailer": member(response())[:-1],
    "CRC": member(response())[:-8] + b"\0\0\0\0" + member(response())[-4:],
    "length": member(response())[:-4] + b"\0\0\0\1",
    "empty member": member(b""),
    "two records in a member": member(response() + response()),
    "no WARC": changed(b"WARC/1.1", b"WORC/1.1"),
    "unknown version": changed(b"WARC/1.1", b"WARC/2.0"),
    "no end of header": member(b"WARC/1.1\r\nA: b\r\n"),
    "header too long": member(response(**{"X": "a" * walking.MAX_HEAD})),
    "header line without colon": changed(b"WARC-Date: ", b"WARC-Date "),
    "folded header": changed(b"\r\nWARC-Date", b"\r\n WARC-Date"),
    "bare LF in the header": changed(b"\r\nWARC-Date", b"\nWARC-Date"),
    "byte beyond ASCII in the header": changed(b"2026-", b"\xc3\xa9-"),
    "field twice": changed(b"WARC-Date", b"WARC-Type: x\r\nWARC-Date"),
    "no type": changed(b"WARC-Type", b"X-Type"),
    "no date": changed(b"WARC-Date", b"X-Date"),
    "no id": changed(b"WARC-Record-ID", b"X-Record-ID"),
    "no Content-Length": changed(b"Content-Length", b"X-Content-Length"),
    "Content-Length too small": changed(b"Content-Length: 30", b"Content-Length: 29"),
    "Content-Length too large": changed(b"Content-Length: 30", b"Content-Length: 31"),
    "Content-Length negative": changed(b"Content-Length: 30", b"Content-Length: -1"),
    "Content-Length beyond all disks": changed(b"Content-Length: 30", b"Content-Length: " + b"9" * 16),
    "Content-Length in other digits": changed(b"Content-Length: 30", b"Content-Length: 2_9"),
    "no CRLF CRLF": member(response()[:-2]),
    "LF LF": member(response()[:-4] + b"\n\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_record_is_refused(name: str) -> None:
    with pytest.raises(WalkError) as raised:
        walked(BAD[name])
    assert raised.value.offset == 0 and raised.value.why


@pytest.mark.parametrize("name", BAD)
def test_what_comes_before_a_bad_record_still_counts(name: str) -> None:
    good = member(response())
    found = walk(io.BytesIO(good + BAD[name]))
    assert next(found).length == len(good)
    with pytest.raises(WalkError) as raised:
        next(found)
    assert raised.value.offset == len(good)


def test_a_range_that_is_not_one_member_is_refused() -> None:
    one = member(response())
    file = io.BytesIO(one + one)
    assert walk_one(file, len(one), len(one)).offset == len(one)
    for offset, length in (
        (0, len(one) - 1),
        (0, len(one) + 1),
        (1, len(one) - 1),
        (0, 2 * len(one)),
        (0, 0),
        (999, 9),
    ):
        with pytest.raises(WalkError):
            walk_one(file, offset, length)
        with pytest.raises(WalkError):
            list(inflate(file, offset, length))


def bomb(size: int) -> bytes:
    """A header line of that many bytes, a thousand times smaller on the disk."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b"WARC/1.1\r\nX: ")]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def huge(size: int) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    head = record("resource", {**HEADERS}, b"", digest=False).replace(b"Length: 0", b"Length: %d" % size)
    yield packer.compress(head[:-4])
    for _ in range(size >> 20):
        yield packer.compress(bytes(1 << 20))
    yield packer.compress(b"\r\n\r\n") + packer.flush()


def test_memory_stays_flat_whatever_is_inflated() -> None:
    block, evil = b"".join(huge(64 << 20)), bomb(64 << 20)
    tracemalloc.start()
    try:
        assert walked(block, payload=True)[0].block_bytes == 64 << 20
        assert sum(map(len, read_record(io.BytesIO(block), 0, len(block)).block.blocks())) == 64 << 20
        for refused in (walked, lambda data: read_record(io.BytesIO(data), 0, len(data))):
            with pytest.raises(DamagedError, match="longer than"):
                refused(evil)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_every_flipped_bit_is_refused_or_changes_nothing_that_counts() -> None:
    """Only the gzip fields for time and system say nothing; the hash of the stored bytes covers them."""
    good = member(response())
    for at in range(len(good)):
        for bit in range(8):
            data = good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
            try:
                found = walked(data, stored=True)[0]
            except WalkError:
                continue
            assert found.sha256 != hex256(good)
            assert found.block_sha256 == hex256(ANSWER)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.booleans())
def test_any_bytes_end_in_a_member_or_an_error_of_ours(noise: bytes, at: int, packed: bool) -> None:
    inside = response()
    data = member(inside[:at] + noise + inside[at:]) if packed else member(inside)[:at] + noise + member(inside)[at:]
    with suppress(WalkError):
        walked(data, payload=True, stored=True)
    with suppress(DamagedError):
        list(read_record(io.BytesIO(data), 0, len(data)).block.blocks())


def test_a_stored_record_is_read_as_it_is() -> None:
    data = b"before" + member(response(**{"WARC-Protocol": "http/1.1"}))
    found = read_record(io.BytesIO(data), 6, len(data) - 6, hex256(data[6:]))
    assert b"".join(found.block.blocks()) == b"".join(found.block.blocks()) == ANSWER
    assert (found.version, found.block.size) == (b"WARC/1.1", len(ANSWER))
    assert found.get(b"warc-PROTOCOL") == b"http/1.1"
    assert found.headers[0] == (b"WARC-Type", b"response")


def test_a_record_of_an_odd_writer_is_read_all_the_same() -> None:
    odd = b"WARC/1.0\nWARC-Type: response\nX: a\n  b\n\xff: \xc3\nX: twice\nContent-Length: 2\n\nhi"
    found = read_record(io.BytesIO(member(odd)), 0, len(member(odd)))
    assert found.headers[1] == (b"X", b"a b") and (b"\xff", b"\xc3") in found.headers
    assert b"".join(found.block.blocks()) == b"hi"


@pytest.mark.parametrize(
    "inside",
    [b"", b"hello\r\n\r\n", b"WARC/1.1\r\nA: b", b"WARC/1.1\r\nA: b\r\n\r\n", b"WARC/1.1\r\nContent-Length: x\r\n\r\n"],
)
def test_what_is_no_record_at_all_is_damage(inside: bytes) -> None:
    data = member(inside)
    with pytest.raises(DamagedError):
        read_record(io.BytesIO(data), 0, len(data))


def test_nothing_is_read_from_a_record_that_is_not_the_stored_one() -> None:
    data = member(response())
    with pytest.raises(DamagedError, match="not the one that was stored"):
        read_record(io.BytesIO(data), 0, len(data), "0" * 64)


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_cut_block_ends_in_an_error_and_not_in_silence(cut: int) -> None:
    data = member(response(ANSWER + random.Random(1).randbytes(100_000)))[:-cut]
    with pytest.raises(DamagedError):
        list(read_record(io.BytesIO(data), 0, len(data)).block.blocks())


def test_a_block_shorter_than_it_says_ends_in_an_error() -> None:
    data = member(response().replace(b"Content-Length: 30", b"Content-Length: 99"))
    found = read_record(io.BytesIO(data), 0, len(data))
    with pytest.raises(DamagedError, match="shorter"):
        list(found.block.blocks())
