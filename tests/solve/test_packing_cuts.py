"""Fenchel cuts: no packing is lost, and of one row nothing but packings is left."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from test_knapsack_cuts import packing

from optimizer.solve.highs import Floats, Matrix, solve
from optimizer.solve.knapsack_cuts import with_knapsack_cuts
from optimizer.solve.packing_cuts import packing_separation_of, with_packing_cuts


def forever() -> float:
    """Seconds left without a limit."""
    return math.inf


def fitting(sizes: Floats) -> Floats:
    """All packings, one a row."""
    every = np.array(list(product([0.0, 1.0], repeat=len(sizes))))
    return every[every @ sizes <= 1.0]


def test_a_gang_that_is_there_once_cannot_stand_in_for_its_like() -> None:
    """Shares 0.3, 0.45 and 0.6, worth 10, 10 and 19: 29 at most (0.3 + 0.6). Functions of sizes alone would let 0.3 fill a pool three
    times and leave more; the cut knows that it is there once."""
    matrix = packing(np.array([0.3, 0.45, 0.6]), np.array([10.0, 10.0, 19.0]), np.ones(3))
    _, relaxed = with_packing_cuts(matrix, matrix, solve(matrix.relaxed()), forever)
    assert relaxed.cost == pytest.approx(-29.0)


@pytest.mark.parametrize("seed", range(6))
def test_the_hull_of_one_row_is_its_packings(seed: int) -> None:
    """Relaxed optimum = best packing, whatever the items are worth; every packing obeys every cut, also of items the optimum left out."""
    rng = np.random.default_rng(seed)
    sizes, worth = rng.uniform(0.15, 0.6, 8), rng.uniform(1.0, 9.0, 8)
    matrix = packing(sizes, worth, np.ones(8))
    cut, relaxed = with_packing_cuts(matrix, *with_knapsack_cuts(matrix), forever)
    every = fitting(sizes)
    assert relaxed.cost == pytest.approx(-(every @ worth).max(), rel=2e-3)  # cuts that are broken by 1e-3 are left out
    rows = np.asarray(cut.rows[1:, :8].todense())
    assert cut.implied_rows == len(rows)
    assert (every @ rows.T).max(initial=0.0) <= 1 + 1e-6  # factors come from a linear problem


def test_a_gang_is_one_item_at_all_its_times() -> None:
    """Two gangs of 0.6 in a pool of 2, each with two starts (of which one is taken): two items of 0.3 each, by their four columns."""
    matrix = Matrix(
        cost=np.zeros(5),
        offset=0.0,
        rows=sp.csc_array(np.array([[0.6, 0.6, 0.6, 0.6, -1.0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0]])),
        row_lower=np.array([0.0, 1.0, 1.0]),
        row_upper=np.array([0.0, 1.0, 1.0]),
        lower=np.zeros(5),
        upper=np.array([1.0, 1.0, 1.0, 1.0, 2.0]),
        is_integer=np.array([True, True, True, True, False]),
        step=np.zeros(5, dtype=np.int64),
    )
    separation = packing_separation_of(matrix)
    assert separation is not None
    pool = separation.rows[0]
    assert pool.size == pytest.approx([0.3, 0.3])
    assert pool.taken(np.array([0.5, 0.25, 0.0, 1.0, 0.9])) == pytest.approx([0.75, 1.0])
