"""Where films are: which addresses name a film of a known platform, and which pages hold a player. Pure.

An address that has the shape of a film's is a film, even when its id cannot be right: the citation then ends as a
failure of that film, and not as the successful capture of a page that says "unavailable".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urljoin

import ada_url

from preserve.network import policy

SEARCHED = 4 << 20  # bytes of a page searched for players; pages of that size are data, not pages
LOOK_BACK = 64 << 10  # how far before an address its tag may begin: players are configured in long attributes
MAX_ADDRESSES = 2_000  # of one kind weighed in one page; each costs one look back
MAX_RUN = 2048  # bytes between a quotation mark and what makes an address a film's
NESTED = 3  # addresses inside of addresses: a consent page around an attribution link around a film


@dataclass(frozen=True, slots=True)
class Known:
    """What an address of a known platform names.

    `key` is printable ASCII without "/" and "." but for the tab of a list. `url` is the spelling the extractor wants.
    """

    platform: str  # youtube, vk
    kind: str  # film, list, post
    key: str
    url: str


def known(url: str) -> Known | None:
    """The film, list or post that an absolute URL names; None for every other page."""
    return _known(url, NESTED)


def _known(url: str, depth: int) -> Known | None:
    if depth == 0 or len(url) > policy.MAX_URL:
        return None
    try:
        parsed = ada_url.URL(url)
    except (ValueError, UnicodeError):
        return None
    if parsed.protocol not in ("http:", "https:"):
        return None
    host = parsed.hostname.rstrip(".")
    site, sub = _site(host)
    if sub in _OTHER_SITES:
        return None
    if site == "youtu.be":
        return _short(parsed.pathname, parsed.search)
    if site in _YOUTUBE:
        inner = _inner(sub, parsed.pathname, parsed.search)
        if inner is not None:
            return _known(urljoin("https://www.youtube.com/", inner), depth - 1)
        return _youtube(parsed.pathname, parsed.search) or _fragment(parsed.hash)
    return _vk(site, parsed.pathname, parsed.search) if site in _VK else None


def _site(host: str) -> tuple[str, str]:
    """The registrable domain of the platforms' hosts, and what stands before it."""
    parts = host.rsplit(".", 2)
    return ".".join(parts[-2:]), parts[0] if len(parts) == 3 else ""


def _query(search: str) -> dict[str, str]:
    """The first value of each name. `&amp;` and `;` between parameters are mistakes that browsers' users make."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(search.lstrip("?").replace("&amp;", "&").replace(";", "&"), errors="replace"):
        found.setdefault(name, value)
    return found


# -- YouTube

_YOUTUBE = frozenset({"youtube.com", "youtube-nocookie.com", "youtubekids.com"})
_OTHER_SITES = frozenset({"studio", "tv", "live"})  # Studio, YouTube TV and VK's live platform: other pages, like paths
_FILM_PATHS = frozenset({"watch", "v", "e", "embed", "shorts", "live"})
_QUERY_PATHS = frozenset({"", "watch", "watch.php", "watch_popup", "movie"})
_WRAPPED = {"attribution_link": "u", "verify_age": "next_url", "verify_controversy": "next_url", "signin": "next"}
_LIST_TABS = frozenset({"videos", "streams", "shorts", "live", "playlists", "featured", "releases", "podcasts"})
_ID = re.compile(r"[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")


def _short(path: str, search: str) -> Known | None:
    """youtu.be holds nothing but films; what belongs to the large site is led on to it."""
    first = path.strip("/").split("/")[0]
    if first.startswith("@") or first in _FILM_PATHS or first == "playlist":
        return _youtube(path, search)
    return _film(unquote(first)) or _playlist(_query(search))


def _inner(sub: str, path: str, search: str) -> str | None:
    """The address that a page of consent, age or attribution leads on to; None for ordinary pages."""
    name = "continue" if sub == "consent" else _WRAPPED.get(path.strip("/"))
    return None if name is None else _query(search).get(name, "")


def _youtube(path: str, search: str) -> Known | None:
    parts = [part for part in path.split("/") if part]
    first = parts[0] if parts else ""
    query = _query(search)
    if len(parts) < 2 and first in _QUERY_PATHS:
        return _film(query.get("v", "")) or (_playlist(query) if first else None)
    if first == "playlist":
        return _playlist(query)
    if parts[:2] == ["embed", "videoseries"]:
        return _playlist(query)
    if parts[:2] == ["embed", "live_stream"]:
        return _channel(["channel", query["channel"], "live"]) if query.get("channel") else None
    if first in _FILM_PATHS:
        return _film(unquote(parts[1])) if len(parts) > 1 else None
    return _channel(parts)


def _fragment(fragment: str) -> Known | None:
    """`#/watch?v=` and `#!v=`: pages that scripts of their time read from the fragment."""
    inner = fragment.lstrip("#!")
    if not inner.startswith("/"):
        return _film(_query(inner).get("v", "")) if fragment.startswith("#!") else None
    path, _, search = inner.partition("?")
    return _youtube(path, search)


def _film(written: str) -> Known | None:
    """Behind 11 characters of an id, what cannot be part of one is a slip (`v=ID?t=5`, `/v/ID&hl=en`, `v=ID).`).

    Any other id stays as it is written, wrong as it is.
    """
    match = _ID.match(written)
    name = match[0] if match else _plain(written)
    return Known("youtube", "film", f"youtube:{name}", f"https://www.youtube.com/watch?v={name}") if name else None


def _playlist(query: Mapping[str, str]) -> Known | None:
    name = _plain(query.get("list", ""))
    url = f"https://www.youtube.com/playlist?list={name}"
    return Known("youtube", "list", f"youtube:list:{name}", url) if name else None


def _channel(parts: list[str]) -> Known | None:
    """/channel/UC…, /c/name, /user/name and /@name, each with or without a tab."""
    if parts and parts[0].startswith("@") and len(parts[0]) > 1:
        name, rest = "@" + _plain(unquote(parts[0][1:])), parts[1:]
        path = name
    elif len(parts) > 1 and parts[0] in ("channel", "c", "user"):
        name, rest = f"{parts[0]}:{_plain(unquote(parts[1]))}", parts[2:]
        path = name.replace(":", "/", 1)
    else:
        return None
    tab = f"/{rest[0]}" if rest and rest[0] in _LIST_TABS else ""
    return Known("youtube", "list", f"youtube:{name}{tab}", f"https://www.youtube.com/{path}{tab}")


def _plain(text: str) -> str:
    """Percent-encoded, the dot too: a key that reaches a name of a file must not mean another folder."""
    return quote(text, safe="", errors="replace").replace(".", "%2E")


# -- VK

_VK = frozenset({"vk.com", "vk.ru", "vkvideo.ru", "vkontakte.ru"})
_VK_FILM = re.compile(r"(?:video|clip)(-?[0-9]{1,20}_[0-9]{1,20})(?![0-9])")
_VK_POST = re.compile(r"wall(-?[0-9]{1,20}_[0-9]{1,20})(?![0-9])")
_VK_LIST = re.compile(r"(?:video/)?playlist/(-?[0-9]{1,20}_-?[0-9]{1,20})(?![0-9])")
_VK_ACCESS = re.compile(r"[0-9a-f]+|ln-[0-9A-Za-z]+")  # with some lists' key a film opens that is closed without


def _vk(site: str, path: str, search: str) -> Known | None:
    """The film that lies over a page (`z=`) comes before the post that does (`w=`), and both before the page."""
    page, query = path.strip("/"), _query(search)
    if page == "video_ext.php":
        return _vk_embed(query)
    for place in (query.get("z", ""), page):
        if match := _VK_FILM.match(place):
            return _vk_film(match[1], query.get("list") or place[match.end() :].lstrip("/"))
    for place in (query.get("w", ""), page):
        if match := _VK_POST.match(place):
            return Known("vk", "post", f"vk:wall{match[1]}", f"https://vk.com/wall{match[1]}")
    return _vk_list(site, page)


def _vk_film(name: str, access: str) -> Known:
    more = f"?list={access}" if _VK_ACCESS.fullmatch(access) else ""
    return Known("vk", "film", f"vk:{name}", f"https://vk.com/video{name}{more}")


def _vk_embed(query: Mapping[str, str]) -> Known | None:
    owner, number, key = query.get("oid", ""), query.get("id", ""), query.get("hash", "")
    if not _VK_FILM.fullmatch(f"video{owner}_{number}"):
        return None
    if not key:
        return _vk_film(f"{owner}_{number}", query.get("list", ""))
    url = f"https://vk.com/video_ext.php?oid={owner}&id={number}&hash={_plain(key)}"  # opens for nobody else's hash
    return Known("vk", "film", f"vk:{owner}_{number}", url)


def _vk_list(site: str, page: str) -> Known | None:
    """All films of an account, or one of its lists; on vk.com without "video/" an @name is an article."""
    if match := _VK_LIST.match(page):
        return Known("vk", "list", f"vk:list:{match[1]}", f"https://vkvideo.ru/playlist/{match[1]}")
    name = page if site == "vkvideo.ru" else page.removeprefix("video/") if page.startswith("video/") else ""
    if len(name) < 2 or not name.startswith("@"):
        return None
    plain = _plain(unquote(name[1:].split("/")[0]))
    return Known("vk", "list", f"vk:@{plain}", f"https://vkvideo.ru/@{plain}")


# -- pages of anybody

# What is looked for is plain text, so that a page is searched at the speed of memory and not of regular expressions.
_EMBEDS: dict[str, tuple[str, ...]] = {
    "youtube": ("youtube.com/embed/", "youtube.com/v/", "youtube-nocookie.com/embed/", "youtube-nocookie.com/v/"),
    "vk": ("vk.com/video_ext.php", "vk.ru/video_ext.php", "vkvideo.ru/video_ext.php"),
    "vimeo": ("player.vimeo.com/video/",),
    "dailymotion": ("dailymotion.com/embed/", "dailymotion.com/player"),
    "rutube": ("rutube.ru/play/embed/", "rutube.ru/video/embed/"),
    "ok": ("ok.ru/videoembed/", "odnoklassniki.ru/videoembed/"),
    "facebook": ("facebook.com/plugins/video",),
    "telegram": ("data-telegram-post=", "?embed=1"),
    "streamable": ("streamable.com/e/", "streamable.com/o/", "streamable.com/s/"),
    "archive.org": ("archive.org/embed/",),
    "odysee": ("odysee.com/$/embed/", "odysee.com/%24/embed/", "lbry.tv/$/embed/"),
    "rumble": ("rumble.com/embed/",),
    "bitchute": ("bitchute.com/embed/",),
    "twitch": ("player.twitch.tv/",),
    "tiktok": ("tiktok.com/embed/", "tiktok.com/player/"),
    "mail.ru": ("my.mail.ru/video/embed/",),
    "smotrim": ("player.smotrim.ru/iframe/", "player.vgtrk.com/iframe/"),
    "brightcove": ("players.brightcove.net/",),
    "jwplayer": ("cdn.jwplayer.com/players/", "cdn.jwplayer.com/manifests/", "content.jwplatform.com/"),
    "peertube": ("/videos/embed/",),
}
_STREAMS: dict[str, tuple[str, ...]] = {
    "HLS": (".m3u8", "application/x-mpegurl", "application/vnd.apple.mpegurl"),
    "DASH": (".mpd", "application/dash+xml"),
    "film file": (".mp4", ".m4v", ".webm", ".flv", ".f4v"),
    "microdata VideoObject": ("schema.org/videoobject",),
}
_SIGNS = {f"embed of {name}": signs for name, signs in _EMBEDS.items()} | _STREAMS
_BEFORE = {"?embed=1": b"t.me/"}  # signs that say something only behind another one
_ENDING = re.compile(rb"[\w.-]")  # behind the ending of a name: it was not its end
_SCRIPT = re.compile(rb"<(/?)script[\s/>]")
_META = re.compile(rb"<meta\s[^>]{0,4096}")  # far above any real one
_ATTRIBUTE = re.compile(rb"""([a-z:-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_METAS = {
    b"og:video": "og:video",
    b"og:video:url": "og:video",
    b"og:video:secure_url": "og:video",
    b"twitter:player": "player twitter card",
    b"twitter:player:stream": "player twitter card",
}
_VIDEO_TAG = re.compile(rb"(?:<|\\u003c)(?:amp-)?video(?:-js)?[\s/>]")
_LINK = re.compile(rb"(?:<|\\u003c)a(?:rea)?\s")
_VIDEO_OBJECT = re.compile(rb'"videoobject"')
_NEAR = 200  # bytes between "@type" and one of its names, between t.me and what follows the number of a post


def hints(html: bytes) -> tuple[str, ...]:
    """Why a page should be searched for films, each reason once; () for pages that only speak of films or link to them.

    Reads bytes of any encoding that keeps ASCII, and UTF-16 with its mark. Time is linear in the page.
    """
    page = _page(html)
    found: dict[str, None] = {}
    if _VIDEO_TAG.search(page):
        found["video tag"] = None
    found.update(dict.fromkeys(_metas(page)))
    scripts = _Scripts(page)
    found.update(dict.fromkeys(_addresses(page, scripts)))
    for match in _VIDEO_OBJECT.finditer(page):
        if scripts.hold(match.start()) and b'"@type"' in page[max(0, match.start() - _NEAR) : match.start()]:
            found["JSON-LD VideoObject"] = None
            break
    return tuple(found)


def _page(html: bytes) -> bytes:
    """Lower case, with the slashes of JSON as they are meant."""
    page = html[:SEARCHED]
    if page[:2] in (b"\xff\xfe", b"\xfe\xff"):
        page = page.decode("utf-16", "replace").encode("utf-8", "replace")
    return page.lower().replace(rb"\/", b"/").replace(rb"\u002f", b"/")


def _metas(page: bytes) -> Iterator[str]:
    for match in _META.finditer(page):
        fields = {name: a or b or c for name, a, b, c in _ATTRIBUTE.findall(match[0])}
        what = _METAS.get(fields.get(b"property", b"") or fields.get(b"name", b""))
        if what and (fields.get(b"content") or fields.get(b"value")):
            yield what


class _Scripts:
    """Where scripts begin and end, so that a quoted address in one is told from prose."""

    def __init__(self, page: bytes) -> None:
        marks = list(_SCRIPT.finditer(page))
        self._at = [mark.end() for mark in marks]
        self._opens = [not mark[1] for mark in marks]

    def hold(self, position: int) -> bool:
        before = bisect_right(self._at, position) - 1
        return before >= 0 and self._opens[before]


def _addresses(page: bytes, scripts: _Scripts) -> Iterator[str]:
    for name, signs in _SIGNS.items():
        if any(_plays(page, place, scripts) for sign in signs for place in _places(page, sign)):
            yield name


def _places(page: bytes, sign: str) -> Iterator[int]:
    """Where a sign stands, each of the first MAX_ADDRESSES."""
    needle, before = sign.encode(), _BEFORE.get(sign, b"")
    place = page.find(needle)
    for _ in range(MAX_ADDRESSES):
        if place < 0:
            return
        end = place + len(needle)
        whole = not sign.startswith(".") or not _ENDING.match(page, end)
        if whole and before in page[max(0, place - _NEAR) : place]:
            yield place
        place = page.find(needle, end)


def _plays(page: bytes, position: int, scripts: _Scripts) -> bool:
    """Whether the address there stands in a tag that is no link, or in a text of a script."""
    start = max(0, position - LOOK_BACK)
    tag = page.rfind(b"<", start, position)
    if tag >= 0 and _LINK.match(page, tag):
        return False  # in the link itself, or as what it is called
    in_tag = tag > page.rfind(b">", start, position)
    if in_tag and page.startswith(b"<script", tag):
        return True
    return _quoted(page, position) if scripts.hold(position) else in_tag


def _quoted(page: bytes, position: int) -> bool:
    """Whether a quotation mark opens the run of characters without space in which the position lies."""
    run = page[max(0, position - MAX_RUN) : position].split()
    return bool(run) and not page[position - 1 : position].isspace() and any(mark in run[-1] for mark in b"\"'`")
