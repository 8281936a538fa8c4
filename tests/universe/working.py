"""A working folder as a person has one, and the real program run in it as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .hosts import SITES
from .messages import Request
from .server import Universe

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
REPORT = ROOT / "documents" / "russian-air-operation.md"
PATIENCE = 100  # seconds for one command: beyond it the program hangs, and the test says so
# Quick failures: the suite is about what is decided, not about waiting.
HASTY = """[politeness]
delay = 0.0
[retry]
tries = 2
max_wait = "0.1s"
retry_after_max = "1s"
"""


@dataclass(frozen=True)
class Result:
    """What one command left: exit code, answer, remarks."""

    code: int
    out: bytes
    err: str

    @cached_property
    def events(self) -> list[Json]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> Json:
        assert self.events and self.events[-1]["event"] == "summary", self.err
        return self.events[-1]

    @property
    def captures(self) -> dict[str, Json]:
        """By source; a source that is told twice fails here."""
        told = [event for event in self.events if event["event"] == "capture"]
        assert max(Counter(event["source"] for event in told).values(), default=1) == 1
        return {event["source"]: event for event in told}

    def findings(self, severity: str = "damage") -> list[Json]:
        return [event for event in self.events if event["event"] == "finding" and event["severity"] == severity]


class Folder:
    """preserve.toml, the key, documents and the archive in one place; nothing of this machine's is read."""

    def __init__(self, path: Path, settings: str = "", *, environment: Mapping[str, str] | None = None) -> None:
        self.path, self.archive = path, path / "archive"
        path.mkdir(parents=True, exist_ok=True)
        (path / "preserve.toml").write_text(
            f'base_url = "https://syrianarchive.org/"\n{settings}\n[key]\nfile = "key.pem"\n', "utf-8"
        )
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {**kept, "HOME": str(path), "PRESERVE_DEBUG": "1", **(environment or {})}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "preserve", "-C", str(self.path), *map(str, arguments)]

    def preserve(self, *arguments: str | Path) -> Result:
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.path,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def run(self, *arguments: str | Path) -> Result:
        return self.preserve("run", "--json", *arguments)

    def verify(self, *arguments: str | Path) -> Result:
        return self.preserve("verify", "--json", *arguments)

    def document(self, text: str, name: str = "report.md") -> None:
        (self.path / "documents").mkdir(exist_ok=True)
        (self.path / "documents" / name).write_text(text, "utf-8")

    def cite(self, *urls: str) -> None:
        """A document that cites exactly these."""
        self.document("".join(f"* [a source]({url})\n" for url in urls))

    def set(self, old: str, new: str) -> None:
        """Other settings from now on."""
        file = self.path / "preserve.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def copy(self, path: Path) -> Folder:
        """The folder as it is now, to be harmed."""
        shutil.copytree(self.path, path)
        twin = object.__new__(Folder)
        twin.path, twin.archive = path, path / "archive"
        twin.environment = {**self.environment, "HOME": str(path)}
        return twin

    @property
    def sources(self) -> bytes:
        return (self.path / "sources.txt").read_bytes()

    def entries(self, kind: str = "") -> list[Json]:
        lines = b"".join(path.read_bytes() for path in sorted((self.archive / "manifest").iterdir())).splitlines()
        entries = [json.loads(line) for line in lines]
        return [entry for entry in entries if kind in ("", entry["t"])]

    def entry(self, source: str) -> Json:
        """The newest capture of a source."""
        return [entry for entry in self.entries("capture") if entry["source"] == source][-1]

    @property
    def notes(self) -> list[Path]:
        return sorted((self.archive / "checkpoints").iterdir())

    @property
    def warcs(self) -> list[Path]:
        return sorted(self.archive.glob("warc/**/*.warc.gz*"))

    def files(self) -> Iterator[Path]:
        """Every file that is evidence."""
        for path in sorted(self.archive.rglob("*")):
            name = path.relative_to(self.archive)
            if path.is_file() and name.parts[0] not in ("index", "tmp", "lock"):
                yield path


def at(universe: Universe, path: Path, settings: str = "", *, proxy: str = "connect") -> Folder:
    """A folder whose network is the universe, trusted as if it were the system's.

    Films are left out unless `settings` has a [video] section: most tests are about pages, and yt-dlp takes its time.
    So are web archives without a [recover] section: they are asked at their own slow pace.
    """
    films = "" if "[video]" in settings else "[video]\nenabled = false\n"
    archives = "" if "[recover]" in settings else "[recover]\narchives = []\n"
    return Folder(
        path, universe.settings(proxy) + HASTY + films + archives + settings, environment=universe.environment()
    )


def meant(url: str) -> bytes:
    """The content that the universe gives on a good day, before codings and framing."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    reply = SITES[parts.hostname or ""](Request(b"", "GET", target, (), b""))
    assert reply and reply.status == 200, url
    return reply.body
