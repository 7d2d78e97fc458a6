"""Standard form of a Pyomo model: costs, rows and columns as arrays, read straight from its linear expressions.

Pyomo's own compiler walks any expression, and takes twice as long for a year of hours as the model took to build. Rows
here are sums of products of a number and a variable, or of such sums; what else stands in one is left to Pyomo.
Order: a variable's component comes as a whole where its first entry is met, objective first; what is in no row is no column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyomo.environ as pyo
import scipy.sparse as sp
from numpy.typing import NDArray
from pyomo.common.numeric_types import native_numeric_types
from pyomo.core.base.var import ScalarVar, VarData
from pyomo.core.expr.numeric_expr import (
    LinearExpression,
    MonomialTermExpression,
    NegationExpression,
    ProductExpression,
    SumExpression,
)
from pyomo.core.expr.relational_expr import EqualityExpression, RangedExpression
from pyomo.repn import generate_standard_repn

from optimizer.solve.pyomo_types import Block, Expr, Steps, Variable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_SUMS = (LinearExpression, SumExpression)


class ModelError(ValueError):
    """Model that is no linear program, or has a row no plan can meet."""


@dataclass(frozen=True)
class StandardForm:
    """Standard form of a model: min cost·x + offset, row_lower ≤ rows·x ≤ row_upper, with what each row and column is."""

    cost: Floats
    offset: float
    rows: sp.csc_array
    row_lower: Floats
    row_upper: Floats
    columns: list[Variable]
    step: Integers
    """Step of each column, −1 for those that do not run over the steps."""
    row_of: dict[int, int]
    """id(ConstraintData) → row; of a row with two sides the one with the lower."""


def standard_form(root: Block) -> StandardForm:
    """Standard form of a model's only objective and its active constraints. Raises ModelError."""
    table = _Table(_Columns(root.steps))
    (objective,) = root.component_data_objects(pyo.Objective, active=True)
    offset = table.read(objective.expr, 1.0)
    entries = len(table.place)
    row_of: dict[int, int] = {}
    for constraint in _constraints(root):
        row_of[id(constraint)] = table.add_row(constraint)
    return _assembled(table, entries, offset, row_of)


def _constraints(root: Block) -> Iterator[Expr]:
    for block in root.block_data_objects(active=True):
        for component in block.component_objects(pyo.Constraint, active=True, descend_into=False):
            for constraint in component.values():
                if constraint.active:
                    yield constraint


@dataclass
class _Columns:
    """Variables met so far, component by component: where each stands, and its step."""

    steps: Steps
    place_of: dict[int, int] = field(default_factory=dict)
    """id(VarData) → place."""
    variables: list[Variable] = field(default_factory=list)
    step: list[int] = field(default_factory=list)

    def met(self, variable: Variable) -> int:
        """Place of a variable that was not met before; all of its component get one."""
        component = variable.parent_component()
        index = component.index_set()
        timed = (
            index is self.steps or next(iter(index.subsets()), None) is self.steps or getattr(index, "of_steps", False)
        )
        for number, (key, entry) in enumerate(component.items(), start=len(self.variables)):
            self.place_of[id(entry)] = number
            self.variables.append(entry)
            self.step.append((key[0] if isinstance(key, tuple) else key) if timed else -1)
        return self.place_of[id(variable)]


@dataclass
class _Table:
    """Rows read so far: places and coefficients of all their entries, where each row ends, and its sides."""

    columns: _Columns
    place: list[int] = field(default_factory=list)
    coefficient: list[float] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add_row(self, constraint: Expr) -> int:
        """Number of a constraint's row; one with two different sides makes two rows."""
        relation, begin = constraint.expr, len(self.place)
        if relation.__class__ is RangedExpression:
            low, body, high = relation.args
            lower, upper = float(pyo.value(low)), float(pyo.value(high))
            constant = self.read(body, 1.0)
        else:
            lower, upper, constant = self._one_sided(relation)
        if lower > -np.inf and upper < np.inf and lower != upper:
            entries = self.place[begin:], self.coefficient[begin:]
            self._close(-np.inf, upper - constant)
            self.place += entries[0]
            self.coefficient += entries[1]
            upper = np.inf
        self._close(lower - constant, upper - constant)
        return len(self.end) - 1

    def _close(self, lower: float, upper: float) -> None:
        self.end.append(len(self.place))
        self.lower.append(lower)
        self.upper.append(upper)

    def _one_sided(self, relation: Expr) -> tuple[float, float, float]:
        """Sides of an equation or of `left ≤ right`, and the constant in what was read: all that is no number alone."""
        left, right = relation.args
        equal = relation.__class__ is EqualityExpression
        if _is_number(right):
            side = float(pyo.value(right))
            return side if equal else -np.inf, side, self.read(left, 1.0)
        if _is_number(left):
            side = float(pyo.value(left))
            return side, side if equal else np.inf, self.read(right, 1.0)
        return 0.0 if equal else -np.inf, 0.0, self.read(left, 1.0) + self.read(right, -1.0)

    def read(self, expression: Expr, factor: float) -> float:
        """Constant of an expression times a factor; its terms become entries of the row that is being read. Raises ModelError."""
        kind = expression.__class__
        if kind in _SUMS:
            return self._read_sum(expression.args, factor)
        if kind in native_numeric_types:
            return factor * float(expression)
        if kind is VarData or kind is ScalarVar:
            self._enter(expression, factor)
            return 0.0
        if kind is MonomialTermExpression or kind is ProductExpression:
            first, second = expression.args
            if _is_number(first):
                return self.read(second, factor * float(pyo.value(first)))
            if _is_number(second):
                return self.read(first, factor * float(pyo.value(second)))
        if kind is NegationExpression:
            return self.read(expression.args[0], -factor)
        return self._read_by_pyomo(expression, factor)

    def _read_sum(self, parts: Iterable[Expr], factor: float) -> float:
        """Constant of a sum, as `read`: most entries of a model are met here, so names are looked up once."""
        constant, known = 0.0, self.columns.place_of.get
        to_place, to_coefficient = self.place.append, self.coefficient.append
        for part in parts:
            if part.__class__ is MonomialTermExpression:
                coefficient, variable = part.args
                if coefficient.__class__ in native_numeric_types:
                    place = known(id(variable))
                    to_place(self.columns.met(variable) if place is None else place)
                    to_coefficient(factor * coefficient)
                    continue
            constant += self.read(part, factor)
        return constant

    def _enter(self, variable: Variable, coefficient: float) -> None:
        place = self.columns.place_of.get(id(variable))
        self.place.append(self.columns.met(variable) if place is None else place)
        self.coefficient.append(coefficient)

    def _read_by_pyomo(self, expression: Expr, factor: float) -> float:
        form = generate_standard_repn(expression, compute_values=True, quadratic=False)
        if form.nonlinear_expr is not None:
            raise ModelError(f"not linear: {str(expression)[:200]}")
        for coefficient, variable in zip(form.linear_coefs, form.linear_vars, strict=True):
            self._enter(variable, factor * float(coefficient))
        return factor * float(form.constant)


def _is_number(expression: Expr) -> bool:
    """Whether an expression is a number, or one of numbers and parameters alone."""
    return expression.__class__ in native_numeric_types or not expression.is_potentially_variable()


def _assembled(table: _Table, objective_entries: int, offset: float, row_of: dict[int, int]) -> StandardForm:
    """Arrays of all that was read, without rows and columns that have no entry. Raises ModelError."""
    place, coefficient = np.array(table.place, dtype=np.int32), np.array(table.coefficient, dtype=float)
    cut, count = objective_entries, len(table.columns.variables)
    cost = np.bincount(place[:cut], weights=coefficient[:cut], minlength=count).astype(float)
    ends = np.append(cut, np.array(table.end, dtype=np.int64)) - cut
    rows = sp.csr_array((coefficient[cut:], place[cut:], ends), shape=(len(table.end), count))
    rows.sum_duplicates()
    rows.eliminate_zeros()
    lower, upper = np.array(table.lower, dtype=float), np.array(table.upper, dtype=float)
    filled = np.diff(rows.indptr) > 0
    if ((lower > 0) | (upper < 0))[~filled].any():
        raise ModelError("a row without variables cannot be met")
    if not filled.all():
        number = np.cumsum(filled) - 1
        row_of = {key: int(number[row]) for key, row in row_of.items() if filled[row]}
        rows, lower, upper = rows[filled], lower[filled], upper[filled]
    by_column = sp.csc_array(rows)
    used = np.flatnonzero((np.diff(by_column.indptr) > 0) | (cost != 0))
    return StandardForm(
        cost[used],
        offset,
        by_column[:, used],
        lower,
        upper,
        [table.columns.variables[column] for column in used.tolist()],
        np.array(table.columns.step, dtype=np.int64)[used],
        row_of,
    )
