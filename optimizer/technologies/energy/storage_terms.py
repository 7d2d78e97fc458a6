"""Terms of a store beside its sizes: efficiencies, ageing, cold, what is inside at the start and the end."""

from __future__ import annotations

from abc import ABC

from pydantic import Field

from optimizer.solve.pyomo_types import Variable
from optimizer.technologies.base import Inputs, Record, State
from optimizer.technologies.energy.battery import TOLERANCE_MWH, Battery
from optimizer.technologies.energy.cold import ColdPoint
from optimizer.technologies.energy.grid_side import GridSide
from optimizer.technologies.energy.lease import OwnOrLeased
from optimizer.technologies.linear import Linear

DRAWN = "energy drawn from stock"
"""Item of a bill: change of the stock over the plan at what a MWh of it is worth."""

MUCH = 0.05
"""Share of what a store gives in a plan: less of it from the opening stock alone leaves the price of a kWh as it is."""


class StorageTerms(OwnOrLeased, GridSide, Battery, ABC):
    """Terms of a store of electricity."""

    one_converter: bool = False
    """Whether charging and discharging within a step share the power (charge + discharge ≤ power)."""
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
    """Ageing by cycles: cost of a MWh taken out."""
    charge_cost_per_mwh: float = Field(default=0.0, ge=0)
    """Cost of a MWh taken in."""
    keep_cost_per_mwh_h: float = Field(default=0.0)
    """Ageing by time: cost of keeping a MWh inside for an hour; negative: what readiness is worth."""
    cold: tuple[ColdPoint, ...] = ()
    """Power by air temperature; none: cold does not matter (a heated container)."""
    end_value_per_mwh: float = Field(default=0.0)
    """What a MWh inside is worth, at the end of the plan as at its start: energy drawn from the stock costs it, energy added earns it."""
    idle: bool = False
    """Lies idle: neither charged nor discharged."""

    def remarks_on_plan(self, record: Record, inputs: Inputs, opening: State) -> list[str]:
        """Remark on energy of the opening stock that a plan uses up for nothing, where that is much of what it gives."""
        drawn_mwh = self.opened_mwh(record, opening) - float(record.stored["energy_mwh"][-1])
        given_mwh = float(record.flow("discharge").sum()) * inputs.step_h
        if self.end_value_per_mwh or drawn_mwh <= MUCH * given_mwh + TOLERANCE_MWH:
            return []
        return [
            f"{drawn_mwh:.3g} MWh that it opened with are used up and cost nothing, so a kWh looks cheaper than it is: give "
            "end_value_per_mwh, or final_state_of_charge: opening"
        ]

    def cost_of_drawn(self, energy_mwh: Variable, left_mwh: Variable, opening: State) -> Linear:
        """Value of the energy that a plan draws from the stock it opens with, one entry; below zero where it adds to it."""
        given = opening.get("energy_mwh")
        opened = Linear.same(energy_mwh, 1) * self.opening_state_of_charge if given is None else Linear.fixed(given, 1)
        return (opened - Linear.of([left_mwh])) * self.end_value_per_mwh
