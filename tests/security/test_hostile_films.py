"""Films that strangers made to do harm: nothing is reached, filled, run or written that should not be.

One run over all of them, in a home whose owner has a configuration, plugins and proxies for yt-dlp.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import program
from tests.faults.program import Done, Workplace
from tests.security.test_hostile_text import RAW, assert_safe
from tests.universe import Authority, Universe
from tests.universe.faults import zeros
from tests.universe.hosts import films

HOST, OTHER = films.HOST, "www.vdc-sy.info"
SITE, HOSTILE = f"https://{films.HOST}", films.url(films.HOSTILE_PAGE)
LIST = films.TYPES[".m3u8"]
FORGED = "preserve: all is well"
SECRET = "canary-of-this-host"
MANY = 1 << 20


def show(source: str, more: str = "") -> dict[str, Any]:
    return {"body": f'<title>x</title><video><source src="{source}">{more}</video>'}


def segments(*lines: str) -> dict[str, Any]:
    return {
        "body": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + "\n#EXTINF:1,\n".join(lines) + "\n#EXT-X-ENDLIST\n",
        "type": LIST,
    }


def master(name: str) -> dict[str, Any]:
    return {"body": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n{name}\n", "type": LIST}


CODED = {"Content-Encoding": "gzip"}
BOMB = {"body": zeros(200 * MANY), "type": LIST, "headers": CODED}
GIVEN = [f"own={SECRET}; Path=/", f"wide={SECRET}; Domain=org", f"foreign={SECRET}; Domain={OTHER}"]
FILE, WORDS = "/hls-aes/key?", "/none?"  # good answers as such, until a fault comes over them
TRACKS = f'<track src="{WORDS}a" srclang="en" kind="subtitles"><track src="/bomb.vtt" srclang="ar" kind="subtitles">'
# By page: what the universe does at which path, of OTHER with two slashes, and what becomes of the film.
PAGES: dict[str, tuple[dict[str, tuple[str, dict[str, Any]]], str]] = {
    "/to-private": ({"/to-private": ("page", show("/a.mp4")), "/a.mp4": ("redirect-private", {})}, "refused/private-address"),
    "/to-cloud": ({"/to-cloud": ("page", show("/b.mp4")), "/b.mp4": ("redirect-metadata", {})}, "refused/private-address"),
    "/to-file": ({"/to-file": ("page", show("/c.mp4")), "/c.mp4": ("redirect-file", {})}, "refused/scheme"),
    "/to-nowhere": ({"/to-nowhere": ("page", show("/d.mp4")), "/d.mp4": ("redirect", {"to": "http://[::1/"})}, "failed/malformed"),
    "/in-circles": ({"/in-circles": ("page", show("/e.mp4")), "/e.mp4": ("redirect-loop", {})}, "failed/redirect-loop"),
    "/endless": ({"/endless": ("page", show(f"{FILE}f")), f"{FILE}f": ("endless-body", {})}, "failed/limit"),
    "/no-end": ({"/no-end": ("page", show("/no-end.mp4")), "/no-end.mp4": ("endless-body", {})}, "failed/no-media"),  # status 404
    "/endless-list": (
        {"/endless-list": ("page", show("/g.m3u8")), "/g.m3u8": ("page", master(f"{WORDS}g")), f"{WORDS}g": ("endless-body", {})}, "failed/limit"),
    "/bomb-list": ({"/bomb-list": ("page", show("/h.m3u8")), "/h.m3u8": ("page", master("h2.m3u8")), "/h2.m3u8": ("page", BOMB)}, "failed/limit"),
    "/bomb-master": ({"/bomb-master": ("page", show("/i.m3u8")), "/i.m3u8": ("page", BOMB)}, "failed/no-media"),
    "/extras": (
        {"/extras": ("page", show(films.CLIP, TRACKS)), f"{WORDS}a": ("endless-body", {}), "/bomb.vtt": ("page", BOMB)}, "captured/partial"),
    "/cookies": (
        {"/cookies": ("page", {**show("/own.m3u8"), "headers": {"Set-Cookie": GIVEN[0]}}),
         "/own.m3u8": ("page", {**segments("/own.ts", f"http://{OTHER}/other.ts"), "headers": {"Set-Cookie": GIVEN[1]}}),
         "/own.ts": ("page", {"body": "x", "type": "video/mp2t", "headers": {"Set-Cookie": GIVEN[2]}}),
         "//other.ts": ("page", {"body": "y", "type": "video/mp2t"})}, "captured/ok"),
}  # fmt: skip
FIXED = {
    "/hls-private": "refused/private-address",
    "/hls-file": "refused/scheme",
    "/huge": "failed/limit",
    films.HOSTILE_PAGE: "captured/ok",
}
OUTCOMES = {page: outcome for page, (_, outcome) in PAGES.items()} | FIXED


@dataclass(frozen=True)
class Seen:
    place: Workplace
    universe: Universe
    done: Done
    home: Path
    listener: socket.socket

    def film(self, page: str) -> Any:
        entry = next(entry for entry in self.place.captures if entry["source"] == SITE + page)
        return entry["films"][0] if entry["films"] else None


PLUGIN = "import pathlib\npathlib.Path({!r}).touch()\nfrom yt_dlp.extractor.common import InfoExtractor\n"


def owner(home: Path, port: int) -> dict[str, str]:
    """A home with all that could lead yt-dlp astray; the marker `loaded` appears when code of it runs."""
    options = (
        f"--proxy http://127.0.0.1:{port}\n--exec 'touch {home}/loaded'\n--netrc\n--cookies-from-browser firefox\n"
    )
    for config in (".config/yt-dlp/config", "xdg/yt-dlp/config", ".yt-dlp/config", "yt-dlp.conf", "work/yt-dlp.conf"):
        (home / config).parent.mkdir(parents=True, exist_ok=True)
        (home / config).write_text(options)
    plugin = PLUGIN.format(str(home / "loaded"))
    for place in (
        "yt-dlp-plugins/x",
        ".config/yt-dlp/plugins/x",
        "xdg/yt-dlp/plugins/x",
        ".yt-dlp/plugins/x",
        "path",
        "work",
    ):
        for kind in ("extractor", "postprocessor"):
            (home / place / "yt_dlp_plugins" / kind).mkdir(parents=True, exist_ok=True)
            (home / place / "yt_dlp_plugins" / kind / "evil.py").write_text(plugin)
    for module in ("yt_dlp", "lxml", "talk"):  # where the program is started is no place to take code from
        (home / "work" / f"{module}.py").write_text(plugin)
    (home / ".netrc").write_text(f"machine {HOST} login netrc-canary password netrc-canary\n")
    (home / ".netrc").chmod(0o600)
    proxies = dict.fromkeys(
        ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), f"http://127.0.0.1:{port}"
    )
    path = os.pathsep.join([str(home / "path"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "xdg"), "PYTHONPATH": path, **proxies}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Seen]:
    home = tmp_path_factory.mktemp("hostile-films")
    with (
        Universe(home / "universe", authority=universe_ca) as universe,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        listener.setblocking(False)
        for path, (fault, options) in {path: one for paths, _ in PAGES.values() for path, one in paths.items()}.items():
            host = OTHER if path.startswith("//") else HOST
            universe.fault(host, fault, path=path.removeprefix("/") if host == OTHER else path, **options)
        environment = owner(home, listener.getsockname()[1]) | universe.environment()
        settings = universe.settings() + '[video]\nsize = "40MiB"\naccess_copy = false\n'
        place = Workplace(home / "work", settings, environment, report="")
        (place.folder / "sources.txt").write_text("".join(f"{SITE}{page}\n" for page in OUTCOMES))
        with pytest.MonkeyPatch.context() as patch:  # as people start it: the folder they are in is not in sys.path
            patch.setattr(program, "PROGRAM", [sys.executable, "-P", "-m", "preserve"])
            done = place.preserve("run", cwd=place.folder)
        yield Seen(place, universe, done, home, listener)


@pytest.mark.parametrize("page", OUTCOMES, ids=ascii)
def test_what_becomes_of_a_hostile_film_is_said(seen: Seen, page: str) -> None:
    film = seen.film(page)
    found = f"{film['outcome']}/{film['reason']}" if film else ""
    assert found == OUTCOMES[page] or (film is None and not OUTCOMES[page]), (found, film and film["signals"])


def test_no_private_address_and_no_file_is_contacted(seen: Seen) -> None:
    assert {asked.host for asked in seen.universe.asked} == {HOST, OTHER}
    assert {one.host for one in seen.universe.log} == {HOST, OTHER}


def test_nothing_endless_fills_the_disk(seen: Seen) -> None:
    size = sum(path.stat().st_blocks * 512 for path in seen.place.archive.rglob("*") if path.is_file())
    assert size < 200 * MANY, "the limits of three endless answers, and no more"
    poured = [one.sent for one in seen.universe.log if one.fault == "endless-body"]
    assert len(poured) >= 3 and max(poured) < 64 * MANY, "nobody reads to the end of it"


def test_the_archive_is_sound(seen: Seen) -> None:
    done = seen.place.preserve("verify", "--deep", "--json")
    assert done.code == 0 and done.events[-1]["sound"], done.out


def test_cookies_go_to_the_host_that_gave_them_and_to_no_other(seen: Seen) -> None:
    sent = {(one.host, one.target): SECRET.encode() in one.request for one in seen.universe.log}
    assert sent[HOST, "/own.ts"], "so this can fail"
    assert not any(had for (host, _), had in sent.items() if host != HOST)
    assert not any(b"netrc-canary" in one.request for one in seen.universe.log)


def test_the_owners_own_yt_dlp_changes_nothing(seen: Seen) -> None:
    assert not (seen.home / "loaded").exists(), "code of a plugin, or of the folder, was run"
    with pytest.raises(BlockingIOError):
        seen.listener.accept()
    assert not list((seen.home / ".cache").glob("**/*"))


# -- names and words ---------------------------------------------------------------------------------------------------
def test_names_of_hostile_films_are_clean(seen: Seen) -> None:
    entry = next(entry for entry in seen.place.captures if entry["source"] == HOSTILE)
    assert entry["media"] and RAW.search(entry["films"][0]["title"]), "exact in the archive"
    for one in (*entry["media"], *(media for entry in seen.place.captures for media in entry["media"])):
        assert re.fullmatch(r"[a-z]+(/[A-Za-z0-9][A-Za-z0-9._-]+)+", one["name"]), one["name"]
        assert re.fullmatch(r"media/sha256/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+", one["path"])
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", one["mime"])


COMMANDS = [["list"], ["list", "--json"], ["status"], ["show", HOSTILE], ["show", HOSTILE, "--json"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command))[1:20])
def test_no_command_lets_a_title_act(seen: Seen, command: list[str]) -> None:
    assert_safe(seen.done)
    assert_safe(seen.place.preserve(*command))


def test_a_hostile_film_is_given_back_under_clean_names(seen: Seen) -> None:
    folder = seen.place.folder / "given"
    folder.mkdir()
    done = seen.place.preserve("get", HOSTILE, "--media", "-o", str(folder))
    assert done.code == 0, done.err
    assert_safe(done)
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    assert names and all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in names), names
