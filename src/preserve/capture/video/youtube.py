"""What YouTube says about a film: its player's answers, read by their facts first and their words last. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from preserve.capture.video.answers import (
    ITEMS,
    PARSED,
    Answer,
    Verdict,
    at,
    cut,
    items,
    outcome,
    page,
    parsed,
    place,
    refusal,
    text,
    within,
)  # fmt: skip
from preserve.model import Json

MESSAGES = 5  # of one answer; one or two are usual
TRIES = 4  # places in one page where a player's answer may begin
_ADDRESSES = ("url", "signatureCipher", "cipher")
_MICROFORMAT = ("microformat", "playerMicroformatRenderer")
_SLATE = ("liveStreamability", "liveStreamabilityRenderer", "offlineSlate", "liveStreamOfflineSlateRenderer")

# Several clients of one film may be answered differently: what is said about the film itself comes first, then what
# is said about us, then what may be a limit of one client. An ERROR to one does not outweigh an OK to another.
_RANK = (
    "removed", "private", "members-only", "geo-blocked", "not-live-yet", "live-now", "age-gate", "bot-challenge",
    "rate-limited", "consent-wall", "login-wall", "no-media", "gone", "forbidden", "error",
)  # fmt: skip
_SUBJECT = r"(?: by (?P<who>[^.\n]{1,200}))?"
# In this order: the geographic and the copyright sentence share their words.
_SAYINGS: tuple[tuple[str, str, str], ...] = (
    (r"not a bot|captcha|unusual traffic", "bot-challenge", ""),
    (r"content isn't available, try again later", "rate-limited", ""),
    (r"in your (?:country|region|location)|country domain", "geo-blocked", ""),
    (r"removed by (?:the|its) (?:uploader|user|owner)", "removed", "removed by the uploader"),
    (r"uploader has closed|closed (?:their|his|her) (?:youtube )?account", "removed", "account closed by the uploader"),
    (r"account[^\n]{0,200} terminated|terminated account", "removed", "account terminated"),
    (r"due to an? (?P<kind>[a-z ]{1,40}) (?:claim|complaint)" + _SUBJECT, "removed", "{kind} claim by {who}"),
    (r"content from (?P<who>[^\n]{1,200}?),? (?:who|which) ha(?:s|ve) blocked", "removed", "copyright claim by {who}"),
    (r"violat(?:ing|ion|ed|es)", "removed", "removed for policy"),
    (r"copyright", "removed", "copyright claim"),
    (r"has been removed|was removed|taken down", "removed", "removed, it is not said by whom"),
    (r"confirm your age|age-restricted|may be inappropriate|inappropriate for some", "age-gate", ""),
    (r"private video|video is private", "private", ""),
    (r"members-only|join this channel|channel's members|requires payment|premium members?", "members-only", ""),
    (r"live event has ended|recording is not available", "no-media", ""),
)  # fmt: skip
_BY_STATUS = {
    "AGE_VERIFICATION_REQUIRED": "age-gate",
    "AGE_CHECK_REQUIRED": "age-gate",
    "CONTENT_CHECK_REQUIRED": "age-gate",
    "LOGIN_REQUIRED": "login-wall",
    "LIVE_STREAM_OFFLINE": "not-live-yet",
    "UNPLAYABLE": "no-media",
    "ERROR": "gone",
}
_PAGES = ("/watch", "/embed/", "/shorts/", "/live/", "/playlist", "/youtubei/v1/player", "/youtubei/v1/browse")
_PLAYER = re.compile(r"ytInitialPlayerResponse\s{0,9}=\s{0,9}(?=\{)")


def judge(name: str, answers: Sequence[Answer]) -> Verdict | None:
    """`name`: the id of a film, or what names a list (`list:PL…`, `@…`), of which only the page is judged."""
    walls = [verdict for answer in answers if (verdict := _wall(answer))]
    if ":" in name or "@" in name:
        return _worst(walls) or page(answers)
    players = [player for answer in answers for player in _players(answer)]
    own = [player for player in players if _video_id(player) in ("", name)]
    if any(_playable(player) and not _is_live(player) for player in own):
        return None
    found = _worst([verdict for player in own if (verdict := _said(player))] + walls)
    return found or _another([other for player in players if (other := _video_id(player)) not in ("", name)])


def _worst(verdicts: Sequence[Verdict]) -> Verdict | None:
    return min(verdicts, key=lambda verdict: _RANK.index(verdict.outcome.reason), default=None)


def _another(names: Sequence[str]) -> Verdict | None:
    """Not the film that was asked for, whatever the reason: what was offered must not pass for it."""
    if not names:
        return None
    other = cut(names[0])
    signals = ("the platform answered with another film's id", f"answered with {other}")
    return Verdict(outcome("error", *signals), {"videoId": other})


def _players(answer: Answer) -> Iterator[dict[str, Json]]:
    """The player's answers in an answer of the interface, or in a page."""
    host, path = place(answer.url)
    if not within(host, "youtube.com", "youtube-nocookie.com", "youtubei.googleapis.com"):
        return
    words = answer.body[:PARSED].decode("utf-8", "replace")
    if path.startswith("/youtubei/"):
        starts = [0] if path == "/youtubei/v1/player" else []
    else:
        starts = [match.end() for match, _ in zip(_PLAYER.finditer(words), range(TRIES), strict=False)]
    for start in starts:
        player = parsed(words, start)
        if isinstance(player, dict) and isinstance(player.get("playabilityStatus"), dict):
            yield player


def _wall(answer: Answer) -> Verdict | None:
    """A wall before the film: what the platform says by where it leads and with which status."""
    host, path = place(answer.url)
    if host in ("consent.youtube.com", "consent.google.com"):
        return Verdict(outcome("consent-wall", f"led to {host}"))
    if within(host, "google.com") and path.startswith("/sorry/"):
        return Verdict(outcome("bot-challenge", "led to a page that asks for a captcha"))
    if answer.status in (403, 429) and within(host, "youtube.com") and path.startswith(_PAGES):
        return refusal(answer.status)
    return None


def _said(player: Json) -> Verdict | None:
    said = _statement(player)
    reason, by_whom = _reading(player, said)
    if not reason:
        return None
    countries = ", ".join(said.get("availableCountries", ()))
    where = cut(f"available in: {countries}") if countries else "it is not said where it is available"
    words = dict.fromkeys(_texts(said))
    signals = (f"status {said.get('status', 'absent')}", by_whom, where if reason == "geo-blocked" else "", *words)
    return Verdict(outcome(reason, *signals), said)


def _reading(player: Json, said: dict[str, Json]) -> tuple[str, str]:
    """The reason, and by whom or why when that is said; ("", "") when nothing is."""
    status, screens = said.get("status", ""), said.get("errorScreen", [])
    if "playerCaptchaViewModel" in screens:
        return "bot-challenge", "a captcha is asked for"
    if said.get("isUpcoming"):
        return "not-live-yet", ""
    if _is_live(player):
        return "live-now", ""
    if status == "OK":
        return "no-media", _missing(player)
    if said.get("desktopLegacyAgeGateReason"):
        return "age-gate", ""
    words = "\n".join(" ".join(part.split()) for part in _texts(said)).replace("’", "'")
    for pattern, reason, signal in _SAYINGS:
        if match := re.search(pattern, words, re.IGNORECASE):
            return reason, _filled(signal, match)
    if any(screen.startswith("playerLegacyDesktopYpc") for screen in screens):
        return "members-only", "it is offered for money"
    return _BY_STATUS.get(status, "error" if status else ""), ""


def _filled(signal: str, match: re.Match[str]) -> str:
    named = {key: value.strip() for key, value in match.groupdict().items() if value}
    return signal.format_map({"kind": "copyright", "who": "a party that is not named"} | named)


def _missing(player: Json) -> str:
    """Why a film that is said to be fine has nothing to take."""
    streams = at(player, "streamingData")
    formats = _formats(streams)
    locked = bool(formats) and all(at(item, "drmFamilies") for item in formats)
    if locked or at(streams, "licenseInfos"):
        return "all streams are locked (DRM)"
    if formats or at(streams, "serverAbrStreamingUrl"):
        return "streams are named without addresses (SABR)"
    return "no streams are named"


def _playable(player: Json) -> bool:
    streams = at(player, "streamingData")
    if at(player, "playabilityStatus", "status") != "OK" or at(streams, "licenseInfos"):
        return False
    if any(at(streams, key) for key in ("hlsManifestUrl", "dashManifestUrl")):
        return True
    return any(not at(item, "drmFamilies") and any(at(item, key) for key in _ADDRESSES) for item in _formats(streams))


def _formats(streams: Json) -> list[Json]:
    return [item for key in ("formats", "adaptiveFormats") for item in items(at(streams, key))]


def _video_id(player: Json) -> str:
    """Failures often leave it out: "" then."""
    names = (at(player, "videoDetails", "videoId"), at(player, *_MICROFORMAT, "externalVideoId"))
    return next((name for name in names if isinstance(name, str)), "")


def _is_live(player: Json) -> bool:
    broadcast = at(player, *_MICROFORMAT, "liveBroadcastDetails", "isLiveNow")
    return at(player, "videoDetails", "isLive") is True or broadcast is True


def _statement(player: Json) -> dict[str, Json]:
    """The telling parts of an answer, in the platform's words."""
    status = at(player, "playabilityStatus")
    screens = at(status, "errorScreen")
    screens = dict(list(screens.items())[:ITEMS]) if isinstance(screens, dict) else {}
    model = at(screens, "playerInterstitialRenderer", "content", "interstitialViewModel")
    found = {
        "status": text(at(status, "status")),
        "reason": text(at(status, "reason")),
        "messages": _listed(at(status, "messages"))[:MESSAGES],
        "screenReason": _first(at(screen, "reason") for screen in screens.values()) or text(at(model, "title")),
        "subreason": _first(at(screen, "subreason") for screen in screens.values()) or text(at(model, "description")),
        "errorScreen": [cut(name) for name in screens],
        "availableCountries": _listed(at(player, *_MICROFORMAT, "availableCountries")),
        "desktopLegacyAgeGateReason": bool(at(status, "desktopLegacyAgeGateReason")),
        "isUpcoming": at(player, "videoDetails", "isUpcoming") is True,
        "isLive": _is_live(player),
        "scheduledStartTime": text(at(status, *_SLATE, "scheduledStartTime")),
    }
    return {key: value for key, value in found.items() if value}


def _first(values: Iterable[Json]) -> str:
    return next(filter(None, map(text, values)), "")


def _listed(values: Json) -> list[str]:
    return [words for item in items(values) if (words := text(item))]


def _texts(said: dict[str, Json]) -> list[str]:
    return [*(said[key] for key in ("reason", "screenReason", "subreason") if key in said), *said.get("messages", ())]
