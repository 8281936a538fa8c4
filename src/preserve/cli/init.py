"""preserve init: a working folder with everything in place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from preserve import __version__, config
from preserve.cli.main import Context
from preserve.errors import StorageError, UsageError
from preserve.terminal import note, out

CONFIGURATION = """\
# preserve.toml: every key with its default. Delete what you do not change.
# A flag goes before an environment variable PRESERVE_*, that before this file, this before the default.

# documents = ["documents/**/*"]    # read on each run
# sources   = "sources.txt"         # what is preserved; a person's marks and comments in it survive
# archive   = "archive"
# base_url  = ""                    # the published address, for site-relative links

# [base_urls]                       # the same for some documents
# "documents/report.md" = "https://example.org/report/"

[network]
# proxy = ""                        # socks5h://host:port or http://host:port, always as a tunnel
# ca_file = ""                      # extra certificates, reported as such, never silently trusted
# allow_private = false             # true: private and loopback addresses may be fetched
# bind = ""                         # the address to connect from
# user_agent = ""
# tls = "record"                    # record: what does not verify is recorded and fetched; strict: it is not fetched

# [network.resolve]                 # names whose address is fixed
# "eng.mil.ru" = "203.0.113.7"

[limits]
# body = "2GiB"                     # of one answer; what is longer is cut and says so
# time = "10m"                      # of one exchange
# redirects = 20
# requisites = 500                  # images, styles, scripts … of one page

[politeness]
# delay = 1.0                       # seconds after an answer, for each domain; up to 30 % more, so that it varies
# concurrency = 1                   # requests at once, for each domain
# robots = "record"                 # record: robots.txt is stored, its verdict noted; obey: what it forbids is refused;
#                                   # ignore: it is not asked for
# probe = true                      # ask once for an address that cannot exist, to know pages that always come

[retry]
# tries = 5
# max_wait = "60s"
# retry_after_max = "15m"           # a server that asks for more is asked again in the next run

[video]
# enabled = true                    # the films of known platforms, and those that a page shows
# max_height = 0                    # pixels; 0: the best there is
# access_copy = true                # a copy that plays anywhere, and a contact sheet (needs ffmpeg)
# subtitles = true                  # all that people wrote, and what a machine heard in the language spoken
# comments = 0                      # how many of each film
# live = false                      # true: a running broadcast is taken, from now to its end, 4 hours at most
# playlists = false                 # true: the films of a cited playlist or channel are added to sources.txt
# media_in_warc = "head"            # head: bytes are kept once, in media/; full: the WARC files hold them, too
# size = "16GiB"                    # of one stream; what is larger is not taken and says so

[recapture]
# every = "1d"

[recover]
# archives = ["wayback", "commoncrawl", "arquivo"]    # web archives asked for what is lost or stays blocked; []: none
# wayback_keys = ""                 # "env:NAME" or "file:PATH" of access:secret for Save Page Now; never the key itself

# [recover.timemaps]                # further archives that speak Memento: where their TimeMaps are
# archive-it = "https://wayback.archive-it.org/all/timemap/link/"

[key]
# file = "~/.config/preserve/key.pem"    # signs the checkpoints; keep a copy, not in the archive

# [host."*.mil.ru"]                 # any of: proxy cookies ca_file tls delay concurrency user_agent robots recover
# proxy = "socks5h://127.0.0.1:1080"
# cookies = "mil.txt"               # a cookies.txt as browsers export it, sent to these hosts alone and over https only
# recover = false                   # web archives are not asked for what is lost there
"""

SOURCES = """\
# preserve sources 1
# One URL a line; a comment is white space and # behind it. A - before a URL: not to be preserved.
# What `preserve extract` and `preserve run` find in documents is added below a line %extracted.
"""


@click.command("init")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def command(context: Context, folder: Path | None) -> int:
    """Write a commented preserve.toml, sources.txt, archive and key into DIR. What is there stays as it is."""
    from preserve.archive import signer, store

    folder = context.folder / folder if folder else context.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "choose another name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = [
            name for name, text in ((config.FILE, CONFIGURATION), ("sources.txt", SOURCES)) if _new(folder / name, text)
        ]
        (folder / "documents").mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}", "choose a folder that is yours") from None
    settings = config.load(folder, context.config_file)
    key, fresh = signer.load_or_make(settings.key_path)
    store.create(settings.archive_path, key, software=f"preserve {__version__}", clock=lambda: datetime.now(UTC))
    for name in [*made, f"{settings.archive}/"]:
        out(f"ready: {folder / name}")
    if fresh:
        note(f"made the signing key {settings.key_path}; keep a copy of it in a safe place")
    note("put documents into documents/ or URLs into sources.txt, then: preserve run")
    return 0


def _new(path: Path, text: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
