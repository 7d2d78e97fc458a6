"""Portfolio of methods for one linear problem: dual simplex within a budget of iterations, interior point with crossover,
primal simplex, dual simplex without end.

Dual simplex is quickest where it goes straight, and alone it makes use of a basis. On a degenerate problem (an ensemble of
weather, job starts) it can wander between equal objectives for hundreds of thousands of iterations; interior point does
not, and its crossover leaves a basis for what is solved next. The methods follow each other and do not race: a race in two
processes ends with whichever vertex of a degenerate optimum came first on that machine, so that the same inputs would give
other plans, and a worker of a study has one process. A budget in iterations is the same on every machine, and costs at most
about half of what interior point takes.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import highspy

from optimizer.solve.deadline import seconds_left
from optimizer.solve.interruptible import run_interruptibly

ITERATIONS_PER_ROW = 1.5
"""Of dual simplex before it is given up. Where it goes straight it takes 0.3 to 1.1 (years, blocks, nights of one member)."""
LEAST_ITERATIONS = 5_000
"""Of dual simplex however small the problem: under a second."""
INTERIOR_POINT_ITERATIONS = 300
"""Ordinary problems take 30 to 60; one that takes so many will not end."""
FIRST_METHOD = "dual simplex"
UNLIMITED = highspy.kHighsIInf
DUAL, PRIMAL = 1, 4
"""HiGHS' numbers for the two ways of simplex."""

Status = highspy.HighsModelStatus
DECIDED_BY_SIMPLEX = (
    Status.kOptimal, Status.kInfeasible, Status.kUnbounded, Status.kUnboundedOrInfeasible, Status.kTimeLimit,
)  # fmt: skip
DECIDED_BY_INTERIOR_POINT = (Status.kOptimal, Status.kTimeLimit)
"""What else interior point says of a problem is a guess, which primal simplex then settles."""


@dataclass(frozen=True)
class Method:
    """Method of solving a linear problem, and what it may decide."""

    name: str
    solver: str
    strategy: int = DUAL
    simplex_iterations: int = UNLIMITED

    @property
    def decided(self) -> tuple[highspy.HighsModelStatus, ...]:
        """Statuses after which no other method is tried."""
        return DECIDED_BY_INTERIOR_POINT if self.solver == "ipm" else DECIDED_BY_SIMPLEX


def simplex_budget(rows: int) -> int:
    """Iterations of dual simplex after which another method is tried."""
    return max(math.ceil(ITERATIONS_PER_ROW * rows), LEAST_ITERATIONS)


def portfolio(rows: int) -> list[Method]:
    """Methods for a problem of so many rows, in their order."""
    budget = simplex_budget(rows)
    return [
        Method(FIRST_METHOD, "simplex", DUAL, budget),
        Method("interior point", "ipm"),
        Method("primal simplex", "simplex", PRIMAL, 10 * budget),
        Method("dual simplex without end", "simplex", DUAL),
    ]


def run_portfolio(highs: highspy.Highs, seconds: float = math.inf) -> tuple[str, int]:
    """Solve the linear problem HiGHS holds, from its basis where it has one: (method that ended it, simplex iterations of all)."""
    deadline, iterations = time.monotonic() + min(seconds, seconds_left()), 0
    methods = portfolio(highs.getNumRow())
    for number, method in enumerate(methods):
        if number:
            highs.clearSolver()  # where the last one stopped is no start, and with a basis HiGHS would skip presolve
        _set_up(highs, method, deadline)
        run_interruptibly(highs)
        iterations += max(highs.getInfo().simplex_iteration_count, 0)
        if highs.getModelStatus() in method.decided:
            break
    return method.name, iterations


def _set_up(highs: highspy.Highs, method: Method, deadline: float) -> None:
    highs.setOptionValue("solver", method.solver)
    highs.setOptionValue("simplex_strategy", method.strategy)
    highs.setOptionValue("simplex_iteration_limit", method.simplex_iterations)
    highs.setOptionValue("ipm_iteration_limit", INTERIOR_POINT_ITERATIONS)
    highs.setOptionValue("run_crossover", "on")
    left = max(deadline - time.monotonic(), 0.01)
    highs.setOptionValue("time_limit", highs.getRunTime() + left)  # its clock runs on from solve to solve
