"""Limits of the tie by the hour, demand prices by the month, and charges in their season only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sites import Demand, small, tie

from optimizer.plan.bill import total_cost
from optimizer.plan.optimize import plan_scenario
from optimizer.plan.results import violations
from optimizer.quantities.series import SeriesError
from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import scenario_from
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

BASE: dict[str, Any] = {
    "name": "limits", "currency": "USD", "site": {"latitude": 0, "longitude": 0, "elevation_m": 0, "timezone": "UTC"},
    "horizon": {"start": "2025-01-01", "days": 365, "step_h": 6}, "load": {"halls": {"power_mw": 1}},
}  # fmt: skip


def year(tariff: dict[str, Any], **grid: Any) -> float:
    """Cost of a year of a load of 1 MW on a tie."""
    data = {**BASE, "grid": {"tie": {"import_limit_mw": 5, **grid, "tariff": {"energy_price_per_mwh": 0, **tariff}}}}
    return plan_scenario(scenario_from(data, folder=Path()), workers=1).cost


def test_maintenance_is_bridged_by_the_store() -> None:
    """Two hours without import: the store, filled before, serves them; the plan obeys the limit of each hour."""
    grid = Grid.model_validate({**tie(100.0).model_dump(), "import_limit_mw": {"hourly": [4.0] * 10 + [0.0] * 2 + [4.0] * 12}})  # fmt: skip
    box = Storage(power_mw=1, energy_mwh=3, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0)
    site = small({"tie": grid, "hall": Demand(amount=[1.0]), "box": box}, 24)
    results = site.plan().results
    bought = results["flow"].values[:, results["role"].values == "import"].sum(axis=1)
    assert bought[10:12] == pytest.approx(0.0, abs=1e-6)
    assert bought.sum() == pytest.approx(24.0)
    results["flow"].values[10, results["role"].values == "import"] += 1.0
    assert any("imports above its limit" in line for line in violations(results, site.assets))


def test_no_export_in_these_hours() -> None:
    """3 MW of sun all day, a load of 1: 2 MW are sold but at noon, where none may be."""
    grid = Grid.model_validate({**tie(100.0, export_price=50.0).model_dump(), "export_limit_mw": {"hourly": [5.0] * 11 + [0.0] * 2 + [5.0] * 11}})  # fmt: skip
    site = small({"tie": grid, "hall": Demand(amount=[1.0]), "sun": Solar(peak_power_mw=3, capacity_factor=1.0, cost_per_mwh=1.0)}, 24)  # fmt: skip
    plan = site.plan()
    sold = -plan.results["flow"].values[:, plan.results["role"].values == "export"].sum(axis=1)
    assert sold == pytest.approx(np.where((np.arange(24) >= 11) & (np.arange(24) < 13), 0.0, 2.0), abs=1e-6)
    assert total_cost(plan.bill_by_step) == pytest.approx(plan.cost)


@pytest.mark.parametrize("limit", [-1.0, {"hourly": [1.0] * 23 + [-0.5]}])
def test_a_limit_below_zero_is_refused(limit: object) -> None:
    """A number when it is read, a course when it is laid on the hours."""
    with pytest.raises((ScenarioError, SeriesError, ValueError), match="must be at least 0"):
        small({"tie": Grid.model_validate({**tie().model_dump(), "import_limit_mw": limit})}, 24)


def test_least_demand_refers_to_the_greatest_limit() -> None:
    """40 % of 10 MW are billed in every month though the limit falls to 2 at night: 12 x 4 x 1,000."""
    course = {"hourly": [2.0] * 8 + [10.0] * 16}
    assert year({"demand_price_per_mw_month": 1000, "minimum_demand_share": 0.4}, import_limit_mw=course) == pytest.approx(48_000)  # fmt: skip


def test_demand_prices_follow_the_month() -> None:
    """1 MW at 100 in January, 200 in February, ...: 7,800; the same for a charge by name."""
    prices = {"monthly": [100.0 * month for month in range(1, 13)]}
    assert year({"demand_price_per_mw_month": prices}) == pytest.approx(7_800)
    assert year({"demand_charges": [{"name": "peak", "price_per_mw": prices}]}) == pytest.approx(7_800)


@pytest.mark.parametrize(("months", "minimum_mw", "money"), [([6, 7, 8, 9], 0.5, 4000), ([6, 7, 8, 9], 2.0, 8000), ([12], 3.0, 3000)])  # fmt: skip
def test_a_charge_is_billed_in_its_season_only(months: list[int], minimum_mw: float, money: float) -> None:
    """Summer months of 1 MW at 1,000: 4,000, where the minimum used to be billed in winter too."""
    charge = {"name": "season", "price_per_mw": 1000, "when": [{"months": months}], "minimum_mw": minimum_mw}
    assert year({"demand_charges": [charge]}) == pytest.approx(money)


@pytest.mark.parametrize(("cyclic", "lookback", "money"), [(False, 11, 19_000), (True, 11, 52_000), (True, 2, 25_000)])
def test_a_ratchet_over_a_cyclic_year(cyclic: bool, lookback: int, money: float) -> None:
    """1 MW but 8 in December, half of which is remembered: the first months of a cyclic year pay 4 MW, of another 1.

    11 x 1 + 8; with 11 months of memory 11 x 4 + 8; with two, January and February pay 4: 2 x 4 + 9 x 1 + 8.
    """
    ratchet = {"share": 0.5, "lookback_months": lookback, "cyclic": cyclic}
    charge = {"name": "peak", "price_per_mw": 1000, "ratchet": ratchet}
    load = {"halls": {"power_mw": {"monthly": [1.0] * 11 + [8.0]}}}
    tariff = {"energy_price_per_mwh": 0, "demand_charges": [charge]}
    data = {**BASE, "horizon": {**BASE["horizon"], "step_h": 24}, "load": load,
            "grid": {"tie": {"import_limit_mw": 10, "tariff": tariff}}}  # fmt: skip
    assert plan_scenario(scenario_from(data, folder=Path()), workers=1).cost == pytest.approx(money)


@pytest.mark.parametrize(
    ("circuits", "limit", "said"),
    [([6.0, 6.0], 6.0, []), ([6.0, 4.0], 6.0, ["N−1 does not hold: with the largest circuit out 4 MW remain, import_limit_mw is 6 MW"]),
     ([6.0], 6.0, ["N−1 does not hold: with the largest circuit out 0 MW remain, import_limit_mw is 6 MW"]), ([], 6.0, [])],
)  # fmt: skip
def test_a_tie_says_whether_it_stands_with_a_circuit_out(circuits: list[float], limit: float, said: list[str]) -> None:
    """Two circuits of 6 MW carry 6 MW with one of them out, 6 and 4 do not; a single one carries nothing; not given, nothing is said."""
    grid = Grid.model_validate({**tie().model_dump(), "import_limit_mw": limit, "circuits_mw": circuits})
    assert grid.remarks_on_circuits() == said


def test_the_largest_limit_of_the_year_is_the_one_that_must_stand() -> None:
    """A limit by the hour counts with its greatest value; a circuit without power is refused."""
    hourly = {"hourly": [4.0] * 23 + [7.0]}
    data = {**tie().model_dump(), "import_limit_mw": hourly, "circuits_mw": [6.0, 6.0]}
    assert "import_limit_mw is 7 MW" in Grid.model_validate(data).remarks_on_circuits()[0]
    with pytest.raises(ValidationError, match="above 0 MW"):
        Grid.model_validate({**data, "circuits_mw": [6.0, 0.0]})
