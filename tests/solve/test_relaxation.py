"""Relaxations that stay open: complementary pairs of several declarations are brought to rest together."""

from __future__ import annotations

import time

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.solve.deadline import ending_by
from optimizer.solve.highs import Matrix
from optimizer.solve.pairs import Pairs
from optimizer.solve.relaxation import Relaxation

INF = np.inf
GENEROUS_S = 20.0
"""An endless search ends here with an error; the three small problems take a hundredth of a second."""


def two_stores_and_a_dear_source() -> Matrix:
    """Columns: charge and discharge of two stores, a source at 10. Both stores must discharge 0.5, and 1 unit is asked for,
    which a store that charges beside it gives at 1 or 1.1."""
    rows = [[1, 0, 1, 0, 1], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0]]
    return Matrix(
        cost=np.array([1.0, 0.0, 1.1, 0.0, 10.0]),
        offset=0.0,
        rows=sp.csc_array(np.array(rows, dtype=float)),
        row_lower=np.array([1.0, 0.5, 0.5]),
        row_upper=np.full(3, INF),
        lower=np.zeros(5),
        upper=np.ones(5),
        is_integer=np.zeros(5, dtype=bool),
        step=np.zeros(5, dtype=np.int64),
        pairs=Pairs(np.array([0, 2]), np.array([1, 3]), np.zeros(2, dtype=bool), np.array([1, 2])),
    )


def test_kinds_of_pairs_that_break_each_other_in_turn_are_chosen_together() -> None:
    """The pair of one store at rest, the other is broken instead, and the other way round: only both together leave the dear source.

    Directions that follow the relaxed optimum (charge is the larger share) leave no plan, so that whole numbers choose them;
    chosen for the broken kind alone they free the other kind, without end.
    """
    matrix = two_stores_and_a_dear_source()
    relaxation, none = Relaxation(matrix), np.zeros(0, dtype=np.int64)
    relaxed = relaxation.optimum()
    assert relaxed.cost == pytest.approx(1.0)  # charges the first store while it discharges
    relaxation.keep_complementary(matrix)
    with ending_by(time.monotonic() + GENEROUS_S):
        plan = relaxation.solve_fixed(none, np.zeros(0))
    assert plan.cost == pytest.approx(10.0)
    assert plan.values[[0, 2]] == pytest.approx(np.zeros(2), abs=1e-7)  # HiGHS' primal feasibility
