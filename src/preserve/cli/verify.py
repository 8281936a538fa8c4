"""preserve verify"""

from __future__ import annotations

import dataclasses
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preserve.cli.main import Context
from preserve.errors import DAMAGE_FOUND, PreserveError, UsageError
from preserve.model import Finding
from preserve.progress import BytesProgress
from preserve.proof.note import MAX_NOTE
from preserve.terminal import bytes_text, emit, note, out, safe

if TYPE_CHECKING:
    from preserve.verify import Level, Report


class Share(click.ParamType[int]):
    """`10%` or `10`: a whole number of hundredths."""

    name = "N%"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).removesuffix("%")
        if text.isascii() and text.isdigit() and 1 <= int(text) <= 100:
            return int(text)
        self.fail(f"{value} is not a share from 1% to 100%", param, ctx)


@click.command("verify")
@click.option("--quick", "level", flag_value="quick", help="The manifest, the checkpoints, and that files are there.")
@click.option("--full", "level", flag_value="full", default="full", help="And every stored byte (the default).")
@click.option("--deep", "level", flag_value="deep", help="And every record unpacked, read and hashed.")
@click.option("--sample", type=Share(), default="100", help="Hash only this share of the files, another on each run.")
@click.option("--against", type=click.Path(path_type=Path), metavar="NOTE", help="A checkpoint kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding, then a summary.")
@click.option("--no-record", is_flag=True, help="Write nothing: leave no entry about this check.")
@click.pass_obj
def command(context: Context, level: Level, sample: int, against: Path | None, as_json: bool, no_record: bool) -> int:
    """Prove that nothing was lost or altered. Exit code 4: damage was found.

    Afterwards the check itself is noted in the manifest and signed, if the archive can be written.
    """
    from preserve.verify import Report, verify

    root, brief = context.config.archive_path, context.verbosity < 0
    kept = _read_note(context.folder / against) if against else None
    report, codes = Report(), set()
    with BytesProgress(quiet=brief or as_json) as progress:
        for finding in verify(root, level, sample=sample, against=kept, progress=progress.at, report=report):
            codes.add((finding.severity, finding.code))
            if as_json:
                emit({"event": "finding", **dataclasses.asdict(finding)})
            elif not brief or finding.severity == "damage":
                _say(finding)
    why_not = "--no-record" if no_record else _unfit(codes) or _record(context, report)
    if as_json:
        emit({"event": "summary", **dataclasses.asdict(report), "sound": report.sound, "recorded": not why_not})
    elif not brief:
        _summarise(report)
    if why_not and not no_record:
        note(f"this check was not recorded in the manifest: {safe(why_not)}")
    return 0 if report.sound else DAMAGE_FOUND


def _read_note(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_NOTE + 1)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "--against takes a checkpoint's .note file"
        ) from None


def _say(finding: Finding) -> None:
    words = f"{finding.severity:<7}  {safe(finding.code)}  {safe(finding.where)}"
    out(f"{words}\n         {safe(finding.detail)}", style=finding.severity)


def _summarise(report: Report) -> None:
    verdict = "sound" if report.sound else f"DAMAGE FOUND ({report.damage})"
    if report.warnings:
        verdict += f", {report.warnings} warning{'s' if report.warnings > 1 else ''}"
    looked = f"{report.entries} entries, {report.files} files, {report.records} records, {bytes_text(report.bytes)}"
    out(f"{verdict}: {looked} ({report.level})", style="sound" if report.sound else "damage")


# Damage to what the manifest names leaves the manifest fit for one more line that says so. Damage to the manifest
# itself does not: signing on top of it would give it our word.
_BESIDE_THE_MANIFEST = ("file-", "record-", "records-", "revisit-", "gap-", "warcinfo-", "seal-")
# Opening an archive for writing finishes what a stopped run left; that is for the next run, verify changes nothing.
_UNFINISHED = {"line-unfinished", "note-without-entry", "warc-unfinished", "warc-unsealed", "tmp-leftover"}


def _unfit(codes: set[tuple[str, str]]) -> str:
    """Why nothing may be appended to an archive with these findings, or nothing."""
    if any(severity == "damage" and not code.startswith(_BESIDE_THE_MANIFEST) for severity, code in codes):
        return "the manifest or its checkpoints are damaged"
    if any(code in _UNFINISHED for _, code in codes):
        return "a run goes on or was interrupted; the next run puts right what it left"
    return ""


def _record(context: Context, report: Report) -> str:
    """Append a `verify` entry and a checkpoint; why not, or nothing. What hinders that says nothing about the check."""
    from preserve.archive import signer
    from preserve.archive.store import Archive

    names = ("level", "sound", "damage", "warnings", "bytes", "files", "records")
    root, run = context.config.archive_path, secrets.token_hex(16)
    try:
        key = signer.load(context.config.key_path)
        with Archive.open(root, run=run, key=key, clock=lambda: datetime.now(UTC)) as archive:
            archive.commit("verify", {name: getattr(report, name) for name in names})
            archive.checkpoint()
    except PreserveError as error:
        return error.message
    return ""
