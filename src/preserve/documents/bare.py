"""Host names without a scheme in running text: `vk.com/wall-1_2`, `минобороны.рф`, `example[.]org`.

Looked for from the dot: most dots end a sentence, and what follows the others must be a top-level domain. A word with
one is still no host when it is part of something else (a mail address, a path, a mention, a call), the name of a file,
or two sentences without a space between them (`done.It was`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from preserve.documents import tlds
from preserve.documents.fang import DOT
from preserve.documents.hints import Hints

_MAX_NAME = 253  # of the DNS, and 63 a label; in bytes as UTF-8 the longest international one is below twice that
_REACH = 2 * _MAX_NAME
# Dots with a label behind them, which are few; one after another, no byte looked at twice.
_HINTS = (
    re.compile(rb"\.[\w\x80-\xff]"),
    *(re.compile(edges % rb"(?:\.|[dD][oO][tT])") for edges in (rb"\[%b\]", rb"\(%b\)", rb"\{%b\}")),
)
_RUN = re.compile(
    rb"(?:\.|" + DOT + rb" ?)[\w\x80-\xff-]{1,252}+(?:(?:\.| ?" + DOT + rb" ?)[\w\x80-\xff-]{1,252}+){0,126}+"
)
_LAST = re.compile(rb"\.|" + DOT + rb" ?")
_FULL_STOP = 0x2E
_LABEL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" + bytes(range(0x80, 0x100))
# Letters and digits of all scripts with their marks, and the joiners that spell Persian and Malayalam.
_CHAR = r"\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u200c\u200d-"
_SYMBOL = r"\u2190-\u2bff\U0001f300-\U0001faff\ufe0f"  # ➡.ws
_DOTS = re.compile(r"\.| ?" + DOT.decode() + r" ?")
_NAME = re.compile(rf"(?<![{_CHAR}])(?:(?:[{_CHAR}]++|[{_SYMBOL}]++)(?:{_DOTS.pattern}))++[{_CHAR}]++")
# Where a text without spaces, or a label without one, meets a name in Latin letters: `来源vk.com是`, `ссылкаvk.com`.
_SEAM = re.compile(
    r"(?<=[\u0370-\u1fff\u2e80-\U0003ffff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff])"
)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_SHAPE = re.compile(r"(?:(?!-)[^.]{0,62}[^.-]\.)*(?![-_])[^.]{0,62}[^._-]\.[^._]{2,63}")
# Behind a name: its port, then a path, or a query or fragment that says something, or nothing that goes on: no address,
# no call, no assignment.
_FOLLOWS = re.compile(rb"(?::([1-9]\d{0,4})(?!\d))?(?:(/|\\{1,2}/|\[/\])|([?#])(?=[\w\x80-\xff%!/])|(?![@(=%+$_]|:\d))")
_NETMASK = re.compile(rb"/\d{1,2}(?![\w/])")
_PART_OF_MORE = frozenset(b"@./\\%=&+$#")  # before a name: an address, a path, a value, a hashtag
# Schemes that were typed or copied badly, and none: `ttps://x.org`, `http:/x.org`, `http//x.org`, `//x.org`.
_CUT = re.compile(rb"(?:(?<![\w.+/-])(?:[tT]{1,2}[pP][sS]?:|[hH][tT]{2}[pP][sS]?:?)//?|(?<![^\s<>(\[\"'|])//)\Z")
_MUTILATED = re.compile(r"(?:[hH]?[tT]{0,2}[pP]([sS]?):?)?//?")
_AT = (b"[at]", b"(at)", b"{at}", b"[@]", b"(@)", b" at ", "＠".encode())
_NO_HOST = frozenset({"com", "org", "net", "edu", "gov", "self", "this"})  # com.example.app is a package, self.id code


@dataclass(frozen=True, slots=True)
class Host:
    """A name with its port. `more`: a path, a query or a fragment follows."""

    start: int
    end: int
    more: bool


class Hosts:
    """The hosts of a text; ask for the next one."""

    def __init__(self, data: bytes, end: int) -> None:
        self._data = data
        self._hints = Hints(_HINTS, data, end)

    def next(self, start: int, end: int) -> Host | None:
        """The first one that begins in `data[start:end]`."""
        data, at = self._data, start
        while 0 <= (at := self._hints.next(at)) < end:
            run = _RUN.match(data, at, end)
            if run is None:
                at += 1
                continue
            labels, at = run[0], run.end()
            if labels.isascii() and not _promising(labels, data[at : at + 1]):
                continue
            if host := _at(data, start, run.start(), labels):
                return host
        return None


def with_scheme(name: str) -> str:
    """The URL that is meant by a host and what follows it."""
    cut = _MUTILATED.match(name)
    return f"http{cut[1] or ''}://{name[cut.end() :]}" if cut else "http://" + name


def _at(data: bytes, start: int, at: int, labels: bytes) -> Host | None:
    """The first host of a run of labels that begins at `at` with a dot; its first label is in front of that."""
    before = data[max(start, at - _REACH) : at]
    if labels[0] != _FULL_STOP and before.endswith(b" "):
        before, at, labels = before[:-1], at - 1, b" " + labels  # x [dot] org
    first = before[len(before.rstrip(_LABEL)) :]
    return _in(data, at - len(first), first + labels) if first else None


def _promising(labels: bytes, after: bytes) -> bool:
    """Whether they may end a name: what most fail at, asked first."""
    if labels[-1:].isdigit():  # a date, a version, an address
        return after in (b"/", b":") or not labels.replace(b".", b"").isdigit()
    last = labels.rpartition(b".")[2]
    if b"]" in last or b")" in last or b"}" in last:
        last = _LAST.split(labels)[-1]
    return tlds.top_level(last.rstrip(b"-_").decode())


def _in(data: bytes, at: int, run: bytes) -> Host | None:
    """The first host in labels and dots without a break, which in a text without spaces may be several."""
    if run.isascii():
        return _host(data, at, run.decode())
    text, done = run.decode("utf-8", "surrogateescape"), 0
    for seam in chain(_SEAM.finditer(text), (None,)):
        piece = text[done : seam.start() if seam else None]
        for name in _NAME.finditer(piece):
            if host := _host(data, at + _size(piece[: name.start()]), name[0]):
                return host
        done += len(piece)
        at += _size(piece)
    return None


def _host(data: bytes, at: int, written: str) -> Host | None:
    """The host written there, if it is one."""
    name = written.strip("-_")
    opening, _, closing = written.partition(name)
    start = at + len(opening)
    end = start + (len(name) if name.isascii() else _size(name))
    follows = _FOLLOWS.match(data, end) if not closing else None
    if follows is None and not closing:
        return None
    port, path, query = follows.groups() if follows else (None, None, None)
    if port:
        end += 1 + len(port)
    if (port and int(port) >= 1 << 16) or ("_" in written and not _emphasised(opening, closing, path or query)):
        return None
    plain = name if name.isascii() and "]" not in name and ")" not in name and "}" not in name else _DOTS.sub(".", name)
    if name[-1].isdigit() and _IPV4.fullmatch(plain):
        good = plain != name or bool(port) or bool(path and not _NETMASK.match(data, end))
    else:
        good = _is_name(plain, plain != name, bool(path), bool(query))
    begin = _begins(data, at, start) if good else -1
    return Host(begin, end, bool(path or query)) if begin >= 0 else None


def _emphasised(opening: str, closing: str, more: bytes | None) -> bool:
    """Whether underscores at the edges are marks around it: `_vk.com_`, not `_vk.com`."""
    return bool(more or "_" in closing) if "_" in opening else "_" not in closing


def _begins(data: bytes, at: int, start: int) -> int:
    """Where it begins: here, or at what is left of a scheme in front of it; -1 when it is part of something else."""
    before = data[max(0, at - 10) : at]
    if at == start and (not before or before[-1] in b" \n"):
        return start
    if before.endswith(b"/") and at == start:
        cut = _CUT.search(before)
        return at - len(cut[0]) if cut else -1
    if before and (before[-1] in _PART_OF_MORE or before.endswith(_AT)):
        return -1
    dashed = data[at:start].startswith(b"-")  # a bullet, or the rest of what is no word
    return -1 if dashed and before.strip() and not before[-1:].isspace() else start


def _is_name(name: str, fanged: bool, path: bool, query: bool) -> bool:
    """Whether the DNS could know it, and no reader would take it for something else."""
    if len(name) > _MAX_NAME or not _SHAPE.fullmatch(name):
        return False
    above, _, top = name.rpartition(".")
    if not tlds.top_level(top):
        return False
    if fanged:
        return True
    if name.partition(".")[0] in _NO_HOST:
        return False
    if top.lower() in tlds.AMBIGUOUS:
        return path or tlds.reserved(name)
    if path or query:
        return True
    if len(top) == 2 and above.replace(".", "").isdigit():  # 10.am, 2.in
        return False
    return top == top.lower() or name == name.upper()  # done.It was


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
