"""Green supply: each promise over a site, what missing it costs, and that nobody keeps it on paper only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sites import Demand, Drain, Small, small, tie

from optimizer.plan.bill import key_figures
from optimizer.plan.outcome import Plan
from optimizer.plan.results import records_of, views_of
from optimizer.technologies.base import Technology
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind
from optimizer.technologies.rules.green_supply import GreenSupply

HALF_A_DAY = {"hourly": [1.0] * 12 + [0.0] * 12}
MISSED = {"share": 0.6, "price_per_mwh": 1000.0}
"""A share of 60 %, missed at 1,000 a MWh."""


def site(rules: dict[str, Any] | None = None, wind_mw: float = 4.0, **more: Technology) -> Small:
    """4 MW of wind for 12 h against 2 MW of load for 24 h: 48 MWh available, 24 self-used, 24 too much, 24 imported."""
    assets: dict[str, Technology] = {
        "tie": tie(100.0, export_price=30.0, export_limit_mw=10.0, carbon_t_per_mwh=0.5),
        "wind": Wind(power_mw=wind_mw, capacity_factor=HALF_A_DAY, cost_per_mwh=0.0),
        "load": Demand(amount=[2.0]),
        **more,
    }
    if rules is not None:
        assets["rules"] = GreenSupply.model_validate(rules)
    return small(assets, 24)


FREE = 24 * 100.0 - 24 * 30.0
"""Cost of the site without rules: all surplus is sold."""


def missed(plan: Plan) -> float:
    """Sum of the only promise's shortfall over the plan [MWh or t]."""
    table = plan.results["shortfall"]
    return float(table.values[:, table["promise_asset"].values == "rules"].sum())


@pytest.mark.parametrize(
    ("rules", "short"),
    [
        ({"self_use": MISSED}, 0.6 * 48 - 24),
        ({"own_supply": MISSED}, 0.6 * 48 - 24),
        ({"green_share": MISSED}, 0.6 * 48 - 24),
        ({"hourly_match": MISSED}, 0.6 * 48 - 24),
        ({"own_supply": {"share": 0.35}}, 0.0),
        ({"carbon_cap": {"most_t": 10.0, "price_per_t": 1000.0}}, 24 * 0.5 - 10),
    ],
)
def test_a_missed_promise_is_said_and_paid(rules: dict[str, Any], short: float) -> None:
    """4.8 MWh (or 2 t) short at 1,000 each; kept promises cost nothing. A share of the wrong whole gives another number."""
    plan = site(rules).plan()
    assert missed(plan) == pytest.approx(short, abs=1e-5)  # sums 24 h, each held to 1e-7
    assert plan.cost == pytest.approx(FREE + 1000 * short, abs=1e-2)


def test_export_is_curtailed_to_its_share() -> None:
    """20 % of 48 MWh may be sold: 9.6 at 30; the rest is curtailed. Of what was used it would be 4.8 or 6."""
    plan = site({"export": {"share": 0.2, "price_per_mwh": 1000.0}}).plan()
    assert plan.cost == pytest.approx(2400 - 9.6 * 30)
    assert missed(plan) == pytest.approx(0.0, abs=1e-6)


def test_certificates_fill_the_green_share_only() -> None:
    """4.8 certificates at 5 keep the green share: 24; hourly matching stays short by its 4.8 MWh."""
    certificates = {"price_per_mwh": 5.0}
    assert site({"green_share": MISSED, "certificates": certificates}).plan().cost == pytest.approx(FREE + 4.8 * 5)
    both = site({"hourly_match": MISSED, "certificates": certificates}).plan()
    assert both.cost == pytest.approx(FREE + 4800)


def test_few_certificates_leave_the_rest_missed() -> None:
    """Only 3 certificates are to be had: 1.8 MWh stay missed."""
    certificates = {"price_per_mwh": 5.0, "most_mwh": 3.0}
    plan = site({"green_share": MISSED, "certificates": certificates}).plan()
    assert plan.cost == pytest.approx(FREE + 3 * 5 + 1.8 * 1000)


def store(**settings: Any) -> Storage:
    """A lossless store of 2 MW and 8 MWh, empty at the start."""
    free = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
    return Storage(**{"power_mw": 2.0, "energy_mwh": 8.0, **free, **settings})


def test_a_store_keeps_green_energy_for_its_hour() -> None:
    """4.8 MWh of surplus wind moved into the night keep the hourly promise."""
    assert missed(site({"hourly_match": MISSED}, store=store()).plan()) == pytest.approx(0.0, abs=1e-5)


def test_charging_from_the_grid_does_not_match() -> None:
    """Without wind a store cannot make imported energy green: all of the 60 % is missed, 28.8 MWh.

    If discharge counted and charge did not, 8 MWh of the grid's energy would pass as green.
    """
    plan = site({"hourly_match": MISSED}, wind_mw=0.0, store=store()).plan()
    assert missed(plan) == pytest.approx(28.8, abs=1e-5)


def test_power_poured_away_matches_no_load() -> None:
    """Surplus wind let into a sink that is no load: the hour's match stays at its load, 4.8 MWh short.

    Counted without that limit, 28.8 MWh of wind would pass for matched load.
    """
    plan = site({"hourly_match": MISSED}, sink=Drain(bus="electricity")).plan()
    assert missed(plan) == pytest.approx(4.8, abs=1e-5)


def test_a_cap_moves_work_to_the_cleaner_source() -> None:
    """Gas at 300 and 0.2 t/MWh against grid at 100 and 0.5: 10 t of 12 need 6.667 MWh of gas, cheaper than the penalty."""
    gas = Genset(power_mw=2, efficiency=1.0, cost_per_mwh=300.0, carbon_t_per_mwh_fuel=0.2)
    plan = site({"carbon_cap": {"most_t": 10.0}}, gas=gas).plan()
    assert plan.cost == pytest.approx(FREE + 200 * 2 / 0.3)


def test_a_carbon_price_meets_every_source() -> None:
    """24 MWh of imports at 0.5 t and 100 a tonne; the genset's own emissions count too when it runs instead."""
    rules = {"carbon_price_per_t": 100.0}
    assert site(rules).plan().cost == pytest.approx(FREE + 24 * 50)
    gas = Genset(power_mw=2, efficiency=1.0, cost_per_mwh=110.0, carbon_t_per_mwh_fuel=0.2)
    assert site(rules, gas=gas).plan().cost == pytest.approx(FREE - 2400 + 24 * (110 + 20))


def test_funds_are_due_on_self_used_energy() -> None:
    """24 self-used MWh at 21.525; on all generation it would be twice."""
    assert site({"self_use_fee_per_mwh": 21.525}).plan().cost == pytest.approx(FREE + 24 * 21.525)


@pytest.mark.parametrize("promise", ["self_use", "own_supply", "green_share", "hourly_match", "export"])
def test_the_check_sees_a_promise_broken_in_silence(promise: str) -> None:
    """A record whose shortfall is wiped out must be refused."""
    share = 0.05 if promise == "export" else 0.9
    center_site = site({promise: {"share": share, "price_per_mwh": 1.0}})
    results = center_site.plan().results
    record = records_of(results)["site", "rules", 0]
    view = views_of(results, [("site", "rules", 0)])["site", "rules", 0]
    rules = center_site.assets["site", "rules"]
    assert rules.check(record, view, {}) == []
    silent = replace(record, shortfalls={name: values * 0.5 for name, values in record.shortfalls.items()})
    assert "missed by more" in rules.check(silent, view, {})[0]


def test_the_check_sees_energy_matched_that_is_not_there() -> None:
    """More matched than generated in an hour."""
    center_site = site({"hourly_match": MISSED})
    results = center_site.plan().results
    record = records_of(results)["site", "rules", 0]
    view = views_of(results, [("site", "rules", 0)])["site", "rules", 0]
    record.meters["matched_mwh"][20] += 1.0  # type: ignore[index]
    assert any("matched than there is" in law for law in center_site.assets["site", "rules"].check(record, view, {}))


def test_certificates_lower_the_market_based_account_only() -> None:
    """12 t from 24 imported MWh; 4.8 certificates take a fifth of them from the market-based account, none from the grid's."""
    plan = site({"green_share": MISSED, "certificates": {"price_per_mwh": 5.0}}).plan()
    figures = key_figures(plan.results)
    assert figures["carbon_location_t"] == pytest.approx(12.0)
    assert figures["carbon_market_t"] == pytest.approx(12.0 * 0.8)


def test_fuel_is_in_the_carbon_account() -> None:
    """24 MWh at 40 % from fuel of 0.25 t: 15 t, although nothing is imported."""
    gas = Genset(power_mw=2, efficiency=0.4, cost_per_mwh=50.0, carbon_t_per_mwh_fuel=0.25)
    assert key_figures(site(gas=gas).plan().results)["carbon_location_t"] == pytest.approx(15.0)
