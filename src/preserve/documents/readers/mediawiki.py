"""MediaWiki text, by the rules of its parser: external links, pictures, templates, references, tags.

One pass. What is open (a template, an internal link) is kept in a list and never gone into by recursion. In a
template every value that is a URL is a link, named by the template's title, which may come after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from preserve.documents.mention import Mention
from preserve.documents.readers.markup import (
    ENTITY,
    REACH,
    Dialect,
    Reading,
    Sheet,
    Span,
    closing,
    decoded,
    kept,
    lines,
    stripped,
)

_URL = rb"(?:(?:https?|ftps?|sftp|ircs?|gopher|gemini|nntp|magnet|rtmp|rtsp)://|//(?=[\w\x80-\xff])|(?:mailto|tel|magnet):)"
_REST = rb"(?:[^\s<>\[\]\"{}|']|'(?!')|\[\w{0,40}\]=|\{(?!\{)|\}(?!\}))++"  # two apostrophes are italics
_FILES = (
    rb"File|Image|Media|Datei|Bild|Fichier|Archivo|Imagen|Immagine|Bestand|Ficheiro|Arquivo|Plik|Grafika|Soubor"
    + "|Файл|Изображение|Зображення|ملف|صورة|پرونده|Dosya|文件|檔案|ファイル|파일".encode()
)
_INLINE = re.compile(
    rb"<!--|<(?P<tag>nowiki|pre|syntaxhighlight|source|code|math|score|graph|templatedata|timeline|mapframe)\b[^<>]*>"
    rb"|<(?P<ref>ref)(?:\s[^<>]*)?>|(?P<unref></ref\s*>)|<(?P<html>/?[A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]*>"
    rb"|\[\[\s*:?(?P<file>" + _FILES + rb")\s*:(?P<picture>[^\[\]|{}\n]*+)"
    rb"|\[\[\s*(?P<outside>" + _URL + _REST + rb")\s*(?=[\]|])|(?P<inside>\[\[(?!\[))[^\[\]|{}\n]*+"
    rb"|(?P<closed>\]\])"
    rb"|\[(?P<external>" + _URL + _REST + rb")"
    rb"|(?P<template>\{\{(?!\|))[\s_]*(?P<name>(?:(?!https?://|www\.)[^{}|\[\]\n<])*+)"
    rb"|(?P<ended>\}\})"
    rb"|(?P<bar>\|\|?)[ \t\n]*(?:(?P<key>[^\s={}|\[\]<>\"/:]{1,40}+(?:[ ][^\s={}|\[\]<>\"/:]{1,40}+){0,3})[ \t]*=)?"
    rb"(?:[ \t\n]*(?P<value>" + _URL + _REST + rb")(?=[ \t]*(?:[|\n]|\}\}|<!--|\]\]|\Z)))?"
    rb"|'{2,5}",
    re.I,
)
_CITING = re.compile(
    r"(?:cite|citation|cita|cytuj|citar|ouvrage|lien web|internetquelle|literatur|книга|статья)\b".encode(), re.I
)
_TITLES = frozenset(key.encode() for key in ("title", "titel", "titre", "título", "titolo", "заглавие", "название"))
_MAX_OPEN = 1000  # templates and links in one another; MediaWiki itself stops at 100
_LINKS = re.compile(
    r"\[\[(?:[^\[\]|]*\|)*([^\[\]|]*)\]\]|\[(?:mailto:|(?:https?:|ftp:)?//)[^\s\[\]]*+[ ]?([^\[\]]*+)\]"
)
_MARKS = re.compile(
    r"'{2,5}|<ref[^<>]*/>|<ref[^<>]*>[^<]*(?:</ref>)?|</?[A-Za-z][^<>]*>|\{\{[^{}]*\}\}|\{\{[^{}|]*\||\}\}|^[*#:;]+"
    r"|^=+|=+[ ]*$|^\{?\|[-}+]?|\|\||^!|<!--.*?-->",
    re.M | re.S,
)
_BREAK = re.compile(
    r"\n(?=[*#:;|!={}])|\n\s*\n|</?(?:ref|pre|blockquote|nowiki|syntaxhighlight)\b[^<>]*>|-->|<!--|\|\||\n\|-|(?<=\n)[|!]|^\}\}"
)
_DIALECT = Dialect(lambda source: _MARKS.sub("", _LINKS.sub(kept, source)), ENTITY, decoded, _BREAK)


def read(data: bytes) -> Iterator[Mention]:
    """Links, pictures, references, templates that cite, and URLs in running text, code and comments."""
    return _Page(data).mentions()


@dataclass(slots=True)
class _Template:
    """One that is still open."""

    citing: bool
    start: int
    urls: list[Span] = field(default_factory=list)
    title: int = 0  # where its title begins
    titled: int = 0  # and ends


class _Page:
    def __init__(self, data: bytes) -> None:
        self._source = lines(data)
        self._sheet = Sheet(data, _DIALECT)
        self._open: list[_Template | bytes] = []  # templates; of internal links, their kind
        self._comments = True  # may still find their end
        self._endless: set[bytes] = set()  # tags that find none

    def mentions(self) -> Iterator[Mention]:
        source, sheet, at = self._source, self._sheet, 0
        while found := _INLINE.search(source, at):
            at = found.end()
            if found["value"] is not None or (found["bar"] and self._open):
                yield from self._value(found)
            elif found["bar"]:
                yield from sheet.running(found.start())
                sheet.skip(found.end("bar"))
                at = found.end("bar")
            elif found["external"]:
                at = yield from self._external(found)
            else:
                yield from sheet.running(found.start())
                sheet.skip(at)
                at = yield from self._markup(found)
        yield from sheet.running(len(source))
        for template in reversed(self._open):
            if isinstance(template, _Template):
                yield from self._cited(template)

    def _markup(self, found: re.Match[bytes]) -> Reading:
        """Whatever else it is; gives where to go on."""
        source, sheet, at = self._source, self._sheet, found.end()
        if found["tag"]:
            return (yield from self._tag(found))
        if found["ref"] and not found[0].endswith(b"/>"):
            sheet.role, sheet.floor = "footnote", at
        elif found["unref"]:
            sheet.role, sheet.floor = "text", 0
        elif found["file"]:
            yield from self._picture(found)
        elif found["outside"]:
            stop = source.find(b"]]", at, at + REACH)
            bar = found.end() + source[at : at + 1].count(b"|")
            if stop >= 0:
                url = found.span("outside")
                anchor = sheet.anchor(bar, stop) or sheet.shown(*url)
                yield from sheet.cite((found.start(), stop + 2), url, "link", anchor)
                sheet.hushed = max(sheet.hushed, stop)
            self._push(b"")
        elif found["inside"]:
            self._push(b"")
        elif found["template"] is not None:
            self._push(_Template(bool(_CITING.match(found["name"])), found.start()))
        elif found["ended"] or found["closed"]:
            yield from self._ended(found)
        elif found[0] == b"<!--":
            return (yield from self._comment(at))
        return at

    def _comment(self, at: int) -> Reading:
        stop = self._source.find(b"-->", at) if self._comments else -1
        if stop < 0:
            self._comments = False
            return at
        yield from self._sheet.running(stop, "comment")
        self._sheet.skip(stop + 3)
        return stop + 3

    def _tag(self, found: re.Match[bytes]) -> Reading:
        """A tag whose content is shown as it is written."""
        name = found["tag"].lower()
        if found[0].endswith(b"/>") or name in self._endless:
            return found.end()
        close = re.compile(rb"</" + name + rb"\s*>", re.I).search(self._source, found.end())
        if not close:
            self._endless.add(name)
            return found.end()
        yield from self._sheet.running(close.start(), "code")
        self._sheet.skip(close.end())
        return close.end()

    def _ended(self, found: re.Match[bytes]) -> Iterator[Mention]:
        """The end of a template or of an internal link, if that is what is open."""
        last = self._open[-1] if self._open else None
        if isinstance(last, _Template) and found["ended"]:
            self._close_title(found.start())
            self._open.pop()
            yield from self._cited(last)
        elif last is not None and not isinstance(last, _Template) and found["closed"]:
            self._open.pop()

    def _cited(self, template: _Template) -> Iterator[Mention]:
        sheet = self._sheet
        anchor = sheet.anchor(template.title, template.titled) if template.titled else ""
        for url in template.urls:
            role = "bibliography" if template.citing and sheet.role == "text" else "link"
            yield from sheet.cite((template.start, sheet.at), url, role, anchor or sheet.shown(*url))

    def _push(self, one: _Template | bytes) -> None:
        if len(self._open) < _MAX_OPEN:
            self._open.append(one)

    def _close_title(self, end: int) -> None:
        last = self._open[-1] if self._open else None
        if isinstance(last, _Template) and last.title and not last.titled:
            last.title, last.titled = stripped(self._source, last.title, end)

    def _value(self, found: re.Match[bytes]) -> Iterator[Mention]:
        """What a bar begins: a value of a template or of a picture, or a cell of a table that is a URL."""
        sheet, last = self._sheet, self._open[-1] if self._open else None
        key, url = (found["key"] or b"").lower(), found.span("value")
        yield from sheet.running(found.start())
        sheet.skip(max(found.end("bar"), found.end("key") + 1))
        if isinstance(last, _Template):
            self._close_title(found.start())
            if key in _TITLES:
                last.title, last.titled = found.end("key") + 1, 0
            if found["value"]:
                last.urls.append(url)
                sheet.skip(url[1])
        elif last == b"file" and key == b"link" and found["value"]:
            yield from sheet.cite(found.span(), url, "link", self._caption(found.start()))
            sheet.skip(url[1])

    def _picture(self, found: re.Match[bytes]) -> Iterator[Mention]:
        url = found.span("picture")
        self._push(b"file")
        if b"//" in found["picture"]:
            yield from self._sheet.cite(found.span(), stripped(self._source, *url), "image", self._caption(found.end()))

    def _caption(self, at: int) -> str:
        """The alternative text of a picture, or its caption, which is the last of its values."""
        stop = self._source.find(b"]]", at, at + REACH)
        caption = b""
        for value in self._source[at : max(at, stop)].split(b"|")[1:]:
            key, named, text = value.partition(b"=")
            if key.strip() == b"alt":
                caption = text
                break
            caption = b"" if named else value
        return _DIALECT.read(caption.decode("utf-8", "replace"))

    def _external(self, found: re.Match[bytes]) -> Reading:
        """[url text], whose text may hold pictures; gives where to go on."""
        sheet, source, at = self._sheet, self._source, found.end()
        newline = source.find(b"\n", at, at + REACH)
        stop = closing(source, at, newline if newline >= 0 else len(source))
        yield from sheet.running(found.start())
        if stop < 0:
            return found.start() + 1
        url = found.span("external")
        yield from sheet.cite((found.start(), stop + 1), url, "link", sheet.anchor(at, stop) or sheet.shown(*url))
        sheet.skip(at)
        sheet.hushed = max(sheet.hushed, stop + 1)
        return at
