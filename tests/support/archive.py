"""A second, tiny writer of archives, from docs/FORMAT.md alone and with the standard library where it can be.

It shares nothing with preserve.archive: what verify says of its archives, it says of the format. Everything is
deterministic, so that an archive is the same in every run of the tests.
"""

from __future__ import annotations

import gzip
import json
from base64 import b32encode, b64encode
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "test.example/archive"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RUN = "ab" * 16
WARC = "warc/2026/11/PRESERVE-20261122T151405Z-abababababab-00000.warc.gz"
PEM_HEAD = bytes.fromhex("302a300506032b6570032100")
FILM = "https://media.example.org/v.mp4"
LEDGER = "application/x.preserve-media+json"
MOVING = b"\x00moving" * 20
Received = tuple[list[dict[str, Any]], dict[str, Any]]  # records, and what is said of them elsewhere
GONE = "http://gone.example.org/page?id=%40"
ARCHIVED = "2016-03-02T12:00:00.000000Z"
COPY = f"https://web.archive.org/web/20160302120000/{GONE}"
CRAWL = "https://data.commoncrawl.org/crawl-data/CC-MAIN-2016-07/1.warc.gz"
PAGE = b"<title>Hello</title>" + b"<p>evidence</p>" * 30


def hex256(data: bytes) -> str:
    return sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def time(second: int) -> str:
    return (datetime(2026, 11, 22, 15, microsecond=123456) + timedelta(seconds=second)).isoformat() + "Z"


def sign(lines: list[bytes], moment: str, *, origin: str = ORIGIN, key: Ed25519PrivateKey = KEY) -> bytes:
    text = f"{origin}\n{len(lines)}\n{b64encode(merkle(lines)).decode()}\ntime {moment}\n".encode()
    public = key.public_key().public_bytes_raw()
    key_id = sha256(f"{origin}\n".encode() + b"\x01" + public).digest()[:4]
    return text + f"\n— {origin} {b64encode(key_id + key.sign(text)).decode()}\n".encode()


def record(kind: str, headers: dict[str, str], block: bytes, *, digest: bool = True) -> bytes:
    """The bytes inside a member."""
    fields = {"WARC-Type": kind, **headers}
    if digest:
        fields["WARC-Block-Digest"] = f"sha256:{hex256(block)}"
    fields["Content-Length"] = str(len(block))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.1\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def member(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


class Builder:
    """Writes an archive from its beginning. Changing an argument of a method is how tests make odd ones."""

    def __init__(self, root: Path, key: Ed25519PrivateKey = KEY) -> None:
        self.root, self.key = root, key
        self.lines: list[bytes] = []
        self.run = RUN
        self.count = 0
        self.warc = bytearray()
        self.warcinfo = ""
        self.members = 0

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def number(self) -> int:
        self.count += 1
        return self.count

    def entry(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Appends one entry; `fields` may replace common keys."""
        number = self.number()
        common = {"v": 1, "t": kind, "seq": len(self.lines), "id": hex256(b"%d" % number)[:32], "time": time(number)}
        entry = {**common, "run": self.run, **fields}
        self.append(canonical(entry))
        return entry

    def append(self, line: bytes) -> None:
        self.lines.append(line)
        manifest = self.root / f"manifest/{(len(self.lines) - 1) // 16384 * 16384:012d}.jsonl"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        with manifest.open("ab") as file:
            file.write(line)

    def genesis(self, **fields: Any) -> None:
        public = self.key.public_key().public_bytes_raw()
        key_id = sha256(f"{ORIGIN}\n".encode() + b"\x01" + public).digest()[:4]
        files = {
            "README.txt": b"This is an archive.\n",
            "archive.json": canonical({"format": 1, "origin": ORIGIN, "public_key": b64encode(public).decode()}),
            "keys/log.pub.pem": b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            % b64encode(PEM_HEAD + public),
            "keys/log.vkey": f"{ORIGIN}+{key_id.hex()}+{b64encode(b'%c' % 1 + public).decode()}\n".encode(),
        }
        for path, data in files.items():
            self.write(path, data)
        self.write("lock", b"")
        for folder in ("tmp", "index"):
            (self.root / folder).mkdir(exist_ok=True)
        pinned = {path: {"bytes": len(data), "sha256": hex256(data)} for path, data in files.items()}
        founding = {"format": 1, "origin": ORIGIN, "public_key": b64encode(public).decode(), "files": pinned}
        self.entry("genesis", **{**founding, "software": "test 1", **fields})

    def start_warc(self) -> None:
        self.warcinfo = f"urn:uuid:warcinfo-{self.number()}"
        headers = {
            "WARC-Record-ID": f"<{self.warcinfo}>",
            "WARC-Date": time(0),
            "Content-Type": "application/warc-fields",
        }
        self.store(member(record("warcinfo", headers, b"software: test\r\n")))

    def store(self, data: bytes) -> dict[str, Any]:
        """Appends one member to the WARC file; its place and hash."""
        place = {"file": WARC, "offset": len(self.warc), "length": len(data), "sha256": hex256(data)}
        self.warc += data
        self.members += 1
        self.write(WARC + ".open", bytes(self.warc))
        return place

    def record(self, kind: str, url: str, block: bytes, *, date: str, **options: Any) -> dict[str, Any]:
        """Stores one record and returns what its entry says. `change` alters the bytes inside, `headers` adds some,
        `cut` is why it is truncated."""
        name = f"urn:uuid:{hex256(b'record %d' % self.number())[:32]}"
        head_end = block.find(b"\r\n\r\n") + 4
        payload = options.get("payload") or hex256(block[head_end:] if kind in ("request", "response") else block)
        cut = options.get("cut")
        headers = {
            "WARC-Record-ID": f"<{name}>",
            "WARC-Date": date,
            "WARC-Target-URI": url,
            "WARC-Warcinfo-ID": f"<{self.warcinfo}>",
            **({"WARC-Truncated": cut} if cut else {"WARC-Payload-Digest": f"sha256:{payload}"}),
            "Content-Type": "application/pem-certificate-chain"
            if kind == "metadata"
            else f"application/http; msgtype={kind}",
            **options.get("headers", {}),
        }
        change: Callable[[bytes], bytes] = options.get("change") or (lambda data: data)
        place = self.store(member(change(record(kind, headers, block))))
        return {
            "type": kind, "id": name, "url": url, "date": date, **place,
            "payload_sha256": None if cut else payload,
            "content_sha256": None, "content_bytes": None, "mime": None, "bytes": len(block), "status": None,
            "truncated": cut, "flaws": [], "refers_to": None,
        }  # fmt: skip

    def exchange(self, url: str, page: bytes = PAGE, **options: Any) -> list[dict[str, Any]]:
        date = time(self.number())
        asked = self.record("request", url, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", date=date)
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
        return [asked, self.record("response", url, answer, date=date, **options)]

    def revisit(self, original: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
        url, date = original["url"], time(self.number())
        asked = self.record("request", url, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", date=date)
        headers = {
            "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
            "WARC-Refers-To": f"<{original['id']}>",
            "WARC-Refers-To-Target-URI": url,
            "WARC-Refers-To-Date": original["date"],
        }
        again = self.record(
            "revisit", url, b"HTTP/1.1 200 OK\r\n\r\n", date=date, headers=headers, payload=original["payload_sha256"]
        )
        again["refers_to"] = {
            k: original[k] for k in ("id", "file", "offset", "length", "sha256", "url", "date")
        } | changes
        return [asked, again]

    def capture(self, listed: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        url = listed[0]["url"]
        nothing = {"citations": [], "hops": [], "parts": [], "media": [], "errors": [], "signals": []}
        asked = {"source": url, "key": url, "request_url": url, "final_url": url}
        return self.entry(
            "capture", **{**nothing, **asked, "outcome": "captured", "reason": "ok", "records": listed, **fields}
        )

    def lost(self, url: str = GONE) -> dict[str, Any]:
        """A visit that brought nothing."""
        asked = self.record("request", url, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", date=time(self.number()))
        return self.capture([asked], outcome="lost", reason="gone", answer=None)

    def copy(self, served: bytes, of: dict[str, Any], at: str = COPY, **options: Any) -> dict[str, Any]:
        """An import whose answer is these bytes, instead of the capture `of`. `memento` replaces what it says of the
        copy, None says nothing; `states` replaces what it says of the answer's record; the rest replaces fields."""
        date, change, states = time(self.number()), options.pop("memento", {}), options.pop("states", {})
        asked = self.record("request", at, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", date=date)
        came = self.record("response", at, served, date=date) | states
        about = {
            "uri": COPY, "time": ARCHIVED, "url": of["source"], "status": 200, "mime": "text/html", "content_sha256": None,
            "content_bytes": None, "digest": None, "verified": None, "wrapped": None, "headers": [["Server", "a"]],
            "why": "nearest",
        }  # fmt: skip
        return self.entry("import", **{
            "source": of["source"], "key": of["key"], "citations": [], "capture": of["id"], "started": date, "ended": date,
            "tools": {}, "outcome": "recovered", "reason": "memento", "signals": [], "archive": "wayback",
            "memento": None if change is None else about | change, "asked": [{"archive": "wayback", "found": 1, "error": None}],
            "hops": [], "records": [asked, came], "answer": came["id"], "errors": [], "previous": None, "change": "first",
            "truncated": None, "tries": 0, "parts": [], "films": [], "media": [], **options,
        })  # fmt: skip

    def plain_copy(self, of: dict[str, Any], page: bytes = PAGE, head: bytes = b"", **options: Any) -> dict[str, Any]:
        """As the Wayback Machine gives it; `digest`: of other bytes than `page`."""
        of_page = options.pop("digest", page)
        memento = {
            "digest": b32encode(sha1(of_page).digest()).decode(),
            "verified": "sha1",
            **options.pop("memento", {}),
        }
        return self.copy(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + page, of, memento=memento, **options)

    def wrapped_copy(self, of: dict[str, Any], page: bytes = PAGE, head: bytes = b"", **options: Any) -> dict[str, Any]:
        """As Common Crawl gives it: a gzip member with its own record. `inside` alters what is in it, `member` itself."""
        block = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + page
        fields = {
            "WARC-Date": ARCHIVED[:19] + "Z", "WARC-Record-ID": "<urn:uuid:1>", "WARC-Target-URI": of["source"],
            "Content-Type": "application/http; msgtype=response",
        }  # fmt: skip
        data = options.pop("inside", lambda data: data)(record("response", fields, block, digest=False))
        wrapper = options.pop("member", lambda data: data)(member(data))
        content, of_page = options.pop("content", page), options.pop("digest", page)
        memento = {
            "wrapped": "warc", "digest": b32encode(sha1(of_page).digest()).decode(), "verified": "sha1",
            "content_sha256": hex256(content), "content_bytes": len(content), **options.pop("memento", {}),
        }  # fmt: skip
        answer = b"HTTP/1.1 206 Partial Content\r\nServer: s3\r\n\r\n" + wrapper
        return self.copy(answer, of, CRAWL, memento=memento, archive="commoncrawl", **options)

    def media(self, data: bytes) -> dict[str, Any]:
        digest = hex256(data)
        path = f"media/sha256/{digest[:2]}/{digest}.mp4"
        self.write(path, data)
        return {"path": path, "sha256": digest, "bytes": len(data), "mime": "video/mp4", "role": "video"}

    def chunk(self, data: bytes, offset: int, length: int, *, framed: bool = False) -> Received:
        """One part of a file: request, head of the answer, and what the ledger says of it."""
        url, date, part = FILM, time(self.number()), data[offset : offset + length]
        said = f"bytes {offset}-{offset + length - 1}/{len(data)}"
        asked = self.record("request", url, b"GET /v.mp4 HTTP/1.1\r\nHost: a\r\n\r\n", date=date)
        head = f"HTTP/1.1 206 Partial Content\r\nContent-Range: {said}\r\n\r\n".encode()
        answer = self.record("response", url, head, date=date, cut="length")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(part), part) if framed else part
        return [asked, answer], {
            "url": url, "status": 206, "range": said, "offset": offset, "length": length, "sha256": hex256(part),
            "payload_sha256": hex256(body), "undone": ["chunk framing"] if framed else [], "response": answer["id"],
            "truncated": None,
        }  # fmt: skip

    def ledger(self, item: dict[str, Any], chunks: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        """The record that accounts for a media file. `change` gets what it says, and returns that or another block."""
        account = {"v": 1, "media": item["path"], "sha256": item["sha256"], "bytes": item["bytes"], "chunks": chunks}
        headers = {"Content-Type": LEDGER, "WARC-Refers-To": f"<{chunks[0]['response']}>", **options.get("headers", {})}
        changed = options.get("change", lambda same: same)(deepcopy(account))
        block = changed if isinstance(changed, bytes) else canonical(changed)
        return self.record("metadata", chunks[0]["url"], block, date=time(self.number()), headers=headers)

    def film(self, data: bytes = MOVING, size: int = 50, **options: Any) -> Received:
        """A media file received in chunks of `size` bytes, the second of them with chunk framing: records and item."""
        chunks = [
            self.chunk(data, at, min(size, len(data) - at), framed=at == size) for at in range(0, len(data), size)
        ]
        item = self.media(data)
        record = self.ledger(item, [said for _, said in chunks], **options)
        item["ledger"] = {key: record[key] for key in ("id", "file", "offset", "length", "sha256")}
        return [*(one for records, _ in chunks for one in records), record], item

    def seal(self, **fields: Any) -> None:
        self.close_warc()
        stated = {"file": WARC, "bytes": len(self.warc), "sha256": hex256(bytes(self.warc))}
        self.entry("seal", **{**stated, "records": self.members, "why": "end", **fields})

    def close_warc(self) -> None:
        (self.root / (WARC + ".open")).rename(self.root / WARC)

    def note(self) -> bytes:
        """Writes the checkpoint over all lines."""
        data = sign(self.lines, time(self.number()), key=self.key)
        self.write(f"checkpoints/{len(self.lines):012d}.note", data)
        return data

    def checkpoint(self, **fields: Any) -> bytes:
        data = self.note()
        self.append(canonical({**self.derived(data), **fields}))
        return data

    def derived(self, note: bytes) -> dict[str, Any]:
        """The entry that follows from a note."""
        _, size, _, moment, *_ = note.decode().splitlines()
        return {
            "v": 1, "t": "checkpoint", "seq": int(size), "id": hex256(note)[:32], "time": moment.removeprefix("time "),
            "run": json.loads(self.lines[-1])["run"], "size": int(size), "root": merkle(self.lines).hex(),
            "note": f"checkpoints/{int(size):012d}.note", "sha256": hex256(note),
        }  # fmt: skip

    def verified(self, level: str = "full") -> None:
        counts = dict.fromkeys(("damage", "warnings", "bytes", "files", "records"), 0)
        self.entry("verify", level=level, sound=True, **counts)


def small(root: Path) -> Builder:
    """A sound archive with one of everything: request, response, revisit, metadata, media and their ledger, torn tail,
    seal, notes."""
    builder = Builder(root)
    builder.genesis()
    builder.entry("run", event="start", tools={}, due=3)
    builder.start_warc()
    first = builder.exchange("https://example.org/a")
    chain = builder.record("metadata", "https://example.org/a", b"-----BEGIN CERTIFICATE-----\n", date=first[1]["date"])
    builder.capture([*first, chain])
    builder.capture(builder.revisit(first[1]))
    builder.checkpoint()
    page, (records, item) = builder.exchange("https://example.org/v", b"video page"), builder.film()
    builder.capture([*page, *records], films=[], media=[item])
    builder.seal()
    torn = b'{"t":"capt'
    path = "manifest/000000000000.jsonl.1234.torn"
    builder.write(path, torn)
    pin = {"path": path, "bytes": len(torn), "sha256": hex256(torn)}
    builder.entry("recover", file="manifest/000000000000.jsonl", kept=1234, torn=pin, why="unfinished line")
    builder.entry("run", event="end", summary={}, ended="done")
    builder.checkpoint()
    builder.verified()
    builder.checkpoint()
    return builder


def recovered(root: Path) -> Builder:
    """A sound archive with copies of web archives: as they were archived, in a record of the archive's own, the same
    once more, and archives that were asked in vain."""
    builder = Builder(root)
    builder.genesis()
    builder.start_warc()
    lost = builder.lost()
    content = {"content_sha256": hex256(PAGE), "content_bytes": len(PAGE), "headers": [["Content-Type", "text/html"]]}
    builder.plain_copy(
        lost, memento=content, tools={"preserve": "1"}, signals=["the SHA-1 of the body is the archive's"]
    )
    wrapped = builder.wrapped_copy(lost, memento={"why": "best-later"})
    again = builder.revisit(wrapped["records"][1])
    builder.checkpoint()
    listed = {"records": again, "answer": again[1]["id"], "archive": "commoncrawl", "memento": wrapped["memento"]}
    builder.entry("import", **{**_said(wrapped), "capture": builder.lost()["id"], **listed})
    nothing = {"outcome": "lost", "reason": "gone", "archive": None, "memento": None, "answer": None, "records": []}
    asked = [
        {"archive": "wayback", "found": 0, "error": None},
        {"archive": "arquivo", "found": None, "error": "no answer"},
    ]
    builder.entry("import", **{**_said(wrapped), **nothing, "capture": builder.lost()["id"], "asked": asked})
    builder.seal()
    builder.checkpoint()
    return builder


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in ("v", "t", "seq", "id", "time", "run")}


def in_hand(root: Path) -> Builder:
    """As a run leaves it in the middle: the WARC open, two captures committed and covered."""
    builder = Builder(root)
    builder.genesis()
    builder.start_warc()
    builder.capture(builder.exchange("https://example.org/a"))
    builder.capture(builder.exchange("https://example.org/b"))
    builder.checkpoint()
    return builder
