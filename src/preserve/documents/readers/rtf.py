"""Rich text (RTF 1.9.1), as Word, LibreOffice, pandoc and TextEdit write it.

Text in the code page of the file or of its font and text in `\\u` become one; what the format keeps beside the text,
such as pictures, fonts and styles, is left out. Links are fields: the instruction names the target, the
result is the anchor. Paragraphs are counted as Word does, those of table cells too; a note, a comment or a text box has
the number of the paragraph that it hangs on. What a tracked change has taken out is still in the file: an annotation.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.passage import Passage
from preserve.documents.readers import fieldcode
from preserve.errors import DocumentError
from preserve.model import Place

# Pictures stand in it as hexadecimal digits: a report with 30 photographs has 100 MiB.
MAX_SIZE = 512 * 1024**2
_DIGITS = 11  # of a number, with its sign; all real ones have 32 bits

_TOKEN = re.compile(
    rb"((?:[^\\{}\r\n\x00]++|\\[\\{}])++)|((?:\\'[0-9A-Fa-f]{2})++)|\\([A-Za-z]++)(-?[0-9]++)? ?|([{}])|\\([^A-Za-z])",
    re.S,
)
_ESCAPED = re.compile(rb"\\(.)")
_ASIDE = re.compile(rb"\\bin([0-9]++) ?|\\[\\{}]|[{}]")  # what matters in a destination that is left out
_FONT = re.compile(rb"\\(f|fcharset|cpg)([0-9]{1,6})(?![0-9])")
_WORDS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "softline": "\n", "page": "\n", "column": "\n", "emdash": "—",
    "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ",
    "enspace": " ", "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"-": "\u00ad", b"_": "-", b"\t": "\t"}
_ASIDES = frozenset({
    "fonttbl", "colortbl", "stylesheet", "pict", "filetbl", "listtext", "pntext", "pntxta", "pntxtb",
    "nonshppict", "tc", "tcn", "xe", "rxe", "shprslt", "hlloc", "hlfr", "objclass", "objname", "objdata", "template",
    "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn",
})  # fmt: skip
_CODE_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip

Say = Callable[[str], None]


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """The text paragraph after paragraph; what hangs on one comes after it."""
    data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise DocumentError(f"The document is larger than {MAX_SIZE >> 20} MiB.", "Save it without its pictures.")
    yield from _Reader(data).blocks()


class _Story:
    """The text itself, or a note, comment, header or box beside it."""

    def __init__(self, role: str, part: str | None) -> None:
        self.role, self.part = role, part
        self.passage, self.gone = Passage(), Passage()  # a paragraph, and what was taken out of it
        self.blank = True

    def say(self, text: str) -> None:
        self.passage.add(text)
        self.blank = False

    def ended(self, number: int | None) -> Iterator[Block]:
        """The paragraph is complete."""
        place = Place(paragraph=number, part=self.part)
        yield from self.passage.blocks(place, self.role)
        yield from self.gone.blocks(place, "annotation")
        self.blank = True


@dataclass(slots=True)
class _Field:
    """`code` while its instruction is read; `say`: where the text goes that it stands in."""

    say: Say | None
    code: list[str] = field(default_factory=list)
    done: bool = False


@dataclass(slots=True)
class _Group:
    """What its closing brace takes back."""

    story: _Story
    say: Say | None  # where text goes
    encoding: str
    skip: int = 1  # bytes that stand for a character in \\u, for those who do not know it
    deleted: bool = False
    field: _Field | None = None
    end: Callable[[], None] | None = None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._body = _Story("text", None)
        self._group = _Group(self._body, self._body.say, "cp1252")
        self._outer: list[_Group] = []
        self._default = "cp1252"  # the code page of the file
        self._fonts: dict[int, str] = {}
        self._plain = 0  # the font of text that names none
        self._number = 1
        self._bytes = bytearray()  # text not yet decoded: a character may be two tokens
        self._skipping = 0
        self._high = 0  # the first half of a character outside the basic plane
        self._starred = False
        self._property = ""  # of a shape
        self._base = ""
        self._ready: list[Block] = []
        self._hanging: list[Block] = []

    def blocks(self) -> Iterator[Block]:
        at = 0
        while token := _TOKEN.search(self._data, at):
            at = self._token(token)
            if self._ready:
                yield from self._taken()
        self._flush()
        while self._outer:  # it breaks off
            self._close()
        self._paragraph()
        yield from self._taken()

    def _taken(self) -> list[Block]:
        ready, self._ready = self._ready, []
        return ready

    def _token(self, token: re.Match[bytes]) -> int:
        """Where to go on."""
        kind = token.lastindex
        if kind == 1:
            text = token[1]
            self._raw(_ESCAPED.sub(rb"\1", text) if b"\\" in text else text)
        elif kind == 2:
            self._raw(bytes.fromhex(token[2].replace(b"\\'", b"").decode()))
        elif kind in (3, 4):
            return self._word(token)
        elif kind == 5:
            self._flush()
            self._skipping = 0
            if token[5] == b"{":
                self._open()
            else:
                self._close()
        elif token[6] == b"*":
            self._starred = True
            return token.end()
        else:
            self._flush()
            self._symbol(token[6])
        self._starred = False
        return token.end()

    # Text

    def _raw(self, data: bytes) -> None:
        """Bytes in the code page of here, but for those that stand for a character just read from its number."""
        skipped = min(self._skipping, len(data))
        self._skipping -= skipped
        self._bytes += data[skipped:]

    def _flush(self) -> None:
        if self._bytes:
            text = self._bytes.decode(self._group.encoding, "replace")
            self._bytes.clear()
            self._say(text)

    def _say(self, text: str) -> None:
        group = self._group
        if group.deleted and group.say == group.story.say:
            group.story.gone.add(text)
            group.story.blank = False
        elif group.say:
            group.say(text)

    def _symbol(self, symbol: bytes) -> None:
        if symbol in b"\r\n":
            self._paragraph()
        elif self._skipping:
            self._skipping -= 1
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _write(self, word: str, number: int | None) -> None:
        self._say(_WORDS[word])

    def _unicode(self, word: str, number: int | None) -> None:
        number = number or 0
        code = number & 0xFFFF if number < 0 else min(number, 0x10FFFF)
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            self._say(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00) if self._high else "\ufffd")
            self._high = 0
        else:
            self._say(chr(code))
        self._skipping = self._group.skip

    def _paragraph(self, word: str = "", number: int | None = None) -> None:
        """One ends here, if text goes to a story here."""
        story = self._group.story
        if self._group.say != story.say:
            return
        if story is not self._body:
            self._hang(story)
            return
        if not story.blank:
            self._ready += story.ended(self._number)
        self._ready += self._hanging
        self._hanging = []
        self._number += 1

    def _hang(self, story: _Story) -> None:
        blocks = story.ended(None if story.role == "header" else self._number)
        if self._body.blank:
            self._ready += blocks
        else:
            self._hanging += blocks

    # Groups

    def _open(self) -> None:
        group = self._group
        self._outer.append(group)
        self._group = _Group(group.story, group.say, group.encoding, group.skip, group.deleted, group.field)

    def _close(self) -> None:
        if self._outer:
            end = self._group.end
            self._group = self._outer.pop()
            if end:
                end()

    def _word(self, token: re.Match[bytes]) -> int:
        word, number, at = token[3].decode(), token[4], token.end()
        starred, self._starred, self._skipping = self._starred, False, 0
        if word in _ASIDES or (starred and word not in _DESTINATIONS):
            end = self._end(at)
            if word == "fonttbl":
                self._know_fonts(at, end)
            return end
        if word == "bin":
            return at + max(0, int((number or b"0")[:_DIGITS]))
        if word in _ACTIONS:  # most words are about looks
            self._flush()
            _ACTIONS[word](self, word, int(number[:_DIGITS]) if number else None)
        return at

    def _end(self, at: int) -> int:
        """Where the closing brace of this group is."""
        depth = 1
        while mark := _ASIDE.search(self._data, at):
            at = mark.end()
            if mark[1]:
                at += int(mark[1][:_DIGITS])
            depth += (mark[0] == b"{") - (mark[0] == b"}")
            if not depth:
                return mark.start()
        return len(self._data)

    # Destinations

    def _begin_story(self, word: str, number: int | None) -> None:
        role, part = _STORIES.get(word, (self._group.story.role, self._group.story.part))
        story = _Story(role, part)
        self._group.story, self._group.say, self._group.deleted = story, story.say, False
        self._group.end = lambda: self._hang(story)

    def _begin_field(self, word: str, number: int | None) -> None:
        one = self._group.field = _Field(self._group.say)

        def end() -> None:
            if close := self._cite_field(one):  # it has no result
                close()

        self._group.end = end

    def _begin_code(self, word: str, number: int | None) -> None:
        if self._group.field:
            self._group.say = self._group.field.code.append

    def _begin_result(self, word: str, number: int | None) -> None:
        if self._group.field:
            self._group.say = self._group.field.say
            self._group.end = self._cite_field(self._group.field)

    def _cite_field(self, one: _Field) -> Callable[[], None] | None:
        """What its instruction cites. Its link is open until what is returned is called."""
        story, end = self._group.story, None
        if one.done or one.say != story.say:  # a field in the instruction of another
            return None
        one.done = True
        for role, written, target in fieldcode.cited("".join(one.code)):
            story.blank = False
            if role == "link" and end is None:
                story.passage.open(target, written=written, base=self._base)
                end = story.passage.close
            else:
                story.passage.cite(target, role, written=written, base=self._base)
        return end

    def _begin_value(self, word: str, number: int | None) -> None:
        """The name of a shape's property, its value, or where the shape leads; under what relative links stand."""
        said: list[str] = []
        self._group.say = said.append
        story = self._group.story

        def end() -> None:
            value = "".join(said).strip()
            if word == "sn":
                self._property = value
            elif word == "hlinkbase":
                self._base = value
            elif word == "hlsrc" or (self._property == "pibName" and "://" in value):
                story.passage.cite(value, "link" if word == "hlsrc" else "image")
                story.blank = False

        self._group.end = end

    def _begin_silence(self, word: str, number: int | None) -> None:
        self._group.say = None

    # Settings

    def _know_fonts(self, at: int, end: int) -> None:
        font = -1
        for word, number in _FONT.findall(self._data[at:end]):
            if word == b"f":
                font = int(number)
            else:
                page = _CHARSETS.get(int(number), "") if word == b"fcharset" else _known(f"cp{int(number)}")
                self._fonts.update({font: page} if page else {})
        if self._outer:
            self._outer[-1].encoding = self._fonts.get(self._plain, self._default)

    def _set_page(self, word: str, number: int | None) -> None:
        self._default = _CODE_PAGES.get(word) or _known(f"cp{number}") or self._default
        self._group.encoding = self._default

    def _set_font(self, word: str, number: int | None) -> None:
        if word == "deff":
            self._plain = number or 0
            return
        font = self._plain if word == "plain" else number or 0
        self._group.encoding = self._fonts.get(font, self._default)
        self._group.deleted = self._group.deleted and word != "plain"

    def _set_skip(self, word: str, number: int | None) -> None:
        self._group.skip = max(0, number or 0)

    def _set_deleted(self, word: str, number: int | None) -> None:
        self._group.deleted = number != 0

    def _set_endnote(self, word: str, number: int | None) -> None:
        if self._group.story.part == "footnotes":
            self._group.story.part = "endnotes"


def _known(encoding: str) -> str:
    """A code page, "" of one that is not known."""
    try:
        return codecs.lookup({"cp65001": "utf-8", "cp10000": "mac_roman"}.get(encoding, encoding)).name
    except LookupError:
        return ""


_STORIES: Mapping[str, tuple[str, str]] = {
    "footnote": ("footnote", "footnotes"),
    "annotation": ("annotation", "comments"),
    **dict.fromkeys(
        ("title", "subject", "category", "keywords", "comment", "doccomm", "staticval"), ("header", "info")
    ),
    **{f"header{which}": ("header", "header") for which in ("", "l", "r", "f")},
    **{f"footer{which}": ("header", "footer") for which in ("", "l", "r", "f")},
}
_ACTIONS: Mapping[str, Callable[[_Reader, str, int | None], None]] = {
    **dict.fromkeys((*_STORIES, "shptxt", "dptxbxtext"), _Reader._begin_story),
    "field": _Reader._begin_field,
    "fldinst": _Reader._begin_code,
    "fldrslt": _Reader._begin_result,
    **dict.fromkeys(("sn", "sv", "hlsrc", "hlinkbase"), _Reader._begin_value),
    # Holds what is read, and says nothing.
    **dict.fromkeys(("info", "userprops", "shpinst", "do", "sp", "hl"), _Reader._begin_silence),
    **dict.fromkeys(_WORDS, _Reader._write),
    **dict.fromkeys(("par", "sect", "cell", "nestcell"), _Reader._paragraph),
    "u": _Reader._unicode,
    "uc": _Reader._set_skip,
    **dict.fromkeys((*_CODE_PAGES, "ansicpg"), _Reader._set_page),
    **dict.fromkeys(("f", "deff", "plain"), _Reader._set_font),
    "deleted": _Reader._set_deleted,
    "ftnalt": _Reader._set_endnote,
}
_DESTINATIONS = frozenset(word for word, action in _ACTIONS.items() if action.__name__.startswith("_begin"))
