"""Rolling fix-and-optimize: a plan's whole numbers anew, window by window, everything outside a window fixed, only where the gap comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solve.decomposition import cut, restricted_window, slackened
from optimizer.solve.gap_bound import Proof, by_window, lagrangian_proof
from optimizer.solve.highs import Floats, Integers, Limits
from optimizer.solve.workers import Progress, WindowPool

PLAN_SHARE, BOUND_SHARE = 0.25, 0.1
"""Shares of the asked gap that all windows' searches together may leave."""
LEFT_ALONE = 0.5
"""Share of the asked gap that windows with a small part in it may keep."""

MOST_NODES = 30
"""Branch-and-bound nodes for one window. What it finds it finds at the root; the rest would be proving it, which nobody asks for."""


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

    `allowed`: gap in money that the whole plan may have; `seconds`: most for a window. The other values no longer fit.
    """
    chosen = promising_windows(by_window(proof.shares(values), edges), LEFT_ALONE * allowed)
    split = cut(proof.matrix, edges)
    windows = [slackened(restricted_window(split, values, window)) for window in chosen]
    limits = Limits(0.0, max(PLAN_SHARE * allowed / max(len(chosen), 1), 1e-6), seconds, MOST_NODES)
    starts = [replace(limits, start=values[np.concatenate([window.own, window.shared])]) for window in windows]
    answers = pool.solve(windows, starts, title, progress)
    better = values.copy()
    for window, answer in zip(windows, answers, strict=True):
        if answer.status != "bound":
            better[window.own] = answer.values[: len(window.own)]
    return better


def raised(
    proof: Proof, values: Floats, edges: Integers, allowed: float, seconds: float, pool: WindowPool, progress: Progress
) -> Proof:
    """Lagrangian bound raised in the windows that the gap of a plan comes from."""
    chosen = promising_windows(by_window(proof.shares(values), edges), LEFT_ALONE / 2 * allowed)
    limits = Limits(0.0, max(BOUND_SHARE * allowed / max(len(chosen), 1), 1e-6), seconds, MOST_NODES, heuristics=0.0)
    return lagrangian_proof(proof, edges, chosen, limits, pool, progress)
