"""What a post of Telegram needs, and what its embed says in its place."""

from __future__ import annotations

import pytest

from preserve.capture.sites import Part, Seen, telegram

POST = "https://t.me/mod_russia/123"
EMBED = f"{POST}?embed=1&mode=tme"
LIST = "https://t.me/s/mod_russia/123"
CDN = "https://cdn4.telesco.pe/file"


def seen(body: str, url: str = EMBED, role: str = "frame", status: int = 200) -> Seen:
    return Seen(url, role, status, "text/html", "utf-8", f"<html><body>{body}</body></html>".encode())


def post(inner: str, name: str = "mod_russia/123", text: str = "<b>Words</b> of the post") -> str:
    return f"""<div class="tgme_widget_message_wrap"><div class="tgme_widget_message js-widget_message" data-post="{name}">
    <div class="tgme_widget_message_user"><i class="tgme_widget_message_user_photo"><img src="{CDN}/face.jpg"></i></div>
    <div class="tgme_widget_message_bubble">{inner}
    <div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div></div></div></div>"""


def photo(name: str) -> str:
    style = f"width:453px;background-image:url('{CDN}/{name}.jpg')"
    return f'<a class="tgme_widget_message_photo_wrap blured" style="{style}" href="{POST}"></a>'


def film(name: str) -> str:
    return f"""<a class="tgme_widget_message_video_player js-message_video_player" href="{POST}">
    <i class="tgme_widget_message_video_thumb" style="background-image:url('{CDN}/{name}.jpg')"></i>
    <div class="tgme_widget_message_video_wrap" style="width:1280px">
    <video src="{CDN}/{name}.mp4?token=a%2Fb" class="tgme_widget_message_video js-message_video"></video></div>
    <div class="message_media_not_supported_wrap"><div class="message_media_not_supported">
    <div class="message_media_not_supported_label">This media is not supported in your browser</div></div></div></a>"""


def withheld(label: str) -> str:
    return f"""<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">
    <div class="message_media_not_supported_label">{label}</div>
    <a class="message_media_view_in_telegram" href="{POST}">VIEW IN TELEGRAM</a></div></div>"""


def parts(**roles: str) -> list[Part]:
    return [Part(f"{CDN}/{name.replace('__', '.')}", role) for name, role in roles.items()]


# -- what is asked for beside the page
@pytest.mark.parametrize(
    ("url", "embed", "listed"),
    [
        (POST, EMBED, LIST),
        (f"{POST}/", EMBED, LIST),
        ("http://telegram.me/mod_russia/123", EMBED, LIST),
        (LIST, EMBED, LIST),
        ("https://mod_russia.t.me/123", EMBED, LIST),
        (f"{POST}?single", f"{EMBED}&single=", LIST),
        (f"{POST}?comment=45&utm=x", f"{EMBED}&comment=45", LIST),
        ("https://t.me/mod_russia/7/123", EMBED, LIST),  # a topic between
        ("https://t.me/mod_russia", None, "https://t.me/s/mod_russia"),
        ("https://t.me/s/mod_russia", None, "https://t.me/s/mod_russia"),
        ("https://t.me/c/1234567/89", None, None),
        ("https://t.me/joinchat/AAAAAE", None, None),
        ("https://t.me/+AAAAAE", None, None),
        ("https://t.me/share/url?url=https://t.me/mod_russia/123", None, None),
        ("https://t.me/addstickers/123", None, None),
        ("https://t.me/", None, None),
        ("https://t.me/../123", None, None),
        ("https://short.example/mod_russia/123", None, None),
    ],
)
def test_what_belongs_to_an_address(url: str, embed: str | None, listed: str | None) -> None:
    asked = [Part(embed, "frame", read=True)] if embed else []
    asked += [Part(listed, "page", required=False, read=True)] if listed else []
    assert list(telegram.SITE.beside(url)) == asked


# -- what the post holds
NEEDS = {
    photo("one"): parts(one__jpg="image"),
    photo("one") + photo("two") + photo("one"): parts(one__jpg="image", two__jpg="image"),
    f"<i class='tgme_widget_message_document_thumb' style='background-image: url({CDN}/thumb.jpg)'></i>": parts(
        thumb__jpg="image"
    ),
    f"<i class='link_preview_right_image' style='background-image:url(\"{CDN}/link.jpg\")'></i>": parts(
        link__jpg="image"
    ),
    f"<audio class='tgme_widget_message_voice' src='{CDN}/voice.ogg'></audio>": parts(voice__ogg="audio"),
    "<i class='emoji' style=\"background-image:url('//telegram.org/img/emoji/40/F09F.png')\"></i>": [],
    "<i class='tgme_widget_message_photo_wrap' style=\"background-image:url('file:///etc/passwd')\"></i>": [],
    "": [],
}


@pytest.mark.parametrize("inner", NEEDS)
def test_what_a_post_needs(inner: str) -> None:
    assert list(telegram.SITE.needs(seen(post(inner)))) == NEEDS[inner]


def test_a_film_is_a_part_with_its_picture() -> None:
    found = telegram.SITE.needs(seen(post(film("raid") + film("raid"))))
    assert list(found) == [Part(f"{CDN}/raid.jpg", "image"), Part(f"{CDN}/raid.mp4?token=a%2Fb", "film")]


def test_of_a_channels_page_only_the_post_itself() -> None:
    page = post(photo("before"), "mod_russia/122") + post(photo("one")) + post(photo("after"), "mod_russia/1123")
    assert list(telegram.SITE.needs(seen(page, LIST, "page"))) == parts(one__jpg="image")
    assert list(telegram.SITE.needs(seen(page, "https://t.me/s/mod_russia", "source"))) == []


# -- what became of it
@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("Post not found", "lost/gone"),
        ("Channel with username <b>@mod_russia</b> not found", "lost/gone"),
        ("This channel is private", "blocked/private"),
        ("This message couldn't be displayed on your device because it violates local laws.", "blocked/geo-blocked"),
        ("This channel can't be displayed because it was used to spread pornographic content.", "blocked/forbidden"),
        ("Please open Telegram to view this post", "blocked/login-wall"),
        ("Confirm your age to see it", "blocked/age-gate"),
        ("Нельзя показать", "blocked/forbidden"),
    ],
)
def test_what_stands_in_place_of_a_post(said: str, outcome: str) -> None:
    page = seen("<script data-telegram-post='mod_russia/123'></script>", POST, "source")
    error = seen(f'<div class="tgme_widget_message_error">{said}</div>')
    judged = telegram.SITE.judge([page, error])
    assert judged and f"{judged.outcome}/{judged.reason}" == outcome
    assert said.partition(" <")[0] in judged.signals[0]
    # What the channel's own page shows is not gone.
    assert telegram.SITE.judge([page, error, seen(post(""), LIST, "page")]) is None


def test_a_post_that_is_shown_is_live() -> None:
    page = seen("", POST, "source")
    for inner in ("", photo("one"), film("raid"), "<p>Post not found</p>"):
        assert telegram.SITE.judge([page, seen(post(inner))]) is None
    assert telegram.SITE.judge([page, seen(post("", text="Channel is private. Please open Telegram"))]) is None


@pytest.mark.parametrize("label", ["Media is too big", "Please open Telegram to view this post"])
def test_what_telegram_shows_in_its_program_only_is_missing(label: str) -> None:
    page = seen("", POST, "source")
    judged = telegram.SITE.judge([page, seen(post(withheld(label)))])
    assert judged and (judged.outcome, judged.reason) == ("captured", "partial") and label in judged.signals[0]
    judged = telegram.SITE.judge([page, seen(post(withheld(label), text=""))])
    assert judged and (judged.outcome, judged.reason) == ("blocked", "login-wall")


def test_an_embed_without_a_post_is_not_the_post() -> None:
    judged = telegram.SITE.judge([seen("", POST, "source"), seen("<p>Something else</p>")])
    assert judged and (judged.outcome, judged.reason) == ("captured", "partial")


def test_a_post_of_a_private_chat() -> None:
    page = seen("<p>If you have Telegram, you can view it.</p>", "https://t.me/c/1234567/89", "source")
    judged = telegram.SITE.judge([page])
    assert judged and (judged.outcome, judged.reason) == ("blocked", "private")


@pytest.mark.parametrize("url", ["https://t.me/mod_russia", "https://t.me/s/mod_russia", "https://t.me/+AAAAAE"])
def test_of_other_pages_nothing_is_said(url: str) -> None:
    assert telegram.SITE.judge([seen("<p>A channel</p>", url, "source")]) is None


def test_an_embed_that_did_not_come_says_nothing() -> None:
    assert telegram.SITE.judge([seen("", POST, "source")]) is None
    assert telegram.SITE.judge([seen("", POST, "source"), seen("", status=503)]) is None
    assert telegram.SITE.judge([seen("", POST, "source", status=502), seen("<p>x</p>")]) is None  # it says enough


def test_a_post_without_end_is_read_within_bounds() -> None:
    many = "".join(photo(str(number)) for number in range(20_000))
    assert len(telegram.SITE.needs(seen(post(many)))) == telegram.PARTS
    assert telegram.SITE.judge([seen("", POST, "source"), seen("<div>" * 100_000 + "</div>" * 200_000)])
