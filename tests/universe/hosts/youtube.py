"""www.youtube.com, youtu.be and i.ytimg.com: pages without a consent wall, and the endpoints behind them."""

from __future__ import annotations

import json

from ..messages import Reply, Request, plain, redirect
from . import youtube_data, youtube_player
from .materials import jpeg
from .youtube_films import FILMS, LOW, MISSING, MORE, REVISED, Film, Json, film_id, find, revised

__all__ = ["FILMS", "LOW", "MORE", "REVISED", "Film", "film_id", "find", "revised"]

PLAYER = "/s/player/1a2b3c4d/player_ias.vflset/en_US/base.js"
STYLE = "/s/_/ytmainappweb/_/ss/universe.css"


def www(request: Request) -> Reply | None:
    if request.method == "POST":
        return innertube(request)
    first, _, rest = request.path.removeprefix("/").partition("/")
    match first:
        case "watch":  # yt-dlp adds bpctr and has_verified; the film is chosen by v alone
            return watch(request.query.get("v", ""))
        case "shorts" | "live":
            return watch(rest)
        case "embed":
            return watch(rest, "WEB_EMBEDDED_PLAYER")
        case "playlist":
            return listing(youtube_data.playlist(request.query.get("list", "")))
        case "api":
            return timedtext(request.query) if rest == "timedtext" else None
        case "channel" if rest.partition("/")[0] == youtube_data.CHANNEL.channel:
            return listing(youtube_data.channel())
        case youtube_data.CHANNEL.handle:
            return listing(youtube_data.channel())
    return STATIC.get(request.path)


def short(request: Request) -> Reply | None:
    """youtu.be"""
    return redirect(f"https://www.youtube.com/watch?v={request.path[1:]}&feature=youtu.be", 303)


# -- pages ----------------------------------------------------------------------------------------------------------
def watch(key: str, client: str = "WEB") -> Reply:
    film = find(key)
    return _page(
        f"/watch?v={key}",
        (film.title, film.author, film.text) if film and _named(key, film) else ("YouTube", "", ""),
        youtube_player.answer(key, film) if film else {"playabilityStatus": MISSING},
        youtube_data.watch(key, film),
        f"https://i.ytimg.com/vi/{key}/hqdefault.jpg",
        client,
    )


def _named(key: str, film: Film) -> bool:
    return "videoDetails" in youtube_player.answer(key, film)


def listing(data: Json | None) -> Reply:
    if data is None:
        alert = {"type": "ERROR", "text": {"simpleText": "The playlist does not exist."}}
        return _page("/playlist", ("YouTube", "", ""), {}, {"alerts": [{"alertRenderer": alert}]})
    about = next(iter(data["metadata"].values()))
    return _page("/playlist", (about["title"], "", about["description"]), {}, data)


def _page(
    path: str, named: tuple[str, str, str], answer: Json, data: Json, picture: str = "", client: str = "WEB"
) -> Reply:
    title, author, text = map(_escape, named)
    config = {
        "INNERTUBE_CONTEXT": {"client": {"clientName": client, "clientVersion": "2.20261020.01.00", "hl": "en"}},
        "INNERTUBE_CONTEXT_CLIENT_NAME": 1 if client == "WEB" else 56,
        "PLAYER_JS_URL": PLAYER,
        "STS": youtube_player.STS,
        "VISITOR_DATA": "CgtVbml2ZXJzZQ%3D%3D",
    }
    page = PAGE.format(
        path=_escape(path),
        picture=f'<meta property="og:image" content="{_escape(picture)}">\n' if picture else "",
        link=f'<link itemprop="thumbnailUrl" href="{_escape(picture)}">\n' if picture else "",
        title=title,
        author=author,
        text=text,
        answer=_script(answer),
        config=_script(config),
        data=_script(data),
    )
    return Reply(page.encode(), fields=COOKIES, gzip=True, framing="chunked", server="ESF")


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


# -- endpoints ------------------------------------------------------------------------------------------------------
def innertube(request: Request) -> Reply:
    """POST /youtubei/v1/…: player, next (a film or a page of comments), browse (a playlist)."""
    try:
        asked = json.loads(request.body)
        client, key = asked["context"]["client"]["clientName"], asked.get("videoId", "")
    except (ValueError, LookupError, TypeError):
        return plain(400)
    match request.path:
        case "/youtubei/v1/player":
            film = find(key)
            told: Json | None = youtube_player.answer(key, film, client) if film else {"playabilityStatus": MISSING}
        case "/youtubei/v1/next" if "continuation" in asked:
            told = youtube_data.comments(asked["continuation"])
        case "/youtubei/v1/next":
            told = youtube_data.watch(key, find(key))
        case "/youtubei/v1/browse":
            told = youtube_data.playlist(asked.get("browseId", "").removeprefix("VL"))
        case _:
            return plain(405)
    if told is None:
        return Reply(b'{"error":{"code":404,"message":"Requested entity was not found."}}', JSON, status=404)
    return Reply(json.dumps(told, ensure_ascii=False).encode(), JSON, gzip=True, framing="chunked", server="ESF")


def timedtext(query: dict[str, str]) -> Reply | None:
    film = find(query.get("v", ""))
    if film is None or film.status or query.get("lang") not in (*film.captions, film.spoken):
        return None
    if query.get("fmt") != "vtt":
        return Reply(b'{"wireMagic":"pb3","events":[]}', JSON, server="video-timedtext")
    return Reply(youtube_player.caption(query).encode(), "text/vtt; charset=UTF-8", server="video-timedtext")


def thumbnails(request: Request) -> Reply | None:
    """hqdefault, default and 0 exist; the larger sizes do not, as with many old films."""
    _, _, film, name, *_ = [*request.path.split("/"), "", "", "", ""]
    if not find(film) or name not in ("hqdefault.jpg", "default.jpg", "0.jpg"):
        return plain(404)
    picture = jpeg(film + name, weight=500 if name == "default.jpg" else 6000)
    return Reply(picture, type="image/jpeg", server="sffe", fields=(("ETag", f'"{film}"'),))


JSON = "application/json; charset=UTF-8"
COOKIES = (
    ("Set-Cookie", "YSC=universe; Domain=.youtube.com; Path=/; Secure; HttpOnly"),
    ("Set-Cookie", "VISITOR_INFO1_LIVE=loopback; Domain=.youtube.com; Path=/; Secure"),
    ("Strict-Transport-Security", "max-age=31536000"),
)
PAGE = """<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{title} - YouTube</title>
<link rel="canonical" href="https://www.youtube.com{path}">
<meta property="og:site_name" content="YouTube"><meta property="og:type" content="video.other">
<meta property="og:url" content="https://www.youtube.com{path}">
<meta property="og:title" content="{title}"><meta property="og:description" content="{text}">
{picture}{link}<link rel="stylesheet" href="/s/_/ytmainappweb/_/ss/universe.css">
<script>var ytcfg={{set:function(o){{this.data=o}}}};ytcfg.set({config});</script>
<script src="/s/player/1a2b3c4d/player_ias.vflset/en_US/base.js" defer></script></head>
<body><div id="player"></div><h1>{title}</h1><p class="author">{author}</p><p class="text">{text}</p>
<script>var ytInitialPlayerResponse = {answer};</script><script>var ytInitialData = {data};</script>
</body></html>
"""
STATIC = {
    PLAYER: Reply(youtube_player.SCRIPT.encode(), type="text/javascript", gzip=True),
    STYLE: Reply(b"body{margin:0}#player{aspect-ratio:16/9;background:#000}\n", type="text/css"),
}
