"""A shared station: netting without losses, accounts that sum to the store, rights, calls, and the split of what it
saves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from optimizer.accounts.provenance import provenance_of
from optimizer.inputs.assemble import assemble_inputs
from optimizer.plan.optimize import plan_assets
from optimizer.plan.outcome import Plan
from optimizer.plan.results import records_of
from optimizer.quantities.calendar import Calendar
from optimizer.scenario.file import ScenarioError, scenario_from
from optimizer.sharing.settlement import lease_values, own_bills, settle
from optimizer.solve.certified import Effort

EFFORT = Effort(gap=1e-6)
SUN = [1.0] * 6 + [0.0] * 6
"""Output of a MW of sun, hour by hour."""


def market(tmp_path: Any, *, hours: int = 12, **station: Any) -> dict[str, Any]:
    """A sun field that sells at 50, a works that buys at 300 (sun) and 500 (night), each with half of a 10 MW, 40 MWh
    station.
    """
    pd.DataFrame({"sun": SUN, "price": [300.0] * 6 + [500.0] * 6}).to_csv(tmp_path / "hours.csv", index=False)
    column = {"file": str(tmp_path / "hours.csv"), "repeat": True}
    tariff = {"energy_price_per_mwh": column | {"column": "price"}, "export_price_per_mwh": 50}
    return {
        "name": "market",
        "site": {"name": "place", "latitude": 36, "longitude": 95, "elevation_m": 2800},
        "horizon": {"start": "2025-01-01", "days": hours / 24},
        "parties": {"field": {"assets": ["modules", "out"]}, "works": {"assets": ["furnace", "tie"]}},
        "solar": {"modules": {"peak_power_mw": 8, "capacity_factor": column | {"column": "sun"}, "cost_per_mwh": 0}},
        "load": {"furnace": {"power_mw": 4}},
        "grid": {
            "out": {"tariff": tariff, "import_limit_mw": 0, "export_limit_mw": 20},
            "tie": {"tariff": tariff, "import_limit_mw": 20},
        },
        "station": {
            "box": {
                "power_mw": 10, "energy_mwh": 40, "accounts": {"field": 0.5, "works": 0.5}, "charge_efficiency": 0.8,
                "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0, "behind_the_meter": True, **station,
            }
        },
    }  # fmt: skip


def planned(data: dict[str, Any]) -> tuple[Any, xr.Dataset, Plan]:
    """The scenario, its inputs and its plan."""
    scenario = scenario_from(data)
    calendar = Calendar.at_local_midnight("2025-01-01", data["horizon"]["days"], 1.0, "Asia/Shanghai")
    weather = xr.Dataset(attrs={"source": "none", "synthetic": 0})
    grounds = {name: site.place() for name, (site, _) in scenario.places().items()}
    inputs = assemble_inputs(scenario.assets(), grounds, calendar, {name: [weather] for name in grounds})
    return scenario, inputs, plan_assets(scenario.assets(), inputs, EFFORT)


def test_what_one_charges_another_draws_without_losses(tmp_path: Any):
    """By day the works draws 4 MW of the field's 8 MW through the station: 6 h × 4 MW are given and taken, 24 MWh, not
    19.2.
    """
    _, _, plan = planned(market(tmp_path))
    record = records_of(plan.results)["place", "box", 0]
    assert record.meters["taken_works_mw"][:6].sum() - record.meters["given_works_mw"][:6].sum() >= 18 - 1e-6
    assert -record.flow("charge field")[:6].sum() >= 24.0 - 1e-6


def test_the_hand_worked_plan(tmp_path: Any):
    """All sun is used: 24 MWh netted, 24 MWh charged; with 6 MWh bought at 300 the store feeds all 24 MWh of the night.

    That is 1,800. With losses on netted energy it were 3,300 or more; without the store 12,000.
    """
    _, _, plan = planned(market(tmp_path))
    assert plan.cost == pytest.approx(1800.0)


@pytest.mark.parametrize("rights", ["fixed", "pooled", "leased"])
def test_accounts_sum_to_the_stored_energy(tmp_path: Any, rights: str):
    """Whatever the rights, the accounts sum to the physical content (1e-5: row tolerance over twelve steps)."""
    _, _, plan = planned(market(tmp_path, rights=rights))
    record = records_of(plan.results)["place", "box", 0]
    accounts = record.meters["account_field_mwh"] + record.meters["account_works_mwh"]
    assert accounts == pytest.approx(record.stored["energy_mwh"], abs=1e-5)


def test_fixed_rights_hold_each_party_to_its_share(tmp_path: Any):
    """Half of 10 MW and 40 MWh: nobody moves more than 5 MW or holds more than 20 MWh; pooled, the field alone charges
    8 MW.
    """
    _, _, fixed = planned(market(tmp_path, rights="fixed"))
    record = records_of(fixed.results)["place", "box", 0]
    assert -record.flow("charge field").min() <= 5 + 1e-6
    assert max(record.meters[f"account_{name}_mwh"].max() for name in ("field", "works")) <= 20 + 1e-6
    _, _, pooled = planned(market(tmp_path, rights="pooled"))
    assert -records_of(pooled.results)["place", "box", 0].flow("charge field").min() == pytest.approx(8.0)
    assert pooled.cost <= fixed.cost + 1e-6


def test_a_dear_lease_is_not_taken(tmp_path: Any):
    """Leased rights: at 1 a MWh and year the store is leased, at a billion it is not, and the lease is billed for the
    span.
    """
    _, _, cheap = planned(market(tmp_path, rights="leased", lease_price_per_mwh_year=1.0))
    _, _, dear = planned(market(tmp_path, rights="leased", lease_price_per_mwh_year=1e9))
    leased = [sum(records_of(plan.results)["place", "box", 0].sizes.values()) for plan in (cheap, dear)]
    assert leased[0] > 10
    assert leased[1] == pytest.approx(0.0, abs=1e-6)


def test_calls_of_the_grid_earn_money_once(tmp_path: Any):
    """A call for 2 MW in every hour at 1,000 takes 2 MWh an hour from the store, never more: revenue is 2,000 an hour
    at most.
    """
    calls = {"power_mw": 2.0, "price_per_mwh": 1000.0}
    _, _, plan = planned(market(tmp_path, calls=calls))
    record = records_of(plan.results)["place", "box", 0]
    called = record.meters["call_field_mw"] + record.meters["call_works_mw"]
    assert called.max() == pytest.approx(2.0)
    money = plan.bill_by_step.filter(like="calls").to_numpy().sum()
    assert money == pytest.approx(-1000.0 * called.sum())


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, xr.Dataset, Plan, Any]:
    """A plan and its settlement."""
    scenario, inputs, plan = planned(market(tmp_path_factory.mktemp("market")))
    return scenario, inputs, plan, settle(scenario, inputs, plan, EFFORT)


def test_every_split_sums_to_the_whole(settled: tuple[Any, xr.Dataset, Plan, Any]):
    """Four rules, two parties: each hands out the cost of the whole to 1e-6. A double-counted fee or rent would show
    here.
    """
    _, _, plan, settlement = settled
    for rule in ("own_bill", "usage", "marginal", "shapley", "nucleolus"):
        assert settlement.splits[rule].sum() == pytest.approx(plan.cost, abs=1e-6)


def test_two_parties_share_the_saving_alike(settled: tuple[Any, xr.Dataset, Plan, Any]):
    """Of two, Shapley and nucleolus give each half of the saving: by hand the field alone earns 2,400 (48 MWh at 50).

    The works alone buys its 24 MWh by day at 300 and charges 20/0.8 = 25 MWh at 300 for 20 MWh of the night at 500: 16,700.
    Together 1,800, so they save 12,500 and each 6,250.
    """
    _, _, _, settlement = settled
    assert settlement.splits["alone"].to_dict() == pytest.approx({"field": -2400.0, "works": 16_700.0})
    for rule in ("shapley", "nucleolus"):
        assert settlement.splits[rule].to_dict() == pytest.approx(
            {"field": -2400 - 6250, "works": 16_700 - 6250}, abs=1e-4
        )
        assert settlement.leavers[rule] == {}


def test_known_coalitions_are_not_planned_again(
    settled: tuple[Any, xr.Dataset, Plan, Any], monkeypatch: pytest.MonkeyPatch
):
    """With the digests of the first settlement nothing is planned, and the split is the same."""
    scenario, inputs, plan, settlement = settled
    table = settlement.coalition_table()
    monkeypatch.setattr("optimizer.sharing.settlement.cost_of", lambda *_: pytest.fail("planned again"))
    again = settle(scenario, inputs, plan, EFFORT, known=dict(zip(table["digest"], table["cost"], strict=True)))
    pd.testing.assert_frame_equal(again.splits, settlement.splits)


def test_the_statement_closes(settled: tuple[Any, xr.Dataset, Plan, Any]):
    """Losses by throughput sum to the station's losses, their transfers to nothing, own bills to the plan's cost."""
    scenario, _, plan, settlement = settled
    table = settlement.statement
    assert table["loss_transfer"].sum() == pytest.approx(0.0, abs=1e-6)
    assert table["loss_mwh"].sum() == pytest.approx(0.2 * table["stored_in_mwh"].sum(), abs=1e-6)
    assert table["own_bill"].sum() == pytest.approx(plan.cost, abs=1e-6)
    assert sum(own_bills(scenario, plan).values()) == pytest.approx(plan.cost, abs=1e-6)


def test_the_value_of_a_lease_falls_with_its_size(settled: tuple[Any, xr.Dataset, Plan, Any]):
    """The works' first MWh: bought for 1/0.8 MWh at 300, used at 500, saves 125 in twelve hours, 91,250 a year; later
    ones never more.
    """
    scenario, inputs, _, _ = settled
    curves = lease_values(scenario, inputs)
    works = curves[curves["party"] == "works"]["price_per_mwh_year"].to_numpy()
    assert works[0] == pytest.approx(125 * 8760 / 12, rel=1e-4)  # kept above nothing by 1e-9 MWh
    assert (np.diff(works) <= 0.1).all()  # money a year over MWh: row tolerance 1e-7 of 10,000, times 730


def test_the_works_runs_on_traced_sun(settled: tuple[Any, xr.Dataset, Plan, Any]):
    """Provenance follows the sun through the station: what the works uses of it and what its storing lost are the 48
    MWh given.

    By hand 24 MWh netted and about 19.2 of 24 stored arrive; a station taken for an unknown source would leave 0.
    """
    _, _, plan, _ = settled
    provenance = provenance_of(plan.results)
    sun = [number for number, (_, name) in enumerate(provenance.origins) if name == "modules"]
    by_use = provenance.mwh[:, sun].sum(axis=(0, 1))
    names = [f"{site} {name}" for site, name in provenance.uses]
    furnace, lost = (
        sum(by_use[number] for number, name in enumerate(names) if part in name) for part in ("furnace", "loss of")
    )
    assert furnace + lost == pytest.approx(48.0, abs=1e-5)
    assert 41 < furnace < 45  # netting a MWh at day, or buying it and giving it at night, costs the same: optima differ
    assert provenance.closure_mwh() < 1e-9


def test_wrong_parties_are_told_at_once(tmp_path: Any):
    """An unknown asset, an asset of two owners and a party of the site's name are named together with their paths."""
    data = market(tmp_path)
    data["parties"] = {"place": {"assets": ["modules", "nothing"]}, "works": {"assets": ["modules", "furnace", "tie"]}}
    with pytest.raises(ScenarioError) as error:
        scenario_from(data)
    text = str(error.value)
    assert "owns 'nothing', which is no asset" in text
    assert "which place owns too" in text
    assert "is also the site's name" in text
