"""The pages of the benchmark web: the same bytes for everybody, made from their number alone."""

from __future__ import annotations

import random
import string
import zlib
from functools import lru_cache
from itertools import accumulate

HOSTS = 16  # lanes; loopback addresses from 127.0.0.2 on, because warcprox refuses 127.0.0.1
KEEP = 4000  # pages that the server holds
_CHUNK = 4096
_JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xda\0\x08\1\1\0\0\x3f\0"  # up to the picture itself


def hosts() -> list[str]:
    return [f"127.0.0.{2 + number}" for number in range(HOSTS)]


def urls(port: int, first: int, count: int) -> list[str]:
    """Host after host, so that a client with one connection can keep it."""
    share = -(-count // HOSTS)
    return [f"http://{hosts()[n // share]}:{port}/page/{first + n}" for n in range(count)]


@lru_cache(maxsize=KEEP)
def answer(number: int) -> bytes:
    """Head and body: of ten pages four are HTML (plain, gzip and chunked in turn), three JPEG-like, three 1 KB."""
    rng = random.Random(number)
    kind = number % 10
    if kind < 4:
        return _html(rng, ("plain", "gzip", "chunked")[number // 10 % 3])
    if kind < 7:
        scan = rng.randbytes(int(rng.lognormvariate(11.5, 0.3)))  # median 100 KB
        body = _JPEG + scan.replace(b"\xff", b"\xfe") + b"\xff\xd9"
        return _head("image/jpeg", f"Content-Length: {len(body)}") + body
    body = b'{"key": "%s"}' % rng.randbytes(506).hex().encode()
    return _head("application/json", f"Content-Length: {len(body)}") + body


def _html(rng: random.Random, framing: str) -> bytes:
    size = int(rng.lognormvariate(10.3, 0.6))  # median 30 KB
    words = rng.choices(_WORDS, cum_weights=_WEIGHTS, k=size // 7)
    lines = (
        f'<p><a href="/page/{rng.randrange(10**6)}">{" ".join(words[i : i + 40])}</a></p>'
        for i in range(0, len(words), 40)
    )
    text = (
        f"<!doctype html><html><head><title>{words[:3]}</title></head><body>\n" + "\n".join(lines) + "\n</body></html>"
    )
    body = text.encode()
    if framing == "chunked":
        parts = [body[i : i + _CHUNK] for i in range(0, len(body), _CHUNK)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return _head("text/html; charset=utf-8", "Transfer-Encoding: chunked") + framed + b"0\r\n\r\n"
    if framing == "gzip":
        body = zlib.compress(body, 6, 31)
        return _head("text/html; charset=utf-8", "Content-Encoding: gzip", f"Content-Length: {len(body)}") + body
    return _head("text/html; charset=utf-8", f"Content-Length: {len(body)}") + body


def _head(mime: str, *fields: str) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Server: bench",
        "Date: Sun, 22 Nov 2026 15:14:05 GMT",
        f"Content-Type: {mime}",
        *fields,
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
        "Cache-Control: max-age=600",
        "X-Content-Type-Options: nosniff",
        "Connection: keep-alive",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _vocabulary() -> list[str]:
    rng = random.Random(0)
    return ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 10))) for _ in range(5000)]


_WORDS = _vocabulary()
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(_WORDS) + 1)))  # Zipf, as in every language
