"""Section capture: URLs stored for each second of CPU, by preserve and its peers, from the same server."""

from __future__ import annotations

import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench import pages, server
from bench.measure import Failed, Running, Usage, preserve, run, script, tool
from bench.table import Row

SECTION = "capture"
BASE = "GNU wget"
CEILING = "bare socket"


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    count, rounds = (200, 1) if quick else (2000, 3)
    used: dict[str, list[Usage]] = {name: [] for name in _WAYS}
    remarks: dict[str, str] = {}
    with server.running(count) as port:
        urls = pages.urls(port, 0, count)
        for number in range(rounds):
            for name, way in _WAYS.items():
                if name not in remarks:
                    _once(name, way, folder / "round", urls, used, remarks, last=number == rounds - 1)
    cost = {name: median(one.cpu for one in each) for name, each in used.items() if each}
    for name, each in used.items():
        if name not in cost or remarks[name].startswith("FAILED"):
            yield Row(SECTION, name, remark=remarks[name])
            continue
        ratio = cost[BASE] / cost[name] if BASE in cost else None
        remark = f"{remarks[name]}; peak {max(one.rss for one in each) >> 20} MiB"
        if CEILING in cost and name.startswith("preserve"):
            remark += f"; cost {cost[name] / cost[CEILING]:.2f} x {CEILING}"
        wall = median(one.wall for one in each)
        yield Row(SECTION, name, cost[name], wall, count / cost[name], "URL/CPU-s", ratio, BASE, remark)


def _once(
    name: str,
    way: Callable[[Path, list[str]], Usage],
    folder: Path,
    urls: list[str],
    used: dict[str, list[Usage]],
    remarks: dict[str, str],
    *,
    last: bool,
) -> None:
    """One way, one round, in a fresh folder. A remark ends it: missing, failed, or what the checkers say."""
    folder.mkdir()
    (folder / "list.txt").write_text("\n".join(urls) + "\n")
    try:
        used[name].append(way(folder, urls))
        warcs = sorted(folder.rglob("*.warc.gz"))
        verdict = _stored(warcs, folder, len(urls))
        if last:
            remarks[name] = verdict + _checked(warcs, folder)
    except FileNotFoundError as missing:
        remarks[name] = f"not installed: {missing}"
    except Failed as failure:
        remarks[name] = f"FAILED: {failure}"
    finally:
        shutil.rmtree(folder)


def _stored(warcs: list[Path], folder: Path, wanted: int) -> str:
    """Counted by FastWARC, not by those who wrote it. A run asks each host for its robots.txt and for a page that
    cannot exist, too."""
    counted = folder / "counted.txt"
    run(script("count", *warcs), folder, counted)
    found = int(counted.read_text())
    if found < wanted:
        raise Failed(f"{found} of {wanted} URLs stored")
    return f"{found} URLs"


def _checked(warcs: list[Path], folder: Path) -> str:
    words = []
    for checker in ("warcio", "fastwarc"):
        if not (program := tool(checker)):
            words.append(f"{checker} not installed")
            continue
        codes = [Running([program, "check", warc], folder, folder / "check.txt") for warc in warcs]
        bad = 0
        for one in codes:
            try:
                one.finish()
            except Failed:
                bad += 1
        words.append(f"{checker} {'BAD' if bad else 'ok'}")
    return ", " + ", ".join(words)


def _need(name: str) -> str:
    if found := tool(name):
        return found
    raise FileNotFoundError(name)


def _wget(folder: Path, urls: list[str]) -> Usage:
    return run([_need("wget"), "-q", "--warc-file=wget", "-i", "list.txt", "-O", "/dev/null"], folder)


def _warcprox(folder: Path, urls: list[str]) -> Usage:
    """The proxy without its two databases, which is its cheapest way, and one curl with one connection."""
    curl = _need("curl")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options: list[str | Path] = [
        "--gzip",
        "--dedup-db-file=/dev/null",
        "--stats-db-file=/dev/null",
        "-d",
        folder / "warcs",
    ]
    proxy = Running([_need("warcprox"), "-q", "-p", str(port), *options], folder)
    try:
        _await(port)
        (folder / "curl.txt").write_text("".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls))
        asked = run([curl, "-sS", "-x", f"http://127.0.0.1:{port}", "-K", "curl.txt"], folder)
    finally:
        proxy.process.send_signal(signal.SIGTERM)  # it writes what is queued, then ends
        served = proxy.finish(allowed=(0, -signal.SIGTERM))
    return asked + served


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise Failed("the proxy does not answer")


def _capture_http(folder: Path, urls: list[str]) -> Usage:
    """With the Python of the peers, who pin older versions of what we use and so live in a place of their own."""
    python = Path(_need("warcprox")).parent / "python"
    return run([python, "-m", "bench.capture_http", "list.txt", "warcio.warc.gz"], folder)


def _layer(folder: Path, urls: list[str]) -> Usage:
    return run(script("layer", "wire", "list.txt", "layer.warc.gz"), folder)


def _session(folder: Path, urls: list[str]) -> Usage:
    return run(script("layer", "session", "list.txt", "session.warc.gz"), folder)


def _run(folder: Path, urls: list[str]) -> Usage:
    work = working_folder(folder / "work", urls, "[video]\nenabled = false\n")  # no peer looks for films
    return run(preserve(work, "-q", "run", "--force"), folder)


def working_folder(folder: Path, urls: list[str], extra: str = "") -> Path:
    """As a user has it, but without delays and with private addresses allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "preserve.toml").write_text(
        "documents = []\n"
        "[network]\nallow_private = true\n"
        "[politeness]\ndelay = 0.0\nconcurrency = 16\n"
        f'[key]\nfile = "{folder / "key.pem"}"\n{extra}'
    )
    (folder / "sources.txt").write_text("\n".join(urls) + "\n")
    return folder


def _bare(folder: Path, urls: list[str]) -> Usage:
    return run(script("bare", "list.txt", "bare.warc.gz"), folder)


_WAYS: dict[str, Callable[[Path, list[str]], Usage]] = {
    BASE: _wget,
    "warcprox + curl": _warcprox,
    "warcio capture_http + requests": _capture_http,
    "preserve wire + WARC": _layer,
    "preserve session + records": _session,
    "preserve run": _run,
    CEILING: _bare,
}
