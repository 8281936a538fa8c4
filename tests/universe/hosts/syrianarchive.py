"""syrianarchive.org: a list of investigations and the report's own pictures; chunk extensions and trailers."""

from __future__ import annotations

from ..messages import Reply
from .materials import png

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Investigations</title>
<link rel="stylesheet" href="/assets/site.css"></head><body><h1>Investigations</h1><ul>
<li><a href="/en/investigations/market">A market that was hit at noon</a></li>
<li><a href="/en/investigations/clinic">Three clinics in one week</a></li>
<li lang="ar" dir="rtl"><a href="/ar/investigations">التحقيقات بالعربية</a></li></ul>
<img src="/assets/russian/ru-mod-website.png" alt="Screenshot of a ministry's page"></body></html>
"""


def _picture(name: str, width: int, height: int) -> Reply:
    return Reply(png(name, width, height), type="image/png", server="GitHub.com")


PAGES = {
    "/en/investigations": Reply(
        PAGE.encode(),
        framing="chunked",
        extension=";name=value",
        fields=(("Trailer", "X-Checksum"), ("CACHE-control", "max-age=600")),
        trailers=(("X-Checksum", "universe"),),
        server="GitHub.com",
    ),
    "/assets/site.css": Reply(b"h1{font-weight:400}\n", type="text/css", gzip=True),
    "/assets/russian/ru-mod-website.png": _picture("website", 192, 120),
    "/assets/russian/ru_de-escalation_zone.png": _picture("zone", 180, 180),
    "/assets/russian/RussianMoDdocumentationofoperation.PNG": _picture("operation", 240, 96),
}
