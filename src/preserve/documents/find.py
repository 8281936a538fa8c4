"""URLs in running text: where one begins, and where the sentence goes on.

Works on UTF-8 bytes, in one pass, and never looks twice at a byte of a URL: a megabyte of brackets or percent
signs costs what a megabyte of prose costs. What it decides:

- it begins at a scheme of the list or at `www.`, also when glued to a label (`VK:https://…`) or defanged (`fang.py`);
  where asked for, also at the name of a host (`bare.py`);
- it ends at white space, a control, `<>"`, a backtick, a quotation mark, CJK punctuation, a closing bracket that
  it did not open, or where the next URL is glued to it; where asked for, it goes on in the next line (`joined.py`);
- punctuation and the marks of bold, italic and struck-out text at its end belong to the sentence (`trim.py`);
- an ellipsis at its end means that the document shows only a part: a guess, for a person to complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain

from preserve.documents import fang
from preserve.documents import joined as broken
from preserve.documents.bare import Host, Hosts, with_scheme
from preserve.documents.hints import Hints
from preserve.documents.trim import LOOKBACK, trimmed
from preserve.documents.url import INVISIBLE, MAX_URL

_SCHEMES = (
    rb"(?:[hH][tTxX][tTxX][pP][sS]?|[fF][tT][pP][sS]?|[sS][fF][tT][pP]|[rR][tT][mM][pP][sSeEtT]?|[rR][tT][sS][pP]"
    rb"|[iI][pP][fF][sS]|[iI][pP][nN][sS]|[gG][oO][pP][hH][eE][rR]|[gG][eE][mM][iI][nN][iI]|" + fang.SCHEME + rb")"
)
_SLASHES = rb"(?:(?::|[\[({]:[\])}])(?://|(?:\\{1,4}/){2}|\\\\)|\[://\]|:\[//\])"  # also as JSON writes them
START = re.compile(
    _SCHEMES + _SLASHES + rb"(?=[\w\[%\x80-\xff])(?![hH][tT]{2}[pP][sS]?:/?/)"
    rb"|(?<![\w@./%=&+-])[wW]{3}\.(?=[\w\x80-\xff])"
    rb"|(?<!\w)magnet:\?(?=\w)"
)
# One of these is in whatever START matches.
_HINTS = tuple(map(re.compile, (rb":(?:/|\\|\[//|[\])}][/\\])", rb"ww\.", rb"WW\.", rb"magnet:\?")))
_REACH = 16  # bytes from a hint to either end of the match, and then what must not follow
# White space beyond ASCII, quotation marks that no URL holds raw, CJK and full-width punctuation.
_STOPS = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "“”„‟«»‹›\u3000、。〈〉《》「」『』【】〔〕〖〗〝〞〟！（），：；＜＞？［］｛｜｝｡｢｣､"
)
_MAYBE = re.compile(rb"[\x00-\x20\x7f<>\"`()\[\]{}\\&:" + bytes({char.encode()[0] for char in _STOPS}) + rb"]")
_TOKEN = re.compile(
    rb" ?" + fang.DOT + rb" ?|[\x00-\x20\x7f<>\"`()\[\]{}]|\\{1,4}/|\\u[0-9a-fA-F]{4}|\\.?|://"
    rb"|&(?:lt|gt|quot|nbsp|#0*(?:34|60|62|160));|" + b"|".join(re.escape(char.encode()) for char in _STOPS)
)
_GLUED = re.compile(rb"(?:[,;|]|(?<=[\w\x80-\xff])(?<!%[0-9a-fA-F]{2}))[hH][tT]{2}[pP][sS]?\Z")  # before :// in a URL
_PAIRS = {b")": b"(", b"]": b"[", b"}": b"{"}
_OPENERS = frozenset(_PAIRS.values())
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_JSON = re.compile(r"\\+/|\\u([0-9a-fA-F]{4})")
# What a backslash stands before without ending the URL: where it escapes, in JSON (but no quotation mark, no <>), and
# where it stands for a slash.
_OF_MARKUP = re.compile(rb"\\[!-/:-@\[-`{-~]")
_OF_JSON = re.compile(rb"\\+/|\\u00(?!2[027]|3[cCeE])[2-7]|\\u(?!00)")
_OF_WINDOWS = re.compile(rb"\\[\w\\]")
_DEFANGED = re.compile(rb" ?" + fang.DOT)
_HIDDEN = re.compile(f"[{INVISIBLE}]")
_WORDBREAK = re.compile(rb"\S*")


@dataclass(frozen=True, slots=True)
class Found:
    start: int  # byte offsets of the URL as written
    end: int
    written: str
    target: str
    confidence: str
    changes: tuple[str, ...]
    bare: bool = False  # a host name without scheme
    unjoined: str = ""  # of a URL put together from two lines: the part that stood on the first


def find(
    data: bytes,
    start: int = 0,
    end: int | None = None,
    *,
    markup: bool = False,
    bare: bool = False,
    joined: bool = False,
) -> Iterator[Found]:
    """Every URL in `data[start:end]`, in order. `markup`: backslash escapes and entities are the text's own; `bare`:
    also host names without scheme; `joined`: lines were broken where they were full, and URLs with them."""
    end = len(data) if end is None else end
    search, hosts = _Search(data, end, markup, joined), Hosts(data, end) if bare else None
    for opening in chain(_openings(data, start, end), (None,)):
        before = opening.start() if opening else end
        while hosts and (host := hosts.next(start, before)):
            url, start = search.url(host.start, host.end, host)
            if url:
                yield url
        if opening and opening.start() >= start:  # not inside the last one
            url, start = search.url(opening.start(), opening.end())
            if url:
                yield url


def _openings(data: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
    """Every match of START."""
    hints = Hints(_HINTS, data, end)
    while (at := hints.next(start)) >= 0:
        opening = START.search(data, max(start, at - _REACH), min(end, at + 2 * _REACH))
        if opening and opening.end() <= at + _REACH:
            yield opening
            start = opening.end()
        else:
            start = at + 1


def unescaped(written: str) -> tuple[str, tuple[str, ...]]:
    """What Markdown makes of a URL in its text, and the names of the changes."""
    target, changes = written, []
    if "\\" in target and (plain := _ESCAPE.sub(r"\1", target)) != target:
        target, changes = plain, ["unescaped"]
    if (plain := decoded(target)) != target:
        target, changes = plain, [*changes, "entity-decoded"]
    return target, tuple(changes)


def decoded(written: str) -> str:
    """`written` without its character references; Markdown knows none without a semicolon."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), written) if "&" in written else written


@dataclass(frozen=True, slots=True)
class _Search:
    """From where a URL begins to all of it."""

    data: bytes
    end: int
    markup: bool
    joined: bool

    def url(self, start: int, at: int, host: Host | None = None) -> tuple[Found | None, int]:
        """The URL of which everything up to `at` is certain, and where to look for the next one."""
        escape = self._escape(self.data[start : at + 2])
        stop = at if host and not host.more else _stop(self.data, at, min(self.end, start + MAX_URL + 1), escape)
        if stop - start > MAX_URL:
            return _oversized(self.data, start), _word_end(self.data, stop, self.end)
        if self.joined and (lines := broken.lines(self.data, start, stop, self.end)):
            url = self._over_lines(lines, start, at, escape, host)
            if url:
                return url, max(at, url.end)
        url = self._found(self.data[start:stop], start, at, escape, host)
        return url, max(at, url.end if url else stop)

    def _escape(self, opening: bytes) -> re.Pattern[bytes] | None:
        """What a backslash may stand before without ending the URL that begins so."""
        if self.markup:
            return _OF_MARKUP
        if b"\\" not in opening:
            return None
        return _OF_JSON if b"\\/" in opening else _OF_WINDOWS

    def _over_lines(
        self, lines: broken.Lines, start: int, at: int, escape: re.Pattern[bytes] | None, host: Host | None
    ) -> Found | None:
        """The URL put together from its lines; None when all of it stands on the first."""
        text, first = lines.text, lines.pieces[1][0]
        stop = _stop(text, at - start, min(len(text), MAX_URL), escape)
        whole = self._found(text[:stop], start, at, escape, host)
        if whole is None or whole.end - start <= first:
            return None
        end = lines.origin(whole.end - start)
        part = self._found(text[:first], start, at, escape, host)
        return replace(
            whole,
            end=end,
            written=self.data[start:end].decode("utf-8", "replace"),
            confidence="guess",
            changes=("joined-lines", *whole.changes),
            unjoined=part.target if part else "",
        )

    def _found(
        self, text: bytes, start: int, at: int, escape: re.Pattern[bytes] | None, host: Host | None
    ) -> Found | None:
        """What is meant by a URL with the end of its sentence."""
        before = self.data[max(0, start - LOOKBACK) : start]
        if before.endswith(b"'") and (quote := text.find(b"'")) > 0:
            text = text[:quote]
        whole = text.decode("utf-8", "replace")
        written = trimmed(whole, before)
        end = start + len(written.encode())
        if end < at or (end == at and not host):
            return None
        target, changes = unescaped(written) if self.markup else (written, ())
        if escape is _OF_JSON:
            target, changes = _out_of_json(target), ("unescaped",)
        if not target.isascii() and (seen := _HIDDEN.sub("", target)) != target:
            target, changes = seen, (*changes, "zero-width-removed")
        confidence = "guess" if host and not host.more else "likely"
        if fang.defanged(target):
            target, changes, confidence = fang.refanged(target), (*changes, "refanged"), "guess"
        if host or target[:3].lower() == "www":
            target, changes = with_scheme(target), (*changes, "scheme-assumed")
        if whole[len(written) :].startswith(("…", "...")):
            changes, confidence = (*changes, "shortened"), "guess"
        return Found(start, end, written, target, confidence, changes, host is not None)


def _stop(data: bytes, start: int, limit: int, escape: re.Pattern[bytes] | None) -> int:
    """The first byte after `start` that cannot belong to the URL; `limit` when there is none."""
    depth = dict.fromkeys(_OPENERS, 0)
    done = start
    for maybe in _MAYBE.finditer(data, start, limit):
        at = maybe.start()
        token = _TOKEN.match(data, at, limit) if at >= done else None
        if token is None:
            continue
        char, done = token[0], token.end()
        if char == b"://":
            if glued := _GLUED.search(data, max(start, at - 6), at):
                return glued.start()
        elif char in depth:
            depth[char] += 1
        elif char in _PAIRS and depth[_PAIRS[char]]:
            depth[_PAIRS[char]] -= 1
        elif not (_DEFANGED.match(char) or (escape and escape.match(char))):
            return at
    return limit


def _out_of_json(url: str) -> str:
    plain = _JSON.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else "/", url)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _oversized(data: bytes, start: int) -> Found:
    written = data[start : start + MAX_URL].decode("utf-8", "ignore")
    return Found(start, start + MAX_URL, written, "", "guess", ("too-long",))


def _word_end(data: bytes, at: int, end: int) -> int:
    match = _WORDBREAK.match(data, at, end)
    return match.end() if match else end
