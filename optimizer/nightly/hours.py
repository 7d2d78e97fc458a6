"""Hours of a night's plan: from the next local midnight, two days seen, one kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from optimizer.quantities.calendar import Calendar, local_time
from optimizer.scenario.single_site import Scenario


@dataclass(frozen=True)
class Night:
    """Hours of one night's plan; all stamps UTC without zone."""

    now: pd.Timestamp
    day: str
    """Local day the plan is for, YYYY-MM-DD."""
    calendar: Calendar
    kept_steps: int
    """Steps until the next plan takes over: one local day of 23, 24 or 25 hours."""

    @property
    def start(self) -> pd.Timestamp:
        """First step."""
        return self.calendar.start

    @property
    def kept_until(self) -> pd.Timestamp:
        """Time at which the next plan should take over."""
        return self.start + pd.Timedelta(hours=self.kept_steps * self.calendar.step_h)

    @property
    def valid_until(self) -> pd.Timestamp:
        """End of the plan's horizon."""
        return self.start + pd.Timedelta(hours=self.calendar.count * self.calendar.step_h)

    def in_whole_months(self) -> Night:
        """Horizon as a part of the local months it lies in, so that a month's peak is paid for the whole month."""
        calendar = self.calendar
        first, last = (calendar.local[number].to_period("M") for number in (0, -1))
        days = (last.end_time.normalize() - first.start_time).days + 1
        months = Calendar.at_local_midnight(
            str(first.start_time.date()), days, calendar.step_h, calendar.timezone, calendar.holidays
        )
        return replace(self, calendar=replace(calendar, part_of=months))


def as_utc(text: str | pd.Timestamp) -> pd.Timestamp:
    """A time as UTC without zone; without an offset it is UTC. Raises ValueError if it is no time."""
    stamp = pd.Timestamp(text)
    if pd.isna(stamp):
        raise ValueError(f"'{text}' is not a time; give ISO 8601 such as 2026-06-01T22:00+08:00")
    return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo is not None else stamp


def night_of(scenario: Scenario, now: pd.Timestamp, seen_days: int) -> Night:
    """Night of a job that runs at `now`: in the local afternoon and evening for tomorrow, before noon for today."""
    zone, step_h = scenario.site.timezone, scenario.horizon.step_h
    local = local_time(pd.DatetimeIndex([now]), zone)[0]
    day = (local.normalize() + pd.Timedelta(days=1 if local.hour >= 12 else 0)).strftime("%Y-%m-%d")
    following = (pd.Timestamp(day) + pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    free = frozenset(scenario.holidays)
    calendar = Calendar.at_local_midnight(day, seen_days, step_h, zone, free)
    after = Calendar.at_local_midnight(following, 1, step_h, zone, free).start
    return Night(now, day, calendar, round((after - calendar.start) / pd.Timedelta(hours=step_h)))
