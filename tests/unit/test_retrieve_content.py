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
from tests.small_archive import SmallArchive, chunked, foreign_record

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


@pytest.mark.parametrize(
    ("headers", "body", "content"),
    [
        (b"Content-Type: text/html\r\n", PAGE, PAGE),
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE), PAGE),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(PAGE)), PAGE),
    ],
)
def test_a_copy_comes_out_of_the_record_that_wraps_it(
    archive: SmallArchive, headers: bytes, body: bytes, content: bytes
) -> None:
    entry = archive.imported(URL, body, headers=headers, wrapped=True)
    assert _get(archive, entry) == content
    member = _get(archive, entry, "raw")
    assert b"WARC-Target-URI: https://example.org/page" in gzip.decompress(member)
    assert b"data.commoncrawl.org" in _get(archive, entry, "record")
    again = archive.imported(URL, body, headers=headers, wrapped=True)
    assert again.get("records")[1]["type"] == "revisit" and _get(archive, again) == content
    by_hash = find([entry], hashlib.sha256(member).hexdigest())
    with opened(archive.root, by_hash, "content") as original:
        assert b"".join(original.blocks) == member  # whoever asks by the hash of the member wants the member


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE), []),
        (b"Content-Encoding: gzip\r\n", PAGE, []),  # decoded by the archive, its fields were not
        (b"content-encoding: \r\n", gzip.compress(PAGE), [["Content-Encoding", "gzip"], ["x"], 5]),
        (b"", PAGE, [["content-encoding", "gzip"]]),
        (b"Transfer-Encoding: chunked\r\n", chunked(gzip.compress(PAGE)), [["Content-Encoding", "gzip"]]),
    ],
)
def test_a_copy_as_it_was_archived(archive: SmallArchive, headers: bytes, body: bytes, said: list[Any]) -> None:
    about = {"headers": said, "content_sha256": hashlib.sha256(PAGE).hexdigest()}
    entry = archive.imported(URL, body, headers=headers, about=about)
    assert _get(archive, entry) == PAGE and _get(archive, entry, "raw") == body


def test_a_copy_that_is_not_what_the_entry_says_is_damage(archive: SmallArchive) -> None:
    entry = archive.imported(URL, PAGE, wrapped=True, about={"content_sha256": "0" * 64})
    with pytest.raises(DamagedError, match="SHA-256"):
        _get(archive, entry)


@pytest.mark.parametrize("memento", [{"content_sha256": None, "mime": None}, {"content_sha256": 7, "mime": []}])
def test_a_copy_without_a_hash_is_given_and_says_so(archive: SmallArchive, memento: dict[str, Any]) -> None:
    entry = archive.imported(URL, PAGE, wrapped=True, about=memento)
    with opened(archive.root, Found(entry, "id"), "content") as original:
        assert (original.sha256, original.mime) == (None, "")
        assert b"".join(original.blocks) == PAGE


def test_an_answer_that_wraps_nothing_leads_to_raw(archive: SmallArchive) -> None:
    for body, headers in ((b"<html>gone", b""), (b"no gzip", b"Content-Encoding: gzip\r\n")):
        entry = archive.imported(URL, body, headers=headers, about={"wrapped": "warc"})
        with pytest.raises(NotHeldError, match="cannot be had") as caught:
            _get(archive, entry)
        assert "--raw" in caught.value.hint and _get(archive, entry, "raw") == body


def test_a_lie_at_the_end_of_the_record_is_found_behind_its_bytes(archive: SmallArchive) -> None:
    member = foreign_record(URL, b"HTTP/1.1 200 OK\r\n\r\n" + PAGE, "2016-03-02T12:00:00.000000Z")
    entry = archive.imported(URL, member + b"more", about={"wrapped": "warc"})
    with pytest.raises(NotHeldError, match="bytes follow"):
        _get(archive, entry)


def test_archives_asked_in_vain_give_nothing(archive: SmallArchive) -> None:
    archive.fail(URL, "lost", "gone")
    entry = archive.in_vain(URL, "lost", "gone")
    for kind in KINDS:
        with pytest.raises(NotHeldError):
            _get(archive, entry, kind)
