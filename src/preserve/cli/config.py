"""preserve config show"""

from __future__ import annotations

import json

import click

from preserve import config
from preserve.cli.main import Context
from preserve.terminal import out, safe


@click.group("config")
def command() -> None:
    """Show every setting and where it came from."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def show(context: Context, as_json: bool) -> None:
    """Every setting, its value, and its origin: flag, environment, file or default."""
    for name, value, origin in config.settings(context.config):
        shown = json.dumps(mask(name, value), ensure_ascii=False)
        if as_json:
            out(json.dumps({"name": name, "value": mask(name, value), "origin": origin}))
        else:
            out(f"{name:<28} {safe(shown):<40} {safe(origin)}")


def mask(name: str, value: object) -> object:
    """A proxy's user and password are nobody's business on a screen."""
    from urllib.parse import urlsplit

    if name.endswith("proxy") and isinstance(value, str) and "@" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://***@{parts.hostname}:{parts.port}"
    return value
