"""What became of a film of VK or of any other site, and what the extractor's own message is worth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preserve.capture.judging import classify
from preserve.capture.video import answers as reading
from preserve.capture.video.status import Answer, Verdict, from_error, judge, stops_platform
from preserve.model import Outcome


def told(verdict: Verdict | None) -> str | None:
    return f"{verdict.outcome.outcome}/{verdict.outcome.reason}" if verdict else None


def payload(code: Any, *parts: Any) -> bytes:
    return json.dumps({"payload": [code, list(parts)]}, ensure_ascii=False).encode()


def show(**params: Any) -> bytes:
    return payload("0", "", "<div>", {"mvData": {}, "player": {"params": [params]}})


def embed(text: str) -> bytes:
    return f"<html><!>{text}</html>".encode("windows-1251", "replace")


AL, EXT = "https://vk.com/al_video.php?act=show", "https://vk.com/video_ext.php?oid=-1&id=2"
CHALLENGE = ("https://vk.com/challenge.html?hash429=x", 200, b"<script>var salt")
VK: list[tuple[list[tuple[str, int, bytes]], str | None]] = [
    ([(AL, 200, payload("3"))], "blocked/login-wall"),
    ([(AL, 200, payload(3))], "blocked/login-wall"),
    ([(AL, 200, b"<!--" + payload("8", '"Access denied"'))], "blocked/private"),
    ([(AL, 200, payload("8", '"Доступ запрещён"'))], "blocked/private"),
    ([(AL, 200, payload("8", '"This video has been <b>deleted</b>."'))], "lost/gone"),
    ([(AL, 200, payload("8", '"Видеозапись удалена"'))], "lost/gone"),
    ([(AL, 200, payload("8", '"The video is not available in your region."'))], "blocked/geo-blocked"),
    ([(AL, 200, payload("8", '"Видео недоступно в вашем регионе"'))], "blocked/geo-blocked"),
    ([(AL, 200, payload("8", '"Видеозапись недоступна, так как её автор был заблокирован."'))], "lost/removed"),
    ([(AL, 200, payload("8", '"изъята из публичного доступа в связи с обращением правообладателя"'))], "lost/removed"),
    ([(AL, 200, payload("8", '"Unknown error"'))], "lost/gone"),
    ([(AL, 200, payload("8", '"فيديو"'))], "failed/error"),
    ([(AL, 200, payload("8"))], "failed/error"),
    ([("https://vk.com/wkview.php", 200, payload("8", '"Post not found"'))], "lost/gone"),
    ([(AL, 200, show(url720="https://x"))], None),
    ([(AL, 200, show(hls="https://x", live=2))], "failed/live-now"),
    ([(AL, 200, show(md_title="url"))], "failed/no-media"),
    ([(AL, 200, payload("0", "", '<iframe src="//youtube.com/embed/x">', {"player": {"params": [{"a": 1}]}}))], None),
    ([(AL, 200, payload("0", "", "", {"player": []}))], None),
    ([(EXT, 200, embed("Видеозапись недоступна, так как её автор был заблокирован."))], "lost/removed"),
    ([(EXT, 200, embed("This video is no longer available, because it has been deleted."))], "lost/gone"),
    ([(EXT, 200, embed("Видео временно недоступно"))], "failed/no-media"),
    ([(EXT, 200, embed("Please log in or <a>"))], "blocked/login-wall"),
    ([(EXT, 200, embed('<div class="video_layer_message">Access denied</div>'))], "blocked/private"),
    ([(EXT, 200, '<div id="video_ext_msg" a=b>Видео <b>удалено</b></div>'.encode())], "lost/gone"),
    ([(EXT, 200, "<i>Видеозапись «Ы» была изъята из публичного доступа в связи с обращением правообладателя.</i>".encode())], "lost/removed"),
    ([(EXT, 200, embed("/login.php?x=1&act=security_check"))], "blocked/bot-challenge"),
    ([(EXT, 200, b'<p>The video was removed</p>var playerParams = {"params":[{"url240":"https://x"}]};\n')], None),
    ([(EXT, 302, b""), ("https://vk.com/login.php?act=security_check&to=x", 200, b"")], "blocked/bot-challenge"),
    ([(EXT, 302, b""), ("https://vk.com/login?to=x", 200, b"")], "blocked/login-wall"),
    ([(AL, 302, b""), CHALLENGE], "blocked/bot-challenge"),
    ([(AL, 302, b""), CHALLENGE, (AL, 200, show(url720="https://x"))], None),
    ([(AL, 429, b"")], "blocked/bot-challenge"),
    ([(AL, 404, b"")], "lost/gone"),
    ([("https://vkvd1.okcdn.ru/?id=1", 403, b"")], None),
    ([(AL, 200, b"\xff\xfe")], None),
    ([], None),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), VK)
def test_vk_says_why_a_film_does_not_play(answers: Any, expected: str | None) -> None:
    verdict = judge("vk", "vk:-1_2", [Answer(*answer) for answer in answers])
    assert told(verdict) == expected


def test_vk_in_its_own_words() -> None:
    verdict = judge("vk", "vk:-1_2", [Answer(AL, 200, payload("8", '"Видео &laquo;Ы&raquo; <b>удалено</b>"'))])
    assert verdict and verdict.status == {"code": "8", "message": "Видео «Ы» удалено"}
    assert verdict.outcome.signals[-1] == "Видео «Ы» удалено"


@pytest.mark.parametrize("status", [200, 204, 401, 402, 403, 404, 410, 418, 429, 451, 500, 503])
def test_other_platforms_are_judged_as_pages_are(status: int) -> None:
    verdict = judge(
        "web",
        "web:https://x/",
        [Answer("https://x/", 301, b""), Answer("https://x/a", status, b""), Answer("https://x/b", 404, b"")],
    )
    as_page = classify._STATUS.get(status) if status in reading.STATUS else None
    assert verdict == (Verdict(Outcome(*as_page, (f"status {status}",)), {"http": status}) if as_page else None)


ADVICE = "; please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate issue template."
ERRORS = [
    ("\x1b[0;31mERROR:\x1b[0m [x] 1: Unable to extract title" + ADVICE, "RegexNotFoundError", "failed/error", ("[x] 1: Unable to extract title",)),
    ("Unsupported URL: https://x", "UnsupportedError", "failed/no-media", ("Unsupported URL: https://x",)),
    ("Not here", "UnsupportedError", "failed/no-media", ("Not here",)),
    ("Недоступно", "GeoRestrictedError", "blocked/geo-blocked", ("Недоступно",)),
    ("The channel is not currently live", "UserNotLive", "failed/not-live-yet", ("The channel is not currently live",)),
    ("[x] The extractor is attempting impersonation, but no impersonate target is available. See  https://github.com/yt-dlp/yt-dlp#impersonation  for",
     "ExtractorError", "failed/no-media", ("needs a browser's fingerprint (impersonation), which is not done here",
     "[x] The extractor is attempting impersonation, but no impersonate target is available")),
    ("This video is DRM protected", "ExtractorError", "failed/no-media", ("all streams are locked (DRM)", "This video is DRM protected")),
    ("No video formats found!" + ADVICE, "ExtractorError", "failed/no-media", ("No video formats found!",)),
    ("This video is only available for registered users. Use --cookies, --username", "ExtractorError", "blocked/login-wall", ("This video is only available for registered users",)),
    ("Sign in to confirm you’re not a bot. Use --cookies-from-browser", "ExtractorError", "blocked/bot-challenge", ("Sign in to confirm you’re not a bot",)),
    ("Unable to download webpage: HTTP Error 429: Too Many Requests", "ExtractorError", "blocked/rate-limited", ("Unable to download webpage: HTTP Error 429: Too Many Requests",)),
    ("", "KeyError", "failed/error", ("KeyError",)), ("\x07", "", "failed/error", ("an error without words",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "expected", "signals"), ERRORS)
def test_the_extractors_message_is_the_last_resort(
    text: str, kind: str, expected: str, signals: tuple[str, ...]
) -> None:
    outcome = from_error(text, kind)
    assert (f"{outcome.outcome}/{outcome.reason}", outcome.signals) == (expected, signals)


def test_a_message_is_bounded() -> None:
    assert from_error("я\ud800" * 1_000_000, "").signals == ("я?" * (reading.WORDS // 2),)


def test_challenge_and_rate_limit_stop_a_platform() -> None:
    assert [stops_platform(Outcome("blocked", reason)) for reason in ("bot-challenge", "rate-limited", "private")] == [
        True,
        True,
        False,
    ]
