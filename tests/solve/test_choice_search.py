"""Choices decided by weight and opened again: always a plan, never dearer than the one before, near the true optimum."""

from __future__ import annotations

import numpy as np
import pytest
from job_sites import job, shared
from sites import exact_cost

from optimizer.plan.optimize import compiled_assets
from optimizer.solve.choice_search import choices_of, improved_choices, relaxed_and_fixed
from optimizer.solve.first_plan import begun_plan, completed
from optimizer.solve.highs import Matrix, solve
from optimizer.solve.relaxation import Relaxation


def gangs(seed: int, jobs: int) -> Matrix:
    """So many gangs of 30 to 60 % of a pool in a day of changing prices."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(jobs):
        arrival, length = int(rng.integers(0, 16)), int(rng.integers(1, 4))
        due, cards = arrival + length + int(rng.integers(4, 12)), int(rng.integers(19, 39))
        rows.append(job(f"j{number}", arrival, due, length, cards=cards))
    site = shared(rng.uniform(50, 600, 24).tolist(), rows)
    return compiled_assets(site.assets, site.inputs)[1].matrix


def test_every_job_is_a_choice() -> None:
    """Twenty gangs are twenty choices, each with a column for every hour it may start in; the heaviest takes most card-hours."""
    matrix = gangs(0, 20)
    choices = choices_of(matrix)
    assert choices is not None
    assert choices.count == 20
    assert matrix.is_integer[choices.columns].all()


@pytest.mark.parametrize("seed", range(2))
def test_what_is_decided_and_opened_again_is_near_the_optimum(seed: int) -> None:
    """Twenty gangs: relax and fix gives a plan, six small problems end within two hundredths of the optimum, which no bound passes."""
    matrix = gangs(seed, 20)
    choices, relaxed, relaxation = choices_of(matrix), solve(matrix.relaxed()), Relaxation(matrix)
    assert choices is not None
    begun = begun_plan(matrix, relaxation)
    fixed = relaxed_and_fixed(matrix, choices, 5e-3, lambda: 20.0)
    assert begun is not None
    assert fixed is not None
    plan = completed(matrix, relaxation, choices.columns, fixed.lower[choices.columns])
    assert plan is not None
    parts = iter([20.0] * 12)
    better = improved_choices(matrix, choices, plan, relaxed.cost, 5e-3, lambda: next(parts, 0.0))
    optimum = exact_cost(matrix)
    assert optimum - 1e-6 <= better.cost <= plan.cost + 1e-6  # HiGHS' rows are held to 1e-7
    assert better.cost <= optimum + 0.02 * abs(optimum)
    assert plan.cost < begun.cost
