"""A stream in ranges or fragments, whatever its server does: what is held is what was served, or the film has failed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from preserve.archive import fsio, layout
from preserve.archive.download import Download
from preserve.capture.video import fetch, fragments, ranges
from preserve.capture.video.pieces import Key, Piece, Stream
from preserve.errors import FetchError
from preserve.network.session import Hop

FILE = bytes(range(100)) * 1  # asked for in ranges of ten
URL = "https://media.example.org/film"
MOST = 1000


@dataclass
class Says:
    """One answer: `body` in pieces of four bytes, then the fault that cut it."""

    status: int = 206
    body: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)
    fault: FetchError | None = None
    chunked: bool = False
    passed: int = 0
    hashed: bool = False  # by the reader

    def header(self, name: str) -> str | None:
        return self.fields.get(name)

    def pass_on(self, *, hashed: bool) -> None:
        self.hashed = hashed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), 4):
            self.passed += len(self.body[start : start + 4])
            yield self.body[start : start + 4]

    @property
    def payload_sha256(self) -> str:
        return "" if self.hashed else sha256(self.body[: self.passed]).hexdigest()

    @property
    def truncated(self) -> str | None:
        return "disconnect" if self.fault else None


Server = Callable[[str, int, int], Says]  # url, first and last byte asked for (0 and -1: all)


@dataclass
class World:
    download: Download
    line: Any
    asked: list[tuple[str, int, int]]

    def fetch(self, stream: Stream | None = None) -> bytes:
        stream = stream or Stream("0", "video", "file", URL, "mp4", ())
        module = ranges if stream.kind == "file" else fragments
        asyncio.run(module.fetch(self.line, stream, self.download))
        data = self.download.path.read_bytes()
        assert self.download.sha256 == sha256(data).hexdigest()
        assert [one["offset"] for one in self.download.chunks] == starts(self.download.chunks), "the chunks tile it"
        assert self.download.accounted == len(data)
        return data

    def fails(self, stream: Stream | None = None) -> str:
        with pytest.raises(FetchError) as failed:
            self.fetch(stream)
        return failed.value.reason


def starts(chunks: list[Any]) -> list[int]:
    return [sum(one["length"] for one in chunks[:number]) for number in range(len(chunks))]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], World]:
    fsio.make_folder(tmp_path, layout.TMP)
    monkeypatch.setattr(ranges, "RANGE", 10)
    asked: list[tuple[str, int, int]] = []

    async def pause(attempt: int) -> None: ...

    def made(server: Server) -> World:
        async def exchange(line: Any, url: str, headers: Any, read: Any, attempt: int) -> fetch.Kept:
            first, last = map(int, dict(headers).get("Range", "bytes=0--1").removeprefix("bytes=").split("-", 1))
            asked.append((url, first, last))
            says = server(url, first, last)
            await read(says)
            hop = Hop(url, attempt, says, says.fault)  # type: ignore[arg-type]
            return fetch.Kept(hop, "urn:uuid:x", [])

        for module in (ranges, fragments, fetch):
            monkeypatch.setattr(module, "exchange", exchange)
        download = Download(tmp_path, "film", "0", None, lambda chunk: True)
        line = SimpleNamespace(
            tries=3, pause=pause, stopping=lambda: "", tell=lambda *_: None, most=MOST, whole=False, keys={}, lists={}
        )
        return World(download, line, asked)  # fmt: skip

    return made


def part(first: int, last: int, total: str = "100", **more: Any) -> Says:
    body = FILE[first : last + 1]
    place = {"content-range": f"bytes {first}-{first + len(body) - 1}/{total}", **more.pop("fields", {})}
    return Says(206, body, place, **more) if body else Says(416)


# -- ranges ------------------------------------------------------------------------------------------------------------
def test_a_file_comes_in_ranges(world: Any) -> None:
    there = world(lambda url, first, last: part(first, last))
    assert there.fetch() == FILE
    assert there.asked == [(URL, start, start + 9) for start in range(0, 100, 10)]


def test_a_server_without_ranges_sends_all_of_it_at_once(world: Any) -> None:
    there = world(lambda url, first, last: Says(200, FILE, {"content-length": "100"}))
    assert there.fetch() == FILE and len(there.asked) == 1


@pytest.mark.parametrize("size", [95, 100])  # the last range is short; it ends where a range ends
def test_a_file_whose_length_is_never_told_is_held_to_its_end(world: Any, size: int) -> None:
    there = world(lambda url, first, last: part(first, min(last, size - 1), "*"))
    assert there.fetch() == FILE[:size]


@pytest.mark.parametrize("chunked", [True, False])
def test_a_file_that_ends_with_its_framing_is_held_to_its_end(world: Any, chunked: bool) -> None:
    there = world(lambda url, first, last: Says(200, FILE, chunked=chunked))
    assert there.fetch() == FILE
    assert there.download.chunks[0]["undone"] == (["chunk framing"] if chunked else [])


def test_a_file_without_end_is_left_at_its_limit(world: Any) -> None:
    there = world(lambda url, first, last: Says(206, b"x" * 10, {"content-range": f"bytes {first}-{last}/*"}))
    assert there.fails() == "limit"
    assert MOST <= there.download.size <= MOST + 20


def cut(size: int, reason: str, transient: bool) -> Server:
    """Each answer breaks after `size` bytes."""
    return lambda url, first, last: Says(
        206,
        FILE[first : first + size],
        {"content-range": f"bytes {first}-{last}/100"},
        FetchError(reason, "x", transient=transient) if first + size <= last else None,
    )


@pytest.mark.parametrize(("reason", "transient"), [("truncated", True), ("timeout", False)])
def test_an_answer_that_breaks_off_is_continued_where_it_broke(world: Any, reason: str, transient: bool) -> None:
    there = world(cut(7, reason, transient))
    assert there.fetch() == FILE
    assert [first for _, first, _ in there.asked] == starts(there.download.chunks), "nothing came twice"


@pytest.mark.parametrize(
    ("reason", "transient", "tries"), [("truncated", True, 3), ("timeout", False, 1), ("limit", False, 1)]
)
def test_an_answer_that_brings_nothing_is_asked_for_a_few_times(
    world: Any, reason: str, transient: bool, tries: int
) -> None:
    there = world(cut(0, reason, transient))
    assert there.fails() == reason and len(there.asked) == tries


def test_a_server_that_always_hangs_up_is_left(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "CUTS", 20)
    there = world(cut(1, "truncated", True))
    assert there.fails() == "truncated" and there.download.size == 21, "and what came waits for the next run"


def first_then(one: Server, other: Server) -> Server:
    """`other` from the second answer on."""
    servers = [other, one]

    def server(url: str, first: int, last: int) -> Says:
        return (servers.pop() if len(servers) > 1 else other)(url, first, last)

    return server


ANOTHER = bytes(reversed(FILE))


def newer(fields: dict[str, str], total: int = 100) -> Server:
    def server(url: str, first: int, last: int) -> Says:
        body = ANOTHER[first : min(last + 1, total)]
        return Says(206, body, {"content-range": f"bytes {first}-{first + len(body) - 1}/{total}", **fields})

    return server


@pytest.mark.parametrize(("fields", "total"), [({"etag": "b"}, 100), ({}, 90)])
def test_a_file_that_changes_half_way_is_begun_anew(world: Any, fields: Any, total: int) -> None:
    there = world(first_then(lambda url, first, last: part(first, last, fields={"etag": "a"}), newer(fields, total)))
    assert there.fetch() == ANOTHER[:total]


def test_a_server_that_forgets_ranges_half_way_begins_anew(world: Any) -> None:
    whole = Says(200, FILE, {"content-length": "100"})
    there = world(first_then(lambda url, first, last: part(first, last), lambda *_: whole))
    assert there.fetch() == FILE and len(there.download.chunks) == 1


NO_PART = {
    "a part that does not say which": (Says(206, b"x" * 10), "malformed"),
    "another part": (Says(206, b"x" * 10, {"content-range": "bytes 50-59/100"}), "malformed"),
    "a range of words": (Says(206, b"x", {"content-range": "bytes 0-ten/100"}), "malformed"),
    "a range without end": (Says(206, b"x", {"content-range": f"bytes 0-{'9' * 20}/{'9' * 20}"}), "malformed"),
    "ten terabytes": (Says(206, b"x", {"content-range": "bytes 0-9/10000000000000"}), "limit"),
    "ten terabytes at once": (Says(200, b"x", {"content-length": "9" * 30}), "limit"),
    "a page": (Says(200, b"<html>", {"content-type": "text/html"}), "no-media"),
    "a coding": (Says(206, b"x", {"content-range": "bytes 0-0/1", "content-encoding": "br"}), "corrupt"),
    "nothing": (Says(206, b"", {"content-range": "bytes 0-9/100"}), "truncated"),
    "403": (Says(403, b"no"), "no-media"),
    "416": (Says(416), "truncated"),
    "429": (Says(429), "rate-limited"),
    "503": (Says(503), "server-error"),
}


@pytest.mark.parametrize("name", NO_PART)
def test_what_is_no_part_of_the_stream_is_not_kept_as_one(world: Any, name: str) -> None:
    says, reason = NO_PART[name]
    there = world(lambda *_: says)
    assert there.fails() == reason
    assert there.download.path.read_bytes() == b"" and not there.download.chunks


def test_a_refusal_without_end_is_not_read_to_its_end(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "REFUSAL", 100)
    says = Says(404, bytes(10_000))
    assert world(lambda *_: says).fails() == "no-media"
    assert says.passed < 200


# -- fragments ---------------------------------------------------------------------------------------------------------
NAMES = ("a.ts", "b.ts", "c.ts")


def listed(*pieces: Piece) -> Stream:
    return Stream("0", "video", "dash", URL, "mp4", (), pieces)


def of_name(url: str, first: int = 0, last: int = -1) -> Says:
    return Says(200, url.encode())


def test_a_run_goes_on_behind_the_fragments_that_came(world: Any) -> None:
    there = world(of_name)
    there.fetch(listed(*map(Piece, NAMES[:2])))
    assert there.fetch(listed(*(Piece(f"https://cdn2.example/{name}?sig=2") for name in NAMES))).startswith(b"a.tsb.ts")
    assert len(there.asked) == 3, "hosts and signatures come and go"


@pytest.mark.parametrize("now", [("b.ts", "a.ts", "c.ts"), ("a.ts",), ("x.ts", "b.ts")])
def test_another_list_is_not_joined_to_the_one_begun(world: Any, now: tuple[str, ...]) -> None:
    there = world(of_name)
    there.fetch(listed(*map(Piece, NAMES[:2])))
    assert there.fetch(listed(*map(Piece, now))) == "".join(now).encode()


def test_half_a_fragment_is_taken_back(world: Any) -> None:
    half = Says(200, b"half", {}, FetchError("truncated", "x", transient=True))
    there = world(first_then(lambda *_: half, of_name))
    assert there.fetch(listed(Piece("a.ts"), Piece("b.ts"))) == b"a.tsb.ts"


@pytest.mark.parametrize(
    "says", [Says(200, FILE), Says(206, FILE[:3], {"content-range": "bytes 0-2/100"}), Says(206, FILE[:3])]
)
def test_a_fragment_that_is_another_part_of_its_file_is_refused(world: Any, says: Says) -> None:
    assert world(lambda *_: says).fails(listed(Piece("a.mp4", 5, 7))) == "malformed"


def test_fragments_stay_within_the_limit_together(world: Any) -> None:
    there = world(lambda *_: Says(200, b"x" * 400))
    assert there.fails(listed(*map(Piece, NAMES))) == "limit"
    assert there.download.size == 800


IV, SECRET = bytes(15) + b"\x07", b"0123456789abcdef"


def sealed(data: bytes) -> bytes:
    pad, cipher = PKCS7(128).padder(), Cipher(algorithms.AES(SECRET), modes.CBC(IV)).encryptor()
    return cipher.update(pad.update(data) + pad.finalize()) + cipher.finalize()


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 100])
def test_an_encrypted_fragment_is_opened_whatever_its_size(world: Any, size: int) -> None:
    there = world(lambda url, *_: Says(200, SECRET if url == "key" else sealed(FILE[:size])))
    key = Key("key", IV)
    assert there.fetch(listed(Piece("a.ts", key=key), Piece("b.ts"))) == FILE[:size] + sealed(FILE[:size])
    assert there.download.chunks[0]["undone"] == ["aes-128"]
    assert there.download.chunks[0]["payload_sha256"] == sha256(sealed(FILE[:size])).hexdigest()


@pytest.mark.parametrize("body", [b"", bytes(15), bytes(16), sealed(FILE)[:-1], sealed(FILE)[:-16]])
def test_a_fragment_that_its_key_does_not_open_is_refused(world: Any, body: bytes) -> None:
    there = world(lambda url, *_: Says(200, SECRET if url == "key" else body))
    assert there.fails(listed(Piece("a.ts", key=Key("key", IV)))) == "corrupt"
    assert there.download.path.read_bytes() == b""


@pytest.mark.parametrize("key", [b"", bytes(15), bytes(17), bytes(fragments.MAX_KEY + 1)])
def test_what_is_no_key_is_refused(world: Any, key: bytes) -> None:
    there = world(lambda *_: Says(200, key))
    assert there.fails(listed(Piece("a.ts", key=Key("key", IV)))) in ("no-media", "limit")
    assert len(there.asked) == 1


def test_a_small_answer_that_decodes_to_a_large_one_is_refused() -> None:
    packed = gzip.compress(bytes(1000))
    assert fetch._decoded(packed, "gzip", 1000) == bytes(1000)
    with pytest.raises(FetchError) as refused:
        fetch._decoded(packed, "gzip", 999)
    assert refused.value.reason == "limit"
