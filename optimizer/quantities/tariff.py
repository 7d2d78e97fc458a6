"""Electricity tariff, hour by hour: time-of-use tables or price series, and the parts around them.

Delivered price = energy price × time-of-use factor + line loss + transmission + system fee + funds.
Only the energy price floats with the hour (and the line loss where the tariff says so).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.demand_charge import DemandCharge, Span, edges_of
from optimizer.quantities.documents import data_by_name
from optimizer.quantities.series import Series, values_on
from optimizer.quantities.strict import Settings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SUNDAY = 6
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def _hours_of_all_months(part_h: float) -> tuple[Integers, Integers, Floats]:
    """Month, weekday and hour of every part of an hour in a week of every month, each of shape (moments,)."""
    grid = np.meshgrid(np.arange(1, 13), np.arange(7), np.arange(0.0, 24.0, part_h), indexing="ij")
    month, weekday, hour = (axis.ravel() for axis in grid)
    return month, weekday, hour


class Period(Span):
    """Hours that share one band of a time-of-use table."""

    band: str
    """Name of the band: valley, flat, peak, ..."""
    factor: float
    """Factor on the floating price."""


class Tier(Settings):
    """A part of a month's energy with a price of its own."""

    above_mwh: float = Field(ge=0)
    """Month's import above which it holds."""
    extra_per_mwh: float
    """Added to the price of every MWh above; negative: a rebate."""


class UseDiscount(Settings):
    """Lower demand price in months of high use for the connected capacity (发改价格〔2023〕526号)."""

    from_kwh_per_kva: float = Field(default=260.0, gt=0)
    """Month's use of all meters for a kVA of connected capacity from which it holds."""
    share: float = Field(default=0.1, gt=0, lt=1)
    """Share of the demand price that is left off."""


class Tariff(Settings):
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
    line_loss_grossed_up: bool = False
    """Whether the loss is charged as r / (1 − r) of the energy price, as grid companies' tables do; else as r."""
    line_loss_floats: bool = False
    """Whether the line loss charge follows the time-of-use factor."""
    transmission_price_per_mwh: float = Field(default=0.0, ge=0)
    """Transmission and distribution energy price."""
    system_fee_per_mwh: float = Field(default=0.0, ge=0)
    """System operation fee."""
    funds_per_mwh: float = Field(default=0.0, ge=0)
    """Government funds and surcharges."""
    demand_price_per_mw_month: Series = 0.0
    """Charge on the month's highest import; by the month with `monthly`."""
    capacity_price_per_mva_month: float = Field(default=0.0, ge=0)
    """Charge on contracted capacity, where it is chosen instead of the demand charge."""
    minimum_demand_share: float = Field(default=0.0, ge=0, le=1)
    """Least billed demand as a share of the transformer's capacity."""
    use_discount: UseDiscount | None = None
    """Lower demand price in months of high use; none: one price."""
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
    def _by_name(cls, data: object, info: ValidationInfo) -> object:
        return data_by_name("tariffs", data, info)

    @model_validator(mode="after")
    def _covers_every_hour_once(self) -> Tariff:
        if self.periods:
            wrong = [problem for holiday in (False, True) if (problem := self._not_covered_once(holiday))]
            if wrong:
                raise ValueError(f"{wrong[0]}; every hour of every month must lie in exactly one row")
        return self

    def _not_covered_once(self, holiday: bool) -> str | None:
        """First hour of a week of any month that lies in no row or in several; on holidays Sunday's row stands in."""
        month, weekday, hour = _hours_of_all_months(edges_of(self.periods))
        times = self._rows_at(month, weekday, hour, np.full(hour.shape, holiday))
        if holiday:
            of_sunday = self._rows_at(month, np.full_like(weekday, SUNDAY), hour, np.zeros(hour.shape, bool))
            times = np.where(times == 0, of_sunday, times)
        if (times == 1).all():
            return None
        at = int(np.argmax(times != 1))
        clock = f"{int(hour[at]):02d}:{round(hour[at] % 1 * 60):02d}"
        day = f"{MONTHS[month[at] - 1]}, {'a holiday on a ' if holiday else ''}{WEEKDAYS[weekday[at]]} {clock}"
        return f"periods cover {day} {times[at]} times"

    def _rows_at(self, month: Integers, weekday: Integers, hour: Floats, is_holiday: NDArray[np.bool_]) -> Integers:
        """Number of rows that hold at each moment."""
        return np.asarray(
            np.sum([period.holds(month, weekday, hour, is_holiday) for period in self.periods], axis=0), dtype=np.int64
        )

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
        if not self.periods:
            return np.ones(calendar.count)
        return calendar.mean_of_parts(self._factor_at, edges_h=edges_of(self.periods))

    def _factor_at(self, calendar: Calendar) -> Floats:
        """Factor at the start of each step; a holiday's hour in no row has that of the same hour on a Sunday."""
        factor = np.ones(calendar.count)
        sunday, workday = np.full(calendar.count, SUNDAY), np.zeros(calendar.count, bool)
        for period in self.periods:
            like_sunday = period.holds(calendar.month, sunday, calendar.hour, workday)
            factor[like_sunday & calendar.is_holiday] = period.factor
        for period in self.periods:
            factor[period.covers(calendar)] = period.factor
        return factor

    def remarks(self, calendar: Calendar) -> list[str]:
        """Remarks on how these hours are priced: holidays for which the tariff has no row."""
        if not self.periods:
            return []
        rows = self._rows_at(calendar.month, calendar.weekday, calendar.hour, calendar.is_holiday)
        bare = calendar.is_holiday & (rows == 0)
        if not bare.any():
            return []
        first = calendar.local[int(np.argmax(bare))]
        return [
            f"tariff {self.name}: {int(bare.sum())} steps on holidays lie in no row (first {first:%Y-%m-%d %H:%M}): "
            "priced as the same hour of a Sunday; add a row with days: holidays to say otherwise"
        ]

    def network_price(self, calendar: Calendar, member: str | None = None) -> Floats:
        """Delivered price without the energy itself, per step [money/MWh]: line loss, transmission, system fee and funds."""
        flat = values_on(self.energy_price_per_mwh, calendar, member)
        return self.import_price(calendar, member) - flat * self.factor(calendar)

    def import_price(self, calendar: Calendar, member: str | None = None) -> Floats:
        """Delivered price of energy per step [money/MWh], before tiers."""
        flat, factor = values_on(self.energy_price_per_mwh, calendar, member), self.factor(calendar)
        share = self.line_loss / (1 - self.line_loss) if self.line_loss_grossed_up else self.line_loss
        loss = flat * share * (factor if self.line_loss_floats else 1.0)
        return flat * factor + loss + self.transmission_price_per_mwh + self.system_fee_per_mwh + self.funds_per_mwh
