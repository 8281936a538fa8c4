"""Nothing secret is written or said: every file of the archive and every word of every command is searched."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.faults.program import PDF, Done, Workplace
from tests.universe import Authority, Universe

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
