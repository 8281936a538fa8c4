"""extract over folders: what is read, what is told, what is remembered, and the picture of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from preserve.documents import pool
from preserve.documents.pool import Request
from tests.support import browser

Run = Callable[..., tuple[int, str, str]]
ARABIC = (
    "# تقرير\n\nانظر إلى [تسجيل الفيديو](https://www.youtube.com/watch?v=abc) على يوتيوب، و https://vk.com/wall-1_2.\n\n"
    "See <https://web.archive.org/web/2015/http://mil.ru/a>, [mail](mailto:a@example.org), hxxp://bad[.]example/x <b>\n"
)


@pytest.fixture
def preserve(tmp_path: Path, preserve_in: Callable[[Path], Run]) -> Run:
    return preserve_in(tmp_path)


def put(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


# -- folders -----------------------------------------------------------------------------------------------------------
def test_a_folder_is_read_in_order_once_and_through_links(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, docs__b_md="https://x.org/b", docs__a__z_txt="https://x.org/z", elsewhere__e_md="https://x.org/e")
    put(tmp_path, docs___hidden_md="https://x.org/hidden")
    (tmp_path / "docs" / "loop").symlink_to("..")  # leads to itself through the folder above
    (tmp_path / "docs" / "away").symlink_to(tmp_path / "elsewhere")
    code, out, _ = preserve("extract", "--plain", "docs")
    assert (code, out.split()) == (0, ["https://x.org/z", "https://x.org/e", "https://x.org/b"])


def test_a_folder_elsewhere_is_named_by_its_path(
    tmp_path: Path, preserve: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    put(other, a_md="https://x.org/a")
    assert preserve("extract", "--plain", str(other))[:2] == (0, "https://x.org/a\n")


def test_what_is_no_file_in_a_folder_is_told(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, docs__a_md="https://x.org/a")
    os.mkfifo(tmp_path / "docs" / "pipe.md")
    (tmp_path / "docs" / "self.md").symlink_to("self.md")
    (tmp_path / "docs" / "gone.md").symlink_to("nowhere.md")
    for words in ((), ("docs",)):
        (tmp_path / "preserve.toml").write_text('documents = ["docs/**/*"]')
        code, out, err = preserve("extract", "--plain", *words)
        assert (code, out) == (3, "https://x.org/a\n")
        assert all(f"docs/{name}.md" in err for name in ("pipe", "self", "gone"))


def test_pictures_and_films_in_a_folder_are_no_failures_but_one_line(tmp_path: Path, preserve: Run) -> None:
    put(
        tmp_path,
        docs__a_md="https://x.org/a",
        docs__p_png=b"\x89PNG\r\n\x1a\n\0\0",
        docs__f_mp4=b"\0\0\0\x18ftypmp42\0\0",
    )
    code, out, err = preserve("extract", "--plain", "docs")
    assert (code, out) == (0, "https://x.org/a\n") and "2 file(s) are pictures, films or sound" in err
    code, _, err = preserve("extract", "--plain", "docs/p.png")
    assert code == 3 and "docs/p.png is a picture" in err


# -- memory ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the documents that were really read."""
    names: list[str] = []
    original = pool.read_all

    def counted(requests: list[Request], **options: int) -> object:
        names.extend(request.name for request in requests)
        return original(requests, **options)

    monkeypatch.setattr(pool, "read_all", counted)
    return names


def test_unchanged_documents_are_not_read_again(tmp_path: Path, preserve: Run, read: list[str]) -> None:
    put(tmp_path, documents__a_md=ARABIC, documents__b_md="[b](/b) https://x.org/b")
    assert preserve("init")[0] == 0
    first = preserve("extract", "--jsonl")
    assert read == ["documents/a.md", "documents/b.md"]
    read.clear()
    assert preserve("extract", "--jsonl") == first and read == []
    put(tmp_path, documents__b_md="https://x.org/c")
    assert "https://x.org/c" in preserve("extract", "--jsonl")[1] and read == ["documents/b.md"]
    read.clear()
    preserve("extract", "--jsonl", "--base-url", "https://base.example/")
    assert read == ["documents/a.md", "documents/b.md"], "another base gives other URLs"


def test_a_damaged_memory_is_none(tmp_path: Path, preserve: Run, read: list[str]) -> None:
    put(tmp_path, documents__a_md=ARABIC)
    preserve("init")
    first = preserve("extract", "--jsonl")
    for path in (tmp_path / "archive/index/documents").iterdir():
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-20])
    read.clear()
    assert preserve("extract", "--jsonl") == first and read == ["documents/a.md"]
    assert preserve("verify")[0] == 0


def test_without_an_archive_nothing_is_written(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, documents__a_md=ARABIC)
    preserve("extract")
    assert {path.name for path in tmp_path.rglob("*")} == {"documents", "a.md"}


# -- the picture -------------------------------------------------------------------------------------------------------
def drawn(tmp_path: Path, preserve: Run, *words: str) -> str:
    code, _, err = preserve("extract", "--html", "picture.html", *words)
    assert code == 0, err
    return (tmp_path / "picture.html").read_text()


def test_the_picture_runs_and_fetches_nothing(tmp_path: Path, preserve: Run) -> None:
    put(
        tmp_path,
        a_md=ARABIC + '\n<script>alert(1)</script> [x](javascript:alert(1)) "><img src=//x.org/i onerror=alert(1)>\n',
    )
    page = drawn(tmp_path, preserve, "a.md")
    assert "default-src 'none'" in page
    tags = {tag.lower() for tag in re.findall(r"<([A-Za-z][A-Za-z0-9]*)", page)}
    assert not tags & {"script", "img", "iframe", "link", "object", "form", "svg"}
    assert all(href.startswith("#") for href in re.findall(r'href="([^"]*)"', page))
    assert not re.search(r"\son\w+\s*=", re.sub(r">[^<]*<", "><", page))


def test_every_citation_is_marked_where_it_stands_and_listed(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, a_md=ARABIC, b_md="broken\nhttps://x.org/b.\n")
    page = drawn(tmp_path, preserve, "a.md", "b.md")
    marks = re.findall(r'<mark class="(\w+)" id="m(\d+)"[^>]*><a href="#c\2"><bdi>(.*?)</bdi>', page)
    assert [(kind, unescape(text)) for kind, _, text in marks] == [
        ("sure", "https://www.youtube.com/watch?v=abc"),
        ("sure", "https://vk.com/wall-1_2"),
        ("sure", "https://web.archive.org/web/2015/http://mil.ru/a"),
        ("none", "mailto:a@example.org"),
        ("guess", "hxxp://bad[.]example/x"),
        ("sure", "https://x.org/b"),
    ]
    assert [f'id="c{number}"' in page for _, number, _ in marks] == [True] * 6
    assert "archived-original" in page and 'data-line="2"' in page


def test_a_large_text_is_shown_around_its_citations(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, a_txt="nothing here\n" * 200_000 + "see https://x.org/a here\n" + "nothing here\n" * 10)
    page = drawn(tmp_path, preserve, "a.txt")
    assert 'data-line="200001"' in page and page.count("nothing here") == 0 and len(page) < 20_000


_MEASURE = """<script>
const lines = [...document.querySelectorAll(".text div")].filter(line => line.textContent.trim())
const box = element => element.getBoundingClientRect()
const at = (line, text) => {
  const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const found = walk.currentNode.data.indexOf(text)
    if (found < 0) continue
    const range = document.createRange()
    range.setStart(walk.currentNode, found); range.setEnd(walk.currentNode, found + text.length)
    return range.getBoundingClientRect().left
  }
}
onload = () => fetch("/told", {method: "POST", body: JSON.stringify({
  directions: lines.map(line => getComputedStyle(line).direction),
  first: at(lines[1], "انظر"), marked: box(lines[1].querySelector("mark")).left, after: at(lines[1], "يوتيوب"),
  latin: [at(lines[2], "See"), box(lines[2].querySelector("mark")).left],
  overflow: document.documentElement.scrollWidth - innerWidth,
  missing: [...document.querySelectorAll("a")].filter(a => !document.querySelector(a.getAttribute("href"))).length,
  fetched: performance.getEntriesByType("resource").length,
})})
</script>"""


def test_a_browser_lays_right_to_left_text_out_right(tmp_path: Path, preserve: Run) -> None:
    put(tmp_path, a_md=ARABIC)
    page = drawn(tmp_path, preserve, "a.md")
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)  # so that it can be measured
    told = browser.told(page.replace("</body>", f"{_MEASURE}</body>"))
    assert told["directions"] == ["rtl", "rtl", "ltr"]
    assert told["first"] > told["marked"] > told["after"], "an Arabic sentence goes on to the left, also past a URL"
    assert told["latin"][0] < told["latin"][1]
    assert told["overflow"] <= 0 and told["missing"] == 0 and told["fetched"] == 0
