"""Who asks for a film gets the file that was meant, and is told what else there is."""

from __future__ import annotations

from typing import Any

import pytest

from preserve.errors import NotHeldError
from preserve.model import Entry
from preserve.retrieve.media import choose, everything, file_names, holds, made_of

A, B = "youtube:aaa", "vk:-1_2"


def _item(role: str, mark: str, film: str | None = A, **facts: Any) -> dict[str, Any]:
    return {"role": role, "sha256": mark * 64, "bytes": 100, "path": f"media/{mark}", "film": film, "facts": facts}


VIDEO, AUDIO = _item("video", "1", vcodec="avc1", height=1080), _item("audio", "2", acodec="mp4a")
BOTH = _item("video", "3", vcodec="avc1", acodec="mp4a", height=360, format="18")
ACCESS = {**_item("access", "4"), "derived_from": ["1" * 64, "2" * 64, 7], "made_by": "ffmpeg 7.1 -c copy"}
SMALL, LARGE = _item("thumb", "5", height=90), _item("thumb", "6", height=720)
ENGLISH, ARABIC = _item("subs", "7", language="en", automatic=True), _item("subs", "8", language="ar", format="vtt")
AUTOMATIC_ARABIC = _item("subs", "9", language="ar", automatic=True)
REGIONAL = _item("subs", "a", language="pt-BR")
INFO = _item("info", "b")
OTHER = _item("video", "c", B, vcodec="vp9", acodec="opus")


def _capture(*items: Any, films: tuple[str, ...] = (A,), **film: Any) -> Entry:
    told = [{"key": key, "outcome": "captured", "reason": "ok", **film} for key in films]
    return Entry(7, "capture", "ab" * 16, "", "", {"media": list(items), "films": told})


@pytest.mark.parametrize(
    ("items", "role", "chosen", "told"),
    [
        ([VIDEO, AUDIO, ACCESS], "", ACCESS, "; --role video and --role audio give what was served"),
        ([BOTH, ACCESS], "", ACCESS, "; --role video gives what was served"),
        ([VIDEO, AUDIO, BOTH], "", BOTH, "as served, with picture and sound"),
        ([AUDIO, VIDEO], "", VIDEO, "(--role video), --role audio gives the sound"),
        ([VIDEO], "", VIDEO, "no stream of sound is held"),
        ([AUDIO, INFO], "", AUDIO, "no picture is held"),
        ([VIDEO, AUDIO, ACCESS], "video", VIDEO, ""),
        ([BOTH, VIDEO], "video", VIDEO, "this is the best (1080p); the others: --role video:18 (360p, 18)"),
        ([SMALL, LARGE], "thumb", LARGE, f"sha256:{'5' * 64} (90p)"),
        ([ENGLISH, AUTOMATIC_ARABIC, ARABIC], "subs", ARABIC, "--role subs:en (en, automatic)"),
        ([ENGLISH, AUTOMATIC_ARABIC, ARABIC], "subs", ARABIC, f"sha256:{'9' * 64} (ar, automatic)"),
        ([ENGLISH, ARABIC], "subs:EN", ENGLISH, ""),
        ([ENGLISH, ARABIC], "subs:vtt", ARABIC, ""),
        ([ENGLISH, REGIONAL], "subs:pt", REGIONAL, ""),
        ([INFO, VIDEO], "info", INFO, ""),
    ],
)
def test_the_file_that_was_meant(items: list[Any], role: str, chosen: Any, told: str) -> None:
    choice = choose(_capture(*items), role)
    assert choice.item is chosen
    assert told in " ".join(choice.notes) and bool(told) == bool(choice.notes)


@pytest.mark.parametrize(
    ("role", "film", "chosen", "told"),
    [
        ("", "", BOTH, f"media of 2 films; this is of {A}; for the others: --film {B}"),
        ("", B, OTHER, ""),
        ("", "-1_2", OTHER, ""),
        ("info", "", INFO, "--film"),
    ],
)
def test_of_several_films_the_first_that_has_it_or_the_one_that_was_named(
    role: str, film: str, chosen: Any, told: str
) -> None:
    choice = choose(_capture(OTHER, BOTH, INFO, films=(A, B)), role, film)
    assert choice.item is chosen and (told in " ".join(choice.notes))
    assert ("--film" in " ".join(choice.notes)) == bool(told)


@pytest.mark.parametrize(
    ("capture", "role", "film", "why"),
    [
        (_capture(ENGLISH, ARABIC, INFO), "sheet", "", "it holds: info, subs:ar, subs:en"),
        (_capture(ENGLISH, ARABIC), "subs:fr", "", "subs:ar, subs:en"),
        (_capture(INFO), "", "", "it holds: info"),
        (_capture(films=()), "", "", "leave --media out"),
        (_capture(outcome="blocked", reason="age-gate"), "", "", f"{A} is blocked/age-gate"),
        (_capture(INFO, films=(A, B)), "", B, f"{B} is captured/ok"),
        (_capture(INFO), "", "youtube:zzz", f"{A} is captured/ok"),
    ],
)
def test_what_is_not_held_tells_what_is(capture: Entry, role: str, film: str, why: str) -> None:
    for ask in (choose, everything) if role or film or not capture.get("media") else (choose,):
        with pytest.raises(NotHeldError) as caught:
            ask(capture, role, film)
        assert why in caught.value.hint
    assert not holds(capture, role, film)


def test_everything_is_everything_of_what_was_asked_for() -> None:
    capture = _capture(OTHER, BOTH, ENGLISH, ARABIC, films=(A, B))
    assert everything(capture) == [BOTH, ENGLISH, ARABIC, OTHER]
    assert everything(capture, "subs") == [ENGLISH, ARABIC]
    assert everything(capture, film=B) == [OTHER]


@pytest.mark.parametrize(
    "odd",
    [{"facts": 7}, {"facts": {"height": "x", "language": 5, "format": None}}, {"film": 3}, {"sha256": None},
     {"bytes": -1}, {"derived_from": "x"}, {"role": None}, {"bytes": True}],
)  # fmt: skip
def test_odd_items_are_no_fault_of_the_others(odd: dict[str, Any]) -> None:
    strange = {**VIDEO, **odd}
    capture = _capture(strange, BOTH, SMALL, {**SMALL, **odd})
    assert choose(capture, film=A).item is BOTH
    assert choose(capture, "thumb").item["role"] == "thumb"
    assert made_of(capture, strange) == [] and len(file_names(everything(capture))) == 4


def test_a_derived_file_leads_to_what_it_was_made_of() -> None:
    assert made_of(_capture(VIDEO, AUDIO, INFO, ACCESS), ACCESS) == [VIDEO, AUDIO]


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["youtube/q/q.f136.mp4", "youtube/q/q.info.json"], ["q.f136.mp4", "q.info.json"]),
        (["a/x.mp4", "b/x.mp4", "c/X.MP4"], ["x.mp4", "1-x.mp4", "2-X.MP4"]),
        (["../../etc/passwd", "..", "/", ".bashrc", "-rf"], ["passwd", "file", "2-file", "bashrc", "rf"]),
        (["a\x1b[2J\n\u202e.mp4", "a\\b:c*.mp4", None], ["a_2J_.mp4", "a_b_c_.mp4", "m.mp4"]),
        (["x" * 400 + ".mp4"], ["x" * 146 + ".mp4"]),
    ],
)
def test_names_in_a_folder_are_plain_and_each_is_its_own(names: list[Any], files: list[str]) -> None:
    assert file_names([{"name": name, "path": "media/sha256/ab/m.mp4"} for name in names]) == files
