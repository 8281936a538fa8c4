"""What a document asks to preserve: each source once, with the places where it is cited, in the words of sources.txt.

These words stand in comments beside a person's own, so a place has a form in which nobody else would write: `OURS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from preserve.documents.derive import RELATIONS
from preserve.documents.mention import ROLES
from preserve.documents.url import identity, spell
from preserve.model import Citation
from preserve.network.policy import is_private

MAX_PLACES = 5  # of one source in one document, on its line
MAX_LABEL = 60  # characters of an anchor in a comment

_AT = r':\d+|p\.\d+|slide \d+|¶\d+|[^"|;!]{1,80}![A-Z]{1,3}\d{1,7}'
# `(part)` alone is a person's remark as well as ours: only with one of our words behind it is it ours.
_PLACE = (
    rf'(?:(?:\([^()"|;]*\) )?(?:{_AT})(?: [a-z-]+)?|\([^()"|;]*\) (?:{"|".join((*ROLES, *RELATIONS))}))(?: "[^"|]*")?'
)
OURS = re.compile(rf"\s*(?:{_PLACE}(?:; {_PLACE})*(?:; and \d+ more)?|no longer cited since sha256:[0-9a-f]+)\s*$")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_PLAIN_ROLES = frozenset({"link", "text", "autolink", "reference", "bare-domain"})
_OTHERS = str.maketrans({'"': "'", "|": "¦", ";": ","})  # for what has a meaning in our comments


@dataclass(slots=True)
class Cited:
    """One source in one document: the line that it should have."""

    url: str
    mark: str
    resolved: bool
    places: list[str]

    @property
    def ours(self) -> str:
        more = len(self.places) - MAX_PLACES
        return "; ".join(self.places[:MAX_PLACES]) + (f"; and {more} more" if more > 0 else "")


def cited_sources(citations: Sequence[Citation], allow_private: bool) -> tuple[dict[str, Cited], dict[str, str]]:
    """The sources of a document by key, in the order of the text, and the keys of relative URLs as written."""
    cited: dict[str, Cited] = {}
    spellings: dict[str, str] = {}
    for citation in citations:
        if "too-long" in citation.changes or (citation.url and not citation.key):
            continue  # no source, or one that nobody can be asked for: mailto, javascript
        written = spell(citation.written)
        url = citation.url or written
        key = citation.key or identity(url) or url
        if not url:
            continue
        sure = citation.planned and (allow_private or not _private(key))
        source = _add(cited, key, url, citation, _role(citation), sure)
        if source.resolved:
            spellings.setdefault(written, key)
        for derived in citation.derived:
            sure = citation.planned and (allow_private or not _private(derived.key))
            _add(cited, derived.key, derived.url, citation, derived.relation, sure)
    return cited, spellings


def _private(key: str) -> bool:
    """A server that only this machine reaches: a stranger's document must not make us ask it."""
    try:
        return is_private(urlsplit(key).hostname or "")
    except ValueError:
        return False


def _add(cited: dict[str, Cited], key: str, url: str, citation: Citation, role: str, sure: bool) -> Cited:
    """One more place of a source."""
    source = cited.setdefault(key, Cited(url, "?", "resolved" in citation.changes and url == citation.url, []))
    source.places.append(_place(citation, role))
    source.mark = " " if sure else source.mark
    return source


def _place(citation: Citation, role: str) -> str:
    """Where it stands, in few words that can be told from a person's."""
    place = citation.place
    part = _label(place.part.replace("(", "[").replace(")", "]")) if place.part else None
    sheet = _label(place.sheet.replace("!", "-")) if place.sheet else None
    cell = place.cell if sheet else None  # `B7` alone may be a person's; a table has lines as well
    line = None if part and not place.line else place.line or 0
    where = replace(place, part=part, sheet=sheet, cell=cell, line=line).text()
    role = role or ("link" if part and where == f"({part})" else "")
    label = _label(citation.anchor)
    return where + (f" {role}" if role else "") + (f' "{label}"' if label else "")


def _label(text: str) -> str:
    """`text` as it may stand in a comment of ours."""
    label = " ".join(_UNSAFE.sub(" ", text).split()).translate(_OTHERS)
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1].rstrip() + "…"


def _role(citation: Citation) -> str:
    return "" if citation.role in _PLAIN_ROLES else citation.role
