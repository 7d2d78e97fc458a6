"""The public names are pinned, and each can be had."""

from __future__ import annotations

import pytest

import optimizer

PINNED = {
    "Outcome", "Plan", "ScenarioError", "load_results", "load_scenario", "load_site", "load_study", "optimize", "plan_night",
    "run_study", "write_run",
}  # fmt: skip


def test_public_names_are_the_pinned_ones_and_exist() -> None:
    """A name that goes missing breaks a notebook; one that slips in must be kept for ever."""
    assert set(optimizer.__all__) == PINNED == set(dir(optimizer))
    assert all(callable(getattr(optimizer, name)) for name in PINNED)


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    """`from optimizer import optimise` must say what there is."""
    with pytest.raises(AttributeError, match=r"public are .*optimize"):
        _ = optimizer.optimise
