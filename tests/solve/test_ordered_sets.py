"""Branching on ordered sets: the bound holds for every plan, and a closed search has found the best choices."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.solve import ordered_sets
from optimizer.solve.certified import Effort, certified_plan
from optimizer.solve.highs import Matrix, solve
from optimizer.solve.ordered_sets import branched, ordered_sets_of

STEPS = 6


def meetings(rng: np.random.Generator, jobs: int) -> Matrix:
    """Jobs that run once in one of six steps or not at all; what runs at once costs by the size of the peak above a free
    amount in each step. Columns: starts by job and step, not run by job, peak above the free amount by step."""
    size, free = rng.uniform(1, 5, jobs), rng.uniform(0, 4, STEPS)
    width = jobs * STEPS + jobs + STEPS
    once, power = np.zeros((jobs, width)), np.zeros((STEPS, width))
    for job in range(jobs):
        once[job, job * STEPS : (job + 1) * STEPS] = 1.0
        once[job, jobs * STEPS + job] = 1.0
        power[np.arange(STEPS), job * STEPS + np.arange(STEPS)] = size[job]
    power[np.arange(STEPS), jobs * STEPS + jobs + np.arange(STEPS)] = -1.0
    cost = np.concatenate([np.zeros(jobs * STEPS), 3 * size, rng.uniform(1, 2, STEPS)])
    return Matrix(
        cost=cost,
        offset=5.0,
        rows=sp.csc_array(np.vstack([once, power])),
        row_lower=np.concatenate([np.ones(jobs), np.full(STEPS, -math.inf)]),
        row_upper=np.concatenate([np.ones(jobs), free]),
        lower=np.zeros(width),
        upper=np.concatenate([np.ones(jobs * STEPS + jobs), np.full(STEPS, math.inf)]),
        is_integer=np.arange(width) < jobs * STEPS,
        step=np.concatenate([np.tile(np.arange(STEPS), jobs), np.full(jobs, STEPS - 1), np.arange(STEPS)]),
    )


def cheapest_by_hand(matrix: Matrix, jobs: int) -> float:
    """Cost of the best of all placements, each from what runs in its steps."""
    power = matrix.rows.toarray()[jobs:]
    prices, missed, free = matrix.cost[-STEPS:], matrix.cost[jobs * STEPS :][:jobs], matrix.row_upper[jobs:]
    best = math.inf
    for places in product(range(STEPS + 1), repeat=jobs):
        load = np.zeros(STEPS)
        for job, step in enumerate(places):
            if step < STEPS:
                load[step] += power[step, job * STEPS + step]
        left_out = sum(missed[job] for job, step in enumerate(places) if step == STEPS)
        best = min(best, matrix.offset + left_out + float(prices @ np.maximum(load - free, 0.0)))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_a_closed_search_has_the_best_choices(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four jobs in six steps, all 2,401 placements priced by hand: bound and choices are the best of them."""
    monkeypatch.setattr(ordered_sets, "LEAST_CLOSED", 0.0)
    matrix = meetings(np.random.default_rng(seed), jobs=4)
    sets = ordered_sets_of(matrix)
    assert sets is not None
    assert len(sets.weight) == 4
    best = cheapest_by_hand(matrix, 4)
    found = branched(matrix, sets, None, 1e-9, lambda: math.inf)
    assert found.chosen is not None
    whole = matrix.is_integer[sets.columns]
    fixed = matrix.with_fixed(sets.columns[whole], found.chosen[whole])
    assert solve(fixed.relaxed()).cost == pytest.approx(best, abs=1e-6)
    assert found.bound == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("nodes", [0, 3, 10])
def test_a_search_that_ends_early_still_bounds(nodes: int) -> None:
    """Ended after a few branchings, the bound lies between the relaxed optimum and the best placement."""
    matrix = meetings(np.random.default_rng(3), jobs=4)
    sets = ordered_sets_of(matrix)
    assert sets is not None
    left = iter([1.0] * nodes + [0.0])
    bound = branched(matrix, sets, None, 1e-9, lambda: next(left)).bound
    assert solve(matrix.relaxed()).cost - 1e-6 <= bound <= cheapest_by_hand(matrix, 4) + 1e-6


def test_rows_of_counts_are_no_ordered_sets() -> None:
    """Cohorts of two jobs may start at two times: halving their steps would lose plans."""
    matrix = meetings(np.random.default_rng(0), jobs=2)
    two = np.full(len(matrix.row_lower), 2.0)
    matrix.row_lower[:2] = matrix.row_upper[:2] = two[:2]
    assert ordered_sets_of(matrix) is None


def test_a_long_table_of_few_jobs_is_planned_as_one() -> None:
    """Longer than what is solved whole, and small: halving closes it, windows of two steps would leave a gap."""
    matrix = meetings(np.random.default_rng(5), jobs=4)
    plan = certified_plan(matrix, Effort(gap=1e-6, seconds=60.0, window_steps=2, whole_up_to_steps=2))
    assert plan.windows == 1
    assert plan.status == "optimal"
    assert plan.cost == pytest.approx(cheapest_by_hand(matrix, 4), abs=1e-5)  # 1e-6 of the cost, and HiGHS' own 1e-6
