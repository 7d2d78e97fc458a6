"""The page of equations names what is in the code."""

from __future__ import annotations

import re
from pathlib import Path

NAME = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")


def test_every_name_on_the_page_is_in_the_code(project: Path) -> None:
    """A constraint or field that was renamed leaves a name on the page that nobody can find."""
    page = (project / "optimizer" / "README.md").read_text(encoding="utf-8")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("optimizer", "weather")
        for path in (project / folder).rglob("*.py")
    )
    words = set(re.findall(r"\w+", code))
    names = set(NAME.findall(page))
    assert len(names) > 25
    assert names - words == set()


def test_every_file_on_the_page_is_there(project: Path) -> None:
    """Files in backticks lie in the package, in its technologies, in weather, or in tests."""
    page = (project / "optimizer" / "README.md").read_text(encoding="utf-8")
    files = {name.rpartition("/")[2] for name in re.findall(r"`([\w/]+\.py)`", page)}
    there = {path.name for folder in ("optimizer", "weather", "tests") for path in (project / folder).rglob("*.py")}
    assert files - there == set()
