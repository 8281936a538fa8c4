"""What became of a film of YouTube is read off the platform's own answers, whatever their shape."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from preserve.capture.video import answers as reading
from preserve.capture.video.status import Answer, Verdict, judge

ID, OTHER = "qblmOvkV9KM", "KqEtOd5Mypg"
PLAYER = "https://www.youtube.com/youtubei/v1/player?prettyPrint=false"
WATCH = f"https://www.youtube.com/watch?v={ID}&bpctr=9999999999"
STREAMS = {"adaptiveFormats": [{"itag": 136, "url": "https://r1.googlevideo.com/videoplayback"}]}
DETAILS = {"videoDetails": {"videoId": ID}}


def said(status: str, reason: str = "", more: str = "", **parts: Any) -> dict[str, Any]:
    """A player's answer, as the failures of YouTube are shaped."""
    screen = {"reason": {"simpleText": reason}, "subreason": {"runs": [{"text": more[:9]}, {"text": more[9:]}]}}
    words = {"status": status, "reason": reason, "errorScreen": {"playerErrorMessageRenderer": screen}}
    return {"playabilityStatus": words | parts.pop("ps", {})} | parts


def player(*players: Any) -> list[Answer]:
    return [Answer(PLAYER, 200, json.dumps(one).encode()) for one in players]


def youtube(*answers: Answer) -> Verdict | None:
    return judge("youtube", f"youtube:{ID}", answers)


def page(value: Any) -> Answer:
    html = f"<script>var ytInitialPlayerResponse = {json.dumps(value)};var meta = 1;</script>"
    return Answer(WATCH, 200, b"<html>" + html.encode())


GEO = "The uploader has not made this video available in your country"
TERMINATED = (
    "This video is no longer available because the YouTube account associated with this video has been terminated."
)
CLAIM = "This video is no longer available due to a copyright claim by News Desk Ltd"
BLOCKED = "This video contains content from Al Jazeera, who has blocked it{} on copyright grounds"
NOT_A_BOT = "Sign in to confirm you{}re not a bot"
YOUTUBE: list[tuple[dict[str, Any], str, str]] = [
    (said("ERROR", "Video unavailable", "This video has been removed by the uploader"), "lost/removed", "removed by the uploader"),
    (said("ERROR", "Video unavailable", TERMINATED), "lost/removed", "account terminated"),
    (said("ERROR", "Video unavailable", "because the uploader has closed their YouTube account."), "lost/removed", "account closed by the uploader"),
    (said("ERROR", "This video has been removed for violating YouTube's policy on violent content"), "lost/removed", "removed for policy"),
    (said("ERROR", "This video has been removed for violating YouTube’s Terms of Service"), "lost/removed", "removed for policy"),
    (said("UNPLAYABLE", "Video unavailable", CLAIM), "lost/removed", "copyright claim by News Desk Ltd"),
    (said("UNPLAYABLE", "Video unavailable", BLOCKED.format("")), "lost/removed", "copyright claim by Al Jazeera"),
    (said("ERROR", "It is no longer available due to a privacy claim by a third party"), "lost/removed", "privacy claim by a third party"),
    (said("UNPLAYABLE", "Video unavailable", BLOCKED.format(" in your country")), "blocked/geo-blocked", "it is not said where it is available"),
    (said("ERROR", "Video unavailable", "This video is unavailable"), "lost/gone", "This video is unavailable"),
    (said("ERROR", "Видео недоступно", "هذا الفيديو غير متاح"), "lost/gone", "هذا الفيديو غير متاح"),
    (said("LOGIN_REQUIRED", "Private video", "Sign in if you've been granted access"), "blocked/private", "Private video"),
    (said("LOGIN_REQUIRED", "Войдите в аккаунт"), "blocked/login-wall", "Войдите в аккаунт"),
    (said("LOGIN_REQUIRED", NOT_A_BOT.format("'")), "blocked/bot-challenge", NOT_A_BOT.format("'")),
    (said("LOGIN_REQUIRED", NOT_A_BOT.format("’")), "blocked/bot-challenge", NOT_A_BOT.format("’")),
    (said("UNPLAYABLE", "x", ps={"errorScreen": {"playerCaptchaViewModel": {}}}), "blocked/bot-challenge", "a captcha is asked for"),
    (said("AGE_VERIFICATION_REQUIRED", "Возраст"), "blocked/age-gate", "Возраст"),
    (said("AGE_CHECK_REQUIRED"), "blocked/age-gate", "status AGE_CHECK_REQUIRED"),
    (said("LOGIN_REQUIRED", "Войдите", ps={"desktopLegacyAgeGateReason": 1}), "blocked/age-gate", "Войдите"),
    (said("LOGIN_REQUIRED", "Sign in to confirm your age"), "blocked/age-gate", "Sign in to confirm your age"),
    (said("UNPLAYABLE", "This video is age-restricted and only available on YouTube"), "blocked/age-gate", "status UNPLAYABLE"),
    (said("UNPLAYABLE", "Video unavailable", GEO), "blocked/geo-blocked", GEO),
    (said("UNPLAYABLE", "Join this channel to get access to members-only content"), "blocked/members-only", "status UNPLAYABLE"),
    (said("UNPLAYABLE", "Нужна оплата", ps={"errorScreen": {"playerLegacyDesktopYpcOfferRenderer": {}}}), "blocked/members-only", "it is offered for money"),
    (said("UNPLAYABLE", "Video unavailable", "This content isn’t available, try again later."), "blocked/rate-limited", "status UNPLAYABLE"),
    (said("LIVE_STREAM_OFFLINE", "Premieres in 3 days"), "failed/not-live-yet", "Premieres in 3 days"),
    (said("OK", videoDetails={"videoId": ID, "isUpcoming": True}), "failed/not-live-yet", "status OK"),
    (said("OK", streamingData=STREAMS, videoDetails={"videoId": ID, "isLive": True}), "failed/live-now", "status OK"),
    (said("UNPLAYABLE", "This live stream recording is not available."), "failed/no-media", "status UNPLAYABLE"),
    (said("UNPLAYABLE", "Сказано неизвестно что"), "failed/no-media", "Сказано неизвестно что"),
    (said("NEW_STATUS", "Something new"), "failed/error", "status NEW_STATUS"),
    (said("OK", streamingData={"adaptiveFormats": [{"itag": 136}]}), "failed/no-media", "streams are named without addresses (SABR)"),
    (said("OK", streamingData={"serverAbrStreamingUrl": "https://x"}), "failed/no-media", "streams are named without addresses (SABR)"),
    (said("OK", streamingData={"formats": [{"url": "https://x", "drmFamilies": ["WIDEVINE"]}]}), "failed/no-media", "all streams are locked (DRM)"),
    (said("OK", streamingData=STREAMS | {"licenseInfos": [{}]}), "failed/no-media", "all streams are locked (DRM)"),
    (said("OK"), "failed/no-media", "no streams are named"),
    (said("ERROR", "", ps={"errorScreen": {"playerInterstitialRenderer": {"content": {"interstitialViewModel": {
        "title": {"content": "Video unavailable"}, "description": {"content": "removed by the uploader"}}}}}}), "lost/removed", "removed by the uploader"),
    (said("LOGIN_REQUIRED", ps={"messages": ["This is a private video."]}), "blocked/private", "This is a private video."),
]  # fmt: skip


def told(verdict: Verdict | None) -> str:
    assert verdict
    return f"{verdict.outcome.outcome}/{verdict.outcome.reason}"


@pytest.mark.parametrize(("answer", "expected", "signal"), YOUTUBE)
def test_youtube_says_why_a_film_does_not_play(answer: Any, expected: str, signal: str) -> None:
    for verdict in (youtube(*player(answer)), youtube(page(answer))):
        assert told(verdict) == expected
        assert verdict and signal in verdict.outcome.signals, "with the platform's own words"
        json.dumps(verdict.status, allow_nan=False)


def test_the_words_are_kept_verbatim() -> None:
    parts = {"microformat": {"playerMicroformatRenderer": {"availableCountries": ["DE", "FR"]}}}
    verdict = youtube(*player(said("UNPLAYABLE", "Video unavailable", GEO, **parts)))
    assert verdict and verdict.status == {
        "status": "UNPLAYABLE", "reason": "Video unavailable", "screenReason": "Video unavailable", "subreason": GEO,
        "errorScreen": ["playerErrorMessageRenderer"], "availableCountries": ["DE", "FR"],
    }  # fmt: skip
    assert "available in: DE, FR" in verdict.outcome.signals


FINE = said("OK", streamingData=STREAMS) | DETAILS
SABR = said("OK") | DETAILS
ROBOT = said("LOGIN_REQUIRED", "Sign in to confirm you're not a bot")
DELETED = said("ERROR", "Video unavailable")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([FINE], None), ([ROBOT, FINE], None), ([FINE, ROBOT, DELETED], None), ([SABR, FINE], None),
        ([said("OK", streamingData={"hlsManifestUrl": "https://x"})], None),
        ([said("OK", streamingData={"formats": [{"signatureCipher": "s=1"}]})], None),
        ([SABR, ROBOT], "blocked/bot-challenge"), ([DELETED, SABR], "failed/no-media"), ([DELETED, ROBOT], "blocked/bot-challenge"),
        ([said("UNPLAYABLE", "Playback on other websites has been disabled"), said("AGE_CHECK_REQUIRED")], "blocked/age-gate"),
        ([FINE | {"videoDetails": {"videoId": OTHER}}], "failed/error"), ([FINE | {"videoDetails": {"videoId": OTHER}}, ROBOT], "blocked/bot-challenge"),
        ([FINE | {"videoDetails": {"videoId": OTHER}}, FINE], None),
    ],
)  # fmt: skip
def test_several_clients_are_weighed(answers: list[Any], expected: str | None) -> None:
    verdict = youtube(*player(*answers))
    assert (told(verdict) if verdict else None) == expected


def test_another_film_never_passes_for_the_one_asked_for() -> None:
    verdict = youtube(*player(FINE | {"videoDetails": {"videoId": OTHER}}))
    assert verdict and "the platform answered with another film's id" in verdict.outcome.signals
    assert verdict.status == {"videoId": OTHER}
    longer = judge("youtube", f"youtube:{ID}xyz", player(FINE))
    assert told(longer) == "failed/error", "an id with junk behind it names no film, though its beginning does"


WALLS = [
    ("https://consent.youtube.com/m?continue=x", 200, "blocked/consent-wall"),
    ("https://www.google.com/sorry/index?continue=x", 200, "blocked/bot-challenge"),
    (WATCH, 429, "blocked/rate-limited"), (PLAYER, 429, "blocked/rate-limited"), (PLAYER, 403, "blocked/forbidden"),
    (PLAYER, 500, None), ("https://i.ytimg.com/vi/x/0.jpg", 404, None), ("https://r1.googlevideo.com/videoplayback", 403, None),
    ("https://www.youtube.com/api/timedtext?v=x", 429, None), ("https://[bad", 429, None), (WATCH, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("url", "status", "expected"), WALLS)
def test_walls_before_a_film(url: str, status: int | None, expected: str | None) -> None:
    wall = Answer(url, status, b"")
    verdict = youtube(wall)
    assert (told(verdict) if verdict else None) == expected
    assert youtube(wall, *player(FINE)) is None


def test_a_list_is_judged_by_its_page() -> None:
    answers = [Answer("https://www.youtube.com/playlist?list=PL1", 404, b"")]
    assert told(judge("youtube", "youtube:list:PL1", answers)) == "lost/gone"
    assert (
        told(judge("youtube", "youtube:@name", [Answer("https://consent.youtube.com/m", 200, b"")]))
        == "blocked/consent-wall"
    )


DEEP = b"[" * 200_000
BOUNDS = {
    "no json": b"\x00\xff{", "nothing": b"", "deep": b'{"playabilityStatus":' + DEEP, "deep in a page": b"ytInitialPlayerResponse = {\"a\":" + DEEP,
    "a list": b"[1]", "null": b'{"playabilityStatus":null}', "empty": b'{"playabilityStatus":{}}', "digits": b'{"playabilityStatus":{"status":' + b"9" * 9999,
    "wrong shapes": b'{"playabilityStatus":{"status":[],"reason":1e999,"errorScreen":[],"messages":{}},"videoDetails":"x","streamingData":{"formats":7}}',
    "payload": b'{"payload":[[],{"a":1}]}', "no payload": b'{"payload":[]}', "params": b'{"payload":["0",["","",{"player":{"params":[null]}}]]}',
    "a number": b'{"payload":[8,[null]]}', "beginnings": b"ytInitialPlayerResponse={" * 99_999, "messages": b'<!>class="video_layer_message">' * 99_999,
    "captions": b">The video " * 99_999, "players": b"var playerParams = {" * 99_999,
}  # fmt: skip


@pytest.mark.parametrize("body", BOUNDS.values(), ids=BOUNDS)
def test_any_shape_of_answer_is_survived(body: bytes) -> None:
    start = time.process_time()
    for url in (PLAYER, WATCH):
        judge("youtube", f"youtube:{ID}", [Answer(url, 200, body)])
    for url in ("https://vk.com/al_video.php", "https://vk.com/video_ext.php"):
        judge("vk", "vk:-1_2", [Answer(url, 200, body)])
    assert time.process_time() - start < 5


def test_what_is_kept_is_short_and_can_be_written() -> None:
    many = [*(f"{number}" + "m" * 999 for number in range(999)), float("nan")]
    answer = said("UNPLAYABLE", "\ud800\x1b[31m" + "ж" * 99_999, GEO, ps={"messages": many, "subreason": float("inf")})
    answer["microformat"] = {"playerMicroformatRenderer": {"availableCountries": ["DE"] * 9999}}
    verdict = youtube(*player(answer))
    assert verdict and len(verdict.outcome.signals) < 20
    assert len(json.dumps(verdict.status, ensure_ascii=False, allow_nan=False).encode()) < 20_000
    assert all(len(signal) <= reading.WORDS for signal in verdict.outcome.signals)
