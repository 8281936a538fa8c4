"""A host that does not verify: captured and said, refused where asked for, trusted by name where told."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

import pytest

from tests.universe import Authority, Universe
from tests.universe.conftest import Archived
from tests.universe.stored import read
from tests.universe.working import Json, at

MINISTRY = "https://structure.mil.ru/mission/fight_against_terrorism.htm"  # certified by a root nobody ships
OTHER = "https://syrianarchive.org/assets/russian/ru-mod-website.png"


def captured(universe: Universe, path: Path, settings: str) -> tuple[int, Json, Json]:
    """The exit code, and the newest entries of the ministry's page and of another."""
    folder = at(universe, path, settings)
    folder.cite(MINISTRY, OTHER)
    result = folder.run()
    assert folder.verify("--no-record").code == 0
    return result.code, folder.entry(MINISTRY), folder.entry(OTHER)


@pytest.mark.parametrize("archived", ["connect"], indirect=True)
def test_unknown_authority_is_captured_and_said(archived: Archived) -> None:
    entry = archived.early.entry(MINISTRY)
    assert (entry["outcome"], entry["reason"]) == ("captured", "ok")
    tls = entry["hops"][-1]["tls"]
    assert tls["verified"] is None and "certificate" in tls["error"]
    assert any("tls not verified by the system" in signal for signal in entry["signals"])
    (chain,) = (one for file in archived.early.warcs for one in read(file) if one.id == f"<{tls['chain']}>")
    assert chain.get("WARC-Concurrent-To") == f"<{entry['answer']}>"
    leaf = chain.block.decode().partition("-----END CERTIFICATE-----\n")
    assert sha256(PEM_cert_to_DER_cert("".join(leaf[:2]))).hexdigest() == tls["leaf_sha256"]


@pytest.mark.parametrize("archived", ["connect"], indirect=True)
def test_the_others_verify(archived: Archived) -> None:
    for entry in archived.early.entries("capture"):
        for hop in entry["hops"]:
            if hop["tls"] and "structure.mil.ru" not in hop["url"]:
                assert (hop["tls"]["verified"], hop["tls"]["error"]) == ("system", None)


def test_strict_asks_for_nothing_over_a_connection_that_does_not_verify(universe: Universe, tmp_path: Path) -> None:
    code, entry, other = captured(universe, tmp_path / "work", '[host."structure.mil.ru"]\ntls = "strict"\n')
    assert code == 3
    assert (entry["outcome"], entry["reason"], entry["records"]) == ("failed", "tls-invalid", [])
    assert "certificate" in entry["signals"][-1]
    assert other["outcome"] == "captured"
    assert [one for one in universe.log if one.host == "structure.mil.ru"] == []


@pytest.mark.parametrize("tls", ["record", "strict"])
def test_a_root_of_ones_own_is_named(universe: Universe, universe_ca: Authority, tmp_path: Path, tls: str) -> None:
    rule = f'[host."*.mil.ru"]\nca_file = "{universe_ca.untrusted_ca_file}"\ntls = "{tls}"\n'
    code, entry, other = captured(universe, tmp_path / "work", rule)
    assert code == 0
    assert entry["hops"][-1]["tls"]["verified"] == "ca_file"
    assert other["hops"][-1]["tls"]["verified"] == "system"


def test_a_root_that_cannot_be_read_stops_before_anything_is_asked(universe: Universe, tmp_path: Path) -> None:
    folder = at(universe, tmp_path / "work", '[host."*.mil.ru"]\nca_file = "no-such.pem"\n')
    folder.cite(MINISTRY, OTHER)
    result = folder.run()
    assert result.code == 2
    assert "no-such.pem" in result.err
