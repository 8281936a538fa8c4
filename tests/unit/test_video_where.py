"""Which addresses are films, lists or posts of a known platform, and which pages hold a player."""

from __future__ import annotations

import time

import pytest

from preserve.capture.video import where
from preserve.capture.video.where import Known, hints, known

ID = "qblmOvkV9KM"
WATCH = "https://www.youtube.com/watch?v="
FILM = Known("youtube", "film", f"youtube:{ID}", WATCH + ID)

SPELLINGS = f"""
https://www.youtube.com/watch?v={ID}
http://youtube.com/watch?v={ID}
https://WWW.YouTube.COM/watch?v={ID}
https://www.youtube.com./watch?v={ID}
https://www.youtube.com:443/watch?v={ID}&t=90s
https://m.youtube.com/watch?v={ID}
https://music.youtube.com/watch?v={ID}&si=x
https://ru.youtube.com/watch?v={ID}
https://www.youtube.com/watch?list=PL1234567890AB&v={ID}&index=3
https://www.youtube.com/watch?feature=share&amp;v={ID}
https://www.youtube.com/watch?feature=share;v={ID}
https://www.youtube.com/watch/?v={ID}
https://www.youtube.com/watch?v={ID}#t=30
https://www.youtube.com/watch?v={ID}&v=KqEtOd5Mypg
https://www.youtube.com/watch?v=%71blmOvkV9KM
https://www.youtube.com/watch?v={ID}?t=30
https://www.youtube.com/watch?v={ID}).
https://www.youtube.com/watch?v={ID}%E2%80%9D
https://www.youtube.com/?v={ID}
https://www.youtube.com/watch.php?v={ID}
https://www.youtube.com/watch_popup?v={ID}
https://www.youtube.com/watch/{ID}
https://youtu.be/{ID}
https://youtu.be/watch?v={ID}
https://youtu.be/{ID}?t=30&list=PL1234567890AB
https://www.youtu.be/{ID}/
https://www.youtube.com/shorts/{ID}?feature=share
https://www.youtube.com/live/{ID}?si=abc
https://www.youtube.com/embed/{ID}?rel=0&autoplay=1
https://www.youtube-nocookie.com/embed/{ID}
https://www.youtube.com/v/{ID}&hl=en_US&fs=1
https://www.youtube.com/v/{ID}?version=3
https://www.youtube.com/e/{ID}
https://www.youtubekids.com/watch?v={ID}
https://www.youtube.com/#/watch?v={ID}
https://m.youtube.com/#/watch?feature=related&v={ID}
https://m.youtube.com/watch#!v={ID}
https://www.youtube.com/#!/watch?v={ID}
https://www.youtube.com/attribution_link?a=8g8kPrPIi&u=%2Fwatch%3Fv%3D{ID}%26feature%3Dshare
https://www.youtube.com/verify_age?next_url=/watch%3Fv%3D{ID}
https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{ID}&gl=NL
https:\\\\www.youtube.com\\watch?v={ID}
""".split()

LISTS = """
https://www.youtube.com/playlist?list=PL1234567890AB | list:PL1234567890AB | playlist?list=PL1234567890AB
https://youtu.be/playlist?list=PL12 | list:PL12 | playlist?list=PL12
https://www.youtube.com/watch?list=PL1234567890AB | list:PL1234567890AB | playlist?list=PL1234567890AB
https://www.youtube.com/embed/videoseries?list=PL12 | list:PL12 | playlist?list=PL12
https://www.youtube.com/channel/UC123 | channel:UC123 | channel/UC123
https://www.youtube.com/channel/UC123/videos?view=0 | channel:UC123/videos | channel/UC123/videos
https://www.youtube.com/@name | @name | @name
https://m.youtube.com/@name/streams | @name/streams | @name/streams
https://www.youtube.com/@name/shorts/ | @name/shorts | @name/shorts
https://www.youtube.com/@name/about | @name | @name
https://www.youtube.com/@имя | @%D0%B8%D0%BC%D1%8F | @%D0%B8%D0%BC%D1%8F
https://www.youtube.com/c/قناة | c:%D9%82%D9%86%D8%A7%D8%A9 | c/%D9%82%D9%86%D8%A7%D8%A9
https://www.youtube.com/user/name/videos | user:name/videos | user/name/videos
https://youtu.be/@name | @name | @name
https://www.youtube.com/embed/live_stream?channel=UC123 | channel:UC123/live | channel/UC123/live
""".strip().splitlines()  # fmt: skip

WRONG = """
https://www.youtube.com/watch?v=qblm | qblm
https://www.youtube.com/watch?v=qblmOvkV9KMxyz | qblmOvkV9KMxyz
https://www.youtube.com/watch?v=.. | %2E%2E
https://www.youtube.com/watch?v=../../etc/passwd | %2E%2E%2F%2E%2E%2Fetc%2Fpasswd
https://www.youtube.com/watch?v=фильм | %D1%84%D0%B8%D0%BB%D1%8C%D0%BC
https://www.youtube.com/watch?v=%ff%00 | %EF%BF%BD%00
https://youtu.be/abc | abc
https://www.youtube.com/shorts/qblmOvkV9K | qblmOvkV9K
""".strip().splitlines()

NO_FILM = f"""
https://www.youtube.com https://www.youtube.com/ https://www.youtube.com/about https://www.youtube.com/feed/trending
https://www.youtube.com/post/Ugkx123 https://www.youtube.com/results?search_query={ID} https://www.youtube.com/t/terms
https://www.youtube.com/watch https://www.youtube.com/watch?v= https://www.youtube.com/shorts https://www.youtube.com/@
https://www.youtube.com/oembed?url=https://www.youtube.com/watch?v={ID} https://www.youtube.com/s/player/{ID}
https://www.youtube.com/redirect?q=https://youtu.be/{ID} https://youtu.be/ https://www.youtube.com/playlist
https://i.ytimg.com/vi/{ID}/hqdefault.jpg https://studio.youtube.com/channel/UC123 https://tv.youtube.com/watch/{ID}
https://notyoutube.com/watch?v={ID} https://youtube.com.evil.example/watch?v={ID} https://youtube.com@evil.example/watch?v={ID}
https://example.org/?u=https://youtu.be/{ID} ftp://youtube.com/watch?v={ID} youtube.com/watch?v={ID} {ID}
https://vk.com https://vk.com/durov https://vk.com/wall-1 https://vk.com/photo-1_2 https://vk.com/video https://vk.com/videos-1
https://vk.com/@group-article https://vk.com/videox-1_2 https://vk.com/video-1_ https://vk.com/doc1_2 https://live.vkvideo.ru/name
https://vk.com/video_ext.php?oid=-1 https://vk.com/video_ext.php?oid=x&id=2 https://notvk.com/video-1_2 https://vkvideo.ru/
https://[::1 https:// about:blank
""".split()
ATTACKS = [
    "",
    "https://www.youtube.com/" + "signin?next=" * 1300,
    "http://youtube.com/\ud800",
    WATCH + "a" * 20_000,
]

VK = """
https://vk.com/video-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/video205387401_165548505 | film | vk:205387401_165548505 | https://vk.com/video205387401_165548505
https://vk.ru/video-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://m.vk.com/video-1_2?list=abc123&from=wall-1_3 | film | vk:-1_2 | https://vk.com/video-1_2?list=abc123
https://vk.com/video-1_2?list=ln-cBjJ7S4 | film | vk:-1_2 | https://vk.com/video-1_2?list=ln-cBjJ7S4
https://vk.com/video-1_2?list=%26x%3D1 | film | vk:-1_2 | https://vk.com/video-1_2
https://new.vk.com/video-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
http://vkontakte.ru/video-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vkvideo.ru/video-1_2?t=1m | film | vk:-1_2 | https://vk.com/video-1_2
https://vkvideo.ru/@name?z=video-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/clip-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/clips-1?z=clip-1_2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/video?z=video-1_2%2Fpl_-1_-2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/feed?z=video-1_2%2Fbb50cacd3177146d7a | film | vk:-1_2 | https://vk.com/video-1_2?list=bb50cacd3177146d7a
https://vk.com/wall-1_7?z=video-1_2%2Fclub1 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/video_ext.php?oid=-1&id=2&hash=87b0&hd=2 | film | vk:-1_2 | https://vk.com/video_ext.php?oid=-1&id=2&hash=87b0
https://vkvideo.ru/video_ext.php?hash=%26a&id=2&oid=-1 | film | vk:-1_2 | https://vk.com/video_ext.php?oid=-1&id=2&hash=%26a
https://vk.com/video_ext.php?oid=-1&amp;id=2 | film | vk:-1_2 | https://vk.com/video-1_2
https://vk.com/wall-3457550_23655 | post | vk:wall-3457550_23655 | https://vk.com/wall-3457550_23655
https://m.vk.com/wall-1_2?reply=4 | post | vk:wall-1_2 | https://vk.com/wall-1_2
https://vk.ru/durov?w=wall1_2_r3 | post | vk:wall1_2 | https://vk.com/wall1_2
https://vk.com/video/@name | list | vk:@name | https://vkvideo.ru/@name
https://vkvideo.ru/@name/all | list | vk:@name | https://vkvideo.ru/@name
https://vkvideo.ru/playlist/-1_-2 | list | vk:list:-1_-2 | https://vkvideo.ru/playlist/-1_-2
https://vk.com/video/playlist/-1_2 | list | vk:list:-1_2 | https://vkvideo.ru/playlist/-1_2
""".strip().splitlines()


@pytest.mark.parametrize("url", SPELLINGS)
def test_every_spelling_of_a_film_is_the_same_film(url: str) -> None:
    assert known(url) == FILM


@pytest.mark.parametrize("row", LISTS)
def test_lists_are_told_from_films(row: str) -> None:
    url, key, page = row.split(" | ")
    assert known(url) == Known("youtube", "list", f"youtube:{key}", f"https://www.youtube.com/{page}")


@pytest.mark.parametrize("row", WRONG)
def test_a_wrong_id_stays_a_film_as_it_is_written(row: str) -> None:
    url, name = row.split(" | ")
    assert known(url) == Known("youtube", "film", f"youtube:{name}", WATCH + name)


@pytest.mark.parametrize("url", NO_FILM + ATTACKS)
def test_other_pages_are_no_films(url: str) -> None:
    assert known(url) is None


@pytest.mark.parametrize("row", VK)
def test_vk_in_its_spellings(row: str) -> None:
    url, *rest = row.split(" | ")
    assert known(url) == Known("vk", *rest)


def test_the_extractor_takes_what_it_is_given() -> None:
    from yt_dlp.extractor.vk import VKIE, VKUserVideosIE, VKWallPostIE
    from yt_dlp.extractor.youtube import YoutubeIE, YoutubeTabIE

    extractors = {
        "youtubefilm": YoutubeIE,
        "youtubelist": YoutubeTabIE,
        "vkfilm": VKIE,
        "vkpost": VKWallPostIE,
        "vklist": VKUserVideosIE,
    }
    for url in [SPELLINGS[0], *(row.split(" | ")[0] for row in LISTS + VK)]:
        found = known(url)
        assert found and extractors[found.platform + found.kind].suitable(found.url), url


HINTS = {
    "<video src=a.mp4></video>": "video tag",
    "<VIDEO\ncontrols>": "video tag",
    "<meta property='og:video' content='https://x/v'>": "og:video",
    '<meta content="https://x/v" property="og:video:secure_url" />': "og:video",
    '<meta name="twitter:player" content="https://x/p">': "player twitter card",
    '<iframe width="560" src="https://www.youtube.com/embed/qblmOvkV9KM"></iframe>': "embed of youtube",
    "<iframe data-src='//www.youtube-nocookie.com/embed/qblmOvkV9KM'>": "embed of youtube",
    r'<script>x={"html":"<iframe src=\"https:\/\/www.youtube.com\/embed\/qblmOvkV9KM\">"}</script>': "embed of youtube",
    r'<script>x="\u003ciframe src=\"https:\/\/vk.com\/video_ext.php?oid=-1\"\u003e"</script>': "embed of vk",
    '<iframe src="//vk.com/video_ext.php?oid=-1&id=2&hash=3">': "embed of vk",
    "<iframe src=https://player.vimeo.com/video/1>": "embed of vimeo",
    '<iframe src="https://www.dailymotion.com/embed/video/x1">': "embed of dailymotion",
    '<iframe src="https://rutube.ru/play/embed/1">': "embed of rutube",
    '<iframe src="//ok.ru/videoembed/1">': "embed of ok",
    '<iframe src="https://www.facebook.com/plugins/video.php?href=x">': "embed of facebook",
    '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="chan/1"></script>': "embed of telegram",
    '<iframe src="https://t.me/chan/1?embed=1">': "embed of telegram",
    '<iframe src="https://streamable.com/e/abc">': "embed of streamable",
    '<iframe src="https://archive.org/embed/x">': "embed of archive.org",
    '<iframe src="https://odysee.com/$/embed/x">': "embed of odysee",
    r'<script>p({"file":"https:\/\/x\/live\/a.m3u8?t=1"})</script>': "HLS",
    "<script>play('https://x/a.m3u8')</script>": "HLS",
    '<source src="/s" type="application/x-mpegURL">': "HLS",
    '<div data-setup="{&quot;src&quot;:&quot;https://x/a.mpd&quot;}">': "DASH",
    '<script>jwplayer("p").setup({file: "/f/a.mp4"})</script>': "film file",
    '<script type="application/ld+json">{"@context":"https://schema.org","@type": "VideoObject"}</script>': "JSON-LD VideoObject",
    '<script type="application/ld+json">{"@type":["NewsArticle", "VideoObject"]}</script>': "JSON-LD VideoObject",
    '<div itemscope itemtype="http://schema.org/VideoObject">': "microdata VideoObject",
}  # fmt: skip
QUIET = [
    "", "<p>video, film, HLS and .m3u8, \"VideoObject\", видео, فيديو</p>", "<audio src=a.mp3></audio>",
    '<a href="https://www.youtube.com/watch?v=qblmOvkV9KM">film</a>', '<a class=x href="https://www.youtube.com/embed/qblmOvkV9KM">',
    '<a href="/f/film.mp4">film.mp4</a>', '<a href="https://x/a.m3u8">', '<a href=x>https://x/a.m3u8</a>',
    '<p>The list is at https://x/a.m3u8 and "https://x/a.mpd"</p>', "&lt;video&gt; &lt;iframe src=&quot;https://vk.com/video_ext.php&quot;&gt;",
    '<pre>&lt;iframe src="https://www.youtube.com/embed/ID"&gt;</pre>', '<meta property="og:type" content="video.other">',
    '<meta property="og:video:tag" content="war">', '<meta property="og:video" content="">', "<meta property=og:videos content=1>",
    '<script>var text = "see https://x/a.m3u8 there", type = "VideoObject"</script>', "<videos>", '<link rel=preconnect href="https://www.youtube.com">',
    r'<script>x="<a href=\"https:\/\/x\/a.mp4\">"</script>', '<iframe src="https://www.google.com/maps/embed?pb=1">',
    '<script src="/js/a.mpd5.js"></script>',
]  # fmt: skip


@pytest.mark.parametrize("html", HINTS)
def test_a_player_is_seen(html: str) -> None:
    assert HINTS[html] in hints(b"<p>\xd2\xe5\xea\xf1\xf2 \xff\x00</p>" + html.encode())


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-be"])
def test_a_player_is_seen_in_utf_16(mark: str) -> None:
    page = "<p>ГЛАВНОЕ</p><video src=x>".encode(mark)
    assert hints(page if mark == "utf-16" else b"\xfe\xff" + page) == ("video tag",)


@pytest.mark.parametrize("html", QUIET)
def test_what_only_speaks_of_films_is_quiet(html: str) -> None:
    assert hints(html.encode()) == ()


def test_each_reason_is_said_once() -> None:
    assert hints(b'<video><video><iframe src="https://www.youtube.com/embed/x"><iframe src="//vk.com/video_ext.php?">' * 9) == (
        "video tag", "embed of youtube", "embed of vk",
    )  # fmt: skip


def test_beyond_the_searched_part_nothing_is_seen() -> None:
    assert hints(b" " * where.SEARCHED + b"<video>") == ()
    assert hints(b"\xff\xfe" + b"\x00\xd8" * 99) == ()


@pytest.mark.parametrize(
    "part",
    [
        "<meta ",
        "<meta a=",
        "<video",
        "<script>",
        "<a href=x.m3u8 ",
        '"a.m3u8',
        "x.mp4 ",
        '"videoobject"',
        "t.me/a",
        "<",
    ],
)
def test_hostile_pages_take_linear_time(part: str) -> None:
    page = part.encode() * (where.SEARCHED // len(part))
    start = time.process_time()
    hints(page)
    assert time.process_time() - start < 5, "seconds on a slow core; a quadratic search takes hours"
