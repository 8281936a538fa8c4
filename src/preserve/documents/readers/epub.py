"""EPUB 2 and 3 (EPUB 3.3, OCF and OPF): the chapters in their reading order, then what else the book has.

Links from chapter to chapter lead into the book and cite nothing, nor do its own pictures. The table of contents is
read only where it is a chapter. What a seller has encrypted is named; fonts may be obfuscated, which hides nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import unquote

from preserve.documents.charset import decode
from preserve.documents.mention import Block, Mention, Nest
from preserve.documents.passage import Passage
from preserve.documents.readers import html
from preserve.documents.readers.package import Package
from preserve.documents.readers.xmlwalk import walk
from preserve.errors import DocumentError
from preserve.model import Place

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_CHAPTERS = frozenset({
    "application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document", "image/svg+xml",
})  # fmt: skip
_OBFUSCATIONS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})  # of fonts
_SUFFIXES = (".xhtml", ".html", ".htm")
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_BASE = re.compile(rb"<[^>]{0,2000}?\sxml:base\s*=\s*[\"']([^\"'>]{1,2000})[\"']")
_HEAD = 4096  # bytes in which the first element of a chapter begins
_TAGS = frozenset({"link", "image", "embed", "cite", "asset"})  # roles of what a tag names


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """Chapter after chapter, then the metadata."""
    package = Package(file, nest, "The book")
    encrypted = _encrypted(package)
    roots = _roots(package)
    chapters = list(dict.fromkeys(name for root in roots for name in _chapters(package, root))) or _documents(package)
    locked = [name for name in chapters if name in encrypted]
    if locked and len(locked) == len(chapters):
        raise DocumentError("The book is encrypted (DRM).", "Give me a copy without.")
    for name in chapters:
        yield from _chapter(package, name, locked=name in encrypted)
    for root in roots:
        yield from _metadata(package, root)


def _roots(package: Package) -> list[str]:
    """The package documents: one, or one for each rendition."""
    roots = []
    if _CONTAINER in package:
        events = walk(package.read(_CONTAINER), what="The book")
        roots = [event.attributes.get("full-path", "") for event in events if event.name == "rootfile"]
    return [name for name in dict.fromkeys(roots) if name in package] or [
        name for name in package.names if name.endswith(".opf")
    ]


def _documents(package: Package) -> list[str]:
    """All that look like chapters, of a book that does not say which are."""
    return [name for name in package.names if name.lower().endswith(_SUFFIXES)]


def _encrypted(package: Package) -> frozenset[str]:
    """The members that only the seller's program reads."""
    names, algorithm = set(), ""
    for event in walk(package.read(_ENCRYPTION), what="The book") if _ENCRYPTION in package else ():
        if event.kind == "start" and event.name == "EncryptionMethod":
            algorithm = event.attributes.get("Algorithm", "")
        elif event.kind == "start" and event.name == "CipherReference" and algorithm not in _OBFUSCATIONS:
            names.add(unquote(event.attributes.get("URI", "")))
        elif event.kind == "end" and event.name == "EncryptedData":
            algorithm = ""
    return frozenset(names)


def _chapters(package: Package, root: str) -> Iterator[str]:
    """The members that are chapters, in reading order; then those that no reading order has, but for the contents."""
    items: dict[str, str] = {}
    order, others = [], []
    for event in walk(package.read(root), what="The book"):
        said = event.attributes.get
        if event.kind == "start" and event.name == "item" and said("media-type") in _CHAPTERS:
            items[said("id", "")] = member = _member(package, root, said("href", ""))
            if "nav" not in said("properties", "").split():
                others.append(member)
        elif event.kind == "start" and event.name == "itemref":
            order.append(items.get(said("idref", ""), ""))
    yield from (name for name in (*order, *others) if name in package)


def _member(package: Package, root: str, href: str) -> str:
    """The member that a package document names; not every producer escapes what a URL cannot hold."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(root), href))
    return path if path in package else unquote(path)


def _metadata(package: Package, root: str) -> Iterator[Block]:
    """Sources, identifiers, descriptions, linked records."""
    passage, within = Passage(), False
    for event in walk(package.read(root), what="The book"):
        if event.name == "metadata":
            within = event.kind == "start"
        elif within and event.kind == "text":
            passage.add(event.text)
        elif within and event.kind == "start":
            passage.add(event.attributes.get("content", ""))
            if _SCHEME.match(href := event.attributes.get("href", "")):
                passage.cite(href, "header")
        elif within and event.kind == "end":
            yield from passage.blocks(Place(part=root), "header")


def _chapter(package: Package, name: str, *, locked: bool) -> Iterator[Block]:
    place = Place(part=name)
    if locked:
        yield Block(place=place, warning="is encrypted (DRM) and was not read", unread=True)
        return
    try:
        text, _ = decode(package.read(name), name)
    except DocumentError as error:
        said = error.message.removeprefix("The book: ").removeprefix(name).strip(" :.")
        yield Block(place=place, warning=said, unread=True)
        return
    yield Block(text, _citing(text), replace(place, line=1, column=1))


def _citing(text: bytes) -> Iterator[Mention]:
    """What leads out of the book."""
    base = _BASE.search(text, 0, _HEAD)
    outer = base[1].decode("utf-8", "replace") if base and _SCHEME.match(base[1].decode("utf-8", "replace")) else ""
    # Of the same length, so that nothing moves: in HTML, as which it is read, such a section is a comment.
    for mention in html.read(text.replace(b"<![CDATA[", b" " * 9).replace(b"]]>", b" " * 3)):
        relative = mention.role in _TAGS and not _SCHEME.match(mention.target)
        if not relative:
            yield mention
        elif outer and not mention.target.startswith("#"):
            yield replace(mention, base=mention.base or outer)
