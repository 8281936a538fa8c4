"""yt-dlp as a library: finds out what a page shows and which streams there are. It downloads nothing.

It runs in a process of its own (worker.py), one YoutubeDL for each page. Nothing of it reaches the network but by our
handler; nothing of a user's configuration, plugins, caches or netrc is read; it is given no way to forge a request
(`geo_bypass`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import cache
from http.cookiejar import Cookie
from typing import Any

import yt_dlp
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.globals import all_plugins_loaded, plugin_dirs
from yt_dlp.networking.common import RequestDirector
from yt_dlp.utils import YoutubeDLError, variadic

from preserve.capture.video import needles, pieces, where
from preserve.capture.video.found import Film, Found, Listed
from preserve.capture.video.handler import recorded
from preserve.capture.video.tools import deno_path
from preserve.capture.video.worker import Door
from preserve.errors import FetchError

LISTED = 5000  # entries of a playlist or channel that are listed; YouTube itself shows 5,000 of a list
ON_PAGE = 20  # films of one page that are fetched: a gallery has some, a feed is a list
DEPTH = 4  # page -> embed -> film; more is a maze
_SECRET = frozenset({"cookies", "cookie", "authorization", "proxy-authorization"})  # fields of a format, of a request
COMMENTS_FAULT = "__comments_fault"  # two underscores: yt-dlp leaves such keys out of info.json
_NOTED = 40  # remarks of yt-dlp that are kept
# Never a picture that was computed (AI-upscaled `-sr`), never a sound that was levelled (`-drc`).
_TRUE = "[format_id!*=-sr][format_id!*=-drc][protocol~='^(https?|m3u8|m3u8_native|http_dash_segments)$']"

# Plugins would bring code that nobody has looked at, and ways past the handler.
plugin_dirs.value = []
all_plugins_loaded.value = True


class EngineError(Exception):
    """yt-dlp gave up. `kind`: the class of what it raised; `remarks`: its warnings on the way."""

    def __init__(self, kind: str, text: str, remarks: tuple[str, ...]) -> None:
        super().__init__(text)
        self.kind, self.remarks = kind, remarks


class _Log:
    """yt-dlp's logger: its remarks are kept, nothing is printed."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def debug(self, message: str) -> None: ...

    def info(self, message: str) -> None: ...

    def warning(self, message: str, *_: object, **__: object) -> None:
        if len(self.remarks) < _NOTED and "generic information extractor" not in message:
            self.remarks.append(_whole(message[:500]))

    def error(self, message: str, *_: object, **__: object) -> None: ...


class Engine(yt_dlp.YoutubeDL):
    """A YoutubeDL whose requests leave by our door."""

    def __init__(self, door: Door, video: Mapping[str, Any], agent: str) -> None:
        self._door = door
        self.log = _Log()
        super().__init__(_options(video, agent, self.log), auto_init="no_verbose_header")

    def build_request_director(self, handlers: Any, preferences: Any = None) -> RequestDirector:
        """Our handler alone: where there is no other, nothing falls back to one that records nothing."""
        return super().build_request_director([recorded(self._door)])

    def add_default_info_extractors(self) -> None:
        """All of yt-dlp's in its order, found once in a process and not for each film."""
        self._ies.update(_extractors())

    def get_info_extractor(self, ie_key: str) -> Any:
        """The generic one looks on a page for the players of all others."""
        if ie_key == "Generic":
            prepare()
        return super().get_info_extractor(ie_key)


@cache
def _extractors() -> dict[str, Any]:
    """Classes only: an instance belongs to its YoutubeDL. Whether an address is theirs they say as they always do, but
    the expression that tells is not compiled where it cannot match."""
    found = {one.ie_key(): one for one in gen_extractor_classes() if one._ENABLED}
    for one in found.values():
        if one._VALID_URL:
            one._VALID_URL_RE = _expressions(variadic(one._VALID_URL))
    return found


def _expressions(patterns: Iterable[str]) -> tuple[needles.Expression, ...]:
    return tuple(map(needles.expression, patterns))


def _options(video: Mapping[str, Any], agent: str, log: _Log) -> dict[str, Any]:
    height = f"[height<=?{video['max_height']}]" if video["max_height"] else ""
    picture, sound = f"bv*{height}{_TRUE}", f"ba{_TRUE}"
    youtube = {"skip": ["translated_subs"], "max_comments": [str(video["comments"]), "all", "all", "all"]}
    return {
        "format": f"{picture}+{sound}/b{height}{_TRUE}/{picture}/{sound}/bv*{_TRUE}+{sound}/b{_TRUE}",
        "logger": log,
        "color": "never",
        "quiet": True,
        "noprogress": True,
        "noplaylist": True,
        "playlistend": LISTED,
        "extract_flat": "in_playlist",
        "geo_bypass": False,
        "proxy": "",
        "cachedir": False,
        "js_runtimes": {"deno": {"path": deno_path()}},
        "remote_components": [],
        "getcomments": bool(video["comments"]),
        "extractor_retries": 2,
        "extractor_args": {"youtube": youtube},
        "skip_unavailable_fragments": False,
        "fixup": "never",
        "http_headers": {"User-Agent": agent} if agent else {},
    }


@cache
def prepare() -> None:
    """What the first page of an unknown site needs: all extractors loaded, to say whether a player is theirs. It takes
    some 0.3 s; yt-dlp would also compile all their expressions."""
    for one in _extractors().values():
        try:
            loaded = getattr(one, "real_class", one)
            if loaded._EMBED_REGEX:
                loaded._EMBED_URL_RE = _expressions(loaded._EMBED_REGEX)
        except Exception:  # noqa: BLE001, S112
            continue  # the same border as in `find`; what is wrong with it shows where it is needed


def find(door: Door, job: Mapping[str, Any]) -> Found:
    """What the page at job["url"] shows. job["key"]: the media key of the film that is visited; job["video"]: the
    settings of that section; job["agent"]: the User-Agent, "" for yt-dlp's; job["cookies"]: those of the configuration,
    as `found.Cookie`. Raises EngineError."""
    engine = Engine(door, job["video"], job["agent"])
    for one in job.get("cookies", ()):
        engine.cookiejar.set_cookie(_cookie(*one))
    search = _Search(engine, job["key"])
    try:
        search.follow(engine.extract_info(job["url"], download=False, process=False), DEPTH)
    except Exception as error:
        # The border of foreign code: 1,800 extractors read what strangers wrote, and fail in all ways there are.
        raise EngineError(*_cause(error), tuple(engine.log.remarks)) from error
    return Found(
        films=tuple(search.films),
        lists=tuple(search.lists),
        elsewhere=tuple(search.elsewhere),
        dead=tuple(search.dead),
        remarks=tuple(engine.log.remarks),
        cookies=tuple((one.name, one.value or "", one.domain, one.path, one.secure) for one in engine.cookiejar),
        headers={str(name): str(value) for name, value in engine.params["http_headers"].items()},
    )


def _cookie(name: str, value: str, domain: str, path: str, secure: bool) -> Cookie:
    dotted = domain.startswith(".")
    return Cookie(0, name, value, None, False, domain, dotted, dotted, path, True, secure, None, True, None, None, {})


def _forgiving(result: dict[str, Any]) -> dict[str, Any]:
    """Comments that do not come must not cost the film; why they did not stands under COMMENTS_FAULT."""
    ask = result.get("__post_extractor")

    def comments() -> dict[str, Any]:
        try:
            return dict(ask()) if ask else {}
        except YoutubeDLError as error:
            return {COMMENTS_FAULT: str(error)}

    return {**result, "__post_extractor": comments}


def _cause(error: Exception) -> tuple[str, str]:
    """Class and words of what was raised; DownloadError wraps what an extractor raised."""
    if not isinstance(error, YoutubeDLError):
        return type(error).__name__, f"{type(error).__name__}: {error}"
    inner = getattr(error, "exc_info", (None, None, None))[1]
    return type(inner if isinstance(inner, Exception) else error).__name__, str(error)


class _Search:
    """Goes after what an extractor found; addresses of known platforms and lists are only noted."""

    def __init__(self, engine: Engine, own: str) -> None:
        self._engine, self._own = engine, own
        self.films: list[Film] = []
        self.lists: list[Listed] = []
        self.elsewhere: list[str] = []
        self.dead: list[tuple[str, str, str]] = []  # films of a page: address, class of the error, words

    def follow(self, result: Any, depth: int) -> None:
        kind = (result or {}).get("_type", "video")
        if not result or depth == 0:
            return
        if kind == "video":
            found = self._engine.process_ie_result(_forgiving(result), download=False)
            self.films.append(_film(self._engine, found))
        elif kind in ("url", "url_transparent"):
            self._led(result, depth)
        elif kind in ("playlist", "multi_video"):
            self._list(result, depth)

    def _led(self, result: Mapping[str, Any], depth: int) -> None:
        target = str(result.get("url"))
        known = where.known(target)
        if known is not None and known.kind == "film" and known.key != self._own:
            self.elsewhere.append(target)
            return
        again = self._engine.extract_info(target, ie_key=result.get("ie_key"), download=False, process=False)
        self.follow(again, depth - 1)

    def _list(self, result: dict[str, Any], depth: int) -> None:
        """The films of one page are its own; a playlist or channel is a list, and is only listed."""
        entries = result.get("entries") or ()
        if str(result.get("extractor_key")) in ("Generic", "VKWallPost"):
            for entry in itertools.islice(entries, ON_PAGE):
                self._try(entry, depth - 1)
            return
        listed = [
            (_whole(str(one.get("url") or one.get("webpage_url") or "")), _whole(str(one.get("title") or "")[:500]))
            for one in itertools.islice(entries, LISTED)
            if one
        ]
        title = _whole(str(result.get("title") or "")[:500])
        self.lists.append(Listed(platform_name(result), _whole(str(result.get("id"))), title, tuple(listed)))

    def _try(self, entry: Any, depth: int) -> None:
        """One film of several: that it is dead costs the others nothing."""
        try:
            self.follow(entry, depth)
        except Exception as error:  # noqa: BLE001
            # The same border as in `find`.
            self.dead.append((_whole(str((entry or {}).get("url") or "")), *map(_whole, _cause(error))))


def _whole(value: Any) -> Any:
    """Without the halves of characters that JSON can spell and UTF-8 cannot: no record and no entry could hold them."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list | tuple) else value


def _film(engine: Engine, found: dict[str, Any]) -> Film:
    chosen = found.get("requested_formats") or ([found] if found.get("url") else [])
    live = str(found.get("live_status") or "not_live")
    streams: tuple[pieces.Stream, ...] = ()
    fault = ""
    try:
        streams = tuple(pieces.stream(_whole_format(one), live == "is_live") for one in chosen)
    except FetchError as error:
        fault = error.message
    info = _told(_whole(engine.sanitize_info(found, remove_private_keys=True)))
    comments_fault = str(found.get(COMMENTS_FAULT) or "")
    return Film(platform_name(found), str(info.get("id")), info, streams, live, fault, comments_fault)


def _told(value: Any) -> Any:
    """What is kept of yt-dlp's words: it writes the cookies that a format is fetched with beside its address."""
    if isinstance(value, list):
        return [_told(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _told(one) for name, one in value.items() if str(name).lower() not in _SECRET}


def _whole_format(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if callable(value) else _whole(value) for name, value in chosen.items()}


def platform_name(info: Mapping[str, Any]) -> str:
    """`Youtube` -> `youtube`; what an extractor calls itself, fit for a name."""
    name = str(info.get("extractor_key") or info.get("ie_key") or "film").lower()
    return re.sub(r"[^a-z0-9]+", "-", name)[:40] or "film"
