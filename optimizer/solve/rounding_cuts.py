"""Rows that whole numbers obey and their relaxation does not: a problem's relaxed optimum comes nearer to the true one.

Where a count must carry a known demand, a row such as `work ≤ 64 n` and a balance `work + unserved = 2,300 + other work`
say that n ≥ 35.94, so n ≥ 36 unless something is left unserved. That is mixed-integer rounding (Nemhauser and Wolsey,
Integer and Combinatorial Optimization, 1988, II.1.6) of a row aggregated with the balance that fills it. The solver
finds such rows too, but anew in every window; stated once they make the relaxed whole nearly whole, and windows quick
(`make bench PART=rounding`).

Works on the matrix, so it knows no technology. Every added row holds for all plans: no plan is lost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.solve.highs import Floats, Integers, Matrix

Flags = NDArray[np.bool_]
LARGEST_BALANCE = 16
"""Columns of a balance that may fill a count's row: longer ones are energy balances, where something is always free."""
WHOLE = 1e-6
"""A share of a unit this near to a whole number is one; rounding it would give rows with huge factors."""
NOTHING = 1e-9
"""What is left, in units, of a column that was taken away."""


def with_rounding_cuts(matrix: Matrix) -> Matrix:
    """Problem with mixed-integer rounding cuts added at the end, counted in `implied_rows`."""
    if not matrix.is_integer.any():
        return matrix
    by_row = sp.csr_array(matrix.rows)
    counts = count_rows(matrix, by_row)
    if not len(counts.rows):
        return matrix
    return _with_rows(matrix, *_rounded(matrix, *aggregated(matrix, by_row, counts)))


class _CountRows:
    """Rows `Σ b·y − a·n ≤ side` with one whole number n and a > 0, signs turned to this form."""

    def __init__(self, rows: Integers, signs: Floats, sides: Floats):
        self.rows, self.signs, self.sides = rows, signs, sides


def count_rows(matrix: Matrix, by_row: sp.csr_array) -> _CountRows:
    """One-sided rows of one step that bound continuous columns by a single whole number."""
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    whole = matrix.is_integer[by_row.indices]
    wholes = np.bincount(row_of, weights=whole, minlength=by_row.shape[0])
    factor = np.bincount(row_of, weights=np.where(whole, by_row.data, 0.0), minlength=by_row.shape[0])
    upper_only = np.isfinite(matrix.row_upper) & ~np.isfinite(matrix.row_lower)
    lower_only = np.isfinite(matrix.row_lower) & ~np.isfinite(matrix.row_upper)
    fits = (wholes == 1) & _of_one_step(matrix, by_row) & (upper_only & (factor < 0) | lower_only & (factor > 0))
    rows = np.flatnonzero(fits & (np.diff(by_row.indptr) > 1))
    signs = np.where(upper_only[rows], 1.0, -1.0)
    return _CountRows(rows, signs, signs * np.where(upper_only, matrix.row_upper, matrix.row_lower)[rows])


def _of_one_step(matrix: Matrix, by_row: sp.csr_array) -> Flags:
    """Whether all columns of a row belong to one step, shape (rows,)."""
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    steps = matrix.step[by_row.indices]
    least = np.full(by_row.shape[0], np.iinfo(np.int64).max)
    most = np.full(by_row.shape[0], -1)
    np.minimum.at(least, row_of, steps)
    np.maximum.at(most, row_of, steps)
    same_step: Flags = (least == most) & (least >= 0)
    return same_step


def aggregated(matrix: Matrix, by_row: sp.csr_array, counts: _CountRows) -> tuple[sp.csr_array, Floats]:
    """Count rows with the balances of their columns taken away: `Σ g·x − a·n ≤ side`, (rows, sides)."""
    balance_of, factor_in = _balances(matrix, by_row)
    own = sp.csr_array(sp.diags_array(counts.signs) @ by_row[counts.rows])
    row_of = np.repeat(np.arange(own.shape[0]), np.diff(own.indptr))
    fills = (own.data > 0) & ~matrix.is_integer[own.indices] & (balance_of[own.indices] >= 0)
    row_of, column, factor = row_of[fills], own.indices[fills], own.data[fills]
    strongest = np.lexsort((-np.abs(factor_in[column]), balance_of[column], row_of))
    row_of, column, factor = row_of[strongest], column[strongest], factor[strongest]
    first = np.ones(len(column), dtype=bool)  # of several columns in one balance only the strongest is taken away
    first[1:] = (np.diff(row_of) != 0) | (np.diff(balance_of[column]) != 0)
    row_of, column, factor = row_of[first], column[first], factor[first]
    times = sp.csr_array(
        (factor / factor_in[column], (row_of, balance_of[column])), shape=(own.shape[0], by_row.shape[0])
    )
    sides = np.where(np.isfinite(matrix.row_lower), matrix.row_lower, 0.0)
    return sp.csr_array(own - times @ by_row), counts.sides - times @ sides


def _balances(matrix: Matrix, by_row: sp.csr_array) -> tuple[Integers, Floats]:
    """For each column the shortest balance of one step it is in (−1: none), and its factor there."""
    length = np.diff(by_row.indptr)
    is_balance = (matrix.row_lower == matrix.row_upper) & (length <= LARGEST_BALANCE) & _of_one_step(matrix, by_row)
    row_of = np.repeat(np.arange(by_row.shape[0]), length)
    entry = np.flatnonzero(is_balance[row_of])
    entry = entry[np.argsort(-length[row_of[entry]], kind="stable")]  # the shortest is written last
    balance_of = np.full(by_row.shape[1], -1, dtype=np.int64)
    factor_in = np.ones(by_row.shape[1])
    balance_of[by_row.indices[entry]] = row_of[entry]
    factor_in[by_row.indices[entry]] = by_row.data[entry]
    return balance_of, factor_in


def _rounded(matrix: Matrix, rows: sp.csr_array, sides: Floats) -> tuple[sp.csr_array, Floats]:
    """Rounding cuts `n + Σ s·(x − lower) ≥ up` in the form (rows, right sides), for rows `Σ g·x − a·n ≤ side`.

    A row gives none if something that has no price, or no lower bound, can take the place of the count.
    """
    rows.sum_duplicates()
    row_of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    column, factor = rows.indices, rows.data
    counted = _counted(matrix, rows, row_of)
    unit = -np.bincount(row_of, weights=np.where(counted, factor, 0.0), minlength=rows.shape[0])
    lower = matrix.lower[column]
    other = ~counted & (np.abs(factor) > NOTHING * unit[row_of])
    void = other & (~np.isfinite(lower) | ((factor < 0) & (matrix.cost[column] <= 0)))
    least = (
        np.bincount(
            row_of,
            weights=np.where(other & ~void, factor * np.where(np.isfinite(lower), lower, 0.0), 0.0),
            minlength=rows.shape[0],
        )
        - sides
    )
    keeps = (np.bincount(row_of, weights=void, minlength=rows.shape[0]) == 0) & (unit > 0)
    units = np.where(keeps, least / np.where(unit > 0, unit, 1.0), 0.0)
    up = np.ceil(units - WHOLE)
    rest = np.where(keeps, units - (up - 1.0), 1.0)  # in (0, 1]
    beyond = up > np.bincount(row_of, weights=np.where(counted, lower, 0.0), minlength=rows.shape[0])
    keeps &= beyond & (rest > 1e-3) & (rest < 1 - WHOLE)
    slack = other & (factor < 0)
    share = np.where(slack, -factor / (unit * rest)[row_of].clip(min=1e-30), 0.0)
    data = np.where(counted, 1.0, share)
    right = up + np.bincount(row_of, weights=np.where(slack, share * lower, 0.0), minlength=rows.shape[0])
    cuts = sp.csr_array((data, column, rows.indptr), shape=rows.shape)[np.flatnonzero(keeps)]
    cuts.eliminate_zeros()
    return cuts, right[keeps]


def _counted(matrix: Matrix, rows: sp.csr_array, row_of: Integers) -> Flags:
    """Entries that are the row's own integer: the only one with a negative factor. Rows with several have none."""
    whole = matrix.is_integer[rows.indices] & (rows.data < 0)
    several = np.bincount(row_of, weights=whole, minlength=rows.shape[0]) != 1
    counted: Flags = whole & ~several[row_of]
    return counted


def _with_rows(matrix: Matrix, rows: sp.csr_array, right: Floats) -> Matrix:
    return replace(
        matrix,
        rows=sp.csc_array(sp.vstack([matrix.rows, rows], format="csc")),
        row_lower=np.concatenate([matrix.row_lower, right]),
        row_upper=np.concatenate([matrix.row_upper, np.full(len(right), np.inf)]),
        implied_rows=rows.shape[0],
    )
