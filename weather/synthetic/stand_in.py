"""Synthetic year of a climate lent to a far place: the place's own sun, height and clock, another place's clouds and seasons.

For a first plan of a site that no climate is shipped for; never more than a stand-in for a weather file of the site.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import xarray as xr

from weather.calendar import offset_name
from weather.canonical import with_repair
from weather.synthetic.year import UTC_OFFSET_H, synthetic_year

DEGREES_PER_H: Final = 15.0
HALF_A_YEAR_H: Final = 182 * 24


def stand_in_year(
    climate: str, year: int, *, seed: int, place: tuple[float, float, float], utc_offset_h: float
) -> xr.Dataset:
    """Year of hourly weather at a place (latitude, longitude, elevation [m]) with the statistics of a shipped climate.

    The sun is that of the place, temperature, pressure and humidity are moved to its height, the day runs by its standard
    time, and south of the equator the seasons are half a year later. A typical year (attribute `typical`), with a warning
    in `repairs`. Raises WeatherError for an unknown climate.
    """
    latitude, longitude, elevation_m = place
    # the meridian that has, on the climate's clock, the solar time the place has on its own
    meridian = (longitude + DEGREES_PER_H * (UTC_OFFSET_H - utc_offset_h) + 180) % 360 - 180
    there = synthetic_year(climate, year, seed=seed, place=(abs(latitude), meridian, elevation_m))
    if latitude < 0:
        there = there.roll(time=HALF_A_YEAR_H)
    moved = there.assign_coords(time=there["time"].values + pd.Timedelta(hours=UTC_OFFSET_H - utc_offset_h))
    moved.attrs = there.attrs | {
        "latitude": latitude, "longitude": longitude, "timezone": offset_name(utc_offset_h), "typical": 1,
        "source": f"synthetic year {year}: monthly statistics of {climate.capitalize()} stand in for the site",
    }  # fmt: skip
    return with_repair(
        moved,
        f"warning: synthetic weather; the statistics of {climate.capitalize()} stand in for a place they do not belong to: "
        "good for a first plan, not for a decision; take a weather file of the site (qaidam weather fetch)",
    )
