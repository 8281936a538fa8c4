"""An original comes back byte for byte, or an error says why not."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest

from preserve.archive import manifest
from preserve.errors import DamagedError, NotHeldError, PreserveError
from preserve.model import Entry
from preserve.retrieve.content import KINDS, Original, deliver, opened
from preserve.retrieve.find import Found, find
from tests.small_archive import SmallArchive, chunked

PAGE = b"<p>" + bytes(range(256)) * 40
URL = "https://example.org/page"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[SmallArchive]:
    made = SmallArchive(tmp_path / "case")
    yield made
    made.archive.release()


def _get(archive: SmallArchive, entry: Entry, kind: str = "content", **more: Any) -> bytes:
    sink = io.BytesIO()
    with opened(archive.root, Found(entry, "id"), kind, **more) as original:
        given = deliver(original, sink)
    assert given.sha256 == hashlib.sha256(sink.getvalue()).hexdigest() and given.bytes == len(sink.getvalue())
    return sink.getvalue()


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    ("headers", "body", "content"),
    [
        (b"", PAGE, PAGE),
        (b"Content-Length: 3\r\n", b"", b""),
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE), PAGE),
        (b"Content-Encoding: deflate\r\n", zlib.compress(PAGE), PAGE),
        (b"content-encoding: BR\r\n", brotli.compress(PAGE), PAGE),
        (b"Content-Encoding: identity\r\n", PAGE, PAGE),
        (b"Transfer-Encoding: chunked\r\n", chunked(PAGE), PAGE),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(PAGE)), PAGE),
        (b"Content-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(PAGE)), PAGE),
    ],
)
def test_the_content_is_what_the_server_meant_and_raw_what_it_sent(
    archive: SmallArchive, headers: bytes, body: bytes, content: bytes, newline: bytes
) -> None:
    entry = archive.visit(URL, body, headers=headers, newline=newline)
    assert _get(archive, entry) == content
    assert _get(archive, entry, "raw") == body


def test_a_body_that_looks_like_a_head_is_not_mistaken_for_one(archive: SmallArchive) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip\n\n"
    assert _get(archive, archive.visit(URL, body)) == body


def test_an_unchanged_page_comes_from_the_record_that_holds_it(archive: SmallArchive) -> None:
    headers, body = b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(PAGE))
    archive.visit(URL, body, headers=headers)
    again = archive.visit(URL, body, headers=headers + b"Date: later\r\n", reason="unchanged")
    assert again.get("records")[1]["type"] == "revisit"
    assert _get(archive, again) == PAGE
    assert _get(archive, again, "raw") == body
    assert b"WARC-Type: revisit" in _get(archive, again, "record") and b"Date: later" in _get(archive, again, "record")


def test_a_record_comes_back_as_stored(archive: SmallArchive) -> None:
    entry = archive.visit(URL, PAGE)
    place = entry.get("records")[1]
    stored = next(archive.root.glob("warc/*/*/*")).read_bytes()[place["offset"] : place["offset"] + place["length"]]
    assert _get(archive, entry, "record") == gzip.decompress(stored)


def test_media_come_back_as_chosen(archive: SmallArchive) -> None:
    media = [
        archive.media(b"film", "video"),
        archive.media(b"small film", "access"),
        archive.media(b"words", "subs"),
    ]
    entry = archive.visit(URL, media=media)
    assert _get(archive, entry, "media") == b"small film"
    assert _get(archive, entry, "media", item=media[2]) == b"words"


def test_a_cut_answer_is_given_as_far_as_it_goes_and_says_so(archive: SmallArchive) -> None:
    entry = archive.visit(URL, PAGE[:100], headers=b"Content-Length: 9999\r\n", truncated="length")
    with opened(archive.root, Found(entry, "id"), "content") as original:
        assert (original.truncated, original.sha256) == ("length", None)
    assert _get(archive, entry) == PAGE[:100]


@pytest.mark.parametrize(
    ("headers", "body"),
    [(b"Content-Encoding: gzip\r\n", b"not gzip"), (b"Transfer-Encoding: chunked\r\n", b"5\r\nabc"),
     (b"Content-Encoding: rot13\r\n", b"abc")],
)  # fmt: skip
def test_content_that_cannot_be_had_leads_to_raw(archive: SmallArchive, headers: bytes, body: bytes) -> None:
    entry = archive.visit(URL, body, headers=headers)
    with pytest.raises(NotHeldError) as caught:
        _get(archive, entry)
    assert "--raw" in caught.value.hint
    assert _get(archive, entry, "raw") == body


def test_a_visit_that_brought_nothing_has_nothing_to_give(archive: SmallArchive) -> None:
    entry = archive.fail(URL, "lost", "dns-dead")
    for kind in KINDS:
        with pytest.raises(NotHeldError):
            _get(archive, entry, kind)


def test_every_changed_byte_of_a_record_is_damage(archive: SmallArchive) -> None:
    entry = archive.visit(URL, PAGE)
    archive.close()
    place = entry.get("records")[1]
    path = archive.root / place["file"]
    path.chmod(0o644)
    good = path.read_bytes()
    for position in range(place["offset"], place["offset"] + place["length"], 37):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        for kind in ("content", "raw", "record"):
            with pytest.raises(DamagedError):
                _get(archive, entry, kind)


def test_changed_missing_and_linked_media_are_damage(archive: SmallArchive, tmp_path: Path) -> None:
    item = archive.media(b"film")
    entry = archive.visit(URL, media=[item])
    path = archive.root / item["path"]
    path.chmod(0o644)
    path.write_bytes(b"Film")
    with pytest.raises(DamagedError, match="SHA-256"):
        _get(archive, entry, "media")
    path.unlink()
    with pytest.raises(DamagedError, match="missing"):
        _get(archive, entry, "media")
    (tmp_path / "elsewhere").write_bytes(b"film")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PreserveError):
        _get(archive, entry, "media")


def test_content_that_is_not_what_the_manifest_says_is_damage() -> None:
    original = Original("content", iter([b"other"]), hashlib.sha256(b"one").hexdigest(), (), "text/plain")
    with pytest.raises(DamagedError, match="the manifest says"):
        deliver(original, io.BytesIO())


@pytest.mark.parametrize(
    "change",
    [{"file": "../../etc/passwd"}, {"file": "/etc/passwd"}, {"file": 5}, {"offset": -1}, {"length": "x"},
     {"sha256": None}, {"offset": 10**12}, {"type": "revisit", "refers_to": 7},
     {"type": "revisit", "refers_to": {"file": "warc/x"}}],
)  # fmt: skip
def test_a_hostile_manifest_is_damage_and_leads_nowhere(archive: SmallArchive, change: dict[str, Any]) -> None:
    entry = archive.visit(URL, PAGE)
    records = [entry.get("records")[0], {**entry.get("records")[1], **change}]
    bad = Entry(entry.seq, "capture", entry.id, entry.time, entry.run, {**entry.fields, "records": records})
    with pytest.raises(DamagedError):
        _get(archive, bad)


def test_a_revisit_may_refer_only_to_an_answer(archive: SmallArchive) -> None:
    archive.visit(URL, PAGE)
    again = archive.visit(URL, PAGE, reason="unchanged")
    request, revisit = again.get("records")
    target = {key: request[key] for key in ("id", "file", "offset", "length", "sha256", "url", "date")}
    fields = {**again.fields, "records": [request, {**revisit, "refers_to": target}]}
    with pytest.raises(DamagedError, match="not the answer"):
        _get(archive, Entry(again.seq, "capture", again.id, again.time, again.run, fields))


def test_what_is_found_by_its_hash_is_what_has_it(archive: SmallArchive) -> None:
    body = chunked(gzip.compress(PAGE))
    archive.visit(URL, body, headers=b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n")
    digest = hashlib.sha256(body).hexdigest()
    found = find(manifest.read(archive.root), f"sha256:{digest}")
    assert found.by == "payload" and json.dumps(found.record)
    with opened(archive.root, found, "raw") as original:
        assert deliver(original, io.BytesIO()).sha256 == digest
