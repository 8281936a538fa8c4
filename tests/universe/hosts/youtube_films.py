"""The films of the universe's YouTube: which there are, what each is made of, and why others do not play.

A test changes a film for a later visit with `revised`, by the names of Film's fields:

    with youtube.revised("qblmOvkV9KM", title="Another", streams=youtube.LOW):
        ...
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from . import media
from .materials import noise

Json = dict[str, Any]
LMT = 1443600000000000  # microseconds, the `lmt` of every stream that was not encoded anew


@dataclass(frozen=True, slots=True)
class Stream:
    """`size` pads an MP4; `sr` marks what was scaled up by a machine, `drc` a sound with its range compressed."""

    itag: int
    file: str
    mime: str
    width: int = 0
    height: int = 0
    size: int = 0
    sr: bool = False
    drc: bool = False

    def body(self, lmt: int = LMT) -> bytes:
        """The bytes served; encoded anew (another `lmt`) they are others."""
        return media.body(self.file, self.size, "" if lmt == LMT else str(lmt))


AVC_360 = Stream(134, "video-360.mp4", 'video/mp4; codecs="avc1.4d401e"', 640, 360)
AVC_720 = Stream(136, "video-720.mp4", 'video/mp4; codecs="avc1.4d401f"', 1280, 720)
VP9_720 = Stream(247, "video-720.webm", 'video/webm; codecs="vp9"', 1280, 720)
AAC = Stream(140, "audio.m4a", 'audio/mp4; codecs="mp4a.40.2"')
OPUS = Stream(251, "audio.webm", 'audio/webm; codecs="opus"')
BOTH = Stream(18, "film-360.mp4", 'video/mp4; codecs="avc1.42001E, mp4a.40.2"', 640, 360)
UPSCALED = Stream(137, "video-720.mp4", 'video/mp4; codecs="avc1.640028"', 1920, 1080, sr=True)
COMPRESSED = replace(AAC, drc=True)
BIG = replace(AVC_720, size=25 * media.MIB)  # three pieces of 10 MiB

SEPARATE = (AVC_360, AVC_720, VP9_720, AAC, OPUS, BOTH)
LOW = (AVC_360, AAC, BOTH)  # what is left when the better ones are gone


# -- why a film does not play ---------------------------------------------------------------------------------------
def refusal(status: str, reason: str, more: str = "", **parts: Any) -> Json:
    """A playabilityStatus; `more` is the smaller line under the reason."""
    screen = {"reason": {"simpleText": reason}, **({"subreason": {"runs": [{"text": more}]}} if more else {})}
    return {"status": status, "reason": reason, "errorScreen": {"playerErrorMessageRenderer": screen}, **parts}


OK: Json = {"status": "OK", "playableInEmbed": True}
MISSING = {"status": "ERROR", "reason": "This video isn't available any more"}
REMOVED = refusal("ERROR", "Video unavailable", "This video has been removed by the uploader")
TERMINATED = refusal(
    "ERROR",
    "Video unavailable",
    "This video is no longer available because the YouTube account associated with this video has been terminated.",
)
POLICY = refusal("ERROR", "This video has been removed for violating YouTube's policy on violent or graphic content")
COPYRIGHT = refusal(
    "UNPLAYABLE",
    "Video unavailable",
    "This video is no longer available due to a copyright claim by Universe News Desk",
)
GONE = refusal("ERROR", "Video unavailable", "This video is unavailable")
PRIVATE = refusal(
    "LOGIN_REQUIRED", "Private video", "Sign in if you've been granted access to this video", messages=["Private video"]
)
AGE = refusal(
    "LOGIN_REQUIRED",
    "Sign in to confirm your age",
    "This video may be inappropriate for some users.",
    desktopLegacyAgeGateReason=1,
)
AGE_EMBEDDED = refusal("UNPLAYABLE", "This video is age-restricted and only available on YouTube")
GEO = refusal("UNPLAYABLE", "Video unavailable", "The uploader has not made this video available in your country")
BOT = refusal("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot", "This helps protect our community. Learn more")
CAPTCHA: Json = {
    "status": "UNPLAYABLE",
    "reason": "Video unavailable",
    "errorScreen": {"playerCaptchaViewModel": {"recaptcha": {"siteKey": "universe"}}},
}
MEMBERS = refusal(
    "UNPLAYABLE",
    "Join this channel to get access to members-only content like this video, and other exclusive perks.",
)
RATE_LIMIT = refusal("UNPLAYABLE", "Video unavailable", "This content isn't available, try again later.")
UPCOMING: Json = {
    "status": "LIVE_STREAM_OFFLINE",
    "reason": "This live event will begin in 3 days.",
    "liveStreamability": {
        "liveStreamabilityRenderer": {
            "offlineSlate": {"liveStreamOfflineSlateRenderer": {"scheduledStartTime": "1900000000"}}
        }
    },
}


# -- the films ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Film:
    title: str
    author: str
    text: str
    seconds: int
    date: str
    streams: tuple[Stream, ...] = SEPARATE
    status: Json | None = None  # None plays
    views: int = 1204
    likes: int = 37
    lmt: int = LMT
    spoken: str = ""  # language of the automatic captions
    captions: tuple[str, ...] = ()  # languages of those made by people
    chapters: tuple[str, ...] = ()  # one a second
    comments: bool = False
    countries: tuple[str, ...] = ()  # where alone it plays
    live: str = ""  # now, upcoming, was
    hls: bool = False  # served as a playlist instead of streams
    puzzle: bool = False  # addresses want `n` and a signature solved by the player's script
    addressless: bool = False  # formats are listed without addresses
    refused: bool = False  # media answers 403
    answers: str = ""  # the id of the film that is answered instead

    @property
    def channel(self) -> str:
        return "UC" + noise(self.author, 11).hex()

    @property
    def handle(self) -> str:
        return "@universe-" + noise(self.author, 4).hex()


FILMS = {
    "qblmOvkV9KM": Film(
        "Брифинг официального представителя: первый день операции",
        "Минобороны России",
        "Запись выступления перед журналистами.",
        media.SECONDS,
        "2015-09-30",
    ),
    "KqEtOd5Mypg": Film(
        "لحظة القصف على بلدة \u2067تلبيسة\u2069 في ريف حمص",
        "شبكة أخبار ريف حمص",
        "صورها أحد سكان البلدة صباح ذلك اليوم.",
        media.SECONDS,
        "2015-09-30",
        streams=(*SEPARATE, UPSCALED, COMPRESSED),
    ),
    "lIX_NE2R5ms": Film(
        "آثار الدمار في مدينة الرستن",
        "تنسيقية الرستن",
        "جولة في الحي بعد الغارة.\n0:00 الشارع\n0:01 المدرسة\n0:02 السوق",
        media.SECONDS,
        "2015-09-30",
    ),
    "5cF-gIL8yzk": Film(
        "Astana: three delegations put their names to the memorandum",
        "Universe News Desk",
        "Report from the hall & what the zones would mean.",
        media.SECONDS,
        "2017-05-04",
        spoken="en",
        captions=("en", "ar"),
        chapters=("The hall", "The signatures", "The zones"),
    ),
    "viCiwbJG5Pk": Film(
        "Операция вооружённых сил: итоги в цифрах",
        "Минобороны России",
        "Обзорный фильм; Итоги с 2015 по 2018 год.",
        media.SECONDS,
        "2018-08-22",
        puzzle=True,
    ),
}  # the cited ones; all play


def film_id(word: str) -> str:
    return f"{word}-".ljust(11, "0")


def _other(word: str, **parts: Any) -> tuple[str, Film]:
    return film_id(word), Film(
        f"Universe film: {word}",
        "Universe News Desk",
        f"A film of the kind {word}.",
        media.SECONDS,
        "2019-03-01",
        **parts,
    )


MORE = dict(
    [
        _other("onefile", streams=(BOTH,)),
        _other("hls", hls=True),
        _other("big", streams=(BIG, AAC)),
        _other("comments", comments=True),
        _other("waslive", live="was"),
        _other("removed", status=REMOVED),
        _other("terminated", status=TERMINATED),
        _other("policy", status=POLICY),
        _other("copyright", status=COPYRIGHT),
        _other("gone", status=GONE),
        _other("private", status=PRIVATE),
        _other("age", status=AGE),
        _other("geo", status=GEO, countries=("RU", "BY")),
        _other("bot", status=BOT),
        _other("captcha", status=CAPTCHA),
        _other("members", status=MEMBERS),
        _other("ratelimit", status=RATE_LIMIT),
        _other("upcoming", status=UPCOMING, live="upcoming"),
        _other("live", live="now", hls=True),
        _other("otherfilm", answers="qblmOvkV9KM"),
        _other("sabr", addressless=True),
        _other("forbidden", refused=True),
    ]
)
# Films for which YouTube no longer tells a title.
NAMELESS = (REMOVED, TERMINATED, POLICY, COPYRIGHT, GONE, PRIVATE, BOT, CAPTCHA)
REVISED: dict[str, Json] = {}


def find(film: str) -> Film | None:
    """The film as it is today."""
    known = FILMS.get(film) or MORE.get(film)
    return replace(known, **REVISED.get(film, {})) if known else None


@contextmanager
def revised(film: str, **parts: Any) -> Iterator[None]:
    """Other fields for one film, until the end of the block."""
    REVISED[film] = parts
    try:
        yield
    finally:
        del REVISED[film]
