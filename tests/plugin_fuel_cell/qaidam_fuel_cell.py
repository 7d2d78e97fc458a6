"""Fuel cell: electricity from bought hydrogen.

Assumes: part load costs no efficiency; hydrogen is delivered as it is used.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Record, State, Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear

HYDROGEN_MWH_PER_KG = 0.03333
"""Lower heating value, 120 MJ/kg."""
TOLERANCE = 1e-5
"""HiGHS holds rows to 1e-7; a MWh is some sixty kilograms of hydrogen."""


class FuelCell(Technology):
    """A fuel cell that buys its hydrogen."""

    power_mw: float = Field(gt=0)
    """Rated electric output."""
    efficiency: float = Field(default=0.5, gt=0, le=1)
    """Electricity over the lower heating value of the hydrogen."""
    hydrogen_price_per_kg: float = Field(ge=0)
    """Price of a kilogram, delivered."""

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        block.output_mw = pyo.Var(inputs.steps, bounds=(0, self.power_mw))
        output = Linear.of(block.output_mw.values())
        hydrogen = output * self._kg_per_mw(inputs)
        return Contribution(
            flows={("electricity", "generation", Role.GENERATION): output},
            cost=[hydrogen * self.hydrogen_price_per_kg],
            meters={"hydrogen_kg": hydrogen},
        )

    def _kg_per_mw(self, inputs: Inputs) -> float:
        """Hydrogen for one MW over one step."""
        return inputs.step_h / (self.efficiency * HYDROGEN_MWH_PER_KG)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {"hydrogen": record.meters["hydrogen_kg"] * self.hydrogen_price_per_kg}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        output, hydrogen = record.flow("generation"), record.meters["hydrogen_kg"]
        laws = {
            "gives less than nothing": output < -TOLERANCE,
            "gives more than it can": output > self.power_mw + TOLERANCE,
            "hydrogen does not follow from the power": abs(hydrogen - output * self._kg_per_mw(inputs)) > TOLERANCE,
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, set()
