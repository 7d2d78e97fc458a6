"""Whether the installed solver can be trusted: tiny models with known optima, solved the way plans are.

A released HiGHS (1.14.0) answered some of these with a wrong "optimal" and no warning; a plan from it would look sound.
Takes some milliseconds; run before nightly plans and by the tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Limits, Matrix, SolverError, solve

TOLERANCE = 1e-6
"""Relative; HiGHS holds rows to 1e-7. The wrong answers are off by a tenth or more."""
INFINITE = math.inf


@dataclass(frozen=True)
class KnownModel:
    """A model, its optimum (none: it has no solution), and where it is from."""

    name: str
    matrix: Matrix
    optimum: float | None


def _model(
    cost: Sequence[float],
    rows: Sequence[Sequence[float]],
    row_bounds: Sequence[tuple[float, float]],
    bounds: Sequence[tuple[float, float]],
    whole: Sequence[bool],
) -> Matrix:
    return Matrix(
        cost=np.array(cost),
        offset=0.0,
        rows=sp.csc_array(np.array(rows)),
        row_lower=np.array([low for low, _ in row_bounds]),
        row_upper=np.array([high for _, high in row_bounds]),
        lower=np.array([low for low, _ in bounds]),
        upper=np.array([high for _, high in bounds]),
        is_integer=np.array(whole),
        step=np.zeros(len(cost), dtype=np.int64),
    )


def known_models() -> list[KnownModel]:
    """Models the solver must get right."""
    big = 1000.0
    one_slot = _model(  # z0, z1, d0, d1, x0, x1
        [0, 0, 10, 8, 0, 0],
        [[1, 0, 0, 0, -big, 0], [0, 1, 0, 0, 0, -big], [1, 0, 1, 0, 0, 0], [0, 1, 0, 1, 0, 0], [0, 0, 0, 0, 1, 1]],
        [(-INFINITE, 0), (-INFINITE, 0), (big, big), (big, big), (-INFINITE, 1)],
        [(0, big)] * 4 + [(0, 1)] * 2,
        [False] * 4 + [True] * 2,
    )
    whole_or_not = _model([2, 3], [[1, 1]], [(4.5, INFINITE)], [(0, 10), (0, 10)], [False, True])
    dear_switch = _model([2, 1], [[2, 1]], [(10, INFINITE)], [(0, 1), (9, INFINITE)], [True, False])
    fixed_charge = _model(
        [10, 1], [[-1e4, 1], [0, 1]], [(-INFINITE, 0), (3, INFINITE)], [(0, 1), (0, 1e4)], [True, False]
    )
    # two units of 10..50, idle price 100 and 90, load 55: both on, the dear one at its least load
    two_units = _model(
        [1, 2, 100, 90],
        [[1, 1, 0, 0], [1, 0, -50, 0], [0, 1, 0, -50], [1, 0, -10, 0], [0, 1, 0, -10]],
        [(55, 55), (-INFINITE, 0), (-INFINITE, 0), (0, INFINITE), (0, INFINITE)],
        [(0, INFINITE)] * 2 + [(0, 1)] * 2,
        [False] * 2 + [True] * 2,
    )
    impossible = _model([1], [[2]], [(1, 1)], [(0, 5)], [True])
    return [
        KnownModel("one of two slots behind big-M links (HiGHS issue 3094)", one_slot, 8000.0),
        KnownModel("a whole number that is not needed (HiGHS issue 2957)", whole_or_not, 9.0),
        KnownModel("a switch that costs more than it saves (linopy issue 651)", dear_switch, 10.0),
        KnownModel("a fixed charge behind a big M of 10,000", fixed_charge, 13.0),
        KnownModel("two units with least loads", two_units, 45.0 + 20.0 + 190.0),
        KnownModel("an odd number as twice a whole one", impossible, None),
    ]


def solver_faults() -> list[str]:
    """Faults of the installed solver, one line a model; empty if it can be trusted."""
    faults = []
    for known in known_models():
        try:
            answer = solve(known.matrix, Limits(gap=0.0, seconds=10.0))
        except SolverError as error:
            if known.optimum is not None:
                faults.append(f"{known.name}: {error}; the optimum is {known.optimum:g}")
            continue
        if known.optimum is None:
            faults.append(f"{known.name}: a cost of {answer.cost:g} is reported, there is no solution")
        elif abs(answer.cost - known.optimum) > TOLERANCE * abs(known.optimum):
            faults.append(f"{known.name}: a cost of {answer.cost:g} is reported, the optimum is {known.optimum:g}")
        elif _breaks_rows(known.matrix, answer.values):
            faults.append(f"{known.name}: the reported point breaks the rows")
    return faults


def _breaks_rows(matrix: Matrix, values: np.ndarray) -> bool:
    row_values = matrix.rows @ values
    slack = 1e-6 * (1 + np.abs(row_values))  # HiGHS' feasibility, relative
    return bool(((row_values < matrix.row_lower - slack) | (row_values > matrix.row_upper + slack)).any())


def trust_solver() -> None:
    """Raises SolverError naming everything the installed solver gets wrong."""
    if faults := solver_faults():
        raise SolverError(
            "the installed HiGHS cannot be trusted; install highspy 1.15.1 or later: " + "; ".join(faults)
        )
