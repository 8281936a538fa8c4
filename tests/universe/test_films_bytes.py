"""The films of an archive and the wire: each request is there, each body is held once and can be told from its place."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from tests.universe import stored
from tests.universe.filming import SERVED, STREAMS, Filmed, body, ledger, ledgers, of_role
from tests.universe.hosts import media
from tests.universe.hosts.youtube_films import BIG
from tests.universe.stored import LEDGER, Stored

RANGE = 10 * media.MIB


@pytest.fixture(scope="module")
def records(filmed: Filmed) -> list[Stored]:
    return [record for file in filmed.folder.warcs for record in stored.read(file)]


def test_the_log_and_the_archive_hold_the_same_exchanges(filmed: Filmed, records: list[Stored]) -> None:
    sent, kept = stored.sent(filmed.universe.log), stored.kept(records)
    assert sent - kept == Counter(), "sent, not kept"
    assert kept - sent == Counter(), "kept, never sent"
    assert sum(sent.values()) > 500


def test_extractors_and_streams_are_asked_for_in_the_open(records: list[Stored]) -> None:
    """What yt-dlp posted and the cookies that it was given: sent, and kept without their values."""
    requests = [one.block for one in records if one.type == "request"]
    assert any(one.startswith(b"POST /youtubei/v1/player") and one.endswith(b"}") for one in requests)
    cookies = [line for one in requests for line in re.findall(rb"(?im)^cookie:.*$", one)]
    assert cookies and set(cookies) == {b"Cookie: [redacted]\r"}
    assert not any(b"solution429" in one for one in requests)


def test_a_body_lies_beside_the_warc_exactly_if_a_ledger_accounts_for_it(records: list[Stored]) -> None:
    heads = {one.id for one in records if one.get("WARC-Truncated")}
    served = stored.chunks(records)
    assert heads == {answer for answer, chunk in served.items() if "aes-128" not in chunk["undone"]}
    assert len(heads) > 25
    for record in records:
        if record.id in heads:
            assert record.type == "response" and record.block.endswith(b"\r\n\r\n")
            assert record.get("WARC-Payload-Digest") is None


def test_every_chunk_is_the_part_of_the_file_that_it_says(records: list[Stored]) -> None:
    served = stored.chunks(records)
    for chunk in served.values():
        assert sha256(stored.part(chunk)).hexdigest() == chunk["sha256"]
        assert chunk["undone"] or chunk["payload_sha256"] == chunk["sha256"]
    assert {step for chunk in served.values() for step in chunk["undone"]} == {"aes-128"}


def test_the_chunks_of_each_file_tile_it(filmed: Filmed) -> None:
    count = 0
    for told in ledgers(filmed.folder):
        count += 1
        ends = [(one["offset"], one["offset"] + one["length"]) for one in told["chunks"]]
        assert ends[0][0] == 0 and ends[-1][1] == told["bytes"]
        assert all(before[1] == after[0] for before, after in pairwise(ends))
        assert (filmed.folder.archive / told["media"]).stat().st_size == told["bytes"]
    assert count == sum(map(len, SERVED.values()))  # one for each stream, however many sources cite its film


def test_a_ledger_refers_to_its_first_answer_and_is_told_by_one_entry(filmed: Filmed, records: list[Stored]) -> None:
    told = {one.id: one for one in records if one.get("Content-Type") == LEDGER}
    for record in told.values():
        first = next(line for line in stored.chunks([record]).items() if line[1]["offset"] == 0)
        assert (record.get("WARC-Refers-To"), record.url) == (first[0], first[1]["url"])
    entries = filmed.folder.entries("capture")
    named = [f"<{one['id']}>" for entry in entries for one in entry["records"]]
    assert sorted(named) == sorted(one.id for one in records if one.type != "warcinfo")
    pointed = {f"<{one['ledger']['id']}>" for entry in entries for one in of_role(entry, *STREAMS)}
    assert pointed == told.keys()


def test_a_large_film_comes_in_ranges(filmed: Filmed) -> None:
    entry = filmed.captures()["https://www.youtube.com/watch?v=big-0000000"]
    (picture,) = of_role(entry, "video")
    assert body(filmed.folder, picture) == BIG.body()
    told = ledger(filmed.folder, picture)["chunks"]
    starts = (0, RANGE, 2 * RANGE)
    assert [(one["offset"], one["status"], one["range"]) for one in told] == [
        (start, 206, f"bytes {start}-{min(start + RANGE, len(BIG.body())) - 1}/{len(BIG.body())}") for start in starts
    ]
    asked = [one.request for one in filmed.log() if one.target in told[0]["url"] and one.path == "/videoplayback"]
    assert [re.findall(rb"\r\nRange: bytes=(\d+)-", one) for one in asked] == [[b"%d" % start] for start in starts]


def test_warcio_finds_no_digest_wrong(filmed: Filmed) -> None:
    command: list[str | Path] = [Path(sys.executable).with_name("warcio"), "check", "-v", *filmed.folder.warcs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") > 500 and "digest failed" not in done.stdout


def test_the_archive_is_sound(filmed: Filmed) -> None:
    verified = filmed.folder.verify("--deep", "--no-record")
    assert verified.code == 0 and verified.findings() == verified.findings("warning") == []
    assert list((filmed.folder.archive / "tmp").iterdir()) == []
