"""t.me, telegram.me and the files behind them: posts as frames around their embeds, and what stands in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..messages import Reply, Request, redirect
from . import media
from .materials import jpeg

CHANNEL = "mod_russia"
FILES = "cdn4.telesco.pe"
OWN = "telegram.org"  # styles and scripts
MAP, FILM, ALBUM, GONE, BARRED, LARGE = 4321, 4330, 4340, 4350, 4351, 4352


@dataclass(frozen=True, slots=True)
class Post:
    """`photos` and `films` by the names of their files; a film has a picture of the same name."""

    text: str = ""
    photos: tuple[str, ...] = ()
    films: tuple[str, ...] = ()
    link: str = ""  # the picture of a page that the post links to
    more: str = ""
    error: str = ""


POSTS: Mapping[int, Post] = {
    MAP: Post("Карта зон деэскалации, показанная 30 сентября.", ("map-north", "map-south"), link="preview"),
    FILM: Post("Вылет с аэродрома.", films=("takeoff",)),
    ALBUM: Post("Два кадра и фильм.", ("frame",), ("strike-1", "strike-2")),
    GONE: Post(error="Post not found"),
    BARRED: Post(error="This message couldn't be displayed on your device because it violates local laws."),
    LARGE: Post(
        "Запись брифинга.",
        more='<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">'
        '<div class="message_media_not_supported_label">Media is too big</div></div></div>',
    ),
}


def body(name: str) -> bytes:
    """Of a file by its name: what a capture must have held."""
    return media.body("film-360.mp4", seed=name) if name.endswith(".mp4") else jpeg(name, weight=5000)


def site(request: Request) -> Reply | None:
    """t.me"""
    parts = [part for part in request.path.split("/") if part]
    match parts:
        case ["c", _, _]:
            return page("Telegram", "<p>If you have Telegram, you can view this post of a private group.</p>")
        case ["s", channel, *number] if channel == CHANNEL:
            return listed(number[0] if number else "")
        case [channel, number] if channel == CHANNEL and number.isdecimal():
            return embed(int(number)) if "embed" in request.query else frame(int(number))
        case [channel] if channel == CHANNEL:
            return page("The ministry", "<p>A channel of 300 000 subscribers.</p>")
    return None


def moved(request: Request) -> Reply | None:
    """telegram.me"""
    return redirect(f"https://t.me{request.target}", 302)


def files(request: Request) -> Reply | None:
    name = request.path.removeprefix("/file/")
    if name == "face.jpg" or name in _NAMES:
        reply = media.reply("film-360.mp4", body(name)) if name.endswith(".mp4") else None
        return reply or Reply(body(name), type="image/jpeg", server="nginx/1.18.0")
    return None


def own(request: Request) -> Reply | None:
    """telegram.org"""
    match request.path:
        case "/css/telegram.css":
            return Reply(b"body{margin:0}\n", type="text/css")
        case "/js/telegram-widget.js":
            return Reply(b"// frames\n", type="application/javascript")
    return None


# -- pages
def page(title: str, body: str, head: str = "") -> Reply:
    text = (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title>{head}'
        f'<link href="//{OWN}/css/telegram.css" rel="stylesheet"></head><body class="no_transition">{body}</body></html>\n'
    )
    return Reply(text.encode(), gzip=True, server="nginx/1.18.0")


def frame(number: int) -> Reply:
    """What the address shows: the same for every number, whether there is such a post or not."""
    post = POSTS.get(number, POSTS[GONE])
    shared = [*post.photos, *post.films]
    head = f'<meta property="og:image" content="{_file(shared[0])}">' if shared else ""
    widget = f'data-telegram-post="{CHANNEL}/{number}" data-width="100%"'
    script = f'<script async src="https://{OWN}/js/telegram-widget.js?22" {widget}></script>'
    return page("Telegram: View @mod_russia", f'<div class="tgme_page_widget">{script}</div>', head)


def embed(number: int) -> Reply:
    post = POSTS.get(number, POSTS[GONE])
    return page("Telegram Widget", _message(number, post) if not post.error else _error(post))


def listed(number: str) -> Reply:
    """The channel as a list; a number leads to the posts around it."""
    shown = [(one, post) for one, post in POSTS.items() if not post.error]
    return page("The ministry", "".join(_message(one, post) for one, post in shown))


def _error(post: Post) -> str:
    return f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message_error">{post.error}</div></div>'


def _message(number: int, post: Post) -> str:
    own = f"https://t.me/{CHANNEL}/{number}"
    photos = "".join(
        f'<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo" href="{own}"'
        f" style=\"left:0px;width:453px;background-image:url('{_file(name)}')\"></a>"
        for name in post.photos
    )
    films = "".join(_film(number + place, name) for place, name in enumerate(post.films))
    link = (
        f'<a class="tgme_widget_message_link_preview" href="https://example.org/"><i class="link_preview_image"'
        f" style=\"background-image:url('{_file(post.link)}');padding-top:52%\"></i></a>"
    )
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{CHANNEL}/{number}">
<div class="tgme_widget_message_user"><i class="tgme_widget_message_user_photo"><img src="https://{FILES}/file/face.jpg"></i></div>
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author"><span dir="auto">The ministry</span></div>
<div class="tgme_widget_message_grouped_layer js-message_grouped_layer">{photos}{films}</div>{post.more}
<div class="tgme_widget_message_text js-message_text" dir="auto">{post.text}</div>{link if post.link else ""}
<div class="tgme_widget_message_footer"><a class="tgme_widget_message_date" href="{own}">
<time datetime="2017-09-30T18:05:00+00:00" class="time">18:05</time></a></div></div></div></div>
"""


def _film(number: int, name: str) -> str:
    return f"""<a class="tgme_widget_message_video_player js-message_video_player" href="https://t.me/{CHANNEL}/{number}">
<i class="tgme_widget_message_video_thumb" style="background-image:url('{_file(name)}')"></i>
<div class="tgme_widget_message_video_wrap"><video src="{_file(name, "mp4")}" class="tgme_widget_message_video"></video></div>
<div class="message_media_not_supported_wrap"><div class="message_media_not_supported_label">This media is not supported in
your browser</div></div><time class="message_video_duration js-message_video_duration">0:03</time></a>"""


def _file(name: str, kind: str = "jpg") -> str:
    return f"https://{FILES}/file/{name}.{kind}"


_NAMES = frozenset(
    f"{name}.{kind}"
    for post in POSTS.values()
    for names, kind in ((post.photos, "jpg"), (post.films, "jpg"), (post.films, "mp4"), ((post.link,), "jpg"))
    for name in names
    if name
)
SITES = {
    "t.me": site,
    "telegram.me": moved,
    FILES: files,
    OWN: own,
}
