"""Web archives: the Wayback Machine, Common Crawl, Arquivo.pt, and one with a TimeMap, each with its own ways.

What they hold is a table; most rows are of addresses that are dead in this universe. An index finds an address as real
ones do: without scheme, `www.`, port and escapes, and in lower case, so it also returns what only looks alike.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

from ..messages import Fields, Reply, Request, plain, redirect
from .materials import pdf

WAYBACK, INDEX, DATA, ARQUIVO, OTHER = (
    "web.archive.org",
    "index.commoncrawl.org",
    "data.commoncrawl.org",
    "arquivo.pt",
    "webarchive.example",
)
TIMEMAPS = f"https://{OTHER}/all/timemap/link/"

# Addresses that are dead at their hosts.
REPORT = "http://www.vdc-sy.info/pdf/reports/1380463510-English.pdf"
NEWS = "http://eng.mil.ru/en/news_page/country/more.htm?id=12090001@egNews"
FILM = "https://www.youtube.com/watch?v=aQ0g3x7Zk1M"
POST = "https://syrianarchive.org/en/blog/first-report"
SILENT = "https://silent.example/statement"  # its host does not exist any more
NOWHERE = "http://www.vdc-sy.info/nobody/has/this.html"

CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing "
    b"the site.</h1><p>Enable JavaScript and cookies to continue</p></body></html>"
)
PARKED = (
    b"<html><head><title>vdc-sy.info is for sale</title></head><body><h1>This domain is for sale!</h1>"
    b"<p>Buy this domain. The domain vdc-sy.info may be for sale by its owner.</p></body></html>"
)


def article(title: str, more: str = "") -> bytes:
    lines = "".join(
        f"<p>Paragraph {number} of {title}: who was there, what was seen and said.</p>" for number in range(9)
    )
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>{lines}{more}</body></html>\n".encode()


def sha1(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body).digest()).decode()


@dataclass(frozen=True)
class Kept:
    """One archived answer. `digest`: in the index, where it is not that of the body; `plays`: what is played back
    instead; `coded`: stored and played back with gzip; `leads`: digits of the copy that playback leads to."""

    time: str
    url: str
    body: bytes
    type: str = "text/html; charset=UTF-8"
    status: str = "200"
    digest: str = ""
    plays: bytes = b""
    coded: bool = False
    leads: str = ""
    fields: Fields = (("Server", "Apache/2.2.15 (CentOS)"), ("X-Cache", "MISS"))

    @property
    def stored(self) -> bytes:
        return gzip.compress(self.body, mtime=0) if self.coded else self.body

    @property
    def sum(self) -> str:
        return self.digest or sha1(self.stored)

    @property
    def moment(self) -> datetime:
        return datetime.strptime(self.time, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    @property
    def mime(self) -> str:
        return "warc/revisit" if self.status == "-" else self.type.partition(";")[0]


ENGLISH = pdf("Report on the hospital", ("A generated stand-in for a report.", "Aleppo, 29 September 2013."))
REVISED = pdf("Report on the hospital, revised", ("A generated stand-in, revised.", "Aleppo, 3 October 2013."))
PDF = "application/pdf"
HOLDINGS: dict[str, tuple[Kept, ...]] = {
    WAYBACK: (
        Kept("20131006120000", "http://www.vdc-sy.info:80/pdf/reports/1380463510-English.pdf", ENGLISH, PDF),
        Kept("20131120080910", "http://vdc-sy.info/pdf/reports/1380463510-English.pdf", ENGLISH, PDF, "-"),
        Kept(
            "20150704010203", "http://www.vdc-sy.info/pdf/reports/1380463510-english.pdf", REVISED, PDF
        ),  # looks alike
        Kept("20210101000000", REPORT, PARKED),
        Kept(
            "20151002050000",
            "http://eng.mil.ru/en/news_page/country/more.htm?id=12090001%40egNews",
            article("Briefing"),
            coded=True,
        ),
        Kept("20160101000000", NEWS, b"<html>404</html>", status="404"),
        Kept("20151120000000", FILM, article("A film of the first day")),
        Kept("20151121000000", FILM.replace("aQ0g", "AQ0G"), article("Another film, whose name looks alike")),
    ),
    ARQUIVO: (Kept("20160309101112", POST, article("The first report")),),
    OTHER: (
        Kept("20170101120000", SILENT, article("A statement")),
        Kept("20190101120000", SILENT, article("A statement", "<p>Corrected.</p>")),
    ),
    DATA: (
        Kept("20161205030405", REPORT, REVISED, PDF),
        Kept("20161206070809", POST, article("The first report", "<p>With an annex.</p>")),
    ),
}


# -- what all of them do ------------------------------------------------------------------------------------------
def key(url: str) -> str:
    """As their indexes spell an address."""
    parts = urlsplit(unquote(url).lower())
    host = re.sub(r"^www\d?\.|:\d+$", "", parts.netloc)
    host = re.sub(r":\d+$", "", host)
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"


def of(archive: str, url: str) -> list[Kept]:
    return sorted((one for one in HOLDINGS[archive] if key(one.url) == key(url)), key=lambda one: one.time)


def asked(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)


def bounded(found: list[Kept], query: list[tuple[str, str]]) -> list[Kept]:
    """`sort`, `closest` and `limit`; a negative limit is of the last."""
    wish = dict(query)
    if wish.get("sort") == "closest":
        middle = Kept(wish["closest"], "", b"").moment
        found = sorted(found, key=lambda one: abs(one.moment - middle))
    if wish.get("sort") == "reverse":
        found = found[::-1]
    most = int(wish.get("limit", 1000))
    return found[most:] if most < 0 else found[:most]


def played(archive: str, request: Request, prefix: str) -> Reply | None:
    """Playback: <prefix><digits>id_/<original>; another second leads to the nearest one."""
    match = re.fullmatch(re.escape(prefix) + r"(\d{14})(id_)?/(https?:/.*)", request.target)
    if not match:
        return None
    found = of(archive, match[3])
    if not found:
        return plain(404, "not archived")
    one = next((kept for kept in found if kept.time == match[1]), None)
    if one is None or one.leads:
        near = one.leads if one else min(found, key=lambda kept: abs(int(kept.time) - int(match[1]))).time
        return redirect(f"https://{archive}{prefix}{near}{match[2] or ''}/{match[3]}", 302)
    return play(archive, one, prefix, raw=bool(match[2]))


def play(archive: str, one: Kept, prefix: str, *, raw: bool) -> Reply:
    body = one.plays or one.stored
    if not raw and one.type.startswith("text/html"):
        body = body.replace(b"<body>", b"<body><div>A banner of the archive</div>")
    fields = (
        ("Memento-Datetime", format_datetime(one.moment, usegmt=True)),
        ("Link", f'<{one.url}>; rel="original", <https://{archive}{prefix}timemap/link/{one.url}>; rel="timemap"'),
        *((f"X-Archive-Orig-{name}", value) for name, value in one.fields),
        *((("Content-Encoding", "gzip"),) if one.coded else ()),
    )
    return Reply(body, type=one.type, status=int(one.status) if one.status != "-" else 200, fields=fields)


# -- the Wayback Machine -------------------------------------------------------------------------------------------
def wayback(request: Request) -> Reply | None:
    if request.path == "/cdx/search/cdx":
        return cdx(request)
    if request.path == "/save" or request.path.startswith("/save/"):
        return save(request)
    return played(WAYBACK, request, "/web/")


def cdx(request: Request) -> Reply:
    query = asked(request)
    wish = dict(query)
    names = wish["fl"].split(",")
    rows = [fields for one in of(WAYBACK, wish["url"]) if passes(fields := _cdx(one), query)]
    kept = {one.time: one for one in of(WAYBACK, wish["url"])}
    chosen = [_cdx(one) for one in bounded([kept[row["timestamp"]] for row in rows], query)]
    table = [names, *([row[name] for name in names] for row in chosen)] if chosen else []
    return Reply(json.dumps(table).encode(), type="application/json", gzip=True)


def _cdx(one: Kept) -> dict[str, str]:
    return {
        "urlkey": key(one.url),
        "timestamp": one.time,
        "original": one.url,
        "mimetype": one.mime,
        "statuscode": one.status,
        "digest": one.sum,
        "length": str(len(one.stored) + 400),
    }


def passes(row: dict[str, str], query: list[tuple[str, str]]) -> bool:
    """[!]field:regular expression of the whole field."""
    for name, value in query:
        if name == "filter":
            where, _, pattern = value.lstrip("!").partition(":")
            if bool(re.fullmatch(pattern, row[where])) == value.startswith("!"):
                return False
    return True


def save(request: Request) -> Reply:
    if request.method == "POST":
        if not request.field("authorization").startswith("LOW "):
            return Reply(
                b'{"message": "You need to be logged in to use Save Page Now."}', type="application/json", status=401
            )
        url = dict(parse_qsl(request.body.decode()))["url"]
        return Reply(json.dumps({"url": url, "job_id": f"spn2-{sha1(url.encode())}"}).encode(), type="application/json")
    return Reply(b"<html><body><p>Saving page</p></body></html>")


# -- Common Crawl --------------------------------------------------------------------------------------------------
CRAWLS = ("2018-51", "2018-05", "2017-51", "2017-04", "2016-50", "2016-44", "2015-48", "2014-15")


def crawl_index(request: Request) -> Reply | None:
    if request.path == "/collinfo.json":
        listed = [
            {
                "id": f"CC-MAIN-{name}",
                "name": f"{name} Index",
                "timegate": f"https://{INDEX}/CC-MAIN-{name}/",
                "cdx-api": f"https://{INDEX}/CC-MAIN-{name}-index",
            }
            for name in CRAWLS
        ]
        return Reply(json.dumps(listed).encode(), type="application/json")
    match = re.fullmatch(r"/CC-MAIN-(\d{4}-\d\d)-index", request.path)
    if not match or match[1] not in CRAWLS:
        return None
    query = asked(request)
    url = dict(query)["url"]
    found = [one for one in of(DATA, url) if f"{one.moment:%Y}-{one.moment.isocalendar().week + 1}" == match[1]]
    if not found:
        return Reply(
            json.dumps({"message": f"No Captures found for: {url}"}).encode(), type="application/json", status=404
        )
    return Reply(
        b"".join(json.dumps(_crawled(one)).encode() + b"\n" for one in bounded(found, query)), type="text/x-ndjson"
    )


def _crawled(one: Kept) -> dict[str, str]:
    offset, length = warc()[1][one]
    return {
        "urlkey": key(one.url),
        "timestamp": one.time,
        "url": one.url,
        "mime": one.mime,
        "mime-detected": one.mime,
        "status": one.status,
        "digest": one.sum,
        "length": str(length),
        "offset": str(offset),
        "filename": FILE,
    }


FILE = "crawl-data/CC-MAIN-2016-50/segments/1480698541864.44/warc/CC-MAIN-20161202170901-00001-ip-10-31-129-80.warc.gz"


@cache
def warc() -> tuple[bytes, dict[Kept, tuple[int, int]]]:
    """A file of several members as the crawler writes it, and where the answers lie: its bodies are decoded."""
    data, places = (
        _member("warcinfo", "", {"Content-Type": "application/warc-fields"}, b"robots: classic\r\n", "20161202170901"),
        {},
    )
    for one in HOLDINGS[DATA]:
        data += _member(
            "request",
            one.url,
            {"Content-Type": "application/http; msgtype=request"},
            b"GET / HTTP/1.1\r\n\r\n",
            one.time,
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in (("Content-Type", one.type), *one.fields))
        block = f"HTTP/1.1 200 OK\r\n{head}X-Crawler-Transfer-Encoding: chunked\r\n\r\n".encode() + (
            one.plays or one.body
        )
        fields = {
            "Content-Type": "application/http; msgtype=response",
            "WARC-Payload-Digest": f"sha1:{sha1(one.plays or one.body)}",
            "WARC-Block-Digest": f"sha1:{sha1(block)}",
        }
        member = _member("response", one.url, fields, block, one.time)
        places[one] = (len(data), len(member))
        data += member
    return data, places


def _member(kind: str, url: str, fields: dict[str, str], block: bytes, time: str) -> bytes:
    date = datetime.strptime(time, "%Y%m%d%H%M%S").isoformat() + "Z"
    named = {"WARC-Target-URI": url} if url else {}
    identity = hashlib.sha256(f"{kind} {url} {time}".encode()).hexdigest()
    lines = {
        "WARC-Type": kind,
        "WARC-Date": date,
        "WARC-Record-ID": f"<urn:uuid:{identity[:8]}-{identity[8:12]}-4{identity[13:16]}-8{identity[17:20]}-{identity[20:32]}>",
        "Content-Length": str(len(block)),
        **named,
        **fields,
    }
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return gzip.compress(head.encode() + b"\r\n" + block + b"\r\n\r\n", mtime=0)


def crawl_data(request: Request) -> Reply | None:
    if request.path != f"/{FILE}":
        return None
    return Reply(warc()[0], type="application/octet-stream", ranged=True, server="AmazonS3")


# -- Arquivo.pt ----------------------------------------------------------------------------------------------------
def arquivo(request: Request) -> Reply | None:
    if request.path == "/wayback/cdx":
        query = asked(request)
        return Reply(_ndjson(bounded(of(ARQUIVO, dict(query)["url"]), query)), type="text/x-ndjson")
    return played(ARQUIVO, request, "/noFrame/replay/")


def _ndjson(found: Iterable[Kept]) -> bytes:
    rows = ({
        "urlkey": key(one.url), "timestamp": one.time, "url": one.url, "mime": one.mime, "status": one.status,
        "digest": one.sum, "length": "1", "offset": "1", "filename": "IAH-20160309.arc.gz",
    } for one in found)  # fmt: skip
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


# -- another one ---------------------------------------------------------------------------------------------------
def other(request: Request) -> Reply | None:
    match = re.fullmatch(r"/all/timemap/(link|json)/(https?:/.*)", request.target)
    if not match:
        return played(OTHER, request, "/all/")
    found = of(OTHER, match[2])
    if not found:
        return plain(404)
    if match[1] == "json":
        return Reply(_ndjson(found), type="application/json")
    return Reply(",\n".join(_links(match[2], found)).encode(), type="application/link-format")


def _links(url: str, found: list[Kept]) -> Iterator[str]:
    yield f'<{url}>; rel="original"'
    yield f'<{TIMEMAPS}{url}>; rel="self"; type="application/link-format"'
    yield f'<https://{OTHER}/all/{url}>; rel="timegate"'
    for place, one in enumerate(found):
        rel = "first memento" if place == 0 else "memento"
        at = format_datetime(one.moment, usegmt=True)
        yield f'<https://{OTHER}/all/{one.time}/{one.url}>; rel="{rel}"; datetime="{at}"; collection="all"'


SITES = {WAYBACK: wayback, INDEX: crawl_index, DATA: crawl_data, ARQUIVO: arquivo, OTHER: other}
