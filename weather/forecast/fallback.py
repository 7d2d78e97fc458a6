"""Weather for the coming hours when no forecast came: yesterday again, the season's mean, or past days as they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import WeatherError
from weather.forecast.default_errors import default_error_model
from weather.forecast.forecast import as_forecast
from weather.forecast.members import members as draw_members

SEASON_DAYS = 15
"""Half width of a season: days of the year this near count as the same (assumption)."""


def persistence(last_day: xr.Dataset, *, start: pd.Timestamp, hours: float) -> xr.Dataset:
    """Last 24 h repeated at the same time of day, as a forecast issued at the end of `last_day`.

    Parameters: last_day: canonical weather, at least 24 h that end at or before `start` (only the last 24 h are used);
    start: first step, UTC without zone; hours: of the horizon. Raises WeatherError if it holds less than a day.
    """
    index, step = last_day.indexes["time"], _step(last_day)
    if len(index) * step < pd.Timedelta(days=1):
        raise WeatherError(f"persistence: {len(index) * step} of weather; give at least the last 24 h")
    times = _horizon(start, hours, step)
    end = index[-1] + step
    days_back = np.ceil((times - end + step) / pd.Timedelta(days=1)).astype(int)
    source = times - pd.to_timedelta(np.maximum(days_back, 0), unit="D")
    return _taken(last_day, source, times, issued=end, source_name="persistence of the last 24 h")


def climatology(past: xr.Dataset, *, start: pd.Timestamp, hours: float) -> xr.Dataset:
    """Mean of each hour of day over the season, as a forecast issued at `start`.

    Smooth by nature: use it as a centre, `climatology_members` where ramps matter.

    Parameters: past: canonical weather, any years, real or typical; start: UTC without zone; hours: of the horizon.
    Raises WeatherError if `past` holds no day within SEASON_DAYS of the season.
    """
    days = _season_starts(past, start, hours)
    windows = [_window(past, day, start, hours) for day in days]
    mean = xr.concat(windows, dim="member", combine_attrs="override").mean("member", keep_attrs=True)
    return as_forecast(mean.assign_attrs(source=f"climatology of {len(days)} days of the season"), start)


def climatology_members(past: xr.Dataset, *, start: pd.Timestamp, hours: float, n: int, seed: int) -> xr.Dataset:
    """`n` stretches of past weather of the same season and hour of day, dims (member, time), equally likely, no two the same.

    Real days keep their ramps and how sun, wind and temperature go together; each is there once as it was. Where more are
    requested than there are, the days come again with the assumed errors of a forecast on top.
    Parameters and errors as for `climatology`; the same seed draws the same members.
    """
    days = _season_starts(past, start, hours)
    rng = np.random.default_rng(seed)
    rounds = -(-n // len(days))
    drawn = np.concatenate([rng.permutation(len(days)) for _ in range(rounds)])[:n]
    windows = [_window(past, days[k], start, hours) for k in drawn]
    again = [_disturbed(window, seed + number) for number, window in enumerate(windows) if number >= len(days)]
    stacked = xr.concat([*windows[: len(days)], *again], dim="member", combine_attrs="override")
    source = f"{min(n, len(days))} past stretches of the season" + (f", {len(again)} like them" if again else "")
    return as_forecast(stacked.assign_coords(member=np.arange(n)).assign_attrs(source=source), start)


def _disturbed(weather: xr.Dataset, seed: int) -> xr.Dataset:
    """A stretch of weather as it may also have come: with the assumed errors of a forecast of it."""
    drawn = draw_members(weather, default_error_model(), 1, seed).isel(member=0, drop=True)
    return drawn.transpose("time").assign_attrs(weather.attrs)


def _season_starts(past: xr.Dataset, start: pd.Timestamp, hours: float) -> pd.DatetimeIndex:
    """Past times of the same hour of day and season from which a whole horizon is at hand."""
    index, step = pd.DatetimeIndex(past.indexes["time"]), _step(past)
    whole = index + pd.Timedelta(hours=hours) <= index[-1] + step
    apart = np.abs(index.day_of_year.to_numpy() - start.day_of_year)
    near = np.minimum(apart, 365 - apart) <= SEASON_DAYS
    same_hour = (index.hour == start.hour) & (index.minute == start.minute)
    days = index[whole & near & same_hour & (index + pd.Timedelta(hours=hours) <= start)]
    if not len(days):
        days = index[whole & near & same_hour]  # a typical year has no place in real time
    if not len(days):
        raise WeatherError(
            f"climatology: no weather within {SEASON_DAYS} days of the season of {start:%d %B}; give a year"
        )
    return pd.DatetimeIndex(days)


def _window(past: xr.Dataset, day: pd.Timestamp, start: pd.Timestamp, hours: float) -> xr.Dataset:
    times = _horizon(start, hours, _step(past))
    return _taken(past, times - start + day, times, issued=start, source_name="past weather")


def _taken(
    weather: xr.Dataset, source: pd.DatetimeIndex, times: pd.DatetimeIndex, *, issued: pd.Timestamp, source_name: str
) -> xr.Dataset:
    """Weather of the times `source`, relabelled to `times`, as a forecast."""
    place: NDArray[np.intp] = weather.indexes["time"].get_indexer(source)
    if (place < 0).any():
        raise WeatherError(f"{source_name}: no weather at {source[int(np.argmax(place < 0))]} UTC; fill the gap first")
    taken = weather.isel(time=place).drop_vars("lead_h", errors="ignore").assign_coords(time=times.as_unit("ns"))
    return as_forecast(taken.assign_attrs(source=source_name), issued)


def _horizon(start: pd.Timestamp, hours: float, step: pd.Timedelta) -> pd.DatetimeIndex:
    return pd.date_range(start, start + pd.Timedelta(hours=hours), freq=step, inclusive="left")


def _step(weather: xr.Dataset) -> pd.Timedelta:
    index = weather.indexes["time"]
    return index[1] - index[0] if len(index) > 1 else pd.Timedelta(hours=float(weather.attrs.get("step_h", 1.0)))
