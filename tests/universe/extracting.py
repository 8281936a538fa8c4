"""python -m tests.universe.extracting < JOBS: the plain yt-dlp, in a process of its own, asked for one film after another.

JOBS is {"proxy", "folder", "jobs": {name: {"url", and any parameter of YoutubeDL}}}; with "format" a job downloads into
the folder, into a file of the job's name. The answer is {name: {what the tests look at}}, or {"error", "kind"}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import deno
import yt_dlp

FACTS = (
    "id", "title", "duration", "view_count", "like_count", "availability", "uploader", "uploader_id", "channel_id",
    "upload_date", "chapters", "live_status", "comments", "description", "extractor",
)  # fmt: skip


class Silent:
    """Warnings belong to the game here."""

    def debug(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


def parameters(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "proxy": asked["proxy"],
        "logger": Silent(),
        "cachedir": False,
        "geo_bypass": False,
        "noplaylist": True,
        "extract_flat": "in_playlist",
        "compat_opts": {"no-certifi"},  # so that SSL_CERT_FILE counts
        "js_runtimes": {"deno": {"path": str(deno.find_deno_bin())}},
        "extractor_args": {"youtube": {"skip": ["translated_subs"]}},
        "writeautomaticsub": True,
        "extractor_retries": 0,
        "retries": 0,
        "fragment_retries": 0,
        "fixup": "never",
        "skip_unavailable_fragments": False,
        "noprogress": True,
    }


def extract(common: dict[str, Any], folder: Path, name: str, job: dict[str, Any]) -> dict[str, Any]:
    given = common | {key: value for key, value in job.items() if key != "url"}
    given["outtmpl"] = str(folder / name)
    with yt_dlp.YoutubeDL(given) as player:
        try:
            info = player.extract_info(job["url"], download="format" in job)
        except yt_dlp.utils.DownloadError as error:
            cause = error.exc_info[1] if error.exc_info else error
            countries = getattr(cause, "countries", None)
            return {"error": str(error), "kind": type(cause).__name__, "countries": countries}
        told = {key: info.get(key) for key in FACTS}
        told["formats"] = {each["format_id"]: each["url"] for each in info.get("formats") or ()}
        told["sizes"] = {each["format_id"]: each.get("height") for each in info.get("formats") or ()}
        told["thumbnails"] = len(info.get("thumbnails") or ())
        for kind in ("subtitles", "automatic_captions"):
            told[kind] = {code: tracks[-1]["url"] for code, tracks in (info.get(kind) or {}).items()}
        told["entries"] = [[each.get("id"), each.get("title"), each["url"]] for each in info.get("entries") or ()]
        return told


def main() -> None:
    asked = json.load(sys.stdin)
    common, folder = parameters(asked), Path(asked["folder"])
    json.dump({name: extract(common, folder, name, job) for name, job in asked["jobs"].items()}, sys.stdout)


if __name__ == "__main__":
    main()
