"""What a stream is made of: playlists and formats as platforms write them, and as an attacker would."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from preserve.capture.video import pieces
from preserve.capture.video.pieces import Key, Piece, playlist, stream
from preserve.errors import FetchError

BASE = "https://media.example.org/film/list.m3u8?token=1"
AT = "https://media.example.org/film/"


def of(*lines: str) -> pieces.Playlist:
    return playlist("\n".join(("#EXTM3U", *lines)), BASE)


def fault(*lines: str) -> str:
    with pytest.raises(FetchError) as refused:
        of(*lines)
    assert refused.value.message.isprintable()
    return refused.value.reason


# -- playlists ---------------------------------------------------------------------------------------------------------
def test_segments_stand_in_their_order_wherever_they_lie() -> None:
    found = of(
        "#EXT-X-MEDIA-SEQUENCE:7",
        "#EXTINF:2,",
        "a.ts?x=1",
        "",
        "/b.ts",
        "//other.example/c.ts",
        "http://x.example/d.ts",
    )
    assert found.pieces == (
        Piece(f"{AT}a.ts?x=1", number=7),
        Piece("https://media.example.org/b.ts", number=8),
        Piece("https://other.example/c.ts", number=9),
        Piece("http://x.example/d.ts", number=10),
    )  # fmt: skip


@pytest.mark.parametrize("start", ["#EXTM3U\n", "\ufeff#EXTM3U\r\n", "#EXTM3U\r"])
def test_a_playlist_may_begin_with_a_mark_and_end_its_lines_in_any_way(start: str) -> None:
    assert playlist(f"{start}a.ts\r\n b.ts \n#EXT-X-ENDLIST", BASE).pieces == (
        Piece(f"{AT}a.ts", number=0),
        Piece(f"{AT}b.ts", number=1),
    )


def test_byte_ranges_follow_each_other_where_they_do_not_say_where_they_begin() -> None:
    found = of(
        "#EXT-X-BYTERANGE:10@5", "a.mp4", "#EXT-X-BYTERANGE:20", "a.mp4", "#EXT-X-BYTERANGE:1@100", "a.mp4", "b.mp4"
    )
    assert [(one.first, one.last) for one in found.pieces] == [(5, 14), (15, 34), (100, 100), (None, None)]  # fmt: skip


MAPS = [
    ('URI="init.mp4"', Piece(f"{AT}init.mp4")),
    ('URI="init.mp4",BYTERANGE="720@0"', Piece(f"{AT}init.mp4", 0, 719)),
    ('BYTERANGE="720@30",URI="a,b=c.mp4"', Piece(f"{AT}a,b=c.mp4", 30, 749)),
    ('URI="init.mp4",BYTERANGE="9"', Piece(f"{AT}init.mp4", 0, 8)),
]


@pytest.mark.parametrize(("written", "expected"), MAPS)
def test_what_comes_before_the_segments_is_a_piece_without_a_number(written: str, expected: Piece) -> None:
    assert of(f"#EXT-X-MAP:{written}", "a.m4s").pieces == (expected, Piece(f"{AT}a.m4s", number=0))


def test_a_key_holds_until_the_next_one_and_its_vector_is_the_number_of_the_segment() -> None:
    found = of(
        "#EXT-X-MEDIA-SEQUENCE:258", '#EXT-X-KEY:METHOD=AES-128,URI="k1"', "a.ts", "b.ts",
        '#EXT-X-KEY:METHOD=AES-128,URI="k2",IV=0X0f,KEYFORMAT="identity"', "c.ts", "d.ts", "#EXT-X-KEY:METHOD=NONE", "e.ts",
    )  # fmt: skip
    number = [n.to_bytes(16) for n in (258, 259, 15, 15)]
    keys = [Key(f"{AT}{name}", iv) for name, iv in zip(("k1", "k1", "k2", "k2"), number, strict=True)]
    assert [one.key for one in found.pieces] == [*keys, None]


@pytest.mark.parametrize("last", ["", "#EXT-X-ENDLIST"])
def test_a_playlist_says_whether_more_will_follow_and_how_soon(last: str) -> None:
    found = of("#EXT-X-TARGETDURATION:6", "a.ts", last)
    assert (found.ended, found.seconds) == (bool(last), 6.0)


@pytest.mark.parametrize("written", ["nan", "-5", "inf", "1e308", "0"])
def test_no_playlist_makes_us_wait_for_ever_or_not_at_all(written: str) -> None:
    assert of(f"#EXT-X-TARGETDURATION:{written}").seconds in (0.0, 60.0)


REFUSED = {
    "SAMPLE-AES": ('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"', "no-media"),
    "SAMPLE-AES-CTR": ('#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="k"', "no-media"),
    "a key of a DRM system": ('#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="com.apple.streamingkeydelivery"', "no-media"),
    "a key without a method": ('#EXT-X-KEY:URI="k"', "no-media"),
    "a key without an address": ("#EXT-X-KEY:METHOD=AES-128\na.ts", "no-media"),
    "a list of streams": ("#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8", "no-media"),
    "a vector of 100 digits": (f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x{"f" * 100}', "malformed"),
    "a negative vector": ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=-0x1', "malformed"),
    "an empty vector": ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=', "malformed"),
    "a vector in words": ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV="now"', "malformed"),
    "a negative number": ("#EXT-X-MEDIA-SEQUENCE:-1", "malformed"),
    "a number of 5,000 digits": ("#EXT-X-MEDIA-SEQUENCE:" + "9" * 5000, "malformed"),
    "a number of another script": ("#EXT-X-MEDIA-SEQUENCE:٣", "malformed"),
    "a number with underscores": ("#EXT-X-MEDIA-SEQUENCE:1_0", "malformed"),
    "no number": ("#EXT-X-MEDIA-SEQUENCE:", "malformed"),
    "a negative length": ("#EXT-X-BYTERANGE:-5@10", "malformed"),
    "a negative start": ("#EXT-X-BYTERANGE:5@-10", "malformed"),
    "a range without a byte": ("#EXT-X-BYTERANGE:0@10", "malformed"),
    "a range that is none": ("#EXT-X-BYTERANGE:@", "malformed"),
    "a range of 100 digits": ("#EXT-X-BYTERANGE:" + "9" * 100, "malformed"),
    "a negative range of what comes first": ('#EXT-X-MAP:URI="i",BYTERANGE="-1@0"', "malformed"),
    "a length that is none": ("#EXT-X-TARGETDURATION:soon", "malformed"),
    "an address that is none": ("http://[::1/a.ts", "malformed"),
    "an address of a key that is none": ('#EXT-X-KEY:METHOD=AES-128,URI="//["\na.ts', "malformed"),
    "an address of what comes first that is none": ('#EXT-X-MAP:URI="//["', "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_said_and_nothing_of_it_is_guessed(name: str) -> None:
    lines, reason = REFUSED[name]
    assert fault(lines) == reason


@pytest.mark.parametrize("text", ["", "\n", "<html>no such film</html>", "#EXTINF:1,\na.ts", " #EXTM3U\na.ts", "\0"])
def test_a_page_is_no_playlist(text: str) -> None:
    with pytest.raises(FetchError) as refused:
        playlist(text, BASE)
    assert refused.value.reason == "no-media"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    assert pieces.MAX_FRAGMENTS == 100_000
    monkeypatch.setattr(pieces, "MAX_FRAGMENTS", 50)
    return 50


def test_a_list_without_end_is_left_at_its_limit(few: int) -> None:
    assert len(of("a.ts\n" * few).pieces) == few
    assert fault("a.ts\n" * (few + 1)) == "limit"
    assert fault('#EXT-X-MAP:URI="i"\n' * (few + 1)) == "limit", "what comes first counts too"


LONG = 1 << 20
LINES = {
    "a name": "#EXT-X-KEY:" + "A" * LONG,
    "names without values": "#EXT-X-MAP:" + "A=" * LONG + '"',
    "quotes": '#EXT-X-MAP:A="' + ',A="x' * LONG,
    "commas": "#EXT-X-MAP:" + "," * LONG,
    "a tag": "#EXT" + "-" * LONG,
    "a range": "#EXT-X-BYTERANGE:" + "@" * LONG,
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_a_megabyte_is_read_in_linear_time(name: str) -> None:
    began = time.process_time()
    try:
        of(LINES[name])
    except FetchError as refused:
        assert len(refused.message) < 300
    assert time.process_time() - began < 3, "quadratic, it takes minutes"


# -- formats -----------------------------------------------------------------------------------------------------------
FORMAT: dict[str, Any] = {
    "format_id": "136", "protocol": "https", "url": "https://r1.example/videoplayback?lmt=1443600000000000&x=1", "ext": "mp4",
    "vcodec": "avc1.4d401f", "acodec": "none", "filesize": 26_214_400, "width": 1280, "height": 720, "fps": 29.97, "tbr": 1234.5678,
    "http_headers": {"User-Agent": "x", "Cookie": "secret", "Range": "bytes=0-", "ACCEPT-ENCODING": "br", "Host": "evil"},
}  # fmt: skip


def test_a_format_becomes_a_stream() -> None:
    found = stream(FORMAT)
    assert (found.format, found.role, found.kind, found.extension) == ("136", "video", "file", "mp4")
    assert found.headers == (("User-Agent", "x"),), "what the network layer says itself is not said twice"
    assert found.marks == {"format": "136", "bytes": 26_214_400, "last_modified": "1443600000000000"}
    assert found.facts == {
        "format": "136", "width": 1280, "height": 720, "fps": 30, "bitrate": 1_234_568, "vcodec": "avc1.4d401f",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [("http", "file"), ("https", "file"), ("m3u8", "hls"), ("m3u8_native", "hls"), ("http_dash_segments", "dash")],
)
def test_each_protocol_has_its_way(protocol: str, kind: str) -> None:
    assert stream(FORMAT | {"protocol": protocol}).kind == kind


REFUSED_PROTOCOLS = [
    "rtmp", "mms", "rtsp", "ism", "f4m", "ftp", "file", "mhtml", "websocket_frag", "bilibili", "https+https", "HTTPS", "", None, 7,
]  # fmt: skip


@pytest.mark.parametrize("protocol", REFUSED_PROTOCOLS)
def test_another_protocol_is_refused(protocol: Any) -> None:
    with pytest.raises(FetchError) as refused:
        stream(FORMAT | {"protocol": protocol})
    assert refused.value.reason == "no-media"


@pytest.mark.parametrize("address", [None, ""])
def test_a_format_without_an_address_is_refused(address: Any) -> None:
    with pytest.raises(FetchError):
        stream(FORMAT | {"url": address})
    with pytest.raises(FetchError):
        stream({key: value for key, value in FORMAT.items() if key != "url"})


def test_a_format_that_says_almost_nothing_is_taken_for_a_picture() -> None:
    found = stream({"protocol": "https", "url": "https://x.example/"})
    assert (found.role, found.extension, found.headers, found.bytes) == ("video", "bin", (), None)
    assert found.marks == {"format": "None", "bytes": None, "last_modified": None}


ODD = [float("nan"), float("inf"), -1, -0.5, 2**60, 1e308, True, "1280", "x" * 1000, [], {}, None, b"7"]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_numbers_that_are_none_are_left_out(value: Any) -> None:
    names = ("width", "height", "fps", "tbr", "duration")
    assert pieces.facts(FORMAT | dict.fromkeys(names, value)) == {"format": "136", "vcodec": "avc1.4d401f"}
    assert stream(FORMAT | {"filesize": value}).bytes is None


def test_facts_are_whole_numbers_and_short_texts() -> None:
    odd = {"width": 0.4, "height": 719.6, "fps": 23.976, "tbr": 0.0004, "duration": 3.0005, "format_id": 1.5, "language": 2.5,
           "vcodec": "v" * 1000, "acodec": 3.5}  # fmt: skip
    found = pieces.facts(odd)
    assert all(isinstance(value, int) or (isinstance(value, str) and len(value) <= 80) for value in found.values())
    assert (found["height"], found["fps"], found["duration_ms"]) == (720, 24, 3000)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x/videoplayback?lmt=1443600000000000", "1443600000000000"),
        ("https://x/videoplayback/lmt/1443600000000000/file/a.ts", "1443600000000000"),
        ("https://x/?xlmt=1443600000000000", None),
        ("https://x/?lmt=123456789012345678901", None),
        ("https://x/?lmt=now", None),
    ],
)
def test_youtube_says_in_the_address_when_a_stream_was_made(url: str, expected: str | None) -> None:
    assert stream(FORMAT | {"url": url}).last_modified == expected


DASH = FORMAT | {"protocol": "http_dash_segments", "fragment_base_url": "https://x.example/dash/"}


def test_the_fragments_of_dash_are_named_by_address_or_path() -> None:
    named = [{"url": "https://y.example/init"}, {"path": "1.m4s"}, {"path": "/2.m4s"}, {"path": "https://z.example/3"}]
    found = [Piece("https://y.example/init"), Piece("https://x.example/dash/1.m4s"), Piece("https://x.example/2.m4s")]
    found.append(Piece("https://z.example/3"))
    assert list(stream(DASH | {"fragments": named}).pieces) == found
    assert list(stream(DASH | {"fragments": lambda context: iter(named)}).pieces) == found
    assert stream(DASH).pieces == ()


@pytest.mark.parametrize("fragment", [{"path": "//["}, None, "a.m4s", 7])
def test_a_fragment_without_an_address_is_no_crash(fragment: Any) -> None:
    with pytest.raises(FetchError) as refused:
        stream(DASH | {"fragments": [fragment]})
    assert refused.value.reason == "malformed"


def test_dash_without_end_is_left_at_its_limit(few: int) -> None:
    def endless(context: Any) -> Any:
        while True:
            yield {"path": "a.m4s"}

    with pytest.raises(FetchError) as refused:
        stream(DASH | {"fragments": endless})
    assert refused.value.reason == "limit"


def test_marks_tell_what_the_platform_says_and_nothing_else() -> None:
    one, other = stream(FORMAT), stream(FORMAT | {"url": "https://r9.example/videoplayback?lmt=1443600000000000&x=2"})
    assert one.marks == other.marks, "addresses are signed anew for each visit"
    assert replace(one, bytes=1).marks != one.marks
