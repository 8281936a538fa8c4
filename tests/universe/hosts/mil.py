"""eng.mil.ru, structure.mil.ru and function.mil.ru: windows-1251, spellings that matter, an authority of their own."""

from __future__ import annotations

from ..messages import DATE, Reply
from .materials import jpeg, png

ENGLISH = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">
<title>News: Ministry of Defence (Минобороны)</title>
<link rel="stylesheet" type="text/css" href="/css/main.css"><script src="/js/news.js"></script></head>
<body><div id="header">Министерство обороны Российской Федерации</div>
<h1>Aircraft attack ground targets in the Syrian Arab Republic</h1><p class="date">30.09.2015 (20:05)</p>
<p>Pictures taken from the air were shown to reporters on Wednesday evening.</p>
<a href="/images/upload/2015/raid-1.jpg"><img src="/images/upload/2015/raid-1-450.jpg" alt="Первый снимок"></a>
<a href="/images/upload/2015/raid-2.jpg"><img src="/images/upload/2015/raid-2-450.jpg" alt="Второй снимок"></a>
<p><a href="/en/news_page/country.htm">All news</a></p></body></html>
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
    **{
        f"/images/map-{width}.jpg": Reply(jpeg("map", weight=width * 10), type="image/jpeg")
        for width in (300, 600, 1200, 2400)
    },
}
