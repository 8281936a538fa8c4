"""*.googlevideo.com: the streams of the films, whole or in ranges, and playlists of segments."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from ..messages import Reply, Request, plain
from . import media, youtube_player
from .youtube_films import LMT, Film, find

ITAG = "93"
LIST = "application/vnd.apple.mpegurl"


def streams(request: Request) -> Reply:
    """/videoplayback?id=…&itag=… or, with its values in the path, one segment."""
    if not request.query:
        return segment(request.path)
    query = request.query
    film = find(query.get("id", ""))
    if film is None or film.refused or film.status or not _allowed(query, film):
        return plain(403)
    wanted = (query.get("itag"), query.get("xtags", ""))
    stream = next((one for one in film.streams if (str(one.itag), _tags(one.sr, one.drc)) == wanted), None)
    if stream is None:
        return plain(404)
    lmt = int(query.get("lmt", LMT))
    content = stream.body(lmt)
    changed = format_datetime(datetime.fromtimestamp(lmt // 10**6, UTC), usegmt=True)
    fields = (("Last-Modified", changed), ("Cache-Control", "private, max-age=21540"))
    return Reply(content, stream.mime.partition(";")[0], fields=fields, ranged=True, server="gvs 1.0")


def _tags(sr: bool, drc: bool) -> str:
    return "sr=1" if sr else "drc=1" if drc else ""


def _allowed(query: dict[str, str], film: Film) -> bool:
    """Whether the player's script was run over the address, if the film asks for it."""
    if not film.puzzle:
        return True
    signed = query.get("sig") == youtube_player.solved_signature(youtube_player.SCRAMBLED)
    return query.get("n") == youtube_player.solved_n(youtube_player.CHALLENGE) and (signed or query.get("itag") == "18")


def manifests(request: Request) -> Reply | None:
    """hls_variant names one hls_playlist, which names the segments; without an end while the film is live."""
    _, _, _, kind, *path = [*request.path.split("/"), "", "", "", ""]
    values = dict(zip(path[::2], path[1::2], strict=False))
    film = find(values.get("id", ""))
    if film is None or film.status or not film.hls:
        return None
    place = f"expire/{youtube_player.EXPIRE}/id/{values['id']}/itag/{ITAG}"
    if kind == "hls_variant":
        text = (
            "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
            '#EXT-X-STREAM-INF:BANDWIDTH=90000,CODECS="mp4a.40.2,avc1.640015",RESOLUTION=320x180,FRAME-RATE=5\n'
            f"https://{youtube_player.MANIFESTS}/api/manifest/hls_playlist/{place}/playlist/index.m3u8\n"
        )
        return Reply(text.encode(), LIST)
    lines = [
        f"#EXTINF:1.0,\nhttps://{youtube_player.MEDIA}/videoplayback/{place}/file/{name}\n" for name in media.SEGMENTS
    ]
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
    end = "" if film.live == "now" else "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n"
    return Reply((head + "".join(lines) + end).encode(), LIST)


def segment(path: str) -> Reply:
    name = path.rsplit("/", 1)[-1]
    return media.reply(name, etag=False) if name in media.SEGMENTS else plain(404)
