"""A copy that a web archive gave is what its entry says of it; any other is told. docs/FORMAT.md section 2, import."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import subprocess
import zlib
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

import brotli
import pytest

from preserve.archive import manifest
from preserve.capture.wrapped import content, unwrap
from preserve.catalog.holdings import fold
from preserve.errors import FormatError
from preserve.model import Finding
from preserve.network.decode import DecodeError, codings, dechunk, decode
from preserve.verify import LEVELS, body, verify
from preserve.verify.shape import MEMENTO, TYPES
from tests.small_archive import SmallArchive
from tests.support.archive import GONE, PAGE, WARC, Builder, canonical, hex256, recovered
from tests.support.damage import copied

Copy = Callable[[Builder, dict[str, Any]], object]
GZIPPED = gzip.compress(PAGE, mtime=0)
PROJECT = Path(__file__).parents[2]
FORMAT = (PROJECT / "docs/FORMAT.md").read_text("utf-8")


def chunked(data: bytes, size: int = 50) -> bytes:
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x;x=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nT: 1\r\n\r\n"


def findings(root: Path, copy: Copy, level: str = "deep") -> list[Finding]:
    copied(copy)(root)
    return list(verify(root, level))  # type: ignore[arg-type]


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def test_the_example_of_the_format_is_the_entry_of_a_sound_archive() -> None:
    (text,) = re.findall(r"```json\n(\{\"answer\".*?)```", FORMAT, re.DOTALL)
    line = (PROJECT / "tests/vectors/archives/recovered/manifest/000000000000.jsonl").read_bytes().splitlines()[2]
    assert canonical(json.loads(line) | {"records": []}) == text.replace("\n", "").encode() + b"\n"
    keys = set(re.findall(r"`(\w+)`", FORMAT.partition("### import")[2].partition("### seal")[0]))
    assert {*MEMENTO, *TYPES["import"]} - set(re.findall(r'"(\w+)"', FORMAT)) - keys == set()


@pytest.mark.skipif(not all(map(shutil.which, ["bash", "jq", "sha256sum"])), reason="tools are missing")
def test_the_records_of_imports_are_checked_by_hand(tmp_path: Path) -> None:
    recovered(tmp_path)
    recipe = FORMAT.rpartition("```sh\n")[2].partition("```")[0]

    def by_hand() -> str:
        return subprocess.run(["bash"], input=recipe, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert by_hand() == f"{WARC}: OK\n"
    entries = [json.loads(line) for line in (tmp_path / "manifest/000000000000.jsonl").read_bytes().splitlines()]
    place = next(entry for entry in entries if entry["t"] == "import")["records"][1]
    data = bytearray((tmp_path / WARC).read_bytes())
    data[place["offset"] + 20] ^= 1
    (tmp_path / WARC).write_bytes(data)
    assert f"BAD {WARC} {place['offset']}\n" in by_hand()


BOTH = b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
HEX = sha1(PAGE).hexdigest()
SOUND: dict[str, Copy] = {
    "as archived": lambda b, lost: b.plain_copy(lost),
    "served in chunks": lambda b, lost: b.plain_copy(
        lost, chunked(PAGE), b"Transfer-Encoding: chunked\r\n", digest=PAGE
    ),
    "served packed, digest over what was packed": lambda b, lost: b.plain_copy(
        lost, GZIPPED, b"Content-Encoding: gzip\r\n", digest=PAGE
    ),
    "served packed, digest over the pack": lambda b, lost: b.plain_copy(lost, GZIPPED, b"Content-Encoding: gzip\r\n"),
    "served with br": lambda b, lost: b.plain_copy(
        lost, brotli.compress(PAGE), b"Content-Encoding: br\r\n", digest=PAGE
    ),
    "served packed without a word": lambda b, lost: b.plain_copy(
        lost,
        GZIPPED,
        digest=PAGE,
        memento={"headers": [["content-encoding", "gzip"], 7], "content_sha256": hex256(PAGE)},
    ),
    "served plain, the original was packed": lambda b, lost: b.plain_copy(
        lost, memento={"headers": [["Content-Encoding", "gzip"]], "content_sha256": hex256(PAGE)}
    ),
    "digest in hex": lambda b, lost: b.plain_copy(lost, memento={"digest": f"sha1:{HEX.upper()}"}),
    "digest in small letters": lambda b, lost: b.plain_copy(
        lost, memento={"digest": b32encode(bytes.fromhex(HEX)).decode().lower()}
    ),
    "digest that was not checked": lambda b, lost: b.plain_copy(lost, memento={"verified": None, "digest": "md5:x"}),
    "no digest": lambda b, lost: b.plain_copy(lost, memento={"verified": None, "digest": None}),
    "wrapped": lambda b, lost: b.wrapped_copy(lost),
    "wrapped, nothing": lambda b, lost: b.wrapped_copy(lost, b""),
    "wrapped, digest over the chunks": lambda b, lost: b.wrapped_copy(
        lost, chunked(GZIPPED), BOTH, content=PAGE, digest=chunked(GZIPPED)
    ),
    "wrapped, digest over the pack": lambda b, lost: b.wrapped_copy(
        lost, chunked(GZIPPED), BOTH, content=PAGE, digest=GZIPPED
    ),
    "wrapped, digest over the page": lambda b, lost: b.wrapped_copy(
        lost, chunked(GZIPPED), BOTH, content=PAGE, digest=PAGE
    ),
    "wrapped, fields kept of a page stored plain": lambda b, lost: b.wrapped_copy(lost, PAGE, BOTH),
    "wrapped, no content": lambda b, lost: b.wrapped_copy(
        lost, b"rot", b"Content-Encoding: rot13\r\n", memento={"content_sha256": None, "content_bytes": None}
    ),
    "wrapped, a date with fractions": lambda b, lost: b.wrapped_copy(
        lost, inside=lambda data: data.replace(b"12:00:00Z", b"12:00:00.000Z")
    ),
    "a status that the archive does not tell": lambda b, lost: b.wrapped_copy(
        lost, memento={"status": None, "mime": None}
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_copy_that_is_what_its_entry_says_has_no_findings(tmp_path: Path, name: str) -> None:
    assert findings(tmp_path, SOUND[name]) == []


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    return change


WRONG: dict[str, tuple[Copy, set[str]]] = {
    "digest of other bytes": (lambda b, lost: b.plain_copy(lost, digest=b"x"), {"memento-digest"}),
    "checked, and there is no digest": (lambda b, lost: b.plain_copy(lost, memento={"digest": None}), {"memento-digest"}),
    "checked, and it is no SHA-1": (lambda b, lost: b.plain_copy(lost, memento={"digest": "md5:abc"}), {"memento-digest"}),
    "content of another hash": (
        lambda b, lost: b.plain_copy(lost, memento={"content_sha256": "0" * 64}), {"memento-digest"},
    ),
    "answer in no record": (lambda b, lost: b.plain_copy(lost, answer="urn:uuid:x"), {"memento-record"}),
    "answer is a request": (
        lambda b, lost: b.plain_copy(lost, states={"type": "request"}), {"memento-record", "record-disagrees"},
    ),
    "wrapped, digest of other bytes": (lambda b, lost: b.wrapped_copy(lost, digest=b"x"), {"memento-digest"}),
    "wrapped, content of another hash": (lambda b, lost: b.wrapped_copy(lost, content=b"x"), {"memento-digest"}),
    "wrapped, content not to be had": (
        lambda b, lost: b.wrapped_copy(lost, b"rot", b"Content-Encoding: rot13\r\n"), {"memento-digest"},
    ),
    "wrapped, of another address": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"gone.example.org", b"gone.example.com")),
        {"memento-record"},
    ),
    "wrapped, of another time": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"2016", b"2015")), {"memento-record"},
    ),
    "wrapped, of another status": (lambda b, lost: b.wrapped_copy(lost, memento={"status": 404}), {"memento-record"}),
    "not wrapped at all": (lambda b, lost: b.plain_copy(lost, memento={"wrapped": "warc"}), {"memento-record"}),
    "cut": (lambda b, lost: b.wrapped_copy(lost, member=lambda data: data[:-1]), {"memento-record"}),
    "two members": (lambda b, lost: b.wrapped_copy(lost, member=lambda data: data * 2), {"memento-record"}),
    "more behind": (lambda b, lost: b.wrapped_copy(lost, member=lambda data: data + b"\0"), {"memento-record"}),
    "nothing": (lambda b, lost: b.wrapped_copy(lost, member=lambda data: b""), {"memento-record"}),
    "no WARC": (lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"WARC/1.1", b"WORC/1.1")), {"memento-record"}),
    "a warcinfo": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"Type: response", b"Type: warcinfo")), {"memento-record"},
    ),
    "no HTTP": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"application/http", b"text/plain")), {"memento-record"},
    ),
    "no HTTP answer": (lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"HTTP/1.1", b"HTTX/1.1")), {"memento-record"}),
    "no length": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"Content-Length", b"X-Length")), {"memento-record"},
    ),
    "two lengths": (
        lambda b, lost: b.wrapped_copy(lost, inside=replacing(b"Content-Length", b"Content-Length: 1\r\nContent-Length")),
        {"memento-record"},
    ),
    "longer than it says": (lambda b, lost: b.wrapped_copy(lost, inside=lambda data: data + b"x"), {"memento-record"}),
    "shorter than it says": (lambda b, lost: b.wrapped_copy(lost, inside=lambda data: data[:-9]), {"memento-record"}),
    "a head without end": (
        lambda b, lost: b.wrapped_copy(lost, inside=lambda data: b"WARC/1.1\r\nX: " + b"a" * (2 << 20)), {"memento-record"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_copy_that_is_not_what_its_entry_says_is_told(tmp_path: Path, name: str) -> None:
    copy, expected = WRONG[name]
    found = findings(tmp_path, copy)
    assert codes(found) == expected, found
    assert all("line 3" in one.where for one in found if one.code.startswith("memento"))
    assert codes(list(verify(tmp_path, "full"))) == set()


SHAPES: list[dict[str, Any]] = [
    {"memento": None}, {"archive": None}, {"answer": None}, {"outcome": "lost"}, {"capture": None}, {"capture": "x"},
    {"asked": {}}, {"asked": [1]}, {"asked": [{"archive": "a", "found": -1, "error": None}]}, {"records": 7},
    {"archive": 7}, {"answer": 7}, {"citations": None}, {"outcome": "found"},
]  # fmt: skip
MEMENTO_SHAPES: list[dict[str, Any]] = [
    {"time": "2016-03-02"}, {"time": None}, {"uri": 7}, {"url": None}, {"status": "200"}, {"verified": "md5"},
    {"wrapped": "zip"}, {"headers": None}, {"why": "newest"}, {"content_sha256": "x"}, {"content_bytes": -1},
    {"digest": 7},
]  # fmt: skip


@pytest.mark.parametrize("change", SHAPES)
def test_an_import_of_another_shape_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    found = findings(tmp_path, lambda b, lost: b.copy(b"HTTP/1.1 200 OK\r\n\r\n", lost, **change), "quick")
    assert "entry-shape" in codes(found)


@pytest.mark.parametrize("change", MEMENTO_SHAPES)
def test_a_copy_of_another_shape_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    found = findings(tmp_path, lambda b, lost: b.plain_copy(lost, memento=change), "quick")
    assert "entry-shape" in codes(found)


NEW_KEYS: list[tuple[dict[str, Any], bool]] = [
    ({"robots": None, "seen": None, "probe": None, "elsewhere": []}, True),
    ({"robots": {"any": 1}, "seen": {"title": "a", "words": 3}}, True),
    ({"seen": {"title": None, "words": None}, "probe": {"url": "a", "record": None, "similarity": None}}, True),
    ({"probe": {"url": "a", "record": "urn:uuid:1", "similarity": 97}, "elsewhere": [{}]}, True),
    ({"robots": "yes"}, False),
    ({"seen": {"title": "a"}}, False),
    ({"seen": {"title": "a", "words": "3"}}, False),
    ({"probe": {"url": "a", "record": None, "similarity": "97 %"}}, False),
    ({"elsewhere": None}, False),
]


@pytest.mark.parametrize(("fields", "sound"), NEW_KEYS)
def test_new_keys_of_a_capture_are_asked_for_their_kinds_only(
    tmp_path: Path, fields: dict[str, Any], *, sound: bool
) -> None:
    found = findings(tmp_path, lambda b, lost: b.capture(b.exchange("https://a.example/"), **fields))
    assert ("entry-shape" in codes(found)) != sound and (found == []) == sound


def test_the_records_of_an_import_are_read_like_those_of_a_capture(tmp_path: Path) -> None:
    recovered(tmp_path)
    data = bytearray((tmp_path / WARC).read_bytes())
    entries = [json.loads(line) for line in (tmp_path / "manifest/000000000000.jsonl").read_bytes().splitlines()]
    place = next(entry for entry in entries if entry["t"] == "import")["records"][1]
    data[place["offset"] + place["length"] // 2] ^= 1
    (tmp_path / WARC).write_bytes(data)
    for level in ("full", "deep"):
        found = list(verify(tmp_path, level))  # type: ignore[arg-type]
        told = [one for one in found if one.code == "record-hash"]
        assert told and all(one.where.endswith(f"@{place['offset']}") for one in told)


@pytest.mark.parametrize(("torn", "sound"), [(0, True), (7, True), (-1, False)])
def test_a_crash_behind_an_import_costs_nothing_that_it_names(tmp_path: Path, torn: int, *, sound: bool) -> None:
    """The WARC file is open still. What follows the records of the import is cut; where they are cut, nothing is."""
    made = SmallArchive(tmp_path)
    made.fail(GONE, "lost", "gone")
    entry = made.imported(GONE, PAGE, wrapped=True)
    made.archive.release()
    (path,) = made.root.rglob("*.open")
    size = path.stat().st_size
    with path.open("ab") as stream:
        stream.truncate(size + min(torn, 0))
        stream.write(b"\x1f\x8b\x08"[: max(torn, 0)])
    made.archive = type(made.archive).open(made.root, run="cd" * 16, key=made.key, clock=made.clock)
    assert path.exists() != sound
    assert {record["offset"] for record in entry.get("records")} <= fold(manifest.read(made.root)).offsets(
        entry.get("records")[0]["file"]
    )
    made.close()
    assert codes([one for one in verify(made.root, "deep") if one.severity == "damage"]) == (
        set() if sound else {"file-size", "record-hash", "memento-record"}
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"time":"2016', b'"time":"2015'),
        (b'"verified":"sha1"', b'"verified":null'),
        (b'"t":"import"', b'"t":"capture"'),
    ],
)
def test_an_edited_import_is_found_by_the_tree(tmp_path: Path, old: bytes, new: bytes) -> None:
    recovered(tmp_path)
    manifest = tmp_path / "manifest/000000000000.jsonl"
    assert old in manifest.read_bytes()
    manifest.write_bytes(manifest.read_bytes().replace(old, new, 1))
    assert "note-root" in codes(list(verify(tmp_path, "quick")))


def test_random_mutations_of_imports_never_end_in_a_traceback(tmp_path: Path) -> None:
    recovered(tmp_path)
    chance = random.Random(5)
    manifest, warc = tmp_path / "manifest/000000000000.jsonl", tmp_path / WARC
    lines = [json.loads(line) for line in manifest.read_bytes().splitlines()]
    values = (None, [], {}, "", 7, -1, True, "x" * 40, [[]], "warc")
    keys = [(number, key) for number, entry in enumerate(lines) for key in entry.get("memento") or {}]
    for _ in range(100):
        number, key = chance.choice(keys)
        changed = lines[number] | {"memento": lines[number]["memento"] | {key: chance.choice(values)}}
        manifest.write_bytes(b"".join(map(canonical, [*lines[:number], changed, *lines[number + 1 :]])))
        list(verify(tmp_path, chance.choice(LEVELS)))
    manifest.write_bytes(b"".join(map(canonical, lines)))
    good = warc.read_bytes()
    for _ in range(60):
        at = chance.randrange(len(good))
        warc.write_bytes(good[:at] + chance.randbytes(3) + good[at + 3 :])
        assert list(verify(tmp_path, "deep"))


def test_samples_read_the_copies_of_the_files_they_read(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.genesis()
    builder.start_warc()
    builder.plain_copy(builder.lost(), digest=b"x")
    builder.seal()
    seen = []
    for _ in range(2):
        seen.append("memento-digest" in codes(list(verify(tmp_path, "deep", sample=50))))
        builder.verified("deep")
    assert sorted(seen) == [False, True]


def test_a_copy_that_unfolds_without_end_is_left(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(80)), packer.flush()])
    found = findings(tmp_path, lambda b, lost: b.plain_copy(lost, bomb, b"Content-Encoding: gzip\r\n", digest=b"x"))
    assert codes(found) == {"memento-digest"}
    wrapped = findings(tmp_path / "b", lambda b, lost: b.wrapped_copy(lost, member=lambda data: bomb))
    assert codes(wrapped) == {"memento-record"}


def _theirs(head: bytes, data: bytes) -> bytes | None:
    """As network/ undoes it."""
    try:
        blocks: Any = iter([data[:9], data[9:]])
        if b"chunked" in head:
            blocks = dechunk(blocks)
        applied = codings(
            head.partition(b"ncoding: ")[2].partition(b"\r")[0].decode() if b"Content-E" in head else None
        )
        return b"".join(decode(blocks, applied))
    except DecodeError:
        return None


def _ours(head: bytes, data: bytes) -> bytes | None:
    try:
        source = body.Source([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + data])
        found = body.head(source)
        inner = body.Source(body.dechunked(source)) if found.chunked else source
        return b"".join(body.decoded(inner.rest(), found.codings))
    except body.Broken:
        return None


HEADS = [
    b"", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: br\r\n",
    b"Content-Encoding: deflate\r\n", b"Content-Encoding: deflate, x-gzip\r\n", b"Content-Encoding: a, b, c\r\n",
]  # fmt: skip
BODIES = [
    b"", PAGE, chunked(PAGE, 1), chunked(b""), chunked(PAGE)[:-9], b"5\r\nabcdefg\r\n0\r\n\r\n", b"zz\r\n", GZIPPED,
    GZIPPED * 2, GZIPPED + b"\0\0", GZIPPED[:-3], brotli.compress(PAGE), brotli.compress(PAGE)[:-2], zlib.compress(PAGE),
    zlib.compress(PAGE)[2:-4], gzip.compress(zlib.compress(PAGE)),
]  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_verify_undoes_what_the_network_undoes(head: bytes) -> None:
    """Two implementations, one reading: what one calls content, the other does."""
    assert [_ours(head, data) for data in BODIES] == [_theirs(head, data) for data in BODIES]


def test_verify_accepts_as_a_record_just_what_is_accepted_when_it_comes(tmp_path: Path) -> None:
    chance = random.Random(11)
    builder = Builder(tmp_path / "a")
    builder.genesis()
    builder.start_warc()
    lost = builder.lost()
    expected = []
    for _ in range(60):
        member = _mutated(chance)
        try:
            whole: bytes | None = b"".join(content(unwrap([member]))[1])
        except (FormatError, DecodeError):
            whole = None
        expected.append(whole is not None)
        said = {"content_sha256": hex256(whole or b""), "verified": None, "url": GONE}
        builder.wrapped_copy(lost, member=lambda _, member=member: member, memento=said)
    builder.seal()
    builder.checkpoint()
    told = [one for one in verify(tmp_path / "a", "deep") if not re.search(r": its (url|time|status) is", one.detail)]
    wrong = {int(one.where.rpartition(" ")[2]) - 3 for one in told}
    assert [number not in wrong for number in range(60)] == expected and 5 < sum(expected) < 55


def _mutated(chance: random.Random) -> bytes:
    """A record in which a part was cut, doubled or blanked; packed whole."""
    block = b"HTTP/1.1 200 OK\r\n" + BOTH + b"\r\n" + chunked(GZIPPED)
    head = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nWARC-Target-URI: {GONE}\r\n"
    head += f"WARC-Date: 2016-03-02T12:00:00Z\r\nContent-Length: {len(block)}\r\n\r\n"
    data = bytearray(head.encode() + block + b"\r\n\r\n")
    if chance.random() < 0.8:
        at, size = chance.randrange(len(data)), chance.randint(1, 4)
        data[at : at + size] = chance.choice([b"", bytes(data[at : at + size]) * 2, b"\r\n", b"0", b"\0"])
    return gzip.compress(bytes(data), mtime=0)
