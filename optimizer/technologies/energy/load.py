"""Load: other consumers on the electricity bus, by a profile; a share of it may move within a day.

Assumes: moved energy is made up for within the same block of hours, counted from the start of the plan, without loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field, model_validator

from optimizer.quantities.series import Series, values_on
from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import (
    Capacity,
    Contribution,
    Inputs,
    Kept,
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
from optimizer.technologies.promises import add_shortfall
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


class ServedShare(Settings):
    """Share of a load's energy that is promised over the plan (reliability)."""

    share: float = Field(gt=0, le=1)
    """Energy served over energy requested at least."""
    price_per_mwh: float = Field(default=50_000.0, gt=0)
    """Penalty for each MWh the promise is missed by."""


UNSERVED, SHORT, BEHIND = "unserved_mw", "served_share_short_mw", "unserved_beyond_mwh"
"""Requested and not served; what the promised share is missed by; the same before these hours, below zero what may still be."""


class Load(Technology):
    """Consumers with a profile."""

    power_mw: Series
    """Load by hour [MW]."""
    unserved_price_per_mwh: float | None = Field(default=50_000.0, ge=0)
    """Penalty for a requested MWh that is not served; null: all must be served, and a plan may then be impossible."""
    served_share: ServedShare | None = None
    """Share of the energy that must be served over the plan, beside that penalty; none: the penalty alone speaks."""
    flexible: Flexible | None = None
    """How far it may leave its profile; none: not at all."""

    @model_validator(mode="after")
    def _something_keeps_it_served(self) -> Load:
        if self.unserved_price_per_mwh == 0 and self.served_share is None:
            raise ValueError("unserved_price_per_mwh is 0 and no served_share is given; nothing would be served")
        if self.served_share is not None and self.unserved_price_per_mwh is None:
            raise ValueError(
                "served_share needs unserved_price_per_mwh, 0 or more: what is not served must have its price"
            )
        return self

    def series(self, outside: Outside) -> dict[str, Floats]:
        return {"demand_mw": np.maximum(values_on(self.power_mw, outside.calendar, outside.member), 0.0)}

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        demand, gives_up = inputs["demand_mw"].tolist(), self.unserved_price_per_mwh is not None
        block.unserved_mw = pyo.Var(inputs.steps, bounds=lambda _, t: (0, demand[t] if gives_up else 0))
        unserved = Linear.of(block.unserved_mw.values())
        price = unserved * ((self.unserved_price_per_mwh or 0.0) * inputs.step_h)
        tallies = {Tally.LOAD_MW: Linear.fixed(inputs["demand_mw"], inputs.count)}
        cost, shortfalls, meters = [price], {UNSERVED: unserved}, dict[str, Linear]()
        if self.served_share is not None:  # what may stay unserved is no broken promise
            allowed = inputs["demand_mw"] * (1 - self.served_share.share)
            gap, behind = (unserved - allowed) * inputs.step_h, opening.get(BEHIND, 0.0)
            shortfalls, meters = {SHORT: add_shortfall(block, "served_share", gap, behind, inputs)}, shortfalls
            cost.append(shortfalls[SHORT] * (self.served_share.price_per_mwh * inputs.step_h))
        served, sizes = inputs["demand_mw"] - unserved, dict[str, float | Variable]()
        if self.flexible is not None:
            sizes["most_mw"] = most = self._move(block, inputs, self.flexible, opening)
            served = Linear.of(block.served_mw.values())
            cost += size_cost(self.flexible.most_mw, most, inputs.calendar)
        flows = {("electricity", "use", Role.LOAD): -served}
        return Contribution(flows, cost, meters=meters, shortfalls=shortfalls, sizes=sizes, tallies=tallies)

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

    def _unserved_mw(self, record: Record) -> Floats:
        return (record.shortfalls if self.served_share is None else record.meters)[UNSERVED]

    def _beyond_mwh(self, record: Record, inputs: Inputs) -> Floats:
        """Energy not served beyond what the promised share leaves, by step; below zero: less than it leaves."""
        allowed = inputs["demand_mw"] * (1 - (1.0 if self.served_share is None else self.served_share.share))
        return (self._unserved_mw(record) - allowed) * inputs.step_h

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        items = {"unserved penalty": self._unserved_mw(record) * (self.unserved_price_per_mwh or 0.0) * inputs.step_h}
        if self.served_share is not None:
            items["served share penalty"] = record.shortfalls[SHORT] * self.served_share.price_per_mwh * inputs.step_h
        if self.flexible is not None and isinstance(self.flexible.most_mw, Size):
            items["capacity"] = size_bill(self.flexible.most_mw, record.sizes["most_mw"], inputs.calendar)
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        demand, met = inputs["demand_mw"], -record.flow("use") + self._unserved_mw(record)
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
        if self.served_share is not None:
            missed = max(opening.get(BEHIND, 0.0) + self._beyond_mwh(record, inputs).sum(), 0.0)
            told = record.shortfalls[SHORT].sum() * inputs.step_h
            off = abs(told - missed) > slack * inputs.count
            laws["share served is not missed by what is said"] = np.full(inputs.count, off)
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:
        if self.served_share is None:
            return super().over_windows(record, parts, inputs, opening)
        missed = max(opening.get(BEHIND, 0.0) + float(self._beyond_mwh(record, inputs).sum()), 0.0)
        short = {SHORT: np.full(inputs.count, missed / (inputs.count * inputs.step_h))}
        return replace(record, shortfalls={**record.shortfalls, **short})

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        """By how much the block that the next step lies in has been served more than its profile so far."""
        state: State = {}
        if self.served_share is not None:
            state[BEHIND] = opening.get(BEHIND, 0.0) + float(self._beyond_mwh(record, inputs)[: step + 1].sum())
        if self.flexible is None:
            return state
        number = _blocks(inputs, self.flexible, more=1)
        same = number[: step + 1] == number[step + 1]
        met = -record.flow("use") + self._unserved_mw(record)
        ahead = float((met - inputs["demand_mw"])[: step + 1][same].sum()) * inputs.step_h
        return state | {"ahead_mwh": ahead + (opening.get("ahead_mwh", 0.0) if number[0] == number[step + 1] else 0.0)}

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
