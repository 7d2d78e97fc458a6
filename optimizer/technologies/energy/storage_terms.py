"""Terms of a store beside its sizes: efficiencies, ageing, cold, what is inside at the start and the end."""

from __future__ import annotations

from abc import ABC

from pydantic import Field

from optimizer.technologies.energy.battery import Battery
from optimizer.technologies.energy.cold import ColdPoint
from optimizer.technologies.energy.grid_side import GridSide
from optimizer.technologies.energy.lease import OwnOrLeased


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
    """What a MWh left inside at the end of the plan is worth."""
    idle: bool = False
    """Lies idle: neither charged nor discharged."""
