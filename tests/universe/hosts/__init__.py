"""The hosts: real names, invented content. A site maps a request to a reply, or to None for "not found"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..messages import Reply, Request
from . import (
    fates,
    films,
    googlevideo,
    live,
    mil,
    syrianarchive,
    telegram,
    vdc,
    vk,
    vk_video,
    webarchives,
    youtube,
    youtube_player,
)

Site = Callable[[Request], Reply | None]


def table(pages: Mapping[str, Reply]) -> Site:
    """A site of fixed pages; the target must match to the letter, query included."""
    return lambda request: pages.get(request.target)


# What a guard against private addresses must never reach. Seen in the log under the address asked for.
INTERNAL = table(
    {
        "/": Reply(b"<title>internal</title>SECRET-OF-THE-INTRANET\n"),
        "/latest/meta-data/": Reply(b"SECRET-OF-THE-CLOUD\n", type="text/plain"),
    }
)
SITES: dict[str, Site] = {
    "www.youtube.com": youtube.www,
    "youtu.be": youtube.short,
    "i.ytimg.com": youtube.thumbnails,
    youtube_player.MEDIA: googlevideo.streams,
    youtube_player.MANIFESTS: googlevideo.manifests,
    "eng.mil.ru": mil.world(table(mil.ENG), mil.ENGLISH_WORDS),
    "structure.mil.ru": table(mil.STRUCTURE_PAGES),
    "function.mil.ru": mil.world(table(mil.FUNCTION_PAGES), mil.RUSSIAN_WORDS),
    "vk.com": vk.site,
    "vk.ru": vk.ru,
    "m.vk.com": vk.mobile,
    "vkvideo.ru": vk.site,
    vk_video.MEDIA: vk_video.files,
    "sun9-1.userapi.com": vk.photos("sun9-1.userapi.com"),
    "sun9-2.userapi.com": vk.photos("sun9-2.userapi.com"),
    "www.vdc-sy.info": table(vdc.INFO),
    "vdc-sy.net": vdc.net,
    vdc.WITNESS: table(vdc.WITNESS_PAGES),
    **telegram.SITES,
    "syrianarchive.org": table(syrianarchive.PAGES),
    films.HOST: films.site,
    **fates.SITES,
    **live.SITES,
    **webarchives.SITES,
    "example.com": table({"/": Reply(b"<title>Example Domain</title>For use in examples.\n")}),  # always there
    "127.0.0.1": INTERNAL,
    "localhost": INTERNAL,
    "169.254.169.254": INTERNAL,
}


def site(host: str) -> Site | None:
    """What plays a host; None for a name that nobody has."""
    return SITES.get(host) or fates.twin(host)


PRIVATE = frozenset({"127.0.0.1", "localhost", "169.254.169.254"})
# Here http redirects to https.
SECURE_ONLY = frozenset(
    {"www.youtube.com", "vk.com", "vk.ru", "vdc-sy.net", "syrianarchive.org", "secure.example", "t.me"}
)
POSTED = frozenset({"www.youtube.com", "vk.com", webarchives.WAYBACK})  # see POST requests; the others answer 405
UNTRUSTED = frozenset({"structure.mil.ru"})  # certified by the second authority

# One good address of each host, most as the sample report cites them.
CITED = (
    *(f"https://www.youtube.com/watch?v={film}" for film in youtube.FILMS),
    "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews",
    "https://structure.mil.ru/mission/fight_against_terrorism.htm",
    "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf",
    "https://vdc-sy.net/report-on-russian-attacks-ar/",
    "https://vk.com/wall-3457550_23655",
    "https://syrianarchive.org/en/investigations",
    "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews",
    "https://syrianarchive.org/assets/russian/ru-mod-website.png",
    "https://syrianarchive.org/assets/russian/ru_de-escalation_zone.png",
    "https://syrianarchive.org/assets/russian/RussianMoDdocumentationofoperation.PNG",
)
