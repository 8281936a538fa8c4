"""preserve verify"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preserve.cli.main import Context
from preserve.errors import DAMAGE_FOUND, PreserveError, UsageError
from preserve.model import Finding, Json
from preserve.terminal import BytesProgress, bytes_text, emit, note, out, safe

if TYPE_CHECKING:
    from preserve.verify import Report


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
def command(
    context: Context, level: str, sample: int, against: Path | None, as_json: bool, no_record: bool
) -> int:
    """Prove that nothing was lost or altered. Exit code 4: damage was found.

    Afterwards the check itself is noted in the manifest and signed, if the archive can be written.
    """
    from preserve.verify import verify

    root = context.config.archive_path
    kept = _note(context.folder / against) if against else None
    report: Report | None = None
    with BytesProgress(quiet=context.verbosity < 0 or as_json) as progress:
        for said in verify(root, level, sample=sample, against=kept, progress=progress.at):
            if isinstance(said, Finding):
                _say(said, as_json=as_json, brief=context.verbosity < 0)
            else:
                report = said
    assert report is not None
    _summarise(report, as_json=as_json, brief=context.verbosity < 0)
    if not no_record:
        _record(context, report)
    return DAMAGE_FOUND if report.damage else 0
