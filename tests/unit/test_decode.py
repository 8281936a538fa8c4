"""Small wire bytes never become a full memory: decoding is bounded and says why it stopped."""

from __future__ import annotations

import gzip
import resource
import zlib
from functools import cache

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preserve.network import decode, policy
from preserve.network.decode import DecodeError

TEXT = ("Толбиса تلبيسة Talbisa " * 500).encode()


def chunked(data: bytes, *sizes: int) -> bytes:
    out, position = b"", 0
    for size in (*sizes, len(data)):
        piece = data[position : position + size]
        position += len(piece)
        if piece:
            out += b"%x;ext=1\r\n%s\r\n" % (len(piece), piece)
    return out + b"0\r\nTrailer: 1\r\n\r\n"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


CODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_each_coding_is_undone_however_it_arrives(coding: str, step: int) -> None:
    data = CODED[coding]
    blocks = [data[i : i + step] for i in range(0, len(data), step)]
    assert b"".join(decode.decode(blocks, [coding])) == TEXT


def test_deflate_without_its_wrapper() -> None:
    assert b"".join(decode.decode([raw_deflate(TEXT)], ["deflate"])) == TEXT


@given(st.binary(max_size=2000), st.lists(st.integers(1, 500), max_size=6), st.integers(1, 600))
def test_chunk_framing_is_undone_however_it_is_cut(data: bytes, sizes: list[int], step: int) -> None:
    wire = chunked(data, *sizes)
    assert b"".join(decode.dechunk(wire[i : i + step] for i in range(0, len(wire), step))) == data


@given(st.binary(max_size=200))
def test_whatever_the_framing_is_the_dechunker_ends_or_says_why(data: bytes) -> None:
    try:
        b"".join(decode.dechunk([data]))
    except DecodeError as error:
        assert error.reason in ("malformed", "truncated", "limit")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_what_is_not_coded_so_is_corrupt(coding: str) -> None:
    with pytest.raises(DecodeError) as caught:
        b"".join(decode.decode([b"<html>not packed at all, only said so</html>" * 9], [coding]))
    assert caught.value.reason in ("corrupt", "truncated")


@pytest.mark.parametrize("coding", CODED)
def test_a_cut_coding_is_truncated(coding: str) -> None:
    with pytest.raises(DecodeError) as caught:
        b"".join(decode.decode([CODED[coding][:-12]], [coding]))
    assert caught.value.reason == "truncated"


def test_more_than_two_codings_are_refused() -> None:
    with pytest.raises(DecodeError):
        b"".join(decode.decode([b""], ["gzip"] * 3))


@cache
def bomb(coding: str) -> bytes:
    """A quarter of a gigabyte of zeros."""
    block = bytes(1 << 20)
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(packer.process(block) for _ in range(256)) + packer.finish()
    deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
    return b"".join(deflater.compress(block) for _ in range(256)) + deflater.flush()


@pytest.mark.parametrize("codings", [["gzip"], ["br"], ["gzip", "gzip"]])
def test_a_bomb_ends_at_the_bound_with_flat_memory(codings: list[str]) -> None:
    data = bomb(codings[0])
    if len(codings) == 2:
        data = gzip.compress(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    given_out = 0
    with pytest.raises(DecodeError) as caught:
        for block in decode.decode([data], codings):
            given_out += len(block)
    assert caught.value.reason == "limit"
    assert given_out <= max(policy.RATIO_GRACE, policy.MAX_RATIO * len(bomb(codings[0]))) + (1 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
