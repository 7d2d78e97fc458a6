"""Storage: an own battery, or a leased share of a shared station (a store with a price for the right to use it).

Assumes: losses both ways are shares of the power; power limits hold at the meter; the leased share behaves like an
own store of that size. Charging and discharging at once is never worth while when losses cost something.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import Field, model_validator

from optimizer.inputs.calendar import HOURS_PER_YEAR
from optimizer.technologies.base import (
    Capacity,
    Contribution,
    Inputs,
    Record,
    Settings,
    Size,
    State,
    Technology,
    declare_size,
    size_bill,
    size_cost,
)
from optimizer.technologies.linear import Floats, Linear

TOLERANCE_MWH = 1e-5
"""Stored energy accumulates the row tolerance 1e-7 of HiGHS over the charge and discharge terms of a step."""


class Lease(Settings):
    """Contract for a share of a shared station."""

    price_per_mwh_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MWh of energy."""
    price_per_mw_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MW of power."""
    fee_per_mwh: float = Field(default=0.0, ge=0)
    """Fee on each MWh taken out."""


class Storage(Technology):
    """A store of electricity."""

    power_mw: Capacity
    """Most power in or out at the meter [MW]."""
    energy_mwh: Capacity
    """Usable energy [MWh]."""
    charge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the power taken in that is stored."""
    discharge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the stored energy that comes out."""
    standby_loss_per_h: float = Field(default=0.0, ge=0, lt=1)
    """Share of the stored energy lost in an hour."""
    least_state_of_charge: float = Field(default=0.0, ge=0, lt=1)
    """Share of the energy that always stays inside."""
    opening_state_of_charge: float = Field(default=0.5, ge=0, le=1)
    """Share of the energy inside at the start of the plan."""
    wear_cost_per_mwh: float = Field(default=0.0, ge=0)
    """Ageing cost of a MWh taken out."""
    end_value_per_mwh: float = Field(default=0.0)
    """What a MWh left inside at the end of the plan is worth."""
    lease: Lease | None = None
    """Contract, where the store is a share of somebody else's station."""
    idle: bool = False
    """Lies idle: neither charged nor discharged."""

    @model_validator(mode="after")
    def _opens_above_least(self) -> Storage:
        if self.opening_state_of_charge < self.least_state_of_charge:
            raise ValueError("opening_state_of_charge is below least_state_of_charge; open with at least that much")
        return self

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:
        power = declare_size(block, "power_mw", self.power_mw, inputs)
        energy = declare_size(block, "energy_mwh", self.energy_mwh, inputs)
        most_mw, most_mwh = _most(self.power_mw) * (not self.idle), _most(self.energy_mwh)
        least = self.least_state_of_charge * most_mwh if isinstance(energy, float) else 0.0
        block.charge_mw = pyo.Var(inputs.steps, bounds=(0, most_mw))
        block.discharge_mw = pyo.Var(inputs.steps, bounds=(0, most_mw))
        block.stored_mwh = pyo.Var(inputs.steps, bounds=(least, most_mwh))
        step_h, keep = inputs.step_h, (1 - self.standby_loss_per_h) ** inputs.step_h
        before_start = opening.get("energy_mwh", self.opening_state_of_charge * energy)
        gain, drain = self.charge_efficiency * step_h, step_h / self.discharge_efficiency

        @block.Constraint(inputs.steps)
        def energy_balance(b: Any, t: int) -> Any:
            before = b.stored_mwh[t - 1] if t else before_start
            return b.stored_mwh[t] == keep * before + gain * b.charge_mw[t] - drain * b.discharge_mw[t]

        self._hold_sizes(block, inputs, power, energy)
        charge, discharge = Linear.of(block.charge_mw.values()), Linear.of(block.discharge_mw.values())
        stored = Linear.of(block.stored_mwh.values())
        return Contribution(
            flows={("electricity", "charge"): -charge, ("electricity", "discharge"): discharge},
            cost=[
                discharge * (self._throughput_price() * step_h),
                Linear.of([block.stored_mwh[inputs.count - 1]]) * -self.end_value_per_mwh,
                *self._lease_cost(power, energy, inputs),
                *size_cost(self.power_mw, power, inputs.calendar),
                *size_cost(self.energy_mwh, energy, inputs.calendar),
            ],
            stored={"energy_mwh": stored},
            sizes={"power_mw": power, "energy_mwh": energy},
        )

    def _hold_sizes(self, block: Any, inputs: Inputs, power: Any, energy: Any) -> None:
        """Where a size is to be found, the bounds become constraints."""
        if not isinstance(power, float):

            @block.Constraint(inputs.steps)
            def charge_within_power(b: Any, t: int) -> Any:
                return b.charge_mw[t] <= power

            @block.Constraint(inputs.steps)
            def discharge_within_power(b: Any, t: int) -> Any:
                return b.discharge_mw[t] <= power

        if not isinstance(energy, float):

            @block.Constraint(inputs.steps)
            def stored_within_energy(b: Any, t: int) -> Any:
                return b.stored_mwh[t] <= energy

            if self.least_state_of_charge:

                @block.Constraint(inputs.steps)
                def stored_above_least(b: Any, t: int) -> Any:
                    return b.stored_mwh[t] >= self.least_state_of_charge * energy

    def _throughput_price(self) -> float:
        return self.wear_cost_per_mwh + (self.lease.fee_per_mwh if self.lease else 0.0)

    def _lease_cost(self, power: Any, energy: Any, inputs: Inputs) -> list[Linear]:
        if self.lease is None:
            return []
        years = inputs.calendar.years
        rates = ((power, self.lease.price_per_mw_year), (energy, self.lease.price_per_mwh_year))
        return [
            Linear.fixed(size * rate * years, 1) if isinstance(size, float) else Linear.of([size]) * (rate * years)
            for size, rate in rates
        ]

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        discharge_mwh = record.flow("discharge") * inputs.step_h
        left = np.zeros(inputs.count)
        left[-1] = -self.end_value_per_mwh * record.stored["energy_mwh"][-1]
        items = {"wear": discharge_mwh * self.wear_cost_per_mwh, "value of energy left": left}
        if self.lease is not None:
            yearly = self.lease.price_per_mw_year * record.sizes["power_mw"]
            yearly += self.lease.price_per_mwh_year * record.sizes["energy_mwh"]
            items["lease"] = np.full(inputs.count, yearly * inputs.step_h / HOURS_PER_YEAR)
            items["fee"] = discharge_mwh * self.lease.fee_per_mwh
        for name, capacity in (("power_mw", self.power_mw), ("energy_mwh", self.energy_mwh)):
            if isinstance(capacity, Size):
                items[f"capacity {name}"] = size_bill(capacity, record.sizes[name], inputs.calendar)
        return items

    def check(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        power, energy = record.sizes["power_mw"], record.sizes["energy_mwh"]
        charge, discharge, stored = -record.flow("charge"), record.flow("discharge"), record.stored["energy_mwh"]
        opened = float(opening.get("energy_mwh", self.opening_state_of_charge * energy))
        before = np.concatenate([[opened], stored[:-1]]) * (1 - self.standby_loss_per_h) ** inputs.step_h
        gained = (charge * self.charge_efficiency - discharge / self.discharge_efficiency) * inputs.step_h
        laws = {
            "energy does not follow from charge and discharge": abs(stored - before - gained) > TOLERANCE_MWH,
            "charges above its power": (charge < -TOLERANCE_MWH) | (charge > power + TOLERANCE_MWH),
            "discharges above its power": (discharge < -TOLERANCE_MWH) | (discharge > power + TOLERANCE_MWH),
            "stored energy outside its limits": (stored < self.least_state_of_charge * energy - TOLERANCE_MWH)
            | (stored > energy + TOLERANCE_MWH),
        }
        return [f"step {int(np.argmax(broken))}: {law}" for law, broken in laws.items() if broken.any()]

    def state_after(self, record: Record, step: int) -> State:
        return {"energy_mwh": float(record.stored["energy_mwh"][step])}

    def state_limits(self) -> dict[str, tuple[float, float]]:
        return {"energy_mwh": (self.least_state_of_charge * _least(self.energy_mwh), _most(self.energy_mwh))}

    def as_usual(self) -> Storage:
        return self.model_copy(update={"idle": True})

    def buses(self, asset: str) -> tuple[set[str], set[str]]:  # noqa: ARG002
        return {"electricity"}, {"electricity"}


def _most(capacity: Capacity) -> float:
    return capacity.max if isinstance(capacity, Size) else float(capacity)


def _least(capacity: Capacity) -> float:
    return capacity.min if isinstance(capacity, Size) else float(capacity)
