"""Capacity search under rows that span the plan (a yearly ratio, a carbon cap): their multipliers, and the sizes that keep them.

Fixed sizes make a year quick to solve, a row that ties all its hours makes it slow again. So the rows leave the problem as
in `priced_rows`, and sizes are sought at their multipliers; a master problem mixes what was found until the rows hold, and
its duals are the next multipliers (Dantzig and Wolfe 1960, doi:10.1287/opre.8.1.101). Sizes may be any number, so a mix of
plans is a plan of the mixed sizes: what the master costs is above the relaxed optimum, each search's bound below it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from optimizer.solve.benders_cuts import LEAST_REACH, at_sizes
from optimizer.solve.block_basis import opened_from_blocks
from optimizer.solve.capacity_search import (
    SAMPLE_GAP,
    optimum_over_sizes,
    sample_for_sizes,
    searched,
    sizes_of_a_sample,
)
from optimizer.solve.deadline import seconds_left
from optimizer.solve.highs import Answer, Floats, Integers, Matrix, SolverError, relative_gap
from optimizer.solve.priced_rows import PricedRows
from optimizer.solve.relaxation import Basis, Relaxation
from optimizer.solve.representative_weeks import Sample
from optimizer.solve.row_multipliers import INWARD, Master, own_columns, plan_long_rows
from optimizer.solve.workers import Progress, WindowPool

MOST_SEARCHES = 12
"""Multipliers at which sizes are sought."""
SIZES_SHARE, MIX_SHARE = 0.3, 0.4
"""Of the requested gap: what a search may leave, and what may lie between the master and the best bound."""
NEAR_ZERO = 0.25
"""Of the cost of what a row adds up, on average: its multiplier's first reach. Far from the best one searches are slow."""
TRUST = 0.2
"""How far a multiplier moves from the best one known, in shares of it, the first time; each time farther."""
AGAIN = 0.5
"""Of these shares, where sizes are sought once more because the gap is open."""
MOST_FITS = 3
"""Times that sizes are fitted to the whole numbers of a plan: it misses less each time."""
SHARP = 0.5
"""Of `SIZES_SHARE`, where rows are priced: what searches leave adds up in the mix."""


@dataclass(frozen=True)
class _Found:
    """Best sizes at some multipliers: their values, what they and their hours cost and add to the rows, and a bound."""

    multipliers: Floats
    sizes: Floats
    cost: float
    activity: Floats
    passed: Floats
    """What passes through the rows, whatever its sign."""
    bound: float
    row_dual: Floats | None = None


@dataclass(frozen=True)
class Mixture:
    """Sizes found at several multipliers, and the master problem that mixes them so that the rows hold."""

    priced: PricedRows
    """Rows at the best multipliers."""
    master: Master
    found: list[_Found]

    def with_room(self, missed: Floats) -> Floats | None:
        """Sizes of the cheapest mix that keeps the rows with so much to spare, shape (rows,). None: no mix does.

        `missed`: what whole numbers add to the rows beyond their sides, plus above the upper, minus below the lower one.
        """
        matrix, rows = self.priced.of, self.priced.rows
        row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
        row_lower[rows] -= np.minimum(missed, 0.0)
        row_upper[rows] -= np.maximum(missed, 0.0)
        posed = replace(self.master, matrix=replace(matrix, row_lower=row_lower, row_upper=row_upper))
        for _ in range(MOST_SEARCHES):
            try:
                mixed = posed.solved()
            except SolverError:
                return None
            if not mixed.cut_short:
                return _sizes_of(mixed.shares, self.found)
        return None

    def fitted(
        self, matrix: Matrix, relaxation: Relaxation, sizes: Integers, plan: Answer, bound: float, gap: float
    ) -> tuple[Answer, Answer]:
        """A relaxed plan, and what it is with the rows in place, at sizes that leave its whole numbers room in the rows.

        `plan`: the relaxed one; whole numbers (machines that stand by, starts) use what the sizes were found without.
        """
        whole = np.flatnonzero(matrix.is_integer)
        room, at_rows = np.zeros(len(self.priced.rows)), self.priced.as_it_is(matrix, plan)
        best = plan, at_rows
        for _ in range(MOST_FITS):
            room += self.priced.missed(plan)
            sizes_found = self.with_room(room) if relative_gap(best[1].cost, bound) > gap and room.any() else None
            if sizes_found is None:
                break
            relaxation.free(sizes, sizes_found, sizes_found)
            try:
                plan = relaxation.solve_fixed(whole, np.round(plan.values[whole]))
            except SolverError:
                break
            best = min(best, (plan, self.priced.as_it_is(matrix, plan)), key=lambda pair: pair[1].cost)
        return best


class _Problem(Protocol):
    """Whole plan, or a sample of it, in which sizes are sought."""

    @property
    def sizes(self) -> Integers:
        """Columns of the sizes in the whole."""

    def at(self, priced: PricedRows, begin: Floats) -> _Found:
        """Sizes sought at multipliers, first at `begin`, in shares of their ranges."""


def optimum_under_rows(
    matrix: Matrix, sizes: Integers, gap: float, pool: WindowPool, progress: Progress
) -> tuple[Mixture | None, Relaxation, Answer]:
    """Relaxed problem without the rows that span the plan, open with the best sizes fixed, and its answer there; and what was
    mixed to find them.

    The answer's bound is one of the problem with its rows and with all its sizes. Without rows that may be missed at a
    penalty none are priced. Raises SolverError.
    """
    rows = plan_long_rows(matrix)
    priced = PricedRows.found(matrix, rows, np.zeros(len(rows)))
    sample = sample_for_sizes(matrix if priced is None else priced.relaxed(), sizes)
    begin, leave = sizes_of_a_sample(sample), SIZES_SHARE * gap
    if priced is None:
        relaxation = opened_from_blocks(at_sizes(matrix, sizes, begin), pool, progress)
        return None, relaxation, optimum_over_sizes(matrix, relaxation, sizes, gap=leave, begin=begin, sample=sample)
    priced, begin = _by_sample(priced, sizes, begin, sample)
    opened = opened_from_blocks(at_sizes(priced.relaxed(), sizes, begin), pool, progress)
    whole = _Whole(matrix, sizes, SHARP * leave, opened)
    return _at_the_mix(priced, whole, begin, MIX_SHARE * gap, progress)


def optimum_again(
    matrix: Matrix,
    sizes: Integers,
    begin: Floats,
    mixture: Mixture | None,
    basis: Basis,
    gap: float,
    progress: Progress,
) -> tuple[Mixture | None, Relaxation, Answer]:
    """The same for a problem with further rows at its end, from sizes, a mix and a basis found without these rows.

    The search begins at the last multipliers of the mix, and leaves half as much: its bound is wanted. Raises SolverError.
    """
    begin, leave = _shares_of_ranges(matrix, sizes, begin), AGAIN * SIZES_SHARE * gap
    if mixture is None:
        relaxation = Relaxation(at_sizes(matrix, sizes, begin), basis)
        sample = sample_for_sizes(matrix, sizes)
        return None, relaxation, optimum_over_sizes(matrix, relaxation, sizes, gap=leave, begin=begin, sample=sample)
    priced = replace(mixture.priced, of=matrix, multipliers=mixture.master.solved().multipliers)
    opened = Relaxation(at_sizes(priced.relaxed(), sizes, begin), basis)
    whole = _Whole(matrix, sizes, SHARP * leave, opened)
    return _at_the_mix(priced, whole, begin, AGAIN * MIX_SHARE * gap, progress)


def _at_the_mix(
    priced: PricedRows, whole: _Whole, begin: Floats, gap: float, progress: Progress
) -> tuple[Mixture, Relaxation, Answer]:
    """What was mixed, and the relaxed problem at its best multipliers, open with the mixed sizes fixed, and its answer there."""
    mixture, best, at = _mixed(priced, whole, begin, gap, progress)
    relaxation = Relaxation(mixture.priced.relaxed().with_fixed(whole.sizes, at), whole.relaxation.basis())
    bound = best.bound + priced.of.offset
    return mixture, relaxation, replace(relaxation.optimum(), bound=bound, row_dual=best.row_dual)


def _by_sample(priced: PricedRows, sizes: Integers, begin: Floats, sample: Sample) -> tuple[PricedRows, Floats]:
    """Multipliers and sizes that suit a sample of weeks: where the search of the whole begins."""
    try:
        mixture, _, at = _mixed(priced, _Sampled(priced.of, sample), begin, SAMPLE_GAP, lambda *_: None)
    except SolverError:
        return priced, begin
    return mixture.priced, _shares_of_ranges(priced.of, sizes, at)


def _mixed(
    priced: PricedRows, problem: _Problem, begin: Floats, gap: float, progress: Progress
) -> tuple[Mixture, _Found, Floats]:
    """What was found, at the best multipliers too, and sizes whose mixed plans keep the rows, its cost within `gap` of the bound."""
    matrix, found = priced.of, [problem.at(priced, begin)]
    master = Master(matrix, priced.rows, 1, _average_cost(found[0]))
    while True:
        master.add(0, found[-1].cost, found[-1].activity)
        mixed = master.solved()
        best = max(found, key=lambda one: one.bound)
        at = _sizes_of(mixed.shares, found)
        mixture = Mixture(replace(priced, multipliers=best.multipliers), master, found)
        near = mixed.cost - best.bound <= gap * abs(mixed.cost + matrix.offset)
        if (near and not mixed.cut_short) or len(found) >= MOST_SEARCHES or seconds_left() <= 0:
            return mixture, best, at
        way = (1.0 if len(found) == 1 else INWARD) * (mixed.multipliers - best.multipliers)
        within = np.where(best.multipliers != 0, TRUST * len(found) * np.abs(best.multipliers), np.inf)
        asked = replace(priced, multipliers=best.multipliers + np.clip(way, -within, within))
        try:
            found.append(problem.at(asked, _shares_of_ranges(matrix, problem.sizes, at)))
        except SolverError:  # no time left: the mix of what there is keeps the rows, or pays for what it misses
            return mixture, best, at
        progress("price rows of the whole", len(found), MOST_SEARCHES)


def _sizes_of(shares: Floats, found: list[_Found]) -> Floats:
    mixed: Floats = shares @ np.array([one.sizes for one in found])
    return mixed


@dataclass
class _Whole:
    """Whole plan, kept open."""

    matrix: Matrix
    sizes: Integers
    leave: float
    relaxation: Relaxation

    def at(self, priced: PricedRows, begin: Floats) -> _Found:
        posed = priced.relaxed()
        self.relaxation = Relaxation(at_sizes(posed, self.sizes, begin), self.relaxation.basis())
        sample = sample_for_sizes(posed, self.sizes)
        answer = optimum_over_sizes(posed, self.relaxation, self.sizes, gap=self.leave, begin=begin, sample=sample)
        added = _added(priced, answer.values, np.arange(len(answer.values)), np.ones(len(answer.values)))
        bound, values = answer.bound - self.matrix.offset, answer.values[self.sizes]
        return _Found(priced.multipliers, values, *added, bound, answer.row_dual)


@dataclass
class _Sampled:
    """Sample of weeks, kept open."""

    matrix: Matrix
    sample: Sample

    @property
    def sizes(self) -> Integers:
        return self.sample.columns[self.sample.sizes]

    def at(self, priced: PricedRows, begin: Floats) -> _Found:
        sample, columns, posed = self.sample, self.sample.columns, priced.relaxed()
        cost = posed.cost[columns] * sample.stands_for
        sample.relaxation.charge(np.arange(len(cost)), cost)
        part = replace(sample.matrix, cost=cost)
        cuts, bound, _ = searched(part, sample.relaxation, sample.sizes, begin, SIZES_SHARE * SAMPLE_GAP, None)
        best = min(cuts, key=lambda one: one.cost)
        values = best.answer.values
        bound += posed.offset - self.matrix.offset
        added = _added(priced, values, columns, sample.stands_for)
        return _Found(priced.multipliers, values[sample.sizes], *added, bound)


def _added(priced: PricedRows, values: Floats, columns: Integers, stands_for: Floats) -> tuple[float, Floats, Floats]:
    """Cost of a plan of some columns, what it adds to the rows, and what passes through them, shape (rows,); without
    columns of these rows alone."""
    matrix, counted = priced.of, values * stands_for
    counted[np.isin(columns, own_columns(matrix, priced.rows))] = 0.0
    by_row = sp.csr_array(matrix.rows)[priced.rows][:, columns]
    return float(matrix.cost[columns] @ counted), by_row @ counted, abs(by_row) @ np.abs(counted)


def _average_cost(found: _Found) -> Floats:
    """Share of a plan's cost over what passes through each row: the first reach of multipliers, shape (rows,)."""
    average: Floats = NEAR_ZERO * max(abs(found.cost), 1.0) / np.maximum(found.passed, 1.0)
    return average


def _shares_of_ranges(matrix: Matrix, sizes: Integers, values: Floats) -> Floats:
    shares = (values - matrix.lower[sizes]) / (matrix.upper[sizes] - matrix.lower[sizes])
    return np.clip(shares, LEAST_REACH, 1.0)
