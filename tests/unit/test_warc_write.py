"""A record is what the wire said, and no byte of it can forge another."""

from __future__ import annotations

import gzip
import hashlib
import io
import tempfile
from datetime import UTC, datetime
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from preserve.model import Connection, Exchange, Tls
from preserve.network.spool import Spool
from preserve.warc import write

MOMENT = datetime(2026, 11, 22, 15, 14, 5, 123456, tzinfo=UTC)


def exchange(body: bytes = b"body", **changes: Any) -> Exchange:
    spool = Spool(tempfile.TemporaryFile)
    spool.write(body)
    head = changes.pop("head", b"HTTP/1.1 200 OK\r\nX: \xff\xe9\r\nbad line\r\n\r\n")
    facts: dict[str, Any] = {
        "url": "http://example.org/a?b=@c",
        "method": "GET",
        "started": MOMENT,
        "ended": MOMENT,
        "connection": Connection("example.org", 80, "192.0.2.1", ("192.0.2.1",), None, None),
        "request": b"GET /a?b=@c HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "interim": b"",
        "head": head,
        "status": 200,
        "headers": (),
        "body": spool,
        "chunked": False,
        "block_sha256": hashlib.sha256(head + body).hexdigest(),
        "payload_sha256": hashlib.sha256(body).hexdigest(),
    }
    return Exchange(**{**facts, **changes})


def packed(record: write.Record) -> bytes:
    return b"".join(write.member(record))


def fields(record: write.Record) -> dict[str, str]:
    return dict(record.headers)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"y" * (1 << 20), b"z" * (3 << 20)], ids=["empty", "one", "whole", "streamed"]
)
@pytest.mark.parametrize("kind", ["text/html", "image/jpeg"])
def test_a_response_is_kept_to_the_byte_in_one_member(body: bytes, kind: str) -> None:
    one = exchange(body, headers=(("Content-Type", kind),))
    data = packed(write.response(one, "urn:uuid:i", "urn:uuid:r"))
    head, _, rest = gzip.decompress(data).partition(b"\r\n\r\n")
    assert rest == one.head + body + b"\r\n\r\n"
    assert f"Content-Length: {len(one.head) + len(body)}".encode() in head
    one.body.close()


def test_readers_that_are_not_ours_accept_it() -> None:
    one = exchange(head=b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n")
    stream = io.BytesIO(
        packed(write.request(one, "urn:uuid:i")) + packed(write.response(one, "urn:uuid:i", "urn:uuid:r"))
    )
    kinds = []
    for record in ArchiveIterator(stream, check_digests="raise"):
        record.content_stream().read()
        kinds.append(record.rec_type)
    assert kinds == ["request", "response"]


def test_what_is_truncated_says_so_and_has_no_payload_digest() -> None:
    found = fields(write.response(exchange(truncated="length"), "urn:uuid:i", "urn:uuid:r"))
    assert found["WARC-Truncated"] == "length" and "WARC-Payload-Digest" not in found


def test_a_revisit_names_what_it_revisits() -> None:
    original = {"id": "urn:uuid:o", "url": "http://example.org/é", "date": "2026-01-01T00:00:00.000000Z"}
    one = exchange()
    record = write.revisit(one, "urn:uuid:i", "urn:uuid:r", original)
    found = fields(record)
    assert found["WARC-Refers-To"] == "<urn:uuid:o>"
    assert found["WARC-Refers-To-Target-URI"] == "http://example.org/%C3%A9"
    assert found["WARC-Payload-Digest"] == f"sha256:{one.payload_sha256}"
    assert b"".join(record.blocks()) == one.head


@pytest.mark.parametrize("bad", ["a\r\nWARC-Payload-Digest: sha256:0", "a\nb", "a\0", "\x1b[31m", "\u202e", "é"])
def test_no_control_byte_enters_a_header(bad: str) -> None:
    record = write.Record("metadata", "urn:uuid:x", "2026", (("X", bad),), b"")
    with pytest.raises(ValueError, match="printable"):
        packed(record)


@pytest.mark.parametrize("bad", ["http://e/\r\nX: 1", "http://e/\u202e", "http://e/ \t"])
def test_urls_are_percent_encoded(bad: str) -> None:
    data = gzip.decompress(packed(write.request(exchange(url=bad), "urn:uuid:i")))
    assert b"\r\nX: 1" not in data.partition(b"\r\n\r\n")[0]


def test_secrets_are_redacted_and_digests_are_over_what_is_stored() -> None:
    sent = b"GET / HTTP/1.1\r\nCookie: canary\r\nHost: e\r\nAuthorization: Basic canary\r\n\r\n"
    record = write.request(exchange(request=sent), "urn:uuid:i")
    block = b"".join(record.blocks())
    assert block == b"GET / HTTP/1.1\r\nCookie: [redacted]\r\nHost: e\r\nAuthorization: [redacted]\r\n\r\n"
    assert fields(record)["WARC-Block-Digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"


def test_tls_facts() -> None:
    tls = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", "system", None, (b"der",))
    connection = Connection("e", 443, None, (), "socks5h://p:1", tls)
    record = write.request(exchange(connection=connection), "urn:uuid:i")
    assert [v for k, v in record.headers if k == "WARC-Protocol"] == ["http/1.1", "tls/1.3"]
    assert "WARC-IP-Address" not in fields(record)


def test_what_is_packed_already_is_stored() -> None:
    noise = hashlib.sha256(b"x").digest() * 4000
    one = exchange(noise, headers=(("Content-Type", "image/jpeg; q=1"),))
    assert noise[:1000] in packed(write.response(one, "urn:uuid:i", "urn:uuid:r"))
    two = exchange(noise, headers=(("Content-Encoding", "gzip"), ("Content-Type", "text/html")))
    assert noise[:1000] in packed(write.response(two, "urn:uuid:i", "urn:uuid:r"))
