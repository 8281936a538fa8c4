"""What a page needs to be seen again: images, styles, fonts, scripts, frames. Pure: bytes in, addresses out.

Pages and style sheets are hostile: both are parsed by libraries (lxml, tinycss2), within a size, and whatever they
yield is only ever an absolute http or https address.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote_from_bytes

import ada_url

from preserve.capture import markup
from preserve.capture.charset import read
from preserve.network import policy

_IMAGE = ("src", "data-src", "data-lazy-src", "data-lazy", "data-original", "data-hi-res-src", "data-image")
_SRCSET = ("srcset", "data-srcset", "data-lazy-srcset", "imagesrcset")
_LINKS = {
    "stylesheet": "style",
    "icon": "icon",
    "apple-touch-icon": "icon",
    "apple-touch-icon-precomposed": "icon",
    "mask-icon": "icon",
    "image_src": "image",
    "manifest": "other",
}
_PRELOADS = {"font": "font", "image": "image", "style": "style", "script": "script"}
_CANDIDATE = re.compile(r"[^\s,]\S*")
_TOLD = 40  # characters behind the URL of a srcset in which its size stands
_SIZE = re.compile(r"\s{1,20}([0-9]{1,6}(?:\.[0-9]{1,6})?)[wx](?![a-z0-9])")
_TAGS = frozenset(
    "base img source video link script iframe frame embed object input style meta image use".split()  # noqa: SIM905
)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_FONT = re.compile(r"\.(woff2?|ttf|otf|eot)(\?|#|$)", re.IGNORECASE)
_VIDEO = re.compile(r"^(video|audio)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Requisite:
    url: str  # absolute, without fragment
    role: str  # image, style, script, font, frame, icon, object, other


def of_html(data: bytes, url: str, charset: str | None = None) -> list[Requisite]:
    """In the order of the page, each address once."""
    decoded, coded = read(data[: policy.MAX_PARSED], charset)
    reader = _Reader()
    markup.read(decoded, reader)
    return _resolved(reader.found, join(url, reader.base, coded) or url, coded)


class _Reader:
    """Notes what a page names, as it is written."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.base = ""  # the first that has an address
        self._sheet: list[str] | None = None  # the text of a style element that is open

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _TAGS:
            self._note(tag, attributes)
        if "style" in attributes:
            self.found += _inline(attributes["style"])
        if "background" in attributes:
            self.found.append((attributes["background"], "image"))

    def _note(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "style":
            self._sheet = []
        elif tag == "base":
            self.base = self.base or attributes.get("href", "")
        self.found += _of_tag(tag, attributes)
        for name in _SRCSET:
            if value := attributes.get(name):
                self.found += ((candidate, "image") for candidate, _ in candidates(value))

    def data(self, text: str) -> None:
        if self._sheet is not None:
            self._sheet.append(text)

    def end(self, tag: str) -> None:
        if tag == "style" and self._sheet is not None:
            self.found += _sheet("".join(self._sheet))
            self._sheet = None


def of_css(data: bytes, url: str, charset: str | None = None) -> list[Requisite]:
    """Imports, fonts and images of a style sheet."""
    import tinycss2

    rules, _ = tinycss2.parse_stylesheet_bytes(data[: policy.MAX_PARSED], protocol_encoding=charset)
    return _resolved(_css_references(rules), url)


def _resolved(found: Iterable[tuple[str, str]], base: str, charset: str | None = None) -> list[Requisite]:
    unique: dict[str, Requisite] = {}
    for written, role in found:
        target = join(base, written, charset)
        if target:
            unique.setdefault(target, Requisite(target, role))
    return list(unique.values())


def join(base: str, written: str, charset: str | None = None) -> str | None:
    """The absolute http or https address without fragment that a page in `charset` means; None for any other."""
    written = written.strip()
    if not written or len(written) > policy.MAX_URL or written.startswith(("data:", "javascript:", "about:", "#")):
        return None
    try:
        target = ada_url.URL(written if written.isascii() else _coded(written, charset), base=base)
    except ValueError:
        return None
    if target.protocol not in ("http:", "https:") or not target.hostname:
        return None
    target.hash = ""
    return str(target.href)


def _coded(written: str, charset: str | None) -> str:
    """With the query percent-encoded in the page's charset, as browsers send it; all else goes out in UTF-8 (WHATWG
    URL, section 4.4, "query state")."""
    path, mark, query = written.partition("#")[0].partition("?")
    name = _codec(charset or "") if mark and not query.isascii() else None
    if name is None:
        return written
    return f"{path}?{_FOREIGN.sub(lambda run: _percent(run[0].encode(name, 'xmlcharrefreplace')), query)}"


@lru_cache(maxsize=64)
def _codec(charset: str) -> str | None:
    """None for UTF-8 and for what is no charset of pages."""
    try:
        name = codecs.lookup(charset).name
        if name.startswith("utf") or name == "idna" or "a".encode(name) != b"a":
            return None
    except (LookupError, ValueError):
        return None
    return "cp1252" if name in ("ascii", "iso8859-1") else name  # as browsers read these names


def _percent(data: bytes) -> str:
    return quote_from_bytes(data, safe="@[\\]^`{|}")  # second bytes of East Asian characters stay as they are


def candidates(srcset: str) -> Iterator[tuple[str, float]]:
    """The URLs of a srcset and how large each is said to be, in pixels or times (HTML section 4.8.4.2). A URL may hold
    commas, none ends with one. Linear time."""
    position = 0
    while match := _CANDIDATE.search(srcset, position):
        position = match.end()
        told = ""
        if not match[0].endswith(","):
            comma = srcset.find(",", position)
            told, position = srcset[position : position + _TOLD], comma if comma >= 0 else len(srcset)
        size = _SIZE.match(told)
        yield match[0].rstrip(","), float(size[1]) if size else 1.0


def _of_tag(tag: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    match tag:
        case "img" | "input":
            yield from _named(attributes, "image", *_IMAGE)
        case "link":
            yield from _link(attributes)
        case "script":
            yield from _named(attributes, "script", "src")
        case "iframe" | "frame":
            yield from _named(attributes, "frame", "src", "data-src")
        case "embed" | "object" if not _VIDEO.match(attributes.get("type", "")):
            yield from _named(attributes, "object", "src" if tag == "embed" else "data")
        case "video":
            yield from _named(attributes, "image", "poster")
        case "meta" if attributes.get("property", attributes.get("name")) in ("og:image", "twitter:image"):
            yield from _named(attributes, "image", "content")
        case "image" | "use":
            yield from _named(attributes, "image", "href", "xlink:href")


def _named(attributes: Mapping[str, str], role: str, *names: str) -> Iterator[tuple[str, str]]:
    return ((value, role) for name in names if (value := attributes.get(name)))


def _link(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    rels = attributes.get("rel", "").lower().split()
    roles = {_LINKS[rel] for rel in rels if rel in _LINKS}
    if "preload" in rels or "modulepreload" in rels:
        roles.add(_PRELOADS.get(attributes.get("as", "script").lower(), "other"))
    if roles:
        # A style sheet that is also something else is read as what needs more.
        yield attributes.get("href", ""), "style" if "style" in roles else min(roles)


def _sheet(text: str) -> Iterator[tuple[str, str]]:
    import tinycss2

    yield from _css_references(tinycss2.parse_stylesheet(text))


def _inline(text: str) -> Iterator[tuple[str, str]]:
    if "url(" in text.lower():
        import tinycss2

        yield from _css_references(tinycss2.parse_component_value_list(text))


def _css_references(nodes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Every url() and every @import, without recursion: nesting in a sheet is the attacker's choice."""
    stack = [iter(nodes)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        if node.type == "at-rule" and node.lower_at_keyword == "import":
            yield from ((token.value, "style") for token in _import_target(node.prelude))
        elif node.type == "url":
            yield node.value, _kind(node.value)
        elif node.type == "function" and node.lower_name == "url":
            yield from ((one.value, _kind(one.value)) for one in node.arguments if one.type == "string")
        else:
            stack += [iter(part) for name in ("prelude", "content", "arguments") if (part := getattr(node, name, None))]


def _kind(url: str) -> str:
    return "font" if _FONT.search(url) else "image"


def _import_target(prelude: Iterable[Any]) -> Iterator[Any]:
    for token in prelude:
        if token.type in ("url", "string"):
            yield token
            return
        if token.type == "function" and token.lower_name == "url":
            yield from (one for one in token.arguments if one.type == "string")
            return
