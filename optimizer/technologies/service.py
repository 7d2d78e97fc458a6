"""Service: inference that must run in its hour. What is not served is a broken promise with a price."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.inputs.series import Series, values_on
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.linear import Floats, Linear


class Service(Technology):
    """Work that cannot wait."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    pool: str
    """Cluster whose cards serve it."""
    cards: Series
    """Busy cards it needs, by hour."""
    unserved_price_per_card_h: float = Field(default=50.0, gt=0)
    """Penalty for a card-hour that is asked for and not served."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"demand_cards": np.maximum(values_on(self.cards, outside.calendar), 0.0)}

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        demand = inputs["demand_cards"].tolist()
        block.unserved_cards = pyo.Var(inputs.steps, bounds=lambda b, t: (0, demand[t]))
        unserved = Linear.of(block.unserved_cards.values())
        return Contribution(
            flows={(f"compute.{self.pool}", "serve"): unserved - inputs["demand_cards"]},
            cost=[unserved * (self.unserved_price_per_card_h * inputs.step_h)],
            shortfalls={"unserved_cards": unserved},
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        unserved = record.shortfalls["unserved_cards"]
        return {"unserved penalty": unserved * self.unserved_price_per_card_h * inputs.step_h}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        gap = inputs["demand_cards"] + record.flow("serve") - record.shortfalls["unserved_cards"]
        wrong = abs(gap) > 1e-5  # some thousand cards, rows held to 1e-7 relative
        return [f"step {int(np.argmax(wrong))}: served and unserved do not add up to the demand"] if wrong.any() else []

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats:
        return np.minimum(inputs["demand_cards"], free_cards)

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {f"compute.{self.pool}"}
