"""Fenchel cuts of packings: facets of the convex hull of what fits into a row together, each item taken at most once.

Dual feasible functions (`knapsack_cuts`) look at sizes alone, as if there were any number of each. Of a few large items
(the gangs of a pool in one hour) all packings can be listed, and a linear problem finds the row that a point breaks most
(Boyd, SIAM Journal on Optimization 3 (1993), doi:10.1137/0803038); items the point does not use are lifted in (Balas, Mathematical
Programming 8 (1975), doi:10.1007/BF01580440).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve
from optimizer.solve.knapsack_cuts import knapsack_rows, with_cut_rows
from optimizer.solve.ordered_sets import ordered_sets_of

MOST_PACKINGS = 400
"""With more of them in a row its linear problem takes longer than the cut is worth."""
BROKEN_BY = 1e-3
"""A cut that is broken by less gains nothing measurable."""
MOST_ROUNDS, LEAST_GAIN = 10, 1e-4
"""Rounds of cuts, and the share of the bound that a round must gain for another one."""
USED = 1e-6
"""HiGHS' integer tolerance: a share below is none."""
SAME = 1e-9
"""Sizes add up to what fits within this; they come from divisions of doubles."""


@dataclass(frozen=True)
class Items:
    """Items of a knapsack row: the columns that bring each in, and its share of what fits."""

    columns: Integers
    item: Integers
    """Number of the item of each column."""
    size: Floats
    """Share of each item, shape (items,)."""

    def taken(self, values: Floats) -> Floats:
        """How much of each item a point takes."""
        taken: Floats = np.bincount(self.item, weights=values[self.columns], minlength=len(self.size)).astype(float)
        return taken


@dataclass(frozen=True)
class PackingSeparation:
    """Separation of the packings of a problem's knapsacks: which of their facets a point breaks."""

    rows: list[Items]

    def cut_off(self, matrix: Matrix, values: Floats) -> Matrix | None:
        """Problem with the facets that a point breaks, counted in `implied_rows`. None: it breaks none."""
        cuts = [cut for items in self.rows if (cut := packing_cut(items, values)) is not None]
        if not cuts:
            return None
        ends = np.cumsum([0, *(len(columns) for columns, _ in cuts)])
        entries = np.concatenate([factors for _, factors in cuts]), np.concatenate([columns for columns, _ in cuts])
        return with_cut_rows(matrix, sp.csr_array((*entries, ends), shape=(len(cuts), len(matrix.cost))))


def packing_separation_of(matrix: Matrix) -> PackingSeparation | None:
    """Separation of a problem's packings. None: no row has a large item."""
    knapsacks = knapsack_rows(matrix)
    if knapsacks is None:
        return None
    owner = _owners(matrix)
    slices = [slice(begin, end) for begin, end in zip(knapsacks.indptr[:-1], knapsacks.indptr[1:], strict=True)]
    return PackingSeparation([_items(knapsacks.indices[part], knapsacks.data[part], owner) for part in slices])


def with_packing_cuts(posed: Matrix, cut: Matrix, relaxed: Answer, left: Callable[[], float]) -> tuple[Matrix, Answer]:
    """Problem with the facets of its packings that relaxed optima break, a few rounds long, and the relaxed optimum it then has.

    `posed`: the problem as it is, `cut`: with cuts of other kinds behind its rows, `relaxed`: the optimum with them.
    """
    separation = packing_separation_of(posed)
    if separation is None:
        return cut, relaxed
    for _ in range(MOST_ROUNDS):
        tighter = separation.cut_off(cut, relaxed.values) if left() > 0 else None
        if tighter is None:
            break
        try:
            answer = solve(tighter.relaxed(), Limits(seconds=left()))
        except SolverError:  # time is over: the last round stands
            break
        gained, cut, relaxed = answer.cost - relaxed.cost, tighter, answer
        if gained < LEAST_GAIN * abs(answer.cost):
            break
    return cut, relaxed


def _owners(matrix: Matrix) -> Integers:
    """Item of every column: its ordered set, or itself where it is taken at most once; −1: it may be there more than once."""
    owner = np.full(len(matrix.cost), -1, dtype=np.int64)
    count = 0
    if (sets := ordered_sets_of(matrix)) is not None:
        count = len(sets.weight)
        for number, part in enumerate(sets):
            owner[sets.columns[part]] = number
    single = np.flatnonzero((owner < 0) & matrix.is_integer & (matrix.upper <= 1))
    owner[single] = count + single
    return owner


def _items(columns: Integers, shares: Floats, owner: Integers) -> Items:
    """Items of a row `Σ share·x ≤ 1`. Columns of none are left out: what is left still fits. An item is as large as the smallest
    of its columns."""
    kept = owner[columns] >= 0
    names, item = np.unique(owner[columns[kept]], return_inverse=True)
    size = np.full(len(names), np.inf)
    np.minimum.at(size, item, shares[kept])
    return Items(columns[kept].astype(np.int64), item, size)


def packing_cut(items: Items, values: Floats) -> tuple[Integers, Floats] | None:
    """Columns and factors of the row `… ≤ 1` over packings that a point breaks most. None: it breaks none, or they are too many."""
    taken = items.taken(values)
    used = np.flatnonzero(taken > USED)
    if items.size[used].sum() <= 1 + SAME:
        return None
    packings = _largest_packings(items.size[used])
    if packings is None:
        return None
    factors = np.zeros(len(taken))
    factors[used] = _most_broken(packings, taken[used])
    if factors @ taken < 1 + BROKEN_BY:
        return None
    factors = _lifted(factors, items.size, used)
    of_columns = factors[items.item]
    return items.columns[of_columns > 0], of_columns[of_columns > 0]


def _largest_packings(size: Floats) -> sp.csr_array | None:
    """Packings to which nothing can be added, shape (packings, items). None: there are too many."""
    order = np.argsort(-size, kind="stable")
    found: list[list[int]] = []
    stack: list[tuple[int, float, list[int]]] = [(0, 1.0 + SAME, [])]
    steps = 0
    while stack:
        place, room, chosen = stack.pop()
        steps += 1
        if len(found) > MOST_PACKINGS or steps > 20 * MOST_PACKINGS:
            return None
        fitting = [n for n in range(place, len(order)) if size[order[n]] <= room]
        if not fitting:
            if not any(size[n] <= room and n not in chosen for n in order):
                found.append(chosen)
            continue
        for number in fitting:
            stack.append((number + 1, room - size[order[number]], [*chosen, int(order[number])]))
    ends = np.cumsum([0, *map(len, found)])
    columns = np.concatenate([np.array(chosen, dtype=np.int64) for chosen in found])
    return sp.csr_array((np.ones(len(columns)), columns, ends), shape=(len(found), len(size)))


def _most_broken(packings: sp.csr_array, taken: Floats) -> Floats:
    """Factors of the row over all packings that a point breaks most."""
    count = len(taken)
    problem = Matrix(
        cost=-taken,
        offset=0.0,
        rows=sp.csc_array(packings),
        row_lower=np.full(packings.shape[0], -np.inf),
        row_upper=np.ones(packings.shape[0]),
        lower=np.zeros(count),
        upper=np.ones(count),
        is_integer=np.zeros(count, dtype=bool),
        step=np.zeros(count, dtype=np.int64),
    )
    return np.clip(solve(problem).values, 0.0, 1.0)


def _lifted(factors: Floats, size: Floats, used: Integers) -> Floats:
    """Factors with those of unused items as large as they may be: what is left beside them, one after the other, the largest first."""
    lifted = factors.copy()
    rooms, worth = np.zeros(1), np.zeros(1)
    for item in used:
        rooms, worth = _with_item(rooms, worth, size[item], factors[item])
    others = np.setdiff1d(np.arange(len(size)), used)
    for item in others[np.argsort(-size[others], kind="stable")]:
        beside = worth[rooms <= 1 - size[item] + SAME]
        lifted[item] = max(1.0 - (beside.max() if len(beside) else 0.0), 0.0)
        rooms, worth = _with_item(rooms, worth, size[item], lifted[item])
    return np.where(lifted > SAME, lifted, 0.0)


def _with_item(rooms: Floats, worth: Floats, size: float, factor: float) -> tuple[Floats, Floats]:
    """Packings that matter (more room is worth more) with an item that may be in them."""
    fits = rooms + size <= 1 + SAME
    rooms, worth = np.append(rooms, rooms[fits] + size), np.append(worth, worth[fits] + factor)
    order = np.lexsort((-worth, rooms))
    rooms, worth = rooms[order], worth[order]
    best = np.maximum.accumulate(np.append(-np.inf, worth[:-1]))
    return rooms[worth > best], worth[worth > best]
