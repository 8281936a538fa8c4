"""The process in which yt-dlp runs may fail in every way: it is the outcome of one film, and the run goes on."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.universe import Authority, Universe
from tests.universe.working import Folder, at

HOST = "https://films.example.org"
OTHER = f"{HOST}/none"
# Loaded by every Python that starts with its folder on the path, so also by the process with yt-dlp; only there it acts.
SABOTAGE = """
import os, sys
if "preserve.capture.video.worker" in " ".join(sys.orig_argv):
    from yt_dlp.extractor.generic import GenericIE
    def _real_extract(self, url):
        exec({acts!r}[url.rpartition("/")[2]])
    GenericIE._real_extract = _real_extract
"""
ENDS = {
    "video": ("raise KeyError('formats')", "error", "KeyError"),
    "og": ("raise RecursionError('too deep')", "error", "RecursionError"),
    "hls": ("raise MemoryError", "error", "MemoryError"),
    "dash": ("raise SystemExit(7)", "error", "ended in the middle"),
    "hls-aes": ("raise KeyboardInterrupt", "error", "ended in the middle"),
    "hls-missing": ("os.kill(os.getpid(), 9)", "error", "ended in the middle (-9)"),
    "huge": ("os.write(1, b'noise'); print('[download] 100%')", "no-media", "no film was found"),
}


def sabotaged(tmp_path: Path, universe: Universe, acts: dict[str, str]) -> Folder:
    folder = at(universe, tmp_path / "work", "[video]\naccess_copy = false\n")
    (tmp_path / "sitecustomize.py").write_text(SABOTAGE.format(acts=acts))
    folder.environment["PYTHONPATH"] = f"{tmp_path}:{folder.environment.get('PYTHONPATH', '')}"
    folder.cite(*(f"{HOST}/{name}" for name in acts), OTHER)
    return folder


def test_whatever_becomes_of_it_is_the_outcome_of_one_film(tmp_path: Path, universe: Universe) -> None:
    folder = sabotaged(tmp_path, universe, {name: act for name, (act, _, _) in ENDS.items()})
    assert folder.run().code == 0  # the pages themselves are held
    for name, (_, reason, words) in ENDS.items():
        entry = folder.entry(f"{HOST}/{name}")
        (film,) = entry["films"]
        assert (film["outcome"], film["reason"]) == ("failed", reason), name
        assert words in film["signals"][0]
        assert (entry["outcome"], entry["reason"]) == ("captured", "ok" if reason == "no-media" else "partial")
    assert folder.entry(OTHER)["reason"] == "ok"
    told = folder.verify("--deep")
    assert not told.findings("damage") + told.findings("warning")


@pytest.mark.skipif(not os.environ.get("SWEEP"), reason="five seconds of the processor: `make contract`")
def test_what_never_comes_to_its_end_is_ended(
    tmp_path: Path, universe: Universe, limited: Callable[[int], None]
) -> None:
    """A regular expression that runs away holds the interpreter, and no timer of Python's could end it."""
    folder = sabotaged(tmp_path, universe, {"video": "import re; re.match('(a|aa)+$', 'a' * 100 + 'b')"})
    limited(4)
    assert folder.run().code == 0
    (film,) = folder.entry(f"{HOST}/video")["films"]
    assert "ended in the middle (-9)" in film["signals"][0] or "ended in the middle (-24)" in film["signals"][0]
    assert folder.entry(OTHER)["reason"] == "ok"


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Gives every process that a test starts so many seconds of the processor: its own limit is minutes."""
    import subprocess

    usual = subprocess.run

    def limit(seconds: int) -> None:
        def start(*arguments: object, **options: object) -> object:
            act = lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # noqa: E731
            return usual(*arguments, preexec_fn=act, **options)  # type: ignore[call-overload]

        monkeypatch.setattr(subprocess, "run", start)

    return limit


@pytest.fixture
def universe(tmp_path: Path, universe_ca: Authority):  # type: ignore[no-untyped-def]
    with Universe(tmp_path / "universe", authority=universe_ca) as running:
        yield running
