"""One message: its header, its text and HTML, and what is attached to it. Also saved pages (MHTML), which are mail.

A place is a part, numbered as IMAP numbers them (`1.2`), with the line of its decoded text; in a header it is the
name of the field. Text and HTML that say the same are both read: the sender wrote both. Rules: mime.py; flowed text,
RFC 3676; calendars and cards, RFC 5545 and 6350; external bodies, RFC 2017; bases, RFC 2557.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from preserve.documents.mention import Block, Mention, Nest
from preserve.documents.place import around, sentence
from preserve.documents.readers import html, mime
from preserve.documents.readers.label import label
from preserve.documents.readers.mime import Part
from preserve.documents.text import running
from preserve.documents.url import fetchable, resolve
from preserve.model import Place

MAX_MESSAGE = 160 * 1024**2  # bytes; no provider carries more than 150 MB, and it is held in memory three times over

_EMLX = re.compile(rb"(\d{1,10})[ \t]*\r?\n")  # Apple Mail: the length of the message, then it, then a property list
# URLs that their field marks as such (RFC 2369, RFC 5064); white space in them comes from folding.
_ANGLED = re.compile(rb"<\s*((?:https?|ftp|mailto):[^<>]*[^<>\s])\s*>", re.I)
_SILENT_FIELDS = frozenset({"content-type", "content-disposition", "content-id", "dkim-signature"})
_LOCATIONS = frozenset({"content-location", "content-base"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_MEDIA = ("image/", "audio/", "video/", "font/")
# Signatures and keys; what a Macintosh keeps beside a file.
_SKIPPED = frozenset({
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
    "application/pgp-keys", "application/applefile",
})  # fmt: skip
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_FOLDED = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory"})
_FOLD = re.compile(rb"\r?\n[ \t]")
_SOFT_BREAK = re.compile(rb"(?<!\n--) (?:\r\n|\n)>* ?")
_PGP = b"-----BEGIN PGP MESSAGE-----"
_KNOWN = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The blocks of a message that is a document of its own."""
    data = file.read(MAX_MESSAGE + 1)
    large = len(data) > MAX_MESSAGE
    data = data.removeprefix(codecs.BOM_UTF8)
    length = _EMLX.match(data)
    if length:
        data = data[length.end() : length.end() + int(length[1])]
    yield from message(data, nest)
    if large:
        yield Block(warning=f"is larger than {MAX_MESSAGE >> 20} MiB; only its beginning is read", unread=True)


def message(data: bytes, nest: Nest) -> Iterator[Block]:
    """The blocks of a message, part by part."""
    for part in mime.walk(data):
        if part.problem:
            yield Block(place=_place(part), warning=part.problem, unread=True)
        yield from _header(part)
        yield from _content(part, nest)


def _place(part: Part) -> Place:
    name = label(part.filename)
    return Place(part=" ".join(filter(None, (part.path, name))) or None)


def _header(part: Part) -> Iterator[Block]:
    """The URLs in its fields, one block a field."""
    within = part.path if part.message is None else part.message
    for name, raw in part.fields:
        low = name.lower()
        if low in _SILENT_FIELDS and not (low == "content-type" and part.type == "message/external-body"):
            continue
        value = mime.decoded(raw, part.parameters.get("charset", "")).encode("utf-8", "replace")
        inner = part.message is None and low in _LOCATIONS and part.type not in _PAGES
        found = tuple(_cited(value, "asset" if inner else "header", bare=low == "subject"))
        if found:
            yield Block(value, found, Place(part=f"{within} {name}".strip()))


def _cited(value: bytes, role: str, *, bare: bool) -> Iterator[Mention]:
    at = 0
    for found in _ANGLED.finditer(value):
        yield from running(value, at, found.start(), role, bare=bare)
        at = found.end()
        written = found[1].decode("utf-8", "replace")
        target = "".join(written.split())
        before, after = around(value, found.start(), at)
        context = sentence(before, found[0].decode("utf-8", "replace"), after)
        changes = () if target == written else ("joined-lines",)
        yield Mention(found.start(1), role, written, target, context=context, changes=changes, end=found.end(1))
    yield from running(value, at, len(value), role, bare=bare)


def _content(part: Part, nest: Nest) -> Iterator[Block]:
    place, name = _place(part), part.filename
    if any(outer.type == "multipart/encrypted" for outer in part.outers()):
        if part.type == "multipart/encrypted":
            yield Block(place=place, warning="is encrypted", unread=True)
        return
    closed = _closed(part)
    if closed:
        yield Block(place=place, warning=closed, unread=True)
    if closed or part.type in _SKIPPED or not part.type or not part.body.strip():
        return
    if part.encoding not in _KNOWN:
        yield Block(place=place, warning=f"is encoded as {label(part.encoding)}, which I do not know", unread=True)
    if part.type in _PAGES:
        yield _page(part, place)
    elif part.type in mime.MESSAGES:  # encoded, which it must not be; as it is, mime.py reads it
        yield from nest.read(part.content(), label(name) or f"{part.path}.eml", place)
    elif part.type in _FOLDED or (not name and part.type.startswith(("text/plain", "multipart/", "message/"))):
        yield from _text(part, place)
    else:
        yield from _attached(part, label(name) or f"{part.path}.{part.type.rpartition('/')[2]}", place, nest)


def _closed(part: Part) -> str:
    """Why nobody but its addressee, or a program of its own, reads this part."""
    if part.type in _SMIME:
        signed = part.parameters.get("smime-type", "").lower() == "signed-data"
        return "is wrapped in its signature (S/MIME), which I cannot read" if signed else "is encrypted (S/MIME)"
    if part.type in _TNEF or part.filename.lower() == "winmail.dat":
        return "is what Outlook packs attachments into (TNEF), which I cannot read"
    return ""


def _page(part: Part, place: Place) -> Block:
    text = mime.utf8(part.content(), part.parameters.get("charset", ""))
    base = _base(part)
    mentions = html.read(text)
    return Block(text, mentions if not base else _based(mentions, base), replace(place, line=1, column=1))


def _base(part: Part) -> str:
    """What relative URLs in it stand under."""
    for outer in part.outers():
        for name in ("content-base", "content-location", "snapshot-content-location"):
            url = "".join(outer.get(name).split())
            if fetchable(url):
                return url
    return ""


def _based(mentions: Iterator[Mention], base: str) -> Iterator[Mention]:
    for mention in mentions:
        yield replace(mention, base=(resolve(base, mention.base) if mention.base else None) or base)


def _text(part: Part, place: Place) -> Iterator[Block]:
    text = mime.utf8(part.content(), part.parameters.get("charset", ""))
    place = replace(place, line=1, column=1)
    parameters = {name: value.lower() for name, value in part.parameters.items()}
    if part.type in _FOLDED:
        yield Block(text, _unbroken(text, _FOLD), place)
    elif parameters.get("format") == "flowed" and parameters.get("delsp") == "yes":
        yield Block(text, _unbroken(text, _SOFT_BREAK), place)
    else:
        yield Block(text, running(text, joined=True), place)
    if _PGP in text:
        yield Block(place=_place(part), warning="has text that is encrypted (OpenPGP)", unread=True)
    if part.type == "message/partial":
        yield Block(place=_place(part), warning="is one piece of a message that was sent in several", unread=True)


def _unbroken(text: bytes, breaks: re.Pattern[bytes]) -> Iterator[Mention]:
    """The URLs of a text whose format says which breaks are none."""
    pieces, starts, removed, done = [], [0], [0], 0
    for found in breaks.finditer(text):
        pieces.append(text[done : found.start()])
        done = found.end()
        starts.append(starts[-1] + len(pieces[-1]))
        removed.append(done - starts[-1])
    whole = b"".join((*pieces, text[done:]))
    for mention in running(whole):
        start = mention.start + removed[bisect_right(starts, mention.start) - 1]
        end = mention.end + removed[bisect_right(starts, mention.end - 1) - 1]
        written = text[start:end].decode("utf-8", "replace")
        changes = mention.changes if written == mention.written else (*mention.changes, "joined-lines")
        yield replace(mention, start=start, end=end, written=written, changes=changes)


def _attached(part: Part, name: str, place: Place, nest: Nest) -> Iterator[Block]:
    data = part.content()
    if part.type.startswith("text/"):
        data = mime.utf8(data, part.parameters.get("charset", ""))
    for block in nest.read(data, name, place):
        # What says that it is a picture mostly is one, if of a kind unknown to us; it would be a warning each.
        if not (block.warning and part.type.startswith(_MEDIA)):
            yield block
