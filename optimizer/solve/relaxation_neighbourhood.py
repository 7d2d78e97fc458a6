"""A good plan near the relaxed one: whole numbers that would cost something to move stay, the rest is solved anew.

The relaxed problem tells for every column what moving it would cost (its reduced cost). Job tables have thousands of
start choices of which some hundred cost nothing to take: the small problem of those finds in seconds what the whole
one does not in minutes. The relaxed optimum is a bound of the whole, so the gap to it is a proof.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.choice_search import answer_if_any
from optimizer.solve.decomposition import Window, cut, restricted_window, slackened
from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve

MANY_WHOLE_NUMBERS = 2000
"""Below this HiGHS' own search is as quick."""
FREE_REDUCED_COST = 1e-7
"""HiGHS' dual feasibility: a reduced cost below is none."""
STEPS_AT_ONCE = 24
"""Job tables of a day are solved in the relaxation neighbourhood in seconds; of four days at once, in minutes."""
WINDOWS_AHEAD = 2
"""Windows whose whole numbers are still open while one is planned: jobs rarely wait longer."""
SHARE_OF_GAP = 0.3
"""Of the requested gap left to the small problem; the rest is for what the relaxed optimum is below the true one."""


def neighbourhood_plan(
    matrix: Matrix, relaxed: Answer, edges: Integers, *, gap: float, seconds: float
) -> Answer | None:
    """Plan in the relaxation neighbourhood, sought at once or, where there are edges, window by window. None: there is none."""
    if not len(edges):
        return rens(matrix, relaxed, gap=gap, seconds=seconds)
    return rolling_rens(matrix, relaxed, edges, gap=gap, seconds=seconds / (len(edges) + 1))


def with_choices_kept(matrix: Matrix, relaxed: Answer, *, gap: float, seconds: float) -> Answer | None:
    """Plan that keeps the choices (integers with an initial value) which the relaxed optimum has made, and rounds the others
    to a neighbour; all counts are open. A vertex leaves few choices open: about as many as rows that couple them. None: no plan."""
    if matrix.begin is None:
        return None
    chosen = np.flatnonzero(matrix.is_integer & np.isfinite(matrix.begin))
    value, lower, upper = relaxed.values[chosen], matrix.lower.copy(), matrix.upper.copy()
    lower[chosen] = np.maximum(lower[chosen], np.floor(value + FREE_REDUCED_COST))
    upper[chosen] = np.minimum(upper[chosen], np.ceil(value - FREE_REDUCED_COST))
    return answer_if_any(replace(matrix, lower=lower, upper=upper), Limits(gap=gap * SHARE_OF_GAP, seconds=seconds))


def rens(matrix: Matrix, relaxed: Answer, *, gap: float, seconds: float) -> Answer | None:
    """Relaxation enforced neighbourhood search: the best plan near the relaxed one; its bound is not one of the whole. None: no plan."""
    return answer_if_any(_neighbourhood(matrix, relaxed), Limits(gap=gap * SHARE_OF_GAP, seconds=seconds))


def rolling_rens(matrix: Matrix, relaxed: Answer, edges: Integers, *, gap: float, seconds: float) -> Answer | None:
    """Rolling relaxation neighbourhood search of a long plan (relax and fix): the whole numbers of each window near the
    relaxed plan, those of the windows just after it not yet whole, everything beyond fixed at the relaxed plan. `edges` as for windows.cut, `seconds` for each window.
    None: it came to a dead end."""
    whole, starts = np.flatnonzero(matrix.is_integer), np.concatenate([[0], edges])
    owner = np.searchsorted(edges, matrix.step[whole], side="right")
    fixed, point = matrix, relaxed.values.copy()
    try:
        for window, start in enumerate(starts):
            own_columns = whole[owner == window]
            ends = edges[window + WINDOWS_AHEAD : window + WINDOWS_AHEAD + 1]
            split = cut(fixed, np.concatenate([[start] if start else [], ends]).astype(np.int64))
            part = slackened(restricted_window(split, point, 1 if start else 0))
            answer = _rens_in_window(part, np.isin(part.own, own_columns), gap=gap, seconds=seconds)
            if answer.status == "bound":
                return None
            point[part.own] = answer.values[: len(part.own)]
            fixed = fixed.with_fixed(own_columns, np.round(point[own_columns]))
        return solve(fixed.relaxed())
    except SolverError:
        return None


def _rens_in_window(part: Window, own_columns: NDArray[np.bool_], *, gap: float, seconds: float) -> Answer:
    """Integers of a window's own columns within its relaxation neighbourhood. Raises SolverError."""
    near = _neighbourhood(part.matrix, solve(part.matrix.relaxed()), np.flatnonzero(own_columns))
    flags = np.zeros_like(near.is_integer)
    flags[: len(own_columns)] = own_columns
    limits = Limits(gap=gap * SHARE_OF_GAP, seconds=seconds)
    try:
        return solve(replace(near, is_integer=flags), limits)
    except SolverError:  # jobs that are under way may leave no plan so near
        return solve(replace(part.matrix, is_integer=flags), limits)


def _neighbourhood(matrix: Matrix, relaxed: Answer, some: Integers | None = None) -> Matrix:
    """Relaxation neighbourhood (RENS): integers (or some of them) may move by one around their relaxed value where that is free, else only to the next integer."""
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
