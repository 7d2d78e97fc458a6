"""Financial appraisal: yearly cash flows of a project and their present value against another project.

Year 0 is the year of building; costs are negative, incomes positive; yearly sums fall due at the end of their year.
Taxes are optional: costs are deductible, depreciation and credits come back as tax not paid. Formulas that numpy-financial
has are taken from there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy_financial as npf
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """Financial terms shared by all projects that are compared. Rates and growths are shares a year."""

    years: int
    discount_rate: float
    tax_rate: float = 0.0
    cost_growth: float = 0.0
    """Growth of the running cost (energy, leases)."""
    operation_growth: float = 0.0
    """Growth of operation and maintenance."""
    degradation: float = 0.0
    """Loss of output and revenue a year, from the second year on."""


@dataclass(frozen=True)
class Investment:
    """Investment: one purchase with its life and yearly cost. Money in the currency of the study."""

    cost: float
    operation_per_year: float = 0.0
    replacements: Mapping[int, float] = field(default_factory=dict)
    """Year → what is paid again then."""
    salvage: float = 0.0
    """What it is still worth at the end of the last year."""
    tax_credit: float = 0.0
    """Share of the cost paid back in year 1."""
    depreciation: Sequence[float] = ()
    """Share of the depreciable cost written off in year 1, 2, ..."""
    bonus: float = 0.0
    """Share of the depreciable cost written off at once in year 1; the rest follows `depreciation`."""
    credit_reduction: float = 0.5
    """Share of the tax credit by which the depreciable cost is smaller."""

    @staticmethod
    def renewed(cost: float, *, life_years: float, years: int, operation_share: float = 0.0) -> Investment:
        """Investment bought anew whenever its life is over; what is unused of the last one counts as salvage (straight line)."""
        times = np.arange(life_years, years, life_years)
        replacements: dict[int, float] = {}
        for time in times:
            year = math.ceil(time - 1e-9)
            replacements[year] = replacements.get(year, 0.0) + cost
        last = float(times[-1]) if len(times) else 0.0
        unused = max(1.0 - (years - last) / life_years, 0.0)
        return Investment(cost, cost * operation_share, replacements, salvage=cost * unused)


def cash_flow(investments: Sequence[Investment], terms: Terms, *, running_cost: float, revenue: float = 0.0) -> Floats:
    """Net cash of each year, shape (years + 1,): year 0 first. `running_cost` and `revenue` are those of one year at today's prices."""
    year = np.arange(1, terms.years + 1)
    kept = 1.0 - terms.tax_rate
    flows = np.zeros(terms.years + 1)
    flows[1:] -= kept * running_cost * (1 + terms.cost_growth) ** year
    flows[1:] += kept * revenue * (1 - terms.degradation) ** (year - 1)
    for investment in investments:
        flows[0] -= investment.cost
        flows[1:] -= kept * investment.operation_per_year * (1 + terms.operation_growth) ** year
        for when, cost in investment.replacements.items():
            flows[when] -= kept * cost
        flows[-1] += investment.salvage
        flows[1:] += _tax_back(investment, terms)
    return flows


def _tax_back(investment: Investment, terms: Terms) -> Floats:
    """Credits and depreciation as tax not paid, by year, shape (years,)."""
    back = np.zeros(terms.years)
    basis = investment.cost * (1 - investment.credit_reduction * investment.tax_credit)
    shares = np.zeros(terms.years)
    written = np.asarray(investment.depreciation, dtype=float)[: terms.years]
    shares[: len(written)] = (1 - investment.bonus) * written
    shares[0] += investment.bonus
    back += terms.tax_rate * basis * shares
    back[0] += investment.cost * investment.tax_credit
    return back


def net_present_value(flows: Floats, discount_rate: float) -> float:
    """Net present value of yearly cash flows."""
    return float(npf.npv(discount_rate, flows))


def internal_rate_of_return(flows: Floats) -> float:
    """Discount rate at which the flows are worth nothing; NaN where there is none (no money comes back, or none is spent)."""
    if not ((flows < 0).any() and (flows > 0).any()):
        return math.nan
    return float(npf.irr(flows))


def payback_years(flows: Floats, discount_rate: float = 0.0) -> float:
    """Years until the money spent has come back for good, linear within a year; infinite if it never does, 0 if none is spent.

    With a discount rate it is the discounted payback.
    """
    total = np.cumsum(flows / (1 + discount_rate) ** np.arange(len(flows)))
    if (total >= 0).all():
        return 0.0
    last_owed = int(np.flatnonzero(total < 0)[-1])
    if last_owed == len(flows) - 1:
        return math.inf
    return last_owed + float(-total[last_owed] / (total[last_owed + 1] - total[last_owed]))


def levelised_cost(flows: Floats, quantity_per_year: float, terms: Terms) -> float:
    """Price of a unit (MWh, card-hour) at which the project neither gains nor loses; flows without the unit's revenue.

    −NPV over the discounted quantity; NaN where nothing is made.
    """
    made = quantity_per_year * (1 - terms.degradation) ** np.arange(terms.years)
    discounted_quantity = float(npf.npv(terms.discount_rate, np.concatenate([[0.0], made])))
    return -net_present_value(flows, terms.discount_rate) / discounted_quantity if discounted_quantity else math.nan


@dataclass(frozen=True)
class Comparison:
    """Project economics against a baseline: what the extra money spent at the start brings."""

    net_present_value: float
    internal_rate_of_return: float
    payback_years: float
    discounted_payback_years: float


def compared(flows: Floats, baseline: Floats, terms: Terms) -> Comparison:
    """Comparison of two cash flows of the same years. Raises ValueError if they differ in length."""
    if len(flows) != len(baseline):
        raise ValueError(f"{len(flows) - 1} years against {len(baseline) - 1}; compare projects over the same years")
    extra = flows - baseline
    return Comparison(
        net_present_value(extra, terms.discount_rate),
        internal_rate_of_return(extra),
        payback_years(extra),
        payback_years(extra, terms.discount_rate),
    )
