"""What a MWh and a MW of the grid cost, hour by hour: time-of-use tables or price series, and the parts around them.

Delivered price = energy price × time-of-use factor + line loss + transmission + system fee + funds.
Only the energy price floats with the hour (and the line loss where the tariff says so).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.demand_charge import DemandCharge, Span
from optimizer.quantities.documents import DocumentError, named_document
from optimizer.quantities.series import Series, values_on

Floats = NDArray[np.float64]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Period(Span):
    """Hours that share one band of a time-of-use table."""

    band: str
    """Name of the band: valley, flat, peak, ..."""
    factor: float
    """Factor on the floating price."""


class Tier(_Part):
    """A part of a month's energy with a price of its own."""

    above_mwh: float = Field(ge=0)
    """Month's import above which it holds."""
    extra_per_mwh: float
    """Added to the price of every MWh above; negative: a rebate."""


class Tariff(_Part):
    """A two-part tariff. Prices in the scenario's currency."""

    name: str = "tariff"
    """What it is called in reports."""
    document: str = ""
    """Where it is written: document number, source, or `assumption`."""
    currency: str | None = None
    """Currency of the prices; must be the scenario's."""
    energy_price_per_mwh: Series
    """Flat price of the part that floats, or an hourly series of market prices."""
    periods: list[Period] = []
    """Time-of-use rows; none: the factor is 1 in every hour."""
    line_loss: float = Field(default=0.0, ge=0, lt=1)
    """Line loss charge as a share of the energy price."""
    line_loss_floats: bool = False
    """Whether the line loss charge follows the time-of-use factor."""
    transmission_price_per_mwh: float = Field(default=0.0, ge=0)
    """Transmission and distribution energy price."""
    system_fee_per_mwh: float = Field(default=0.0, ge=0)
    """System operation fee."""
    funds_per_mwh: float = Field(default=0.0, ge=0)
    """Government funds and surcharges."""
    demand_price_per_mw_month: float = Field(default=0.0, ge=0)
    """Charge on the month's highest import."""
    capacity_price_per_mva_month: float = Field(default=0.0, ge=0)
    """Charge on contracted capacity, where it is chosen instead of the demand charge."""
    minimum_demand_share: float = Field(default=0.0, ge=0, le=1)
    """Least billed demand as a share of the transformer's capacity."""
    demand_charges: list[DemandCharge] = []
    """Further charges on the highest import: by period of the day, by year, with memory, at given hours."""
    fixed_price_per_month: float = Field(default=0.0, ge=0)
    """Charge for being connected."""
    tiers: list[Tier] = []
    """Prices that change with the month's energy."""
    export_price_per_mwh: Series = 0.0
    """Price paid for exported energy."""
    net_metering: bool = False
    """Whether a month's export is set off against its import of the same price; the rest earns the export price."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, str):
            return data
        try:
            return named_document("tariffs", data, (info.context or {}).get("folder")).data
        except DocumentError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _covers_every_hour_once(self) -> Tariff:
        if self.periods:
            year = Calendar.at_local_midnight("2025-01-01", 365, 0.5, "UTC", frozenset({"2025-01-01"}))
            times = np.sum([period.covers(year) for period in self.periods], axis=0)
            if (times != 1).any():
                at = int(np.argmax(times != 1))
                raise ValueError(
                    f"periods cover {year.local[at]:%B, %A %H:%M} {times[at]} times; "
                    "every hour of every month must lie in exactly one row"
                )
        return self

    @model_validator(mode="after")
    def _tiers_rise_and_charges_differ(self) -> Tariff:
        above = [tier.above_mwh for tier in self.tiers]
        if above != sorted(set(above)):
            raise ValueError("tiers must rise in above_mwh, each once")
        names = [charge.name for charge in self.demand_charges]
        if len(set(names)) < len(names):
            raise ValueError("demand charges need names of their own")
        return self

    def factor(self, calendar: Calendar) -> Floats:
        """Time-of-use factor per step."""
        factor = np.ones(calendar.count)
        for period in self.periods:
            factor[period.covers(calendar)] = period.factor
        return factor

    def import_price(self, calendar: Calendar, member: str | None = None) -> Floats:
        """Delivered price of energy per step [money/MWh], before tiers."""
        flat, factor = values_on(self.energy_price_per_mwh, calendar, member), self.factor(calendar)
        loss = flat * self.line_loss * (factor if self.line_loss_floats else 1.0)
        return flat * factor + loss + self.transmission_price_per_mwh + self.system_fee_per_mwh + self.funds_per_mwh
