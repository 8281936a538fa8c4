"""www.vdc-sy.info (a report in PDF, plain http) and vdc-sy.net (an Arabic WordPress page with lazy pictures)."""

from __future__ import annotations

from ..messages import Reply, Request, redirect
from .materials import font, jpeg, pdf, png

PDF = "/pdf/reports/1444252328-Arabic.pdf"
REPORT = "/report-on-russian-attacks-ar/"
UPLOADS = "/wp-content/uploads/2015/10"
THEME = "/wp-content/themes/universe"

PAGE = f"""<!DOCTYPE html>
<html dir="rtl" lang="ar"><head><meta charset="UTF-8">
<title>تقرير عن الغارات الأولى في ريف حمص &#8211; مركز التوثيق</title>
<meta property="og:title" content="تقرير عن الغارات الأولى في ريف حمص">
<link rel="stylesheet" href="{THEME}/style.css?ver=4.9"><link rel="shortcut icon" href="/favicon.ico">
<style>@import url("{THEME}/print.css") print; .hero{{background-image:url('{UPLOADS}/hero.jpg')}}</style>
<script src="{THEME}/lazy.js?ver=4.9" async></script></head>
<body class="rtl single-post"><article><h1>تقرير عن الغارات الأولى في ريف حمص (30/09/2015)</h1>
<p>جمع فريق التوثيق شهادات من الزعفرانة والمكرمية، وهذه خلاصتها. \u200fالمصدر: <bdi>VDC-2015/10</bdi></p>
<img src="{UPLOADS}/zafarana-300x200.jpg" srcset="{UPLOADS}/zafarana-300x200.jpg 300w,
 {UPLOADS}/zafarana-768x512.jpg 768w, {UPLOADS}/zafarana.jpg 1600w" sizes="(max-width: 300px) 100vw" alt="الزعفرانة">
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="{UPLOADS}/makremiya.jpg" class="lazy" alt="المكرمية">
<img data-lazy-src="{UPLOADS}/table.png" src="{THEME}/spacer.png" alt="جدول الضحايا">
<noscript><img src="{UPLOADS}/makremiya.jpg" alt=""></noscript>
<p><a href="http://www.vdc-sy.info{PDF}">التقرير الكامل</a></p></article></body></html>
"""
# The address in Arabic, as WordPress itself writes it: in lower case.
SLUG = "/ar/%d8%ba%d8%a7%d8%b1%d8%a7%d8%aa-%d8%ad%d9%85%d8%b5/"
UPPER = "/ar/%D8%BA%D8%A7%D8%B1%D8%A7%D8%AA-%D8%AD%D9%84%D8%A8/"
SLUGGED = f"""<!DOCTYPE html>
<html dir="rtl" lang="ar"><head><meta charset="UTF-8"><title>غارات حمص &#8211; مركز التوثيق</title>
<meta property="og:image" content="https://vdc-sy.net{UPLOADS}/featured.jpg">
<link rel="stylesheet" href="{THEME}/print.css"></head>
<body class="rtl single single-post"><img src="{THEME}/spacer.png" alt=""><article><h1>غارات على ريف حمص</h1>
<div class="entry-content"><p>جمع الفريق صوراً من المكان وشهادات أهله في ذلك اليوم.</p>
<a href="{UPLOADS}/crater.jpg"><img src="{UPLOADS}/crater-300x200.jpg" alt="حفرة"></a>
<img src="{UPLOADS}/street-300x200.jpg" alt="شارع"><img src="{UPLOADS}/pruned-300x200.jpg" alt="بيت">
<img data-src="{UPLOADS}/%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9.png" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="خريطة">
<img src="https://images.example/gone.jpg" alt=""></div></article>
<aside><img src="{UPLOADS}/related-150x150.jpg" alt=""></aside></body></html>
"""
MISSING = """<!DOCTYPE html>
<html dir="rtl" lang="ar"><head><meta charset="UTF-8"><title>مركز التوثيق</title></head>
<body class="rtl error404"><main><h1>عذراً</h1><p>يبدو أننا لا نجد ما تبحث عنه. ربما يفيد البحث.</p>
<form role="search"><input type="search" name="s"></form></main></body></html>
"""
STYLE = f"""@charset "UTF-8";
@import "base.css";
@import url(rtl.css) screen;
@font-face{{font-family:Naskh;src:url("fonts/naskh.woff2") format("woff2"),url(fonts/naskh.woff?v=2) format("woff")}}
.lazy{{background:url( "images/loading.png" )}} /* url(never.png) */
body::after{{content:"url(not-this.png)"}}
.cover{{background:url({UPLOADS}/hero.jpg)}}
"""


def _picture(name: str, weight: int) -> Reply:
    return Reply(jpeg(name, weight=weight), type="image/jpeg", server="Apache")


def _missing(_: Request) -> Reply:
    return Reply(MISSING.encode(), server="Apache")


def net(request: Request) -> Reply | None:
    """vdc-sy.net: below /ar/ what is not there is said with status 200, as some plugins do."""
    return NET.get(request.target) or (_missing(request) if request.path.startswith("/ar/") else None)


def _style(text: str) -> Reply:
    return Reply(text.encode(), type="text/css", gzip=True, server="Apache")


INFO = {
    PDF: Reply(
        pdf(
            "تقرير خاص: الغارات الأولى",
            ("A generated stand-in for a report.", "Homs countryside, 30 September 2015."),
        ),
        type="application/pdf",
        server="Apache/2.2.15 (CentOS)",
        fields=(("Accept-Ranges", "bytes"), ("ETag", '"1d4a2-521"'), ("Connection", "Keep-Alive")),
    ),
}
NET = {
    REPORT: Reply(
        PAGE.encode(),
        framing="chunked",
        gzip=True,
        server="Apache",
        fields=(("Link", '<https://vdc-sy.net/wp-json/>; rel="https://api.w.org/"'),),
    ),
    REPORT.rstrip("/"): redirect(f"https://vdc-sy.net{REPORT}", fields=(("X-Redirect-By", "WordPress"),)),
    f"{THEME}/style.css?ver=4.9": _style(STYLE),
    f"{THEME}/base.css": _style("body{margin:0}\n"),
    f"{THEME}/rtl.css": _style("body{direction:rtl}\n"),
    f"{THEME}/print.css": _style("nav{display:none}\n"),
    f"{THEME}/lazy.js?ver=4.9": Reply(b"/* swaps data-src into src */\n", type="application/javascript"),
    f"{THEME}/fonts/naskh.woff2": Reply(font("naskh"), type="font/woff2"),
    f"{THEME}/fonts/naskh.woff?v=2": Reply(font("naskh old"), type="font/woff"),
    f"{THEME}/images/loading.png": Reply(png("loading", 24, 24), type="image/png"),
    f"{THEME}/spacer.png": Reply(png("spacer", 12, 12), type="image/png"),
    "/favicon.ico": Reply(png("favicon", 24, 24), type="image/x-icon"),
    f"{UPLOADS}/hero.jpg": _picture("hero", 9000),
    f"{UPLOADS}/zafarana-300x200.jpg": _picture("zafarana", 2000),
    f"{UPLOADS}/zafarana-768x512.jpg": _picture("zafarana", 8000),
    f"{UPLOADS}/zafarana.jpg": _picture("zafarana", 25000),
    f"{UPLOADS}/makremiya.jpg": _picture("makremiya", 7000),
    f"{UPLOADS}/table.png": Reply(png("table"), type="image/png", server="Apache"),
    SLUG: Reply(SLUGGED.encode(), gzip=True, server="Apache"),
    UPPER: Reply(SLUGGED.replace("حمص", "حلب").encode(), gzip=True, server="Apache"),
    f"{UPLOADS}/%d8%ae%d8%b1%d9%8a%d8%b7%d8%a9.png": Reply(png("map"), type="image/png", server="Apache"),
    **{
        f"{UPLOADS}/{name}.jpg": _picture(name.partition("-")[0], weight)
        for name, weight in (
            ("featured", 9000),
            ("crater", 30000),
            ("crater-300x200", 2000),
            ("street", 28000),
            ("street-300x200", 2000),
            ("pruned-300x200", 2000),
            ("related-150x150", 900),
        )
    },
}
# Another site that WordPress made, to be known by what it says.
WITNESS = "witness.example"
WITNESS_PAGES = {
    "/2015/10/market/": Reply(
        b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="UTF-8"><title>The market on a Friday - Witness</title>
<link rel="https://api.w.org/" href="https://witness.example/wp-json/"><link rel="stylesheet" href="/wp-content/themes/w/style.css">
</head><body class="single single-post"><article><h1>The market on a Friday</h1><p>What the shopkeepers saw, in their own
words, and the pictures that they took.</p><img src="/wp-content/uploads/market-300x200.jpg"></article></body></html>
"""
    ),
    "/wp-content/themes/w/style.css": Reply(b"body{margin:1em}\n", type="text/css"),
    "/wp-content/uploads/market.jpg": _picture("market", 20000),
    "/wp-content/uploads/market-300x200.jpg": _picture("market", 2000),
}
