"""preserve get"""

from __future__ import annotations

import codecs
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from preserve.cli.main import Context
from preserve.errors import NotHeldError, StorageError, UsageError
from preserve.retrieve import output
from preserve.retrieve.content import Delivered, Original, deliver, opened
from preserve.retrieve.custody import custody
from preserve.retrieve.find import Found, find
from preserve.retrieve.reading import Reading, text
from preserve.terminal import bytes_text, complain, hang_up, is_terminal, note, out, safe, time_text

_LONG_LINE = 1 << 16  # characters after which a line is broken: a page may be one line
_BY_HASH = {"payload": "raw", "media": "media"}  # a hash is answered with the bytes that have it


@click.command("get")
@click.argument("wanted", metavar="URL|CAPTURE|sha256:…")
@click.option("--at", metavar="DATE", help="The newest held capture that is not after this date.")
@click.option("-o", "file", type=click.Path(path_type=Path), help="Write here, and FILE.custody.json beside it.")
@click.option("--raw", "kind", flag_value="raw", help="The body as it came over the wire.")
@click.option("--record", "kind", flag_value="record", help="The WARC record.")
@click.option("--media", "kind", flag_value="media", help="The video or other media file.")
@click.option("--role", default="", help="Which media file: video, audio, access, subtitle, thumbnail …")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.pass_obj
def command(
    context: Context, wanted: str, at: str | None, file: Path | None, kind: str | None, role: str, force: bool
) -> int:
    """Get an original back, every byte held against the hashes of the manifest.

    Default: the content of the newest held capture, chunk framing and content codings undone.
    """
    root = context.config.archive_path
    file = context.folder / file if file else None
    reading = Reading(root, complain)
    found = find(reading.entries(), wanted, at=at)
    _must_be_held(found, wanted)
    with opened(root, found, kind or _BY_HASH.get(found.by, "content"), role) as original:
        given = _to_file(root, wanted, found, original, file, force) if file else _to_stdout(original)
    if context.verbosity >= 0:
        _tell(found, original, given)
    return reading.exit_code


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


def _to_file(root: Path, wanted: str, found: Found, original: Original, file: Path, force: bool) -> Delivered:
    output.refuse_existing(output.beside(file), force=force)
    with output.new_file(file, force=force) as stream:
        given = deliver(original, stream)
    record = custody(root, wanted, found, original, given, datetime.now(UTC))
    output.write_json(output.beside(file), record, force=force)
    return given


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


def _tell(found: Found, original: Original, given: Delivered) -> None:
    capture = found.capture
    note(
        f"{original.kind} of {safe(text(capture.get('source')))}, captured {time_text(text(capture.get('started')))}: "
        f"{bytes_text(given.bytes)}, sha256:{given.sha256}"
    )
    if original.truncated:
        note(f"incomplete: the answer was cut short ({safe(original.truncated)})")
    if original.sha256 is None and original.kind == "content":
        note("the manifest holds no hash of this content; the stored record it comes from was checked")
