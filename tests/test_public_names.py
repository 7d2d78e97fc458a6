"""The public names are pinned, each can be had, and notebooks use no others."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import optimizer

PINNED = {
    "NightSettings", "NightSources", "Outcome", "Plan", "Reading", "ScenarioError", "StudyEngine", "UnknownNameError", "compare_runs", "costs_alone",
    "effort_for", "figures", "headline", "lease_values", "load_results", "load_scenario", "load_site", "load_study", "move_totals", "moves_of",
    "optimize", "plan_night", "plan_scenario", "read_plan", "run_study", "select", "settle", "study_runs", "write_run",
}  # fmt: skip
PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def test_public_names_are_the_pinned_ones_and_exist() -> None:
    """A name that goes missing breaks a notebook; one that slips in must be kept for ever."""
    assert set(optimizer.__all__) == PINNED == set(dir(optimizer))
    assert all(callable(getattr(optimizer, name)) for name in PINNED - {"figures"})
    assert all(hasattr(optimizer.figures, name) for name in optimizer.figures.__all__)


def test_editors_see_the_same_names() -> None:
    """What stands under TYPE_CHECKING, which no program reads, is what can be had."""
    tree = ast.parse(Path(str(optimizer.__file__)).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == PINNED


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    """`from optimizer import optimise` must say what there is."""
    with pytest.raises(AttributeError, match=r"public are .*optimize"):
        _ = optimizer.optimise


def names_used(notebook: Path) -> Iterator[str]:
    """Names of the project that a notebook imports, "module.name", and those it takes from the figures."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
    for node in ast.walk(ast.parse(re.sub("^[%!].*", "", code, flags=re.MULTILINE))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "figures":
            yield f"optimizer.figures.{node.attr}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_use_public_names_alone(notebook: Path) -> None:
    """Of the optimizer what `__all__` has, of its figures theirs, of the weather what its page names; a reader who copies a
    cell must not lose it to the next change of the inside."""
    page = (PROJECT / "weather" / "README.md").read_text(encoding="utf-8")
    imported = re.findall(r"^from (weather[\w.]*) import (.+)$", page, re.MULTILINE)
    public = {f"optimizer.{name}" for name in optimizer.__all__}
    public |= {f"optimizer.figures.{name}" for name in optimizer.figures.__all__}
    public |= {f"{module}.{name.strip()}" for module, names in imported for name in names.split(",")}
    used = {name for name in names_used(notebook) if name.partition(".")[0] in ("optimizer", "weather")}
    inner = {name for name in used - public if f"`{'.'.join(name.split('.')[-2:])}" not in page}
    assert used
    assert inner == set()
