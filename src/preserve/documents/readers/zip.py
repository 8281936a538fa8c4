"""ZIP archives: every member, read as a document of its own. And WACZ, the web archives in ZIP files.

Names of members are shown and never used as paths. Older programs write them in the code page of their system
without saying so; Cyrillic is told from Latin by its looks. Of a WACZ its pages are read (`pages/*.jsonl`) and its WARC
files, not its indexes and logs. Rules: PKWARE's APPNOTE.TXT; WACZ 1.1.1.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from preserve.documents.mention import Block, Mention, Nest, words
from preserve.documents.readers.label import label
from preserve.documents.readers.package import DAMAGE, Package
from preserve.documents.readers.troubles import Troubles, skipped
from preserve.documents.readers.unpack import unpack
from preserve.errors import DocumentError
from preserve.model import Place

_UTF8 = 0x800  # flag: the name is in UTF-8
_LETTERS = "[А-Яа-яЁёЄєЇїЎў]"
_CYRILLIC = re.compile(rf"(?=.*{_LETTERS}{{3}})(?:[\x00-\x7f№]|(?<![A-Za-z]){_LETTERS}++(?![A-Za-z]))*+", re.S)
_URL, _TITLE = (re.compile(rb'"%s"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"' % key) for key in (b"url", b"title"))


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of all members, in the order of the directory; then what could not be read."""
    package = Package(file, nest, "The archive")
    web = "datapackage.json" in package and any(name.startswith("archive/") for name in package.names)
    troubles = Troubles()
    members = package.members
    if web:  # the list of its pages first
        members.sort(key=lambda info: not info.filename.startswith("pages/"))
    for info in members:
        name = _name(info)
        if skipped(name) or (web and not name.startswith(("archive/", "pages/"))):
            continue
        blocks = troubles.sift(_member(package, info, label(name), nest))
        yield from _pages(blocks) if web and name.startswith("pages/") else blocks
    yield from troubles.blocks()


def _member(package: Package, info: zipfile.ZipInfo, name: str, nest: Nest) -> Iterator[Block]:
    place = Place(part=name)
    try:
        with package.open(info) as member:
            yield from unpack(member, nest, name, place, packed=info.compress_size)
    except DAMAGE as error:
        yield Block(place=place, warning=f"is damaged ({error})", unread=True)
    except DocumentError as error:
        yield Block(place=place, warning=error.message.removeprefix("The archive").strip(" ."), unread=True)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name, in the encoding in which it most likely is."""
    if info.flag_bits & _UTF8 or info.orig_filename.isascii():
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        russian = raw.decode("cp866", "replace")
        return russian if _CYRILLIC.fullmatch(russian) else info.orig_filename


def _pages(blocks: Iterable[Block]) -> Iterator[Block]:
    """The list of pages: one a line, with URL and title."""
    for block in blocks:
        yield replace(block, mentions=_listed(block.text)) if block.text else block


def _listed(text: bytes) -> Iterator[Mention]:
    at = 0
    while at < len(text):
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        url, title = _URL.search(text, at, end), _TITLE.search(text, at, end)
        if url:
            written = url[1].decode("utf-8", "replace")
            target, anchor = _string(url[1]), words(_string(title[1])) if title else ""
            changes = () if target == written else ("unescaped",)
            yield Mention(url.start(1), "link", written, target, anchor, anchor, changes=changes, end=url.end(1))
        at = end + 1


def _string(raw: bytes) -> str:
    try:
        return str(json.loads(b'"' + raw + b'"'))
    except ValueError:
        return raw.decode("utf-8", "replace")
