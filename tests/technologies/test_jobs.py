"""Job tables: every form of job against brute force, cohorts handed back to jobs, lateness, pools, pauses, the usual order."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import EXACT, Small, center, exact_cost, pool, small, tie

from optimizer.bill import late_card_hours
from optimizer.horizon import Effort, certified_plan
from optimizer.inputs.assemble import inputs_by_asset
from optimizer.planning import Plan, plan_assets
from optimizer.results import records_of, results_of, violations
from optimizer.scenario import ScenarioError, scenario_from
from optimizer.solver import compile_model
from optimizer.technologies.base import State
from optimizer.technologies.cohorts import Cohort, assign, in_order_of_arrival
from optimizer.technologies.job_timetable import timetable
from optimizer.technologies.jobs import Jobs
from optimizer.technologies.queue import Queue
from optimizer.usual import as_usual

MONDAY = pd.Timestamp("2025-01-06")
UTC_MONDAY = pd.Timestamp("2025-01-05 16:00")
"""Midnight of the tests' site, UTC+8."""


def at(hour: float) -> str:
    """So many hours after the plan's start, on the site's clock."""
    return str(MONDAY + pd.Timedelta(hours=hour))


def job(name: str, arrival: float, due: float, hours: float, cards: float = 1.0, **more: Any) -> dict[str, Any]:
    """One row of a job table."""
    return {"id": name, "arrival": at(arrival), "deadline": at(due), "hours": hours, "cards": cards, **more}


def lone(prices: list[float], rows: list[dict[str, Any]], **rules: Any) -> Small:
    """Jobs on machines of their own, 1 kW a card: a card-hour costs a thousandth of the price."""
    work = Jobs(jobs=rows, **{"kw_per_card": 1.0, "most_late_h": 0.0, **rules})
    site = {"tie": tie(import_limit_mw=100.0), "work": work}
    return small(site, len(prices), series={("tie", "import_price_per_mwh"): prices})


def shared(prices: list[float], rows: list[dict[str, Any]], cards: int = 64, **rules: Any) -> Small:
    """Jobs in a pool of so many cards, one block that is always on; a busy card-hour draws 1 kW, an idle one next to nothing."""
    free = pool(cards, cards, idle_kw_per_card=0.0, off_kw_per_card=0.0, least_blocks_on=1)
    work = Jobs(pools=["pool"], jobs=rows, **{"most_late_h": 0.0, **rules})
    return small(center(pool=free, work=work), len(prices), series={("tie", "import_price_per_mwh"): prices})


def table_of(site: Small, plan: Plan, opening: State | None = None) -> pd.DataFrame:
    """Which job runs when, in hours from the plan's start."""
    record = records_of(plan.results)["site", "work", -1]
    table = timetable(
        site.assets["site", "work"], record, inputs_by_asset(plan.results)["site", "work", 0], opening or {}
    )
    for column in ("start", "end"):
        table[column] = (table[column] - UTC_MONDAY) / pd.Timedelta(hours=1)
    return table


def runs_of(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    """(job, start, end) of every run."""
    return list(table[["job", "start", "end"]].itertuples(index=False, name=None))


PRICES = [500.0, 90.0, 400.0, 100.0, 300.0, 110.0, 130.0, 600.0]


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


def test_arrival_and_deadline_are_held() -> None:
    """Before hour 2 it is not there, at hour 6 it must be done: hours 3 and 4; an hour more on either side would be cheaper."""
    site = lone(PRICES, [job("a", 2, 6, 2)], interruptible=True)
    assert runs_of(table_of(site, site.plan())) == [("a", 3.0, 4.0), ("a", 5.0, 6.0)]
    site = lone(PRICES, [job("a", 1.5, 5.5, 2)], interruptible=True)  # half hours: steps 2, 3 and 4 are left
    assert runs_of(table_of(site, site.plan())) == [("a", 3.0, 5.0)]


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


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_job_gets_its_steps(data: st.DataObject) -> None:
    """Whatever counts a set of jobs leads to: each job is given exactly its steps, and in no step more run than planned."""
    jobs, time = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 12))
    steps = data.draw(st.integers(1, time))
    rows = [data.draw(st.permutations([True] * steps + [False] * (time - steps))) for _ in range(jobs)]
    running = np.sum(rows, axis=0).astype(np.int64)
    given_back = assign(running, jobs=jobs, steps=steps)
    np.testing.assert_array_equal(given_back.sum(axis=0), running)
    np.testing.assert_array_equal(given_back.sum(axis=1), steps)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=10), st.integers(4, 6), st.integers(1, 10))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_work_that_is_left_is_shared_out_too(counts: list[int], jobs: int, steps: int) -> None:
    """Less than all the work: the counts are met exactly, no job gets more than it needs; too much is refused."""
    running = np.array(counts, dtype=np.int64)
    if running.sum() > jobs * steps:
        with pytest.raises(ValueError, match="more than"):
            assign(running, jobs=jobs, steps=steps)
        return
    given_back = assign(running, jobs=jobs, steps=steps)
    np.testing.assert_array_equal(given_back.sum(axis=0), running)
    assert given_back.sum(axis=1).max() <= steps


def random_rows(rng: np.random.Generator, jobs: int, hours: int) -> list[dict[str, Any]]:
    """Jobs of few kinds, so that some are alike; some cannot be in time."""
    rows = []
    for number in range(jobs):
        arrival, length = int(rng.integers(0, hours - 4)), int(rng.integers(1, 5))
        due = arrival + length + int(rng.choice([-1, 0, 3, 8]))
        rows.append(job(f"j{number}", arrival, due, length, cards=int(rng.choice([8, 16]))))
    return rows


FORMS: tuple[dict[str, Any], ...] = ({}, {"interruptible": True}, {"interruptible": True, "restart_minutes": 30})


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
@pytest.mark.parametrize("seed", range(3))
def test_timetable_is_the_plan(form: dict[str, Any], seed: int) -> None:
    """From the plan's counts back to jobs: cards in each hour as planned, nobody outside the window, nobody longer than the
    job; the plan passes its checks and its bill is the objective."""
    rng = np.random.default_rng(seed)
    rows = random_rows(rng, 12, 16)
    site = shared(list(rng.uniform(50, 600, 16)), rows, most_late_h=3.0, **form)
    plan = site.plan()
    table, cards = table_of(site, plan), np.zeros(16)
    by_id = {row["id"]: row for row in rows}
    for run in table.itertuples():
        cards[int(run.start) : int(run.end)] += run.cards
        assert run.start >= (pd.Timestamp(by_id[run.job]["arrival"]) - MONDAY) / pd.Timedelta(hours=1)
        due = (pd.Timestamp(by_id[run.job]["deadline"]) - MONDAY) / pd.Timedelta(hours=1)
        assert run.late == (run.end > due)
    np.testing.assert_allclose(cards, -records_of(plan.results)["site", "work", -1].flow("run"), atol=1e-3)
    assert cards.max() <= 64
    spent = (table["end"] - table["start"]).groupby(table["job"]).sum()
    extra = 0.5 * (table.groupby("job").size() - 1) if form.get("restart_minutes") else 0.0
    hours = pd.Series({name: row["hours"] for name, row in by_id.items()})
    assert (spent <= np.ceil(hours[spent.index] + extra)).all()


@pytest.mark.parametrize("form", FORMS[:2], ids=["unbroken", "interruptible"])
def test_alike_jobs_are_one_whole_number_a_step(form: dict[str, Any]) -> None:
    """1,000 alike jobs: no more columns than for 10 of them (7 starts or 8 counts), and a hundred times their cost."""
    few, many = (lone(PRICES, [job(f"j{k}", 0, 8, 2) for k in range(n)], **form) for n in (10, 1000))
    assert many.compiled().matrix.is_integer.sum() == few.compiled().matrix.is_integer.sum() <= 8
    assert many.plan().cost == pytest.approx(100 * few.plan().cost)


def test_late_work_is_priced_by_hours_and_told() -> None:
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


def usual_of(site: Small) -> Plan:
    """The same hours for a site that plans nothing."""
    return plan_assets(*as_usual(site.assets, site.inputs), EXACT)


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
def test_without_a_plan_jobs_run_as_they_arrive(form: dict[str, Any]) -> None:
    """In order of arrival as soon as the gang fits: c (half the pool) slips into the gap beside a, b waits for all cards."""
    rows = [job("a", 0, 20, 3, 32), job("b", 1, 20, 2, 64), job("c", 1, 20, 2, 32)]
    site = shared([500.0] * 4 + [10.0] * 8, rows, **form)
    expected = [("a", 0.0, 3.0), ("b", 3.0, 5.0), ("c", 1.0, 3.0)]
    assert sorted(runs_of(table_of(site, usual_of(site)))) == expected
    assert site.plan().cost < usual_of(site).cost


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=10),
    st.integers(3, 6),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_cards_used_tell_the_starts(rows: list[tuple[int, int, int]], room: int) -> None:
    """The usual order, given back only the cards it used, starts every job where it did: so a sum is enough to repeat it."""
    cohorts = [
        Cohort((f"j{n}",), arrival, 99, 99, steps, float(cards), 1.0) for n, (arrival, steps, cards) in enumerate(rows)
    ]
    used = np.zeros(12)
    starts = in_order_of_arrival(cohorts, np.full(12, float(room)))
    for cohort, some in zip(cohorts, starts, strict=True):
        for start in some:
            used[start : start + cohort.steps] += cohort.cards
    assert used.max() <= room
    assert in_order_of_arrival(cohorts, used) == starts


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
def test_a_plan_goes_on_where_the_last_one_stopped(form: dict[str, Any]) -> None:
    """6 h planned, 3 kept, the rest planned anew from the state: each job ends with its hours, unbroken ones unbroken.
    Forgetting what was done would run the 4 h again."""
    rows = [job("a", 0, 12, 4, 32), job("b", 2, 12, 4, 32)]
    prices = [100.0] * 3 + [400.0] * 3 + [150.0] * 6
    first = shared(prices[:6], rows, unfinished_price_per_card_h=0.2, **form)
    plan, work = first.plan(), first.assets["site", "work"]
    record, view = records_of(plan.results)["site", "work", -1], inputs_by_asset(first.inputs)["site", "work", 0]
    state = work.closing_state(record, view, {}, 2)
    kept = table_of(first, plan)
    done = {name: (part["end"].clip(upper=3) - part["start"].clip(upper=3)).sum() for name, part in kept.groupby("job")}
    second = small_from_hour(3, prices[3:], rows, form)
    rest = second.plan(opening={("site", "work"): state})
    table = table_of(second, rest, state)
    for name in ("a", "b"):
        hours = (table["end"] - table["start"])[table["job"] == name].sum()
        # half an hour lost with a restart takes a whole step more
        assert done.get(name, 0.0) + hours == pytest.approx(5.0 if form.get("restart_minutes") else 4.0)
    if not form:
        assert state["running"]
        for name in state["running"]:
            assert table.set_index("job")["start"][name] == 3.0


def small_from_hour(hour: int, prices: list[float], rows: list[dict[str, Any]], form: dict[str, Any]) -> Small:
    """The shared site, its plan starting so many hours later."""
    site = shared(prices, rows, **form)
    shifted = site.inputs.assign_coords(time=site.inputs["time"] + pd.Timedelta(hours=hour))
    return Small(site.assets, shifted, replace(site.calendar, start=site.calendar.start + pd.Timedelta(hours=hour)))


def crowd() -> Small:
    """More jobs than room, of every sort that is not interruptible."""
    return shared(PRICES, [job(f"j{k}", 0, 4, 2, 32) for k in range(5)], most_late_h=3.0)


def annexed(**form: Any) -> Small:
    """Two pools, a job that fits one of them at a time, and an hour cheap enough to run it twice at once."""
    other = pool(64, 64, idle_kw_per_card=0.0, off_kw_per_card=0.0)
    work = Jobs(pools=["pool", "annex"], jobs=[job("a", 0, 3, 2, 64)], interruptible=True, **form)
    return small(
        center(pool=other, annex=other, work=work), 3, series={("tie", "import_price_per_mwh"): [900, 50, 900]}
    )


def paused(**rules: Any) -> Small:
    """A job that would like to pause."""
    return lone(PRICES, [job("a", 0, 8, 3, 10)], interruptible=True, restart_kwh_per_card=0.02, **rules)


BINDING: dict[str, Callable[[], Small]] = {
    "every_job_starts_once_or_not_at_all": crowd,
    "run_cards_0_follow_the_jobs": crowd,
    "late_cards_follow_the_jobs": crowd,
    "work_is_done_or_left": lambda: lone(PRICES, [job("a", 0, 8, 3)], interruptible=True),
    "a_job_runs_in_one_pool_at_once": annexed,
    "a_job_that_begins_to_run_starts_or_resumes": paused,
    "only_what_has_started_resumes": lambda: paused(most_pauses=1),
    "a_job_starts_once": paused,
    "work_and_restarts_are_done_or_left": paused,
    "pauses_are_few": lambda: paused(most_pauses=1),
    "a_job_runs_for_its_least_block": lambda: paused(least_block_h=2),
}


@pytest.mark.parametrize("name", BINDING)
def test_a_constraint_that_is_taken_away_is_missed(name: str) -> None:
    """Without it the plan gets cheaper, or the checks that do not trust the solver complain."""
    site = BINDING[name]()
    cost, model = site.plan().cost, site.model()
    rows = [row for row in model.pyomo.component_objects() if row.local_name == name and len(row)]
    assert rows, f"the site has no rows {name}"
    for row in rows:
        row.deactivate()
    compiled = compile_model(model.pyomo)
    freed = certified_plan(compiled.matrix, EXACT)
    results = results_of(model, compiled, freed.values, freed.row_dual, site.inputs)
    assert freed.cost < cost - 1e-4 or violations(results, site.assets)  # optima are exact to 1e-6


def test_every_named_constraint_of_jobs_is_here() -> None:
    """A constraint written without a case is found by its name in the source."""
    folder = Path(__file__).parents[2] / "optimizer" / "technologies"
    named = set()
    for file in folder.glob("job*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "Constraint" in ast.dump(mark) for mark in node.decorator_list
            ):
                named.add(node.name)
    assert named <= set(BINDING)


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "give the jobs either as table"),
    ({"jobs": [job("a", 0, 1, 1), job("a", 0, 1, 1)]}, "job id 'a' stands there more than once"),
    ({"jobs": [job("a", 0, 1, 1)], "pools": ["pool"], "kw_per_card": 1.0}, "machines of their own"),
    ({"jobs": [job("a", 0, 1, 1)], "restart_minutes": 5}, "need interruptible: true"),
    ({"jobs": [job("a", 0, 1, -1)]}, "hours: must be above 0, is -1"),
    ({"jobs": [job("a", 0, 1, 1) | {"arrival": "soon"}]}, "'soon' is not a time"),
    ({"jobs": [job("a", 0, 1, 1)], "missed_price_per_card_h": 0.0}, "missing work must cost"),
    ({"table": {"file": "nowhere.csv"}}, "no such file"),
    ({"jobs": [job("a", 0, 1, 1)], "pools": ["nowhere"]}, "runs on pool 'nowhere', which no cluster is"),
)


@pytest.mark.parametrize(("settings_of_jobs", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
def test_wrong_job_settings_are_told(settings_of_jobs: dict[str, Any], message: str) -> None:
    """What a user may get wrong is told in words that name it."""
    data = {
        "name": "x",
        "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2800},
        "jobs": {"w": settings_of_jobs},
    }
    with pytest.raises(ScenarioError, match=message):
        scenario_from(data)


def test_a_queue_runs_in_several_pools() -> None:
    """100 card-hours an hour, two pools of 64 cards: both run in time what one could not; without a plan the first by name alone."""
    other = pool(64, 64, idle_kw_per_card=0.0, off_kw_per_card=0.0)
    queue = Queue(pool="pool", other_pools=["annex"], arrival_cards=100.0, deadline_h=1)
    site = small(center(pool=other, annex=other, work=queue), 4)
    record = records_of(site.plan().results)["site", "work", -1]
    np.testing.assert_allclose(record.shortfalls["late_card_h"], 0, atol=1e-6)
    assert -record.flows["compute.annex", "run"].min() > 30
    usual = records_of(usual_of(site).results)["site", "work", -1]
    np.testing.assert_allclose(usual.flows["compute.annex", "run"], -64, atol=1e-6)
    np.testing.assert_allclose(usual.flows["compute.pool", "run"], 0, atol=1e-6)


def test_late_card_hours_count_once() -> None:
    """Two gangs of 64, room for one: the second runs 2 h late: 128 card-hours in the summary."""
    plan = shared([100.0] * 6, [job("a", 0, 2, 2, 64), job("b", 0, 2, 2, 64)], most_late_h=4.0).plan()
    assert late_card_hours(plan.results) == pytest.approx(128.0)


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
@pytest.mark.parametrize("seed", range(2))
def test_jobs_across_cuts_keep_the_bound_true(form: dict[str, Any], seed: int) -> None:
    """A day cut into three windows with jobs that run across the cuts: the bound is never above the true optimum, the plan
    never below it, and its jobs are whole. A start that were lost at a cut would show as a plan that is too cheap."""
    rng = np.random.default_rng(seed)
    site = shared(list(rng.uniform(50, 600, 24)), random_rows(rng, 10, 24), most_late_h=3.0, **form)
    optimum = exact_cost(site.compiled().matrix)
    plan = site.plan(Effort(gap=1e-6, seconds=30.0, window_steps=8, whole_up_to_steps=0))
    assert plan.certificate.windows == 3
    assert plan.certificate.bound <= optimum + 1e-5  # HiGHS' absolute gap, window by window
    assert plan.cost >= optimum - 1e-5
