"""The program as a person has it, in this process: its exit code, its answer, what it said beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from preserve.cli import main as entry_point
from tests.small_archive import SmallArchive


class Said(NamedTuple):
    code: int
    out: bytes
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def preserve_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Callable[..., tuple[int, str, str]]]:
    """The same in a folder: exit code, stdout, stderr."""

    def within(folder: Path) -> Callable[..., tuple[int, str, str]]:
        def run(*words: str) -> tuple[int, str, str]:
            monkeypatch.setattr(sys, "argv", ["preserve", "-C", str(folder), *words])
            with pytest.raises(SystemExit) as ended:
                entry_point.main()
            said = capsys.readouterr()
            return int(ended.value.code or 0), said.out, said.err

        return run

    return within


@pytest.fixture
def preserve(
    case: SmallArchive, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Said]:
    def run(*arguments: object) -> Said:
        words = ["preserve", "-C", str(case.folder), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            entry_point.main()
        sys.stdout.flush()
        said = capfdbinary.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err.decode())

    return run
