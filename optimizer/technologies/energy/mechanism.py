"""Mechanism price of exported new energy: the difference to the market's mean is paid, or paid back (发改价格〔2025〕136号).

Pay of a month: mechanism energy x (mechanism price - month's mean). Mechanism energy is a share of the export, up to a twelfth of the
yearly volume where one is set (by even months: assumption).
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series
from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Inputs
from optimizer.technologies.energy.waiver import greatest
from optimizer.technologies.linear import Floats, Linear

MONTHS_OF_A_YEAR = 12


class MechanismPrice(Settings):
    """Mechanism price of exported new energy."""

    share: float = Field(gt=0, le=1)
    """Share of the exported energy that is in the mechanism."""
    price_per_mwh: float = Field(ge=0)
    """Mechanism price."""
    mean_price_per_mwh: Series
    """Mean market price of the month for the same technology, as the province reckons it; by month with `monthly`."""
    most_mwh_per_year: float | None = Field(default=None, ge=0)
    """Most energy of a year in the mechanism, a twelfth a month; none: the share alone limits it."""

    def most_by_month(self, inputs: Inputs) -> Floats:
        """Most energy in the mechanism by month, for the share of it planned; shape (months,)."""
        return (self.most_mwh_per_year or 0.0) / MONTHS_OF_A_YEAR * inputs.calendar.month_share

    def pay_by_month(self, inputs: Inputs) -> Floats:
        """Payment on a MWh in the mechanism by month, shape (months,)."""
        month = inputs.calendar.billing_month
        return self.price_per_mwh - np.bincount(month, weights=inputs["mean_price_per_mwh"]) / np.bincount(month)

    def add(self, block: Block, inputs: Inputs, given: Linear) -> Linear:
        """Cost by month of a limited mechanism (below zero: income); a month that pays back chooses nothing."""
        month, most, pay = inputs.calendar.billing_month, self.most_by_month(inputs), self.pay_by_month(inputs)
        months = range(len(most))
        eligible = [
            (given.take(np.flatnonzero(month == m).tolist()) * (self.share * inputs.step_h)).sum() for m in months
        ]
        block.mechanism_mwh = pyo.Var(months, bounds=lambda _, m: (0.0, float(most[m])))

        @block.Constraint(months)
        def mechanism_energy_is_exported(b: Block, m: int) -> Expr:
            return eligible[m].at(0) >= b.mechanism_mwh[m]

        back = [m for m in months if pay[m] < 0]
        block.volume_is_used_up = pyo.Var(back, domain=pyo.Binary)

        @block.Constraint(back)
        def all_that_is_exported_pays_back(b: Block, m: int) -> Expr:
            exported = float(greatest(eligible[m])[0])
            return b.mechanism_mwh[m] >= eligible[m].at(0) - exported * b.volume_is_used_up[m]

        @block.Constraint(back)
        def the_whole_volume_pays_back(b: Block, m: int) -> Expr:
            return b.mechanism_mwh[m] >= float(most[m]) * b.volume_is_used_up[m]

        return Linear.of(block.mechanism_mwh.values()) * -pay

    def bill(self, given_mw: Floats, inputs: Inputs) -> Floats:
        """The same from plain exports, even over the steps of each month, shape (steps,)."""
        month = inputs.calendar.billing_month
        exported = np.bincount(month, weights=given_mw) * inputs.step_h
        money = -np.minimum(self.share * exported, self.most_by_month(inputs)) * self.pay_by_month(inputs)
        return np.asarray((money / np.bincount(month))[month])
