"""Lower bound of a plan's cost (relaxed, Lagrangian), and its gap by step.

Two proofs. The relaxed optimum is one at once; by duality the gap of any plan is a sum of parts that belong to steps:
what a column is away from the relaxed plan times what moving it costs. Windows with priced ends, solved with their whole
numbers, raise it: each by what whole numbers cost inside it that no plan can avoid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.solve.decomposition import Window, cut, lagrangian_window, prices_from_duals, usable_duals
from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix
from optimizer.solve.workers import Progress, WindowPool


@dataclass(frozen=True)
class Proof:
    """A lower bound of the cost of every plan."""

    matrix: Matrix
    relaxed: Answer
    raised: Floats
    """By how much whole numbers raise the bound, by step, shape (steps,)."""

    @property
    def bound(self) -> float:
        """Lower bound of any plan's cost."""
        return self.relaxed.bound + float(self.raised.sum())

    def at_least(self, bound: float) -> Proof:
        """Proof with a bound found otherwise, if that is better; what it adds is spread over all steps."""
        more = max(bound - self.bound, 0.0)
        return replace(self, raised=self.raised + more / len(self.raised)) if more else self

    def shares(self, values: Floats) -> Floats:
        """Shares of a plan's gap by step: money by step, shape (steps,)."""
        return np.maximum(above_relaxed(self.matrix, self.relaxed, values) - self.raised, 0.0)


def relaxed_proof(matrix: Matrix, relaxed: Answer) -> Proof:
    """Lower bound from the relaxed optimum."""
    return Proof(matrix, relaxed, np.zeros(int(matrix.step.max()) + 1))


def above_relaxed(matrix: Matrix, relaxed: Answer, values: Floats) -> Floats:
    """Cost of a plan above the relaxed optimum, by the step that causes it, shape (steps,).

    cost − optimum = Σ reduced cost · (x − x*) + Σ price · (row − row*), each term ≥ 0. A row counts to its last step;
    what belongs to no step (a size, a month's peak) is spread over all.
    """
    assert relaxed.row_dual is not None
    prices = usable_duals(matrix, relaxed.row_dual)
    by_column = (matrix.cost - matrix.rows.T @ prices) * (values - relaxed.values)
    by_row = prices * (matrix.rows @ (values - relaxed.values))
    owner = np.concatenate([matrix.step, _last_steps(matrix)])
    money = np.concatenate([by_column, by_row])
    steps = int(matrix.step.max()) + 1
    timed = owner >= 0
    by_step: Floats = np.bincount(owner[timed], weights=money[timed], minlength=steps) + money[~timed].sum() / steps
    return by_step


def _last_steps(matrix: Matrix) -> Integers:
    """Last step of each row's columns, −1 for rows of shared columns alone; shape (rows,)."""
    last = np.full(matrix.rows.shape[0], -1, dtype=np.int64)
    step = np.repeat(matrix.step, np.diff(matrix.rows.indptr))
    np.maximum.at(last, matrix.rows.indices, step)
    return last


def lagrangian_proof(
    proof: Proof, edges: Integers, chosen: list[int], limits: Limits, pool: WindowPool, progress: Progress
) -> Proof:
    """Lagrangian bound that respects whole numbers inside the chosen windows between `edges`, everything that crosses priced.

    By weak duality the windows' bounds add up to a bound of the whole. At the relaxed problem's prices a window without
    whole numbers has its optimum at the relaxed plan, so windows that are not solved add what they had.
    """
    assert proof.relaxed.row_dual is not None
    split = cut(proof.matrix, edges)
    prices = prices_from_duals(split, proof.relaxed.row_dual)
    windows = [lagrangian_window(split, prices, window) for window in chosen]
    answers = pool.solve(windows, [limits] * len(windows), "bound", progress)
    raised = np.zeros_like(proof.raised)
    for window, answer in zip(windows, answers, strict=True):
        steps = _steps_of(window)
        raised[steps] = max(answer.bound - _cost_in(window, proof.relaxed.values), 0.0) / len(steps)
    return proof if raised.sum() <= proof.raised.sum() else Proof(proof.matrix, proof.relaxed, raised)


def _cost_in(window: Window, values: Floats) -> float:
    return float(window.matrix.cost @ values[np.concatenate([window.own, window.shared])])


def _steps_of(window: Window) -> Integers:
    return np.unique(window.matrix.step[window.matrix.step >= 0])


def by_window(money: Floats, edges: Integers) -> Floats:
    """Money by step summed up by window between `edges`, shape (windows,)."""
    owner = np.searchsorted(edges, np.arange(len(money)), side="right")
    summed: Floats = np.bincount(owner, weights=money, minlength=len(edges) + 1).astype(float)
    return summed
