"""A name server on port 53 of the loopback, for a program in a name space of its own: python resolver.py ZONE.

ZONE, a JSON file, maps a name to {"A": […], "AAAA": […], "CNAME": name, "code": rcode, "silent": true}; a name that it
does not hold does not exist. What is too long for a datagram is asked again over TCP, as everywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import struct
import sys
from pathlib import Path
from typing import Any

A, CNAME, AAAA = 1, 5, 28
NXDOMAIN, DATAGRAM = 3, 512  # without EDNS (RFC 1035 section 2.3.4)
Zone = dict[str, dict[str, Any]]


def answer(zone: Zone, query: bytes) -> bytes | None:
    """The reply to one question; None: silence."""
    labels, position = [], 12
    while length := query[position]:
        labels.append(query[position + 1 : position + 1 + length].decode("ascii"))
        position += 1 + length
    (kind,) = struct.unpack_from(">H", query, position + 1)
    known = zone.get(".".join(labels).lower())
    if known is not None and known.get("silent"):
        return None
    records = list(_records(zone, ".".join(labels).lower(), kind))
    code = NXDOMAIN if known is None else known.get("code", 0)
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    return head + query[12 : position + 5] + b"".join(records)


def _records(zone: Zone, name: str, kind: int) -> list[bytes]:
    """A chain of aliases is followed once around, as far as its names are here."""
    found, seen = [], set()
    while (alias := zone.get(name, {}).get("CNAME")) and name not in seen:
        seen.add(name)
        found.append(_record(name, CNAME, _wire(alias)))
        name = alias
    texts = zone.get(name, {}).get({A: "A", AAAA: "AAAA"}.get(kind, ""), [])
    return found + [_record(name, kind, ipaddress.ip_address(text).packed) for text in texts]


def _record(name: str, kind: int, data: bytes) -> bytes:
    return _wire(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def _wire(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self.zone = zone

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str | Any, int]) -> None:
        if (reply := answer(self.zone, data)) is None:
            return
        if len(reply) > DATAGRAM:
            reply = data[:2] + struct.pack(">H", 0x8380) + reply[4:6] + bytes(6) + data[12:]  # truncated: ask by TCP
        self.transport.sendto(reply, address)


async def stream(zone: Zone, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            (length,) = struct.unpack(">H", await reader.readexactly(2))
            reply = answer(zone, await reader.readexactly(length)) or b""
            writer.write(struct.pack(">H", len(reply)) + reply)
            await writer.drain()
    writer.close()


async def main(zone: Zone) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Datagrams(zone), ("127.0.0.1", 53))
    await asyncio.start_server(lambda r, w: stream(zone, r, w), "127.0.0.1", 53)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
