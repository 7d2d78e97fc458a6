"""Cutting along time: which window owns what, and that prices at the relaxed optimum give that optimum back, to the cent."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sites import center, exact_cost, pool, small, tie

from optimizer.solve.decomposition import (
    constant_of_prices,
    cut,
    lagrangian_window,
    prices_from_duals,
    restricted_window,
    slackened,
)
from optimizer.solve.highs import Matrix, solve
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.storage import Storage

RNG = np.random.default_rng(3)


def center_matrix(steps: int = 24, start: str = "2025-01-31") -> Matrix:
    """A center with a month's peak, a store, a queue and starts: all that crosses a cut. The month ends within 48 h."""
    assets = center(
        tie=tie(demand_price=20_000.0, import_limit_mw=2.0, export_limit_mw=0.5, export_price=300.0),
        pool=pool(cards=160, per_block=40, start_up_cost_per_block=8.0),
        battery=Storage(power_mw=0.1, energy_mwh=0.4, end_value_per_mwh=200.0),
        inference=Service(pool="pool", cards=30.0),
        training=Queue(pool="pool", arrival_cards=25.0, deadline_h=8),
    )
    prices = np.random.default_rng(3).uniform(100, 900, steps)
    return small(assets, steps, start=start, series={("tie", "import_price_per_mwh"): prices}).compiled().matrix


def test_rows_belong_to_the_window_of_their_columns() -> None:
    """Steps 0 | 1 2 | shared: a row in one window is its, a row over the cut is a link, a shared column is nobody's."""
    rows = sp.csc_array(np.array([[1.0, 0, 0, 1], [0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]]))
    free = np.full(4, np.inf)
    matrix = Matrix(
        np.ones(4), 0.0, rows, -free, free, np.zeros(4), free, np.zeros(4, dtype=bool), np.array([0, 1, 2, -1])
    )
    split = cut(matrix, np.array([1]))
    assert split.windows == 2
    assert split.column_window.tolist() == [0, 1, 1, -1]
    assert split.row_window.tolist() == [0, 1, -1, -1]
    assert split.links().tolist() == [2, 3]


@pytest.mark.parametrize("edges", [[12], [6, 12, 18], list(range(1, 24)), [24, 40]])
def test_prices_of_the_relaxed_whole_give_its_optimum_back(edges: list[int]) -> None:
    """Σ windows' relaxed optima + what the prices are worth = relaxed optimum. Any price with a wrong sign falls below it."""
    matrix = center_matrix(48 if max(edges) > 23 else 24).relaxed()
    whole = solve(matrix)
    assert whole.row_dual is not None
    split = cut(matrix, np.array(edges))
    prices = prices_from_duals(split, whole.row_dual)
    bound = constant_of_prices(split, prices)
    bound += sum(solve(lagrangian_window(split, prices, window).matrix).cost for window in range(split.windows))
    assert bound == pytest.approx(whole.cost, rel=1e-6)  # duals are exact to 1e-7


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.9])
def test_any_prices_give_a_bound(factor: float) -> None:
    """Prices at the cuts that are far off, even none at all, give a worse bound, never one above the whole optimum."""
    matrix = center_matrix()
    relaxed = solve(matrix.relaxed())
    assert relaxed.row_dual is not None
    split = cut(matrix, np.array([8, 16]))
    dual = relaxed.row_dual.copy()
    dual[split.row_window < 0] *= factor
    prices = prices_from_duals(split, dual)
    bound = constant_of_prices(split, prices)
    bound += sum(solve(lagrangian_window(split, prices, window).matrix).bound for window in range(split.windows))
    assert bound <= exact_cost(matrix) + 1e-6
    assert bound > -np.inf


def test_windows_held_at_a_plan_keep_it_feasible() -> None:
    """Each window's answer put in place of its part of the plan leaves a plan that is no dearer: 24 h in 3 windows."""
    matrix = center_matrix()
    point = solve(matrix.relaxed()).values
    whole = np.flatnonzero(matrix.is_integer)
    plan = solve(matrix.with_fixed(whole, np.ceil(point[whole] - 1e-6)).relaxed())
    split = cut(matrix, np.array([8, 16]))
    for window in range(split.windows):
        part = slackened(restricted_window(split, plan.values, window), 2e-7)
        answer = solve(part.matrix)
        values = plan.values.copy()
        values[part.own] = answer.values[: len(part.own)]
        better = solve(matrix.with_fixed(whole, np.round(values[whole])).relaxed())
        assert better.cost <= plan.cost + 1e-4  # each row may be 2e-7 off, times prices of some hundred
        plan = better
