"""The documentation holds: every command, option, key, exit code and reason is in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from preserve import config, errors
from preserve.cli import main
from preserve.cli.init import CONFIGURATION, SOURCES
from preserve.sources import parse

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(main.cli)
    found: list[tuple[str, click.Command]] = []
    for name in main.cli.list_commands(context):
        command = main.cli.get_command(context, name)
        assert command is not None
        inner = command.commands.items() if isinstance(command, click.Group) else []
        found += [(f"{name} {sub}", one) for sub, one in inner] or [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_has_help_and_a_line_in_the_readme(name: str, command: click.Command) -> None:
    assert command.help
    assert re.search(rf"`{name}\b", README)


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_has_help_and_those_of_a_kind_are_in_the_readme(name: str, command: click.Command) -> None:
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"
            assert any(f"{opt}" in README for opt in option.opts), f"{name} {option.opts}"


def test_the_first_thing_in_the_readme_are_the_two_commands() -> None:
    assert README.split("```sh\n")[1].splitlines()[0].startswith("make run")
    assert README.split("```sh\n")[1].splitlines()[1].startswith("make test")


def test_every_exit_code_is_in_the_readme() -> None:
    codes = {one.exit_code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "exit_code")}
    for code in codes | {0, errors.INTERRUPTED, errors.NOT_CAPTURED, errors.DAMAGE_FOUND}:
        assert f"\n| {code} |" in README


def test_the_configuration_that_init_writes_is_the_documented_one_and_names_every_key_with_its_default(
    tmp_path: Path,
) -> None:
    assert CONFIGURATION in (ROOT / "docs/CONFIGURATION.md").read_text("utf-8")
    everything = re.sub(r"(?m)^# (?=[a-z_\"\[]+.*(=|\]))", "", CONFIGURATION)
    table = tomllib.loads(everything)
    (tmp_path / "preserve.toml").write_text(everything)
    written, default = config.load(tmp_path, environ={}), config.Config()
    for name, value, origin in config.settings(written):
        if name.startswith(("host.", "base_urls", "network.resolve", "recover.timemaps")):
            assert origin != "default"
            continue
        assert origin != "default", f"{name} is not in the file that init writes"
        section, _, key = name.rpartition(".")
        assert value == getattr(getattr(default, section) if section else default, key), name
    assert set(table) == {spec.partition(".")[0] for spec, _, _ in config.settings(written)}


def test_the_sources_file_that_init_writes_is_understood() -> None:
    assert parse(SOURCES).problems == ()


def test_every_outcome_and_reason_is_documented() -> None:
    from preserve.model import OUTCOMES

    text = (ROOT / "docs/OUTCOMES.md").read_text("utf-8")
    for outcome, reasons in OUTCOMES.items():
        for reason in reasons:
            assert f"`{outcome}`" in text and f"`{reason}`" in text, f"{outcome}/{reason}"


def test_every_format_role_change_and_relation_is_documented() -> None:
    from preserve.documents.derive import RELATIONS
    from preserve.documents.formats import FORMATS
    from preserve.documents.mention import CHANGES, ROLES

    text = (ROOT / "docs/CITATIONS.md").read_text("utf-8")
    for name in FORMATS:
        assert re.search(rf"(?m)^\| [^|]*`{name}`", text), name
    for table in (ROLES, CHANGES, RELATIONS):
        for name, meaning in table.items():
            assert f"| `{name}` | {meaning} |" in text, name


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_promises_name_tests_that_exist() -> None:
    text = (ROOT / "docs/PROMISES.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(set(re.findall(r"(?m)^\| (\d+) \|", text))) == 15
    for path, name in named:
        source = (ROOT / path).read_text("utf-8")
        assert not name or f"def {name}(" in source, f"{path}::{name}"
