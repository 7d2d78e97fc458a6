"""Rolling plans: never cheaper than foresight, the same where one window sees all, and nothing forgotten between windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sites import EXACT, Demand, Small, center, flow_of, meter_of, pool, small, tie

from optimizer.plan.outcome import Plan
from optimizer.plan.rolling import Rolling
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.job_table import JobRow
from optimizer.quantities.tariff import UseDiscount
from optimizer.technologies.base import Inputs, Size
from optimizer.technologies.compute.elastic import Elastic, Point
from optimizer.technologies.compute.jobs.settings import Jobs
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.energy.genset import Genset
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.load import Flexible, Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.energy.use_discount import DiscountedDemand
from optimizer.technologies.rules.green_supply import CarbonCap, GreenSupply

STEP = 1e-6
"""Costs of exact optima agree to HiGHS' feasibility of 1e-7 over some hundred rows, relative."""


def rolled(site: Small, seen: int, kept: int) -> Plan:
    """The site planned window by window; checked over the whole by the core."""
    return Rolling(seen, kept).plan(site.assets, site.inputs, EXACT)


def job(number: int, day: int, arrival: int, hours: float) -> JobRow:
    """A job of 64 cards on a day of January 2025."""
    return JobRow(id=f"job_{number}", arrival=f"2025-01-{day:02d}T{arrival:02d}:00", cards=64, hours=hours)


def everything(seed: int) -> Small:
    """Sun, a store, a pool with least times, a queue, jobs of three kinds, a genset with a fuel limit, a cap on carbon."""
    rng = np.random.default_rng(seed)
    starts = [(int(day), int(hour), float(hours)) for day, hour, hours in zip(
        rng.integers(6, 8, 6), rng.integers(0, 24, 6), rng.integers(1, 9, 6), strict=True)]  # fmt: skip
    jobs = [job(number, *start) for number, start in enumerate(starts)]
    assets: dict[str, Any] = center(
        tie=tie(demand_price=20_000.0, import_limit_mw=2.0, carbon_t_per_mwh=0.5, ramp_mw_per_h=0.4),
        pool=pool(start_up_cost_per_block=3.0, least_up_h=3, least_down_h=2),
        field=Solar(peak_power_mw=0.8, capacity_factor=0.0),
        store=Storage(power_mw=0.3, energy_mwh=0.6, end_value_per_mwh=200.0),
        training=Queue(pool="pool", arrival_cards=0.0, deadline_h=10, late_price_per_card_h_h=5.0),
        through=Jobs(pools=["pool"], jobs=jobs[:2], deadline_h=14),
        pausing=Jobs(pools=["pool"], jobs=jobs[2:4], deadline_h=14, interruptible=True),
        dear_pauses=Jobs(pools=["pool"], jobs=jobs[4:], deadline_h=14, interruptible=True, restart_minutes=30.0),
        backup=Genset(power_mw=0.4, least_load=0.3, start_cost=5.0, least_up_h=3, fuel_price_per_mwh=150.0,
                      fuel_limit_mwh=3.0, most_starts=3),
        rules=GreenSupply(carbon_cap=CarbonCap(most_t=4.0, price_per_t=900.0)),
    )  # fmt: skip
    series = {
        ("tie", "import_price_per_mwh"): rng.uniform(100, 900, 60),
        ("field", "capacity_factor"): np.maximum(rng.uniform(-0.7, 1.0, 60), 0.0),
        ("training", "arrival_cards"): rng.uniform(0, 300, 60) * (rng.random(60) < 0.5),
    }
    return small(assets, 60, series=series)


@pytest.mark.parametrize("seed", range(3))
def test_rolling_never_beats_foresight(seed: int) -> None:
    """Whatever a site has: the rolled plan keeps every law over the whole span, and costs no less than the bound."""
    site = everything(seed)
    plan = rolled(site, seen=24, kept=12)
    assert plan.certificate.windows == 5
    assert plan.cost >= plan.certificate.relaxed_cost * (1 - STEP)
    assert plan.certificate.gap >= 0.0


def test_one_window_that_sees_all_is_the_plan() -> None:
    """Kept = seen = horizon: the same cost as the plan itself, whatever is handed over and read anew."""
    site = everything(0)
    assert rolled(site, 60, 60).cost == pytest.approx(site.plan().cost, rel=1e-5)  # twice a gap of 1e-6 in money


def test_the_months_peak_is_carried() -> None:
    """2 MW in hour 0, 1 MW for an hour in window 2, cheap power: a store of 1 MWh could shave the second peak at 1 % loss.

    With the month's 2 MW known it stays idle. If each window began with a peak of zero, it would discharge 1 MW there.
    """
    load = [2.0, 0, 0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0]
    store = Storage(
        power_mw=1.0,
        energy_mwh=1.0,
        opening_state_of_charge=1.0,
        end_value_per_mwh=200.0,
        behind_the_meter=True,
        lease=Lease(),
    )
    series = {("store", "discharge_share"): [0.0] * 6 + [1.0] * 6}  # it has no right to touch the first peak
    assets = {"tie": tie(100.0, demand_price=30_000.0), "load": Demand(amount=load), "store": store}
    site = small(assets, 12, series=series)
    plan = rolled(site, seen=6, kept=6)
    assert flow_of(plan, "store", "discharge").sum() == pytest.approx(0.0, abs=1e-6)
    charges = plan.bill_by_step["tie: demand charge"]
    assert charges.sum() == pytest.approx(2.0 * 30_000.0 * 0.5 / 31)  # the plan covers half a day of January


def test_a_peak_is_paid_for_the_whole_span_in_every_window() -> None:
    """Of eight days, one is planned at a time: shaving 1 MW saves 8/31 of a month's 30,000, 7,742, above 5,000 of wear.

    If a window charged only its own share of the month (a thirty-first, 968), the store would not be worth its wear.
    """
    hours = 8 * 24
    load = np.zeros(hours)
    load[20] = 1.0
    store = Storage(power_mw=1.0, energy_mwh=1.0, opening_state_of_charge=1.0, discharge_efficiency=1.0,
                    charge_efficiency=1.0, wear_cost_per_mwh=5_000.0)  # fmt: skip
    assets = {"tie": tie(100.0, demand_price=30_000.0), "load": Demand(amount=load.tolist()), "store": store}
    site = small(assets, hours, start="2025-01-01")
    plan = rolled(site, seen=24, kept=24)
    assert flow_of(plan, "store", "discharge").sum() == pytest.approx(1.0)


def test_a_new_month_starts_with_no_peak() -> None:
    """The peak of 31 January is not that of February: the bill has both, and the state of the first hour says zero."""
    grid = tie(100.0, demand_price=30_000.0)
    site = small({"tie": grid, "load": Demand(amount=[3.0] * 24 + [1.0] * 24)}, 48, start="2025-01-31")
    windows = Rolling(24, 24).windows(site.assets, site.inputs, EXACT, lambda *_: None)
    assert windows[1].opening["site", "tie"]["peak_mw"] == 0.0
    charges = rolled(site, 24, 24).bill_by_step["tie: demand charge"]
    assert charges.sum() == pytest.approx(30_000 * (3.0 / 31 + 1.0 / 28))


def test_work_keeps_its_own_deadline_across_windows() -> None:
    """200 card-hours at hour 4, due within 6 h, dear power until hour 9: all of them run in hour 9, the last in time.

    A backlog that came due in equal parts after the cut at 6 would be forced into hours 6 to 8.
    """
    queue = Queue(
        pool="pool", arrival_cards=0.0, deadline_h=6, late_price_per_card_h_h=50.0, unfinished_price_per_card_h=9
    )
    series = {
        ("training", "arrival_cards"): [0, 0, 0, 0, 200.0, 0, 0, 0, 0, 0, 0, 0],
        ("tie", "import_price_per_mwh"): [900.0] * 9 + [10.0] * 3,
    }
    plan = rolled(small(center(training=queue), 12, series=series), seen=12, kept=6)
    assert -flow_of(plan, "training", "run")[9] == pytest.approx(200.0)


def test_budgets_are_used_once() -> None:
    """A genset with 4 MWh of fuel and 2 starts: windows that each began with the whole limit would burn 4 MWh apiece."""
    unit = Genset(power_mw=1.0, efficiency=0.5, fuel_limit_mwh=4.0, start_cost=1.0, most_starts=2)
    prices = [900.0, 10.0] * 6
    site = small({"tie": tie(100.0), "load": Demand(amount=[1.0]), "unit": unit}, 12,
                 series={("tie", "import_price_per_mwh"): prices})  # fmt: skip
    plan = rolled(site, seen=4, kept=4)
    assert meter_of(plan, "unit", "fuel_mw").sum() == pytest.approx(4.0)
    assert flow_of(plan, "unit", "generation")[[0, 2]] == pytest.approx(1.0)


def test_what_a_promise_is_behind_is_carried() -> None:
    """A cap of 6 t over 12 h; for 4 h there is only the grid, so 2 t too much is emitted: the next 4 h emit nothing.

    Windows that each had a third of the cap would emit 4, 2 and 2 t, and miss the promise by 2.
    """
    grid = Grid(tariff={"energy_price_per_mwh": 100.0}, import_limit_mw=5.0, carbon_t_per_mwh=1.0)
    unit = Genset(power_mw=5.0, cost_per_mwh=300.0)
    rules = GreenSupply(carbon_cap=CarbonCap(most_t=6.0, price_per_t=500.0))
    site = small({"tie": grid, "load": Demand(amount=[1.0] * 12), "unit": unit, "rules": rules}, 12,
                 series={("unit", "availability"): [0.0] * 4 + [1.0] * 8})  # fmt: skip
    plan = rolled(site, seen=4, kept=4)
    imported = flow_of(plan, "tie", "import").reshape(3, 4).sum(axis=1)
    assert imported == pytest.approx([4.0, 0.0, 2.0], abs=1e-6)
    assert plan.results["shortfall"].sum() == pytest.approx(0.0, abs=1e-6)


def test_elastic_jobs_and_moved_load_go_on() -> None:
    """A job of 6 node-hours over a cut at hour 3 is done once, not twice; a load that ran ahead makes up after the cut."""
    work = Elastic(curve=[Point(nodes=1, speed=1.0, power_kw=100.0)], unfinished_price_per_node_h=50.0,
                   jobs=[JobRow(id="one", arrival="2025-01-06T00:00", cards=1, hours=6, deadline="2025-01-06T12:00")])  # fmt: skip
    moved = Load(power_mw=1.0, flexible=Flexible(share=1.0, block_h=4.0, most_mw=3.0))
    prices = [10.0, 20.0, 900.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 900.0, 900.0]
    site = small({"tie": tie(100.0), "load": moved, "work": work}, 12,
                 series={("tie", "import_price_per_mwh"): prices})  # fmt: skip
    plan = rolled(site, seen=6, kept=3)
    assert -flow_of(plan, "work", "use").sum() == pytest.approx(0.6)
    assert -flow_of(plan, "load", "use").sum() == pytest.approx(12.0)
    assert plan.cost == pytest.approx(site.plan().cost)  # six hours ahead are enough to see the dear ones


def test_jobs_past_their_last_hour_are_given_up() -> None:
    """Four jobs of 4 h for one pool that holds one at a time, due within 6 h, 2 h late at most: two run, two are missed."""
    jobs = Jobs(pools=["pool"], jobs=[job(number, 6, 0, 4.0) for number in range(4)], deadline_h=6, most_late_h=2)
    site = small(center(pool=pool(cards=64), work=jobs), 16)
    plan = rolled(site, seen=6, kept=3)
    assert -flow_of(plan, "work", "run").sum() == pytest.approx(2 * 4 * 64)
    missed = plan.results["shortfall"].values[:, plan.results["promise_quantity"].values == "missed_cards"].sum()
    assert missed == pytest.approx(2 * 4 * 64)


def test_settings_that_need_foresight_are_refused() -> None:
    """A size to be found, a limit on pauses: told by name, before any planning."""
    store = Storage(power_mw=1.0, energy_mwh=Size(max=5, annual_cost=1.0))
    paused = Jobs(pools=["pool"], jobs=[job(0, 6, 0, 2.0)], interruptible=True, most_pauses=1)
    site = small(center(store=store, work=paused), 4)
    with pytest.raises(DocumentError) as error:
        rolled(site, 4, 2)
    assert [text.split(":")[0] for text in error.value.problems] == ["store > energy_mwh", "work > most_pauses"]


def test_the_exchange_ramps_across_windows() -> None:
    """1 MW before the cut, 3 MW after it, a ramp of 1 MW/h: a genset gives the third MW in the first hour of window 2."""
    unit = Genset(power_mw=5.0, cost_per_mwh=300.0)
    load = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0]
    site = small({"tie": tie(100.0, ramp_mw_per_h=1.0), "load": Demand(amount=load), "unit": unit}, 6)
    plan = rolled(site, seen=3, kept=3)
    assert flow_of(plan, "unit", "generation") == pytest.approx([0, 0, 0, 1.0, 0, 0], abs=1e-6)


@pytest.mark.parametrize(("january_mw", "factor"), [([1.0, 0.2], 1.0), ([0.2, 1.0], 1.0), ([1.0, 0.6], 0.9)])
def test_a_month_s_discount_is_that_of_the_month(january_mw: list[float], factor: float) -> None:
    """30 January to 1 February a day at a time; a tenth off from 500 kWh/kVA a month: 32.3 MWh in two of 31 days at 1 MVA, 17.9 in one
    of 28. A first day of 24 MWh is on course, 28.8 in two days are not enough; 38.4 are. February's 24 MWh earn it in any case."""
    terms = {
        "use_discount": {"from_kwh_per_kva": 500.0},
        "demand_price_per_mw_month": 1000.0,
        "energy_price_per_mwh": 10.0,
    }
    grid = Grid.model_validate({"tariff": terms, "import_limit_mw": 2.0, "connected_mva": 1.0})
    load = [mw for mw in [*january_mw, 1.0] for _ in range(24)]
    site = small({"tie": grid, "load": Demand(amount=load)}, 72, start="2025-01-30")
    by_hand = 10.0 * sum(load) + 1000.0 * 2 / 31 * factor + 1000.0 / 28 * 0.9
    assert rolled(site, 24, 24).cost == pytest.approx(by_hand, abs=1e-4)
    assert site.plan().cost == pytest.approx(by_hand, abs=1e-4)


def test_windows_know_the_month_s_use_before_them() -> None:
    """24 MWh on 30 January leave 8.3 of 32.3 to the 31st; where nothing is known of the day before it is taken to be on course (16.1)."""
    discount = UseDiscount(from_kwh_per_kva=500.0)
    whole = Calendar.at_local_midnight("2025-01-30", 2, 1.0, "UTC+08:00")
    later = replace(Calendar.at_local_midnight("2025-01-31", 1, 1.0, "UTC+08:00"), part_of=whole)
    first = replace(Calendar.at_local_midnight("2025-01-30", 1, 1.0, "UTC+08:00"), part_of=whole)
    on_first, on_later = (Inputs("tie", calendar, range(24), {}) for calendar in (first, later))
    demand = DiscountedDemand(discount, 1.0)
    used = demand.used_after(np.ones(24), on_first, 23)
    assert used == pytest.approx(24.0)
    assert DiscountedDemand(discount, 1.0, used).least_mwh(on_later) == pytest.approx([500 * 2 / 31 - 24])
    assert demand.least_mwh(on_later) == pytest.approx([500 / 31])
    assert demand.used_after(np.ones(24), on_later, 23) == pytest.approx(500 / 31 + 24)
