"""The public names are pinned, and each can be had."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import optimizer

PINNED = {
    "NightSettings", "NightSources", "Outcome", "Plan", "Reading", "ScenarioError", "StudyEngine", "UnknownNameError", "compare_runs", "costs_alone",
    "effort_for", "figures", "headline", "lease_values", "load_results", "load_scenario", "load_site", "load_study", "move_totals", "moves_of",
    "optimize", "plan_night", "plan_scenario", "read_plan", "run_study", "select", "settle", "study_runs", "write_run",
}  # fmt: skip


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
