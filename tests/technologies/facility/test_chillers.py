"""Kinds of cooling plants in plans: what a scenario may choose, and chillers that are switched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import Small, center, flow_of, meter_of, small

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.technologies.base import Inputs, Outside, Record, Site
from optimizer.technologies.compute.service import Service
from optimizer.technologies.facility.chillers import Chillers
from optimizer.technologies.facility.cooling import Cooling
from tests.technologies.facility.test_power_train import outdoor_air, pue
from weather.cooling.chiller import TABLE_LOADS, water_cooled_cop
from weather.cooling.kinds import KINDS
from weather.cooling.psychrometrics import wet_bulb_c

HOT_AND_COLD = [34.0, 5.0, 34.0]


def hall(kind: str, dry_bulb_c: list[float], **settings: Any) -> Small:
    """A center of 300 busy cards whose halls are cooled by that kind; 0.7 MW design, at sea level."""
    cooling = Cooling(kind=kind, design_heat_mw=0.7, **settings)  # type: ignore[arg-type]
    assets = center(air=cooling, inference=Service(pool="pool", cards=300.0))
    return small(assets, len(dry_bulb_c), weather=outdoor_air(dry_bulb_c, 0.5, 101_325.0))


def test_plans_of_every_kind_stand_in_the_order_of_the_field() -> None:
    """A hot, a mild and a cold hour: outside air and sprayed units below chillers with an exchanger below chillers alone.

    All lie between 1.02 and 1.6; the checks of `plan` hold for each.
    """
    found = {kind: pue(hall(kind, [34.0, 20.0, 5.0]).plan()) for kind, plant in KINDS.items() if plant.heat == "air"}
    assert all(1.02 < value < 1.6 for value in found.values())
    assert found["direct-air"] < found["water-economizer"] < found["chilled-water"] < found["air-cooled"]
    assert found["indirect-evaporative"] < found["water-economizer"]


def test_a_switched_chiller_takes_what_the_table_says() -> None:
    """One machine of 0.902 MW carries all heat: power is that of its part load, more than of as many as is cheapest."""
    free, one = (hall("chilled-water", [30.0], chillers=given).plan() for given in (None, Chillers(count=1)))
    heat = -flow_of(one, "air", "removed")[0]
    size = 1.25 * 0.7 / 0.97
    condenser = float(wet_bulb_c(30.0, 0.5, 101_325.0)) + 4.75
    load = heat / 0.97 / size
    table = TABLE_LOADS / water_cooled_cop(condenser, TABLE_LOADS)  # power over load, straight between its points
    more = size * np.interp(load, TABLE_LOADS, table) - heat / 0.97 / water_cooled_cop(condenser, 0.75)
    found = -flow_of(one, "air", "draw")[0] + flow_of(free, "air", "draw")[0]
    assert 0.25 < load < 0.75
    assert more > 0.002
    assert found == approx(more, abs=1e-6)  # HiGHS holds rows to 1e-7
    assert meter_of(one, "air", "chillers_on").tolist() == [1.0]


def test_switching_never_makes_a_plan_cheaper() -> None:
    """Two, five and forty machines with starts cost more than free ones; forty come within a thousandth of their power."""
    free = hall("water-economizer", HOT_AND_COLD).plan()
    draw = -flow_of(free, "air", "draw").sum()
    for count in (2, 5, 40):
        machines = Chillers(count=count, start_cost=0.0, least_up_h=0.0, least_down_h=0.0)
        plan = hall("water-economizer", HOT_AND_COLD, chillers=machines).plan()
        assert plan.cost >= free.cost - 1e-6
        if count == 40:
            assert -flow_of(plan, "air", "draw").sum() == approx(draw, rel=1e-3)


def test_a_dear_start_keeps_chillers_running_through_a_cold_hour() -> None:
    """Starts of 100,000 leave the machines on in the cold hour; free ones stop. The bill has the starts."""
    dear, cheap = (
        hall("water-economizer", HOT_AND_COLD, chillers=Chillers(start_cost=cost, least_up_h=0.0)).plan()
        for cost in (1e5, 0.0)
    )
    assert meter_of(dear, "air", "chillers_on")[1] >= 1
    assert meter_of(cheap, "air", "chillers_on")[1] == approx(0.0, abs=1e-6)
    paid = hall("water-economizer", [5.0, 5.0, 34.0], chillers=Chillers(start_cost=0.5)).plan()
    assert meter_of(paid, "air", "chiller_starts")[2] >= 1
    assert paid.bill_by_step["air: chiller starts"].tolist() == approx(
        (0.5 * meter_of(paid, "air", "chiller_starts")).tolist()
    )


def test_chillers_run_their_least_time() -> None:
    """Machines started in the hot hour run three hours, though the next ones are cold."""
    machines = Chillers(start_cost=0.0, least_up_h=3.0)
    plan = hall("water-economizer", [5.0, 5.0, 34.0, 5.0, 5.0, 5.0], chillers=machines).plan()
    on = meter_of(plan, "air", "chillers_on")
    assert on[2] >= 1
    assert on[1] == approx(0.0, abs=1e-6)
    assert (on[2:5] >= on[2] - 1e-6).all()
    assert on[5] == approx(0.0, abs=1e-6)


def test_the_next_window_keeps_what_the_last_one_started() -> None:
    """Two machines started in the hot last hour run on for two cold hours of the next window; the bill pays no second start."""
    machines = Chillers(start_cost=1.0, least_up_h=3.0)
    site = hall("water-economizer", [5.0, 5.0, 34.0], chillers=machines)
    last = site.plan()
    started = meter_of(last, "air", "chillers_on")[2]
    assert started >= 1
    cooling = site.assets["site", "air"]
    meters = {name: meter_of(last, "air", name) for name in ("chillers_on", "chiller_starts")}
    state = cooling.closing_state(Record({}, {}, meters, {}, {}), inputs_of(site), {}, 2)
    assert state["chillers_on"] == started
    after = hall("water-economizer", [5.0] * 4, chillers=machines).plan(opening={("site", "air"): state})
    assert meter_of(after, "air", "chillers_on") == approx([started, started, 0.0, 0.0], abs=1e-6)
    assert after.bill_by_step["air: chiller starts"].sum() == approx(0.0, abs=1e-6)


def inputs_of(site: Small) -> Inputs:
    """Inputs of the halls' cooling."""
    return inputs_by_asset(site.inputs)["site", "air", 0]


@pytest.mark.parametrize("name", ["chillers_on", "more_chiller_mw", "chiller_starts"])
def test_machines_that_do_not_follow_are_found(name: str) -> None:
    """A chiller less, a kilowatt of its power less or a start more is seen without the solver."""
    from optimizer.plan.results import violations

    site = hall("chilled-water", [30.0, 30.0], chillers=Chillers())
    results = site.plan().results
    column = int(np.flatnonzero((results["meter_asset"] == "air") & (results["meter_quantity"] == name))[0])
    results["metered"].values[1, column] += {"chillers_on": -1.0, "more_chiller_mw": -1e-3, "chiller_starts": 1.0}[name]
    assert any("chiller" in text for text in violations(results, site.assets))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"kind": "chilled-water", "water": False},
            "evaporates water in its towers; set water: true, or take indirect-",
        ),
        ({"kind": "indirect-evaporative", "chillers": {}}, "has no central chillers; leave chillers away"),
        ({"kind": "air-cooled", "supply_water_c": 18.0}, "has no central chillers; leave supply_water_c away"),
        ({"kind": "warm-water", "water": False}, "take dry-cooler"),
    ],
)
def test_parts_a_plant_does_not_have_are_refused(settings: dict[str, Any], message: str) -> None:
    """Each contradiction names the part and the remedy."""
    with pytest.raises(ValidationError, match=message):
        Cooling(design_heat_mw=1.0, **settings)


@pytest.mark.parametrize(
    ("kind", "height", "said"),
    [
        ("indirect-evaporative", 2808.0, None),  # A1 allows 25.6 °C there, the halls get 25
        ("water-economizer", 3050.0, "class A1 allow 24.8 °C"),
        ("direct-air", 3200.0, "no thermal class of servers holds"),
        ("dry-cooler", 3200.0, None),
    ],
)
def test_servers_that_may_not_stand_so_high_are_remarked(kind: str, height: float, said: str | None) -> None:
    """A1: 32 °C less 1 K for each 300 m above 900 m; the classes end at 3,050 m."""
    site = Site(36.4, 94.9, height, "UTC+08:00")
    outside = Outside(site, hall("chilled-water", [20.0]).calendar, xr.Dataset())
    remarks = Cooling(kind=kind, design_heat_mw=1.0).remarks(outside, {})  # type: ignore[arg-type]
    assert (said is None) == (remarks == [])
    assert all(str(said) in text for text in remarks)
