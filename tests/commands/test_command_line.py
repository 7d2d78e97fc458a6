"""The command line as a new user meets it: every command shows how it is used, completes, and says what was meant."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


@pytest.mark.parametrize("words", [("check", "s.yaml"), ("nightly", "s.yaml", "--plans", "plans"), ("run", "s.yaml")])
def test_a_memory_limit_below_what_the_libraries_take_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    """`ulimit -v 500000`: exit code 5 and the limit, and nothing is written. OpenBLAS, once it is loaded, would ask for its
    buffers for ever: then this test is killed after its minute."""
    (tmp_path / "s.yaml").write_text("name: s\n")
    ended = subprocess.run(
        [sys.executable, "-c", "from optimizer.cli import main; main()", *words],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (500_000_000,) * 2),
        capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 5
    assert ended.stderr == (
        "out of memory (ulimit -v is 500 MB, the libraries alone take 640 MB); give it more, or plan fewer "
        "days or members; what was written before stands\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
