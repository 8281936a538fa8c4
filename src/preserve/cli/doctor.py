"""preserve doctor: what this machine lacks, and a loopback self-test of the whole way."""

from __future__ import annotations

import dataclasses
import os
import platform
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from preserve import __version__
from preserve.cli.main import Context
from preserve.config import Config, Network, Politeness
from preserve.errors import PreserveError, UsageError
from preserve.model import Entry
from preserve.terminal import bytes_text, emit, out, safe

_ENOUGH = 5 << 30  # bytes free: two bodies at the limit, and their copies in the WARC
_STALE = 60  # days: the platforms change their players every few weeks, and yt-dlp follows
_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "fuse.rclone"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `state`: ok, warning (works, with less), lacking (will not work)."""

    name: str
    state: str
    detail: str
    hint: str = ""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a check.")
@click.pass_obj
def command(context: Context, as_json: bool) -> int:
    """Look at what this machine lacks, and send one page the whole way: capture, verify, get back.

    Nothing but this machine is contacted, and nothing is written into the archive. Exit code 2: something is lacking.
    """
    lacking = False
    for check in _checks(context):
        lacking |= check.state == "lacking"
        if as_json:
            emit({"event": "check", **dataclasses.asdict(check)})
            continue
        out(f"{check.state:<8} {check.name:<14} {safe(check.detail)}", style=_STYLES[check.state])
        if check.hint and check.state != "ok":
            out(f"{'':<8} {'':<14} {safe(check.hint)}")
    return UsageError.exit_code if lacking else 0


_STYLES = {"ok": "", "warning": "warning", "lacking": "damage"}


def _checks(context: Context) -> Iterator[Check]:
    yield Check("preserve", "ok", f"{__version__}, Python {platform.python_version()}, {platform.system()}")
    yield _roots()
    try:
        config = context.config
    except PreserveError as error:
        yield Check("configuration", "lacking", error.message, error.hint)
        return
    yield Check("configuration", "ok", str(context.config_file or config.folder / "preserve.toml"))
    yield _key(config)
    yield _folder(config)
    yield _space(config)
    yield _network(config)
    yield from _cookies(config)
    yield _yt_dlp(datetime.now(UTC).date())
    yield _javascript()
    yield _ffmpeg()
    yield _libreoffice()
    yield _by_hand()
    yield _self_test()


def _roots() -> Check:
    paths = ssl.get_default_verify_paths()
    where = paths.cafile or paths.capath
    if where:
        return Check("trust", "ok", f"{ssl.OPENSSL_VERSION}, roots in {where}")
    return Check("trust", "warning", "the system has no root certificates; those of certifi are used", "")


def _key(config: Config) -> Check:
    from preserve.archive import signer

    path = config.key_path
    if not path.exists():
        return Check("signing key", "ok", f"{path} will be made by the first run")
    try:
        signer.load(path)
    except PreserveError as error:
        return Check("signing key", "lacking", error.message, error.hint)
    if path.stat().st_mode & 0o077:
        return Check("signing key", "warning", f"{path} can be read by others", f"chmod 600 {path}")
    return Check("signing key", "ok", str(path))


def _folder(config: Config) -> Check:
    """The archive's folder must be on a file system with hard links, locks and syncs that reach the disk."""
    root = config.archive_path
    where = next(path for path in (root, *root.absolute().parents) if path.exists())
    if not os.access(where, os.W_OK):
        return Check("archive", "lacking", f"{where} cannot be written", "check its owner and how it is mounted")
    kind = _file_system(where)
    if kind in _REMOTE:
        hint = "locks and syncs over a network are promises of another machine; use a local disk and copy"
        return Check("archive", "warning", f"{where} is on {kind}", hint)
    try:
        # In an archive, tmp/ is for work in hand: nothing left there by a kill is taken for evidence.
        beside = root / "tmp" if (root / "tmp").is_dir() else where
        with tempfile.TemporaryDirectory(dir=beside) as folder:
            one = Path(folder, "one")
            one.touch()
            os.link(one, Path(folder, "two"))
    except OSError as error:
        return Check("archive", "lacking", f"{where}: {error.strerror}", "a file system with hard links is needed")
    return Check("archive", "ok", f"{root}" + (f" on {kind}" if kind else ""))


def _file_system(path: Path) -> str:
    """The kind of file system that holds a path, where the system tells (Linux)."""
    best, kind = "", ""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(" ")
        point = fields[1].replace("\\040", " ")
        if path.absolute().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def _space(config: Config) -> Check:
    where = next(path for path in (config.archive_path, *config.archive_path.absolute().parents) if path.exists())
    free = shutil.disk_usage(where).free
    if free < _ENOUGH:
        return Check("space", "warning", f"{bytes_text(free)} free", f"{bytes_text(_ENOUGH)} are a safe start")
    return Check("space", "ok", f"{bytes_text(free)} free")


def _network(config: Config) -> Check:
    from preserve.network import dial, proxy

    try:
        way = proxy.parse(config.network.proxy)
    except PreserveError as error:
        return Check("network", "lacking", error.message, error.hint)
    if way:
        return Check("network", "ok", f"through {way.label}")
    if not dial.has_route():
        return Check("network", "warning", "no route to the network", "sources will be noted as failed/offline")
    return Check("network", "ok", "a route is there; nobody was asked")


def _cookies(config: Config) -> Iterator[Check]:
    """The files of other people's logins: whether they can be used, for how long, and who else can read them."""
    from preserve.network.owncookies import Own

    files = {rule.cookies: config.path(rule.cookies) for rule in config.host.values() if rule.cookies}
    if not files:
        return
    try:
        notes = list(Own(config).notes(datetime.now(UTC)))
    except PreserveError as error:
        yield Check("cookies", "lacking", error.message, error.hint)
        return
    for note in notes:
        yield Check("cookies", "warning", note, "a source behind that login may come as its login page")
    for path in files.values():
        if path.stat().st_mode & 0o077:
            yield Check("cookies", "warning", f"{path} can be read by others", f"chmod 600 {path}")
    if not notes:
        yield Check("cookies", "ok", f"{', '.join(files)} can be read, and nothing in it expires within days")


def _yt_dlp(today: date) -> Check:
    """Its version is the day of its release."""
    from preserve.capture.video import tools

    hint = "pip install --upgrade yt-dlp yt-dlp-ejs"
    version = tools.versions().get("yt-dlp")
    if version is None:
        return Check("yt-dlp", "lacking", "not installed: no film can be found", hint)
    try:
        year, month, day = map(int, version.split(".")[:3])
        age = (today - date(year, month, day)).days
    except ValueError:
        return Check("yt-dlp", "warning", f"{version} tells no day of release", hint)
    if age > _STALE:
        return Check("yt-dlp", "warning", f"{version} is {age} days old: platforms may have changed since", hint)
    return Check("yt-dlp", "ok", f"{version}, {max(age, 0)} days old")


def _javascript() -> Check:
    from preserve.capture.video import tools

    path, version = tools.deno_path(), tools.versions().get("deno")
    if path is None or version is None:
        detail = f"{path} does not run" if path else "no deno"
        return Check("javascript", "warning", f"{detail}: formats of YouTube will be missing", "pip install deno")
    return Check("javascript", "ok", f"deno {version}, {path}")


def _ffmpeg() -> Check:
    from preserve.capture.video import copies

    found, probe = copies.find(), copies.probe()
    if found is None:
        hint = "pip install 'preserve-archiver[ffmpeg]'"
        return Check("ffmpeg", "warning", "none: films are kept as streams, without a copy that plays", hint)
    told = f"ffprobe {probe}, {shutil.which('ffprobe')}" if probe else "no ffprobe (not needed)"
    return Check("ffmpeg", "ok", f"{found.version}, {found.path}; {told}")


def _libreoffice() -> Check:
    path = shutil.which("soffice")
    if path is None:
        return Check("libreoffice", "ok", "none: .doc, .xls and .ppt are named and not read; nothing else needs it")
    return Check("libreoffice", "ok", f"{path}: converts .doc, .xls and .ppt")


def _by_hand() -> Check:
    """What a stranger uses to check an archive without us."""
    missing = [tool for tool in ("sha256sum", "gzip", "jq", "openssl") if not shutil.which(tool)]
    if missing:
        return Check(
            "by hand", "warning", f"not installed: {', '.join(missing)}", "only needed to check without preserve"
        )
    return Check("by hand", "ok", "sha256sum, gzip, jq, openssl are there")


class _Silent:
    """A run that nobody watches."""

    def begin(self, source: str) -> None: ...
    def step(self, source: str, text: str) -> None: ...
    def transfer(self, source: str, what: str, done: int, total: int | None) -> None: ...
    def finish(self, source: str, entry: Entry, imports: Sequence[Entry]) -> None: ...
    def offline(self, message: str) -> None: ...


def _self_test() -> Check:
    try:
        with tempfile.TemporaryDirectory(prefix="preserve-") as folder:
            return _the_whole_way(Path(folder))
    except (PreserveError, OSError) as error:
        return Check("self-test", "lacking", f"{type(error).__name__}: {error}", "please report this")


def _the_whole_way(folder: Path) -> Check:
    from preserve.archive import manifest, signer, store
    from preserve.capture.entry import Previous
    from preserve.capture.recorder import Warcinfo
    from preserve.catalog.holdings import Holdings
    from preserve.model import Source
    from preserve.network import loopback
    from preserve.retrieve import content, find
    from preserve.runner.local import capture_all
    from preserve.runner.plan import Due
    from preserve.verify import verify

    config = Config(network=Network(allow_private=True), politeness=Politeness(delay=0.0), folder=folder)
    key, _ = signer.load_or_make(folder / "key.pem")
    now: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
    info = Warcinfo(manifest.new_id(), "preserve self-test")
    root = config.archive_path
    store.create(root, key, software=f"preserve {__version__}", clock=now)
    with loopback.page() as url, store.Archive.open(root, run=info.run, key=key, clock=now, warcinfo=info) as archive:
        capture_all(config, archive, info, [Due(Source(url, url), Previous())], Holdings(), _Silent())
    findings = list(verify(root, "deep"))
    with content.opened(root, find.find(manifest.read(root), url), "content") as original:
        whole = b"".join(original.blocks) == loopback.PAGE
    if not findings and whole:
        return Check("self-test", "ok", "one page captured, verified and given back")
    return Check(
        "self-test",
        "lacking",
        "what came back is not what was sent" if not whole else findings[0].detail,
        "please report this",
    )
