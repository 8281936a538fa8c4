"""Servers with odd TLS: another protocol than HTTP/1.1, another name or none, chains of certificates without measure."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.wire.client import Answer, ask, transport
from tests.wire.script import Step, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
H2 = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"  # a SETTINGS frame: what HTTP/2 begins with
FILLER = 33_000  # bytes of one certificate that has nothing to say
ALERTS = {"no application protocol": 120, "unrecognized name": 112, "handshake failure": 40, "internal error": 80}


def signed(name: str, padding: int = 0) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    if padding:
        filler = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), bytes(padding))
        builder = builder.add_extension(filler, critical=False)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), secret


def server(folder: Path, *, fillers: int = 0, protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    leaf, key = signed("localhost")
    file = folder / "chain.pem"
    file.write_bytes(key + leaf + b"".join(signed(f"filler {n}", FILLER)[0] for n in range(fillers)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.set_alpn_protocols(list(protocols))
    return context


def met(context: ssl.SSLContext, steps: list[Step], host: str = "localhost") -> Answer:
    async def work() -> Answer:
        async with serving({"/": steps}, context) as there, transport() as client:
            return await ask(client, f"https://{host}:{there.port}/")

    return asyncio.run(work())


def test_a_server_that_speaks_http_2_alone_is_malformed_and_kept(tmp_path: Path) -> None:
    """Nothing but HTTP/1.1 is offered, since there is no form on the wire for anything else that could be stored."""
    answer = met(server(tmp_path, protocols=("h2",)), [H2, "close"])
    assert answer.fault is not None and answer.fault.reason == "malformed"
    assert answer.raw == H2


def test_a_server_without_a_protocol_to_agree_on_is_asked_all_the_same(tmp_path: Path) -> None:
    assert met(server(tmp_path, protocols=("spdy/3", "imap")), [OK]).body == b"ok"


@pytest.mark.parametrize("words", ALERTS)
def test_an_alert_in_the_handshake_is_told(words: str) -> None:
    async def work() -> Answer:
        async with alerting(ALERTS[words]) as port, transport() as client:
            return await ask(client, f"https://localhost:{port}/")

    answer = asyncio.run(work())
    assert answer.exchange is None and answer.fault is not None
    assert answer.fault.reason == "tls-invalid" and words in answer.fault.message


@asynccontextmanager
async def alerting(number: int) -> AsyncIterator[int]:
    """A port that answers every hello with a fatal alert (RFC 8446 section 6)."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))
        await writer.drain()
        writer.close()

    there = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with there:
        yield there.sockets[0].getsockname()[1]


@pytest.mark.parametrize(("host", "name"), [("localhost", "localhost"), ("127.0.0.1", None)])
def test_a_name_is_named_in_the_handshake_and_an_address_is_not(tmp_path: Path, host: str, name: str | None) -> None:
    """RFC 6066 section 3 allows no address there, and servers drop who sends one."""
    context, named = server(tmp_path), []
    context.sni_callback = lambda _object, said, _context: named.append(said)
    assert met(context, [OK], host).body == b"ok"
    assert set(named) == {name}


def test_a_chain_of_seventy_kilobytes_is_kept_whole(tmp_path: Path) -> None:
    answer = met(server(tmp_path, fillers=2), [OK])
    assert answer.exchange is not None and answer.exchange.connection.tls is not None
    chain = answer.exchange.connection.tls.chain
    assert len(chain) == 3 and sum(map(len, chain)) > 65_536


def test_a_chain_beyond_a_hundred_kilobytes_ends_the_handshake(tmp_path: Path) -> None:
    answer = met(server(tmp_path, fillers=4), [OK])
    assert answer.exchange is None and answer.fault is not None
    assert answer.fault.reason == "tls-invalid" and "message size" in answer.fault.message
