"""www.youtube.com and i.ytimg.com: watch pages of the five cited films, without a consent wall."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from ..messages import Reply, Request, plain
from .materials import jpeg, noise

PLAYER = "/s/player/1a2b3c4d/player_ias.vflset/en_US/base.js"
STYLE = "/s/_/ytmainappweb/_/ss/universe.css"


@dataclass(frozen=True, slots=True)
class Film:
    title: str
    author: str
    text: str
    seconds: int
    date: str


FILMS = {
    "qblmOvkV9KM": Film(
        "Брифинг официального представителя: первый день операции",
        "Минобороны России",
        "Запись выступления перед журналистами.",
        187,
        "2015-09-30",
    ),
    "KqEtOd5Mypg": Film(
        "لحظة القصف على بلدة \u2067تلبيسة\u2069 في ريف حمص",
        "شبكة أخبار ريف حمص",
        "صورها أحد سكان البلدة صباح ذلك اليوم.",
        64,
        "2015-09-30",
    ),
    "lIX_NE2R5ms": Film(
        "آثار الدمار في مدينة الرستن",
        "تنسيقية الرستن",
        "جولة في الحي بعد الغارة.",
        131,
        "2015-09-30",
    ),
    "5cF-gIL8yzk": Film(
        "Astana: three delegations put their names to the memorandum",
        "Universe News Desk",
        "Report from the hall & what the zones would mean.",
        95,
        "2017-05-04",
    ),
    "viCiwbJG5Pk": Film(
        "Операция вооружённых сил: итоги в цифрах",
        "Минобороны России",
        "Обзорный фильм; Итоги с 2015 по 2018 год.",
        412,
        "2018-08-22",
    ),
}


def www(request: Request) -> Reply | None:
    url = urlsplit(request.target)
    if url.path == "/watch":
        # yt-dlp adds bpctr and has_verified; the film is chosen by v alone.
        return watch(parse_qs(url.query).get("v", [""])[0])
    return STATIC.get(url.path)


def watch(film: str) -> Reply:
    known = FILMS.get(film)
    answer = player_answer(film, known) if known else {"playabilityStatus": MISSING}
    title, author, text = (known.title, known.author, known.text) if known else ("YouTube", "", "")
    page = PAGE.format(
        film=film,
        title=_escape(title),
        author=_escape(author),
        text=_escape(text),
        answer=_script(answer),
        config=_script({"INNERTUBE_CONTEXT_CLIENT_NAME": 1, "PLAYER_JS_URL": PLAYER, "STS": 20777}),
        data=_script({"contents": {"twoColumnWatchNextResults": {"title": title}}}),
    )
    return Reply(
        page.encode(),
        fields=COOKIES,
        gzip=True,
        framing="chunked",
        server="ESF",
        type="text/html; charset=utf-8",
    )


def player_answer(film: str, known: Film) -> dict[str, object]:
    return {
        "playabilityStatus": {"status": "OK", "playableInEmbed": True},
        "videoDetails": {
            "videoId": film,
            "title": known.title,
            "lengthSeconds": str(known.seconds),
            "author": known.author,
            "channelId": "UC" + noise(known.author, 11).hex(),
            "shortDescription": known.text,
            "isLiveContent": False,
        },
        "microformat": {"playerMicroformatRenderer": {"publishDate": known.date, "uploadDate": known.date}},
    }


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


MISSING = {"status": "ERROR", "reason": "This video isn't available any more"}
COOKIES = (
    ("Set-Cookie", "YSC=universe; Domain=.youtube.com; Path=/; Secure; HttpOnly"),
    ("Set-Cookie", "VISITOR_INFO1_LIVE=loopback; Domain=.youtube.com; Path=/; Secure"),
    ("Strict-Transport-Security", "max-age=31536000"),
)
PAGE = """<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{title} - YouTube</title>
<link rel="canonical" href="https://www.youtube.com/watch?v={film}">
<meta property="og:site_name" content="YouTube"><meta property="og:type" content="video.other">
<meta property="og:url" content="https://www.youtube.com/watch?v={film}">
<meta property="og:title" content="{title}"><meta property="og:description" content="{text}">
<meta property="og:image" content="https://i.ytimg.com/vi/{film}/hqdefault.jpg">
<link itemprop="thumbnailUrl" href="https://i.ytimg.com/vi/{film}/hqdefault.jpg">
<link rel="stylesheet" href="/s/_/ytmainappweb/_/ss/universe.css">
<script>var ytcfg={{set:function(o){{this.data=o}}}};ytcfg.set({config});</script>
<script src="/s/player/1a2b3c4d/player_ias.vflset/en_US/base.js" defer></script></head>
<body><div id="player"></div><h1>{title}</h1><p class="author">{author}</p><p class="text">{text}</p>
<script>var ytInitialPlayerResponse = {answer};</script><script>var ytInitialData = {data};</script>
</body></html>
"""
STATIC = {
    PLAYER: Reply(b"var universe={signatureTimestamp:20777};\n", type="text/javascript", gzip=True),
    STYLE: Reply(b"body{margin:0}#player{aspect-ratio:16/9;background:#000}\n", type="text/css"),
}


def thumbnails(request: Request) -> Reply | None:
    """hqdefault, default and 0 exist; the larger sizes do not, as with many old films."""
    _, _, film, name, *_ = [*request.path.split("/"), "", "", "", ""]
    if film not in FILMS or name not in ("hqdefault.jpg", "default.jpg", "0.jpg"):
        return plain(404)
    picture = jpeg(film + name, weight=500 if name == "default.jpg" else 6000)
    return Reply(picture, type="image/jpeg", server="sffe", fields=(("ETag", f'"{film}"'),))
