"""Storage on the public grid: capacity payments by province, paid discharge, full charges of a day; each by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sites import Demand, Small, flow_of, refused_without, small, tie

from optimizer.plan.results import violations
from optimizer.technologies.base import Size
from optimizer.technologies.energy.grid_side import CapacityPayment
from optimizer.technologies.energy.lease import Call, Lease
from optimizer.technologies.energy.storage import Storage

GANSU = {"price_per_kw_year": 330, "reliability": 0.475, "own_use_share": 0.0174, "supply_factor": 0.8953}
"""Draft of 14 July 2025, parameters of 2026 (secondary)."""
QINGHAI = {"price_per_kw_year": 165, "own_use_share": 0.1039, "longest_peak_h": 4}
"""Draft of 25 February 2026 (secondary); factor K 1."""


def station(**settings: Any) -> Storage:
    """A lossless store of 100 MW and 400 MWh on the public grid."""
    free = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
    return Storage(**{"power_mw": 100.0, "energy_mwh": 400.0, "behind_the_meter": False, **free, **settings})


def on_grid(store: Storage, prices: list[float], hours: int) -> Small:
    """The store beside a tie that carries it and a load of nothing."""
    assets = {"tie": tie(carries_stores=True, carriage_price_per_mwh=0.0, import_limit_mw=100.0, export_limit_mw=100.0),
              "load": Demand(amount=[0.0]), "store": store}  # fmt: skip
    return small(assets, hours, series={("tie", "import_price_per_mwh"): prices})


@pytest.mark.parametrize(("payment", "energy_mwh", "yuan"), [
    (GANSU, 400.0, 13_789_639), (QINGHAI, 400.0, 14_785_650), (QINGHAI, 200.0, 7_392_825),
    ({**QINGHAI, "supply_factor": 1.04}, 400.0, 15_377_076),
])  # fmt: skip
def test_a_year_of_capacity_payment(payment: dict[str, float], energy_mwh: float, yuan: float) -> None:
    """100 MW: Gansu 137.896 yuan/kW, Qinghai 165 x 0.8961 x min(h / 4, 1)."""
    terms = CapacityPayment(**payment)
    assert terms.credited_mw(100.0, energy_mwh) * terms.per_mw_year == pytest.approx(yuan, abs=1.0)


def test_the_bill_has_the_share_of_the_hours_planned() -> None:
    """73 hours are a 120th of a year: 14,785,650 / 120 are earned, whatever the store does."""
    plan = on_grid(station(capacity_payment=QINGHAI), [10.0] * 73, 73).plan()
    assert plan.cost == pytest.approx(-14_785_650 / 120, abs=0.005)


def test_a_size_grows_while_its_payment_exceeds_its_cost() -> None:
    """Energy at 30,000 a MWh-year earns 147,856.50 / 4: as much as lasts 4 h at 100 MW is built, and no more."""
    size = Size(max=1_000.0, annual_cost=30_000.0)
    plan = on_grid(
        station(energy_mwh=size, capacity_payment=QINGHAI, opening_state_of_charge=0.0), [10.0] * 4, 4
    ).plan()
    assert plan.cost == pytest.approx((400 * 30_000 - 14_785_650) * 4 / 8_760, rel=1e-6)


def test_the_credit_stays_within_the_size() -> None:
    """Without its row the payment has no end, or is not what the bill says."""
    size = Size(max=1_000.0, annual_cost=30_000.0)
    site = on_grid(station(energy_mwh=size, power_mw=Size(max=100.0, annual_cost=1.0), capacity_payment=QINGHAI), [10.0] * 2, 2)  # fmt: skip
    from optimizer.solve.highs import SolverError  # the one place that needs it

    try:
        assert refused_without(site, "credited_within_size")
    except SolverError:
        return  # nothing bounds the credit


def test_behind_the_meter_nothing_is_paid_for_capacity() -> None:
    """A payment there is refused with the remedy."""
    with pytest.raises(ValueError, match="behind_the_meter: false"):
        station(behind_the_meter=True, capacity_payment=QINGHAI)


def test_discharge_to_the_grid_is_paid() -> None:
    """360 MWh at 280 yuan: 100,800 a day, energy of the store's own opening."""
    call = Lease(call=Call(price_per_mwh=280.0, most_mw=100.0))
    store = station(lease=call, energy_mwh=400.0, opening_state_of_charge=0.9)
    assert on_grid(store, [1_000.0] * 24, 24).plan().cost == pytest.approx(-100_800, abs=0.005)


def capped(hours: int = 24) -> Small:
    """Power that the grid pays for taking, every second hour, and a price for giving it: as many charges as may be."""
    call = Lease(call=Call(price_per_mwh=280.0, most_mw=400.0))
    store = station(lease=call, power_mw=400.0, behind_the_meter=True, most_full_charges_per_day=1.5)
    assets = {"tie": tie(import_limit_mw=400.0), "load": Demand(amount=[0.0]), "store": store}
    return small(assets, hours, series={("tie", "import_price_per_mwh"): [10.0, 900.0] * (hours // 2)})


def test_no_day_takes_in_more_than_its_full_charges() -> None:
    """A store of 400 MWh takes in 600 a day: 600 x (280 - 10) are earned; two days take in twice that."""
    for hours in (24, 48):
        plan = capped(hours).plan()
        charged = -flow_of(plan, "store", "charge").reshape(-1, 24).sum(axis=1)
        assert charged == pytest.approx(np.full(hours // 24, 600.0))
        assert plan.cost == pytest.approx(-600 * 270 * hours / 24)
    assert refused_without(capped(), "charges_of_a_day_are_few")


def test_what_was_taken_in_before_the_plan_counts() -> None:
    """Of the day's 600 MWh 500 were taken in before; 100 are left, and the state after tells all 600."""
    site = capped()
    opening = {("site", "store"): {"energy_mwh": 0.0, "charged_today_mwh": 500.0}}
    plan = site.plan(opening=opening)
    assert -flow_of(plan, "store", "charge").sum() == pytest.approx(100.0)
    assert violations(plan.results, site.assets) == []
