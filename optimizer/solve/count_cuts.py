"""Mixed-integer rounding cuts of counts that carry chosen items: a gang of 23.1 blocks of cards keeps 24 of them on.

A count n carries items, `n ≥ b + Σ a·y − u`: y = 1 where an item is there (it was chosen, at one of its times), u ≥ 0 what
may be left uncarried. Written around one item i, y_i = 1 − z, this is `n + a_i·z − Σ a·y + u ≥ b + a_i`, which is rounded
(Nemhauser and Wolsey, Integer and Combinatorial Optimization, 1988, II.1.6; Marchand and Wolsey, Operations Research 49
(2001)). The relaxed problem pays for parts of a block; with the cuts it pays for whole ones wherever an item is placed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Integers, Matrix
from optimizer.solve.ordered_sets import ordered_sets_of
from optimizer.solve.rounding_cuts import aggregated, count_rows

SAME = 1e-9
"""Sizes this near to each other are equal; they come from divisions of doubles."""
LEAST_REST, MOST_REST = 0.02, 1 - 1e-6
"""Part of a unit that is rounded up; a smaller one gives rows with huge factors, a larger one gains nothing."""
MOST_ENTRIES = 1.0
"""Most numbers in the cuts, as a share of those in the problem: with more every solve takes longer than they spare."""

Cut = tuple[Integers, Floats, float]
"""Columns, factors and side of `cut·x ≥ side`."""


@dataclass(frozen=True)
class _Carried:
    """A row `n ≥ b + Σ a·y − u` in units of the count."""

    count: int
    """Column n."""
    base: float
    columns: Integers
    """Columns that bring an item in."""
    item: Integers
    """Number of the item of each column."""
    size: Floats
    """Units of each item."""
    single: Integers
    """Items of which there is at most one."""
    uncarried: Integers
    relief: Floats
    """Columns of what may be left uncarried, and their units."""


def with_count_cuts(matrix: Matrix) -> Matrix:
    """Problem with the cuts around every item of every count, counted in `implied_rows`; as it is where they are too many."""
    cuts = [
        cut for row in _carried_rows(matrix) for item in row.single if (cut := _rounded(row, int(item))) is not None
    ]
    if not cuts or sum(len(columns) for columns, _, _ in cuts) > MOST_ENTRIES * matrix.rows.nnz:
        return matrix
    ends = np.cumsum([0, *(len(columns) for columns, _, _ in cuts)])
    entries = np.concatenate([factors for _, factors, _ in cuts]), np.concatenate([columns for columns, _, _ in cuts])
    rows = sp.csr_array((*entries, ends), shape=(len(cuts), len(matrix.cost)))
    return replace(
        matrix,
        rows=sp.csc_array(sp.vstack([matrix.rows, rows], format="csc")),
        row_lower=np.append(matrix.row_lower, [side for _, _, side in cuts]),
        row_upper=np.append(matrix.row_upper, np.full(len(cuts), np.inf)),
        implied_rows=matrix.implied_rows + len(cuts),
    )


def _carried_rows(matrix: Matrix) -> Iterator[_Carried]:
    """Rows of a problem in which counts carry chosen items."""
    sets = ordered_sets_of(matrix)
    by_row = sp.csr_array(matrix.rows)
    counts = count_rows(matrix, by_row)
    if sets is None or not len(counts.rows):
        return
    owner = np.arange(len(matrix.cost)) + len(sets.weight)  # a column of no set is an item of its own, perhaps several
    for number, part in enumerate(sets):
        owner[sets.columns[part]] = number
    rows, sides = _with_items(matrix, by_row, *aggregated(matrix, by_row, counts))
    for row in range(rows.shape[0]):
        carried = _carried(matrix, rows[[row]], float(sides[row]), owner, len(sets.weight))
        if carried is not None:
            yield carried


def _with_items(matrix: Matrix, by_row: sp.csr_array, rows: sp.csr_array, sides: Floats) -> tuple[sp.csr_array, Floats]:
    """Count rows with the sums of items that they hold written out."""
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    whole = matrix.is_integer[by_row.indices]
    fits = np.where(whole, (by_row.data > 0) & (matrix.lower[by_row.indices] >= 0), by_row.data < 0)
    wrong = np.bincount(row_of, weights=~fits, minlength=by_row.shape[0])
    sums = np.bincount(row_of, weights=~whole, minlength=by_row.shape[0]) == 1
    sums &= (wrong == 0) & (matrix.row_lower == matrix.row_upper) & (np.diff(by_row.indptr) > 1)
    entry = np.flatnonzero(sums[row_of] & ~whole)
    sum_of = np.full(by_row.shape[1], -1, dtype=np.int64)
    factor_in = np.ones(by_row.shape[1])
    sum_of[by_row.indices[entry]], factor_in[by_row.indices[entry]] = row_of[entry], by_row.data[entry]
    own = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    held = (rows.data > 0) & (sum_of[rows.indices] >= 0)
    column = rows.indices[held]
    times = sp.csr_array(
        (rows.data[held] / factor_in[column], (own[held], sum_of[column])), shape=(rows.shape[0], by_row.shape[0])
    )
    right = np.where(np.isfinite(matrix.row_lower), matrix.row_lower, 0.0)
    return sp.csr_array(rows - times @ by_row), sides - times @ right


def _carried(matrix: Matrix, row: sp.csr_array, side: float, owner: Integers, sets: int) -> _Carried | None:
    """A row `Σ g·x − a·n ≤ side` as a count that carries items. None: it is none."""
    column, factor = row.indices[row.data != 0].astype(np.int64), row.data[row.data != 0]
    whole, lower = matrix.is_integer[column], matrix.lower[column]
    counted, items, other = whole & (factor < 0), whole & (factor > 0), ~whole
    if counted.sum() != 1 or not items.any() or (lower[items] != 0).any() or not np.isfinite(lower[other]).all():
        return None
    unit = -float(factor[counted][0])
    kinds, item = np.unique(owner[column[items]], return_inverse=True)
    size, least = np.zeros(len(kinds)), np.full(len(kinds), np.inf)
    np.maximum.at(size, item, factor[items] / unit)
    np.minimum.at(least, item, factor[items] / unit)
    if (size - least > SAME).any():
        return None
    relief = other & (factor < 0) & (matrix.upper[column] > lower)
    return _Carried(
        count=int(column[counted][0]),
        base=(float(factor[other] @ lower[other]) - side) / unit,
        columns=column[items],
        item=item,
        size=size,
        single=np.flatnonzero(kinds < sets),
        uncarried=column[relief],
        relief=-factor[relief] / unit,
    )


def _rounded(row: _Carried, single: int) -> Cut | None:
    """Cut around one item. None: nothing is rounded up."""
    needed = row.base + row.size[single]
    rest = float(needed - np.floor(needed))
    if not LEAST_REST < rest < MOST_REST:
        return None
    around = _up(row.size[[single]], rest)[0]
    factors = _up(-row.size, rest)
    factors[single] = -around
    columns = np.concatenate([[row.count], row.columns, row.uncarried])
    entries = np.concatenate([[1.0], factors[row.item], row.relief / rest])
    return columns[entries != 0], entries[entries != 0], float(np.ceil(needed) - around)


def _up(sizes: Floats, rest: float) -> Floats:
    """Mixed-integer rounding of factors in a row of the form ≥."""
    floor = np.floor(sizes + SAME)
    up: Floats = floor + np.minimum(np.maximum(sizes - floor, 0.0) / rest, 1.0)
    return up
