"""Yardsticks for a weather series: a cloudless sky of its place, and its own monthly means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from pvlib.location import Location

from weather.calendar import utc_offset_h


def clear_sky_ghi_w_per_m2(weather: xr.Dataset, *, clock_error_min: float = 0.0) -> np.ndarray:
    """GHI of a cloudless sky at the middle of the steps, shape (time,) [W/m²].

    Source: Ineichen and Perez, Solar Energy 73 (2002), with pvlib's Linke turbidity map and the station's height.
    """
    attrs = weather.attrs
    place = Location(attrs["latitude"], attrs["longitude"], tz="UTC", altitude=attrs["elevation_m"])
    middle = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(minutes=attrs["step_h"] * 30 - clock_error_min)
    return np.asarray(place.get_clearsky(middle.tz_localize("UTC"), model="ineichen")["ghi"].to_numpy(dtype=float))


def monthly_means(weather: xr.Dataset) -> pd.DataFrame:
    """Means of every local calendar month present: index 1..12."""
    offset = pd.Timedelta(hours=utc_offset_h(weather.attrs["timezone"]))
    month = (pd.DatetimeIndex(weather.indexes["time"]) + offset).month
    columns = {
        "ghi_kwh_per_m2_day": weather["ghi_w_per_m2"].values * 0.024,
        "dni_kwh_per_m2_day": weather["dni_w_per_m2"].values * 0.024,
        "dry_bulb_c": weather["dry_bulb_c"].values,
        "relative_humidity": weather["relative_humidity"].values,
        "wind_m_per_s": weather["wind_speed_m_per_s"].values,
    }
    return pd.DataFrame(columns).groupby(month.to_numpy()).mean().rename_axis("month")
