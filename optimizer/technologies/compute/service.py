"""Service: inference that must run in its hour. What is not served is a broken promise with a price.

A floor is the part of the demand whose loss costs more than the rest. A reserve is cards of the pool that are on, idle
and ready for a burst: it costs their idle power, and its absence has a price of its own.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, State, Technology
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_CARDS = 1e-5
"""Some thousand cards, rows held to 1e-7 relative, with room."""


class Service(Technology):
    """Work that cannot wait."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"
    never_negative: ClassVar[frozenset[str]] = frozenset({"demand_cards"})

    pool: str
    """Cluster whose cards serve it."""
    cards: Series
    """Busy cards it needs, by hour."""
    unserved_price_per_card_h: float = Field(default=50.0, gt=0)
    """Penalty for a requested card-hour that is not served."""
    floor: float = Field(default=0.0, ge=0, le=1)
    """Share of the demand that is vital: its loss costs the floor price on top."""
    floor_price_per_card_h: float = Field(default=500.0, ge=0)
    """Further penalty for a card-hour of the floor that is not served."""
    reserve: float = Field(default=0.0, ge=0, le=2)
    """Cards held ready for bursts, as a share of the demand; the cluster must have `offers_spare: true`."""
    reserve_price_per_card_h: float = Field(default=5.0, gt=0)
    """Penalty for a card-hour of reserve that is not ready."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"demand_cards": values_on(self.cards, outside.calendar)}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        demand, step_h = inputs["demand_cards"], inputs.step_h
        above_floor = ((1 - self.floor) * demand).tolist()
        block.unserved_cards = pyo.Var(inputs.steps, bounds=lambda _, t: (0, above_floor[t]))
        unserved = Linear.of(block.unserved_cards.values())
        cost = [unserved * (self.unserved_price_per_card_h * step_h)]
        shortfalls = {"unserved_cards": unserved}
        if self.floor:
            vital = (self.floor * demand).tolist()
            block.unserved_floor_cards = pyo.Var(inputs.steps, bounds=lambda _, t: (0, vital[t]))
            of_floor = Linear.of(block.unserved_floor_cards.values())
            cost.append(of_floor * ((self.unserved_price_per_card_h + self.floor_price_per_card_h) * step_h))
            shortfalls = {"unserved_cards": unserved + of_floor, "unserved_floor_cards": of_floor}
        flows = {(f"compute.{self.pool}", "serve", Role.SERVED_WORK): shortfalls["unserved_cards"] - demand}
        if self.reserve:
            reserve_cards = (self.reserve * demand).tolist()
            block.missing_reserve_cards = pyo.Var(inputs.steps, bounds=lambda _, t: (0, reserve_cards[t]))
            missing = Linear.of(block.missing_reserve_cards.values())
            cost.append(missing * (self.reserve_price_per_card_h * step_h))
            shortfalls["missing_reserve_cards"] = missing
            flows[f"compute.{self.pool}.spare", "reserve", Role.RESERVE] = missing - self.reserve * demand
        tallies = {Tally.SERVICE_CARDS: Linear.fixed(demand, inputs.count)}
        return Contribution(flows=flows, cost=cost, shortfalls=shortfalls, tallies=tallies)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        items = {
            "unserved penalty": record.shortfalls["unserved_cards"] * self.unserved_price_per_card_h * inputs.step_h
        }
        if self.floor:
            items["floor penalty"] = (
                record.shortfalls["unserved_floor_cards"] * self.floor_price_per_card_h * inputs.step_h
            )
        if self.reserve:
            missing = record.shortfalls["missing_reserve_cards"]
            items["reserve penalty"] = missing * self.reserve_price_per_card_h * inputs.step_h
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        demand, unserved = inputs["demand_cards"], record.shortfalls["unserved_cards"]
        laws = {
            "served and unserved do not add up to the demand": abs(demand + record.flow("serve") - unserved)
            > TOLERANCE_CARDS,
        }
        if self.floor:
            vital = np.maximum(unserved - (1 - self.floor) * demand, 0.0)
            laws["the floor is cut by more or less than it is said"] = (
                abs(vital - record.shortfalls["unserved_floor_cards"]) > TOLERANCE_CARDS
            )
        if self.reserve:
            reserve_cards = -record.flow("reserve") + record.shortfalls["missing_reserve_cards"]
            laws["reserve held and missing do not add up"] = (
                abs(reserve_cards - self.reserve * demand) > TOLERANCE_CARDS
            )
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def runs_on_arrival(self, inputs: Inputs, free_cards: Floats) -> Floats:
        # the reserve is kept free of other work, planned or not
        return np.minimum(inputs["demand_cards"] * (1 + self.reserve), free_cards)

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {f"compute.{self.pool}"} | ({f"compute.{self.pool}.spare"} if self.reserve else set())
