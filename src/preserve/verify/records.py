"""One record as it was inflated against what its entry says of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from preserve.model import Json
from preserve.verify.shape import Problem
from preserve.warc.walk import Member

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_DIGEST = re.compile(rb"sha256:([0-9a-f]{64})")
_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of no bytes


def title(record: Mapping[str, Json]) -> str:
    return f"{record['type']} {_text(record['url'])[:200]} ({record['id']})"


def problems(member: Member, record: Mapping[str, Json], info: bytes | None) -> Iterator[Problem]:
    """Where header, digests and entry do not say the same; `info`: id of the warcinfo record of the file."""
    yield from digest_problems(member)
    if member.version != b"WARC/1.1":
        yield "record-disagrees", f"it is {member.version.decode('ascii')}"
    for name, stated in _stated(record).items():
        value = member.fields.get(name, b"").strip(b"<>").decode("ascii")
        if value != stated and not (name == b"warc-target-uri" and value == quote(stated, safe=_PRINTABLE)):
            yield "record-disagrees", f"{name.decode('ascii')} is {value[:200]!r}, the entry says {stated[:200]!r}"
    if info is not None and member.fields.get(b"warc-warcinfo-id", info) != info:
        yield "record-disagrees", "warc-warcinfo-id is not that of the first record"
    yield from _payload(member, record)


def _stated(record: Mapping[str, Json]) -> Mapping[bytes, str]:
    """What the header must say: "" where the field must be absent."""
    refers = record["refers_to"]
    stated = {
        b"warc-record-id": record["id"].strip("<>"),
        b"warc-type": record["type"],
        b"warc-date": record["date"],
        b"warc-target-uri": _text(record["url"]),
        b"warc-truncated": record["truncated"] or "",
        b"content-length": str(record["bytes"]),
    }
    if refers or record["type"] != "metadata":  # of a wire ledger it names an answer, which its entry leaves out
        stated[b"warc-refers-to"] = refers["id"].strip("<>") if refers else ""
    return stated


def digest_problems(member: Member) -> Iterator[Problem]:
    """The block digest must be there, be SHA-256, and be right."""
    stated = member.get(b"warc-block-digest")
    match = _DIGEST.fullmatch(stated or b"")
    if match is None:
        yield "record-digest", f"the block digest is {(stated or b'missing')[:80].decode('ascii')!r}, not SHA-256"
    elif match[1].decode("ascii") != member.block_sha256:
        yield "record-digest", "the block does not have the digest that the header states"


def _payload(member: Member, record: Mapping[str, Json]) -> Iterator[Problem]:
    """The payload digest of header and entry agree, and the payload has it."""
    stated = record["payload_sha256"]
    header = member.get(b"warc-payload-digest")
    if header is not None and header.decode("ascii") != f"sha256:{stated}":
        yield "record-disagrees", "the payload digest is not that of the entry"
    if header is None and stated and record["type"] in ("response", "revisit"):
        yield "record-disagrees", "the header has no payload digest, the entry has one"
    # A revisit holds no payload. An answer without a readable head is all payload, or no payload at all.
    possible = (member.payload_sha256, member.block_sha256, _NOTHING)
    if stated and record["type"] != "revisit" and stated not in possible:
        yield "record-digest", "the payload does not have the digest that the entry states"


def not_the_target(revisit: Mapping[str, Json], target: Mapping[str, Json] | None) -> str:
    """Why the record is not the one that the revisit stands for; "" if it is."""
    if target is None:
        return "no entry names the record it refers to"
    refers = revisit["refers_to"]
    for key in ("id", "sha256", "url", "date"):
        if key in refers and refers[key] != target[key]:
            return f"the record it refers to has another {key}"
    if revisit["type"] == "revisit" and target["payload_sha256"] != revisit["payload_sha256"]:
        return "the record it refers to has another payload"
    return ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
