"""Knapsack cuts: no plan is lost, and the relaxed optimum of large items comes nearer to the true one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Matrix, solve
from optimizer.solve.knapsack_cuts import with_knapsack_cuts
from optimizer.solve.long_plan import cut_where_broken
from optimizer.solve.relaxation import Relaxation


def packing(sizes: Floats, item_value: Floats, most: Floats, capacity: float = 1.0) -> Matrix:
    """Items of some sizes in one knapsack, written as a sum with an upper bound; the last column is that sum."""
    count = len(sizes)
    return Matrix(
        cost=np.append(-item_value, 0.0),
        offset=0.0,
        rows=sp.csc_array(np.append(sizes, -1.0)[None, :]),
        row_lower=np.zeros(1),
        row_upper=np.zeros(1),
        lower=np.zeros(count + 1),
        upper=np.append(most, capacity),
        is_integer=np.append(np.ones(count, dtype=bool), False),
        step=np.zeros(count + 1, dtype=np.int64),
    )


def test_three_gangs_of_forty_percent_are_two() -> None:
    """Relaxed, 2.5 of them fit, worth 10 each; the cut says 2, which is the truth."""
    matrix = packing(np.full(3, 0.4), np.full(3, 10.0), np.ones(3))
    assert solve(matrix.relaxed()).cost == pytest.approx(-25.0)
    _, relaxed = with_knapsack_cuts(matrix)
    assert relaxed.cost == pytest.approx(-20.0)


@pytest.mark.parametrize("seed", range(30))
def test_no_packing_is_lost(seed: int) -> None:
    """All packings of up to seven items of random sizes, some alike, some twice: each obeys every cut."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 8))
    sizes = rng.choice(rng.uniform(0.04, 0.99, 4).round(3), count)
    most = rng.integers(1, 3, count).astype(float)
    capacity = float(rng.choice([1.0, 5120.0]))
    matrix = packing(sizes * capacity, rng.uniform(1, 10, count), most, capacity)
    cut, relaxed = with_knapsack_cuts(matrix)
    cuts = sp.csr_array(cut.rows)[1:].toarray()[:, :count]
    assert relaxed.cost >= solve(matrix.relaxed()).cost - 1e-6  # HiGHS' rows are held to 1e-7
    for items in product(*(range(int(number) + 1) for number in most)):
        if np.dot(items, sizes) <= 1 + 1e-9:  # sums of doubles
            assert (cuts @ np.array(items) <= 1 + 1e-9).all()


def test_small_items_need_no_cuts() -> None:
    """Items of 2 % fill a knapsack nearly whole: nothing is added."""
    matrix = packing(np.full(40, 0.02), np.ones(40), np.full(40, 9.0))
    assert with_knapsack_cuts(matrix)[0].implied_rows == 0


def test_windows_get_the_same_cuts() -> None:
    """Where a plan is made window by window the cuts join the open relaxed problem: 25 becomes 20 there too."""
    matrix = packing(np.full(3, 0.4), np.full(3, 10.0), np.ones(3))
    relaxation = Relaxation(matrix)
    cut, relaxation, relaxed = cut_where_broken(matrix, relaxation, relaxation.optimum(), seconds=60.0)
    assert relaxed.cost == pytest.approx(-20.0)
    assert cut.implied_rows > 0
    assert relaxation.solve_fixed(np.arange(3), np.array([1.0, 1.0, 0.0])).cost == pytest.approx(-20.0)
