"""Battery as machines are: power that falls near full and near empty, a converter's own loss, heating in the cold, separate powers, ramps, and the energy to end with.

Assumes: power near full and near empty follows the energy at the END of the step, along straight lines that bend down; a
converter that works loses the same power whatever it carries, so that its efficiency falls at part load; heating is drawn at
the meter, working or idle; ramps hold for what is given less what is taken in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pydantic import Field, model_validator

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs, Kept, Outside, Record, Settings, State
from optimizer.technologies.energy.power_changes import CHANGE, add_changes
from optimizer.technologies.linear import Floats, Linear
from optimizer.technologies.plant import Plant

TOLERANCE_MWH = 1e-5
"""Stored energy accumulates the row tolerance 1e-7 of HiGHS over the charge and discharge terms of a step."""

Flags = NDArray[np.bool_]


class ChargePoint(Settings):
    """Power left at a state of charge; straight lines between points, constant outside them."""

    state_of_charge: float = Field(ge=0, le=1)
    """Share of the energy that is inside."""
    charge: float = Field(ge=0, le=1)
    """Share of the power it can still take in."""
    discharge: float = Field(ge=0, le=1)
    """Share of the power it can still give."""


class HeatingPoint(Settings):
    """Heating of the container at an air temperature; straight lines between points, constant outside them."""

    temperature_c: float = Field(ge=-60, le=60)
    """Air temperature."""
    share_per_day: float = Field(ge=0, le=0.2)
    """Energy for heating in a day over the usable energy of the store."""


class Battery(Plant, ABC):
    """Machine-like limits of a store; all optional, none by default."""

    charge_power_mw: float | None = Field(default=None, ge=0)
    """Most power in, where it is less than power_mw; none: power_mw."""
    discharge_power_mw: float | None = Field(default=None, ge=0)
    """Most power out, where it is less than power_mw; none: power_mw."""
    power_by_state_of_charge: tuple[ChargePoint, ...] = ()
    """Power that falls near full and near empty; none: full power throughout."""
    converter_loss_mw: float = Field(default=0.0, ge=0)
    """Power lost in every step in which the converter works, whatever it carries; needs a whole number a step."""
    heating: tuple[HeatingPoint, ...] = ()
    """Heating by air temperature, drawn at the meter; none: no heating."""
    ramp_up_mw_per_h: float | None = Field(default=None, gt=0)
    """Most rise of the power given (less the power taken in) in an hour; none: any."""
    ramp_down_mw_per_h: float | None = Field(default=None, gt=0)
    """Most fall of the power given (less the power taken in) in an hour; none: any."""
    power_change_cost_per_mw: float = Field(default=0.0, ge=0)
    """Cost of a MW by which the power given (less the power taken in) changes from one step to the next, up or down."""
    final_state_of_charge: float | Literal["opening"] | None = None
    """Share of the energy that must be inside at the end of a plan, or `opening`: as much as at its start; none: any."""
    final_price_per_mwh: float = Field(default=5_000.0, gt=0)
    """Penalty for a MWh that is missing at the end of a plan; the last resort that keeps it from being infeasible."""

    @model_validator(mode="after")
    def _lines_bend_down(self) -> Battery:
        for way, lines in (("charge", self._lines("charge")), ("discharge", self._lines("discharge"))):
            slopes = [slope for _, slope in lines]
            if any(later > earlier + 1e-9 for earlier, later in pairwise(slopes)):
                raise ValueError(
                    f"power_by_state_of_charge > {way} must bend down: between full and empty no point may lie below "
                    "the straight line of its neighbours"
                )
        final = self.final_state_of_charge
        if isinstance(final, float) and not 0 <= final <= 1:
            raise ValueError("final_state_of_charge is a share of the energy, 0 to 1, or `opening`")
        return self

    def _lines(self, way: str) -> list[tuple[float, float]]:
        """Straight lines (share at empty, slope) whose least is the share of power left, from empty to full."""
        points = sorted(self.power_by_state_of_charge, key=lambda point: point.state_of_charge)
        shares = [(point.state_of_charge, float(getattr(point, way))) for point in points]
        lines = []
        for (at, share), (next_at, next_share) in pairwise(shares):
            slope = (next_share - share) / max(next_at - at, 1e-9)
            lines.append((share - slope * at, slope))
        return lines

    def _most_by_way(self, most_mw: float) -> tuple[float, float]:
        """Most power in and most power out."""
        ways = (self.charge_power_mw, self.discharge_power_mw)
        charge, discharge = (most_mw if way is None else min(way, most_mw) for way in ways)
        return charge, discharge

    def heating_series(self, outside: Outside) -> dict[str, Floats]:
        """Heating power over usable energy by hour [1/h]."""
        if not self.heating:
            return {}
        points = sorted(self.heating, key=lambda point: point.temperature_c)
        at, share = ([getattr(point, name) for point in points] for name in ("temperature_c", "share_per_day"))
        return {"heating_share_per_h": np.interp(np.asarray(outside.weather["dry_bulb_c"].values), at, share) / 24}

    def hold_power_at_the_ends(self, block: Block, inputs: Inputs, most_mw: float, energy_mwh: float) -> None:
        """Add the rows by which power falls with the state of charge."""
        charge_lines = [line for line in self._lines("charge") if line != (1.0, 0.0)]
        discharge_lines = [line for line in self._lines("discharge") if line != (1.0, 0.0)]

        @block.Constraint(inputs.steps, range(len(charge_lines)))
        def charge_falls_near_full(b: Block, t: int, k: int) -> Expr:
            share, slope = charge_lines[k]
            return b.charge_mw[t] <= most_mw * share + most_mw * slope / energy_mwh * b.stored_mwh[t]

        @block.Constraint(inputs.steps, range(len(discharge_lines)))
        def discharge_falls_near_empty(b: Block, t: int, k: int) -> Expr:
            share, slope = discharge_lines[k]
            return b.discharge_mw[t] <= most_mw * share + most_mw * slope / energy_mwh * b.stored_mwh[t]

    def hold_converter(self, block: Block, inputs: Inputs, most_mw: float) -> None:
        """Add whether the converter works; one that works carries at least its own loss."""
        block.converter_works = pyo.Var(inputs.steps, domain=pyo.Binary)

        @block.Constraint(inputs.steps)
        def power_needs_the_converter(b: Block, t: int) -> Expr:
            return b.charge_mw[t] + b.discharge_mw[t] <= most_mw * b.converter_works[t]

        @block.Constraint(inputs.steps)
        def working_converter_carries_its_loss(b: Block, t: int) -> Expr:
            return b.charge_mw[t] + b.discharge_mw[t] >= self.converter_loss_mw * b.converter_works[t]

    def hold_ramps(self, block: Block, inputs: Inputs, opening: State) -> None:
        """Add the rows of the ramps that are given."""
        before_mw, step_h = opening.get("net_mw"), inputs.step_h
        up, down = self.ramp_up_mw_per_h, self.ramp_down_mw_per_h

        def rise(b: Block, t: int) -> Expr:
            before = b.discharge_mw[t - 1] - b.charge_mw[t - 1] if t else before_mw
            return b.discharge_mw[t] - b.charge_mw[t] - before

        steps = inputs.steps if before_mw is not None else [t for t in inputs.steps if t]
        if up is not None:

            @block.Constraint(steps)
            def power_rises_no_faster(b: Block, t: int) -> Expr:
                return rise(b, t) <= up * step_h

        if down is not None:

            @block.Constraint(steps)
            def power_falls_no_faster(b: Block, t: int) -> Expr:
                return -rise(b, t) <= down * step_h

    def count_changes(self, block: Block, inputs: Inputs, opening: State) -> None:
        """Add by how much the power changes in each step; the first changes nothing where no power before it is known."""
        if self.power_change_cost_per_mw:
            net = Linear.of(block.discharge_mw.values()) - Linear.of(block.charge_mw.values())
            add_changes(block, inputs, net, opening.get("net_mw"))

    def battery_meters(self, block: Block) -> dict[str, Linear]:
        """Whether the converter works and by how much the power changes, where they cost something."""
        meters = {"converter_works": Linear.of(block.converter_works.values())} if self.converter_loss_mw else {}
        if self.power_change_cost_per_mw:
            meters[CHANGE] = Linear.of(block.change_mw.values())
        return meters

    def final_mwh(self, energy_mwh: Variable, opened_mwh: Variable) -> Variable:
        """Energy to end with."""
        if self.final_state_of_charge == "opening":
            return opened_mwh
        return float(self.final_state_of_charge or 0.0) * energy_mwh

    def hold_final(self, block: Block, inputs: Inputs, energy: Variable, opened: Variable, most_mwh: float) -> None:
        """Add the energy to end with, and what is missing of it."""
        last = inputs.count - 1
        block.missing_final_mwh = pyo.Var(inputs.steps, bounds=lambda _, t: (0, most_mwh if t == last else 0))

        @block.Constraint([last])
        def ends_with_its_final_energy(b: Block, t: int) -> Expr:
            return b.stored_mwh[t] + b.missing_final_mwh[t] >= self.final_mwh(energy, opened)

    def broken_battery_laws(
        self, record: Record, inputs: Inputs, opening: State, opened_mwh: float, slack: float
    ) -> dict[str, Flags]:
        """Law → whether each step breaks it, from plain numbers; those of the machine-like limits."""
        charge, discharge, stored = -record.flow("charge"), record.flow("discharge"), record.stored["energy_mwh"]
        energy, most_mw = record.sizes["energy_mwh"], record.sizes.get("power_mw", np.inf)
        laws: dict[str, Flags] = {}
        for way, power in (("charge", charge), ("discharge", discharge)):
            if lines := self._lines(way):
                left = np.min([share + slope * stored / energy for share, slope in lines], axis=0)
                laws[f"{way}s above what its state of charge lets it"] = power > most_mw * np.minimum(left, 1.0) + slack
        if self.converter_loss_mw:
            works, carried = record.meters["converter_works"], charge + discharge
            laws["its converter works and does not say so"] = (carried > slack) & (works < 0.5)
            laws["its converter is said to work and carries nothing"] = (works > 0.5) & (
                carried < self.converter_loss_mw - slack
            )
        if self.heating:
            told = record.flow("heating") + inputs["heating_share_per_h"] * energy
            laws["heating does not follow from the cold"] = abs(told) > slack
        net = discharge - charge
        change = np.diff(net, prepend=opening.get("net_mw", net[0]))
        if self.power_change_cost_per_mw:
            laws["change of power is not that of its flows"] = abs(record.meters[CHANGE] - abs(change)) > 2 * slack
        for text, ramp, way_of in (("rises", self.ramp_up_mw_per_h, 1.0), ("falls", self.ramp_down_mw_per_h, -1.0)):
            if ramp is not None:
                laws[f"power {text} faster than its ramp"] = way_of * change > ramp * inputs.step_h + slack
        if self.final_state_of_charge is not None:
            missing = record.shortfalls["missing_final_mwh"]
            true = np.zeros(inputs.count)
            true[-1] = max(self.final_mwh(energy, opened_mwh) - stored[-1], 0.0)
            laws["missing final energy is not what is missing"] = abs(missing - true) > slack
        return laws

    def over_windows(self, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:
        if self.final_state_of_charge is None:
            return super().over_windows(record, parts, inputs, opening)
        missing, stored = np.zeros(inputs.count), record.stored["energy_mwh"]
        target = self.final_mwh(record.sizes["energy_mwh"], self.opened_mwh(record, opening))
        missing[-1] = max(float(target) - float(stored[-1]), 0.0)
        return replace(record, shortfalls={"missing_final_mwh": missing})

    def by_rule(self) -> Battery:
        return self

    def draws_when_idle(self) -> bool:
        return bool(self.heating)

    @abstractmethod
    def opened_mwh(self, record: Record, opening: State) -> float:
        """Energy inside at the start of a plan."""

    @property
    def battery_state_kept(self) -> bool:
        """Whether the next plan must know the power before it."""
        ramps = self.ramp_up_mw_per_h is not None or self.ramp_down_mw_per_h is not None
        return ramps or self.power_change_cost_per_mw > 0

    def battery_state(self, record: Record, step: int) -> State:
        """State of the ramps after a step."""
        if not self.battery_state_kept:
            return {}
        return {"net_mw": float(record.flow("discharge")[step] + record.flow("charge")[step])}


def missing_final(block: Block) -> Linear:
    """Energy that is missing at the end of the plan, shape (steps,)."""
    return Linear.of(block.missing_final_mwh.values())
