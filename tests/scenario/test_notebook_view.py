"""What a notebook shows of scenarios, plans and outcomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sites import Demand, small, tie

from optimizer.plan.outcome import Outcome, Plan
from optimizer.scenario.file import load_scenario
from optimizer.scenario.notebook_view import glance, summary_rows


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Three hours of 1 MW at 400 a MWh."""
    return small({"tie": tie(400.0), "hall": Demand(amount=[1.0])}, 3).plan()


def test_a_scenario_shows_its_place_and_assets(project: Path) -> None:
    """Name, height, weather and assets by technology; a file of many sites names the site of each."""
    shown = load_scenario(project / "scenarios" / "qaidam.yaml")._repr_html_()
    for text in (
        "Qaidam green microgrid compute center",
        "2,808 m",
        "synthetic year of golmud",
        "haixi_share, own_battery",
    ):
        assert text in shown
    assert "qaidam/fixed_field" in load_scenario(project / "scenarios" / "hubs.yaml")._repr_html_()


def test_a_plan_shows_its_cost_and_proof(plan: Plan) -> None:
    """3 MWh at 400 cost 1,200, proved to the end."""
    shown = plan._repr_html_()
    for text in ('<td style="text-align:left">1,200</td>', "0.00%", "no plan costs less than"):
        assert text in shown


def test_an_outcome_shows_what_its_summary_has(plan: Plan) -> None:
    """A site without servers has no PUE: the row is left out; a broken promise is named."""
    summary = {
        "scenario": "one <hall>", "weather": "none", "cost": 1200.0, "pue": None, "shortfalls": {"a > tie > overload_mw": 2.5}
    }  # fmt: skip
    shown = Outcome(None, plan, replace(plan), summary)._repr_html_()
    assert "one &lt;hall&gt;" in shown
    assert "1,200" in shown
    assert "PUE" not in shown
    assert "broken: a &gt; tie &gt; overload_mw" in shown


def test_text_cannot_become_markup() -> None:
    """A scenario's name is a user's text."""
    assert "<script>" not in glance("<script>", [("<script>", "<script>")], "<script>")
    assert summary_rows({}) == []
