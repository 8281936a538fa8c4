"""A media file is what its wire ledger says was received; any other ledger, or any other byte, is told and placed."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from preserve.model import Finding
from preserve.verify import LEVELS, Report, verify, warcs, wire
from preserve.verify.disk import Disk
from tests.support.archive import MOVING, WARC, Builder, canonical, hex256

PROJECT = Path(__file__).parents[2]
FORMAT = (PROJECT / "docs/FORMAT.md").read_text("utf-8")
Change = Callable[[dict[str, Any]], Any]


def archive(root: Path, build: Callable[[Builder], object], *, sealed: bool = True) -> Builder:
    builder = Builder(root)
    builder.genesis()
    builder.start_warc()
    build(builder)
    if sealed:
        builder.seal()
    builder.checkpoint()
    return builder


def film(builder: Builder, **options: Any) -> dict[str, Any]:
    records, item = builder.film(**options)
    builder.capture(records, films=[], media=[item])
    return item


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def shared(builder: Builder) -> None:
    """A later visit found the film unchanged: it points to the file and the ledger that are there."""
    item = film(builder)
    builder.capture(builder.exchange("https://example.org/v"), media=[item])


def resumed(builder: Builder) -> None:
    """The first parts came in a visit that was committed without the file."""
    records, item = builder.film()
    builder.capture(records[:4])
    builder.capture(records[4:], media=[item])


def received_twice(builder: Builder) -> None:
    """The same bytes in other parts: two ledgers of one file."""
    film(builder)
    film(builder, size=33)


def said_of(answer: dict[str, Any]) -> dict[str, Any]:
    digest = hex256(MOVING)
    return {
        "url": answer["url"], "status": 200, "range": None, "offset": 0, "length": len(MOVING), "sha256": digest,
        "payload_sha256": digest, "undone": [], "response": answer["id"], "truncated": None,
    }  # fmt: skip


def pointer(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in ("id", "file", "offset", "length", "sha256")}


def as_before(builder: Builder) -> None:
    """An entry of a version that knew neither films nor ledgers."""
    builder.capture(builder.exchange("https://example.org/v"), media=[builder.media(MOVING)])


def stored_whole(builder: Builder) -> None:
    """The answer with its body in the WARC too."""
    item, records = builder.media(MOVING), builder.exchange("https://media.example.org/v.mp4", MOVING)
    record = builder.ledger(item, [said_of(records[1])])
    builder.capture([*records, record], media=[item | {"ledger": pointer(record)}])


SOUND: dict[str, Callable[[Builder], object]] = {
    "in parts": film,
    "in one part": lambda builder: film(builder, size=len(MOVING)),
    "in parts of one byte": lambda builder: film(builder, size=1),
    "shared": shared,
    "resumed": resumed,
    "received twice": received_twice,
    "stored whole": stored_whole,
    "an old entry": as_before,
    "ledger null": lambda b: b.capture(b.exchange("https://a/"), films=[], media=[b.media(MOVING) | {"ledger": None}]),
    "an empty part": lambda builder: film(builder, change=with_an_empty_part),
    "keys of another version": lambda builder: film(
        builder, change=lambda a: a | {"new": 1, "chunks": [chunk | {"new": {"b64": ""}} for chunk in a["chunks"]]}
    ),
}


def with_an_empty_part(account: dict[str, Any]) -> dict[str, Any]:
    empty = hex256(b"")
    chunk = account["chunks"][0] | {"offset": 50, "length": 0, "sha256": empty, "payload_sha256": empty}
    return account | {"chunks": [account["chunks"][0], chunk, *account["chunks"][1:]]}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SOUND)
def test_a_file_with_its_ledger_has_no_findings(tmp_path: Path, name: str, level: str) -> None:
    archive(tmp_path, SOUND[name])
    assert list(verify(tmp_path, level)) == []  # type: ignore[arg-type]


def test_the_ledger_is_read_from_a_file_in_hand(tmp_path: Path) -> None:
    archive(tmp_path, film, sealed=False)
    assert list(verify(tmp_path, "deep")) == []


def chunk(number: int, **values: Any) -> Change:
    def change(account: dict[str, Any]) -> dict[str, Any]:
        account["chunks"][number].update(values)
        return account

    return change


def without(key: str) -> Change:
    """The key taken out of the ledger, or of its first chunk."""

    def change(account: dict[str, Any]) -> dict[str, Any]:
        for holder in (account, account["chunks"][0]):
            if key in holder:
                del holder[key]
                return account
        raise AssertionError(key)

    return change


def chunks(change: Callable[[list[Any]], Any]) -> Change:
    return lambda account: account | {"chunks": change(account["chunks"])}


def hashes_swapped(account: dict[str, Any]) -> dict[str, Any]:
    one, other = account["chunks"][0], account["chunks"][1]
    one["sha256"], other["sha256"] = other["sha256"], one["sha256"]
    return account


OTHER = "0" * 64
RECORD, GAP, HASH = "ledger-record", "ledger-gap", "chunk-hash"
WRONG: dict[str, tuple[Change, str]] = {
    # what it says of the file
    "another version": (lambda a: a | {"v": 2}, RECORD),
    "version true": (lambda a: a | {"v": True}, RECORD),
    "another file": (lambda a: a | {"media": "media/x.mp4"}, RECORD),
    "a file outside": (lambda a: a | {"media": "../x"}, RECORD),
    "another hash": (lambda a: a | {"sha256": OTHER}, RECORD),
    "another size": (lambda a: a | {"bytes": 141}, RECORD),
    "a huge size": (lambda a: a | {"bytes": 2**70}, RECORD),
    "no chunk": (chunks(lambda all: []), RECORD),
    "chunks an object": (lambda a: a | {"chunks": {}}, RECORD),
    "a chunk that is a number": (chunks(lambda all: [*all, 7]), RECORD),
    # how it is written
    "no JSON": (lambda a: b"hello\n", RECORD),
    "nothing": (lambda a: b"", RECORD),
    "another JSON": (lambda a: b"[1]\n", RECORD),
    "an entry": (lambda a: canonical({"t": "capture", "v": 1}), RECORD),
    "no LF": (lambda a: canonical(a)[:-1], RECORD),
    "two lines": (lambda a: canonical(a) * 2, RECORD),
    "spaces": (lambda a: json.dumps(a, sort_keys=True).encode() + b"\n", RECORD),
    "a key twice": (lambda a: canonical(a).replace(b'"v":1', b'"v":1,"v":1'), RECORD),
    "a float": (lambda a: canonical(a).replace(b'"offset":0', b'"offset":0.0'), RECORD),
    "NaN": (lambda a: canonical(a).replace(b'"offset":0', b'"offset":NaN'), RECORD),
    "an endless number": (lambda a: canonical(a).replace(b'"offset":0', b'"offset":' + b"9" * 5000), RECORD),
    "a lone surrogate": (lambda a: canonical(a).replace(b'"range":"', b'"range":"\\ud800'), RECORD),
    "not UTF-8": (lambda a: canonical(a).replace(b'"range":"', b'"range":"\xff'), RECORD),
    "nested without end": (lambda a: b'{"a":' * 100_000, RECORD),
    # keys of the wrong kind, or missing
    **{
        f"no {key}": (without(key), RECORD)
        for key in "v media sha256 bytes chunks url status range offset length payload_sha256 undone response truncated".split()
    },
    **{
        f"{key} {value!r}": (chunk(0, **{key: value}), RECORD)
        for key in "url status range offset length sha256 payload_sha256 undone response truncated".split()
        for value in ({}, -1, [[]], 2**53)
    },
    # how the chunks lie
    "a gap before the first": (chunks(lambda all: all[1:]), RECORD),  # it refers to the answer of the first
    "a gap": (chunks(lambda all: [all[0], all[2]]), GAP),
    "a gap at the end": (chunks(lambda all: all[:2]), GAP),
    "a chunk too short": (chunk(0, length=49), GAP),
    "a chunk too long": (chunk(0, length=51), GAP),
    "the last too short": (chunk(2, length=39), GAP),
    "the last too long": (chunk(2, length=41), GAP),
    "a length beyond all files": (chunk(2, length=2**53 - 1), GAP),
    "an overlap": (chunk(1, offset=49), GAP),
    "a part missing": (chunk(1, offset=51), GAP),
    "chunks swapped": (chunks(lambda all: [all[0], all[2], all[1]]), GAP),
    "a chunk twice": (chunks(lambda all: [all[0], *all]), GAP),
    # what they say
    "hashes swapped": (hashes_swapped, HASH),
    "another hash of a chunk": (chunk(1, sha256=OTHER), HASH),
    "another payload": (chunk(0, payload_sha256=OTHER), HASH),
    "framing that was not undone": (chunk(1, undone=[]), HASH),
    "an answer of nobody": (chunk(1, response="urn:uuid:nobody"), RECORD),
    "first an answer of nobody": (chunk(0, response="urn:uuid:nobody"), RECORD),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_ledger_that_is_wrong_is_told_by_its_code(tmp_path: Path, name: str) -> None:
    change, code = WRONG[name]
    archive(tmp_path, lambda builder: film(builder, change=change))
    assert list(verify(tmp_path, "full")) == []
    findings = list(verify(tmp_path, "deep"))
    assert set(codes(findings)) == {code}, findings
    assert all(finding.where.startswith("media/sha256/") for finding in findings)


def test_the_place_of_a_wrong_chunk_is_told(tmp_path: Path) -> None:
    """By the byte where it begins, or where the one before it ends."""
    for name, place in {"another hash of a chunk": 50, "a part missing": 50, "chunks swapped": 50, "a gap": 50}.items():
        archive(tmp_path / name, lambda builder: film(builder, change=WRONG[name][0]))  # noqa: B023
        (finding,) = verify(tmp_path / name, "deep")
        assert finding.where.endswith(f".mp4@{place}")


def pointed(change: Callable[[Builder, list[dict[str, Any]], dict[str, Any]], Any]) -> Callable[[Builder], None]:
    """The entry points to what `change` returns instead of the ledger."""

    def build(builder: Builder) -> None:
        records, item = builder.film()
        builder.capture(records, media=[item | {"ledger": change(builder, records, item["ledger"])}])

    return build


POINTERS: dict[str, Callable[[Builder, list[dict[str, Any]], dict[str, Any]], Any]] = {
    "nowhere": lambda b, records, at: at | {"offset": at["offset"] + 1},
    "beyond the file": lambda b, records, at: at | {"offset": 2**53 - 1},
    "another length": lambda b, records, at: at | {"length": 2**53 - 1},
    "another file": lambda b, records, at: at | {"file": "warc/x.warc.gz"},
    "another hash": lambda b, records, at: at | {"sha256": OTHER},
    "another id": lambda b, records, at: at | {"id": "urn:uuid:nobody"},
    "an answer": lambda b, records, at: pointer(records[1]),
    "the ledger of another file": lambda b, records, at: film(b, data=b"another film" * 9)["ledger"],
}


@pytest.mark.parametrize("name", POINTERS)
def test_a_pointer_to_anything_but_the_ledger_is_told(tmp_path: Path, name: str) -> None:
    archive(tmp_path, pointed(POINTERS[name]))
    assert list(verify(tmp_path, "full")) == []
    assert codes(list(verify(tmp_path, "deep"))) == [RECORD]


@pytest.mark.parametrize("field", ["WARC-Type", "WARC-Record-ID", "Content-Type", "WARC-Refers-To"])
def test_the_record_says_that_it_is_the_ledger(tmp_path: Path, field: str) -> None:
    archive(tmp_path, lambda builder: film(builder, headers={field: "resource"}))
    assert RECORD in codes(list(verify(tmp_path, "deep")))


def test_a_changed_byte_of_the_ledger_is_told(tmp_path: Path) -> None:
    builder = archive(tmp_path, film)
    at = json.loads(builder.lines[1])["media"][0]["ledger"]
    data = bytearray((tmp_path / WARC).read_bytes())
    data[at["offset"] + 4] ^= 1  # the time in the gzip header: what is inside stays the same
    (tmp_path / WARC).write_bytes(data)
    assert set(codes(list(verify(tmp_path, "deep")))) == {"file-hash", "record-hash", RECORD}


def test_a_record_longer_than_memory_is_not_read(tmp_path: Path) -> None:
    def build(builder: Builder) -> None:
        records, item = builder.film()
        for place in (records[-1], item["ledger"]):
            place["length"] = 2**53 - 1
        builder.capture(records, media=[item])

    archive(tmp_path, build)
    assert set(codes(list(verify(tmp_path, "deep")))) == {"file-size", "record-malformed", RECORD}


def test_a_ledger_that_no_entry_lists_is_told(tmp_path: Path) -> None:
    def build(builder: Builder) -> None:
        records, item = builder.film()
        builder.capture(records[:-1], media=[item])

    archive(tmp_path, build)
    assert set(codes(list(verify(tmp_path, "deep")))) == {RECORD, "record-orphan"}


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ({"ledger": 7}, "entry-shape"),
        ({"ledger": {}}, "entry-shape"),
        ({"ledger": {"id": "x", "file": "../x", "offset": 0, "length": 0, "sha256": OTHER}}, "entry-path"),
        ({"ledger": {"id": "x", "file": "x", "offset": -1, "length": 0, "sha256": OTHER}}, "entry-shape"),
        ({"ledger": {"id": [], "file": "x", "offset": 0, "length": 2**60, "sha256": "z"}}, "entry-shape"),
    ],
)
def test_a_pointer_of_the_wrong_shape_is_told_at_once(tmp_path: Path, media: dict[str, Any], code: str) -> None:
    archive(tmp_path, lambda b: b.capture(b.exchange("https://a/"), media=[b.media(MOVING) | media]))
    assert code in codes(list(verify(tmp_path, "quick")))


@pytest.mark.parametrize(("at", "begins"), [(0, 0), (49, 0), (50, 50), (99, 50), (100, 100), (139, 100)])
def test_a_changed_byte_of_the_file_is_placed(tmp_path: Path, at: int, begins: int) -> None:
    builder = archive(tmp_path, film)
    path = json.loads(builder.lines[1])["media"][0]["path"]
    data = bytearray((tmp_path / path).read_bytes())
    data[at] ^= 1
    (tmp_path / path).write_bytes(data)
    assert codes(list(verify(tmp_path, "full"))) == ["file-hash"]
    findings = list(verify(tmp_path, "deep"))
    assert [(finding.code, finding.where) for finding in findings] == [
        ("file-hash", path),
        ("chunk-hash", f"{path}@{begins}"),
    ]


@pytest.mark.parametrize(("size", "wrong"), [(50, 1), (len(MOVING), 1)])
def test_a_file_that_was_cut_or_grew_is_told(tmp_path: Path, size: int, wrong: int) -> None:
    builder = archive(tmp_path, lambda builder: film(builder, size=size))
    path = tmp_path / json.loads(builder.lines[1])["media"][0]["path"]
    path.write_bytes(MOVING[:-1])
    assert codes(list(verify(tmp_path, "deep"))) == ["file-size", "file-hash"] + ["chunk-hash"] * wrong
    path.write_bytes(MOVING + b"x")
    assert codes(list(verify(tmp_path, "deep"))) == ["file-size", "file-hash"]
    path.unlink()
    assert codes(list(verify(tmp_path, "deep"))) == ["file-missing"]


def test_the_file_is_read_once_however_many_entries_share_it(tmp_path: Path) -> None:
    archive(tmp_path, shared)
    reports = {level: Report() for level in LEVELS}
    for level, report in reports.items():
        list(verify(tmp_path, level, report=report))
    assert (
        reports["deep"].bytes
        == reports["full"].bytes
        == reports["quick"].bytes
        + sum(path.stat().st_size for folder in ("warc", "media") for path in (tmp_path / folder).rglob("*.*"))
    )


@pytest.mark.parametrize("name", [".mp4", ".jsonl"])
def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A disk that begins to fail behind the WARC files."""
    archive(tmp_path, film)
    opened, checked = Disk.open, warcs.check_warc
    failing: list[str] = []

    def broken(self: Disk, path: str) -> BinaryIO:
        if failing and path.endswith(name):
            raise OSError(5, "Input/output error")
        return opened(self, path)

    def then_failing(*args: Any, **options: Any) -> list[Finding]:
        found = checked(*args, **options)
        failing.append(name)
        return found

    monkeypatch.setattr(Disk, "open", broken)
    monkeypatch.setattr(warcs, "check_warc", then_failing)
    assert codes(list(verify(tmp_path, "deep"))) == ["file-unreadable"]


def test_a_wrong_ledger_beside_a_right_one_is_told(tmp_path: Path) -> None:
    archive(tmp_path, lambda builder: (film(builder, size=33), film(builder, change=chunk(1, sha256=OTHER))))
    (finding,) = verify(tmp_path, "deep")
    assert (finding.code, finding.where[-3:]) == ("chunk-hash", "@50")
    (file,) = tmp_path.glob("media/*/*/*")
    file.write_bytes(b"?" + MOVING[1:])
    assert codes(list(verify(tmp_path, "deep"))) == ["file-hash", "chunk-hash", "chunk-hash", "chunk-hash"]


def test_answers_of_many_ledgers_are_looked_for_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(builder: Builder) -> None:
        resumed(builder)
        film(builder, data=b"one" * 40, change=chunk(1, response="urn:uuid:nobody"))
        film(builder, data=b"two" * 40, change=chunk(1, sha256=OTHER))

    archive(tmp_path, build)
    assert codes(list(verify(tmp_path, "deep"))) == [HASH, RECORD]
    monkeypatch.setattr(wire, "MOST_OPEN", 0)
    assert codes(list(verify(tmp_path, "deep"))) == [RECORD, HASH]


@pytest.mark.parametrize(("limit", "most"), [("MAX_RECORD", 1000), ("MOST_CHUNKS", 2)])
def test_a_ledger_beyond_the_limits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    archive(tmp_path, film)
    monkeypatch.setattr(wire, limit, most)
    (finding,) = verify(tmp_path, "deep")
    assert finding.code == RECORD and str(most) in finding.detail


def test_no_ledger_ends_in_a_traceback(tmp_path: Path) -> None:
    chance = random.Random(5)
    values: list[Any] = [None, True, 0, -1, 2**53 - 1, "", "x" * 64, OTHER, [], {}, [None], {"b64": 1}, "\x00\u2028"]

    def twist(value: Any) -> Any:
        """One value somewhere in it, or a key, becomes another."""
        if isinstance(value, dict | list) and value and chance.random() < 0.97:
            at = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
            value[at] = twist(value[at])
            return value
        return chance.choice(values)

    archive(tmp_path, lambda builder: [film(builder, data=b"%d" % n * 60, change=twist) for n in range(10, 90)])
    assert {RECORD, GAP} <= set(codes(list(verify(tmp_path, "deep")))) <= {RECORD, GAP, HASH}


def test_the_example_of_the_format_is_a_ledger() -> None:
    (text,) = re.findall(r"```json\n(\{\"bytes\".*?)```", FORMAT, re.DOTALL)
    block = "".join(part.strip() for part in text.splitlines()).encode() + b"\n"
    account, data = json.loads(block), b"moving pictures\n"
    assert canonical(account) == block
    assert (account["bytes"], account["sha256"]) == (len(data), hex256(data))
    for chunk, served in zip(account["chunks"], [b"moving p", b"8\r\nictures\n\r\n0\r\n\r\n"], strict=True):
        assert chunk["sha256"] == hex256(data[chunk["offset"] :][: chunk["length"]])
        assert chunk["payload_sha256"] == hex256(served)
    keys = set(
        re.findall(
            r"`(\w+)`", "".join(re.findall(r"(?m)^\| `(?:v|media|chunks|url|offset|pay|und|resp|trunc).*? \|", FORMAT))
        )
    )
    assert {*account, *account["chunks"][0]} <= keys


@pytest.mark.skipif(not all(map(shutil.which, ["bash", "jq", "sha256sum"])), reason="tools are missing")
def test_the_checks_by_hand_agree(tmp_path: Path) -> None:
    builder = archive(tmp_path, shared)
    recipe = FORMAT.rpartition("```sh\n")[2].partition("```")[0]

    def by_hand() -> tuple[str, str]:
        done = subprocess.run(["bash", "-e"], input=recipe, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout, done.stderr

    assert by_hand() == (f"{WARC}: OK\n", "")
    path = json.loads(builder.lines[1])["media"][0]["path"]
    (tmp_path / path).write_bytes(MOVING[:70] + b"?" + MOVING[71:])
    assert by_hand() == (f"{WARC}: OK\nBAD {path} 50\n", "")
