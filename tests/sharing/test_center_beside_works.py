"""A data center beside other parties: its PUE counts its own energy alone."""

from __future__ import annotations

from pathlib import Path

from optimizer import load_scenario
from optimizer.plan.bill import key_figures
from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets


def test_a_works_beside_the_center_is_no_part_of_its_pue(project: Path) -> None:
    """The shipped station serves a center and a works of its own: PUE near 1.1. With the works' load counted it was 3.2."""
    scenario = load_scenario(project / "scenarios" / "qinghai-shared-storage.yaml")
    inputs = inputs_for(scenario, calendar_for(scenario, "2025-03-10", 0.5))
    plan = plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=1, gap=0.05))
    figures = key_figures(plan.results)
    assert 1.02 < figures["pue"] < 1.3
    assert figures["facility_mwh"] < figures["it_mwh"] * 1.3
