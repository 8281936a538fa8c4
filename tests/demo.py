"""The whole thing, offline: the sample report archived from a loopback internet, checked, and an original given back.

`make demo`. Everything is made in `demo/` (recreated each time) and stays there to be looked at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256

from tests.universe import Universe
from tests.universe.hosts.youtube_films import VP9_720
from tests.universe.working import REPORT, ROOT, meant

DEMO = ROOT / "demo"
FILM = "https://www.youtube.com/watch?v=5cF-gIL8yzk"
PDF = "http://www.vdc-sy.info/pdf/reports/1444252328-Arabic.pdf"
SETTINGS = 'base_url = "https://syrianarchive.org/"\n{network}[politeness]\ndelay = 0.0\n[key]\nfile = "key.pem"\n'


def main() -> int:
    shutil.rmtree(DEMO, ignore_errors=True)
    (DEMO / "documents").mkdir(parents=True)
    shutil.copy(REPORT, DEMO / "documents")
    with Universe(DEMO / "universe") as universe:
        (DEMO / "preserve.toml").write_text(SETTINGS.format(network=universe.settings()), "utf-8")
        usual = {name: value for name, value in os.environ.items() if not name.startswith("PRESERVE_")}
        environment = usual | universe.environment()
        say("A sample report, and a loopback internet in which the hosts that it cites answer as the real ones did.")
        preserve("run", environment=environment)
        say("One signed line a source, every byte of the wire in WARC files. Is it all there, and unaltered?")
        preserve("verify", "--deep", environment=environment)
    say("The internet is gone now. What do we hold?")
    preserve("-q", "status", environment=environment)
    preserve("show", PDF, environment=environment)
    preserve("get", PDF, "-o", "report.pdf", environment=environment)
    preserve("get", "--role", "video", FILM, "-o", "picture.webm", environment=environment)
    preserve("get", "--media", FILM, "-o", "film.webm", environment=environment)
    same = [told("report.pdf", meant(PDF)), told("picture.webm", VP9_720.body())]
    say("film.webm holds picture and sound as they were served, in one file that plays anywhere.")
    return 0 if all(same) else 1


def told(name: str, sent: bytes) -> bool:
    got, meant = (sha256(data).hexdigest() for data in ((DEMO / name).read_bytes(), sent))
    words = "The same, to the last bit." if got == meant else "NOT THE SAME"
    say(f"{name}\n  given back  {got}\n  sent        {meant}\n  {words}")
    return got == meant


def preserve(*arguments: str, environment: dict[str, str]) -> None:
    say(f"$ preserve {' '.join(arguments)}")
    subprocess.run([sys.executable, "-m", "preserve", *arguments], cwd=DEMO, env=environment, check=True)


def say(text: str) -> None:
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
