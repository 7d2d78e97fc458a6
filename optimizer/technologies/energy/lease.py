"""Lease of a share of a shared station: what the right costs, when it holds, and what the grid pays for calls."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.calendar import HOURS_PER_YEAR
from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs, Outside, Settings
from optimizer.technologies.linear import Floats, Linear


class Call(Settings):
    """Grid calls the station to give power (peak shaving) and pays for what it gives; that energy leaves."""

    price_per_mwh: Series
    """What a called MWh earns, by hour; 0 where there is no call."""
    most_mw: Series
    """Most power the grid takes, by hour; 0 where there is no call."""


def called_power(block: Block, inputs: Inputs) -> Linear:
    """Power a store gives on the grid's call; part of its discharge."""
    most = inputs["call_limit_mw"].tolist()
    block.called_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, most[t]))

    @block.Constraint(inputs.steps)
    def called_power_is_discharged(b: Block, t: int) -> Expr:
        return b.called_mw[t] <= b.discharge_mw[t]

    return Linear.of(block.called_mw.values())


class Lease(Settings):
    """Contract for a share of a shared station."""

    price_per_mwh_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MWh of energy."""
    price_per_mw_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MW of power."""
    fee_per_mwh: float = Field(default=0.0, ge=0)
    """Fee on each MWh taken out."""
    charge_rights: Series = 1.0
    """Share of the leased power that may be taken in, by hour, 0..1."""
    discharge_rights: Series = 1.0
    """Share of the leased power that may be taken out, by hour, 0..1."""
    call: Call | None = None
    """Calls by the grid; none: the station is not called."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        """Rights, and prices and limits of calls, by hour."""
        calendar, member = outside.calendar, outside.member
        series = {
            "charge_share": np.clip(values_on(self.charge_rights, calendar, member), 0.0, 1.0),
            "discharge_share": np.clip(values_on(self.discharge_rights, calendar, member), 0.0, 1.0),
        }
        if self.call is not None:
            series["call_price_per_mwh"] = values_on(self.call.price_per_mwh, calendar, member)
            series["call_limit_mw"] = np.maximum(values_on(self.call.most_mw, calendar, member), 0.0)
        return series

    def unpaid(self) -> Lease:
        """Lease of a share that nobody took: nothing is due for the right to it."""
        return self.model_copy(update={"price_per_mwh_year": 0.0, "price_per_mw_year": 0.0})

    def cost(self, power: Variable, energy: Variable, inputs: Inputs) -> list[Linear]:
        """Lease cost over the plan; sizes are numbers or variables."""
        years = inputs.calendar.years
        rates = ((power, self.price_per_mw_year), (energy, self.price_per_mwh_year))
        return [
            Linear.fixed(size * rate * years, 1) if isinstance(size, float) else Linear.of([size]) * (rate * years)
            for size, rate in rates
            if size is not None
        ]

    def bill(self, power_mw: float, energy_mwh: float, inputs: Inputs) -> Floats:
        """Lease cost by step, shape (steps,)."""
        yearly = self.price_per_mw_year * power_mw + self.price_per_mwh_year * energy_mwh
        return np.full(inputs.count, yearly * inputs.step_h / HOURS_PER_YEAR)


NOT_SAID = (
    "is reckoned behind the meter; a shared station hangs on the public grid: say behind_the_meter: false here and "
    "carries_stores: true on the tie, or behind_the_meter: true if it stands on the site's own network"
)
"""What is remarked of a leased share or a station whose place is not said."""


class OwnOrLeased(Settings):
    """Ownership and place of a store."""

    lease: Lease | None = None
    """Contract, where the store is a share of somebody else's station."""
    behind_the_meter: bool | None = None
    """Whether it stands behind the site's meter; false: on the public grid, reached through a tie that `carries_stores`. None:
    behind the meter, and of a leased share that is remarked.
    """

    @property
    def on_site(self) -> bool:
        """Whether it stands behind the site's meter."""
        return self.behind_the_meter is not False

    def remarks(self, _outside: Outside, _offered: Mapping[str, float]) -> list[str]:
        """Remark on a leased share whose place is not said."""
        return [NOT_SAID] if self.lease is not None and self.behind_the_meter is None else []
