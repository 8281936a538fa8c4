"""Port 80 of every address in a network name space, with a log of who was reached: python hosts.py FOLDER.

FOLDER/site.json maps "host/path" to {"body", "type", "status", "headers", "rebind"}; what it does not name is
not found at public addresses, and at private ones answered with a secret. FOLDER/reached gets one line a connection: the
address that was dialled, and the request line.
`rebind`: the new text of /etc/hosts from this request on.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import sys
from pathlib import Path

SECRET = "SECRET-OF-THE-INTRANET"


def _is_private(address: str) -> bool:
    return not ipaddress.ip_address(address.removeprefix("::ffff:")).is_global


async def answer(folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with (folder / "reached").open("a") as log:
        address = writer.get_extra_info("sockname")[0]
        log.write(f"{address} connected\n")
        log.flush()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        log.write(f"{address} {head[0]}\n")
    host = next(line.partition(": ")[2] for line in head if line.startswith("Host: "))
    site = json.loads((folder / "site.json").read_text())
    page = site.get(host + head[0].split()[1], {"body": SECRET} if _is_private(address) else {"status": 404})
    if "rebind" in page:
        Path("/etc/hosts").write_text(page["rebind"])
    body = page.get("body", "").encode()
    fields = {"Content-Type": page.get("type", "text/html"), "Content-Length": str(len(body)), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {page.get('status', 200)} So",
        *(f"{k}: {v}" for k, v in {**fields, **page.get("headers", {})}.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()
    writer.close()


async def main(folder: Path) -> None:
    await asyncio.start_server(lambda r, w: answer(folder, r, w), ["0.0.0.0", "::"], 80)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
