"""Lagrangian multipliers of the few rows that span a long plan (a yearly ratio, a carbon cap), by Dantzig–Wolfe over blocks of it.

Such a row ties all hours together: simplex that begins without it must move every hour at once. Its multiplier is found
among blocks that are solved alone with the row priced; a master problem mixes their answers so that the row holds, and its
dual is the next multiplier (Dantzig and Wolfe 1960, doi:10.1287/opre.8.1.101). At the last one the blocks' bases already
keep the row, so that the whole begins near its optimum.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Integers, Matrix, solve

PLAN_LONG = 0.3
"""Share of the steps from which on a row spans the plan: a month's row in a year does not."""
MOST_ROWS = 8
"""With more rows than this the master needs too many rounds."""
MOST_ROUNDS = 15
FARTHER = 4.0
"""Factor by which the reach of a multiplier grows."""
INWARD = 0.6
"""How far from the best multipliers towards the master's the blocks are asked (Wentges 1997, doi:10.1111/1475-3995.00008):
the master's own leap from end to end while it knows little."""
NEAR = 2e-4
"""Relative distance of the master from its bound at which multipliers are good enough: the whole finds the rest."""


def plan_long_rows(matrix: Matrix) -> Integers:
    """Rows with a limit whose columns belong to a good part of all steps; none where there are too many to price."""
    steps = int(matrix.step.max()) + 1
    by_row = sp.csr_array(matrix.rows)
    limited = np.isfinite(matrix.row_lower) | np.isfinite(matrix.row_upper)
    long = np.flatnonzero(limited & (np.diff(by_row.indptr) >= PLAN_LONG * steps))
    spans = [row for row in long if _steps_in(matrix, by_row, row) >= PLAN_LONG * steps]
    return np.array(spans if len(spans) <= MOST_ROWS else [], dtype=np.int64)


def _steps_in(matrix: Matrix, by_row: sp.csr_array, row: np.int64) -> int:
    met = matrix.step[by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]]]
    return len(np.unique(met[met >= 0]))


def slack_columns(matrix: Matrix, rows: Integers) -> Integers:
    """For each of some rows the column of no step that meets this row alone, without upper bound: what it is missed by; −1: none."""
    alone = (np.diff(matrix.rows.indptr) == 1) & (matrix.step < 0) & ~np.isfinite(matrix.upper)
    columns = np.flatnonzero(alone)
    row_of = matrix.rows.indices[matrix.rows.indptr[columns]]
    found = {int(row): int(column) for row, column in zip(row_of, columns, strict=True)}
    return np.array([found.get(int(row), -1) for row in rows], dtype=np.int64)


def own_columns(matrix: Matrix, rows: Integers) -> Integers:
    """Columns of no step that meet these rows and no others (slacks, certificates), or that are fixed."""
    met = np.diff(sp.csc_array(sp.csr_array(matrix.rows)[rows]).indptr)
    alone = met == np.diff(matrix.rows.indptr)
    own: Integers = np.flatnonzero((matrix.step < 0) & (met > 0) & (alone | (matrix.lower == matrix.upper)))
    return own


@dataclass
class Master:
    """Dantzig–Wolfe master: mixes of the blocks' answers that keep the rows, and what the rows' own columns add.

    Multipliers stay within `reach` of zero (box step: Marsten, Hogan, Blankenship 1975, doi:10.1287/opre.23.3.389), which
    grows where a row asks for more: far from the best ones blocks are slow, and say little about it.
    """

    matrix: Matrix
    rows: Integers
    blocks: int
    reach: Floats
    """At first what a unit of all that passes through a row costs on average."""
    cost: list[float] = field(default_factory=list)
    activity: list[Floats] = field(default_factory=list)
    block: list[int] = field(default_factory=list)

    def add(self, block: int, cost: float, activity: Floats) -> None:
        """Take in an answer of a block: its own cost, and what it adds to each row."""
        self.cost.append(cost)
        self.activity.append(activity)
        self.block.append(block)

    def solved(self) -> Mixed:
        """Best mix. Raises SolverError."""
        count, rows, own = len(self.cost), len(self.rows), own_columns(self.matrix, self.rows)
        identity, ones = sp.eye_array(rows), np.ones(self.blocks)
        mixes = sp.csc_array((np.ones(count), (self.block, np.arange(count))), shape=(self.blocks, count))
        of_rows = [sp.csc_array(np.array(self.activity).T), self.matrix.rows[:, own].tocsr()[self.rows]]
        cost = np.concatenate([self.cost, self.matrix.cost[own], self.reach, self.reach])
        answer = solve(
            Matrix(
                cost=cost,
                offset=0.0,
                rows=sp.csc_array(sp.block_array([[*of_rows, identity, -identity], [mixes, None, None, None]])),
                row_lower=np.append(self.matrix.row_lower[self.rows], ones),
                row_upper=np.append(self.matrix.row_upper[self.rows], ones),
                lower=np.concatenate([np.zeros(count), self.matrix.lower[own], np.zeros(2 * rows)]),
                upper=np.concatenate([np.full(count, np.inf), self.matrix.upper[own], np.full(2 * rows, np.inf)]),
                is_integer=np.zeros(len(cost), dtype=bool),
                step=np.full(len(cost), -1, dtype=np.int64),
            )
        )
        assert answer.row_dual is not None
        beyond = answer.values[-2 * rows : -rows] + answer.values[-rows:] > 0
        self.reach = np.where(beyond, FARTHER * self.reach, self.reach)
        multipliers, of_blocks = answer.row_dual[:rows], float(answer.row_dual[rows:].sum())
        return Mixed(answer.cost, multipliers, of_blocks, bool(beyond.any()), answer.values[:count])


@dataclass(frozen=True)
class Mixed:
    """Optimum of the master."""

    cost: float
    multipliers: Floats
    """Duals of the rows."""
    of_blocks: float
    """Duals of all blocks together: what their answers at these multipliers would cost if none were better."""
    cut_short: bool
    """Whether a multiplier would go beyond its reach."""
    shares: Floats
    """Share of each answer in the mix, in the order they were taken in; those of a block add up to 1."""


def lagrangian(matrix: Matrix, rows: Integers, own: Integers, multipliers: Floats, of_blocks: float) -> float:
    """Lagrangian bound of the master at some multipliers, from what the blocks cost at them."""
    side = np.where(multipliers > 0, matrix.row_lower[rows], matrix.row_upper[rows])
    used = multipliers != 0
    paid = float(multipliers[used] @ side[used])
    left = matrix.cost[own] - matrix.rows[:, own].T[:, rows] @ multipliers
    left[np.abs(left) <= 1e-9 * (1 + np.abs(matrix.cost[own]))] = 0.0  # rounding of a dual that stands at its penalty
    at = np.where(left > 0, matrix.lower[own], matrix.upper[own])
    return of_blocks + paid + float(np.sum(left * np.where(left == 0, 0.0, at)))


def priced(matrix: Matrix, rows: Integers, multipliers: Floats) -> Floats:
    """Costs of columns with some rows' multipliers in them; those of no step keep theirs."""
    charged: Floats = matrix.cost - sp.csr_array(matrix.rows)[rows].T @ multipliers
    return np.where(matrix.step >= 0, charged, matrix.cost)
