"""Generator: a weather-driven source, common base of solar and wind.

Assumes: output may be curtailed in any step, at a price if there is one; what is sold over a meter of its own never
counts as used on site.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import (
    CAPACITY,
    Capacity,
    Contribution,
    Inputs,
    Outside,
    Record,
    Size,
    State,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.plant import Plant
from optimizer.technologies.tallies import Tally

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7 of their scaled size; ten times that is a violation."""


class Generator(Plant):
    """A weather-driven source on the electricity bus."""

    never_negative: ClassVar[frozenset[str]] = frozenset({"capacity_factor"})

    capacity_factor: Series | None = None
    """Own series of output per unit of capacity, 0..1, instead of one computed from weather."""
    cost_per_mwh: float = Field(default=1.0, ge=0)
    """Variable cost of a used MWh. A small one keeps surplus from being worth nothing, so that losses stay true."""
    contract_price_per_mwh: float | None = Field(default=None, ge=0)
    """Price of a used MWh under a contract with whoever owns the plant, beside `cost_per_mwh`; none: there is no contract."""
    curtailment_price_per_mwh: float = Field(default=0.0, ge=0)
    """Penalty for a curtailed MWh: available from the weather and not used."""
    direct_sale_price_per_mwh: Series | None = None
    """What a MWh earns that is sold over a meter of the source's own, never touching the site; none: no such meter."""

    @abstractmethod
    def capacity_mw(self) -> Capacity:
        """Rated output the capacity factor refers to [MW], given or to be found."""

    @abstractmethod
    def weather_capacity_factor(self, outside: Outside) -> Floats:
        """Capacity factor from weather, shape (steps,), 0..1."""

    def capacities(self) -> dict[str, Capacity]:
        return {"size_mw": self.capacity_mw()}

    def cost_is_stated(self) -> bool:
        return self.contract_price_per_mwh is not None or super().cost_is_stated()

    def needs_weather(self) -> bool:
        return self.capacity_factor is None

    def series(self, outside: Outside) -> dict[str, Floats]:
        given, calendar, member = self.capacity_factor, outside.calendar, outside.member
        series = {
            "capacity_factor": self.weather_capacity_factor(outside)
            if given is None
            else values_on(given, calendar, member)
        }
        if self.direct_sale_price_per_mwh is not None:
            series["direct_sale_price_per_mwh"] = values_on(self.direct_sale_price_per_mwh, calendar, member)
        return series

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        size = declare_size(block, "size_mw", self.capacity_mw(), inputs)
        factor, step_h = inputs["capacity_factor"].tolist(), inputs.step_h
        if isinstance(size, float):
            block.used_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, size * factor[t]))
            available = Linear.fixed(inputs["capacity_factor"] * size, inputs.count)
        else:
            block.used_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
            available = Linear.of([size] * inputs.count) * inputs["capacity_factor"]

            @block.Constraint(inputs.steps)
            def output_within_available_power(b: Block, t: int) -> Expr:
                return b.used_mw[t] <= factor[t] * size

        used = Linear.of(block.used_mw.values())
        flows = {("electricity", "output", Role.GREEN_GENERATION): used}
        price = self.cost_per_mwh + (self.contract_price_per_mwh or 0.0)
        cost = [used * (price * step_h), *size_cost(self.capacity_mw(), size, inputs.calendar)]
        if self.curtailment_price_per_mwh:
            cost.append((available - used) * (self.curtailment_price_per_mwh * step_h))
        if self.direct_sale_price_per_mwh is not None:
            sold = self._sell(block, inputs)
            flows["electricity", "export", Role.EXPORT] = -sold
            cost.append(sold * (-inputs["direct_sale_price_per_mwh"] * step_h))
        tallies = {Tally.GREEN_AVAILABLE_MWH: available * step_h}
        return Contribution(flows=flows, cost=cost, sizes={"size_mw": size}, tallies=tallies)

    def _sell(self, block: Block, inputs: Inputs) -> Linear:
        """Power sold over the source's own meter; part of its output."""
        block.sold_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

        @block.Constraint(inputs.steps)
        def sold_power_is_generated(b: Block, t: int) -> Expr:
            return b.sold_mw[t] <= b.used_mw[t]

        return Linear.of(block.sold_mw.values())

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        output, step_h = record.flow("output"), inputs.step_h
        items = {"operation": output * self.cost_per_mwh * step_h}
        if self.contract_price_per_mwh is not None:
            items["contract"] = output * self.contract_price_per_mwh * step_h
        if isinstance(self.capacity_mw(), Size):
            items[CAPACITY] = size_bill(self.capacity_mw(), record.sizes["size_mw"], inputs.calendar)
        if self.curtailment_price_per_mwh:
            lost = record.sizes["size_mw"] * inputs["capacity_factor"] - output
            items["curtailment penalty"] = lost * self.curtailment_price_per_mwh * step_h
        if self.direct_sale_price_per_mwh is not None:
            items["direct sale"] = record.flow("export") * inputs["direct_sale_price_per_mwh"] * step_h
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        used, available = record.flow("output"), record.sizes["size_mw"] * inputs["capacity_factor"]
        sold = -record.flow("export") if self.direct_sale_price_per_mwh is not None else np.zeros(inputs.count)
        laws = {
            "gives more than the weather allows": (used < -TOLERANCE_MW) | (used > available + TOLERANCE_MW),
            "sells more than it gives": (sold < -TOLERANCE_MW) | (sold > used + TOLERANCE_MW),
        }
        return [
            f"step {int(np.argmax(broken))}: {law} ({used[np.argmax(broken)]:g} of {available[np.argmax(broken)]:g} MW)"
            for law, broken in laws.items()
            if broken.any()
        ]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, set()
