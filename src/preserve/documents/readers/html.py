"""HTML, as lxml's parser reads it: a stream of events, never a tree, so that no depth of nesting costs anything.

That parser does not say where a thing stands in the source. So the source is marked before it is parsed: every
tag that can cite gets an attribute with its own offset, and every URL in text is preceded by its offset between
two private-use characters that occur nowhere else in the document. The parser alone decides what is a tag, an
attribute, a comment or text; the mark that arrives with it says where it was. Marks never reach a citation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from secrets import token_hex
from typing import Any

from preserve.documents.find import START, Found, find
from preserve.documents.mention import MAX_ANCHOR, Mention, words
from preserve.documents.place import around, sentence
from preserve.documents.text import mention

# What cites, by element: attribute and role.
_CITES: dict[str, tuple[tuple[str, str], ...]] = {
    "a": (("href", "link"), ("xlink:href", "link")),
    "area": (("href", "link"),),
    "audio": (("src", "embed"),),
    "blockquote": (("cite", "cite"),),
    "del": (("cite", "cite"),),
    "embed": (("src", "embed"),),
    "frame": (("src", "embed"),),
    "iframe": (("src", "embed"), ("data-src", "embed")),
    "image": (("href", "image"), ("xlink:href", "image")),
    "img": (("src", "image"), ("data-src", "image"), ("srcset", "image"), ("data-srcset", "image")),
    "input": (("src", "image"),),
    "ins": (("cite", "cite"),),
    "object": (("data", "embed"),),
    "q": (("cite", "cite"),),
    "source": (("src", "embed"), ("srcset", "image")),
    "track": (("src", "embed"),),
    "video": (("src", "embed"), ("poster", "image")),
}
CITING = re.compile(rb"<(?:" + "|".join((*_CITES, "base")).encode() + rb")(?=[\s/>])", re.I)
_NAME = rb"(?<![\w.@/\x80-\xff-])[\w\x80-\xff-]{1,126}\.(?=[\w\x80-\xff])"  # may begin the name of a host
_MARKED = re.compile(
    rb"(<(?i:" + "|".join((*_CITES, "base")).encode() + rb")(?=[\s/>]))|" + START.pattern + rb"|" + _NAME
)
_ATTRIBUTE = re.compile(rb"[\s/]*([^\s/>=][^\s/>=]*)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")
_CANDIDATE = re.compile(r"[\s,]*(\S+)")
_SILENT = frozenset({"script", "style", "title"})
_CODE = frozenset({"code", "kbd", "samp"})
# What does not end a paragraph of the visible text.
_INLINE = frozenset({
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "embed",
    "font", "i", "iframe", "img", "ins", "kbd", "label", "map", "mark", "object", "picture", "q", "rp", "rt", "ruby",
    "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "time", "track", "tt", "u",
    "var", "video", "wbr",
})  # fmt: skip
_NEAR = 4096  # bytes behind a mark in which a host without one is looked for: `x [dot] org`
_CHUNK = 1 << 20  # bytes given to the parser at once

Span = tuple[int, int]


def read(data: bytes, start: int = 0, end: int | None = None, *, running: bool = True) -> Iterator[Mention]:
    """The citations of `data[start:end]`; `running`: those of its text too, and not only of its tags."""
    from lxml import etree

    marks = _Marks(data)
    page = _Page(marks)
    target: Any = page  # the stubs want a tree builder's
    parser = etree.HTMLParser(target=target, huge_tree=True, encoding="utf-8")
    marked = marks.into(start, len(data) if end is None else end)
    try:
        for at in range(0, len(marked), _CHUNK):
            parser.feed(marked[at : at + _CHUNK])
        parser.close()
    except etree.XMLSyntaxError:
        pass  # raised for a text without one element, after all of it has been seen
    del marked
    yield from page.tags()
    if running:
        yield from page.running()


@cache
def _nonce() -> str:
    """Of this process: no document knows it, and the patterns with it stay compiled."""
    return token_hex(4)


class _Marks:
    """Offsets written into the source. The nonce keeps a document from bringing marks of its own."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        nonce = _nonce()
        self.attribute = f"at-{nonce}"
        self._in_tag = re.compile(rb" %s=\"\d+\" " % self.attribute.encode())
        self._left, self._right = f"\uf8f0{nonce}:".encode(), "\uf8f1".encode()
        self._mark = re.compile(re.escape(self._left) + rb"(\d+)" + self._right)

    def into(self, start: int, end: int) -> bytes:
        def marked(found: re.Match[bytes]) -> bytes:
            if found[1]:  # a tag: where its attributes begin
                return found[0] + b' %s="%d" ' % (self.attribute.encode(), start + found.end())
            return self._left + b"%d" % (start + found.start()) + self._right + found[0]

        return _MARKED.sub(marked, self.data[start:end])

    def of(self, text: bytearray) -> Iterator[re.Match[bytes]]:
        return self._mark.finditer(text)

    def out_of_tags(self, text: bytes) -> bytes:
        """A comment that holds tags; the marks of URLs stay."""
        return self._in_tag.sub(b"", text)

    def out_of(self, text: str) -> str:
        return self._mark.sub(b"", text.encode("utf-8", "replace")).decode() if "\uf8f0" in text else text


class _Text:
    """Text that has come through the parser: without its marks, and with what they said."""

    def __init__(self, marked: bytearray, marks: _Marks) -> None:
        self._data = marks.data
        self._ends, self._removed = [0], [0]  # of each mark in the marked text, and what was removed by then
        self._at, self._source = [0], [0]  # of each mark in the clean text, and its offset in the source
        pieces, done, removed = [], 0, 0
        for mark in marks.of(marked):
            pieces.append(marked[done : mark.start()])
            self._at.append(mark.start() - removed)
            self._source.append(int(mark[1]))
            done, removed = mark.end(), removed + len(mark[0])
            self._ends.append(done)
            self._removed.append(removed)
        self.clean = b"".join((*pieces, marked[done:]))

    def shift(self, at: int) -> int:
        """Where an offset of the marked text is in the clean text."""
        return at - self._removed[bisect_right(self._ends, at) - 1]

    def mentions(self, start: int, end: int, role: str) -> Iterator[Mention]:
        for found in find(self.clean, start, end, bare=role != "code"):
            at, written = self._origin(found)
            changes = found.changes if written == found.written else ("entity-decoded", *found.changes)
            yield replace(mention(self.clean, found, role), start=at, written=written, changes=changes)

    def _origin(self, found: Found) -> tuple[int, str]:
        """Place and spelling in the source: of the mark at the URL, or in it when its scheme was escaped, or as far
        behind the last one as it is in the text."""
        index = bisect_right(self._at, found.start) - 1
        behind = self._source[index] + found.start - self._at[index]
        if self._data.startswith(found.written.encode(), behind):
            return behind, found.written
        if self._at[index] != found.start and index + 1 < len(self._at) and self._at[index + 1] < found.end:
            index += 1
        at = self._source[index]
        near = self._data.find(found.written.encode(), at, at + _NEAR)
        if near >= 0 and found.bare:
            return near, found.written
        if "&" not in found.written or self._data.startswith(found.written.encode(), at):
            return at, found.written
        pattern = re.escape(found.written.encode()).replace(rb"\&", rb"&(?:amp;|#0*38;|#[xX]0*26;)?")
        spelled = re.compile(pattern).match(self._data, at)
        return at, spelled[0].decode() if spelled else found.written


@dataclass(slots=True)
class _Tag:
    at: int  # where its attributes begin in the source
    attribute: str
    role: str
    value: str
    start: int  # of its content in the visible text
    end: int
    label: str  # alternative text


class _Page:
    """The target of the parser: what the tags cite, and the text that a reader sees."""

    def __init__(self, marks: _Marks) -> None:
        self._marks = marks
        self._tags: list[_Tag] = []
        self._open: list[list[_Tag]] = []  # of the <a> not yet closed
        self._visible, self._aside = bytearray(), bytearray()
        self._code: list[Span] = []
        self._code_from: list[int] = []
        self._silent = 0
        self._base = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag not in _INLINE:
            self._visible += b"\n" if tag == "br" else b"\n\n"
        cited = self._cited(tag, attributes) if self._marks.attribute in attributes else []
        self._tags += cited
        if tag == "a":
            self._open.append(cited)
        self._silent += tag in _SILENT
        if tag in _CODE:
            self._code_from.append(len(self._visible))
        if tag == "base" and not self._base:
            self._base = self._marks.out_of(attributes.get("href", "")).strip()

    def end(self, tag: str) -> None:
        if tag == "a" and self._open:
            for cited in self._open.pop():
                cited.end = len(self._visible)
        self._silent -= tag in _SILENT
        if tag in _CODE and self._code_from:
            self._code.append((self._code_from.pop(), len(self._visible)))
        if tag not in _INLINE and tag != "br":
            self._visible += b"\n\n"

    def data(self, text: str | bytes) -> None:
        if not self._silent:
            self._visible += _bytes(text)

    def comment(self, text: str | bytes) -> None:
        self._aside += self._marks.out_of_tags(_bytes(text)) + b"\n\n"

    def close(self) -> None:
        for cited in self._open:
            for tag in cited:
                tag.end = len(self._visible)

    def _cited(self, tag: str, attributes: Mapping[str, str]) -> list[_Tag]:
        at, here = int(attributes[self._marks.attribute]), len(self._visible)
        label = attributes.get("alt") or attributes.get("title") or ""
        return [
            _Tag(at, name, role, self._marks.out_of(attributes[name]), here, here, self._marks.out_of(label))
            for name, role in _CITES.get(tag, ())
            if attributes.get(name, "").strip()
        ]

    def tags(self) -> Iterator[Mention]:
        """What the tags cite."""
        self._text = _Text(self._visible, self._marks)
        for tag in self._tags:
            tag.start, tag.end = self._text.shift(tag.start), self._text.shift(tag.end)
            yield from self._mentions(tag)

    def _mentions(self, tag: _Tag) -> Iterator[Mention]:
        clean = self._text.clean
        content = clean[tag.start : min(tag.end, tag.start + 4 * MAX_ANCHOR)].decode("utf-8", "ignore")
        anchor = words(content) or words(tag.label)
        before, after = around(clean, tag.start, tag.end)
        context = sentence(before, words(content), after)
        at, raw = self._raw(tag)
        for start, written, target in _urls(tag, raw):
            offset = at + len(raw[:start].encode()) if raw else tag.at
            changes = () if written == target else ("entity-decoded",)
            yield Mention(offset, tag.role, written, target, anchor, context, changes=changes, base=self._base)

    def _raw(self, tag: _Tag) -> tuple[int, str]:
        """Place and spelling of an attribute's value in the source; nothing when the parser read it otherwise."""
        name = tag.attribute.encode()
        at = tag.at
        while found := _ATTRIBUTE.match(self._marks.data, at):
            if found[1].lower() == name:
                group = next((group for group in (2, 3, 4) if found[group] is not None), 1)
                return found.start(group), found[group].decode("utf-8", "replace") if group > 1 else ""
            at = found.end()
        return tag.at, ""

    def running(self) -> Iterator[Mention]:
        """The URLs in the text that are not the text of a link, and those in comments."""
        at = 0
        code = [(self._text.shift(start), self._text.shift(end)) for start, end in self._code]
        links = [(tag.start, tag.end) for tag in self._tags if tag.attribute == "href"]
        whole = len(self._text.clean)
        for start, end in (*sorted(links + code), (whole, whole)):
            if start > at:
                yield from self._text.mentions(at, start, "text")
            at = max(at, end)
        for start, end in code:
            yield from self._text.mentions(start, end, "code")
        aside = _Text(self._aside, self._marks)
        yield from aside.mentions(0, len(aside.clean), "comment")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _urls(tag: _Tag, raw: str) -> Iterator[tuple[int, str, str]]:
    """Offset in the raw value, spelling there, and meaning, of every URL of an attribute."""
    split = _candidates if tag.attribute.endswith("srcset") else _whole
    meant, spelled = split(tag.value), split(raw)
    if len(meant) != len(spelled):
        spelled = [(0, target) for _, target in meant]
    for (start, written), (_, target) in zip(spelled, meant, strict=True):
        yield start, written, target


def _whole(value: str) -> list[tuple[int, str]]:
    return [(len(value) - len(value.lstrip()), value.strip())] if value.strip() else []


def _candidates(srcset: str) -> list[tuple[int, str]]:
    """The URLs of a srcset, with their offsets: each a run without white space, then a descriptor up to a comma."""
    found, at = [], 0
    while candidate := _CANDIDATE.match(srcset, at):
        url, at = candidate[1].rstrip(","), candidate.end()
        if url:
            found.append((candidate.start(1), url))
        if url == candidate[1]:
            comma = srcset.find(",", at)
            at = comma + 1 if comma >= 0 else len(srcset)
    return found
