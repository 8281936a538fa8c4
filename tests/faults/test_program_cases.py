"""docs/CASES.md is held to the truth: every test that it names exists, and every case has exactly one row."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
CASES = (TESTS.parent / "docs" / "CASES.md").read_text()


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`([\w/]+\.py)::(\w+)`", CASES))
    assert len(named) > 80
    trees = {file: ast.parse((TESTS / file).read_text()) for file, _ in named}
    there = {
        (file, node.name)
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert not named - there


def test_every_case_has_one_row_and_the_count_is_right() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \| [^|]* \|$", CASES, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 131))
    missing = [number for number, tests in rows if tests == "–"]
    assert f"not yet: {len(missing)} ({', '.join(missing)})" in CASES
