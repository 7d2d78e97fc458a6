"""A second solver for linear problems, built apart from the first: SciPy's. Slower, for the night the first one fails."""

from __future__ import annotations

import time

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from optimizer.solve.highs import Answer, InfeasibleError, Matrix, SolverError
from optimizer.solve.lp_portfolio import simplex_budget

ITERATION_LIMIT = 1
"""SciPy's status for an answer that was not found within the iterations allowed."""
INFEASIBLE = 2
"""SciPy's status for a problem without a feasible point."""


def solve_by_scipy(matrix: Matrix) -> Answer:
    """Optimum of a problem without whole numbers, with its row duals. Raises SolverError."""
    if matrix.is_integer.any():
        raise ValueError("the second solver is for linear problems; relax or fix the whole numbers")
    began = time.perf_counter()
    rows = sp.csr_array(matrix.rows)
    equal = matrix.row_lower == matrix.row_upper
    upper = np.isfinite(matrix.row_upper) & ~equal
    lower = np.isfinite(matrix.row_lower) & ~equal
    problem = {
        "c": matrix.cost,
        "A_ub": sp.vstack([rows[upper], -rows[lower]]),
        "b_ub": np.concatenate([matrix.row_upper[upper], -matrix.row_lower[lower]]),
        "A_eq": rows[equal],
        "b_eq": matrix.row_lower[equal],
        "bounds": np.column_stack([matrix.lower, matrix.upper]),
    }
    answer = linprog(**problem, method="highs-ds", options={"maxiter": simplex_budget(len(matrix.row_lower))})
    if answer.status == ITERATION_LIMIT:
        answer = linprog(**problem, method="highs-ipm")
    if answer.status != 0:
        kind = InfeasibleError if answer.status == INFEASIBLE else SolverError
        raise kind(f"SciPy: {answer.message}")
    dual = np.zeros(rows.shape[0])
    dual[equal] = answer.eqlin.marginals
    dual[upper] += answer.ineqlin.marginals[: int(upper.sum())]
    dual[lower] -= answer.ineqlin.marginals[int(upper.sum()) :]
    cost = float(answer.fun) + matrix.offset
    return Answer("optimal", cost, cost, np.asarray(answer.x), dual, time.perf_counter() - began)
