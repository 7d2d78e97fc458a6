"""Proofs of plans: the gap is a sum over steps, priced windows raise the bound and never too far, blocks start what they should."""

from __future__ import annotations

import numpy as np
import pytest
from sites import exact_cost
from test_decomposition import center_matrix

from optimizer.solve import block_basis
from optimizer.solve.block_basis import opened_from_blocks, relaxed_from_blocks
from optimizer.solve.fix_and_optimize import promising_windows
from optimizer.solve.gap_bound import above_relaxed, by_window, lagrangian_proof, relaxed_proof
from optimizer.solve.highs import Answer, Limits, Matrix, solve
from optimizer.solve.relaxation import Basis, Relaxation
from optimizer.solve.rounding_cuts import with_rounding_cuts
from optimizer.solve.workers import window_workers

EXACT = Limits(gap=0.0, absolute_gap=1e-6)


def relaxed_and_rounded(matrix: Matrix) -> tuple[Answer, Answer]:
    """The relaxed optimum, and the plan with its counts rounded up."""
    relaxation, whole = Relaxation(matrix), np.flatnonzero(matrix.is_integer)
    relaxed = relaxation.optimum()
    return relaxed, relaxation.solve_fixed(whole, np.ceil(relaxed.values[whole] - 1e-6))


@pytest.mark.parametrize("rows", [with_rounding_cuts, lambda matrix: matrix], ids=["with_rounding_cuts", "as it is"])
def test_the_gap_is_the_sum_of_its_steps(rows: object) -> None:
    """Σ of the steps' parts = cost − relaxed optimum, none below zero; at the relaxed optimum itself all are zero."""
    matrix = rows(center_matrix(48))  # type: ignore[operator]
    relaxed, plan = relaxed_and_rounded(matrix)
    parts = above_relaxed(matrix, relaxed, plan.values)
    assert parts.sum() == pytest.approx(plan.cost - relaxed.cost)
    assert parts.min() > -1e-6  # duals are exact to 1e-7
    assert np.count_nonzero(parts > 0.01) > 5
    assert abs(above_relaxed(matrix, relaxed, relaxed.values)).max() < 1e-9


@pytest.mark.parametrize("edges", [[12, 24, 36], [24], [6, 30]])
def test_priced_windows_raise_the_bound_and_not_too_far(edges: list[int]) -> None:
    """Relaxed optimum < bound ≤ optimum, for windows cut anywhere; fewer windows solved raise it by less."""
    matrix = center_matrix(48)
    relaxed, plan = relaxed_and_rounded(matrix)
    before, cuts = relaxed_proof(matrix, relaxed), np.array(edges)
    with window_workers(1) as pool:
        every = list(range(len(edges) + 1))
        full = lagrangian_proof(before, cuts, every, EXACT, pool, lambda *_: None)
        half = lagrangian_proof(before, cuts, every[:1], EXACT, pool, lambda *_: None)
    assert relaxed.cost <= half.bound <= full.bound
    assert relaxed.cost + 1.0 < full.bound <= exact_cost(matrix) + 1e-6
    assert full.shares(plan.values).sum() < before.shares(plan.values).sum()


def test_windows_with_small_parts_are_left_alone() -> None:
    """Parts 5, 1, 4, 2 of which 3 may be kept: the windows of 1 and 2 stay as they are."""
    assert by_window(np.array([2.0, 3, 1, 4, 1, 1]), np.array([2, 3, 4])).tolist() == [5, 1, 4, 2]
    assert promising_windows(np.array([5.0, 1, 4, 2]), 3.0) == [0, 2]
    assert promising_windows(np.array([5.0, 1, 4, 2]), 0.0) == [0, 1, 2, 3]


@pytest.mark.parametrize("workers", [1, 2])
def test_blocks_lead_to_the_same_optimum(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """48 h in four blocks of 12: the whole's optimum, found in fewer steps of simplex than from nothing."""
    monkeypatch.setattr(block_basis, "BLOCK_STEPS", 12)
    matrix = with_rounding_cuts(center_matrix(48))
    with window_workers(workers) as pool:
        _, answer = relaxed_from_blocks(matrix, pool, lambda *_: None)
    fresh = solve(matrix.relaxed())
    assert answer.cost == pytest.approx(fresh.cost, rel=1e-9)
    assert answer.iterations < 0.8 * fresh.iterations


def test_a_block_starts_where_its_like_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six days as blocks the second is solved from nothing; the others, begun where it ended, take fewer steps in all
    than two of them from nothing."""
    monkeypatch.setattr(block_basis, "BLOCK_STEPS", 24)
    matrix, steps = center_matrix(6 * 24), []
    once = block_basis._solved

    def counted(part: Matrix, begin: Basis | None) -> object:
        if begin is not None:
            steps.append((Relaxation(part, begin).optimum().iterations, solve(part.relaxed()).iterations))
        return once(part, begin)

    monkeypatch.setattr(block_basis, "_solved", counted)
    with window_workers(1) as pool:
        opened_from_blocks(matrix, pool, lambda *_: None)
    begun, fresh = np.sum(steps, axis=0)
    assert len(steps) == 5
    assert begun < 2 / 5 * fresh
