"""Tiny models with known optima: the solver answers them, and a solver that does not is found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solve import self_check
from optimizer.solve.highs import Answer, SolverError, solve
from optimizer.solve.self_check import KnownModel, known_models, solver_faults, trust_solver


@pytest.mark.parametrize("known", known_models(), ids=lambda known: known.name)
def test_known_optimum(known: KnownModel) -> None:
    """HiGHS 1.14.0 tells 15 and 11 for the second and third; by enumeration of the whole numbers it is 9 and 10."""
    whole = np.flatnonzero(known.matrix.is_integer)
    ranges = [range(int(known.matrix.lower[c]), int(known.matrix.upper[c]) + 1) for c in whole]
    costs = []
    for choice in np.stack(np.meshgrid(*ranges), axis=-1).reshape(-1, len(whole)):
        try:
            costs.append(solve(known.matrix.with_fixed(whole, choice.astype(float)).relaxed()).cost)
        except SolverError:
            continue
    assert min(costs, default=None) == (None if known.optimum is None else pytest.approx(known.optimum))


def test_installed_solver_can_be_trusted() -> None:
    """The whole start-up check, as nightly plans run it."""
    assert solver_faults() == []
    trust_solver()


def test_wrong_answers_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that tells a tenth too much, or solves what has no solution, is named with every model it gets wrong."""

    def lies(*_: object) -> Answer:
        return Answer("optimal", 1e4, 1e4, np.zeros(6), None, 0.0)

    monkeypatch.setattr(self_check, "solve", lies)
    assert len(solver_faults()) == len(known_models())
    with pytest.raises(SolverError, match=r"cannot be trusted.*issue 3094.*10000.*8000"):
        trust_solver()


def test_point_that_breaks_a_row_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right cost with a point that is none: rows are evaluated, not believed."""

    def right_cost_wrong_point(matrix: object, limits: object) -> Answer:
        answer = solve(matrix, limits)  # type: ignore[arg-type]
        return replace(answer, values=np.zeros_like(answer.values))

    monkeypatch.setattr(self_check, "solve", right_cost_wrong_point)
    assert all("breaks the rows" in fault for fault in solver_faults())
    assert len(solver_faults()) == len([known for known in known_models() if known.optimum is not None])
