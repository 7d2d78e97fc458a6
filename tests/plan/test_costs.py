"""Running cost, capital, and what a kilowatt-hour and a card-hour cost, against sums made by hand."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import Demand, center, small, tie

from optimizer.plan.bill import key_figures
from optimizer.plan.costs import Costs, costs_of, found_sizes, not_stated, remark_on_capital, unit_costs
from optimizer.technologies.base import Size
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.plant import OwnerCost

DAY = 24 / 8760
"""A day as a share of a year."""


def test_an_annuity_is_a_share_of_the_year() -> None:
    """10 MW at 3,304 a kW over 25 years at 6 %: annuity .0782267, so 2,584,611 a year, and 45 a kW for operation: 450,000."""
    cost = OwnerCost(capital_cost_per_kw=3304, life_years=25, om_per_kw_year=45)
    assert cost.per_year(10.0, 0.0) == approx({"capital": 2_584_611, "operation": 450_000}, rel=1e-6)
    store = OwnerCost(capital_cost_per_kwh=800, life_years=10, discount_rate=0.0, om_share=0.02)
    assert store.per_year(1.0, 2.0) == approx({"capital": 160_000, "operation": 32_000})
    assert OwnerCost(sunk=True).per_year(10.0, 10.0) == {}


def test_capital_decides_nothing_and_is_in_the_account() -> None:
    """A day of sun of 1 MW for 12 h on a load of 1 MW at 100: 1,200 bought with and without capital; 3,650 a year are 10 a day."""
    series = {("field", "capacity_factor"): [1.0] * 12 + [0.0] * 12}
    paid = OwnerCost(capital_cost_per_kw=36.5, life_years=10, discount_rate=0.0)
    costs = {}
    for name, owner_cost in (("stated", paid), ("none", None)):
        field = Solar(peak_power_mw=1.0, capacity_factor=0.0, cost_per_mwh=0.0, owner_cost=owner_cost)
        site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "field": field}, 24, series=series)
        plan = site.plan()
        assert plan.cost == approx(1200.0)
        costs[name] = costs_of(plan.bill_by_step, plan.results, site.assets)
        assert not_stated(site.assets) == ([] if owner_cost else ["field"])
    assert (costs["stated"].running, costs["stated"].capital) == approx((1200.0, 3650 * DAY))
    assert costs["none"].capital == 0.0


def test_an_engine_that_stands_by_costs_its_owner_too() -> None:
    """An engine of 2 MW at 36.5 a kW over ten years, never run: 7,300 a year are 20 a day. It used to end the run (KeyError)."""
    paid = OwnerCost(capital_cost_per_kw=36.5, life_years=10, discount_rate=0.0)
    engine = Genset(power_mw=2.0, fuel_price_per_mwh=800.0, owner_cost=paid)
    site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "engine": engine}, 24)
    plan = site.plan()
    assert plan.cost == approx(2400.0)
    assert costs_of(plan.bill_by_step, plan.results, site.assets).capital == approx(7300 * DAY)


def test_a_contract_is_paid_by_the_used_energy() -> None:
    """12 MWh of sun under a contract at 40: 480 beside 1,200 bought; above the tie's price it is left alone: 2,400."""
    for contract, cost in ((40.0, 1680.0), (140.0, 2400.0)):
        field = Solar(peak_power_mw=1.0, capacity_factor=0.0, cost_per_mwh=0.0, contract_price_per_mwh=contract)
        site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "field": field}, 24,
                     series={("field", "capacity_factor"): [1.0] * 12 + [0.0] * 12})  # fmt: skip
        assert site.plan().cost == approx(cost)
        assert not_stated(site.assets) == []


def test_found_capacity_is_capital_and_not_running_cost() -> None:
    """Sun by the MW at 8,760 a year, free of fuel, on 1 MW for a day: 1 MW is found for 24, half of 2,400 is still bought."""
    field = Solar(peak_power_mw=Size(max=5.0, annual_cost=8760.0), capacity_factor=0.0, cost_per_mwh=0.0)
    site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "field": field}, 24,
                 series={("field", "capacity_factor"): [1.0] * 12 + [0.0] * 12})  # fmt: skip
    plan = site.plan()
    costs = costs_of(plan.bill_by_step, plan.results, site.assets)
    assert (costs.running, costs.capital, costs.total) == approx((1200.0, 24.0, 1224.0))
    (found,) = found_sizes(plan.results, plan.bill_by_step, site.assets)
    assert found == {"asset": "field", "quantity": "size_mw", "size": approx(1.0), "money": approx(24.0)}


def test_a_kilowatt_hour_and_a_card_hour() -> None:
    """64 cards at 1 kW for 2 h: 128 card-hours. 12.8 of total cost are .1 a card-hour; by IT and by facility energy as metered."""
    plan = small(center(inference=Service(pool="pool", cards=64.0)), 2).plan()
    figures = key_figures(plan.results)
    units = unit_costs(Costs(6.4, 6.4, {}), figures)
    assert figures["card_hours"] == approx(128.0)
    assert units["per_card_hour"] == approx({"running": 0.05, "total": 0.1})
    assert units["per_it_kwh"]["total"] == approx(12.8 / (figures["it_mwh"] * 1000))
    assert units["per_facility_kwh"]["total"] == approx(12.8 / (figures["facility_mwh"] * 1000))
    assert figures["facility_mwh"] >= figures["it_mwh"]
    nothing = unit_costs(Costs(6.4, 6.4, {}), dict.fromkeys(figures, 0.0))
    assert nothing["per_card_hour"] == {"running": None, "total": None}


def test_what_is_said_wrong_or_not_at_all() -> None:
    """Sunk with a price, neither of both, a price by the kWh for what stores none: refused. A plant that says nothing: a remark."""
    for settings in ({}, {"sunk": True, "capital_cost_per_kw": 1.0}):
        with pytest.raises(ValidationError, match="one of the two"):
            OwnerCost(**settings)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="stores no energy"):
        Genset(power_mw=1, owner_cost=OwnerCost(capital_cost_per_kwh=1.0))
    silent = {("site", "battery"): Storage(power_mw=1, energy_mwh=1), ("site", "tie"): tie()}
    assert "battery" in remark_on_capital(silent)[0]
