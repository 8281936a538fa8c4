"""VK's challenge: recognised, its script evaluated in a process of its own, and passed once for all who meet it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from hashlib import md5
from types import SimpleNamespace
from typing import Any

import pytest

from preserve.capture import challenge
from preserve.capture.challenge import Passes, Unsolved, met, script
from preserve.capture.video import puzzle
from preserve.capture.video.process import Worker, Workers
from preserve.network.cookies import Jar
from preserve.network.session import Hop, Visit
from tests.unit.test_video_worker import SAY

POST, WALL = "https://vk.com/wall-1_2", "https://vk.com/challenge.html?hash429=ab%2Bcd"
SALT = "universe"
PAGE = f"<script>var salt = (function() {{ return '{SALT}'; }})(); var hash = 'x';</script>"
COOKIE = ("Set-Cookie", "solution429=open; path=/; domain=.vk.com; secure")
SAYS = f"say('solved', text='{SALT}')\n"


def visit(url: str, body: str | None = "", *headers: tuple[str, str]) -> Visit:
    """One that ends at `url`."""
    data = (body or "").encode()
    blocks = SimpleNamespace(blocks=lambda: iter([data]), size=len(data))
    exchange: Any = SimpleNamespace(body=blocks, chunked=False, header=lambda name: None, headers=headers, status=200)
    return Visit(POST, [Hop(url, 1, exchange if body is not None else None)])


MET = {
    WALL: True,
    "https://m.vk.com/challenge.html?a=b&hash429=x": True,
    "https://vk.ru/challenge.html?hash429=x": True,
    "https://vkvideo.ru/challenge.html?hash429=x&key=0f": True,
    "https://vk.com/challenge.html": False,
    "https://vk.com/challenge.html?hash429=": False,
    "https://vk.com/a/challenge.html?hash429=x": False,
    "https://evilvk.com/challenge.html?hash429=x": False,
    "https://a.org/challenge.html?hash429=x": False,
    POST: False,
}


@pytest.mark.parametrize(("url", "expected"), MET.items())
def test_the_challenge_is_known_by_where_it_leads(url: str, expected: bool) -> None:
    assert (met(visit(url)) is not None) is expected
    assert met(Visit(POST)) is None


def test_the_answer_is_made_of_hash_and_salt() -> None:
    found = met(visit(WALL))
    assert found and found.hash == "ab+cd"
    assert found.solved("salt") == f"{WALL}&key={md5(b'ab+cd:salt', usedforsecurity=False).hexdigest()}"


SCRIPTS = {
    PAGE: "{ return 'universe'; }",
    "var salt=(function(){a;}) () ;\nvar\thash429": "{a;}",
    "var salt = (function() {x(function(){b}); return {}; })(); var hash": "{x(function(){b}); return {}; }",
    "var salt = (function() {a})(); var other": None,
    "var salt = 5; var hash": None,
    "": None,
    "var salt = (function() {" + "a" * 70_000 + "})(); var hash": None,
    "var salt = (function() {" * 50_000: None,
    "})(); var hash" * 50_000: None,
}


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_the_script_is_found_in_the_page(number: int) -> None:
    page, expected = list(SCRIPTS.items())[number]
    assert script(page) == expected


# -- the script, in its own process --------------------------------------------------------------------------------------
SOLVED = {
    "{ return 'universe'; }": "universe",
    '{var a="esrevinu".split("");a.reverse();return a.join("")}': "universe",
    "{var s='';for(var i=0;i<3;i++){s+=String.fromCharCode(97+i)}return s}": "abc",
    "{return 7*6}": "42",
    "{return 84/2}": "42",
    "{return 7/2}": "3.5",
}
UNSOLVED = {
    "{}": "function",
    "{return true}": "gives no text",
    "{return [1]}": "gives no text",
    "{return document.cookie}": "document",
    "{return __import__('os')}": "__import__",
    "{while(1){}}": "while",
    "{" * 500 + "}" * 500: "",
    "{var s='aaaaaaaaaa';for(var i=0;i<12;i++){s=s+s}return s}": "characters",
}


@pytest.mark.parametrize(("body", "expected"), SOLVED.items())
def test_a_script_gives_its_salt(body: str, expected: str) -> None:
    assert puzzle.solve(body) == expected


@pytest.mark.parametrize(("body", "words"), UNSOLVED.items(), ids=range(len(UNSOLVED)))
def test_a_script_that_does_not_evaluate_is_an_error_with_words(body: str, words: str) -> None:
    with pytest.raises(puzzle.PuzzleError) as failed:
        puzzle.solve(body)
    assert words in str(failed.value) and "report this" not in str(failed.value)


def solve(code: str, page: str = PAGE) -> tuple[str, int]:
    """The salt that a process running `code` gives, and how many processes are left."""

    async def work() -> tuple[str, int]:
        workers = Workers(Worker((sys.executable, "-c", code)))
        try:
            salt = await challenge.solve(workers, page)
        except Unsolved as error:
            salt = str(error)
        left = workers._idle.qsize()
        await workers.close()
        return salt, left

    return asyncio.run(work())


ENDS = {
    SAYS: (SALT, 1),
    "say('close', number=3)\n" + SAYS: (SALT, 1),
    "say('failed', error='PuzzleError', text='no such function', remarks=[])": ("no such function", 1),
    "sys.exit(3)": ("ended by its bounds", 0),
    "say('solved'); time.sleep(60)": ("ended by its bounds", 0),
    "say('ask', number=1, url='https://a.org/', method='GET', headers=[]); time.sleep(60)": ("ended by its bounds", 0),
    "print('Traceback', flush=True); time.sleep(60)": ("ended by its bounds", 0),
}


@pytest.mark.parametrize("number", range(len(ENDS)))
def test_however_its_process_ends_the_rest_goes_on(number: int) -> None:
    code, (words, left) = list(ENDS.items())[number]
    said, idle = solve(SAY + code)
    assert words in said and idle == left


def test_what_never_comes_to_its_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenge, "TIME", 0.3)
    assert solve(SAY + "time.sleep(60)") == ("the script of the challenge came to no end in 0 s", 0)


def test_a_script_is_held_to_its_time_by_the_system() -> None:
    """The true process: it solves one script, and is killed in the endless loop of another."""
    code = "from preserve.capture.video import worker\nworker.PUZZLE_TIME = 1\nworker.main()"
    assert solve(code) == (SALT, 1)
    endless = PAGE.replace(f"return '{SALT}';", "for(var i=0;i<1;i=i){}")
    assert solve(code, endless) == ("the script of the challenge was ended by its bounds (-24)", 0)


def test_a_page_without_the_script_is_not_worth_a_process() -> None:
    async def work() -> None:
        with pytest.raises(Unsolved, match="no script that is known"):
            await challenge.solve(Workers(), "<html>Wait")

    asyncio.run(work())


# -- passing ---------------------------------------------------------------------------------------------------------
class Site:
    """A VK that challenges whoever has no cookie, and counts."""

    def __init__(
        self, *headers: tuple[str, str], fault: bool = False, page: str = PAGE, stubborn: bool = False
    ) -> None:
        self.headers, self.fault, self.page, self.stubborn = headers or (COOKIE,), fault, page, stubborn
        self.solved: list[str] = []

    def pages(self, jar: Jar) -> Visit:
        return visit(POST) if jar.header(POST) and not self.stubborn else visit(WALL, self.page)

    async def key(self, url: str, jar: Jar) -> Visit:
        self.solved.append(url)
        found = visit(url, None if self.fault else "ok", *self.headers)
        jar.take(url, self.headers)
        return found


async def passing(site: Site, passes: Passes) -> Visit:
    jar = passes.lend(Jar())
    first = site.pages(jar)

    async def again() -> Visit:
        return site.pages(jar)

    get: Callable[[str], Awaitable[Visit]] = lambda url: site.key(url, jar)  # noqa: E731
    await asyncio.sleep(0)  # others begin, too
    return await passes.passed(first, jar, get, again)


def passed(site: Site, times: int = 1) -> tuple[list[Any], Passes]:
    async def work() -> tuple[list[Any], Passes]:
        workers = Workers(Worker((sys.executable, "-c", SAY + SAYS)))
        passes = Passes(workers)
        done = await asyncio.gather(*(passing(site, passes) for _ in range(times)), return_exceptions=True)
        done.append(await passing(site, passes) if not isinstance(done[0], Exception) else None)
        await workers.close()
        return done, passes

    return asyncio.run(work())


def test_a_challenge_is_passed_and_all_its_hops_belong_to_the_visit() -> None:
    site = Site()
    (first, second), passes = passed(site)
    key = md5(b"ab+cd:universe", usedforsecurity=False).hexdigest()
    assert [hop.url for hop in first.hops] == [WALL, f"{WALL}&key={key}", POST]
    assert [hop.url for hop in second.hops] == [POST]
    assert passes.plain() == [("solution429", "open", ".vk.com", "/", True)]


def test_who_meets_it_at_the_same_time_waits_for_the_one_who_passes_it() -> None:
    site = Site()
    done, _ = passed(site, times=4)
    assert len(site.solved) == 1
    assert all(one.final_url == POST for one in done)


REFUSALS = {
    "no cookie": (Site(("Set-Cookie", "remixlang=0; path=/; domain=.vk.com")), "brought no cookie"),
    "no answer": (Site(fault=True), "brought no cookie"),
    "a cookie of somebody else": (Site(("Set-Cookie", "solution429=x; domain=.evil.org")), "brought no cookie"),
    "a cookie that opens nothing": (Site(stubborn=True), "comes again"),
    "no script": (Site(page="<html>Wait</html>"), "no script"),
    "a page without end": (Site(page="a" * 300_000), "larger than"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_passed_says_why(name: str) -> None:
    site, words = REFUSALS[name]
    (error, _), _ = passed(site)
    assert isinstance(error, Unsolved) and words in str(error)
    assert len(site.solved) <= 1


def test_a_visit_without_a_challenge_is_left_alone() -> None:
    plain = visit(POST)
    assert asyncio.run(Passes(Workers()).passed(plain, Jar(), None, None)) is plain  # type: ignore[arg-type]


TAKEN = {
    "https://vk.com/challenge.html": True,
    "https://vk.com/video_ext.php?oid=1": True,
    "http://vk.com/challenge.html": False,
    "https://a.org/": False,
}


@pytest.mark.parametrize(("url", "expected"), TAKEN.items())
def test_only_vks_cookie_is_kept_for_others(url: str, expected: bool) -> None:
    """It may come in any answer, to yt-dlp too. What else VK gives belongs to the visit that it is given to."""
    passes = Passes(Workers())
    passes.take(url, [("Content-Type", "text/html"), ("Set-Cookie", "remixstid=1; domain=.vk.com"), COOKIE])
    passes.take(url, [("set-cookie", "solution429=new; domain=.vk.com; secure"), ("Set-Cookie", "solution429")])
    assert passes.plain() == ([("solution429", "new", ".vk.com", "/", True)] if expected else [])
    assert passes.lend(Jar()).header("https://m.vk.com/wall-1_2") == ("solution429=new" if expected else None)
    assert passes.lend(Jar()).header("https://vk.ru/wall-1_2") is None
    passes.take(url, [("Set-Cookie", "solution429=new; domain=.vk.com; max-age=0")])
    assert passes.plain() == [] and passes.lend(Jar()).header("https://vk.com/") is None
