"""Settings of a shared station: its parties, their rights, fees and calls."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from optimizer.quantities.series import Series, values_on
from optimizer.technologies.base import Outside, Settings, Technology
from optimizer.technologies.linear import Floats


class Calls(Settings):
    """Power the grid asks the station for (peak shaving)."""

    power_mw: Series
    """Most power it takes, by hour [MW]."""
    price_per_mwh: float = Field(ge=0)
    """What it pays for a MWh."""


class StationTerms(Technology):
    """Settings of a shared store with accounts."""

    power_mw: float = Field(gt=0)
    """Most power in or out of the batteries [MW]."""
    energy_mwh: float = Field(gt=0)
    """Usable energy [MWh]."""
    accounts: dict[str, float] = Field(min_length=1)
    """Share of the station each party owns, 0..1; together at most 1."""
    rights: Literal["fixed", "leased", "pooled"] = "pooled"
    """How far a party may use the station."""
    meters: dict[str, str] = Field(default={})
    """Site whose electricity bus a party's meter is on; none: a site of the party's name."""
    charge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the power taken in that is stored."""
    discharge_efficiency: float = Field(default=0.95, gt=0, le=1)
    """Share of the stored energy that comes out."""
    standby_loss_per_h: float = Field(default=0.0, ge=0, lt=1)
    """Share of the stored energy lost in an hour."""
    opening_state_of_charge: float = Field(default=0.5, ge=0, le=1)
    """Share of the energy inside at the start."""
    end_value_per_mwh: float = 0.0
    """What a MWh in an account is worth, at the end of the plan as at its start: energy drawn from it costs it, energy added earns it."""
    fee_per_mwh: float = Field(default=0.0, ge=0)
    """Fee on each MWh a party draws, netted or not."""
    lease_price_per_mwh_year: float = Field(default=0.0, ge=0)
    """Yearly price of a leased MWh, where rights are leased."""
    behind_the_meter: bool | None = None
    """Whether it stands behind the meters of its parties; false: on the public grid, reached through ties that `carries_stores`.
    None: behind the meters, which is remarked.
    """
    calls: Calls | None = None
    """Calls of the grid."""
    capacity_payment_per_mw_year: float = Field(default=0.0, ge=0)
    """Paid to the owners for each MW."""
    yearly_cost: float = Field(default=0.0, ge=0)
    """What the whole station costs its owners in a year (annuity, operation)."""
    idle: bool = False
    """Idle station: no party charges, draws or leases."""

    @model_validator(mode="after")
    def _no_more_than_one_station(self) -> Self:
        if sum(self.accounts.values()) > 1 + 1e-9 or min(self.accounts.values()) < 0:
            raise ValueError("the shares in accounts must be 0 or more and together at most 1")
        return self

    def of(self, parties: frozenset[str]) -> Self:
        """Station with the accounts, and the owned shares, of some parties alone."""
        return self.model_copy(
            update={"accounts": {name: share for name, share in self.accounts.items() if name in parties}}
        )

    @property
    def part(self) -> float:
        """Part of the station that the parties here may use."""
        return 1.0 if self.rights == "leased" else sum(self.accounts.values())

    def series(self, outside: Outside) -> dict[str, Floats]:
        calls = (
            np.zeros(outside.calendar.count) if self.calls is None else values_on(self.calls.power_mw, outside.calendar)
        )
        return {"call_mw": np.maximum(calls, 0.0)}
