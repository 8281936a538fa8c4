"""Copies from web archives, the pure part: which address is the same, what indexes say, which copy is taken, what a
digest proves. Whatever an archive says is a stranger's word."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from preserve.capture.recovery import archive, commoncrawl, desk, digest, mementos, replay, submit, when
from preserve.capture.recovery.address import allowed, same, spelled
from preserve.capture.recovery.archive import Memento, Unusable, playback
from preserve.capture.recovery.arquivo import Arquivo
from preserve.capture.recovery.commoncrawl import CommonCrawl
from preserve.capture.recovery.timemap import TimeMap
from preserve.capture.recovery.wayback import Wayback
from preserve.catalog.holdings import Visits
from preserve.config import Config, HostRule, Recover
from preserve.errors import ConfigError
from preserve.model import Connection, Entry, Exchange
from preserve.network.spool import Spool

URL = "http://www.vdc-sy.info/pdf/report.pdf"
DATE = datetime(2015, 10, 1, tzinfo=UTC)
SUM = "HT2DYGA5UKZCPBSFVCV3JOBXGW2G5UUA"


def exchange(
    body: bytes = b"", status: int = 200, headers: tuple[tuple[str, str], ...] = (), *, chunked: bool = False
) -> Exchange:
    spool = Spool(io.BytesIO)  # type: ignore[arg-type]
    spool.write(body)
    now = datetime.now(UTC)
    connection = Connection("web.archive.org", 443, None, (), None, None)
    return Exchange(
        "https://web.archive.org/", "GET", now, now, connection, b"", b"", b"HTTP/1.1 200 OK\r\n\r\n", status, headers,
        spool, chunked, "", hashlib.sha256(body).hexdigest(),
    )  # fmt: skip


def memento(time: str = "20151002050000", url: str = URL, **more: Any) -> Memento:
    found = archive.moment(time)
    assert found
    return Memento(
        "wayback", found, url, f"https://web.archive.org/web/{time}/{url}", playback("https://x/", 1), **more
    )


# -- the address ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "other",
    [
        "https://vdc-sy.info/pdf/report.pdf", "http://www.vdc-sy.info:80/pdf/report.pdf", "http://VDC-SY.info/pdf/report.pdf#p2",
        "http://www1.vdc-sy.info/pdf/report.pdf/", "http://www.vdc-sy.info/pdf/%72eport.pdf", "http://www.vdc-sy.info./a/../pdf/report.pdf",
    ],
)  # fmt: skip
def test_a_spelling_that_asks_for_the_same_is_the_same(other: str) -> None:
    assert same(URL, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (URL, "http://www.vdc-sy.info/pdf/Report.pdf"),
        (URL, "http://www.vdc-sy.info/pdf/report.pdf?x=1"),
        (URL, "http://other.info/pdf/report.pdf"),
        (URL, "http://www.vdc-sy.info:8080/pdf/report.pdf"),
        (URL, "http://www.vdc-sy.info/pdf%2Freport.pdf"),
        (URL, "javascript:alert(1)"),
        (URL, "ftp://www.vdc-sy.info/pdf/report.pdf"),
        (URL, ""),
        (URL, URL + "x" * 20_000),
        ("https://www.youtube.com/watch?v=aQ0g3x7Zk1M", "https://www.youtube.com/watch?v=AQ0g3x7Zk1M"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1%26b=2"),
        ("https://a.example/#!/one", "https://a.example/"),
        ("https://www.example/", "https://example/"),
    ],
)
def test_what_only_looks_alike_is_another_source(one: str, other: str) -> None:
    assert not same(one, other)


def test_both_spellings_of_an_at_sign_are_one_to_an_archive() -> None:
    assert same("http://eng.mil.ru/more.htm?id=1@egNews", "http://eng.mil.ru/more.htm?id=1%40egNews")
    assert same("https://a.example/تقرير/", "https://a.example/%d8%aa%D9%82%D8%B1%D9%8A%D8%B1")


@pytest.mark.parametrize("host", ["archive.today", "archive.ph", "www.archive.is", "archive.li."])
def test_one_archive_is_never_asked(host: str) -> None:
    assert not allowed(f"https://{host}/20150101000000/{URL}")


def test_no_dots_climb_out_of_the_address_around() -> None:
    assert spelled("http://a.example/%2e%2e/../x#y") == "http://a.example/x"
    assert spelled("http://me:secret@a.example/") == "http://a.example/"
    assert replay.address("https://web.archive.org/web/", "20150101000000", "http://a.example/../../save/x") == (
        "https://web.archive.org/web/20150101000000id_/http://a.example/save/x"
    )


# -- indexes ----------------------------------------------------------------------------------------------------
def cdx(*rows: list[Any]) -> bytes:
    return json.dumps([["timestamp", "original", "mimetype", "statuscode", "digest"], *rows]).encode()


def line(**fields: Any) -> bytes:
    usual = {"timestamp": "20151002050000", "url": URL, "status": "200", "mime": "application/pdf", "digest": SUM}
    crawl = {"filename": "crawl-data/CC-MAIN-2015-40/warc/x.warc.gz", "offset": "17", "length": "900"}
    return json.dumps({**usual, **crawl, **fields}).encode() + b"\n"


def test_a_line_of_wayback_s_index() -> None:
    (one,) = (
        Wayback()
        .parse(cdx(["20151002050000", "http://vdc-sy.info:80/pdf/report.pdf", "application/pdf", "200", SUM]), URL)
        .mementos
    )
    assert (one.time, one.status, one.mime, one.digest) == (
        datetime(2015, 10, 2, 5, tzinfo=UTC),
        200,
        "application/pdf",
        SUM,
    )
    assert one.url == "http://vdc-sy.info:80/pdf/report.pdf"
    assert one.ask.url == "https://web.archive.org/web/20151002050000id_/http://vdc-sy.info/pdf/report.pdf"
    assert one.uri == "https://web.archive.org/web/20151002050000/http://vdc-sy.info/pdf/report.pdf"


@pytest.mark.parametrize(
    "row",
    [
        [], ["2015"], [None, None, None, None, None], ["20151302050000", URL, "-", "200", SUM], ["٢٠١٥١٠٠٢٠٥٠٠٠٠", URL, "-", "200", SUM],
        ["20151002050000", "http://other.example/", "-", "200", SUM], ["20151002050000", "javascript:alert(1)", "-", "200", SUM],
        ["20151002050000", URL, "-", "404", SUM], ["20151002050000", {"a": 1}, "-", "200", SUM], ["20151002050000", URL + "\n", "-", "200", SUM],
    ],
    ids=str,
)  # fmt: skip
def test_a_line_that_is_no_use_is_skipped_and_counted(row: list[Any]) -> None:
    good = ["20151002050000", URL, "application/pdf", "200", SUM]
    found = Wayback().parse(cdx(row, good), URL)
    assert (len(found.mementos), found.rows, found.skipped) == (1, 2, 1)


@pytest.mark.parametrize("data", [b"", b"  \n", b"[]"])
def test_nothing_found_is_no_error(data: bytes) -> None:
    assert Wayback().parse(data, URL).mementos == ()
    assert (
        Arquivo().parse(b"", URL).mementos
        == CommonCrawl().parse(b'{"message": "No Captures found"}', URL).mementos
        == ()
    )


@pytest.mark.parametrize(
    "data", [b"<html>", b'{"a": 1}', b"[1, 2]", b"[[", b"[" * 100_000, b"\xff\xfe", b'"text"', b"NaN"]
)
def test_what_is_no_index_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="did not answer with a list"):
        Wayback().parse(data, URL)


@pytest.mark.parametrize(
    "data",
    [
        b"<html>\n</html>",
        b'{"url": ' + b"[" * 100_000,
        b"{}\n" * 5,
        b'{"url": "' + b"x" * 70_000 + b'"}',
        b"\x00\x01\xff",
    ],
)
def test_lines_that_are_no_json_are_skipped(data: bytes) -> None:
    for one in (Arquivo(), CommonCrawl()):
        found = one.parse(data + b"\n" + line(), URL)
        assert len(found.mementos) == 1 and found.skipped == found.rows - 1


def test_an_index_without_end_is_read_to_a_limit() -> None:
    found = Arquivo().parse(line() * 3 * archive.ROWS, URL)
    assert found.rows == archive.ROWS


@pytest.mark.parametrize(
    "fields",
    [
        {"filename": "../../etc/passwd"}, {"filename": "https://evil.example/x.warc.gz"}, {"filename": "crawl-data/../x.warc.gz"},
        {"filename": "crawl-data/x.arc.gz"}, {"filename": "crawl-data/x y.warc.gz"}, {"filename": ["x"]}, {"filename": None},
        {"offset": "-1"}, {"offset": "x"}, {"offset": None}, {"length": "0"}, {"length": "99999999999"}, {"length": "1e3"},
        {"status": "301"}, {"status": "-"}, {"url": "http://other.example/"}, {"timestamp": 20151002050000},
    ],
    ids=str,
)  # fmt: skip
def test_a_place_that_no_record_can_have_is_not_asked_for(fields: dict[str, Any]) -> None:
    assert CommonCrawl().parse(line(**fields), URL).mementos == ()


def test_a_record_is_asked_for_by_its_place_and_no_more_of_it_is_received() -> None:
    (one,) = CommonCrawl().parse(line(), URL).mementos
    assert one.ask.url == "https://data.commoncrawl.org/crawl-data/CC-MAIN-2015-40/warc/x.warc.gz"
    assert ("Range", "bytes=17-916") in one.ask.how.headers
    assert one.ask.how.limits and one.ask.how.limits.body == 900
    assert one.wrapped == "warc"


CRAWLS = [f"2015-{week}" for week in (11, 22, 35, 40, 48)] + ["2016-07", "2016-18", "2016-30"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (datetime(2015, 10, 1, tzinfo=UTC), ["2015-40", "2015-48", "2016-07", "2016-18", "2016-30"]),
        (datetime(2010, 1, 1, tzinfo=UTC), ["2015-11", "2015-22", "2015-35", "2015-40", "2015-48"]),
        (datetime(2026, 1, 1, tzinfo=UTC), ["2016-30", "2016-18", "2016-07", "2015-48", "2015-40"]),
    ],
)
def test_the_crawl_nearest_to_the_date_and_those_after_it_are_asked(date: datetime, expected: list[str]) -> None:
    listed = [{"cdx-api": f"https://index.commoncrawl.org/CC-MAIN-{name}-index"} for name in CRAWLS]
    asked = CommonCrawl().queries(URL, date, json.dumps(listed).encode())
    assert [one.url.partition("CC-MAIN-")[2].partition("-index")[0] for one in asked] == expected
    assert all("url=http%3A%2F%2Fwww.vdc-sy.info%2Fpdf%2Freport.pdf&" in one.url for one in asked)


@pytest.mark.parametrize(
    "listed",
    [[{}], [1, None], [{"cdx-api": "https://evil.example/CC-MAIN-2015-40-index"}], [{"cdx-api": "http://index.commoncrawl.org/CC-MAIN-2015-40-index"}],
     [{"cdx-api": "https://index.commoncrawl.org/CC-MAIN-2009-2010-index"}], [{"cdx-api": "https://index.commoncrawl.org/CC-MAIN-0000-00-index"}]],
)  # fmt: skip
def test_a_crawl_that_is_none_is_not_asked(listed: list[Any]) -> None:
    assert CommonCrawl().queries(URL, DATE, json.dumps(listed).encode()) == ()


def test_a_list_of_crawls_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError):
        commoncrawl.crawls(b"<html>")


LINKS = f"""<{URL}>; rel="original",
<https://a.example/all/timemap/link/{URL}>; rel="self"; type="application/link-format"; from="Fri, 01 Jan 2010 00:00:00 GMT",
<https://a.example/all/20150101120000/{URL}>; rel="first memento"; datetime="Thu, 01 Jan 2015 12:00:00 GMT",
<https://a.example/all/20160101120000/{URL}>; rel="memento"; datetime="Fri, 01 Jan 2016 12:00:00 GMT"; license="a, b",
<https://archive.ph/20160101120000/{URL}>; rel="memento"; datetime="Fri, 01 Jan 2016 12:00:00 GMT",
<javascript:alert(1)>; rel="memento"; datetime="Fri, 01 Jan 2016 12:00:00 GMT",
<https://a.example/all/20170101120000/{URL}>; rel="memento"; datetime="never",
<https://a.example/versions/7>; rel="last memento"; datetime="Mon, 01 Jan 2018 12:00:00 GMT"
"""


def test_a_timemap_of_links() -> None:
    found = TimeMap("theirs", "https://a.example/all/timemap/link/").parse(LINKS.encode(), URL)
    assert [(f"{one.time:%Y}", one.ask.url) for one in found.mementos] == [
        ("2015", f"https://a.example/all/20150101120000id_/{URL}"),
        ("2016", f"https://a.example/all/20160101120000id_/{URL}"),
        ("2018", "https://a.example/versions/7"),
    ]
    assert found.skipped == 3


def test_timemaps_in_json() -> None:
    listed = {
        "original_uri": URL,
        "mementos": {
            "list": [{"datetime": "2015-01-01T12:00:00Z", "uri": f"https://b.example/web/20150101120000/{URL}"}, {}, 7]
        },
    }
    (one,) = TimeMap("all", "https://all.example/timemap/json/").parse(json.dumps(listed).encode(), URL).mementos
    assert one.ask.url == f"https://b.example/web/20150101120000id_/{URL}"
    (two,) = TimeMap("pywb", "https://c.example/coll/timemap/json/").parse(line() + b"{\n", URL).mementos
    assert (two.ask.url, two.digest) == (f"https://c.example/coll/20151002050000id_/{URL}", SUM)
    with pytest.raises(ValueError):
        TimeMap("none", "https://c.example/").parse(b"no such page", URL)


@pytest.mark.parametrize(
    "hostile", [b"<" * 300_000, b"<a>;" * 100_000, b'<a>;x="' * 60_000, b"<a>" + b" " * 400_000, b"<" + b"a" * 400_000]
)
def test_a_hostile_timemap_takes_no_time(hostile: bytes) -> None:
    began = datetime.now()
    assert TimeMap("x", "https://a.example/").parse(hostile, URL).mementos == ()
    assert (datetime.now() - began).total_seconds() < 2


def test_where_the_address_goes_in_a_timemap() -> None:
    for address in ("https://a.example/tm/", "https://a.example/tm/{url}"):
        (asked,) = TimeMap("x", address).queries("http://b.example/ä?q=1#z", DATE, b"")
        assert asked.url == "https://a.example/tm/http://b.example/%C3%A4?q=1"


def test_the_questions_to_wayback_and_arquivo() -> None:
    (asked,) = Wayback().queries("http://a.example/?x=1&y=ü", DATE, b"")
    assert asked.url.startswith(
        "https://web.archive.org/cdx/search/cdx?url=http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%BC&output=json&fl="
    )
    assert "&sort=closest&closest=20151001000000&limit=100" in asked.url
    assert asked.how.delay == 2.5 and asked.how.limits and asked.how.limits.body == archive.INDEX
    (asked,) = Arquivo().queries(URL, DATE, b"")
    assert asked.url.endswith("&output=json&sort=closest&closest=20151001000000&limit=100") and asked.how.delay == 0.3
    full = archive.Found(rows=100)
    assert Wayback().further(URL, archive.Found(rows=99)) is Arquivo().further(URL, archive.Found(rows=99)) is None
    assert "fastLatest=true&limit=-20" in (Wayback().further(URL, full) or asked).url
    assert "sort=reverse" in (Arquivo().further(URL, full) or asked).url


def test_who_is_asked_is_a_setting() -> None:
    settings = Recover(("arquivo", "wayback", "arquivo"), {"theirs": "https://a.example/"}, "")
    assert [one.name for one in desk.archives(settings)] == ["arquivo", "wayback", "theirs"]
    assert desk.archives(Recover((), {}, "")) == []


# -- which copy -------------------------------------------------------------------------------------------------
def test_the_copy_nearest_to_the_date_comes_first() -> None:
    years = {year: memento(f"{year}0101000000") for year in (2012, 2015, 2016, 2020)}
    assert [f"{one.time:%Y}" for one in mementos.nearest(years.values(), DATE)] == ["2016", "2015", "2012", "2020"]


def test_of_the_same_second_the_true_record_is_better() -> None:
    played, record = memento(status=200), memento(status=200, wrapped="warc")
    assert mementos.nearest([played, record], DATE)[0] is record
    assert mementos.nearest([memento(), played], DATE)[0] is played


def test_later_copies_with_other_content_newest_first() -> None:
    first = memento("20150101000000", digest=SUM)
    others = [
        memento("20140101000000", digest="A" * 32), memento("20160101000000", digest="B" * 32),
        memento("20170101000000", digest=f"sha1:{SUM.lower()}"), memento("20180101000000", digest="C" * 32), memento("20190101000000"),
    ]  # fmt: skip
    assert [f"{one.time:%Y}" for one in mementos.later([first, *others], first)] == ["2019", "2018", "2016"]


def test_a_repetition_counts_as_what_it_repeats() -> None:
    body, again, unknown = (
        memento(status=200, digest=SUM),
        memento("20160101000000", digest=SUM),
        memento("20170101000000", digest="B" * 32),
    )
    twice = memento(digest="C" * 32)
    assert [one.status for one in mementos.resolved([body, again, unknown, twice])] == [200, 200, None]


# -- what came ----------------------------------------------------------------------------------------------------
PLAYED = (
    ("Content-Type", "application/pdf"),
    ("Memento-Datetime", "Fri, 02 Oct 2015 05:00:00 GMT"),
    ("Link", f'<{URL}>; rel="original", <https://web.archive.org/web/timemap/link/{URL}>; rel="timemap"'),
    ("x-archive-orig-server", "Apache"),
    ("X-Archive-Orig-Date", "Fri, 02 Oct 2015 05:00:01 GMT"),
    ("Server", "nginx"),
)


def test_a_copy_is_the_original_s_answer() -> None:
    copy = replay.open_copy(
        memento(digest=SUM), "https://web.archive.org/web/20151002050000id_/x", exchange(b"%PDF", headers=PLAYED)
    )
    assert copy.headers == (
        ("Content-Type", "application/pdf"),
        ("server", "Apache"),
        ("Date", "Fri, 02 Oct 2015 05:00:01 GMT"),
    )
    assert (copy.exchange.url, copy.memento.digest, copy.signals) == (URL, SUM, ())
    assert copy.exchange.header("server") == "Apache"  # never the archive's own


def test_a_copy_of_another_time_is_told_and_has_not_the_digest_of_the_one_asked_for() -> None:
    copy = replay.open_copy(
        memento("20150101000000", digest=SUM), "https://web.archive.org/", exchange(b"%PDF", headers=PLAYED)
    )
    assert (copy.memento.time, copy.memento.digest) == (datetime(2015, 10, 2, 5, tzinfo=UTC), None)
    assert copy.signals == ("the archive gave its copy of 2015-10-02 05:00:00, not that of 2015-01-01 00:00:00",)


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (404, PLAYED, "status 404"),
        (302, PLAYED, "status 302"),
        (200, (), "does not say when"),
        (200, (("Memento-Datetime", "yesterday"),), "does not say when"),
        (200, (("Memento-Datetime", "x" * 10_000),), "does not say when"),
        (
            200,
            (*PLAYED[:2], ("Link", '<http://evil.example/>; rel="original"')),
            "another address, http://evil.example/",
        ),
    ],
)
def test_an_answer_that_is_no_copy(status: int, headers: tuple[tuple[str, str], ...], words: str) -> None:
    with pytest.raises(Unusable, match=words):
        replay.open_copy(memento(), "https://web.archive.org/", exchange(b"x", status, headers))


def test_playback_that_leads_to_another_address_or_away_is_no_copy() -> None:
    headers = PLAYED[:2]
    with pytest.raises(Unusable, match="another address"):
        Wayback().open(
            memento(),
            "https://web.archive.org/web/20151002050000id_/http://evil.example/",
            exchange(b"x", headers=headers),
        )
    with pytest.raises(Unusable, match=r"led to https://evil.example"):
        Wayback().open(memento(), "https://evil.example/web/20151002050000id_/" + URL, exchange(b"x", headers=headers))
    with pytest.raises(Unusable, match=r"led to"):
        TimeMap("x", "https://a.example/").open(memento(), "https://archive.ph/abc", exchange(b"x", headers=headers))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SUM, SUM), (SUM.lower(), SUM), (f"sha1:{SUM}", SUM), ("sha-1:" + SUM, SUM), (base64.b32decode(SUM).hex(), SUM), ("", None),
        (None, None), ("-", None), ("sha256:" + "0" * 64, None), (SUM + "A", None), ("A" * 100_000, None), ("١" * 32, None),
    ],
)  # fmt: skip
def test_digests_as_archives_spell_them(text: str | None, expected: str | None) -> None:
    assert digest.plain(text) == expected


def test_the_sum_is_taken_of_the_body_and_of_what_it_means() -> None:
    body = b"what was said" * 100
    zipped = gzip.compress(body, mtime=0)
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(zipped), zipped)
    coded = (("Content-Encoding", "gzip"),)
    sums = {
        "payload": digest.base32(hashlib.sha1(zipped).digest()),
        "content": digest.base32(hashlib.sha1(body).digest()),
    }
    assert digest.sha1s(exchange(zipped, headers=coded)) == sums
    assert digest.sha1s(exchange(framed, headers=coded, chunked=True)) == sums
    assert digest.sha1s(exchange(body)) == {"payload": sums["content"]}
    assert digest.sha1s(exchange(zipped[:-4], headers=coded)).keys() == {"payload"}
    assert digest.sha1s(exchange(b"5\r\nxx", chunked=True)) == {}


# -- a record of Common Crawl -------------------------------------------------------------------------------------
def record(body: bytes = b"%PDF-1.4", head: str = "Content-Type: application/pdf\r\n", **fields: str) -> bytes:
    block = f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body
    lines = {
        "WARC-Type": "response", "WARC-Date": "2015-10-02T05:00:00Z", "WARC-Record-ID": "<urn:uuid:0>", "WARC-Target-URI": URL,
        "Content-Type": "application/http; msgtype=response", "Content-Length": str(len(block)),
        "WARC-Payload-Digest": "sha1:" + digest.base32(hashlib.sha1(body).digest()),
        "WARC-Block-Digest": "sha1:" + digest.base32(hashlib.sha1(block).digest()),
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }  # fmt: skip
    return gzip.compress(
        b"WARC/1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n" + block + b"\r\n\r\n",
        mtime=0,
    )


def opened(data: bytes, status: int = 206, *, truncated: str | None = None) -> archive.Copy:
    came = replace(exchange(data, status), truncated=truncated)
    return CommonCrawl().open(memento(wrapped="warc"), "https://data.commoncrawl.org/x", came)


def test_the_crawler_s_record_is_the_original_s_answer() -> None:
    copy = opened(
        record(b"%PDF-1.4 text", "Content-Type: application/pdf\r\nContent-Encoding: gzip\r\nServer: Apache\r\n")
    )
    assert b"".join(copy.exchange.body.blocks()) == b"%PDF-1.4 text"
    assert copy.exchange.body.size == 13
    assert copy.headers == (("Content-Type", "application/pdf"), ("Content-Encoding", "gzip"), ("Server", "Apache"))
    assert copy.exchange.header("content-encoding") is None  # the crawler has undone it
    assert (copy.doubtful, copy.signals, copy.exchange.truncated) == (False, (), None)
    assert copy.sha1s["payload"] == digest.base32(hashlib.sha1(b"%PDF-1.4 text").digest())


def test_a_record_that_contradicts_itself_proves_nothing() -> None:
    copy = opened(record(WARC_Payload_Digest=f"sha1:{SUM}"))
    assert copy.doubtful and copy.signals == ("the record's own digest of its payload does not match",)
    assert opened(record(WARC_Block_Digest=f"sha1:{SUM}")).doubtful


def test_what_the_crawler_cut_is_not_whole() -> None:
    assert opened(record(WARC_Truncated="length")).exchange.truncated == "length"
    assert opened(record(WARC_Truncated="anything")).exchange.truncated == "unspecified"


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (record(), 200, "whole file"),
        (record(), 403, "status 403"),
        (record(WARC_Target_URI="http://evil.example/"), 206, "another address"),
        (record(WARC_Date="2016-10-02T05:00:00Z"), 206, "another time"),
        (record(WARC_Date="soon"), 206, "another time"),
        (record(WARC_Type="request"), 206, "no readable record"),
        (record()[:-9], 206, "no readable record"),
        (record() + record(), 206, "no readable record"),
        (gzip.compress(b"hello", mtime=0), 206, "no readable record"),
        (b"hello", 206, "no readable record"),
        (b"", 206, "no readable record"),
        (record(Content_Length="99"), 206, "no readable record"),
        (gzip.compress(b"WARC/1.0\r\n" + bytes(100 * 1024 * 1024), mtime=0), 206, "no readable record"),
    ],
)
def test_an_answer_that_is_not_the_record(data: bytes, status: int, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        opened(data, status)


# -- when archives are asked --------------------------------------------------------------------------------------
def entry(outcome: str, reason: str, seq: int = 0, kind: str = "capture", **fields: Any) -> Entry:
    usual = {"outcome": outcome, "reason": reason, "source": URL, "request_url": URL, "key": URL, "hops": []}
    return Entry(seq, kind, "0" * 32, "2026-11-22T12:00:00.000000Z", "0" * 32, {**usual, **fields})


def visits(*before: Entry) -> Visits:
    return Visits(
        URL, [one for one in before if one.type == "capture"], [one for one in before if one.type == "import"]
    )


LOST, BLOCKED, DOWN = entry("lost", "gone"), entry("blocked", "bot-challenge"), entry("failed", "timeout")


@pytest.mark.parametrize(
    ("capture", "before", "expected"),
    [
        (LOST, (), True),
        (entry("lost", "parked"), (LOST,), True),
        (entry("captured", "ok"), (), False),
        (BLOCKED, (), False),
        (BLOCKED, (LOST,), False),
        (BLOCKED, (LOST, DOWN), True),
        (DOWN, (DOWN, DOWN), True),
        (DOWN, (DOWN,), False),
        (DOWN, (entry("captured", "ok"), DOWN, DOWN), False),
        (LOST, (entry("captured", "partial"),), False),
        (LOST, (LOST, entry("recovered", "memento", 1, "import")), False),
        (LOST, (LOST, entry("lost", "gone", 1, "import")), True),
        (entry("failed", "offline"), (DOWN, DOWN, DOWN), False),
        (entry("failed", "malformed"), (DOWN, DOWN, DOWN), False),
        (entry("refused", "robots"), (DOWN, DOWN, DOWN), False),
    ],
)
def test_archives_are_asked_where_something_is_missing(
    capture: Entry, before: tuple[Entry, ...], *, expected: bool
) -> None:
    assert when.wanted(Config(), capture, visits(*before) if before else None) is expected


@pytest.mark.parametrize(
    "config",
    [Config(recover=Recover((), {}, "")), Config(host={"*.vdc-sy.info": HostRule(recover=False)})],
)
def test_archives_are_not_asked_where_the_settings_say_so(config: Config) -> None:
    assert not when.wanted(config, LOST, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"request_url": "http://localhost/x"}, {"request_url": "http://intranet/case"}, {"request_url": "http://10.0.0.7/"},
        {"request_url": "http://[::1]/"}, {"request_url": "http://abcdefghijklmnop.onion/"},
        {"hops": [{"ip": "192.168.1.4", "resolved": []}]}, {"hops": [{"ip": None, "resolved": ["127.0.0.1"]}]},
    ],
    ids=str,
)  # fmt: skip
def test_no_name_of_a_private_network_is_told_to_an_archive(fields: dict[str, Any]) -> None:
    assert not when.wanted(Config(), entry("lost", "gone", **fields), None)


# -- Save Page Now --------------------------------------------------------------------------------------------------
def test_keys_are_read_from_where_the_settings_say(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").write_text("abc:def\n")
    monkeypatch.setenv("SPN", "uvw:xyz")
    for reference, expected in (("", ""), ("file:keys", "abc:def"), ("env:SPN", "uvw:xyz")):
        assert submit.keys(Config(folder=tmp_path, recover=Recover((), {}, reference))) == expected
    (tmp_path / "bad").write_text("no-colon\nX-Injected: 1")
    for reference in ("file:none", "env:NONE", "file:bad"):
        with pytest.raises(ConfigError) as error:
            submit.keys(Config(folder=tmp_path, recover=Recover((), {}, reference)))
        assert "no-colon" not in str(error.value)


def test_rates_are_below_those_that_the_archives_publish() -> None:
    (cdx_query,) = Wayback().queries(URL, DATE, b"")
    (first, *_) = Wayback().parse(cdx(["20151002050000", URL, "-", "200", SUM]), URL).mementos
    (crawl,) = CommonCrawl().parse(line(), URL).mementos
    (portuguese,) = Arquivo().queries(URL, DATE, b"")
    delays = [one.how.delay or 0 for one in (cdx_query, first.ask, crawl.ask, CommonCrawl().catalog, portuguese)]
    minute = timedelta(minutes=1).total_seconds()
    assert [round(minute / delay) for delay in delays] == [24, 120, 60, 60, 200]
    assert minute / submit.DELAY == 12
