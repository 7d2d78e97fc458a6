"""The hours of a plan: UTC steps, and what month, weekday and hour each is on the site's clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.quantities.civil_time import midnight_utc, to_utc, zone

__all__ = ["HOURS_PER_YEAR", "Calendar", "local_time", "zone"]

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
    """Longer plan these hours are a part of; none: they are the whole plan."""

    @staticmethod
    def at_local_midnight(
        date: str, days: float, step_h: float, timezone: str, holidays: frozenset[str] = frozenset()
    ) -> Calendar:
        """Calendar that starts at local midnight of `date` and covers `days` days of the local clock.

        A day on which summer time begins or ends has 23 or 25 hours (or other half hours); parts of a day have 24 parts.
        """
        start, whole = midnight_utc(date, timezone), int(days)
        end = midnight_utc(pd.Timestamp(date) + pd.Timedelta(days=whole), timezone)
        hours = (end - start) / pd.Timedelta(hours=1) + (days - whole) * 24
        return Calendar(start, max(round(hours / step_h), 1), step_h, timezone, holidays)

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
        """For each billing month of the plan: the share of that calendar month's days which the plan covers, 0..1."""
        hours = np.bincount(self.billing_month, weights=self.step_h * 24.0 / self._hours_of_day)
        first = np.searchsorted(self.billing_month, np.arange(len(hours)))
        whole = np.asarray(self.local[first].days_in_month, dtype=float) * 24.0
        return np.minimum(hours / whole, 1.0)

    @cached_property
    def _hours_of_day(self) -> NDArray[np.float64]:
        """Hours of the local day each step lies in: 24, and 23 or 25 where summer time begins or ends."""
        days, of_step = np.unique(self.local.normalize().to_numpy(), return_inverse=True)
        midnight = pd.DatetimeIndex(days)
        begins, ends = (to_utc(each, self.timezone)[0] for each in (midnight, midnight + pd.Timedelta(days=1)))
        hours = np.asarray((ends - begins) / pd.Timedelta(hours=1), dtype=float)
        return np.asarray(hours[of_step])

    @cached_property
    def charged_month_share(self) -> NDArray[np.float64]:
        """For each billing month of these hours: the share of it that the whole plan covers, 0..1.

        A month's peak is paid for the whole month, also where only some of its hours are planned at a time.
        """
        number = int(self.whole.billing_month[self.steps_before])
        return self.whole.month_share[number : number + int(self.billing_month[-1]) + 1]

    def finer(self, parts: int) -> Calendar:
        """Calendar with every step in `parts` equal steps."""
        return Calendar(self.start, self.count * parts, self.step_h / parts, self.timezone, self.holidays)

    def mean_of_parts(
        self, values: Callable[[Calendar], NDArray[np.float64]], *, edges_h: float
    ) -> NDArray[np.float64]:
        """Means over the steps of what changes at multiples of `edges_h` local hours only, shape (steps,).

        `values`: from a calendar to values at the start of its steps. Where no step crosses an edge, one value a step is
        exact; else steps are cut at the finest part that meets all edges.
        """
        parts = self._parts(edges_h)
        if parts == 1:
            return values(self)
        return np.asarray(values(self.finer(parts)).reshape(self.count, parts).mean(axis=1))

    def _parts(self, edges_h: float) -> int:
        """Into how many parts steps must be cut so that none crosses a multiple of `edges_h` local hours."""
        edge_min, step_min = round(edges_h * 60), round(self.step_h * 60)
        offsets = np.unique((self.local.hour * 60 + self.local.minute) % edge_min)
        if edge_min % step_min == 0 and (offsets % step_min == 0).all():
            return 1
        return step_min // math.gcd(edge_min, step_min, *(int(offset) for offset in offsets))

    @property
    def whole(self) -> Calendar:
        """Whole plan: these hours, or those they are a part of."""
        return self.part_of or self

    @property
    def steps_before(self) -> int:
        """Steps of the whole plan before these hours."""
        return round((self.start - self.whole.start) / pd.Timedelta(hours=self.step_h))

    @property
    def years(self) -> float:
        """Length of the plan in years of 8,760 h; yearly costs are charged in this share."""
        return self.count * self.step_h / HOURS_PER_YEAR


def local_time(time: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """UTC stamps without zone → local stamps without zone."""
    return time.tz_localize("UTC").tz_convert(zone(timezone)).tz_localize(None)
