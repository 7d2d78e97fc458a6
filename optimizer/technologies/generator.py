"""A source that the sky limits: what sun and wind have in common. Assumes: output may be curtailed in any step, free of charge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.inputs.series import Series, values_on
from optimizer.technologies.base import (
    Capacity,
    Contribution,
    Inputs,
    Outside,
    Record,
    Size,
    State,
    Technology,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.linear import Floats, Linear

TOLERANCE_MW = 1e-6
"""HiGHS holds rows to 1e-7 of their scaled size; ten times that is a violation."""


class Generator(Technology):
    """A weather-driven source on the electricity bus."""

    capacity_factor: Series | None = None
    """Own series of output per unit of capacity, 0..1, instead of one computed from weather."""
    cost_per_mwh: float = Field(default=1.0, ge=0)
    """Variable cost of a used MWh. A small one keeps surplus power from being worth nothing, so that losses are not inflated."""

    def capacity_mw(self) -> Capacity:
        """Rated output the capacity factor refers to [MW], given or to be found."""
        raise NotImplementedError("each source says what its capacity is")  # pragma: no cover

    def sky(self, outside: Outside) -> Floats:
        """Capacity factor from weather, shape (steps,), 0..1."""
        raise NotImplementedError("each source says what the sky gives")  # pragma: no cover

    def needs_weather(self) -> bool:
        return self.capacity_factor is None

    def series(self, outside: Outside) -> dict[str, Floats]:
        if self.capacity_factor is not None:
            return {"capacity_factor": values_on(self.capacity_factor, outside.calendar, outside.member)}
        return {"capacity_factor": self.sky(outside)}

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        size = declare_size(block, "size_mw", self.capacity_mw(), inputs)
        factor = inputs["capacity_factor"].tolist()
        if isinstance(size, float):
            block.used_mw = pyo.Var(inputs.steps, bounds=lambda b, t: (0, size * factor[t]))
        else:
            block.used_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)

            @block.Constraint(inputs.steps)
            def no_more_than_the_sky_gives(b: Any, t: int) -> Any:
                return b.used_mw[t] <= factor[t] * size

        used = Linear.of(block.used_mw.values())
        return Contribution(
            flows={("electricity", "output"): used},
            cost=[used * (self.cost_per_mwh * inputs.step_h), *size_cost(self.capacity_mw(), size, inputs.calendar)],
            sizes={"size_mw": size},
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        items = {"operation": record.flow("output") * self.cost_per_mwh * inputs.step_h}
        if isinstance(self.capacity_mw(), Size):
            items["capacity"] = size_bill(self.capacity_mw(), record.sizes["size_mw"], inputs.calendar)
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        used, available = record.flow("output"), record.sizes["size_mw"] * inputs["capacity_factor"]
        wrong = (used < -TOLERANCE_MW) | (used > available + TOLERANCE_MW)
        if not wrong.any():
            return []
        step = int(np.argmax(wrong))
        return [f"step {step}: output {used[step]:g} MW of {available[step]:g} MW available"]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, set()
