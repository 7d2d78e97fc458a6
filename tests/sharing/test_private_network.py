"""Private network of three users and a plant, by hand: own energy by the hour, certificates that sum to the generation, bills that
sum to the whole.

Three hours: users of 20, 40 and 0 MW, the same again, then 20, 0 and 20; wind of 30, 0 and 60 MW. Import at 100, export at 30, own
energy at 50 between the parties, demand at 744 a MW-month (3 for three hours of January).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from optimizer.hubs.extra_tables import with_companions
from optimizer.plan.optimize import plan_scenario
from optimizer.plan.outcome import Outcome
from optimizer.rulebook.verdicts import verdicts_of
from optimizer.scenario.complaints import ScenarioError
from optimizer.scenario.file import scenario_from
from optimizer.scenario.single_site import Scenario
from optimizer.sharing.private_network import allocation_of, statement_of_network
from optimizer.sharing.settlement import assets_of


def hours(*megawatts: float) -> dict[str, Any]:
    """A profile of three hours."""
    return {"hourly": [*megawatts, *[0.0] * 21]}


def network(**changes: Any) -> dict[str, Any]:
    """The scenario."""
    return {
        "name": "three users",
        "site": {"name": "park", "latitude": 36, "longitude": 95, "elevation_m": 2800, "timezone": "Asia/Shanghai"},
        "horizon": {"start": "2025-01-06", "days": 0.125, "step_h": 1},
        "parties": {
            name: {"assets": assets, "meter": "common"}
            for name, assets in (("center", ["halls"]), ("works", ["furnace"]), ("mill", ["rolls"]), ("plant", ["wind"]))
        },
        "private_network": {"inner_price_per_mwh": 50},
        "load": {"halls": {"power_mw": hours(20, 20, 20)}, "furnace": {"power_mw": hours(40, 40, 0)},
                 "rolls": {"power_mw": hours(0, 0, 20)}},
        "wind": {"wind": {"power_mw": 60, "capacity_factor": hours(0.5, 0, 1), "cost_per_mwh": 0}},
        "grid": {"tie": {"import_limit_mw": 100, "export_limit_mw": 100, "tariff": {
            "energy_price_per_mwh": 100, "export_price_per_mwh": 30, "demand_price_per_mw_month": 744}}},
        **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def planned() -> tuple[Scenario, Any]:
    """The scenario and its plan."""
    scenario = scenario_from(network(), folder=Path())
    assert isinstance(scenario, Scenario)
    return scenario, plan_scenario(scenario, workers=1)


def table(planned: tuple[Scenario, Any]) -> pd.DataFrame:
    """The statement's totals by party."""
    scenario, plan = planned
    statement = statement_of_network(scenario, plan.results, plan.bill_by_step)
    return statement[statement["month"] == "total"].set_index("party")


def test_own_energy_goes_by_the_use_of_the_hour(planned: tuple[Scenario, Any]) -> None:
    """30 MWh on uses of 20 and 40 are 10 and 20; in the third hour 40 of 60 on two alike, 20 are exported."""
    energy = allocation_of(planned[0], planned[1].results)
    assert energy.allocated().to_numpy() == pytest.approx(
        np.array([[10, 20, 0, 0], [0, 0, 0, 0], [20, 0, 20, 0]]), abs=1e-5
    )
    assert energy.given_away()["plant"].tolist() == pytest.approx([0, 0, 20], abs=1e-5)


def test_certificates_of_each_hour_sum_to_its_generation(planned: tuple[Scenario, Any]) -> None:
    energy = allocation_of(planned[0], planned[1].results)
    assert energy.certificates().sum(axis=1).tolist() == pytest.approx([30, 0, 60], abs=1e-5)
    assert table(planned)["certificates"].to_dict() == {"center": 30, "works": 20, "mill": 20, "plant": 20}


def test_bills_sum_to_the_whole(planned: tuple[Scenario, Any]) -> None:
    """The center: 3,000 of import, 60/160 of 180 for a peak of 60 MW, 30 MWh at 50. The plant sells 20 at 30 and 70 at 50."""
    paid = table(planned)["bill"].to_dict()
    assert paid == pytest.approx({"center": 4567.5, "works": 7090.0, "mill": 1022.5, "plant": -4100.0}, abs=1e-3)
    assert sum(paid.values()) == pytest.approx(planned[1].cost, abs=1e-6)
    assert planned[1].cost == pytest.approx(8580.0, abs=1e-3)


def test_duties_of_each_user(planned: tuple[Scenario, Any]) -> None:
    """Own energy over use: 30 of 60, 20 of 80, 20 of 20; the plant uses nothing and has no ratio."""
    shares = table(planned)["own_supply_share"]
    assert shares[["center", "works", "mill"]].tolist() == pytest.approx([0.5, 0.25, 1.0], abs=1e-6)
    assert pd.isna(shares["plant"])


def test_a_remainder_is_carried_to_the_next_month() -> None:
    """Half a MWh on 31 January and 0.8 on 1 February: no certificate, then one, and 0.3 left."""
    load = {"halls": {"power_mw": 1}, "furnace": {"power_mw": 0.0}, "rolls": {"power_mw": 0.0}}
    wind = {"wind": {"power_mw": 1, "capacity_factor": {"hourly": [0.0] * 22 + [0.1, 0.4]}, "cost_per_mwh": 0}}
    horizon = {"start": "2025-01-31", "days": 2, "step_h": 1}
    scenario = scenario_from(network(load=load, wind=wind, horizon=horizon), folder=Path())
    plan = plan_scenario(scenario, workers=1)
    statement = statement_of_network(scenario, plan.results, plan.bill_by_step)
    rows = statement[statement["party"] == "center"].set_index("month")
    assert rows["certificates"].to_dict() == {"2025-01": 0, "2025-02": 1, "total": 1}
    assert rows["carried_mwh"].tolist() == pytest.approx([0.5, 0.0, 0.0], abs=1e-5)


def test_the_book_of_several_users_is_asked_of_the_whole_network() -> None:
    """70 of 90 MWh used, 70 of 160 of the use, 20 of 90 exported: the export fails and is named; planned, 2 MWh are curtailed."""
    law = {"law": {"books": ["private-network"], "books_are": "checked", "spot_runs_continuously": True}}
    scenario = scenario_from(network(green_supply=law), folder=Path())
    plan = plan_scenario(scenario, workers=1)
    checked = {v.clause: v for v in verdicts_of(plan.results, scenario.assets())}
    assert {name: v.holds for name, v in checked.items()} == {
        "self_use": True, "own_supply": True, "export": False, "declared_capacity": True}  # fmt: skip
    assert checked["own_supply"].value == pytest.approx(70 / 160, abs=1e-6)
    held = scenario_from(network(green_supply={"law": {**law["law"], "books_are": "promised"}}), folder=Path())
    dearer = plan_scenario(held, workers=1)
    assert all(v.holds for v in verdicts_of(dearer.results, held.assets()))
    assert dearer.cost - plan.cost == pytest.approx(2 * 30, abs=1e-3)
    alone = assets_of(held, frozenset({"center"}))  # type: ignore[arg-type]
    assert {name for _, name in alone} == {"halls", "tie"}, "a group without the plant is an ordinary user"


def test_a_run_carries_the_statement_and_who_would_leave(planned: tuple[Scenario, Any]) -> None:
    """Every group is planned with the tie; each rule's payments sum to the whole, and the statement stands in the summary."""
    scenario, plan = planned
    outcome = with_companions(Outcome(scenario, plan, plan, {"currency": "CNY"}), workers=1)
    assert outcome.summary["private_network"]["works"]["bill"] == pytest.approx(7090.0, abs=1e-3)
    assert set(outcome.tables) >= {"private_network", "parties", "coalitions"}
    splits = outcome.tables["parties"].set_index("party")
    assert splits["shapley"].sum() == pytest.approx(plan.cost, abs=1e-3)
    assert splits["alone"]["works"] == pytest.approx(8000 + 40 * 3, abs=1e-3)
    assert any("works: own energy 25.0 %" in note.replace("%", " %") for note in outcome.summary["notes"])


@pytest.mark.parametrize(("changes", "said"), [
    ({"parties": {}}, "needs several parties"),
    ({"parties": {"center": {"assets": ["halls"]}, "plant": {"assets": ["wind"], "meter": "common"}}}, "meter: common"),
])  # fmt: skip
def test_what_is_no_private_network_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenario_from(network(**changes), folder=Path())


def test_a_load_without_an_owner_is_named() -> None:
    parties = {name: {"assets": [asset], "meter": "common"} for name, asset in (("center", "halls"), ("plant", "wind"))}
    scenario = scenario_from(network(parties=parties), folder=Path())
    assert isinstance(scenario, Scenario)
    plan = plan_scenario(scenario, workers=1)
    with pytest.raises(ValueError, match="has no owner"):
        allocation_of(scenario, plan.results)
