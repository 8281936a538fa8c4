"""What a page needs to be seen again: images, styles, fonts, scripts, frames. Pure: bytes in, addresses out.

Pages and style sheets are hostile: both are parsed by libraries (BeautifulSoup on lxml, tinycss2), within a size,
and whatever they yield is only ever an absolute http or https address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ada_url

from preserve.network import policy

if TYPE_CHECKING:
    from bs4 import Tag
    from bs4.filter import ElementFilter

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
_TAGS = frozenset(
    "base img picture source video link script iframe frame embed object input style meta svg".split()  # noqa: SIM905
)
_FONT = re.compile(r"\.(woff2?|ttf|otf|eot)(\?|#|$)", re.IGNORECASE)
_VIDEO = re.compile(r"^(video|audio)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Requisite:
    url: str  # absolute, without fragment
    role: str  # image, style, script, font, frame, icon, object, other


def of_html(data: bytes, url: str, charset: str | None = None) -> list[Requisite]:
    """In the order of the page, each address once."""
    from bs4 import BeautifulSoup

    # Only what names something becomes an object: a page of text is read several times faster so.
    wanted: Any = _wanted()  # bs4 takes any ElementFilter; its annotation names only one of them
    soup = BeautifulSoup(data[: policy.MAX_PARSED], "lxml", from_encoding=charset, parse_only=wanted)
    base = url
    if (tag := soup.find("base", href=True)) is not None:
        base = _join(url, str(tag["href"])) or url
    return _resolved(_references(soup.find_all(True)), base)


def _wanted() -> ElementFilter:
    from bs4.filter import ElementFilter

    class Wanted(ElementFilter):
        """What is let in is let in with all that is inside, so no tag that holds a whole page is named here."""

        def allow_tag_creation(self, nsprefix: str | None, name: str, attrs: Mapping[Any, str] | None) -> bool:
            return name in _TAGS or bool(attrs and ("style" in attrs or "background" in attrs))

        def allow_string_creation(self, string: str) -> bool:
            return False  # text outside of what was let in

    return Wanted()


def of_css(data: bytes, url: str, charset: str | None = None) -> list[Requisite]:
    """Imports, fonts and images of a style sheet."""
    import tinycss2

    rules, _ = tinycss2.parse_stylesheet_bytes(data[: policy.MAX_PARSED], protocol_encoding=charset)
    return _resolved(_css_references(rules), url)


def _resolved(found: Iterable[tuple[str, str]], base: str) -> list[Requisite]:
    unique: dict[str, Requisite] = {}
    for written, role in found:
        target = _join(base, written)
        if target:
            unique.setdefault(target, Requisite(target, role))
    return list(unique.values())


def _join(base: str, written: str) -> str | None:
    written = written.strip()
    if not written or len(written) > policy.MAX_URL or written.startswith(("data:", "javascript:", "about:", "#")):
        return None
    try:
        target = ada_url.URL(written, base=base)
    except ValueError:
        return None
    if target.protocol not in ("http:", "https:") or not target.hostname:
        return None
    target.hash = ""
    return str(target.href)


def _references(tags: Iterable[Tag]) -> Iterator[tuple[str, str]]:
    for tag in tags:
        yield from _of_tag(tag)
        for name in _SRCSET:
            if value := tag.get(name):
                yield from ((candidate, "image") for candidate in _candidates(str(value)))
        if style := tag.get("style"):
            yield from _inline(str(style))
        if background := tag.get("background"):
            yield str(background), "image"


def _candidates(srcset: str) -> Iterator[str]:
    """The URLs of a srcset (HTML section 4.8.4.2): one may hold commas, none ends with one. Linear time."""
    position = 0
    while match := _CANDIDATE.search(srcset, position):
        yield match[0].rstrip(",")
        position = match.end()
        if not match[0].endswith(","):
            comma = srcset.find(",", position)
            position = comma if comma >= 0 else len(srcset)


def _of_tag(tag: Tag) -> Iterator[tuple[str, str]]:
    name = tag.name
    if name in ("img", "input"):
        yield from ((str(tag[key]), "image") for key in _IMAGE if tag.get(key))
    elif name == "link":
        yield from _link(tag)
    elif name == "script" and tag.get("src"):
        yield str(tag["src"]), "script"
    elif name in ("iframe", "frame"):
        yield from ((str(tag[key]), "frame") for key in ("src", "data-src") if tag.get(key))
    elif name == "embed" and tag.get("src") and not _VIDEO.match(str(tag.get("type", ""))):
        yield str(tag["src"]), "object"
    elif name == "object" and tag.get("data") and not _VIDEO.match(str(tag.get("type", ""))):
        yield str(tag["data"]), "object"
    elif name == "video" and tag.get("poster"):
        yield str(tag["poster"]), "image"
    elif name == "meta" and str(tag.get("property", tag.get("name", ""))) in ("og:image", "twitter:image"):
        yield str(tag.get("content", "")), "image"
    elif name in ("image", "use"):
        yield from ((str(tag[key]), "image") for key in ("href", "xlink:href") if tag.get(key))
    elif name == "style":
        yield from _sheet(tag.string or "")


def _link(tag: Tag) -> Iterator[tuple[str, str]]:
    rels = [str(rel).lower() for rel in tag.get_attribute_list("rel") if rel]
    roles = {_LINKS[rel] for rel in rels if rel in _LINKS}
    if "preload" in rels or "modulepreload" in rels:
        roles.add(_PRELOADS.get(str(tag.get("as", "script")).lower(), "other"))
    if roles:
        # A style sheet that is also something else is read as what needs more.
        yield str(tag.get("href", "")), "style" if "style" in roles else min(roles)


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
