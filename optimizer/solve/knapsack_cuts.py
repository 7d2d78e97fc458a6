"""Knapsack cuts from dual feasible functions: what whole numbers can never fill is taken out of the relaxed problem.

A row `Σ a·x ≤ C` with whole numbers x ≥ 0 and large a (gangs in a pool) is weak without them: three gangs of 40 % seem to
fit to 83 %. A dual feasible function f has Σ f(s) ≤ 1 for all sizes with Σ s ≤ 1, so `Σ f(a/C)·x ≤ 1` holds for every
plan (Fekete and Schepers, Mathematical Programming 91 (2001); Clautiaux, Alves and Valério de Carvalho, Annals of
Operations Research 179 (2010)). Those that the relaxed optimum breaks are added, a few rounds long.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve

LARGE = 0.05
"""Share of the side from which on an item is large: smaller ones fill a row nearly whole."""
MOST_LEVELS = 40
"""Most levels at which the functions step, spread over the sizes that occur."""
MOST_ROUNDS = 6
ROWS_A_ROUND = 4
"""Most cuts of one knapsack in a round: the most broken."""
BROKEN_BY = 1e-3
"""A cut that is broken by less gains nothing measurable."""
SAME = 1e-9
"""Shares this near to each other are equal; they come from divisions of doubles."""


@dataclass(frozen=True)
class Separation:
    """Separation of the knapsacks of a problem: which cuts a point breaks."""

    knapsacks: sp.csr_array
    """Shares of the side, one row a knapsack."""
    kind: Integers
    """Number of the size of each share."""
    functions: Floats
    """Values of dual feasible functions at each size, shape (functions, sizes)."""

    def cut_off(self, matrix: Matrix, values: Floats) -> Matrix | None:
        """Problem with the cuts that a point breaks, counted in `implied_rows`. None: it breaks none."""
        cuts = _broken(self.knapsacks, self.kind, self.functions, values)
        return with_cut_rows(matrix, cuts) if cuts.shape[0] else None


def separation_of(matrix: Matrix) -> Separation | None:
    """Separation of a problem's knapsacks. None: none has a large item."""
    knapsacks = knapsack_rows(matrix)
    if knapsacks is None:
        return None
    sizes, kind = np.unique(np.round(knapsacks.data, 9), return_inverse=True)
    return Separation(knapsacks, kind, _dual_feasible(sizes))


def with_knapsack_cuts(matrix: Matrix, left: Callable[[], float] = lambda: math.inf) -> tuple[Matrix, Answer]:
    """Problem with the cuts its relaxed optimum breaks, counted in `implied_rows`, and the relaxed optimum it then has.

    `left`: seconds left for rounds after the first optimum.
    """
    relaxed, separation = solve(matrix.relaxed()), separation_of(matrix)
    if separation is None:
        return matrix, relaxed
    for _ in range(MOST_ROUNDS):
        cut = separation.cut_off(matrix, relaxed.values)
        if cut is None or left() <= 0:
            break
        try:
            matrix, relaxed = cut, solve(cut.relaxed(), Limits(seconds=left()))
        except SolverError:  # time is over: the last round stands
            break
    return matrix, relaxed


def knapsack_rows(matrix: Matrix) -> sp.csr_array | None:
    """Rows `Σ share·x ≤ 1` over whole numbers x ≥ 0, shares positive. None: none with a large item.

    Found in rows whose only continuous column is what they sum to, and has an upper bound.
    """
    by_row = sp.csr_array(matrix.rows)
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    whole = matrix.is_integer[by_row.indices]
    fits = np.where(whole, (by_row.data > 0) & (matrix.lower[by_row.indices] >= 0), by_row.data < 0)
    others = np.bincount(row_of, weights=~whole, minlength=by_row.shape[0])
    wrong = np.bincount(row_of, weights=~fits, minlength=by_row.shape[0])
    most_negative = np.bincount(
        row_of,
        weights=np.where(whole, 0.0, by_row.data * np.where(whole, 0.0, matrix.upper[by_row.indices])),
        minlength=by_row.shape[0],
    )
    side, finite = np.full(by_row.shape[0], np.inf), np.isfinite(matrix.row_upper) & np.isfinite(most_negative)
    side[finite] = matrix.row_upper[finite] - most_negative[finite]
    rows = np.flatnonzero((others <= 1) & (wrong == 0) & np.isfinite(side) & (side > 0))
    items = by_row[rows]
    shares = sp.csr_array(sp.diags_array(1 / side[rows]) @ items)
    shares.data[~matrix.is_integer[shares.indices]] = 0.0
    shares.eliminate_zeros()
    shares = shares[np.flatnonzero(np.diff(shares.indptr) > 1)]
    return shares if shares.nnz and shares.data.max() >= LARGE else None


def _dual_feasible(sizes: Floats) -> Floats:
    """Values of dual feasible functions at each size, shape (functions, sizes)."""
    levels = np.unique(np.concatenate([sizes, 1 - sizes, sizes / 2, (1 - sizes) / 2]))
    levels = levels[(levels >= LARGE) & (levels <= 0.5)]
    if len(levels) > MOST_LEVELS:
        levels = levels[np.linspace(0, len(levels) - 1, MOST_LEVELS).round().astype(int)]
    factors = np.unique(np.round(np.concatenate([n / sizes[sizes >= LARGE] for n in range(1, 4)]), 9))
    factors = factors[(factors >= 1) & (factors <= 1 / LARGE)]
    if len(factors) > MOST_LEVELS:
        factors = factors[np.linspace(0, len(factors) - 1, MOST_LEVELS).round().astype(int)]
    values = [_threshold(sizes, level) for level in levels]
    values += [_rounded_to_level(sizes, level) for level in levels]
    values += [_multiples(sizes, number) for number in range(1, 12)]
    values += [np.floor(factor * sizes + SAME) / np.floor(factor + SAME) for factor in factors]
    distinct: Floats = np.unique(np.round(values, 12), axis=0)
    return distinct


def _threshold(sizes: Floats, level: float) -> Floats:
    """Above 1 − level an item fills all, below level it counts nothing."""
    return np.where(sizes > 1 - level + SAME, 1.0, np.where(sizes >= level - SAME, sizes, 0.0))


def _rounded_to_level(sizes: Floats, level: float) -> Floats:
    """Small items rounded down to whole levels, large ones to 1 less what fits beside them."""
    number = np.floor(1 / level + SAME)
    small, beside = np.floor(sizes / level + SAME) / number, np.floor((1 - sizes) / level + SAME) / number
    return np.where(sizes > 0.5 + SAME, 1 - beside, np.where(sizes < 0.5 - SAME, small, 0.5))


def _multiples(sizes: Floats, number: int) -> Floats:
    """Rounded down to parts of one over `number` + 1, but for whole ones."""
    scaled = (number + 1) * sizes
    return np.where(np.abs(scaled - np.round(scaled)) < SAME, sizes, np.floor(scaled) / number)


def _broken(knapsacks: sp.csr_array, kind: Integers, functions: Floats, values: Floats) -> sp.csr_array:
    """Cuts that a point breaks most, as rows `… ≤ 1`."""
    chosen: list[sp.csr_array] = []
    taken = values[knapsacks.indices]
    for row in range(knapsacks.shape[0]):
        entries = slice(knapsacks.indptr[row], knapsacks.indptr[row + 1])
        broken_by = functions[:, kind[entries]] @ taken[entries] - 1
        most = np.argsort(-broken_by, kind="stable")[:ROWS_A_ROUND]
        for function in most[broken_by[most] > BROKEN_BY]:
            factors = functions[function, kind[entries]]
            keeps = factors > 0
            columns = knapsacks.indices[entries][keeps]
            chosen.append(_row(factors[keeps], columns, knapsacks.shape[1]))
    return sp.csr_array(sp.vstack(chosen)) if chosen else sp.csr_array((0, knapsacks.shape[1]))


def _row(factors: Floats, columns: NDArray[np.int32], width: int) -> sp.csr_array:
    return sp.csr_array((factors, columns, np.array([0, len(columns)])), shape=(1, width))


def with_cut_rows(matrix: Matrix, cuts: sp.csr_array) -> Matrix:
    """Problem with further rows `… ≤ 1`, counted in `implied_rows`."""
    count = cuts.shape[0]
    return replace(
        matrix,
        rows=sp.csc_array(sp.vstack([matrix.rows, cuts], format="csc")),
        row_lower=np.concatenate([matrix.row_lower, np.full(count, -np.inf)]),
        row_upper=np.concatenate([matrix.row_upper, np.ones(count)]),
        implied_rows=matrix.implied_rows + count,
    )
