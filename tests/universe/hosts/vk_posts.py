"""Wall posts of the universe's VK: the page, the mobile page and the answer of wkview.php, and the photos in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any

from ..messages import Reply, redirect
from .materials import jpeg

OWNER = -3457550
GROUP = "Сообщество"
WORDS = "Снимки с места, сделаны сегодня утром. Источник не назвал себя."
SIZES = {"s": (75, 47), "m": (130, 81), "x": (604, 377), "y": (807, 504), "z": (1280, 800), "w": (2560, 1600)}
FACE = "https://sun9-1.userapi.com/s/v1/ig2/face.jpg?quality=95&crop=0,0,400,400&ava=1&cs=50x50"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo: `path` is the original's; signed addresses of all sizes lie below /impg."""

    number: int
    host: str
    path: str

    @property
    def id(self) -> str:
        return f"{OWNER}_{self.number}"

    @property
    def original(self) -> str:
        return f"https://{self.host}{self.path}"

    def target(self, letter: str) -> str:
        width, height = SIZES[letter]
        return f"/impg{self.path}?size={width}x{height}&quality=96&sign={self.number:016x}{letter}&type=album"

    def url(self, letter: str) -> str:
        return f"https://{self.host}{self.target(letter)}"

    def body(self, letter: str = "") -> bytes:
        """Of one size; without a letter, of the original."""
        width, _ = SIZES[letter] if letter else (3200, 2000)
        return jpeg(f"vk {self.number} {letter}", weight=width * 10)

    def json(self) -> dict[str, Any]:
        sizes = [{"type": key, "url": self.url(key), "width": w, "height": h} for key, (w, h) in SIZES.items()]
        return {"id": self.number, "owner_id": OWNER, "album_id": -7, "sizes": sizes}

    def temp(self) -> dict[str, Any]:
        """As handlers and options of the desktop page tell it."""
        told: dict[str, Any] = {"base": ""}
        for letter in "xyzw":
            told |= {letter: self.url(letter), f"{letter}_": [self.url(letter), *SIZES[letter]]}
        return told


@dataclass(frozen=True, slots=True)
class Post:
    """`open`: who shows it to anybody: the pages, the interface, or nobody; `gone`: it was deleted."""

    words: str
    photos: tuple[Photo, ...] = ()
    films: tuple[str, ...] = ()
    open: frozenset[str] = frozenset({"page", "mobile", "interface"})
    gone: bool = False


NORTH = Photo(401, "sun9-1.userapi.com", "/c632/v632/10/north.jpg")
SOUTH = Photo(402, "sun9-2.userapi.com", "/c632/v632/11/south.jpg")
WEST = Photo(403, "sun9-2.userapi.com", "/c632/v632/12/west.jpg")
ALBUM, HIDDEN, GONE, HALF, FILMED = (f"{OWNER}_{number}" for number in (23710, 23720, 23730, 23740, 23750))
POSTS = {
    ALBUM: Post(WORDS, (NORTH, SOUTH, WEST)),
    HIDDEN: Post(WORDS, open=frozenset()),
    GONE: Post("", gone=True),
    HALF: Post(WORDS, (NORTH,), open=frozenset({"page", "mobile"})),
    FILMED: Post(WORDS, films=(f"{OWNER}_1001",), open=frozenset({"page", "mobile"})),
}
PHOTOS = {NORTH, SOUTH, WEST}
DELETED = "Запись удалена"
ANSWERED = Photo(499, "sun9-1.userapi.com", "/c632/v632/99/answer.jpg")  # in an answer to a post


# -- the three views ----------------------------------------------------------------------------------------------------
def page(key: str) -> Reply:
    """vk.com and vk.ru. The third photo is told by the interface alone: the page shows "+1"."""
    post = POSTS[key]
    if post.gone:
        return _html(
            f'{_form()}<div class="message_page_title">Ошибка</div><div class="message_page_body">{DELETED}</div>'
        )
    if "page" not in post.open:
        return redirect(f"https://vk.com/login?to={key}", 302)
    shown = (*map(_grid, post.photos[:1]), *(_handler(photo, key) for photo in post.photos[1:2]))
    return _html(f'{_form()}<div id="page_wall_posts">{_post(key, "".join(shown))}{_answer(key)}</div>', _meta(post))


def mobile(key: str) -> Reply:
    post = POSTS[key]
    if post.gone:
        return _html(f'<div class="service_msg service_msg_warning">{DELETED}</div>')
    if "mobile" not in post.open:
        return redirect("https://m.vk.com/login?role=fast", 302)
    thumbs = "".join(
        f'<a href="/photo{photo.id}" class="thumb_link"><div class="thumb_map_img" data-src_big="{escape(photo.url("y"))}|807|504" '
        f'style="background-image: url({escape(photo.url("x"))});"></div></a>'
        for photo in post.photos[:2]
    )
    return _html(
        f'<div class="wall_item" data-post-id="{key}"><a class="wi_img"><img src="{escape(FACE)}"></a>'
        f'<div class="pi_text" data-testid="post_description">{post.words}</div><div class="pi_medias">{thumbs}</div></div>'
    )


def interface(key: str) -> Reply:
    """The answer of wkview.php: JSON with HTML in it, in windows-1251."""
    post = POSTS.get(key)
    if post is None:
        return payload("8", json.dumps("Post not found"))
    if post.gone:
        return payload("8", json.dumps(DELETED, ensure_ascii=False))
    if "interface" not in post.open:
        return payload("3", "", "")
    inside = "".join(map(_grid, post.photos))
    return payload(
        "0", "", f'<div id="wl_post"><div id="wl_post_body">{_post(key, inside)}</div></div>{_answer(key)}', {}
    )


def group(key: str) -> Reply:
    """The page of the group, over which scripts lay the post."""
    return _html(
        f'{_form()}<h1 class="page_name">{GROUP}</h1><div id="post{OWNER}_1" class="post">{_grid(ANSWERED)}</div>'
    )


def photo_page(key: str) -> Reply | None:
    """The page of one photo, which names those beside it in its album, too."""
    if key not in {one.id for one in PHOTOS}:
        return None
    album = escape(json.dumps([one.json() for one in sorted(PHOTOS, key=lambda one: one.number)]))
    return _html(f'{_form()}<div data-options="{album}"><img id="pv_photo"></div>')


def photo(target: str, host: str) -> Reply | None:
    """The file of a photo, at one size or as it was given."""
    for one in (*PHOTOS, ANSWERED):
        if one.host == host:
            known = {one.target(letter): letter for letter in SIZES} | {one.path: ""}
            if target in known:
                return Reply(one.body(known[target]), type="image/jpeg", server="kittenx")
    return Reply(jpeg("vk face"), type="image/jpeg") if target in FACE and host in FACE else None


# -- pieces -------------------------------------------------------------------------------------------------------------
def _post(key: str, inside: str) -> str:
    post = POSTS[key]
    inside += "".join(f'<a href="/video{film}" class="page_post_thumb_video">Видео</a>' for film in post.films)
    return (
        f'<div id="post{key}" class="_post post"><a class="post_image"><img class="post_img" src="{escape(FACE)}"></a>'
        f'<h5 class="PostHeaderTitle__authorName">{GROUP}</h5>'
        f'<div class="wall_post_text">{post.words} <img class="emoji" src="/emoji/e/f09f9889.png"></div>{inside}</div>'
    )


def _grid(photo: Photo) -> str:
    options = escape(json.dumps({"temp": photo.temp(), "list": "wall"}))
    return (
        f'<div class="MediaGrid__thumb"><a href="/photo{photo.id}" class="MediaGrid__interactive" data-options="{options}">'
        f'<img class="MediaGrid__imageElement" src="{escape(photo.url("x"))}"></a></div>'
    )


def _handler(photo: Photo, key: str) -> str:
    """Tells sizes, and no address of them: what is shown is all that this page names."""
    told = dict.fromkeys("xyzw", "") | {f"{letter}_": ["", *SIZES[letter]] for letter in "xyzw"}
    call = f"return showPhoto('{photo.id}', 'wall{key}', {json.dumps({'temp': told, 'queue': 1})}, event)"
    style = f"background-image: url({photo.url('x')});"
    return f'<a onclick="{escape(call)}" style="{escape(style)}" class="page_post_thumb_wrap image_cover"></a>'


def _answer(key: str) -> str:
    """Somebody answered with a photo of his own."""
    return f'<div id="replies{key}" class="replies"><div class="reply">{_grid(ANSWERED)}</div></div>'


def _form() -> str:
    """All pages that anybody sees offer to log in."""
    return '<form id="quick_login"><input name="email"><input type="password" name="pass"></form>'


def _meta(post: Post) -> str:
    shared = post.photos[0].url("x") if post.photos else FACE
    return f'<meta name="description" content="{post.words}"><meta property="og:image" content="{escape(shared)}">'


def _html(body: str, head: str = "") -> Reply:
    text = f"""<!DOCTYPE html>
<html><head><title>{GROUP}</title>
{head}<link rel="stylesheet" href="/css/al/wall.css?17"></head>
<body>{body}</body></html>
"""
    return Reply(
        text.encode("cp1251"), "text/html; charset=windows-1251", gzip=True, framing="chunked", server="kittenx"
    )


def payload(code: str, *values: Any) -> Reply:
    """What the interface of VK says, with a code before it."""
    text = json.dumps({"payload": [code, list(values)], "langVersion": "3"}, ensure_ascii=False)
    data = text.encode("cp1251", "xmlcharrefreplace")
    return Reply(data, "application/json; charset=windows-1251", gzip=True, server="kittenx")
