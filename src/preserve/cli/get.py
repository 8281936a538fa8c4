"""preserve get"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from preserve.cli import imports
from preserve.cli.main import Context
from preserve.errors import DAMAGE_FOUND, DamagedError, NotHeldError, StorageError, UsageError
from preserve.retrieve import memento, output
from preserve.retrieve.content import Delivered, Original, deliver, opened
from preserve.retrieve.custody import custody, given
from preserve.retrieve.find import Found, find
from preserve.retrieve.media import choose, everything, file_names, holds
from preserve.retrieve.reading import Reading, text
from preserve.terminal import bytes_text, complain, hang_up, is_terminal, note, out, safe, time_text

_LONG_LINE = 1 << 16  # characters after which a line is broken: a page may be one line
_BY_HASH = {"payload": "raw", "media": "media"}  # a hash is answered with the bytes that have it


@click.command("get")
@click.argument("wanted", metavar="URL|CAPTURE|sha256:…")
@click.option(
    "--at", metavar="DATE", help="The newest held capture that is not after this date; else a copy archived by then."
)
@click.option("-o", "file", help="Write here, and FILE.custody.json beside it; all media, if it is a folder.")
@click.option("--raw", "kind", flag_value="raw", help="The body as it came over the wire.")
@click.option("--record", "kind", flag_value="record", help="The WARC record.")
@click.option("--media", "kind", flag_value="media", help="The film: its access copy, or the stream as served.")
@click.option(
    "--role",
    default="",
    help="Which media file: video, audio, access, sheet, subs, thumb, info, description, comments, list; "
    "one of several with its language or format (subs:ar).",
)
@click.option("--film", default="", metavar="KEY", help="Which film of several, by its key or id.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.pass_obj
def command(
    context: Context, wanted: str, at: str | None, file: str | None, kind: str | None, role: str, film: str, force: bool
) -> int:
    """Get an original back, every byte held against the hashes of the manifest.

    Default: the content of the newest held capture, chunk framing and content codings undone. Where none is held, or
    none as old as --at asks for, the copy that a web archive gave; it says so. With --media the film; with --media -o
    FOLDER everything that is held of it.
    """
    if (role or film) and (kind or "media") != "media":
        raise UsageError(f"--role and --film choose media, not --{kind}", "leave one of them out")
    root, ask = context.config.archive_path, _Ask(wanted, role, film, force)
    reading = Reading(root, complain)
    media = kind == "media" or bool(role or film)
    prefer = (lambda entry: holds(entry, role, film)) if media else (lambda entry: True)
    found = find(reading.entries(), wanted, at=at, prefer=prefer)
    _must_be_held(found, wanted)
    kind = "media" if media else kind or _BY_HASH.get(found.by, "content")
    path = context.folder / file if file else None
    say = note if context.verbosity >= 0 else (lambda _: None)
    if path and path.is_dir():
        return _to_folder(root, ask, found, kind, path, say) or reading.exit_code
    if file and file.endswith("/"):
        raise UsageError(f"{file} is no folder", "make it first, or name a file")
    _get(root, ask, found, kind, path, say)
    return reading.exit_code


@dataclass(frozen=True, slots=True)
class _Ask:
    """What was asked for, as it was said."""

    wanted: str
    role: str
    film: str
    force: bool


def _must_be_held(found: Found, wanted: str) -> None:
    """Whoever asks for a URL wants the source; a block page is given only to who asks for that very capture."""
    if found.held or found.by not in ("source", "key", "final-url"):
        return
    capture, short = found.capture, found.capture.id[:12]
    hint = f"preserve show {short} tells what happened"
    if capture.get("answer"):
        hint += f", preserve get {short} gives what came instead"
    outcome = f"{capture.get('outcome')}/{capture.get('reason')}"
    raise NotHeldError(f"{wanted} is not held: {outcome}, last visited {time_text(capture.time)}", hint)


def _get(root: Path, ask: _Ask, found: Found, kind: str, file: Path | None, say: Callable[[str], None]) -> None:
    choice = choose(found.capture, ask.role, ask.film) if kind == "media" and not found.media else None
    with opened(root, found, kind, choice.item if choice else None) as original:
        given = _to_file(root, ask, found, original, file) if file else _to_stdout(original)
    for line in _told(found, original, given):
        say(line)
    for line in choice.notes if choice else ():
        say(safe(line))


def _to_file(root: Path, ask: _Ask, found: Found, original: Original, file: Path) -> Delivered:
    output.refuse_existing(output.beside(file), force=ask.force)
    with output.new_file(file, force=ask.force) as stream:
        delivered = deliver(original, stream)
    record = custody(root, ask.wanted, found, given(found.capture, original, delivered), datetime.now(UTC))
    output.write_json(output.beside(file), record, force=ask.force)
    return delivered


def _to_folder(root: Path, ask: _Ask, found: Found, kind: str, folder: Path, say: Callable[[str], None]) -> int:
    """All media of the capture (of the role, the film) under their own names, and one custody file for them all.
    What is damaged is said and left out: it must not cost the rest."""
    if kind != "media":
        raise UsageError(f"{folder} is a folder", "name a file; or --media, for everything that is held of a film")
    items = [found.media] if found.media else everything(found.capture, ask.role, ask.film)
    paths = [folder / name for name in file_names(items)]
    record = output.beside(folder / found.capture.id[:12])
    for path in (*paths, record):
        output.refuse_existing(path, force=ask.force)
    parts, code = [], 0
    for item, path in zip(items, paths, strict=True):
        try:
            with opened(root, found, kind, item) as original, output.new_file(path, force=ask.force) as stream:
                delivered = deliver(original, stream)
        except DamagedError as error:
            complain(f"{path.name} is not given: {error.message}", error.hint)
            code = DAMAGE_FOUND
            continue
        parts.append({"file": path.name, **given(found.capture, original, delivered)})
        say(f"{safe(item.get('role'))}  {bytes_text(delivered.bytes)}  {path}")
    output.write_json(record, custody(root, ask.wanted, found, parts, datetime.now(UTC)), force=ask.force)
    say(f"and {record.name}, what vouches for them")
    return code


def _to_stdout(original: Original) -> Delivered:
    if is_terminal(sys.stdout):
        screen = _Screen()
        given = deliver(original, screen)
        screen.close()
        return given
    stream = sys.stdout.buffer
    try:
        given = deliver(original, stream)
        stream.flush()
    except BrokenPipeError:
        hang_up(sys.stdout)
        raise SystemExit(0) from None
    except OSError as error:
        raise StorageError(f"the output cannot be written: {error.strerror}") from None
    return given


class _Screen:
    """A terminal as a sink: text is made safe line by line, anything else is refused."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._rest = ""

    def write(self, block: bytes, /) -> None:
        if b"\0" in block:
            raise UsageError("this is not text, and a terminal shows only text", "write it to a file with -o FILE")
        *lines, self._rest = (self._rest + self._decoder.decode(block)).split("\n")
        if len(self._rest) > _LONG_LINE:
            lines, self._rest = [*lines, self._rest], ""
        for line in lines:
            out(safe(line.rstrip("\r").expandtabs()))

    def close(self) -> None:
        if self._rest:
            out(safe(self._rest))


def _told(found: Found, original: Original, given: Delivered) -> Iterator[str]:
    capture, item = found.capture, original.item or {}
    what, of = text(item.get("role")) or original.kind, text(item.get("film")) or text(capture.get("source"))
    when = "" if memento.of(capture) else f", captured {time_text(text(capture.get('started')))}"
    yield f"{safe(what)} of {safe(of)}{when}: {bytes_text(given.bytes)}, sha256:{given.sha256}"
    yield from imports.provenance(capture)
    if found.passed:
        yield f"the newest capture, of {time_text(text(found.passed.get('started')))}, does not hold this"
    if original.truncated:
        yield f"incomplete: the answer was cut short ({safe(original.truncated)})"
    if original.sha256 is None and original.kind == "content":
        yield "the manifest holds no hash of this content; the stored record it comes from was checked"
