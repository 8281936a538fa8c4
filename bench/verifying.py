"""Section verify: preserve verify beside the plain hash tools and warcio, on an archive that preserve made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench import pages, server
from bench.captures import working_folder
from bench.measure import Failed, Usage, preserve, run, tool
from bench.table import Row

SECTION = "verify"
_MIB = 1 << 20


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    rounds = 1 if quick else 3
    try:
        warcs = _archive(folder, *((200, 1) if quick else (8000, 8)))
    except Failed as failure:
        yield Row(SECTION, "an archive to verify", remark=f"FAILED: {failure}")
        return
    size = sum(warc.stat().st_size for warc in warcs)
    ways: dict[str, list[str | Path] | None] = {
        "openssl dgst -sha256": _peer("openssl", "dgst", "-sha256", *warcs),
        "sha256sum": _peer("sha256sum", *warcs),
        "warcio check": _peer("warcio", "check", *warcs),
        "preserve verify --quick": preserve(folder, "verify", "--quick"),
        "preserve verify --full": preserve(folder, "verify", "--full"),
        "preserve verify --deep": preserve(folder, "verify", "--deep"),
    }
    used: dict[str, list[Usage]] = {name: [] for name in ways}
    failures: dict[str, str] = {}
    for _ in range(rounds):
        for name, command in ways.items():
            if command is None:
                failures[name] = "not installed"
                continue
            try:
                used[name].append(run(command, folder))
            except Failed as failure:
                failures[name] = f"FAILED: {failure}"
    cost = {name: median(one.cpu for one in each) for name, each in used.items() if each}
    for name, each in used.items():
        if name in failures:
            yield Row(SECTION, name, remark=failures[name])
            continue
        base = "sha256sum" if name.endswith("--deep") or name == "warcio check" else "openssl dgst -sha256"
        ratio = cost[name] / cost[base] if base in cost else None
        wall = median(one.wall for one in each)
        remark = f"peak {max(one.rss for one in each) >> 20} MiB"
        yield Row(SECTION, name, cost[name], wall, size / _MIB / cost[name], "MiB/CPU-s", ratio, base, remark)


def _archive(folder: Path, count: int, videos: int) -> list[Path]:
    """Two runs, hence two WARC files (two cores have work); half of the bytes are video-like and stored."""
    with server.running(0) as port:
        for half in range(2):
            urls = pages.urls(port, half * count // 2, count // 2)
            size = 43 * _MIB if count > 1000 else 8 * _MIB
            film = [f"http://127.0.0.2:{port}/video/{size}/{half * videos + n}" for n in range(max(1, videos // 2))]
            working_folder(folder, [*urls, *film])
            run(preserve(folder, "-q", "run"), folder)
    return sorted(folder.rglob("*.warc.gz"))


def _peer(name: str, *arguments: str | Path) -> list[str | Path] | None:
    program = tool(name)
    return [program, *arguments] if program else None
