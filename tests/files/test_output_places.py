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
FILES = ("weather synthesize", "weather inspect", "study export", "schema")
"""Commands whose output is one file."""


@pytest.mark.parametrize("target", TARGETS)
def test_a_place_that_is_no_place_for_output_is_refused(
    target: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By every command that writes: exit code 2, and nothing in or around it changes, nor in home and root."""
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
    for name, words in OURS.items():
        if name not in FILES:
            said = invoke(words.format(place))
        elif target in ("where the command runs", "the folder above", "home", "the root of all"):
            continue  # a new file there is what was asked for
        else:
            said = invoke(words.split("{}")[0] + (f"{place}/x" if target.startswith("a mark") else place))
            if target.startswith("a mark"):
                assert said.exit_code == 0, (name, said.stderr)  # a file of its own, which replaces nothing
                (root / "work" / place / "x").unlink()
                continue
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
