"""Where a URL ends and its sentence goes on: punctuation, pictures, the marks of bold, italic and struck-out text."""

from __future__ import annotations

import re

from preserve.documents.url import INVISIBLE

LOOKBACK = 200  # bytes in which the opening mark of an emphasis is looked for

_TAIL = ".,;:!?*‘’…،؛؟۔।॥՝՞։׃·¡¿([{" + INVISIBLE
_MARKS = 8  # layers of emphasis around one URL; each costs a look at all of it
# Pictures behind a word, as in `https://t.me/abc👇`. Behind a slash they are what the URL names.
_PICTURES = re.compile(
    r"(?<=\w)[\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
    r"\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+$"
)
# A host in front of a text without spaces: `https://x.org是`. Neither side knows a path or a further dot.
_GLUED = re.compile(
    r"\A[^/?#]*//[^/?#]*\.[A-Za-z]{2,24}(?=[\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff][^./?#]*\Z)"
)


def trimmed(url: str, before: bytes) -> str:
    """`url` without what the sentence around it ends with; `before`: the bytes in front of it."""
    host = None if url.isascii() else _GLUED.match(url)
    if host:
        return host[0]
    for _ in range(_MARKS):
        shorter = url.rstrip(_TAIL)
        last = shorter[-1:]
        if last == "'" and _closes(shorter):
            shorter = shorter.rstrip("'")
        elif last in ("_", "~") and (shorter[-2:] == 2 * last or _in_host(shorter) or _emphasised(before, last)):
            shorter = shorter.rstrip(last)
        elif not last.isascii() and (pictures := _PICTURES.search(shorter)):
            shorter = shorter[: pictures.start()]
        if shorter == url:
            break
        url = shorter
    return url


def _closes(url: str) -> bool:
    """Whether the quotation mark at the end closes one of the sentence; none does that was opened within."""
    return url.endswith("''") or url.count("'") % 2 == 1


def _in_host(url: str) -> bool:
    return "/" not in url[url.find("//") + 2 if "//" in url else 0 :]


def _emphasised(before: bytes, mark: str) -> bool:
    """Whether the line opens an emphasis that it has not closed: `_see https://x.org/a_`.

    Otherwise an underscore at the end stays, for many video ids end with one.
    """
    line = before.rpartition(b"\n")[2].decode("utf-8", "ignore")
    opened = len(re.findall(rf"(?<!\w){mark}+(?=\S|$)", line))
    return opened > len(re.findall(rf"(?<=\S){mark}+(?!\w|{mark})(?!$)", line))
