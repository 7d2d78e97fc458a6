"""Inputs that public cases ask for, each by hand: tiers on demand, changes of power, fuel in pieces, served share, standing plant.

Every plan is billed anew from its flows and checked from its results by the pipeline, so that a slip in the model alone raises.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sites import Demand, Small, flow_of, meter_of, small, tie

from optimizer.plan.results import violations
from optimizer.quantities.demand_charge import DemandCharge
from optimizer.quantities.tariff import Tariff
from optimizer.technologies.base import Size, Technology
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Load, ServedShare
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.plant import OwnerCost

A_DAY = 31.0
"""Days of January: a plan of one day pays a 31st of a monthly price."""


def changed(case: Small, variable: str, name: str, step: int, amount: float) -> str:
    """Laws that the plan breaks once one number of its results is changed."""
    results = case.plan().results.copy(deep=True)
    table = results[variable]
    label = {"metered": "meter_quantity", "shortfall": "promise_quantity"}[variable]
    table.values[step, int(np.flatnonzero(table[label].values == name)[0])] += amount
    return "; ".join(violations(results, case.assets))


def demand_day(peak_mw: float, tiers: list[dict[str, float]]) -> float:
    """Cost of a day of January with that peak, at 3,100 a MW-month."""
    charge = DemandCharge.model_validate({"name": "peak", "price_per_mw": 100.0 * A_DAY, "tiers": tiers})
    grid = Grid(tariff=Tariff(energy_price_per_mwh=0.0, demand_charges=[charge]), import_limit_mw=10.0)
    return small({"tie": grid, "load": Demand(amount=[peak_mw, *[1.0] * 23])}, 24).plan().cost


@pytest.mark.parametrize(("peak_mw", "extra", "money"), [
    (2.0, 50.0, 200.0), (6.0, 50.0, 600.0 + 2 * 50.0), (2.0, -40.0, 200.0), (6.0, -40.0, 600.0 - 2 * 40.0),
    (9.0, -40.0, 900.0 - 4 * 40.0 + 1 * 20.0),
])  # fmt: skip
def test_blocks_of_demand_have_prices_of_their_own(peak_mw: float, extra: float, money: float) -> None:
    """100 a MW, from 4 MW on 50 more or 40 less, above 8 MW 20 more: rising blocks need no whole numbers, falling ones do."""
    tiers = [{"above_mw": 4.0, "extra_per_mw": extra * A_DAY}, {"above_mw": 8.0, "extra_per_mw": 20.0 * A_DAY}]
    assert demand_day(peak_mw, tiers) == pytest.approx(money, abs=1e-6)


def test_blocks_of_demand_that_pay_for_demand_are_refused() -> None:
    with pytest.raises(ValueError, match="would pay money"):
        DemandCharge.model_validate(
            {"name": "peak", "price_per_mw": 100.0, "tiers": [{"above_mw": 1.0, "extra_per_mw": -101.0}]}
        )


def test_demand_hours_over_midnight_are_billed() -> None:
    """1 MW for two days at 100 and 1,000 a MW between 22 and 6: 4,800 + 1,000 x 48/744 = 4,864.52."""
    charge = DemandCharge.model_validate({"name": "night", "price_per_mw": 1000.0, "when": [{"hours": [(22, 6)]}]})
    grid = Grid(tariff=Tariff(energy_price_per_mwh=100.0, demand_charges=[charge]), import_limit_mw=3.0)
    cost = small({"tie": grid, "load": Demand(amount=[1.0])}, 48, start="2025-03-03").plan().cost
    assert cost == pytest.approx(4864.52, abs=0.005)


@pytest.mark.parametrize(("hours", "high_hour", "peak_mw"), [
    ((22, 6), 23, 2.0), ((22, 6), 5, 2.0), ((22, 6), 6, 1.0), ((22, 6), 21, 1.0), ((23.5, 0.5), 23, 2.0), ((18, 2), 1, 2.0), ((6, 22), 23, 1.0),
])  # fmt: skip
def test_hours_over_midnight_take_both_their_ends(hours: tuple[float, float], high_hour: int, peak_mw: float) -> None:
    """1 MW, but 2 in one hour a day: billed where that hour lies between the limits, on whichever side of midnight."""
    charge = DemandCharge.model_validate({"name": "night", "price_per_mw": 744.0, "when": [{"hours": [hours]}]})
    grid = Grid(tariff=Tariff(energy_price_per_mwh=0.0, demand_charges=[charge]), import_limit_mw=3.0)
    load = [2.0 if hour == high_hour else 1.0 for hour in range(24)]
    cost = small({"tie": grid, "load": Demand(amount=load)}, 24, start="2025-03-03").plan().cost
    assert cost == pytest.approx(24.0 * peak_mw, abs=1e-6)


def moving(price: float) -> Small:
    """A lossless store of 4 MW, full, against prices of 100, 50 and 100 for a load of 2 MW."""
    store = Storage(power_mw=2.0, energy_mwh=4.0, charge_efficiency=1, discharge_efficiency=1,
                    opening_state_of_charge=1.0, power_change_cost_per_mw=price)  # fmt: skip
    series = {("tie", "import_price_per_mwh"): [100.0, 50.0, 100.0]}
    return small({"tie": tie(), "load": Demand(amount=[2.0]), "store": store}, 3, series=series)


@pytest.mark.parametrize(("price", "middle_mw", "money"), [(10.0, 0.0, 100 + 4 * 10), (30.0, 4 / 3, 2 / 3 * 250)])
def test_changes_of_power_are_paid(price: float, middle_mw: float, money: float) -> None:
    """At 10 the store rests in the hour at 50 and moves 4 MW; at 30 that would cost 220, so it gives an even 4/3 MW."""
    plan = moving(price).plan()
    assert plan.cost == pytest.approx(money, abs=1e-6)
    assert flow_of(plan, "store", "discharge")[1] == pytest.approx(middle_mw, abs=1e-6)


@pytest.mark.parametrize("amount", [-0.5, 0.5])
def test_a_change_of_power_that_is_not_its_own_is_found(amount: float) -> None:
    """Told too low or too high, the results alone show it."""
    assert "change of power is not that of its flows" in changed(moving(10.0), "metered", "power_change_mw", 1, amount)


UP = [{"output": 0.0, "fuel": 0.0}, {"output": 0.5, "fuel": 1.0}, {"output": 1.0, "fuel": 2.5}]
"""2 MWh of fuel a MWh up to half, 3 above."""
DOWN = [{"output": 0.0, "fuel": 0.5}, {"output": 0.5, "fuel": 2.0}, {"output": 1.0, "fuel": 3.0}]
"""0.5 of idling, 3 MWh of fuel a MWh up to half, 2 above."""


def engine(curve: list[dict[str, float]], load_mw: float, grid: float, **more: Any) -> Small:
    """A machine of 2 MW beside a grid for an hour."""
    unit = Genset.model_validate({"power_mw": 2.0, "fuel_curve": curve, "fuel_price_per_mwh": 10.0, **more})
    return small({"tie": tie(grid), "load": Demand(amount=[load_mw]), "unit": unit}, 1)


@pytest.mark.parametrize(("curve", "load_mw", "grid", "money"), [
    (UP, 2.0, 100.0, 50.0),  # all: 2 + 3 MWh of fuel at 10
    (UP, 2.0, 25.0, 20.0 + 25.0),  # the dear half is bought
    (DOWN, 2.0, 100.0, 60.0),  # 2 x 3.0 at 10
    (DOWN, 2.0, 29.0, 58.0),  # all bought: running costs 60, half of it 40 + 29
    (DOWN, 1.0, 39.0, 39.0),  # 1 MW would burn 2 x 2.0
    (DOWN, 1.0, 41.0, 40.0),
])  # fmt: skip
def test_fuel_in_pieces(curve: list[dict[str, float]], load_mw: float, grid: float, money: float) -> None:
    """A curve that bends up is cut at its knee, one that bends down runs in full or not at all."""
    assert engine(curve, load_mw, grid).plan().cost == pytest.approx(money, abs=1e-6)


def test_fuel_free_of_charge_is_still_counted() -> None:
    """Where fuel costs nothing the order of the pieces is held by whole numbers: 1.5 MW burn 2 + 1.5."""
    plan = engine(UP, 1.5, 100.0, fuel_price_per_mwh=0.0).plan()
    assert meter_of(plan, "unit", "fuel_mw")[0] == pytest.approx(3.5, abs=1e-6)
    assert "fuel does not follow" in changed(engine(UP, 1.5, 100.0), "metered", "fuel_mw", 0, 0.01)
    assert "fuel does not follow" in changed(engine(UP, 1.5, 100.0), "metered", "fuel_mw", 0, -0.01)


@pytest.mark.parametrize(
    "more", [{"efficiency": 0.4}, {"idle_fuel_mw": 0.1}, {"power_mw": {"max": 2, "annual_cost": 1}}]
)
def test_a_curve_stands_alone(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="in place of efficiency"):
        engine(UP, 1.0, 100.0, **more)


def reliable(
    share: float | None,
    unserved: float,
    promise: float = 9000.0,
    prices: tuple[float, ...] = (10.0, 500.0, 900.0, 20.0),
) -> Small:
    """2.5 MW for four hours, 10 MWh; the grid at 10, 500, 900 and 20."""
    served = None if share is None else ServedShare(share=share, price_per_mwh=promise)
    load = Load(power_mw=2.5, unserved_price_per_mwh=unserved, served_share=served)
    return small({"tie": tie(), "load": load}, 4, series={("tie", "import_price_per_mwh"): list(prices)})


@pytest.mark.parametrize(("share", "unserved", "promise", "money", "short_mwh"), [
    (0.9, 0.0, 9000.0, 2.5 * 530 + 1.5 * 900, 0.0),  # one MWh of ten stays unserved, the dearest
    (0.9, 50.0, 9000.0, 2.5 * 530 + 1.5 * 900 + 50, 0.0),
    (1.0, 0.0, 9000.0, 2.5 * 1430, 0.0),
    (0.9, 1000.0, 9000.0, 2.5 * 1430, 0.0),  # nobody wants to cut: it does not bind
    (0.9, 0.0, 600.0, 2.5 * 530 + 1.5 * 600, 1.5),  # cheaper to miss the promise than to buy at 900
])  # fmt: skip
def test_a_share_of_the_load_is_served(
    share: float, unserved: float, promise: float, money: float, short_mwh: float
) -> None:
    """A share of the plan's energy must be served; the rest may stay out in the dearest hours."""
    plan = reliable(share, unserved, promise).plan()
    assert plan.cost == pytest.approx(money, abs=1e-6)
    assert float(plan.results["shortfall"].sum()) == pytest.approx(short_mwh, abs=1e-6)


@pytest.mark.parametrize("amount", [-0.3, 0.3])
def test_a_missed_share_is_told_as_it_is(amount: float) -> None:
    told = changed(reliable(0.9, 0.0, 600.0), "shortfall", "served_share_short_mw", 0, amount)
    assert "share served is not missed by what is said" in told


def test_the_share_is_counted_over_windows() -> None:
    """What an earlier window left unserved is not to be had again: 0.9 of 10 MWh allow one, and it is used up."""
    case = reliable(0.9, 0.0)
    first = case.plan().cost
    later = case.plan(opening={("site", "load"): {"unserved_beyond_mwh": 0.0}}).cost
    used_up = case.plan(opening={("site", "load"): {"unserved_beyond_mwh": 1.0}}).cost
    assert first == pytest.approx(later)
    assert used_up == pytest.approx(2.5 * 1430, abs=1e-6)


def test_nothing_that_keeps_a_load_served_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing would be served"):
        reliable(None, 0.0)


def test_existing_plant_pays_its_operation() -> None:
    """3 MW stand at 8,760 a MW-year of operation, 2 more are built at 87,600: 24 x 3 + 240 x 2 for a day."""
    size = Size(min=5.0, max=5.0, existing=3.0, annual_cost=87_600.0, existing_operation_cost=8_760.0)
    assets: dict[str, Technology] = {
        "tie": tie(0.0), "load": Demand(amount=[1.0]), "unit": Genset(power_mw=size, cost_per_mwh=100.0)}  # fmt: skip
    plan = small(assets, 24).plan()
    assert plan.cost == pytest.approx(24 * 3 + 240 * 2, abs=1e-6)
    assert float(plan.bill_by_step["unit: capacity"].sum()) == pytest.approx(24 * 3 + 240 * 2, abs=1e-6)


def test_sunk_plant_may_still_need_operation() -> None:
    """2 MW at 10 a kW-year and 8 MWh at 3 a kWh-year: 44,000 a year, nothing else."""
    cost = OwnerCost(sunk=True, om_per_kw_year=10.0, om_per_kwh_year=3.0)
    assert cost.per_year(2.0, 8.0) == {"operation": 44_000.0}
    assert OwnerCost(sunk=True).per_year(2.0, 8.0) == {}
