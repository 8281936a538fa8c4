"""What an expression requires word for word: never more than it does, whatever stands in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preserve.capture.video.needles import may_match, needles

REQUIRED = {
    r"https?://(?:www\.)?rutube\.ru/video/(?P<id>[\da-z]{32})": ("http", "rutube.ru/video/"),
    r"https?://smotrim\.ru/(?:brand|video)/(\d+)": ("http", "://smotrim.ru/"),
    r"https?://embeds?\.example\.org/": ("http", "://embed", ".example.org/"),
    r"https?://a+bcde*fghij{2}klmn": ("http", "://a", "fghi", "klmn"),
    "(?x)https?:// videos\\ here\\.org / # ( not [ a group\n watch ? / (?P<id>.+)": ("http", "://videos here.org/watc"),
    r"[(]abcd[])]efgh": ("abcd", "efgh"),
    r"abcd(?:(efgh)|[(]|\()ijkl": ("abcd", "ijkl"),
    r"(?!x)abcd(?=e)": ("abcd",),
    r"abcd{,3}efgh{}ijkl": ("ijkl",),
}
UNTOLD = (
    r"(?i)https?://example\.org/", r"https?://example\.org/|ytuser:", r"(?P<a>x)example\1", r"\x41example", r"abcd)",
    r"(abcd", r"abc", r"(?:https?://example\.org/)?", "",
)  # fmt: skip


@pytest.mark.parametrize("pattern", REQUIRED, ids=ascii)
def test_what_must_stand_there_is_found(pattern: str) -> None:
    assert needles(pattern) == REQUIRED[pattern]


@pytest.mark.parametrize("pattern", UNTOLD, ids=ascii)
def test_where_it_cannot_be_told_nothing_is_ruled_out(pattern: str) -> None:
    assert needles(pattern) == () and may_match(pattern, "")


def test_every_address_that_an_extractor_of_yt_dlp_names_as_its_own_is_left_to_it() -> None:
    """Its authors give examples with each: some six thousand."""
    from yt_dlp.extractor import list_extractor_classes

    tried = 0
    for extractor in list_extractor_classes():
        pattern = extractor._VALID_URL
        for one in (pattern,) if isinstance(pattern, str) else pattern or ():
            for case in extractor.get_testcases(include_onlymatching=True):
                if re.match(one, case["url"]):
                    assert may_match(one, case["url"]), (one, case["url"])
                    tried += 1
    assert tried > 5000


ATOMS = st.sampled_from(
    ["abcd", "/", "x", r"\.", r"\d", r"\(", r"\\", "[(]", "[^]a]", "[]b]", ".", "(?:efgh)", "(?:ij|kl)", "(m)", "(?!n)"]
)
PATTERNS = st.lists(st.tuples(ATOMS, st.sampled_from(["", "", "", "?", "*", "+", "??", "{2}", "{0,1}"])), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first example builds tables
@given(PATTERNS, st.booleans(), st.data())
def test_whatever_matches_may_match(parts: list[tuple[str, str]], verbose: bool, data: st.DataObject) -> None:
    joined = (" # (|[\n" if verbose else "").join(atom + repeat for atom, repeat in parts)
    pattern = f"(?x){joined}" if verbose else joined
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assert may_match(pattern, text)
