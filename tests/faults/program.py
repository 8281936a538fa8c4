"""The real program in a working folder of its own, against the universe, and what must hold after any fault.

place = Workplace(tmp_path / "work", universe.settings(), universe.environment())
killed = place.preserve("run", "--json", before=["strace", ...])
place.assert_valid()
place.assert_held(killed.captured)
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "preserve"]
SWEEP = bool(os.environ.get("SWEEP"))  # every point of a sweep, not a handful
PATIENCE = 60.0  # seconds; a run of this size takes one, a loaded machine takes ten times that
REPORT = """\
# Four sources on three hosts
A [page with two parts](https://syrianarchive.org/en/investigations), a
[picture](https://syrianarchive.org/assets/russian/ru-mod-website.png) that one of them shows, a
[PDF](http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf) of 120 KB and a
[wall post](https://vk.com/wall-3457550_23655).
"""
PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"
SETTINGS = '[politeness]\ndelay = 0.0\n[retry]\ntries = 1\n[key]\nfile = "key.pem"\n'


@dataclass(frozen=True)
class Done:
    """How a process ended and what it said. No command may ever show a traceback."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err, self.err

    @property
    def events(self) -> list[Any]:
        """The whole JSON lines: a killed process may have begun another one."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True) if line.endswith("\n")]

    @property
    def captured(self) -> list[str]:
        """The ids that were announced as captured."""
        events = (event for event in self.events if event["event"] == "capture")
        return [event["capture"] for event in events if event["outcome"] == "captured"]

    @property
    def outcomes(self) -> dict[str, str]:
        events = (event for event in self.events if event["event"] == "capture")
        return {event["source"]: f"{event['outcome']}/{event['reason']}" for event in events}

    def complained(self, code: int, *words: str) -> None:
        """It ended with this code, one sentence that holds these words, and a hint."""
        assert self.code == code, (self.code, self.err)
        lines = [line for line in self.err.splitlines() if line]
        sentence = next((at for at, line in enumerate(lines) if line.startswith("preserve: ")), None)
        assert sentence is not None, self.err
        assert all(word in lines[sentence] for word in words), self.err
        assert lines[sentence + 1 :] and lines[sentence + 1].startswith("  "), f"no hint in {self.err}"


@dataclass(frozen=True)
class Inside:
    """A name space: the words that lead a command into it, and where its files are seen from here."""

    enter: list[str]
    root: Path


@dataclass
class Workplace:
    """A folder with preserve.toml and one report; `settings` is what reaches the hosts. `inside`: the name space in
    which all commands run."""

    folder: Path
    settings: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    report: str = REPORT
    inside: Inside = field(default_factory=lambda: Inside([], Path("/")))

    def __post_init__(self) -> None:
        (self.folder / "documents").mkdir(parents=True, exist_ok=True)
        (self.folder / "home").mkdir(exist_ok=True)
        if self.report:
            (self.folder / "documents" / "report.md").write_text(self.report)
        self.configure()

    def configure(self) -> None:
        films = "" if "[video]" in self.settings else "[video]\nenabled = false\n"  # most runs here are about pages
        (self.folder / "preserve.toml").write_text(self.settings + films + SETTINGS)

    @property
    def archive(self) -> Path:
        return self.inside.root / self.folder.relative_to("/") / "archive"

    def start(self, *arguments: str, before: Sequence[str] = (), **how: Any) -> subprocess.Popen[str]:
        names = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        environment |= {"HOME": str(self.folder / "home"), "LANG": "C.UTF-8", **self.environment}
        words = [*self.inside.enter, *before, *PROGRAM, "-C", str(self.folder), *arguments]
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        return subprocess.Popen(words, env=environment, text=True, errors="surrogateescape", **how)

    def preserve(self, *arguments: str, before: Sequence[str] = (), **how: Any) -> Done:
        return finish(self.start(*arguments, before=before, **how))

    def killed_after(self, seconds: float, *arguments: str) -> Done:
        """SIGKILL at that moment, if it still runs then."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate(timeout=PATIENCE)
        return Done(process.returncode, out, err)

    # -- what the archive holds, read without the program
    @property
    def lines(self) -> bytes:
        """The manifest up to its last whole line: what is committed."""
        data = b"".join(path.read_bytes() for path in sorted((self.archive / "manifest").glob("*.jsonl")))
        return data[: data.rfind(b"\n") + 1]

    @property
    def entries(self) -> list[Any]:
        return [json.loads(line) for line in self.lines.splitlines()]

    @property
    def captures(self) -> list[Any]:
        return [entry for entry in self.entries if entry["t"] == "capture"]

    def outcome(self, source: str) -> tuple[str, str]:
        """Of the newest capture."""
        entry = next(entry for entry in reversed(self.captures) if entry["source"] == source)
        return entry["outcome"], entry["reason"]

    def every_byte(self) -> bytes:
        """All files of the archive, gzip members unpacked too: what a secret must not be in."""
        found = []
        for path in sorted(self.archive.rglob("*")):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                found += [path.name.encode(), data, gzip.decompress(data) if ".warc.gz" in path.name else b""]
        return b"\n".join(found)

    # -- what must hold
    def assert_valid(self) -> None:
        """No damage. Before the first entry there is no archive yet, and that is what verify says."""
        done = self.preserve("verify", "--full", "--no-record", "--json")
        assert done.code == (0 if self.lines else 2), done.out + done.err

    def assert_held(self, captures: Sequence[str], *, get: int = 1) -> None:
        """These captures are committed; the last `get` of them are given back."""
        committed = {entry["id"] for entry in self.captures}
        assert committed >= set(captures)
        for capture in captures[len(captures) - get if get < len(captures) else 0 :]:
            done = self.preserve("get", capture, "-o", f"{capture}.bin", "--force")
            assert done.code == 0, done.err
            custody = json.loads((self.folder / f"{capture}.bin.custody.json").read_text())
            digest = hashlib.sha256((self.folder / f"{capture}.bin").read_bytes()).hexdigest()
            assert digest in json.dumps(custody)

    def assert_goes_on(self) -> None:
        """The next run needs no help, finishes everything, and what was committed is as it was."""
        before = self.lines
        done = self.preserve("run", "--json")
        assert done.code == 0, done.err
        assert self.lines.startswith(before), "what was committed has changed"
        verified = self.preserve("verify", "--full", "--no-record", "--json")
        assert verified.code == 0 and verified.events[-1]["sound"], verified.out
        held = {entry["source"] for entry in self.captures if entry["outcome"] == "captured"}
        assert held >= set(re.findall(r"\((https?://[^)]+)\)", self.report))


def finish(process: subprocess.Popen[str], patience: float = PATIENCE) -> Done:
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it does not end: {out}{err}") from None
    return Done(process.returncode, out or "", err or "")


def interrupt(process: subprocess.Popen[str], number: int = signal.SIGINT) -> None:
    """Sends a signal and waits until it has arrived: of two that are pending at once the kernel delivers one."""
    process.send_signal(number)
    status = Path(f"/proc/{process.pid}/status")
    until(lambda: process.poll() is not None or b"ShdPnd:\t0000000000000000" in status.read_bytes(), "the signal")


def until(true: Callable[[], object], what: str) -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.005)


# -- strace ------------------------------------------------------------------------------------------------------------
@cache
def no_strace() -> str:
    """Why system calls cannot be tampered with here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    try:
        tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    except OSError as error:
        return f"strace cannot be started: {error}"
    return f"strace is not permitted: {tried.stderr.strip()}" if tried.returncode else ""


def tampering(call: str, what: str, number: int | str, log: Path) -> list[str]:
    """strace so that the `number`-th call (of a thread) is tampered with: `signal=SIGKILL`, `error=EIO`.

    Without --seccomp-bpf, with which strace 6.1 silently sends no signal.
    """
    inject = f"inject={call}:{what}:when={number}"
    return ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", "-e", inject]


def tampered(log: Path) -> bool:
    """Whether it came to that call."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "(INJECTED)" in text or "killed by SIGKILL" in text


# -- name spaces -------------------------------------------------------------------------------------------------------
@cache
def no_namespaces() -> str:
    """Why no name spaces can be made here, or nothing."""
    for tool in ("unshare", "nsenter", "mount"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    if os.geteuid() != 0:
        return "only root makes mount and network name spaces"
    tried = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, text=True, check=False)
    return f"name spaces are not permitted: {tried.stderr.strip()}" if tried.returncode else ""


@contextmanager
def namespace(*kinds: str, script: str = "") -> Iterator[Inside]:
    """A name space of these kinds (`-m`, `-n`), set up by a shell script. It ends with its holder, and mounts
    and addresses with it."""
    holder = subprocess.Popen(
        ["unshare", *kinds, *(["--propagation", "private"] if "-m" in kinds else []),
         "sh", "-ec", f"{script}\necho ready; read _ || true"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin and holder.stdout
    try:
        assert holder.stdout.readline() == "ready\n", f"the name space could not be set up: {script}"
        yield Inside(["nsenter", "-t", str(holder.pid), *kinds], Path(f"/proc/{holder.pid}/root"))
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
