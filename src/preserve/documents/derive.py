"""What a URL's own spelling leads to besides itself: the original of an archived page, the target of a wrapper.

Nothing is asked of anyone, and nothing replaces what was cited: these are further sources of the same citation.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from preserve.documents.url import identity
from preserve.model import Derived

RELATIONS: dict[str, str] = {
    "archived-original": "the page of which this is a copy in a web archive",
    "archived-raw": "the same copy as the archive received it, without its own banner and links",
    "wrapper-target": "the page to which this one only leads",
    "amp-original": "the page of which this is an AMP copy",
    "unjoined": "the part of a URL broken over two lines that stands on the first",
}

_STAMPED = r"(\d[\d.-]{3,20}|\*)([a-z]{2}_)?/(.+)"
_WAYBACK = re.compile(r"https?://(?:web\.archive\.org/web|web-beta\.archive\.org/web|archive\.org/wayback)/" + _STAMPED)
_MEMENTOS = re.compile(
    r"https?://(?:arquivo\.pt/(?:wayback|noFrame/replay)|wayback\.archive-it\.org/\w+|webarchive\.nationalarchives\.gov\.uk(?:/ukgwa)?"
    r"|archive\.(?:today|ph|is|li|vn|md|fo)|www\.webarchive\.org\.uk/wayback/\w+|swap\.stanford\.edu|perma-archives\.org/warc"
    r"|wayback\.vefsafn\.is/wayback|haw\.nsk\.hr/wayback|vefsafn\.is/is)/" + _STAMPED
)
_GOOGLE = re.compile(
    r"(?:www|news|images|maps|translate|scholar)\.google\.(?:[a-z]{2,3}|com?\.[a-z]{2})|google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"
)
# Host and path of pages that only pass on to the address in one of their parameters.
_WRAPPERS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = (
    (_GOOGLE, r"/url", ("url", "q")),
    (_GOOGLE, r"/imgres", ("imgrefurl", "imgurl")),
    (re.compile(r"(?:[a-z0-9-]+\.)?safelinks\.protection\.outlook\.com"), r"/.*", ("url",)),
    (re.compile(r"(?:l|lm|www|m)\.(?:facebook|instagram)\.com"), r"/(?:l\.php|flx/warn/?)?", ("u",)),
    (re.compile(r"(?:www\.|m\.)?(?:vk\.com|vk\.ru|vkontakte\.ru)"), r"/away\.php", ("to",)),
    (re.compile(r"(?:www\.|m\.)?youtube\.com"), r"/redirect", ("q",)),
    (re.compile(r"(?:www\.)?linkedin\.com"), r"/(?:redir/redirect|safety/go)", ("url",)),
    (re.compile(r"(?:www\.)?steamcommunity\.com"), r"/linkfilter/?", ("url", "u")),
    (re.compile(r"out\.reddit\.com"), r"/.*", ("url",)),
    (re.compile(r"duckduckgo\.com"), r"/l/", ("uddg",)),
    (re.compile(r"(?:r\.)?search\.yahoo\.com"), r"/.*", ("RU",)),
    (re.compile(r"(?:www\.)?bing\.com"), r"/ck/a", ("u",)),
    (re.compile(r"(?:connect\.)?ok\.ru"), r"/dk", ("st.link",)),
    (re.compile(r"(?:www\.)?tumblr\.com|t\.umblr\.com"), r"/redirect", ("z",)),
    (re.compile(r"slack-redir\.net"), r"/link", ("url",)),
    (re.compile(r"(?:www\.)?webcitation\.org"), r"/.*", ("url",)),
)
_CACHED = re.compile(r"cache:(?:[\w-]{6,20}:)?(\S+)")
_AMP = re.compile(r"https?://(?:(?:www\.)?google\.[a-z.]+/amp|(?:[a-z0-9-]+\.)?cdn\.ampproject\.org/[cvi])/(s/)?(.+)")
_PROOFPOINT = re.compile(r"https?://urldefense\.(?:com|us|proofpoint\.com)/v([123])/(.+)")
_MISSING_SLASH = re.compile(r"(https?:/)(?!/)")


def derive(url: str) -> tuple[Derived, ...]:
    """What `url` leads to by its spelling, in the order of the rules, each once; nothing for most."""
    found: dict[str, Derived] = {}
    for target, relation in _targets(url):
        key = identity(target)
        if key and key.startswith(("http://", "https://")) and target != url:
            found.setdefault(key, Derived(target, key, relation))
    return tuple(found.values())


def _targets(url: str) -> Iterator[tuple[str, str]]:
    archived = _WAYBACK.match(url)
    if archived:
        yield _original(archived[3]), "archived-original"
        if archived[1].isdigit() and archived[2] != "id_":
            yield url[: archived.end(1)] + "id_" + url[archived.start(3) - 1 :], "archived-raw"
    elif archived := _MEMENTOS.match(url):
        yield _original(archived[3]), "archived-original"
    elif amp := _AMP.match(url):
        yield ("https://" if amp[1] else "http://") + amp[2], "amp-original"
    elif wrapped := _PROOFPOINT.match(url):
        yield _proofpoint(wrapped[1], wrapped[2]), "wrapper-target"
    else:
        yield from _wrapped(url)


def _original(rest: str) -> str:
    """The address after the time stamp; many leave out the scheme or, by a careless copy, one of its slashes."""
    rest = _MISSING_SLASH.sub(r"\1/", rest, count=1)
    return rest if re.match(r"[a-z]+://", rest, re.I) else "http://" + rest


def _wrapped(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    host = (parts.hostname or "").lower()
    if host == "webcache.googleusercontent.com" and (cached := _CACHED.match("".join(_values(parts.query, "q")))):
        yield _original(cached[1]), "archived-original"
    for hosts, path, names in _WRAPPERS:
        if hosts.fullmatch(host) and re.fullmatch(path, parts.path or "/"):
            targets = (value for name in names for value in _values(parts.query, name))
            relation = "archived-original" if "webcitation" in host else "wrapper-target"
            decode: Callable[[str], str] = _bing if "bing" in host else str
            yield from ((decode(target), relation) for target in targets)
            return


def _values(query: str, name: str) -> list[str]:
    try:
        return parse_qs(query, max_num_fields=100).get(name, [])[:1]
    except ValueError:
        return []


def _bing(value: str) -> str:
    """`a1` and then the address in URL-safe base64."""
    try:
        return base64.urlsafe_b64decode(value[2:] + "===").decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _proofpoint(version: str, rest: str) -> str:
    if version == "3":  # __address__;replacements!signature
        return rest.removeprefix("__").partition("__;")[0]
    value = (_values(rest.partition("?")[2], "u") or [""])[0]
    return unquote(value.replace("-", "%").replace("_", "/")) if version == "2" else value
