"""What the runs over films have in common: which sources are cited, and how to ask an archive about its films."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from .hosts import films, media, vk_video, youtube
from .hosts.youtube_films import AAC, BIG, BOTH, OPUS, VP9_720
from .journal import Logged
from .server import Universe
from .working import Folder, Json, Result

TUBE = "https://www.youtube.com/watch?v="
VK = f"https://vk.com/video{vk_video.OWNER}_"
WALL = f"https://vk.com/wall{vk_video.POST_OF_FILMS}"
STREAMS = ("video", "audio")  # roles of what was served
MEDIA_HOSTS = ("rr1---sn-universe.googlevideo.com", vk_video.MEDIA)

# By the key of a film: the bytes that its servers serve, by the format that is the best of those on offer.
BEST = {"247": VP9_720.body(), "251": OPUS.body()}
SEGMENTS = media.joined(*media.SEGMENTS)
SERVED: dict[str, dict[str, bytes]] = {
    **{f"youtube:{key}": BEST for key in (*youtube.FILMS, "comments-00")},
    "youtube:onefile-000": {"18": BOTH.body()},
    "youtube:hls-0000000": {"93": SEGMENTS},
    "youtube:big-0000000": {"136": BIG.body(), "140": AAC.body()},
    "vk:-3457550_1001": {"url720": vk_video.body(720)},
    "vk:-3457550_1002": {"hls": SEGMENTS},
    "vk:-3457550_1009": {"url720": vk_video.body(720)},
    f"web:{films.url('/video')}": {"0": media.body("film-360.mp4")},
    f"web:{films.url('/og')}": {"0": media.body("film-360.mp4")},
    f"web:{films.url('/hls')}": {"hls-90": SEGMENTS},
    f"web:{films.url('/hls-aes')}": {"hls-90": SEGMENTS},
    f"web:{films.url('/dash')}": {
        str(track): media.joined(f"dash-{track}-init.mp4", *(f"dash-{track}-{n + 1}.m4s" for n in range(parts)))
        for track, parts in enumerate((3, 4))
    },
}
# Spellings and embeds of films that other sources cite, too.
SHARED = {
    "https://youtu.be/qblmOvkV9KM?t=2": "youtube:qblmOvkV9KM",
    films.url("/embed"): "youtube:qblmOvkV9KM",
    "https://www.youtube.com/shorts/onefile-000": "youtube:onefile-000",
    "https://vkvideo.ru/video-3457550_1001": "vk:-3457550_1001",
    films.url("/embed-vk"): "vk:-3457550_1001",
}
OWN = {
    **{TUBE + key.partition(":")[2]: key for key in SERVED if key.startswith("youtube:")},
    f"{VK}1001": "vk:-3457550_1001",
    "https://vk.com/video_ext.php?oid=-3457550&id=1009&hash=ab": "vk:-3457550_1009",
    **{key.partition(":")[2]: key for key in SERVED if key.startswith("web:")},
}
# For these a copy that plays is made: of WebM, of MP4, of segments, and none of a file that plays as it is. Making takes
# ten times as long as fetching.
COPIED = (f"{TUBE}5cF-gIL8yzk", f"{TUBE}big-0000000", f"{TUBE}hls-0000000", films.url("/og"))
SOURCES = (*OWN, *SHARED, WALL, "https://vk.com/wall-3457550_23655", films.url("/none"))


@dataclass(frozen=True)
class Filmed:
    """All films that play, each visited twice: in a first run (a run before it took COPIED), and with --force. Do not
    write to it."""

    universe: Universe
    folder: Folder
    results: tuple[Result, ...]
    seam: int  # exchanges of the first visits

    def log(self, visit: int = 0) -> list[Logged]:
        return self.universe.log[self.seam :] if visit else self.universe.log[: self.seam]

    def captures(self, visit: int = 0) -> dict[str, Json]:
        """By source."""
        return captures(self.folder, 2) if visit else captures(self.folder, 0) | captures(self.folder, 1)


def captures(folder: Folder, run: int) -> dict[str, Json]:
    """The captures of the n-th run that made some, by source; -1 is the newest."""
    entries = folder.entries("capture")
    ids = list(dict.fromkeys(entry["run"] for entry in entries))
    return {entry["source"]: entry for entry in entries if entry["run"] == ids[run]}


def of_role(entry: Json, *roles: str, film: str = "") -> list[Json]:
    return [one for one in entry["media"] if one["role"] in roles and film in ("", one["film"])]


def body(folder: Folder, item: Json) -> bytes:
    """The file of a media item, which is what the item says."""
    data: bytes = (folder.archive / item["path"]).read_bytes()
    assert (sha256(data).hexdigest(), len(data)) == (item["sha256"], item["bytes"])
    return data


def streams(folder: Folder, entry: Json, film: str) -> dict[str, bytes]:
    """What is held of a film, by format."""
    return {one["facts"]["format"]: body(folder, one) for one in of_role(entry, *STREAMS, film=film)}


def ledger(folder: Folder, item: Json) -> Json:
    """The account of each chunk of a media file, read from where the item points."""
    place = item["ledger"]
    file = folder.archive / place["file"]
    member = file.read_bytes()[place["offset"] :][: place["length"]]
    assert sha256(member).hexdigest() == place["sha256"]
    block = zlib.decompress(member, 31).partition(b"\r\n\r\n")[2]
    found: Json = json.loads(block)
    return found


def ledgers(folder: Folder) -> Iterator[Json]:
    """Of all streams that the archive holds, each once."""
    items = (one for entry in folder.entries("capture") for one in of_role(entry, *STREAMS))
    yield from (ledger(folder, one) for one in {one["ledger"]["id"]: one for one in items}.values())


def bodies(log: Iterable[Logged], hosts: Iterable[str] = MEDIA_HOSTS) -> list[str]:
    """What a media host was asked to send, request by request; HEAD asks for nothing."""
    return [one.target for one in log if one.host in hosts and one.method == "GET"]
