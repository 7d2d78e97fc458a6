"""Sensitivity of a plan's cost to the assumptions of its scenario, from the duals of its optimum: which of them carry the result.

A number is raised by a tenth, the problem is built anew, and the change of cost is that of the Lagrangian at the plan's own
values and duals, whole numbers held (envelope theorem; Milgrom and Segal, Econometrica 70 (2002) 583-601): exact for small
changes, and nothing is solved again. Where the problem changes its form (another count of rows or columns), there is no figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.inputs.assemble import InputError
from optimizer.plan.optimize import calendar_for, compiled_assets, effort_for, inputs_for
from optimizer.quantities.documents import DocumentError
from optimizer.quantities.series import SeriesError
from optimizer.scenario.assumptions import Assumption
from optimizer.scenario.file import load_scenario
from optimizer.solve.certified import Certificate, certified_plan
from optimizer.solve.highs import Matrix
from optimizer.technologies.linear import Floats

STEP = 0.1
AT_BOUND = 1e-6
"""A column this near its bound lies on it; HiGHS holds bounds to 1e-7."""


@dataclass(frozen=True)
class Sensitivity:
    """What a tenth more of an assumption changes."""

    assumption: Assumption
    change: float
    """Cost over the plan's hours [money]; NaN where it cannot be told."""


@dataclass(frozen=True)
class Carried:
    """A plan's cost and what its assumptions do to it, the weightiest first."""

    cost: float
    hours: float
    currency: str
    by_assumption: list[Sensitivity]


def sensitivities(
    path: Path,
    assumptions: Sequence[Assumption],
    days: float,
    start: str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Carried:
    """Plan some days of a scenario file, and what a tenth more of each assumption changes. Raises as `optimize` does."""
    values = dict(overrides or {})
    scenario = load_scenario(path, values)
    calendar = calendar_for(scenario, start, days)
    _, compiled = compiled_assets(scenario.assets(), inputs_for(scenario, calendar))
    plan = certified_plan(compiled.matrix, effort_for(scenario))
    rows = [
        Sensitivity(each, _change(path, values, each, compiled.matrix, plan, days, start))
        for each in assumptions
        if each.value
    ]
    rows.sort(key=lambda row: -abs(row.change) if math.isfinite(row.change) else math.inf)
    return Carried(plan.cost, calendar.count * calendar.step_h, scenario.currency, rows)


def _change(
    path: Path, values: Mapping[str, object], given: Assumption, before: Matrix, plan: Certificate, days: float,
    start: str | None,
) -> float:  # fmt: skip
    """Change of cost by a tenth more; by a tenth less, with the other sign, where more is refused."""
    for value, sign in _moved(given.value):
        try:
            scenario = load_scenario(path, {**values, given.path: value})
            calendar = calendar_for(scenario, start, days)
            _, after = compiled_assets(scenario.assets(), inputs_for(scenario, calendar))
        except (DocumentError, InputError, SeriesError, ValueError):
            continue
        share = STEP / abs(value / given.value - 1)  # a whole number moves by another share
        return sign * share * change_of_cost(before, after.matrix, plan)
    return math.nan


def _moved(value: float) -> Iterator[tuple[float, float]]:
    """Values a tenth off with their sign; a whole number stays whole, and moves by one at least."""
    whole = value == int(value) and abs(value) >= 1
    for sign in (1.0, -1.0):
        yield value * (1 + sign * STEP), sign
        if whole:
            yield int(value) + int(sign) * max(round(abs(value) * STEP), 1), sign


def change_of_cost(before: Matrix, after: Matrix, plan: Certificate) -> float:
    """Change of the Lagrangian from one problem to another at a plan of the first [money]; NaN if their form differs."""
    if before.rows.shape != after.rows.shape:
        return math.nan
    x, y = plan.values[: len(before.cost)], plan.row_dual[: len(before.row_lower)]
    reduced = before.cost - before.rows.T @ y
    direct = (after.cost - before.cost) @ x + after.offset - before.offset
    coefficients = -y @ ((after.rows - before.rows) @ x)
    rows = y @ _moved_side(before.row_lower, before.row_upper, after.row_lower, after.row_upper, y > 0)
    low, high = x < before.lower + AT_BOUND, x > before.upper - AT_BOUND
    bound = np.where(np.where(reduced > 0, low, high), reduced, 0.0)
    columns = bound @ _moved_side(before.lower, before.upper, after.lower, after.upper, reduced > 0)
    return float(direct + coefficients + rows + columns)


def _moved_side(
    lower: Floats, upper: Floats, new_lower: Floats, new_upper: Floats, at_lower: NDArray[np.bool_]
) -> Floats:
    """By how much the side that holds moves; 0 where there is none."""
    moved = np.where(at_lower, _difference(new_lower, lower), _difference(new_upper, upper))
    return np.asarray(moved, dtype=float)


def _difference(after: Floats, before: Floats) -> Floats:
    finite = np.isfinite(after) & np.isfinite(before)
    return np.where(finite, np.where(finite, after, 0.0) - np.where(finite, before, 0.0), 0.0)
