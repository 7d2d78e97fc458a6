"""Weather on a calendar: time zones without daylight saving, typical years on real ones, weather on a horizon."""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError
from weather.resample import to_steps

DAYS_BEFORE_29_FEBRUARY: Final = 59
DAYS_PER_YEAR: Final = 365
SHORTEST_STEP_H: Final = 1 / 12
LONGEST_STEP_H: Final = 1.0


def utc_offset_h(timezone: str) -> float:
    """Hours that local standard time (never daylight saving) is ahead of UTC [h].

    `timezone` is an IANA name ("Asia/Shanghai"), "UTC" or a fixed offset ("UTC+08:00", "UTC-3").
    Raises WeatherError for any other text.
    """
    fixed = _fixed_offset_h(timezone)
    if fixed is not None:
        return fixed
    zone = _zone(timezone)
    # Standard time is the smaller offset of winter and summer, on either half of the earth.
    offsets = [datetime(2025, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset.total_seconds() for offset in offsets if offset is not None) / 3600


def offset_name(offset_h: float) -> str:
    """Name of a fixed offset: 8 -> "UTC+08:00"."""
    minutes = round(abs(offset_h) * 60)
    return f"UTC{'-' if offset_h < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def solar_offset_h(longitude: float) -> int:
    """Offset of the 15-degree time zone around a longitude [°E], whole hours, -12..12."""
    return round(longitude / 15)


def local_midnight_utc(day: pd.Timestamp, timezone: str) -> pd.Timestamp:
    """UTC stamp, without zone, at which the civil day (daylight saving included) of `day` begins in `timezone`."""
    midnight = pd.Timestamp(day).tz_localize(None).normalize()
    fixed = _fixed_offset_h(timezone)
    if fixed is not None:
        return midnight - pd.Timedelta(hours=fixed)
    local = midnight.tz_localize(_zone(timezone), ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC").tz_localize(None)


def place_on_horizon(
    weather: xr.Dataset, *, start_local: pd.Timestamp, days: int, step_h: float, timezone: str, count: int | None = None
) -> xr.Dataset:
    """Weather for `days` days of `step_h` hours from the local midnight of `start_local`; dimension time, UTC.

    `count`: number of steps, where it is not that of days of 24 hours (a day on which summer time begins has 23).
    Actual weather (attribute `typical` 0 or absent) is selected and must cover the horizon. A typical year is laid by
    month, day and hour in the standard time of `timezone`, so it wraps over New Year and repeats for several years;
    29 February is 28 February again where the year has none. Coarser steps are means. In finer ones radiation follows
    the sun within each step and keeps its energy, the rest is interpolated between the middles of the steps.
    Raises WeatherError for a step outside 5 min..1 h or one that does not divide a day, and for missing weather.
    """
    steps_a_day = round(24 / step_h) if step_h > 0 else 0
    if not SHORTEST_STEP_H - 1e-9 <= step_h <= LONGEST_STEP_H or abs(steps_a_day * step_h - 24) > 1e-6:
        raise WeatherError(f"step_h: {step_h:g} h; give 5 minutes to 1 hour that divides a day, such as 0.25")
    if days < 1:
        raise WeatherError(f"days: {days}; give at least one day")
    index = pd.date_range(
        local_midnight_utc(start_local, timezone),
        periods=count or days * steps_a_day,
        freq=pd.Timedelta(hours=24) / steps_a_day,
    ).as_unit("ns")
    if weather.attrs.get("typical", 0):
        laid = _lay_typical(weather, index, step_h, utc_offset_h(timezone))
    else:
        laid = _cover_actual(weather, index, step_h)
    placed = to_steps(laid, index, step_h)
    placed.attrs["timezone"] = timezone
    return placed


def _fixed_offset_h(timezone: str) -> float | None:
    """Hours of "UTC" or "UTC+08:00", None for any other name."""
    fixed = re.fullmatch(r"UTC(?:([+-])(\d{1,2})(?::?([0-5]\d))?)?", timezone.strip())
    if fixed is None:
        return None
    sign, hours, minutes = fixed.groups()
    return (-1.0 if sign == "-" else 1.0) * (int(hours or 0) + int(minutes or 0) / 60)


def _zone(timezone: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WeatherError(
            f"timezone: '{timezone}' is unknown; give an IANA name such as Asia/Shanghai or an offset such as UTC+08:00"
        ) from error


def _cover_actual(weather: xr.Dataset, index: pd.DatetimeIndex, step_h: float) -> xr.Dataset:
    """Actual weather as it is. Raises WeatherError if it does not cover the horizon."""
    have = weather.indexes["time"]
    have_end = have[-1] + pd.Timedelta(hours=weather.attrs["step_h"])
    end = index[-1] + pd.Timedelta(hours=step_h)
    if have[0] > index[0] or have_end < end:
        raise WeatherError(
            f"{weather.attrs['source']}: covers {have[0]} to {have_end} UTC, the horizon needs {index[0]} to {end}; "
            "choose another start, fewer days, or a typical year"
        )
    return weather


def _lay_typical(weather: xr.Dataset, index: pd.DatetimeIndex, step_h: float, offset_h: float) -> xr.Dataset:
    """A typical year repeated over the horizon and one step beyond, at the weather's own step."""
    step = pd.Timedelta(hours=weather.attrs["step_h"])
    have = pd.DatetimeIndex(weather.indexes["time"])
    phase = have[0] - have[0].floor(step)
    start = (index[0] - phase).floor(step) + phase - step
    count = int((index[-1] + pd.Timedelta(hours=step_h) - start) / step) + 2
    horizon = pd.date_range(start, periods=count, freq=step)
    offset = pd.Timedelta(hours=offset_h)
    keys, known = (_place_in_year(stamps + offset, step, leap=True) for stamps in (horizon, have))
    plain = _place_in_year(horizon + offset, step, leap=False)
    position = pd.Series(np.arange(len(have)), index=known)
    position = position[~position.index.duplicated()]
    rows = position.reindex(keys).to_numpy(dtype=float)
    rows = np.where(np.isnan(rows), position.reindex(plain).to_numpy(dtype=float), rows)
    if np.isnan(rows).any():
        day = (horizon + offset)[int(np.argmax(np.isnan(rows)))]
        raise WeatherError(
            f"{weather.attrs['source']}: a typical year without {day:%d %B %H:%M} local standard time; "
            "give a whole year of hours"
        )
    laid = weather.isel(time=rows.astype(int))
    return laid.assign_coords(time=horizon.as_unit("ns"))


def _place_in_year(local: pd.DatetimeIndex, step: pd.Timedelta, *, leap: bool) -> np.ndarray:
    """Number of the step in a year of 366 days, shape (time,); without `leap`, 29 February counts as 28 February."""
    days = pd.DatetimeIndex([f"2024-{month:02d}-01" for month in range(1, 13)]).day_of_year.to_numpy() - 1
    day = days[local.month.to_numpy() - 1] + local.day.to_numpy() - 1
    if not leap:
        day = np.where(day == DAYS_BEFORE_29_FEBRUARY, day - 1, day)
    in_day = ((local - local.normalize()) / step).to_numpy().astype(int)
    return np.asarray(day * round(pd.Timedelta(days=1) / step) + in_day)
