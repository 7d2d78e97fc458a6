"""Discount of high use: a month that uses enough energy for its connected capacity pays a lower demand price (发改价格〔2023〕526号).

Hours that are a part of a longer plan know the month's use before them and are held to the month's threshold up to their end: a
month that is on course counts as one that earns the discount. A longer plan is judged by whole months.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.tariff import UseDiscount
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs, State
from optimizer.technologies.energy.waiver import greatest
from optimizer.technologies.linear import Floats, Linear

MONTH_USE_MWH = "month_use_mwh"
"""State: use of the month so far, imported and self-used."""


@dataclass(frozen=True)
class DiscountedDemand:
    """Demand of each month that is paid once the discount is taken off, on these hours."""

    discount: UseDiscount
    connected_mva: float
    used_before_mwh: float | None = None
    """Use of the first month before these hours; none: as much as keeps it on course."""

    def least_mwh(self, inputs: Inputs) -> Floats:
        """Energy these hours must use in each month to earn the discount, shape (months,); for a part of a month: to be on course."""
        calendar, monthly = inputs.calendar, self.discount.from_kwh_per_kva * self.connected_mva
        first, whole = calendar.steps_before, calendar.whole
        number = int(whole.billing_month[first])
        least = monthly * _month_share_until(whole, first + calendar.count)[number:]
        if first:
            least[0] -= self._on_course(inputs) if self.used_before_mwh is None else self.used_before_mwh
        return np.asarray(least)

    def used_after(self, used_mw: Floats, inputs: Inputs, step: int) -> float:
        """Use so far of the month that the step after `step` lies in [MWh]."""
        first, months = inputs.calendar.steps_before, inputs.calendar.whole.billing_month
        now = months[first : first + step + 2]
        used = float(used_mw[: step + 1][now[: step + 1] == now[-1]].sum()) * inputs.step_h
        if now[0] != now[-1]:
            return used
        return used + (self.used_before_mwh if self.used_before_mwh is not None else self._on_course(inputs))

    def _on_course(self, inputs: Inputs) -> float:
        """Use before these hours that keeps their first month on course [MWh]."""
        first, whole = inputs.calendar.steps_before, inputs.calendar.whole
        if not first:
            return 0.0
        number, before = int(whole.billing_month[first]), _month_share_until(whole, first)
        monthly = self.discount.from_kwh_per_kva * self.connected_mva
        return float(monthly * before[number]) if number < len(before) else 0.0

    def add(self, block: Block, inputs: Inputs, billed: Linear, used_mw: Linear) -> tuple[Linear, Linear, Linear]:
        """MW paid by month, and by month and by step whether the month has the discount; adds them and their rows to `block`."""
        most, share, least = greatest(billed), self.discount.share, self.least_mwh(inputs)
        months = inputs.calendar.billing_month
        block.paid_mw = pyo.Var(range(len(billed)), bounds=lambda _, m: (0.0, float(most[m])))
        block.discounted = pyo.Var(range(len(billed)), domain=pyo.Binary, initialize=0)  # none has it: always a plan

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
        return Linear.of(block.paid_mw.values()), Linear.of(block.discounted.values()), flags

    def earned(self, used_mw: Floats, inputs: Inputs) -> Floats:
        """Whether (1, else 0) each step's month has the use that earns the discount, shape (steps,)."""
        months = inputs.calendar.billing_month
        used_mwh = np.bincount(months, weights=used_mw) * inputs.step_h
        return (used_mwh >= self.least_mwh(inputs))[months].astype(float)

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


def known_use(opening: State) -> float | None:
    """Use of the month so far that a plan opens with [MWh]; none: it is not known."""
    used = opening.get(MONTH_USE_MWH)
    return None if used is None else float(used)


def _month_share_until(whole: Calendar, steps: int) -> Floats:
    """Share of each month that the first steps of a plan cover, shape (months,)."""
    return Calendar(whole.start, steps, whole.step_h, whole.timezone, whole.holidays).month_share
