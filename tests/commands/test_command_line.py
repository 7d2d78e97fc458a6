"""The command line as a new user meets it: every command shows how it is used, completes, and says what was meant."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from optimizer.cli import main

PLAIN = ("schema", "index", "run")
"""Called by their name alone, or with a file: their usage line is the example."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("path", "command"), list(commands(main)), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_help_of_every_command_has_an_example(path: tuple[str, ...], command: click.Command) -> None:
    """`--help` answers, and it or the help of its group shows a whole command line, so nobody has to guess."""
    shown = CliRunner().invoke(main, [*path, "--help"])
    group = CliRunner().invoke(main, [*path[:-1], "--help"])
    assert shown.exit_code == 0
    assert command.help
    assert f"qaidam {' '.join(path)} " in shown.output + group.output or path[-1] in PLAIN


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rnu x.yaml", "run"), ("chek x.yaml", "check"), ("weather inspct x", "inspect"), ("ledger verfy x", "verify"),
        ("study shwo out/x", "show"), ("run x.yaml --dyas 3", "--days"),
    ],
)  # fmt: skip
def test_a_misspelled_word_is_told_with_the_right_one(typed: str, meant: str) -> None:
    """Exit code 2 and the word that was meant; `study shwo` must not be taken for a file of that name."""
    done = CliRunner().invoke(main, typed.split())
    assert done.exit_code == 2
    assert "Did you mean" in done.output
    assert f"'{meant}'" in done.output


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [("qaidam ni", 1, "nightly"), ("qaidam run --wea", 2, "--weather"), ("qaidam study sh", 2, "show")],
)
def test_the_shell_completes(line: str, word: int, offered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a shell asks the command for when Tab is pressed."""
    monkeypatch.setenv("_QAIDAM_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(word))
    done = CliRunner().invoke(main, [], prog_name="qaidam", complete_var="_QAIDAM_COMPLETE")
    assert f"plain,{offered}" in done.output.splitlines()
