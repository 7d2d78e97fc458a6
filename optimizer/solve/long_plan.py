"""Plan of a long problem in windows: relaxed, rounded up, improved window by window, its rows over the whole plan kept at the end.

Where sizes are sought whole numbers matter little at first, and rounding cuts and longer windows cost time: both are left
out. If the gap is still open then, sizes are sought once more with the cuts in place, from where the first search ended:
better sizes for whole machines, and a bound that knows of them. There windows become longer until the time is over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from optimizer.solve.block_basis import priced_from_blocks
from optimizer.solve.capacity_search import size_columns
from optimizer.solve.complementarity import guarded, unguarded_broken
from optimizer.solve.deadline import ending_by
from optimizer.solve.effort import Effort, Laps, TimeBudget
from optimizer.solve.fix_and_optimize import window_edges
from optimizer.solve.gap_bound import Proof, relaxed_proof
from optimizer.solve.highs import Answer, Integers, Matrix, SolverError, relative_gap
from optimizer.solve.knapsack_cuts import MOST_ROUNDS, separation_of
from optimizer.solve.neighbourhood_search import improved, plan_to_improve
from optimizer.solve.priced_rows import AT_LOWER, BASIC, PricedRows
from optimizer.solve.relaxation import Basis, Relaxation
from optimizer.solve.rounding_cuts import with_rounding_cuts
from optimizer.solve.row_multipliers import plan_long_rows, slack_columns
from optimizer.solve.sizes_under_rows import Mixture, optimum_again, optimum_under_rows
from optimizer.solve.whole_problem import CUTS_SHARE
from optimizer.solve.workers import Progress, WindowPool, window_workers


@dataclass(frozen=True)
class LongPlan:
    """Best plan of a long problem and its proof."""

    plan: Answer
    proof: Proof
    relaxed: Answer
    """Optimum without whole numbers."""
    open: _Open

    @property
    def bound(self) -> float:
        """Lower bound of any plan's cost, no higher than this plan's."""
        return min(self.proof.bound, self.plan.cost)

    @property
    def gap(self) -> float:
        """(cost − bound) / |cost|."""
        return relative_gap(self.plan.cost, self.bound)

    def or_better(self, other: LongPlan) -> LongPlan:
        """The cheaper plan and the higher bound of two."""
        plan = min(self.plan, other.plan, key=lambda one: one.cost)
        return replace(self, plan=plan, proof=max(self.proof, other.proof, key=lambda one: one.bound))


@dataclass(frozen=True)
class _Open:
    """Relaxed problem at its optimum: what the search for sizes goes on from."""

    priced: PricedRows | None
    mixture: Mixture | None
    basis: Basis


@dataclass(frozen=True)
class _Way:
    """How a plan is sought: what it may take, with which processes, and who is told."""

    sizes: Integers
    effort: Effort
    pool: WindowPool
    laps: Laps
    progress: Progress


def planned_in_windows(matrix: Matrix, effort: Effort, laps: Laps, progress: Progress) -> LongPlan:
    """Plan of a long problem, within the requested gap or as near as the time allows. Raises SolverError: there is none."""
    steps, sizes = int(matrix.step.max()) + 1, size_columns(matrix)
    with window_workers(effort.workers) as pool:
        way = _Way(sizes, effort, pool, laps, progress)
        if not len(sizes):
            return _planned(with_rounding_cuts(matrix), way, steps)
        found, cut = _planned(matrix, way, effort.window_steps), with_rounding_cuts(matrix)
        if found.gap <= effort.gap or not cut.implied_rows or laps.total() >= effort.seconds:
            return found
        try:
            return found.or_better(_planned(cut, way, steps, found))
        except SolverError:  # the deadline; the plan stands
            return found


def _planned(matrix: Matrix, way: _Way, longest: int, known: LongPlan | None = None) -> LongPlan:
    """Plan in windows of up to `longest` steps; from a known one where sizes are sought again."""
    edges, effort = window_edges(int(matrix.step.max()) + 1, way.effort.window_steps), way.effort
    context = way.pool, way.laps, way.progress
    with _time_for_rows(matrix, way.sizes, effort) as share:
        relaxation, relaxed, open_ = _relaxed(matrix, way) if known is None else _relaxed_again(matrix, way, known)
        priced = open_.priced
        matrix = matrix if priced is None else priced.relaxed()
        if not len(way.sizes):
            matrix, relaxation, relaxed = _guarded_where_broken(matrix, relaxation, relaxed)
            matrix, relaxation, relaxed = cut_where_broken(matrix, relaxation, relaxed, CUTS_SHARE * effort.seconds)
        relaxation.keep_complementary(matrix)
        relaxation.drop_implied_rows()
        way.laps.end("relax")
        plan = plan_to_improve(matrix, relaxed, relaxation, edges, share, *context)
        proof, plan = improved(relaxed_proof(matrix, relaxed), plan, relaxation, share, *context, longest)
    if priced is not None:
        proof, plan = _with_rows(matrix, way, longest, open_, relaxation, (proof, plan))
    return LongPlan(plan, proof, relaxed, open_)


def _with_rows(
    matrix: Matrix, way: _Way, longest: int, open_: _Open, relaxation: Relaxation, found: tuple[Proof, Answer]
) -> tuple[Proof, Answer]:
    """Plan that keeps the rows that were priced: as it is, at sizes fitted to it, or found once more with them in place."""
    priced, mixture, sizes, gap = open_.priced, open_.mixture, way.sizes, way.effort.gap
    assert priced is not None
    proof, plan = found
    if mixture is None:
        relaxed_plan, plan = plan, priced.as_it_is(matrix, plan)
    else:
        relaxed_plan, plan = mixture.fitted(matrix, relaxation, sizes, plan, proof.bound, gap)
        way.laps.end("sizes fitted")
    if relative_gap(plan.cost, proof.bound) <= gap:
        return proof, plan
    relaxation, kept = priced.kept(matrix, relaxed_plan, relaxation.basis(), sizes)
    plan = min(plan, kept, key=lambda one: one.cost)
    way.laps.end("rows kept")
    return improved(proof, plan, relaxation, way.effort, way.pool, way.laps, way.progress, longest)


def _relaxed(matrix: Matrix, way: _Way) -> tuple[Relaxation, Answer, _Open]:
    """Relaxed problem, open, and its optimum, without the rows that span the plan and are priced, if there are any; with sizes
    free, near it, and open with the best sizes fixed, and what was mixed to find them."""
    if len(way.sizes):
        mixture, relaxation, answer = optimum_under_rows(matrix, way.sizes, way.effort.gap, way.pool, way.progress)
        priced = None if mixture is None else mixture.priced
        return relaxation, answer, _Open(priced, mixture, relaxation.basis())
    priced, relaxation = priced_from_blocks(matrix, way.pool, way.progress)
    way.progress("relax", 0, 1)
    answer = relaxation.optimum()
    way.progress("relax", 1, 1)
    return relaxation, answer, _Open(priced, None, relaxation.basis())


def _relaxed_again(matrix: Matrix, way: _Way, known: LongPlan) -> tuple[Relaxation, Answer, _Open]:
    """The same with rounding cuts at the end of the problem, from where it was open without them."""
    columns, rows = known.open.basis
    basis = columns, np.append(rows, np.full(matrix.implied_rows, BASIC, dtype=np.int8))
    begin, mixture = known.relaxed.values[way.sizes], known.open.mixture
    mixture, relaxation, answer = optimum_again(matrix, way.sizes, begin, mixture, basis, way.effort.gap, way.progress)
    priced = None if mixture is None else mixture.priced
    return relaxation, answer, _Open(priced, mixture, relaxation.basis())


@contextmanager
def _time_for_rows(matrix: Matrix, sizes: Integers, effort: Effort) -> Iterator[Effort]:
    """Effort of the search, and its deadline, where rows that span the plan are to be kept after it: a share of all."""
    if len(sizes) or not (slack_columns(matrix, plan_long_rows(matrix)) >= 0).any():
        yield effort
        return
    share = replace(effort, seconds=(1 - KEPT_SHARE) * effort.seconds)
    with ending_by(time.monotonic() + share.seconds):
        yield share


def _guarded_where_broken(matrix: Matrix, relaxation: Relaxation, relaxed: Answer) -> tuple[Matrix, Relaxation, Answer]:
    """Problem with whole numbers for the pairs that relaxed optima break, until one breaks no others."""
    while len(broken := unguarded_broken(matrix, relaxed.values)):
        columns, rows = relaxation.basis()
        kept = len(rows) - matrix.implied_rows
        matrix = guarded(matrix, broken)
        begin = np.append(columns, np.full(len(broken), AT_LOWER, dtype=np.int8))
        relaxation = Relaxation(matrix, (begin, np.insert(rows, kept, np.full(2 * len(broken), BASIC, dtype=np.int8))))
        relaxed = relaxation.optimum()
    return matrix, relaxation, relaxed


def cut_where_broken(
    matrix: Matrix, relaxation: Relaxation, relaxed: Answer, seconds: float
) -> tuple[Matrix, Relaxation, Answer]:
    """Problem with the knapsack cuts that relaxed optima break, a few rounds long, each from the basis of the last."""
    budget, separation = TimeBudget(seconds, time.perf_counter()), separation_of(matrix)
    if separation is None:
        return matrix, relaxation, relaxed
    for _ in range(MOST_ROUNDS):
        cut = separation.cut_off(matrix, relaxed.values)
        if cut is None or budget.left() <= 0:
            break
        columns, rows = relaxation.basis()
        new = np.full(cut.implied_rows - matrix.implied_rows, BASIC, dtype=np.int8)
        matrix, relaxation = cut, Relaxation(cut, (columns, np.append(rows, new)))
        relaxed = relaxation.optimum()
    return matrix, relaxation, relaxed


KEPT_SHARE = 0.15
"""Share of the time for the last linear problems, which keep the rows that are priced before."""
