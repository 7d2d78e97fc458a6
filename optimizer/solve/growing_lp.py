"""Linear program of column generation, open in HiGHS while columns come and go and costs change, as a master of column generation does."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import (
    Answer,
    Floats,
    Integers,
    Limits,
    Matrix,
    SolverError,
    answer_of,
    linear_answer,
    new_highs,
    pass_matrix,
)
from optimizer.solve.interruptible import run_interruptibly
from optimizer.solve.lp_portfolio import INTERIOR_POINT_ITERATIONS


@dataclass(frozen=True)
class Columns:
    """Columns for a problem, at least 0."""

    cost: Floats
    rows: sp.csc_array
    """Shape (rows of the problem, columns)."""


class Growing:
    """A problem without whole numbers, kept open: rows and the columns it began with stay, further columns come and go.

    Solved by interior point without crossover. Where the costs of most columns change between solves the last basis is
    worth little: a master of 100 sites takes half the time that simplex takes from there, and prices from the middle of
    the optimal face need fewer rounds.
    """

    def __init__(self, matrix: Matrix):
        self._matrix = matrix.relaxed()
        self._highs = new_highs(Limits())
        pass_matrix(self._highs, self._matrix)

    def add(self, columns: Columns) -> None:
        """Take in columns; they stand after all others."""
        count, rows = len(columns.cost), columns.rows
        none, most = np.zeros(count), np.full(count, np.inf)
        starts, indices = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        self._highs.addCols(count, columns.cost, none, most, rows.nnz, starts, indices, rows.data)

    def drop(self, columns: Integers) -> None:
        """Forget columns; those after them move up."""
        self._highs.deleteCols(len(columns), columns.astype(np.int32))

    def charge(self, columns: Integers, cost: Floats) -> None:
        """Give columns another cost."""
        self._highs.changeColsCost(len(columns), columns.astype(np.int32), cost)

    def optimum(self) -> Answer:
        """Optimum over all columns; by the portfolio where interior point ends short of it. Raises SolverError."""
        started = time.perf_counter()
        self._highs.setOptionValue("solver", "ipm")
        self._highs.setOptionValue("ipm_iteration_limit", INTERIOR_POINT_ITERATIONS)
        self._highs.setOptionValue("run_crossover", "choose")  # only where interior point ends short of the optimum
        run_interruptibly(self._highs)
        try:
            return answer_of(self._highs, self._matrix, time.perf_counter() - started)
        except SolverError:
            self._highs.clearSolver()  # a point that is no optimum is no start
            return linear_answer(self._highs, self._matrix)
