"""Grid tie: energy by the hour, a charge on the month's highest import, a price on carbon.

Assumes: the demand charge of a month is due in the share of the month that the plan covers; importing and exporting at
once never pays while the export price is below the import price (held by a binary in the hours where it is not).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.inputs.series import Series, values_on
from optimizer.inputs.tariff import Tariff
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.linear import Floats, Linear

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7; ten times that is a violation."""
MOST_OVERLOAD = 10.0
"""A month's peak is at most this many times the tie."""


class Grid(Technology):
    """The tie to the public grid."""

    monthly_state: ClassVar[frozenset[str]] = frozenset({"peak_mw"})

    tariff: Tariff
    """Prices: a file of scenarios/tariffs by name, or written out here."""
    import_limit_mw: float = Field(ge=0)
    """Most power taken from the grid."""
    export_limit_mw: float = Field(default=0.0, ge=0)
    """Most power given to the grid."""
    carbon_t_per_mwh: Series = 0.0
    """Location-based emission factor of imported energy [t CO2/MWh]."""
    carbon_price_per_t: float = Field(default=0.0, ge=0)
    """Price put on a tonne of CO2."""
    overload_price_per_mwh: float = Field(default=20_000.0, gt=0)
    """Penalty for a MWh imported above the limit; the last resort that keeps a plan from being infeasible."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        calendar = outside.calendar
        return {
            "import_price_per_mwh": self.tariff.import_price(calendar),
            "export_price_per_mwh": values_on(self.tariff.export_price_per_mwh, calendar),
            "carbon_t_per_mwh": values_on(self.carbon_t_per_mwh, calendar),
        }

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:
        step_h = inputs.step_h
        block.import_mw = pyo.Var(inputs.steps, bounds=(0, self.import_limit_mw))
        block.overload_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        imported, overload = Linear.of(block.import_mw.values()), Linear.of(block.overload_mw.values())
        energy_price = inputs["import_price_per_mwh"] + inputs["carbon_t_per_mwh"] * self.carbon_price_per_t
        flows = {("electricity", "import"): imported, ("electricity", "overload"): overload}
        cost = [imported * (energy_price * step_h), overload * ((energy_price + self.overload_price_per_mwh) * step_h)]
        if self.export_limit_mw:
            block.export_mw = pyo.Var(inputs.steps, bounds=(0, self.export_limit_mw))
            exported = Linear.of(block.export_mw.values())
            flows[("electricity", "export")] = -exported
            cost.append(exported * (-inputs["export_price_per_mwh"] * step_h))
            self._one_way_where_export_pays(block, inputs)
        if self.tariff.demand_price_per_mw_month:
            cost.append(self._month_peaks(block, inputs, opening))
        return Contribution(flows=flows, cost=cost, shortfalls={"overload_mw": overload})

    def _one_way_where_export_pays(self, block: Any, inputs: Inputs) -> None:
        """A binary for the direction, only in hours in which buying and selling at once would earn money."""
        pays = inputs["export_price_per_mwh"] > inputs["import_price_per_mwh"]
        hours = [int(t) for t in np.flatnonzero(pays)]
        if not hours:
            return
        block.export_pays = pyo.Set(initialize=hours, within=inputs.steps)
        block.importing = pyo.Var(inputs.steps, domain=pyo.Binary)

        @block.Constraint(block.export_pays)
        def imports_only_when_importing(b: Any, t: int) -> Any:
            return b.import_mw[t] <= self.import_limit_mw * b.importing[t]

        @block.Constraint(block.export_pays)
        def exports_only_when_not_importing(b: Any, t: int) -> Any:
            return b.export_mw[t] <= self.export_limit_mw * (1 - b.importing[t])

    def _month_peaks(self, block: Any, inputs: Inputs, opening: State) -> Linear:
        month = inputs.calendar.billing_month.tolist()
        months = range(month[-1] + 1)
        least = self._least_demand(inputs, opening).tolist()
        most = MOST_OVERLOAD * (self.import_limit_mw + 1.0)  # finite, so that windows with a free peak stay bounded
        block.peak_mw = pyo.Var(months, bounds=lambda b, m: (least[m], most))

        @block.Constraint(inputs.steps)
        def import_within_months_peak(b: Any, t: int) -> Any:
            return b.import_mw[t] + b.overload_mw[t] <= b.peak_mw[month[t]]

        return Linear.of(block.peak_mw.values()) * self._demand_prices(inputs)

    def _least_demand(self, inputs: Inputs, opening: State) -> Floats:
        """Billed demand cannot fall below the minimum, nor in the first month below what was already imported."""
        least = np.full(int(inputs.calendar.billing_month[-1]) + 1, self.tariff.minimum_demand_share * self.import_limit_mw)
        least[0] = max(least[0], float(opening.get("peak_mw", 0.0)))
        return least

    def _demand_prices(self, inputs: Inputs) -> Floats:
        return self.tariff.demand_price_per_mw_month * inputs.calendar.month_share

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:
        imported, overload = record.flow("import"), record.flow("overload")
        taken_mwh = (imported + overload) * inputs.step_h
        items = {
            "energy": taken_mwh * inputs["import_price_per_mwh"],
            "carbon": taken_mwh * inputs["carbon_t_per_mwh"] * self.carbon_price_per_t,
            "overload penalty": overload * inputs.step_h * self.overload_price_per_mwh,
        }
        if self.export_limit_mw:
            items["export"] = record.flow("export") * inputs.step_h * inputs["export_price_per_mwh"]
        if self.tariff.demand_price_per_mw_month:
            items["demand charge"] = self._demand_charge(imported + overload, inputs, opening)
        return items

    def _demand_charge(self, imported: Floats, inputs: Inputs, opening: State) -> Floats:
        """Charged at the last step of each month, shape (steps,)."""
        charge, month = np.zeros(inputs.count), inputs.calendar.billing_month
        least, price = self._least_demand(inputs, opening), self._demand_prices(inputs)
        for number in range(int(month[-1]) + 1):
            steps = np.flatnonzero(month == number)
            charge[steps[-1]] = max(float(imported[steps].max()), least[number]) * price[number]
        return charge

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        imported = record.flow("import")
        exported = -record.flow("export") if self.export_limit_mw else np.zeros(inputs.count)
        pays = inputs["export_price_per_mwh"] > inputs["import_price_per_mwh"]
        laws = {
            "imports above its limit": (imported < -TOLERANCE_MW) | (imported > self.import_limit_mw + TOLERANCE_MW),
            "exports above its limit": (exported < -TOLERANCE_MW) | (exported > self.export_limit_mw + TOLERANCE_MW),
            # 1e-5: HiGHS accepts a binary 1e-6 off, times the limit
            "imports and exports at once": pays & (np.minimum(imported, exported) > 1e-5 * (1 + self.import_limit_mw)),
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def state_after(self, record: Record, step: int) -> State:
        return {"peak_mw": float((record.flow("import") + record.flow("overload"))[: step + 1].max())}

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return {"peak_mw": (0.0, MOST_OVERLOAD * (self.import_limit_mw + 1.0))}

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, {"electricity"}
