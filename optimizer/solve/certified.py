"""Certified plans of any length, with a printed proof: relax, split, bound, plan, certify.

Short plans (one window) are solved whole. Long ones: rounding cuts bring the relaxed whole near the true one; its optimum
is a bound and, rounded up, a plan; windows held to the plan give better whole numbers where the gap comes from; windows
with priced ends raise the bound where that is not enough; the whole with all whole numbers fixed gives the plan and its
prices. `gap = (cost − bound) / |cost|` holds for the whole problem, whatever the windows did.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.solve.block_basis import relaxed_from_blocks
from optimizer.solve.capacity_search import exact_optimum, size_columns
from optimizer.solve.complementarity import broken_pairs, guarded, of_their_kind
from optimizer.solve.deadline import without_deadline
from optimizer.solve.effort import Effort, Laps
from optimizer.solve.first_plan import rounded_up_from
from optimizer.solve.fix_and_optimize import window_edges
from optimizer.solve.highs import (
    Answer,
    Floats,
    InfeasibleError,
    Integers,
    Matrix,
    SolverError,
    relative_gap,
)
from optimizer.solve.long_plan import planned_in_windows
from optimizer.solve.neighbourhood_search import FEW_WHOLE_NUMBERS
from optimizer.solve.ordered_sets import ordered_sets_of
from optimizer.solve.part_choices import PartChoices, decided, part_choices
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.whole_problem import near_or_whole
from optimizer.solve.workers import Progress, WindowPool, window_workers


@dataclass(frozen=True)
class Certificate:
    """Certificate of a plan: its cost, a proven bound and the gap between them."""

    status: str
    """`optimal` (within the requested gap) or `gap` (the best found, with its gap)."""
    cost: float
    bound: float
    values: Floats
    row_dual: Floats
    """Prices: duals of the whole problem with whole numbers fixed."""
    relaxed_cost: float
    """Optimum without whole numbers: the bound a plain relaxation would give."""
    windows: int
    seconds: dict[str, float] = field(default_factory=dict)
    gap_by_step: Floats | None = None
    """Where the gap comes from: money by step; none for plans solved whole."""

    @property
    def gap(self) -> float:
        """(cost − bound) / |cost|."""
        return relative_gap(self.cost, self.bound)


def certified_plan(matrix: Matrix, effort: Effort, progress: Progress = lambda *_: None) -> Certificate:
    """Solve the problem as far as `effort` allows. Raises SolverError when there is no plan at all."""
    steps = int(matrix.step.max()) + 1
    if not matrix.is_integer.any():
        certificate = _without_whole_numbers(matrix, progress)
        broken = broken_pairs(matrix, certificate.values)
        if not len(broken):
            return certificate
        return _of(matrix, certified_plan(guarded(matrix, of_their_kind(matrix.pairs, broken)), effort, progress))
    if steps > effort.whole_up_to_steps and not len(size_columns(matrix)) and (choices := part_choices(matrix)):
        return _with_part_choices(matrix, choices, effort, progress)
    only_sizes = not (matrix.is_integer & (matrix.step >= 0)).any()  # no window owns such a whole number
    if only_sizes or steps <= effort.whole_up_to_steps or _few_choices(matrix, steps, effort):
        return _as_one(matrix, effort, progress)
    return _in_windows(matrix, effort, progress)


def _with_part_choices(matrix: Matrix, choices: PartChoices, effort: Effort, progress: Progress) -> Certificate:
    """Plan with the choices over parts of it decided first, then fixed."""
    laps = Laps()
    with window_workers(effort.workers) as pool:
        found = decided(matrix, choices, pool, progress)
    laps.end("choices over parts")
    left = replace(effort, seconds=max(effort.seconds - laps.total(), 1.0))
    way, plan = _first_possible(matrix, choices.columns, found.ways(), left, progress)
    bound = min(found.bound_of_all(plan.bound, way), plan.cost)
    status = "optimal" if relative_gap(plan.cost, bound) <= effort.gap + 1e-9 else "gap"
    return replace(plan, bound=bound, status=status, seconds=laps.seconds | plan.seconds)


def _first_possible(
    matrix: Matrix, columns: Integers, ways: list[Floats], effort: Effort, progress: Progress
) -> tuple[Floats, Certificate]:
    """First of some ways to fix whole numbers that leaves a plan, and that plan. Raises InfeasibleError where none does."""
    for way in ways[:-1]:
        with suppress(InfeasibleError):
            return way, certified_plan(_fixed(matrix, columns, way), effort, progress)
    return ways[-1], certified_plan(_fixed(matrix, columns, ways[-1]), effort, progress)


def _fixed(matrix: Matrix, columns: Integers, values: Floats) -> Matrix:
    """Problem with some whole numbers fixed, which then are none."""
    fixed = matrix.with_fixed(columns, values)
    flags = fixed.is_integer.copy()
    flags[columns] = False
    return replace(fixed, is_integer=flags)


def _few_choices(matrix: Matrix, steps: int, effort: Effort) -> bool:
    """Whether the problem is small, if long, and choices decide it: halving them closes it, windows do not."""
    if steps > LONGEST_HALVED * effort.whole_up_to_steps or len(size_columns(matrix)):
        return False
    return bool(np.count_nonzero(matrix.is_integer) <= FEW_WHOLE_NUMBERS) and ordered_sets_of(matrix) is not None


def _without_whole_numbers(matrix: Matrix, progress: Progress) -> Certificate:
    progress("solve", 0, 1)
    sizes = size_columns(matrix)
    if len(sizes):
        answer = exact_optimum(matrix, sizes)
    else:
        _, answer = relaxed_from_blocks(matrix, WindowPool(None), lambda *_: None)
    progress("solve", 1, 1)
    assert answer.row_dual is not None
    return Certificate(
        "optimal", answer.cost, answer.bound, answer.values, answer.row_dual, answer.cost, 1, {"solve": answer.seconds}
    )


def _as_one(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    progress("solve", 0, 2)
    original = matrix
    matrix, answer = _complementary(matrix, effort)
    if answer.status == "bound":
        raise SolverError(f"no plan within {effort.seconds:g} s; raise planning > seconds, or plan fewer days at once")
    progress("solve", 1, 2)
    with without_deadline():
        final = with_whole_numbers(matrix, answer.values)
    progress("solve", 2, 2)
    assert final.row_dual is not None
    seconds = {"solve": answer.seconds, "prices": final.seconds}
    bound = min(answer.bound, final.cost)
    status = "optimal" if relative_gap(final.cost, bound) <= effort.gap + 1e-9 else "gap"
    plan = Certificate(status, final.cost, bound, final.values, final.row_dual, math.nan, 1, seconds)
    return _of(original, plan)


def _of(matrix: Matrix, certificate: Certificate) -> Certificate:
    """A certificate of a problem with further columns and rows, for those of the problem itself."""
    values, row_dual = certificate.values[: len(matrix.cost)], certificate.row_dual[: len(matrix.row_lower)]
    return replace(certificate, values=values, row_dual=row_dual)


def _complementary(matrix: Matrix, effort: Effort) -> tuple[Matrix, Answer]:
    """Problem with whole numbers for the kinds of pairs that some optimum breaks, and its plan; most have none."""
    began, bound = time.perf_counter(), -math.inf
    posed = matrix
    while True:
        left = max(effort.seconds - (time.perf_counter() - began), 1.0)
        posed, answer = near_or_whole(posed, replace(effort, seconds=left))
        bound = max(bound, answer.bound)
        broken = broken_pairs(matrix, answer.values)
        if not len(broken):
            return posed, replace(answer, bound=bound)
        posed = guarded(posed, of_their_kind(matrix.pairs, broken))


def with_whole_numbers(matrix: Matrix, values: Floats) -> Answer:
    """Plan of the whole problem with its whole numbers fixed at (rounded) values and its pairs complementary."""
    whole, relaxation = np.flatnonzero(matrix.is_integer), Relaxation(matrix)
    relaxation.keep_complementary(matrix)
    return relaxation.solve_fixed(whole, np.round(values[whole]))


def _in_windows(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    laps = Laps()
    found = planned_in_windows(matrix, effort, laps, progress)
    assert found.plan.row_dual is not None
    return Certificate(
        status="optimal" if found.gap <= effort.gap else "gap",
        cost=found.plan.cost,
        bound=found.bound,
        values=found.plan.values[: len(matrix.cost)],
        row_dual=found.plan.row_dual[: len(matrix.row_lower)],
        relaxed_cost=found.relaxed.bound,
        windows=len(window_edges(int(matrix.step.max()) + 1, effort.window_steps)) + 1,
        seconds=laps.seconds,
        gap_by_step=found.proof.shares(found.plan.values),
    )


def rounded_up(matrix: Matrix, values: Floats) -> Answer | None:
    """Whole problem with its whole numbers rounded up: a good plan at once where they count capacity. None: no plan."""
    relaxation = Relaxation(matrix)
    relaxation.keep_complementary(matrix)
    return rounded_up_from(matrix, values, relaxation)


LONGEST_HALVED = 4
"""Times the length that is always solved whole: a month. Of a longer plan every relaxed optimum takes too long."""


__all__ = [
    "Certificate",
    "Effort",
    "Progress",
    "SolverError",
    "certified_plan",
    "rounded_up",
    "window_edges",
    "with_whole_numbers",
]
