"""Branch and bound over special ordered sets: the steps of a choice are halved, everything else stays relaxed.

A job that starts once is a row of columns, one a step, of which one is taken. Branching on one column is lopsided: "not in
this hour" excludes nearly nothing. Halving the row, "before this hour" or "not before it", excludes much on both sides
(Beale and Tomlin, Proc. 5th Int. Conf. on Operational Research, 1970). Whole numbers in no such row stay relaxed: the bound
holds for them too, and a plan is made around the choices afterwards.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Floats, Integers, Matrix, SolverError
from optimizer.solve.relaxation import Mark, Relaxation

WHOLE = 1e-6
"""HiGHS' integer tolerance."""
CANDIDATES = 2
"""Sets tried at a node; the one whose halves raise the bound most is branched on (strong branching)."""
BRANCHINGS_TO_JUDGE, LEAST_CLOSED = 20, 0.14
"""After so many branchings the search is given up where it has closed less of the gap. Where cheap hours decide it has closed a
sixth to a third by then, where room does (large gangs) a tenth, and branch and bound with cuts is quicker there."""
BRANCHINGS_A_ROUNDING = 5
"""Branchings from one try to round to the next."""


@dataclass(frozen=True)
class OrderedSets:
    """Special ordered sets of a problem: of the columns of each, in order of time, one is taken."""

    columns: Integers
    """All their columns, one set after the other."""
    edges: Integers
    """First of each set among them, and their number at the end."""
    weight: Floats
    """How much room each takes."""

    def __iter__(self) -> Iterator[slice]:
        return (slice(int(begin), int(end)) for begin, end in zip(self.edges[:-1], self.edges[1:], strict=True))


@dataclass(order=True)
class _Node:
    """Part of all plans: columns that may be taken, and the relaxed optimum of the part."""

    bound: float
    number: int
    upper: Floats = field(compare=False)
    values: Floats = field(compare=False)
    mark: Mark = field(compare=False)


@dataclass(frozen=True)
class Branched:
    """End of a search: a bound of all plans, and the best choices known; none where none was found, or it was given up."""

    bound: float
    chosen: Floats | None
    """Values of the sets' columns."""
    nodes: int


def ordered_sets_of(matrix: Matrix) -> OrderedSets | None:
    """Ordered sets of a problem: rows `Σ x = 1` over whole numbers x, with at most one other column. None: there are none."""
    by_row = sp.csr_array(matrix.rows)
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    whole = matrix.is_integer[by_row.indices]
    wrong = (by_row.data != 1.0) | (matrix.lower[by_row.indices] < 0)
    wrong |= whole & (matrix.upper[by_row.indices] > 1)
    rows = by_row.shape[0]
    counts = (np.bincount(row_of, weights=flags, minlength=rows) for flags in (wrong, whole, ~whole))
    any_wrong, of_whole, others = counts
    fits = (any_wrong == 0) & (of_whole >= 2) & (others <= 1)
    fits &= (matrix.row_lower == 1.0) & (matrix.row_upper == 1.0)
    sets = [
        _in_order(matrix, by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]]) for row in np.flatnonzero(fits)
    ]
    if not sets or len(np.unique(columns := np.concatenate(sets))) < len(columns):
        return None
    size = np.asarray(abs(matrix.rows[:, columns]).sum(axis=0)).ravel()
    edges = np.cumsum([0, *map(len, sets)])
    return OrderedSets(columns, edges, np.maximum.reduceat(size, edges[:-1]))


def _in_order(matrix: Matrix, columns: Integers) -> Integers:
    """Columns in order of time, the one that is no whole number (nothing is taken in the plan) last."""
    ordered: Integers = columns[np.lexsort((columns, matrix.step[columns], ~matrix.is_integer[columns]))].astype(
        np.int64
    )
    return ordered


class _Search:
    """State of one search: the open relaxed problem, the nodes not yet branched on, the bound of those cut off."""

    def __init__(self, matrix: Matrix, sets: OrderedSets, gap: float):
        self.sets, self.gap = sets, gap
        self._open = Relaxation(matrix)
        self.heap: list[_Node] = []
        self.cut_off = math.inf
        self.nodes = 0
        self.cost = math.inf
        """Of the best choices, everything else relaxed."""
        self.chosen: Floats | None = None

    @property
    def bound(self) -> float:
        """Least cost of any plan."""
        return min(self.heap[0].bound if self.heap else math.inf, self.cut_off)

    def enough(self) -> float:
        """Bound from which on a part of the plans is of no interest."""
        return math.inf if self.chosen is None else self.cost - self.gap * abs(self.cost)

    def solved(self, upper: Floats, mark: Mark | None) -> _Node | None:
        """Relaxed optimum of a part of the plans. None: there is none. Raises SolverError at the deadline."""
        self.nodes += 1
        answer = self._open.optimum_within(self.sets.columns, np.zeros_like(upper), upper, mark)
        if answer is None:
            return None
        return _Node(answer.cost, self.nodes, upper, answer.values[self.sets.columns], self._open.mark())

    def keep(self, nodes: list[_Node]) -> None:
        """Nodes to branch on later, but those that are good enough."""
        for node in nodes:
            if node.bound >= self.enough():
                self.cut_off = min(self.cut_off, node.bound)
            else:
                heapq.heappush(self.heap, node)

    def rounded(self, values: Floats) -> None:
        """Choices that take the likeliest column of every set, if they are the best."""
        chosen = np.zeros_like(values)
        for part in self.sets:
            chosen[part.start + int(np.argmax(values[part]))] = 1.0
        answer = self._open.optimum_within(self.sets.columns, chosen, chosen, None)
        if answer is not None and answer.cost < self.cost:
            self.cost, self.chosen = answer.cost, chosen

    def halves(self, node: _Node) -> list[_Node] | None:
        """Both halves of the set that raises the bound most. None: all sets are settled."""
        spread = np.array([_spread(node.values[part]) for part in self.sets]) * self.sets.weight
        candidates = np.argsort(-spread, kind="stable")[:CANDIDATES]
        best, most = None, -1.0
        for number in candidates[spread[candidates] > WHOLE]:
            split = [self.solved(upper, node.mark) for upper in self._split(node, int(number))]
            raised = [math.inf if half is None else max(half.bound - node.bound, WHOLE) for half in split]
            score = min(math.prod(raised), math.inf)
            if score > most:
                best, most = [half for half in split if half is not None], score
            if not best or math.isinf(score):
                break  # one half is empty: no choice is better
        return best

    def _split(self, node: _Node, number: int) -> tuple[Floats, Floats]:
        """Upper bounds of both halves of a set, divided where the relaxed optimum has its middle."""
        begin, end = int(self.sets.edges[number]), int(self.sets.edges[number + 1])
        taken = np.maximum(node.values[begin:end], 0.0)
        middle = begin + math.floor(float(taken @ np.arange(end - begin)) / taken.sum()) + 1
        before, after = node.upper.copy(), node.upper.copy()
        before[middle:end], after[begin:middle] = 0.0, 0.0
        return before, after


def _spread(taken: Floats) -> float:
    """Mean distance of a set's columns from their middle, as they are taken; 0 for one that is settled."""
    share = np.maximum(taken, 0.0)
    if share.max() > 1 - WHOLE:
        return 0.0
    place = np.arange(len(share))
    return float(share @ np.abs(place - share @ place / share.sum()))


def branched(
    matrix: Matrix, sets: OrderedSets, begin: Floats | None, gap: float, left: Callable[[], float]
) -> Branched:
    """Bound, and best choices, by halving ordered sets until the gap is closed, time is over, or little comes of it.

    `begin`: values of all columns in a plan. Raises SolverError where the relaxed problem has no optimum.
    """
    search = _Search(matrix, sets, gap)
    root = search.solved(matrix.upper[sets.columns], None)
    if root is None:
        raise SolverError("the relaxed problem has no optimum")
    search.keep([root])
    if begin is not None:
        search.rounded(begin[sets.columns])
    branchings = 0
    while search.heap and search.bound < search.enough() and left() > 0:
        node = heapq.heappop(search.heap)
        try:
            if branchings % BRANCHINGS_A_ROUNDING == 0:
                search.rounded(node.values)
            halves = search.halves(node)
            if halves is None:  # all sets are settled
                search.rounded(node.values)
                search.cut_off = min(search.cut_off, node.bound)
            else:
                search.keep(halves)
        except SolverError:  # the deadline
            search.keep([node])
            break
        branchings += 1
        if branchings == BRANCHINGS_TO_JUDGE and not _worthwhile(search, root.bound):
            return Branched(search.bound, None, search.nodes)
    return Branched(search.bound if math.isfinite(search.bound) else root.bound, search.chosen, search.nodes)


def _worthwhile(search: _Search, begin: float) -> bool:
    """Whether enough of the gap is closed to go on."""
    return search.chosen is None or search.bound - begin >= LEAST_CLOSED * (search.enough() - begin)
