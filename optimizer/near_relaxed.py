"""A good plan near the relaxed one: whole numbers that would cost something to move stay, the rest is solved anew.

The relaxed problem tells for every column what moving it would cost (its reduced cost). Job tables have thousands of
start choices of which some hundred cost nothing to take: the small problem of those finds in seconds what the whole
one does not in minutes. The relaxed optimum is a bound of the whole, so the gap to it is a proof.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solver import Answer, Floats, Integers, Limits, Matrix, SolverError, solve

MANY_WHOLE_NUMBERS = 2000
"""Below this HiGHS' own search is as quick."""
FREE_REDUCED_COST = 1e-7
"""HiGHS' dual feasibility: a reduced cost below is none."""
STEPS_AT_ONCE = 24
"""Job tables of a day are solved near the relaxed plan in seconds; of four days at once, in minutes."""
SHARE_OF_GAP = 0.3
"""Of the asked gap left to the small problem; the rest is for what the relaxed optimum is below the true one."""


def near_plan(matrix: Matrix, relaxed: Answer, edges: Integers, *, gap: float, seconds: float) -> Answer | None:
    """A plan near the relaxed one, sought at once or, where there are edges, window after window. None: there is none."""
    if not len(edges):
        return near_relaxed(matrix, relaxed, gap=gap, seconds=seconds)
    return window_after_window(matrix, relaxed, edges, gap=gap, seconds=seconds / (len(edges) + 1))


def near_relaxed(matrix: Matrix, relaxed: Answer, *, gap: float, seconds: float) -> Answer | None:
    """The best plan among those near the relaxed one; its bound is not one of the whole. None: there is none near."""
    try:
        answer = solve(_neighbourhood(matrix, relaxed), Limits(gap=gap * SHARE_OF_GAP, seconds=seconds))
    except SolverError:
        return None
    return answer if answer.status != "bound" else None


def window_after_window(
    matrix: Matrix, relaxed: Answer, edges: Integers, *, gap: float, seconds: float
) -> Answer | None:
    """A plan for long times: the whole numbers of each window near the relaxed plan, all later ones not yet whole, then
    held for the windows after it. `edges` as for windows.cut, `seconds` for each window. None: it came to a dead end."""
    whole = np.flatnonzero(matrix.is_integer)
    owner = np.searchsorted(edges, matrix.step[whole], side="right")
    held, answer = matrix, relaxed
    try:
        for window in range(len(edges) + 1):
            mine, later = whole[owner == window], whole[owner > window]
            near = _neighbourhood(held, answer, mine)
            flags = near.is_integer.copy()
            flags[later] = False
            limits = Limits(gap=gap * SHARE_OF_GAP, seconds=seconds)
            found = solve(replace(near, is_integer=flags), limits)
            if found.status == "bound":
                return None
            held = held.with_fixed(mine, np.round(found.values[mine]))
            answer = solve(held.relaxed())
    except SolverError:
        return None
    return answer


def _neighbourhood(matrix: Matrix, relaxed: Answer, some: Integers | None = None) -> Matrix:
    """Whole numbers (or some of them) may move by one around their relaxed value where that is free, else only to the
    next whole number."""
    assert relaxed.row_dual is not None
    whole = np.flatnonzero(matrix.is_integer) if some is None else some
    value = relaxed.values[whole]
    reduced: Floats = (matrix.cost - matrix.rows.T @ relaxed.row_dual)[whole]
    free = (np.abs(reduced) <= FREE_REDUCED_COST) | (value > FREE_REDUCED_COST)
    reach = np.where(free, 1.0, 0.0)
    lower, upper = matrix.lower.copy(), matrix.upper.copy()
    lower[whole] = np.maximum(lower[whole], np.floor(value + FREE_REDUCED_COST) - reach)
    upper[whole] = np.minimum(upper[whole], np.ceil(value - FREE_REDUCED_COST) + reach)
    return replace(matrix, lower=lower, upper=upper)
