"""Load: other consumers on the electricity bus, by a profile; a share of it may move within a day.

Assumes: moved energy is made up for within the same block of hours, counted from the start of the plan, without loss.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import (
    Capacity,
    Contribution,
    Inputs,
    Outside,
    Record,
    Settings,
    Size,
    State,
    Technology,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE = 1e-6
"""HiGHS holds rows to 1e-7; relative to the profile's highest value, at least 1."""


class Flexible(Settings):
    """Flexibility of a load around its profile."""

    share: float = Field(gt=0, le=1)
    """Share of each hour's load that may move."""
    block_h: float = Field(default=24.0, gt=0, le=24 * 31)
    """Energy of each block of so many hours stays the same."""
    most_mw: Capacity
    """Most load in any hour (an hour whose profile is above it may stay there), a number or a size to be found."""


class Load(Technology):
    """Consumers with a profile."""

    power_mw: Series
    """Load by hour [MW]."""
    unserved_price_per_mwh: float | None = Field(default=50_000.0, gt=0)
    """Penalty for a requested MWh that is not served; null: all must be served, and a plan may then be impossible."""
    flexible: Flexible | None = None
    """How far it may leave its profile; none: not at all."""

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"demand_mw": np.maximum(values_on(self.power_mw, outside.calendar, outside.member), 0.0)}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        demand, gives_up = inputs["demand_mw"].tolist(), self.unserved_price_per_mwh is not None
        block.unserved_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, demand[t] if gives_up else 0))
        unserved = Linear.of(block.unserved_mw.values())
        price = unserved * ((self.unserved_price_per_mwh or 0.0) * inputs.step_h)
        tallies = {Tally.LOAD_MW: Linear.fixed(inputs["demand_mw"], inputs.count)}
        if self.flexible is None:
            served = inputs["demand_mw"] - unserved
            return Contribution(
                {("electricity", "use", Role.LOAD): -served},
                cost=[price],
                shortfalls={"unserved_mw": unserved},
                tallies=tallies,
            )
        most = self._move(block, inputs, self.flexible, opening)
        served = Linear.of(block.served_mw.values())
        return Contribution(
            flows={("electricity", "use", Role.LOAD): -served},
            cost=[price, *size_cost(self.flexible.most_mw, most, inputs.calendar)],
            shortfalls={"unserved_mw": unserved},
            sizes={"most_mw": most},
            tallies=tallies,
        )

    def _move(self, block: Block, inputs: Inputs, flexible: Flexible, opening: State) -> float | Variable:
        """Add `served_mw` and what holds it; gives the size of its most."""
        demand, number = inputs["demand_mw"].tolist(), _blocks(inputs, flexible)
        ahead = opening.get("ahead_mwh", 0.0) / inputs.step_h
        stays = (inputs["demand_mw"] * (1 - flexible.share)).tolist()
        most = declare_size(block, "most_mw", flexible.most_mw, inputs)
        block.served_mw = pyo.Var(inputs.steps, domain=pyo.NonNegativeReals)
        members = [np.flatnonzero(number == block_number).tolist() for block_number in range(number[-1] + 1)]

        @block.Constraint(inputs.steps)
        def part_that_stays_is_served(b: Block, t: int) -> Expr:
            return b.served_mw[t] + b.unserved_mw[t] >= stays[t]

        @block.Constraint(inputs.steps)
        def no_more_than_the_most(b: Block, t: int) -> Expr:
            if isinstance(most, float):
                return b.served_mw[t] <= max(most, demand[t])
            return b.served_mw[t] <= most

        @block.Constraint(range(len(members)))
        def energy_of_each_block_stays(b: Block, k: int) -> Expr:
            requested_mw = sum(demand[t] for t in members[k]) - (ahead if k == 0 else 0.0)
            return sum(b.served_mw[t] + b.unserved_mw[t] for t in members[k]) == requested_mw

        return most

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        items = {
            "unserved penalty": record.shortfalls["unserved_mw"] * (self.unserved_price_per_mwh or 0.0) * inputs.step_h
        }
        if self.flexible is not None and isinstance(self.flexible.most_mw, Size):
            items["capacity"] = size_bill(self.flexible.most_mw, record.sizes["most_mw"], inputs.calendar)
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        demand, met = inputs["demand_mw"], -record.flow("use") + record.shortfalls["unserved_mw"]
        slack = TOLERANCE * max(float(demand.max()), 1.0)
        if self.flexible is None:
            laws = {"served and unserved do not add up to the load": abs(met - demand) > slack}
        else:
            most = record.sizes["most_mw"]
            number, upper = _blocks(inputs, self.flexible), np.maximum(most, demand)
            kept = np.bincount(number, weights=met - demand)
            kept[0] += opening.get("ahead_mwh", 0.0) / inputs.step_h
            kept = kept[number]
            laws = {
                "moves more than it may": met < (1 - self.flexible.share) * demand - slack,
                "takes more than its most": -record.flow("use") > upper + slack,
                "energy of its block is not kept": abs(kept) > slack * np.bincount(number)[number],
            }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """By how much the block that the next step lies in has been served more than its profile so far."""
        if self.flexible is None:
            return {}
        number = _blocks(inputs, self.flexible, more=1)
        same = number[: step + 1] == number[step + 1]
        met = -record.flow("use") + record.shortfalls["unserved_mw"]
        ahead = float((met - inputs["demand_mw"])[: step + 1][same].sum()) * inputs.step_h
        return {"ahead_mwh": ahead + (opening.get("ahead_mwh", 0.0) if number[0] == number[step + 1] else 0.0)}

    def needs_foresight(self) -> str | None:
        return "flexible > most_mw" if self.flexible is not None and isinstance(self.flexible.most_mw, Size) else None

    def as_baseline(self) -> Load:
        if self.flexible is None or isinstance(self.flexible.most_mw, Size):
            return self
        return self.model_copy(update={"flexible": None})

    def unmoved(self) -> Load:
        return self.as_baseline()

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return set(), {"electricity"}


def _blocks(inputs: Inputs, flexible: Flexible, more: int = 0) -> NDArray[np.int64]:
    """Number of the block each step, and each of `more` steps after them, lies in; shape (steps + more,)."""
    length, before = max(round(flexible.block_h / inputs.step_h), 1), inputs.calendar.steps_before
    return (before + np.arange(inputs.count + more)) // length - before // length
