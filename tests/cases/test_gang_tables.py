"""Tables of gangs that once ended without a plan, or with one far from its bound: each has a plan that obeys its laws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets
from optimizer.plan.results import violations
from optimizer.scenario.file import load_scenario

GANGS = ("big10_2d_loose", "big50_7d_loose", "min6_10d", "small40_slack96")


@pytest.mark.parametrize("name", GANGS)
def test_a_table_of_gangs_has_a_plan_in_seconds(shared_file: Callable[[str], Path], name: str) -> None:
    """Three seconds are too few to prove anything, and enough for a plan: 10 and 50 large gangs, 6 and 40 small ones."""
    scenario = load_scenario(shared_file(f"data/complaints/gangs/{name}.yaml"))
    inputs, assets = inputs_for(scenario, calendar_for(scenario)), scenario.assets()
    plan = plan_assets(assets, inputs, effort_for(scenario, seconds=3.0, workers=1))
    assert violations(plan.results, assets) == []
    assert 0 < plan.certificate.bound <= plan.cost


def test_ten_large_gangs_cost_what_their_optimum_is_known_to_be(shared_file: Callable[[str], Path]) -> None:
    """The optimum lies between 10,413.1 and 10,418.4 (HiGHS alone, 148 s), and 2,750 for the 11 MWh that the stores open with; it
    was once missed by a tenth. Asked for 2 %, the search ends near it, and no bound is above it."""
    most = 10_418.4 + 11 * 250
    scenario = load_scenario(shared_file("data/complaints/gangs/big10_2d_loose.yaml"))
    inputs = inputs_for(scenario, calendar_for(scenario))
    plan = plan_assets(scenario.assets(), inputs, effort_for(scenario, gap=0.02, seconds=200.0, workers=1))
    assert plan.cost <= most * 1.025
    assert plan.certificate.bound <= most
