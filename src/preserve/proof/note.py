"""Checkpoints as signed notes (C2SP signed-note and tlog-checkpoint), Ed25519: bytes in, values out, no I/O."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from preserve.errors import DamagedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_NOTE = 64 * 1024  # ours are 300 bytes; cosignatures of others may be added to a copy, but not without end
_ED25519 = b"\x01"  # the algorithm byte of signed-note
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")  # a key name: no spaces, no "+", which separates the parts of a vkey
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_TIME = re.compile(r"time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the first `size` entries have this Merkle `root` (32 bytes); `time` is RFC 3339."""

    size: int
    root: bytes
    time: str


def valid_origin(origin: str) -> bool:
    return _ORIGIN.fullmatch(origin) is not None


def key_id(origin: str, public_key: bytes) -> bytes:
    """The 4 bytes that tell which key made a signature line. `public_key`: 32 raw bytes."""
    return sha256(origin.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def vkey(origin: str, public_key: bytes) -> str:
    """The verifier key, one line without its LF."""
    return f"{origin}+{key_id(origin, public_key).hex()}+{b64encode(_ED25519 + public_key).decode()}"


def sign(origin: str, size: int, root: bytes, time: str, key: Ed25519PrivateKey) -> bytes:
    """The note for a tree; `time` as `model.timestamp` writes it. Ed25519 is deterministic, so is the note."""
    if not valid_origin(origin):
        raise ValueError(f"{origin!r} cannot be the name of a log")
    text = f"{origin}\n{size}\n{b64encode(root).decode()}\ntime {time}\n".encode()
    signature = key_id(origin, key.public_key().public_bytes_raw()) + key.sign(text)
    return text + f"\n— {origin} {b64encode(signature).decode()}\n".encode()


def verify(note: bytes, origin: str, public_key: bytes) -> Checkpoint:
    """What the note says, if `public_key` (32 raw bytes) signed it for `origin`; else DamagedError.

    Signature lines of other keys are passed over, as signed-note asks.
    """
    if len(note) > MAX_NOTE:
        raise DamagedError("the checkpoint is far too large to be one")
    text, separator, signatures = note.partition(b"\n\n")
    if not separator or not signatures.endswith(b"\n"):
        raise DamagedError("the checkpoint is not a signed note")
    text += b"\n"
    _check_signature(text, signatures, origin, public_key)
    return _read(text, origin)


def _check_signature(text: bytes, signatures: bytes, origin: str, public_key: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    ours = key_id(origin, public_key)
    prefix = f"— {origin} ".encode()
    for line in signatures[:-1].split(b"\n"):
        signature = _base64(line[len(prefix) :]) if line.startswith(prefix) else None
        if signature is None or signature[:4] != ours:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature[4:], text)
        except InvalidSignature:
            raise DamagedError(f"the signature of {origin} under the checkpoint is wrong") from None
        return
    raise DamagedError(f"the checkpoint is not signed with the key of {origin}")


def _read(text: bytes, origin: str) -> Checkpoint:
    try:
        name, size, root64, time_line, end = text.decode().split("\n")
    except ValueError:  # UnicodeDecodeError is one too
        raise DamagedError("the checkpoint does not have the four lines of ours") from None
    root = _base64(root64.encode())
    time = _TIME.fullmatch(time_line)
    if name != origin or end or root is None or len(root) != 32 or not time or not _SIZE.fullmatch(size):
        raise DamagedError("a line of the checkpoint is malformed")
    return Checkpoint(int(size), root, time[1])


def _base64(text: bytes) -> bytes | None:
    """Strict: only the one spelling that encoding would give."""
    try:
        value = b64decode(text, validate=True)
    except binascii.Error:
        return None
    return value if b64encode(value) == text else None
