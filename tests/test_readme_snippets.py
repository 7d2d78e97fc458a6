"""The examples of the documentation run as they stand, and print what stands below them."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer.cli import main

PAGES = (
    "README.md",
    "weather/README.md",
    "optimizer/guides/install.md",
    "optimizer/guides/plan-a-week.md",
    "optimizer/guides/your-own-site.md",
    "optimizer/guides/run-a-study.md",
    "optimizer/guides/run-nightly.md",
    "optimizer/guides/share-a-station.md",
    "optimizer/guides/is-it-lawful.md",
)
"""`add-a-technology.md` changes the project; tests/technologies/test_new_technology.py follows it in a copy."""
BLOCK = re.compile(
    r'^```(?P<kind>python|console|\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```\n(?:\n```text\n(?P<printed>.*?)^```\n)?',
    re.MULTILINE | re.DOTALL,
)
PUBLISHED = (0, 10)
"""Exit codes of a command that did what it says: 10 is a nightly plan from a fallback."""


@pytest.mark.parametrize("page", PAGES)
def test_examples_run_and_print_what_is_shown(
    page: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files with a title are written, commands and Python run in the order of the page; what Python prints is the grey
    block below it, to the letter. A renamed function, a key that is gone or a number that moved fails with its line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(project / "scenarios")
    text = (project / page).read_text(encoding="utf-8")
    session: dict[str, Any] = {}
    blocks = list(BLOCK.finditer(text))
    assert any(block["kind"] in ("python", "console") for block in blocks), f"{page} has no example"
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 2
        where = f"{page}, from line {line}"
        if block["title"]:
            Path(block["title"]).write_text(block["text"], encoding="utf-8")
        elif block["kind"] == "python":
            code = compile("\n" * (line - 1) + block["text"], str(project / page), "exec")
            assert printed_by(code, session) == (block["printed"] or ""), where
        elif block["kind"] == "console":
            run_commands(block["text"], where)


def printed_by(code: Any, session: dict[str, Any]) -> str:
    """What a piece of a page prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, session)
    return printed.getvalue()


def run_commands(text: str, where: str) -> None:
    """Run every line that begins with `$ qaidam`."""
    for command in re.findall(r"^\$ qaidam (.*)$", text, re.MULTILINE):
        done = CliRunner().invoke(main, shlex.split(command))
        assert done.exit_code in PUBLISHED, f"{where}: {command}\n{done.output}\n{done.exception!r}"
