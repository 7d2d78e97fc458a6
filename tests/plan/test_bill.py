"""Money and figures from plain numbers, against sums made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import EXACT, Demand, center, small, tie

from optimizer.commands.run_summary import headline
from optimizer.plan.baseline import as_baseline
from optimizer.plan.bill import bill_by_month, broken_promises, key_figures, shifted_card_hours, total_cost
from optimizer.plan.optimize import optimize, plan_assets
from optimizer.plan.summary import promise_in_words, said_of_members
from optimizer.scenario.file import scenario_from
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.solar import Solar


def test_months_add_up_to_the_whole() -> None:
    """48 h over the end of January: 24 h × 2 MW × 100 in each month, in local time, and their sum is the cost."""
    plan = small({"tie": tie(100.0), "load": Demand(amount=[2.0])}, 48, start="2025-01-31").plan()
    months = bill_by_month(plan.bill_by_step, plan.results)
    assert months.index.tolist() == ["2025-01", "2025-02"]
    assert months["tie: energy"].tolist() == approx([4800.0, 4800.0])
    assert total_cost(plan.bill_by_step) == approx(9600.0)


def test_key_figures_of_a_day_reckoned_by_hand() -> None:
    """Sun 3 MW for 12 of 24 h on a load of 2 MW: 24 MWh used, 12 curtailed, 24 imported; green share one half."""
    field = Solar(peak_power_mw=3, capacity_factor=0.0, cost_per_mwh=1.0)
    sun = [0.0] * 6 + [1.0] * 12 + [0.0] * 6
    grid = tie(400.0, carbon_t_per_mwh=0.5)
    plan = small(
        {"tie": grid, "load": Demand(amount=[2.0]), "field": field}, 24, series={("field", "capacity_factor"): sun}
    ).plan()
    figures = key_figures(plan.results)
    expected = {
        "solar_mwh": 24.0, "curtailed_mwh": 12.0, "import_mwh": 24.0, "export_mwh": 0.0, "green_share": 0.5, "self_use_share": 24 / 36,
        "carbon_location_t": 12.0, "facility_mwh": 48.0,
    }  # fmt: skip
    assert {name: figures[name] for name in expected} == approx(expected)
    assert np.isnan(figures["pue"])  # no IT load


def test_shifted_work_is_half_of_what_differs() -> None:
    """100 card-hours of hour 0 that run in hour 3 instead: 100 shifted, not 200."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=3, unfinished_price_per_card_h=5.0)
    series = {("training", "arrival_cards"): [100.0, 0, 0, 0], ("tie", "import_price_per_mwh"): [500.0, 500, 500, 1.0]}
    site = small(center(training=queue), 4, series=series)
    baseline, inputs = as_baseline(site.assets, site.inputs)
    assert shifted_card_hours(site.plan().results, plan_assets(baseline, inputs, EXACT).results) == approx(100.0)


def test_promises_of_several_futures_are_expected_and_worst() -> None:
    """Power of a MWh worth 1 costs a million in five hours of one future and in one of the other, as likely: 50 and 10 MWh of 10 MW are
    not served, 30 are expected, and the worst says whose it is. The last future's 10 alone would read as if that were all."""
    cut = {"five hours cut": [1e6] * 5 + [0.0] * 19, "one hour cut": [1e6] + [0.0] * 23}
    scenario = scenario_from(
        {
            "name": "two futures",
            "site": {"name": "here", "latitude": 0, "longitude": 0, "elevation_m": 0, "timezone": "UTC"},
            "horizon": {"start": "2025-06-01", "days": 0.25},
            "members": {"five_hours_cut": 0.5, "one_hour_cut": 0.5},
            "load": {"halls": {"power_mw": 10, "unserved_price_per_mwh": 1}},
            "grid": {"tie": {"import_limit_mw": 50, "tariff": {"energy_price_per_mwh": {
                "by_member": {name.replace(" ", "_"): {"hourly": prices} for name, prices in cut.items()}}}}},
        }
    )  # fmt: skip
    summary = optimize(scenario, workers=1).summary
    (name,) = summary["shortfalls"]
    assert summary["shortfalls"][name] == approx(30.0)
    assert summary["shortfalls_worst"] == {name: {"worst": approx(50.0), "member": "five_hours_cut"}}
    assert promise_in_words(summary, name) == "expected 30.00, worst 50.00 (five_hours_cut)"
    assert "expected value over 2 members" in said_of_members(summary)
    assert "expected 30.00, worst 50.00 (five_hours_cut)" in headline(summary, Path("out"))


def test_broken_promises_are_named_with_their_amount() -> None:
    """60 cards unserved for 2 h: 120 card-hours under the asset's name; kept promises are not listed."""
    plan = small(center(inference=Service(pool="pool", cards=700.0)), 2).plan()
    assert broken_promises(plan.results) == {"site > inference > unserved_cards": approx(120.0)}
