"""The optimised plan of a night: relax, round up, and only if that is not near enough, search over whole numbers.

Every better plan is handed over at once, so that a deadline finds the best there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from optimizer.horizon import rounded_up, with_whole_numbers
from optimizer.model import Model
from optimizer.nightly.decisions import columns_by_name, decided, levels_foreseen, worth_of_rows
from optimizer.nightly.problem import Candidate, Problem
from optimizer.planning import compiled_assets
from optimizer.results import results_of
from optimizer.solver import Answer, Compiled, Limits, SolverError, relative_gap, solve

Offer = Callable[[Candidate], None]


def optimise(problem: Problem, offer: Offer) -> None:
    """Offer plans from good to better until the gap is reached or the seconds are spent. Raises SolverError without any."""
    began = time.perf_counter()
    model, compiled = compiled_assets(problem.assets, problem.inputs, opening=problem.opening)
    matrix = compiled.matrix
    relaxed = solve(matrix.relaxed())
    rounded = rounded_up(matrix, relaxed.values) if matrix.is_integer.any() else relaxed
    if rounded is None:
        rounded = _as_for_the_forecast(problem, model, compiled)
    if rounded is not None:
        offer(_candidate("rounded", problem, model, compiled, rounded, relaxed.cost, began))
        if relative_gap(rounded.cost, relaxed.cost) <= problem.gap:
            return
    left = max(problem.seconds - (time.perf_counter() - began), 1.0)
    start = rounded.values if rounded is not None else None
    found = solve(matrix, Limits(gap=problem.gap, seconds=left, start=start))
    if found.status == "bound":
        return
    final = with_whole_numbers(matrix, found.values)
    offer(_candidate("optimised", problem, model, compiled, final, max(found.bound, relaxed.cost), began))


def _as_for_the_forecast(problem: Problem, model: Model, compiled: Compiled) -> Answer | None:
    """All members with the whole numbers that suit the forecast alone: a far smaller search. None: they suit not all."""
    alone, single = compiled_assets(problem.assets, problem.center, opening=problem.opening)
    try:
        found = solve(single.matrix, Limits(gap=problem.gap / 2, seconds=0.4 * problem.seconds))
    except SolverError:
        return None
    if found.status == "bound":
        return None
    values = {(name, step): found.values[column] for name, step, column in columns_by_name(alone, single, planned=True)}
    named = [(column, (name, step)) for name, step, column in columns_by_name(model, compiled, planned=True)]
    whole = [(column, values[key]) for column, key in named if compiled.matrix.is_integer[column]]
    columns = np.array([column for column, _ in whole], dtype=np.int64)
    held = compiled.matrix.with_fixed(columns, np.round([value for _, value in whole]))
    try:
        relaxed = solve(held.relaxed())
    except SolverError:
        return None
    return rounded_up(held, relaxed.values)


def _candidate(
    origin: str, problem: Problem, model: Model, compiled: Compiled, answer: Answer, bound: float, began: float
) -> Candidate:
    assert answer.row_dual is not None
    return Candidate(
        origin=origin,
        results=results_of(model, compiled, answer.values, answer.row_dual, problem.inputs),
        cost=answer.cost,
        bound=min(bound, answer.cost),
        decisions=decided(model, compiled, answer.values),
        worth=worth_of_rows(model, compiled, answer.row_dual),
        levels=levels_foreseen(model, compiled, answer.values),
        seconds=time.perf_counter() - began,
    )
