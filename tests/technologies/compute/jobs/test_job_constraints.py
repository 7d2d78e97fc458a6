"""Every constraint of jobs is missed when taken away; wrong settings are told; windows cut through jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from job_sites import FORMS, PRICES, job, lone, random_rows, shared
from sites import Small, center, exact_cost, pool, small, without_rows

from optimizer.scenario.file import ScenarioError, scenario_from
from optimizer.solve.certified import Effort
from optimizer.technologies.compute.jobs.settings import Jobs


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
    freed, broken = without_rows(site, name)
    assert freed < site.plan().cost - 1e-4 or broken  # optima are exact to 1e-6


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
def test_wrong_job_settings_are_reported(settings_of_jobs: dict[str, Any], message: str) -> None:
    """What a user may get wrong is told in words that name it."""
    data = {
        "name": "x",
        "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2800},
        "jobs": {"w": settings_of_jobs},
    }
    with pytest.raises(ScenarioError, match=message):
        scenario_from(data)


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
