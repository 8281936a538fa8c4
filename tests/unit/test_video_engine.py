"""yt-dlp behind our door: whatever it asks goes out there, whatever it raises is an outcome, whatever it finds travels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yt_dlp.globals
from yt_dlp.networking.common import HEADRequest, PATCHRequest, PUTRequest, Request
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError
from yt_dlp.networking.impersonate import ImpersonateTarget
from yt_dlp.utils import ExtractorError, GeoRestrictedError, UnsupportedError

from preserve.capture.video import engine, found, handler
from preserve.capture.video.engine import Engine, EngineError
from preserve.capture.video.worker import Head
from preserve.errors import FetchError
from tests.universe.faults import zeros

Asked = tuple[str, str, dict[str, str], bytes]
VIDEO = {"max_height": 0, "comments": 0}
JOB = {"url": "https://films.example.org/page", "key": "web:page", "video": VIDEO, "agent": ""}


class Door:
    """Answers from a table; `asked` is all that ever left."""

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], Any]] | None = None) -> None:
        self.answers, self.asked, self.closed = answers or {}, list[Asked](), list[int]()

    def ask(self, url: str, method: str, headers: tuple[tuple[str, str], ...], content: bytes) -> Head:
        self.asked.append((method, url, dict(headers), content))
        status, fields, _ = self.answers.get(url, (200, {}, b""))
        return Head(len(self.asked), status, tuple(fields.items()))

    def body(self, head: Head) -> Iterator[bytes]:
        body = self.answers.get(self.asked[head.number - 1][1], (200, {}, b"x"))[2]
        yield from [body] if isinstance(body, bytes) else body()

    def close(self, head: Head) -> None:
        self.closed.append(head.number)


def opened(door: Door) -> Engine:
    return Engine(door, VIDEO, "")  # type: ignore[arg-type]


# -- the only way out --------------------------------------------------------------------------------------------------
def test_there_is_one_handler_and_no_plugin() -> None:
    made = opened(Door())
    assert [type(one).__name__ for one in made._request_director.handlers.values()] == ["RecordedRH"]
    assert yt_dlp.globals.plugin_dirs.value == [] and yt_dlp.globals.all_plugins_loaded.value
    assert not yt_dlp.globals.plugin_ies.value and not yt_dlp.globals.plugin_pps.value
    assert made.params["proxy"] == "" and made.params["cachedir"] is False
    assert not {"cookiefile", "cookiesfrombrowser", "usenetrc", "netrc_cmd", "exec_cmd"} & made.params.keys()


@pytest.mark.parametrize(
    ("kind", "method"), [(Request, "GET"), (HEADRequest, "HEAD"), (PUTRequest, "PUT"), (PATCHRequest, "PATCH")]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_request_leaves_by_the_door(kind: type[Request], method: str, scheme: str) -> None:
    door = Door()
    data = None if method in ("GET", "HEAD") else b"content"
    assert opened(door).urlopen(kind(f"{scheme}://a.example/x", data=data)).status == 200
    ((asked, url, headers, content),) = door.asked
    assert (asked, url, content) == (method, f"{scheme}://a.example/x", data or b"")
    assert not {"host", "content-length", "connection"} & {name.lower() for name in headers}  # fmt: skip


OTHERS = ["ws://a.example/", "wss://a.example/", "file:///etc/passwd", "ftp://a.example/", "data:text/plain,x", "rtmp://a.example/", "HTTPX://a/"]  # fmt: skip


@pytest.mark.parametrize("url", OTHERS)
def test_no_other_scheme_is_asked_for(url: str) -> None:
    door = Door()
    with pytest.raises((RequestError, OSError, ValueError)):
        opened(door).urlopen(url)
    assert not door.asked


def test_no_browser_is_forged_and_no_proxy_is_used() -> None:
    door = Door()
    with pytest.raises(Exception, match="impersonat"):
        opened(door).urlopen(Request("https://a.example/", extensions={"impersonate": ImpersonateTarget("chrome")}))
    assert not door.asked
    opened(door).urlopen(Request("https://a.example/", proxies={"all": "http://10.0.0.1:9"}))
    assert [asked[1] for asked in door.asked] == ["https://a.example/"], "through the network layer as all else"


def test_its_extractors_are_asked_in_its_order() -> None:
    theirs = yt_dlp.YoutubeDL({"quiet": True}, auto_init="no_verbose_header")
    assert list(opened(Door())._ies) == list(theirs._ies)


PEERTUBE = "https://tilvids.com/videos/embed/kkGMgK9ZtnKfYAgnEtQxbv"


@pytest.mark.parametrize(
    ("page", "owners"),
    [
        (f'<iframe width="9" src="{PEERTUBE}"></iframe>', {"PeerTube"}),
        ('<iframe src="https://rutube.ru/play/embed/9436ec3d8d5f4e4b8f8b8b8b8b8b8b8b">', {"Rutube"}),
        (f"<p>{PEERTUBE}</p>", set()),
    ],
)
def test_a_player_of_another_site_is_known_on_a_page(page: str, owners: set[str]) -> None:
    generic = opened(Door()).get_info_extractor("Generic")
    found = generic._extract_embeds("https://films.example.org/page", page)
    assert {one["ie_key"] for one in found} == owners


# -- redirects, cookies, bodies ----------------------------------------------------------------------------------------
def led(status: int, to: str) -> Door:
    return Door({"https://a.example/": (status, {"Location": to, "Set-Cookie": "own=1"}, b"")})


def test_secrets_and_cookies_stay_with_their_host() -> None:
    door = led(302, "https://b.example/")
    opened(door).urlopen(Request("https://a.example/", headers={"Authorization": "secret", "X-Other": "kept"}))
    here, there = (asked[2] for asked in door.asked)
    assert here["Authorization"] == "secret"
    assert there["X-Other"] == "kept" and not {"Authorization", "Cookie"} & there.keys()
    door = led(302, "https://a.example/next")
    opened(door).urlopen("https://a.example/")
    assert door.asked[1][2]["Cookie"] == "own=1", "so this can fail"


@pytest.mark.parametrize(
    ("status", "method", "content"), [(303, "GET", b""), (302, "GET", b""), (307, "POST", b"secret")]
)
def test_a_post_is_repeated_only_where_the_answer_says_so(status: int, method: str, content: bytes) -> None:
    door = led(status, "/next")
    opened(door).urlopen(Request("https://a.example/", data=b"secret", headers={"Content-Type": "text/plain"}))
    assert (door.asked[1][0], door.asked[1][3]) == (method, content)
    assert ("Content-Type" in door.asked[1][2]) == bool(content)


@pytest.mark.parametrize("to", ["https://a.example/", "/", ""])
def test_redirects_come_to_an_end(to: str) -> None:
    door = led(302, to)
    with pytest.raises(HTTPError):
        opened(door).urlopen("https://a.example/")
    assert len(door.asked) == (handler.REDIRECTS + 1 if to else 1)


def endless() -> Iterator[bytes]:
    while True:
        yield bytes(1 << 20)


@pytest.mark.parametrize(("coding", "body"), [("identity", endless), ("gzip", zeros(200 << 20))])
def test_no_answer_fills_the_memory(coding: str, body: Any) -> None:
    door = Door({"https://a.example/": (200, {"Content-Encoding": coding}, body)})
    response = opened(door).urlopen("https://a.example/")
    with pytest.raises(TransportError):
        response.read()


def test_an_answer_may_be_read_in_parts_up_to_the_same_limit() -> None:
    response = opened(Door({"https://a.example/": (200, {}, endless)})).urlopen("https://a.example/")
    taken = 0
    with pytest.raises(TransportError):
        while True:
            taken += len(response.read(1 << 20))
    assert handler.READ - (2 << 20) < taken <= handler.READ


# -- whatever it raises ------------------------------------------------------------------------------------------------
RAISED = [
    KeyError("formats"), RecursionError("maximum"), MemoryError(), AttributeError("'NoneType'"), AssertionError(), StopIteration(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), OSError(28, "No space"), FetchError("error", "x"), ZeroDivisionError(),
    ExtractorError("it is \ud800 gone", expected=True), GeoRestrictedError("not here"), UnsupportedError("https://x.example"),
]  # fmt: skip


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_an_extractor_raises_is_said(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Engine, "extract_info", fail)
    with pytest.raises(EngineError) as told:
        engine.find(Door(), JOB)  # type: ignore[arg-type]
    assert told.value.kind == type(error).__name__
    assert str(told.value)


def test_the_end_of_the_program_is_no_failure_of_a_film(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise SystemExit(0)

    monkeypatch.setattr(Engine, "extract_info", gone)
    with pytest.raises(SystemExit):
        engine.find(Door(), JOB)  # type: ignore[arg-type]


# -- whatever it finds -------------------------------------------------------------------------------------------------
HALF = "half \ud800 of a character"
INFO: dict[str, Any] = {
    "id": HALF, "title": HALF, "extractor_key": HALF, "extractor": "x", "url": "https://a.example/x", "ext": "mp4",
    "description": HALF, "uploader": HALF, "webpage_url": "https://a.example/x", "thumbnails": [{"url": "https://a.example/x"}],
    "subtitles": {HALF: [{"url": "https://a.example/x", "ext": HALF}]}, "tags": [HALF, {HALF: (HALF,)}], "duration": 3.25,
    "http_headers": {"Referer": HALF}, "format_id": HALF, "vcodec": HALF, "language": HALF, "view_count": 7.5,
}  # fmt: skip


def finds(monkeypatch: pytest.MonkeyPatch, *results: Any) -> Callable[[], found.Found]:
    answers = iter(results)
    monkeypatch.setattr(Engine, "extract_info", lambda *_, **__: next(answers))
    return lambda: engine.find(Door(), JOB)  # type: ignore[arg-type, return-value]


def test_half_a_character_does_not_reach_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    one = finds(monkeypatch, INFO)()
    sent = json.dumps(one.as_json(), ensure_ascii=False).encode()  # raises where one is left
    assert found.read(json.loads(sent)).films[0].streams[0].facts["vcodec"] == HALF.replace("\ud800", "?")


def test_what_leads_in_circles_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    circle = {"_type": "url", "url": "https://a.example/again"}
    assert finds(monkeypatch, *[circle] * 50)().films == ()


@pytest.mark.parametrize("key", ["Generic", "Gallery"])
def test_a_list_without_end_is_left_at_its_limit(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(engine, "LISTED", 30)
    entries = ({**INFO, "id": str(number), "_type": "video"} for number in iter(int, 1))
    one = finds(monkeypatch, {"_type": "playlist", "id": "x", "extractor_key": key, "entries": entries})()
    assert len(one.films) == (engine.ON_PAGE if key == "Generic" else 0)
    assert [len(each.entries) for each in one.lists] == ([] if key == "Generic" else [30])


@pytest.mark.parametrize("result", [None, {}, {"_type": "playlist", "entries": None}, {"_type": "nonsense"}])
def test_nothing_is_found_in_nothing(monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    one = finds(monkeypatch, result)()
    assert not one.films and not one.elsewhere
