"""Rounding cuts: every plan obeys them, their relaxation is nearer to the truth, and prices do not lean on them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sites import exact_cost
from test_decomposition import center_matrix

from optimizer.solve.highs import Matrix, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.rounding_cuts import with_rounding_cuts

UNLIMITED = np.inf


def counted_work(unserved_price: float = 50.0, demand: float = 900.0) -> Matrix:
    """Columns n, busy, unserved, other: busy ≤ 64 n and busy + unserved − other = demand; a unit costs 1."""
    return Matrix(
        cost=np.array([1.0, 0.0, unserved_price, 0.0]),
        offset=0.0,
        rows=sp.csc_array(np.array([[-64.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, -1.0]])),
        row_lower=np.array([-UNLIMITED, demand]),
        row_upper=np.array([0.0, demand]),
        lower=np.zeros(4),
        upper=np.array([80.0, 5120.0, demand, UNLIMITED]),
        is_integer=np.array([True, False, False, False]),
        step=np.zeros(4, dtype=np.int64),
    )


def test_a_known_demand_is_rounded_up_to_whole_units() -> None:
    """900 of 64 each: 14.06 units, so 15, or unserved work for the sixteenth of the last: n + unserved / 4 ≥ 15."""
    tight = with_rounding_cuts(counted_work())
    assert tight.implied_rows == 1
    assert tight.rows.toarray()[-1].tolist() == [1.0, 0.0, 0.25, 0.0]
    assert tight.row_lower[-1] == 15.0
    assert solve(tight.relaxed()).cost == pytest.approx(15.0)
    assert solve(counted_work().relaxed()).cost == pytest.approx(900 / 64)


def test_a_plan_that_leaves_a_little_unserved_is_not_lost() -> None:
    """With 0.1 for a card left unserved, 14 units and 4 cards unserved (14.4) are cheaper than 15: still the optimum."""
    cheap = counted_work(unserved_price=0.1)
    assert solve(with_rounding_cuts(cheap)).cost == pytest.approx(14.4)


@pytest.mark.parametrize(
    ("reason", "matrix"),
    [
        ("something free takes the place of units", counted_work(unserved_price=0.0)),
        ("the demand is whole units already", counted_work(demand=640.0)),
    ],
)
def test_rows_that_would_not_help_are_not_added(reason: str, matrix: Matrix) -> None:
    """Rows without use make windows slower."""
    assert with_rounding_cuts(matrix).implied_rows == 0, reason


@pytest.mark.parametrize("start", ["2025-01-06", "2025-01-31", "2025-06-14"])
def test_the_optimum_stays_and_the_relaxed_one_rises(start: str) -> None:
    """A center with a service, a queue, a store and a month's peak, 24 h: same optimum with the rows, nearer relaxation."""
    matrix = center_matrix(24, start)
    tight = with_rounding_cuts(matrix)
    assert tight.implied_rows == 24
    assert exact_cost(tight) == pytest.approx(exact_cost(matrix), rel=1e-6)  # HiGHS' gap of the two searches
    before, after = solve(matrix.relaxed()).cost, solve(tight.relaxed()).cost
    assert before + 1.0 < after <= exact_cost(matrix) + 1e-6


def test_prices_do_not_lean_on_the_rows() -> None:
    """With whole numbers held, an hour's price is that of its balance: added rows have none, costs are those without them."""
    matrix = center_matrix(24)
    tight, whole = with_rounding_cuts(matrix), np.flatnonzero(matrix.is_integer)
    relaxation = Relaxation(tight)
    up = np.ceil(relaxation.optimum().values[whole] - 1e-6)
    relaxation.drop_implied_rows()
    answer = relaxation.solve_fixed(whole, up)
    assert answer.row_dual is not None
    assert not answer.row_dual[-tight.implied_rows :].any()
    assert answer.cost == pytest.approx(solve(matrix.with_fixed(whole, up).relaxed()).cost)
