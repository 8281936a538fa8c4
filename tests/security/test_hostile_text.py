"""What strangers wrote stays text: it moves no cursor, forges no line and no header, in any output of any command."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest

from tests.faults.program import Done, Workplace
from tests.universe import Authority, Universe

ESC, CSI, RLO, ISOLATE = "\x1b]0;owned\x07", "\x9b2J", "\u202e", "\u2066"
FORGED = "preserve: all is well"
EVIL = f"{ESC}{CSI}{RLO}{ISOLATE}\x08\x7f"
# LF ends a line, all else acts on a terminal or reorders what stands in a line.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
HOST = "http://www.vdc-sy.info"
NAME = f"rep{EVIL}\r\n{FORGED}\r\nort.md"  # a name that Linux allows
# A document with control bytes is no text, so they come as HTML has them.
ANCHOR = f"evil {RLO}{ISOLATE} &#27;\\]0;owned&#7; &#x85;&#10;{FORGED} title"
REPORT = f"[{ANCHOR}]({HOST}/title) [b]({HOST}/type) [c]({HOST}/location) [d]({HOST}/reason) [e]({HOST}/injection)\n"
HAND = [f"{HOST}/hand{ESC}{RLO}x", f"{HOST}/a%0d%0aWARC-Type:%20evil"]
MALFORMED = f"http://{RLO}{ESC}.example/"
FAULTS = {
    "/title": {"body": f"<title>{EVIL}\r\n{FORGED}</title><img src='/{ESC}{RLO}\r\nx.png'>"},
    "/type": {"headers": {"Content-Type": f"text/{ESC}\x9b\rWARC-Type: evil"}, "body": "x"},
    "/location": {"status": 302, "headers": {"Location": f"http://{ESC}\x9b\r{FORGED}/"}},
    "/injection": {"status": 302, "headers": {"Location": f"{HOST}/x\rWARC-Payload-Digest: sha256:00\x0b{ESC}\x9b"}},
    "/reason": {"status": 503, "headers": {"Retry-After": f"{ESC}\r{FORGED}"}, "body": EVIL},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("hostile")
    with Universe(folder / "universe", authority=universe_ca) as universe:
        for path, options in FAULTS.items():
            universe.fault("www.vdc-sy.info", "page", path=path, **options)
        place = Workplace(folder / "work", universe.settings(), universe.environment(), report="")
        (place.folder / "documents" / NAME).write_text(REPORT)
        (place.folder / "sources.txt").write_text("".join(f"{line}\n" for line in (*HAND, MALFORMED)))
        place.preserve("run")
        (place.archive / "warc" / f"str{EVIL}\n{FORGED}").write_text("x")
        yield place


def assert_safe(done: Done) -> None:
    assert done.code in (0, 2, 3, 4), (done.code, done.err)
    for line in (done.out + done.err).splitlines():
        assert not line.startswith(FORGED), "a forged line"
    raw = RAW.search(done.out + done.err)
    assert raw is None, f"{raw[0]!r} in {(done.out + done.err)[max(0, raw.start() - 200) : raw.end() + 50]!r}"


COMMANDS = [
    ["run", "--force"], ["run", "--force", "--json"], ["run", "--dry-run", "--force", "--json"], ["status"], ["status", "--json"], ["list"],
    ["list", "--json"], ["extract"], ["extract", "--jsonl"], ["extract", "--plain"],
    ["verify", "--deep"], ["verify", "--deep", "--json"], ["show", f"{ESC}{RLO}"],
    ["extract", f"no{EVIL}\nsuch.md"], [f"com{EVIL}mand"], ["run", f"--op{EVIL}tion"],
    ["run", "--max-time", f"{EVIL}"], ["--config", f"no{EVIL}such.toml", "run"], ["verify", "--against", f"no{EVIL}such"],
    ["list", f"*{EVIL}*"], ["config", "show"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command))[1:40])
def test_no_command_lets_remote_text_act(place: Workplace, command: list[str]) -> None:
    assert_safe(place.preserve(*command))


def test_the_whole_record_of_each_capture_is_shown_safely(place: Workplace) -> None:
    captures = {entry["source"]: entry["id"] for entry in place.captures}
    assert len(captures) == len(HAND) + len(FAULTS)
    for capture in captures.values():
        assert_safe(place.preserve("show", capture))
    assert_safe(place.preserve("show", next(iter(captures.values())), "--json"))


def test_no_warc_header_is_injected(place: Workplace) -> None:
    """Each header line is one of ours: a known name, printable ASCII, each name once."""
    known = {
        "WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Filename", "WARC-Block-Digest", "WARC-Payload-Digest",
        "Content-Type", "Content-Length", "WARC-Target-URI", "WARC-Warcinfo-ID", "WARC-Concurrent-To", "WARC-Protocol",
        "WARC-Cipher-Suite", "WARC-IP-Address", "WARC-Truncated", "WARC-Profile", "WARC-Refers-To",
        "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date",
    }  # fmt: skip
    heads = [head for path in place.archive.rglob("*.warc.gz") for head in warc_heads(path.read_bytes())]
    assert len(heads) > 10
    for head in heads:
        version, *lines = head.split(b"\r\n")
        assert version == b"WARC/1.1"
        assert all(re.fullmatch(rb"[A-Za-z-]+: [\x20-\x7e]+", line) for line in lines), head
        names = [line.partition(b":")[0].decode() for line in lines]
        assert set(names) <= known, head
        repeated = {name for name in names if names.count(name) > 1} - {"WARC-Protocol", "WARC-Concurrent-To"}
        assert not repeated, head
        kind = next(line for line in lines if line.startswith(b"WARC-Type: "))
        assert kind.removeprefix(b"WARC-Type: ") in (b"warcinfo", b"request", b"response", b"revisit", b"metadata")


def warc_heads(data: bytes) -> Iterator[bytes]:
    """Of each record, found by its length alone."""
    text, at = gzip.decompress(data), 0
    while at < len(text):
        end = text.index(b"\r\n\r\n", at)
        head = text[at:end]
        length = re.findall(rb"\r\nContent-Length: (\d+)(?=\r\n|\Z)", head)
        assert len(length) == 1, head
        yield head
        at = end + 4 + int(length[0])
        assert text[at : at + 4] == b"\r\n\r\n"
        at += 4


def test_hostile_text_is_kept_as_it_was(place: Workplace) -> None:
    """Safe on the screen, exact in the archive."""
    entry = next(entry for entry in place.captures if entry["source"] == f"{HOST}/title")
    assert entry["citations"][0]["document"] == f"documents/{NAME}"
    assert RLO in entry["citations"][0]["anchor"]
    assert EVIL.encode() in place.every_byte(), "the title of the page"
