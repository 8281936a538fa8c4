"""Certificates of the universe: a root to trust, a second root nobody trusts, and a leaf for each name asked for.

Keys and certificates are files of one folder, so that a second start reuses them. The dates are far apart and fixed;
no test depends on today's.
"""

from __future__ import annotations

import re
import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC))
PAST = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC))
KINDS = ("trusted", "untrusted", "expired", "self-signed", "wrong-host", "old")


class Authority:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._roots = {name: self._root(name) for name in ("trusted", "untrusted")}
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self.ca_file = folder / "trusted.pem"
        self.untrusted_ca_file = folder / "untrusted.pem"

    def context(self, host: str, kind: str = "trusted") -> ssl.SSLContext:
        """A server's context for this name, of one of KINDS; `old` speaks TLS 1.0 alone."""
        if (host, kind) not in self._contexts:
            self._contexts[host, kind] = self._context(host, kind)
        return self._contexts[host, kind]

    def door(self, choose: Callable[[str], ssl.SSLContext]) -> ssl.SSLContext:
        """A context that takes on the one chosen for the name the client asks for (SNI)."""

        def named(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = choose(name or "localhost")

        context = self._context("localhost", "trusted")
        context.sni_callback = named
        return context

    def _context(self, host: str, kind: str) -> ssl.SSLContext:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", host)
        file = self._folder / f"{safe}--{kind}.pem"
        if not file.exists():
            file.write_bytes(self._leaf(host, kind))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = lambda _object, name, _context: _mismatch(name, host)
        if kind == "old":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():  # to be old is the point
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1
        return context

    def _leaf(self, host: str, kind: str) -> bytes:
        """Key, certificate and root in PEM, as load_cert_chain wants them."""
        key = ec.generate_private_key(ec.SECP256R1())
        root_key, root = self._roots["untrusted" if kind == "untrusted" else "trusted"]
        issuer = None if kind == "self-signed" else root
        signer = key if kind == "self-signed" else root_key
        named = "wrong.universe.invalid" if kind == "wrong-host" else host
        leaf = _certificate(named, key, issuer, signer, PAST if kind == "expired" else VALID)
        chain = [leaf] if issuer is None else [leaf, issuer]
        return _pem(key) + b"".join(each.public_bytes(Encoding.PEM) for each in chain)

    def _root(self, name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key_file, file = self._folder / f"{name}.key", self._folder / f"{name}.pem"
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            root = _certificate(f"Universe {name.title()} Root", key, None, key, VALID, root=True)
            key_file.write_bytes(_pem(key))
            file.write_bytes(root.public_bytes(Encoding.PEM))
        loaded = load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        return loaded, x509.load_pem_x509_certificate(file.read_bytes())


def _mismatch(name: str | None, host: str) -> int | None:
    """A client that asks for another name than it tunnelled to is told so; addresses send no name."""
    wrong = name is not None and name.lower() != host
    return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if wrong else None


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
    dates: tuple[datetime, datetime],
    *,
    root: bool = False,
) -> x509.Certificate:
    """With every extension that OpenSSL's strict mode (Python 3.13's default) asks for."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(root=root), critical=True)
    )
    if not root:
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        builder = builder.add_extension(server, critical=False)
    return builder.sign(signer, SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )
