"""Films of the universe's VK: the endpoint al_video.php, the player to embed, wall posts over wkview.php.

A test changes a film for a later visit with `revised`, by the names of Film's fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import md5
from typing import Any
from urllib.parse import parse_qsl

from ..messages import Reply, Request, plain, redirect
from . import media

Json = dict[str, Any]
OWNER = -3457550
MEDIA = "vkvd1.okcdn.ru"
FILES = {360: "film-360.mp4", 720: "film-720.mp4"}
ETAG = "1a2b"
LOGIN, MESSAGE, OK = "3", "8", "0"
CLOSED = "hash429challenge"
SALT = "universe"
SCRIPT = "{ var a = 'esrevinu'.split(''); a.reverse(); return a.join(''); }"


@dataclass(frozen=True, slots=True)
class Film:
    """`message` is why it does not play; `code` 3 wants a login, 8 shows the message."""

    title: str
    heights: tuple[int, ...] = (360, 720)
    hls: bool = False
    code: str = OK
    message: str = ""
    views: int = 902
    likes: int = 11
    etag: str = ETAG  # of every size; another one comes with other bytes


def _refused(message: str) -> Film:
    return Film("", code=MESSAGE, message=message)


FILMS = {
    f"{OWNER}_1001": Film("Ночной вылет: запись с борта"),
    f"{OWNER}_1002": Film("Колонна на трассе", hls=True),
    f"{OWNER}_1003": Film("Закрытое видео", code=LOGIN),
    f"{OWNER}_1004": _refused("This video is no longer available, because it has been deleted."),
    f"{OWNER}_1005": _refused("Access denied"),
    f"{OWNER}_1006": _refused("The video is not available in your region."),
    f"{OWNER}_1007": _refused("Видеозапись недоступна, так как её автор был заблокирован."),
    f"{OWNER}_1008": _refused("Видеозапись была изъята из публичного доступа в связи с обращением правообладателя."),
    f"{OWNER}_1009": Film("Запись за проверкой"),  # to embed only after the challenge
}
POST_OF_FILMS = "-3457550_23700"
POSTS = {"-3457550_23655": (), POST_OF_FILMS: (f"{OWNER}_1001", f"{OWNER}_1002")}
REVISED: dict[str, Json] = {}


def find(key: str) -> Film | None:
    """The film as it is today."""
    known = FILMS.get(key)
    return replace(known, **REVISED.get(key, {})) if known else None


@contextmanager
def revised(key: str, **parts: Any) -> Iterator[None]:
    """Other fields for one film, until the end of the block."""
    REVISED[key] = parts
    try:
        yield
    finally:
        del REVISED[key]


# -- over POST ------------------------------------------------------------------------------------------------------
def endpoint(request: Request) -> Reply:
    asked = form(request)
    if request.path == "/al_video.php" and asked.get("act") == "show":
        return _payload(*_show(asked.get("video", "")))
    if request.path == "/wkview.php" and asked.get("act") == "show":
        return _payload(*_post(asked.get("w", "").removeprefix("wall")))
    return plain(405)


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("ascii", "replace")))


def _payload(code: str, values: list[Any]) -> Reply:
    text = json.dumps({"payload": [code, values], "statsMeta": {}, "loaderVersion": "1", "langVersion": "3"})
    return Reply(text.encode(), "application/json; charset=utf-8", gzip=True, framing="chunked", server="kittenx")


def _show(key: str) -> tuple[str, list[Any]]:
    film = find(key)
    if film is None:
        return MESSAGE, [json.dumps("Unknown error")]
    if film.code != OK:
        return film.code, [json.dumps(film.message, ensure_ascii=False)]
    about = {"title": film.title, "desc": "Снято с крыши.<br>Часть первая.", "duration": media.SECONDS}
    counted = {"likes": film.likes, "commcount": 2}
    page = f'<div class="mv_info_date">1 Mar 2019</div><div class="mv_views_count" title="">{film.views}</div>'
    return OK, ["", page, {"mvData": about | counted, "player": {"params": [parameters(key, film)]}}]


def parameters(key: str, film: Film) -> Json:
    owner, _, number = key.partition("_")
    given: Json = {
        "vid": int(number),
        "oid": int(owner),
        "author_id": int(owner),
        "md_title": film.title,
        "md_author": "Сообщество",
        "duration": media.SECONDS,
        "date": 1551434400,
        "jpg": f"https://{MEDIA}/preview/{key}.jpg",
    }
    if film.hls:
        return given | {"hls": f"https://{MEDIA}/video.m3u8?id={key}"}
    return given | {f"url{height}": f"https://{MEDIA}/?id={key}&height={height}&sig=u1" for height in film.heights}


def _post(key: str) -> tuple[str, list[Any]]:
    if key not in POSTS:
        return MESSAGE, [json.dumps("Post not found")]
    return OK, ["", post(key), {}]


def post(key: str) -> str:
    """The inside of a wall post, in the page and over wkview.php."""
    links = "".join(f'<a href="/video{film}" class="page_post_thumb_video">Видео</a>' for film in POSTS[key])
    return (
        f'<div id="wl_post"><h5 class="PostHeaderTitle__authorName">Сообщество</h5><div id="wl_post_body">'
        f'<div class="wall_post_text">Две записи одной ночи.</div>{links}</div></div>'
    )


# -- over GET -------------------------------------------------------------------------------------------------------
def page(key: str) -> Reply | None:
    """The page of one film."""
    film = find(key)
    if film is None:
        return None
    if film.code == LOGIN:
        return redirect(f"https://vk.com/login?to=video{key}", 302)
    title, text = (film.title, "Снято с крыши.") if film.code == OK else ("Видео", film.message)
    return _html(f'<meta property="og:title" content="{title}">', f'<h1>{title}</h1><p class="text">{text}</p>')


def wall(key: str) -> Reply:
    return _html('<meta property="og:title" content="Две записи">', f'<div id="page_wall_posts">{post(key)}</div>')


def login() -> Reply:
    return _html("", '<form action="/login"><input name="email"><input type="password" name="pass"></form>')


def embedded(request: Request) -> Reply:
    """/video_ext.php?oid=…&id=…: the player in another site's frame."""
    key = f"{request.query.get('oid')}_{request.query.get('id')}"
    film = find(key)
    if film is None:
        return _html("", '<div id="video_ext_msg">Unknown error</div>')
    if key.endswith("_1009") and "solution429=" not in request.field("cookie"):
        return redirect(f"https://vk.com/challenge.html?hash429={CLOSED}", 302)
    if film.code != OK:
        return _html("", f'<div id="video_ext_msg">{film.message or "Please log in"}</div>')
    given = json.dumps({"params": [parameters(key, film)]}, ensure_ascii=False)
    return _html("", f"<div id='player'></div><script>var playerParams = {given};\n</script>")


def challenge(request: Request, body: str = SCRIPT) -> Reply:
    """429 in two steps: a page with a puzzle, and a cookie for md5 over hash and salt."""
    key = md5(f"{CLOSED}:{SALT}".encode(), usedforsecurity=False).hexdigest()
    if request.query.get("key") == key:
        domain = ".".join(request.host.split(".")[-2:])
        return Reply(b"ok", fields=(("Set-Cookie", f"solution429=universe; path=/; domain=.{domain}; secure"),))
    return _html("", f"<script>var salt = (function() {body})(); var hash429 = location.search;</script>")


def _html(head: str, body: str) -> Reply:
    text = f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>VK</title>
{head}<link rel="stylesheet" href="/css/al/wall.css?17"></head>
<body>{body}</body></html>
"""
    return Reply(text.encode(), gzip=True, framing="chunked", server="kittenx")


# -- the media host -------------------------------------------------------------------------------------------------
def body(height: int, etag: str = ETAG) -> bytes:
    """What one size of a film holds."""
    return media.body(FILES[height], seed="" if etag == ETAG else etag)


def files(request: Request) -> Reply | None:
    if request.path.startswith("/segment-"):
        return media.reply(request.path[1:])
    if request.path.startswith("/preview/"):
        return None
    film = find(request.query.get("id", ""))
    if film is None or film.code != OK:
        return plain(403)
    if request.path == "/video.m3u8":
        lines = "".join(f"#EXTINF:1.0,\n/{name}\n" for name in media.SEGMENTS)
        head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
        return Reply((head + lines + "#EXT-X-ENDLIST\n").encode(), media.TYPES[".m3u8"])
    height = request.query.get("height", "")
    if height not in map(str, film.heights):
        return plain(404)
    fields = (("ETag", f'"{film.etag}-{height}"'), ("Last-Modified", "Fri, 01 Mar 2019 10:00:00 GMT"))
    return Reply(body(int(height), film.etag), "video/mp4", fields=fields, ranged=True, server="vkcdn")
