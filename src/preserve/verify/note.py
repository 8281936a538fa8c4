"""Checkpoints read strictly: a stored note has one form, so every byte of it is checked. Bytes in, values out."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

MAX_NOTE = 64 * 1024  # ours have 300 bytes; a copy may carry signatures of others
_NOTE = re.compile(
    r"(?P<text>(?P<origin>[!-*,-~]{1,255})\n(?P<size>0|[1-9][0-9]{0,15})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"time (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n)\n"
    r"(?P<signatures>(?:— [!-*,-~]{1,255} [A-Za-z0-9+/=]{8,20000}\n){1,100})"
)
_ED25519 = b"\x01"  # the algorithm byte of signed-note
_PEM_PREFIX = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of Ed25519, RFC 8410


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; nothing in it is proven before `signed` says so. `sha256` is of the whole file."""

    origin: str
    size: int
    root: bytes
    time: str
    text: bytes  # what is signed
    signatures: tuple[tuple[str, bytes], ...]  # name, key id and signature
    sha256: str


@dataclass(frozen=True, slots=True)
class Key:
    """Who signs: the origin and the 32 bytes of its Ed25519 key."""

    origin: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.origin.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def vkey(self) -> str:
        return f"{self.origin}+{self.id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    def pem_body(self) -> str:
        return b64encode(_PEM_PREFIX + self.public).decode()


def parse(data: bytes) -> Note | None:
    """The note, or None where the bytes are not exactly a note of our form."""
    try:
        match = _NOTE.fullmatch(data.decode()) if len(data) <= MAX_NOTE else None
    except UnicodeDecodeError:
        return None
    if match is None:
        return None
    root = _strict(match["root"])
    lines = [line.split(" ") for line in match["signatures"].splitlines()]
    signatures = tuple((name, value) for _, name, text in lines if (value := _strict(text)))
    if root is None or len(signatures) != len(lines):
        return None
    digest = sha256(data).hexdigest()
    return Note(match["origin"], int(match["size"]), root, match["time"], match["text"].encode(), signatures, digest)


def signed(note: Note, key: Key) -> bool:
    """One of the signatures is that of the key over this text; others are passed over, as signed-note asks."""
    if note.origin != key.origin:
        return False
    ours = (value[4:] for name, value in note.signatures if name == key.origin and value[:4] == key.id)
    return any(_valid(note.text, signature, key.public) for signature in ours)


def _valid(text: bytes, signature: bytes, public: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no point of the curve
        return False
    return True


def _strict(text: str) -> bytes | None:
    """Only the one spelling that base64 encoding would give."""
    try:
        value = b64decode(text, validate=True)
    except ValueError:
        return None
    return value if b64encode(value).decode() == text else None
