"""Genset: fuel, least load, switching and ramps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sites import NO_SKY, PLACE, Demand, small, tie

from optimizer.inputs.remarks import remarks_on_data
from optimizer.plan.outcome import Plan
from optimizer.plan.results import records_of, views_of
from optimizer.technologies.base import Size, Technology
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.flows import Role


def plan_of(engine: Genset, load: list[float], prices: list[float] | None = None, **more: Technology) -> Plan:
    """The engine beside a grid (at 100 a MWh unless said otherwise) for a load."""
    assets = {"tie": tie(100.0, export_limit_mw=10.0), "engine": engine, "load": Demand(amount=load), **more}
    series = {} if prices is None else {("tie", "import_price_per_mwh"): prices}
    return small(assets, len(load), series=series).plan()


def test_fuel_is_paid_by_efficiency_and_carbon() -> None:
    """2 MWh at 40 % from fuel at 10 and 0.25 t of 20 each: 5 MWh x 15 = 75. Price on output would be 30."""
    engine = Genset(
        power_mw=2, efficiency=0.4, fuel_price_per_mwh=10.0, carbon_t_per_mwh_fuel=0.25, carbon_price_per_t=20.0
    )
    assert plan_of(engine, [2.0]).cost == pytest.approx(75.0)


@pytest.mark.parametrize(("factor", "told"), [(None, True), (0.0, False), (0.27, False)])
def test_an_engine_that_names_no_carbon_factor_is_told(factor: float | None, told: bool) -> None:
    """It emits nothing in any account, which only who says 0 has meant; a tie without a factor likewise."""
    engine = Genset(power_mw=2, fuel_price_per_mwh=10.0, carbon_t_per_mwh_fuel=factor)
    assets = {"tie": tie(100.0, carbon_t_per_mwh=factor), "engine": engine, "load": Demand(amount=[1.0])}
    site = small(assets, 1)
    remarks = remarks_on_data(site.assets, {"site": PLACE}, site.calendar, {"site": NO_SKY})
    assert [remark.partition(" has no ")[0] for remark in remarks] == ["tie:", "engine:"] * told


def test_an_engine_that_burns_for_nothing_is_told() -> None:
    """Without any price its energy is free, which only a mistake means."""
    site = small({"engine": Genset(power_mw=2, carbon_t_per_mwh_fuel=0.27)}, 1)
    (remark,) = remarks_on_data(site.assets, {"site": PLACE}, site.calendar, {"site": NO_SKY})
    assert "what it gives costs nothing" in remark


def test_idle_fuel_is_burned_while_on() -> None:
    """On for 2 MWh: 2/0.5 + 1 = 5 MWh of fuel at 10; off it would be free, so the second hour buys 0.1 MWh instead."""
    engine = Genset(power_mw=2, efficiency=0.5, idle_fuel_mw=1.0, fuel_price_per_mwh=10.0)
    assert plan_of(engine, [2.0, 0.1]).cost == pytest.approx(50 + 10)


def test_least_load_sells_its_surplus_or_stays_off() -> None:
    """At least 2 of 4 MW at 10 a MWh for a load of 1: 20 against 100 of the grid; the surplus MWh earns nothing."""
    assert plan_of(Genset(power_mw=4, least_load=0.5, cost_per_mwh=10.0), [1.0]).cost == pytest.approx(20.0)


def test_a_limit_on_fuel_goes_to_the_dearest_hours() -> None:
    """4 MWh of fuel at 50 % are 2 MWh: taken in the hours at 300 and 200, the third buys at 100."""
    engine = Genset(power_mw=1, efficiency=0.5, fuel_limit_mwh=4.0)
    assert plan_of(engine, [1.0, 1.0, 1.0], [200.0, 100.0, 300.0]).cost == pytest.approx(100.0)


def test_availability_narrows_the_power() -> None:
    """In the second hour half the power is there: 1 MWh bought at 100."""
    engine = Genset(power_mw=2, availability={"hourly": [1.0, 0.5] + [1.0] * 22})
    assert plan_of(engine, [2.0, 2.0]).cost == pytest.approx(100.0)


PEAKS = [100.0, 5.0, 100.0, 5.0, 100.0]
"""An engine at 10 a MWh runs in the hours at 100 and would stop in those at 5."""


@pytest.mark.parametrize(("settings", "cost"), [
    ({}, 30 + 10),
    ({"start_cost": 4.0}, 3 * 4 + 40),  # three starts at 4; running through would cost 5 more an hour
    ({"start_cost": 7.0}, 7 + 50),  # one start and two hours of 5 more
    ({"stop_cost": 6.0}, 50),  # never stops
    ({"on_cost_per_h": 1.0}, 40 + 3),
    ({"off_cost_per_h": 1.0}, 40 + 2),
    ({"off_cost_per_h": 6.0}, 50),
    ({"least_up_h": 2.0}, 45),  # on in 0 to 2, off in 3; the last run is cut by the end
    ({"most_starts": 1}, 50),
    ({"most_stops": 0}, 50),
])  # fmt: skip
def test_switching(settings: dict[str, Any], cost: float) -> None:
    """Three runs of an hour cost 40; starts, stops and least times make longer runs worth while. Least load 100 %: an hour
    on is an hour at 1 MW."""
    engine = Genset(power_mw=1, least_load=1.0, cost_per_mwh=10.0, **settings)
    assert plan_of(engine, [1.0] * 5, PEAKS).cost == pytest.approx(cost)


def test_least_down_time() -> None:
    """Two hours off at least: off through an hour at 100 (95 more than running), or on through both at 5: 50."""
    engine = Genset(power_mw=1, least_load=1.0, cost_per_mwh=10.0, least_down_h=2.0)
    assert plan_of(engine, [1.0] * 5, PEAKS).cost == pytest.approx(50.0)


@pytest.mark.parametrize(("opening", "on_hours"), [
    ({"opening_on": True, "opening_since_h": 1.0}, 2), ({"opening_on": True, "opening_since_h": 0.0}, 3),
    ({"opening_on": True}, 0), ({}, 0),
])  # fmt: skip
def test_what_was_started_before_the_plan_stays_on(opening: dict[str, Any], on_hours: int) -> None:
    """Least time on of 3 h, dear engine: it runs only as long as it must, by when it was started."""
    engine = Genset(power_mw=1, least_load=1.0, cost_per_mwh=200.0, least_up_h=3.0, **opening)
    assert plan_of(engine, [1.0] * 5).cost == pytest.approx(500 + 100 * on_hours)


def test_what_was_stopped_before_the_plan_stays_off() -> None:
    """Stopped an hour ago with a least time off of 3 h: two hours are bought at 100, three made at 10."""
    engine = Genset(power_mw=1, least_load=1.0, cost_per_mwh=10.0, least_down_h=3.0, opening_since_h=1.0)
    assert plan_of(engine, [1.0] * 5).cost == pytest.approx(230.0)


def test_ramps_hold_while_on_and_at_the_ends() -> None:
    """4 MW, a quarter an hour, half in the first step: 2, 3, 4 MW against a load of 4: 2 + 1 MWh bought."""
    engine = Genset(power_mw=4, cost_per_mwh=10.0, ramp_per_h=0.25, start_load=0.5, opening_mw=0.0)
    assert plan_of(engine, [4.0] * 4).cost == pytest.approx(300 + 13 * 10)


def test_it_comes_down_no_faster_than_its_ramp() -> None:
    """4 MW for two hours, then none needed; it may stop only from 1 MW and fall by 1 MW an hour: 4, 4, 3, 2, 1, 0 with a
    load of 4, 4, 0, 0, 0, 0 makes 6 MWh too much at 10; stopping early costs 100 a MWh bought."""
    engine = Genset(power_mw=4, cost_per_mwh=10.0, ramp_per_h=0.25, stop_load=0.25)
    plan = plan_of(engine, [4.0, 4.0, 0.0, 0.0, 0.0, 0.0])
    assert plan.cost == pytest.approx(10 * (4 + 4 + 3 + 2 + 1))


def test_a_size_cannot_switch() -> None:
    """Least load times a size to be found would be a product of unknowns."""
    with pytest.raises(ValueError, match="give a number"):
        Genset(power_mw=Size(max=5.0, annual_cost=1.0), least_load=0.3)


@pytest.mark.parametrize(("quantity", "step", "value", "words"), [
    ("generation", 0, 3.0, "more than it can"), ("fuel_mw", 0, 0.0, "fuel does not follow"), ("on", 1, 0.5, "on in part"),
    ("on", 0, 0.0, "sooner than its least time"),
])  # fmt: skip
def test_the_check_sees_what_is_wrong(quantity: str, step: int, value: float, words: str) -> None:
    """One number changed in a sound record is found and named."""
    engine = Genset(power_mw=2, least_load=0.1, cost_per_mwh=1.0, least_up_h=2.0, opening_on=True, opening_since_h=1.0)
    results = plan_of(engine, [1.0, 1.0, 1.0]).results
    record = records_of(results)["site", "engine", 0]
    view = views_of(results, [("site", "engine", 0)])["site", "engine", 0]
    opening = engine.opening_state()
    assert engine.check(record, view, opening) == []
    changed = {name: values.copy() for name, values in record.meters.items()}
    flows = {key: values.copy() for key, values in record.flows.items()}
    (flows["electricity", "generation", Role.GENERATION] if quantity == "generation" else changed[quantity])[step] = (
        value
    )
    violations = engine.check(replace(record, meters=changed, flows=flows), view, opening)
    assert any(words in line for line in violations)


def test_its_state_carries_least_times_over() -> None:
    """Started in the last hour of one plan, it must stay on for two hours of the next, though it is dear there."""
    engine = Genset(power_mw=1, least_load=1.0, cost_per_mwh=50.0, least_up_h=3.0)
    first = plan_of(engine, [1.0] * 3, [10.0, 10.0, 100.0])
    state = engine.state_after(records_of(first.results)["site", "engine", 0], 2)
    assert state["on"] == 1.0
    assets = {"tie": tie(10.0), "engine": engine, "load": Demand(amount=[1.0])}
    second = small(assets, 4).plan(opening={("site", "engine"): state})
    assert second.cost == pytest.approx(2 * 50 + 2 * 10)
