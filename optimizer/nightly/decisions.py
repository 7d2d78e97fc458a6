"""The plan's decisions by name, and the prices it puts on what answers the weather, so that another model can use them.

Names are "site asset component:rest of the index"; values run over the steps. Rows and columns of all members of one
recourse asset share a name: their prices add up to the expected one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyomo.environ as pyo

from optimizer.plan.model import Model, Place
from optimizer.solve.highs import Compiled, Floats
from optimizer.solve.pyomo_types import Block, Variable


def columns_by_name(model: Model, compiled: Compiled, *, planned: bool) -> Iterator[tuple[str, int, int]]:
    """(name, step, column) of every variable of plan assets (`planned`) or of recourse assets; step −1: of the whole plan."""
    for place, block in blocks(model):
        if (place.member < 0) != planned:
            continue
        for variable in _variables(block):
            column = compiled.column_of.get(id(variable))
            if column is not None:
                step = int(compiled.matrix.step[column])
                yield _name(place, variable, step), step, column


def blocks(model: Model) -> Iterator[tuple[Place, Block]]:
    """Pyomo block of every built asset, in the order they were built."""
    asset_blocks = [
        block
        for block in model.pyomo.component_objects(pyo.Block, descend_into=False)
        if block.local_name.startswith("asset_")
    ]
    yield from zip(model.places, asset_blocks, strict=True)


def _variables(block: Block) -> Iterator[Variable]:
    yield from block.component_data_objects(pyo.Var, descend_into=True)


def _name(place: Place, part: Variable, step: int) -> str:
    index = part.index()
    rest = index[1:] if isinstance(index, tuple) and step >= 0 else (() if step >= 0 or index is None else (index,))
    return f"{place.site} {place.asset} {part.parent_component().local_name}:{','.join(map(str, rest))}"


def decided(model: Model, compiled: Compiled, values: Floats) -> dict[str, Floats]:
    """Values of all variables of plan assets, by name, shape (steps,); those of the whole plan repeat."""
    return _gathered(columns_by_name(model, compiled, planned=True), values, model.calendar.count)


def _gathered(named: Iterator[tuple[str, int, int]], values: Floats, count: int) -> dict[str, Floats]:
    series_by_name: dict[str, Floats] = {}
    for name, step, column in named:
        series = series_by_name.setdefault(name, np.zeros(count))
        series[step if step >= 0 else slice(None)] = values[column]
    return series_by_name


def rows_by_name(model: Model, compiled: Compiled, *, planned: bool) -> Iterator[tuple[str, int, int]]:
    """(name, step, row) of every row of plan assets (`planned`) or of recourse assets that is of a step, or of the whole plan (step −1)."""
    for place, block in blocks(model):
        if (place.member < 0) != planned:
            continue
        for constraint in block.component_data_objects(pyo.Constraint, descend_into=True):
            row, index = compiled.row_of.get(id(constraint)), constraint.index()
            step = -1 if index is None else index[0] if isinstance(index, tuple) else index
            if row is not None and isinstance(step, int) and -1 <= step < model.calendar.count:
                yield _name(place, constraint, step), step, row


def row_shadow_prices(model: Model, compiled: Compiled, row_dual: Floats) -> dict[str, Floats]:
    """Expected price of every row of recourse assets, by name, shape (steps,); that of a row of the whole plan repeats."""
    shadow_prices: dict[str, Floats] = {}
    for name, step, row in rows_by_name(model, compiled, planned=False):
        prices = shadow_prices.setdefault(name, np.zeros(model.calendar.count))
        prices[step if step >= 0 else slice(None)] += row_dual[row]
    return shadow_prices


def expected(model: Model, compiled: Compiled, values: Floats) -> dict[str, Floats]:
    """Expected values of all timed variables of recourse assets, by name, shape (steps,)."""
    series_by_name: dict[str, Floats] = {}
    for place, block in blocks(model):
        for variable in _variables(block) if place.member >= 0 else ():
            column = compiled.column_of.get(id(variable))
            step = -1 if column is None else int(compiled.matrix.step[column])
            if column is not None and step >= 0:
                series = series_by_name.setdefault(_name(place, variable, step), np.zeros(model.calendar.count))
                series[step] += model.weights[place.member] * values[column]
    return series_by_name


def levels_foreseen(model: Model, compiled: Compiled, values: Floats) -> dict[str, float]:
    """Expected values of untimed variables of recourse assets (a month's peak), by name."""
    levels: dict[str, float] = {}
    for place, block in blocks(model):
        if place.member < 0:
            continue
        for variable in _variables(block):
            column = compiled.column_of.get(id(variable))
            if column is not None and compiled.matrix.step[column] < 0:
                name = _name(place, variable, -1)
                levels[name] = levels.get(name, 0.0) + model.weights[place.member] * float(values[column])
    return levels
