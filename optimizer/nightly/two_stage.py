"""The optimised plan of a night, for all its members: the relaxed optimum is the bound, whole numbers come from smaller problems.

Whole numbers are decided before the weather is known, once for all members. So they are sought where few members stand
for all, and then judged by all: with them held, what is left is a linear problem, and the relaxed optimum of all members
proves its gap. Only if that is not near enough are they sought for all members at once. Every better plan is handed
over at once, so that a deadline finds the best there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import xarray as xr

from optimizer.nightly.decisions import columns_by_name, decided, expected, levels_foreseen, row_shadow_prices
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.secondary_objectives import Preferences, expected_cost
from optimizer.plan.model import Model
from optimizer.plan.optimize import compiled_assets
from optimizer.plan.results import results_of
from optimizer.solve.certified import rounded_up, window_edges, with_whole_numbers
from optimizer.solve.complementarity import broken_pairs, complementary_answer
from optimizer.solve.highs import Answer, Compiled, Limits, Matrix, SolverError, relative_gap, solve
from optimizer.solve.relaxation_neighbourhood import MANY_WHOLE_NUMBERS, STEPS_AT_ONCE, neighbourhood_plan

Offer = Callable[[Candidate], None]
SHARE_OF_SECONDS = 0.3
"""Of all seconds, for each search in a smaller problem."""


def optimise(problem: Problem, offer: Offer) -> None:
    """Offer plans from good to better until the gap is reached or the seconds are spent. Raises SolverError without any.

    A plan is offered as soon as it is there, then again with the bound that proves its gap.
    """
    search = _Search(problem)
    best, bound = np.inf, search.bound
    for origin, answer in map(search.complementary, search.plans()):
        if answer.cost < best:
            best, bound = answer.cost, search.bound
            offer(search.candidate(origin, answer))
        proven = search.proven_bound()
        if proven > bound:
            bound = proven
            offer(search.candidate(origin, answer))
        if relative_gap(best, search.bound) <= problem.gap:
            return


class _Search:
    """Ways to a plan of one night, quick ones first."""

    def __init__(self, problem: Problem):
        self.began, self.problem = time.perf_counter(), problem
        self.model, self.compiled = self._compiled(problem.inputs)
        self.matrix = self.compiled.matrix
        self.bound, self.iterations = -np.inf, 0
        self._fault = SolverError("not solved")

    def _compiled(self, inputs: xr.Dataset) -> tuple[Model, Compiled]:
        """Compiled model of the night for these members, with its secondary objectives."""

        def amend(model: Model) -> None:
            self.problem.preferences.amend(model, self.problem.yesterday)

        return compiled_assets(self.problem.assets, inputs, opening=self.problem.opening, amend=amend)

    @cached_property
    def relaxed(self) -> Answer | None:
        """Optimum for all members without whole numbers, which proves every gap; None: no method found it."""
        try:
            answer = self._solved(self.matrix.relaxed())
        except SolverError as error:
            self._fault = error
            return None
        self.bound = answer.cost
        return answer

    def proven_bound(self) -> float:
        """Best lower bound there is; the relaxed optimum is sought where it was not yet."""
        if self.relaxed is None:
            return self.bound
        return max(self.bound, self.relaxed.cost)

    def _solved(self, matrix: Matrix, limits: Limits | None = None) -> Answer:
        """An answer, its iterations counted. Raises SolverError."""
        answer = solve(matrix, limits)
        self.iterations += answer.iterations
        return answer

    def left(self) -> float:
        """Seconds left, at least one."""
        return max(self.problem.seconds - (time.perf_counter() - self.began), 1.0)

    def plans(self) -> Iterator[tuple[str, Answer]]:
        """Plans as (origin, answer), each solved when it is requested. Raises SolverError without any."""
        if not self.matrix.is_integer.any():
            if self.relaxed is None:
                raise self._fault
            yield "optimised", self.relaxed
            return
        best = None
        for origin, attempt in self._attempts():
            answer = attempt()
            if answer is not None:
                best = answer if best is None or answer.cost < best.cost else best
                yield origin, answer
        limits = Limits(self.problem.gap, seconds=self.left(), start=best.values if best else None)
        limits.simplex_at_root = self.relaxed is not None and self.relaxed.by_simplex
        whole = complementary_answer(self.matrix, limits)
        self.iterations += whole.iterations
        self.bound = max(self.bound, whole.bound)
        if whole.status != "bound":
            yield "optimised", with_whole_numbers(self.matrix, whole.values)
        elif best is not None:
            yield "optimised", best

    def _attempts(self) -> list[tuple[str, Callable[[], Answer | None]]]:
        """Ways to a plan, the quickest first. Start choices of a job table cannot be rounded up, and the relaxed optimum of
        all members takes as long as a plan that suits few of them."""
        rounded: tuple[str, Callable[[], Answer | None]] = ("rounded", self._rounded_up)
        few: tuple[str, Callable[[], Answer | None]] = ("optimised", self._as_for_few)
        many = np.count_nonzero(self.matrix.is_integer) >= MANY_WHOLE_NUMBERS
        first = [few, rounded] if many else [rounded, few]
        return [*first, ("optimised", self._as_for_the_forecast), ("optimised", self._neighbourhood_for_all)]

    def complementary(self, plan: tuple[str, Answer]) -> tuple[str, Answer]:
        """A plan of the night itself, in which no pair of columns breaks its complementarity."""
        origin, answer = plan
        if len(broken_pairs(self.matrix, answer.values)):
            answer = with_whole_numbers(self.matrix, answer.values)
        return origin, answer

    def _rounded_up(self) -> Answer | None:
        return None if self.relaxed is None else rounded_up(self.matrix, self.relaxed.values)

    def _as_for_few(self) -> Answer | None:
        """Integers from the relaxation neighbourhood (RENS) of the few members that represent all best."""
        return self._as_for(self.problem.few, self._neighbourhood)

    def _as_for_the_forecast(self) -> Answer | None:
        """Integers that suit the forecast alone, searched everywhere."""
        limits = Limits(gap=self.problem.gap / 2, seconds=self._share())
        return self._as_for(self.problem.center, lambda matrix: self._solved(matrix, limits))

    def _neighbourhood_for_all(self) -> Answer | None:
        """Relaxation neighbourhood (RENS) for all members, day by day."""
        if self.relaxed is None:
            return None
        edges = window_edges(int(self.matrix.step.max()) + 1, STEPS_AT_ONCE)
        return neighbourhood_plan(self.matrix, self.relaxed, edges, gap=self.problem.gap, seconds=self.left() / 2)

    def _neighbourhood(self, matrix: Matrix) -> Answer | None:
        whole = np.array([], dtype=np.int64)  # no edges: all steps at once
        relaxed = self._solved(matrix.relaxed())
        near = neighbourhood_plan(matrix, relaxed, whole, gap=self.problem.gap, seconds=self._share())
        self.iterations += 0 if near is None else near.iterations
        return near

    def _share(self) -> float:
        return min(SHARE_OF_SECONDS * self.problem.seconds, self.left())

    def _as_for(self, inputs: xr.Dataset, seek: Callable[[Matrix], Answer | None]) -> Answer | None:
        """Plan for all members with the first-stage integers found for some. None: there are none, or they do not suit all."""
        model, compiled = self._compiled(inputs)
        try:
            answer = seek(compiled.matrix)
            if answer is None or answer.status == "bound":
                return None
            fixed_matrix = _with_integers_fixed(answer, model, compiled, self.model, self.compiled)
            relaxed = self._solved(fixed_matrix.relaxed())
        except SolverError:
            return None
        if (fixed_matrix.lower == fixed_matrix.upper)[fixed_matrix.is_integer].all():
            return relaxed
        return rounded_up(fixed_matrix, relaxed.values)  # what each member decides for itself

    def candidate(self, origin: str, answer: Answer) -> Candidate:
        """Candidate plan from an answer, as it is handed over."""
        assert answer.row_dual is not None
        plain = self.problem.preferences == Preferences()
        cost = answer.cost if plain else expected_cost(self.model, self.compiled, answer.values)
        return Candidate(
            origin=origin,
            results=results_of(self.model, self.compiled, answer.values, answer.row_dual, self.problem.inputs),
            cost=cost,
            secondary_cost=answer.cost - cost,
            bound=min(self.bound, answer.cost),
            decisions=decided(self.model, self.compiled, answer.values),
            shadow_prices=row_shadow_prices(self.model, self.compiled, answer.row_dual),
            levels=levels_foreseen(self.model, self.compiled, answer.values),
            expected=expected(self.model, self.compiled, answer.values),
            seconds=time.perf_counter() - self.began,
            iterations=self.iterations,
        )


def _with_integers_fixed(answer: Answer, small: Model, compiled: Compiled, model: Model, whole: Compiled) -> Matrix:
    """Whole problem with its first-stage integers fixed to the values of a smaller problem."""
    values = {
        (name, step): answer.values[column] for name, step, column in columns_by_name(small, compiled, planned=True)
    }
    named = [
        (column, values[name, step])
        for name, step, column in columns_by_name(model, whole, planned=True)
        if whole.matrix.is_integer[column]
    ]
    columns = np.array([column for column, _ in named], dtype=np.int64)
    return whole.matrix.with_fixed(columns, np.round([value for _, value in named]))
