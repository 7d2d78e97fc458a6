"""Ladder of a saving: every rung against a sum made by hand, and the order of the rungs on random sites."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from pytest import approx  # noqa: PT013  (reads as a sentence)
from random_sites import Site, built, sites
from sites import EXACT, Demand, Small, center, small, tie

from optimizer.plan.arrival import Arrival, ladder_below
from optimizer.plan.case import Case
from optimizer.plan.ladder import (
    BY_RULE,
    NO_INVESTMENT,
    NO_STORE,
    PLANNED,
    UNMOVED,
    Ladder,
    Rung,
    gains_and_losses,
    on_the_store,
    saved,
    saving_in_words,
    store_at_a_loss,
)
from optimizer.solve.deadline import ending_by
from optimizer.technologies.base import Size
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.energy.battery import ChargePoint, HeatingPoint
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.resilience import Resilience

LOSSLESS = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "opening_state_of_charge": 0.0}
RENT = Lease(price_per_mwh_year=8760.0)
"""A MWh of it costs 1 an hour."""


def ladder_of(site: Small) -> Ladder:
    """The ladder of a small site."""
    plan = site.plan()
    return Ladder((*ladder_below(plan, site.assets, site.inputs, EXACT), Rung.of(PLANNED, plan, site.assets)))


def costs(ladder: Ladder) -> dict[str, float | None]:
    """Cost by rung."""
    return {rung.key: rung.cost for rung in ladder.rungs}


def test_each_step_up_is_what_it_says() -> None:
    """Sun of 2 MW in hour 0 beside a load of 1 MW for four hours, prices 9, 20, 30, 90; a rented lossless store of 2 MWh, 1 an hour
    and MWh. Without store: 20 + 30 + 90 = 140. By rule the surplus of hour 0 goes into hour 1: 120, and 8 of rent. Planned, 1 MWh of
    sun and 1 bought at 9 serve both dear hours: 9 + 20 + 8. A baseline that pays the rent would have said 148."""
    site = small(
        {
            "tie": tie(),
            "field": Solar(peak_power_mw=2.0, capacity_factor=0.0, cost_per_mwh=0.0),
            "load": Demand(amount=[1.0]),
            "store": Storage(power_mw=2.0, energy_mwh=2.0, lease=RENT, behind_the_meter=True, **LOSSLESS),
        },
        4,
        series={("tie", "import_price_per_mwh"): [9.0, 20.0, 30.0, 90.0], ("field", "capacity_factor"): [1, 0, 0, 0]},
    )
    ladder = ladder_of(site)
    assert costs(ladder) == approx({NO_STORE: 140.0, BY_RULE: 128.0, UNMOVED: 37.0, PLANNED: 37.0})
    assert ladder.summary()["saved"] == approx({"the store": 12.0, "its planning": 91.0, "moving work": 0.0}, abs=1e-6)


def test_power_that_is_left_because_the_grid_is_cheaper_is_no_surplus() -> None:
    """Sun of 2 MW at 50 in hour 0 beside a load of 1 MW for two hours, grid 9 and 90: without a store 9 + 90. The rule knows no
    prices: it stores the 1 MW that the load leaves, in a store on the public grid, so that nothing is bought meanwhile: 2 x 50.
    Storing all 2 MW that were left unused would take the load's megawatt over the tie's limit, at 20,000."""
    site = small(
        {
            "tie": tie(carries_stores=True, export_limit_mw=2.0),
            "field": Solar(peak_power_mw=2.0, capacity_factor=0.0, cost_per_mwh=50.0),
            "load": Demand(amount=[1.0]),
            "store": Storage(power_mw=2.0, energy_mwh=2.0, behind_the_meter=False, **LOSSLESS),
        },
        2,
        series={("tie", "import_price_per_mwh"): [9.0, 90.0], ("field", "capacity_factor"): [1, 0]},
    )
    found = costs(ladder_of(site))
    assert found[NO_STORE] == approx(99.0)
    assert found[BY_RULE] == approx(100.0)


def test_work_that_moves_is_the_last_step() -> None:
    """A day of 60 cards at once when power is dear, due in three hours; no store stands there: what is saved is saved by moving."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=3, unfinished_price_per_card_h=5.0)
    series = {("training", "arrival_cards"): [60.0, 0, 0], ("tie", "import_price_per_mwh"): [900.0, 900.0, 10.0]}
    ladder = ladder_of(small(center(training=queue), 3, series=series))
    assert list(costs(ladder)) == [NO_STORE, PLANNED]
    assert list(ladder.summary()["saved"]) == ["moving work"]  # type: ignore[call-overload]
    assert ladder.summary()["saved"]["moving work"] > 10  # type: ignore[index]


def test_without_investment_nothing_new_is_built() -> None:
    """A load of 1 MW for 24 h at 100: 2,400 with nothing built. Sun by the MW at 1 an hour (24 here) halves it: 1,200 + 24; no store."""
    built_for = Size(max=5.0, annual_cost=8760.0)
    field = Solar(peak_power_mw=built_for, capacity_factor=0.0, cost_per_mwh=0.0)
    site = small(
        {"tie": tie(100.0), "load": Demand(amount=[1.0]), "field": field},
        24,
        series={("field", "capacity_factor"): [1.0] * 12 + [0.0] * 12},
    )
    assert costs(ladder_of(site)) == approx({NO_INVESTMENT: 2400.0, NO_STORE: 1224.0, PLANNED: 1224.0})


def test_a_store_that_is_sought_is_paid_where_it_stands() -> None:
    """A store of the size that pays: 1 MWh for an hour at 100 instead of 1, at 2 a MWh and hour (4 here). Without it 101, with it 6."""
    store = Storage(energy_mwh=Size(max=5.0, annual_cost=2 * 8760.0), c_rate_per_h=1.0, **LOSSLESS)
    assets: dict[str, Any] = {"tie": tie(), "load": Demand(amount=[1.0]), "store": store}
    ladder = ladder_of(small(assets, 2, series={("tie", "import_price_per_mwh"): [1.0, 100.0]}))
    assert costs(ladder) == approx({NO_INVESTMENT: 101.0, NO_STORE: 101.0, BY_RULE: 105.0, UNMOVED: 6.0, PLANNED: 6.0})


@given(sites(most_steps=25))
@settings(max_examples=12, deadline=None)
def test_no_step_up_costs_more(site: Site) -> None:
    """Planning a store never costs more than its rule, and moving work never more than not to: each may do what the one before did."""
    by_rung = costs(ladder_of(built(site)))
    slack = 1e-6 * max(1.0, *(abs(cost) for cost in by_rung.values() if cost is not None))  # the solver's gap is 1e-9
    known = [by_rung[key] for key in (BY_RULE, UNMOVED, PLANNED) if by_rung.get(key) is not None]
    assert all(upper <= lower + slack for lower, upper in itertools.pairwise(known))  # type: ignore[operator]


def test_steps_over_a_rung_that_cannot_be_are_one() -> None:
    """Without the rule's rung its saving and that of planning cannot be told apart."""
    rungs = (Rung(NO_STORE, None, cost=10.0), Rung(BY_RULE, None, "why"), Rung(UNMOVED, None, cost=7.0))
    assert saved(Ladder(rungs).steps()) == {"the store and its planning": 3.0}
    assert saved(Ladder(rungs[1:]).steps()) == {}


def test_a_store_at_a_loss_saves_nothing() -> None:
    """Sun that lasts for its load beside a rented store of 2 MWh, 1 an hour and MWh: 4 without it, 12 with it, whatever is planned.
    What is lost is no saving, and is said with its amount; a store that saves 91 for 8 of rent is not said to."""
    assets = {"tie": tie(1.0), "load": Demand(amount=[1.0])}
    rented = {**assets, "store": Storage(power_mw=2.0, energy_mwh=2.0, lease=RENT, behind_the_meter=True, **LOSSLESS)}
    steps = ladder_of(small(rented, 4)).steps()
    gains, losses = gains_and_losses(steps)
    assert losses == approx({"the store": 8.0})
    assert gains == approx({"its planning": 0.0, "moving work": 0.0}, abs=1e-6)
    assert on_the_store(steps, "CNY") == "the store costs CNY 8 more than it saves, planned, with work as it arrives"
    assert store_at_a_loss(ladder_of(small(assets, 4)).steps()) is None


@pytest.mark.parametrize(
    ("cost", "base", "words"),
    [
        (75.0, 100.0, "25.0 % saved"),
        (110.0, 100.0, "10.0 % more"),
        (-1411.0, 100.0, "CNY 1,511 gained"),
        (-500.0, -100.0, "CNY 400 gained"),
        (50.0, 0.0, "CNY 50 lost"),
        (900.0, 1.0, "CNY 899 lost"),
    ],
)
def test_a_share_is_stated_only_of_what_has_one(cost: float, base: float, words: str) -> None:
    """Nobody saves 1,511 %: below zero, at zero, or beyond the whole of it a saving is money."""
    assert saving_in_words(cost, base, "CNY") == words


def test_a_store_as_machines_are_has_all_rungs() -> None:
    """Sun of 3 MW in hour 0, 1 MW of load, prices 100: 300 without a store. One that loses 0.01 MW while it works, takes less when it
    is full, and is heated with 0.1 MW (40, where it stands at all): by rule it stores some sun, planned it is never dearer."""
    points = (
        ChargePoint(state_of_charge=0, charge=1, discharge=0.5),
        ChargePoint(state_of_charge=1, charge=0.2, discharge=1),
    )
    store = Storage(
        power_mw=2.0, energy_mwh=2.0, converter_loss_mw=0.01, power_by_state_of_charge=points,
        heating=(HeatingPoint(temperature_c=0, share_per_day=0.1),), **LOSSLESS,
    )  # fmt: skip
    assets = {"tie": tie(100.0), "load": Demand(amount=[1.0]), "store": store}
    field = Solar(peak_power_mw=3.0, capacity_factor=0.0, cost_per_mwh=0.0)
    cold = xr.Dataset({"dry_bulb_c": ("time", np.full(4, -20.0))})
    series = {("field", "capacity_factor"): [1, 0, 0, 0], ("store", "heating_share_per_h"): [0.05] * 4}
    by_rung = costs(ladder_of(small({**assets, "field": field}, 4, series=series, weather=cold)))
    assert by_rung[NO_STORE] == approx(300.0)
    assert by_rung[BY_RULE] is not None
    assert by_rung[UNMOVED] is not None
    assert 150.0 < by_rung[UNMOVED] <= by_rung[BY_RULE] + 1e-6 < 300.0


def test_a_discount_that_is_not_earned_is_taken_on_no_rung() -> None:
    """1 MW for four hours at 10 beside a store with nothing to do; 1,000 a MW and month, a tenth less from 1,000 kWh a kVA and month.
    1 MVA would need 5.4 MWh and uses 4: 40 and 1,000 x 4/744 on every rung. Three quarters of the discount used to end the run."""
    store = Storage(power_mw=1.0, energy_mwh=0.5, behind_the_meter=True, **LOSSLESS)
    grid = tie(10.0, demand_price=1000.0).model_dump()
    grid["tariff"]["use_discount"] = {"from_kwh_per_kva": 1000.0}
    assets = {"tie": Grid.model_validate(grid | {"connected_mva": 1.0}), "load": Demand(amount=[1.0]), "store": store}
    found = costs(ladder_of(small(assets, 4)))
    assert found == approx(dict.fromkeys((NO_STORE, BY_RULE, UNMOVED, PLANNED), 40 + 1000 * 4 / 744))


def test_without_time_no_rung_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A promise for the grid's failure holds with a plan alone, so that the planned store needs a model of its own: after the
    deadline none is built, which would take as long as the first, and the rung says so."""
    store = Storage(power_mw=2.0, energy_mwh=2.0, behind_the_meter=True, **LOSSLESS)
    promise = Resilience(hours=1.0, load_share=0.5)
    site = small({"tie": tie(100.0), "load": Load(power_mw=1.0), "store": store, "promise": promise}, 3)
    plan, arrival = site.plan(), Arrival.of(site.assets, site.inputs, EXACT)
    arrival.lowest()
    monkeypatch.setattr(Case, "of", None)
    with ending_by(time.monotonic() - 1.0):
        rungs = {rung.key: rung for rung in arrival.rungs(plan)}
    assert rungs[NO_STORE].plan is not None
    assert (rungs[UNMOVED].plan, rungs[UNMOVED].reason) == (None, "there was no time left")
