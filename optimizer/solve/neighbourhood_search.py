"""Large neighbourhood search of a long plan until its gap is closed or the time is over: windows solved anew, all else fixed.

Large-neighbourhood search (Shaw 1998) whose neighbourhoods are windows of time; it starts from a plan with whole numbers,
so it always ends with one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solve.complementarity import at_rest, unguarded_whole
from optimizer.solve.effort import Effort, Laps
from optimizer.solve.first_plan import begun_plan, cheapest, rounded_up_from, rounded_up_values, searched_plan
from optimizer.solve.fix_and_optimize import planned_around, raised, replanned, window_edges
from optimizer.solve.gap_bound import Proof
from optimizer.solve.highs import Answer, Integers, Limits, Matrix, SolverError, relative_gap, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.relaxation_neighbourhood import rolling_rens
from optimizer.solve.workers import Progress, WindowPool


def plan_to_improve(
    matrix: Matrix,
    relaxed: Answer,
    relaxation: Relaxation,
    edges: Integers,
    effort: Effort,
    pool: WindowPool,
    laps: Laps,
    progress: Progress,
) -> Answer:
    """First plan of the neighbourhood search. Raises SolverError when there is none at all.

    Where rounding up has none, jobs start once: then the windows one after the other, near the relaxed plan, are tried
    too, and where they come to a dead end the initial values stand.
    """
    plan = rounded_up_from(matrix, relaxed.values, relaxation)
    laps.end("round up")
    if len(matrix.guards) and not near_enough(plan, relaxed.cost, FAR * effort.gap):
        plan = cheapest(plan, _around_relaxed(matrix, relaxed, relaxation, edges, effort, pool, progress))
        laps.end("windows around a point")
    if plan is not None:
        return plan
    begun = begun_plan(matrix, relaxation)
    laps.end("initial values")
    limit = min(effort.window_seconds, BEGIN_SHARE * effort.seconds / (len(edges) + 1))
    near = rolling_rens(matrix, relaxed, edges, gap=effort.gap, seconds=limit)
    laps.end("window after window")
    whole = np.flatnonzero(matrix.is_integer)
    plan = cheapest(begun, near) or searched_plan(matrix, relaxation, max(effort.seconds - laps.total(), 1.0))
    if plan is None:
        raise SolverError(f"no plan within {effort.seconds:g} s; raise planning > seconds, or plan fewer days at once")
    return relaxation.solve_fixed(whole, np.round(plan.values[whole]))


def _around_relaxed(
    matrix: Matrix,
    relaxed: Answer,
    relaxation: Relaxation,
    edges: Integers,
    effort: Effort,
    pool: WindowPool,
    progress: Progress,
) -> Answer | None:
    """First plan from windows whose ends keep to the relaxed optimum with its whole numbers rounded up. None: no plan."""
    counts, whole = unguarded_whole(matrix), np.flatnonzero(matrix.is_integer)
    try:
        relaxation.free(whole, matrix.lower[whole], matrix.upper[whole])
        point = relaxation.optimum_at(counts, rounded_up_values(matrix, counts, relaxed.values))
        found = planned_around(matrix, point, edges, effort.gap, effort.window_seconds, pool, progress)
        return None if found is None else relaxation.solve_directed(whole, np.round(found[1][whole]), at_rest(*found))
    except SolverError:
        return None
    finally:
        relaxation.free(whole, matrix.lower[whole], matrix.upper[whole])


def improved(
    proof: Proof,
    plan: Answer,
    relaxation: Relaxation,
    effort: Effort,
    pool: WindowPool,
    laps: Laps,
    progress: Progress,
    longest: int,
) -> tuple[Proof, Answer]:
    """Better whole numbers where the gap comes from, then a better bound, until the gap is reached or the time is over.

    Every other pass moves the windows by half, across the last cuts. When both help little, windows become twice as
    long, up to `longest` steps; a window as long as the plan is the whole problem, from the plan.
    """
    steps, whole = int(proof.matrix.step.max()) + 1, np.flatnonzero(proof.matrix.is_integer)
    length, little, bounded, passes = effort.window_steps, 0, 0, 0
    if len(proof.matrix.guards) and not near_enough(plan, proof.bound, FAR * effort.gap):
        passes = 1  # windows gave this plan; what is left lies in the bound
    few = longest >= steps and len(whole) <= FEW_WHOLE_NUMBERS
    while plan.cost - proof.bound > (allowed := effort.gap * abs(plan.cost)):
        left, at_longest = effort.seconds - laps.total(), little >= 2 and 2 * length > longest
        if left <= 0 or (at_longest and longest < steps):
            break
        if at_longest or (few and passes >= FEW_PASSES):
            return _as_a_whole(proof, plan, relaxation, Limits(effort.gap, seconds=left))
        if passes and length > bounded:
            edges, bounded = window_edges(steps, length), length
            seconds = min(effort.window_seconds, left)
            proof = raised(proof, plan.values, edges, allowed, seconds, pool, progress)
            laps.end(f"bound {length}")
            continue
        edges = window_edges(steps, length, offset=0.5 if passes % 2 else 0.0)
        passes += 1
        seconds = min(effort.window_seconds * length / effort.window_steps, left)
        values = replanned(proof, plan.values, edges, allowed, seconds, pool, f"pass {passes}", progress)
        try:
            better = relaxation.solve_fixed(whole, np.round(values[whole]))
        except SolverError:  # the deadline; the plan stands
            break
        laps.end(f"pass {passes}")
        gained = plan.cost - better.cost
        plan = better if gained > 0 else plan
        little = little + 1 if gained < LEAST_GAIN * allowed else 0
        if little >= 2 and 2 * length <= longest:
            length, little = 2 * length, 0
    return proof, plan


def _as_a_whole(proof: Proof, plan: Answer, relaxation: Relaxation, limits: Limits) -> tuple[Proof, Answer]:
    """Whole problem from a plan, as far as the time goes."""
    whole = np.flatnonzero(proof.matrix.is_integer)
    answer = whole_from(proof.matrix, plan, proof.bound, limits)
    proof = proof.at_least(answer.bound)
    try:
        return proof, relaxation.solve_fixed(whole, np.round(answer.values[whole]))
    except SolverError:  # the deadline; the plan stands
        return proof, plan


def near_enough(plan: Answer | None, bound: float, gap: float) -> bool:
    return plan is not None and relative_gap(plan.cost, bound) <= gap


def whole_from(matrix: Matrix, plan: Answer | None, bound: float, limits: Limits) -> Answer:
    """Branch and bound over the whole problem from a plan, if that is not near enough to a known bound as it is."""
    if plan is None:
        return solve(matrix, limits)
    if near_enough(plan, bound, limits.gap):
        return replace(plan, bound=bound)
    answer = solve(matrix, replace(limits, start=plan.values))
    bound = max(answer.bound, bound)
    return replace(plan if answer.status == "bound" or answer.cost > plan.cost else answer, bound=bound)


BEGIN_SHARE = 0.3
"""Share of the time that windows one after the other may take for a first plan."""
FAR = 4.0
"""Of the requested gap: a plan further off has its pairs' directions sought window by window; a nearer one is improved as it is."""
FEW_WHOLE_NUMBERS, FEW_PASSES = 2000, 4
"""Up to so many the whole problem is as quick as longer windows, once some passes have given it a plan."""
LEAST_GAIN = 0.02
"""Share of the requested gap; windows whose passes gain less become longer."""
