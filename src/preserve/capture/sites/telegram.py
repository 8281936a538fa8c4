"""Posts of Telegram channels. The page of a post is a frame around its embed; all that the post holds stands there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from urllib.parse import parse_qsl, urlencode, urlsplit

from preserve.capture import requisites
from preserve.capture.sites import host, markup
from preserve.capture.sites.rule import Part, Seen, Site
from preserve.model import Outcome

PARTS = 100  # of one post; an album has ten
TOLD = 1000  # characters of a notice that are kept
HOSTS = ("t.me", "telegram.me", "telegram.dog")
_POST = re.compile(r"/(?:s/)?([A-Za-z][A-Za-z0-9_]{2,40})/(?:[0-9]{1,12}/)?([0-9]{1,12})/?")  # with a topic between
_CHANNEL = re.compile(r"/(?:s/)?([A-Za-z][A-Za-z0-9_]{2,40})/?")
_PRIVATE = re.compile(r"/c/[0-9]{1,20}/[0-9]{1,12}(?:/[0-9]{1,12})?/?")  # in a chat that has no public name
# Pages of Telegram itself that have the shape of a channel's.
_OWN = frozenset(
    {"share", "joinchat", "addstickers", "addemoji", "addtheme", "addlist", "proxy", "socks", "setlanguage", "login"}
    | {"invoice", "confirmphone", "contact", "boost", "giftcode", "faq", "privacy", "apps", "blog", "press"}
)
_ASKED = ("single", "comment", "thread")  # what of a cited address chooses within the post
_BACKGROUND = re.compile(r"""background-image\s{0,9}:\s{0,9}url\(\s{0,9}["']?([^"')\s]{1,4000})""", re.IGNORECASE)
_PICTURES = frozenset(
    {
        "tgme_widget_message_photo_wrap", "tgme_widget_message_video_thumb", "tgme_widget_message_roundvideo_thumb",
        "tgme_widget_message_document_thumb", "tgme_widget_message_location", "tgme_widget_message_sticker",
        "link_preview_image", "link_preview_right_image", "link_preview_video_thumb",
    }
)  # fmt: skip
_KINDS = {
    "tgme_widget_message_error": "error",
    "message_media_not_supported_label": "label",
    "tgme_widget_message_text": "text",
}
_WITHHELD = re.compile(r"too big|open telegram", re.IGNORECASE)
# What an embed says in place of a post; else it is only certain that the post is not shown.
_NOTICES = (
    (re.compile(r"not found|deleted|does ?n[o'’]t exist", re.IGNORECASE), ("lost", "gone")),
    (re.compile(r"\bprivate\b|\bjoin\b", re.IGNORECASE), ("blocked", "private")),
    (re.compile(r"\blocal laws?\b|\bcountry\b|\bregion\b|jurisdiction", re.IGNORECASE), ("blocked", "geo-blocked")),
    (re.compile(r"\bage\b|\badult\b|\b18\+", re.IGNORECASE), ("blocked", "age-gate")),
    (re.compile(r"open telegram|log in", re.IGNORECASE), ("blocked", "login-wall")),
)


def _fits(url: str) -> bool:
    return host.of(url, *HOSTS)


def _named(url: str) -> tuple[str, str] | None:
    """Channel and number of a post; "" for the number of a channel; None for every other page."""
    path, name = urlsplit(url).path, host.name(url)
    if not _fits(url):
        return None
    if name.endswith(".t.me") and name != "www.t.me":
        path = f"/{name.removesuffix('.t.me')}{path}"
    match = _POST.fullmatch(path) or _CHANNEL.fullmatch(path)
    if match is None or match[1].lower() in _OWN:
        return None
    return (match[1], match[2]) if match.re is _POST else (match[1], "")


def _beside(url: str) -> Sequence[Part]:
    named = _named(url)
    if named is None:
        return ()
    channel, number = named
    listed = Part(f"https://t.me/s/{channel}" + (number and f"/{number}"), "page", required=False, read=True)
    if not number:
        return (listed,)
    chosen = [one for one in parse_qsl(urlsplit(url).query, keep_blank_values=True) if one[0] in _ASKED]
    asked = urlencode([("embed", "1"), ("mode", "tme"), *chosen])
    return Part(f"https://t.me/{channel}/{number}?{asked}", "frame", read=True), listed


def _needs(seen: Seen) -> Sequence[Part]:
    post = _post(seen)
    return [Part(url, role) for url, role in post.parts.items()] if post else ()


def _judge(seen: Sequence[Seen]) -> Outcome | None:
    source = seen[0]
    if source.status != 200:
        return None
    if _PRIVATE.fullmatch(urlsplit(source.url).path):
        return Outcome("blocked", "private", ("a post of a chat that only its members see",))
    posts = [post for one in seen if one.status == 200 and (post := _post(one))]
    shown = [post for post in posts if post.shown and not post.error]
    if not shown:
        unread = Outcome("captured", "partial", ("the embed shows nothing that is known as a post",))
        blank = unread if any(post.alone for post in posts) else None
        return next((_notice(post.error) for post in posts if post.error), blank)
    withheld = next((post.label for post in shown if _WITHHELD.search(post.label)), None)
    if withheld is None:
        return None
    signal = f"Telegram shows a part of the post in its own program only: {' '.join(withheld.split())}"
    if any(post.words or post.parts for post in shown):
        return Outcome("captured", "partial", (signal,))
    return Outcome("blocked", "login-wall", (signal,))


def _notice(text: str) -> Outcome:
    told = " ".join(text.split())
    outcome, reason = next((what for sign, what in _NOTICES if sign.search(told)), ("blocked", "forbidden"))
    return Outcome(outcome, reason, (f"Telegram shows no post: {told}",))


def _post(seen: Seen) -> _Post | None:
    """What an answer shows of the post that its address names; None where it names none."""
    named = _named(seen.url)
    if named is None or not named[1]:
        return None
    post = _Post(seen.url, markup.charset(seen), named[1])
    markup.read(seen, post)
    return post


class _Post:
    """A post as its embed shows it (`alone`), or the one with that number among those of a channel's page."""

    def __init__(self, url: str, charset: str | None, number: str) -> None:
        self.alone = "embed=" in urlsplit(url).query
        self.shown = False
        self.parts: dict[str, str] = {}  # address -> role
        self.words = 0
        self.label = ""  # what stands in place of media
        self.error = ""  # what stands in place of the post
        self._url, self._charset, self._ending = url, charset, "" if self.alone else f"/{number}"
        self._stack: list[str] = []  # what each open tag is for us
        self._open: Counter[str] = Counter()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        classes = set(attributes.get("class", "").split())
        kind = self._kind(classes, attributes)
        self._stack.append(kind)
        self._open[kind] += 1
        if not self._open["post"]:
            return
        if tag == "video":
            self._add(attributes.get("src", ""), "film")
        elif tag == "audio":
            self._add(attributes.get("src", ""), "audio")
        elif not classes.isdisjoint(_PICTURES) and (picture := _BACKGROUND.search(attributes.get("style", ""))):
            self._add(picture[1], "image")

    def end(self, tag: str) -> None:
        if self._stack:
            self._open[self._stack.pop()] -= 1

    def data(self, text: str) -> None:
        if self._open["error"] and len(self.error) < TOLD:
            self.error += text
        elif not self._open["post"]:
            return
        elif self._open["label"]:
            self.label += text if len(self.label) < TOLD else ""
        elif self._open["text"]:
            self.words += len(text.split())

    def _kind(self, classes: AbstractSet[str], attributes: Mapping[str, str]) -> str:
        if "tgme_widget_message" in classes and attributes.get("data-post", "").endswith(self._ending):
            self.shown = self.shown or "data-post" in attributes
            return "post"
        return next((kind for name, kind in _KINDS.items() if name in classes), "")

    def _add(self, written: str, role: str) -> None:
        if len(self.parts) < PARTS and (url := requisites.join(self._url, written, self._charset)):
            self.parts.setdefault(url, role)


SITE = Site("telegram", _fits, beside=_beside, needs=_needs, judge=_judge, tells=True)
