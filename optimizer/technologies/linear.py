"""A quantity that is a straight line in the model's variables: Σ coefficient × variable + constant, one per entry.

Technologies describe flows, stocks and costs with it; the model turns it into constraints, the results into numbers.
Kept apart from Pyomo's expressions because a year has a million of them: this form costs arrays, not objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.solve.pyomo_types import Variable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """`constant + Σ coefficients · variables`, entry by entry; every array and list has shape (n,)."""

    terms: tuple[tuple[Floats, Sequence[Variable]], ...]
    constant: Floats

    __array_ufunc__ = None  # array − line is a line, not an array of lines

    @staticmethod
    def of(variables: Iterable[Variable]) -> Linear:
        """Variables themselves, in the order given."""
        columns = list(variables)
        return Linear(((np.ones(len(columns)), columns),), np.zeros(len(columns)))

    @staticmethod
    def fixed(values: float | Sequence[float] | Floats, length: int) -> Linear:
        """Plain numbers, one an entry."""
        return Linear((), np.broadcast_to(np.asarray(values, dtype=float), (length,)).copy())

    @staticmethod
    def same(size: float | Variable, length: int) -> Linear:
        """Linear with one number or variable at every entry: a size over the steps."""
        return Linear.fixed(size, length) if isinstance(size, float) else Linear.of([size] * length)

    def __len__(self) -> int:
        return len(self.constant)

    def __add__(self, other: Linear | Floats | float) -> Linear:
        if isinstance(other, Linear):
            return Linear(self.terms + other.terms, self.constant + other.constant)
        return Linear(self.terms, self.constant + other)

    __radd__ = __add__

    def __mul__(self, factor: Floats | float) -> Linear:
        scale = np.broadcast_to(np.asarray(factor, dtype=float), (len(self),))
        return Linear(
            tuple((scale * coefficients, columns) for coefficients, columns in self.terms), scale * self.constant
        )

    __rmul__ = __mul__

    def __neg__(self) -> Linear:
        return self * -1.0

    def __sub__(self, other: Linear | Floats | float) -> Linear:
        return self + (-other)

    def __rsub__(self, other: Floats | float) -> Linear:
        return -self + other

    def at(self, entry: int) -> LinearExpression:
        """The Pyomo expression of one entry."""
        return LinearExpression(
            constant=float(self.constant[entry]),
            linear_coefs=[float(coefficients[entry]) for coefficients, _ in self.terms],
            linear_vars=[columns[entry] for _, columns in self.terms],
        )

    def take(self, entries: Sequence[int]) -> Linear:
        """Only these entries, in this order."""
        chosen = np.asarray(entries, dtype=int)
        terms = tuple((factors[chosen], [columns[e] for e in entries]) for factors, columns in self.terms)
        return Linear(terms, self.constant[chosen])

    def sum(self) -> Linear:
        """Sum of all entries as one entry: the total over all entries."""
        ones = [
            (np.array([c]), [v])
            for coefficients, columns in self.terms
            for c, v in zip(coefficients, columns, strict=True)
        ]
        return Linear(tuple(ones), np.array([self.constant.sum()]))


Amount = TypeVar("Amount", Linear, Floats)
"""Lines of a model, or plain numbers: one formula serves both."""


def total(parts: Iterable[Linear]) -> LinearExpression:
    """Pyomo expression for the sum of all entries of all parts (the objective)."""
    constant = 0.0
    coefficients: list[float] = []
    variables: list[Variable] = []
    for part in parts:
        constant += float(part.constant.sum())
        for factors, columns in part.terms:
            priced = np.flatnonzero(factors)  # what costs nothing has no place in the objective
            coefficients.extend(factors[priced].tolist())
            variables.extend(columns if len(priced) == len(factors) else [columns[entry] for entry in priced.tolist()])
    return LinearExpression(constant=constant, linear_coefs=coefficients, linear_vars=variables)


def mixture(shares: Sequence[Amount], points: Floats) -> Amount:
    """Shares times the values of their points, summed; `points`: shape (steps, shares). Works on lines and on numbers."""
    mixed = shares[0] * points[:, 0]
    for number, share in enumerate(shares[1:], start=1):
        mixed = mixed + share * points[:, number]
    return mixed
