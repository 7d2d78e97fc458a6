"""Choices over parts of a long plan (a month's discount): decided part by part, with what ties the parts together priced.

Yes or no of a month ties its hours together, so that no window of days could own it, and the whole would be solved as one.
But one month hardly minds another. At the relaxed optimum's prices every part with a choice that the optimum leaves open is
solved alone with the choice whole: by weak duality the parts' optima are a bound of the whole (Geoffrion, Mathematical
Programming Study 2 (1974), doi:10.1007/BFb0120690), and their choices are good ones. With these fixed, the rest is planned as if
nobody had to choose; what another choice would cost at least tells how far that plan's bound holds for all plans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.solve.block_basis import relaxed_from_blocks
from optimizer.solve.decomposition import cut, lagrangian_window, prices_from_duals
from optimizer.solve.highs import Floats, Integers, Matrix
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.workers import Progress, WindowPool

Flags = NDArray[np.bool_]
LONGEST_PART = 0.3
"""Share of the plan from which on a choice spans it: a month's in a year does not."""
MOST_TOGETHER = 3
"""Choices of a part: each doubles the ways to make them."""
PENALTY, MISSED = 2.0, 1e-6
"""What a choice's row costs that is missed altogether, in all that the part costs; and what counts as missed (HiGHS holds rows to 1e-7)."""
WHOLE = 1e-6
"""HiGHS' integer tolerance."""


@dataclass(frozen=True)
class PartChoices:
    """Choices (0 or 1) of no step whose rows are about a part of the plan each."""

    columns: Integers
    edges: Integers
    """First step of every part but the first."""


@dataclass(frozen=True)
class Decided:
    """Choices made, and what is known of all plans."""

    values: Floats
    """Of the choices' columns."""
    relaxed: Floats
    """The same in the relaxed optimum."""
    bound: float
    """Least cost of any plan."""
    otherwise: float
    """Least cost of any plan with one of the choices made otherwise."""

    def ways(self) -> list[Floats]:
        """Choices to be tried one after the other, until some leave a plan: as made, those that even the relaxed optimum makes, none."""
        tries = [self.values, np.floor(np.minimum(self.values, self.relaxed) + WHOLE), np.zeros_like(self.values)]
        return [way for number, way in enumerate(tries) if not any(np.array_equal(way, one) for one in tries[:number])]

    def bound_of_all(self, fixed_bound: float, way: Floats) -> float:
        """Least cost of any plan, from one of those whose choices are made in a way."""
        if not np.array_equal(way, self.values):
            return self.bound
        return max(self.bound, min(fixed_bound, self.otherwise))


def part_choices(matrix: Matrix) -> PartChoices | None:
    """Choices of a problem over parts of it. None: it has none."""
    steps = int(matrix.step.max()) + 1
    binary = matrix.is_integer & (matrix.step < 0) & (matrix.lower == 0) & (matrix.upper == 1)
    spans = [(int(column), *_span(matrix, int(column))) for column in np.flatnonzero(binary)]
    short = [(column, first) for column, first, last in spans if 0 <= last - first < LONGEST_PART * steps]
    if not short:
        return None
    edges = np.unique([first for _, first in short])
    if len(short) > MOST_TOGETHER * (len(edges) + 1):
        return None
    return PartChoices(np.array([column for column, _ in short]), edges[edges > 0])


def _span(matrix: Matrix, column: int) -> tuple[int, int]:
    """First and last step of the columns that share a row with one; (0, −1): they belong to no step."""
    rows = matrix.rows.indices[matrix.rows.indptr[column] : matrix.rows.indptr[column + 1]]
    step = matrix.step[sp.csr_array(matrix.rows)[rows].indices]
    timed = step[step >= 0]
    return (int(timed.min()), int(timed.max())) if len(timed) else (0, -1)


def decided(matrix: Matrix, choices: PartChoices, pool: WindowPool, progress: Progress) -> Decided:
    """Choices of every part at the relaxed optimum's prices. Raises SolverError."""
    relaxed = relaxed_from_blocks(matrix.relaxed(), pool, progress)[1]
    assert relaxed.row_dual is not None
    split = cut(_owned_by_parts(matrix.relaxed(), choices.edges), choices.edges)
    prices = prices_from_duals(split, relaxed.row_dual)
    windows = [lagrangian_window(split, prices, window) for window in range(split.windows)]
    own = [np.flatnonzero(np.isin(np.concatenate([part.own, part.shared]), choices.columns)) for part in windows]
    places = [np.concatenate([part.own, part.shared]) for part in windows]
    money = [float(part.matrix.cost @ relaxed.values[at]) for part, at in zip(windows, places, strict=True)]
    tasks = [(part.matrix, columns, cost) for part, columns, cost in zip(windows, own, money, strict=True)]
    found = pool.each(_ways_of, tasks, "choose in parts", progress)
    values, bound, least = relaxed.values.copy(), relaxed.bound, math.inf
    for at, columns, before, (costs, possible) in zip(places, own, money, found, strict=True):
        bound += max(costs.min() - before, 0.0)
        if len(columns):
            best = int(np.argmin(np.where(possible, costs, math.inf)))
            values[at[columns]] = _ways(len(columns))[best]
            least = min(least, float(np.delete(costs, best).min() - costs.min()))
    return Decided(values[choices.columns], relaxed.values[choices.columns], bound, bound + least)


def _ways(count: int) -> Floats:
    """All ways to make some choices, shape (ways, choices)."""
    return np.array(list(product([0.0, 1.0], repeat=count)))


def _ways_of(matrix: Matrix, columns: Integers, worth: float) -> tuple[Floats, Flags]:
    """For every way to make the choices of a part: its least cost, and whether it leaves a plan.

    Rows of the choices may be missed at a penalty, which that cost then falls short of or holds: a month that would have to burn
    its cards for a discount is quickly seen through. `worth`: money that moves in the part.
    """
    rows = matrix.rows[:, columns].tocoo()
    penalty = PENALTY * max(abs(worth), 1.0) / np.abs(rows.data)
    relaxation, count = Relaxation(_elastic(matrix, rows.row.astype(np.int64), penalty)), len(matrix.cost)
    ways = _ways(len(columns))
    costs, possible = np.full(len(ways), math.inf), np.zeros(len(ways), dtype=bool)
    for number, way in enumerate(ways):
        answer = relaxation.optimum_within(columns, way, way, None)
        if answer is not None:
            costs[number], possible[number] = answer.cost, answer.values[count:].sum() <= MISSED
    return costs, possible


def _elastic(matrix: Matrix, rows: Integers, penalty: Floats) -> Matrix:
    """Problem with two more columns for each of some rows, at the end: what it is missed by on either side, at a penalty."""
    count, number = len(rows), np.arange(len(rows))
    more = sp.csc_array((np.ones(count), (rows, number)), shape=(len(matrix.row_lower), count))
    return replace(
        matrix,
        cost=np.concatenate([matrix.cost, penalty, penalty]),
        rows=sp.csc_array(sp.hstack([matrix.rows, more, -more])),
        lower=np.append(matrix.lower, np.zeros(2 * count)),
        upper=np.append(matrix.upper, np.full(2 * count, np.inf)),
        is_integer=np.append(matrix.is_integer, np.zeros(2 * count, dtype=bool)),
        step=np.append(matrix.step, np.full(2 * count, -1)),
    )


def _owned_by_parts(matrix: Matrix, edges: Integers) -> Matrix:
    """Problem whose columns of no step that meet one part alone (its peak, its choice) belong to the part's first step."""
    starts, by_row, step = np.append(0, edges), sp.csr_array(matrix.rows), matrix.step.copy()
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    while True:
        part = np.where(step < 0, -1, np.searchsorted(edges, step, side="right"))
        known = part[by_row.indices] >= 0
        of_rows = _range_of(part[by_row.indices[known]], row_of[known], by_row.shape[0])
        entries = np.flatnonzero(~known & (of_rows[1][row_of] >= 0))
        columns, rows = by_row.indices[entries], row_of[entries]
        least, _ = _range_of(of_rows[0][rows], columns, len(step))
        _, most = _range_of(of_rows[1][rows], columns, len(step))
        owned = np.flatnonzero((most >= 0) & (least == most))
        if not len(owned):
            return replace(matrix, step=step)
        step[owned] = starts[least[owned]]


def _range_of(values: Integers, owner: Integers, count: int) -> tuple[Integers, Integers]:
    """Least and greatest of each owner's values; greatest −1: it has none."""
    least, most = np.full(count, np.iinfo(np.int64).max), np.full(count, -1, dtype=np.int64)
    np.minimum.at(least, owner, values)
    np.maximum.at(most, owner, values)
    return least, most
