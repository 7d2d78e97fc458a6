"""Rows of tariffs, ties, stations, gensets and loads: a plan made without one of them is refused by the checks of its results.

The checks read results alone: a plan is refused for a law it breaks, or because the bill from its flows is not what the
solver paid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from sites import NO_SKY, PLACE, Demand, Drain, Small, center, refused_without, small, tie

from optimizer.inputs.assemble import assemble_inputs
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.demand_charge import DemandCharge
from optimizer.quantities.tariff import Tariff
from optimizer.technologies.base import Size, Technology
from optimizer.technologies.compute.link import Lane, Link
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.load import Flexible, Load
from optimizer.technologies.energy.station import Station
from optimizer.technologies.energy.station_terms import Calls
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.wind import Wind
from optimizer.technologies.rules.green_supply import GreenSupply, Share


def billed(load: list[float], *, hours: float | None = None, step_h: float = 1.0, **tariff: Any) -> Small:
    """A load on a tie with a tariff; free energy unless said otherwise."""
    settings = {name: tariff.pop(name) for name in list(tariff) if name in Grid.model_fields}
    grid = Grid(tariff=Tariff(**{"energy_price_per_mwh": 0.0, **tariff}), **{"import_limit_mw": 10.0, **settings})
    assets = {"tie": grid, "load": Demand(amount=load)}
    return small(assets, hours or len(load), step_h=step_h, start="2025-01-31" if hours else "2025-01-06")


def peaks_of_two_months(load: list[float]) -> Small:
    """31 January and 1 February in steps of half a day; half of a month's peak is billed in later ones."""
    charge = DemandCharge(name="all", price_per_mw=868_000.0, ratchet={"share": 0.5})
    return billed(load, hours=48, step_h=12.0, demand_charges=[charge])


def metered(load: list[float], **tariff: Any) -> Small:
    """A tie beside wind of 4 MW that blows in the first hour alone."""
    wind = Wind(power_mw=4.0, capacity_factor={"hourly": [1.0] + [0.0] * 23}, cost_per_mwh=0.0)
    grid = Grid(
        tariff=Tariff(energy_price_per_mwh=100.0, export_price_per_mwh=20.0, **tariff),
        import_limit_mw=10.0,
        export_limit_mw=10.0,
    )
    return small({"tie": grid, "load": Demand(amount=load), "wind": wind}, len(load))


def engine(load: list[float], price: float = 1000.0, **settings: Any) -> Small:
    """A machine of 4 MW at 10 a MWh beside a dear grid."""
    unit = Genset(**{"power_mw": 4.0, "cost_per_mwh": 10.0, **settings})
    return small({"tie": tie(price), "load": Demand(amount=load), "unit": unit}, len(load))


def slow_tie() -> Small:
    """A tie that may change by 1 MW an hour; a dear machine gives the rest of a load that triples."""
    unit = Genset(power_mw=4.0, cost_per_mwh=500.0)
    return small({"tie": tie(100.0, ramp_mw_per_h=1.0), "load": Demand(amount=[1.0, 3.0]), "unit": unit}, 2)


def movable(**flexible: Any) -> Small:
    """A load of 2 MW, half of which may move from the dear hour to the cheap one."""
    load = Load(power_mw=2.0, flexible=Flexible(**{"share": 0.5, "block_h": 2.0, "most_mw": 10.0, **flexible}))
    return small({"tie": tie(), "load": load}, 2, series={("tie", "import_price_per_mwh"): [500.0, 10.0]})


def lent() -> Small:
    """Work on cards of a pool over a line with room for 100 of the 300 cards' data."""
    line = Link(lanes=[Lane(work="inference", pool="pool", data_gb_per_card_h=4.5)], bandwidth_gbit_per_s=1.0)
    return small(center(inference=Service(pool="inference", cards=300.0), line=line), 1)


def matched(load: list[float], **more: Technology) -> Small:
    """Three quarters of the load shall be met by wind of its own hour, which blows in the first of two."""
    wind = Wind(power_mw=4.0, capacity_factor={"hourly": [1.0] + [0.0] * 23}, cost_per_mwh=0.0)
    rule = GreenSupply(hourly_match=Share(share=0.75))
    return small({"tie": tie(), "load": Demand(amount=load), "wind": wind, "rule": rule, **more}, len(load))


def _tiered(extra: float) -> DemandCharge:
    """744 a MW, from 2 MW on with so much more."""
    tier = {"above_mw": 2.0, "extra_per_mw": extra * 744.0 / 100.0}
    return DemandCharge.model_validate({"name": "tiered", "price_per_mw": 744.0, "tiers": [tier]})


def _curve(half: float) -> list[dict[str, float]]:
    """Fuel at half output as a share of that at full."""
    return [{"output": x, "fuel": f} for x, f in ((0.0, 0.0), (0.5, 3 * half), (1.0, 3.0))]


def moved(prices: list[float], inside: float) -> Small:
    """A store whose power costs 1 a MW to change."""
    store = Storage(power_mw=2.0, energy_mwh=4.0, opening_state_of_charge=inside, power_change_cost_per_mw=1.0)
    assets = {"tie": tie(), "load": Demand(amount=[2.0]), "store": store}
    return small(assets, len(prices), series={("tie", "import_price_per_mwh"): prices})


def station(works: Mapping[str, list[float]], field: Mapping[str, list[float]] | None = None, **settings: Any) -> Small:
    """A station of 4 MW and 4 MWh that two sites share by halves, each with a tie (`price`) and a load, hour by hour."""
    sites = {"works": works, "field": field or {"price": [100.0] * len(works["price"]), "load": [0.0]}}
    box = Station(**{
        "power_mw": 4.0, "energy_mwh": 4.0, "accounts": {"works": 0.5, "field": 0.5}, "discharge_efficiency": 0.8,
        "opening_state_of_charge": 0.0, "behind_the_meter": True, **settings,
    })  # fmt: skip
    assets: dict[tuple[str, str], Technology] = {("works", "box"): box}
    for name, hours in sites.items():
        price = {"hourly": hours["price"] + [0.0] * (24 - len(hours["price"]))}
        assets[name, "tie"] = Grid(tariff=Tariff(energy_price_per_mwh=price), import_limit_mw=20.0)
        assets[name, "load"] = Demand(amount=hours["load"])
    calendar = Calendar.at_local_midnight("2025-01-06", len(works["price"]) / 24, 1.0, PLACE.timezone)
    grounds = dict.fromkeys(sites, PLACE)
    return Small(assets, assemble_inputs(assets, grounds, calendar, {name: [NO_SKY] for name in sites}), calendar)


DEAR = {"price": [500.0], "load": [6.0]}
"""One hour in which a store is worth emptying."""
CHEAP_THEN_DEAR = {"price": [10.0, 500.0], "load": [0.0, 6.0]}
"""An hour to fill it, an hour to empty it."""
FOUR_HOURS = {"price": [10.0, 500.0, 900.0, 900.0], "load": [0.0, 6.0, 0.0, 0.0]}
LATER = {"price": [900.0, 900.0, 10.0, 500.0], "load": [0.0, 0.0, 0.0, 6.0]}
"""Two sites that need the store one after the other."""
CALLED = Calls(power_mw=1.0, price_per_mwh=900.0)


REFUSED: dict[str, Callable[[], Small]] = {
    "account_follows_from_what_went_in_and_out": lambda: station(DEAR),
    "account_within_right": lambda: station(CHEAP_THEN_DEAR, rights="fixed", power_mw=16.0),
    "batteries_give_no_more_than_their_power": lambda: station(
        {"price": [500.0], "load": [6.0]}, {"price": [500.0], "load": [6.0]}, power_mw=1.0, opening_state_of_charge=1.0
    ),
    "batteries_hold_no_less_than_nothing_and_no_more_than_all": lambda: station(DEAR),
    "batteries_take_in_no_more_than_their_power": lambda: station(CHEAP_THEN_DEAR, CHEAP_THEN_DEAR, power_mw=1.0),
    "calls_are_served_once": lambda: station(DEAR, opening_state_of_charge=1.0, calls=CALLED),
    "charge_within_right": lambda: station(CHEAP_THEN_DEAR, rights="fixed", power_mw=1.0),
    "draw_within_right": lambda: station(DEAR, rights="fixed", power_mw=1.0, opening_state_of_charge=1.0),
    "leases_fit_into_the_station": lambda: station(FOUR_HOURS, LATER, rights="leased", lease_price_per_mwh_year=10.0),
    "netting_closes": lambda: station(DEAR, opening_state_of_charge=1.0),
    "billed_at_least_the_peak": lambda: peaks_of_two_months([4.0, 4.0, 4.0, 8.0]),
    "billed_at_least_a_share_of_earlier_peaks": lambda: peaks_of_two_months([4.0, 8.0, 2.0, 2.0]),
    "import_within_peak": lambda: billed([4.0], demand_price_per_mw_month=744.0),
    "mean_import_within_peak": lambda: billed(
        [4.0, 6.0], demand_charges=[DemandCharge(name="mean", price_per_mw=744.0, measure="mean")]
    ),
    "excess_over_the_declared": lambda: billed([6.0], demand_price_per_mw_month=744.0, declared_demand_mw=5.0),
    "import_within_contract": lambda: billed([4.0], two_part="capacity", contract_mva=3.0),
    "paid_unless_waived": lambda: billed(
        [4.0], demand_price_per_mw_month=744.0, capacity_price_per_mva_month=744.0, two_part="cheaper"
    ),
    "discounted_demand_is_paid": lambda: billed([4.0], demand_price_per_mw_month=744.0, use_discount={}),
    "demand_without_discount_is_paid": lambda: billed(
        [4.0], demand_price_per_mw_month=744.0, use_discount={"from_kwh_per_kva": 740.0}
    ),
    "discount_needs_its_use": lambda: billed(
        [4.0], demand_price_per_mw_month=744.0, use_discount={"from_kwh_per_kva": 740.0}
    ),
    "months_energy_lies_in_tiers": lambda: billed([4.0], tiers=[{"above_mwh": 744.0, "extra_per_mwh": 50.0}]),
    "tier_is_used_when_reached": lambda: billed(
        [1.0], energy_price_per_mwh=100.0, tiers=[{"above_mwh": 2232.0, "extra_per_mwh": -50.0}]
    ),
    "tier_is_reached_when_the_one_below_is_full": lambda: billed(
        [4.0], energy_price_per_mwh=100.0, tiers=[{"above_mwh": 2232.0, "extra_per_mwh": -50.0}]
    ),
    "billed_demand_lies_in_tiers": lambda: billed([4.0], demand_charges=[_tiered(50.0)]),
    "demand_tier_is_used_when_reached": lambda: billed([1.0], demand_charges=[_tiered(-50.0)]),
    "demand_tier_is_reached_when_the_one_below_is_full": lambda: billed([3.0], demand_charges=[_tiered(-50.0)]),
    "rise_is_a_change": lambda: moved([100.0, 500.0], 0.5),
    "fall_is_a_change": lambda: moved([500.0, 100.0], 0.5),
    "output_lies_in_pieces": lambda: engine([4.0], fuel_curve=_curve(0.6), fuel_price_per_mwh=10.0),
    "piece_is_used_when_reached": lambda: engine([1.5], fuel_curve=_curve(0.6), fuel_price_per_mwh=10.0),
    "piece_is_reached_when_the_one_below_is_full": lambda: engine(
        [1.5], fuel_curve=_curve(0.6), fuel_price_per_mwh=10.0
    ),
    "export_is_set_off_against_import": lambda: metered([1.0, 2.0], net_metering=True),
    "exchange_changes_no_faster": slow_tie,
    "rises_no_faster": lambda: engine([1.0, 4.0], ramp_per_h=0.25),
    "falls_no_faster": lambda: engine([4.0, 1.0], ramp_per_h=0.25),
    "output_above_least_load": lambda: engine([1.0], least_load=0.5),
    "output_only_while_on": lambda: engine([1.0], on_cost_per_h=5.0),
    "output_within_power": lambda: engine([1.0], power_mw=Size(max=4.0, annual_cost=8760.0)),
    "part_that_stays_is_served": movable,
    "no_more_than_the_most": lambda: movable(most_mw=2.5),
    "energy_of_each_block_stays": movable,
    "data_fit_the_line": lent,
    "no_more_matched_than_green": lambda: matched([2.0, 2.0]),
    "no_more_matched_than_load": lambda: matched([1.0, 3.0], dump=Drain(bus="electricity")),
}
"""Row → a site whose plan keeps it at a price."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_without_a_row_is_refused_by_its_checks(name: str) -> None:
    """With all rows nothing is wrong (`plan` raises otherwise); without this one the results alone tell."""
    site = REFUSED[name]()
    plan = site.plan()
    assert np.isfinite(plan.cost)
    assert refused_without(site, name)
