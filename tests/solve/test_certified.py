"""Certified plans: what they promise for short, long, easy and impossible problems, in one process or several."""

from __future__ import annotations

import numpy as np
import pytest
from sites import Demand, exact_cost, small, tie
from test_decomposition import center_matrix

from optimizer.solve.certified import Effort, certified_plan, window_edges
from optimizer.solve.highs import Matrix, SolverError


def test_windows_are_of_about_equal_length() -> None:
    """100 steps in windows of 24: four, 25 each; moved by half a window: five, the outer ones shorter."""
    assert window_edges(100, 24).tolist() == [25, 50, 75]
    assert window_edges(100, 24, 0.5).tolist() == [12, 38, 62, 88]
    assert window_edges(10, 24).tolist() == []


def test_a_problem_without_whole_numbers_is_solved_at_once() -> None:
    """Gap 0, one window: nothing to certify."""
    matrix = small({"tie": tie(), "load": Demand(amount=[1.0])}, 24).compiled().matrix
    plan = certified_plan(matrix, Effort())
    assert (plan.status, plan.gap, plan.windows, plan.cost) == ("optimal", 0.0, 1, pytest.approx(24 * 400.0))


def test_a_plan_in_windows_is_within_its_gap_of_the_truth() -> None:
    """48 h across the end of a month in windows of 12 h: bound ≤ optimum ≤ cost, and the gap told is theirs."""
    matrix = center_matrix(48)
    plan = certified_plan(matrix, Effort(gap=0.001, window_steps=12, whole_up_to_steps=24))
    optimum = exact_cost(matrix)
    assert plan.windows == 4
    assert plan.bound <= optimum * (1 + 1e-6)
    assert plan.cost >= optimum * (1 - 1e-6)
    assert plan.gap == pytest.approx((plan.cost - plan.bound) / abs(plan.cost))
    assert plan.relaxed_cost <= plan.bound + 1e-6
    assert plan.gap < 0.05  # 2.8 % seen; the relaxed whole alone leaves 9 %


def test_several_processes_plan_the_same() -> None:
    """Two workers and one give the same plan and the same proof, to the last digit: windows are independent."""
    matrix = center_matrix(48)
    alone, in_processes = (
        certified_plan(matrix, Effort(gap=1e-3, window_steps=24, whole_up_to_steps=24, workers=n)) for n in (1, 2)
    )
    assert alone.cost == in_processes.cost
    assert alone.bound == in_processes.bound
    assert np.array_equal(alone.values, in_processes.values)


def test_progress_tells_every_phase_to_its_end() -> None:
    """Each phase that begins ends with all its parts done."""
    last: dict[str, tuple[int, int]] = {}
    certified_plan(
        center_matrix(), Effort(gap=1e-3, window_steps=8, whole_up_to_steps=8), lambda p, d, n: last.update({p: (d, n)})
    )
    assert last
    assert all(done == of for done, of in last.values())


def test_what_cannot_be_is_said() -> None:
    """A column that must lie above 2 and below 1: no plan, and the solver's word for it."""
    import scipy.sparse as sp

    ones = np.ones(1)
    matrix = Matrix(
        ones, 0.0, sp.csc_array(np.ones((1, 1))), 2 * ones, 3 * ones, 0 * ones, ones, ones > 0, np.zeros(1, dtype=int)
    )
    with pytest.raises(SolverError, match="Infeasible"):
        certified_plan(matrix, Effort())


def test_a_solver_that_found_nothing_in_time_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound and no plan is no plan: the words name the setting. It once went on with values that were no numbers."""
    from optimizer.solve import certified
    from optimizer.solve.highs import Answer

    nothing = Answer("bound", np.inf, 0.0, np.full(1, np.nan), None, 3.0)
    monkeypatch.setattr(certified, "near_or_whole", lambda matrix, *_: (matrix, nothing))
    with pytest.raises(SolverError, match=r"no plan within 3 s; raise planning > seconds, or plan fewer days at once"):
        certified_plan(center_matrix(), Effort(seconds=3.0))


def test_a_week_serves_what_it_can_serve() -> None:
    """A plan may cost up to its gap more than the best; it once used that to leave cheap-to-serve work unserved. Counts are
    rounded up before anything is searched, so the work is carried from the start."""
    matrix = center_matrix(24)
    loose = certified_plan(matrix, Effort(gap=0.2))
    unserved = np.flatnonzero((matrix.cost == 50.0) & (matrix.step >= 0))
    assert len(unserved) == 24
    assert loose.values[unserved].sum() == pytest.approx(0.0, abs=1e-6)
