"""No job table ends without a plan: gangs of any size, past the window, arriving after its end, due long after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from job_sites import FORMS, job, shared
from sites import Small

from optimizer.plan.results import violations
from optimizer.solve.certified import Effort
from optimizer.technologies.base import State

TABLES_A_SEED = 10
SEEDS = range(20)
QUICK = {"gap": 0.01, "seconds": 0.3}
"""Little time on purpose: a plan must not depend on how long the search may take."""
WHOLE = Effort(**QUICK, whole_up_to_steps=500)
WINDOWS = Effort(**QUICK, window_steps=12, window_seconds=0.1, whole_up_to_steps=0)


def random_table(rng: np.random.Generator, hours: int) -> list[dict[str, Any]]:
    """Up to a dozen jobs of 2 to 100 % of a pool of 64 cards; some arrive after the plan's end, some must be late."""
    rows = []
    for number in range(int(rng.integers(1, 13))):
        arrival = int(rng.integers(-6, hours + 6))
        length = int(rng.choice([1, 2, 5, 13, hours + 4], p=[0.3, 0.3, 0.2, 0.15, 0.05]))
        due = arrival + length + int(rng.choice([-2, 0, 3, 24, 200]))
        due = max(due, arrival + 1)
        cards = int(rng.choice([1, 5, 20, 33, 40, 64]))
        rows.append(job(f"j{number}", arrival, due, length, cards=cards, priority=int(rng.choice([1, 5]))))
    return rows


def random_site(rng: np.random.Generator) -> tuple[Small, State]:
    """A pool, prices by the hour and a table; half of the sites open with a job under way."""
    hours = int(rng.choice([6, 24, 48, 60]))
    rows, rules = random_table(rng, hours), dict(FORMS[int(rng.integers(len(FORMS)))])
    opening: State = {}
    if rng.random() < 0.5:
        rows.append(job("under_way", -3, int(rng.integers(2, 40)), 9, cards=int(rng.choice([8, 33, 64]))))
        opening = {"left_h": {"under_way": 6.0}, "running": ["under_way"], "pool": {"under_way": "pool"}}
    prices = rng.uniform(50.0, 600.0, hours).round(1).tolist()
    return shared(prices, rows, most_late_h=float(rng.choice([0.0, 6.0])), **rules), opening


@pytest.mark.parametrize("seed", SEEDS)
def test_every_table_has_a_plan_that_obeys_its_laws(seed: int) -> None:
    """Ten tables a seed, whole and in windows in turn. A search without a first plan would end in SolverError."""
    rng = np.random.default_rng(seed)
    for number in range(TABLES_A_SEED):
        site, opening = random_site(rng)
        plan = site.plan(WINDOWS if number % 2 else WHOLE, {("site", "work"): opening})
        assert violations(plan.results, site.assets, {("site", "work"): opening}) == []
        assert plan.certificate.bound <= plan.cost + 1e-6 * max(abs(plan.cost), 1.0)  # HiGHS' rows are held to 1e-7


def test_jobs_longer_than_two_windows_have_a_plan() -> None:
    """Twenty gangs of half a pool, 30 h each, in four days cut into windows of 12 h: half of the work is never done in time."""
    rows = [job(f"j{number}", 4 * number, 4 * number + 60, 30, cards=32) for number in range(20)]
    site = shared(np.tile([80.0, 300.0, 150.0, 500.0], 24).tolist(), rows)
    assert violations(site.plan(WINDOWS).results, site.assets) == []


def test_a_table_that_arrives_after_the_end_leaves_a_plan_without_work() -> None:
    """A small job and a large one, both behind the plan, cost the same: neither runs, neither is late."""
    small, large = (
        shared([100.0] * 6, [job("later", 8, 20, hours, cards=cards)]).plan(WHOLE) for hours, cards in ((2, 1), (9, 64))
    )
    assert small.cost == pytest.approx(large.cost, rel=1e-9)
