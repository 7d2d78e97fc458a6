"""A short problem solved whole: cuts, a first plan, better choices, then branch and bound from there."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from optimizer.solve.choice_search import answer_if_any, choices_of, improved_choices, relaxed_and_fixed
from optimizer.solve.complementarity import guarded, of_their_kind, unguarded_broken
from optimizer.solve.count_cuts import with_count_cuts
from optimizer.solve.effort import Effort, TimeBudget
from optimizer.solve.first_plan import cheapest, completed, first_plan
from optimizer.solve.fix_and_optimize import window_edges
from optimizer.solve.highs import Answer, Floats, Limits, Matrix, SolverError
from optimizer.solve.knapsack_cuts import with_knapsack_cuts
from optimizer.solve.neighbourhood_search import near_enough, whole_from
from optimizer.solve.ordered_sets import OrderedSets, branched, ordered_sets_of
from optimizer.solve.packing_cuts import with_packing_cuts
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.relaxation_neighbourhood import (
    MANY_WHOLE_NUMBERS,
    STEPS_AT_ONCE,
    neighbourhood_plan,
    with_choices_kept,
)
from optimizer.solve.rounding_cuts import with_rounding_cuts

CUTS_SHARE, KEPT_SHARE, NEAR_SHARE, HALVING_SHARE, CHOICES_SHARE = 0.15, 0.4, 0.25, 0.8, 0.6
"""Shares of the time that is left for cuts, for a plan that keeps the relaxed one's choices or is near it, for branching on
ordered sets, and for better choices; the rest is for the proof."""
HALVED_TO, AROUND_SHARE = 0.5, 0.2
"""Shares of the requested gap: to the one ordered sets are branched on, to the other the whole numbers around them are sought."""
MOST_SETS = 40
"""With more ordered sets no half raises the bound."""


def near_or_whole(matrix: Matrix, effort: Effort) -> tuple[Matrix, Answer]:
    """Plan from the relaxation neighbourhood or the first one, where that is good enough; else the whole problem, from there.

    With whole numbers for the kinds of pairs that the relaxed optimum breaks: the problem that was solved comes along.
    """
    began = time.perf_counter()
    budget = TimeBudget(effort.seconds, began)
    many = np.count_nonzero(matrix.is_integer) >= MANY_WHOLE_NUMBERS
    rounded = matrix if many else with_count_cuts(with_rounding_cuts(matrix))
    tight, relaxed = with_knapsack_cuts(rounded, budget.part(CUTS_SHARE).left)
    tight, relaxed = with_packing_cuts(matrix, tight, relaxed, budget.part(CUTS_SHARE).left)
    if len(broken := unguarded_broken(matrix, relaxed.values)):
        return near_or_whole(guarded(matrix, of_their_kind(matrix.pairs, broken)), effort)
    relaxation = Relaxation(tight)
    relaxation.keep_complementary(tight)
    plan = first_plan(tight, relaxed, relaxation)
    if many and not near_enough(plan, relaxed.cost, effort.gap):
        near = with_choices_kept(tight, relaxed, gap=effort.gap, seconds=effort.seconds * KEPT_SHARE)
        plan = cheapest(plan, near)
    if many and not near_enough(plan, relaxed.cost, effort.gap):
        edges = window_edges(int(matrix.step.max()) + 1, STEPS_AT_ONCE)
        plan = cheapest(
            plan, neighbourhood_plan(matrix, relaxed, edges, gap=effort.gap, seconds=effort.seconds * NEAR_SHARE)
        )
    bound, plan = _halved(tight, relaxed.cost, plan, effort.gap, budget.part(HALVING_SHARE))
    plan = _better_choices(tight, bound, relaxation, plan, effort.gap, budget.part(CHOICES_SHARE))
    limits = Limits(effort.gap, seconds=max(budget.left(), 1.0), simplex_at_root=relaxed.by_simplex)
    answer = whole_from(tight, plan, bound, limits)
    return matrix, replace(answer, seconds=time.perf_counter() - began)


def _halved(
    matrix: Matrix, bound: float, plan: Answer | None, gap: float, budget: TimeBudget
) -> tuple[float, Answer | None]:
    """Bound and plan after branching on ordered sets, where there are not too many of them and the gap is open."""
    if near_enough(plan, bound, gap) or (sets := ordered_sets_of(matrix)) is None or len(sets.weight) > MOST_SETS:
        return bound, plan
    try:
        found = branched(matrix, sets, None if plan is None else plan.values, HALVED_TO * gap, budget.part(0.8).left)
    except SolverError:
        return bound, plan
    return max(bound, found.bound), cheapest(plan, _around(matrix, sets, found.chosen, plan, gap, budget.left()))


def _around(
    matrix: Matrix, sets: OrderedSets, chosen: Floats | None, plan: Answer | None, gap: float, seconds: float
) -> Answer | None:
    """Plan with the choices of ordered sets fixed and the other whole numbers sought. None: there is none."""
    if chosen is None:
        return None
    part = matrix.with_fixed(sets.columns[whole := matrix.is_integer[sets.columns]], chosen[whole])
    limits = Limits(AROUND_SHARE * gap, seconds=max(seconds, 1.0), start=None if plan is None else plan.values)
    return answer_if_any(part, limits)


def _better_choices(
    matrix: Matrix, bound: float, relaxation: Relaxation, plan: Answer | None, gap: float, budget: TimeBudget
) -> Answer | None:
    """Plan, or one with better choices where there are some and the gap is open."""
    choices = choices_of(matrix)
    if choices is None or near_enough(plan, bound, gap):
        return plan
    fixed = relaxed_and_fixed(matrix, choices, gap, budget.part(CHOICES_SHARE).left)
    if fixed is not None:
        plan = cheapest(plan, completed(matrix, relaxation, choices.columns, fixed.lower[choices.columns]))
    return plan and improved_choices(matrix, choices, plan, bound, gap, budget.left)
