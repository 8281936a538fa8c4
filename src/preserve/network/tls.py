"""The rungs of trust: strict first; what does not verify is recorded with the reason and, where allowed, continued."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from functools import lru_cache

from preserve.errors import ConfigError
from preserve.model import Tls


@dataclass(frozen=True, slots=True)
class Rung:
    name: str  # system, ca_file, unverified, legacy
    context: ssl.SSLContext


def rungs(ca_file: str, *, strict: bool) -> list[Rung]:
    """In the order to be tried. Raises ConfigError for a ca_file that cannot be read."""
    ladder = [Rung("system", _context("system", ""))]
    if ca_file:
        ladder.append(Rung("ca_file", _context("ca_file", ca_file)))
    if not strict:
        ladder += [Rung("unverified", _context("unverified", "")), Rung("legacy", _context("legacy", ""))]
    return ladder


@lru_cache(maxsize=64)
def _context(name: str, ca_file: str) -> ssl.SSLContext:
    # Contexts are never shared with another HTTP library: some set ALPN on the context they are given.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])  # WARC has no wire form for HTTP/2
    if name == "ca_file":
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"ca_file {ca_file} cannot be read: {error}", "it must hold PEM certificates") from None
    elif name == "system":
        _load_system_roots(context)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if name == "legacy":
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _load_system_roots(context: ssl.SSLContext) -> None:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        context.set_default_verify_paths()
    else:
        import certifi

        context.load_verify_locations(certifi.where())


def facts(ssl_object: ssl.SSLObject, rung: str, error: str | None) -> Tls:
    """What this connection is made of."""
    cipher = ssl_object.cipher()
    return Tls(
        version=ssl_object.version() or "",
        cipher=iana_name(cipher[0] if cipher else ""),
        verified=rung if rung in ("system", "ca_file") else None,
        error=error,
        chain=_chain(ssl_object),
    )


def _chain(ssl_object: ssl.SSLObject) -> tuple[bytes, ...]:
    """As sent, DER, leaf first. Public from Python 3.13; before, only on the inner object."""
    if hasattr(ssl_object, "get_unverified_chain"):
        return tuple(ssl_object.get_unverified_chain())
    inner = getattr(ssl_object, "_sslobj", None)
    if inner is not None and hasattr(inner, "get_unverified_chain"):
        import _ssl

        return tuple(one.public_bytes(_ssl.ENCODING_DER) for one in inner.get_unverified_chain() or ())
    leaf = ssl_object.getpeercert(True)
    return (leaf,) if leaf else ()


_BULK = re.compile(r"^(?:(.+?)-)?(AES\d+|CHACHA20|CAMELLIA\d+|ARIA\d+|DES-CBC3|RC4)(?:-(.+))?$")


def iana_name(name: str) -> str:
    """OpenSSL's name of a TLS 1.2 cipher suite -> the IANA name that WARC-Cipher-Suite asks for."""
    match = _BULK.match(name)
    if name.startswith("TLS_") or not match:
        return name.replace("-", "_")
    exchange, bulk, rest = match[1] or "RSA", match[2], match[3] or ""
    bulk = {"DES-CBC3": "3DES_EDE", "RC4": "RC4_128"}.get(bulk, re.sub(r"^(AES|CAMELLIA|ARIA)", r"\1_", bulk))
    if bulk == "CHACHA20":
        rest = "POLY1305_SHA256"
    elif bulk != "RC4_128" and not rest.startswith(("GCM", "CCM", "CBC")):
        rest = "CBC-" + rest
    return f"TLS_{exchange}_WITH_{bulk}_{rest}".replace("-", "_")
