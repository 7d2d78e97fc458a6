"""Equal steps of another length: sub-hourly weather as hourly means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError, with_repair


def to_hourly(weather: xr.Dataset) -> xr.Dataset:
    """Hourly means of sub-hourly weather; noted in `repairs`. Hourly weather comes back as it is.

    Hours that are not complete at either end are left out; an hour with a missing step is missing (NaN).
    Raises WeatherError if the step is longer than an hour or does not divide it.
    """
    step_h = float(weather.attrs["step_h"])
    per_hour = round(1 / step_h) if step_h > 0 else 0
    if step_h == 1.0:
        return weather
    if per_hour < 1 or abs(per_hour * step_h - 1) > 1e-9:
        raise WeatherError(f"step_h: {step_h:g} h does not divide an hour; give steps of 5, 10, 15, 20 or 30 minutes")
    index = weather.indexes["time"]
    first = index[0].ceil("h")
    inside = weather.sel(time=slice(first, None))
    hours = inside.sizes["time"] // per_hour
    inside = inside.isel(time=slice(0, hours * per_hour))
    means = inside.coarsen(time=per_hour).reduce(_plain_mean)
    hourly = xr.Dataset(
        {name: ("time", means[name].values, weather[name].attrs) for name in weather.data_vars},
        coords={"time": pd.date_range(first, periods=hours, freq="h").as_unit("ns")},
        attrs=dict(weather.attrs),
    )
    hourly.attrs["step_h"] = 1.0
    return with_repair(hourly, f"{step_h * 60:g}-minute steps averaged to hours")


def _plain_mean(values: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """Mean that keeps NaN, as xarray's own would not."""
    return np.asarray(values.mean(axis=axis))
