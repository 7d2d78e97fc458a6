"""Linear relaxation that stays open in HiGHS: bounds change, and it is solved again from where it stands."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.solve.complementarity import CHOICE_SECONDS, broken_pairs, chosen_directions, resting, with_directions
from optimizer.solve.deadline import seconds_left
from optimizer.solve.highs import (
    Answer,
    Floats,
    InfeasibleError,
    Integers,
    Limits,
    Matrix,
    SolverError,
    linear_answer,
    new_highs,
    pass_matrix,
    solve,
)

Standing = NDArray[np.int8]
"""HiGHS' status of some columns or rows: basic, or at which bound."""
Basis = tuple[Standing, Standing]
"""Where simplex stands: the status of every column and of every row."""
Mark = highspy.HighsBasis
"""The same as HiGHS holds it: quick to come back to, of use in this process alone."""


class Relaxation:
    """Linear relaxation, kept open: fixing columns at values and solving again starts from the last basis.

    A year takes a fifth of the time of a fresh solve.
    """

    def __init__(self, matrix: Matrix, basis: Basis | None = None):
        self._matrix = matrix.relaxed()
        self._posed: Matrix | None = None
        self._rested = np.zeros(0, dtype=np.int64)
        self.choice_seconds = CHOICE_SECONDS
        self._highs = new_highs(Limits())
        pass_matrix(self._highs, self._matrix)
        if basis is not None:
            self._begin_at(basis)

    def _begin_at(self, basis: Basis) -> None:
        start = highspy.HighsBasis()
        status = {int(entry): entry for entry in highspy.HighsBasisStatus.__members__.values()}
        start.col_status, start.row_status = ([status[int(entry)] for entry in part] for part in basis)
        start.valid = start.alien = True  # alien: HiGHS makes it square and regular
        self._highs.setBasis(start)

    def basis(self) -> Basis:
        """Basis at the end of the last solve."""
        last = self._highs.getBasis()
        columns, rows = (
            np.array([int(entry) for entry in part], dtype=np.int8) for part in (last.col_status, last.row_status)
        )
        return columns, rows

    def mark(self) -> Mark:
        """Basis at the end of the last solve, to come back to."""
        basis: Mark = self._highs.getBasis()
        return basis

    def optimum_within(self, columns: Integers, lower: Floats, upper: Floats, mark: Mark | None) -> Answer | None:
        """Optimum with some columns between bounds, from a basis where there is one. None: infeasible. Raises SolverError."""
        self.free(columns, lower, upper)
        if mark is not None:
            self._highs.setBasis(mark)
        try:
            return self.optimum()
        except InfeasibleError:
            return None

    def optimum(self) -> Answer:
        """Relaxed optimum. Raises SolverError."""
        try:
            return linear_answer(self._highs, self._matrix)
        except SolverError:
            if seconds_left() <= 0:
                raise
            return solve(self._matrix)  # a basis can lead astray; a fresh start decides

    def approach(self) -> None:
        """Simplex from the last basis to the optimum, or as far as there is a way."""
        with suppress(SolverError):
            linear_answer(self._highs, self._matrix)

    def solve_fixed(self, columns: Integers, values: Floats) -> Answer:
        """Optimum with some columns fixed at values. Raises SolverError when there is none."""
        return self._complementary(self.optimum_at(columns, values))

    def optimum_at(self, columns: Integers, values: Floats) -> Answer:
        """Optimum with some columns fixed at values, whichever pairs it breaks. Raises SolverError when there is none."""
        self._wake()
        self.hold(columns, values)
        return self.optimum()

    def solve_directed(self, columns: Integers, values: Floats, resting: tuple[Integers, Floats]) -> Answer:
        """Optimum with some columns fixed at values and others at rest. Raises SolverError when there is none."""
        self._wake()
        self.hold(columns, values)
        return self._complementary(self._at_rest(*resting))

    def keep_complementary(self, matrix: Matrix) -> None:
        """Complementary pairs kept from now on: what `solve_fixed` gives is a plan of this problem, with the directions of its pairs."""
        self._posed = matrix if len(matrix.pairs) else None

    def _complementary(self, answer: Answer) -> Answer:
        """Optimum of complementary pairs: every pair that an answer breaks is brought to rest, until it breaks none."""
        posed = self._posed
        if posed is None:
            return answer
        free, chosen = self._matrix.lower < self._matrix.upper, np.empty(0, dtype=np.intp)
        while len(broken := broken_pairs(posed, answer.values)):
            try:
                answer = self._at_rest(*resting(posed, answer.values, broken, free))
            except SolverError:  # these directions leave no plan
                self._wake()
                chosen = np.union1d(chosen, broken)  # one by one they break each other in turn
                fixed = replace(posed, lower=self._matrix.lower, upper=self._matrix.upper)
                answer = self._at_rest(*chosen_directions(fixed, chosen, self.choice_seconds))
        return replace(answer, values=with_directions(posed, answer.values))

    def _at_rest(self, columns: Integers, bounds: Floats) -> Answer:
        columns, first = np.unique(columns, return_index=True)
        self._rested = np.union1d(self._rested, columns)
        self.hold(columns, bounds[first])
        return self.optimum()

    def _wake(self) -> None:
        """Free the columns that were brought to rest."""
        if self._posed is not None and len(self._rested):
            self.free(self._rested, self._posed.lower[self._rested], self._posed.upper[self._rested])
            self._rested = self._rested[:0]

    def hold(self, columns: Integers, values: Floats) -> None:
        """Fix some columns at values in whatever is solved next."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), values, values)
        self._matrix = self._matrix.with_fixed(columns, values)

    def released(self, columns: Integers, lower: Floats, upper: Floats) -> Answer:
        """Optimum with some columns free again between bounds. Raises SolverError when there is none."""
        self.free(columns, lower, upper)
        return self.optimum()

    def free(self, columns: Integers, lower: Floats, upper: Floats) -> None:
        """Free some columns between bounds in whatever is solved next."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)
        bounds = self._matrix.lower.copy(), self._matrix.upper.copy()
        bounds[0][columns], bounds[1][columns] = lower, upper
        self._matrix = replace(self._matrix, lower=bounds[0], upper=bounds[1])

    def charge(self, columns: Integers, cost: Floats) -> None:
        """Give some columns another cost in whatever is solved next."""
        self._highs.changeColsCost(len(columns), columns.astype(np.int32), cost)
        costs = self._matrix.cost.copy()
        costs[columns] = cost
        self._matrix = replace(self._matrix, cost=costs)

    def drop_implied_rows(self) -> None:
        """Removal of implied rows once all whole numbers are fixed: then they say nothing, and would share the balances' prices."""
        implied = self._matrix.implied_rows
        if not implied:
            return
        lower, upper = self._matrix.row_lower.copy(), self._matrix.row_upper.copy()
        lower[-implied:], upper[-implied:] = -math.inf, math.inf
        rows = np.arange(len(lower) - implied, len(lower), dtype=np.int32)
        self._highs.changeRowsBounds(implied, rows, lower[-implied:], upper[-implied:])
        self._matrix = replace(self._matrix, row_lower=lower, row_upper=upper, implied_rows=0)
