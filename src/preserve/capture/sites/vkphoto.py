"""Photos of VK: which sizes of one are told together, and where the largest of them lies. Pure.

VK stores a photo in up to ten sizes and names them in JSON, in attributes and in the handlers of its pages. All
addresses are taken that are http or https: VK moves its stores from domain to domain (vk.me, userapi.com,
vkuserphoto.ru), and where an address leads is judged by the policy of the network, as for every image of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from preserve.capture import requisites
from preserve.capture.sites.rule import Part
from preserve.model import Json

PHOTOS = 100  # of one view: a post has ten, one that repeats others some more
SIZES = 30  # of one photo that are looked at; VK makes ten
INSTEAD = 5  # of them that are asked for in turn; below that a photo of 100 pixels stands for one of 2000
NODES = 100_000  # values of one JSON text that are looked at; a post has some thousand
# Pixels of VK's sizes, from w to s, where a page does not tell them.
_LETTERS = {
    "w": 2560 * 1920, "z": 1280 * 960, "y": 807 * 605, "x": 604 * 453, "r": 510 * 382,
    "q": 320 * 240, "p": 200 * 150, "o": 130 * 97, "m": 130 * 86, "s": 75 * 56,
}  # fmt: skip
_NAMED = {
    "photo_2560": 2560 * 1920, "photo_1280": 1280 * 960, "photo_807": 807 * 605, "photo_604": 604 * 453,
    "src_xxxbig": 2560 * 1920, "src_xxbig": 1280 * 960, "src_xbig": 807 * 605, "src_big": 604 * 453,
}  # fmt: skip
# Pictures inside of these are no photos of the post: covers, previews, faces.
_OTHERS = frozenset({
    "video", "videos", "doc", "link", "sticker", "graffiti", "audio", "poll", "profiles", "groups", "album", "market",
    "app", "article", "event", "podcast", "page", "comments", "replies", "first_frame", "preview", "cover",
})  # fmt: skip
_RESIZED = re.compile(r"/imp[fg]/")  # what lies behind it is made on request, for who brings a signature
_PIXELS = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_FILE = re.compile(r"\.[A-Za-z0-9]{2,4}$")


@dataclass(frozen=True, slots=True)
class Photo:
    """Sizes that are told together. `id`: owner and number, "" where they are not told; `sizes`: pixels and URL."""

    id: str
    sizes: tuple[tuple[int, str], ...]

    def names(self) -> Iterator[str]:
        """By which others tell the same photo: all sizes of one are made of the same file."""
        if self.id:
            yield self.id
        for _, url in self.sizes:
            path = _RESIZED.sub("/", urlsplit(url).path, count=1)
            yield path if _FILE.search(path) else url  # stores have many hosts, and one path for a file


def parts(photos: Iterable[Photo]) -> list[Part]:
    """One for each photo, at its largest size."""
    return [_part(one) for one in together(photos)]


def together(photos: Iterable[Photo]) -> list[Photo]:
    """Each photo once, with all its sizes, the largest first."""
    found: list[Photo] = []
    places: dict[str, int] = {}
    for one in islice(photos, PHOTOS):
        if not one.sizes:
            continue
        place = next((places[name] for name in one.names() if name in places), len(found))
        if place == len(found):
            found.append(one)
        else:
            before = found[place]
            found[place] = Photo(before.id or one.id, (*before.sizes, *one.sizes))
        places.update(dict.fromkeys(one.names(), place))
    return [Photo(one.id, tuple(sorted(one.sizes, key=lambda size: -size[0]))) for one in found]


def _part(photo: Photo) -> Part:
    sizes = list(dict.fromkeys(url for _, url in photo.sizes))
    url = original(sizes[0])
    return Part(url, "image", instead=tuple(one for one in sizes if one != url)[:INSTEAD])


def original(url: str) -> str:
    """Where the file lies of which this size was made, as far as an address tells: else the address itself."""
    path, _, query = url.partition("?")
    plain = _RESIZED.sub("/", path, count=1)
    if plain != path:
        return plain
    offered = [(pixels(size), size) for size in dict(parse_qsl(query)).get("as", "").split(",")]
    largest, name = max(offered)
    if not largest:
        return url
    chosen = "&".join(one for one in query.split("&") if not one.startswith("cs="))
    return f"{path}?{chosen}&cs={name}"  # what is chosen is not signed


def pixels(text: str) -> int:
    """Of a size as 604x453; 0 for what is none."""
    match = _PIXELS.fullmatch(text)
    return int(match[1]) * int(match[2]) if match else 0


def size(base: str, written: Json, told: int) -> tuple[tuple[int, str], ...]:
    """One size, or none: (pixels, absolute URL). `told`: its pixels where the address does not tell them."""
    if not isinstance(written, str) or not written:
        return ()
    url = requisites.join(base, written.replace("&amp;", "&"), "utf-8")
    if url is None:
        return ()
    query = dict(parse_qsl(urlsplit(url).query))
    return ((pixels(query.get("size", "")) or told or pixels(query.get("cs", "")), url),)


def of_json(value: Json, base: str, own: str = "") -> Iterator[Photo]:
    """The photos anywhere in a JSON value; `own`: the id of one that tells none itself."""
    stack = [value]
    for _ in range(NODES):
        if not stack:
            return
        one = stack.pop()
        if isinstance(one, list):
            stack += reversed(one[:NODES])
        elif isinstance(one, dict):
            if sizes := tuple(islice(_sizes(one, base), SIZES)):
                yield Photo(_id(one) or own, sizes)
            else:
                stack += [inner for key, inner in reversed(one.items()) if key not in _OTHERS]


def _id(photo: Json) -> str:
    owner, number = photo.get("owner_id"), photo.get("id", photo.get("pid"))
    if isinstance(number, str) and "_" in number:
        return number[:50]
    return f"{owner}_{number}" if isinstance(owner, int) and isinstance(number, int) else ""


def _sizes(photo: Json, base: str) -> Iterator[tuple[int, str]]:
    """Of a value that is a photo, in any of the ways in which VK tells them."""
    yield from _listed(photo.get("sizes"), base)
    original = photo.get("orig_photo")
    if isinstance(original, dict):
        yield from size(base, original.get("url"), _area(original.get("width"), original.get("height")))
    root = photo.get("base") if isinstance(photo.get("base"), str) else ""
    for letter, told in _LETTERS.items():
        row = photo.get(f"{letter}_")
        area = _area(*row[1:3]) if isinstance(row, list) and len(row) > 2 else 0
        yield from size(base, photo.get(f"{letter}_src"), area or told)
        if isinstance(row, list) and row:
            yield from size(base, _based(root, row[0]), area or told)
        if isinstance(row, list) or root:
            yield from size(base, _based(root, photo.get(letter)), area or told)
    for name, told in _NAMED.items():
        yield from size(base, photo.get(name), told)


def _listed(sizes: Json, base: str) -> Iterator[tuple[int, str]]:
    """[{type, url, width, height}], or {type: [url, width, height]}."""
    if isinstance(sizes, dict):
        sizes = [{"type": key, **dict(zip(("url", "width", "height"), row, strict=False))}
                 for key, row in islice(sizes.items(), SIZES) if isinstance(row, list)]  # fmt: skip
    for one in sizes[:SIZES] if isinstance(sizes, list) else ():
        if isinstance(one, dict):
            told = _area(one.get("width"), one.get("height")) or _LETTERS.get(str(one.get("type")), 0)
            yield from size(base, one.get("url") or one.get("src"), told)


def _area(width: Json, height: Json) -> int:
    whole = isinstance(width, int) and isinstance(height, int) and 0 < width < 100_000 and 0 < height < 100_000
    return width * height if whole else 0


def _based(root: str, written: Json) -> str:
    """Older pages name all sizes from one root, without the ending of the file."""
    text = written.strip() if isinstance(written, str) else ""
    if not text or text.startswith(("http", "/")):
        return text
    return root + text + ("" if _FILE.search(text[-6:]) else ".jpg") if root.startswith(("http", "//")) else ""
