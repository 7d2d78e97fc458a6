"""What-if analysis: what other values of a scenario would change in a plan's cost, by duals, between proven limits.

The problem is built anew with the values, and nothing is solved: the estimate is the change of the Lagrangian at the plan's own values
and duals (plan/sensitivity.py). Limits: no plan of the changed problem costs less than its Lagrangian at any duals (weak duality),
here those of the plan and of its relaxation, scaled as a whole; and the plan, where it still keeps every row, can be had at its new price. Where asked,
the changed problem is solved, and its cost must lie between the limits.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optimizer.plan.optimize import compiled_assets, effort_for, inputs_for
from optimizer.plan.sensitivity import change_of_cost
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import DocumentError, parsed_value
from optimizer.scenario.file import scenario_from, set_by_path
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Certificate, certified_plan
from optimizer.solve.highs import Matrix, solve
from optimizer.technologies.linear import Floats

NEAR_ZERO = 1e-6
"""Reduced costs below this are rounding: HiGHS holds duals to 1e-7."""
MOST_SCALED, NARROWED = 2.0, 20
"""Most that duals are scaled by, and how often the range is narrowed by a third: to 6e-4 of itself."""
KEPT = 1e-6
"""Relative; a plan keeps a row as HiGHS does, to 1e-7 of numbers up to some thousands."""


@dataclass(frozen=True)
class Changed:
    """Another value of a scenario, and what it changes in the cost of its plan [money]."""

    path: str
    before: object
    after: object
    estimate: float
    """By duals; NaN where the problem takes another form, so that duals say nothing."""
    at_least: float
    """No plan of the changed scenario changes the cost by less; −∞ where nothing is known."""
    at_most: float
    """The plan as it is, at its new price; ∞ where it breaks a row of the changed problem."""
    solved: float | None = None
    """Change of cost between two solved plans, where asked."""


@dataclass(frozen=True)
class Base:
    """Plan that changes are held against."""

    data: Mapping[str, object]
    """Scenario as plain data with all its defaults in it, so that every value has a path."""
    folder: Path
    """Folder its files are relative to."""
    calendar: Calendar
    matrix: Matrix
    plan: Certificate
    duals: tuple[Floats, ...]
    """Of the plan, and of the relaxation."""


def base_of(data: Mapping[str, object], folder: Path, calendar: Calendar) -> Base:
    """Solved plan of a scenario. Raises as `optimize` does."""
    matrix = _matrix(data, folder, calendar)
    plan = certified_plan(matrix, effort_for(scenario_from(data, folder=folder)))
    relaxed = solve(matrix.relaxed())
    duals = tuple(dual for dual in (plan.row_dual, relaxed.row_dual) if dual is not None)
    return Base(data, folder, calendar, matrix, plan, duals)


def what_if(base: Base, path: str, text: str, *, solved: bool = False) -> Changed:
    """Change of cost by another value: `+10%` of what it is, or the new value itself. Raises DocumentError, ScenarioError."""
    before = value_at(base.data, path)
    after = _new_value(path, before, text)
    data = copy.deepcopy(dict(base.data))
    set_by_path(data, path, after)
    matrix, plan = _matrix(data, base.folder, base.calendar), base.plan
    change = None
    if solved:
        change = certified_plan(matrix, effort_for(scenario_from(data, folder=base.folder))).cost - plan.cost
    if matrix.rows.shape != base.matrix.rows.shape:
        return Changed(path, before, after, math.nan, -math.inf, math.inf, change)
    at_least = max(best_bound(matrix, dual) for dual in base.duals) - plan.cost
    estimate, at_most = change_of_cost(base.matrix, matrix, plan), _kept_at(matrix, plan.values) - plan.cost
    return Changed(path, before, after, estimate, min(at_least, at_most), at_most, change)


def value_at(data: Mapping[str, object], path: str) -> object:
    """Value of a path. Raises DocumentError where it leads nowhere."""
    node: object = data
    for part in path.split("."):
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, Mapping) and part in node:
            node = node[part]
        else:
            known = ", ".join(map(str, node)) if isinstance(node, Mapping) and node else "nothing"
            raise DocumentError([f"{path}: '{part}' is not in the scenario; known here: {known}"])
    return node


def _new_value(path: str, before: object, text: str) -> object:
    """Value that a text asks for; a whole number stays whole."""
    if not text.endswith("%"):
        return parsed_value(text)
    if not isinstance(before, int | float) or isinstance(before, bool):
        raise DocumentError([f"{path}: is {before}, no number that could grow by {text}; give a value"])
    try:
        value = before * (1 + float(text[:-1]) / 100)
    except ValueError as error:
        raise DocumentError([f"{path}: '{text}' is no share; write +10%, -5% or a value"]) from error
    return round(value) if isinstance(before, int) and abs(before) >= 10 else value


def _matrix(data: Mapping[str, object], folder: Path, calendar: Calendar) -> Matrix:
    scenario: Scenario | Hubs = scenario_from(data, folder=folder)
    return compiled_assets(scenario.assets(), inputs_for(scenario, calendar))[1].matrix


def best_bound(matrix: Matrix, dual: Floats) -> float:
    """Highest Lagrangian bound along a ray of duals: where prices grow, all duals grow with them. Concave, so thirds close in."""
    low, high = 0.0, MOST_SCALED
    best = lagrangian_bound(matrix, dual)
    for _ in range(NARROWED):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        bounds = [lagrangian_bound(matrix, dual * factor) for factor in (first, second)]
        best = max(best, *bounds)
        low, high = (first, high) if bounds[0] < bounds[1] else (low, second)
    return best


def lagrangian_bound(matrix: Matrix, dual: Floats) -> float:
    """Lower bound on a problem's cost at any duals: each row and each column at its cheaper side."""
    y = dual[: len(matrix.row_lower)]
    reduced = matrix.cost - matrix.rows.T @ y
    return (
        matrix.offset
        + _cheapest(y, matrix.row_lower, matrix.row_upper)
        + _cheapest(reduced, matrix.lower, matrix.upper)
    )


def _cheapest(price: Floats, lower: Floats, upper: Floats) -> float:
    """Least of price times value, for values between bounds; rounding left out."""
    used = np.abs(price) > NEAR_ZERO
    return float(price[used] @ np.where(price > 0, lower, upper)[used])


def _kept_at(matrix: Matrix, values: Floats) -> float:
    """Cost of a plan in another problem; ∞ where it breaks a row or a bound there."""
    x = values[: len(matrix.cost)]
    activity = matrix.rows @ x
    room = KEPT * (1 + np.abs(activity))
    rows = (activity < matrix.row_lower - room) | (activity > matrix.row_upper + room)
    edge = KEPT * (1 + np.abs(x))
    broken = rows.any() or ((x < matrix.lower - edge) | (x > matrix.upper + edge)).any()
    return math.inf if broken else float(matrix.cost @ x + matrix.offset)
