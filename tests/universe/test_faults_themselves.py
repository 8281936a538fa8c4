"""Each fault does what its name says, as often and where it was told to, and the log tells."""

from __future__ import annotations

import gzip
import re
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.universe import KEEP, Logged, Universe, faults, stream
from tests.universe.client import ProxyAnswer, Seen, ask, way

PAGE = "https://syrianarchive.org/en/investigations"
PLAIN = "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"


# -- faults of answers --------------------------------------------------------------------------------------------
Check = Callable[[Seen, Logged], bool]
RESET = ("reset", "ragged")  # inside TLS, Python's ssl reports a reset as an end without notice
SMALL: dict[str, Any] = {"size": 8 * faults.MIB}


def starts(text: bytes) -> Check:
    return lambda seen, logged: seen.raw.startswith(text)


def holds(text: bytes) -> Check:
    return lambda seen, logged: text in seen.raw


def moved(to: bytes) -> Check:
    return holds(b"\r\nLocation: %s\r\n" % to)


def length(seen: Seen) -> int:
    return int(re.findall(rb"Content-Length: (\d+)", seen.head)[0])


def unzipped(seen: Seen, times: int = 1) -> bytes:
    body = seen.body
    for _ in range(times):
        body = gzip.decompress(body)
    return body


FAULTS: dict[str, tuple[dict[str, Any], Check]] = {
    "stall": ({}, lambda seen, logged: seen.raw == b"" and seen.end == "timeout" and logged.end is None),
    "drip": ({"interval": 0}, lambda seen, logged: b"Investigations" in seen.raw),
    "reset-mid-header": ({}, lambda seen, logged: seen.end in RESET and b"\r\n\r\n" not in seen.raw != b""),
    "reset-mid-body": ({}, lambda seen, logged: seen.end in RESET and seen.body != b"" and logged.end is None),
    "hang-up": ({}, lambda seen, logged: seen.raw == b"" and seen.end == "notify"),
    "close-idle": ({}, lambda seen, logged: logged.end == logged.sent and b"Connection: close" not in seen.head),
    "close-without-notify": ({}, lambda seen, logged: seen.end == "ragged" and seen.body.endswith(b"</html>\n")),
    "short-body": ({}, lambda seen, logged: length(seen) == len(seen.body) + 100 and logged.end is None),
    "long-body": ({}, lambda seen, logged: len(seen.body) > length(seen) and logged.surplus.endswith(b"\n\r\nforged")),
    "two-lengths": ({}, lambda seen, logged: seen.head.count(b"Content-Length") == 2),
    "length-and-chunked": ({}, lambda seen, logged: b"chunked" in seen.head and b"Content-Length: 5" in seen.head),
    "bad-chunk": ({}, holds(b"\r\nZZ\r\n")),
    "no-last-chunk": ({}, lambda seen, logged: b"chunked" in seen.head and seen.raw.endswith(b"</html>\n\r\n")),
    "header-bomb": ({}, lambda seen, logged: seen.raw.count(b"\r\n") > 100_000),
    "interim-bomb": ({}, lambda seen, logged: seen.raw.count(b"HTTP/1.1 103 ") == 2000 and logged.status == 200),
    "gzip-bomb": (SMALL, lambda seen, logged: len(seen.body) < 20_000 and unzipped(seen) == bytes(8 * faults.MIB)),
    "nested-gzip": ({}, lambda seen, logged: b"Investigations" in unzipped(seen, 10)),
    "encoding-lie": ({}, lambda seen, logged: b"Content-Encoding: gzip" in seen.head and b"<html" in seen.body),
    "endless-body": ({}, lambda seen, logged: seen.end == "limit" and len(seen.raw) >= 4 * faults.MIB),
    "big-body": (SMALL, lambda seen, logged: seen.body == b"".join(stream(8 * faults.MIB)) and length(seen) == 8 << 20),
    "empty-200": ({}, lambda seen, logged: seen.raw.startswith(b"HTTP/1.1 200 ") and seen.body == b""),
    "bare-lf": ({}, lambda seen, logged: b"\r" not in seen.raw and b"\n\n<!DOCTYPE" in seen.raw),
    "obs-fold": ({}, holds(b"X-Folded: one\r\n two\r\n\tthree\r\n\r\n")),
    "nul-header": ({}, holds(b"X-Nul: a\x00b\r\n")),
    "space-before-colon": ({}, holds(b"X-Space : value\r\n")),
    "latin1-header": ({}, holds(b"caf\xe9")),
    "no-colon": ({}, holds(b"\r\nthis line has no colon\r\n")),
    "icy": ({}, starts(b"ICY 200 OK\r\n")),
    "http-0.9": ({}, starts(b"<!DOCTYPE html>")),
    "garbage": ({}, starts(b"\x00\x01\x02\xff\xfe")),
    "page": (
        {"body": "Войдите", "status": 403, "headers": {"X-Wall": "1"}},
        lambda seen, logged: logged.status == 403 and b"X-Wall: 1" in seen.head and seen.body.decode() == "Войдите",
    ),
    "redirect": ({"to": "/elsewhere", "status": 307}, moved(b"/elsewhere")),
    "redirect-loop": ({}, moved(b"/en/investigations")),
    "redirect-chain": ({}, moved(b"/en/investigations?universe-hop=1")),
    "redirect-file": ({}, moved(b"file:///etc/passwd")),
    "redirect-javascript": ({}, moved(b"javascript:alert(1)")),
    "redirect-data": ({}, moved(b"data:text/html,hello")),
    "redirect-ftp": ({}, moved(b"ftp://127.0.0.1/x")),
    "redirect-empty": ({}, moved(b"")),
    "redirect-private": ({"private": 81}, moved(b"http://127.0.0.1:81/")),
    "redirect-metadata": ({}, moved(b"http://169.254.169.254/latest/meta-data/")),
    "fate": ({"fate": "ddos-guard"}, holds(b"\r\nServer: ddos-guard\r\n")),
    "429": ({}, holds(b"\r\nRetry-After: 120\r\n")),
    "503": ({"retry_after": -1}, holds(b"\r\nRetry-After: -1\r\n")),
}  # fmt: skip
FAULTS |= {code: ({}, starts(b"HTTP/1.1 %s " % code.encode())) for code in sorted(set(faults.STATUSES) - set(FAULTS))}
IN_SEQUENCE = {"changed", "shrunk", "retitled", "flaky"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_does_what_its_name_says_and_the_log_tells(universe: Universe, name: str) -> None:
    options, check = FAULTS[name]
    universe.fault("syrianarchive.org", name, path="/en", **options)
    seen = ask(
        universe,
        PAGE,
        limit=4 * faults.MIB if name == "endless-body" else 1 << 40,
        timeout=0.3 if name == "stall" else 10,
    )
    (logged,) = universe.log
    assert check(seen, logged), (seen.head[:500], seen.end, logged.facts())
    assert logged.fault == name
    assert logged.response[: len(seen.raw)] == seen.raw[:KEEP]
    assert seen.end == "limit" or logged.sent == len(seen.raw)


def test_each_fault_of_an_answer_is_tested() -> None:
    assert faults.ANSWERS.keys() == FAULTS.keys() | IN_SEQUENCE


@pytest.mark.parametrize("name", ["reset-mid-header", "reset-mid-body"])
def test_a_reset_is_one_in_tcp(universe: Universe, name: str) -> None:
    universe.fault("eng.mil.ru", name)
    seen = ask(universe, PLAIN)
    assert (seen.end, seen.raw) == ("reset", universe.log[0].response)
    assert seen.raw != b""


def test_a_giant_header_line(universe: Universe) -> None:
    universe.fault("syrianarchive.org", "header-bomb", giant=10**7)
    assert max(map(len, ask(universe, PAGE).head.split(b"\r\n"))) > 10**7


def test_a_bomb_of_a_gibibyte_is_small_on_the_wire() -> None:
    packed = faults.zeros(1024 * faults.MIB)
    assert len(packed) < 2 * faults.MIB
    assert int.from_bytes(packed[-4:], "little") == 1024 * faults.MIB


def test_a_chain_of_redirects_ends_at_the_page(universe: Universe) -> None:
    universe.fault("syrianarchive.org", "redirect-chain", hops=3)
    url, hops = PAGE, 0
    while found := re.search(rb"\r\nLocation: (.*)\r\n", (seen := ask(universe, url)).raw):
        url, hops = urljoin(url, found[1].decode()), hops + 1
    assert (hops, b"Investigations" in seen.body) == (3, True)


def statuses(universe: Universe, url: str, count: int) -> list[int | None]:
    for _ in range(count):
        ask(universe, url)
    return [logged.status for logged in universe.log]


def test_a_flaky_host_recovers(universe: Universe) -> None:
    universe.fault("eng.mil.ru", "flaky", times=1, how="reset")
    universe.fault("eng.mil.ru", "flaky")
    assert statuses(universe, PLAIN, 4) == [503, 503, None, 200]


def test_a_changed_page_differs_from_the_second_visit_on(universe: Universe) -> None:
    universe.fault("eng.mil.ru", "changed", added="<p>later</p>")
    first, second, third = (ask(universe, PLAIN).body for _ in range(3))
    assert second == third == first + b"<p>later</p>"


@pytest.mark.parametrize(("name", "kept"), [("shrunk", b"<title>Investigations</title>"), ("retitled", b"</h1><ul>")])
def test_a_page_shrinks_or_is_retitled_from_the_second_visit_on(universe: Universe, name: str, kept: bytes) -> None:
    good = ask(universe, PAGE).body
    universe.fault("syrianarchive.org", name)
    second, third = (ask(universe, PAGE).body for _ in range(2))
    assert second == third != good and kept in second


def test_a_fate_that_does_not_exist_is_refused(universe: Universe) -> None:
    with pytest.raises(ValueError, match="no fate is called nonsense"):
        universe.fault("vk.com", "fate", fate="nonsense")


def test_a_fault_strikes_its_host_and_path_and_as_often_as_told(universe: Universe) -> None:
    universe.fault("*.mil.ru", "410", path="/en/", times=2)
    others = [ask(universe, url).raw for url in (PAGE, "http://eng.mil.ru/css/main.css")]
    assert all(raw.startswith(b"HTTP/1.1 200") for raw in others)
    assert statuses(universe, PLAIN, 3)[2:] == [410, 410, 200]


def test_heal_ends_faults_of_one_host_or_of_all(universe: Universe) -> None:
    universe.fault("eng.mil.ru", "500")
    universe.fault("syrianarchive.org", "500")
    universe.heal("syrianarchive.org")
    assert [ask(universe, url).raw[9:12] for url in (PAGE, PLAIN)] == [b"200", b"500"]
    universe.heal()
    assert ask(universe, PLAIN).raw[9:12] == b"200"


@pytest.mark.parametrize(("host", "name"), [("vk.com", "stal"), ("vk.com", "denied"), ("proxy", "gzip-bomb")])
def test_a_fault_that_does_not_exist_is_refused(universe: Universe, host: str, name: str) -> None:
    with pytest.raises(ValueError, match="no fault is called"):
        universe.fault(host, name)


# -- faults on the way --------------------------------------------------------------------------------------------
TLS = {
    "tls-expired": "certificate has expired",
    "tls-self-signed": "self-signed certificate",
    "tls-wrong-host": "Hostname mismatch",
    "tls-unknown-authority": "self-signed certificate in certificate chain",
    "tls-handshake-abort": "HANDSHAKE_FAILURE",
    "tls-old": "(?i)protocol|version",
}


@pytest.mark.parametrize("name", TLS)
def test_a_handshake_fails_for_the_reason_named(universe: Universe, name: str) -> None:
    universe.fault("syrianarchive.org", name, times=1)
    with pytest.raises(ssl.SSLError, match=TLS[name]):
        ask(universe, PAGE)
    assert ask(universe, PAGE).raw.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("name", sorted(faults.CERTIFICATES.keys() - {"tls-old"}))
def test_a_bad_certificate_still_carries_the_page(universe: Universe, name: str) -> None:
    universe.fault("syrianarchive.org", name)
    assert b"Investigations" in ask(universe, PAGE, trust="").body


@pytest.mark.parametrize(
    ("name", "error"), [("tls-handshake-reset", ConnectionResetError), ("tls-stall", TimeoutError)]
)
def test_a_handshake_may_end_or_never_end(universe: Universe, name: str, error: type[Exception]) -> None:
    universe.fault("syrianarchive.org", name)
    with pytest.raises(error):
        ask(universe, PAGE, timeout=0.3 if name == "tls-stall" else 10)


def test_an_old_server_speaks_tls_1_0_alone(universe: Universe) -> None:
    universe.fault("vk.com", "tls-old")
    context = ssl.create_default_context(cafile=universe.ca_file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with way(universe, "vk.com", 443, "connect") as plain:
        with context.wrap_socket(plain, server_hostname="vk.com") as secure:
            assert secure.version() == "TLSv1"


WAY = (
    ("vk.com", "nxdomain", 502, 4),
    ("vk.com", "refused", 502, 5),
    ("proxy", "denied", 403, 2),
    ("proxy", "garbage", None, None),
)


@pytest.mark.parametrize(("host", "name", "status", "reply"), WAY)
def test_the_proxy_reports_what_failed(
    universe: Universe, host: str, name: str, status: int | None, reply: int | None
) -> None:
    universe.fault(host, name)
    for via, code in (("connect", status), ("socks5", reply)):
        with pytest.raises(ProxyAnswer) as caught:
            ask(universe, "https://vk.com/", via=via)
        assert caught.value.args == (code,)
    assert [asked.verdict for asked in universe.asked] == [name, name]


@pytest.mark.parametrize(("host", "name"), [("vk.com", "blackhole"), ("proxy", "stall")])
def test_the_way_may_never_open(universe: Universe, host: str, name: str) -> None:
    universe.fault(host, name)
    with pytest.raises(TimeoutError):
        ask(universe, "https://vk.com/", timeout=0.3)


def test_a_proxy_that_is_down_refuses_and_comes_back_on_its_port(universe: Universe) -> None:
    universe.fault("proxy", "down")
    for via in ("connect", "socks5"):
        with pytest.raises(ConnectionRefusedError):
            ask(universe, PAGE, via=via)
    universe.heal("proxy")
    assert ask(universe, PAGE, via="socks5").raw.startswith(b"HTTP/1.1 200")


def test_each_fault_on_the_way_is_tested() -> None:
    tested = {*TLS, *faults.CERTIFICATES, "tls-handshake-reset", "tls-stall", *(row[1] for row in WAY)}
    assert tested | {"blackhole", "stall", "down"} == faults.AT_CONNECT | faults.AT_TLS | faults.AT_PROXY
