"""eng.mil.ru, structure.mil.ru and function.mil.ru: windows-1251, spellings that matter, an authority of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from ..messages import DATE, Reply, Request
from . import media
from .materials import jpeg, png

ENGLISH = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">
<title>News: Ministry of Defence (Минобороны)</title>
<link rel="stylesheet" type="text/css" href="/css/main.css"><script src="/js/news.js"></script></head>
<body><div id="header">Министерство обороны Российской Федерации</div><div id="center">
<h1>Aircraft attack ground targets in the Syrian Arab Republic</h1><p class="date">30.09.2015 (20:05)</p>
<p>Pictures taken from the air were shown to reporters on Wednesday evening.</p>
<a href="/images/upload/2015/raid-1.jpg"><img src="/images/upload/2015/raid-1-450.jpg" alt="Первый снимок"></a>
<a href="/images/upload/2015/raid-2.jpg"><img src="/images/upload/2015/raid-2-450.jpg" alt="Второй снимок"></a>
<p><a href="/en/news_page/country.htm">All news</a></p></div></body></html>
"""
STRUCTURE = """<!DOCTYPE html>
<html lang="ru"><head><title>Борьба с терроризмом : Министерство обороны</title>
<link rel="stylesheet" href="/css/structure.css"></head>
<body><h1>Борьба с международным терроризмом</h1>
<p>Раздел рассказывает о ходе воздушной операции, начатой 30 сентября.</p>
<img src="/images/mission/aircraft.png" alt="Самолёты на аэродроме"></body></html>
"""
FUNCTION = """<!DOCTYPE html>
<html lang="ru"><head><title>Новости : Карта зон деэскалации</title>
<meta property="og:image" content="https://function.mil.ru/images/map-1200.jpg"></head>
<body><h1>Опубликована карта зон деэскалации</h1>
<p>На карте отмечены четыре района.</p>
<a href="/images/map-2400.jpg"><picture><source type="image/jpeg" srcset="/images/map-600.jpg 600w, \
/images/map-1200.jpg 1200w"><img src="/images/map-300.jpg" alt="Карта" sizes="50vw"></picture></a>
</body></html>
"""

# News of the world, in two languages: names of files in Russian, films, and for every unknown number the same empty page.
WORLD = "/news_page/world/more.htm?id="
RAID = f"{WORLD}12140016@egNews"
BRIEFING = f"/en{WORLD}12140016@egNews"
_TEMPLATE = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><title>{title}</title></head>
<body><div id="header"><img src="/images/emblem.png"> {name}</div><div id="left"><a href="/">{home}</a></div>
<div id="center">{article}<div style="text-align:right"><a href="#">{share}</a></div></div>
<div id="footer">&copy; {name}. {rights}</div></body></html>
"""
RUSSIAN_WORDS = {
    "title": "Подробнее", "name": "Министерство обороны Российской Федерации", "home": "Главная", "share": "Поделиться",
    "rights": "При использовании материалов ссылка на сайт обязательна, полностью или в отрывках.",
}  # fmt: skip
ENGLISH_WORDS = {
    "title": "More", "name": "Ministry of Defence of the Russian Federation", "home": "Home", "share": "Share",
    "rights": "When using materials of the site, in whole or in part, a link to it is required of everybody.",
}  # fmt: skip
_RAID = """<h1>Показана запись удара</h1><p>Съёмка велась с беспилотного аппарата.</p>
<a href="/images/upload/снимок с воздуха.jpg?вид=общий"><img src="/images/upload/снимок-450.jpg?вид=общий"></a>
<video controls><source src="/files/морф/raid_720.mp4" type="video/mp4"></video>
<script>var player = {low: "/files/морф/raid_360.mp4", high: "/files/морф/raid_720.mp4"};</script>
<p><a href="/files/morf/briefing.mp4">Скачать запись брифинга</a></p>"""
_BRIEFING = """<h1>A briefing was held</h1><p>Maps and pictures were shown to the press.</p>
<img src="/images/upload/slide-300.jpg" srcset="/images/upload/slide-600.jpg 600w, /images/upload/slide-1200.jpg 1200w">"""
FILMS = {
    "/files/морф/raid_720.mp4": "raid 720",
    "/files/морф/raid_360.mp4": "raid 360",
    "/files/morf/briefing.mp4": "x",
}
_PICTURES = ("/images/upload/снимок с воздуха.jpg?вид=общий", "/images/upload/снимок-450.jpg?вид=общий")
_SLIDES = tuple(f"/images/upload/slide-{width}.jpg" for width in (300, 600, 1200))


def world(table: Callable[[Request], Reply | None], words: Mapping[str, str]) -> Callable[[Request], Reply | None]:
    """A host with news of the world beside its own pages."""

    def site(request: Request) -> Reply | None:
        if (found := table(request)) or WORLD not in request.target:
            return found
        return _article("", words)

    return site


def _article(article: str, words: Mapping[str, str]) -> Reply:
    return Reply(_TEMPLATE.format(article=article, **words).encode("cp1251"), type="text/html", server="nginx/1.6.2")


def target(written: str) -> str:
    """As a browser asks for what a page in windows-1251 names."""
    path, mark, query = written.partition("?")
    return quote(path) + mark + quote(query, safe="=&", encoding="cp1251")


STYLE = b"body{font-family:Arial;background:#fff url('/images/stripe.png') repeat-x}\n"

# The spelling of each address is the key: `@` on the one host, `%40` on the other, and nothing else answers.
ENG = {
    "/en/news_page/country/more.htm?id=12059172@egNews": Reply(
        ENGLISH.encode("cp1251"),
        type="text/html",
        server="nginx/1.6.2",
        fields=(
            ("x-pOWERED-bY", "universe"),
            ("SET-cookie", "lang=en; path=/"),
            ("Set-Cookie", "hit=1; path=/"),
        ),
    ),
    "/css/main.css": Reply(STYLE, type="text/css"),
    "/js/news.js": Reply("// Новости\nvar ready = true;\n".encode("cp1251"), type="application/javascript"),
    "/images/stripe.png": Reply(png("stripe", 12, 16), type="image/png"),
    BRIEFING: _article(_BRIEFING, ENGLISH_WORDS),
    "/images/emblem.png": Reply(png("emblem"), type="image/png"),
    **{path: Reply(jpeg("slide", weight=len(path) * 100), type="image/jpeg") for path in _SLIDES},
    **{
        f"/images/upload/2015/raid-{n}{size}.jpg": Reply(
            jpeg(f"raid {n}", weight=weight), type="image/jpeg", fields=(("Accept-Ranges", "bytes"),)
        )
        for n in (1, 2)
        for size, weight in (("-450", 3000), ("", 20000))
    },
}
STRUCTURE_PAGES = {
    "/mission/fight_against_terrorism.htm": Reply(
        STRUCTURE.encode("cp1251"), type="text/html; charset=windows-1251", framing="close"
    ),
    "/css/structure.css": Reply(b"h1{color:#234}\n", type="text/css"),
    "/images/mission/aircraft.png": Reply(png("aircraft"), type="image/png", framing="close"),
}
FUNCTION_PAGES = {
    "/news_page/intrel/more.htm?id=12121964%40egNews": Reply(
        FUNCTION.encode(),
        interim=b"HTTP/1.1 103 Early Hints\r\nLink: </images/map-300.jpg>; rel=preload; as=image\r\n\r\n",
        fields=(("Last-Modified", DATE),),
    ),
    RAID: _article(_RAID, RUSSIAN_WORDS),
    "/images/emblem.png": Reply(png("emblem"), type="image/png"),
    **{target(path): Reply(jpeg(path), type="image/jpeg") for path in _PICTURES},
    **{
        target(path): media.reply("film-360.mp4", media.body("film-360.mp4", seed=seed)) for path, seed in FILMS.items()
    },
    **{
        f"/images/map-{width}.jpg": Reply(jpeg("map", weight=width * 10), type="image/jpeg")
        for width in (300, 600, 1200, 2400)
    },
}
