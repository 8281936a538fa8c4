"""films.example.org: pages with films as any site has them, well made, broken and hostile.

A test changes a page or a file for a later visit through REVISED: target -> Reply.
"""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from ..messages import Reply, Request
from . import media
from .materials import noise
from .media import SEGMENTS, TYPES

HOST = "films.example.org"
CLIP = "/media/clip.mp4"
KEY = noise("key of the segments", 16)
ENDLESS = 100_001  # segments: one more than any film of ours may have
TERABYTES = 10 * 10**12
HLS = "application/x-mpegURL"
HOSTILE = "../../etc/passwd\u202e4pm.exe\x1b]0;owned\x07\u2066&lt;b>title&lt;/b> ${jndi} %s\x00"  # the title, as HTML
HOSTILE_PAGE = (
    "/hostile/..%2F..%2Fetc%2Fpasswd%E2%80%AE4pm%1B%5D0%3B%00.html"  # yt-dlp makes the film's id of its last part
)
HOSTILE_CLIP = "/media/..%2F..%2Fetc%2Fpasswd%00%0A%1B.mp4"
REVISED: dict[str, Reply] = {}


def site(request: Request) -> Reply | None:
    if found := REVISED.get(request.target):
        return found
    folder, _, name = request.path[1:].partition("/")
    if (segment := name) in SEGMENTS and folder in ("hls", "hls-missing", "hls-aes", "hls-private", "hls-file"):
        if folder == "hls-missing" and segment == SEGMENTS[1]:
            return None
        return media.reply(name, encrypted(name) if folder == "hls-aes" else None)
    if folder == "dash" and (media.FOLDER / name).is_file():
        return media.reply(name)
    if request.path == "/hls-endless/media.m3u8":
        return Reply(endless(), TYPES[".m3u8"], gzip=True)
    return PAGES.get(request.path)


def url(path: str) -> str:
    return f"https://{HOST}{path}"


# -- pages ----------------------------------------------------------------------------------------------------------
def page(title: str, body: str, head: str = "") -> Reply:
    text = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>\n'
    return Reply(text.encode())


def player(source: str, kind: str) -> str:
    return f'<video controls><source src="{source}" type="{kind}"></video>'


# -- playlists ------------------------------------------------------------------------------------------------------
def master(name: str = "media.m3u8") -> Reply:
    stream = 'BANDWIDTH=90000,CODECS="avc1.640015,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=5'
    return Reply(f"#EXTM3U\n#EXT-X-STREAM-INF:{stream}\n{name}\n".encode(), TYPES[".m3u8"])


def listed(*segments: str, key: str = "") -> Reply:
    lines = "".join(f"#EXTINF:1.0,\n{segment}\n" for segment in segments)
    head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n{key}"
    return Reply(f"{head}{lines}#EXT-X-ENDLIST\n".encode(), TYPES[".m3u8"])


@cache
def endless() -> bytes:
    lines = "".join(f"#EXTINF:1.0,\n/hls/segment-0.ts?{number}\n" for number in range(ENDLESS))
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n{lines}#EXT-X-ENDLIST\n".encode()


@cache
def encrypted(name: str) -> bytes:
    """AES-128 of HLS: CBC, padded; the number of the segment is the initialization vector."""
    pad, number = PKCS7(128).padder(), SEGMENTS.index(name)
    cipher = Cipher(algorithms.AES(KEY), modes.CBC(number.to_bytes(16, "big"))).encryptor()
    return cipher.update(pad.update(media.body(name)) + pad.finalize()) + cipher.finalize()


PAGES: dict[str, Reply] = {
    "/video": page("A film in a page", player(CLIP, "video/mp4")),
    "/og": page("A film named for sharing", "<p>No player.</p>", f'<meta property="og:video" content="{url(CLIP)}">'),
    "/embed": page("A film of YouTube", '<iframe src="https://www.youtube.com/embed/qblmOvkV9KM"></iframe>'),
    "/embed-vk": page(
        "A film of VK", '<iframe src="https://vk.com/video_ext.php?oid=-3457550&id=1001&hash=ab"></iframe>'
    ),
    "/none": page("No film", "<p>Words alone.</p>"),
    HOSTILE_PAGE: page(HOSTILE, player(HOSTILE_CLIP, "video/mp4")),
    "/huge": page("A film of ten terabytes", player("/media/huge.mp4", "video/mp4")),
    "/hls": page("A film in segments", player("/hls/master.m3u8", HLS)),
    "/hls-missing": page("A film with a hole", player("/hls-missing/master.m3u8", HLS)),
    "/hls-aes": page("A film under a key", player("/hls-aes/master.m3u8", HLS)),
    "/hls-private": page("A film of the intranet", player("/hls-private/master.m3u8", HLS)),
    "/hls-file": page("A film of the disk", player("/hls-file/master.m3u8", HLS)),
    "/hls-endless": page("A film without end", player("/hls-endless/master.m3u8", HLS)),
    "/dash": page("A film in two tracks", player("/dash/dash.mpd", TYPES[".mpd"])),
    "/hls/media.m3u8": listed(*SEGMENTS),
    "/hls-missing/media.m3u8": listed(*SEGMENTS),
    "/hls-aes/media.m3u8": listed(*SEGMENTS, key='#EXT-X-KEY:METHOD=AES-128,URI="/hls-aes/key"\n'),
    "/hls-aes/key": Reply(KEY, "application/octet-stream"),
    "/hls-private/media.m3u8": listed(SEGMENTS[0], "http://127.0.0.1/", SEGMENTS[2]),
    "/hls-file/media.m3u8": listed(SEGMENTS[0], "file:///etc/passwd", SEGMENTS[2]),
    CLIP: media.reply("film-360.mp4"),
    HOSTILE_CLIP: media.reply("film-360.mp4"),
    "/media/huge.mp4": Reply(media.body("film-360.mp4"), "video/mp4", ranged=True, claimed=TERABYTES),
}
for _folder in ("hls", "hls-missing", "hls-aes", "hls-private", "hls-file", "hls-endless"):
    PAGES[f"/{_folder}/master.m3u8"] = master()
