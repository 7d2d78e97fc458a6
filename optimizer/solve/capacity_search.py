"""Capacity search: the relaxed optimum of a long plan whose few sizes (sun, wind, a store) are free, by Benders cuts in the sizes alone.

A size ties all hours together, and the simplex method pays for that: a year takes ten times as long as with the sizes
given. So the sizes are fixed at a point, the rest is solved from the last basis, and a cut through the point lies below
the optimum everywhere. The lowest point of all cuts is a bound. A sample of weeks is searched first, by cuts alone:
the next sizes are the nearest to the best ones at which the cuts promise a good part of what is left (level method:
Lemaréchal, Nemirovskii, Nesterov 1995, doi:10.1007/BF01585555, in the largest norm). Then the sample guides the search
of the whole, which so needs half as many points.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.benders_cuts import (
    LEAST_REACH,
    Cut,
    CutModel,
    at_sizes,
    cut_at,
    least_kept,
    values_at,
)
from optimizer.solve.block_basis import opened_from_blocks
from optimizer.solve.highs import Answer, Floats, Integers, Matrix, SolverError, relative_gap, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.representative_weeks import Sample, sample_of
from optimizer.solve.workers import WindowPool

LONG_PLAN_STEPS = 1000
"""Shorter plans are solved with free sizes in seconds."""
MOST_SIZES = 8
"""With more, the cuts needed grow too many."""
WHOLE_PLAN = 0.3
"""A size meets rows in more than this share of the steps; a month's peak in a twelfth of a year."""
END_TO_END = 0.9
"""And they reach over this share of the plan; those of a month's peak in a plan of three months do not."""
FIRST_REACH = 0.15
"""Of a size's range: where the search begins if nothing else is known; ranges are given generously."""
SAMPLE_GAP = 0.01
GUESS_REACH = 0.06
"""Of a size's range: how far a step goes at first. With few cuts known a longer one leads astray, and far points are slow."""
LEVEL = 0.4
"""Of what lies between the bound and the best cost: how low the cuts must be at the next sizes."""
SOUGHT = 0.8
"""Of the requested gap: the saving that cuts must still allow for sizes to be looked at, once a sample guides the search."""
SAME = 1e-6
"""Sizes this near to each other, in shares of their ranges, are the same."""
MOST_POINTS = 60
"""Sizes tried at most; four of a year need three to six for 0.3 %."""


def size_columns(matrix: Matrix) -> Integers:
    """Columns of no step, with a finite range, that meet rows all over a long plan; none where a search would not pay."""
    steps = int(matrix.step.max()) + 1
    met = np.diff(matrix.rows.indptr)
    ranged = np.isfinite(matrix.lower) & np.isfinite(matrix.upper) & (matrix.lower < matrix.upper)
    candidates = np.flatnonzero((matrix.step < 0) & ranged & (met > WHOLE_PLAN * steps))
    sizes = candidates[[_span(matrix, int(column)) > END_TO_END * steps for column in candidates]]
    return sizes if steps >= LONG_PLAN_STEPS and len(sizes) <= MOST_SIZES else sizes[:0]


def _span(matrix: Matrix, column: int) -> int:
    """Steps from the first to the last that a column's rows are about."""
    with_it = sp.csr_array(matrix.rows[:, [column]])
    others = matrix.rows.T @ abs(with_it)
    steps = matrix.step[np.flatnonzero(sp.csc_array(others).toarray())]
    timed = steps[steps >= 0]
    return int(np.ptp(timed)) + 1 if len(timed) else 0


def sample_for_sizes(matrix: Matrix, sizes: Integers) -> Sample:
    """Sample of representative weeks that begins and guides the capacity search."""
    return sample_of(matrix, sizes, FIRST_REACH)


def sizes_of_a_sample(sample: Sample) -> Floats:
    """Sizes that suit a sample, in shares of their ranges: where the search of the whole begins.

    What ties the sample to the rest is left out, so they are a guess; without any plan they are `FIRST_REACH`.
    """
    begin = np.full(len(sample.sizes), FIRST_REACH)
    try:
        sample.cuts, _, _ = searched(sample.matrix, sample.relaxation, sample.sizes, begin, SAMPLE_GAP, None)
    except SolverError:
        return begin
    best = _best(sample.cuts).at
    return np.where(best <= 2 * LEAST_REACH, LEAST_REACH, best)


def exact_optimum(matrix: Matrix, sizes: Integers) -> Answer:
    """Optimum of a problem without whole numbers: solved at the sizes of a sample, then from there with its sizes free.

    Quicker than a fresh solve of a year (`make bench PART=year-lp`). Raises SolverError.
    """
    sample = sample_for_sizes(matrix, sizes)
    at = at_sizes(matrix, sizes, sizes_of_a_sample(sample))
    relaxation = opened_from_blocks(at, WindowPool(None), lambda *_: None)
    with suppress(SolverError):  # no plan at these sizes: the search goes on from where that was found
        relaxation.optimum()
    return relaxation.released(sizes, matrix.lower[sizes], matrix.upper[sizes])


def optimum_over_sizes(
    matrix: Matrix,
    relaxation: Relaxation,
    sizes: Integers,
    *,
    gap: float,
    begin: Floats | None = None,
    sample: Sample | None = None,
) -> Answer:
    """Relaxed optimum over free sizes to within a relative gap: `cost` and `values` at the best sizes, `bound` below the optimum.

    `row_dual` is the mean of the duals of the cuts that carry the bound: prices of the problem with its sizes free,
    good for a bound of windows. `relaxation` is left with the sizes fixed at the best. `begin`: where to search first;
    `sample`: what guides the search. Raises SolverError if there is no plan at any size; where only some sizes have one,
    the problem is solved as a whole.
    """
    began = time.perf_counter()
    begin = np.full(len(sizes), FIRST_REACH) if begin is None else begin
    try:
        cuts, bound, shares = searched(matrix, relaxation, sizes, begin, gap, sample)
    except SolverError:
        whole = solve(matrix.relaxed())
        return replace(relaxation.solve_fixed(sizes, whole.values[sizes]), bound=whole.bound, row_dual=whole.row_dual)
    prices = np.zeros(len(matrix.row_lower))
    for cut, share in zip(cuts, shares, strict=True):
        if share > 0:
            assert cut.answer.row_dual is not None
            prices += share * cut.answer.row_dual
    best = _best(cuts)
    answer = _without_traces(matrix, relaxation, sizes, best, bound + gap * abs(best.cost))
    return replace(answer, bound=min(bound, answer.cost), row_dual=prices, seconds=time.perf_counter() - began)


def _best(cuts: list[Cut]) -> Cut:
    return min(cuts, key=lambda cut: cut.cost)


def searched(
    matrix: Matrix, relaxation: Relaxation, sizes: Integers, begin: Floats, gap: float, sample: Sample | None
) -> tuple[list[Cut], float, Floats]:
    """Cuts, bound, and the share each cut has in the bound. Raises SolverError."""
    cuts, reach = [cut_at(matrix, relaxation, sizes, begin)], GUESS_REACH
    while True:
        best, cut_model = _best(cuts), CutModel.of(cuts)
        bound, shares, _ = cut_model.lowest()
        if relative_gap(best.cost, bound) <= gap or len(cuts) >= MOST_POINTS:
            return cuts, bound, shares
        point = None if sample is None else _guided(sample, cut_model, cuts, SOUGHT * gap * abs(best.cost), reach)
        if point is None:
            point = _unguided(cut_model, best, bound, reach)
        cuts.append(cut_at(matrix, relaxation, sizes, point))
        if cuts[-1].cost < best.cost and np.abs(cuts[-1].at - best.at).max() > 0.99 * reach:
            reach *= 2  # it was cut short, and rightly aimed


def _guided(sample: Sample, cut_model: CutModel, cuts: list[Cut], saving: float, reach: float) -> Floats | None:
    """Next sizes by a sample; None where it knows none, or only such as were tried."""
    try:
        point = sample.promising(cut_model, _best(cuts), saving, reach)
    except SolverError:
        return None
    tried = point is not None and any(np.abs(cut.at - point).max() < SAME for cut in cuts)
    return None if tried else point


def _unguided(cut_model: CutModel, best: Cut, bound: float, reach: float) -> Floats:
    """Next sizes by cuts alone; their lowest within reach where the level is too far."""
    point = cut_model.nearest_below(bound + LEVEL * (best.cost - bound), best.at, reach)
    if point is None:
        least, most = np.maximum(least_kept(best.at), best.at - reach), np.minimum(best.at + reach, 1.0)
        point = cut_model.lowest(least, most)[2]
    return point


def _without_traces(matrix: Matrix, relaxation: Relaxation, sizes: Integers, best: Cut, most: float) -> Answer:
    """Optimum at the best sizes, those at their least reach set to their least where that costs no more than `most`."""
    least = best.at <= 2 * LEAST_REACH
    if least.any():
        try:
            bare = cut_at(matrix, relaxation, sizes, np.where(least, 0.0, best.at)).answer
        except SolverError:
            bare = None
        if bare is not None and bare.cost <= most:
            return bare
    relaxation.hold(sizes, values_at(matrix, sizes, best.at))
    return best.answer
