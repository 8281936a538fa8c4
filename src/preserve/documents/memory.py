"""What documents cite, remembered in the archive's index by the hash of their bytes: the unchanged ones of a folder
need not be read again each night.

It is derived and may be deleted at any time; it is used only by the very readers that wrote it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from importlib import metadata
from pathlib import Path, PurePath

from preserve.archive import fsio, layout
from preserve.documents import worker
from preserve.documents.pool import Request
from preserve.documents.read import Document, hash_file
from preserve.errors import ArchiveError, DocumentError

_FOLDER = f"{layout.INDEX}/documents"
_LIBRARIES = ("ada-url", "charset-normalizer", "lxml", "publicsuffixlist", "pypdfium2", "pyromark", "pyyaml")
_MAX = 256 * 1024**2  # bytes of one memory: 500,000 citations; what unpacks to more is not ours
_BLOCK = 1 << 20


class Memory:
    """Of one archive; of none, it remembers nothing. `keep`: whether new ones are written."""

    def __init__(self, archive: Path | None, *, keep: bool = True) -> None:
        self._root = archive if archive and (archive / "archive.json").is_file() else None
        self._keep = keep
        self._readers = _readers() if self._root else ""

    def recall(self, request: Request) -> Document | None:
        """The document, if these bytes were read before under the same circumstances."""
        path = self._path(request, _sha256(request)) if self._root else None
        try:
            if path and self._root:
                return _unpacked((self._root / path).read_bytes(), request.name)
        except (OSError, ValueError, TypeError, zlib.error):
            pass  # none, or none of ours: it is read again
        return None

    def keep(self, request: Request, document: Document) -> None:
        """Best effort, as all of the index: without it, the document is read again, as one is that could not be read
        whole."""
        path = self._path(request, document.sha256) if self._root and self._keep else None
        if document.unread:
            return
        if path and self._root and not (self._root / path).exists():
            try:
                fsio.folder_for(self._root, _FOLDER)
                fsio.write_once(self._root, path, [_packed(document)])
            except (ArchiveError, OSError):
                return  # a full or read-only disk is told by whoever needs it

    def _path(self, request: Request, sha256: str) -> str | None:
        if not sha256:
            return None
        suffix = PurePath(request.name).suffix.lower()
        seen = json.dumps([self._readers, sha256, suffix, request.base_url, sorted(request.extras)])
        return f"{_FOLDER}/{hashlib.sha256(seen.encode()).hexdigest()}.z"


def _sha256(request: Request) -> str:
    """Of a file that stays for a second reading, else ""."""
    try:
        with request.open() as file:
            return hash_file(file, request.name)[0] if file.seekable() else ""
    except (OSError, DocumentError):
        return ""


def _readers() -> str:
    """What tells these readers from others: their files and the libraries that they use."""
    folder = Path(__file__).parent
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*.py")]
    versions = [metadata.version(name) for name in _LIBRARIES]
    return hashlib.sha256(json.dumps([sorted(files), versions]).encode()).hexdigest()


def _packed(document: Document) -> bytes:
    head = [
        document.sha256, document.bytes, document.format, document.encoding, document.notices, document.unread,
    ]  # fmt: skip
    citations = [worker.pack(one) for one in document.citations]
    return zlib.compress(json.dumps([head, citations]).encode(), 1)


def _unpacked(data: bytes, name: str) -> Document:
    inflating = zlib.decompressobj()
    text = inflating.decompress(data, _MAX)
    head, citations = json.loads(text)
    return worker.unpack_document(head, name, citations, [])
