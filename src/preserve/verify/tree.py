"""Merkle roots as in RFC 6962 section 2.1, from leaves that come one by one or as whole subtrees. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

Peak = tuple[int, bytes]  # height and root of a perfect subtree


def leaf(line: bytes) -> bytes:
    """The hash of one line with its LF."""
    return sha256(b"\x00" + line).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def push(peaks: list[Peak], height: int, value: bytes) -> None:
    """Adds a perfect subtree at the right; two of one height become one of the next."""
    while peaks and peaks[-1][0] == height:
        value, height = node(peaks.pop()[1], value), height + 1
    peaks.append((height, value))


def joined(left: Iterable[Peak], right: Iterable[Peak]) -> list[Peak]:
    peaks = list(left)
    for height, value in right:
        push(peaks, height, value)
    return peaks


def root(peaks: Iterable[Peak]) -> bytes:
    """The root over the subtrees; of no leaves, the hash of nothing."""
    values = [value for _, value in peaks]
    if not values:
        return sha256(b"").digest()
    result = values.pop()
    while values:
        result = node(values.pop(), result)
    return result
