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
from tests.universe.working import REPORT, ROOT, meant

DEMO = ROOT / "demo"
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
    got, sent = (sha256(data).hexdigest() for data in ((DEMO / "report.pdf").read_bytes(), meant(PDF)))
    say(f"given back  {got}\nsent        {sent}\n{'The same, to the last bit.' if got == sent else 'NOT THE SAME'}")
    return 0 if got == sent else 1


def preserve(*arguments: str, environment: dict[str, str]) -> None:
    say(f"$ preserve {' '.join(arguments)}")
    subprocess.run([sys.executable, "-m", "preserve", *arguments], cwd=DEMO, env=environment, check=True)


def say(text: str) -> None:
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
