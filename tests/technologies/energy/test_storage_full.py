"""Storage in full: C-rate, converter, cold, ageing, rights and calls of a lease, and no burning of power."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import xarray as xr
from sites import Demand, small, tie

from optimizer.solve.complementarity import guarded_where_broken
from optimizer.technologies.base import Size, Technology
from optimizer.technologies.energy.cold import ColdPoint
from optimizer.technologies.energy.lease import Call, Lease
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind


def store(**settings: Any) -> Storage:
    """A lossless store of 2 MW and 4 MWh, empty at the start."""
    free = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
    return Storage(**{"power_mw": 2.0, "energy_mwh": 4.0, **free, **settings})


def cost(
    battery: Storage, prices: list[float], load: list[float], weather: xr.Dataset | None = None, **more: Technology
) -> float:
    """Cost of serving the load at these prices."""
    assets = {"tie": tie(), "load": Demand(amount=load), "store": battery, **more}
    series = {("tie", "import_price_per_mwh"): prices}
    options = {} if weather is None else {"weather": weather}
    return small(assets, len(prices), series=series, **options).plan().cost


CHEAP_THEN_DEAR, EVENING = [10.0, 100.0], [0.0, 4.0]
"""Without a store: 400. Each MWh moved saves 90."""


def test_c_rate_limits_the_power() -> None:
    """4 MWh at 0.25 1/h give 1 MW: one MWh moved, 310. By its 2 MW it would be 220."""
    assert cost(store(c_rate_per_h=0.25), CHEAP_THEN_DEAR, EVENING) == pytest.approx(310.0)
    assert cost(store(c_rate_per_h=0.25, power_mw=None), CHEAP_THEN_DEAR, EVENING) == pytest.approx(310.0)


def test_c_rate_ties_power_to_a_found_energy() -> None:
    """At 0.5 1/h the 4 MWh moved need 8 MWh of store at 10 each (for this plan): 40 + 80. Untied 4 MWh would do: 80."""
    energy = Size(max=20.0, annual_cost=10.0 * 8760 / 2)
    battery = store(c_rate_per_h=0.5, power_mw=None, energy_mwh=energy)
    assert cost(battery, CHEAP_THEN_DEAR, EVENING) == pytest.approx(40 + 80)


def test_a_power_to_be_found_limits_both_ways() -> None:
    """3 MW at 10 each move 3 MWh where the fourth is not worth it (power of 3 is most): 30 + 100 + 30."""
    power = Size(max=3.0, annual_cost=10.0 * 8760 / 2)
    assert cost(store(power_mw=power), CHEAP_THEN_DEAR, EVENING) == pytest.approx(30 + 100 + 30)


def test_a_power_to_be_found_limits_charging() -> None:
    """One cheap hour fills for two dear ones of 2 MW: 3 MW at 10 each take in 3 MWh. By discharge alone 2 MW would do."""
    power = Size(max=3.0, annual_cost=10.0 * 8760 / 3)
    assert cost(store(power_mw=power), [10.0, 100.0, 100.0], [0.0, 2.0, 2.0]) == pytest.approx(30 + 30 + 100)


def test_a_power_to_be_found_limits_discharging() -> None:
    """Two cheap hours fill for one dear hour of 4 MW: 4 MW at 10 each give 4 MWh. By charging alone 2 MW would do."""
    power = Size(max=4.0, annual_cost=10.0 * 8760 / 3)
    assert cost(store(power_mw=power), [10.0, 10.0, 100.0], [0.0, 0.0, 4.0]) == pytest.approx(40 + 40)


def test_a_found_energy_keeps_its_least_inside() -> None:
    """Half always stays inside: moving 2 MWh needs 4 MWh at 1 each, and 20 of energy. Else the opening half would be free."""
    energy = Size(max=20.0, annual_cost=1.0 * 8760 / 2)
    battery = store(energy_mwh=energy, least_state_of_charge=0.5, opening_state_of_charge=0.5)
    assert cost(battery, CHEAP_THEN_DEAR, [0.0, 2.0]) == pytest.approx(4 + 20)


def test_something_must_limit_the_power() -> None:
    """Neither power nor C-rate: refused, with what to give."""
    with pytest.raises(ValueError, match="give power_mw, or c_rate_per_h"):
        store(power_mw=None)
    with pytest.raises(ValueError, match="converter"):
        store(power_mw=None, c_rate_per_h=1.0, one_converter=True)


def called(**settings: Any) -> Storage:
    """A lossless leased store that the grid calls at 500 a MWh, up to 2 MW, in every hour."""
    return store(
        behind_the_meter=True,
        lease=Lease(call=Call(price_per_mwh=500.0, most_mw=2.0)),
        opening_state_of_charge=0.5,
        **settings,
    )


@pytest.mark.parametrize("one_converter", [False, True])
def test_a_called_store_does_not_charge_while_it_gives(one_converter: bool) -> None:
    """Two hours, 2 MWh inside, 2 MW: two MWh are called. Charging while called would sell 4 for 20 of energy."""
    assert cost(called(one_converter=one_converter), [10.0, 10.0], [0.0, 0.0]) == pytest.approx(-2 * 500)


def test_calls_earn_only_within_their_limit() -> None:
    """1 MW is called in the second hour only: 500 earned, although 2 MWh are inside and 2 MW could flow; the MWh is worth 1."""
    call = Call(price_per_mwh=500.0, most_mw={"hourly": [0.0, 1.0] + [0.0] * 22})
    battery = store(behind_the_meter=True, lease=Lease(call=call), opening_state_of_charge=0.5, end_value_per_mwh=1.0)
    assert cost(battery, [10.0, 10.0], [0.0, 0.0]) == pytest.approx(-500 + 1 * 1.0)


def test_rights_hold_by_the_hour() -> None:
    """A lease that may not discharge in the dear hour is worth nothing: 400. With half the power: 310."""
    none = Lease(discharge_rights={"hourly": [1.0, 0.0] + [0.0] * 22})
    half = Lease(discharge_rights={"hourly": [1.0, 0.5] + [0.0] * 22})
    assert cost(store(behind_the_meter=True, lease=none), CHEAP_THEN_DEAR, EVENING) == pytest.approx(400.0)
    assert cost(store(behind_the_meter=True, lease=half), CHEAP_THEN_DEAR, EVENING) == pytest.approx(310.0)
    assert cost(
        store(behind_the_meter=True, lease=Lease(charge_rights=0.0)), CHEAP_THEN_DEAR, EVENING
    ) == pytest.approx(400.0)


COLD = (ColdPoint(temperature_c=-20, charge=0.0, discharge=0.5), ColdPoint(temperature_c=0, charge=1.0, discharge=1.0))


@pytest.mark.parametrize(
    ("dry_bulb_c", "moved_mwh"), [(-30.0, 0.0), (-20.0, 0.0), (-10.0, 1.0), (0.0, 2.0), (30.0, 2.0)]
)
def test_cold_narrows_the_power(dry_bulb_c: float, moved_mwh: float) -> None:
    """Half way between two points half the charging power: 1 MWh moved. Cells below zero cannot be charged at full rate."""
    time = pd.date_range("2025-01-05T16:00", periods=2, freq="h")
    weather = xr.Dataset({"dry_bulb_c": ("time", [dry_bulb_c] * 2)}, coords={"time": time})
    assert cost(store(cold=COLD), CHEAP_THEN_DEAR, EVENING, weather) == pytest.approx(400 - 90 * moved_mwh)
    assert store(cold=COLD).needs_weather()
    assert not store().needs_weather()


def test_charging_has_its_own_cost() -> None:
    """5 a MWh taken in: two MWh moved cost 10 more."""
    assert cost(store(charge_cost_per_mwh=5.0), CHEAP_THEN_DEAR, EVENING) == pytest.approx(220 + 10)


def test_keeping_energy_ages_the_store() -> None:
    """50 a MWh-hour: charging in the hour before costs 50 a MWh, two hours before 100: the spread of 90 pays only the
    later. Without keeping cost both cheap hours are as good."""
    prices, load = [5.0, 10.0, 100.0], [0.0, 0.0, 2.0]
    assert cost(store(keep_cost_per_mwh_h=50.0), prices, load) == pytest.approx(2 * 10 + 2 * 50)
    assert cost(store(), prices, load) == pytest.approx(2 * 5)


def test_readiness_is_worth_keeping() -> None:
    """A reward of 20 a MWh-hour over four hours is worth buying 4 MWh at 10 at once: 2 after the first hour, then 4."""
    rewarded = cost(store(keep_cost_per_mwh_h=-20.0), [10.0] * 4, [0.0] * 4)
    assert rewarded == pytest.approx(40 - 20 * (2 + 4 + 4 + 4))


def test_power_is_not_burned_to_escape_a_curtailment_penalty() -> None:
    """One hour, 5 MW of wind, 1 MW of load, 100 a MWh curtailed: 400. A store with losses of half each way that charges
    and discharges at once would burn 3 MW of it and pay 100."""
    lossy = Storage(
        power_mw=4, energy_mwh=2, charge_efficiency=0.5, discharge_efficiency=0.5, opening_state_of_charge=1
    )
    wind = Wind(power_mw=5.0, capacity_factor=1.0, cost_per_mwh=0.0, curtailment_price_per_mwh=100.0)
    assert cost(lossy, [50.0], [1.0], wind=wind) == pytest.approx(400.0)


def test_whole_numbers_only_where_power_is_worth_less_than_nothing() -> None:
    """At prices above zero the direction is no question; below, the store gets a whole number a step, three in three hours."""
    lossy = {"tie": tie(), "load": Demand(amount=[1.0]), "store": Storage(power_mw=1, energy_mwh=2)}
    assert not guarded_where_broken(small(lossy, 24).compiled().matrix)[0].is_integer.any()
    negative = small(lossy, 3, series={("tie", "import_price_per_mwh"): [-10.0] * 3})
    assert int(guarded_where_broken(negative.compiled().matrix)[0].is_integer.sum()) == 3


def test_direct_sale_keeps_its_own_meter() -> None:
    """2 MW of wind sold at 150 while the load is bought at 100: 100 - 300. Through the site it would save 100 only."""
    wind = Wind(power_mw=2.0, capacity_factor=1.0, cost_per_mwh=0.0, direct_sale_price_per_mwh=150.0)
    assert cost(store(idle=True), [100.0], [1.0], wind=wind) == pytest.approx(100 - 300)
