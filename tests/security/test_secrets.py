"""Nothing secret is written or said: every file of the archive and every word of every command is searched."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from tests.faults.program import PDF, Done, Workplace, finish
from tests.universe import Authority, Logged, Universe
from tests.universe.filming import TUBE
from tests.universe.hosts import films

PROXY_USER, PROXY_PASSWORD = "proxy-user-canary", "proxy-password-canary"
URL_USER, URL_PASSWORD = "url-user-canary", "url-password-canary"
COMMANDS = (
    ["run", "--json"], ["status", "--json"], ["list"], ["show", PDF], ["show", PDF, "--json"], ["verify", "--deep"],
    ["config", "show"], ["config", "show", "--json"], ["get", PDF, "-o", "original.pdf"],
)  # fmt: skip


def leaks(place: Workplace, said: list[Done], *secrets: str) -> list[str]:
    """Where each secret is found, in plain text or as basic authentication carries it."""
    custody = b"".join(path.read_bytes() for path in place.folder.glob("*.custody.json"))
    places = {
        "the archive": place.every_byte(),
        "a custody record": custody,
        "the output": "".join(one.out + one.err for one in said).encode(),
    }
    spelled = [(secret, secret.encode()) for secret in secrets]
    spelled += [(f"{secret} in base64", base64.b64encode(f"{PROXY_USER}:{secret}".encode())) for secret in secrets]
    return [f"{name} in {where}" for where, data in places.items() for name, value in spelled if value in data]


@pytest.mark.parametrize("kind", ["connect", "socks5"])
def test_the_password_of_a_proxy_is_nowhere(tmp_path: Path, universe_ca: Authority, kind: str) -> None:
    with Universe(tmp_path / "universe", authority=universe_ca, login=(PROXY_USER, PROXY_PASSWORD)) as universe:
        proxy = universe.proxy(kind).replace("://", f"://{PROXY_USER}:{PROXY_PASSWORD}@")
        place = Workplace(tmp_path / "work", f'[network]\nproxy = "{proxy}"\n', universe.environment())
        said = [place.preserve(*command) for command in (COMMANDS if kind == "connect" else COMMANDS[:1])]
        assert said[0].code == 0, said[0].err
        assert universe.asked[0].user == PROXY_USER, "the proxy never saw the password"
        universe.fault("proxy", "denied")
        said.append(place.preserve("run", "--force"))
        universe.fault("proxy", "down")
        said.append(place.preserve("run", "--force"))
    assert not leaks(place, said, PROXY_PASSWORD, PROXY_USER)


def test_the_password_of_a_proxy_that_does_not_let_us_in_is_nowhere(tmp_path: Path, universe_ca: Authority) -> None:
    with Universe(tmp_path / "universe", authority=universe_ca, login=("another", "one")) as universe:
        proxy = universe.proxy().replace("://", f"://{PROXY_USER}:{PROXY_PASSWORD}@")
        environment = {**universe.environment(), "PRESERVE_NETWORK_PROXY": proxy}
        place = Workplace(tmp_path / "work", environment=environment)
        said = [place.preserve("run"), place.preserve("run", "--json"), place.preserve("config", "show")]
    assert said[0].code == 3
    assert not leaks(place, said, PROXY_PASSWORD, PROXY_USER)


@pytest.mark.parametrize("address", ["http://{}:{}@[", "ftp://{}:{}@127.0.0.1:1", "http://{}:{}@127.0.0.1:port"])
def test_the_password_of_a_malformed_proxy_address_is_not_said(tmp_path: Path, address: str) -> None:
    proxy = address.format(PROXY_USER, PROXY_PASSWORD)
    place = Workplace(tmp_path / "work", f'[network]\nproxy = "{proxy}"\n')
    said = [place.preserve("run"), place.preserve("config", "show")]
    assert said[0].code in (2, 3), said[0].err
    assert not leaks(place, said, PROXY_PASSWORD)


def test_a_password_in_a_url_is_never_sent_and_not_in_any_record(tmp_path: Path, universe: Universe) -> None:
    url = PDF.replace("://", f"://{URL_USER}:{URL_PASSWORD}@")
    place = Workplace(tmp_path / "work", universe.settings(), universe.environment(), f"[cited]({url})\n")
    assert place.preserve("run").code == 0
    assert not any(URL_PASSWORD.encode() in one.request or b"uthorization" in one.request for one in universe.log)
    entry = place.captures[0]
    where = {key for key, value in entry.items() if URL_PASSWORD in str(value)}
    assert where <= {"source", "key", "citations"}, "beyond the words of the document itself"
    warcs = b"".join(path.read_bytes() for path in place.archive.rglob("*.warc.gz"))
    assert URL_PASSWORD.encode() not in warcs


# -- cookies and keys --------------------------------------------------------------------------------------------------
# What each is, and the hosts that may see it.
OWN, MISPLACED, UNVERIFIED, FILM = (
    f"{name}-canary-0123456789abcdef" for name in ("own", "other", "unverified", "film")
)
RENEWED, ACCESS, KEY = "renewed-canary-0123456789abcdef", "access-canary", "key-canary-0123456789abcdef"
MAY_SEE: dict[str, set[str]] = {
    OWN: {"syrianarchive.org"},
    RENEWED: {"syrianarchive.org"},
    MISPLACED: set(),
    UNVERIFIED: set(),
    FILM: {"www.youtube.com", films.HOST},
    f"LOW {ACCESS}:{KEY}": {"web.archive.org"},
}
SECRETS = (OWN, RENEWED, MISPLACED, UNVERIFIED, FILM, KEY, ACCESS, PROXY_PASSWORD)
PAGE = "https://syrianarchive.org/en/investigations"
BLIND = "https://structure.mil.ru/mission/fight_against_terrorism.htm"
PLAYED = f"{TUBE}qblmOvkV9KM"
SOURCES = (
    PAGE,
    "https://syrianarchive.org/to-itself",
    "https://syrianarchive.org/to-another",
    "https://syrianarchive.org/to-plain",
    "https://vdc-sy.net/report-on-russian-attacks-ar/",
    BLIND,
    PLAYED,
    films.url("/video"),
)
RULES = """
[host."syrianarchive.org"]
cookies = "own.txt"
[host."structure.mil.ru"]
cookies = "mil.txt"
[host."www.youtube.com"]
cookies = "film.txt"
[host."films.example.org"]
cookies = "film.txt"
[recover]
wayback_keys = "env:WAYBACK_CANARY"
[video]
access_copy = false
"""
FILES = {
    "own.txt": f".syrianarchive.org\tTRUE\t/\tFALSE\t1\told\t{OWN}\n"
    f".syrianarchive.org\tTRUE\t/\tFALSE\t0\tlogin\t{OWN}\n.vdc-sy.net\tTRUE\t/\tFALSE\t0\tlogin\t{MISPLACED}\n"
    f"broken {OWN} line\n",
    "mil.txt": f"structure.mil.ru\tFALSE\t/\tFALSE\t0\tlogin\t{UNVERIFIED}\n",
    "film.txt": f".youtube.com\tTRUE\t/\tTRUE\t0\tpreference\t{FILM}\n"
    f"films.example.org\tFALSE\t/\tTRUE\t0\tpreference\t{FILM}\n",
}


@dataclass(frozen=True)
class Secretive:
    """What three runs with secrets left, and what was seen of the processes meanwhile."""

    place: Workplace
    log: list[Logged]
    said: list[Done]
    arguments: set[bytes]


def watched(process: Popen[str], seen: set[bytes]) -> Done:
    """To its end, looking at the arguments of every process that belongs to it."""
    while process.poll() is None:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError):
                    seen.add((folder / "cmdline").read_bytes())
        with suppress(Exception):
            process.wait(0.05)
    return finish(process)


def faults(universe: Universe) -> None:
    """A login that is renewed with each answer, and redirects that would carry it away."""
    renew = {"Set-Cookie": f"login={RENEWED}; Domain=syrianarchive.org; Path=/"}
    lead: dict[str, Any] = {"status": 302, "type": "text/plain"}
    for path, to in (
        ("/to-another", "https://vdc-sy.net/report-on-russian-attacks-ar/"),
        ("/to-plain", "http://syrianarchive.org/en/investigations"),
    ):
        universe.fault("syrianarchive.org", "page", path=path, headers={**renew, "Location": to}, **lead)
    universe.fault("syrianarchive.org", "page", path="/to-itself", body="<title>in</title><p>a page behind a login</p>")
    back = {**renew, "Location": "/to-itself"}
    universe.fault("syrianarchive.org", "page", path="/to-itself", times=1, headers=back, **lead)


@pytest.fixture(scope="module")
def secretive(tmp_path_factory: pytest.TempPathFactory, universe_ca: Authority) -> Iterator[Secretive]:
    base = tmp_path_factory.mktemp("secretive")
    with Universe(base / "universe", authority=universe_ca, login=(PROXY_USER, PROXY_PASSWORD)) as universe:
        faults(universe)
        proxy = universe.proxy().replace("://", f"://{PROXY_USER}:{PROXY_PASSWORD}@")
        environment = {**universe.environment(), "WAYBACK_CANARY": f"{ACCESS}:{KEY}", "PRESERVE_DEBUG": "1"}
        report = "".join(f"* [a source]({url})\n" for url in SOURCES)
        place = Workplace(base / "work", f'[network]\nproxy = "{proxy}"\n{RULES}', environment, report)
        for name, text in FILES.items():
            (place.folder / name).write_text(text)
        seen: set[bytes] = set()
        said = [watched(place.start("-v", "run"), seen)]
        said.append(place.preserve("run", "--force", "--json", "--save-to-wayback", "--only", PAGE))
        said += [place.preserve(*command) for command in COMMANDS if PDF not in command]
        said += [
            place.preserve(*command) for command in (["show", PAGE, "--json"], ["get", PAGE, "-o", "page"], ["doctor"])
        ]
        yield Secretive(place, list(universe.log), said, seen)


def carried(one: Logged) -> bytes:
    """The fields of a request that carry secrets."""
    return b"\n".join(re.findall(rb"(?im)^(?:cookie|authorization):.*$", one.request))


@pytest.mark.parametrize("secret", MAY_SEE, ids=["own", "renewed", "misplaced", "unverified", "film", "keys"])
def test_each_cookie_reaches_its_own_host_over_tls_that_verifies_and_nothing_else(
    secretive: Secretive, secret: str
) -> None:
    saw = {(one.host, bool(one.tls)) for one in secretive.log if secret.encode() in one.request}
    assert saw == {(host, True) for host in MAY_SEE[secret]}
    assert all(secret.encode() in carried(one) for one in secretive.log if secret.encode() in one.request)


def test_what_the_secrets_were_for_has_come(secretive: Secretive) -> None:
    outcomes = {source: secretive.place.outcome(source) for source in SOURCES}
    assert outcomes.pop(BLIND) == ("failed", "tls-invalid")
    assert {outcome for outcome, _ in outcomes.values()} == {"captured"}, outcomes
    refused = next(entry for entry in secretive.place.captures if entry["source"] == BLIND)
    assert "ca_file" in refused["signals"][-1]
    assert not any(one.host == "structure.mil.ru" for one in secretive.log), "not even asked without"
    assert any(b"/save" in one.request for one in secretive.log)
    given = [(one.host, one.method, one.path) for one in secretive.log if FILM.encode() in one.request]
    assert any(host == "www.youtube.com" and method == "POST" for host, method, _ in given), "yt-dlp has it, too"
    assert any(host == films.HOST and path.endswith(".mp4") for host, _, path in given), (
        "and whoever fetches the stream"
    )


def test_no_secret_is_in_any_byte_that_is_left_behind(secretive: Secretive) -> None:
    assert not leaks(secretive.place, secretive.said, *SECRETS)
    assert not [line for line in secretive.arguments for secret in SECRETS if secret.encode() in line]
    assert any(b"capture.video.worker" in line for line in secretive.arguments), "the process with yt-dlp was seen"


def test_what_was_sent_is_told_without_its_value(secretive: Secretive) -> None:
    stored = secretive.place.every_byte()
    assert b"Cookie: [redacted]\r\n" in stored and b"Authorization: [redacted]\r\n" in stored
    assert b"Set-Cookie: [redacted]\r\n" in stored


def test_what_is_wrong_with_a_file_is_said_once_and_without_its_words(secretive: Secretive) -> None:
    for said in secretive.said[:2]:
        assert said.err.count("own.txt:4: 1 fields, not 7") == 1
        assert said.err.count("have expired (old)") == 1
    doctor = secretive.said[-1].out
    assert "have expired (old)" in doctor and "chmod 600" in doctor


@pytest.mark.parametrize("text", ["", f'[{{"name": "login", "value": "{OWN}"}}]', f"{OWN}\n" * 20, None])
def test_a_cookie_file_that_cannot_be_used_stops_the_run_before_anything_is_asked(
    tmp_path: Path, universe: Universe, text: str | None
) -> None:
    settings = universe.settings() + '[host."syrianarchive.org"]\ncookies = "own.txt"\n'
    place = Workplace(tmp_path / "work", settings, universe.environment())
    if text is not None:
        (place.folder / "own.txt").write_text(text)
    said = [place.preserve("run"), place.preserve("doctor")]
    said[0].complained(2, "own.txt")
    assert "own.txt" in said[1].out and said[1].code == 2
    assert not universe.log and not any(OWN in one.out + one.err for one in said)
