"""Job tables: every form of job against brute force, lateness, pools, pauses."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from job_sites import FORMS, PRICES, baseline_of, job, lone, runs_of, shared, table_of
from sites import center, pool, small

from optimizer.plan.bill import late_card_hours
from optimizer.plan.results import records_of
from optimizer.plan.schedule import remarks_on_plan
from optimizer.technologies.compute.jobs.settings import Jobs
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.flows import Role


def test_unbroken_job_takes_its_cheapest_run() -> None:
    """3 h of 2 cards in 8 h: hours 3, 4 and 5 cost 2 · 0.51; the three cheapest hours, 2 · 0.30, are not in a row."""
    site = lone(PRICES, [job("a", 0, 8, 3, cards=2)])
    plan = site.plan()
    assert plan.cost == pytest.approx(2 * (0.1 + 0.3 + 0.11))
    assert runs_of(table_of(site, plan)) == [("a", 3.0, 6.0)]


def test_interruptible_job_takes_its_cheapest_hours() -> None:
    """3 h in 8 h: 0.09 + 0.10 + 0.11; unbroken it would be 0.51."""
    plan = lone(PRICES, [job("a", 0, 8, 3)], interruptible=True).plan()
    assert plan.cost == pytest.approx(0.30)


@pytest.mark.parametrize(
    ("arrival", "due", "hours", "runs"),
    [(-10, 4, 12, [("a", 0.0, 4.0)]),     # two weeks' work seen from its middle: begun, at the latest, 8 h ago
     (-10, 4.5, 12, [("a", 0.0, 4.0)]),   # whole steps before its deadline
     (-2, 6, 3, [("a", 3.0, 6.0)]),       # may still wait: whole, in the cheapest hours
     (-10, 4, 15, [("a", 0.0, 8.0)])],    # longer than its deadline allows: late in any plan, to the plan's end
)  # fmt: skip
def test_of_a_job_that_came_before_the_plan(
    arrival: float, due: float, hours: float, runs: list[tuple[str, float, float]]
) -> None:
    """Nothing is reported of it: begun in time, so that a plan from the middle of a long run pays nothing for being late."""
    site = lone(PRICES, [job("a", arrival, due, hours)])
    plan = site.plan()
    assert runs_of(table_of(site, plan)) == runs
    assert (late_card_hours(plan.results) == 0) == (hours < 15)


def test_arrival_and_deadline_are_held() -> None:
    """Before hour 2 it is not there, at hour 6 it must be done: hours 3 and 4; an hour more on either side would be cheaper."""
    site = lone(PRICES, [job("a", 2, 6, 2)], interruptible=True)
    assert runs_of(table_of(site, site.plan())) == [("a", 3.0, 4.0), ("a", 5.0, 6.0)]
    site = lone(PRICES, [job("a", 1.5, 5.5, 2)], interruptible=True)  # half hours: steps 2, 3 and 4 are left
    assert runs_of(table_of(site, site.plan())) == [("a", 3.0, 5.0)]


def test_a_rule_for_deadlines_is_planned_by() -> None:
    """Half the time, 4 of 8 h: the cheapest 3 h in a row before hour 4, not those after; by hand from the prices."""
    rule = {"deadline_factor": 0.5}
    plan = lone(PRICES, [job("a", 0, 8, 3, cards=2)], changes=rule).plan()
    assert plan.cost == pytest.approx(2e-3 * min(sum(PRICES[first : first + 3]) for first in (0, 1)))
    assert plan.cost > lone(PRICES, [job("a", 0, 8, 3, cards=2)]).plan().cost


@pytest.mark.parametrize(("factor", "told"), [(0.75, False), (0.9, True), (1.0, False)])
def test_a_rule_for_deadlines_that_decides_nothing_is_told(factor: float, told: bool) -> None:
    """The run of hours 3 to 5 ends at 6: a deadline at 6 decides it, at 7.2 none does, old or new; a factor of 1 is no rule."""
    site = lone(PRICES, [job("a", 0, 8, 3, cards=2)], changes={"deadline_factor": factor})
    remarks = remarks_on_plan(site.plan().results, site.assets)
    assert ["none of these deadlines decides" in remark for remark in remarks] == [True] * told


def pausing_cost(prices: list[float], first: int, due: int, hours: int, rules: dict[str, Any]) -> float:
    """Cheapest way to run a lone job with costly pauses, by trying all sets of hours."""
    best = np.inf
    kwh = rules.get("checkpoint_kwh_per_card", 0.0) + rules.get("restart_kwh_per_card", 0.0)
    for on in itertools.product([0, 1], repeat=due - first):
        begins = [t for t in range(len(on)) if on[t] and not (t and on[t - 1])]
        lengths = [next((k for k in range(t, len(on)) if not on[k]), len(on)) - t for t in begins]
        pauses = max(len(begins) - 1, 0)
        need = hours + rules.get("restart_minutes", 0) / 60 * pauses
        short_block = any(length < min(rules.get("least_block_h", 0), hours) for length in lengths)
        if sum(on) < need - 1e-9 or short_block or pauses > rules.get("most_pauses", 99):
            continue
        energy = sum(prices[first + t] for t in range(len(on)) if on[t])
        best = min(best, (energy + kwh * sum(prices[first + t] for t in begins[1:])) / 1000)
    return best


RULES = (
    {"restart_minutes": 30},
    {"checkpoint_kwh_per_card": 0.2, "restart_kwh_per_card": 0.4},
    {"least_block_h": 2},
    {"most_pauses": 1},
    {"restart_minutes": 60, "least_block_h": 2, "restart_kwh_per_card": 0.1},
)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "+".join(rules))
def test_costly_pauses_against_every_choice(rules: dict[str, Any]) -> None:
    """Three jobs with restart time, pause energy, least blocks or few pauses cost what trying all sets of hours finds;
    pauses for free would be cheaper, no pauses at all dearer, for at least one of them."""
    windows = [("a", 0, 8, 3), ("b", 1, 8, 4), ("c", 3, 7, 2)]
    site = lone(PRICES, [job(*window) for window in windows], interruptible=True, **rules)
    expected = [pausing_cost(PRICES, first, due, hours, rules) for _, first, due, hours in windows]
    free = [pausing_cost(PRICES, first, due, hours, {}) for _, first, due, hours in windows]
    assert site.plan().cost == pytest.approx(sum(expected))
    assert sum(expected) > sum(free) + 1e-3


def test_pause_energy_heats_the_halls_too() -> None:
    """0.5 kWh a card and pause: drawn from the IT bus in the hour of the resumption and given off there."""
    rules = {"interruptible": True, "checkpoint_kwh_per_card": 0.3, "restart_kwh_per_card": 0.2}
    prices = [100.0, 900.0, 100.0]
    site = shared(prices, [job("a", 0, 3, 2, cards=64)], **rules)
    record = records_of(site.plan().results)["site", "work", -1]
    np.testing.assert_allclose(record.flow("pauses"), [0, 0, -0.032], atol=1e-9)
    np.testing.assert_allclose(record.flow("pause heat"), [0, 0, 0.032], atol=1e-9)


@pytest.mark.parametrize("pauses", [False, True])
def test_jobs_that_share_cards_against_every_choice(pauses: bool) -> None:
    """Three gangs of 32 cards on 64: the cheapest of all ways to place them; without the cards' limit all would run at once."""
    windows = [("a", 0, 6, 3), ("b", 1, 6, 2), ("c", 0, 5, 3)]
    prices = PRICES[:6]
    site = shared(prices, [job(*window, cards=32) for window in windows], interruptible=pauses)
    ways = []
    for _, first, due, hours in windows:
        if pauses:
            ways.append([set(some) for some in itertools.combinations(range(first, due), hours)])
        else:
            ways.append([set(range(start, start + hours)) for start in range(first, due - hours + 1)])
    best = min(
        sum(prices[t] for way in choice for t in way)
        for choice in itertools.product(*ways)
        if max(sum(t in way for way in choice) for t in range(6)) <= 2
    )
    alone = sum(min(sum(prices[t] for t in way) for way in some) for some in ways)
    plan = site.plan()
    drawn = records_of(plan.results)["site", "pool", -1].flow("draw")
    assert -(drawn * prices).sum() == pytest.approx(32e-3 * best, abs=1e-6)
    assert best > alone


def test_late_work_is_priced_by_hours_and_reported() -> None:
    """Two gangs, room for one: the second runs its 2 h in the 1st and 2nd hour past due: 64 · (1 + 2) · 5, and 128 card-hours."""
    site = shared([100.0] * 6, [job("a", 0, 2, 2, 64), job("b", 0, 2, 2, 64)], most_late_h=4.0)
    plan = site.plan()
    assert plan.bill_by_step["work: lateness penalty"].sum() == pytest.approx(64 * 3 * 5.0)
    record = records_of(plan.results)["site", "work", -1]
    np.testing.assert_allclose(record.shortfalls["late_cards"], [0, 0, 64, 64, 0, 0], atol=1e-6)
    assert table_of(site, plan)["late"].tolist() == [False, True]


def test_the_more_important_job_is_in_time() -> None:
    """Same gangs, room for one: priority 3 goes first though it stands second."""
    site = shared([100.0] * 6, [job("a", 0, 2, 2, 64), job("b", 0, 2, 2, 64, priority=3.0)], most_late_h=4.0)
    assert runs_of(table_of(site, site.plan()))[0] == ("b", 0.0, 2.0)


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
def test_work_without_room_is_missed_at_its_price(form: dict[str, Any]) -> None:
    """Two gangs, room for one and no time after the deadline: 2 h · 64 cards at 50 are missed, and said so."""
    site = shared([100.0] * 6, [job("a", 0, 2, 2, 64), job("b", 0, 2, 2, 64)], **form)
    plan = site.plan()
    assert plan.bill_by_step["work: missed work penalty"].sum() == pytest.approx(2 * 64 * 50.0)
    assert records_of(plan.results)["site", "work", -1].shortfalls["missed_cards"].sum() == pytest.approx(128.0)


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
def test_work_may_be_left_for_after_the_plan(form: dict[str, Any]) -> None:
    """Due long after the plan: run where a card-hour costs less than leaving it (0.1 < 0.2), else left at 0.2."""
    rows = [job("a", 0, 40, 3)]
    cheap = lone([100.0] * 4, rows, unfinished_price_per_card_h=0.2, **form).plan()
    dear = lone([300.0] * 4, rows, unfinished_price_per_card_h=0.2, **form).plan()
    assert cheap.cost == pytest.approx(0.3)
    assert dear.cost == pytest.approx(0.6)


@pytest.mark.parametrize("form", FORMS[:2], ids=["unbroken", "interruptible"])
def test_lateness_that_is_certain_is_not_left_for_free(form: dict[str, Any]) -> None:
    """Due at the plan's end: leaving it would make it late, which costs more than the dear hour; with 0.1 alone it would be left."""
    plan = lone([900.0] * 4, [job("a", 0, 4, 2)], most_late_h=6.0, **form).plan()
    assert plan.cost == pytest.approx(1.8)


def test_several_pools_share_the_jobs() -> None:
    """Two gangs of 64, two pools of 64 cards, one cheap hour: both run in it, one in each pool."""
    other = pool(64, 64, idle_kw_per_card=0.0, off_kw_per_card=0.0)
    work = Jobs(pools=["pool", "annex"], jobs=[job("a", 0, 3, 1, 64), job("b", 0, 3, 1, 64)])
    site = small(
        center(pool=other, annex=other, work=work), 3, series={("tie", "import_price_per_mwh"): [900, 50, 900]}
    )
    table = table_of(site, site.plan())
    assert table["start"].tolist() == [1.0, 1.0]
    assert sorted(table["pool"]) == ["annex", "pool"]


def test_a_queue_runs_in_several_pools() -> None:
    """100 card-hours an hour, two pools of 64 cards: both run in time what one could not; without a plan the first by name alone."""
    other = pool(64, 64, idle_kw_per_card=0.0, off_kw_per_card=0.0)
    queue = Queue(pool="pool", other_pools=["annex"], arrival_cards=100.0, deadline_h=1)
    site = small(center(pool=other, annex=other, work=queue), 4)
    record = records_of(site.plan().results)["site", "work", -1]
    np.testing.assert_allclose(record.shortfalls["late_card_h"], 0, atol=1e-6)
    assert -record.flows["compute.annex", "run", Role.MOVABLE_WORK].min() > 30
    baseline = records_of(baseline_of(site).results)["site", "work", -1]
    np.testing.assert_allclose(baseline.flows["compute.annex", "run", Role.MOVABLE_WORK], -64, atol=1e-6)
    np.testing.assert_allclose(baseline.flows["compute.pool", "run", Role.MOVABLE_WORK], 0, atol=1e-6)


def test_late_card_hours_count_once() -> None:
    """Two gangs of 64, room for one: the second runs 2 h late: 128 card-hours in the summary."""
    plan = shared([100.0] * 6, [job("a", 0, 2, 2, 64), job("b", 0, 2, 2, 64)], most_late_h=4.0).plan()
    assert late_card_hours(plan.results) == pytest.approx(128.0)
