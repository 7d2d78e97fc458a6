"""Link: a line between compute buses. Work that belongs to one site runs on the cards of a pool, here or at another site.

Each piece of work that may move has a bus of its own at its home; a link takes cards from a pool's bus and gives them to
it. A link to another site pays for data with money, with electricity at home, and with room on the line.
Assumes: a card-hour moved is a card-hour done, whatever the maker of the cards; data go the same hour.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Outside, Record, Settings, State, Technology
from optimizer.technologies.flows import Flow, Role
from optimizer.technologies.linear import Floats, Linear

GB_PER_GBIT_S_AND_HOUR = 450.0
"""3,600 s / 8 bit a byte."""
TOLERANCE_CARDS = 1e-3
"""Some thousand cards, rows held to 1e-7 relative."""


class Lane(Settings):
    """Work that may take the line."""

    work: str
    """Service or queue of the home site."""
    pool: str
    """Cluster at the far end that runs it."""
    data_gb_per_card_h: float = Field(default=0.0, ge=0)
    """Data moved for a card-hour that runs there."""


class Link(Technology):
    """A line from the home of some work to a pool."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    to: str = ""
    """Site at the far end; empty: the pools of the home site itself."""
    lanes: list[Lane] = Field(min_length=1)
    """What may go where."""
    bandwidth_gbit_per_s: float | None = Field(default=None, gt=0)
    """Room on the line; none: as much as wanted."""
    available: Series = 1.0
    """Share of the bandwidth that is there, by hour."""
    energy_kwh_per_gb: float = Field(default=0.0, ge=0)
    """Electricity for a GB moved, drawn at home."""
    price_per_gb: float = Field(default=0.0, ge=0)
    """Money for a GB moved."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"available": np.clip(values_on(self.available, outside.calendar), 0.0, 1.0)}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        lanes = range(len(self.lanes))
        block.moved_cards = pyo.Var(inputs.steps, lanes, domain=pyo.NonNegativeReals)
        if self.bandwidth_gbit_per_s is not None:
            room = self._room_gb_per_h(inputs).tolist()

            @block.Constraint(inputs.steps)
            def data_fit_the_line(b: Block, t: int) -> Expr:
                return (
                    sum(lane.data_gb_per_card_h * b.moved_cards[t, k] for k, lane in enumerate(self.lanes)) <= room[t]
                )

        moved = [Linear.of(block.moved_cards[t, k] for t in inputs.steps) for k in lanes]
        flows: dict[Flow, Linear] = {}
        data = Linear.fixed(0.0, inputs.count)
        for lane, cards in zip(self.lanes, moved, strict=True):
            flows[self._far(lane), lane.work, Role.HOST] = -cards
            flows[f"compute.{lane.work}", lane.work, Role.LEND] = cards
            data = data + cards * lane.data_gb_per_card_h
        if self.energy_kwh_per_gb:
            flows["electricity", "draw", Role.LOAD] = data * (-self.energy_kwh_per_gb * 1e-3)
        cost = [data * (self.price_per_gb * inputs.step_h)]
        return Contribution(flows=flows, cost=cost, meters={"data_gb_per_h": data})

    def _far(self, lane: Lane) -> str:
        return f"{self.to}:compute.{lane.pool}" if self.to else f"compute.{lane.pool}"

    def _room_gb_per_h(self, inputs: Inputs) -> Floats:
        return inputs["available"] * ((self.bandwidth_gbit_per_s or np.inf) * GB_PER_GBIT_S_AND_HOUR)

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {"data": record.meters["data_gb_per_h"] * self.price_per_gb * inputs.step_h}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:  # noqa: ARG002
        laws, data = {}, np.zeros(inputs.count)
        for lane in self.lanes:
            lent = record.flows[f"compute.{lane.work}", lane.work, Role.LEND]
            hosted = -record.flows[f"compute.{lane.pool}", lane.work, Role.HOST]
            data = data + lent * lane.data_gb_per_card_h
            laws[f"{lane.work}: cards lent are not cards hosted"] = abs(lent - hosted) > TOLERANCE_CARDS
            laws[f"{lane.work}: fewer than no cards"] = lent < -TOLERANCE_CARDS
        laws["data moved do not follow from the cards"] = abs(data - record.meters["data_gb_per_h"]) > TOLERANCE_CARDS
        if self.bandwidth_gbit_per_s is not None:
            laws["more data than the line carries"] = data > self._room_gb_per_h(inputs) * (1 + 1e-6) + TOLERANCE_CARDS
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {f"compute.{lane.work}" for lane in self.lanes}, set()
