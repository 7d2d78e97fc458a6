"""A plan with its proof and its bill."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

from optimizer.plan import bill
from optimizer.plan.end_values import ShadowPrices
from optimizer.plan.reading import Reading
from optimizer.scenario.notebook_view import glance, plan_rows
from optimizer.solve.certified import Certificate


@dataclass(frozen=True)
class Plan(Reading):
    """A checked plan with its proof and its bill."""

    certificate: Certificate
    bill_by_step: pd.DataFrame
    shadow_prices: ShadowPrices = field(default_factory=dict)
    """Value of one more unit of every stock in each step [money]."""
    notes: tuple[str, ...] = ()
    """Remarks for a reader on how it was made."""

    @property
    def cost(self) -> float:
        """Total cost of the plan, from its bill."""
        return bill.total_cost(self.bill_by_step)

    @property
    def inputs(self) -> xr.Dataset:
        """Inputs Dataset it was made for."""
        return self.results[["input"]].assign_attrs(self.results.attrs)

    def bill_by_month(self) -> pd.DataFrame:
        """Money by local calendar month, one column an item."""
        return bill.bill_by_month(self.bill_by_step, self.results)

    def _repr_html_(self) -> str:
        proof, steps = self.certificate, int(self.results.sizes["time"])
        return glance("Plan", plan_rows(self.cost, proof.bound, proof.gap, proof.status, steps))
