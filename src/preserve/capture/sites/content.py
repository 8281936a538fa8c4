"""The content of a page: the pictures it shows, each at every size that it names, its films, and how much it says."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from preserve.capture import requisites
from preserve.capture.sites import markup
from preserve.capture.sites.rule import Seen

PICTURES = 300  # of one page; the rest is a gallery without end
IMAGES = 5_000  # tags that are looked at for them: lists repeat their marks a thousand times
_LAZY = ("data-large-file", "data-hi-res-src", "data-src", "data-lazy-src", "data-lazy", "data-original", "data-image")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_WHOLE = ("data-orig-file", "data-full-url", "data-full")  # the file itself, as themes and galleries name it
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?)(?:$|[?#])", re.IGNORECASE)
_FILM = re.compile(r"\.(?:mp4|m4v|webm|mov|flv|f4v|wmv|avi|mpe?g)(?:$|[?#])", re.IGNORECASE)
CANDIDATES = 50  # of one srcset; real ones have ten
TOLD = 1000  # characters of a title or heading that are kept
SCRIPTS = 512 << 10  # characters of scripts that are kept: players are configured in a few lines
# Whose text is not what the page itself says.
_SILENT = frozenset({"script", "style", "noscript", "title", "a", "h1", "button", "select", "option", "textarea"})
_TINY = 32  # pixels: marks and icons, not pictures

Holds = Callable[[str, Mapping[str, str]], bool]  # whether an element is the main one


@dataclass(frozen=True, slots=True)
class Picture:
    """`sizes`: as the page shows it, the largest first; `linked`: the picture that it is a link to. Absolute."""

    sizes: tuple[str, ...]
    linked: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Of the main element; where a page has none (`main` is False), of all of it."""

    main: bool
    pictures: tuple[Picture, ...]
    films: tuple[str, ...]  # files in players and links, absolute
    heading: str
    words: int  # outside of links and headings
    classes: frozenset[str]  # of the page's body
    title: str
    shared: str | None  # the picture for those who share the page
    scripts: str  # what stands in the page's own, wherever they are


def read(seen: Seen, holds: Holds) -> Content:
    reader = _Reader(seen.url, markup.charset(seen), holds)
    markup.read(seen, reader)
    inner = reader.inner if reader.found else reader.outer
    return Content(
        reader.found, tuple(inner.pictures.values()), tuple(inner.films), " ".join(inner.heading.split()),
        inner.words, reader.classes, " ".join(reader.title.split()), reader.shared,
        "\n".join(reader.scripts),
    )  # fmt: skip


def has_class(attributes: Mapping[str, str], *names: str) -> bool:
    return not set(names).isdisjoint(attributes.get("class", "").split())


@dataclass(slots=True)
class _Part:
    pictures: dict[str, Picture] = field(default_factory=dict)  # by their largest size
    films: dict[str, None] = field(default_factory=dict)
    heading: str = ""
    words: int = 0


class _Reader:
    """Keeps two accounts: of the main element, and of the whole page in case it has none."""

    def __init__(self, url: str, charset: str | None, holds: Holds) -> None:
        self._base, self._charset, self._holds = url, charset, holds
        self.inner, self.outer = _Part(), _Part()
        self.found = False
        self.classes: frozenset[str] = frozenset()
        self.title = ""
        self.shared: str | None = None
        self.scripts: list[str] = []
        self._scripted = 0  # characters in them
        self._depth = 0  # of open tags in the main element, its own included
        self._open: Counter[str] = Counter()  # of those whose text counts otherwise
        self._silent = 0  # all of them
        self._link = ""  # the picture that the open link leads to, until a picture takes it
        self._images = 0
        self._choosing = False  # inside of <picture>
        self._sources: list[Mapping[str, str]] = []  # that stood in it before its image

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        # Only the first: a later one is a teaser of something else.
        if self._depth or (not self.found and self._holds(tag, attributes)):
            self._depth, self.found = self._depth + 1, True
        if tag in _SILENT:
            self._open[tag] += 1
            self._silent += 1
        match tag:
            case "base":
                self._base = self._url(attributes.get("href", "")) or self._base
            case "body":
                self.classes = frozenset(attributes.get("class", "").split())
            case "meta" if attributes.get("property", attributes.get("name")) == "og:image":
                self.shared = self.shared or self._url(attributes.get("content", ""))
            case "a":
                self._follow(attributes.get("href", ""))
            case "img":
                self._picture(attributes)
            case "picture":
                self._choosing = True
            case "source" if self._choosing:
                self._sources = [*self._sources[-CANDIDATES:], attributes]
            case "source" | "video":
                self._film(attributes.get("src", ""))

    def end(self, tag: str) -> None:
        self._depth -= bool(self._depth)
        if tag in _SILENT:
            self._open[tag] -= 1
            self._silent -= 1
        if tag == "a":
            self._link = ""
        elif tag == "picture":
            self._sources, self._choosing = [], False

    def data(self, text: str) -> None:
        if self._open["title"] and len(self.title) < TOLD:
            self.title += text
        if self._open["script"] and self._scripted < SCRIPTS:
            self.scripts.append(text)
            self._scripted += len(text)
        for part in self._parts():
            if self._open["h1"] and len(part.heading) < TOLD:
                part.heading += text
            elif not self._silent:
                part.words += len(text.split())

    def _parts(self) -> Iterator[_Part]:
        yield self.outer
        if self._depth:
            yield self.inner

    def _url(self, written: str) -> str | None:
        return requisites.join(self._base, written, self._charset)

    def _follow(self, written: str) -> None:
        self._link = written if _PICTURE.search(written) else ""
        self._film(written)

    def _film(self, written: str) -> None:
        if _FILM.search(written) and (url := self._url(written)):
            for part in self._parts():
                part.films[url] = None

    def _picture(self, attributes: Mapping[str, str]) -> None:
        self._images += 1
        wanting = [part for part in self._parts() if len(part.pictures) < PICTURES]
        if not wanting or self._images > IMAGES or _tiny(attributes):
            return
        found = [named for one in (attributes, *self._sources) for named in _named(one)]
        ranked = sorted(found, key=lambda one: -one[1])
        sizes = tuple(dict.fromkeys(url for written, _ in ranked if (url := self._url(written))))
        whole = (self._link, *(attributes.get(name, "") for name in _WHOLE))
        linked = next((url for written in whole if (url := self._url(written))), None)
        self._link, self._sources = "", []  # what was never closed is not that of all pictures behind it
        for part in wanting if sizes or linked else ():
            part.pictures.setdefault(sizes[0] if sizes else str(linked), Picture(sizes, linked))


def _tiny(attributes: Mapping[str, str]) -> bool:
    told = [attributes[name] for name in ("width", "height") if attributes.get(name, "").isdecimal()]
    return any(len(one) < 6 and int(one) <= _TINY for one in told)


def _named(attributes: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """What an image or source names, with its size. `src` is the least: with lazy images it is a placeholder."""
    for name in _SETS:
        yield from itertools.islice(requisites.candidates(attributes.get(name, "")), CANDIDATES)
    yield from ((attributes[name], 0.5) for name in _LAZY if attributes.get(name))
    if attributes.get("src"):
        yield attributes["src"], 0.0
