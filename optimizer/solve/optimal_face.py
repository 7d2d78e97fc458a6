"""Second preference among plans of equal cost: the best point of the optimal face of a linear program.

By complementary slackness every optimum has the columns with a reduced cost at their bounds and the rows with a dual at
their limits. With those held, any point that obeys the other rows costs the same; among them a second objective decides.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solve.complementarity import broken_pairs
from optimizer.solve.highs import Floats, Limits, Matrix, SolverError, relative_gap, solve

LEAST_DUAL = 1e-7
"""HiGHS holds reduced costs and duals to 1e-7: what is smaller is none."""
EQUAL_COST = 1e-8
"""Relative: a hundredth of what a bill may differ from its objective."""


def best_of_equals(matrix: Matrix, values: Floats, row_dual: Floats, wanted: Floats, *, seconds: float) -> Floats:
    """Values of the optimum with the most `wanted` · values; the given ones where no better one was found in time.

    `values`, `row_dual`: an optimum with its whole numbers fixed, and its duals.
    """
    reduced_cost = matrix.cost - matrix.rows.T @ row_dual
    fixed = matrix.is_integer | (np.abs(reduced_cost) > LEAST_DUAL)
    fixed[_resting(matrix, values)] = True
    activity = matrix.rows @ values
    bound = np.abs(row_dual) > LEAST_DUAL
    face = replace(
        matrix.relaxed(),
        cost=-wanted,
        offset=0.0,
        lower=np.where(fixed, values, np.minimum(matrix.lower, values)),
        upper=np.where(fixed, values, np.maximum(matrix.upper, values)),
        row_lower=np.where(bound, activity, np.minimum(matrix.row_lower, activity)),
        row_upper=np.where(bound, activity, np.maximum(matrix.row_upper, activity)),
    )
    try:
        best = solve(face, Limits(seconds=seconds)).values
    except SolverError:
        return values
    cost, before = float(matrix.cost @ best), float(matrix.cost @ values)
    sound = relative_gap(cost + matrix.offset, before + matrix.offset) <= EQUAL_COST and not len(
        broken_pairs(matrix, best)
    )
    return best if sound and wanted @ best > wanted @ values else values


def _resting(matrix: Matrix, values: Floats) -> np.ndarray:
    """Columns of pairs that must stay at rest: the one whose partner moves, else the second."""
    pairs = matrix.pairs
    first_moves = values[pairs.first] - matrix.lower[pairs.first] > LEAST_DUAL
    at_rest = np.where(pairs.from_top, matrix.upper[pairs.second], matrix.lower[pairs.second])
    second_moves = np.abs(values[pairs.second] - at_rest) > LEAST_DUAL
    return np.where(second_moves & ~first_moves, pairs.first, pairs.second)
