"""python -m tests.universe --dir DIR [--port PORT]: runs until stdin closes or a signal comes.

When ready it prints one JSON line: `ports` (connect, socks5, http, https), `proxies`, `ca_file`, `untrusted_ca_file`,
`log`, `cited`, and the name of the control host. See control.py for the switches.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from . import Universe, control, hosts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.universe", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="for certificates and the log")
    parser.add_argument("--port", type=int, default=0, help="of the CONNECT proxy; any by default")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    try:
        with Universe(options.dir, port=options.port) as universe:
            print(json.dumps(facts(universe)), flush=True)
            if not sys.stdin.isatty():
                sys.stdin.read()
            else:
                signal.pause()
    except KeyboardInterrupt:
        pass


def facts(universe: Universe) -> dict[str, object]:
    return {
        "ports": universe.ports,
        "proxies": {kind: universe.proxy(kind) for kind in ("connect", "socks5")},
        "ca_file": str(universe.ca_file),
        "untrusted_ca_file": str(universe.authority.untrusted_ca_file),
        "log": str(universe.folder / "log.jsonl"),
        "control": control.HOST,
        "cited": hosts.CITED,
    }


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
