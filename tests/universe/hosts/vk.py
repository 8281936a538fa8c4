"""vk.com, vk.ru, m.vk.com and the stores of photos: a wall post with one photo in several sizes, the posts of vk_posts,
and the films' pages.

A test closes them by VK's challenge for whoever has no cookie with `challenged`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..messages import Reply, Request, redirect
from . import vk_posts, vk_video
from .materials import jpeg

POST = "/wall-3457550_23655"
PHOTO = "/impg/c631/v631/1a2b/Universe0map.jpg"
SIGNED = "?size={size}&quality=96&sign=0123456789abcdef&type=album"
SIZES = {"m": ("130x81", 1500), "x": ("604x377", 6000), "w": ("1280x800", 24000)}
ADDRESSES = {
    letter: "https://sun9-1.userapi.com" + PHOTO + SIGNED.format(size=size) for letter, (size, _) in SIZES.items()
}


_SHOWN = ADDRESSES["x"].replace("&", "&amp;")


def _post() -> str:
    sizes = [{"type": letter, "url": url} for letter, url in ADDRESSES.items()]
    photo = json.dumps({"photo": {"id": 371, "owner_id": -3457550, "sizes": sizes}})
    return f"""<div id="post-3457550_23655" class="post"><h5 class="post_author">Сообщество</h5>
<div class="wall_post_text">Карта обстановки на сегодняшний день. \u200e#Сирия</div>
<div class="page_post_sized_thumbs" data-photo='{photo}'>
<a style="background-image: url({_SHOWN})" href="/photo-3457550_371"></a></div></div>"""


def _page() -> str:
    return f"""<!DOCTYPE html>
<html prefix="og: http://ogp.me/ns#"><head><meta charset="utf-8"><title>Карта обстановки | Запись на стене</title>
<meta property="og:title" content="Карта обстановки в Сирии"><meta property="og:image" content="{_SHOWN}">
<link rel="stylesheet" href="/css/al/wall.css?17"><script src="/js/al/wall.js?17"></script></head>
<body><div id="page_wall_posts">{_post()}</div></body></html>
"""


PAGES = {
    POST: Reply(
        _page().encode(),
        gzip=True,
        framing="chunked",
        server="kittenx",
        fields=(
            ("Set-Cookie", "remixlang=0; path=/; domain=.vk.com"),
            ("Set-Cookie", "remixstid=universe; path=/; domain=.vk.com; secure"),
            ("X-Powered-By", "KPHP/7.4"),
        ),
    ),
    "/css/al/wall.css?17": Reply(b".post{padding:15px}\n", type="text/css", gzip=True),
    "/js/al/wall.js?17": Reply(b"window.wall={};\n", type="text/javascript; charset=utf-8"),
}


_CLOSED: list[str] = []  # the script of the challenge, while there is one


@contextmanager
def challenged(script: str = vk_video.SCRIPT) -> Iterator[None]:
    """No page without the cookie, until the end of the block."""
    _CLOSED.append(script)
    try:
        yield
    finally:
        _CLOSED.clear()


def site(request: Request) -> Reply | None:
    """vk.com, vk.ru and vkvideo.ru."""
    if closed := _challenge(request):
        return closed
    if request.method == "POST":
        return _interface(request)
    if found := PAGES.get(request.target):
        return found
    match request.path:
        case "/video_ext.php":
            return vk_video.embedded(request)
        case "/challenge.html":
            return vk_video.challenge(request)
        case "/login":
            return vk_video.login()
    key = request.path.removeprefix("/wall")
    if key in vk_posts.POSTS:
        return vk_posts.page(key)
    if request.path.startswith("/photo"):
        return vk_posts.photo_page(request.path.removeprefix("/photo"))
    if laid := request.query.get("w", "").removeprefix("wall"):
        return vk_posts.group(laid)
    return vk_video.wall(key) if key == vk_video.POST_OF_FILMS else vk_video.page(request.path.removeprefix("/video"))


def ru(request: Request) -> Reply | None:
    """vk.ru, which is vk.com for some of its pages and leads there from the others."""
    if not _challenge(request) and request.path in (f"/wall{vk_posts.HALF}", f"/wall{vk_posts.HIDDEN}"):
        return redirect(f"https://vk.com{request.target}", 302)
    return site(request)


def mobile(request: Request) -> Reply | None:
    """m.vk.com."""
    if closed := _challenge(request):
        return closed
    if request.path == "/login":
        return vk_video.login()
    if request.path == "/challenge.html":
        return vk_video.challenge(request)
    key = request.path.removeprefix("/wall")
    if key in vk_posts.POSTS:
        return vk_posts.mobile(key)
    return PAGES.get(request.target) or (vk_video.wall(key) if key == vk_video.POST_OF_FILMS else None)


def _challenge(request: Request) -> Reply | None:
    """GETs alone are closed; the way to the challenge is open."""
    if not _CLOSED or request.method == "POST" or "solution429=" in request.field("cookie"):
        return None
    if request.path == "/challenge.html":
        return vk_video.challenge(request, _CLOSED[-1])
    return redirect(f"https://{request.host}/challenge.html?hash429={vk_video.CLOSED}", 302)


def _interface(request: Request) -> Reply:
    key = vk_video.form(request).get("w", "").removeprefix("wall")
    if request.path == "/wkview.php" and key in vk_posts.POSTS:
        return vk_posts.interface(key)
    if request.path == "/wkview.php" and key == POST.removeprefix("/wall"):
        return vk_posts.payload("0", "", f'<div id="wl_post"><div id="wl_post_body">{_post()}</div></div>', {})
    return vk_video.endpoint(request)


def photos(host: str) -> Callable[[Request], Reply | None]:
    """One of the stores."""

    def site(request: Request) -> Reply | None:
        return PHOTOS.get(request.target) or vk_posts.photo(request.target, host)

    return site


PHOTOS = {
    PHOTO + SIGNED.format(size=size): Reply(jpeg("vk map", weight=weight), type="image/jpeg", server="kittenx")
    for size, weight in SIZES.values()
} | {
    # The original: without the signed query, under the path without /impg.
    PHOTO.removeprefix("/impg"): Reply(jpeg("vk map", weight=30000), type="image/jpeg", server="kittenx")
}
