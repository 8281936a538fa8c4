"""Pages as servers send them, in folders named after what they are: each is judged by itself and called so.

Beside a page `.json` holds what is not in it: the address that was cited (`url`), those that it led to (`via`), status
and headers, and words that a signal must have. `ok` holds live pages that look as if they were something else; none of
them may ever be called lost or blocked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from preserve.model import OUTCOME_OF
from tests.support.visits import judged, visit

PAGES = Path(__file__).parents[1] / "vectors" / "pages"
FILES = sorted(PAGES.glob("*/*.html"))
LANGUAGES = {"en", "ru", "uk", "ar", "de", "fr"}
HTML = "text/html; charset=utf-8"


def told(page: Path) -> dict[str, Any]:
    beside = page.with_suffix(".json")
    return json.loads(beside.read_bytes()) if beside.exists() else {}


@pytest.mark.parametrize("page", FILES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_page_is_what_its_folder_says(page: Path) -> None:
    about, reason = told(page), page.parent.name
    headers = {"Content-Type": HTML, **about.get("headers", {})}
    url = about.get("url", "https://courier.example/news/2015/10/48213.html")
    came = visit(url, about.get("status", 200), headers, page.read_bytes(), via=tuple(about.get("via", ())))
    outcome = judged(came)
    assert (outcome.outcome, outcome.reason) == (OUTCOME_OF[reason], reason), outcome.signals
    assert about.get("signal", "") in " | ".join(outcome.signals)


def test_what_is_not_captured_says_why() -> None:
    for page in FILES:
        about = told(page)
        headers = {"Content-Type": HTML, **about.get("headers", {})}
        url = about.get("url", "https://courier.example/news/2015/10/48213.html")
        outcome = judged(
            visit(url, about.get("status", 200), headers, page.read_bytes(), via=tuple(about.get("via", ())))
        )
        status = about.get("status", 200)
        assert outcome.held or len(outcome.signals) > 1 or status >= 400, page


def test_every_class_is_there_in_several_languages() -> None:
    languages: dict[str, set[str]] = {}
    for page in FILES:
        languages.setdefault(page.parent.name, set()).add(page.stem[:2])
    one_language = {"empty", "redirected-away"}  # there is nothing to read
    assert {name for name, found in languages.items() if len(found & LANGUAGES) < 3} <= one_language
    assert len(FILES) >= 200
    assert len(list(PAGES.glob("ok/*.html"))) >= 100
