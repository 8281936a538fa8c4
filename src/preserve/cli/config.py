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
    """User and password in an address are nobody's business on a screen. Secrets stand in no other setting."""
    if isinstance(value, dict):
        return {key: mask(name, one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [mask(name, one) for one in value]
    if not isinstance(value, str) or "@" not in value:
        return value
    scheme, mark, rest = value.partition("://")
    if name.endswith("proxy"):  # a malformed one, too: all before the last @
        return f"{scheme}{mark}***@{rest.rpartition('@')[2]}" if mark else f"***@{value.rpartition('@')[2]}"
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}***@{authority.rpartition('@')[2]}{slash}{path}" if mark and "@" in authority else value
