"""A plan against what really came: the work as planned, everything else by rule, hour by hour, without looking ahead.

The world is one linear problem of the whole span with the weather that came. In each step it knows this step's weather,
the states so far, and the prices the plan put on what is carried into later steps (stored energy, a promised ratio). So it charges when
power is worth less than the plan's price of stored energy, and discharges when it is worth more; where both are worth
the same it keeps to what the plan expects to be stored. Imports up to the
month's peak that the plan foresaw cost no demand charge when deciding; the bill charges what they came to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
import xarray as xr

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.nightly.decisions import columns_by_name, rows_by_name
from optimizer.plan import bill
from optimizer.plan.optimize import compiled_assets
from optimizer.plan.results import checked, records_of, results_of
from optimizer.solve.complementarity import complementary_answer
from optimizer.solve.highs import Floats, Integers, Matrix
from optimizer.solve.relaxation import Relaxation
from optimizer.technologies.base import Inputs, State, Technology

Assets = Mapping[tuple[str, str], Technology]
SLACK = 2e-7
"""Rows are feasible to HiGHS' 1e-7; values solved in one problem are fixed in the next."""
TIE_SHARE = 0.02
"""Share of a stock's shadow price: the price of leaving its expected course; less than any difference of prices worth acting on."""
WHOLE = 1e-6
"""Nearer below a whole number a column is that number."""
FINAL_SLACK = 5e-7
"""Row slack of the whole span, where each row may contain several such values; balances are checked to 1e-6."""


@dataclass(frozen=True)
class Foresight:
    """Planned values that a plan brings to the simulated world, by name; arrays of shape (steps of the plan,)."""

    decisions: Mapping[str, Floats]
    shadow_prices: Mapping[str, Floats]
    levels: Mapping[str, float]
    expected: Mapping[str, Floats] = field(default_factory=dict)
    """Expected values of recourse columns; where prices leave a choice, stocks stay near that."""


class World:
    """Span that really came: stepped through under plans, then billed as a whole."""

    def __init__(self, assets: Assets, inputs: xr.Dataset):
        """`inputs`: of one member, with the weather that came."""
        self.assets, self.inputs = assets, inputs
        self.model, self.compiled = compiled_assets(assets, inputs)
        self._lines = _Lines.of(self.compiled.matrix)
        named = list(columns_by_name(self.model, self.compiled, planned=True))
        self._planned = {column: name for name, _, column in named}
        others = list(columns_by_name(self.model, self.compiled, planned=False))
        carried = self._lines.carried()
        self._stock = {column: name for name, _, column in others if column in carried}
        self._level = {column: name for name, step, column in others if step < 0}
        self._row = {row: (name, step) for name, step, row in rows_by_name(self.model, self.compiled, planned=False)}
        self.values: Floats = np.where(self.compiled.matrix.step < 0, self.compiled.matrix.lower, 0.0)
        self.done = 0

    def go_on(self, values: Floats, done: int) -> None:
        """Take up where another world of the same span stood after `done` steps; `values` of shape (columns,)."""
        self.values, self.done = values.copy(), done

    def run(self, foresight: Foresight, steps: int) -> None:
        """Simulation of the next `steps` steps under a plan whose first step is the next one. Raises SolverError."""
        month = int(self.model.calendar.billing_month[self.done])
        levels = {column: _level(foresight.levels, name, month) for column, name in self._level.items()}
        for offset in range(steps):
            self._step(foresight, offset, levels)
            self.done += 1

    def _step(self, foresight: Foresight, offset: int, foreseen: Mapping[int, float]) -> None:
        """Simulation of one step: planned columns fixed, the rest optimal for this step and the plan's shadow prices of stocks."""
        matrix, step = self.compiled.matrix, self.done
        own = self._lines.columns[step]
        for column in own:
            if int(column) in self._planned:
                self.values[column] = foresight.decisions[self._planned[int(column)]][offset]
        free = np.array([column for column in own if int(column) not in self._planned], dtype=np.int64)
        levels = np.array(sorted(self._level), dtype=np.int64)
        columns = np.concatenate([free, levels])
        lower = matrix.lower[columns].copy()
        for place, column in enumerate(levels, start=len(free)):
            if matrix.is_integer[column]:
                continue  # whether a month earns its discount is known at its end
            lower[place] = min(max(self.values[column], foreseen[int(column)]), matrix.upper[column])
        rows = self._lines.ending(step, free)
        table = self._lines.by_row[rows]
        known = self.values.copy()
        known[columns] = 0.0
        fixed_activity = table @ known
        shadow_prices = self._later_shadow_prices(step, columns, foresight, offset)
        now = Matrix(
            cost=matrix.cost[columns] - shadow_prices, offset=0.0,
            rows=sp.csc_array(table[:, columns]), row_lower=matrix.row_lower[rows] - fixed_activity - SLACK,
            row_upper=matrix.row_upper[rows] - fixed_activity + SLACK, lower=lower, upper=matrix.upper[columns],
            is_integer=np.zeros(len(columns), dtype=bool), step=np.zeros(len(columns), dtype=np.int64),
            pairs=matrix.pairs.among(free),
        )  # fmt: skip
        expected_levels = {
            place: foresight.expected[self._stock[int(column)]][offset]
            for place, column in enumerate(free)
            if self._stock.get(int(column)) in foresight.expected
        }
        self.values[free] = complementary_answer(_near(now, expected_levels, shadow_prices)).values[: len(free)]
        self._raise_levels(rows)

    def _later_shadow_prices(self, step: int, columns: Integers, foresight: Foresight, offset: int) -> Floats:
        """Shadow prices of columns for later steps: the plan's prices of the rows that carry them on."""
        shadow_prices = np.zeros(len(self.values))
        for row in self._lines.leaving(step):
            name, at = self._row.get(int(row), ("", -1))  # −1: a row of the whole span, such as a promised ratio
            prices, later = foresight.shadow_prices.get(name), offset + (at - step if at >= 0 else 0)
            if prices is None or not 0 <= later < len(prices):
                continue
            entries = slice(self._lines.by_row.indptr[row], self._lines.by_row.indptr[row + 1])
            shadow_prices[self._lines.by_row.indices[entries]] += self._lines.by_row.data[entries] * prices[later]
        shadow_prices[self.compiled.matrix.step != step] = 0.0
        return np.asarray(shadow_prices[columns])

    def _raise_levels(self, rows: Integers) -> None:
        """Month-long levels raised to what came: as low as this step's rows allow."""
        table, matrix = self._lines.by_row[rows], self.compiled.matrix
        over = table @ self.values - matrix.row_upper[rows]
        for number in np.flatnonzero(over > SLACK):
            entries = slice(table.indptr[number], table.indptr[number + 1])
            for column, factor in zip(table.indices[entries], table.data[entries], strict=True):
                if int(column) in self._level and factor < 0:
                    self.values[column] = min(self.values[column] + over[number] / -factor, matrix.upper[column])

    def states(self) -> dict[tuple[str, str], State]:
        """State of every asset after the steps done."""
        so_far = results_of(
            self.model, self.compiled, self.values, np.zeros(len(self.compiled.matrix.row_lower)), self.inputs
        )
        views, states = inputs_by_asset(self.inputs), {}
        for (site, asset, _), record in records_of(so_far).items():
            technology, view = self.assets[site, asset], views.get((site, asset, 0)) or self._empty(asset)
            state = technology.closing_state(record, view, technology.opening_state(), self.done - 1)
            if state:
                states[site, asset] = state
        return states

    def _empty(self, asset: str) -> Inputs:
        """View of an asset without series."""
        return Inputs(asset, self.model.calendar, range(self.model.calendar.count), {})

    def results(self) -> xr.Dataset:
        """Whole span as it came, checked. Raises ResultError, SolverError."""
        matrix = self.compiled.matrix
        fixed_columns = np.array(sorted(set(self._planned) | self._lines.carried()), dtype=np.int64)
        loose = replace(
            matrix, row_lower=matrix.row_lower - FINAL_SLACK, row_upper=matrix.row_upper + FINAL_SLACK
        ).with_fixed(
            fixed_columns, np.clip(self.values[fixed_columns], matrix.lower[fixed_columns], matrix.upper[fixed_columns])
        )
        relaxation = Relaxation(loose)
        relaxation.keep_complementary(loose)
        answer = relaxation.solve_fixed(fixed_columns, loose.lower[fixed_columns])
        whole = np.flatnonzero(matrix.is_integer & (loose.lower < loose.upper))
        if len(whole):  # what only the span's end tells, such as a month's discount: not more than what was earned
            fixed_columns = np.concatenate([fixed_columns, whole])
            answer = relaxation.solve_fixed(
                fixed_columns,
                np.append(loose.lower[fixed_columns[: -len(whole)]], np.floor(answer.values[whole] + WHOLE)),
            )
        assert answer.row_dual is not None
        return checked(results_of(self.model, self.compiled, answer.values, answer.row_dual, self.inputs), self.assets)

    def cost(self, results: xr.Dataset) -> float:
        """Bill of the whole span."""
        return bill.total_cost(bill.bill_by_step(results, self.assets))


def _near(now: Matrix, expected_levels: Mapping[int, float], shadow_prices: Floats) -> Matrix:
    """Problem with a small price on every unit by which a column leaves its planned value."""
    if not expected_levels:
        return now
    places, count = np.array(list(expected_levels), dtype=np.int64), len(expected_levels)
    picked = sp.csc_array((np.ones(count), (np.arange(count), places)), shape=(count, len(now.cost)))
    away = sp.hstack([-sp.eye_array(count), sp.eye_array(count)])
    price = np.tile(np.abs(shadow_prices[places]) * TIE_SHARE, 2)
    target = np.array(list(expected_levels.values()))
    return Matrix(
        cost=np.append(now.cost, price), offset=0.0,
        rows=sp.csc_array(sp.block_array([[now.rows, None], [picked, away]])),
        row_lower=np.append(now.row_lower, target), row_upper=np.append(now.row_upper, target),
        lower=np.append(now.lower, np.zeros(2 * count)), upper=np.append(now.upper, np.full(2 * count, np.inf)),
        is_integer=np.append(now.is_integer, np.zeros(2 * count, dtype=bool)),
        step=np.append(now.step, np.zeros(2 * count, dtype=np.int64)), pairs=now.pairs,
    )  # fmt: skip


def _level(levels: Mapping[str, float], name: str, month: int) -> float:
    """Foreseen value of a month-long level for a plan that begins in that month of the span; months are counted from its own first."""
    stem, _, index = name.rpartition(":")
    own = f"{stem}:{int(index) - month}" if index.isdigit() else name
    return levels.get(own, levels.get(name, 0.0))


@dataclass(frozen=True)
class _Lines:
    """Columns that belong to a step, rows that end in it and rows that lead out of it."""

    by_row: sp.csr_array
    columns: list[Integers]
    first: Integers
    last: Integers
    step: Integers

    @staticmethod
    def of(matrix: Matrix) -> _Lines:
        by_row = sp.csr_array(matrix.rows)
        count = int(matrix.step.max()) + 1
        rows = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
        steps = matrix.step[by_row.indices]
        first, last = np.full(by_row.shape[0], count), np.full(by_row.shape[0], -1)
        np.minimum.at(first, rows[steps >= 0], steps[steps >= 0])
        np.maximum.at(last, rows[steps >= 0], steps[steps >= 0])
        return _Lines(by_row, [np.flatnonzero(matrix.step == step) for step in range(count)], first, last, matrix.step)

    def ending(self, step: int, free: Integers) -> Integers:
        """Rows whose last column is of this step, and that a free column of it is part of."""
        rows = np.flatnonzero(self.last == step)
        is_free = np.zeros(self.by_row.shape[1])
        is_free[free] = 1.0
        return np.asarray(rows[abs(self.by_row[rows]) @ is_free > 0], dtype=np.int64)

    def leaving(self, step: int) -> Integers:
        """Rows that reach from this step, or from before it, to a later one."""
        return np.flatnonzero((self.first <= step) & (self.last > step))

    def carried(self) -> set[int]:
        """Columns that rows of a later step contain: stored energy and the like."""
        carried_columns: set[int] = set()
        for row in np.flatnonzero(self.last > self.first):
            columns = self.by_row.indices[self.by_row.indptr[row] : self.by_row.indptr[row + 1]]
            carried_columns |= {
                int(column) for column in columns[(self.step[columns] >= 0) & (self.step[columns] < self.last[row])]
            }
        return carried_columns
