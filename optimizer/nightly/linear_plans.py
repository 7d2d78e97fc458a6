"""Plans from linear problems: whole numbers rounded up or down, complementary pairs brought to rest.

Any solver of linear problems can make them, so they are there even where branch and bound is late or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from optimizer.solve.certified import with_whole_numbers
from optimizer.solve.complementarity import broken_pairs, complementary_answer, resting
from optimizer.solve.first_plan import INTEGER_TOLERANCE, rounded_up_values
from optimizer.solve.highs import Answer, Floats, Integers, Limits, Matrix, SolverError

SolveLinear = Callable[[Matrix], Answer]
SEARCH_GAP, SEARCH_SECONDS = 0.05, 15.0
"""Of a plan that no rounding gives: any is better than none, and the night goes on."""
MOST_ROUNDS = 50
"""Rounds of bringing pairs to rest; each fixes columns for good, and a few are enough in practice."""


def rounded_up(matrix: Matrix, solve_linear: SolveLinear) -> Answer:
    """Linear problem, then the same with its whole numbers rounded up: where they count capacity, that is feasible.

    Raises SolverError.
    """
    answer = solve_linear(matrix.relaxed())
    whole = np.flatnonzero(matrix.is_integer)
    if not len(whole):
        return complementary(matrix, answer, solve_linear)
    return with_whole(matrix, whole, rounded_up_values(matrix, whole, answer.values), solve_linear)


def possible_answer(matrix: Matrix, solve_linear: SolveLinear) -> Answer:
    """A plan wherever there is one: rounded up, else down, else by branch and bound. Raises SolverError where there is none.

    Branch and bound is HiGHS' own; whoever does not trust it checks what comes.
    """
    relaxed = solve_linear(matrix.relaxed())
    for answer in _roundings(matrix, relaxed, solve_linear):
        return answer
    found = complementary_answer(matrix, Limits(gap=SEARCH_GAP, seconds=SEARCH_SECONDS))
    if found.status == "bound":
        raise SolverError(f"no plan was found within {SEARCH_SECONDS:g} s of search")
    return with_whole_numbers(matrix, found.values)


def _roundings(matrix: Matrix, relaxed: Answer, solve_linear: SolveLinear) -> Iterator[Answer]:
    """Plans with the whole numbers of a relaxed optimum rounded up and down, as far as they are plans.

    Down is feasible where a whole number draws from something scarce and what it leaves undone is a priced shortfall.
    """
    whole = np.flatnonzero(matrix.is_integer)
    up = rounded_up_values(matrix, whole, relaxed.values)
    down = np.maximum(np.floor(relaxed.values[whole] + INTEGER_TOLERANCE), matrix.lower[whole])
    for values in (up, down):
        with suppress(SolverError):
            yield with_whole(matrix, whole, values, solve_linear)


def with_whole(matrix: Matrix, whole: Integers, values: Floats, solve_linear: SolveLinear) -> Answer:
    """Linear problem with its whole numbers fixed, and its pairs complementary. Raises SolverError."""
    fixed = matrix.with_fixed(whole, values)
    return complementary(fixed, solve_linear(fixed.relaxed()), solve_linear)


def complementary(matrix: Matrix, answer: Answer, solve_linear: SolveLinear) -> Answer:
    """Answer with every pair it breaks brought to rest, until it breaks none. Raises SolverError."""
    for _ in range(MOST_ROUNDS):
        broken = broken_pairs(matrix, answer.values)
        if not len(broken):
            return answer
        columns, bounds = resting(matrix, answer.values, broken, matrix.lower < matrix.upper)
        columns, first = np.unique(columns, return_index=True)
        matrix = matrix.with_fixed(columns, bounds[first])
        answer = solve_linear(matrix.relaxed())
    raise SolverError("complementary pairs do not come to rest")
