"""Store on the public grid: its energy crosses the tie, pays the network, and neither cuts a peak nor sells a site its own hours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sites import NO_SKY, PLACE, Demand, Small, flow_of, small, tie, without_rows

from optimizer.plan.results import violations
from optimizer.quantities.tariff import Tariff
from optimizer.scenario.complaints import MisfitError
from optimizer.scenario.single_site import Scenario
from optimizer.technologies.base import Outside
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.station import Station
from optimizer.technologies.energy.storage import Storage

NETWORK = {"transmission_price_per_mwh": 60.0, "system_fee_per_mwh": 20.0, "funds_per_mwh": 20.0}
"""A MWh carried in pays 100."""


def site(prices: list[float], load: list[float], sun: list[float] | None = None, *, behind: bool = False,
         demand_price: float = 0.0, **settings: Any) -> Small:  # fmt: skip
    """A tie of 4 MW in and 2 out, a load, perhaps 1 MW of sun, a lossless store of 2 MW and 2 MWh, empty at the start.

    `prices`: of the energy alone; 100 of network come on top.
    """
    tariff = Tariff(energy_price_per_mwh=0.0, demand_price_per_mw_month=demand_price, **NETWORK)
    grid = Grid(tariff=tariff, **({"import_limit_mw": 4.0, "export_limit_mw": 2.0, "carries_stores": True} | settings))
    lossless = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
    store = Storage(power_mw=2.0, energy_mwh=2.0, behind_the_meter=behind, **lossless)
    assets = {"tie": grid, "load": Demand(amount=load), "store": store}
    series = {("tie", "import_price_per_mwh"): [price + 100.0 for price in prices]}
    if sun is not None:
        assets["sun"] = Solar(peak_power_mw=1.0, capacity_factor=0.0, cost_per_mwh=0.0)
        series["sun", "capacity_factor"] = sun
    return small(assets, len(prices), series=series)


def test_it_sells_the_site_no_cheap_hours() -> None:
    """2 MWh at 100 + 100 in the first hour would serve the second at 500 + 100: 400 behind the meter, 1,200 on the grid."""
    prices, load = [100.0, 500.0], [0.0, 2.0]
    assert site(prices, load, behind=True).plan().cost == pytest.approx(400.0)
    plan = site(prices, load).plan()
    assert plan.cost == pytest.approx(1_200.0)
    assert flow_of(plan, "store", "charge") == pytest.approx(np.zeros(2))


def test_own_sun_comes_back_for_the_network_price() -> None:
    """1 MWh of noon's sun serves the evening for 100 instead of 600; behind the meter for nothing."""
    prices, load, sun = [500.0, 500.0], [0.0, 1.0], [1.0, 0.0]
    plan = site(prices, load, sun).plan()
    assert plan.cost == pytest.approx(100.0)
    assert flow_of(plan, "tie", "carried out") == pytest.approx([1.0, 0.0])
    assert flow_of(plan, "tie", "carried in") == pytest.approx([0.0, 1.0])
    assert site(prices, load, sun, behind=True).plan().cost == pytest.approx(0.0)


def test_it_cuts_no_demand_peak() -> None:
    """A MW of peak costs 20,000 a month, two hours of January their share of it; with one MWh of noon's sun in the store the
    evening's 2 MW are a peak of 2 all the same. Behind the meter the peak is half a MW: half a MWh is bought at noon.
    """
    prices, load, sun = [500.0, 500.0], [0.0, 2.0], [1.0, 0.0]
    free, paid = (site(prices, load, sun, demand_price=price).plan().cost for price in (0.0, 20_000.0))
    behind_free, behind_paid = (
        site(prices, load, sun, demand_price=price, behind=True).plan().cost for price in (0.0, 20_000.0)
    )
    assert paid - free == pytest.approx(2.0 * 20_000 * 2 / (31 * 24))
    assert behind_paid - behind_free == pytest.approx(0.5 * 20_000 * 2 / (31 * 24))


def test_it_passes_the_tie() -> None:
    """Out and in it shares the tie's limits: 0.4 MW out carry 0.4 MWh; 1 MW in brings no more than 1 MW, bought or carried."""
    prices, load, sun = [500.0, 500.0], [0.0, 1.0], [1.0, 0.0]
    plan = site(prices, load, sun, export_limit_mw=0.4).plan()
    assert plan.cost == pytest.approx(0.4 * 100 + 0.6 * 600)
    tight = site(prices, [0.0, 1.5], sun, import_limit_mw=1.0)
    assert flow_of(tight.plan(), "tie", "overload")[1] == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["import_and_carriage_within_limit", "export_and_carriage_within_limit"])
def test_a_row_that_is_taken_away_is_missed(name: str) -> None:
    """Without it the checks find more on the tie than it carries, or the plan gets cheaper."""
    case = site([500.0, 500.0], [0.0, 1.5], [1.0, 0.0], import_limit_mw=1.0, export_limit_mw=0.4)
    sold = case.inputs["exogenous_quantity"].values == "export_price_per_mwh"
    case.inputs["input"].values[0, sold] = 50.0
    freed, broken = without_rows(case, name)
    assert freed < case.plan().cost - 1e-3 or broken  # money; optima are exact to 1e-6


def test_a_store_that_moves_what_is_not_carried_is_found() -> None:
    """Carried power that is not the store's breaks its law, on both ways."""
    case = site([500.0, 500.0], [0.0, 1.0], [1.0, 0.0])
    for flow, amount in (("carried in", 0.5), ("carried out", -0.5)):
        results = case.plan().results.copy(deep=True)
        of_store = (results["asset"].values == "store") & (results["series_flow"].values == flow)
        results["flow"].values[0, of_store] += amount
        assert "is not carried as it charges and gives" in "; ".join(violations(results, case.assets))


def test_a_shared_station_on_the_grid_gives_through_the_tie() -> None:
    """The whole of a lossless station of 2 MW and 2 MWh, empty at the start: noon's sun comes back for 100, a cheap hour does not."""
    for sun, cost in (([1.0, 0.0], 100.0), ([0.0, 0.0], 600.0)):
        case = site([100.0, 500.0], [0.0, 1.0], sun)
        lossless = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
        station = Station(power_mw=2.0, energy_mwh=2.0, accounts={"site": 1.0}, behind_the_meter=False, **lossless)
        assets = {name: asset for (_, name), asset in case.assets.items() if name != "store"} | {"station": station}
        series = {("tie", "import_price_per_mwh"): [200.0, 600.0], ("sun", "capacity_factor"): sun}
        shared = small(assets, 2, series=series)
        plan = shared.plan()
        assert plan.cost == pytest.approx(cost)
        results = plan.results.copy(deep=True)
        of_station = (results["asset"].values == "station") & (results["series_flow"].values == "carried in site")
        results["flow"].values[1, of_station] -= 0.5
        assert "site moves other energy than its tie carries" in "; ".join(violations(results, shared.assets))


def test_a_store_on_the_grid_needs_a_tie_that_carries_it() -> None:
    """Without one the scenario is refused: nothing feeds the bus that carries."""
    tie = {"tariff": {"energy_price_per_mwh": 400.0}, "import_limit_mw": 1.0}
    store = {"power_mw": 1.0, "energy_mwh": 1.0, "behind_the_meter": False}
    document = {"name": "a", "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2000},
                "grid": {"tie": tie}, "storage": {"share": store}}  # fmt: skip
    with pytest.raises((MisfitError, ValueError), match="carries_stores"):
        Scenario.model_validate(document)
    Scenario.model_validate(document | {"grid": {"tie": tie | {"carries_stores": True}}})


@pytest.mark.parametrize(
    ("said", "remarked"), [({}, True), ({"behind_the_meter": True}, False), ({"behind_the_meter": False}, False)]
)
def test_a_leased_share_whose_place_is_not_said_is_remarked(said: dict[str, bool], remarked: bool) -> None:
    """Behind the meter unless said otherwise, so that what planned before plans on; but a reader is told."""
    leased = Storage(power_mw=1.0, energy_mwh=1.0, lease=Lease(), **said)
    station = Station(power_mw=1.0, energy_mwh=1.0, accounts={"site": 1.0}, **said)
    for asset in (leased, station):
        case = small({"tie": tie(100.0)}, 1)
        outside = Outside(PLACE, case.calendar, NO_SKY)
        assert (asset.remarks(outside, {}) != []) is remarked
    assert leased.on_site is said.get("behind_the_meter", True)
    assert Storage(power_mw=1.0, energy_mwh=1.0).remarks(Outside(PLACE, case.calendar, NO_SKY), {}) == []
