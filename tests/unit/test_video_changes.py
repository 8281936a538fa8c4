"""What changed about a film is said, and a stream is fetched once more only for a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from preserve.capture.video.changes import Offer, compare, decide, dropped

FILM = {
    "outcome": "captured", "reason": "ok", "title": "Удар по складу", "description_sha256": "aa", "uploader": "وزارة", "uploader_id": "UC1",
    "published": "2015-09-30", "duration_ms": 61_000, "views": 10, "likes": 2, "availability": "public", "quality": {"width": 1920, "height": 1080},
}  # fmt: skip
CHANGES: list[tuple[dict[str, Any], list[tuple[str, Any, Any]]]] = [
    ({}, []),
    ({"reason": "unchanged"}, []),
    ({"title": "Другое название"}, [("title", "Удар по складу", "Другое название")]),
    ({"description_sha256": "bb"}, [("description", "aa", "bb")]),
    ({"uploader": "x", "uploader_id": "UC2"}, [("uploader", "وزارة", "x"), ("uploader_id", "UC1", "UC2")]),
    ({"views": 11, "likes": 0}, [("views", 10, 11), ("likes", 2, 0)]),
    ({"availability": "unlisted"}, [("availability", "public", "unlisted")]),
    ({"quality": {"width": 640, "height": 360}}, [("quality", FILM["quality"], {"width": 640, "height": 360})]),
    ({"quality": {"width": None, "height": None}}, []),
    ({"outcome": "lost", "reason": "removed", "title": None, "views": None, "quality": None}, [("outcome", "captured", "lost/removed")]),
]  # fmt: skip


@pytest.mark.parametrize(("now", "expected"), CHANGES)
def test_changes_between_two_visits(now: Any, expected: Any) -> None:
    assert [(one["what"], one["from"], one["to"]) for one in compare(FILM, FILM | now)] == expected


def test_another_reason_of_failure_is_a_change() -> None:
    private, region = {"outcome": "blocked", "reason": "private"}, {"outcome": "blocked", "reason": "geo-blocked"}
    assert compare(private, region) == [{"what": "outcome", "from": "blocked/private", "to": "blocked/geo-blocked"}]
    assert compare({"outcome": "lost", "reason": "gone"}, FILM)[-1]["to"] == "captured", "it has come back"


@pytest.mark.parametrize("odd", [None, [], "x", 7, {}, {"quality": 3}, {"outcome": None}])
def test_any_shape_is_survived(odd: Any) -> None:
    assert compare(odd, FILM) == compare(FILM, odd) == []
    assert dropped([odd, {"role": "video", "facts": odd}], odd) is None
    assert decide([odd, {"role": "video", "facts": odd, "marks": odd}], OFFER).action == "ask"


def stream(
    name: str, height: int | None, *, size: int | None = 1_000_000, lmt: str | None = "1", fps: int | None = 25,
    length: int | None = 60_000, codec: str = "avc1.4d401f", role: str = "video", fragments: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A stream as a capture holds it."""
    facts = {"format": name, "height": height, "fps": fps, "duration_ms": length, "vcodec": codec, "acodec": codec}
    marks = {"format": name, "bytes": size, "last_modified": lmt, "fragments": fragments}
    return {"role": role, "bytes": size or 900_000, "facts": facts, "marks": marks}


OFFER = Offer("136", "video", 1280, 720, 25, 133_000, None, None, 60_000, "avc1.4d401f")
SAME = replace(OFFER, bytes=1_000_000, last_modified="1")
HD = stream("136", 720)
FULL_HD = stream("137", 1080)
SOUND = replace(SAME, format="140", role="audio", width=None, height=None, fps=None, codec="mp4a.40.2")
HELD_SOUND = stream("140", None, role="audio", codec="mp4a.40.2")

DECISIONS: list[tuple[str, list[Any], Offer, str, str]] = [
    ("nothing is held", [], SAME, "fetch", "no video is held"),
    ("only the sound is held", [HELD_SOUND], SAME, "fetch", "no video is held"),
    ("the same", [HD], SAME, "keep", ""),
    ("the same as an older capture", [stream("136", 720, lmt="2"), HD], SAME, "keep", ""),
    ("the same size, no date", [HD], replace(SAME, last_modified=None), "keep", ""),
    ("the same date, no size", [HD], replace(SAME, bytes=None), "keep", ""),
    ("encoded anew", [HD], replace(SAME, last_modified="2"), "fetch", "the platform changed 136"),
    ("another size", [HD], replace(SAME, bytes=999_999), "fetch", "the platform changed 136"),
    ("nothing known here", [HD], OFFER, "ask", ""),
    ("nothing known of the held", [stream("136", 720, size=None, lmt=None, fragments="ab")], SAME, "ask", ""),
    ("a list of fragments, no size said", [stream("136", 720, lmt=None, fragments="ab")], OFFER, "ask", ""),
    ("better height", [HD], replace(SAME, format="137", height=1080), "fetch", "offered in 1080p, held in 720p"),
    ("worse height", [HD, FULL_HD], replace(SAME, format="134", height=360), "keep", "offered at most 360p, held in 1080p"),
    ("more frames", [HD], replace(SAME, format="298", fps=50), "fetch", "offered in 50 frames a second, held in 25 frames a second"),
    ("fewer frames", [stream("298", 720, fps=50)], replace(SAME, format="x"), "keep", "offered at most 25 frames a second, held in 50 frames a second"),
    ("frames as others round them", [HD], replace(SAME, format="x", fps=24), "keep", "x is another coding of the picture that is held"),
    ("more bits", [HD], replace(SAME, format="x", bytes=1_200_000, codec="h264"), "fetch", "the same picture with 160 kbit/s, held with 133 kbit/s"),
    ("hardly more bits", [HD], replace(SAME, format="x", bytes=1_050_000), "keep", "x is another coding of the picture that is held"),
    ("fewer bits", [HD], replace(SAME, format="x", bytes=500_000), "keep", "x is another coding of the picture that is held"),
    ("more bits in another family", [HD], replace(SAME, format="247", bytes=9_000_000, codec="vp9"), "keep", "247 is another coding of the picture that is held"),
    ("bits of no known codec", [HD], replace(SAME, format="x", bytes=9_000_000, codec=None), "keep", "x is another coding of the picture that is held"),
    ("announced bits", [HD], replace(OFFER, format="x", bitrate=500_000), "fetch", "the same picture with 500 kbit/s, held with 133 kbit/s"),
    ("cut short", [HD], replace(SAME, format="x", height=360, duration_ms=30_000), "fetch", "the film has another length than before"),
    ("made longer, sizes unknown", [HD], replace(OFFER, duration_ms=90_000), "fetch", "the film has another length than before"),
    ("as long as measures go", [HD], replace(SAME, duration_ms=62_500), "keep", ""),
    ("back to an older length", [stream("136", 720, length=30_000), FULL_HD], replace(SAME, format="134", height=360), "keep", "offered at most 360p, held in 1080p"),
    ("no height, no size", [HD], replace(OFFER, format="x", height=None), "ask", ""),
    ("no height, the same bytes", [HD], replace(SAME, format="x", height=None), "keep", ""),
    ("no height, other bytes", [HD], replace(SAME, format="x", height=None, bytes=5), "fetch", "another file, of a picture whose size is not said"),
    ("the same sound", [HELD_SOUND, HD], SOUND, "keep", ""),
    ("another sound", [HELD_SOUND], replace(SOUND, format="251", codec="opus", bytes=9_000_000), "keep", "251 is another coding of the sound that is held"),
    ("more sound", [HELD_SOUND], replace(SOUND, format="141", bytes=2_000_000), "fetch", "the same sound with 266 kbit/s, held with 133 kbit/s"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("held", "offered", "action", "why"), [row[1:] for row in DECISIONS], ids=[row[0] for row in DECISIONS]
)
def test_what_is_fetched_once_more(held: Any, offered: Offer, action: str, why: str) -> None:
    decision = decide(held, offered)
    assert (decision.action, decision.why) == (action, why)


@pytest.mark.parametrize("row", [row for row in DECISIONS if row[3] == "fetch"], ids=lambda row: row[0])
def test_what_was_fetched_is_not_fetched_again(row: Any) -> None:
    offered = row[2]
    taken = stream(offered.format, offered.height, size=offered.bytes, lmt=offered.last_modified, fps=offered.fps,
                   length=offered.duration_ms, codec=offered.codec or "", role=offered.role)  # fmt: skip
    assert decide([taken, *row[1]], offered).action in ("keep", "ask")


@pytest.mark.parametrize(
    ("held", "quality", "expected"),
    [
        ([HD, FULL_HD], {"width": 640, "height": 360}, "offered at most 360p, held in 1080p"),
        ([FULL_HD], {"width": 1920, "height": 1080}, None), ([HD], {"width": 1920, "height": 1080}, None),
        ([], {"height": 360}, None), ([FULL_HD], None, None), ([FULL_HD], {"height": None}, None),
        ([FULL_HD | {"role": "access"}], {"height": 360}, None), ([FULL_HD], {"height": True}, None),
    ],
)  # fmt: skip
def test_a_drop_of_quality_is_said(held: Any, quality: Any, expected: str | None) -> None:
    assert dropped(held, quality) == expected


def test_changes_can_be_written() -> None:
    found = compare(FILM, FILM | {"title": "x", "outcome": "lost", "reason": "gone"})
    assert json.loads(json.dumps(found, allow_nan=False)) == found
