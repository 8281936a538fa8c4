"""What became of a film, by the words of its platform. Pure: recorded answers in, an outcome out.

The extractor's own messages are no evidence: they are sentences of its authors and change with its releases. So the
platform's answers are read as they were recorded, facts (status codes, kinds of error screens, flags) before words.
Words are matched in English, which the extractor asks YouTube for, and for VK in Russian too; all are kept verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from preserve.capture.video import vk, youtube
from preserve.capture.video.answers import Answer, Verdict, cut, outcome, page
from preserve.model import Outcome

__all__ = ["Answer", "Verdict", "from_error", "judge", "stops_platform"]

MAX_ERROR = 10_000  # characters of an extractor's message that are looked at; some quote whole pages


def judge(platform: str, key: str, answers: Sequence[Answer]) -> Verdict | None:
    """What the answers to one film, in their order, say against it. None: nothing, or nothing that can be told.

    A film that is live now is `live-now` though its streams are offered: whether to take them is the caller's choice.
    """
    name = key.partition(":")[2]
    if platform == "youtube":
        return youtube.judge(name, answers)
    return vk.judge(answers) if platform == "vk" else page(answers)


def stops_platform(ended: Outcome) -> bool:
    """Whether nothing more should be asked of this platform in this run: each further request makes it worse."""
    return ended.reason in ("bot-challenge", "rate-limited")


_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]+")
# What the extractor says to its own users: to report, to update, to log in with options that do not exist here.
_ADVICE = re.compile(
    r"[;.,]?\s*(?:please report this issue on|confirm you are on the latest|use --cookies|use --username"
    r"|see {1,2}https://github\.com/yt-dlp|for more information, refer to)",
    re.IGNORECASE,
)
_ERRORS: tuple[tuple[str, str, str], ...] = (
    (r"impersonat", "no-media", "needs a browser's fingerprint (impersonation), which is not done here"),
    (r"not a bot|captcha|anti-bot", "bot-challenge", ""),
    (r"http error 429|too many requests|rate.limited", "rate-limited", ""),
    (r"\bdrm\b", "no-media", "all streams are locked (DRM)"),
    (r"geo.?restrict|in your (?:country|region)|from your location", "geo-blocked", ""),
    (r"unsupported url|no video formats found|no media found", "no-media", ""),
    (r"only available for registered users|login required|log in to", "login-wall", ""),
)
_KINDS = {
    "GeoRestrictedError": "geo-blocked",
    "UnsupportedError": "no-media",
    "UserNotLive": "not-live-yet",
}


def from_error(text: str, kind: str) -> Outcome:
    """The outcome when the platform's answers say nothing: by the extractor's message and its exception's class."""
    said = _CONTROL.sub(" ", text[:MAX_ERROR]).strip().removeprefix("ERROR:").strip()
    words = cut(" ".join(_ADVICE.split(said, maxsplit=1)[0].split())) or kind or "an error without words"
    for pattern, reason, signal in _ERRORS:
        if re.search(pattern, said, re.IGNORECASE):
            return outcome(reason, signal, words)
    return outcome(_KINDS.get(kind, "error"), words)
