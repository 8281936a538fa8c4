"""Files that are no pages: each small, whole and of the kind that its name says, or of no name at all."""

from __future__ import annotations

import io
import json
import zipfile

from ..messages import Reply
from . import media
from .materials import jpeg, pdf, png
from .papers import GAZETA, PRESS


def _zip(name: str, content: bytes) -> bytes:
    """Made without a clock."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (2015, 10, 3, 12, 0, 0)), content)
    return packed.getvalue()


FEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{PRESS.name}</title><link>https://{PRESS.host}/</link>
<item><title>{PRESS.title}</title><link>{PRESS.url}</link></item></channel></rss>
"""
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [36.7, 34.8]}, "properties": {"name": "depot"}}
KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>depot</name></Placemark></kml>'
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
REPORT = pdf("A report", ("Page not found is what the old address says.",))

FILES: dict[str, tuple[str, Reply]] = {
    "text": ("/notes/48213.txt", Reply("\n".join(PRESS.text).encode(), type="text/plain; charset=utf-8")),
    "text-ru": ("/notes/48214.txt", Reply("\n".join(GAZETA.text).encode("cp1251"), type="text/plain")),
    "text-not-found": ("/notes/48215.txt", Reply(b"404 Not Found: what the log of the old server says, line by line.\n", type="text/plain")),
    "version-file": ("/VERSION", Reply(b"1.4\n", type="text/plain")),
    "json": ("/api/items/48213", Reply(json.dumps({"id": 48213, "name": "depot"}).encode(), type="application/json")),
    "json-error-word": ("/api/items/48214", Reply(b'{"status":"not found earlier","found":true}', type="application/json")),
    "json-empty-list": ("/api/items?near=48213", Reply(b"[]", type="application/json")),
    "feed": ("/feed.xml", Reply(FEED.encode(), type="application/rss+xml; charset=utf-8")),
    "kml": ("/maps/depots.kml", Reply(KML.encode(), type="application/vnd.google-earth.kml+xml")),
    "geojson": ("/maps/depots.geojson", Reply(json.dumps(POINT).encode(), type="application/geo+json")),
    "csv": ("/tables/2015-10.csv", Reply(b"day,flights\n1,20\n2,18\n", type="text/csv")),
    "jpeg": ("/pictures/48213.jpg", Reply(jpeg("48213"), type="image/jpeg")),
    "jpeg-bare": ("/pictures/48214", Reply(jpeg("48214"), type="image/jpeg")),
    "jpeg-tail": ("/pictures/48215.jpg", Reply(jpeg("48215") + b"\x00" * 64, type="image/jpeg")),
    "jpeg-as-png": ("/pictures/48216.png", Reply(jpeg("48216"), type="image/png")),
    "png": ("/pictures/48217.png", Reply(png("48217"), type="image/png")),
    "gif": ("/pictures/pixel.gif", Reply(GIF, type="image/gif")),
    "svg": ("/pictures/sheet.svg", Reply(DRAWING.encode(), type="image/svg+xml")),
    "pdf": ("/reports/48213.pdf", Reply(REPORT, type="application/pdf")),
    "pdf-octets": ("/reports/48214.pdf", Reply(REPORT, type="application/octet-stream")),
    "pdf-tail": ("/reports/48215.pdf", Reply(REPORT + b"\r\n<!-- stored by the gateway -->\r\n", type="application/pdf")),
    "pdf-bare": ("/reports/get?id=48216", Reply(REPORT, type="application/pdf")),
    "mp4": ("/films/48213.mp4", Reply(media.body("film-360.mp4"), type="video/mp4", ranged=True)),
    "zip": ("/bundles/48213.zip", Reply(_zip("notes.txt", b"notes\n"), type="application/zip")),
    "docx-octets": ("/bundles/48214.docx", Reply(_zip("word/document.xml", b"<w:document/>"), type="application/octet-stream")),
    "viewer": (  # a page about the picture, under the picture's name
        "/wiki/File:Depot_1987.jpg",
        Reply(PRESS.page("File:Depot 1987.jpg", '<h1>File:Depot 1987.jpg</h1><img src="/pictures/48213.jpg" alt=""><p>Scan of a '
                         "print, 1987. Source: the municipal archive. No known restrictions.</p>")),
    ),
}  # fmt: skip
