"""Notes are C2SP signed notes; only what our key signed is believed."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from preserve.errors import DamagedError
from preserve.proof import note

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN, ROOT, TIME = "example.org/log", bytes(range(100, 132)), "2026-11-22T15:14:05.123456Z"
NOTE = note.sign(ORIGIN, 123, ROOT, TIME, KEY)


def test_a_note_says_what_was_signed() -> None:
    assert note.verify(NOTE, ORIGIN, PUBLIC) == note.Checkpoint(123, ROOT, TIME)
    text, _, signature = NOTE.decode().partition("\n\n")
    assert text == f"{ORIGIN}\n123\n{b64encode(ROOT).decode()}\ntime {TIME}"
    assert signature.startswith(f"— {ORIGIN} ") and signature.endswith("\n")


def test_the_verifier_key_of_the_specification_comes_out() -> None:
    """The example key of the signed-note text: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW."""
    public = bytes.fromhex("1a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6")
    assert note.vkey("PeterNeumann", public) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_every_changed_byte_is_noticed() -> None:
    for place in range(len(NOTE)):
        changed = NOTE[:place] + bytes([NOTE[place] ^ 1]) + NOTE[place + 1 :]
        with pytest.raises(DamagedError):
            note.verify(changed, ORIGIN, PUBLIC)


def signed(text: str, *, origin: str = ORIGIN) -> bytes:
    line = b64encode(note.key_id(ORIGIN, PUBLIC) + KEY.sign(text.encode())).decode()
    return f"{text}\n— {origin} {line}\n".encode()


ROOT64 = b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\n\n\n",
        NOTE[:-1],
        NOTE[: NOTE.index(b"\n\n") + 2],
        NOTE + bytes(note.MAX_NOTE),
        signed(f"other.org\n1\n{ROOT64}\ntime {TIME}\n"),
        signed(f"{ORIGIN}\n01\n{ROOT64}\ntime {TIME}\n"),
        signed(f"{ORIGIN}\n-1\n{ROOT64}\ntime {TIME}\n"),
        signed(f"{ORIGIN}\n1\n{ROOT64[:-4]}\ntime {TIME}\n"),
        signed(f"{ORIGIN}\n1\n{ROOT64}\n"),
        signed(f"{ORIGIN}\n1\n{ROOT64}\ntime yesterday\n"),
        signed(f"{ORIGIN}\n1\n{ROOT64}\ntime {TIME}\nmore\n"),
        signed(f"{ORIGIN}\n1\n{ROOT64}\ntime {TIME}\n", origin="other.org"),
    ],
)
def test_what_has_another_form_is_refused_even_if_signed(bad: bytes) -> None:
    with pytest.raises(DamagedError):
        note.verify(bad, ORIGIN, PUBLIC)


def test_signatures_of_others_are_passed_over_but_do_not_replace_ours() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    theirs = note.sign(ORIGIN, 123, ROOT, TIME, other)
    line = theirs[theirs.index(b"\n\n") + 2 :]
    assert note.verify(NOTE + line, ORIGIN, PUBLIC).size == 123
    with pytest.raises(DamagedError):
        note.verify(theirs, ORIGIN, PUBLIC)


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nbreak", "é"])
def test_a_name_that_a_note_cannot_bear_is_refused(origin: str) -> None:
    with pytest.raises(ValueError):
        note.sign(origin, 1, ROOT, TIME, KEY)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
@pytest.mark.parametrize(("change", "accepted"), [(b"", True), (b"x", False)])
def test_openssl_agrees(tmp_path: Path, change: bytes, accepted: bool) -> None:
    text, _, line = NOTE.partition(b"\n\n")
    import base64

    (tmp_path / "text").write_bytes(text + b"\n" + change)
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split()[-1])[4:])
    (tmp_path / "key.pem").write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) is accepted
