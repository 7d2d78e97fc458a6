"""Charges on the highest import as constraints: a peak for each billed period, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimizer.quantities.demand_charge import DemandCharge
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs
from optimizer.technologies.energy.demand_tiers import add_demand_tiers
from optimizer.technologies.energy.waiver import greatest
from optimizer.technologies.limits import Limit, Scarcity
from optimizer.technologies.linear import Floats, Linear

DECLARED_TOLERANCE = 0.05
"""Import up to 105 % of the declared demand costs nothing more; what exceeds it is charged twice (Chinese rule)."""
OVER_FACTOR = 2.0


@dataclass(frozen=True)
class Charge:
    """A demand charge on this plan's hours."""

    terms: DemandCharge
    counts: Floats
    """1 in steps whose import counts, shape (steps,)."""
    opened_mw: float
    """Peak of the first period before the plan starts."""
    multiplier: float = 1.0
    """Factor on its price (power factor)."""

    def prices(self, inputs: Inputs) -> Floats:
        """Money for a MW in each period, shape (periods,)."""
        return self.terms.prices(inputs.calendar) * self.multiplier

    def least(self, inputs: Inputs) -> Floats:
        """Minimum billed demand of each period, shape (periods,)."""
        return self.terms.least(inputs.calendar, self.opened_mw)

    def peak_after(self, import_mw: Floats, inputs: Inputs, step: int) -> float:
        """Peak so far of the period that the step after `step` lies in; a mean is not handed on."""
        if self.terms.measure == "mean":
            return 0.0
        first = inputs.calendar.steps_before
        period = self.terms.period(inputs.calendar.whole)[first : first + step + 2]
        same = period[: step + 1] == period[-1]
        peak = float((self.counts[: step + 1] * import_mw[: step + 1])[same].max(initial=0.0))
        return max(peak, self.opened_mw) if period[0] == period[-1] else peak

    def paid_elsewhere(self, inputs: Inputs) -> Floats:
        """Share of the minimum demand paid by the other hours of a longer plan; what exceeds it these hours pay alone. Shape (periods,)."""
        own = self.terms.prices_of_these_hours(inputs.calendar) * self.multiplier
        least, calendar = self.least(inputs), inputs.calendar
        due = (self.terms.due(calendar) - self.terms.due_for_these_hours(calendar)) * self.multiplier
        return least * (self.prices(inputs) - own) + self.terms.extra_of(least) * due

    def by_step(self, money: Floats, inputs: Inputs) -> Floats:
        """Money of each period put into its last step, shape (steps,)."""
        period, charged = self.terms.period(inputs.calendar), np.zeros(inputs.count)
        charged[np.searchsorted(period, np.arange(len(money)), side="right") - 1] = money
        return charged

    def bill(self, import_mw: Floats, inputs: Inputs) -> Floats:
        """Charge from plain imports, in the last step of each period, shape (steps,)."""
        billed = self.terms.billed_mw(import_mw, inputs.calendar, self.counts, self.opened_mw)
        money = billed * self.prices(inputs) + self.terms.extra_of(billed) * self.due(inputs)
        return self.by_step(money - self.paid_elsewhere(inputs), inputs)

    def due(self, inputs: Inputs) -> Floats:
        """Share of its price due in each period, with the power factor; shape (periods,)."""
        return self.terms.due(inputs.calendar) * self.multiplier

    def declared_bill(self, import_mw: Floats, declared_mw: float, inputs: Inputs) -> Floats:
        """Charge on a declared demand: the declared, and twice what exceeds it by more than the tolerance."""
        peak = self.terms.billed_mw(import_mw, inputs.calendar, self.counts, self.opened_mw)
        over = np.maximum(peak - (1 + DECLARED_TOLERANCE) * declared_mw, 0.0)
        return self.by_step((declared_mw + OVER_FACTOR * over) * self.prices(inputs), inputs)


def add_peaks(block: Block, inputs: Inputs, charge: Charge, taken: Linear, most_mw: float) -> Linear:
    """Billed demand of each period, shape (periods,); `block` is the charge's own. `most_mw` keeps it finite."""
    least, ratchet = charge.least(inputs).tolist(), charge.terms.ratchet
    first = charge.opened_mw
    low = least if ratchet is None else [first] + [0.0] * (len(least) - 1)
    block.peak_mw = pyo.Var(range(len(least)), bounds=lambda _, n: (low[n], max(most_mw, low[n])))
    _read(block, inputs, charge, taken)
    if ratchet is None:
        return Linear.of(block.peak_mw.values())
    remembered = charge.terms.remembered(inputs.calendar)
    block.billed_mw = pyo.Var(range(len(least)), bounds=lambda _, n: (least[n], max(most_mw, least[n])))
    pairs = [(n, m) for n, months in enumerate(remembered) for m in months]

    @block.Constraint(range(len(least)))
    def billed_at_least_the_peak(b: Block, n: int) -> Expr:
        return b.billed_mw[n] >= b.peak_mw[n]

    @block.Constraint(range(len(pairs)))
    def billed_at_least_a_share_of_earlier_peaks(b: Block, k: int) -> Expr:
        now, before = pairs[k]
        return b.billed_mw[now] >= ratchet.share * b.peak_mw[before]

    return Linear.of(block.billed_mw.values())


def tier_cost(block: Block, inputs: Inputs, charge: Charge, billed: Linear) -> list[Linear]:
    """Money of the charge's tiers, as entries of the objective; nothing where it has none."""
    if not charge.terms.tiers:
        return []
    block.tiers = pyo.Block()
    return [add_demand_tiers(block.tiers, charge.terms.tiers, billed, greatest(billed), charge.due(inputs))]


def _read(block: Block, inputs: Inputs, charge: Charge, taken: Linear) -> None:
    """Tie the peaks to the import of the steps that count."""
    period, counts = charge.terms.period(inputs.calendar), charge.counts
    steps = [int(t) for t in np.flatnonzero(counts)]
    if charge.terms.measure == "mean":
        hours = np.bincount(period, weights=counts)

        @block.Constraint(range(len(hours)))
        def mean_import_within_peak(b: Block, n: int) -> Expr:
            own = [t for t in steps if period[t] == n]
            if not own:
                return pyo.Constraint.Skip
            return b.peak_mw[n] >= (taken.take(own) * (1 / hours[n])).sum().at(0)

        return
    numbers = period.tolist()

    @block.Constraint(range(len(steps)))
    def import_within_peak(b: Block, k: int) -> Expr:
        return taken.at(steps[k]) - b.peak_mw[numbers[steps[k]]] <= 0


def peak_rows(block: Block, inputs: Inputs, charge: Charge) -> list[tuple[int, Any, float]]:
    """Rows by which import counts for a charge: step, row, share of the step's import in it."""
    period, steps = charge.terms.period(inputs.calendar), np.flatnonzero(charge.counts).tolist()
    if charge.terms.measure == "mean":
        hours, rows = np.bincount(period, weights=charge.counts), block.mean_import_within_peak
        return [(t, rows[period[t]], 1 / hours[period[t]]) for t in steps]
    return [(steps[k], row, 1.0) for k, row in block.import_within_peak.items()]


def tie_scarcity(
    block: Block, inputs: Inputs, charges: Mapping[str, Charge], imported: Linear, given: Linear
) -> dict[Limit, Scarcity]:
    """Limits of a tie whose shadow prices make power dear or cheap: most import, most export, billed peaks."""
    peaks = [
        row for key, charge in charges.items() for row in peak_rows(block.component(f"charge_{key}"), inputs, charge)
    ]
    ways = {Limit.IMPORT: Scarcity(upper=imported), Limit.DEMAND_PEAK: Scarcity(rows=peaks)}
    return ways | ({Limit.EXPORT: Scarcity(upper=given)} if given.terms else {})


def add_excess(block: Block, peaks: Linear, declared: Variable) -> Linear:
    """Billed MW of each period under a declared demand (a number or a variable), shape (periods,)."""
    periods = range(len(peaks))
    most = max(float(variable.ub) for _, variables in peaks.terms for variable in variables)
    block.excess_mw = pyo.Var(periods, bounds=(0, most))

    @block.Constraint(periods)
    def excess_over_the_declared(b: Block, n: int) -> Expr:
        return b.excess_mw[n] >= peaks.at(n) - (1 + DECLARED_TOLERANCE) * declared

    excess = Linear.of(block.excess_mw.values()) * OVER_FACTOR
    if isinstance(declared, float):
        return excess + declared
    return excess + Linear.of([declared] * len(peaks))
