"""Laws that hold from both sides, whatever a rule makes power worth: nothing is burned that a machine could not burn.

Rules that count own use, machines that must run and prices below zero make more load pay. Then a linear model lets a store
charge and discharge in one step, bills starts that never happen and fills lossy segments first. No plan may.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sites import Site, built, sites
from sites import Demand, flow_of, meter_of, small, tie

from optimizer.plan.optimize import Plan, calendar_for, effort_for, inputs_for, plan_assets
from optimizer.plan.results import violations
from optimizer.scenario.file import load_scenario
from optimizer.solve.certified import Effort
from optimizer.technologies.base import Technology
from optimizer.technologies.compute.cluster import Cluster
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.lease import Call, Lease
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.facility.power_train import PowerTrain
from optimizer.technologies.rules.green_supply import CarbonCap, GreenSupply, Share
from optimizer.technologies.rules.resilience import Resilience

QUICK = Effort(gap=1e-3, seconds=20.0, whole_up_to_steps=500)
ONE_WAY_MW = 1e-5
"""A column of a pair may be a millionth of its range from rest; powers here are below 1 MW."""


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Technology]:
    """Rules and machines that can make power worth less than nothing: one or two of them."""
    share = Share(share=draw(st.sampled_from([0.3, 0.8, 1.0])), price_per_mwh=draw(st.sampled_from([50.0, 2_000.0])))
    rule = draw(st.sampled_from(["self_use", "own_supply", "export", "green_share", "hourly_match"]))
    choices: dict[str, Technology] = {
        "rule": GreenSupply(**{rule: share}),
        "cap": GreenSupply(self_use=share, carbon_cap=CarbonCap(most_t=0.1)),
        "engine": Genset(power_mw=0.4, least_load=0.8, least_up_h=4.0, start_cost=500.0, opening_on=True),
        "field": Solar(peak_power_mw=0.8, capacity_factor=0.7, curtailment_price_per_mwh=300.0),
        "dumped": Storage(
            power_mw=0.2, energy_mwh=0.4, end_value_per_mwh=-200.0, behind_the_meter=True, lease=Lease(call=_call(draw))
        ),
        "outage": Resilience(hours=2.0),
    }
    names = draw(st.lists(st.sampled_from(sorted(choices)), min_size=1, max_size=2, unique=True))
    return {name: choices[name] for name in names}


def _call(draw: st.DrawFn) -> Call | None:
    return draw(st.sampled_from([None, Call(price_per_mwh=500.0, most_mw=0.2)]))


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sites(least_steps=6, most_steps=9), rules())
def test_no_plan_burns_what_no_machine_could(site: Site, more: dict[str, Technology]) -> None:
    """One way a step, starts that happen, losses that follow from the load; recomputed from the results alone."""
    made = built(site, **more)
    plan = made.plan(QUICK)
    assets = {name: technology for (_, name), technology in made.assets.items()}
    for name, technology in assets.items():
        if isinstance(technology, Storage):
            assert np.minimum(-flow_of(plan, name, "charge"), flow_of(plan, name, "discharge")).max() < ONE_WAY_MW
        if isinstance(technology, Cluster):
            on = meter_of(plan, name, "blocks_on")
            assert meter_of(plan, name, "starts") == pytest.approx(np.maximum(np.diff(on, prepend=on[0]), 0), abs=1e-5)
        if isinstance(technology, PowerTrain):
            assert_least_losses(plan, name)
    if assets["tie"].export_limit_mw:  # type: ignore[attr-defined]
        assert np.minimum(flow_of(plan, "tie", "import"), -flow_of(plan, "tie", "export")).max() < ONE_WAY_MW


def assert_least_losses(plan: Plan, name: str) -> None:
    """The train draws what its load needs when its segments, sorted by loss, fill one after the other."""
    series = plan.results["input"]
    of_train = series["exogenous_asset"].values == name

    def table(quantity: str) -> Any:
        return series.values[:, of_train & (series["exogenous_quantity"].values == quantity)]

    width, slope, fed = table("width_mw"), table("loss_slope"), flow_of(plan, name, "feed")
    assert (np.diff(slope, axis=1) > 0).all()
    filled = np.clip(fed[:, None] - (np.cumsum(width, axis=1) - width), 0.0, width)
    least = fed + (filled * slope).sum(axis=1) + table("loss_at_zero_mw")[:, 0]
    assert (-flow_of(plan, name, "draw")).tolist() == pytest.approx(least.tolist(), abs=1e-6)  # HiGHS' rows: 1e-7


SUN = [0.0] * 8 + [0.5, 0.8, 1.0, 1.0, 1.0, 1.0, 0.8, 0.5] + [0.0] * 8


def test_own_use_is_not_made_by_charging_and_discharging_at_once() -> None:
    """60 % of the sun must be used, or 2,000 a MWh: 5,212.28 one way at a time, by a separate MILP; both ways 2,592.
    That MILP takes the 2 MWh the store opens with for a gift; they are worth 20 each."""
    store = Storage(
        power_mw=2.0, energy_mwh=4.0, charge_efficiency=0.9, discharge_efficiency=0.9, end_value_per_mwh=20.0
    )
    assets = {
        "tie": tie(60.0, export_price=40.0, import_limit_mw=3.0, export_limit_mw=3.0),
        "hall": Demand(amount=[1.0]),
        "field": Solar(peak_power_mw=4.0, capacity_factor=0.0, cost_per_mwh=1.0),
        "store": store,
        "rule": GreenSupply(self_use=Share(share=0.6, price_per_mwh=2_000.0)),
    }
    plan = small(assets, 24, series={("field", "capacity_factor"): SUN}).plan()
    assert plan.cost == pytest.approx(5_212.28 + 2 * 20.0, abs=0.005)
    assert any("power is worth less than nothing in" in note for note in plan.notes)


def test_windows_find_when_to_charge_where_burning_pays() -> None:
    """Six days in which a store that goes to and fro earns most of the money: windows whose ends fit the linear optimum
    give the plan, and priced ones its proof. No pass over the plan is needed, no longer window."""
    store = Storage(power_mw=2.0, energy_mwh=6.0, charge_efficiency=0.9, discharge_efficiency=0.9)
    assets = {
        "tie": tie(60.0, export_price=40.0, import_limit_mw=3.0, export_limit_mw=1.0),
        "hall": Demand(amount=[1.0, 0.8, 1.2, 0.9]),
        "field": Solar(peak_power_mw=4.0, capacity_factor=0.0, cost_per_mwh=1.0),
        "store": store,
        "rule": GreenSupply(self_use=Share(share=0.9, price_per_mwh=2_000.0)),
    }
    bright = np.random.default_rng(5).uniform(0.3, 1.0, 6)
    site = small(assets, 144, series={("field", "capacity_factor"): np.outer(bright, SUN).ravel()})
    plan = site.plan(Effort(gap=5e-3, seconds=60.0, window_steps=24, whole_up_to_steps=0))
    assert plan.certificate.windows == 6
    assert plan.certificate.gap <= 5e-3
    assert list(plan.certificate.seconds)[-1] == "bound 24"
    assert np.minimum(-flow_of(plan, "store", "charge"), flow_of(plan, "store", "discharge")).max() < 1e-4


def test_calls_are_not_served_while_charging() -> None:
    """A MWh called earns 500 and 1 / 0.81 MWh bought cost 100 each: −1,260 one way at a time, both ways −4,920."""
    store = Storage(
        power_mw=1.0, energy_mwh=1.0, charge_efficiency=0.9, discharge_efficiency=0.9, opening_state_of_charge=0.0,
        behind_the_meter=True, lease=Lease(call=Call(price_per_mwh=500.0, most_mw=1.0)),
    )  # fmt: skip
    assets = {"tie": tie(100.0, import_limit_mw=5.0), "hall": Demand(amount=[1.0]), "store": store}
    assert small(assets, 24).plan().cost == pytest.approx(-1_260.0)


def test_the_shipped_center_under_direct_supply_obeys_every_law(project: Any) -> None:
    """Two June days: in most hours more load would pay 2,000 a MWh. Without whole numbers for directions both stores go
    both ways in a hundred hours and 24,000 starts are billed in two weeks."""
    promises = {"self_use": {"share": 0.6}, "own_supply": {"share": 0.35}, "export": {"share": 0.2}}
    scenario = load_scenario(project / "scenarios" / "qaidam.yaml", {"green_supply": {"direct": promises}})
    inputs = inputs_for(scenario, calendar_for(scenario, "2025-06-14", 2))
    plan = plan_assets(scenario.assets(), inputs, effort_for(scenario, workers=1, gap=0.01))
    assert violations(plan.results, scenario.assets()) == []
    assert plan.certificate.gap <= 0.01
    for name in ("haixi_share", "own_battery"):
        assert np.minimum(-flow_of(plan, name, "charge"), flow_of(plan, name, "discharge")).max() < 1e-4  # of 5 MW


@pytest.mark.parametrize(
    ("asset", "quantity", "change", "words"),
    [("pool", "starts", 1.0, "starts are not the blocks switched on"),
     ("supply", "fed_segment_1_mw", 0.01, "a segment is used before the one below is full")],
)  # fmt: skip
def test_the_check_refuses_what_games_a_rule(asset: str, quantity: str, change: float, words: str) -> None:
    """More starts than happen, or a lossy segment before its time, is found in a Dataset without the solver."""
    from sites import center

    site = small(center(inference=Demand(bus="compute.pool", amount=[64.0])), 3)
    results = site.plan().results
    of_asset = (results["meter_asset"].values == asset) & (results["meter_quantity"].values == quantity)
    results["metered"].values[1, of_asset] += change
    assert any(words in law for law in violations(results, site.assets))


def test_the_check_refuses_both_ways_at_once() -> None:
    """0.5 MW more in and out in one step, with the balance kept, is found."""
    site = small({"tie": tie(), "load": Demand(amount=[1.0]), "store": Storage(power_mw=1.0, energy_mwh=2.0)}, 3)
    results = site.plan().results
    for name, change in (("charge", -0.5), ("discharge", 0.5)):
        results["flow"].values[1, results["series_flow"].values == name] += change
    assert any("charges and discharges at once" in law for law in violations(results, site.assets))
