"""What is stored is what was on the wire, byte for byte, nothing left out and nothing invented; readers agree."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastWarc
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as Warcio  # type: ignore[import-untyped]

from tests.universe import stored
from tests.universe.conftest import Archived
from tests.universe.stored import Stored

REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
KINDS = {"warcinfo", "request", "response", "revisit", "metadata"}
TEXT_OF_CHAIN = "application/pem-certificate-chain"


@pytest.fixture(scope="module")
def records(archived: Archived) -> list[Stored]:
    return [record for file in archived.folder.warcs for record in stored.read(file)]


def test_the_log_and_the_archive_hold_the_same_exchanges(archived: Archived, records: list[Stored]) -> None:
    sent, kept = stored.sent(archived.universe.log), stored.kept(records)
    assert sent - kept == Counter(), "sent, not kept"
    assert kept - sent == Counter(), "kept, never sent"
    assert sum(sent.values()) > 100


def test_a_response_is_the_regular_part_of_one_exchange(archived: Archived, records: list[Stored]) -> None:
    """Compared whole, without any reading of heads: every response block stands in the log as it is."""
    wire = {(one.url, one.regular) for one in archived.universe.log}
    wire |= {(url, regular.partition(b"\r\n\r\n")[2]) for url, regular in wire}  # what follows an interim answer
    for record in records:
        if record.type == "response":
            assert (record.url, record.block) in wire


def test_the_interim_answer_is_kept_apart(archived: Archived, records: list[Stored]) -> None:
    early = [one.block for one in records if one.type == "metadata" and b"103 Early Hints" in one.block]
    assert early and set(early) == {
        b"HTTP/1.1 103 Early Hints\r\nLink: </images/map-300.jpg>; rel=preload; as=image\r\n\r\n"
    }
    assert not any(b"103 Early Hints" in one.block for one in records if one.type == "response")


def test_warcio_finds_every_digest_right(archived: Archived) -> None:
    warcio = Path(sys.executable).with_name("warcio")
    command: list[str | Path] = [warcio, "check", "-v", *archived.folder.warcs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") > 100
    assert "digest failed" not in done.stdout and "no digest" not in done.stdout


def test_fastwarc_finds_every_digest_right(archived: Archived) -> None:
    for file in archived.folder.warcs:
        count = 0
        for record in FastWarc(str(file)):
            count += 1
            if record.record_type == WarcRecordType.response:
                assert record.verify_payload_digest()
        checked = sum(1 for _ in FastWarc(str(file), verify_digests=True))  # skips what does not hold
        assert checked == count > 0


def test_three_readers_see_the_same_records(archived: Archived, records: list[Stored]) -> None:
    warcio, fast = [], []
    for file in archived.folder.warcs:
        with file.open("rb") as stream:
            warcio += [
                (one.rec_headers.get_header("WARC-Record-ID"), one.raw_stream.read())
                for one in Warcio(stream, no_record_parse=True)
            ]
        fast += [(one.headers["WARC-Record-ID"], one.reader.read()) for one in FastWarc(str(file), parse_http=False)]
    assert warcio == fast == [(one.id, one.block) for one in records]


# -- the header rules of docs/FORMAT.md section 4 -----------------------------------------------------------------
def test_every_record_is_of_a_known_kind_and_has_an_id_of_its_own(records: list[Stored]) -> None:
    assert {record.type for record in records} == KINDS
    assert len({record.id for record in records}) == len(records)
    assert all(record.id.startswith("<urn:uuid:") and record.id.endswith(">") for record in records)


def test_header_lines_hold_only_printable_ascii(records: list[Stored]) -> None:
    for record in records:
        assert all(line.isprintable() for line in record.head.decode("ascii").split("\r\n"))
        assert " " not in record.url


def test_block_and_payload_digests_are_over_the_bytes_as_stored(records: list[Stored]) -> None:
    for record in records:
        assert record.get("WARC-Block-Digest") == f"sha256:{sha256(record.block).hexdigest()}"
        if record.type == "response":
            payload = stored.split(record.block)[1]
            assert record.get("WARC-Payload-Digest") == f"sha256:{sha256(payload).hexdigest()}"
        assert record.get("WARC-Truncated") is None


def test_each_file_begins_with_its_warcinfo_and_every_record_names_it(archived: Archived) -> None:
    for file in archived.folder.warcs:
        first, *others = stored.read(file)
        assert first.type == "warcinfo" and first.get("WARC-Filename") == file.name
        assert first.get("WARC-Warcinfo-ID") is None
        assert b"software: preserve/" in first.block
        assert {record.get("WARC-Warcinfo-ID") for record in others} == {first.id}
        assert "warcinfo" not in {record.type for record in others}


def test_the_request_comes_first_and_answers_are_concurrent_to_it(records: list[Stored]) -> None:
    place = {record.id: number for number, record in enumerate(records)}
    kind = {record.id: record for record in records}
    wanted = {"response": {"request"}, "revisit": {"request"}, "metadata": {"response", "revisit"}}
    for record in records:
        if record.type in wanted:
            other = kind[record.get("WARC-Concurrent-To") or ""]
            assert other.type in wanted[record.type]
            assert place[other.id] < place[record.id] and other.file == record.file
            assert other.get("WARC-Date") == record.get("WARC-Date") and other.url == record.url
        else:
            assert record.get("WARC-Concurrent-To") is None


def test_protocol_cipher_and_no_address_behind_a_proxy(records: list[Stored]) -> None:
    for record in records:
        if record.type in ("request", "response", "revisit"):
            secure = record.url.startswith("https:")
            protocols = record.all("WARC-Protocol")
            assert protocols[0] == "http/1.1" and len(protocols) == 1 + secure
            assert not secure or protocols[1] in ("tls/1.2", "tls/1.3")
            assert bool(record.get("WARC-Cipher-Suite")) == secure
            assert (record.get("WARC-Cipher-Suite") or "TLS_").startswith("TLS_")
        assert record.get("WARC-IP-Address") is None  # the proxy resolved the name


def test_a_revisit_says_what_it_repeats(records: list[Stored]) -> None:
    known = {record.id: record for record in records if record.type == "response"}
    revisits = [record for record in records if record.type == "revisit"]
    assert len(revisits) > 50
    for record in revisits:
        original = known[record.get("WARC-Refers-To") or ""]
        assert record.get("WARC-Profile") == REVISIT
        assert record.get("WARC-Refers-To-Target-URI") == original.url == record.url
        assert record.get("WARC-Refers-To-Date") == original.get("WARC-Date")
        assert record.get("WARC-Payload-Digest") == original.get("WARC-Payload-Digest")
        assert record.block.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 404 ")) and record.block.endswith(b"\r\n\r\n")


def test_certificate_chains_are_kept_for_every_secure_host(records: list[Stored]) -> None:
    chains = [record for record in records if record.get("Content-Type") == TEXT_OF_CHAIN]
    secure = {record.url.split("/")[2] for record in records if record.url.startswith("https:")}
    assert {record.url.split("/")[2] for record in chains} == secure
    assert all(record.block.startswith(b"-----BEGIN CERTIFICATE-----\n") for record in chains)


def test_every_record_that_an_entry_names_lies_where_it_says(archived: Archived) -> None:
    for entry in archived.folder.entries("capture"):
        for record in entry["records"]:
            data = (archived.folder.archive / record["file"]).read_bytes()
            member = data[record["offset"] : record["offset"] + record["length"]]
            assert sha256(member).hexdigest() == record["sha256"]


def test_no_record_is_named_twice_or_by_nobody(archived: Archived, records: list[Stored]) -> None:
    named = [f"<{one['id']}>" for entry in archived.folder.entries("capture") for one in entry["records"]]
    assert sorted(named) == sorted(record.id for record in records if record.type != "warcinfo")
