"""The private key: outside the archive, readable by its owner only, made once and never replaced."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

from preserve.errors import ConfigError, StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FAILING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}  # the disk is at fault, not the path
_HINT = "set [key] file in preserve.toml, or put the key back from its copy"


def load(path: Path) -> Ed25519PrivateKey:
    """Raises ConfigError where there is no key, or none of ours."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise ConfigError(f"the signing key {path} does not exist", _HINT) from None
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"the signing key {path} cannot be read: {error}", _HINT) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"the signing key {path} is no Ed25519 key", _HINT)
    return key


def load_or_make(path: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key, and whether it was made now. Raises ConfigError."""
    if path.exists():
        return load(path), False
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written beside and linked: two programs that start at once end with one key, whole.
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, path)
        except FileExistsError:
            return load(path), False
        finally:
            beside.unlink()
    except OSError as error:
        words = f"the signing key {path} cannot be made: {error.strerror}"
        if error.errno in _FAILING:
            raise StorageError(words, "check the disk and its space, then run again") from None
        raise ConfigError(words, _HINT) from None
    return key, True
