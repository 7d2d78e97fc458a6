"""Battery as machines are: each limit by hand on an hour or two, and its law from both sides, read from the results alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from sites import Demand, Small, flow_of, meter_of, small, tie

from optimizer.plan.outcome import Plan
from optimizer.plan.results import violations
from optimizer.technologies.energy.battery import ChargePoint
from optimizer.technologies.energy.storage import Storage

WEAK_ENDS = (
    ChargePoint(state_of_charge=0.0, charge=1.0, discharge=0.2),
    ChargePoint(state_of_charge=0.5, charge=1.0, discharge=1.0),
    ChargePoint(state_of_charge=1.0, charge=0.2, discharge=1.0),
)


def site(prices: list[float], load: list[float], weather: xr.Dataset | None = None, **settings: Any) -> Small:
    """A tie of 50 MW, a load and a lossless store of 4 MW and 4 MWh, empty at the start."""
    lossless = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
    store = Storage(**{"power_mw": 4.0, "energy_mwh": 4.0, **lossless, **settings})
    assets = {"tie": tie(import_limit_mw=50.0), "load": Demand(amount=load), "store": store}
    series = {("tie", "import_price_per_mwh"): prices}
    return small(assets, len(prices), series=series, **({} if weather is None else {"weather": weather}))


def changed(plan: Plan, variable: str, name: str, step: int, amount: float) -> xr.Dataset:
    """The results with one number of the store changed, and its energy and the bus made to follow."""
    results = plan.results.copy(deep=True)
    table = results[variable]
    label = {"flow": "series_flow", "metered": "meter_quantity", "shortfall": "promise_quantity"}[variable]
    column = int(np.flatnonzero(table[label].values == name)[0])
    table.values[step, column] += amount
    return results


def broken(case: Small, results: xr.Dataset) -> str:
    """The broken laws of a results Dataset as one text."""
    return "; ".join(violations(results, case.assets))


def test_power_falls_near_full() -> None:
    """Taking in x MW for an hour ends at x of 4 MWh, where 4 · (1.8 − 1.6 x / 4) MW are left: x = 7.2 / 2.6 = 2.769 of 4."""
    case = site([10.0, 500.0], [0.0, 4.0], power_by_state_of_charge=WEAK_ENDS)
    plan = case.plan()
    assert -flow_of(plan, "store", "charge")[0] == pytest.approx(7.2 / 2.6)
    assert violations(plan.results, case.assets) == []
    assert "charges above what its state of charge lets it" in broken(case, changed(plan, "flow", "charge", 0, -0.1))


def test_power_falls_near_empty() -> None:
    """A full store gives 4 MW only down to half: what ends at 0 gives 0.2 · 4; x MW end at 4 − x, 4 · (0.2 + 1.6 (4 − x) / 4) = x."""
    case = site([500.0], [4.0], power_by_state_of_charge=WEAK_ENDS, opening_state_of_charge=1.0)
    plan = case.plan()
    assert flow_of(plan, "store", "discharge")[0] == pytest.approx(7.2 / 2.6)
    assert "discharges above what its state of charge" in broken(case, changed(plan, "flow", "discharge", 0, 0.1))


def test_lines_that_bend_up_are_refused() -> None:
    """Less power in the middle than at both ends is no battery, and no linear limit."""
    dip = [{"state_of_charge": s, "charge": c, "discharge": 1.0} for s, c in ((0.0, 1.0), (0.5, 0.2), (1.0, 1.0))]
    with pytest.raises(ValueError, match="must bend down"):
        Storage(power_mw=1.0, energy_mwh=1.0, power_by_state_of_charge=dip)


def test_a_converter_loses_more_of_little() -> None:
    """It loses 0.1 MW whenever it works: 1 MWh out costs 1.1 and the 0.1 of charging, 12 at 10; 0.1 MWh is not worth 0.2."""
    plan = site([10.0, 100.0], [0.0, 1.0], converter_loss_mw=0.1).plan()
    assert plan.cost == pytest.approx(12.0)
    little = site([10.0, 25.0], [0.0, 0.1], converter_loss_mw=0.1)
    assert little.plan().cost == pytest.approx(2.5)  # 0.3 taken in would cost 3
    case = site([10.0, 100.0, 100.0], [0.0, 1.0, 0.0], converter_loss_mw=0.1)
    plan = case.plan()
    assert meter_of(plan, "store", "converter_works").tolist() == pytest.approx([1, 1, 0])
    assert "works and does not say so" in broken(case, changed(plan, "metered", "converter_works", 1, -1))
    assert "said to work and carries nothing" in broken(case, changed(plan, "metered", "converter_works", 2, 1))


def test_heating_is_drawn_in_the_cold() -> None:
    """At −25 °C 2.4 % a day of 4 MWh are 4 kW, at +5 °C none: 0.004 MWh at 500, though the store lies still."""
    cold = xr.Dataset({"dry_bulb_c": ("time", np.array([-25.0, 5.0]))})
    heating = [{"temperature_c": -25, "share_per_day": 0.024}, {"temperature_c": 5, "share_per_day": 0.0}]
    case = site([500.0, 500.0], [0.0, 0.0], cold, heating=heating)
    plan = case.plan()
    assert plan.cost == pytest.approx(0.004 * 500)
    for step, amount in ((0, 0.01), (1, -0.01)):
        assert "heating does not follow" in broken(case, changed(plan, "flow", "heating", step, amount))


def test_powers_in_and_out_are_apart() -> None:
    """1 MW in and 3 MW out: one cheap hour moves 1 MWh, three of them 3 into one dear hour."""
    apart = {"charge_power_mw": 1.0, "discharge_power_mw": 3.0}
    assert site([10.0, 100.0], [0.0, 4.0], **apart).plan().cost == pytest.approx(10 + 300)
    case = site([10.0, 10.0, 10.0, 10.0, 100.0], [0.0] * 4 + [4.0], **apart)
    plan = case.plan()
    assert plan.cost == pytest.approx(30 + 100)
    assert "discharges above its power" in broken(case, changed(plan, "flow", "discharge", 4, 0.5))
    assert "charges above its power" in broken(case, changed(plan, "flow", "charge", 0, -1.5))


def test_ramps_hold_up_and_down() -> None:
    """Full, 1 MW an hour up: 0, then 1 of 4 MW; 1 MW down: after 4 MW in the dear hour it must still give 3 in the free one."""
    up = site([0.0, 500.0], [0.0, 4.0], opening_state_of_charge=1.0, ramp_up_mw_per_h=1.0)
    plan = up.plan()
    net = flow_of(plan, "store", "discharge") + flow_of(plan, "store", "charge")
    assert net[1] - net[0] == pytest.approx(1.0)
    assert "power rises faster" in broken(up, changed(plan, "flow", "discharge", 1, 0.1))
    down = site([500.0, 400.0], [3.0, 3.0], opening_state_of_charge=1.0, ramp_down_mw_per_h=1.0)
    plan = down.plan()
    net = flow_of(plan, "store", "discharge") + flow_of(plan, "store", "charge")
    assert net[0] - net[1] == pytest.approx(1.0)
    assert "power falls faster" in broken(down, changed(plan, "flow", "discharge", 1, -0.1))


def test_a_plan_ends_as_it_began_or_as_told() -> None:
    """Half full of 4 MWh: free, it gives both MWh at 500; to end as it began it buys them at 10 first, to end full four more."""
    half, load = {"opening_state_of_charge": 0.5}, [0.0, 2.0]
    assert site([10.0, 500.0], load, **half).plan().cost == pytest.approx(0.0)
    assert site([10.0, 500.0], load, **half, final_state_of_charge="opening").plan().cost == pytest.approx(20.0)
    case = site([10.0, 500.0], load, **half, final_state_of_charge=1.0)
    plan = case.plan()
    assert plan.cost == pytest.approx(20.0 + 2 * 500.0)  # it is full after the first hour and stays so
    assert "missing final energy" in broken(case, changed(plan, "shortfall", "missing_final_mwh", 1, 1.0))


def test_what_cannot_be_kept_at_the_end_is_priced() -> None:
    """1 MW in cannot fill 4 MWh in one hour: three are missing, at 5,000 each, and the promise is told."""
    plan = site([10.0], [0.0], charge_power_mw=1.0, final_state_of_charge=1.0).plan()
    assert plan.cost == pytest.approx(10.0 + 3 * 5_000.0)
    assert plan.results["shortfall"].values.max() == pytest.approx(3.0)
