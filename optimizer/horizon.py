"""A plan of any length with a printed proof: relax, split, bound, plan, certify.

Short plans (one window) are solved whole. Long ones: the relaxed whole gives prices; windows with priced ends give a
bound that respects whole numbers; windows held to the relaxed whole give whole numbers; the whole with those fixed gives
the plan and its prices. `gap = (cost − bound) / |cost|` holds for the whole problem, whatever the windows did.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.near_relaxed import MANY_WHOLE_NUMBERS, STEPS_AT_ONCE, near_plan, window_after_window
from optimizer.solver import Answer, Floats, Integers, Limits, Matrix, Relaxation, SolverError, relative_gap, solve
from optimizer.windows import (
    Split,
    Window,
    constant_of_prices,
    cut,
    priced_window,
    prices_from_duals,
    restricted_window,
    slackened,
)
from optimizer.workers import Progress, WindowPool, window_workers

ROW_TOLERANCE = 1e-7
"""HiGHS' primal feasibility; a point it calls feasible may be this far off in every row."""


@dataclass(frozen=True)
class Certificate:
    """A plan and how far from the optimum it can be."""

    status: str
    """`optimal` (within the asked gap) or `gap` (the best found; its gap is told)."""
    cost: float
    bound: float
    values: Floats
    row_dual: Floats
    """Prices: duals of the whole problem with whole numbers fixed."""
    relaxed_cost: float
    """Optimum without whole numbers: the bound a plain relaxation would give."""
    windows: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """(cost − bound) / |cost|."""
        return relative_gap(self.cost, self.bound)


@dataclass(frozen=True)
class Effort:
    """How well, how long, in how many processes."""

    gap: float = 0.005
    seconds: float = 600.0
    window_steps: int = 72
    workers: int = 1
    window_seconds: float = 15.0
    """Most time for one window; its bound holds all the same."""
    whole_up_to_steps: int = 200
    """Plans up to this length are solved as one problem."""


def certified_plan(matrix: Matrix, effort: Effort, progress: Progress = lambda *_: None) -> Certificate:
    """Solve the problem as far as `effort` allows. Raises SolverError when there is no plan at all."""
    steps = int(matrix.step.max()) + 1
    if not matrix.is_integer.any():
        return _without_whole_numbers(matrix, progress)
    only_sizes = not (matrix.is_integer & (matrix.step >= 0)).any()  # no window owns such a whole number
    many = steps > 2 * STEPS_AT_ONCE and np.count_nonzero(matrix.is_integer) >= MANY_WHOLE_NUMBERS
    if only_sizes or (steps <= effort.whole_up_to_steps and not many):
        return _as_one(matrix, effort, progress)
    days = replace(effort, window_steps=STEPS_AT_ONCE) if steps <= effort.whole_up_to_steps else effort
    return _in_windows(matrix, days, progress)


def _without_whole_numbers(matrix: Matrix, progress: Progress) -> Certificate:
    progress("solve", 0, 1)
    answer = solve(matrix)
    progress("solve", 1, 1)
    assert answer.row_dual is not None
    return Certificate(
        "optimal", answer.cost, answer.bound, answer.values, answer.row_dual, answer.cost, 1, {"solve": answer.seconds}
    )


def _as_one(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    progress("solve", 0, 2)
    answer = _near_or_whole(matrix, effort)
    if answer.status == "bound":
        raise SolverError(f"no plan within {effort.seconds:g} s; raise planning > seconds, or plan fewer days at once")
    progress("solve", 1, 2)
    final = with_whole_numbers(matrix, answer.values)
    progress("solve", 2, 2)
    assert final.row_dual is not None
    seconds = {"solve": answer.seconds, "prices": final.seconds}
    status = "optimal" if answer.gap <= effort.gap + 1e-9 else "gap"
    bound = min(answer.bound, final.cost)
    return Certificate(status, final.cost, bound, final.values, final.row_dual, math.nan, 1, seconds)


def _near_or_whole(matrix: Matrix, effort: Effort) -> Answer:
    """A plan near the relaxed one where that is good enough, else the whole problem, from there."""
    if np.count_nonzero(matrix.is_integer) < MANY_WHOLE_NUMBERS:
        return solve(matrix, Limits(gap=effort.gap, seconds=effort.seconds))
    began, relaxed = time.perf_counter(), solve(matrix.relaxed())
    edges = window_edges(int(matrix.step.max()) + 1, STEPS_AT_ONCE)
    near = near_plan(matrix, relaxed, edges, gap=effort.gap, seconds=effort.seconds / 2)
    if near is not None and relative_gap(near.cost, relaxed.cost) <= effort.gap:
        return replace(near, status="optimal", bound=relaxed.cost, seconds=time.perf_counter() - began)
    left = max(effort.seconds - (time.perf_counter() - began), 1.0)
    answer = solve(matrix, Limits(effort.gap, seconds=left, start=near.values if near else None))
    return replace(answer, bound=max(answer.bound, relaxed.cost), seconds=time.perf_counter() - began)


def with_whole_numbers(matrix: Matrix, values: Floats) -> Answer:
    """The whole problem with its whole numbers held at (rounded) values."""
    whole = np.flatnonzero(matrix.is_integer)
    return solve(matrix.with_fixed(whole, np.round(values[whole])).relaxed())


def _in_windows(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    laps = _Laps()
    progress("relax", 0, 1)
    relaxation = Relaxation(matrix)
    relaxed = relaxation.optimum()
    progress("relax", 1, 1)
    laps.end("relax")
    whole = np.flatnonzero(matrix.is_integer)
    edges = window_edges(int(matrix.step.max()) + 1, effort.window_steps)
    split = cut(matrix, edges)
    proof, plan = Proof(relaxed.cost, None), _rounded_up(matrix, relaxed.values, relaxation)
    laps.end("round up")
    with window_workers(effort.workers) as pool:
        if plan is None or relative_gap(plan.cost, proof.bound) > effort.gap:
            proof = priced_bound(split, relaxed, effort, pool, progress)
            laps.end("bound")
        if plan is None:  # where jobs start once, windows held to parts of a start have no plan
            plan = window_after_window(matrix, relaxed, edges, gap=effort.gap, seconds=effort.window_seconds)
            laps.end("window after window")
        for number in range(MOST_PASSES):
            if plan is not None and (
                relative_gap(plan.cost, proof.bound) <= effort.gap or laps.total() >= effort.seconds
            ):
                break
            shares = None if plan is None else proof.shares(plan.values)
            values = _replanned(matrix, plan or relaxed, shares, number, effort, pool, progress)
            better = relaxation.held(whole, np.round(values[whole]))
            laps.end(f"pass {number + 1}")
            if plan is not None and better.cost > plan.cost * (1 - 1e-6):
                break
            plan = better
    assert plan is not None
    assert plan.row_dual is not None
    bound = min(proof.bound, plan.cost)
    status = "optimal" if relative_gap(plan.cost, bound) <= effort.gap else "gap"
    return Certificate(status, plan.cost, bound, plan.values, plan.row_dual, relaxed.cost, split.windows, laps.seconds)


def rounded_up(matrix: Matrix, values: Floats) -> Answer | None:
    """The whole problem with its whole numbers rounded up: a good plan at once where they count capacity. None: no plan."""
    return _rounded_up(matrix, values, Relaxation(matrix))


def _rounded_up(matrix: Matrix, values: Floats, relaxation: Relaxation) -> Answer | None:
    whole = np.flatnonzero(matrix.is_integer)
    up = np.minimum(np.ceil(values[whole] - INTEGER_TOLERANCE), matrix.upper[whole])
    try:
        return relaxation.held(whole, up)
    except SolverError:
        return None


INTEGER_TOLERANCE = 1e-6
"""HiGHS' own: a value this near to a whole number is one."""
MOST_PASSES = 4


class _Laps:
    """Seconds spent by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = self._last = time.perf_counter()

    def end(self, phase: str) -> None:
        """The phase that ran since the last call has ended."""
        now = time.perf_counter()
        self.seconds[phase], self._last = round(now - self._last, 3), now

    def total(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began


def window_edges(steps: int, window_steps: int, offset: float = 0.0) -> Integers:
    """Steps at which a new window starts: windows of about equal length, moved by `offset` of a window."""
    windows = max(round(steps / window_steps), 1)
    edges = np.round((np.arange(0 if offset else 1, windows) + offset) * steps / windows).astype(np.int64)
    return np.unique(edges)


def _window_limits(split: Split, cost: float, effort: Effort, share: float) -> Limits:
    """Each window may leave its part of a share of the gap, in money: a window's own cost may be near zero."""
    return Limits(0.0, max(share * effort.gap * abs(cost) / split.windows, 1e-6), effort.window_seconds)


@dataclass(frozen=True)
class Proof:
    """A bound of the whole problem, and the priced windows it comes from (None: the relaxed problem's optimum alone)."""

    bound: float
    windows: list[tuple[Window, float]] | None
    """Each priced window with its bound."""

    def shares(self, values: Floats) -> Floats | None:
        """Where the gap of a plan comes from: money by step, shape (steps,); a window's share spread over its steps."""
        if self.windows is None:
            return None
        steps = max(int(window.matrix.step.max()) for window, _ in self.windows) + 1
        money = np.zeros(steps)
        for window, bound in self.windows:
            own = np.unique(window.matrix.step[window.matrix.step >= 0])
            cost = float(window.matrix.cost @ values[np.concatenate([window.own, window.shared])])
            money[own] += max(cost - bound, 0.0) / len(own)
        return money


def priced_bound(split: Split, relaxed: Answer, effort: Effort, pool: WindowPool, progress: Progress) -> Proof:
    """A bound of the whole problem that respects whole numbers: the windows' bounds and what the prices are worth."""
    assert relaxed.row_dual is not None
    prices = prices_from_duals(split, relaxed.row_dual)
    windows = [priced_window(split, prices, window) for window in range(split.windows)]
    limits = replace(_window_limits(split, relaxed.cost, effort, BOUND_SHARE), heuristics=0.0)
    answers = pool.solve(windows, [limits] * split.windows, "bound", progress)
    bounds = [answer.bound for answer in answers]
    whole = max(relaxed.cost, constant_of_prices(split, prices) + sum(bounds))
    return Proof(whole, list(zip(windows, bounds, strict=True)))


def _replanned(
    matrix: Matrix,
    point: Answer,
    shares: Floats | None,
    number: int,
    effort: Effort,
    pool: WindowPool,
    progress: Progress,
) -> Floats:
    """The whole numbers anew, window by window, everything outside a window held at `point`; shape (columns,).

    Only windows that the gap comes from are solved. Every other pass moves the windows by half, across the last cuts.
    """
    offset = 0.5 if number % 2 else 0.0
    split = cut(matrix, window_edges(int(matrix.step.max()) + 1, effort.window_steps, offset))
    chosen = _worth_solving(split, shares, effort.gap * abs(point.cost) * LEFT_ALONE)
    windows = [slackened(restricted_window(split, point.values, window), 2 * ROW_TOLERANCE) for window in chosen]
    limits = _window_limits(split, point.cost, effort, PLAN_SHARE)
    starts = [replace(limits, start=point.values[np.concatenate([window.own, window.shared])]) for window in windows]
    answers = pool.solve(windows, starts, f"pass {number + 1}", progress)
    values = point.values.copy()
    for window, answer in zip(windows, answers, strict=True):
        if answer.status != "bound":
            values[window.own] = answer.values[: len(window.own)]
    return values


BOUND_SHARE, PLAN_SHARE = 0.25, 0.4
"""Shares of the asked gap that the windows' searches may leave: a bound loses all of it, a plan mostly finds better anyway."""
LEFT_ALONE = 0.2
"""Share of the asked gap that windows with a small share of it may keep."""


def _worth_solving(split: Split, shares: Floats | None, allowed: float) -> list[int]:
    """Windows without those whose shares of the gap, smallest first, add up to what may be left."""
    if shares is None:
        return list(range(split.windows))
    steps = [np.unique(split.matrix.step[split.columns(window)]) for window in range(split.windows)]
    money = np.array([shares[own].sum() for own in steps])
    order = np.argsort(money)
    small = order[np.cumsum(money[order]) <= allowed]
    return sorted(set(range(split.windows)) - {int(window) for window in small})


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
