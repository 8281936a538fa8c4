"""Every way to harm an archive that verify must tell apart, each named by what was done to which finding."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.archive import WARC, Builder, canonical, hex256, in_hand, member, record, sign, small

MANIFEST = "manifest/000000000000.jsonl"
NOTE = "checkpoints/000000000004.note"
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@dataclass(frozen=True)
class Case:
    """`expect`: codes that must be among the findings; `level`: the least level that tells. `sound`: only warnings."""

    make: Callable[[Path], None]
    expect: tuple[str, ...]
    level: str = "quick"
    sound: bool = False
    only: bool = False  # no other finding is allowed


def on_small(change: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        small(root)
        change(root)

    return make


def built(build: Callable[[Builder], None], *, covered: bool = True) -> Callable[[Path], None]:
    """An archive whose writer, who has the key, did something wrong."""

    def make(root: Path) -> None:
        builder = Builder(root)
        builder.genesis()
        build(builder)
        if covered:
            builder.checkpoint()

    return make


def file(path: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / path).write_bytes(change((root / path).read_bytes()))

    return on_small(make)


def line(number: int, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Changes one line of the manifest of the small archive; an unwanted line becomes b""."""

    def edit(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        lines[number] = change(lines[number])
        return b"".join(lines)

    return file(MANIFEST, edit)


def bare_line(text: bytes) -> Callable[[Path], None]:
    """A line that no checkpoint covers: only its form can tell."""

    def build(builder: Builder) -> None:
        builder.checkpoint()
        builder.append(text)

    return built(build, covered=False)


def reserialised(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda data: canonical(change(json.loads(data)))


def swap_lines(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    return b"".join(lines)


def swap(one: str, other: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        first, second = (root / one).read_bytes(), (root / other).read_bytes()
        (root / one).write_bytes(second)
        (root / other).write_bytes(first)

    return on_small(change)


def remove(*paths: str) -> Callable[[Path], None]:
    return on_small(lambda root: [(root / path).unlink() for path in paths] and None)


def instead(path: str, put: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).rename(root.parent / "moved away")
        put(root / path)

    return on_small(change)


def truncate(root: Path, path: str, cut: int) -> None:
    os.truncate(root / path, (root / path).stat().st_size - cut)


def places(root: Path) -> list[tuple[int, int]]:
    """Offset and length of every member of the small archive's WARC file, the warcinfo included."""
    entries = [json.loads(text) for text in (root / MANIFEST).read_bytes().splitlines()]
    named = sorted((r["offset"], r["length"]) for e in entries if e["t"] == "capture" for r in e["records"])
    return [(0, named[0][0]), *named]


def without(root: Path, number: int) -> None:
    offset, length = places(root)[number]
    data = (root / WARC).read_bytes()
    (root / WARC).write_bytes(data[:offset] + data[offset + length :])


def regzipped(root: Path, change: Callable[[bytes], bytes]) -> None:
    """The response of the first capture written anew, as a careful forger would."""
    offset, length = places(root)[2]
    data = (root / WARC).read_bytes()
    inside = change(gzip.decompress(data[offset : offset + length]))
    (root / WARC).write_bytes(data[:offset] + member(inside) + data[offset + length :])


def plain(root: Path) -> None:
    """The whole file unpacked, and cut in the middle of a page."""
    data = gzip.decompress((root / WARC).read_bytes())
    (root / WARC).write_bytes(data[: data.index(b"evidence") + 100])


def same_size(root: Path) -> None:
    """Another valid WARC of the same size: the page that the response holds is another one."""
    offset, length = places(root)[2]
    data = (root / WARC).read_bytes()
    inside = gzip.decompress(data[offset : offset + length])
    for word in (b"videnc%d" % number for number in range(10, 99)):
        block = inside.replace(b"evidence", word).partition(b"\r\n\r\n")[2][:-4]
        head = inside.partition(b"WARC-Block-Digest")[0].replace(b"WARC/1.1\r\n", b"", 1)
        fields = dict(text.split(": ", 1) for text in head.decode().splitlines())
        other = member(record(fields.pop("WARC-Type"), fields, block))
        if len(other) == length:
            (root / WARC).write_bytes(data[:offset] + other + data[offset + length :])
            return
    raise AssertionError("no replacement of the same size was found")


# What `warcio check` 1.8.1 passes over with exit code 0.
NINE: dict[str, Callable[[Path], None]] = {
    "cut in a record": on_small(lambda root: truncate(root, WARC, 60)),
    "gzip trailer cut": on_small(lambda root: truncate(root, WARC, 8)),
    "last record removed": on_small(lambda root: without(root, -1)),
    "middle record removed": on_small(lambda root: without(root, 3)),
    "empty file": file(WARC, lambda data: b""),
    "a text instead": file(WARC, lambda data: b"This is no WARC file.\n"),
    "plain WARC cut in a record": on_small(plain),
    "Target-URI altered": on_small(
        lambda root: regzipped(root, lambda data: data.replace(b"example.org/a", b"example.com/b"))
    ),
    "Date altered": on_small(
        lambda root: regzipped(root, lambda data: data.replace(b"WARC-Date: 2026", b"WARC-Date: 2015"))
    ),
}


def overlapping(builder: Builder) -> None:
    builder.start_warc()
    records = builder.exchange("https://example.org/a")
    builder.capture(records)
    builder.capture(records)
    builder.seal()


def sealed(**options: Any) -> Callable[[Path], None]:
    """A sealed file whose response was written wrong, or whose entry states what it does not hold."""
    states = options.pop("states", {})
    seal = options.pop("seal", {})

    def build(builder: Builder) -> None:
        builder.start_warc()
        records = builder.exchange("https://example.org/a", **options)
        records[1].update(states)
        builder.capture(records)
        builder.seal(**seal)

    return built(build)


def shifted(builder: Builder) -> None:
    builder.start_warc()
    records = builder.exchange("https://example.org/a")
    start, end = records[1]["offset"] + 1, len(builder.warc)
    records[1].update(offset=start, length=end - start, sha256=hex256(bytes(builder.warc[start:end])))
    builder.capture(records)
    builder.seal()


def bad_revisit(payload: str = "", **changes: Any) -> Callable[[Path], None]:
    def build(builder: Builder) -> None:
        builder.start_warc()
        first = builder.exchange("https://example.org/a")
        builder.capture(first)
        again = builder.revisit({**first[1], **({"payload_sha256": payload} if payload else {})}, **changes)
        builder.capture(again)
        builder.seal()

    return built(build)


def no_warcinfo(builder: Builder) -> None:
    builder.capture(builder.exchange("https://example.org/a"))
    builder.seal()


def orphan(builder: Builder) -> None:
    builder.start_warc()
    builder.exchange("https://example.org/never-committed")
    builder.capture(builder.exchange("https://example.org/a"))
    builder.seal()


def rubbish_between(builder: Builder) -> None:
    builder.start_warc()
    builder.capture(builder.exchange("https://example.org/a"))
    builder.warc += b"between records"
    builder.capture(builder.exchange("https://example.org/b"))
    builder.seal()


def film(**options: Any) -> Callable[[Path], None]:
    """A media file whose ledger was written wrong; `chunk` alters its second chunk, `pointer` where the entry looks."""
    chunk, pointer = options.pop("chunk", {}), options.pop("pointer", {})

    def change(account: dict[str, Any]) -> dict[str, Any]:
        account["chunks"][1].update(chunk)
        return account

    def build(builder: Builder) -> None:
        builder.start_warc()
        records, item = builder.film(**({"change": change} if chunk else {}), **options)
        item["ledger"].update(pointer)
        builder.capture(records, media=[item])
        builder.seal()

    return built(build)


def copied(copy: Callable[[Builder, dict[str, Any]], object]) -> Callable[[Path], None]:
    """An archive with a lost source and the copy of it that a web archive gave."""

    def build(builder: Builder) -> None:
        builder.start_warc()
        copy(builder, builder.lost())
        builder.seal()

    return built(build)


def hand(change: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        in_hand(root)
        change(root)

    return make


def flip(path: str, at: int) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        data = bytearray((root / path).read_bytes())
        data[at] ^= 1
        (root / path).write_bytes(data)

    return change


def append(path: str, data: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("ab") as stream:
            stream.write(data)

    return change


def unfinished(root: Path) -> None:
    """A stream that a killed run did not finish."""
    (root / f"tmp/film-{'0' * 40}").mkdir()
    append(f"tmp/film-{'0' * 40}/1.part", b"x")(root)


def rebuilt(root: Path) -> None:
    """Somebody without the key altered an entry and signed everything anew with a key of his own."""
    small(root)
    lines = (root / MANIFEST).read_bytes().splitlines(keepends=True)[:4]
    lines[2] = lines[2].replace(b"example.org/a", b"example.org/z")
    (root / MANIFEST).write_bytes(b"".join(lines))
    (root / NOTE).write_bytes(sign(lines, "2026-11-22T15:00:00.000000Z", key=FORGER))
    for path in ("checkpoints/000000000009.note", "checkpoints/000000000011.note"):
        (root / path).unlink()


def short_segment(root: Path) -> None:
    small(root)
    (root / "manifest/000000016384.jsonl").write_bytes(b"")


def wrong_entry(**fields: Any) -> Callable[[Path], None]:
    return built(lambda builder: builder.entry(**{"kind": "verify", **fields}) and None)


LONE = f"media/sha256/{hex256(b'lone')[:2]}/{hex256(b'lone')}.json"


def lone(stored: bytes | None) -> Callable[[Path], None]:
    """A media file that no capture names, since a crash kept it from its commit."""

    def build(builder: Builder) -> None:
        if stored is not None:
            builder.write(LONE, stored)
        builder.entry("recover", file=LONE, kept=4, torn=None, why="the run that wrote it did not end")

    return built(build)


def uncovered_end(root: Path) -> None:
    in_hand(root).verified()
    truncate(root, MANIFEST, 1)
    append(MANIFEST, b"\x0b")(root)


def torn_last(root: Path) -> None:
    in_hand(root)
    truncate(root, MANIFEST, 9)


GENESIS = {"README.txt": {"bytes": 20, "sha256": hex256(b"This is an archive.\n")}}

CASES: dict[str, Case] = {
    # the manifest
    "manifest removed": Case(remove(MANIFEST), ("manifest-missing", "genesis", "note-signature")),
    "segment named wrong": Case(
        on_small(lambda root: (root / MANIFEST).rename(root / "manifest/000000016384.jsonl") and None),
        ("manifest-missing",),
    ),
    "segment is a folder": Case(instead(MANIFEST, Path.mkdir), ("manifest-missing",)),
    "segment too short": Case(short_segment, ("segment-length",)),
    "line edited": Case(line(2, lambda data: data.replace(b"example.org/a", b"example.org/b", 1)), ("note-root",)),
    "last line edited": Case(
        line(11, lambda data: data.replace(b'"time":"2026', b'"time":"2025')), ("checkpoint-entry",)
    ),
    "type of last line edited": Case(
        line(11, lambda data: data.replace(b'"t":"checkpoint"', b'"t":"checkpainu"')), ("checkpoint-entry",)
    ),
    "line removed": Case(line(3, lambda data: b""), ("entry-seq", "note-root")),
    "first line removed": Case(line(0, lambda data: b""), ("entry-seq", "genesis")),
    "line repeated": Case(line(3, lambda data: data * 2), ("entry-seq", "entry-id", "note-root")),
    "lines swapped": Case(file(MANIFEST, swap_lines), ("entry-seq", "note-root")),
    "CRLF": Case(file(MANIFEST, lambda data: data.replace(b"\n", b"\r\n")), ("line-form", "note-root")),
    "BOM": Case(file(MANIFEST, lambda data: b"\xef\xbb\xbf" + data), ("line-form", "genesis")),
    "empty line": Case(line(2, lambda data: data + b"\n"), ("line-form", "entry-seq")),
    "spaces": Case(bare_line(b'{"v": 1}\n'), ("line-form",)),
    "duplicate key": Case(bare_line(b'{"a":1,"a":1,"v":1}\n'), ("line-form",)),
    "key order": Case(bare_line(b'{"v":1,"a":1}\n'), ("line-form",)),
    "NaN": Case(bare_line(b'{"a":NaN,"v":1}\n'), ("line-form",)),
    "float": Case(bare_line(b'{"a":1.5,"v":1}\n'), ("line-form",)),
    "huge integer": Case(bare_line(b'{"a":9007199254740992,"v":1}\n'), ("line-form",)),
    "endless integer": Case(bare_line(b'{"a":' + b"9" * 5000 + b"}\n"), ("line-form",)),
    "lone surrogate": Case(bare_line(b'{"a":"\\ud800","v":1}\n'), ("line-form",)),
    "key beyond ASCII": Case(bare_line('{"v":1,"ä":1}\n'.encode()), ("line-form",)),
    "not UTF-8": Case(bare_line(b'{"a":"\xff","v":1}\n'), ("line-form",)),
    "deep nesting": Case(bare_line(b"[" * 100_000 + b"\n"), ("line-form",)),
    "no object": Case(bare_line(b"[1]\n"), ("line-form",)),
    "unknown version": Case(wrong_entry(v=2), ("entry-version",)),
    "unknown format": Case(lambda root: Builder(root).genesis(format=2), ("entry-version",)),
    "unknown type": Case(wrong_entry(kind="stamp"), ("entry-unknown",), sound=True, only=True),
    "key missing": Case(wrong_entry(), ("entry-shape",)),
    "no run id": Case(wrong_entry(kind="stamp", run=None), ("entry-shape",)),
    "records are no list": Case(built(lambda b: b.capture([{"url": "x"}], records={})), ("entry-shape",)),
    "record is no object": Case(built(lambda b: b.capture([{"url": "x"}], records=[7])), ("entry-shape",)),
    "media hash is no text": Case(
        built(lambda b: b.capture([{"url": "x"}], records=[], media=[{"path": [], "sha256": {}, "bytes": "1"}])),
        ("entry-shape", "entry-path"),
    ),
    "path leaves the archive": Case(
        wrong_entry(kind="recover", file="../x", kept=0, torn=None, why=""), ("entry-path",)
    ),
    "absolute path": Case(wrong_entry(kind="recover", file="/etc/passwd", kept=0, torn=None, why=""), ("entry-path",)),
    "path with a link's dots": Case(
        wrong_entry(kind="recover", file="warc/./x", kept=0, torn=None, why=""), ("entry-path",)
    ),
    "no genesis": Case(lambda root: Builder(root).entry("run", event="start") and None, ("genesis",)),
    "second genesis": Case(
        built(lambda b: b.entry("genesis", format=1, origin="x", public_key="", files={}, software="") and None),
        ("genesis",),
    ),
    "genesis without a key": Case(lambda root: Builder(root).genesis(public_key="AAAA"), ("genesis",)),
    "genesis pins too little": Case(lambda root: Builder(root).genesis(files=GENESIS), ("genesis",)),
    "torn last line": Case(torn_last, ("line-unfinished", "note-without-entry"), sound=True, only=True),
    "torn line after the checkpoint": Case(
        hand(append(MANIFEST, b'{"change":"first","cita')), ("line-unfinished",), sound=True, only=True
    ),
    "zeros of a power cut": Case(hand(append(MANIFEST, b"\0" * 64)), ("line-unfinished",), sound=True, only=True),
    "last LF altered": Case(file(MANIFEST, lambda data: data[:-1] + b"\x0b"), ("line-torn",)),
    "last LF of an uncovered entry altered": Case(uncovered_end, ("line-torn",)),
    "zeros that no power cut leaves": Case(hand(append(MANIFEST, b'\0\0{"t"')), ("line-torn",)),
    "text after the last line": Case(file(MANIFEST, lambda data: data + b"hello"), ("line-torn",)),
    "zero in a line": Case(line(3, lambda data: data.replace(b"a", b"\0", 1)), ("line-torn", "note-ahead")),
    # checkpoints
    "note edited": Case(
        file(NOTE, lambda data: data.replace(b"time 2026", b"time 2025")), ("note-signature", "checkpoint-entry")
    ),
    "note is no note": Case(file(NOTE, lambda data: b"hello"), ("note-form",)),
    "note with more behind": Case(file(NOTE, lambda data: data + b"\n"), ("note-form",)),
    "note under another name": Case(
        on_small(lambda root: (root / NOTE).rename(root / "checkpoints/000000000003.note") and None),
        ("note-form", "note-missing"),
    ),
    "checkpoint removed": Case(remove(NOTE), ("note-missing",)),
    "notes swapped": Case(swap(NOTE, "checkpoints/000000000009.note"), ("note-form",)),
    "checkpoint entry is another's": Case(
        built(lambda b: b.checkpoint(time="2026-01-01T00:00:00.000000Z") and None), ("checkpoint-entry",)
    ),
    "signed anew by a forger": Case(rebuilt, ("note-signature",)),
    "manifest cut below the checkpoint": Case(
        file(MANIFEST, lambda data: data[: data.index(b'"t":"seal"') - 300]), ("note-ahead",)
    ),
    "entries without checkpoint": Case(
        built(lambda b: b.verified(), covered=False), ("uncovered",), sound=True, only=True
    ),
    "note without its entry": Case(
        built(lambda b: b.note() and None, covered=False), ("note-without-entry",), sound=True, only=True
    ),
    # files
    "README altered": Case(file("README.txt", lambda data: data.replace(b"an", b"no")), ("file-hash",)),
    "README longer": Case(file("README.txt", lambda data: data + b"x"), ("file-size",)),
    "README removed": Case(remove("README.txt"), ("file-missing",)),
    "key replaced": Case(file("keys/log.vkey", lambda data: b"other+00000000+AAAA\n"), ("key-mismatch",)),
    "archive.json garbled": Case(file("archive.json", lambda data: b"[" * 5000), ("key-mismatch", "file-size")),
    "archive.json is a link": Case(
        instead("archive.json", lambda path: path.symlink_to(path.parent.parent / "moved away")), ("file-kind",)
    ),
    "WARC missing": Case(remove(WARC), ("file-missing",)),
    "WARC is a link": Case(instead(WARC, lambda path: path.symlink_to(path.parents[4] / "moved away")), ("file-kind",)),
    "WARC is a folder": Case(instead(WARC, Path.mkdir), ("file-kind",)),
    "WARC is a pipe": Case(instead(WARC, os.mkfifo), ("file-kind",)),
    "the folder of WARCs is a link": Case(
        instead("warc", lambda path: path.symlink_to(path.parent.parent / "moved away")), ("file-kind", "stranger")
    ),
    "bytes appended": Case(file(WARC, lambda data: data + b"\0"), ("file-size",)),
    "another WARC of the same size": Case(on_small(same_size), ("file-hash", "record-hash"), "full"),
    "stranger": Case(on_small(append("warc/notes.txt", b"hi")), ("stranger",), sound=True, only=True),
    "lock holds text": Case(file("lock", lambda data: b"123"), ("stranger",), sound=True, only=True),
    "stranger in index": Case(on_small(append("index/preserve.sqlite", b"x")), (), sound=True, only=True),
    "unfinished film in tmp": Case(on_small(unfinished), ("download-unfinished",), sound=True, only=True),
    "leftover in tmp": Case(on_small(append("tmp/x", b"x")), ("tmp-leftover",), sound=True, only=True),
    "media of a visit that did not end": Case(lone(b"lone"), (), sound=True, only=True),
    "such media missing": Case(lone(None), ("file-missing",), only=True),
    "such media cut": Case(lone(b"lon"), ("file-size",)),
    "such media altered": Case(lone(b"LONE"), ("file-hash",), "full", only=True),
    "torn file altered": Case(file(MANIFEST + ".1234.torn", lambda data: data[::-1]), ("file-hash",), "full"),
    # WARC files
    **{name: Case(make, ("file-hash",), "full") for name, make in NINE.items()},
    "two entries claim a record": Case(built(overlapping), ("records-overlap",)),
    "bit of a stored record": Case(
        on_small(lambda root: flip(WARC, places(root)[2][0] + 30)(root)), ("record-hash",), "full"
    ),
    "bit of an open file": Case(hand(flip(WARC + ".open", -30)), ("record-hash",), "full", only=True),
    "gzip header of an open file": Case(hand(flip(WARC + ".open", -300)), ("record-hash",), "full"),
    "no member where the entry says": Case(built(shifted), ("record-malformed",), "full"),
    "no WARC record": Case(sealed(change=lambda data: b"WORC" + data[4:]), ("record-malformed",), "deep"),
    "record too short": Case(sealed(change=lambda data: data[:-5] + data[-4:]), ("record-malformed",), "deep"),
    "header without end": Case(
        sealed(change=lambda data: b"WARC/1.1\r\n" + b"a" * 100_000), ("record-malformed",), "deep"
    ),
    "Content-Length huge": Case(
        sealed(change=lambda data: data.replace(b"Content-Length: ", b"Content-Length: 9999999")),
        ("record-malformed",),
        "deep",
    ),
    "Content-Length negative": Case(
        sealed(change=lambda data: data.replace(b"Content-Length: ", b"Content-Length: -")),
        ("record-malformed",),
        "deep",
    ),
    "no record id": Case(
        sealed(change=lambda data: data.replace(b"WARC-Record-ID", b"X-Record-ID")), ("record-malformed",), "deep"
    ),
    "two dates": Case(sealed(headers={"warc-date": "2026-11-22T15:00:00Z"}), ("record-malformed",), "deep"),
    "control byte in a header": Case(sealed(headers={"X-A": "a\x1bb"}), ("record-malformed",), "deep"),
    "entry states another hash": Case(sealed(states={"sha256": "0" * 64}), ("record-hash",), "deep"),
    "entry states another URL": Case(
        sealed(states={"url": "https://example.org/b"}), ("record-disagrees",), "deep", only=True
    ),
    "entry states another date": Case(sealed(states={"date": "2015"}), ("record-disagrees",), "deep", only=True),
    "entry states another id": Case(sealed(states={"id": "urn:uuid:x"}), ("record-disagrees",), "deep", only=True),
    "entry states another type": Case(sealed(states={"type": "resource"}), ("record-disagrees",), "deep"),
    "entry hides a truncation": Case(
        sealed(headers={"WARC-Truncated": "length"}), ("record-disagrees",), "deep", only=True
    ),
    "record of another file": Case(
        sealed(headers={"WARC-Warcinfo-ID": "<urn:uuid:other>"}), ("record-disagrees",), "deep", only=True
    ),
    "URI missing": Case(
        sealed(change=lambda data: data.replace(b"WARC-Target-URI", b"X-Target-URI")), ("record-disagrees",), "deep"
    ),
    "record of another version": Case(
        sealed(change=lambda data: data.replace(b"WARC/1.1", b"WARC/1.0")), ("record-disagrees",), "deep"
    ),
    "payload digest wrong": Case(sealed(payload="1" * 64), ("record-digest",), "deep", only=True),
    "block digest wrong": Case(
        sealed(change=lambda data: data.replace(b"evidence", b"evidenze")), ("record-digest",), "deep"
    ),
    "digest is md5": Case(
        sealed(change=lambda data: data.replace(b"Block-Digest: sha256", b"Block-Digest: md5")),
        ("record-digest",),
        "deep",
    ),
    "block digest missing": Case(
        sealed(change=lambda data: data.replace(b"WARC-Block-Digest", b"X-Block-Digest")), ("record-digest",), "deep"
    ),
    "revisit of nothing": Case(bad_revisit(offset=1), ("revisit-target",), "deep", only=True),
    "revisit of another hash": Case(bad_revisit(sha256="0" * 64), ("revisit-target",), "deep", only=True),
    "revisit of another payload": Case(bad_revisit(payload="1" * 64), ("revisit-target",), "deep", only=True),
    "revisit in a path outside": Case(bad_revisit(file="../x"), ("entry-path",)),
    "rubbish between records": Case(built(rubbish_between), ("gap-damaged",), "full", only=True),
    "no warcinfo": Case(built(no_warcinfo), ("warcinfo-missing",), "full", only=True),
    "seal states another number": Case(sealed(seal={"records": 99}), ("seal-records",), "full", only=True),
    "seal states another hash": Case(sealed(seal={"sha256": "0" * 64}), ("file-hash",), "full", only=True),
    "record of no entry": Case(built(orphan), ("record-orphan",), "full", sound=True, only=True),
    "bytes after the last record": Case(
        hand(append(WARC + ".open", b"\x1f\x8b\x08")), ("warc-unfinished",), sound=True, only=True
    ),
    "open file shorter than its records": Case(hand(lambda root: truncate(root, WARC + ".open", 1)), ("file-size",)),
    "closed but not sealed": Case(
        hand(lambda root: (root / (WARC + ".open")).rename(root / WARC) and None),
        ("warc-unsealed",),
        sound=True,
        only=True,
    ),
    # copies from web archives; tests/unit/test_verify_imports.py has them all
    "copy of a capture that is not there": Case(
        copied(lambda b, lost: b.plain_copy(lost, capture="0" * 32)), ("import-capture",), only=True
    ),
    "copy that is no record": Case(
        copied(lambda b, lost: b.wrapped_copy(lost, member=lambda data: data[:-1])), ("memento-record",), "deep"
    ),
    "copy of another digest": Case(
        copied(lambda b, lost: b.plain_copy(lost, digest=b"other")), ("memento-digest",), "deep", only=True
    ),
    # media files and their ledgers; tests/unit/test_verify_wire.py has them all
    "ledger is nowhere": Case(film(pointer={"offset": 1}), ("ledger-record",), "deep", only=True),
    "ledger leaves a gap": Case(film(chunk={"offset": 51}), ("ledger-gap",), "deep", only=True),
    "ledger of another chunk": Case(film(chunk={"sha256": "0" * 64}), ("chunk-hash",), "deep", only=True),
    "films are no list": Case(built(lambda b: b.capture([{"url": "x"}], records=[], films={})), ("entry-shape",)),
    "offset beyond all files": Case(sealed(states={"offset": 2**70}), ("entry-shape",)),
    "deep nesting and a long number": Case(
        bare_line(b'{"a":' + b"[" * 480 + b"9" * 17 + b"]" * 480 + b"}\n"), ("line-form",)
    ),
}
