"""A plan of any length with a printed proof: relax, split, bound, plan, certify.

Short plans (one window) are solved whole. Long ones: the relaxed whole gives prices; windows with priced ends give a
bound that respects whole numbers; windows held to the relaxed whole give whole numbers; the whole with those fixed gives
the plan and its prices. `gap = (cost − bound) / |cost|` holds for the whole problem, whatever the windows did.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np

from optimizer.solver import Answer, Floats, Integers, Limits, Matrix, SolverError, relative_gap, solve
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

ROW_TOLERANCE = 1e-7
"""HiGHS' primal feasibility; a point it calls feasible may be this far off in every row."""

Progress = Callable[[str, int, int], None]
"""Called with a phase, how many parts of it are done, and how many there are."""


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
    if steps <= effort.whole_up_to_steps:
        return _as_one(matrix, effort, progress)
    return _in_windows(matrix, effort, progress)


def _without_whole_numbers(matrix: Matrix, progress: Progress) -> Certificate:
    progress("solve", 0, 1)
    answer = solve(matrix)
    progress("solve", 1, 1)
    assert answer.row_dual is not None
    return Certificate("optimal", answer.cost, answer.bound, answer.values, answer.row_dual, answer.cost, 1, {"solve": answer.seconds})


def _as_one(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    progress("solve", 0, 2)
    answer = solve(matrix, Limits(gap=effort.gap, seconds=effort.seconds))
    progress("solve", 1, 2)
    final = _with_whole_numbers(matrix, answer.values)
    progress("solve", 2, 2)
    assert final.row_dual is not None
    seconds = {"solve": answer.seconds, "prices": final.seconds}
    status = "optimal" if answer.gap <= effort.gap + 1e-9 else "gap"
    bound = min(answer.bound, final.cost)
    return Certificate(status, final.cost, bound, final.values, final.row_dual, math.nan, 1, seconds)


def _with_whole_numbers(matrix: Matrix, values: Floats) -> Answer:
    """The whole problem with its whole numbers held at (rounded) values."""
    whole = np.flatnonzero(matrix.is_integer)
    return solve(matrix.with_fixed(whole, np.round(values[whole])).relaxed())


def _in_windows(matrix: Matrix, effort: Effort, progress: Progress) -> Certificate:
    laps = _Laps()
    progress("relax", 0, 1)
    relaxed = solve(matrix.relaxed())
    progress("relax", 1, 1)
    laps.end("relax")
    assert relaxed.row_dual is not None
    steps = int(matrix.step.max()) + 1
    split = cut(matrix, window_edges(steps, effort.window_steps))
    with window_workers(effort.workers) as pool:
        bound = max(priced_bound(split, relaxed, effort, pool, progress), relaxed.cost)
        laps.end("bound")
        values = _whole_numbers_of_windows(split, relaxed.values, effort, pool, progress)
        laps.end("windows")
        final = _with_whole_numbers(matrix, values)
        laps.end("prices")
        passes = 0
        while relative_gap(final.cost, bound) > effort.gap and laps.total() < effort.seconds and passes < MOST_PASSES:
            passes += 1
            better = _improved(matrix, final, passes, effort, pool, progress)
            laps.end(f"pass {passes}")
            if better.cost > final.cost * (1 - 1e-6):
                break
            final = better
    assert final.row_dual is not None
    bound = min(bound, final.cost)
    status = "optimal" if relative_gap(final.cost, bound) <= effort.gap else "gap"
    return Certificate(status, final.cost, bound, final.values, final.row_dual, relaxed.cost, split.windows, laps.seconds)


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


def _window_limits(split: Split, cost: float, effort: Effort) -> Limits:
    """Each window may leave its share of a fifth of the gap, in money: a window's own cost may be near zero."""
    return Limits(gap=0.0, absolute_gap=max(effort.gap * abs(cost) / 5 / split.windows, 1e-6), seconds=effort.window_seconds)


def priced_bound(split: Split, relaxed: Answer, effort: Effort, pool: WindowPool, progress: Progress) -> float:
    """A bound of the whole problem that respects whole numbers: the windows' bounds and what the prices are worth."""
    assert relaxed.row_dual is not None
    prices = prices_from_duals(split, relaxed.row_dual)
    windows = [priced_window(split, prices, window) for window in range(split.windows)]
    answers = pool.solve(windows, _window_limits(split, relaxed.cost, effort), "bound", progress)
    return constant_of_prices(split, prices) + sum(answer.bound for answer in answers)


def _whole_numbers_of_windows(
    split: Split, point: Floats, effort: Effort, pool: WindowPool, progress: Progress, phase: str = "plan"
) -> Floats:
    """The point with every window's own best values laid over it; only its whole numbers are meant to be kept."""
    windows = [slackened(restricted_window(split, point, window), 2 * ROW_TOLERANCE) for window in range(split.windows)]
    cost = float(split.matrix.cost @ point)
    answers = pool.solve(windows, _window_limits(split, cost, effort), phase, progress)
    values = point.copy()
    for window, answer in zip(windows, answers, strict=True):
        if answer.status != "bound":
            values[window.own] = answer.values[: len(window.own)]
    return values


def _improved(matrix: Matrix, plan: Answer, number: int, effort: Effort, pool: WindowPool, progress: Progress) -> Answer:
    """Once more with windows that lie across the last cuts, held to the plan at their ends."""
    steps = int(matrix.step.max()) + 1
    split = cut(matrix, window_edges(steps, effort.window_steps, offset=0.5 if number % 2 else 0.0))
    values = _whole_numbers_of_windows(split, plan.values, effort, pool, progress, f"pass {number}")
    return _with_whole_numbers(matrix, values)


class WindowPool:
    """Solves windows one after the other, or in processes of their own (never threads)."""

    def __init__(self, executor: ProcessPoolExecutor | None):
        self._executor = executor

    def solve(self, windows: Sequence[Window], limits: Limits, phase: str, progress: Progress) -> list[Answer]:
        """Answers in the order of the windows. Raises SolverError if any has none."""
        progress(phase, 0, len(windows))
        if self._executor is None:
            answers = []
            for number, window in enumerate(windows):
                answers.append(solve(window.matrix, limits))
                progress(phase, number + 1, len(windows))
            return answers
        futures = {self._executor.submit(solve, window.matrix, limits): number for number, window in enumerate(windows)}
        done: dict[int, Answer] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress(phase, len(done), len(windows))
        return [done[number] for number in range(len(windows))]


@contextmanager
def window_workers(workers: int) -> Iterator[WindowPool]:
    """A pool of worker processes, or none for one worker. Children are started afresh: they inherit no solver state."""
    if workers <= 1:
        yield WindowPool(None)
        return
    executor = ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn"))
    try:
        yield WindowPool(executor)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


__all__ = ["Certificate", "Effort", "Progress", "SolverError", "certified_plan", "window_edges"]
