"""A good plan near the relaxed one: whole numbers that would cost something to move stay, the rest is solved anew.

The relaxed problem tells for every column what moving it would cost (its reduced cost). Job tables have thousands of
start choices of which some hundred cost nothing to take: the small problem of those finds in seconds what the whole
one does not in minutes. The relaxed optimum is a bound of the whole, so the gap to it is a proof.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solver import Answer, Floats, Limits, Matrix, SolverError, solve

MANY_WHOLE_NUMBERS = 2000
"""Below this HiGHS' own search is as quick."""
FREE_REDUCED_COST = 1e-7
"""HiGHS' dual feasibility: a reduced cost below is none."""
SHARE_OF_GAP = 0.3
"""Of the asked gap left to the small problem; the rest is for what the relaxed optimum is below the true one."""


def near_relaxed(matrix: Matrix, relaxed: Answer, *, gap: float, seconds: float) -> Answer | None:
    """The best plan among those near the relaxed one; its bound is not one of the whole. None: there is none near."""
    try:
        answer = solve(_neighbourhood(matrix, relaxed), Limits(gap=gap * SHARE_OF_GAP, seconds=seconds))
    except SolverError:
        return None
    return answer if answer.status != "bound" else None


def _neighbourhood(matrix: Matrix, relaxed: Answer) -> Matrix:
    """Whole numbers may move by one around their relaxed value where that is free, else only to the next whole number."""
    assert relaxed.row_dual is not None
    whole = np.flatnonzero(matrix.is_integer)
    value = relaxed.values[whole]
    reduced: Floats = (matrix.cost - matrix.rows.T @ relaxed.row_dual)[whole]
    free = (np.abs(reduced) <= FREE_REDUCED_COST) | (value > FREE_REDUCED_COST)
    reach = np.where(free, 1.0, 0.0)
    lower, upper = matrix.lower.copy(), matrix.upper.copy()
    lower[whole] = np.maximum(lower[whole], np.floor(value + FREE_REDUCED_COST) - reach)
    upper[whole] = np.minimum(upper[whole], np.ceil(value - FREE_REDUCED_COST) + reach)
    return replace(matrix, lower=lower, upper=upper)
