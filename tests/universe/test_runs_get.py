"""What was captured comes back as the server meant it, with its custody record, also through revisits."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.universe import CITED
from tests.universe.conftest import Archived
from tests.universe.stored import read, split
from tests.universe.working import Json, meant

PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"
ARABIC = "https://vdc-sy.net/report-on-russian-attacks-ar/"  # gzip in chunks
CYRILLIC = "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews"  # windows-1251
TRAILERS = "https://syrianarchive.org/en/investigations"  # chunks with extensions and trailers

pytestmark = pytest.mark.parametrize("archived", ["connect"], indirect=True)


def got(archived: Archived, path: Path, *arguments: str) -> tuple[bytes, Json]:
    """The bytes that `preserve get` wrote, and the custody record beside them."""
    file = path / "original"
    result = archived.folder.preserve("get", *arguments, "-o", file)
    assert (result.code, result.out) == (0, b""), result.err
    custody = json.loads(Path(f"{file}.custody.json").read_text("utf-8"))
    assert custody["given"]["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert custody["given"]["bytes"] == file.stat().st_size
    assert custody["checkpoint"]["signature"] == "good"
    return file.read_bytes(), custody


@pytest.mark.parametrize("url", CITED)
def test_the_newest_capture_gives_what_the_server_meant(archived: Archived, url: str, tmp_path: Path) -> None:
    data, custody = got(archived, tmp_path, url)
    assert data == meant(url)
    assert custody["entry"]["source"] == url and custody["entry"]["reason"] == "unchanged"
    assert custody["given"]["matches_manifest"] is True
    assert any("repeated byte for byte" in step for step in custody["given"]["derived"])


@pytest.mark.parametrize("url", [PDF, ARABIC, CYRILLIC, TRAILERS])
def test_the_first_capture_gives_the_same(archived: Archived, url: str, tmp_path: Path) -> None:
    data, custody = got(archived, tmp_path, archived.first.captures[url]["capture"])
    assert data == meant(url)
    assert custody["entry"]["reason"] == "ok"


def test_the_originals_are_what_they_claim_to_be(archived: Archived) -> None:
    """The comparisons above are with the universe; this is what a reader would look for."""
    assert meant(PDF).rstrip().endswith(b"%%EOF")
    assert "Министерство обороны" in meant(CYRILLIC).decode("cp1251")
    assert "الزعفرانة" in meant(ARABIC).decode("utf-8")


@pytest.mark.parametrize("url", [ARABIC, TRAILERS])
def test_raw_is_the_body_of_the_wire(archived: Archived, url: str, tmp_path: Path) -> None:
    wire = {split(one.regular)[1] for one in archived.universe.log if one.url == url}
    assert {got(archived, tmp_path, url, "--raw")[0]} == wire


def test_record_is_the_stored_record(archived: Archived, tmp_path: Path) -> None:
    data, custody = got(archived, tmp_path, PDF, "--record")
    answer = custody["entry"]["answer"]
    (record,) = (one for file in archived.folder.warcs for one in read(file) if one.id == f"<{answer}>")
    assert data == record.head + b"\r\n\r\n" + record.block + b"\r\n\r\n"


def test_a_part_of_a_page_is_found_by_its_hash(archived: Archived, tmp_path: Path) -> None:
    font = meant("https://vdc-sy.net/wp-content/themes/universe/fonts/naskh.woff2")
    assert got(archived, tmp_path, f"sha256:{sha256(font).hexdigest()}")[0] == font


def test_standard_output_takes_the_same_bytes(archived: Archived) -> None:
    assert archived.folder.preserve("get", PDF).out == meant(PDF)


def test_what_is_not_held_is_said(archived: Archived) -> None:
    for arguments in (["https://example.org/never"], [PDF, "--at", "2015-09-30"]):
        result = archived.folder.preserve("get", *arguments)
        assert (result.code, result.out) == (3, b"")
        assert result.err.startswith("preserve: ")


def test_a_file_that_exists_is_not_overwritten(archived: Archived, tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(b"mine")
    result = archived.folder.preserve("get", PDF, "-o", tmp_path / "original")
    assert result.code != 0
    assert (tmp_path / "original").read_bytes() == b"mine"
