"""The player of YouTube: its answer about a film, in the page and over Innertube, and the puzzles in its script."""

from __future__ import annotations

from urllib.parse import urlencode

from . import media
from .youtube_films import AGE, AGE_EMBEDDED, NAMELESS, OK, Film, Json, Stream

MEDIA = "rr1---sn-universe.googlevideo.com"
MANIFESTS = "manifest.googlevideo.com"
EXPIRE = "1900000000"
STS = 20777  # as in the script
LANGUAGES = {"en": "English", "ru": "Russian", "ar": "Arabic", "de": "German"}

# The structure is what yt-dlp-ejs looks for: two statements, the second a function called at once whose own first
# statement it drops; in it a function that sets "alr" and returns an object with set, get, clone and one method more.
SCRIPT = """var _yt_player={};
(function(g){var window=this;
var config={signatureTimestamp:20777};
function Address(url){this.url=url;this.values={}}
Address.prototype={
set:function(name,value){this.values[name]=value},
get:function(name){return this.values[name]},
clone:function(){return this},
solve:function(){var n=this.values.n;if(n)this.values.n=n.split("").reverse().join("")+"-solved"}};
function sign(s){var a=s.split("");a.reverse();a.splice(0,3);var x=a[0];a[0]=a[5];a[5]=x;return a.join("")}
function open(url,name,s){var u=new Address(url);u.set("alr","yes");
if(s)u.set(name,encodeURIComponent(sign(decodeURIComponent(s))));return u}
})(_yt_player);
"""
CHALLENGE = "universe-N"
SCRAMBLED = "AOq0QJ8wRQIhAUniverse0Signature1234567890abcdefgh"


def solved_n(challenge: str) -> str:
    """What the script makes of `n`."""
    return challenge[::-1] + "-solved"


def solved_signature(s: str) -> str:
    """What the script makes of the scrambled signature."""
    a = list(s)[::-1][3:]
    a[0], a[5] = a[5], a[0]
    return "".join(a)


def answer(key: str, film: Film, client: str = "page") -> Json:
    """The player response; the page's own names formats without addresses, as it has since SABR."""
    key = film.answers or key
    status = film.status or OK
    if film.status == AGE and client == "WEB_EMBEDDED_PLAYER":
        status = AGE_EMBEDDED
    told: Json = {"playabilityStatus": status}
    if status not in NAMELESS:
        told |= {"videoDetails": _details(key, film), "microformat": {"playerMicroformatRenderer": _microformat(film)}}
    if film.status is None:
        told["streamingData"] = _streaming(key, film, addressed=client != "page" and not film.addressless)
        if film.spoken or film.captions:
            told["captions"] = {"playerCaptionsTracklistRenderer": _captions(key, film)}
    return told


def _details(key: str, film: Film) -> Json:
    sizes = (("default", 120, 90), ("hqdefault", 480, 360), ("maxresdefault", 1280, 720))
    return {
        "videoId": key,
        "title": film.title,
        "lengthSeconds": "0" if film.live in ("now", "upcoming") else str(film.seconds),
        "author": film.author,
        "channelId": film.channel,
        "shortDescription": film.text,
        "viewCount": str(film.views),
        "isPrivate": False,
        "isLiveContent": bool(film.live),
        **({"isLive": True} if film.live == "now" else {}),
        **({"isUpcoming": True} if film.live == "upcoming" else {}),
        "thumbnail": {
            "thumbnails": [
                {"url": f"https://i.ytimg.com/vi/{key}/{name}.jpg", "width": width, "height": height}
                for name, width, height in sizes
            ]
        },
    }


def _microformat(film: Film) -> Json:
    begins = {"startTimestamp": f"{film.date}T10:00:00+00:00", "isLiveNow": film.live == "now"}
    return {
        "publishDate": film.date,
        "uploadDate": film.date,
        "viewCount": str(film.views),
        "ownerChannelName": film.author,
        "externalChannelId": film.channel,
        "ownerProfileUrl": f"http://www.youtube.com/{film.handle}",
        "category": "News & Politics",
        "isFamilySafe": film.status != AGE,
        "isUnlisted": False,
        **({"availableCountries": list(film.countries)} if film.countries else {}),
        **({"liveBroadcastDetails": begins} if film.live else {}),
    }


def _streaming(key: str, film: Film, *, addressed: bool) -> Json:
    if film.hls:
        kind = "yt_live_broadcast" if film.live else "youtube"
        path = f"/api/manifest/hls_variant/expire/{EXPIRE}/id/{key}/source/{kind}/file/index.m3u8"
        return {"expiresInSeconds": "21540", **({"hlsManifestUrl": f"https://{MANIFESTS}{path}"} if addressed else {})}
    both = [_format(key, film, stream, addressed=addressed) for stream in film.streams if stream.itag == 18]
    separate = [_format(key, film, stream, addressed=addressed) for stream in film.streams if stream.itag != 18]
    return {"expiresInSeconds": "21540", "formats": both, "adaptiveFormats": separate}


def _format(key: str, film: Film, stream: Stream, *, addressed: bool) -> Json:
    length = len(stream.body(film.lmt))
    picture: Json = {"width": stream.width, "height": stream.height, "fps": 5, "qualityLabel": f"{stream.height}p"}
    sound: Json = {"audioQuality": "AUDIO_QUALITY_MEDIUM", "audioSampleRate": "44100", "audioChannels": 1}
    return {
        "itag": stream.itag,
        "mimeType": stream.mime,
        "bitrate": length * 8 // film.seconds,
        "averageBitrate": length * 8 // film.seconds,
        "contentLength": str(length),
        "lastModified": str(film.lmt),
        "approxDurationMs": str(film.seconds * 1000),
        "quality": {360: "medium", 720: "hd720", 1080: "hd1080"}.get(stream.height, "tiny"),
        **(picture if stream.height else {}),
        **(sound if "mp4a" in stream.mime or "opus" in stream.mime else {}),
        **({"isDrc": True} if stream.drc else {}),
        **(_address(key, film, stream, length) if addressed else {}),
    }


def _address(key: str, film: Film, stream: Stream, length: int) -> Json:
    query = {
        "expire": EXPIRE,
        "id": key,
        "itag": str(stream.itag),
        "source": "youtube",
        "mime": stream.mime.partition(";")[0],
        "clen": str(length),
        "dur": f"{film.seconds}.000",
        "lmt": str(film.lmt),
        **({"xtags": "sr=1"} if stream.sr else {}),
        **({"xtags": "drc=1"} if stream.drc else {}),
        **({"n": CHALLENGE} if film.puzzle else {}),
    }
    url = f"https://{MEDIA}/videoplayback?{urlencode(query)}"
    if film.puzzle and stream.itag != 18:
        return {"signatureCipher": urlencode({"s": SCRAMBLED, "sp": "sig", "url": url})}
    return {"url": url}


def _captions(key: str, film: Film) -> Json:
    spoken = (film.spoken,) if film.spoken else ()
    tracks = [_track(key, language, kind="") for language in film.captions]
    tracks += [_track(key, language, kind="asr") for language in spoken]
    names = [{"languageCode": code, "languageName": {"simpleText": name}} for code, name in LANGUAGES.items()]
    return {"captionTracks": tracks, "translationLanguages": names}


def _track(key: str, language: str, *, kind: str) -> Json:
    query = {"v": key, "expire": EXPIRE, "lang": language, **({"kind": kind} if kind else {})}
    return {
        "baseUrl": f"https://www.youtube.com/api/timedtext?{urlencode(query)}",
        "name": {"simpleText": LANGUAGES[language] + (" (auto-generated)" if kind else "")},
        "vssId": f"{'a' if kind else ''}.{language}",
        "languageCode": language,
        "isTranslatable": True,
        **({"kind": kind} if kind else {}),
    }


def caption(query: dict[str, str]) -> str:
    """WebVTT of one track: two lines that name film, language and maker."""
    language = query.get("tlang") or query.get("lang", "")
    maker = "a machine" if query.get("kind") else "a person"
    head = f"WEBVTT\nKind: captions\nLanguage: {language}\n\n"
    return head + "".join(
        f"00:00:0{second}.000 --> 00:00:0{second + 1}.000\n{query.get('v')} {language} by {maker}, line {second + 1}\n\n"
        for second in range(media.SECONDS - 1)
    )
