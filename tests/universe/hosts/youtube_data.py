"""What YouTube's pages carry beside the player: film data, two pages of comments, a playlist, a channel."""

from __future__ import annotations

from .youtube_films import FILMS, Film, Json, film_id, find

PLAYLIST = "PLuniverse00000001"
DEAD = film_id("removed")
ENTRIES = ("qblmOvkV9KM", "KqEtOd5Mypg", DEAD, "5cF-gIL8yzk")
CHANNEL = FILMS["5cF-gIL8yzk"]  # the channel of this film has a page with these two
UPLOADS = ("5cF-gIL8yzk", film_id("onefile"))


def runs(text: str) -> Json:
    return {"runs": [{"text": text}]}


def following(token: str) -> Json:
    """The item that says where the list goes on."""
    command = {"continuationCommand": {"token": token}}
    return {"continuationItemRenderer": {"continuationEndpoint": command}}


# -- beside a film --------------------------------------------------------------------------------------------------
def watch(key: str, film: Film | None) -> Json:
    """ytInitialData of a watch page, and of /next with a videoId."""
    contents = _film(key, film) if film else []
    data: Json = {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}}
    if film and film.chapters:
        markers = [
            {"macroMarkersListItemRenderer": {"title": runs(title), "timeDescription": runs(f"0:{second:02}")}}
            for second, title in enumerate(film.chapters)
        ]
        panel = {"content": {"macroMarkersListRenderer": {"contents": markers}}}
        data["engagementPanels"] = [{"engagementPanelSectionListRenderer": panel}]
    return data


def _film(key: str, film: Film) -> list[Json]:
    liked: Json = {"accessibilityText": f"like this video along with {film.likes} other people"}
    for name in ("defaultButtonViewModel", "toggleButtonViewModel", "toggleButtonViewModel", "likeButtonViewModel"):
        liked = {name: liked if name != "defaultButtonViewModel" else {"buttonViewModel": liked}}
    button = {"segmentedLikeDislikeButtonViewModel": {"likeButtonViewModel": liked}}
    first = {
        "title": runs(film.title),
        "viewCount": {"videoViewCountRenderer": {"viewCount": {"simpleText": f"{film.views:,} views"}}},
        "videoActions": {"menuRenderer": {"topLevelButtons": [button]}},
    }
    home = {"commandMetadata": {"webCommandMetadata": {"url": f"/{film.handle}"}}}
    second = {"owner": {"videoOwnerRenderer": {"title": runs(film.author), "navigationEndpoint": home}}}
    parts: list[Json] = [{"videoPrimaryInfoRenderer": first}, {"videoSecondaryInfoRenderer": second}]
    if film.comments:
        section = {"sectionIdentifier": "comment-item-section", "contents": [following(f"comments.{key}.start")]}
        parts.append({"itemSectionRenderer": section})
    return parts


# -- comments: four on two pages, one of them answered -------------------------------------------------------------
def comments(token: str) -> Json | None:
    """/next with a continuation. One that the client made up, for a film that shows no comments, brings nothing."""
    if not token.startswith("comments."):
        return {"responseContext": {}}
    _, key, part = [*token.split("."), "", "", ""][:3]
    if part == "start":
        order = [_order(key, "Top comments", "first"), _order(key, "Newest first", "first")]
        header = {"countText": runs("5"), "sortMenu": {"sortFilterSubMenuRenderer": {"subMenuItems": order}}}
        return _items("reloadContinuationItemsCommand", [{"commentsHeaderRenderer": header}], [])
    if part == "first":
        threads = [_thread("c1"), _thread("c2", replies=f"comments.{key}.replies"), following(f"comments.{key}.second")]
        return _items("reloadContinuationItemsCommand", threads, ["c1", "c2"])
    if part == "second":
        return _items("appendContinuationItemsAction", [_thread("c3"), _thread("c4")], ["c3", "c4"])
    if part == "replies":
        return _items("appendContinuationItemsAction", [{"commentViewModel": _keys("c2.r1")}], ["c2.r1"])
    return None


def _order(key: str, title: str, part: str) -> Json:
    return {"title": title, "serviceEndpoint": {"continuationCommand": {"token": f"comments.{key}.{part}"}}}


def _items(command: str, items: list[Json], told: list[str]) -> Json:
    return {
        "onResponseReceivedEndpoints": [{command: {"continuationItems": items}}],
        "frameworkUpdates": {"entityBatchUpdate": {"mutations": [_comment(each) for each in told]}},
    }


def _keys(comment: str) -> Json:
    return {"commentId": comment, "commentKey": f"key-{comment}", "toolbarStateKey": f"state-{comment}"}


def _thread(comment: str, replies: str = "") -> Json:
    thread: Json = {"commentViewModel": {"commentViewModel": _keys(comment)}}
    if replies:
        thread["replies"] = {"commentRepliesRenderer": {"subThreads": [following(replies)]}}
    return {"commentThreadRenderer": thread}


def _comment(comment: str) -> Json:
    payload = {
        "properties": {
            "commentId": comment,
            "content": {"content": f"Comment {comment}: <b>seen</b> from the roof"},
            "publishedTime": "2 years ago",
        },
        "author": {"channelId": "UC" + "0" * 22, "displayName": "@viewer", "isCreator": False, "isVerified": False},
        "toolbar": {"likeCountA11y": "3 likes"},
    }
    return {"entityKey": f"key-{comment}", "payload": {"commentEntityPayload": payload}}


# -- lists ----------------------------------------------------------------------------------------------------------
def playlist(name: str) -> Json | None:
    if name != PLAYLIST:
        return None
    listed = {"playlistVideoListRenderer": {"contents": [{"playlistVideoRenderer": _entry(key)} for key in ENTRIES]}}
    section = {"sectionListRenderer": {"contents": [{"itemSectionRenderer": {"contents": [listed]}}]}}
    return {
        "contents": {
            "twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": {"selected": True, "content": section}}]}
        },
        "metadata": {
            "playlistMetadataRenderer": {"title": "Universe: the cited films", "description": "Four entries."}
        },
        "header": {"playlistHeaderRenderer": {"privacy": "PUBLIC", "ownerText": runs("Universe News Desk")}},
    }


def channel() -> Json:
    items = [{"richItemRenderer": {"content": {"videoRenderer": _entry(key)}}} for key in UPLOADS]
    place = {"commandMetadata": {"webCommandMetadata": {"url": f"/{CHANNEL.handle}/videos"}}}
    tab = {"selected": True, "title": "Videos", "endpoint": place, "content": {"richGridRenderer": {"contents": items}}}
    about = {
        "title": CHANNEL.author,
        "externalId": CHANNEL.channel,
        "vanityChannelUrl": f"http://www.youtube.com/{CHANNEL.handle}",
        "description": "News of the universe.",
    }
    return {
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": tab}]}},
        "metadata": {"channelMetadataRenderer": about},
    }


def _entry(key: str) -> Json:
    film = find(key)
    title = "[Deleted video]" if key == DEAD or not film else film.title
    return {"videoId": key, "title": runs(title), "lengthSeconds": str(film.seconds) if film else "0"}
