"""YouTube's pages beside its films."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preserve.capture.sites import Part, Seen, youtube

AT = "https://www.youtube.com"
FILM = f"{AT}/watch?v=qblmOvkV9KM"
POST = f"{AT}/post/UgkxQblmOvkV9KM"


def seen(data: Any = None, url: str = POST, *, body: str = "", status: int = 200) -> Seen:
    script = f"<script>var ytInitialData = {json.dumps(data)};</script>" if data is not None else ""
    return Seen(url, "source", status, "text/html", "utf-8", f"<html><body>{body}{script}</body></html>".encode())


def shown(*images: Any) -> dict[str, Any]:
    """A post with these images, and another below it."""
    attached = {"postMultiImageRenderer": {"images": [{"backstageImageRenderer": {"image": one}} for one in images]}}
    other = {"backstageImageRenderer": {"image": sizes("other", 100)}}
    posts = [
        {"backstagePostThreadRenderer": {"post": {"backstagePostRenderer": {"backstageAttachment": one}}}}
        for one in (attached, other)
    ]
    return {"contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"contents": posts}]}}}


def sizes(name: str, *widths: int) -> dict[str, Any]:
    return {"thumbnails": [{"url": f"//yt3.ggpht.com/{name}=s{width}", "width": width} for width in widths]}


def test_a_post_needs_its_pictures_at_their_largest() -> None:
    found = youtube.SITE.needs(seen(shown(sizes("a", 288, 1080, 720), sizes("b", 1200))))
    assert list(found) == [Part(f"https://yt3.ggpht.com/{name}", "image") for name in ("a=s1080", "b=s1200")]


@pytest.mark.parametrize(
    "page",
    [
        seen(shown(sizes("a", 288)), FILM),
        seen(shown(sizes("a", 288)), f"{AT}/@channel"),
        seen(shown()),
        seen(shown(sizes("a"), {}, {"thumbnails": None}, {"thumbnails": [7]}, {"thumbnails": [{"width": 1}]})),
        seen(),
        seen([]),
        seen(body='<script>var ytInitialData = {"a":</script>'),
        seen(body="<script>ytInitialData = " + '{"a":[' * 100_000 + "</script>"),
    ],
)
def test_nothing_else_needs_anything(page: Seen) -> None:
    assert list(youtube.SITE.needs(page)) == []


def alert(text: str, kind: str = "ERROR", **more: Any) -> dict[str, Any]:
    return {"alerts": [{"alertRenderer": {"type": kind, "text": {"simpleText": text}}}], **more}


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        (seen(url="https://consent.youtube.com/m?continue=https://www.youtube.com/watch"), "blocked/consent-wall"),
        (seen(url=FILM, body='<form action="https://consent.youtube.com/save"></form>'), "blocked/consent-wall"),
        (seen({}, FILM, body='<form action="https://consent.youtube.com/save"></form>'), None),  # beside the film
        (seen(alert("The playlist does not exist."), f"{AT}/playlist?list=PL1"), "lost/gone"),
        (seen(alert("This playlist is private."), f"{AT}/playlist?list=PL1"), "blocked/private"),
        (seen(alert("This account has been terminated for a violation."), f"{AT}/@x"), "lost/removed"),
        (seen(alert("2 unavailable videos are hidden", "INFO"), f"{AT}/playlist?list=PL1"), None),
        (seen(alert("An error", contents={}), f"{AT}/playlist?list=PL1"), None),  # and the list below it
        (seen(alert("Video unavailable"), FILM), None),  # the film decides
        (seen(alert("The post does not exist.")), "lost/gone"),
        (seen(alert("Gone"), status=404), None),
        (seen(shown()), None),
        (seen([1, 2]), None),
        (seen(body='<script>ytInitialData = {"alertRenderer":</script>'), None),
    ],
)
def test_what_a_page_says(page: Seen, outcome: str | None) -> None:
    judged = youtube.SITE.judge([page])
    assert (judged and f"{judged.outcome}/{judged.reason}") == outcome
