"""Charges on the highest import: in which hours it is read, over which months billed, what it never falls below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, field_validator, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import Monthly, Series, values_on
from optimizer.quantities.strict import Settings

Floats = NDArray[np.float64]
Hours = tuple[Annotated[float, Field(ge=0, le=24)], Annotated[float, Field(ge=0, le=24)]]
MONTHS_OF_A_YEAR = 12
Month = Annotated[int, Field(ge=1, le=12)]


class Span(Settings):
    """Hours of the year by month, weekday, holiday and hour."""

    months: list[Month] = list(range(1, 13))
    """Calendar months the row is for."""
    days: list[Annotated[int, Field(ge=0, le=6)] | Literal["holidays"]] = [0, 1, 2, 3, 4, 5, 6]
    """Weekdays the row is for, Monday 0 to Sunday 6; `holidays` among them (or alone): all holidays, whatever weekday."""
    holidays: bool = True
    """Whether the row is also for holidays that fall on its weekdays."""
    hours: list[Hours] = [(0, 24)]
    """Local hours [from, to); from later than to: over midnight, both parts on days of the row."""

    @field_validator("days", mode="before")
    @classmethod
    def _one_word(cls, days: object) -> object:
        return [days] if days == "holidays" else days

    @model_validator(mode="after")
    def _covers_something(self) -> Span:
        empty = [span for span in self.hours if span[0] == span[1]]
        if empty or not (self.hours and self.months and self.days):
            said = f"hours {list(empty[0])} cover" if empty else "a row without hours, months or days covers"
            raise ValueError(f"{said} nothing; write [0, 24] for the whole day")
        return self

    def covers(self, calendar: Calendar) -> NDArray[np.bool_]:
        """Steps of the calendar that begin in hours the row is for."""
        return self.holds(calendar.month, calendar.weekday, calendar.hour, calendar.is_holiday)

    def holds(
        self, month: NDArray[np.int64], weekday: NDArray[np.int64], hour: Floats, is_holiday: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Moments the row is for; arrays of one shape."""
        day = np.isin(weekday, [day for day in self.days if day != "holidays"])
        if not self.holidays:
            day &= ~is_holiday
        if "holidays" in self.days:
            day |= is_holiday
        inside = np.zeros(hour.shape, dtype=bool)
        for start, end in self.hours:
            between = (hour >= start, hour < end)
            inside |= np.logical_and(*between) if start < end else np.logical_or(*between)
        return np.asarray(np.isin(month, self.months) & day & inside)


def edges_of(spans: Sequence[Span]) -> float:
    """Greatest part of an hour of which all limits of the rows are multiples, at least a minute [h]."""
    minutes = [round(60 * limit) for span in spans for pair in span.hours for limit in pair]
    return math.gcd(60, *minutes) / 60


class Ratchet(Settings):
    """A month is billed at least a share of the highest import of the months before it."""

    share: float = Field(gt=0, le=1)
    """Share of the earlier peak that is billed at least."""
    lookback_months: int = Field(default=11, ge=1, le=24)
    """How many months before count."""
    months: list[Month] = list(range(1, 13))
    """Calendar months whose peaks count (a summer ratchet: [6, 7, 8, 9])."""
    cyclic: bool = False
    """Whether in a plan of a whole year its last months are remembered by its first, as if each year were like it."""
    earlier_mw: float = Field(default=0.0, ge=0)
    """Highest import of such months before the plan starts."""


class DemandTier(Settings):
    """A block of the billed demand with a price of its own."""

    above_mw: float = Field(ge=0)
    """Billed demand above which it holds."""
    extra_per_mw: float
    """Added to the price of every MW above; negative: a rebate."""


class DemandCharge(Settings):
    """A price on the highest import within certain hours."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Short name for the bill."""
    price_per_mw: Series
    """Price of a MW, per month or per year; by the month with `monthly`."""
    per: Literal["month", "year"] = "month"
    """Whether each month's peak is billed, or the highest of the whole plan (by its share of a year)."""
    when: list[Span] = []
    """Hours in which import counts; none: all. In months without any, nothing is billed, no minimum and no memory either."""
    mask: Series | None = None
    """Further: only steps in which this series is not zero (a system operator's peak hours)."""
    measure: Literal["highest", "mean"] = "highest"
    """`highest` import of those hours, or their `mean` (coincident peak: the mean over named hours)."""
    minimum_mw: float = Field(default=0.0, ge=0)
    """Billed at least."""
    ratchet: Ratchet | None = None
    """Memory of earlier months."""
    tiers: list[DemandTier] = []
    """Prices that change with the billed demand (blocks); none: one price."""

    @field_validator("price_per_mw")
    @classmethod
    def _not_below_zero(cls, price: Series) -> Series:
        numbers = price.monthly if isinstance(price, Monthly) else [price] if isinstance(price, float) else []
        if any(number < 0 for number in numbers):
            raise ValueError(f"is {min(numbers):g}; must be at least 0")
        return price

    @model_validator(mode="after")
    def _ratchets_remember_months(self) -> DemandCharge:
        if self.ratchet is not None and (self.per != "month" or self.measure != "highest"):
            raise ValueError("a ratchet needs per: month and measure: highest")
        return self

    @model_validator(mode="after")
    def _tiers_rise_and_pay_nothing(self) -> DemandCharge:
        above = [tier.above_mw for tier in self.tiers]
        if above != sorted(set(above)):
            raise ValueError("tiers must rise in above_mw, each once")
        price = self.price_per_mw
        numbers = price.monthly if isinstance(price, Monthly) else [price] if isinstance(price, float) else []
        if self.tiers and numbers and min(numbers) + min(tier.extra_per_mw for tier in self.tiers) < 0:
            raise ValueError("tiers > extra_per_mw: a MW more would pay money; keep price and rebate at 0 or above")
        return self

    def counts(self, calendar: Calendar) -> Floats:
        """1 in steps whose import counts, else 0; shape (steps,)."""

        def begins_inside(steps: Calendar) -> Floats:
            return np.asarray(np.any([span.covers(steps) for span in self.when], axis=0), dtype=float)

        inside = np.ones(calendar.count, bool)
        if self.when:  # a step of which only a part counts counts: its import is that of the part
            inside = calendar.mean_of_parts(begins_inside, edges_h=edges_of(self.when)) > 0
        if self.mask is not None:
            inside = inside & (values_on(self.mask, calendar) != 0)
        return inside.astype(float)

    def period(self, calendar: Calendar) -> NDArray[np.int64]:
        """Number of the billed period each step lies in, shape (steps,)."""
        return calendar.billing_month if self.per == "month" else np.zeros(calendar.count, dtype=np.int64)

    def prices(self, calendar: Calendar) -> Floats:
        """Price of a MW in each billed period, for the share of it that the plan covers; shape (periods,)."""
        return self._price(calendar) * self.due(calendar)

    def due(self, calendar: Calendar) -> Floats:
        """Share of its price that is due in each billed period, shape (periods,)."""
        if self.measure == "mean":  # each hour counts by its part of the hours planned
            return self.due_for_these_hours(calendar)
        share = calendar.charged_month_share if self.per == "month" else np.array([calendar.whole.years])
        return np.asarray(share * self.in_season(calendar))

    def prices_of_these_hours(self, calendar: Calendar) -> Floats:
        """Demand prices for the share that these hours alone cover; shape (periods,)."""
        return self._price(calendar) * self.due_for_these_hours(calendar)

    def due_for_these_hours(self, calendar: Calendar) -> Floats:
        """Share of its price that these hours alone owe in each billed period, shape (periods,)."""
        share = calendar.month_share if self.per == "month" else np.array([calendar.years])
        return np.asarray(share * self.in_season(calendar))

    def extra_of(self, billed_mw: Floats) -> Floats:
        """Money of the tiers for a billed demand, at the whole price of a period; shape of `billed_mw`."""
        edges = [tier.above_mw for tier in self.tiers] + [np.inf]
        money = np.zeros_like(billed_mw)
        for tier, top in zip(self.tiers, edges[1:], strict=True):
            money += tier.extra_per_mw * np.clip(billed_mw - tier.above_mw, 0.0, top - tier.above_mw)
        return money

    def _price(self, calendar: Calendar) -> Floats:
        """Price of a MW at the beginning of each billed period, shape (periods,)."""
        return values_on(self.price_per_mw, calendar)[self._first(calendar)]

    def _first(self, calendar: Calendar) -> NDArray[np.int64]:
        """First step of each billed period."""
        period = self.period(calendar)
        return np.searchsorted(period, np.arange(int(period[-1]) + 1))

    def in_season(self, calendar: Calendar) -> Floats:
        """1 for billed periods in whose months any hour counts, else 0: a summer charge bills no minimum in winter; shape (periods,)."""
        months = {month for span in self.when for month in span.months} or set(range(1, 13))
        inside = (
            np.isin(calendar.month[self._first(calendar)], list(months))
            if self.per == "month"
            else np.ones(1, dtype=bool)
        )
        return inside.astype(float)

    def remembered(self, calendar: Calendar) -> list[list[int]]:
        """For each billed period the earlier ones whose peak it remembers."""
        periods = int(self.period(calendar)[-1]) + 1
        if self.ratchet is None:
            return [[] for _ in range(periods)]
        first = np.searchsorted(self.period(calendar), np.arange(periods))
        in_season = np.isin(calendar.month[first], self.ratchet.months)
        back = self.ratchet.lookback_months
        if self.ratchet.cyclic and periods == MONTHS_OF_A_YEAR:
            before = [[(n - k) % periods for k in range(1, min(back, periods - 1) + 1)] for n in range(periods)]
            return [sorted(m for m in months if in_season[m]) for months in before]
        return [[m for m in range(max(n - back, 0), n) if in_season[m]] for n in range(periods)]

    def least(self, calendar: Calendar, opened_mw: float) -> Floats:
        """Minimum billed demand of each period; `opened_mw` is the first period's peak so far. Shape (periods,)."""
        least = np.full(int(self.period(calendar)[-1]) + 1, self.minimum_mw)
        if self.ratchet is not None:
            least[: self.ratchet.lookback_months] = np.maximum(
                least[: self.ratchet.lookback_months], self.ratchet.share * self.ratchet.earlier_mw
            )
        least[0] = max(least[0], opened_mw)
        return least

    def billed_mw(self, import_mw: Floats, calendar: Calendar, counts: Floats, opened_mw: float) -> Floats:
        """Billed demand of each period from plain imports, shape (periods,)."""
        period, periods = self.period(calendar), int(self.period(calendar)[-1]) + 1
        if self.measure == "mean":
            hours = np.bincount(period, weights=counts, minlength=periods)
            mean = np.bincount(period, weights=counts * import_mw, minlength=periods) / np.maximum(hours, 1)
            return np.maximum(mean, self.least(calendar, opened_mw))
        peak = np.zeros(periods)
        np.maximum.at(peak, period, counts * import_mw)
        peak[0] = max(peak[0], opened_mw)
        floor = self.least(calendar, opened_mw)
        share = self.ratchet.share if self.ratchet else 0.0
        earlier = [share * max((peak[m] for m in months), default=0.0) for months in self.remembered(calendar)]
        return np.maximum(np.maximum(peak, floor), earlier)
