"""What VK says about a film or a post: codes and messages of its interface and of its embedded player. Pure.

Codes and places are those that yt-dlp's extractor reads (extractor/vk.py); VK documents neither. The rules for VK's
pages (capture/sites/vk.py) read the same answers with the same table of messages.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import islice

from preserve.capture.video import answers
from preserve.capture.video.answers import PARSED, STATUS, Answer, Verdict, at, cut, items, outcome, parsed, place
from preserve.model import Json, Outcome

SITES = ("vk.com", "vk.ru", "vkvideo.ru", "vkontakte.ru")
_INTERFACE = ("/al_video.php", "/wkview.php")
_EMBED = "/video_ext.php"
# In this order: a message that names a rightholder, an author or a region says more than "deleted" or "not available".
_SAYINGS: tuple[tuple[str, str, str], ...] = (
    (r"too (?:often|many)|слишком (?:часто|много)", "rate-limited", ""),
    (r"security_check|captcha|not a robot|не робот", "bot-challenge", ""),
    (r"copyright|rightholder|rights holder|правообладател|авторск\w+ прав", "removed", "removed for the rightholder"),
    (r"in your (?:region|country)|в вашем регионе|в вашей стране|на территории", "geo-blocked", ""),
    (r"(?:author|owner|community|page|profile)\b.{0,40}(?:blocked|banned)", "removed", "account of the author blocked"),
    (r"(?:автор|владелец|сообщество|страниц|профиль).{0,40}заблокирован", "removed", "account of the author blocked"),
    (r"terms of|violat|нарушен", "removed", "removed for policy"),
    (r"\bcourt\b|решени\w+ суда|роскомнадзор|прокуратур", "removed", "removed by order of an authority"),
    (r"confirm your age|age restrict|under 18|18 лет|18\+|возраст", "age-gate", ""),
    (r"subscri\w+ only|for subscribers|for donors|только для (?:подписчик|дон)\w+|по подписке", "members-only", ""),
    (r"log in|sign in|войдите|войти|авториз|зарегистр", "login-wall", ""),
    (r"access denied|access .{0,20}restricted|privacy|private", "private", ""),
    (r"доступ .{0,20}(?:запрещ|огранич|закрыт)|приватност|скрыл|нет доступа", "private", ""),
    (r"temporarily unavailable|временно недоступн", "no-media", "temporarily, says the platform"),
    (r"deleted|removed|удал[её]н|удалил", "gone", "deleted, it is not said by whom"),
    (r"not found|unknown error|does not exist|no longer available|не найден|не существует", "gone", ""),
    (r"unavailable|not available|недоступн", "no-media", ""),
)  # fmt: skip
_MESSAGES = (
    re.compile(r'(?:class="video_layer_message"|id="video_ext_msg")[^>]{0,200}>(.{1,1000})', re.DOTALL),
    re.compile(r"<!>([^<]{1,500})"),
    re.compile(r">((?:Видеозапись|The video) [^<]{1,500})"),
)  # none looks for an end, which a hostile page would never let come
_PER_PLACE = 20  # messages of one kind that are looked at in one page
_MESSAGE = 4000  # characters of one, with its tags
_TAG = re.compile(r"<[^>]{0,500}>")
_ADDRESSES = re.compile(r"url|cache|hls|dash|extra_data|live_mp4|postlive_mp4|rtmp")


def judge(said: Sequence[Answer]) -> Verdict | None:
    """By the last answer that tells anything: a challenge that was met is followed by what had been asked for."""
    for answer in reversed(said):
        host, path = place(answer.url)
        if answers.within(host, *SITES):
            told, verdict = _told(answer, path)
            if told:
                return verdict
    return None


def _told(answer: Answer, path: str) -> tuple[bool, Verdict | None]:
    """Whether this answer tells anything, and what it says against the film."""
    if path == "/challenge.html" or "act=security_check" in answer.url:
        return True, Verdict(outcome("bot-challenge", f"led to {path}"))
    if path in ("/login", "/login.php"):
        return True, Verdict(outcome("login-wall", f"led to {path}"))
    if path not in (*_INTERFACE, _EMBED) or (answer.status and 300 <= answer.status < 400):
        return False, None
    if answer.status == 429:
        return True, Verdict(outcome("bot-challenge", "status 429"), {"http": 429})
    if answer.status in STATUS:
        return True, answers.refusal(answer.status)
    if not answer.body:
        return False, None
    return (True, _embedded(answer.body)) if path == _EMBED else _payload(answer.body)


def decoded(body: bytes) -> str:
    """VK speaks UTF-8 in its newer interfaces and windows-1251 in the others; Cyrillic words of the latter are never
    the former. The end may be cut anywhere."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body[:PARSED], final=len(body) <= PARSED)
    except UnicodeDecodeError:
        return body[:PARSED].decode("windows-1251", "replace")


def payload(body: bytes) -> tuple[str, list[Json]] | None:
    """Code and values of {"payload": [code, [...]]}; None for what is no payload."""
    text = decoded(body).lstrip("\ufeff \r\n")
    found = at(parsed(text.removeprefix("<!--").lstrip()), "payload")
    if not isinstance(found, list) or not found:
        return None
    code = str(found[0]) if isinstance(found[0], str | int) else ""
    return code, items(found[1]) if len(found) > 1 else []


def _payload(body: bytes) -> tuple[bool, Verdict | None]:
    """Code 8 comes with a message, a text in quotation marks of its own."""
    found = payload(body)
    if found is None:
        return False, None
    code, parts = found
    if code == "3":
        return True, Verdict(outcome("login-wall", "code 3: log in"), {"code": code})
    if code == "8":
        message = plain(parts[0]) if parts and isinstance(parts[0], str) else ""
        return True, Verdict(meaning(message, f"code {code}"), {"code": code, "message": message})
    shown = parts[-1] if parts else None
    return True, _player(_params(at(shown, "player")), parts[1] if len(parts) > 1 else None)


def _player(params: Json, page: Json) -> Verdict | None:
    """The player's parameters: live, or without anything to play. A page with a foreign player is not judged."""
    if not isinstance(params, dict) or not params:
        return None
    if params.get("live") == 2:
        return Verdict(outcome("live-now", "live: 2"), {"live": 2})
    if any(_ADDRESSES.match(key) and isinstance(value, str) and value for key, value in params.items()):
        return None
    if isinstance(page, str) and "<iframe" in page:
        return None
    return Verdict(outcome("no-media", "the player is given no address"))


def _params(player: Json) -> Json:
    return next(iter(items(at(player, "params"))), None)


def _embedded(body: bytes) -> Verdict | None:
    """A player with its parameters, or an error page: what a playable film is called is no message."""
    page = decoded(body)
    if re.search(r"<!>/login\.php\?[^<]{0,500}act=security_check", page):
        return Verdict(outcome("bot-challenge", "led to a security check"))
    if player := re.search(r"var\s{1,9}playerParams\s{0,9}=\s{0,9}(?=\{)", page):
        params = _params(parsed(page, player.end()))
        if isinstance(params, dict) and params:
            return _player(params, page)
    said = [plain(message) for message in _messages(page)]
    verdicts = [Verdict(meaning(words, "the embedded player"), {"message": words}) for words in said if words]
    return next((verdict for verdict in verdicts if verdict.outcome.reason != "error"), next(iter(verdicts), None))


def _messages(page: str) -> Iterator[str]:
    for pattern in _MESSAGES:
        for match in islice(pattern.finditer(page), _PER_PLACE):
            yield match[1].partition("</div>")[0]


def meaning(message: str, where: str) -> Outcome:
    """Of a message in Russian or English; `where` it stood is a signal. Words that say nothing are an `error`."""
    for pattern, reason, signal in _SAYINGS:
        if re.search(pattern, message, re.IGNORECASE):
            return outcome(reason, where, signal, message)
    return outcome("error", where, message or "a message without words")


def plain(html: str) -> str:
    """Words without tags and without the quotation marks around them."""
    return cut(" ".join(unescape(_TAG.sub(" ", html[:_MESSAGE])).split()).strip('"').strip())
