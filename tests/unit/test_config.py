"""Every setting has one meaning, one origin, and a slip of the pen never changes what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from preserve import config
from preserve.cli.config import mask
from preserve.errors import ConfigError

TEXT = """
documents = ["a/*.md"]
base_url = "https://example.org/"
[base_urls]
"documents/*.html" = "https://other.example/"
[network]
proxy = "socks5h://127.0.0.1:9050"
resolve = { "eng.mil.ru" = "203.0.113.7" }
[limits]
body = "10 MiB"
time = "90s"
[host."*.mil.ru"]
delay = 5
[host."eng.mil.ru"]
tls = "strict"
cookies = "mil.txt"
concurrency = 2
robots = "obey"
recover = false
[politeness]
robots = "ignore"
probe = false
[recover]
archives = ["arquivo", "wayback"]
timemaps = { "archive-it" = "https://wayback.archive-it.org/all/timemap/link/" }
wayback_keys = "env:WAYBACK_KEYS"
"""


def load(tmp_path: Path, text: str, **environ: str) -> config.Config:
    (tmp_path / "preserve.toml").write_text(text)
    return config.load(tmp_path, environ=environ)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = config.load(tmp_path, environ={})
    assert settings.limits.body == 2 << 30
    assert {origin for _, _, origin in config.settings(settings)} == {"default"}


def test_what_the_file_says(tmp_path: Path) -> None:
    settings = load(tmp_path, TEXT)
    assert (settings.limits.body, settings.limits.time) == (10 << 20, 90.0)
    assert settings.network.resolve == {"eng.mil.ru": "203.0.113.7"}
    assert settings.base_for("documents/x.html") == "https://other.example/"
    assert settings.base_for("documents/x.md") == "https://example.org/"
    rule = settings.for_host("ENG.mil.ru")
    assert (rule.delay, rule.tls, rule.proxy) == (5.0, "strict", None)
    assert settings.for_host("mil.ru").delay == 5.0, "the domain is one of its own hosts"
    assert settings.for_host("notmil.ru") == settings.for_host("ru") == config.HostRule()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, TEXT, PRESERVE_LIMITS_BODY="1GiB", PRESERVE_BASE_URL="https://e.example/")
    assert settings.limits.body == 1 << 30
    assert settings.limits.time == 90.0
    origins = {name: origin for name, _, origin in config.settings(settings)}
    assert origins["limits.body"] == "environment PRESERVE_LIMITS_BODY"
    assert origins["base_url"] == "environment PRESERVE_BASE_URL"
    assert origins["limits.time"].endswith("preserve.toml")
    assert origins["limits.redirects"] == "default"


WRONG = {
    'docments = ["x"]': "did you mean documents?",
    '[network]\nproxi = ""': "did you mean network.proxy?",
    '[host."a.b"]\ndeley = 1': "delay",
    "[film]\nenabled = true": "known here",
    "network = 3": "section",
    '[limits]\nbody = "2 parsecs"': "a size",
    "[limits]\nbody = -1": "",
    '[limits]\ntime = "soon"': "a time",
    "[network]\nallow_private = 1": "true or false",
    '[network]\ntls = "maybe"': "record, strict",
    "documents = 5": "a list",
    "base_url = ": "TOML",
    "[politeness]\nconcurrency = 0": "from 1",
    '[politeness]\nrobots = "follow"': "record, obey, ignore",
    '[host."a.b"]\nrobots = "yes"': "record, obey, ignore",
    '[host."a.b"]\nrecover = "no"': "true or false",
    '[host."a.b"]\nconcurrency = 0': "from 1",
    '[recover]\narchives = ["waybak"]': "did you mean wayback?",
    '[recover]\narchives = "wayback"': "a list",
    "[recover]\narchive = []": "did you mean recover.archives?",
    '[recover.timemaps]\nwayback = "https://example.org/"': "no name",
    '[recover.timemaps]\n"A B" = "https://example.org/"': "no name",
    '[recover.timemaps]\nother = "example.org"': "no address",
    '[recover]\ntimemaps = "https://example.org/"': "a table",
    '[recover]\nwayback_keys = "canary:secret"': "env:NAME or file:PATH",
    '[recover]\nwayback_keys = "env:canary:secret"': "env:NAME or file:PATH",
    '[recover]\nwayback_keys = "file:"': "env:NAME or file:PATH",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert WRONG[text] in caught.value.message + caught.value.hint
    assert "preserve.toml" in caught.value.message
    assert "canary" not in caught.value.message + caught.value.hint, "a secret in the wrong place is not repeated"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PRESERVE_NOPE", "1"), ("PRESERVE_LIMITS_BODY", "much"), ("PRESERVE_RECOVER_WAYBACK_KEYS", "canary:secret")],
)
def test_a_wrong_environment_is_an_error_too(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        load(tmp_path, "", **{name: value})
    assert "canary" not in caught.value.message


SHOWN = {
    "socks5h://user:canary@127.0.0.1:9050": "socks5h://***@127.0.0.1:9050",
    "http://user:can@ary@127.0.0.1": "http://***@127.0.0.1",
    "http://user:can/ary@h:port": "http://***@h:port",
    "user:canary@h:1": "***@h:1",
    "http://user:canary@[": "http://***@[",
    "socks5h://127.0.0.1:9050": "socks5h://127.0.0.1:9050",
}


@pytest.mark.parametrize("proxy", SHOWN)
def test_a_password_is_not_shown(proxy: str) -> None:
    assert mask("network.proxy", proxy) == mask('host."a.b".proxy', proxy) == SHOWN[proxy]
    assert mask("recover.timemaps", {"x": "https://user:canary@e.org/a@b"}) == {"x": "https://***@e.org/a@b"}
    assert mask("base_url", "https://e.org/@someone") == "https://e.org/@someone"
