"""Complementarity in plans: pairs of columns that break it, whole numbers that enforce it, directions from shares.

Where burning power pays, a linear optimum lets a store charge and discharge in one step. Whole numbers for the direction
are added only for pairs that some optimum breaks, with the columns' own bounds as big M: relaxed, they leave the convex
hull of the pair. Everything else stays linear.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve
from optimizer.solve.pairs import Pairs

CHOICE_GAP, CHOICE_SECONDS = 0.01, 60.0
"""How well and how long directions are sought where those that follow the relaxed optimum leave no plan."""
Flags = NDArray[np.bool_]
BROKEN = 1e-6
"""Of its range: how far both columns of a pair must be from rest. HiGHS holds bounds and rows to 1e-7."""


def shares(matrix: Matrix, values: Floats) -> tuple[Floats, Floats]:
    """Distance of both columns of every pair from rest, as shares of their ranges; shape (pairs,) each."""
    first, second, from_top = matrix.pairs.first, matrix.pairs.second, matrix.pairs.from_top
    lower, upper = matrix.lower, matrix.upper
    away = np.where(from_top, upper[second] - values[second], values[second] - lower[second])
    return _share(values[first] - lower[first], upper[first] - lower[first]), _share(
        away, upper[second] - lower[second]
    )


def _share(away: Floats, of: Floats) -> Floats:
    """Share of a range in use; 0 of a range of length 0."""
    share: Floats = np.divide(away, of, out=np.zeros_like(away), where=of > 0)
    return share


def broken_pairs(matrix: Matrix, values: Floats) -> Integers:
    """Numbers of the pairs with neither column at rest."""
    if not len(matrix.pairs) or np.isnan(values).any():  # no point was found
        return np.zeros(0, dtype=np.int64)
    first, second = shares(matrix, values)
    broken: Integers = np.flatnonzero(np.minimum(first, second) > BROKEN)
    return broken


def of_their_kind(pairs: Pairs, some: Integers) -> Integers:
    """Numbers of all pairs that were declared together with some."""
    alike: Integers = np.flatnonzero(np.isin(pairs.kind, pairs.kind[some]))
    return alike


def guarded(matrix: Matrix, chosen: Integers) -> Matrix:
    """Problem with a whole number for the direction of each chosen pair; new columns and rows after the others.

    Rows that are implied stay last.
    """
    if not len(chosen):
        return matrix
    pairs, count = matrix.pairs.take(chosen), len(chosen)
    number, columns = np.arange(count), len(matrix.cost)
    first_range = (matrix.upper - matrix.lower)[pairs.first]
    second_range = (matrix.upper - matrix.lower)[pairs.second]
    sign = np.where(pairs.from_top, -1.0, 1.0)
    rest = np.where(pairs.from_top, -matrix.upper[pairs.second], matrix.lower[pairs.second])
    starts = _rows(number, pairs.first, np.ones(count), columns, -first_range)
    stops = _rows(number, pairs.second, sign, columns, second_range)
    kept = len(matrix.row_lower) - matrix.implied_rows
    wide = sp.csr_array(sp.hstack([matrix.rows, sp.csc_array((len(matrix.row_lower), count))]))
    new_upper = np.concatenate([matrix.lower[pairs.first], rest + second_range])
    step = np.maximum(matrix.step[pairs.first], matrix.step[pairs.second])
    return replace(
        matrix,
        cost=np.append(matrix.cost, np.zeros(count)),
        rows=sp.csc_array(sp.vstack([wide[:kept], starts, stops, wide[kept:]])),
        row_lower=np.insert(matrix.row_lower, kept, np.full(2 * count, -np.inf)),
        row_upper=np.insert(matrix.row_upper, kept, new_upper),
        lower=np.append(matrix.lower, np.zeros(count)),
        upper=np.append(matrix.upper, np.ones(count)),
        is_integer=np.append(matrix.is_integer, np.ones(count, dtype=bool)),
        step=np.append(matrix.step, step),
        guards=matrix.guards.followed_by(pairs),
        begin=None if matrix.begin is None else np.append(matrix.begin, np.full(count, np.nan)),
    )


def _rows(number: Integers, columns: Integers, factors: Floats, before: int, of_guard: Floats) -> sp.csr_array:
    """Rows `factor · column + of_guard · guard`, one a guard; the guards stand after `before` columns."""
    count = len(number)
    data = np.concatenate([factors, of_guard])
    places = np.concatenate([number, number]), np.concatenate([columns, before + number])
    return sp.csr_array((data, places), shape=(count, before + count))


def resting(matrix: Matrix, values: Floats, broken: Integers, free: Flags) -> tuple[Integers, Floats]:
    """(columns, bounds) that bring broken pairs to rest. `free`: which columns are not fixed already.

    What a pair moves may accumulate (a store): then its direction follows the shares over time, in sum. Else it is the net of
    both columns, which leaves the row they share as it was.
    """
    pairs, (row, first_factor, second_factor) = matrix.pairs.take(broken), _shared_rows(matrix, broken)
    gathers = _gathers(matrix, row, free)
    first, second = values[pairs.first] - matrix.lower[pairs.first], values[pairs.second] - matrix.lower[pairs.second]
    second = np.where(pairs.from_top, matrix.upper[pairs.second] - values[pairs.second], second)
    goes = first_factor * first >= second_factor * second
    goes[gathers] = _in_sum(matrix, values, broken[gathers])
    columns = np.where(goes, pairs.second, pairs.first)
    return columns, np.where(goes & pairs.from_top, matrix.upper[columns], matrix.lower[columns])


def _in_sum(matrix: Matrix, values: Floats, broken: Integers) -> Flags:
    """Whether the first column of each pair moves, so that what accumulates stays where it was (sum-up rounding: Sager, Jung,
    Kirches 2011, doi:10.1007/s10107-009-0308-4)."""
    pairs, (first, second) = matrix.pairs, shares(matrix, values)
    goes, owed, kind = np.zeros(len(broken), dtype=bool), 0.0, -1
    for place in np.lexsort((matrix.step[pairs.first[broken]], pairs.kind[broken])):
        pair = broken[place]
        owed = first[pair] / (first[pair] + second[pair]) + (owed if pairs.kind[pair] == kind else 0.0)
        kind, goes[place] = pairs.kind[pair], owed >= 0.5
        owed -= goes[place]
    return goes


def _shared_rows(matrix: Matrix, some: Integers) -> tuple[Integers, Floats, Floats]:
    """For each pair the shortest balance both columns are in (−1: none), and how much each counts there."""
    pairs = matrix.pairs.take(some)
    balances = np.flatnonzero(matrix.row_lower == matrix.row_upper)
    by_row = sp.csr_array(matrix.rows)[balances]
    first, second = abs(by_row[:, pairs.first]), abs(by_row[:, pairs.second])
    both = sp.coo_array(first.multiply(second))
    longest_first = np.argsort(-np.diff(by_row.indptr)[both.row], kind="stable")  # the shortest is written last
    place, pair = both.row[longest_first], both.col[longest_first]
    row, factors = np.full(len(some), -1, dtype=np.int64), np.ones((2, len(some)))
    row[pair] = balances[place]
    for number, part in enumerate((first, second)):
        factors[number, pair] = np.asarray(sp.csr_array(part)[place, pair]).ravel()
    return row, factors[0], factors[1]


def _gathers(matrix: Matrix, rows: Integers, free: Flags) -> Flags:
    """Whether free columns of several steps are in each row, as in a store's balance; −1: no row."""
    part = sp.csr_array(matrix.rows)[np.maximum(rows, 0)]
    row_of = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
    moves = free[part.indices] & (matrix.step[part.indices] >= 0)
    steps, row_of = matrix.step[part.indices[moves]], row_of[moves]
    least, most = np.full(len(rows), np.iinfo(np.int64).max), np.full(len(rows), -1)
    np.minimum.at(least, row_of, steps)
    np.maximum.at(most, row_of, steps)
    gathers: Flags = (rows >= 0) & (least < most)
    return gathers


def guarded_where_broken(matrix: Matrix) -> tuple[Matrix, Answer]:
    """Problem with whole numbers for every kind of pair that its relaxed optimum breaks, and that optimum."""
    relaxed, done = solve(matrix.relaxed()), np.zeros(0, dtype=np.int64)
    while True:
        kinds = of_their_kind(matrix.pairs, broken_pairs(matrix, relaxed.values))
        new = np.setdiff1d(kinds, done)
        if not len(new):
            return matrix, relaxed
        matrix, done = guarded(matrix, new), np.union1d(done, new)
        relaxed = solve(matrix.relaxed())


def complementary_answer(matrix: Matrix, limits: Limits | None = None) -> Answer:
    """Optimum of a problem and its complementary pairs, with whole numbers for the kinds that some optimum breaks.

    Raises SolverError as `solve` does.
    """
    if not len(matrix.pairs):
        return solve(matrix, limits)
    posed, relaxed = guarded_where_broken(matrix)
    answer = _from_start(posed, limits) if posed.is_integer.any() else relaxed
    while len(broken := broken_pairs(matrix, answer.values)):
        posed = guarded(posed, of_their_kind(matrix.pairs, broken))
        answer = _from_start(posed, limits)
    dual = None if answer.row_dual is None else answer.row_dual[: len(matrix.row_lower)]
    return replace(answer, values=answer.values[: len(matrix.cost)], row_dual=dual)


def _from_start(posed: Matrix, limits: Limits | None) -> Answer:
    """Complementary optimum from the limits' start, which knows no directions."""
    if limits is None or limits.start is None:
        return solve(posed, limits)
    start = np.append(limits.start, np.zeros(len(posed.cost) - len(limits.start)))
    return solve(posed, replace(limits, start=with_directions(posed, start)))


def unguarded_broken(matrix: Matrix, values: Floats) -> Integers:
    """Numbers of the broken pairs that have no whole number for their direction yet."""
    return unguarded(matrix, broken_pairs(matrix, values))


def unguarded(matrix: Matrix, some: Integers) -> Integers:
    """Numbers of those of some pairs that have no whole number for their direction yet."""
    width = len(matrix.cost)
    keys, known = (pairs.first * width + pairs.second for pairs in (matrix.pairs.take(some), matrix.guards))
    return some[~np.isin(keys, known)]


def at_rest(matrix: Matrix, values: Floats) -> tuple[Integers, Floats]:
    """(columns, bounds) of the guarded pairs that rest, by the whole numbers for their directions."""
    pairs, goes = matrix.guards, values[len(values) - len(matrix.guards) :] > 0.5
    columns = np.where(goes, pairs.second, pairs.first)
    return columns, np.where(goes & pairs.from_top, matrix.upper[columns], matrix.lower[columns])


def rest_beside(matrix: Matrix, values: Floats) -> tuple[Integers, Floats]:
    """(columns, bounds) that rest in a plan because the other of their pair moves."""
    first, second = shares(matrix, values)
    moves = np.flatnonzero(np.maximum(first, second) > BROKEN)
    pairs, goes = matrix.pairs.take(moves), (first > second)[moves]
    columns = np.where(goes, pairs.second, pairs.first)
    return columns, np.where(goes & pairs.from_top, matrix.upper[columns], matrix.lower[columns])


def with_directions(matrix: Matrix, values: Floats) -> Floats:
    """A plan's values with the direction of every guarded pair as the plan has it."""
    directed, count = values.copy(), len(matrix.guards)
    first, _ = shares(replace(matrix, pairs=matrix.guards), values)
    directed[len(directed) - count :] = first > BROKEN
    return directed


def unguarded_whole(matrix: Matrix) -> Integers:
    """Columns of whole numbers other than directions of pairs."""
    whole: Integers = np.flatnonzero(matrix.is_integer[: len(matrix.cost) - len(matrix.guards)])
    return whole


def chosen_directions(fixed: Matrix, broken: Integers, seconds: float = CHOICE_SECONDS) -> tuple[Integers, Floats]:
    """(columns, bounds) that bring pairs of the broken kinds to rest, as whole numbers have it. Raises SolverError.

    For where directions that follow the relaxed optimum leave no plan; `fixed`: the problem with its other whole numbers fixed.
    """
    chosen = of_their_kind(fixed.pairs, broken)
    posed = guarded(fixed, chosen)
    flags = np.arange(len(posed.cost)) >= len(fixed.cost)
    answer = solve(replace(posed, is_integer=flags), Limits(gap=CHOICE_GAP, seconds=seconds))
    if answer.status == "bound":
        raise SolverError("no directions of complementary pairs were found in time")
    pairs, goes = fixed.pairs.take(chosen), shares(fixed, answer.values)[0][chosen] > BROKEN
    columns = np.where(goes, pairs.second, pairs.first)
    return columns, np.where(goes & pairs.from_top, fixed.upper[columns], fixed.lower[columns])
