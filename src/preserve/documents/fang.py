"""Defanged URLs: made unclickable on purpose, in the spellings of threat reports and of those who quote them.

`hxxp://x[.]org`, `h**ps[:]//x(.)org`, `meow://x{dot}org`, `x [dot] org[/]path`. Someone did it for a reason: what they
name is a guess, which nothing fetches unasked.
"""

from __future__ import annotations

import re

DOT = rb"[\[({](?:\.|[dD][oO][tT])[\])}]"
SCHEME = rb"[hH]\*\*[pP][sS]?|[mM][eE][oO][wW][sS]?"  # besides http with an x for one of its letters

_DOT = re.compile(r" ?[\[({](?:\.|[dD][oO][tT])[\])}] ?")
_SCHEME = re.compile(r"[hH](?:[xX][tTxX]|[tT][xX]|\*\*)[pP]|[mM][eE][oO][wW]")
_SEPARATOR = re.compile(r"[\[({]:[\])}]|\[://\]|:\[//\]|:\\\\")
# In scheme and host every such mark is meant; in a path only those that no server knows.
_HOST = re.compile(rf"{_SCHEME.pattern}|{_SEPARATOR.pattern}|{_DOT.pattern}")
_PATH = re.compile(r"\[\.\]|\[dot\]|\[/\]")


def defanged(url: str) -> bool:
    """Whether it was made unclickable."""
    if not ("[" in url or "(" in url or "{" in url or "\\" in url or _SCHEME.match(url)):
        return False
    return bool(_SCHEME.match(url) or _HOST.search("/".join(url.split("/", 3)[:3])) or _PATH.search(url))


def refanged(url: str) -> str:
    """The URL that is meant."""
    plain = "http" + url[4:] if _SCHEME.match(url) else url
    plain = _DOT.sub(".", plain).replace("[://]", "://").replace(":[//]", "://").replace("[/]", "/")
    plain = re.sub(r"[\[({]:[\])}]", ":", plain)
    return plain.replace("\\", "/") if ":\\\\" in plain else plain
