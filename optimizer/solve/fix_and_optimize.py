"""Rolling fix-and-optimize: a plan's whole numbers anew, window by window, everything outside a window fixed, only where the gap comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solve.complementarity import broken_pairs, guarded, of_their_kind, unguarded, with_directions
from optimizer.solve.decomposition import cut, restricted_window, slackened
from optimizer.solve.gap_bound import Proof, by_window, lagrangian_proof
from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError, solve
from optimizer.solve.workers import Progress, WindowPool

PLAN_SHARE, BOUND_SHARE = 0.25, 0.1
"""Shares of the requested gap that all windows' searches together may leave."""
LEFT_ALONE = 0.5
"""Share of the requested gap that windows with a small part in it may keep."""

MOST_NODES = 30
"""Branch-and-bound nodes for one window. What it finds it finds at the root; the rest would be proving it, which nobody asks for."""


AROUND_NODES = 1
"""Nodes for a window around a point: the root and its heuristics."""
AROUND_TOLERANCE = 1e-6
"""Widening of rows there. HiGHS' presolve calls some windows infeasible that are widened by twice its feasibility."""


def window_edges(steps: int, window_steps: int, offset: float = 0.0) -> Integers:
    """Steps at which a new window starts: windows of about equal length, moved by `offset` of a window."""
    windows = max(round(steps / window_steps), 1)
    edges = np.round((np.arange(0 if offset else 1, windows) + offset) * steps / windows).astype(np.int64)
    return np.unique(edges)


def promising_windows(money: Floats, may_keep: float) -> list[int]:
    """Windows without those whose parts of the gap, smallest first, add up to what may be kept."""
    order = np.argsort(money, kind="stable")
    small = order[np.cumsum(money[order]) <= may_keep]
    return sorted(set(range(len(money))) - {int(window) for window in small})


def replanned(
    proof: Proof,
    values: Floats,
    edges: Integers,
    allowed: float,
    seconds: float,
    pool: WindowPool,
    title: str,
    progress: Progress,
) -> Floats:
    """A plan's values with better whole numbers in the windows between `edges`; shape (columns,).

    `allowed`: gap in money that the whole plan may have; `seconds`: most for a window. The other values no longer fit. A window
    that the rest of the plan, right to a tolerance, leaves no room keeps its numbers.
    """
    chosen = promising_windows(by_window(proof.shares(values), edges), LEFT_ALONE * allowed)
    split = cut(proof.matrix, edges)
    windows = [slackened(restricted_window(split, values, window)) for window in chosen]
    limits = Limits(0.0, max(PLAN_SHARE * allowed / max(len(chosen), 1), 1e-6), seconds, MOST_NODES)
    starts = [replace(limits, start=values[np.concatenate([window.own, window.shared])]) for window in windows]
    tasks = [(window.matrix, start) for window, start in zip(windows, starts, strict=True)]
    better = values.copy()
    for window, found in zip(windows, pool.each(_found, tasks, title, progress), strict=True):
        if found is not None:
            better[window.own] = found[: len(window.own)]
    return better


def planned_around(
    matrix: Matrix, point: Answer, edges: Integers, gap: float, seconds: float, pool: WindowPool, progress: Progress
) -> tuple[Matrix, Floats] | None:
    """First plan where complementary pairs matter, from a point with whole numbers that breaks some: windows with broken pairs
    are solved with all around them at the point, so that their ends fit. (problem with whole numbers for all pairs of the
    broken kinds, values). None: a window has no plan."""
    broken, owner = broken_pairs(matrix, point.values), np.searchsorted(edges, matrix.step, side="right")
    alike = of_their_kind(matrix.pairs, broken)
    posed = guarded(matrix, unguarded(matrix, alike))
    values = np.append(point.values, np.zeros(len(posed.cost) - len(matrix.cost)))
    values, split = with_directions(posed, values), cut(posed, edges)
    numbers = np.unique(owner[matrix.pairs.first[broken]])
    windows = [slackened(restricted_window(split, values, int(number)), AROUND_TOLERANCE) for number in numbers]
    limits = Limits(gap, PLAN_SHARE * gap * abs(point.cost) / max(len(numbers), 1), seconds, AROUND_NODES)
    answers = pool.each(_found, [(window.matrix, limits) for window in windows], "windows around a point", progress)
    for window, found in zip(windows, answers, strict=True):
        if found is None:
            return None
        values[window.own] = found[: len(window.own)]
    return posed, values


def _found(matrix: Matrix, limits: Limits) -> Floats | None:
    """Values of the best plan of a window found within limits; None: none was."""
    try:
        answer = solve(matrix, limits)
    except SolverError:
        return None
    return None if answer.status == "bound" else answer.values


def raised(
    proof: Proof, values: Floats, edges: Integers, allowed: float, seconds: float, pool: WindowPool, progress: Progress
) -> Proof:
    """Lagrangian bound raised in the windows that the gap of a plan comes from."""
    chosen = promising_windows(by_window(proof.shares(values), edges), LEFT_ALONE / 2 * allowed)
    limits = Limits(0.0, max(BOUND_SHARE * allowed / max(len(chosen), 1), 1e-6), seconds, MOST_NODES, heuristics=0.0)
    return lagrangian_proof(proof, edges, chosen, limits, pool, progress)
