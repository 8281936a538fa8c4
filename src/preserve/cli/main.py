"""The entry point: global options, lazily loaded commands, and the border where errors become exit codes."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preserve import __version__
from preserve.errors import INTERRUPTED, PreserveError, UsageError

if TYPE_CHECKING:
    from preserve.config import Config

# Each command lives in its own module, loaded when it is called: `preserve --version` pays for none of them.
COMMANDS = {
    "init": "Write a commented preserve.toml, sources.txt, archive and key.",
    "extract": "List the citations of documents.",
    "run": "Capture what is due.",
    "status": "Every source: held or not, and since when.",
    "list": "List captures.",
    "show": "One capture's whole custody record.",
    "get": "Get an original back.",
    "verify": "Prove that nothing was lost or altered.",
    "config": "Show every setting and where it came from.",
    "doctor": "What this machine lacks, and a loopback self-test.",
}


@dataclass
class Context:
    """What every command is given. The configuration is read when first asked for."""

    folder: Path
    config_file: Path | None
    verbosity: int = 0
    _config: Config | None = field(default=None, repr=False)

    @property
    def config(self) -> Config:
        from preserve import config

        if not self.folder.is_dir():
            raise UsageError(f"{self.folder} is no folder", "preserve init makes one")
        if self._config is None:
            self._config = config.load(self.folder, self.config_file)
        return self._config


class Commands(click.Group):
    """A click group that imports preserve.cli.<name> only when <name> is called (click's own lazy pattern)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"preserve.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="preserve")
@click.option(
    "-C", "folder", type=click.Path(path_type=Path, file_okay=False), default=".", help="Work in this folder."
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Read this file instead of preserve.toml.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.pass_context
def cli(ctx: click.Context, folder: Path, config_file: Path | None, quiet: bool, verbose: bool) -> None:
    """Preserve the cited sources of an investigation, exactly and provably.

    In an empty folder, `preserve run report.md` creates what it needs, captures every source that report.md
    cites, and tells what became of each.
    """
    ctx.obj = Context(folder, config_file, verbosity=verbose - quiet)


def main() -> None:
    """Run the command line and leave with the documented exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, also while nothing is being captured
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        result = cli.main(arguments, prog_name="preserve", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except PreserveError as error:
        _complain(error.message, error.hint)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not our failure, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("PRESERVE_DEBUG"):
            raise
        _complain(
            f"internal error: {type(error).__name__}: {error}",
            "nothing stored was harmed; PRESERVE_DEBUG=1 shows where, please report it",
        )
        return PreserveError.exit_code


def _complain(message: str, hint: str) -> None:
    from preserve.terminal import complain

    complain(message, hint)
