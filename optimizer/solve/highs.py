"""Matrices of linear and mixed-integer programs, and HiGHS behind them: a Pyomo model becomes a matrix, a matrix an answer.

HiGHS is known to this file, `interruptible`, `lp_portfolio`, `relaxation` and `growing_lp` alone.

Processes, never threads, around this (in `interruptible` HiGHS alone has one, which is waited for). One HiGHS thread a process:
HiGHS lets `threads` be set once, and answers a later change with an error. `kNotset` is a failure, never "no solution".
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.solve.deadline import seconds_left
from optimizer.solve.interruptible import run_interruptibly
from optimizer.solve.lp_portfolio import FIRST_METHOD, run_portfolio
from optimizer.solve.pairs import Pairs, pairs_of
from optimizer.solve.pyomo_types import Block, Variable
from optimizer.solve.standard_form import standard_form

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ABSOLUTE_GAP = 1e-6
"""HiGHS' own default; no smaller relative gap is ever requested."""


STOPPED = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
"""Stopped by a limit: what was found, and the bound, hold."""


class SolverError(Exception):
    """Failure of a solve: no usable answer; the text says which status and what to look at."""


class InfeasibleError(SolverError):
    """Problem without any solution; the text says why as far as is known."""


INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


@dataclass(frozen=True)
class Matrix:
    """min cost·x + offset with row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, some x whole numbers."""

    cost: Floats
    offset: float
    rows: sp.csc_array
    """A, shape (rows, columns)."""
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    is_integer: NDArray[np.bool_]
    step: Integers
    """Step each column belongs to; −1: to the plan as a whole (a month's peak, a size)."""
    implied_rows: int = 0
    """Rows at the end that every plan with whole numbers obeys anyway: they bring the relaxed optimum nearer to it."""
    begin: Floats | None = None
    """Initial values of the model's whole numbers, NaN where it gives none; shape (columns,). A search may begin there."""
    pairs: Pairs = field(default_factory=Pairs.none)
    """Pairs of columns of which one rests at its bound in every plan; no rows say so."""
    guards: Pairs = field(default_factory=Pairs.none)
    """Pairs whose complementarity a whole number for their direction enforces: the last columns, in this order."""

    def relaxed(self) -> Matrix:
        """Linear relaxation of the problem."""
        return replace(self, is_integer=np.zeros_like(self.is_integer), pairs=Pairs.none())

    def with_fixed(self, columns: Integers, values: Floats) -> Matrix:
        """Problem with some columns fixed at values."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[columns] = upper[columns] = values
        return replace(self, lower=lower, upper=upper)


@dataclass(frozen=True)
class Compiled:
    """A Matrix with the way back to the Pyomo model."""

    matrix: Matrix
    column_of: dict[int, int]
    """id(VarData) → column."""
    row_of: dict[int, int]
    """id(ConstraintData) → row."""


@dataclass(frozen=True)
class Answer:
    """Answer of the solver. `bound` is a proven lower bound of the cost."""

    status: str
    """`optimal` (within the requested gap), `time` (an incumbent at the time limit), `bound` (a bound alone by then)."""
    cost: float
    bound: float
    values: Floats
    row_dual: Floats | None
    """Change of cost per unit of a row's right side; only for problems without whole numbers."""
    seconds: float
    iterations: int = 0
    method: str = "branch and bound"
    """What found it: branch and bound, or the method of the linear portfolio that ended the solve."""

    @property
    def gap(self) -> float:
        """(cost − bound) / |cost|."""
        return relative_gap(self.cost, self.bound)

    @property
    def by_simplex(self) -> bool:
        """Whether dual simplex found it within its budget: then it will also solve what is like it."""
        return self.method == FIRST_METHOD


def relative_gap(cost: float, bound: float) -> float:
    """(cost − bound) / |cost|, 0 where both are equal."""
    return max(cost - bound, 0.0) / max(abs(cost), 1e-9)


def compile_model(root: Block) -> Compiled:
    """Matrix of a Pyomo model, with every column's step (by the index set `steps` of `root`). Raises ModelError."""
    form = standard_form(root)
    bounds = np.array([_bounds(column) for column in form.columns], dtype=float).reshape(-1, 2)  # none: NaN
    column_of = {id(column): number for number, column in enumerate(form.columns)}
    is_integer = np.array([not column.is_continuous() for column in form.columns], dtype=bool)
    lower = np.where(np.isnan(bounds[:, 0]), -math.inf, bounds[:, 0])
    upper = np.where(np.isnan(bounds[:, 1]), math.inf, bounds[:, 1])
    matrix = Matrix(
        cost=form.cost,
        offset=form.offset,
        rows=form.rows,
        row_lower=form.row_lower,
        row_upper=form.row_upper,
        lower=lower,
        upper=upper,
        is_integer=is_integer,
        step=form.step,
        begin=_initial_values(form.columns, is_integer, lower, upper),
        pairs=pairs_of(root, column_of),
    )
    return Compiled(matrix, column_of, form.row_of)


def _bounds(variable: Variable) -> tuple[float | None, float | None]:
    return (variable.value, variable.value) if variable.fixed else variable.bounds


def _initial_values(
    columns: list[Variable], is_integer: NDArray[np.bool_], lower: Floats, upper: Floats
) -> Floats | None:
    """Initial values the model gives its integers, within their bounds; none where it initializes none."""
    begin = np.full(len(columns), math.nan)
    for number in np.flatnonzero(is_integer).tolist():
        value = columns[number].value
        if value is not None:
            begin[number] = min(max(value, lower[number]), upper[number])
    return None if np.isnan(begin).all() else begin


@dataclass
class Limits:
    """Limits of a solve: time and gap."""

    gap: float = 1e-4
    """Relative gap at which to stop."""
    absolute_gap: float = ABSOLUTE_GAP
    """Gap in money at which to stop, whichever of the two is met first."""
    seconds: float = math.inf
    """Time limit. HiGHS can overrun it; who must be on time solves in a child process with a deadline."""
    nodes: int | None = None
    """Most branch-and-bound nodes; the bound found by then holds."""
    heuristics: float | None = None
    """Share of effort spent on finding better points, 0..1; 0 where only the bound counts."""
    start: Floats | None = field(default=None, repr=False)
    """A point to start from."""
    simplex_at_root: bool = True
    """Whether simplex solves the first relaxation of branch and bound; interior point where it is known to wander."""


def new_highs(limits: Limits) -> highspy.Highs:
    """HiGHS with one thread, silent, within the limits."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", limits.gap)
    highs.setOptionValue("mip_abs_gap", limits.absolute_gap)
    if limits.nodes is not None:
        highs.setOptionValue("mip_max_nodes", limits.nodes)
    if limits.heuristics is not None:
        highs.setOptionValue("mip_heuristic_effort", limits.heuristics)
    if limits.start is not None or limits.heuristics == 0:
        # With a good point at hand these two cost a third of a window's time and find nothing (measured on the shipped year).
        highs.setOptionValue("mip_heuristic_run_feasibility_jump", False)
        highs.setOptionValue("mip_heuristic_run_root_reduced_cost", False)
    if not limits.simplex_at_root:
        highs.setOptionValue("mip_lp_solver", "ipm")
    seconds = min(limits.seconds, seconds_left())
    if math.isfinite(seconds):
        highs.setOptionValue("time_limit", max(seconds, 0.01))
    return highs


def pass_matrix(highs: highspy.Highs, matrix: Matrix) -> None:
    """Hand the problem to HiGHS. Raises SolverError if HiGHS refuses it."""
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(matrix.cost), len(matrix.row_lower)
    problem.col_cost_, problem.offset_ = matrix.cost, matrix.offset
    problem.col_lower_, problem.col_upper_ = matrix.lower, matrix.upper
    problem.row_lower_, problem.row_upper_ = matrix.row_lower, matrix.row_upper
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = matrix.rows.indptr
    problem.a_matrix_.index_ = matrix.rows.indices
    problem.a_matrix_.value_ = matrix.rows.data
    if matrix.is_integer.any():
        whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        problem.integrality_ = [whole if flag else free for flag in matrix.is_integer]
    if highs.passModel(problem) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the model; look for infinite or absurd coefficients in the scenario")


def solve(matrix: Matrix, limits: Limits | None = None) -> Answer:
    """Answer of HiGHS for a problem. Raises SolverError when there is no usable answer (infeasible, unbounded, nothing by the time limit)."""
    limits = limits or Limits()
    started = time.perf_counter()
    highs = new_highs(limits)
    pass_matrix(highs, matrix)
    if limits.start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = limits.start.tolist()
        highs.setSolution(solution)
    if not matrix.is_integer.any():
        return linear_answer(highs, matrix, limits.seconds)
    run_interruptibly(highs)
    return answer_of(highs, matrix, time.perf_counter() - started)


def linear_answer(highs: highspy.Highs, matrix: Matrix, seconds: float = math.inf) -> Answer:
    """Optimum of the linear problem HiGHS holds, by the portfolio. Raises SolverError."""
    started = time.perf_counter()
    method, iterations = run_portfolio(highs, seconds)
    answer = answer_of(highs, matrix, time.perf_counter() - started)
    return replace(answer, method=method, iterations=iterations)


def answer_of(highs: highspy.Highs, matrix: Matrix, seconds: float) -> Answer:
    """Answer of HiGHS' last run. Raises SolverError."""
    status, info = highs.getModelStatus(), highs.getInfo()
    has_point = info.primal_solution_status == 2  # kSolutionStatusFeasible
    whole = bool(matrix.is_integer.any())
    in_time = status == highspy.HighsModelStatus.kOptimal
    if not in_time and not (status in STOPPED and whole):
        kind = InfeasibleError if status in INFEASIBLE else SolverError
        raise kind(f"HiGHS: {highs.modelStatusToString(status)} after {seconds:.1f} s")
    if not has_point:
        return Answer("bound", math.inf, info.mip_dual_bound, np.full(len(matrix.cost), math.nan), None, seconds)
    solution = highs.getSolution()
    cost = info.objective_function_value
    return Answer(
        status="optimal" if in_time else "time",
        cost=cost,
        bound=info.mip_dual_bound if whole else cost,
        values=np.array(solution.col_value),
        row_dual=None if whole else np.array(solution.row_dual),
        seconds=seconds,
        iterations=max(info.simplex_iteration_count, 0),
    )
