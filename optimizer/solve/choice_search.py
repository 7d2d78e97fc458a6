"""Search over choices among whole numbers (a job starts once, somewhere): found by relax and fix, improved by large neighbourhoods.

A choice is a row by which one of several columns is taken. Relax and fix decides the choices that weigh most first, a few
at a time, the rest relaxed (Wolsey, Integer Programming, 1998, 12.5). Then some choices at a time are opened again, the
others fixed (large-neighbourhood search, Shaw 1998). Whole numbers that are no choices (counts of capacity) stay open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, relative_gap, solve

AT_ONCE = 8
"""Choices decided at once, at first: with more of them branch and bound takes long, with fewer the order decides too much."""
PART_SECONDS = 6.0
"""Most for one small problem."""
PART_NODES, FIX_NODES = 200, 30
"""Most nodes of one small problem: when choices are opened again, and when they are first fixed."""
NEAR_GAPS = 4.0
"""Asked gaps within which a small problem decides its choices; left further from its bound it is cut in two."""
MOST_PARTS = 12
"""Small problems of relax and fix: with many choices each decides more of them."""


@dataclass(frozen=True)
class Choices:
    """Choices of a problem: the columns that belong to each."""

    columns: Integers
    """Columns that are chosen or not."""
    owner: Integers
    """Choice of each of them, 0 … count − 1."""
    weight: Floats
    """How much room a choice takes, shape (count,)."""

    @property
    def count(self) -> int:
        """Number of choices."""
        return len(self.weight)

    def columns_of(self, some: Integers) -> Integers:
        """Columns of some choices."""
        return self.columns[np.isin(self.owner, some)]


def choices_of(matrix: Matrix) -> Choices | None:
    """Choices of a problem: equality rows over whole numbers with an initial value, all with the factor 1. None: there are none."""
    if matrix.begin is None:
        return None
    by_row = sp.csr_array(matrix.rows)
    row_of = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    is_choice = np.isfinite(matrix.begin[by_row.indices]) & (by_row.data == 1.0)
    is_choice &= (matrix.row_lower == matrix.row_upper)[row_of]
    whole = np.bincount(row_of, weights=matrix.is_integer[by_row.indices], minlength=by_row.shape[0])
    chosen = np.bincount(row_of, weights=is_choice, minlength=by_row.shape[0])
    rows = np.flatnonzero((chosen == whole) & (chosen > 0))
    entries = is_choice & np.isin(row_of, rows)
    columns, first = np.unique(by_row.indices[entries], return_index=True)
    if not len(columns):
        return None
    owner = np.searchsorted(rows, row_of[entries][first])
    size = np.asarray(abs(matrix.rows[:, columns]).sum(axis=0)).ravel()
    kept, owner = np.unique(owner, return_inverse=True)
    weight = np.zeros(len(kept))
    np.maximum.at(weight, owner, size)
    return Choices(columns.astype(np.int64), owner, weight)


def relaxed_and_fixed(matrix: Matrix, choices: Choices, gap: float, left: Callable[[], float]) -> Matrix | None:
    """Relax and fix: the problem with all choices fixed where they were decided, the weightiest first; `left`: seconds left.

    Those that time does not reach are held at the least they can be. None: it came to a dead end.
    """
    order = np.argsort(-choices.weight, kind="stable")
    parts = np.array_split(order, min(max(-(-choices.count // AT_ONCE), 1), MOST_PARTS))[::-1]
    fixed = matrix
    while parts and left() > 0:
        part = parts.pop()
        columns = choices.columns_of(part)
        flags = np.zeros_like(matrix.is_integer)
        flags[columns] = True
        limits = replace(_limits(gap, 2 * left() / (len(parts) + 1)), nodes=FIX_NODES)
        answer = answer_if_any(replace(fixed, is_integer=flags), limits)
        near = answer is not None and (answer.gap <= NEAR_GAPS * gap or len(part) == 1)
        if answer is not None and near:
            fixed = fixed.with_fixed(columns, np.round(answer.values[columns]))
        elif len(part) > 1:
            parts += np.array_split(part, 2)[::-1]
        else:
            return None
    rest = choices.columns_of(np.concatenate([*parts, np.array([], dtype=np.int64)]))
    return fixed.with_fixed(rest, matrix.lower[rest])


def answer_if_any(matrix: Matrix, limits: Limits) -> Answer | None:
    """Plan within limits; None where the time gave none, or a bound alone."""
    try:
        answer = solve(matrix, limits)
    except SolverError:
        return None
    return None if answer.status == "bound" else answer


def improved_choices(
    matrix: Matrix, choices: Choices, plan: Answer, bound: float, gap: float, left: Callable[[], float]
) -> Answer:
    """A plan with better choices, some of them opened at a time, until its gap is closed, time is over or nothing helps."""
    rng, at_once, in_vain = np.random.default_rng(0), min(float(AT_ONCE), choices.count * MOST_OPEN), 0
    if at_once < LEAST_OPEN:
        return plan  # branch and bound over all of them is as quick
    while left() > 0 and relative_gap(plan.cost, bound) > gap and in_vain < MOST_IN_VAIN:
        opened = _near_a_time(matrix, choices, plan.values, round(at_once), rng)
        fixed = np.setdiff1d(np.arange(choices.count), opened)
        columns = choices.columns_of(fixed)
        part = matrix.with_fixed(columns, np.round(plan.values[columns]))
        limits = replace(_limits(gap * PART_SHARE, left()), start=plan.values)
        answer = solve(part, limits)
        better = answer.status != "bound" and answer.cost < plan.cost - LEAST_GAIN * gap * abs(plan.cost)
        if better:
            plan = answer
        in_vain = 0 if better else in_vain + 1
        if answer.status == "optimal" and not better:
            at_once = min(at_once * GROWTH, choices.count)
        elif answer.status != "optimal":
            at_once = max(at_once / GROWTH, 2.0)
    return plan


PART_SHARE = 0.2
"""Share of the requested gap to which a small problem is solved."""
LEAST_GAIN = 0.01
"""Share of the requested gap that counts as a gain."""
MOST_IN_VAIN = 12
MOST_OPEN, LEAST_OPEN = 1 / 3, 4.0
"""Share of all choices opened at first, of few choices; with less to open no search begins."""
GROWTH = 1.3
"""Factor by which more choices are opened when all was solved in vain, and fewer when that took too long."""


def _limits(gap: float, left: float) -> Limits:
    return Limits(gap=gap, seconds=max(min(PART_SECONDS, left), 0.1), nodes=PART_NODES)


def _near_a_time(matrix: Matrix, choices: Choices, values: Floats, many: int, rng: np.random.Generator) -> Integers:
    """Choices taken nearest to a random time; one not taken is as near as its nearest column."""
    step = matrix.step[choices.columns]
    center = rng.choice(step)
    taken = values[choices.columns] > 0.5
    distance = np.abs(step - center) + rng.uniform(0.0, SPREAD_STEPS, len(step))
    any_taken = np.bincount(choices.owner, weights=taken, minlength=choices.count) > 0
    distance = np.where(any_taken[choices.owner] & ~taken, np.inf, distance)
    nearest = np.full(choices.count, np.inf)
    np.minimum.at(nearest, choices.owner, distance)
    return np.argsort(nearest, kind="stable")[:many]


SPREAD_STEPS = 12.0
"""Steps within which chance decides who is near."""
