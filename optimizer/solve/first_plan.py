"""A first feasible plan (primal heuristic): the relaxed optimum rounded up, or the model's initial whole numbers completed.

Where whole numbers count capacity, rounding up is feasible and good. Where they choose a time (a job starts once), it is
not; then the model's own initial values hold those that have one, and the rest is rounded up around them.
"""

from __future__ import annotations

import numpy as np

from optimizer.solve.complementarity import CHOICE_SECONDS, unguarded_whole
from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve
from optimizer.solve.relaxation import Relaxation

INTEGER_TOLERANCE = 1e-6
"""HiGHS' own: a value this near to a whole number is one."""
QUICK_CHOICE_SECONDS = 5.0
"""For directions of complementary pairs where a first plan is tried; mostly there is another."""


def first_plan(matrix: Matrix, relaxed: Answer, relaxation: Relaxation) -> Answer | None:
    """Cheapest of the quick feasible plans. None: there is none so quickly.

    `relaxation` is the matrix, open; afterwards its whole numbers are held.
    """
    relaxation.choice_seconds = QUICK_CHOICE_SECONDS
    plan = _cheapest_quick(matrix, relaxed, relaxation)
    relaxation.choice_seconds = CHOICE_SECONDS
    return plan or (_cheapest_quick(matrix, relaxed, relaxation) if len(matrix.pairs) else None)


def _cheapest_quick(matrix: Matrix, relaxed: Answer, relaxation: Relaxation) -> Answer | None:
    rounded = rounded_up_from(matrix, relaxed.values, relaxation) or _rounded_down(matrix, relaxed.values, relaxation)
    return cheapest(rounded, begun_plan(matrix, relaxation))


def cheapest(*plans: Answer | None) -> Answer | None:
    """Plan of least cost. None: there is none among them."""
    return min((plan for plan in plans if plan is not None), key=lambda plan: plan.cost, default=None)


def rounded_up_from(matrix: Matrix, values: Floats, relaxation: Relaxation) -> Answer | None:
    """Problem with its whole numbers rounded up. None: no plan."""
    whole = unguarded_whole(matrix)
    return _solved_fixed(relaxation, whole, rounded_up_values(matrix, whole, values))


def _rounded_down(matrix: Matrix, values: Floats, relaxation: Relaxation) -> Answer | None:
    """Problem with its whole numbers rounded down, for where they are rights that must be earned. None: no plan."""
    whole = unguarded_whole(matrix)
    lowered = np.maximum(np.floor(values[whole] + INTEGER_TOLERANCE), matrix.lower[whole])
    return _solved_fixed(relaxation, whole, lowered)


def begun_plan(matrix: Matrix, relaxation: Relaxation) -> Answer | None:
    """Model's initial values completed, or, where they fit nowhere, each at the least it can be. None: no plan."""
    if matrix.begin is None:
        return None
    whole = unguarded_whole(matrix)
    has_initial = np.isfinite(matrix.begin[whole])
    for fixed_values in (matrix.begin[whole[has_initial]], matrix.lower[whole[has_initial]]):
        completed = _completed(matrix, relaxation, whole[has_initial], whole[~has_initial], fixed_values)
        if completed is not None:
            return completed
    return None


def completed(matrix: Matrix, relaxation: Relaxation, columns: Integers, values: Floats) -> Answer | None:
    """Plan with some whole numbers fixed at values and the others rounded up around them. None: no plan."""
    others = np.setdiff1d(np.flatnonzero(matrix.is_integer), columns)
    return _completed(matrix, relaxation, columns, others, values)


def _completed(
    matrix: Matrix, relaxation: Relaxation, fixed: Integers, others: Integers, fixed_values: Floats
) -> Answer | None:
    """Plan with some integers fixed and the others rounded up around them."""
    relaxation.free(others, matrix.lower[others], matrix.upper[others])
    around = _solved_fixed(relaxation, fixed, fixed_values)
    if around is None or not len(others):
        return around
    return _solved_fixed(relaxation, others, rounded_up_values(matrix, others, around.values))


def searched_plan(matrix: Matrix, relaxation: Relaxation, seconds: float) -> Answer | None:
    """A plan that branch and bound finds: around the initial values if there are any, else anywhere."""
    whole = np.flatnonzero(matrix.is_integer)
    tries = [matrix]
    if matrix.begin is not None:
        with_initial = whole[np.isfinite(matrix.begin[whole])]
        tries = [
            matrix.with_fixed(with_initial, matrix.begin[with_initial]),
            matrix.with_fixed(with_initial, matrix.lower[with_initial]),
            matrix,
        ]
    for problem in tries:
        try:
            answer = solve(problem, Limits(gap=FIRST_PLAN_GAP, seconds=seconds / len(tries)))
        except SolverError:
            continue
        if answer.status != "bound":
            return _solved_fixed(relaxation, whole, np.round(answer.values[whole]))
    return None


FIRST_PLAN_GAP = 0.1
"""A first plan is improved afterwards; this is near enough to begin."""


def rounded_up_values(matrix: Matrix, columns: Integers, values: Floats) -> Floats:
    """Values of some columns rounded up, within their bounds."""
    return np.minimum(np.ceil(values[columns] - INTEGER_TOLERANCE), matrix.upper[columns])


def _solved_fixed(relaxation: Relaxation, columns: Integers, values: Floats) -> Answer | None:
    try:
        return relaxation.solve_fixed(columns, values)
    except SolverError:
        return None
