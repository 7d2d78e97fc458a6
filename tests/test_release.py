"""A release is one: version, changes and citation say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from ruamel.yaml import YAML


def test_version_changes_and_citation_agree(project: Path) -> None:
    """The version stands in pyproject.toml; the newest released heading of the changes and the citation repeat it."""
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (project / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\]", changes, re.MULTILINE)
    citation = YAML(typ="safe").load(project / "CITATION.cff")
    assert (released[0], citation["version"]) == (version, version)
    assert released == sorted(released, key=lambda text: [int(part) for part in text.split(".")], reverse=True)


def test_the_version_stands_nowhere_else(project: Path) -> None:
    """No module repeats it: what is printed and kept comes from the installed metadata."""
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sources = [path for folder in ("optimizer", "weather") for path in (project / folder).rglob("*.py")]
    assert [path.name for path in sources if f'"{version}"' in path.read_text(encoding="utf-8")] == []
