"""Card pool: server blocks that are on or off as whole numbers, cards that are busy or idle, at one or more power caps.

Feeds the bus `compute.<asset name>` with busy cards (in full-speed equivalents), draws from `it`, heats `air_heat`
and `liquid_heat`. Assumes: all cards of a pool are alike; a block is switched as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.solve.pyomo_types import Block, Expr
from optimizer.technologies.base import Contribution, Inputs, Record, Settings, State, Technology
from optimizer.technologies.energy.commitment import (
    SwitchingRules,
    broken_switching_rules,
    hold_to_switching,
    hold_to_switching_rules,
    recent_switching,
    steps_of,
)
from optimizer.technologies.flows import Role
from optimizer.technologies.limits import Limit, Scarcity, SwitchedUnits
from optimizer.technologies.linear import Amount, Floats, Linear
from optimizer.technologies.tallies import Tally

TOLERANCE_CARDS = 1e-3
"""Integers may be 1e-6 off in HiGHS; times the cards of a block (some hundred) that is below a thousandth of a card."""

LONGEST_MEMORY_STEPS = 24 * 7 * 12
"""A week of five-minute steps: the longest least time there can be."""


class PowerCap(Settings):
    """A power cap cards may run at."""

    speed: float = Field(gt=0, le=1)
    """Speed over full speed."""
    power: float = Field(gt=0, le=1)
    """Busy power over busy power at full speed."""


FULL_SPEED = PowerCap(speed=1.0, power=1.0)


class Cluster(Technology):
    """A pool of accelerator cards."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    cards: int = Field(gt=0)
    """Cards in the pool."""
    cards_per_block: int = Field(gt=0)
    """Cards that are switched on and off together."""
    busy_kw_per_card: float = Field(gt=0)
    """IT power of a busy card with its share of server, network and storage."""
    idle_kw_per_card: float = Field(ge=0)
    """IT power of a card that is on and idle."""
    off_kw_per_card: float = Field(default=0.0, ge=0)
    """IT power of a card that is off (management controller, standby)."""
    start_up_kwh_per_block: float = Field(default=0.0, ge=0)
    """Energy of switching a block on."""
    start_up_cost_per_block: float = Field(default=0.0, ge=0)
    """Wear of switching a block on."""
    least_blocks_on: int = Field(default=0, ge=0)
    """Blocks that always stay on."""
    least_up_h: float = Field(default=0.0, ge=0, le=24 * 7)
    """Hours a block stays on at least, once switched on."""
    least_down_h: float = Field(default=0.0, ge=0, le=24 * 7)
    """Hours a block stays off at least, once switched off."""
    ramp_blocks_per_h: int | None = Field(default=None, gt=0)
    """Most blocks switched on, and most switched off, in any hour (a scheduler's resume rate); none: any number."""
    offers_spare: bool = False
    """Whether services may ask this pool for spare cards: on, idle and ready."""
    liquid_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the heat that leaves by liquid."""
    power_caps: list[PowerCap] = Field(default=[FULL_SPEED], min_length=1)
    """Caps a card may run at; full speed must be one of them."""

    @model_validator(mode="after")
    def _blocks_fill_the_pool(self) -> Cluster:
        if self.cards % self.cards_per_block:
            raise ValueError(f"{self.cards} cards are not a whole number of blocks of {self.cards_per_block}")
        if self.least_blocks_on > self.blocks:
            raise ValueError(f"least_blocks_on is {self.least_blocks_on}, the pool has {self.blocks} blocks")
        if not self.off_kw_per_card <= self.idle_kw_per_card <= self.busy_kw_per_card:
            raise ValueError("power must not fall from off to idle to busy")
        return self

    @property
    def blocks(self) -> int:
        """Blocks in the pool."""
        return self.cards // self.cards_per_block

    def _rules(self, step_h: float) -> SwitchingRules:
        return SwitchingRules(
            units=self.blocks,
            least_up=steps_of(self.least_up_h, step_h),
            least_down=steps_of(self.least_down_h, step_h),
            ramp_units=self.ramp_blocks_per_h,
            ramp_span=steps_of(1.0, step_h),
        )

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:
        caps = self.power_caps
        block.blocks_on = pyo.Var(inputs.steps, domain=pyo.Integers, bounds=(self.least_blocks_on, self.blocks))
        block.starts = pyo.Var(inputs.steps, bounds=(0, self.blocks))
        block.busy_cards = pyo.Var(inputs.steps, range(len(caps)), bounds=(0, self.cards))
        per_block = float(self.cards_per_block)
        if self.offers_spare:
            block.spare_cards = pyo.Var(inputs.steps, bounds=(0, self.cards))

        @block.Constraint(inputs.steps)
        def busy_cards_are_on(b: Block, t: int) -> Expr:
            spare = b.spare_cards[t] if self.offers_spare else 0.0
            return sum(b.busy_cards[t, k] for k in range(len(caps))) + spare <= per_block * b.blocks_on[t]

        switching = self._switch(block, inputs, opening)
        busy = [Linear.of(block.busy_cards[t, k] for t in inputs.steps) for k in range(len(caps))]
        on, starts = Linear.of(block.blocks_on.values()), Linear.of(block.starts.values())
        it_mw = self._it_mw(on, busy, starts, inputs.step_h)
        speed = _sum(cap.speed * cards for cap, cards in zip(caps, busy, strict=True))
        flows = {
            (f"compute.{inputs.asset}", "busy", Role.CARDS): speed,
            ("it", "draw", Role.IT_LOAD): -it_mw,
            ("air_heat", "air heat", Role.HEAT): (1 - self.liquid_share) * it_mw,
        }
        if self.liquid_share:
            flows["liquid_heat", "liquid heat", Role.HEAT] = self.liquid_share * it_mw
        if self.offers_spare:
            flows[f"compute.{inputs.asset}.spare", "spare", Role.SPARE] = Linear.of(block.spare_cards.values())
        return Contribution(
            flows=flows,
            cost=[starts * self.start_up_cost_per_block],
            meters={"blocks_on": on, "starts": starts, **switching, **self._caps_used(busy)},
            tallies={Tally.BUSY_MW_PER_CARD: Linear.fixed(self.busy_kw_per_card * 1e-3, inputs.count)},
            scarcity={
                Limit.CARDS_ON: Scarcity(_sum(busy), rows=[(t, row, 1.0) for t, row in block.busy_cards_are_on.items()])
            },
        )

    def _switch(self, block: Block, inputs: Inputs, opening: State) -> dict[str, Linear]:
        """Tie starts to blocks on; with switching rules also stops, which are then metered."""
        before, rules = opening.get("blocks_on"), self._rules(inputs.step_h)
        if rules.binds:
            hold_to_switching_rules(block, inputs.steps, block.blocks_on, block.starts, rules, _past(opening))
            return {"stops": Linear.of(block.stops.values())}

        hold_to_switching(block, inputs.steps, block.blocks_on, block.starts, self.blocks, before)
        return {}

    def _it_mw(self, on: Amount, busy: Sequence[Amount], starts: Amount, step_h: float) -> Amount:
        """IT power from blocks on, busy cards per cap and starts; works on lines and on numbers alike."""
        per_block, kilo = self.cards_per_block, 1e-3
        off = self.off_kw_per_card * self.cards * kilo
        draw = on * ((self.idle_kw_per_card - self.off_kw_per_card) * per_block * kilo) + off
        for cap, cards in zip(self.power_caps, busy, strict=True):
            draw = draw + cards * ((self.busy_kw_per_card * cap.power - self.idle_kw_per_card) * kilo)
        return draw + starts * (self.start_up_kwh_per_block * kilo / step_h)

    def _caps_used(self, busy: list[Linear]) -> dict[str, Linear]:
        return {f"busy_cards_at_cap_{number}": cards for number, cards in enumerate(busy)}

    def _busy_from(self, record: Record) -> list[Floats]:
        return [record.meters[f"busy_cards_at_cap_{number}"] for number in range(len(self.power_caps))]

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {"starts": record.meters["starts"] * self.start_up_cost_per_block}

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        on, busy, starts = record.meters["blocks_on"], self._busy_from(record), record.meters["starts"]
        before = np.concatenate([[opening.get("blocks_on", on[0])], on[:-1]])
        drawn = self._it_mw(on, busy, starts, inputs.step_h)
        speed = sum(cap.speed * cards for cap, cards in zip(self.power_caps, busy, strict=True))
        spare = record.flow("spare") if self.offers_spare else 0.0
        laws = {
            "more cards busy than on": sum(busy) + spare > self.cards_per_block * on + TOLERANCE_CARDS,
            "a part of a block is on": abs(on - np.round(on)) > 1e-5,
            "blocks outside the pool": (on < self.least_blocks_on - 1e-6) | (on > self.blocks + 1e-6),
            "starts are not the blocks switched on": abs(starts - np.maximum(on - before, 0.0)) > 1e-5,
            "IT power does not follow from its cards": abs(drawn + record.flow("draw")) > 1e-6,
            "compute does not follow from its cards": abs(speed - record.flow("busy")) > TOLERANCE_CARDS,
            **broken_switching_rules(on, self._rules(inputs.step_h), _past(opening)),
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def switched_units(self, record: Record, inputs: Inputs, price_per_mwh: Floats) -> SwitchedUnits:  # noqa: ARG002
        on = np.round(record.meters["blocks_on"])
        before, after = np.concatenate([on[:1], on[:-1]]), np.concatenate([on[1:], on[-1:]])

        def starts(now: Floats) -> Floats:
            """Starts in the step and the one after it."""
            return np.asarray(np.maximum(now - before, 0.0) + np.maximum(after - now, 0.0))

        start = (
            self.start_up_cost_per_block + 1e-3 * self.start_up_kwh_per_block * price_per_mwh
        ) / self.cards_per_block
        spare = record.flow("spare") if self.offers_spare else 0.0
        return SwitchedUnits(
            cards_per_unit=float(self.cards_per_block),
            least_on=float(self.least_blocks_on),
            on=on,
            free_cards=self.cards_per_block * on - sum(self._busy_from(record)) - spare,
            off=self.blocks - on,
            idle_cost=1e-3 * (self.idle_kw_per_card - self.off_kw_per_card) * price_per_mwh,
            start_cost=start * (starts(on + 1) - starts(on)),
            start_saved=start * (starts(on) - starts(on - 1)),
        )

    def state_after(self, record: Record, step: int) -> State:
        state: State = {"blocks_on": float(np.round(record.meters["blocks_on"][step]))}
        if "stops" in record.meters:
            lately = slice(max(step + 1 - LONGEST_MEMORY_STEPS, 0), step + 1)
            for name in ("starts", "stops"):
                state[f"recent_{name}"] = np.round(record.meters[name][lately])[::-1].tolist()
        return state

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return {"blocks_on": (0.0, float(self.blocks))}

    def closing_state(self, record: Record, inputs: Inputs, opening: State, step: int) -> State:
        state = recent_switching(record.meters["blocks_on"], step, self._rules(inputs.step_h), _past(opening))
        return {"blocks_on": state.pop("on"), **state}

    def offers(self, asset: str) -> dict[str, float]:
        return {f"compute.{asset}": float(self.cards)}

    def buses(self, asset: str) -> tuple[set[str], set[str]]:
        spare = {f"compute.{asset}.spare"} if self.offers_spare else set()
        return {f"compute.{asset}", "air_heat"} | spare | ({"liquid_heat"} if self.liquid_share else set()), {"it"}


def _past(opening: State) -> State:
    """Switching before the plan, as the switching rules read it."""
    return {
        "on": opening.get("blocks_on"),
        **{name: opening[name] for name in ("recent_starts", "recent_stops") if name in opening},
    }


def _sum(parts: Iterable[Linear]) -> Linear:
    summed, *rest = list[Linear](parts)
    for part in rest:
        summed = summed + part
    return summed
