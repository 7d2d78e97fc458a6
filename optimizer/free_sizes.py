"""The relaxed optimum of a long plan whose few sizes (sun, wind, a store) are free: a search in the sizes alone.

A size ties all hours together, and the simplex method pays for that: a year takes ten times as long as with the sizes
given. So the sizes are held at a point, the rest is solved from the last basis, and its reduced costs say what more of
each size is worth: a plane that lies below the optimum everywhere (Benders 1962, doi:10.1007/BF01386316). The lowest
point of all planes is a bound; the next sizes are the nearest to the best ones at which the planes promise a good part
of what is left (level method: Lemaréchal, Nemirovskii, Nesterov 1995, doi:10.1007/BF01585555, in the largest norm).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solver import Answer, Floats, Integers, Matrix, Relaxation, SolverError, relative_gap, solve
from optimizer.windows import cut, part_of

LONG_PLAN_STEPS = 1000
"""Shorter plans are solved with free sizes in seconds."""
MOST_SIZES = 8
"""With more, the planes needed grow too many."""
WHOLE_PLAN = 0.3
"""A size meets rows in more than this share of the steps; a month's peak in a twelfth of a year."""
LEAST_REACH, LEAST_SHARE_KEPT = 1e-4, 0.1
"""While searched, a size stays above this share of its range and of its best value so far. Far from any solved point, at
no power and with energy to fill, the problem is so degenerate that one solve took 40 s instead of 1 s (measured on the
shipped year); near such a point it is quick, and at the end a size at its least reach goes to its least."""
FIRST_REACH = 0.15
"""Of a size's range: where the search begins if nothing else is known; ranges are given generously."""
SAMPLE_BLOCKS, SAMPLE_STEPS = 4, 360
"""A year's sample: two weeks from each season, a sixth of the time and an eighth of the effort."""
SAMPLE_GAP = 0.01
GUESS_REACH = 0.05
"""Of a size's range: how far a step goes at first. With few planes known a longer one leads astray, and far points are slow."""
LEVEL = 0.4
"""Of what lies between the bound and the best cost: how low the planes must be at the next sizes."""
MOST_POINTS = 60
"""Sizes tried at most; four of a year need about twelve for 0.2 %."""


@dataclass(frozen=True)
class _Tried:
    """A point in the sizes, and the plane that touches the cost there; sizes in shares of their ranges, shape (sizes,)."""

    at: Floats
    answer: Answer
    slope: Floats
    """Money per range of a size."""

    @property
    def height(self) -> float:
        """The plane where all shares are 0."""
        return self.answer.cost - float(self.slope @ self.at)


def size_columns(matrix: Matrix) -> Integers:
    """Columns of no step, with a finite range, that meet rows all over a long plan; none where a search would not pay."""
    steps = int(matrix.step.max()) + 1
    met = np.diff(matrix.rows.indptr)
    ranged = np.isfinite(matrix.lower) & np.isfinite(matrix.upper) & (matrix.lower < matrix.upper)
    sizes: Integers = np.flatnonzero((matrix.step < 0) & ranged & (met > WHOLE_PLAN * steps))
    return sizes if steps >= LONG_PLAN_STEPS and len(sizes) <= MOST_SIZES else sizes[:0]


def sizes_of_a_sample(matrix: Matrix, sizes: Integers) -> Floats:
    """Sizes that suit a few weeks spread over the plan, in shares of their ranges: where the search of all of it begins.

    What ties the weeks to the rest is left out, so they are a guess; without any plan they are `FIRST_REACH`.
    """
    sample, sizes_there = _sample(matrix, sizes)
    try:
        found = optimum_over_sizes(sample, Relaxation(sample), sizes_there, gap=SAMPLE_GAP).values[sizes_there]
    except SolverError:
        return np.full(len(sizes), FIRST_REACH)
    span = matrix.upper[sizes] - matrix.lower[sizes]
    return np.clip((found - matrix.lower[sizes]) / span, LEAST_REACH, 1.0)


def _sample(matrix: Matrix, sizes: Integers) -> tuple[Matrix, Integers]:
    """Some blocks of the plan that stand for all of it, and the sizes' columns there."""
    steps = int(matrix.step.max()) + 1
    starts = (np.arange(SAMPLE_BLOCKS) + 0.5) * steps / SAMPLE_BLOCKS - SAMPLE_STEPS / 2
    edges = np.ravel(np.column_stack([starts, starts + SAMPLE_STEPS])).astype(np.int64)
    split = cut(matrix, edges)
    blocks = np.arange(1, 2 * SAMPLE_BLOCKS, 2)  # every other window; between them lies what is left out
    rows = np.flatnonzero(np.isin(split.row_window, blocks))
    columns = np.flatnonzero(np.isin(split.column_window, blocks) | (split.column_window < 0))
    stands_for = np.where(matrix.step[columns] < 0, 1.0, steps / (SAMPLE_BLOCKS * SAMPLE_STEPS))
    sample = part_of(split, rows, columns)
    sample = replace(sample, cost=sample.cost * stands_for)
    return sample, np.searchsorted(columns, sizes)


def at_sizes(matrix: Matrix, sizes: Integers, at: Floats) -> Matrix:
    """The problem with its sizes held at shares of their ranges."""
    return matrix.with_fixed(sizes, matrix.lower[sizes] + at * (matrix.upper[sizes] - matrix.lower[sizes]))


def optimum_over_sizes(
    matrix: Matrix, relaxation: Relaxation, sizes: Integers, *, gap: float, begin: Floats | None = None
) -> Answer:
    """The relaxed optimum to within a relative gap: `cost` and `values` at the best sizes, `bound` below the optimum.

    `row_dual` is the mean of the duals of the planes that carry the bound: prices of the problem with its sizes free,
    good for a bound of windows. `relaxation` is left with the sizes held at the best. Raises SolverError if there is no
    plan at any size; where only some sizes have one, the problem is solved as a whole. `begin`: where to search first.
    """
    began = time.perf_counter()
    begin = np.full(len(sizes), FIRST_REACH) if begin is None else begin
    try:
        best, bound, prices = _searched(matrix, relaxation, sizes, begin, gap)
    except SolverError:
        whole = solve(matrix.relaxed())
        return replace(relaxation.held(sizes, whole.values[sizes]), bound=whole.bound, row_dual=whole.row_dual)
    return replace(best, bound=min(bound, best.cost), row_dual=prices, seconds=time.perf_counter() - began)


def _searched(
    matrix: Matrix, relaxation: Relaxation, sizes: Integers, begin: Floats, gap: float
) -> tuple[Answer, float, Floats]:
    """(best answer, bound, prices of the bound)."""
    tried, reach = [_try(matrix, relaxation, sizes, begin)], GUESS_REACH
    while True:
        best = min(tried, key=lambda one: one.answer.cost)
        bound, weights, _ = _lowest(tried, np.zeros(len(sizes)))
        if relative_gap(best.answer.cost, bound) <= gap or len(tried) >= MOST_POINTS:
            break
        level = bound + LEVEL * (best.answer.cost - bound)
        tried.append(_try(matrix, relaxation, sizes, _next(tried, best.at, level, reach)))
        if tried[-1].answer.cost < best.answer.cost and np.abs(tried[-1].at - best.at).max() > 0.99 * reach:
            reach *= 2  # it was cut short, and rightly aimed
    prices = np.zeros(len(matrix.row_lower))
    for one, weight in zip(tried, weights, strict=True):
        if weight > 0:
            assert one.answer.row_dual is not None
            prices += weight * one.answer.row_dual
    return _without_traces(matrix, relaxation, sizes, best, bound + gap * abs(best.answer.cost)), bound, prices


def _try(matrix: Matrix, relaxation: Relaxation, sizes: Integers, at: Floats) -> _Tried:
    """Solve with the sizes held. Raises SolverError where there is no plan."""
    lower, span = matrix.lower[sizes], matrix.upper[sizes] - matrix.lower[sizes]
    answer = relaxation.held(sizes, lower + at * span)
    assert answer.row_dual is not None
    worth = matrix.cost[sizes] - matrix.rows[:, sizes].T @ answer.row_dual
    return _Tried(at, answer, worth * span)


def _lowest(tried: list[_Tried], least: Floats, most: Floats | float = 1.0) -> tuple[float, Floats, Floats]:
    """Lowest point of all planes' ceiling in a box: its money, the share each plane has in it (sum 1), its sizes."""
    money, slopes, heights = _planes(tried)
    count, sizes = slopes.shape
    problem = _small(
        cost=np.append(np.zeros(sizes), 1.0),
        rows=np.hstack([-slopes, np.ones((count, 1))]),
        row_lower=heights,
        lower=np.append(least, -np.inf),
        upper=np.append(np.ones(sizes) * most, np.inf),
    )
    answer = solve(problem)
    assert answer.row_dual is not None
    shares = np.maximum(answer.row_dual, 0.0)
    return answer.cost * money, shares / shares.sum(), answer.values[:sizes]


def _next(tried: list[_Tried], best: Floats, level: float, reach: float) -> Floats:
    """The point nearest to the best where no plane is above the level; the planes' lowest within reach where that is too far."""
    money, slopes, heights = _planes(tried)
    count, sizes = slopes.shape
    least = np.maximum(best * LEAST_SHARE_KEPT, LEAST_REACH)
    one, away = np.eye(sizes), np.ones((sizes, 1))
    problem = _small(
        cost=np.append(np.zeros(sizes), 1.0),
        rows=np.vstack([np.hstack([-slopes, np.zeros((count, 1))]), np.hstack([one, away]), np.hstack([-one, away])]),
        row_lower=np.concatenate([heights - level / money, best, -best]),
        lower=np.append(least, 0.0),
        upper=np.append(np.ones(sizes), reach),
    )
    try:
        return solve(problem).values[:sizes]
    except SolverError:
        return _lowest(tried, np.maximum(least, best - reach), np.minimum(best + reach, 1.0))[2]


def _planes(tried: list[_Tried]) -> tuple[float, Floats, Floats]:
    """(unit of money, slopes, heights) in that unit, so that the small problems are well scaled."""
    money = max(min(abs(one.answer.cost) for one in tried), 1.0)
    return money, np.array([one.slope for one in tried]) / money, np.array([one.height for one in tried]) / money


def _small(*, cost: Floats, rows: Floats, row_lower: Floats, lower: Floats, upper: Floats) -> Matrix:
    columns = len(cost)
    return Matrix(
        cost=cost,
        offset=0.0,
        rows=sp.csc_array(rows),
        row_lower=row_lower,
        row_upper=np.full(len(row_lower), np.inf),
        lower=lower,
        upper=upper,
        is_integer=np.zeros(columns, dtype=bool),
        step=np.full(columns, -1, dtype=np.int64),
    )


def _without_traces(matrix: Matrix, relaxation: Relaxation, sizes: Integers, best: _Tried, most: float) -> Answer:
    """The best, with sizes at their least reach at their least instead, where that costs no more than `most`."""
    least = best.at <= 2 * LEAST_REACH
    if least.any():
        try:
            bare = _try(matrix, relaxation, sizes, np.where(least, 0.0, best.at)).answer
        except SolverError:
            bare = None
        if bare is not None and bare.cost <= most:
            return bare
    return _try(matrix, relaxation, sizes, best.at).answer
