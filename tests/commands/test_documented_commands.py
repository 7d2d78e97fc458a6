"""Every `qaidam` command that the documentation shows can be typed: the command and its options exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from optimizer.cli import main

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        ".github/*.md",
        "optimizer/**/*.md",
        "scenarios/**/*.md",
        "weather/*.md",
        "notebooks/*",
        "tests/**/*.md",
    )
    for path in PROJECT.glob(pattern)
    if path.suffix in (".md", ".ipynb")
)
COMMAND = re.compile(r"(?:^|[`\"$/])\s*\$?\s*qaidam ((?:[a-z]+)(?: [^`\n#|]*)?)", re.MULTILINE)
PLACEHOLDERS = ("…", "[", "SCENARIO", "FOLDER", "PATH")
"""Marks of a usage line, not of a command to be typed."""


def shown() -> list[tuple[str, str]]:
    """(page, command line without its first word)."""
    return [
        (str(page.relative_to(PROJECT)), line.split(" && ")[0].rstrip(' ,.;"').strip())
        for page in PAGES
        for line in COMMAND.findall(page.read_text(encoding="utf-8").replace("\\n", "\n"))  # notebooks are JSON
        if not any(mark in line for mark in PLACEHOLDERS)
    ]


def parse(group: click.Group, arguments: list[str], parent: click.Context | None = None) -> None:
    """Parse a command line as click would, without running it. Raises click.UsageError."""
    context = click.Context(group, parent=parent, info_name=group.name)
    _, command, rest = group.resolve_command(context, arguments)
    if isinstance(command, click.Group):
        if rest:
            parse(command, rest, context)
    elif command is not None and rest:
        command.make_context(command.name, rest, parent=context)


def wrong_with(arguments: list[str]) -> str | None:
    """What click says against a command line; none: it can be typed, or only names a command without its arguments."""
    try:
        parse(main, arguments)
    except click.MissingParameter:
        return None
    except click.UsageError as error:
        return error.format_message()
    return None


def test_the_documentation_shows_commands() -> None:
    """A pattern that finds nothing would let everything pass."""
    found = shown()
    assert len(found) > 40
    assert {"README.md", "optimizer/guides/run-nightly.md", "scenarios/studies/README.md"} <= {
        page for page, _ in found
    }


@pytest.mark.parametrize(("page", "line"), shown())
def test_a_documented_command_exists(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that was renamed leaves a page that teaches an error."""
    monkeypatch.chdir(PROJECT)
    wrong = wrong_with(shlex.split(line.replace("$SLURM_ARRAY_TASK_ID", "0")))
    assert wrong is None, f"{page}: qaidam {line}"


@pytest.mark.parametrize("line", ["rum scenarios/qaidam.yaml", "run scenarios/qaidam.yaml --dys 7", "study shw"])
def test_a_command_that_does_not_exist_is_seen(line: str) -> None:
    """Misspelled commands and options, and those of a group."""
    assert wrong_with(shlex.split(line)) is not None


@pytest.mark.parametrize("page", ["command-line.md", "command-line.zh.md"])
def test_every_command_is_told(page: str) -> None:
    """The table of the page has each command of `qaidam --help` once, and none that is gone."""
    text = (PROJECT / "optimizer/guides" / page).read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `qaidam (\w+)` \|", text, re.MULTILINE)) == sorted(main.commands)
