"""Values that have names (JSON, YAML): what they cite, and what that is called by what stands beside it.

The text of a link of Telegram's, the title of an article, the name of a place on a map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol

from preserve.documents.mention import Mention, words
from preserve.documents.place import MAX_CONTEXT, around, sentence
from preserve.documents.readers import doi
from preserve.documents.readers.transcript import Transcript, alone
from preserve.documents.readers.value import MAY_CITE, TAG, URL, cited
from preserve.model import Place

_RELATIVE = re.compile(r"[./#]\S+|[^\s/:]+/\S+|(?:mailto|tel):\S+")
_LINKS = frozenset({"href", "url", "link", "uri", "src"})  # members whose value may be a relative URL
_VOCABULARY = frozenset({"@context", "@vocab", "@type", "$schema", "$id"})
# Members that name what stands beside them, the best first.
_NAMES = ("title", "headline", "name", "text", "full_text", "label", "caption", "message", "description", "content")
_MAX_NAME = 4000  # characters of such a member that are kept
_CLIMB = 4  # values between a link and its name: a post, its entities, their list, one of them


class Token(NamedTuple):
    """`object` and `array` open one, `end` closes it; `name` is that of a member; `other` and `comment` are what stands
    between. Bytes of strings are those between their quotes."""

    kind: Literal["object", "array", "end", "name", "string", "other", "comment"]
    start: int
    end: int


class Walk(Protocol):
    """A document as tokens. The rest is of the token that has come last."""

    data: bytes

    def tokens(self) -> Iterator[Token]: ...

    def said(self, token: Token) -> str:
        """What a string says."""
        ...

    def transcript(self, token: Token) -> Transcript:
        """The same, with its places."""
        ...

    @property
    def pointer(self) -> str | None:
        """RFC 6901."""
        ...


@dataclass(slots=True)
class _Value:
    """An object or array while it is open."""

    array: bool
    key: str  # under which it stands; of an array's members too
    silent: bool = False
    names: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)  # what the pieces of a message say
    waiting: list[tuple[Mention, int]] = field(default_factory=list)  # links without a name, and how far they came

    @property
    def message(self) -> bool:
        """Whether it is a text in pieces, as Telegram exports it: strings, and objects with a `text`."""
        return self.array and self.key == "text"


class Naming:
    """One pass over a document."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._open = [_Value(array=True, key="")]
        self._key = ""

    def mentions(self) -> Iterator[Mention]:
        for token in self._walk.tokens():
            kind, start, end = token
            value = self._open[-1]
            if kind == "string":
                yield from self._string(value, token)
            elif kind == "name":
                self._key = self._walk.said(token)
                if MAY_CITE.search(self._walk.data, start, end):
                    yield from self._found(token, "")
            elif kind == "end":
                yield from self._closed(self._open.pop())
            elif kind == "other":
                yield from alone(self._walk.data, start, end)
            elif kind == "comment":
                yield from alone(self._walk.data, start, end, "comment", bare=False)
            else:
                key = value.key if value.array else self._key
                twice = key == "text_entities" and "text" in value.names  # Telegram says every message twice
                self._open.append(_Value(kind == "array", key, value.silent or twice))
        yield from (mention for mention, _ in self._open[0].waiting)

    def _string(self, value: _Value, token: Token) -> Iterator[Mention]:
        key = value.key if value.array else self._key
        if not value.array and key in _NAMES:
            value.names[key] = self._walk.said(token)[:_MAX_NAME]
        message = self._open[-2] if key == "text" and not value.array and len(self._open) > 1 else value
        if message.message:
            message.texts.append(self._walk.said(token))
        if value.silent or not MAY_CITE.search(self._walk.data, token.start, token.end):
            return
        for mention in self._found(token, key):
            if message.message or _nameless(mention):
                value.waiting.append((mention, 0))
            else:
                yield mention

    def _found(self, token: Token, key: str) -> Iterator[Mention]:
        text = self._walk.transcript(token)
        return text.mentions(_cited(bytes(text.text), key), Place(pointer=self._walk.pointer))

    def _closed(self, value: _Value) -> Iterator[Mention]:
        """Links in it that have waited for their name get it, or wait on in what holds it."""
        outer = self._open[-1]
        name = next((value.names[one] for one in _NAMES if value.names.get(one)), "")
        waiting = [(_named(mention, name) if name else mention, climbs) for mention, climbs in value.waiting]
        if value.message:
            said = "".join(value.texts)
            outer.names.setdefault("text", said[:_MAX_NAME])
            waiting = list(_in_context(waiting, said))
        for mention, climbs in waiting:
            if climbs < _CLIMB and (outer.message or _nameless(mention)):
                outer.waiting.append((mention, climbs + 1))
            else:
                yield mention


def _nameless(mention: Mention) -> bool:
    return not mention.anchor and mention.role in ("link", "bibliography")


def _named(mention: Mention, name: str) -> Mention:
    if not _nameless(mention):
        return mention
    anchor = words(TAG.sub(" ", name))
    return replace(mention, anchor=anchor, context=words(anchor, MAX_CONTEXT))


def _in_context(waiting: list[tuple[Mention, int]], said: str) -> Iterator[tuple[Mention, int]]:
    """The links of a message that comes in pieces, in its sentences."""
    text, at = said.encode("utf-8", "replace"), 0
    for mention, climbs in waiting:
        for here in (
            one.encode("utf-8", "replace") for one in (mention.anchor, mention.target, mention.written) if one
        ):
            start = text.find(here, at)
            if start < 0:
                continue
            at = start + len(here)
            before, after = around(text, start, at)
            mention = replace(mention, context=sentence(before, here.decode("utf-8", "replace"), after))
            break
        yield mention, climbs


def _cited(text: bytes, key: str) -> Iterator[Mention]:
    """What one string cites, if it is the value of such a member."""
    value = text.decode("utf-8", "replace").strip()
    start = len(text) - len(text.lstrip())
    if key.lower() == "doi" and (target := doi.target(value)):
        yield Mention(start, "bibliography", value, target, confidence="likely", changes=("scheme-assumed",))
        return
    whole = "asset" if key in _VOCABULARY else "bibliography" if key == "URL" else "link"  # CSL's are in capitals
    found = list(cited(text, whole=whole))
    yield from found
    if not found and key in _LINKS and _RELATIVE.fullmatch(value) and not URL.fullmatch(value):
        yield Mention(start, "link", value, value)
