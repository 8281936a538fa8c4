"""MIME: the header fields and parts of a mail or a saved page, and what is in them.

Not the standard library's `email`: that calls itself anew for every level of parts, and searches some fields over and
over. Here one pass over the lines that begin with `--` finds all parts, and nothing costs more than its length. What
is broken is read as mail programs show it. Rules: RFC 5322, 2045 to 2047, 2231, IMAP's numbers of parts (RFC 9051).
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from preserve.documents.charset import decode
from preserve.errors import DocumentError

MAX_LEVELS = 100  # parts within parts; a thread of forwarded messages has ten
MAX_PARTS = 10_000  # of one message; saved pages have some hundreds
MAX_FIELDS = 20_000  # of one header; each hop adds ten
MAX_BOUNDARY = 1000  # bytes of a line that may be a boundary; RFC 2046 allows 70
MAX_ENCODED = 1 << 20  # characters of a field in which encoded words are looked for
MAX_PARAMETERS = 65_536  # characters of a field that are looked at for its parameters

_FROM = re.compile(rb">?From [^\n]*\n")  # a mailbox's own line, left on a message that was taken out of it
_NAME = re.compile(rb"([A-Za-z0-9][!-9;-~]*)[ \t]*:(?!//)")  # no URL, where the empty line is missing
_TYPE = re.compile(r"[a-z0-9][\w!#$&^.+-]*/[\w!#$&^.+-]+")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_EMPTY = re.compile(rb"\r?\n")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,60})\s*=\s*(?:\"([^\"\\]*(?:\\.[^\"\\]*)*)\"?|([^;\"]*))", re.S)
_QUOTED = re.compile(r"\\(.)", re.S)
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64 + b"="))
MESSAGES = frozenset({"message/rfc822", "message/global"})
_UNENCODED = frozenset({"", "7bit", "8bit", "binary"})
# What is declared as the first is written in the second, which has more characters (WHATWG Encoding).
_SUPERSETS = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
    "shift_jis": "cp932",
}  # fmt: skip
_SINGLE = re.compile(r"(?:windows-|cp)?125\d|iso[-_]?8859|koi8|latin|us-ascii|ascii", re.I)
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})  # no charset; slow on long texts


@dataclass(slots=True)
class Part:
    """One part with its header. `body` is as it was sent, b"" of a part that consists of parts."""

    path: str  # as IMAP counts; "" of a whole message with parts
    fields: list[tuple[str, bytes]]  # unfolded, as stored otherwise
    outer: Part | None = None
    message: str | None = None  # of a part with a letter's header: the path of that letter, "" of the outermost one
    problem: str = ""
    body: bytes = b""
    type: str = "text/plain"  # in lower case
    parameters: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        self.depth = self.outer.depth + 1 if self.outer else 0
        value = self.get("content-type")
        if value:
            kind, self.parameters = typed(value)
            self.type = kind if _TYPE.fullmatch(kind) else self.type  # RFC 2045, section 5.2
        elif self.outer and self.outer.type == "multipart/digest" and self.message is None:
            self.type = "message/rfc822"  # RFC 2046, section 5.1.5

    def get(self, name: str) -> str:
        """The first field of that name, given in lower case, with its encoded words decoded; "" without one."""
        return next((decoded(value) for key, value in self.fields if key.lower() == name), "")

    def outers(self) -> Iterator[Part]:
        """This part, then the one that holds it, and so on."""
        part: Part | None = self
        while part:
            yield part
            part = part.outer

    @property
    def encoding(self) -> str:
        return self.get("content-transfer-encoding").partition(";")[0].strip().lower()

    @property
    def filename(self) -> str:
        """What the sender calls it, with no folder."""
        disposition = typed(self.get("content-disposition"))[1]
        name = disposition.get("filename") or self.parameters.get("name") or ""
        return re.split(r"[/\\]", name)[-1].strip()

    def content(self) -> bytes:
        """Its body without the encoding in which it travelled."""
        if self.encoding == "base64":
            return unbase64(self.body)
        return binascii.a2b_qp(self.body) if self.encoding == "quoted-printable" else self.body


@dataclass(slots=True)
class _Multipart:
    part: Part
    boundary: bytes
    body: int  # where it begins
    count: int = 0  # of its parts so far


def walk(data: bytes) -> Iterator[Part]:
    """Every part of a message, in its order: those that hold others come before what they hold."""
    return _Walk(data).parts()


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[_Multipart] = []
        self._levels: dict[bytes, int] = {}  # of each boundary the multipart; of equal ones the innermost

    def parts(self) -> Iterator[Part]:
        path, outer, at = "", None, 0
        message: str | None = ""
        for _ in range(MAX_PARTS):
            fields, body, problem = head(self._data, at)
            part = Part(path, fields, outer, message, problem)
            if part.type in MESSAGES and part.encoding in _UNENCODED and part.depth < MAX_LEVELS:
                yield part
                outer, message, at = part, path, body
                continue
            holds = self._holds(part, body)
            end, at, childless = self._search(body)
            if not holds:
                part.path = part.path if message is None else _join(path, 1)
                part.body = self._data[body:end]
            yield part
            yield from (_childless(one, self._data[one.body : end]) for one in childless)
            if at < 0:
                if self._open and not childless:
                    yield Part(self._open[-1].part.path, [], type="", problem="has no end; more may be missing")
                return
            multipart = self._open[-1]
            multipart.count += 1
            path, outer, message = _join(multipart.part.path, multipart.count), multipart.part, None
        yield Part("", [], type="", problem=f"has more than {MAX_PARTS:,} parts; the rest is not read")

    def _holds(self, part: Part, body: int) -> bool:
        """Whether it consists of parts. Its boundary is looked for from here on."""
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        if part.depth >= MAX_LEVELS and part.type.startswith(("multipart/", "message/")):
            part.type, part.problem = "", f"is nested in more than {MAX_LEVELS} others; it is not read"
        if not (part.type.startswith("multipart/") and boundary):
            return False
        self._open.append(_Multipart(part, boundary, body))
        self._index()
        return True

    def _search(self, at: int) -> tuple[int, int, list[_Multipart]]:
        """Where the content that begins at `at` ends, where the next part begins (-1: there is none), and the
        multiparts that end in between without having had a part."""
        end, childless = -1, []
        while self._open and (found := self._delimiter(at)):
            start, at, level, closing = found
            end = start if end < 0 else end
            while len(self._open) > level + (not closing):
                last = self._open.pop()
                childless += [last] if not last.count and (len(self._open) > level or closing) else []
            self._index()
            if not closing:
                return end, at, childless
        childless += [one for one in self._open if not one.count]
        return len(self._data) if end < 0 else end, -1, childless

    def _delimiter(self, at: int) -> tuple[int, int, int, bool] | None:
        """The next line that is a boundary of an open multipart: begin, end, of which one, and whether it closes it."""
        at -= 1
        while (at := self._data.find(b"\n--", max(at, 0))) >= 0:
            end = self._data.find(b"\n", at + 1, at + MAX_BOUNDARY)
            line = self._data[at + 3 : end if end >= 0 else at + MAX_BOUNDARY].rstrip()
            closing = line not in self._levels and line.endswith(b"--")
            level = self._levels.get(line[:-2] if closing else line)
            if level is not None:
                start = at - 1 if self._data[at - 1 : at] == b"\r" else at
                return start, end + 1 if end >= 0 else len(self._data), level, closing
            at += 1
        return None

    def _index(self) -> None:
        self._levels = {one.boundary: level for level, one in enumerate(self._open)}


def _childless(multipart: _Multipart, body: bytes) -> Part:
    """The text of a multipart in which no part begins: what mail programs show of it."""
    problem = "says that it has parts, and none begins" if body.strip() else ""
    return Part(_join(multipart.part.path, 1), [], multipart.part, problem=problem, body=body)


def _join(path: str, number: int) -> str:
    return f"{path}.{number}" if path else str(number)


def head(data: bytes, at: int = 0) -> tuple[list[tuple[str, bytes]], int, str]:
    """The header fields that begin at `at`, unfolded; where the body begins; and what is wrong with them."""
    mailbox = _FROM.match(data, at)
    at = mailbox.end() if mailbox else at
    fields: list[tuple[str, bytes]] = []
    problem = ""
    while name := _NAME.match(data, at):
        end = _FIELD_END.search(data, name.end())
        at = end.end() if end else len(data)
        if len(fields) < MAX_FIELDS:
            fields.append((name[1].decode("ascii"), _unfolded(data[name.end() : at])))
        else:
            problem = f"has more than {MAX_FIELDS:,} header fields; the rest is not read"
    empty = _EMPTY.match(data, at)  # without one the body begins where a line is no field
    return fields, empty.end() if empty else at, problem


def _unfolded(value: bytes) -> bytes:
    for end in (b"\r\n", b"\n"):
        for space in (b" ", b"\t"):
            value = value.replace(end + space, space)
    return value.strip()


def decoded(value: bytes, charset: str = "") -> str:
    """The value of a field as a person reads it; `charset`: of the letter, for fields that are not in ASCII."""
    return words((_declared(value, "utf-8") or _declared(value, charset) or _declared(value, "cp1252") or b"").decode())


def words(value: str) -> str:
    """A field with its encoded words decoded (RFC 2047). Those that follow each other in one charset are one, for
    senders cut them in the middle of a character."""
    if "=?" not in value:
        return value
    value, rest = value[:MAX_ENCODED], value[MAX_ENCODED:]
    shown: list[str] = []
    run, charset, at = bytearray(), "", 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        apart = not at or bool(between.strip())
        if apart or word[1].lower() != charset:
            shown += [_word(run, charset), between if apart else ""]
            run, charset = bytearray(), word[1].lower()
        written = word[3].encode("ascii", "ignore")
        run += unbase64(written) if word[2] in "bB" else binascii.a2b_qp(written, header=True)
        at = word.end()
    return "".join((*shown, _word(run, charset), value[at:], rest))


def typed(value: str) -> tuple[str, dict[str, str]]:
    """A media type (or a disposition) in lower case, and its parameters (RFC 2045, RFC 2231)."""
    value = value[:MAX_PARAMETERS]
    first = value.partition(";")[0].split()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        base, star, section = name.lower().partition("*")
        text = _QUOTED.sub(r"\1", quoted) if quoted else bare.strip()
        if star:
            number = section.rstrip("*")
            encoded = not section or section.endswith("*")
            pieces.setdefault(base, []).append((int(number) if number.isdecimal() else 0, encoded, text))
        else:
            plain.setdefault(base, words(text))
    plain.update((base, _extended(sections)) for base, sections in pieces.items())
    return first[0].lower() if first else "", plain


def _extended(sections: list[tuple[int, bool, str]]) -> str:
    """A parameter in sections, `name*0*=utf-8''%D0…; name*1=…`."""
    charset, value = "utf-8", b""
    for index, (_, encoded, text) in enumerate(sorted(sections)):
        if encoded and not index and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        value += unquote_to_bytes(text) if encoded else text.encode()
    return _word(value, charset)


def _word(data: bytes | bytearray, charset: str) -> str:
    text = _declared(bytes(data), charset)
    return (_plain(bytes(data)) if text is None else text).decode()


def unbase64(data: bytes) -> bytes:
    """What base64 says, whatever stands between: other characters, and the padding of pieces put together."""
    pieces = re.split(b"=+", data.translate(None, _NOT_BASE64))
    whole = (piece[: len(piece) - (len(piece) % 4 == 1)] for piece in pieces)
    return b"".join(binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)) for piece in whole)


def utf8(data: bytes, charset: str = "") -> bytes:
    """A text as UTF-8: in the charset that it is said to have where that is true, in the likeliest otherwise."""
    # In a charset of single bytes anything can be read; what is UTF-8 all the same is in it by no accident.
    single = not data.isascii() and _SINGLE.match(charset.strip("\"' "))
    text = (_declared(data, "utf-8") if single else None) or _declared(data, charset)
    if text is not None:
        return text
    try:
        return decode(data, "it")[0]
    except DocumentError:
        return _plain(data)


def _declared(data: bytes, charset: str) -> bytes | None:
    """None where it is no charset at all, or not the one of this text."""
    try:
        codec = codecs.lookup(charset.strip("\"' ")).name
        if codec in _REFUSED:
            return None
        text = data.decode(_SUPERSETS.get(codec, codec), "replace" if codec == "cp1252" else "strict")
    except (LookupError, ValueError):
        return None
    return text.removeprefix("\ufeff").encode("utf-8", "replace")


def _plain(data: bytes) -> bytes:
    """What is ASCII in it, and marks for what is not."""
    return data.decode("utf-8", "replace").encode()
