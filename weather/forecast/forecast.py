"""A forecast: canonical weather (or a power series) that knows when it was issued, and how usable it is.

A forecast is a Dataset with dim `time` like any weather, with `attrs["issue_time"]` (ISO 8601, UTC without zone) and
the coordinate `lead_h` (time): hours from the issue to the START of the step. Hours past at issue have a negative lead.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import LIMITS, UNITS, WeatherError, problems_of

Floats = NDArray[np.float64]

ISSUE_TIME: Final = "issue_time"
CLOCK_SLACK_H: Final = 0.25
"""How far ahead of our clock a provider's issue time may be before the forecast is refused (assumption)."""


def as_forecast(weather: xr.Dataset, issue_time: str | pd.Timestamp) -> xr.Dataset:
    """Forecast issued at `issue_time` from a series (a zone is converted to UTC and dropped).

    Raises WeatherError if the issue time cannot be read.
    """
    try:
        issued = pd.Timestamp(issue_time)
    except ValueError as error:
        raise WeatherError(
            f"issue_time: '{issue_time}' is not a time; give ISO 8601 UTC such as 2026-11-21T12:00"
        ) from error
    if pd.isna(issued):
        raise WeatherError("issue_time: is empty; give ISO 8601 UTC such as 2026-11-21T12:00")
    issued = issued.tz_convert("UTC").tz_localize(None) if issued.tzinfo is not None else issued
    forecast = weather.copy()
    forecast.attrs = {**weather.attrs, ISSUE_TIME: issued.isoformat()}
    lead = (pd.DatetimeIndex(forecast.indexes["time"]) - issued) / pd.Timedelta(hours=1)
    attrs = {"units": "h", "long_name": "hours from issue to the start of the step"}
    return forecast.assign_coords(lead_h=("time", np.asarray(lead, dtype=float), attrs))


def issue_time(forecast: xr.Dataset) -> pd.Timestamp:
    """Issue time of a forecast, UTC without zone. Raises WeatherError if it does not say."""
    if ISSUE_TIME not in forecast.attrs:
        raise WeatherError(
            "issue_time: missing; a forecast says when it was issued, use as_forecast(weather, issue_time)"
        )
    return pd.Timestamp(forecast.attrs[ISSUE_TIME])


def lead_h(forecast: xr.Dataset) -> Floats:
    """Hours from the issue to the start of each step, shape (time,). Raises WeatherError without an issue time."""
    hours = (pd.DatetimeIndex(forecast.indexes["time"]) - issue_time(forecast)) / pd.Timedelta(hours=1)
    return np.asarray(hours, dtype=float)


def horizon_of(forecast: xr.Dataset, *, start: pd.Timestamp, hours: float) -> xr.Dataset:
    """Steps from `start` (UTC without zone) on for `hours`. Raises WeatherError if they are not all covered."""
    problems = _horizon_problems(forecast, start=start, hours=hours)
    if problems:
        raise WeatherError(problems)
    index = forecast.indexes["time"]
    return forecast.isel(time=np.asarray((index >= start) & (index < start + pd.Timedelta(hours=hours))))


def problems_of_forecast(
    forecast: xr.Dataset, *, now: pd.Timestamp, start: pd.Timestamp, hours: float, max_age_h: float = 24.0
) -> list[str]:
    """Problems that keep a forecast from being planned with: age, future issue, horizon, gaps, impossible values.

    Parameters: now, start: UTC without zone; hours: needed from `start` on; max_age_h: oldest issue still trusted.
    A list of lines, empty if the forecast is good. A canonical variable that is missing is a problem if any is present.
    """
    problems = []
    age_h = (now - issue_time(forecast)) / pd.Timedelta(hours=1)
    if age_h > max_age_h:
        problems.append(f"issue_time: {age_h:.1f} h old, more than {max_age_h:g} h; fetch a newer forecast")
    if age_h < -CLOCK_SLACK_H:
        problems.append(f"issue_time: {-age_h:.1f} h in the future; check the clock and the zone of the file")
    if any(name in forecast for name in UNITS):
        problems += [f"{name}: missing from the forecast" for name in UNITS if name not in forecast]
    short = _horizon_problems(forecast, start=start, hours=hours)
    looked_at = forecast if short else horizon_of(forecast, start=start, hours=hours)
    powers = [name for name in forecast.data_vars if name not in LIMITS]
    problems += short + problems_of(looked_at.drop_vars(powers))
    missing = {name: int(looked_at[name].isnull().sum()) for name in powers}
    return problems + [f"{name}: {count} missing values" for name, count in missing.items() if count]


def _horizon_problems(forecast: xr.Dataset, *, start: pd.Timestamp, hours: float) -> list[str]:
    index = forecast.indexes["time"]
    if not len(index):
        return ["time: the forecast is empty"]
    step = index[1] - index[0] if len(index) > 1 else pd.Timedelta(hours=float(forecast.attrs.get("step_h", 1.0)))
    end = start + pd.Timedelta(hours=hours)
    problems = []
    if index[0] > start:
        problems.append(f"time: the forecast begins {index[0]} UTC, after the start {start} UTC")
    if index[-1] + step < end:
        problems.append(f"time: the forecast ends {index[-1] + step} UTC, {hours:g} h from {start} UTC need {end} UTC")
    return problems
