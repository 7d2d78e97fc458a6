"""Discount of high use: a month that uses enough energy for its connected capacity pays a lower demand price (发改价格〔2023〕526号)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from optimizer.quantities.tariff import UseDiscount
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs
from optimizer.technologies.energy.waiver import greatest
from optimizer.technologies.linear import Floats, Linear


@dataclass(frozen=True)
class DiscountedDemand:
    """Demand of each month that is paid once the discount is taken off, on these hours."""

    discount: UseDiscount
    connected_mva: float

    def least_mwh(self, inputs: Inputs) -> Floats:
        """Energy of each month that earns the discount, for the share of the month planned, shape (months,)."""
        return self.discount.from_kwh_per_kva * self.connected_mva * inputs.calendar.month_share

    def add(self, block: Block, inputs: Inputs, billed: Linear, used_mw: Linear) -> tuple[Linear, Linear]:
        """MW paid by month, and whether each step's month has the discount; adds them and their rows to `block`."""
        most, share, least = greatest(billed), self.discount.share, self.least_mwh(inputs)
        months = inputs.calendar.billing_month
        block.paid_mw = pyo.Var(range(len(billed)), bounds=lambda _, m: (0.0, float(most[m])))
        block.discounted = pyo.Var(range(len(billed)), domain=pyo.Binary)

        @block.Constraint(range(len(billed)))
        def discounted_demand_is_paid(b: Block, m: int) -> Expr:
            return b.paid_mw[m] >= (1 - share) * billed.at(m)

        @block.Constraint(range(len(billed)))
        def demand_without_discount_is_paid(b: Block, m: int) -> Expr:
            return b.paid_mw[m] >= billed.at(m) - share * float(most[m]) * b.discounted[m]

        @block.Constraint(range(len(billed)))
        def discount_needs_its_use(b: Block, m: int) -> Expr:
            own = np.flatnonzero(months == m).tolist()
            used_mwh = (used_mw.take(own) * inputs.step_h).sum().at(0)
            return used_mwh - float(least[m]) * b.discounted[m] >= 0

        flags = Linear.of([block.discounted[int(m)] for m in months])
        return Linear.of(block.paid_mw.values()), flags

    def factor(self, flags: Floats) -> Floats:
        """Factor on the demand charge by step, from plain numbers, shape (steps,)."""
        return 1.0 - self.discount.share * np.round(flags)

    def unearned(self, flags: Floats, used_mw: Floats, inputs: Inputs) -> NDArray[np.bool_]:
        """Steps of months that have the discount without its use, shape (steps,)."""
        months = inputs.calendar.billing_month
        used_mwh = np.bincount(months, weights=used_mw) * inputs.step_h
        least = self.least_mwh(inputs)
        short = used_mwh < least - 1e-6 * (1 + least)  # a row of a month's energy is held relative to its terms
        return np.asarray(short[months] & (np.round(flags) == 1))
