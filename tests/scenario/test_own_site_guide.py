"""What the guide to one's own site says can be said in a scenario, and what cannot: the schema of today agrees."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import json_schema, load_site
from optimizer.scenario.not_there import NOT_THERE


@pytest.fixture(scope="module")
def keys() -> set[str]:
    """All keys a scenario may hold, wherever."""
    found: set[str] = set()

    def gather(node: Any) -> None:
        if isinstance(node, dict):
            found.update(node.get("properties", {}))
            for part in node.values():
                gather(part)
        elif isinstance(node, list):
            for part in node:
                gather(part)

    gather(json.loads(json_schema()))
    return found


def rows(project: Path, title: str) -> list[list[str]]:
    """Rows of the first table below a title of the guide, without its head."""
    text = (project / "optimizer/guides/your-own-site.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_what_can_be_asked_has_its_key(project: Path, keys: set[str]) -> None:
    """The last cell names the key; a study's `overrides` is none of a scenario."""
    asked = [re.findall(r"`(\w+)`", row[-1])[0] for row in rows(project, "Ask")]
    assert len(asked) == 11
    assert {key for key in asked if key != "overrides"} <= keys


def test_what_cannot_be_done_has_no_key_and_a_way_round(project: Path, keys: set[str]) -> None:
    """A key of that name would make the page untrue; each row says what to do instead."""
    for missing, instead in rows(project, "What it cannot do"):
        assert not set(re.findall(r"\(`(\w+)`\)", missing)) & keys
        assert re.findall(r"\(`(\w+)`\)", missing)
        assert len(instead) > 20


def test_what_cannot_be_done_is_said_where_it_is_written(project: Path, tmp_path: Path) -> None:
    """Every key of the page is answered with what to do instead, not with the key that is spelled most alike."""
    missing = [re.findall(r"\(`(\w+)`\)", row[0])[0] for row in rows(project, "What it cannot do")]
    assert missing == list(NOT_THERE)
    sound = (project / "tests/cases/sound.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(
        sound.replace("design_heat_mw: 0.6", "design_heat_mw: 0.6, heat_reuse: 1"), encoding="utf-8"
    )
    with pytest.raises(ScenarioError) as caught:
        load_site(tmp_path / "site.yaml")
    assert "take that off the cost by hand" in str(caught.value)
    assert "Did you mean" not in str(caught.value)
