"""Which addresses may be contacted, and every limit of the network layer with its reason. Pure.

The ranges are those of the IANA special-purpose address registries (RFC 6890, RFC 8190) plus multicast and the
deprecated ones. `ipaddress.is_global` is not enough: Python 3.11 calls NAT64 and 6to4 wrappings of 127.0.0.1,
`::127.0.0.1`, `fec0::1` and all multicast global.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

CONNECT_TIME = 20.0  # seconds to reach one address: two lost SYNs (1 + 2 + 4 s) and a slow path
HANDSHAKE_TIME = 20.0  # proxy or TLS handshake; an overloaded site needs more than one round trip
HEAD_TIME = 60.0  # from the request to the end of the head: slow governmental databases take half a minute
IDLE_TIME = 60.0  # between two bytes of a body: what lies silent that long has died
RATE_TIME = 60.0  # grace before the minimum rate counts
MINIMUM_RATE = 128  # bytes per second over the whole body: below, a 100 KB page takes 13 minutes; it is a drip
MAX_HEAD = 256 * 1024  # a head in all; browsers stop at 256 KB, the largest seen in the wild are some 100 KB
MAX_INTERIM = 32  # 1xx answers before the final one; two are common, 32 is an attack
MAX_CHUNK_LINE = 16 * 1024  # a chunk-size line with its extensions
MAX_TRAILER = 64 * 1024  # trailer fields of a chunked body
MAX_URL = 16 * 1024  # servers refuse above 8 KB; a megabyte is no address
MAX_ADDRESSES = 16  # tried of a resolver's answers; 500 of them are an attack on our time
MAX_CODINGS = 2  # `gzip, gzip` occurs, three are a bomb
MAX_DECODED = 8 * 1024**3  # bytes out of one decoder
MAX_RATIO = 300  # decoded bytes for each coded one; real pages stay below 50, deflate could reach 1032
RATIO_GRACE = 64 * 1024**2  # bytes out before the ratio counts: a small body of blanks is no bomb
MAX_PARSED = 32 * 1024**2  # of an HTML page or style sheet read for requisites
POOL_PER_HOST = 4  # idle connections kept
POOL_IDLE = 15.0  # seconds; servers commonly close after 5 to 75
LARGE_BODY = 64 * 1024**2  # announced: from here on the disk is looked at first; one smaller fills no disk by itself
DISK_FLOOR = 512 * 1024**2  # left free by a large body: for the manifest, other sources, whoever shares the disk
COPIES = 2  # of a body on the disk at once: on its way, and in its WARC
SPOOL_MEMORY = 1024**2  # of a body held in memory before it goes to a file
READ_AHEAD = 1024**2  # received and not yet consumed before reading pauses

_REFUSED = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host (RFC 1122)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier NAT (RFC 6598)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/128",
        "::1/128",
        "100::/64",  # discard only
        "2001::/23",  # IETF protocol assignments; Teredo is unwrapped before
        "2001:db8::/32",
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/10",
        "fec0::/10",  # site local, deprecated
        "ff00::/8",
    )
]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


def refusal(text: str) -> str | None:
    """Why this literal address must not be contacted, or None. Raises ValueError if it is no address."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    for inner in _unwrapped(address):
        for network in _REFUSED:
            if inner.version == network.version and inner in network:
                return f"{text} lies in {network}"
    return None


def is_private(host: str) -> bool:
    """Whether the name itself, without asking anyone, leads to this machine or a private network."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return refusal(host) is not None
    except ValueError:
        return False


def is_onion(host: str) -> bool:
    return host.rstrip(".").lower().endswith(".onion")


def _unwrapped(address: Address) -> Iterator[Address]:
    """The address and every IPv4 address that it carries: a router would deliver to that one."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64 or address in _NAT64_LOCAL or int(address) >> 32 == 0:
        yield low  # the last: IPv4-compatible, ::a.b.c.d
