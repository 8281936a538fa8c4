"""Fixtures for every test: a universe on the loopback instead of the network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # `tests.universe` wherever pytest was started

from tests.universe import Authority, Universe


@pytest.fixture(scope="session")
def universe_ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificates, made once for all tests."""
    return Authority(tmp_path_factory.mktemp("universe-ca"))


@pytest.fixture
def universe(tmp_path: Path, universe_ca: Authority) -> Iterator[Universe]:
    """A fresh universe without faults: empty log, first visits."""
    with Universe(tmp_path / "universe", authority=universe_ca) as running:
        yield running
