"""URLs in running text: where one begins, and where the sentence goes on.

Works on UTF-8 bytes, in one pass, and never looks twice at a byte of a URL: a megabyte of brackets or percent
signs costs what a megabyte of prose costs. What it decides:

- it begins at a scheme of the list or at `www.`, also when glued to a label (`VK:https://…`);
- it ends at white space, a control, `<>"`, a backtick, a quotation mark, CJK punctuation, a closing bracket that
  it did not open, or where a comma is followed by the next URL;
- punctuation and the marks of bold, italic and struck-out text at its end belong to the sentence;
- an ellipsis at its end means that the document shows only a part: a guess, for a person to complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from preserve.documents.url import INVISIBLE, MAX_URL

_SCHEMES = (
    rb"(?:[hH][tTxX][tTxX][pP][sS]?|[fF][tT][pP][sS]?|[sS][fF][tT][pP]|[rR][tT][mM][pP][sSeEtT]?|[rR][tT][sS][pP]"
    rb"|[iI][pP][fF][sS]|[iI][pP][nN][sS]|[gG][oO][pP][hH][eE][rR]|[gG][eE][mM][iI][nN][iI])"
)
START = re.compile(
    _SCHEMES + rb"(?:://|\[:\]//|\[://\])(?=[\w\[%\x80-\xff])"
    rb"|(?<![\w@./%=&+-])[wW]{3}\.(?=[\w\x80-\xff])"
    rb"|(?<!\w)magnet:\?(?=\w)"
)
_HINTS = (b"://", b"ww.", b"WW.", b"magnet:?", b"[:]//")  # one of them is in whatever START matches
_REACH = 12  # bytes from a hint to either end of the match, and the one that must follow
_PAIRS = {b")": b"(", b"]": b"[", b"}": b"{"}
_OPENERS = frozenset(_PAIRS.values())
# White space beyond ASCII, quotation marks that no URL holds raw, CJK and full-width punctuation.
_STOPS = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "“”„‟«»‹›\u3000、。〈〉《》「」『』【】〔〕〖〗〝〞〟！（），：；＜＞？［］｛｜｝｡｢｣､"
)
_TOKEN = re.compile(
    rb"[\x00-\x20\x7f<>\"`()\[\]{}]|\\.?|[,;|](?=[hH][tT][tT][pP][sS]?://)|&(?:lt|gt|quot|nbsp|#0*(?:34|60|62|160));|"
    + b"|".join(re.escape(char.encode()) for char in _STOPS)
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TAIL = ".,;:!?'*’‘…،؛؟۔।՝՞·([{" + INVISIBLE
_HIDDEN = re.compile(f"[{INVISIBLE}]")
_DEFANGED = re.compile(r"^[hH][xX]{2}|\[:\]|\[://\]|[\[({]\.[\])}]|\[dot\]")
_WORDBREAK = re.compile(rb"\S*")
_MARKS = 8  # layers of emphasis around one URL; each costs a look at all of it
_LOOKBACK = 200  # bytes in which the opening mark of an emphasis is looked for


@dataclass(frozen=True, slots=True)
class Found:
    start: int  # byte offsets of the URL as written
    end: int
    written: str
    target: str
    confidence: str
    changes: tuple[str, ...]


def find(data: bytes, start: int = 0, end: int | None = None, *, markup: bool = False) -> Iterator[Found]:
    """Every URL in `data[start:end]`, in order. `markup`: backslash escapes and entities are the text's own."""
    end = len(data) if end is None else end
    for opening in _openings(data, start, end):
        if opening.start() < start:  # inside the last one
            continue
        stop = _stop(data, opening.start(), opening.end(), end, markup)
        if stop - opening.start() > MAX_URL:
            yield _oversized(data, opening.start())
            start = _word_end(data, stop, end)
            continue
        url = _found(data, opening, stop, markup)
        start = max(opening.end(), url.end if url else stop)
        if url:
            yield url


def _openings(data: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
    """Every match of START. Most text has none: what each of them must hold is looked for first, at memchr's speed."""
    ahead = {hint: data.find(hint, start, end) for hint in _HINTS}
    while hints := [at for at in ahead.values() if at >= 0]:
        at = min(hints)
        opening = START.search(data, max(start, at - _REACH), min(end, at + _REACH))
        if opening:
            yield opening
        start = opening.end() if opening else at + 1
        for hint, known in ahead.items():
            if 0 <= known < start:
                ahead[hint] = data.find(hint, start, end)


def unescaped(written: str) -> tuple[str, tuple[str, ...]]:
    """What Markdown makes of a URL in its text, and the names of the changes."""
    target, changes = written, []
    if "\\" in target and (plain := _ESCAPE.sub(r"\1", target)) != target:
        target, changes = plain, ["unescaped"]
    if "&" in target and (plain := _ENTITY.sub(lambda entity: unescape(entity[0]), target)) != target:
        target, changes = plain, [*changes, "entity-decoded"]
    return target, tuple(changes)


def _stop(data: bytes, start: int, at: int, end: int, markup: bool) -> int:
    """The first byte after `at` that cannot belong to the URL; further than MAX_URL when there is none."""
    depth = dict.fromkeys(_OPENERS, 0)
    limit = min(end, start + MAX_URL + 1)
    for token in _TOKEN.finditer(data, at, limit):
        char = token[0]
        if char in depth:
            depth[char] += 1
        elif char in _PAIRS and depth[_PAIRS[char]]:
            depth[_PAIRS[char]] -= 1
        elif markup and char[:1] == b"\\" and len(char) == 2 and _ESCAPE.match(char.decode("latin-1")):
            continue
        else:
            return token.start()
    return limit


def _found(data: bytes, opening: re.Match[bytes], stop: int, markup: bool) -> Found | None:
    start = opening.start()
    if data[start - 1 : start] == b"'" and (quote := data.find(b"'", start, stop)) > 0:
        stop = quote
    whole = data[start:stop].decode("utf-8", "replace")
    written = _trimmed(whole, data[max(0, start - _LOOKBACK) : start])
    if len(written.encode()) <= opening.end() - start:
        return None
    target, changes = unescaped(written) if markup else (written, ())
    confidence = "likely"
    if (shown := _HIDDEN.sub("", target)) != target:
        target, changes = shown, (*changes, "zero-width-removed")
    if _DEFANGED.search("/".join(target.split("/", 3)[:3])):
        target, changes, confidence = _refanged(target), (*changes, "refanged"), "guess"
    if target[:3].lower() == "www":
        target, changes = "http://" + target, (*changes, "scheme-assumed")
    if whole[len(written) :].startswith(("…", "...")):
        changes, confidence = (*changes, "shortened"), "guess"
    return Found(start, start + len(written.encode()), written, target, confidence, changes)


def _trimmed(url: str, before: bytes) -> str:
    """`url` without what the sentence around it ends with."""
    for _ in range(_MARKS):
        shorter = url.rstrip(_TAIL)
        if shorter[-2:] in ("__", "~~") or (shorter[-1:] in ("_", "~") and _emphasised(before, shorter[-1])):
            shorter = shorter.rstrip(shorter[-1])
        if shorter == url:
            break
        url = shorter
    return url


def _emphasised(before: bytes, mark: str) -> bool:
    """Whether the line opens an emphasis that it has not closed: `_see https://x.org/a_`.

    Otherwise an underscore at the end stays, for many video ids end with one.
    """
    line = before.rpartition(b"\n")[2].decode("utf-8", "ignore")
    opened = len(re.findall(rf"(?<!\w){mark}+(?=\S|$)", line))
    return opened > len(re.findall(rf"(?<=\S){mark}+(?!\w|{mark})(?!$)", line))


def _refanged(url: str) -> str:
    """The URL that someone made unclickable on purpose; it is never fetched unasked."""
    plain = "htt" + url[3:] if url[:3].lower() == "hxx" else url
    plain = plain.replace("[://]", "://").replace("[:]", ":").replace("[dot]", ".")
    return re.sub(r"[\[({]\.[\])}]", ".", plain)


def _oversized(data: bytes, start: int) -> Found:
    written = data[start : start + MAX_URL].decode("utf-8", "ignore")
    return Found(start, start + MAX_URL, written, "", "guess", ("too-long",))


def _word_end(data: bytes, at: int, end: int) -> int:
    match = _WORDBREAK.match(data, at, end)
    return match.end() if match else end
