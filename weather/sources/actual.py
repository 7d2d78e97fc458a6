"""Calendar year picked out of a series of actual weather."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from weather.calendar import utc_offset_h
from weather.canonical import WeatherError


def pick_year(weather: xr.Dataset, year: int) -> xr.Dataset:
    """Steps of `year` in the site's standard time. Raises WeatherError if the series does not hold all of it."""
    offset = pd.Timedelta(hours=utc_offset_h(weather.attrs["timezone"]))
    step = pd.Timedelta(hours=weather.attrs["step_h"])
    start, end = pd.Timestamp(f"{year}-01-01") - offset, pd.Timestamp(f"{year + 1}-01-01") - offset
    index = weather.indexes["time"]
    if index[0] > start or index[-1] + step < end:
        raise WeatherError(
            f"{weather.attrs['source']}: holds {index[0]} to {index[-1] + step} UTC, not all of {year} "
            f"({start} to {end}); give a file that does, or another year"
        )
    instant = pd.Timedelta(nanoseconds=1)
    return weather.sel(
        time=slice(start - step + instant, end - instant)
    )  # a step across the turn of the year belongs to it
