"""What can go wrong, by name: one table of small coroutines for answers, and the names of what fails earlier.

A fault takes the exchange and does to it what the name says. Options are keyword arguments of `Universe.fault`; the
defaults below are the documentation. Unless a fault must end the connection, it stays open: the client has to decide.
"""

from __future__ import annotations

import asyncio
import fnmatch
import gzip
import re
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from isal import isal_zlib

from .exchange import Exchange
from .hosts import fates
from .hosts.materials import noise
from .messages import Reply, plain, redirect

MIB = 1024 * 1024
NEVER = 3600.0
WILD = frozenset("*?[")
HOP = re.compile(r"[?&]universe-hop=(\d+)")

AT_CONNECT = frozenset({"nxdomain", "refused", "blackhole"})
AT_PROXY = frozenset({"down", "stall", "garbage", "denied"})  # for the host "proxy"
CERTIFICATES = {
    "tls-expired": "expired",
    "tls-self-signed": "self-signed",
    "tls-wrong-host": "wrong-host",
    "tls-unknown-authority": "untrusted",
    "tls-old": "old",
}
AT_TLS = frozenset({*CERTIFICATES, "tls-handshake-abort", "tls-handshake-reset", "tls-stall"})


@dataclass(slots=True)
class Fault:
    """`host` may hold wildcards; `path` is a prefix of the target; `times` counts down, None is for ever; the option
    `skip` lets so many occasions pass first."""

    host: str
    name: str
    path: str
    times: int | None
    options: dict[str, Any]

    def fits(self, host: str, target: str) -> bool:
        if (host == "proxy") != (self.host == "proxy"):  # no wildcard over hosts means the proxy itself
            return False
        return self.times != 0 and fnmatch.fnmatch(host, self.host) and target.startswith(self.path)

    def take(self) -> Fault:
        if self.times is not None:
            self.times -= 1
        return self

    def get(self, option: str, default: Any) -> Any:
        return self.options.get(option, default)


Act = Callable[[Exchange, Fault], Awaitable[None]]


# -- a connection that fails under the answer -------------------------------------------------------------------
async def stall(exchange: Exchange, fault: Fault) -> None:
    """Says `after` bytes of the answer, then nothing."""
    await exchange.write(exchange.wire[: fault.get("after", 0)])
    await asyncio.sleep(NEVER)


async def drip(exchange: Exchange, fault: Fault) -> None:
    """`step` bytes (1), then a pause of `interval` seconds."""
    wire, step = exchange.wire, fault.get("step", 1)
    for start in range(0, len(wire), step):
        await exchange.write(wire[start : start + step])
        await asyncio.sleep(fault.get("interval", 0.05))
    exchange.end()


async def reset_mid_header(exchange: Exchange, _: Fault) -> None:
    head, _body = exchange.reply.render(exchange.request)
    await exchange.write(head[: len(head) // 2])
    await exchange.reset()


async def reset_mid_body(exchange: Exchange, _: Fault) -> None:
    head, body = exchange.reply.render(exchange.request)
    await exchange.write(head + body[: len(body) // 2])
    await exchange.reset()


async def hang_up(exchange: Exchange, _: Fault) -> None:
    """Closes without a word, as a keep-alive connection does that was given up in the same moment."""
    await exchange.close()


async def close_idle(exchange: Exchange, _: Fault) -> None:
    """A whole answer that promises keep-alive, then the end."""
    await exchange.send()
    await exchange.close()


async def close_without_notify(exchange: Exchange, fault: Fault) -> None:
    """An answer that ends with the connection, and TLS does not say that this was the end."""
    framing = fault.get("framing", "close")
    head, body = replace(exchange.reply, framing=framing).render(exchange.request)
    await exchange.write(head + body)
    exchange.end()
    await exchange.close(notify=False)


# -- bytes that break the rules ---------------------------------------------------------------------------------
Spoil = Callable[[bytes, bytes], bytes]


def _field(line: bytes) -> Spoil:
    """One more header line before the end of the head."""
    return lambda head, body: head[:-2] + line + b"\r\n\r\n" + body


def _declared(head: bytes, *lengths: int) -> bytes:
    fields = b"".join(b"Content-Length: %d\r\n" % length for length in lengths)
    return re.sub(rb"Content-Length: \d+\r\n", fields, head)


# The reply is rendered with a Content-Length before it is spoilt.
SPOILT: dict[str, Spoil] = {
    "short-body": lambda head, body: _declared(head, len(body) + 100) + body,
    "two-lengths": lambda head, body: _declared(head, len(body), len(body) + 7) + body,
    "bare-lf": lambda head, body: head.replace(b"\r\n", b"\n") + body,
    "obs-fold": _field(b"X-Folded: one\r\n two\r\n\tthree"),
    "nul-header": _field(b"X-Nul: a\x00b"),
    "space-before-colon": _field(b"X-Space : value"),
    "latin1-header": _field("X-Latin: café Ünïcode".encode("latin-1")),
    "no-colon": _field(b"this line has no colon"),
    "icy": lambda head, body: b"ICY 200 OK" + head[head.index(b"\r\n") :] + body,
    "http-0.9": lambda head, body: body,
    "garbage": lambda head, body: b"\x00\x01\x02\xff\xfe not HTTP\r\n\r\n" + noise("garbage", 200),
    "encoding-lie": _field(b"Content-Encoding: gzip"),
}
CLOSING = frozenset({"short-body", "two-lengths", "icy", "http-0.9", "garbage"})
# In these the message still ends where its Content-Length says.
EXACT = frozenset(
    {"bare-lf", "obs-fold", "nul-header", "space-before-colon", "latin1-header", "no-colon", "encoding-lie"}
)


async def spoilt(exchange: Exchange, fault: Fault) -> None:
    reply = replace(exchange.reply, framing="length", gzip=False, interim=b"")
    await exchange.write(SPOILT[fault.name](*reply.render(exchange.request)))
    if fault.name in EXACT:
        exchange.end()
    if fault.name in CLOSING:
        await exchange.close()


async def long_body(exchange: Exchange, fault: Fault) -> None:
    """A whole answer, and in the same breath the one that a careless client files under its next URL."""
    await exchange.pour(replace(exchange.reply, framing="length").render(exchange.request))
    exchange.end()
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nforged"
    await exchange.write(fault.get("surplus", forged))


async def length_and_chunked(exchange: Exchange, _: Fault) -> None:
    reply = replace(exchange.reply, framing="chunked", fields=(*exchange.reply.fields, ("Content-Length", "5")))
    await exchange.send(reply)


async def bad_chunk(exchange: Exchange, _: Fault) -> None:
    head, _body = replace(exchange.reply, framing="chunked").render(exchange.request)
    await exchange.write(head + b"5\r\nhello\r\nZZ\r\nworld\r\n0\r\n\r\n")
    await exchange.close()


async def no_last_chunk(exchange: Exchange, _: Fault) -> None:
    head, body = replace(exchange.reply, framing="chunked", trailers=()).render(exchange.request)
    await exchange.write(head + body.removesuffix(b"0\r\n\r\n"))
    await exchange.close()


# -- too much of it ---------------------------------------------------------------------------------------------
async def header_bomb(exchange: Exchange, fault: Fault) -> None:
    """`lines` header lines; with `giant`, one line of that many bytes instead."""
    await exchange.write(b"HTTP/1.1 200 OK\r\n")
    if giant := fault.get("giant", 0):
        await exchange.write(b"X-Giant: ", b"a" * giant, b"\r\n")
    else:
        lines = (b"X-Line-%06d: bomb\r\n" % number for number in range(fault.get("lines", 100_000)))
        await exchange.write(b"".join(lines))
    await exchange.write(b"Content-Length: 2\r\n\r\nok")
    exchange.end()


async def interim_bomb(exchange: Exchange, fault: Fault) -> None:
    await exchange.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n" * fault.get("count", 2000))
    await exchange.send()


async def gzip_bomb(exchange: Exchange, fault: Fault) -> None:
    """A few MiB that decode to `size` zeros."""
    await _coded(exchange, zeros(fault.get("size", 1024 * MIB)), "gzip")


async def nested_gzip(exchange: Exchange, fault: Fault) -> None:
    depth, body = fault.get("depth", 10), exchange.reply.body
    for _ in range(depth):
        body = gzip.compress(body, mtime=0)
    await _coded(exchange, body, ", ".join(["gzip"] * depth))


async def _coded(exchange: Exchange, body: bytes, coding: str) -> None:
    fields = (*exchange.reply.fields, ("Content-Encoding", coding))
    await exchange.send(replace(exchange.reply, body=body, fields=fields, gzip=False, framing="length"))


@cache
def zeros(size: int) -> bytes:
    """gzip of `size` zeros (whole MiB), made without compressing them all: one block, repeated after a full flush."""
    count = size // MIB
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece, crc = zlib.crc32(bytes(MIB)), 0
    for _ in range(count):
        crc = isal_zlib.crc32_combine(crc, piece, MIB)
    tail = packer.flush(zlib.Z_FINISH) + struct.pack("<II", crc, (count * MIB) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + block * count + tail


def stream(size: int) -> Iterator[bytes]:
    """The body of `big-body`: blocks of at most 1 MiB, each different, always the same."""
    base = noise("big body", MIB)
    for start in range(0, size, MIB):
        yield (struct.pack(">Q", start) + base[8:])[: size - start]


async def big_body(exchange: Exchange, fault: Fault) -> None:
    """`size` bytes; sha256 over `stream(size)` is what a client must find."""
    size = fault.get("size", 64 * MIB)
    head, _ = replace(exchange.reply, body=b"", gzip=False, framing="length").render(exchange.request)
    await exchange.write(_declared(head, size))
    await exchange.pour(stream(size))
    exchange.end()


async def endless_body(exchange: Exchange, fault: Fault) -> None:
    """`framing` close or chunked; ends when the client leaves."""
    framing, block = fault.get("framing", "close"), noise("endless", 64 * 1024)
    head, _ = replace(exchange.reply, body=b"", gzip=False, framing=framing).render(exchange.request)
    await exchange.write(head)
    framed = b"%x\r\n%s\r\n" % (len(block), block) if framing == "chunked" else block
    while True:
        await exchange.write(framed)
        await asyncio.sleep(0)  # the other connections live in the same loop


# -- whole answers that are not the page --------------------------------------------------------------------------
async def page(exchange: Exchange, fault: Fault) -> None:
    """Any answer: `body`, `status`, `type`, `headers` (a dictionary)."""
    body = fault.get("body", "")
    content = body.encode() if isinstance(body, str) else body
    fields = tuple(fault.get("headers", {}).items())
    kind = fault.get("type", "text/html; charset=utf-8")
    await exchange.send(Reply(content, type=kind, status=fault.get("status", 200), fields=fields))


async def status(exchange: Exchange, fault: Fault) -> None:
    """A three-digit name; `retry_after` as written, 429 has 120 by default."""
    after = fault.get("retry_after", "120" if fault.name == "429" else None)
    fields = () if after is None else (("Retry-After", str(after)),)
    await exchange.send(plain(int(fault.name), fields=fields))


async def empty_200(exchange: Exchange, _: Fault) -> None:
    await exchange.send(replace(exchange.reply, body=b"", gzip=False, framing="length"))


async def changed(exchange: Exchange, fault: Fault) -> None:
    """From the second visit on the page has `added` at its end."""
    added = fault.get("added", f"<p>Edited, visit {exchange.visit}</p>\n")
    body = exchange.reply.body + (added.encode() if exchange.visit > 1 else b"")
    await exchange.send(replace(exchange.reply, body=body))


async def shrunk(exchange: Exchange, fault: Fault) -> None:
    """From the second visit on all that is left of the page is its title and a sentence."""
    stub = re.sub(rb"(?s)<body.*</body>", b"<body><p>See our other pages.</p></body>", exchange.reply.body)
    await exchange.send(replace(exchange.reply, body=stub) if exchange.visit > 1 else None)


async def retitled(exchange: Exchange, fault: Fault) -> None:
    """From the second visit on the page has another title, and the same text."""
    title = f"<title>{fault.get('title', 'A quite different subject')}</title>".encode()
    body = re.sub(rb"(?s)<title>.*?</title>", title, exchange.reply.body)
    await exchange.send(replace(exchange.reply, body=body) if exchange.visit > 1 else None)


async def fate(exchange: Exchange, fault: Fault) -> None:
    """The answer that hosts/fates.py has under the name `fate`; where that has none, the host's own."""
    await exchange.send(fates.FATES[fault.get("fate", "")].reply(exchange.request))


async def flaky(exchange: Exchange, fault: Fault) -> None:
    """503 or, with `how="reset"`, a reset; `times` (2 unless told) says how often, then all is well."""
    if fault.get("how", "503") == "reset":
        await exchange.reset()
    else:
        await exchange.send(plain(503))


# -- elsewhere ----------------------------------------------------------------------------------------------------
LOCATIONS = {
    "redirect-file": "file:///etc/passwd",
    "redirect-javascript": "javascript:alert(1)",
    "redirect-data": "data:text/html,hello",
    "redirect-ftp": "ftp://127.0.0.1/x",
    "redirect-empty": "",
    "redirect-private": "http://127.0.0.1:{private}/",
    "redirect-metadata": "http://169.254.169.254/latest/meta-data/",
}


async def redirected(exchange: Exchange, fault: Fault) -> None:
    """To `to`, by default what the name says; `{private}` stands for the direct port of this universe."""
    to = fault.get("to", LOCATIONS.get(fault.name, "/")).replace("{private}", str(fault.get("private", 80)))
    await exchange.send(redirect(to, fault.get("status", 302)))


async def redirect_loop(exchange: Exchange, fault: Fault) -> None:
    cookie = (("Set-Cookie", f"seen={exchange.visit}"),)
    await exchange.send(redirect(exchange.request.target, fault.get("status", 302), cookie))


async def redirect_chain(exchange: Exchange, fault: Fault) -> None:
    """`hops` (5) redirects, then the page."""
    found = HOP.search(exchange.request.target)
    hop = int(found[1]) if found else 0
    if hop == fault.get("hops", 5):
        await exchange.send()
        return
    target = HOP.sub("", exchange.request.target)
    await exchange.send(redirect(f"{target}{'&' if '?' in target else '?'}universe-hop={hop + 1}", 302))


STATUSES = ("204", "304", "401", "403", "404", "410", "416", "429", "451", "500", "502", "503", "504")
ANSWERS: dict[str, Act] = {
    **dict.fromkeys(SPOILT, spoilt),
    **dict.fromkeys(STATUSES, status),
    **dict.fromkeys(LOCATIONS, redirected),
    "redirect": redirected,
    "redirect-loop": redirect_loop,
    "redirect-chain": redirect_chain,
    "stall": stall,
    "drip": drip,
    "reset-mid-header": reset_mid_header,
    "reset-mid-body": reset_mid_body,
    "hang-up": hang_up,
    "close-idle": close_idle,
    "close-without-notify": close_without_notify,
    "long-body": long_body,
    "length-and-chunked": length_and_chunked,
    "bad-chunk": bad_chunk,
    "no-last-chunk": no_last_chunk,
    "header-bomb": header_bomb,
    "interim-bomb": interim_bomb,
    "gzip-bomb": gzip_bomb,
    "nested-gzip": nested_gzip,
    "big-body": big_body,
    "endless-body": endless_body,
    "page": page,
    "empty-200": empty_200,
    "changed": changed,
    "shrunk": shrunk,
    "retitled": retitled,
    "fate": fate,
    "flaky": flaky,
}
NAMES = frozenset({*ANSWERS, *AT_CONNECT, *AT_TLS, *AT_PROXY})


class Faults:
    """The switches. The one set last is asked first. Those of one host are found at once: there may be thousands."""

    def __init__(self) -> None:
        self._set: list[Fault] = []
        self._of: dict[str, list[Fault]] = {}

    def add(self, host: str, name: str, path: str = "", times: int | None = None, **options: Any) -> None:
        """Raises ValueError for a name that does not exist, so that no test passes for want of its fault."""
        known = AT_PROXY if host == "proxy" else NAMES - (AT_PROXY - set(ANSWERS))
        if name not in known:
            raise ValueError(f"no fault is called {name}; there are {', '.join(sorted(known))}")
        if name == "fate" and options.get("fate") not in fates.FATES:
            raise ValueError(f"no fate is called {options.get('fate')}; see hosts/fates.py")
        if name == "flaky" and times is None:
            times = 2
        self._set.insert(0, Fault(host, name, path, times, options))
        self._of.clear()

    def heal(self, host: str | None = None) -> None:
        self._set = [fault for fault in self._set if host is not None and fault.host != host]
        self._of.clear()

    def find(self, names: frozenset[str], host: str, target: str = "") -> Fault | None:
        """The fault that strikes now, counted as used."""
        if host not in self._of:
            self._of[host] = [fault for fault in self._set if fault.host == host or WILD.intersection(fault.host)]
        for fault in self._of[host]:
            if fault.name in names and fault.fits(host, target):
                if not fault.options.get("skip"):
                    return fault.take()
                fault.options["skip"] -= 1
        return None
