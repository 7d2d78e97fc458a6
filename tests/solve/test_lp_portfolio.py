"""Linear problems by a portfolio: what one method does not solve another does, to the same optimum, and a basis stays of use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer.solve import lp_portfolio
from optimizer.solve.highs import Matrix, SolverError, solve
from optimizer.solve.lp_portfolio import FIRST_METHOD, portfolio, simplex_budget
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.scipy_solver import solve_by_scipy


def transport(size: int = 40, demand: float = 1.0) -> Matrix:
    """`size` sources to as many sinks at seeded prices, each source sends at most 1, each sink wants `demand`."""
    rng = np.random.default_rng(3)
    sources, sinks = (
        sp.kron(a, b) for a, b in ((np.eye(size), np.ones((1, size))), (np.ones((1, size)), np.eye(size)))
    )
    count = size * size
    return Matrix(
        cost=rng.uniform(1, 2, count),
        offset=0.0,
        rows=sp.csc_array(sp.vstack([sources, sinks])),
        row_lower=np.concatenate([np.full(size, -np.inf), np.full(size, demand)]),
        row_upper=np.concatenate([np.ones(size), np.full(size, np.inf)]),
        lower=np.zeros(count),
        upper=np.ones(count),
        is_integer=np.zeros(count, dtype=bool),
        step=np.zeros(count, dtype=np.int64),
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dual simplex is given up after ten iterations, far too few for the problems here."""
    monkeypatch.setattr(lp_portfolio, "LEAST_ITERATIONS", 10)
    monkeypatch.setattr(lp_portfolio, "ITERATIONS_PER_ROW", 0.0)


def test_simplex_keeps_what_it_solves() -> None:
    """A problem it goes straight through ends with the first method, within its budget."""
    answer = solve(transport())
    assert answer.method == FIRST_METHOD
    assert 0 < answer.iterations <= simplex_budget(80)


@pytest.mark.usefixtures("impatient")
def test_interior_point_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same optimum as simplex finds with all the iterations it wants, and duals whose objective is the same number."""
    answer = solve(transport())
    assert answer.method == "interior point"
    assert answer.row_dual is not None
    with monkeypatch.context() as patient:
        patient.setattr(lp_portfolio, "LEAST_ITERATIONS", 100_000)
        assert answer.cost == pytest.approx(solve(transport()).cost, rel=1e-9)  # crossover ends on a vertex
    reduced = transport().cost - transport().rows.T @ answer.row_dual
    dual = answer.row_dual.sum() + np.minimum(reduced, 0.0).sum()  # all right sides and all upper bounds are 1
    assert dual == pytest.approx(answer.cost, rel=1e-6)


@pytest.mark.usefixtures("impatient")
def test_primal_simplex_takes_over_where_interior_point_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one iteration of interior point allowed, the third method gives the optimum."""
    monkeypatch.setattr(lp_portfolio, "INTERIOR_POINT_ITERATIONS", 1)
    answer = solve(transport())
    assert answer.method in ("primal simplex", "dual simplex without end")
    assert answer.cost == pytest.approx(solve_by_scipy(transport()).cost, rel=1e-9)


@pytest.mark.usefixtures("impatient")
def test_infeasible_stays_infeasible() -> None:
    """Demand above supply has no answer, whichever method is asked."""
    with pytest.raises(SolverError, match="Infeasible"):
        solve(transport(demand=1.1))


def test_a_basis_is_used_after_a_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What interior point and crossover leave starts the next solve: holding one column takes a few iterations, not a hundred."""
    matrix = transport()
    fresh = solve(matrix).iterations
    with monkeypatch.context() as impatient:
        impatient.setattr(lp_portfolio, "LEAST_ITERATIONS", 10)
        impatient.setattr(lp_portfolio, "ITERATIONS_PER_ROW", 0.0)
        relaxation = Relaxation(matrix)
        first = relaxation.optimum()
    assert first.method == "interior point"
    column = int(np.argmax(first.values))
    again = relaxation.solve_fixed(np.array([column]), np.array([0.0]))
    assert again.method == FIRST_METHOD
    assert again.iterations < fresh / 2
    assert again.cost == pytest.approx(solve(matrix.with_fixed(np.array([column]), np.array([0.0]))).cost, rel=1e-9)


def test_the_budget_grows_with_the_problem() -> None:
    """A method without a limit stands last, so that every problem ends with an answer or a reason."""
    methods = portfolio(100_000)
    assert methods[0].simplex_iterations == simplex_budget(100_000) == 150_000
    assert methods[-1].simplex_iterations == lp_portfolio.UNLIMITED


def test_a_night_of_repeated_days_is_solved(shared_file: Callable[[str], Path]) -> None:
    """50 members that are 14 days repeated: dual simplex alone wanders beyond 200 s; its budget here costs a few seconds."""
    with np.load(shared_file("data/complaints/night-relaxed-optimum-stalls/matrix.npz")) as file:
        part = {name: file[name] for name in file.files}
    rows = sp.csc_array((part.pop("data"), part.pop("indices"), part.pop("indptr")), shape=tuple(part.pop("shape")))
    matrix = Matrix(rows=rows, offset=float(part.pop("offset")), **part)
    answer = solve(matrix.relaxed())
    assert answer.cost == pytest.approx(18_325.4955116, abs=1e-4)  # interior point, crossover and primal simplex agree
    assert answer.iterations <= 2 * simplex_budget(rows.shape[0])
    assert answer.row_dual is not None
