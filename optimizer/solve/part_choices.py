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

from optimizer.solve.block_basis import relaxed_from_blocks
from optimizer.solve.decomposition import cut, lagrangian_window, prices_from_duals
from optimizer.solve.highs import Floats, InfeasibleError, Integers, Matrix, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.workers import Progress, WindowPool

LONGEST_PART = 0.3
"""Share of the plan from which on a choice spans it: a month's in a year does not."""
MOST_TOGETHER = 3
"""Choices of a part: each doubles the ways to make them."""
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
    tasks = [(part.matrix, columns) for part, columns in zip(windows, own, strict=True)]
    costs = pool.each(_costs, tasks, "choose in parts", progress)
    values, bound, least = relaxed.values.copy(), relaxed.bound, math.inf
    for part, columns, cost in zip(windows, own, costs, strict=True):
        places = np.concatenate([part.own, part.shared])
        best = int(np.argmin(cost))
        if not math.isfinite(cost[best]):
            raise InfeasibleError("a part of the plan has no plan of its own")
        bound += max(cost[best] - float(part.matrix.cost @ relaxed.values[places]), 0.0)
        if len(columns):
            values[places[columns]] = _ways(len(columns))[best]
            least = min(least, float(np.min(np.delete(cost, best))) - cost[best])
    return Decided(values[choices.columns], relaxed.values[choices.columns], bound, bound + least)


def _ways(count: int) -> Floats:
    """All ways to make some choices, shape (ways, choices)."""
    return np.array(list(product([0.0, 1.0], repeat=count)))


def _costs(matrix: Matrix, columns: Integers) -> Floats:
    """Optimum of a part for every way to make its choices, infinite where there is none; one after the other from the last basis."""
    reach, relaxation, costs = _within_reach(matrix, columns), Relaxation(matrix), []
    for way in _ways(len(columns)):
        possible = (way <= reach).all()
        answer = relaxation.optimum_within(columns, way, way, None) if possible else None
        costs.append(math.inf if answer is None else answer.cost)
    return np.array(costs)


def _within_reach(matrix: Matrix, columns: Integers) -> Floats:
    """Whether (1, else 0) each choice can be 1 in a part: to find its most is easy, to prove that nothing goes with 1 is not."""
    reach = np.zeros(len(columns))
    for number, column in enumerate(columns):
        cost = np.zeros_like(matrix.cost)
        cost[column] = -1.0
        reach[number] = float(solve(replace(matrix, cost=cost)).values[column] > 1 - WHOLE)
    return reach


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
