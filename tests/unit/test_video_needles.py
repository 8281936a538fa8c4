"""What an expression requires word for word: never more than it does, whatever stands in it."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from preserve.capture.video.needles import expression, may_match, needles

REQUIRED = {
    r"https?://(?:www\.)?rutube\.ru/video/(?P<id>[\da-z]{32})": ("http", "rutube.ru/video/"),
    r"https?://(?:www\.)?smotrim\.ru/(?:brand|video)/(\d+)": ("http", "smotrim.ru/", (("brand",), ("video",))),
    r"https?://embeds?\.example\.org/": ("http", "://embed", ".example.org/"),
    r"https?://a+bcde*fghij{2}klmn": ("http", "://a", "fghi", "klmn"),
    r"abcd\12345efgh": ("abcd", "efgh"),
    "(?x)https?:// videos\\ here\\.org / # ( not [ a group\n watch ? / (?P<id>.+)": ("http", "://videos here.org/watc"),
    r"(?:tube:|https?://(?:one\.org|two\.org)/)w/": ((("tube:",), ("http", (("one.org",), ("two.org",)))),),
    r"https?://example\.org/|ytuser:": ((("http", "://example.org/"), ("ytuser:",)),),
    r"<iframe[^>]+src=(['\"])(?P<url>//rutube\.ru/.+?)\1": ("<iframe", "src=", "//rutube.ru/"),
    r"[(]abcd[])]efgh": ("abcd", "efgh"),
    r"abcd(?:(efgh)|[(]|\()ijkl": ("abcd", "ijkl"),
    r"(?:abcd(?:efgh)+){2}(?:ijkl)?mnop(?:qrst)+?": ("mnop", "qrst"),
    r"(?!x)abcd(?=efgh)(?<!ijkl)": ("abcd",),
    r"abcd{,3}efgh{}ijkl": ("ijkl",),
}
UNTOLD = (
    r"(?i)https?://example\.org/", r"https?://example\.org/|yt:", r"\x41example", r"abcd)", r"(abcd", r"abc",
    r"(?:https?://example\.org/)?", r"(?x:abcd # (" "\n)", r"(?i:abcd)", r"(?#abcd", "",
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


FEW = settings(
    max_examples=8, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
)


def patterns() -> list[str]:
    """What yt-dlp tells addresses and players by; of PeerTube's, which name a thousand sites, no text can be made."""
    from yt_dlp.extractor import list_extractor_classes

    found = set[str]()
    for extractor in list_extractor_classes():
        valid = extractor._VALID_URL
        found.update((valid,) if isinstance(valid, str) else valid or (), extractor._EMBED_REGEX)
    return sorted(one for one in found if len(one) < 20_000 and needles(one))


@pytest.mark.parametrize("share", range(8))
def test_whatever_an_expression_of_yt_dlp_matches_may_match(share: int) -> None:
    """Some 1,900 of them; a few from all over, where there is little time."""
    for pattern in patterns()[share :: 8 if os.environ.get("SWEEP") else 80]:
        texts = st.from_regex(pattern, alphabet=st.characters(codec="ascii"))
        FEW(given(st.just(pattern), texts)(missed_nothing))()


def missed_nothing(pattern: str, text: str) -> None:
    assert may_match(pattern, text) or not re.search(pattern, text)


ATOMS = st.sampled_from(
    ["abcd", "/", "x", r"\.", r"\d", r"\(", r"\\", "[(]", "[^]a]", "[]b]", ".", "(?:efgh)", "(?:ij|kl)", "(m)", "(?!n)",
     "(?:opqr|(?:stuv|wxyz)abcd|(efgh))", "(ijkl|)", "(?=o)", "abcd|efgh"]
)  # fmt: skip
PATTERNS = st.lists(st.tuples(ATOMS, st.sampled_from(["", "", "", "?", "*", "+", "??", "{2}", "{0,1}"])), max_size=8)


def joined(parts: list[tuple[str, str]], verbose: bool) -> str:
    text = (" # (|[\n" if verbose else "").join(atom + repeat for atom, repeat in parts)
    return f"(?x){text}" if verbose else text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first example builds tables
@given(PATTERNS, st.booleans(), st.data())
def test_whatever_matches_may_match(parts: list[tuple[str, str]], verbose: bool, data: st.DataObject) -> None:
    pattern = joined(parts, verbose)
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assert may_match(pattern, text)


@given(PATTERNS, st.booleans(), st.text("abcdefghijklmnopqrstuvwxyz/.(1", max_size=40))
def test_an_expression_finds_what_a_compiled_one_finds(parts: list[tuple[str, str]], verbose: bool, text: str) -> None:
    ours, theirs = expression(joined(parts, verbose)), re.compile(joined(parts, verbose))
    assert [one.span() for one in ours.finditer(text)] == [one.span() for one in theirs.finditer(text)]
    assert bool(ours.match(text)) == bool(theirs.match(text)) and ours.pattern == theirs.pattern


def test_an_expression_that_cannot_match_is_not_compiled() -> None:
    wrong = "abcd[z-a]"
    assert expression(wrong).match("abc") is None and not [*expression(wrong).finditer("abc")]
    with pytest.raises(re.error):
        expression(wrong).match("abcd")
