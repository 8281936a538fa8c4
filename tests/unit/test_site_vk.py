"""The rules for VK: what a post needs beside its page, where its photos are, and what stands in place of it."""

from __future__ import annotations

import json
import time
from html import escape
from typing import Any

import pytest

from preserve.capture.sites import Part, Seen, of, vk
from preserve.capture.sites.vkphoto import original

POST = "-3457550_23655"
PAGE, MOBILE, ENDPOINT = f"https://vk.com/wall{POST}", f"https://m.vk.com/wall{POST}", "https://vk.com/wkview.php"
STORE = "https://sun9-1.userapi.com"
FILE = f"{STORE}/c631/v631/1a2b/map.jpg"
WORDS = "Карта обстановки на сегодняшний день."


def signed(size: str, name: str = "map") -> str:
    return f"{STORE}/impg/c631/v631/1a2b/{name}.jpg?size={size}&quality=96&sign=0f&type=album"


W, X, M = signed("1280x800"), signed("604x377"), signed("130x81")
SIZES = [{"type": "m", "url": M}, {"type": "x", "url": X, "width": 604, "height": 377}, {"type": "w", "url": W}]
TEMP = {"x": X, "w": W, "x_": [X, 604, 377], "w_": [W, 1280, 800], "base": ""}


def page(body: str, url: str = PAGE, head: str = "", charset: str = "utf-8", status: int = 200) -> Seen:
    html = f"<!DOCTYPE html><html><head><meta charset={charset}>{head}</head><body>{body}</body></html>"
    role = "page" if url.startswith("https://m.") else "source"
    return Seen(url, role, status, "text/html", charset, html.encode(charset, "xmlcharrefreplace"))


def payload(code: Any, *values: Any, charset: str = "windows-1251", status: int = 200) -> Seen:
    text = json.dumps({"payload": [code, list(values)]}, ensure_ascii=False)
    return Seen(ENDPOINT, "payload", status, "application/json", charset, text.encode(charset, "replace"))


def attribute(value: Any) -> str:
    return escape(json.dumps(value), quote=True)


def desktop(inside: str = "", words: str = WORDS) -> str:
    return f'<div id="post{POST}" class="post"><div class="wall_post_text">{words}</div>{inside}</div>'


# -- what is asked for -----------------------------------------------------------------------------------------------
FITS = {
    "https://vk.com/wall-1_2": True, "http://VK.com./": True, "https://m.vk.com/a": True, "https://new.vk.com/a": True,
    "https://www.vk.com/a": True, "https://vk.ru/wall-1_2": True, "https://m.vk.ru/a": True, "https://vkvideo.ru/video-1_2": True,
    "https://vk.cc/abc": False, "https://evilvk.com/wall-1_2": False, "https://vk.com.evil.org/wall-1_2": False,
    "https://dev.vk.com/api": False, "https://login.vk.com/?to=x": False, "https://sun9-1.userapi.com/a.jpg": False,
    "nonsense": False, "": False,
}  # fmt: skip


@pytest.mark.parametrize(("url", "fits"), FITS.items())
def test_it_is_for_the_pages_of_vk(url: str, fits: bool) -> None:
    assert vk.SITE.fits(url) is fits
    assert (of(url).name == "vk") is fits


DESKTOP, OWN = (PAGE, "page", True), (PAGE, "page", False)
ON_MOBILE, FORM = (MOBILE, "page", False), (ENDPOINT, "payload", True)
BESIDE = {
    PAGE: [ON_MOBILE, FORM],
    PAGE + "?reply=23660&thread=23657": [ON_MOBILE, FORM],
    PAGE + "_r23660": [ON_MOBILE, FORM],
    PAGE + "?z=photo-3457550_371%2Fwall-3457550_23655": [ON_MOBILE, FORM],
    f"https://vk.ru/wall{POST}": [ON_MOBILE, FORM],
    f"https://new.vk.com/wall{POST}": [ON_MOBILE, FORM],
    MOBILE: [OWN, FORM],
    f"https://m.vk.ru/wall{POST}": [OWN, FORM],
    f"https://vk.com/feed?w=wall{POST}": [DESKTOP, ON_MOBILE, FORM],
    f"https://vk.com/public3457550?w=wall{POST}": [DESKTOP, ON_MOBILE, FORM],
    f"https://vk.com/club3457550?z=photo-3457550_371&w=wall{POST}": [DESKTOP, ON_MOBILE, FORM],
    f"https://m.vk.com/feed?w=wall{POST}": [DESKTOP, ON_MOBILE, FORM],
    "https://vk.com/photo-3457550_371": [],
    "https://vk.com/video-3457550_1001": [],
    "https://vk.com/durov": [],
    "https://vk.com/wall-3457550": [],
    "https://vk.com/": [],
}  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), BESIDE.items())
def test_a_post_is_asked_for_in_all_its_views(url: str, expected: list[tuple[str, str, bool]]) -> None:
    parts = vk.SITE.beside(url)
    assert [(part.url, part.role, part.required) for part in parts] == expected
    assert all(part.read for part in parts)


def test_the_interface_is_asked_as_vk_asks_it() -> None:
    (*_, form) = vk.SITE.beside(f"https://vk.ru/wall{POST}")
    assert form.form == (("act", "show"), ("w", f"wall{POST}"), ("al", "1"))
    assert dict(form.headers) == {"Referer": ENDPOINT, "X-Requested-With": "XMLHttpRequest"}


# -- photos ----------------------------------------------------------------------------------------------------------
ITEM = {"id": 23655, "owner_id": -3457550, "text": WORDS,
        "attachments": [{"type": "photo", "photo": {"id": 371, "owner_id": -3457550, "sizes": SIZES}}]}  # fmt: skip
FOUND = {
    "an attribute of JSON": page(desktop(f"<div data-photo='{attribute({'photo': {'sizes': SIZES}})}'></div>")),
    "options": page(desktop(f'<a class="MediaGrid__interactive" data-options="{attribute({"temp": TEMP})}"></a>')),
    "a handler": page(desktop(f"""<a onclick="return showPhoto('-3457550_371', 'wall{POST}', {attribute({"temp": TEMP, "queue": 1})}, event)"></a>""")),
    "sizes by letter": page(desktop(f'<a data-options="{attribute({"sizes": {"x": [X, 604, 377], "w": [W, 1280, 800]}})}"></a>')),
    "sources by letter": page(desktop(f'<a data-options="{attribute({"id": "-3457550_371", "x_src": X, "w_src": W})}"></a>')),
    "names of the old interface": page(desktop(f'<a data-options="{attribute({"photo_604": X, "photo_1280": W})}"></a>')),
    "older names": page(desktop(f'<a data-options="{attribute({"src_big": X, "src_xxbig": W})}"></a>')),
    "a state of the new pages": page(f"<script>window.cur.apiPrefetchCache = {json.dumps([{'method': 'wall.getById', 'response': {'items': [ITEM]}}])};</script>"),
    "a state in an attribute": page(f'<div data-exec="{attribute({"PostContentContainer/init": {"item": ITEM}})}"></div>'),
    "the mobile page": page(f'<div class="wall_item" data-post-id="{POST}"><a href="/photo-3457550_371" class="thumb_link"><div class="thumb_map_img" data-src_big="{escape(W)}|1280|800" style="background-image: url({escape(X)});"></div></a></div>', MOBILE),
    "the mobile page, one photo": page(f'<div class="wall_item" data-post-id="{POST}"><div class="pi_text">{WORDS}</div><img class="PhotoPrimaryAttachment__imageElement" data-src_big="{escape(W)}" src="{escape(X)}"></div>', MOBILE),
    "the payload, HTML": payload("0", "", f'<div id="wl_post"><div id="wl_post_body"><a href="/photo-3457550_371" style="background-image: url({escape(W)})"><img src="{escape(X)}"></a></div></div>', {}),
    "the payload, JSON": payload(0, "", {"item": ITEM}),
    "the payload behind a comment": Seen(ENDPOINT, "payload", 200, "text/html", None, b"<!--" + payload("0", {"item": ITEM}).data),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_a_photo_is_asked_for_at_its_largest_size(name: str) -> None:
    """The file of which all sizes are made, then the sizes that the page names, the larger ones first."""
    (part,) = vk.SITE.needs(FOUND[name])
    assert (part.url, part.role, part.required, part.instead[:2]) == (FILE, "image", True, (W, X)), part.instead


def test_windows_1251_is_read() -> None:
    seen = page(desktop(f"<a data-options='{attribute({'temp': TEMP})}'>Фото</a>"), charset="windows-1251")
    assert [part.url for part in vk.SITE.needs(seen)] == [FILE]
    assert vk.SITE.judge([seen]) is None


ORIGINALS = {
    signed("604x377"): FILE,
    f"{STORE}/impf/c1/a.jpg?size=1x1&sign=0f": f"{STORE}/c1/a.jpg",
    f"{STORE}/c1/a.jpg": f"{STORE}/c1/a.jpg",
    f"{STORE}/s/v1/ig2/a.jpg?quality=95&as=32x24,640x480,320x240&from=bu&cs=320x240":
        f"{STORE}/s/v1/ig2/a.jpg?quality=95&as=32x24,640x480,320x240&from=bu&cs=640x480",
    f"{STORE}/s/v1/ig2/a.jpg?quality=95&as=nonsense&cs=5": f"{STORE}/s/v1/ig2/a.jpg?quality=95&as=nonsense&cs=5",
}  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), ORIGINALS.items())
def test_the_file_behind_an_address(url: str, expected: str) -> None:
    assert original(url) == expected


def test_each_photo_is_asked_for_once_however_often_it_is_told() -> None:
    options = attribute({"temp": TEMP})
    other = attribute({"sizes": [{"type": "x", "url": signed("604x377", "second")}]})
    body = desktop(
        f'<a href="/photo-3457550_371" data-options="{options}" style="background-image: url({escape(M)})"><img src="{escape(X)}"></a>'
        f'<a href="/photo-3457550_371?all=1" data-options="{options}"></a><a data-photo="{other}"></a>'
    )
    first, second = vk.SITE.needs(page(body, head=f'<meta property="og:image" content="{escape(X)}">'))
    assert (first.url, first.instead) == (FILE, (W, X, M))
    assert second.url == FILE.replace("map", "second")


def test_sizes_in_files_of_their_own_are_one_photo() -> None:
    """As VK stored them until 2018: the address of one size tells nothing of the others."""
    temp = {
        "x": "c1/v1/aa/small",
        "x_": ["c1/v1/aa/small", 604, 400],
        "y_": ["c1/v1/bb/large", 807, 500],
        "base": "https://pp.vk.me/",
    }
    (part,) = vk.SITE.needs(page(desktop(f"""<a onclick="showPhoto('-1_5', 'x', {attribute({"temp": temp})})"></a>""")))
    assert (part.url, part.instead) == ("https://pp.vk.me/c1/v1/bb/large.jpg", ("https://pp.vk.me/c1/v1/aa/small.jpg",))


def test_the_size_decides_and_not_its_letter() -> None:
    sizes = [
        {"type": "w", "url": f"{STORE}/a.jpg", "width": 100, "height": 50},
        {"type": "r", "url": f"{STORE}/b.jpg", "width": 510, "height": 382},
    ]
    (part,) = vk.SITE.needs(page(desktop(f"<i data-photo='{attribute({'sizes': sizes})}'></i>")))
    assert part.url == f"{STORE}/b.jpg"


FACE = f"{STORE}/impg/face.jpg?size=50x50&crop=0,0,200,200&ava=1"
NO_PHOTOS = {
    "a face": f'<a class="post_image" href="/club3457550"><img class="post_img" src="{FACE}"></a><div class="AvatarRich"><img class="MediaGrid__imageElement" src="{FACE}"></div>',
    "a character": f'{WORDS} <img class="emoji" src="/emoji/e/f09f9889.png">',
    "a sticker": f'<a href="/photo-1_9" class="sticker_img"><img src="{STORE}/sticker/1.png"></a>',
    "a film": f'<a href="/video-3457550_1001" class="page_post_thumb_wrap" style="background-image: url({signed("1x1", "film")})"><img class="MediaGrid__imageElement" src="{signed("2x2", "film")}"></a>',
    "a document": f'<a href="/doc-3457550_5"><img class="MediaGrid__imageElement" src="{signed("2x2", "doc")}"></a>',
    "the picture of a link": f'<i data-options="{attribute({"link": {"photo": {"sizes": SIZES}}})}"></i>',
    "the cover of a film": f'<i data-options="{attribute({"video": {"sizes": SIZES}})}"></i>',
    "an answer": f'<div id="replies{POST}"><a href="/photo-1_7" data-options="{attribute({"temp": TEMP})}"></a></div>',
    "an answer by its class": f'<div class="reply" id="post-3457550_23660"><a href="/photo-1_7"><img src="{escape(X)}"></a></div>',
    "a picture that is no photo": f'<img src="{escape(X)}">',
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_what_is_no_photo_of_the_post(name: str) -> None:
    assert vk.SITE.needs(page(desktop(NO_PHOTOS[name]))) == []


def test_other_posts_on_the_page_are_others() -> None:
    other = f'<div id="post-3457550_1" class="post"><a data-options="{attribute({"temp": TEMP})}"></a></div>'
    mine = desktop(f'<a data-photo="{attribute({"sizes": [{"type": "x", "url": f"{STORE}/mine.jpg"}]})}"></a>')
    for url in (PAGE, f"https://vk.com/public3457550?w=wall{POST}"):
        assert [part.url for part in vk.SITE.needs(page(other + mine, url))] == [f"{STORE}/mine.jpg"]
    assert vk.SITE.needs(page(other, f"https://vk.com/public3457550?w=wall{POST}")) == []


HOSTILE = ["javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AA", "ftp://a.org/b.jpg", "http://", "", " ", "https://a.org/" + "a" * 20_000, 5, None, ["x"], {"a": 1}]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_address_of_a_photo_is_left_out(url: Any) -> None:
    told = {
        "sizes": [{"type": "w", "url": url}],
        "x_": [url, 1, 2],
        "photo_604": url,
        "base": url,
        "orig_photo": {"url": url},
    }
    body = desktop(
        f'<a href="/photo-1_2" data-photo="{attribute(told)}" style="background-image: url({escape(str(url)) if len(str(url)) < 100 else ""})"></a>'
    )
    assert [part for part in vk.SITE.needs(page(body)) if not part.url.startswith("https://vk.com/")] == []
    assert vk.SITE.needs(payload("0", told)) == []


def test_another_store_is_asked_as_vks_own() -> None:
    """VK has moved its photos more than once; where an address leads is for the policy of the network to judge."""
    (part,) = vk.SITE.needs(payload("0", {"sizes": [{"type": "w", "url": "http://10.0.0.1/a.jpg"}]}))
    assert part.url == "http://10.0.0.1/a.jpg"


def test_the_page_of_a_photo_needs_that_photo() -> None:
    album = [
        {"id": n, "owner_id": -3457550, "sizes": [{"type": "x", "url": signed("604x377", f"n{n}")}]} for n in (370, 371)
    ]
    body = f'<a data-options="{attribute(album)}"></a><img class="pv_photo" src="/a.png">'
    for url in (
        "https://vk.com/photo-3457550_371",
        "https://vk.com/albums-3457550?z=photo-3457550_371%2Falbum-3457550_0",
    ):
        assert [part.url for part in vk.SITE.needs(page(body, url))] == [FILE.replace("map", "n371")]
    shared = page("", "https://vk.com/photo-3457550_371", f'<meta property="og:image" content="{escape(X)}">')
    assert [part.url for part in vk.SITE.needs(shared)] == [FILE]
    assert vk.SITE.needs(page(body, "https://vk.com/video-3457550_1001")) == []


# -- what stands in place of a post -----------------------------------------------------------------------------------
LOGIN = page('<form><input type="password" name="pass"></form>', "https://vk.com/login?to=d2FsbA--")
MOBILE_LOGIN = page('<form><input type="password" name="pass"></form>', "https://m.vk.com/login?role=fast")
QUICK = '<div id="quick_login"><input type="password" name="pass"></div>'
SHOWN, SHELL = page(QUICK + desktop()), page("<div id=react_root></div>")
ON_PHONE = page(f'<div class="wall_item" data-post-id="{POST}"><div class="pi_text">{WORDS}</div></div>', MOBILE)
CLOSED = payload("3", "", "")
OPEN = payload("0", "", f'<div id="wl_post_body"><div class="wall_post_text">{WORDS}</div></div>')


def message(words: str, where: str = "message_page_body", url: str = PAGE) -> Seen:
    return page(f'{QUICK}<div class="{where}">{words}<br><a href="/">Назад</a></div>', url, charset="windows-1251")


def refused(words: str) -> Seen:
    return payload("8", json.dumps(words, ensure_ascii=False))


JUDGED: dict[str, tuple[list[Seen], str | None]] = {
    "the post": ([SHOWN, ON_PHONE, OPEN], None),
    "the post, the interface closed": ([SHOWN, MOBILE_LOGIN, CLOSED], None),
    "the post, the interface says nonsense": ([SHOWN, payload("7", 5)], None),
    "the post alone": ([SHOWN], None),
    "only a photo": ([page(QUICK + desktop('<a href="/photo-1_2"><img src="/a.jpg"></a>', "")), CLOSED], None),
    "only a film": ([page(QUICK + desktop('<a href="/video-1_2">film</a>', "")), CLOSED], None),
    "a page made by scripts, the mobile page": ([SHELL, ON_PHONE, CLOSED], None),
    "a page made by scripts, the payload": ([SHELL, MOBILE_LOGIN, OPEN], None),
    "a page made by scripts, a payload in JSON": ([SHELL, payload(0, {"item": ITEM})], None),
    "a page made by scripts, its state": ([page(QUICK + f"<script>apiPrefetchCache = {json.dumps([ITEM])}</script>"), CLOSED], None),
    "a new template": ([page(QUICK + f"<main><p>{WORDS}</p></main>", head=f'<meta name="description" content="{WORDS}">'), CLOSED], None),
    "a page made by scripts, all others closed": ([SHELL, MOBILE_LOGIN, CLOSED], "blocked/login-wall"),
    "a page made by scripts, nothing else": ([SHELL], None),
    "a page made by scripts, no endpoint": ([SHELL, payload("", status=404)], None),
    "login": ([LOGIN, MOBILE_LOGIN, CLOSED], "blocked/login-wall"),
    "login on another host": ([page("", "https://login.vk.com/?role=fast&to=x"), CLOSED], "blocked/login-wall"),
    "login at the address itself": ([page(QUICK), CLOSED], "blocked/login-wall"),
    "login at the address itself, that alone": ([page(QUICK)], "blocked/login-wall"),
    "login, shared with a picture": ([page(QUICK, head=f'<meta property="og:image" content="{escape(X)}">')], "blocked/login-wall"),
    "login, the mobile page open": ([LOGIN, ON_PHONE, OPEN], "blocked/login-wall"),
    "a wall that lies over another page, closed": ([page("<h1>Group</h1>", f"https://vk.com/public1?w=wall{POST}"), LOGIN, CLOSED], "blocked/login-wall"),
    "a wall that lies over another page": ([page(QUICK + "<h1>Group</h1>", f"https://vk.com/public1?w=wall{POST}"), OPEN], None),
    "a notice on the page below": ([message("Комментарий удалён", "service_msg", f"https://m.vk.com/feed?w=wall{POST}"), ON_PHONE], None),
    "deleted": ([message("Запись удалена"), refused("Запись удалена")], "lost/gone"),
    "deleted, other things shown": ([page('<div class="message_page_body">Запись удалена</div><a href="/video-9_9"><a href="/photo-9_9"><img src="/a.jpg">')], "lost/gone"),
    "deleted, in English": ([message("Post not found"), refused("Post not found")], "lost/gone"),
    "deleted, by the payload": ([SHELL, MOBILE_LOGIN, refused("Запись не найдена")], "lost/gone"),
    "deleted, by the mobile page": ([SHELL, message("Запись удалена", "service_msg service_msg_warning", MOBILE)], "lost/gone"),
    "the payload before the mobile page": ([SHELL, message("Ошибка доступа: войдите", "service_msg", MOBILE), refused("Запись удалена")], "lost/gone"),
    "private": ([message("Access denied"), CLOSED], "blocked/private"),
    "private, in Russian": ([message("Доступ к записи ограничен настройками приватности")], "blocked/private"),
    "the author blocked": ([message("Сообщество заблокировано за нарушение правил")], "lost/removed"),
    "the page blocked": ([message("Данная страница заблокирована")], "lost/removed"),
    "not here": ([message("Материал заблокирован на территории РФ на основании решения суда")], "blocked/geo-blocked"),
    "words that say nothing": ([message("Ошибка"), OPEN], "failed/error"),
    "words of a page that say nothing": ([message("Ошибка", url="https://vk.com/durov")], None),
    "a challenge": ([page("", "https://vk.com/challenge.html?hash429=ab"), CLOSED], "blocked/bot-challenge"),
    "a challenge with its status": ([page("", "https://vk.com/challenge.html?hash429=ab&key=0f", status=429)], "blocked/bot-challenge"),
    "a security check": ([page("", "https://vk.com/login.php?act=security_check&to=x")], "blocked/bot-challenge"),
    "a photo deleted": ([message("Фотография удалена", url="https://vk.com/photo-1_2")], "lost/gone"),
    "a page deleted": ([message("Страница удалена либо ещё не создана", url="https://vk.com/durov")], "lost/gone"),
    "a page closed": ([LOGIN], "blocked/login-wall"),
    "a page that offers to log in": ([page(QUICK, "https://vk.com/durov")], None),
    "a page with a notice of something deleted": ([message("Комментарий удалён", "service_msg", "https://m.vk.com/durov")], None),
    "the page of a film": ([page("<h1>Film</h1>", "https://vk.com/video-1_2")], None),
    "no page": ([Seen(PAGE, "source", 200, None, None, b"")], None),
    "no HTML": ([Seen(PAGE, "source", 200, "image/png", None, b"\x89PNG\r\n\0\0")], None),
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_what_stands_in_place_of_a_post_is_no_post(name: str) -> None:
    seen, expected = JUDGED[name]
    outcome = vk.SITE.judge(seen)
    assert (f"{outcome.outcome}/{outcome.reason}" if outcome else None) == expected
    assert outcome is None or all(outcome.signals)


FILM = "https://vk.com/video-3457550_1001"
FILMS: dict[str, tuple[list[Seen], list[str] | None]] = {
    "none": ([SHOWN, ON_PHONE, OPEN], []),
    "one, in two views": ([page(desktop(f'<a href="{FILM[14:]}">film</a>')), page(f'<div data-post-id="{POST}"><a href="{FILM}">', MOBILE)], [FILM]),
    "of an answer": ([page(desktop(f'<div class="reply"><a href="{FILM}"></a></div>'))], []),
    "closed": ([LOGIN, MOBILE_LOGIN, CLOSED], None),
    "in a new template": ([JUDGED["a new template"][0][0], CLOSED], None),
    "on no post": ([page(f'<a href="{FILM}">film</a>', "https://vk.com/durov")], None),
}  # fmt: skip


@pytest.mark.parametrize("name", FILMS)
def test_the_films_that_a_post_shows_are_known(name: str) -> None:
    """For where the interface is closed that the film engine asks; None where nobody can say."""
    seen, expected = FILMS[name]
    assert vk.SITE.films(seen) == expected


def test_its_own_words_and_what_other_views_show_are_told() -> None:
    outcome = vk.SITE.judge([message("Запись <b>удалена</b>")])
    assert outcome and outcome.signals[-1].startswith("Запись удалена")
    outcome = vk.SITE.judge([LOGIN, ON_PHONE, OPEN])
    assert outcome and outcome.signals[-2:] == (f"the post is shown by {MOBILE}", f"the post is shown by {ENDPOINT}")


# -- hostile pages ----------------------------------------------------------------------------------------------------
MIB = 1 << 20
BOMBS = {
    "10 MB of tags": page("<div>" * (2 * MIB)),
    "tags with attributes": page('<div class="wall_post_text" id=post-1>' * (MIB // 4)),
    "photos": page(f'<a href="/photo-1_2" data-options="{attribute({"temp": TEMP})}"><img src="https://a.org/b.jpg">' * (MIB // 8)),
    "one class": page(f'<a class="{"wall_post " * MIB}">'),
    "one style": page(f'<a href="/photo-1_2" style="{"url(" * MIB}">'),
    "one handler": page(f"""<a onclick="showPhoto('-1_2', {"{" * (4 * MIB)}">"""),
    "states": page("apiPrefetchCache = [" * (MIB // 4)),
    "a deep state": page("apiPrefetchCache = " + "[" * (4 * MIB)),
    "a deep attribute": page(desktop(f"<i data-photo='{'[' * MIB}'></i>")),
    "a payload 100,000 deep": Seen(ENDPOINT, "payload", 200, None, None, b'{"payload":["0",' + b"[" * 100_000 + b"]" * 100_000 + b"]}"),
    "a wide payload": Seen(ENDPOINT, "payload", 200, None, None, b'{"payload":["0",[' + b"{}," * MIB + b"1]]}"),
    "a payload of 10 MB": Seen(ENDPOINT, "payload", 200, None, None, b'{"payload":["0",["<b' + b"b" * (10 * MIB) + b'"]]}'),
    "a description": page("a " * (4 * MIB), head=f'<meta name="description" content="{"a " * 249}b">'),
    "surrogates": payload("0", "<a \ud800>", {"sizes": [{"type": "x", "url": "https://a.org/\ud800"}]}),
    "numbers": payload("0", {"sizes": [{"type": "x", "url": X, "width": 10**400, "height": -1}]}),
    "shapes": payload("0", {"sizes": {"x": 5, "y": []}, "x_": [], "y_": {}, "orig_photo": 5, "owner_id": [], "id": {}}, [[[]]], 5, None),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_answer_costs_little(name: str) -> None:
    began = time.process_time()
    parts = vk.SITE.needs(BOMBS[name])
    vk.SITE.judge([SHELL, BOMBS[name]])
    assert time.process_time() - began < 15, "some seconds on a slow machine"
    assert len(parts) <= 100 and all(isinstance(part, Part) for part in parts)
