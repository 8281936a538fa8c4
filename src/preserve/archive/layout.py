"""Names and paths of an archive, as docs/FORMAT.md §1 sets them."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from preserve.errors import DamagedError, FormatError, StorageError
from preserve.model import Json

FORMAT = 1
README = "README.txt"
IDENTITY = "archive.json"
PUBLIC_PEM = "keys/log.pub.pem"
VERIFIER_KEY = "keys/log.vkey"
GENESIS_FILES = (README, IDENTITY, PUBLIC_PEM, VERIFIER_KEY)
MANIFEST = "manifest"
CHECKPOINTS = "checkpoints"
WARC = "warc"
MEDIA = "media/sha256"
INDEX = "index"
TMP = "tmp"
LOCK = "lock"
FOLDERS = ("keys", MANIFEST, CHECKPOINTS, WARC, MEDIA, INDEX, TMP)

SEGMENT_LINES = 16_384  # 64 full tiles of the tree; about 25 MB of captures
WARC_LIMIT = 1024**3  # small enough to copy, large enough to have few
OPEN = ".open"
TORN = ".torn"
MAX_PATH = 512  # ours have at most 110 characters

_PART = re.compile(r"[A-Za-z0-9._-]+")
SEGMENT_NAME = re.compile(r"([0-9]{12})\.jsonl")
NOTE_NAME = re.compile(r"([0-9]{12})\.note")
WARC_NAME = re.compile(r"PRESERVE-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}-[0-9]{5}\.warc\.gz")
TORN_NAME = re.compile(r"(?P<file>.+)\.(?P<kept>[0-9]{1,16})\.[0-9a-f]{12}\.torn")
MEDIA_NAME = re.compile(r"[0-9a-f]{64}(?:\.[a-z0-9]+)?")
UNFINISHED_NAME = re.compile(r"film-[0-9a-f]{40}")
TMP_NAME = re.compile(r"preserve-[0-9a-f]{32}\.tmp")


def safe_path(root: Path, relative: str) -> Path:
    """The path below `root` that an entry names; DamagedError if it is no path of this format."""
    parts = relative.split("/")
    if len(relative) > MAX_PATH or not all(_PART.fullmatch(part) and part not in (".", "..") for part in parts):
        raise DamagedError(f"{relative[:80]!r} is no path inside an archive")
    return root.joinpath(*parts)


def resolve(root: Path, relative: str) -> Path:
    """Where the WARC file that an entry names lies: under its name, or with `.open` while it is written."""
    path = safe_path(root, relative)
    return path if path.exists() else path.with_name(path.name + OPEN)


def segment(first: int) -> str:
    return f"{MANIFEST}/{first:012d}.jsonl"


def note(size: int) -> str:
    return f"{CHECKPOINTS}/{size:012d}.note"


def warc(moment: datetime, run: str, number: int) -> str:
    moment = moment.astimezone(UTC)
    return f"{WARC}/{moment:%Y/%m}/PRESERVE-{moment:%Y%m%dT%H%M%SZ}-{run[:12]}-{number:05d}.warc.gz"


def media(sha256: str, extension: str) -> str:
    return f"{MEDIA}/{sha256[:2]}/{sha256}{extension}"


def unfinished(film: str) -> str:
    """Where the streams of a film wait for their end; `film` is its media key."""
    return f"{TMP}/film-{hashlib.sha256(film.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def torn(file: str, kept: int, sha256: str) -> str:
    """Named by its content, so that a repair that was itself cut short finds its own work again."""
    return f"{file}.{kept}.{sha256[:12]}{TORN}"


def temporary(folder: Path) -> Path:
    return folder / f"preserve-{secrets.token_hex(16)}.tmp"


@dataclass(frozen=True, slots=True)
class Identity:
    """What archive.json holds. `public_key`: 32 raw bytes of Ed25519."""

    origin: str
    public_key: bytes

    def fields(self) -> Mapping[str, Json]:
        return {"format": FORMAT, "origin": self.origin, "public_key": b64encode(self.public_key).decode()}

    def encode(self) -> bytes:
        return json.dumps(self.fields(), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def read_identity(root: Path) -> Identity:
    """The identity of the archive at `root`. FormatError if there is no archive, or one of another version."""
    try:
        found = json.loads((root / IDENTITY).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise FormatError(f"{root} is not an archive", "preserve init makes one") from None
    except OSError as error:
        raise StorageError(f"{root / IDENTITY} cannot be read: {error.strerror}") from error
    except ValueError:
        raise DamagedError(f"{root / IDENTITY} is not readable JSON") from None
    if not isinstance(found, dict) or type(found.get("format")) is not int:
        raise DamagedError(f"{root / IDENTITY} does not say what it must")
    if found["format"] != FORMAT:
        raise FormatError(
            f"{root} has format {found['format']}, this program reads format {FORMAT}",
            "use the version of preserve that wrote it, or a newer one",
        )
    try:
        origin, public_key = str(found["origin"]), b64decode(found["public_key"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise DamagedError(f"{root / IDENTITY} does not say what it must") from None
    if len(public_key) != 32:
        raise DamagedError(f"{root / IDENTITY} holds no Ed25519 key")
    return Identity(origin, public_key)


README_TEXT = """\
THIS FOLDER IS AN ARCHIVE OF WEB SOURCES

It was written by the program "preserve" (archive format 1). It holds the pages and videos that an investigation
cites, as they were received, and a record of when and how each was fetched. You need no special program to read or
check it: sha256sum, gzip, jq and openssl will do.

WHAT IS WHERE
  manifest/      the record: one JSON object a line, one line for each event, in order. Start here.
  warc/          every request and answer, byte for byte (WARC 1.1, ISO 28500; gzip). ".open": still being written.
  media/         videos and other large files, named by the SHA-256 of their content
  checkpoints/   signed statements: "the first N lines of the manifest have this Merkle root" (RFC 6962)
  keys/          the public key that checks those signatures. The private key is not here.
  archive.json   the version of the format, the name of this archive, its public key
  index/ tmp/ lock    tools of the program; no evidence, may be deleted while nothing runs
  *.torn         unfinished bytes that a crash left behind, set aside and never deleted

Do not edit, rename or delete anything else: each change is found when the archive is checked. Copy the whole folder
to keep it safe; a copy is as good as the original.

HOW TO CHECK IT (run these in this folder, with bash)
1. No finished WARC file has changed:
     sha256sum -c <(jq -r 'select(.t=="seal")|"\\(.sha256)  \\(.file)"' manifest/*.jsonl)
2. No media file has changed:
     sha256sum -c <(jq -r 'select(.t=="capture")|.media[]|"\\(.sha256)  \\(.path)"' manifest/*.jsonl)
3. One page is what was stored: find its line (jq 'select(.source=="THE URL")' manifest/*.jsonl; "t" is "capture", or
   "import" for a copy that a web archive gave, not the source), take file, offset, length and sha256 of a record, then
     tail -c +$((OFFSET+1)) FILE | head -c LENGTH | sha256sum      # must print that sha256
     tail -c +$((OFFSET+1)) FILE | head -c LENGTH | gzip -dc       # shows the record itself
4. A checkpoint is signed with the key of this archive (N: the number in its name):
     sed '/^$/,$d' checkpoints/N.note > /tmp/text
     sed -n '$p' checkpoints/N.note | awk '{print $NF}' | base64 -d | tail -c 64 > /tmp/signature
     openssl pkeyutl -verify -pubin -inkey keys/log.pub.pem -rawin -in /tmp/text -sigfile /tmp/signature
5. The manifest is the one that was signed: the leaf of line n is SHA-256 of a zero byte and the line; a node is
   SHA-256 of a one byte and its two children; the root of the first N lines is line 3 of checkpoints/N.note (base64).
   "preserve verify" does all of this and more.

WHAT THIS SHOWS, AND WHAT IT DOES NOT
The hashes and signatures show that these bytes have not changed since a checkpoint was made. The time of a
checkpoint is what the clock of the writing machine said, unless an independent time-stamp or somebody's older copy
of a checkpoint confirms it. They do NOT show that a server sent these bytes: for that you rely on the people and the
machine that made the archive. Compare a checkpoint that somebody kept elsewhere to know that nothing was dropped.
"""
