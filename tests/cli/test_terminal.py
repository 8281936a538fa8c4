"""The program as a process: its pipes, its terminal, its silence."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

TALK = "from preserve.terminal import out, emit, hang_up\nfor n in range(20000): out('x' * 50)\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), "TERM": "xterm"}
ENVIRONMENT.pop("NO_COLOR", None)


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TALK + "raise SystemExit(4)"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 4, "the work goes on, and its exit code counts"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_the_output_is_an_error_with_its_own_code() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "preserve", "config", "show"],
            stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False,
        )  # fmt: skip
    assert done.returncode == 6
    assert done.stderr.startswith(b"preserve: the output cannot be written")


def test_a_closed_output_is_no_error() -> None:
    command = f'exec "{sys.executable}" -m preserve config show >&-'
    done = subprocess.run(["sh", "-c", command], check=False, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_on_a_real_terminal(variables: dict[str, str], coloured: bool) -> None:
    controller, terminal = pty.openpty()
    talk = "from preserve.terminal import out; out('x', style='captured')"
    subprocess.run([sys.executable, "-c", talk], stdout=terminal, env={**ENVIRONMENT, **variables}, check=True)
    os.close(terminal)
    said = os.read(controller, 1000)
    os.close(controller)
    assert (b"\x1b[32m" in said) is coloured and b"x" in said


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("cli.main, preserve.cli.get, preserve.cli.status", "rich lxml httpx cryptography ada_url"),
        ("network.session, preserve.network.wire", "rich pygments"),
    ],
)
def test_the_light_modules_stay_light(modules: str, heavy: str) -> None:
    """Start-up: what every command imports must not pull in what few need, nor a run what only terminals need."""
    talk = f"import sys, preserve.{modules}\nprint([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", talk], stdout=subprocess.PIPE, env=ENVIRONMENT, check=True)
    assert done.stdout.strip() == b"[]"
