"""The hours of a plan: UTC steps, and what month, weekday and hour each is on the site's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True)
class Calendar:
    """`count` equal steps of `step_h` hours from `start` (UTC, no zone); `timezone` is the site's clock.

    Arrays have shape (count,). Local time is taken at the START of a step.
    """

    start: pd.Timestamp
    count: int
    step_h: float
    timezone: str
    holidays: frozenset[str] = frozenset()
    """Local dates (YYYY-MM-DD) that tariffs treat as holidays."""
    part_of: Calendar | None = None
    """The longer plan these hours are a part of; none: they are the whole plan."""

    @staticmethod
    def at_local_midnight(
        date: str, days: float, step_h: float, timezone: str, holidays: frozenset[str] = frozenset()
    ) -> Calendar:
        """The calendar that starts at local midnight of `date` and covers `days` days."""
        start = pd.Timestamp(date).tz_localize(zone(timezone)).tz_convert("UTC").tz_localize(None)
        return Calendar(start, round(days * 24 / step_h), step_h, timezone, holidays)

    @cached_property
    def time(self) -> pd.DatetimeIndex:
        """UTC start of every step."""
        return pd.date_range(self.start, periods=self.count, freq=pd.Timedelta(hours=self.step_h), unit="ns")

    @cached_property
    def local(self) -> pd.DatetimeIndex:
        """Start of every step on the site's clock, without zone."""
        return local_time(self.time, self.timezone)

    @cached_property
    def hour(self) -> NDArray[np.float64]:
        """Local hour of day, 0 ≤ hour < 24."""
        return np.asarray(self.local.hour + self.local.minute / 60.0, dtype=float)

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Local month, 1..12."""
        return np.asarray(self.local.month, dtype=np.int64)

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """Local weekday, Monday 0 … Sunday 6."""
        return np.asarray(self.local.weekday, dtype=np.int64)

    @cached_property
    def is_holiday(self) -> NDArray[np.bool_]:
        """Whether the local date is one of `holidays`."""
        return np.asarray(self.local.strftime("%Y-%m-%d").isin(list(self.holidays)))

    @cached_property
    def billing_month(self) -> NDArray[np.int64]:
        """Number of the local calendar month, counted from the first month of the plan."""
        months = np.asarray(self.local.year * 12 + self.local.month, dtype=np.int64)
        return np.asarray(months - months[0])

    @cached_property
    def month_share(self) -> NDArray[np.float64]:
        """For each billing month of the plan: the share of that calendar month which the plan covers, 0..1."""
        hours = np.bincount(self.billing_month) * self.step_h
        first = np.searchsorted(self.billing_month, np.arange(len(hours)))
        whole = np.asarray(self.local[first].days_in_month, dtype=float) * 24.0
        return np.minimum(hours / whole, 1.0)

    @cached_property
    def charged_month_share(self) -> NDArray[np.float64]:
        """For each billing month of these hours: the share of it that the whole plan covers, 0..1.

        A month's peak is paid for the whole month, also where only some of its hours are planned at a time.
        """
        number = int(self.whole.billing_month[self.steps_before])
        return self.whole.month_share[number : number + int(self.billing_month[-1]) + 1]

    @property
    def whole(self) -> Calendar:
        """The whole plan: these hours, or those they are a part of."""
        return self.part_of or self

    @property
    def steps_before(self) -> int:
        """Steps of the whole plan before these hours."""
        return round((self.start - self.whole.start) / pd.Timedelta(hours=self.step_h))

    @property
    def years(self) -> float:
        """Length of the plan in years of 8,760 h; yearly costs are charged in this share."""
        return self.count * self.step_h / HOURS_PER_YEAR


def zone(name: str) -> tzinfo | None:
    """A time zone from an IANA name or a fixed offset such as `UTC+08:00`. Raises ValueError if there is none such."""
    try:
        return pd.Timestamp("2025-01-01").tz_localize(name).tz
    except Exception as error:
        raise ValueError(f"'{name}' is not a time zone; give an IANA name such as Asia/Shanghai") from error


def local_time(time: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """UTC stamps without zone → local stamps without zone."""
    return time.tz_localize("UTC").tz_convert(zone(timezone)).tz_localize(None)
