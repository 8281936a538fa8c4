"""The universe keeps its own promises: real names, the variety of the web, and a log that is exact."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.universe import CITED, Authority, Universe, control, hosts
from tests.universe.client import ProxyAnswer, ask, way

ROOT = Path(__file__).parents[2]
PAGE = "https://syrianarchive.org/en/investigations"
PLAIN = "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"
SLASHLESS = "://vdc-sy.net/report-on-russian-attacks-ar"
UNTRUSTED = "https://structure.mil.ru/mission/fight_against_terrorism.htm"


def trust(universe: Universe, url: str) -> str:
    authority = universe.authority
    return str(authority.untrusted_ca_file if url == UNTRUSTED else authority.ca_file)


# -- the hosts ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("via", ["connect", "socks5", "direct"])
@pytest.mark.parametrize("url", CITED)
def test_each_cited_address_answers_and_the_log_holds_every_byte(universe: Universe, url: str, via: str) -> None:
    seen = ask(universe, url, via=via, trust=trust(universe, url), fields="Accept-Encoding: gzip\r\n")
    (logged,) = universe.log
    assert (logged.status, logged.tls, logged.via) == (200, seen.tls, via)
    assert (logged.request, logged.response) == (seen.sent, seen.raw)
    assert logged.end == logged.sent == len(seen.raw)
    assert logged.sha256 == hashlib.sha256(seen.raw).hexdigest()
    assert len(universe.asked) == (via != "direct")


def test_the_log_names_the_url_asked_for(universe: Universe) -> None:
    ask(universe, PLAIN)
    assert (universe.log[0].url, universe.log[0].host) == (PLAIN, "eng.mil.ru")


def test_only_one_host_is_not_certified_by_the_trusted_root(universe: Universe) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate in certificate chain"):
        ask(universe, UNTRUSTED)
    assert universe.log == []


def test_a_client_that_asks_tls_for_another_name_is_refused(universe: Universe) -> None:
    context = ssl.create_default_context(cafile=universe.ca_file)
    with way(universe, "vk.com", 443, "connect") as plain, pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        context.wrap_socket(plain, server_hostname="vdc-sy.net")


WIRE: tuple[tuple[str, str, str], ...] = (
    ("duplicate cookies", "https://www.youtube.com/watch?v=viCiwbJG5Pk", r"(?s)Set-Cookie: YSC.*Set-Cookie: VISITOR"),
    ("gzip and chunked", CITED[9], r"(?s)Encoding: gzip.*chunked\r\n\r\n[0-9a-f]+\r\n\x1f\x8b\x08\x00{5}"),
    ("odd header case", PLAIN, "\r\nx-pOWERED-bY: "),
    ("an interim answer", CITED[11], r"\AHTTP/1.1 103 .*\r\nLink: .*\r\n\r\nHTTP/1.1 200 OK"),
    ("the end by closing", UNTRUSTED, r"(?s)Connection: close\r\n\r\n(?!.*Content-Length)"),
    ("an extension and a trailer", PAGE, r"(?s);name=value\r\n.*\r\n0\r\nX-Checksum: universe\r\n\r\n\Z"),
    ("http to https", "http" + SLASHLESS, f"Location: https{SLASHLESS}\r\n"),
    ("on to the slash", "https" + SLASHLESS, f"Location: https{SLASHLESS}/\r\n"),
    ("an unknown path", "https://vk.com/wall-1_1", r"\AHTTP/1.1 404 Not Found"),
    ("the other spelling", PLAIN.replace("@", "%40"), r"\AHTTP/1.1 404"),
    ("and the other way", CITED[11].replace("%40", "@"), r"\AHTTP/1.1 404"),
)  # fmt: skip


@pytest.mark.parametrize(("url", "pattern"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE])
def test_the_wire_is_as_various_as_the_web(universe: Universe, url: str, pattern: str) -> None:
    seen = ask(universe, url, trust="", fields="Accept-Encoding: gzip\r\n")
    assert re.search(pattern, seen.raw.decode("latin-1"))


def test_head_brings_the_head_of_get(universe: Universe) -> None:
    got, head = ask(universe, CITED[7]), ask(universe, CITED[7], method="HEAD")
    assert head.head == got.head
    assert head.body == b"" != got.body


def test_two_starts_serve_the_same_bytes(tmp_path: Path, universe: Universe, universe_ca: Authority) -> None:
    with Universe(tmp_path / "again", authority=universe_ca) as again:
        for url in CITED:
            assert ask(universe, url, trust="").raw == ask(again, url, trust="").raw


def test_windows_1251_is_declared_in_the_page_of_the_one_and_in_the_header_of_the_other(universe: Universe) -> None:
    english, russian = ask(universe, PLAIN), ask(universe, UNTRUSTED, trust="")
    assert b"charset=windows-1251" in english.body and b"charset" not in english.head
    assert b"charset=windows-1251" in russian.head
    assert "Министерство обороны" in english.body.decode("cp1251")


def test_every_requisite_of_every_page_is_there(universe: Universe) -> None:
    for url in (*CITED[5:7], CITED[8], CITED[11], "https://vk.com/wall-3457550_23655", CITED[0]):
        page = ask(universe, url, trust="").raw.decode("latin-1").replace("&amp;", "&")
        wanted = re.findall(
            r"""(?:src=|href=|data-src=|data-lazy-src=|url\()["']?([^"')\s>]+\.(?:css|js|jpg|png)[^"')\s>]*)""", page
        )
        assert wanted
        for each in wanted:
            assert b"HTTP/1.1 200" in ask(universe, urljoin(url, each), trust="").head, each


# -- the files are real -------------------------------------------------------------------------------------------
def test_the_report_is_a_whole_pdf(universe: Universe) -> None:
    pdf = ask(universe, "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf").body
    assert pdf.startswith(b"%PDF-1.4") and pdf.endswith(b"%%EOF\n") and len(pdf) > 100_000
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[start:].startswith(b"xref\n")
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n", pdf[start:]), 1):
        assert pdf[int(offset) :].startswith(b"%d 0 obj" % number)


@pytest.mark.parametrize("url", CITED[12:])
def test_the_pictures_of_the_report_are_whole_pngs(universe: Universe, url: str) -> None:
    png = ask(universe, url).body
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    at = png.index(b"IDAT")
    assert len(zlib.decompress(png[at + 4 :])) == height * (1 + 3 * width)


# -- connections and proxies --------------------------------------------------------------------------------------
def test_one_connection_carries_several_exchanges(universe: Universe) -> None:
    client = http.client.HTTPConnection("127.0.0.1", universe.ports["connect"], timeout=10)
    client.set_tunnel("eng.mil.ru", 80)
    for path in ("/css/main.css", "/js/news.js", "/nothing"):
        client.request("GET", path)
        client.getresponse().read()
    client.close()
    assert [(logged.connection, logged.status) for logged in universe.log] == [(1, 200), (1, 200), (1, 404)]


@pytest.mark.parametrize(("via", "unknown", "refused"), [("connect", 502, 502), ("socks5", 4, 5)])
def test_only_names_of_the_universe_are_resolved(universe: Universe, via: str, unknown: int, refused: int) -> None:
    for url, code in (("https://example.org/", unknown), ("http://vk.com:8080/", refused)):
        with pytest.raises(ProxyAnswer) as caught:
            ask(universe, url, via=via)
        assert caught.value.args == (code,)
    assert [(asked.host, asked.port, asked.verdict) for asked in universe.asked] == [
        ("example.org", 443, "nxdomain"),
        ("vk.com", 8080, "refused"),
    ]


def test_a_request_that_should_have_been_tunnelled_is_noticed(universe: Universe) -> None:
    client = http.client.HTTPConnection("127.0.0.1", universe.ports["connect"], timeout=10)
    client.request("GET", "http://eng.mil.ru/css/main.css")
    assert client.getresponse().status == 405
    client.close()
    assert [asked.via for asked in universe.asked] == ["forward"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [("", 407), (f"Proxy-Authorization: Basic {base64.b64encode(b'ann:secret').decode()}\r\n", 200)],
)
def test_the_connect_proxy_may_ask_who_is_there(
    tmp_path: Path, universe_ca: Authority, fields: str, status: int
) -> None:
    with Universe(tmp_path, authority=universe_ca, login=("ann", "secret")) as universe:
        with _raw(universe, "connect") as proxy:
            proxy.sendall(f"CONNECT vk.com:443 HTTP/1.1\r\n{fields}\r\n".encode())
            assert proxy.recv(100).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(("password", "answer"), [(b"secret", b"\x01\x00"), (b"wrong", b"\x01\x01")])
def test_the_socks_proxy_may_ask_who_is_there(
    tmp_path: Path, universe_ca: Authority, password: bytes, answer: bytes
) -> None:
    with Universe(tmp_path, authority=universe_ca, login=("ann", "secret")) as universe:
        with _raw(universe, "socks5") as proxy:
            proxy.sendall(b"\x05\x02\x00\x02")
            assert proxy.recv(2) == b"\x05\x02"
            proxy.sendall(b"\x01\x03ann" + bytes([len(password)]) + password)
            assert proxy.recv(2) == answer


def _raw(universe: Universe, kind: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", universe.ports[kind]), 10)


def test_private_addresses_hold_a_secret_that_the_log_gives_away(universe: Universe) -> None:
    for url in (f"http://127.0.0.1:{universe.ports['http']}/", "http://169.254.169.254/latest/meta-data/"):
        assert b"SECRET-OF-THE-" in ask(universe, url, via="socks5").body
    assert [logged.host for logged in universe.log] == ["127.0.0.1", "169.254.169.254"]


# -- around it ----------------------------------------------------------------------------------------------------
def test_the_log_is_in_files_as_well(tmp_path: Path, universe_ca: Authority) -> None:
    with Universe(tmp_path, authority=universe_ca) as universe:
        universe.fault("eng.mil.ru", "stall", after=20)
        seen = [ask(universe, PAGE), ask(universe, PLAIN, timeout=0.2)]
    stored = (tmp_path / "log.bin").read_bytes()
    lines = sorted(map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines()), key=lambda line: line["number"])
    for line, each in zip(lines, seen, strict=True):
        for name, expected in (("request_at", each.sent), ("response_at", each.raw)):
            start, size = line[name]
            assert stored[start : start + size] == expected


def test_settings_and_environment_lead_a_program_here(universe: Universe, monkeypatch: pytest.MonkeyPatch) -> None:
    network = tomllib.loads(universe.settings("socks5", ca_file=True))["network"]
    assert network == {"proxy": f"socks5h://127.0.0.1:{universe.ports['socks5']}", "ca_file": str(universe.ca_file)}
    for name, value in universe.environment().items():
        monkeypatch.setenv(name, value)
    roots = ssl.create_default_context().get_ca_certs()
    assert any("Universe Trusted Root" in str(each["subject"]) for each in roots)


def test_keys_are_kept_for_the_next_start(tmp_path: Path) -> None:
    first, again = (Authority(tmp_path).ca_file.read_bytes() for _ in range(2))
    assert first == again


def test_every_host_has_a_certificate_of_its_own(universe: Universe) -> None:
    for host in hosts.SITES.keys() - hosts.PRIVATE - hosts.UNTRUSTED:
        assert ask(universe, f"https://{host}/nothing").tls == "TLSv1.3"


def test_a_universe_of_its_own_process_is_switched_over_http(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.universe", "--dir", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        facts = json.loads(process.stdout.readline())
        port = facts["ports"]["http"]
        control.send(port, "POST", "/fault", host="eng.mil.ru", name="451", times=1)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/", headers={"Host": "eng.mil.ru"})
        assert client.getresponse().status == 451
        client.close()
        (logged,) = control.send(port, "GET", "/log")
        with pytest.raises(ValueError, match="no fault is called"):
            control.send(port, "POST", "/fault", host="eng.mil.ru", name="nonsense")
        process.stdin.close()
        assert process.wait(timeout=10) == 0
    assert (logged["status"], base64.b64decode(logged["request"])[:5]) == (451, b"GET /")
    assert facts["cited"] == list(CITED)
