"""www.vdc-sy.info (a report in PDF, plain http) and vdc-sy.net (an Arabic WordPress page with lazy pictures)."""

from __future__ import annotations

from ..messages import Reply, redirect
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
}
