"""Alike jobs counted together and handed back to their ids: in the plan, in the usual order, from one plan to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job_sites import FORMS, MONDAY, PRICES, baseline_of, job, lone, random_rows, runs_of, shared, table_of
from sites import Small

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.plan.results import records_of
from optimizer.technologies.compute.jobs.cohorts import Cohort, assign, in_order_of_arrival


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


@pytest.mark.parametrize("form", FORMS, ids=["unbroken", "interruptible", "pausing"])
def test_without_a_plan_jobs_run_as_they_arrive(form: dict[str, Any]) -> None:
    """In order of arrival as soon as the gang fits: c (half the pool) slips into the gap beside a, b waits for all cards."""
    rows = [job("a", 0, 20, 3, 32), job("b", 1, 20, 2, 64), job("c", 1, 20, 2, 32)]
    site = shared([500.0] * 4 + [10.0] * 8, rows, **form)
    expected = [("a", 0.0, 3.0), ("b", 3.0, 5.0), ("c", 1.0, 3.0)]
    assert sorted(runs_of(table_of(site, baseline_of(site)))) == expected
    assert site.plan().cost < baseline_of(site).cost


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
