"""What one answer of VK shows of a post or a photo: its words, its photos, or a message in place of them. Pure.

Three templates of VK's are read, and the state that its newer pages carry as JSON; none is documented. A post is looked
for by its id. Where no template tells where it is, the page of that post is taken as a whole, answers to it left out;
and where a template is new, it still shows the post when it says what it describes itself by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from urllib.parse import urlsplit

from preserve.capture import requisites
from preserve.capture.sites import markup, vkphoto
from preserve.capture.sites.rule import Seen
from preserve.capture.sites.vkphoto import PHOTOS, Photo
from preserve.capture.video import vk as said
from preserve.capture.video.answers import WORDS, at, parsed
from preserve.model import Json

TAGS = 30_000  # of one page, with attributes, that are looked at; a large one of VK's has 10,000
NAMES = 2000  # characters of one class attribute
FILMS = 20  # of one post, as the film engine takes of a page
LOOKS = 1000  # photos of one page, of whatever post, and each time that it is shown
PAYLOAD = 4 << 20  # bytes of an answer of the interface; one for a long post has some 500 KB
BODY = 1 << 20  # characters of text of one page that are kept
RUN = 5  # words in a row that a page has from its description, or by chance
STATES = 4  # texts of JSON in one page that are read
_BODIES = frozenset({"wl_post", "wl_post_body"})
_TEXT = re.compile(r"(?:^|\s)(?:wall_post_text|pi_text|PostText|post_text)")
_DESCRIBED = frozenset({"post_description", "wall_post_text"})
# Answers to a post, faces, and pictures that stand for characters.
_ASIDE = re.compile(
    r"(?:^|\s)(?:repl(?:y|ies)|avatar|ava(?:$|[\s_-])|emoji|sticker|post_img|post_image|copy_post_im|wi_img)", re.I
)
_THUMB = re.compile(
    r"(?:^|\s)(?:page_post_thumb|thumb_map_img|MediaGrid__image|PhotoPrimaryAttachment__image|pv_photo)"
)
_MESSAGE = re.compile(r"(?:^|\s)(?:message_page_title|message_page_body|login_blocked)")
_NOTICE = re.compile(r"(?:^|\s)service_msg")  # of the mobile pages; some stand beside what was asked for
_POST_ID = re.compile(r"post(-?[0-9]{1,20}_[0-9]{1,20})")
_PHOTO_ID = re.compile(r"photo(-?[0-9]{1,20}_[0-9]{1,20})")
_SHOW = re.compile(r"showPhoto\(\s{0,9}'(-?[0-9]{1,20}_[0-9]{1,20})'")
_FILM = re.compile(r"/(?:video|clip)-?[0-9]{1,20}_[0-9]")
_ATTACHED = re.compile(r"/(?:video|clip|doc|audio|poll|album)-?[0-9]")
_STYLED = re.compile(r"url\(\s{0,9}[\"']?([^\"')\s]{1,4000})")
_FACE = re.compile(r"[?&](?:crop|ava)=|/images/|camera_|community_")
_STATE = "apiPrefetchCache"


@dataclass(frozen=True, slots=True)
class View:
    """`shown`: words of the post, or what is attached to it; `films`: addresses, None where a new template may show
    others; `message`: of VK, in place of what was asked for."""

    shown: bool = False
    photos: tuple[Photo, ...] = ()
    films: tuple[str, ...] | None = None
    message: str = ""
    password: bool = False  # a form asks for one; most pages have it beside what they show


def of_post(seen: Seen, post: str) -> View:
    """What a page shows of the post with this id."""
    text = said.decoded(seen.data)
    reader = _read(seen, text, post)
    states = [one for value in _states(text) for one in _posts(value, post)]
    shown, photos = _in_states(states, seen.url)
    shown = shown or bool(photos)
    own_page = urlsplit(seen.url).path.startswith(f"/wall{post}")
    account = reader.outer if own_page and not reader.inner.found else reader.inner
    if account.spoken or account is reader.inner or not reader.words():  # what else a message stands among, is others'
        shown, photos = shown or account.shown, [*photos, *account.photos]
    new = own_page and not shown and reader.described()
    names = {name for one in photos for name in one.names()}
    photos += [one for one in reader.shared if new or not names.isdisjoint(one.names())]
    films = tuple(account.films) if account.shown and shown else None
    return View(shown or new, tuple(photos), films, reader.words(), reader.password)


def of_page(seen: Seen) -> View:
    """What any other page says in place of itself."""
    reader = _read(seen, said.decoded(seen.data), "")
    return View(message=reader.words(), password=reader.password)


def of_photo(seen: Seen, photo: str) -> View:
    """What the page of one photo shows of it."""
    text = said.decoded(seen.data)
    reader = _read(seen, text, "")
    told = [one for value in _states(text) for one in vkphoto.of_json(value, seen.url)]
    found = [one for one in (*told, *reader.outer.photos) if one.id == photo]
    found += [Photo(photo, one.sizes) for one in reader.shared if not reader.words()]
    return View(bool(found), tuple(found), None, reader.words(), reader.password)


def of_payload(seen: Seen, post: str = "") -> View:
    """What the interface answers about a post: values of JSON, some of them HTML."""
    found = said.payload(seen.data) if len(seen.data) <= PAYLOAD else None
    if found is None or found[0] in ("3", "8"):  # log in; a message
        return View()
    shown, photos = False, list[Photo]()
    for value in found[1]:
        if isinstance(value, str) and "<" in value:
            reader = _read(seen, value, post)
            account = reader.inner if reader.inner.found else reader.outer
            shown, photos = shown or account.shown, [*photos, *account.photos]
        elif isinstance(value, dict | list):
            told, more = _in_states(_posts(value, post), seen.url)
            shown, photos = shown or told, [*photos, *(more or vkphoto.of_json(value, seen.url))]
    return View(shown or bool(photos), tuple(photos[:PHOTOS]))


# -- JSON -------------------------------------------------------------------------------------------------------------
def _states(text: str) -> Iterator[Json]:
    """The JSON that newer pages carry in a script."""
    place = -1
    for _ in range(STATES):
        place = text.find(_STATE, place + 1)
        if place < 0:
            return
        if (start := text.find("[", place, place + len(_STATE) + 20)) >= 0:
            yield parsed(text, start)


def _posts(value: Json, post: str) -> list[Json]:
    """The post wherever it stands in a JSON value; none where its id is not known."""
    found, stack = list[Json](), [value] if post else []
    for _ in range(vkphoto.NODES):
        if not stack:
            break
        one = stack.pop()
        if isinstance(one, dict):
            owners = (one.get(key) for key in ("owner_id", "to_id", "source_id"))
            numbers = [one.get("id"), one.get("post_id")]
            if any(f"{owner}_{number}" == post for owner in owners for number in numbers) and "text" in one:
                found.append(one)
            else:
                stack += one.values()
        elif isinstance(one, list):
            stack += one[: vkphoto.NODES]
    return found


def _in_states(posts: list[Json], base: str) -> tuple[bool, list[Photo]]:
    shown = any(isinstance(one["text"], str) and one["text"].strip() for one in posts)
    return shown, [photo for one in posts for photo in islice(vkphoto.of_json(one, base), PHOTOS)]


# -- HTML -------------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Account:
    found: bool = False
    spoken: bool = False  # words of a post
    shown: bool = False  # these, or what is attached
    photos: list[Photo] = field(default_factory=list)
    films: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Open:
    """What an open tag means for all that is inside of it."""

    inside: bool = False  # of the post
    aside: bool = False  # no part of a post
    speaks: bool = False  # the words of a post
    message: bool = False
    photo: str | None = ""  # the photo that the tag leads to; None: it leads to something else


class _Reader:
    """Keeps two accounts: of the post, and of the whole page without what belongs to others."""

    def __init__(self, url: str, post: str) -> None:
        self._url, self._post = url, post
        self._open = [_Open()]
        self._said: list[str] = []
        self._body: list[str] = []
        self._room, self._tags, self._more, self._looks = WORDS, TAGS, BODY, LOOKS
        self.inner, self.outer = _Account(), _Account()
        self.shared: list[Photo] = []
        self.description = ""
        self.password = False

    def words(self) -> str:
        return " ".join("".join(self._said).split())

    def described(self) -> bool:
        """Whether words of its description stand in it."""
        words, body = self.description.split(), " ".join(" ".join(self._body).split())
        return any(" ".join(words[at : at + RUN]) in body for at in range(len(words) - RUN + 1))

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._tags -= bool(attributes)
        if not attributes or self._tags < 0:
            self._open.append(self._open[-1])
            return
        now = self._entered(tag, attributes)
        self._open.append(now)
        if tag == "input" and attributes.get("type", "").lower() == "password":
            self.password = True
        elif tag == "meta":
            self._share(attributes.get("property", attributes.get("name", "")), attributes.get("content", ""))
        if now.aside:
            return
        href = attributes.get("href", "")
        attached = _ATTACHED.search(href) is not None
        film = requisites.join(self._url, href) if _FILM.search(href) else None
        photos = list[Photo]() if now.photo is None else self._photos(attributes, now.photo)
        for account in self._accounts(now):
            account.found = True
            account.photos += photos[: PHOTOS - len(account.photos)]
            account.shown = account.shown or attached or bool(photos)
            if film and len(account.films) < FILMS:
                account.films[film] = None

    def end(self, tag: str) -> None:
        if len(self._open) > 1:
            self._open.pop()

    def data(self, text: str) -> None:
        now = self._open[-1]
        if self._more > 0:
            self._body.append(text[: self._more])
            self._more -= len(text)
        if now.message and self._room > 0:
            self._said.append(text[: self._room])
            self._room -= len(text)
        if now.speaks and not now.aside and not text.isspace():
            for account in self._accounts(now):
                account.spoken = account.shown = True

    def _accounts(self, now: _Open) -> tuple[_Account, ...]:
        return (self.inner, self.outer) if now.inside else (self.outer,)

    def _entered(self, tag: str, attributes: Mapping[str, str]) -> _Open:
        around, names, name = self._open[-1], attributes.get("class", "")[:NAMES], attributes.get("id", "")
        posts = {attributes.get("data-post-id", ""), name.removeprefix("post") if _POST_ID.fullmatch(name) else ""}
        posts.discard("")
        inside = around.inside or name in _BODIES or (bool(self._post) and self._post in posts)
        of_another = bool(self._post and posts) and not inside and tag != "a"
        return _Open(
            inside,
            around.aside or of_another or _ASIDE.search(names) is not None or name.startswith("repl"),
            around.speaks or _TEXT.search(names) is not None or attributes.get("data-testid") in _DESCRIBED,
            around.message or self._is_message(names),
            _leads(tag, attributes, around.photo),
        )

    def _is_message(self, names: str) -> bool:
        return _MESSAGE.search(names) is not None or (bool(self._post) and _NOTICE.search(names) is not None)

    def _share(self, name: str, content: str) -> None:
        """What is offered to who shares the page. A face has been cut out of a photo, and says so."""
        if name in ("og:description", "description"):
            self.description = self.description or content[:WORDS]
        elif name == "og:image" and not _FACE.search(content) and (sizes := vkphoto.size(self._url, content, 0)):
            self.shared.append(Photo("", sizes))

    def _photos(self, attributes: Mapping[str, str], photo: str) -> list[Photo]:
        if self._looks <= 0:
            return []
        sizes = tuple(islice(self._sizes(attributes, photo), vkphoto.SIZES))
        photos = [*([Photo(photo, sizes)] if sizes else []), *islice(self._told(attributes, photo), PHOTOS)]
        self._looks -= len(photos)
        return photos

    def _sizes(self, attributes: Mapping[str, str], photo: str) -> Iterator[tuple[int, str]]:
        """Sizes that a tag names in plain attributes."""
        for name, value in attributes.items():
            if name.startswith("data-src_"):
                largest, _, area = value.partition("|")
                yield from vkphoto.size(self._url, largest, vkphoto.pixels(area.replace("|", "x")))
        if photo or _THUMB.search(attributes.get("class", "")[:NAMES]):
            plain = (attributes.get("src"), attributes.get("data-src"))
            for url in (*plain, *_styled(attributes.get("style", ""))):
                yield from vkphoto.size(self._url, url, 0)

    def _told(self, attributes: Mapping[str, str], own: str) -> Iterator[Photo]:
        """Photos that a tag tells in JSON."""
        for name in ("data-photo", "data-options"):
            if value := attributes.get(name, ""):
                yield from vkphoto.of_json(parsed(value), self._url, own)
        if state := attributes.get("data-exec", ""):
            yield from _in_states(_posts(parsed(state), self._post), self._url)[1]
        handler = attributes.get("onclick", "")
        if (match := _SHOW.search(handler)) and (start := handler.find("{", match.end())) >= 0:
            yield from vkphoto.of_json(at(parsed(handler, start), "temp"), self._url, match[1])


def _read(seen: Seen, text: str, post: str) -> _Reader:
    reader = _Reader(seen.url, post)
    markup.read(replace(seen, charset="utf-8", data=text.encode("utf-8", "replace")), reader)
    return reader


def _leads(tag: str, attributes: Mapping[str, str], around: str | None) -> str | None:
    """To which photo; "" to none, None to something else."""
    href, handler = attributes.get("href", ""), attributes.get("onclick", "")
    if match := _SHOW.search(handler) or _PHOTO_ID.search(href):
        return str(match[1])
    if named := attributes.get("data-photo-id", ""):
        return named[:50]
    if tag == "a" and ("data-video" in attributes or _ATTACHED.search(href)):
        return None
    return around


def _styled(style: str) -> Iterator[str]:
    yield from (match[1] for match in islice(_STYLED.finditer(style), 5))
