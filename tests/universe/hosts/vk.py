"""vk.com and the photo host sun9-1.userapi.com: a wall post with one photo in several sizes, and the films' pages."""

from __future__ import annotations

import json

from ..messages import Reply, Request
from . import vk_video
from .materials import jpeg

POST = "/wall-3457550_23655"
PHOTO = "/impg/c631/v631/1a2b/Universe0map.jpg"
SIGNED = "?size={size}&quality=96&sign=0123456789abcdef&type=album"
SIZES = {"m": ("130x81", 1500), "x": ("604x377", 6000), "w": ("1280x800", 24000)}
ADDRESSES = {
    letter: "https://sun9-1.userapi.com" + PHOTO + SIGNED.format(size=size) for letter, (size, _) in SIZES.items()
}


def _page() -> str:
    sizes = [{"type": letter, "url": url} for letter, url in ADDRESSES.items()]
    photo = json.dumps({"photo": {"id": 371, "owner_id": -3457550, "sizes": sizes}})
    shown = ADDRESSES["x"].replace("&", "&amp;")
    return f"""<!DOCTYPE html>
<html prefix="og: http://ogp.me/ns#"><head><meta charset="utf-8"><title>Карта обстановки | Запись на стене</title>
<meta property="og:title" content="Карта обстановки в Сирии"><meta property="og:image" content="{shown}">
<link rel="stylesheet" href="/css/al/wall.css?17"><script src="/js/al/wall.js?17"></script></head>
<body><div id="page_wall_posts"><div id="post-3457550_23655" class="post"><h5 class="post_author">Сообщество</h5>
<div class="wall_post_text">Карта обстановки на сегодняшний день. \u200e#Сирия</div>
<div class="page_post_sized_thumbs" data-photo='{photo}'>
<a style="background-image: url({shown})" href="/photo-3457550_371"></a></div></div></div></body></html>
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


def site(request: Request) -> Reply | None:
    """vk.com and vkvideo.ru."""
    if request.method == "POST":
        return vk_video.endpoint(request)
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
    return vk_video.wall(key) if key == vk_video.POST_OF_FILMS else vk_video.page(request.path.removeprefix("/video"))


PHOTOS = {
    PHOTO + SIGNED.format(size=size): Reply(jpeg("vk map", weight=weight), type="image/jpeg", server="kittenx")
    for size, weight in SIZES.values()
} | {
    # The original: without the signed query, under the path without /impg.
    PHOTO.removeprefix("/impg"): Reply(jpeg("vk map", weight=30000), type="image/jpeg", server="kittenx")
}
