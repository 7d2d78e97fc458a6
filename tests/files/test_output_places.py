"""Places where no output belongs: refused by every command that writes, with not a byte changed."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from optimizer.cli import main
from optimizer.files.mark import MARK, Mark
from tests.files.commands_that_write import INTO, OURS, READS_ONLY, invoke, snapshot

TARGETS = {
    "a plain file": "file",
    "a file as the folder above": "file/x",
    "a pipe": "pipe",
    "a link to files of somebody": "link",
    "a link to itself": "loop",
    "where the command runs": ".",
    "the folder above": "..",
    "home": "~",
    "the root of all": "/",
    "a mark of another kind": "other",
    "a mark that is none": "forged",
}
FOLDERS = ("run", "study", "nightly", "export", "backtest")
"""Commands whose output is a folder; the first two are of either kind, written whole and growing file by file."""
BY_ALL = ("a link to files of somebody", "the root of all", "a mark of another kind")


@pytest.mark.parametrize("target", TARGETS)
def test_a_place_that_is_no_place_for_output_is_refused(
    target: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By commands of either kind, three of them by every command: exit code 2, and nothing in or around it changes, nor in home and root."""
    (root / "work" / "file").write_text("mine")
    os.mkfifo(root / "work" / "pipe")
    (root / "work" / "link").symlink_to("../canary")
    (root / "work" / "loop").symlink_to("loop")
    for folder, text in (("other", Mark("something else").text()), ("forged", '{"made_by": "qaidam"}')):
        (root / "work" / folder).mkdir()
        (root / "work" / folder / MARK).write_text(text)
        (root / "work" / folder / "notes.txt").write_text("mine")
    (root / "home").mkdir()
    (root / "home" / ".profile").write_text("mine")
    monkeypatch.setenv("HOME", str(root / "home"))
    place = str(root / "home") if target == "home" else TARGETS[target]
    before, top = snapshot(root), sorted(path.name for path in Path("/").iterdir())
    for name in FOLDERS if target in BY_ALL else FOLDERS[:2]:
        said = invoke(OURS[name].format(place))
        assert said.exit_code == 2, (name, said.stdout, said.stderr)
        assert snapshot(root) == before, name
    assert sorted(path.name for path in Path("/").iterdir()) == top


def test_every_command_is_looked_at() -> None:
    """A command that is added must be put into one of the three lists."""

    def names(group: click.Group, before: str = "") -> set[str]:
        return {
            name
            for word, command in group.commands.items()
            for name in (
                names(command, f"{before}{word} ") if isinstance(command, click.Group) else {f"{before}{word}"}
            )
        }

    assert names(main) == {*OURS, *INTO, *READS_ONLY} - {"study"} | {"study run"}
