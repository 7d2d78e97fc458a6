"""Grid-side storage: the payment for its capacity, and a limit on its full charges in a day.

A capacity payment (发改价格〔2026〕114号; provincial formulas are drafts) is a price on power, lowered where the store lasts shorter
than the longest peak: price × reliability × (1 − own use) × supply factor × min(1, hours / longest peak). A payment for each MWh
given to the public grid is a call of the lease (`lease: {call: ...}`). Assumes: a day is one of the local clock.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field

from optimizer.quantities.calendar import HOURS_PER_YEAR, Calendar
from optimizer.quantities.strict import Settings
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs, Record, State
from optimizer.technologies.linear import Floats, Linear

KW_PER_MW = 1000.0
CHARGED_TODAY = "charged_today_mwh"
"""State: energy taken in since the last local midnight."""


class CapacityPayment(Settings):
    """Payment for the capacity of an independent store on the public grid."""

    price_per_kw_year: float = Field(ge=0)
    """Capacity price of a kW and year, that of coal plants in the province."""
    longest_peak_h: float | None = Field(default=None, gt=0)
    """Hours the store must last for the whole price (the year's longest net-load peak); none: no matter how long."""
    reliability: float = Field(default=1.0, gt=0, le=1)
    """Reliable share of the power."""
    own_use_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of the power that the store itself uses."""
    supply_factor: float = Field(default=1.0, gt=0)
    """Factor of the province's supply over demand."""

    @property
    def per_mw_year(self) -> float:
        """Money for a MW that lasts long enough, and year."""
        return KW_PER_MW * self.price_per_kw_year * self.reliability * (1 - self.own_use_share) * self.supply_factor

    def credited_mw(self, power_mw: float, energy_mwh: float) -> float:
        """Power that is paid for in full."""
        return power_mw if self.longest_peak_h is None else min(power_mw, energy_mwh / self.longest_peak_h)


class GridSide(Settings):
    """Payment and limits of stores on the public grid."""

    capacity_payment: CapacityPayment | None = None
    """Payment for the capacity of a store on the public grid; none: none, as behind a meter."""
    most_full_charges_per_day: float | None = Field(default=None, gt=0)
    """Most energy taken in on a local day over the usable energy; none: no limit."""

    def paid_capacity(self, block: Block, inputs: Inputs, power: Variable, energy: Variable) -> list[Linear]:
        """Capacity payment as entries of the objective; sizes are numbers or variables."""
        payment = self.capacity_payment
        if payment is None:
            return []
        rate = -payment.per_mw_year * inputs.calendar.years
        if isinstance(power, float) and isinstance(energy, float):
            return [Linear.fixed(payment.credited_mw(power, energy) * rate, 1)]
        block.credited_mw = pyo.Var(domain=pyo.NonNegativeReals)
        ways = {"power": power}
        if payment.longest_peak_h is not None:
            ways["energy"] = energy * (1 / payment.longest_peak_h)

        @block.Constraint(list(ways))
        def credited_within_size(b: Block, way: str) -> Expr:
            return b.credited_mw <= ways[way]

        return [Linear.of([block.credited_mw]) * rate]

    def hold_full_charges(self, block: Block, inputs: Inputs, energy: Variable, opening: State) -> None:
        """Add the rows by which no day takes in more than its full charges."""
        most = self.most_full_charges_per_day
        if most is None:
            return
        day, before = _days(inputs.calendar), float(opening.get(CHARGED_TODAY, 0.0))

        @block.Constraint(range(int(day[-1]) + 1))
        def charges_of_a_day_are_few(b: Block, d: int) -> Expr:
            charged_mw = sum(b.charge_mw[int(t)] for t in np.flatnonzero(day == d))
            return charged_mw * inputs.step_h + (before if d == 0 else 0.0) <= most * energy

    def capacity_bill(self, record: Record, inputs: Inputs) -> dict[str, Floats]:
        """Capacity payment by step."""
        if self.capacity_payment is None:
            return {}
        credited = self.capacity_payment.credited_mw(record.sizes["power_mw"], record.sizes["energy_mwh"])
        yearly = -credited * self.capacity_payment.per_mw_year
        return {"capacity payment": np.full(inputs.count, yearly * inputs.step_h / HOURS_PER_YEAR)}

    def charged_too_often(self, record: Record, inputs: Inputs, opening: State, slack: float) -> NDArray[np.bool_]:
        """Steps of days that take in more than their full charges, shape (steps,)."""
        if self.most_full_charges_per_day is None:
            return np.zeros(inputs.count, dtype=bool)
        day = _days(inputs.calendar)
        charged = np.bincount(day, weights=-record.flow("charge")) * inputs.step_h
        charged[0] += opening.get(CHARGED_TODAY, 0.0)
        most = self.most_full_charges_per_day * record.sizes["energy_mwh"]
        return np.asarray(charged[day] > most + slack * np.bincount(day)[day])

    def charged_today(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """Energy taken in on the local day of the step after `step`."""
        if self.most_full_charges_per_day is None:
            return {}
        day = _days(inputs.calendar, more=1)
        same = day[: step + 1] == day[step + 1]
        charged = float(-record.flow("charge")[: step + 1][same].sum()) * inputs.step_h
        return {CHARGED_TODAY: charged + (opening.get(CHARGED_TODAY, 0.0) if day[0] == day[step + 1] else 0.0)}


def _days(calendar: Calendar, more: int = 0) -> NDArray[np.int64]:
    """Number of the local day of each step and of `more` steps after them, counted from the first; shape (steps + more,)."""
    longer = Calendar(calendar.start, calendar.count + more, calendar.step_h, calendar.timezone)
    midnight = longer.local.normalize()
    return np.asarray((midnight - midnight[0]).days, dtype=np.int64)
