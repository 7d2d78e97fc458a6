"""Lagrangian relaxation of the rows that span a long plan while its whole numbers are sought; the last linear problem keeps the rows.

A yearly ratio that binds ties every hour to every other: each linear problem of the search would find its way through all
of them anew. At the multipliers that the blocks find (`row_multipliers`) the rows leave the problem, and what they are
worth stands in the costs: a problem like that without such rules. Its bound is one of the whole whatever the multipliers
are; a plan's whole numbers are taken over, and the rest is found once more with the rows in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.complementarity import rest_beside
from optimizer.solve.highs import Answer, Floats, Integers, Matrix, SolverError, solve
from optimizer.solve.relaxation import Basis, Relaxation
from optimizer.solve.row_multipliers import own_columns, slack_columns

BASIC, AT_LOWER, AT_UPPER = 1, 0, 2
"""HiGHS' words for where a column or row stands."""
SAME_COST = 1e-6
"""Relative. A multiplier this near to the penalty is the penalty."""


@dataclass(frozen=True)
class PricedRows:
    """Rows of a problem that may be missed at a penalty, and their multipliers."""

    of: Matrix
    """Problem with the rows."""
    rows: Integers
    slack: Integers
    """Column of each row that takes what it is missed by."""
    multipliers: Floats

    @staticmethod
    def found(matrix: Matrix, rows: Integers, multipliers: Floats) -> PricedRows | None:
        """Those of some rows that may be missed at a penalty. None: there is none."""
        slack = slack_columns(matrix, rows)
        soft = slack >= 0
        return PricedRows(matrix, rows[soft], slack[soft], multipliers[soft]) if soft.any() else None

    def relaxed(self) -> Matrix:
        """Problem without the rows: their multipliers stand in its costs, what they are missed by is nothing."""
        matrix, used = self.of, self.multipliers != 0
        side = np.where(self.multipliers > 0, matrix.row_lower[self.rows], matrix.row_upper[self.rows])
        cost, upper = matrix.cost - sp.csr_array(matrix.rows)[self.rows].T @ self.multipliers, matrix.upper.copy()
        cost[self.slack], upper[self.slack] = np.maximum(cost[self.slack], 0.0), matrix.lower[self.slack]
        row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
        row_lower[self.rows], row_upper[self.rows] = -np.inf, np.inf
        offset = matrix.offset + float(self.multipliers[used] @ side[used])
        return replace(matrix, cost=cost, offset=offset, upper=upper, row_lower=row_lower, row_upper=row_upper)

    def restored(self, matrix: Matrix) -> Matrix:
        """The relaxed problem with its rows again, and whatever has been added behind its columns and rows since."""
        cost, upper = matrix.cost.copy(), matrix.upper.copy()
        cost[: len(self.of.cost)], upper[self.slack] = self.of.cost, self.of.upper[self.slack]
        row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
        row_lower[self.rows], row_upper[self.rows] = self.of.row_lower[self.rows], self.of.row_upper[self.rows]
        return replace(matrix, cost=cost, offset=self.of.offset, upper=upper, row_lower=row_lower, row_upper=row_upper)

    def missed(self, plan: Answer) -> Floats:
        """By how much a relaxed plan, without the rows' own columns, is above the upper (plus) or below the lower side (minus)
        of each row, shape (rows,)."""
        values = plan.values[: len(self.of.cost)].copy()
        values[own_columns(self.of, self.rows)] = 0.0
        activity = sp.csr_array(self.of.rows)[self.rows] @ values
        above, below = activity - self.of.row_upper[self.rows], activity - self.of.row_lower[self.rows]
        missed: Floats = np.maximum(above, 0.0) + np.minimum(below, 0.0)
        return missed

    def as_it_is(self, matrix: Matrix, plan: Answer) -> Answer:
        """Plan of the problem with its rows: a relaxed plan, with what the rows' own columns (slack, certificates) must add."""
        posed, own, values = self.restored(matrix), own_columns(matrix, self.rows), plan.values.copy()
        values[own] = 0.0
        by_row = sp.csr_array(posed.rows)[self.rows]
        activity = by_row @ values
        count = len(own)
        added = solve(
            Matrix(
                cost=posed.cost[own],
                offset=0.0,
                rows=sp.csc_array(by_row[:, own]),
                row_lower=posed.row_lower[self.rows] - activity,
                row_upper=posed.row_upper[self.rows] - activity,
                lower=posed.lower[own],
                upper=posed.upper[own],
                is_integer=np.zeros(count, dtype=bool),
                step=np.full(count, -1, dtype=np.int64),
            )
        )
        assert plan.row_dual is not None
        values[own], row_dual = added.values, plan.row_dual.copy()
        row_dual[self.rows] = self.multipliers
        return replace(plan, values=values, row_dual=row_dual, cost=float(posed.cost @ values) + posed.offset)

    def kept(self, matrix: Matrix, plan: Answer, basis: Basis, sizes: Integers) -> tuple[Relaxation, Answer]:
        """Restored problem, open with its sizes held, and the plan of a relaxed plan's whole numbers that keeps the rows. Raises SolverError."""
        posed = self.restored(matrix).with_fixed(sizes, plan.values[sizes])
        whole = np.flatnonzero(matrix.is_integer)
        values = np.round(plan.values[whole])
        columns, row_basis = basis
        kept = columns.copy(), row_basis.copy()
        kept[0][self.slack], kept[1][self.rows] = AT_LOWER, BASIC
        relaxation = opened_at_multipliers(posed.with_fixed(whole, values), self.rows, self.multipliers, kept)
        relaxation.keep_complementary(posed)
        relaxation.drop_implied_rows()
        try:  # what rests in the plan rests: else directions are sought anew
            return relaxation, relaxation.solve_directed(whole, values, rest_beside(posed, plan.values))
        except SolverError:
            return relaxation, relaxation.solve_fixed(whole, values)


def opened_at_multipliers(matrix: Matrix, rows: Integers, multipliers: Floats, basis: Basis) -> Relaxation:
    """Relaxed problem, open where it stands with rows at their multipliers: each row tight, its slack in its place.

    Its first optimum allows no slack that costs more than the multiplier: all reduced costs keep their signs on the way
    there, and real costs of the slack change none of them.
    """
    slack, (columns, row_basis) = slack_columns(matrix, rows), basis
    tight = np.flatnonzero((slack >= 0) & (np.abs(multipliers) > 0))
    own, multiplier = slack[tight], multipliers[tight]
    columns[own], row_basis[rows[tight]] = BASIC, np.where(multiplier < 0, AT_UPPER, AT_LOWER)
    real = matrix.cost[own]
    cost, upper = matrix.cost.copy(), matrix.upper.copy()
    cost[own] = np.minimum(sp.csr_array(matrix.rows)[rows[tight]][:, own].diagonal() * multiplier, real)
    upper[own] = np.where(cost[own] < (1 - SAME_COST) * real, matrix.lower[own], upper[own])
    relaxation = Relaxation(replace(matrix, cost=cost, upper=upper), (columns, row_basis))
    relaxation.approach()  # where there is no plan without slack it ends on the way there
    relaxation.free(own, matrix.lower[own], matrix.upper[own])
    relaxation.charge(own, real)
    return relaxation
