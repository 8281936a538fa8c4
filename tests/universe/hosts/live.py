"""Pages that are there, and look as if they were not: each has to be captured, on every visit.

They speak of 404 and captchas, stand behind banners, are short, old, odd in their encoding, or have siblings that look
like them. `LIVE` has their URLs by name; `ALIVE` are those that differ from visit to visit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from urllib.parse import quote

from ..messages import Reply, Request, redirect
from . import live_files, live_texts
from .fate import Answer, html
from .live_texts import Story
from .materials import jpeg
from .papers import DIARIO, GAZETA, JOURNAL, MORE, PAPERS, PRESS, SAHAFA, VISNYK, ZEITUNG, Paper

Site = Callable[[Request], Reply | None]

LIVE: dict[str, str] = {}
_PAGES: dict[str, dict[str, Answer]] = {}
_UNKNOWN: dict[str, Answer] = {}  # what a host says of an address that it does not know; else 404
ALIVE = frozenset({"nonces", "counter"})


def _live(name: str, url: str, answer: Answer) -> None:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    assert name not in LIVE and scheme in ("http", "https"), name
    LIVE[name] = url
    _PAGES.setdefault(host, {})[f"/{path}"] = answer


def _also(url: str, answer: Answer) -> None:
    """An address that the live ones lead to."""
    host, _, path = url.partition("://")[2].partition("/")
    _PAGES.setdefault(host, {})[f"/{path}"] = answer


def _story(
    paper: Paper, story: Story, *, head: str = "", extra: str = "", coding: str = "utf-8", **reply: str
) -> Reply:
    body = paper.article(story.title, story.text, head=head, extra=extra + " ")
    if coding != "utf-8":
        body = body.decode().replace('<meta charset="utf-8">', f'<meta charset="{coding}">').encode(coding, "replace")
    return Reply(body, type=reply.pop("type", f"text/html; charset={coding}"), gzip=True, **reply)  # type: ignore[arg-type]


# -- what they speak of ---------------------------------------------------------------------------------------------
for _paper in (*PAPERS.values(), *MORE):
    _live(f"article-{_paper.language}", _paper.url, Reply(_paper.article(), gzip=True))
    _live(f"home-{_paper.language}", f"https://{_paper.host}/", Reply(_paper.home()))
    for _number, _story_of_it in enumerate(live_texts.STORIES[_paper.language], 50101):
        _live(
            f"{_story_of_it.name}-{_paper.language}",
            f"https://{_paper.host}/story/{_number}",
            _story(_paper, _story_of_it),
        )
_LONG = Story("long", PRESS.title, PRESS.text)

# -- what stands around them ------------------------------------------------------------------------------------------
for _paper in (PRESS, ZEITUNG, JOURNAL, GAZETA):
    _banner = live_texts.BANNERS[_paper.language]
    _live(
        f"banner-{_paper.language}",
        f"https://{_paper.host}/with-banner/50201",
        Reply(_paper.article(extra=_banner), gzip=True),
    )
_live(
    "dialogs",
    "https://press.example/2015/10/03/market-hit-at-noon-50202/",
    Reply(PRESS.article(extra=live_texts.DIALOGS)),
)
_live(
    "comments", "https://press.example/2015/10/03/with-comments-50203/", Reply(PRESS.article(extra=live_texts.COMMENTS))
)
_live(
    "comments-ru",
    "http://gazeta.example/news/2015/10/03/50203.html",
    Reply(GAZETA.article(extra=live_texts.COMMENTS_RU)),
)
_live(
    "video-gone", "https://press.example/2015/10/03/with-a-film-50204/", Reply(PRESS.article(extra=live_texts.PLAYER))
)
_live(
    "newsletter", "https://press.example/2015/10/03/sign-up-50205/", Reply(PRESS.article(extra=live_texts.NEWSLETTER))
)
_live(
    "recaptcha",
    "https://press.example/2015/10/03/write-to-us-50206/",
    Reply(
        PRESS.article(
            extra=live_texts.RECAPTCHA, head='<script src="https://www.google.com/recaptcha/api.js"></script>'
        )
    ),
)
_live(
    "cloudflare",
    "https://press.example/2015/10/03/behind-a-network-50207/",
    Reply(
        PRESS.article(head=live_texts.JSD),
        server="cloudflare",
        fields=(("CF-RAY", "8e5-FRA"), ("cf-cache-status", "HIT")),
    ),
)
_live(
    "ddos-guard",
    "http://gazeta.example/news/2015/10/03/50207.html",
    Reply(
        GAZETA.article(head='<script src="https://check.ddos-guard.net/check.js"></script>'),
        server="ddos-guard",
        fields=(("Set-Cookie", "__ddg1_=kQ9h; HttpOnly; Path=/"),),
    ),
)
_live("qrator", "http://gazeta.example/news/2015/10/03/50208.html", Reply(GAZETA.article(), server="QRATOR"))
_live(
    "imperva",
    "https://press.example/2015/10/03/behind-another-50208/",
    Reply(
        PRESS.article(head='<script src="/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3"></script>'),
        fields=(("X-CDN", "Imperva"), ("X-Iinfo", "7-76-0 NNNN RT(16 8) q(0 0 0 -1) r(0 0) U6")),
    ),
)
_live(
    "datadome",
    "https://journal.example/international/article/2015/10/03/derriere_50209_3210.html",
    Reply(
        JOURNAL.article(head='<script src="https://js.datadome.co/tags.js" async></script>'),
        fields=(("X-DataDome", "ok"),),
    ),
)
_live(
    "sucuri", "https://press.example/2015/10/03/and-another-50210/", Reply(PRESS.article(), server="Sucuri/Cloudproxy")
)
_live("akamai", "https://press.example/2015/10/03/and-one-more-50211/", Reply(PRESS.article(), server="AkamaiGHost"))
_visits = itertools.count(1000)
_live(
    "nonces",
    "https://press.example/2015/10/03/fresh-each-time-50212/",
    lambda request: Reply(
        PRESS.article(
            head=f'<meta name="csrf-token" content="{next(_visits):032x}"><script nonce="{next(_visits):x}">var t=1</script>',
            extra=f"<p>Page made in 0.{next(_visits)} s</p>",
        )
    ),
)
_live(
    "counter",
    "http://old.example/guest.php?id=48213",
    lambda request: html(
        "Guest book", f"<h1>Guest book</h1><p>Visitor no. {next(_visits)}.</p><p>Greetings from the coast.</p>"
    ),
)
_live(
    "heavy-head",
    "https://press.example/2015/10/03/heavy-50213/",
    Reply(PRESS.article(head=live_texts.HEAVY), gzip=True),
)
_live("large", "https://press.example/register/2015/", Reply(PRESS.article(text=PRESS.text * 500), gzip=True))

# -- short ones -------------------------------------------------------------------------------------------------------
for _language, _sentence in live_texts.SENTENCES.items():
    _paper = {**PAPERS, **{one.language: one for one in MORE}}[_language]
    _live(
        f"sentence-{_language}",
        f"https://{_paper.host}/brief/50301",
        Reply(_paper.page(_sentence.split(":")[0], f"<p>{_sentence}</p>")),
    )
    _live(
        f"bare-sentence-{_language}",
        f"http://{_paper.host}/plain/50302.htm",
        html(_sentence.split(":")[0], f"<p>{_sentence}</p>", language=_language),
    )
_live(
    "photo",
    "https://photos.example/photo/48213",
    html("Roof, October", '<img src="/i/48213.jpg" alt=""><p>Roof, October</p>'),
)
_live("scan", "http://photos.example/scan.php?id=48213", html("", '<img src="/i/48213.jpg">'))
_live(
    "gallery",
    "https://photos.example/gallery/2015-10",
    html("October", "".join(f'<a href="/photo/{n}"><img src="/i/{n}.jpg" alt=""></a>' for n in range(48210, 48222))),
)
for _number in range(48210, 48222):
    _also(f"https://photos.example/i/{_number}.jpg", Reply(jpeg(f"photo {_number}", weight=500), type="image/jpeg"))

# -- shops and boards ---------------------------------------------------------------------------------------------------
_live("sold-out", "https://shop.example/p/48213", Reply(live_texts.shop("Sold out", live_texts.SOLD)))
_live("withdrawn", "https://shop.example/p/48214", Reply(live_texts.shop("No longer available", live_texts.WITHDRAWN)))
_live("withdrawn-ru", "https://shop.example/p/48215", Reply(live_texts.shop("Снят с продажи", live_texts.WITHDRAWN_RU)))
_live("thread", "https://forum.example/viewtopic.php?f=3&t=4821", Reply(live_texts.thread(live_texts.POSTS)))
_live(  # whatever the board is asked to begin with, it shows its only page
    "thread-start",
    "https://forum.example/viewtopic.php?t=4822&start=30",
    lambda request: Reply(live_texts.thread(live_texts.POSTS[1:])),
)
_live("thread-short", "https://forum.example/viewtopic.php?f=3&t=4823", Reply(live_texts.thread(live_texts.POSTS[2:])))


def _board(request: Request) -> Reply | None:
    if request.path != "/viewtopic.php":
        return None
    if request.query.get("t") == "4822":
        return Reply(live_texts.thread(live_texts.POSTS[1:]))
    return Reply(live_texts.board("Information", "<p>The requested topic does not exist.</p>"))


_UNKNOWN["forum.example"] = _board

# -- siblings that look like them ---------------------------------------------------------------------------------------
for _host, _said in (("lists.example", 404), ("tables.example", 200)):
    for _number in (4821, 4822):
        _live(
            f"rows-{_said}-{_number}",
            f"https://{_host}/list.php?id={_number}",
            Reply(live_texts.rows(_number)),
        )
    _UNKNOWN[_host] = Reply(live_texts.rows(0), status=_said)
for _number, _words in ((77101, "Gate 4. Closed."), (77102, "Gate 5. Open from noon.")):
    _live(f"record-{_number}", f"http://records.example/record/{_number}/", Reply(live_texts.record(_words)))
_UNKNOWN["records.example"] = Reply(live_texts.record("Record not found."))
_live("sent-home", "https://senthome.example/a/48213", Reply(PRESS.article()))
_UNKNOWN["senthome.example"] = lambda request: Reply(PRESS.home()) if request.path == "/" else redirect("/", 302)
_live("home-in-place", "https://homely.example/a/48213", Reply(ZEITUNG.article()))
_UNKNOWN["homely.example"] = Reply(ZEITUNG.home())
# The number says nothing to the host: any other brings the same page.
_live("referred", f"{PRESS.url}?ref=48213", Reply(PRESS.article()))
_live(
    "referred-story",
    "https://press.example/2015/10/03/some-road-50401/?utm_id=77",
    _story(PRESS, live_texts.STORIES["en"][0]),
)
_live(
    "version", "http://gazeta.example/documents/charter.html?v=3", Reply(GAZETA.article(extra=live_texts.COMMENTS_RU))
)
_live("last-page", "https://shop.example/all?page=7", Reply(live_texts.shop("All goods", live_texts.SHELF)))
_QUERIED = {"press.example", "gazeta.example", "shop.example"}  # these look at the path alone

# -- drawn by a program ---------------------------------------------------------------------------------------------------
_live("linked-data", "https://app.example/story/48213", Reply(live_texts.shell(linked=True)))
_live("next-data", "https://app.example/story/48214", Reply(live_texts.shell(linked=False)))
_live("shell", "https://app.example/map/48213", Reply(live_texts.SHELL))
_live("shell-home", "https://app.example/", Reply(live_texts.SHELL))
_UNKNOWN["app.example"] = Reply(live_texts.SHELL)

# -- old ones, and odd encodings ----------------------------------------------------------------------------------------
_live("frameset", "http://old.example/index.htm", Reply(live_texts.FRAMESET, type="text/html"))
for _frame in ("menu", "main"):
    _also(f"http://old.example/{_frame}.htm", Reply(live_texts.FRAMES[_frame], type="text/html"))
_live("noscript", "http://old.example/story/17.htm", Reply(live_texts.NOSCRIPT))
_live("capitals", "http://old.example/OLD/PAGE3.HTM", Reply(live_texts.CAPITALS, type="text/html"))
_live("refresh", "http://old.example/news/2003/", Reply(live_texts.REFRESH))
_also("http://old.example/news/2003/october.htm", Reply(live_texts.CAPITALS, type="text/html"))
_live("utf-16", "http://old.example/u16/48213.htm", Reply(PRESS.article().decode().encode("utf-16"), type="text/html"))
_live(
    "no-charset",
    "http://old.example/ru/48213.htm",
    Reply(_story(GAZETA, live_texts.STORIES["ru"][0]).body, type="text/html"),
)
_NO_META = _story(GAZETA, live_texts.STORIES["ru"][0], coding="windows-1251").body.replace(
    b'<meta charset="windows-1251">', b""
)
_live("no-meta", "http://old.example/ru/48214.htm", Reply(_NO_META, type="text/html"))
for _paper, _coding in (
    (GAZETA, "windows-1251"), (GAZETA, "koi8-r"), (VISNYK, "koi8-u"), (SAHAFA, "iso-8859-6"), (SAHAFA, "windows-1256"),
    (ZEITUNG, "iso-8859-15"), (JOURNAL, "iso-8859-1"), (DIARIO, "windows-1252"),
):  # fmt: skip
    _live(
        f"{_coding}",
        f"http://{_paper.host}/alt/{_coding}/50501.html",
        _story(_paper, Story("", _paper.title, _paper.text), coding=_coding),
    )

# -- elsewhere, and there it is -----------------------------------------------------------------------------------------
_live("www", f"https://www.diario.example{DIARIO.path}", redirect(DIARIO.url, 301))
_live("to-secure", f"http://secure.example{PRESS.path}", Reply(PRESS.article()))  # hosts.SECURE_ONLY
_live("language-root", "https://many.example/", redirect("/es/", 302))
_also("https://many.example/es/", Reply(DIARIO.home()))
_live("renamed", "https://press.example/2015/10/03/market-hit-48213/", redirect(PRESS.path, 301))
_live("no-slash", f"https://press.example{PRESS.path.rstrip('/')}", redirect(PRESS.path, 301))
_live("shortened", "https://short.example/a1B2c3", redirect(PRESS.url, 301))
_live("moved-house", f"https://oldname.example{PRESS.path}", redirect(PRESS.url, 301))
_live("other-house", "https://oldpaper.example/story.php?id=48213", redirect(PRESS.url, 301))
_live("mobile", f"https://press.example/m{PRESS.path}", redirect(PRESS.path, 302))
_live("arabic-address", f"https://sahafa.example/{quote('تقرير')}/", Reply(SAHAFA.article()))

# -- files --------------------------------------------------------------------------------------------------------------
for _name, (_path, _file) in live_files.FILES.items():
    _live(_name, f"https://library.example{_path}", _file)


def _of(host: str) -> Site:
    pages, paper = _PAGES[host], next((one for one in (*PAPERS.values(), *MORE) if one.host == host), None)

    def site(request: Request) -> Reply | None:
        answer = pages.get(request.target)
        if answer is None and host in _QUERIED:
            answer = pages.get(request.path) or next(
                (one for target, one in pages.items() if target.partition("?")[0] == request.path), None
            )
        if answer is None:
            answer = _UNKNOWN.get(host) or (paper.site if paper else None)
        return answer if answer is None or isinstance(answer, Reply) else answer(request)

    return site


SITES: dict[str, Site] = {host: _of(host) for host in _PAGES}
