"""Synthetic years from monthly climate statistics: the weather a scenario has when nobody gives a file.

A synthetic year has the months, the days and the hours of its climate, not the weather of any real date. Its months
stay close to normal (sun within 5 %, temperature within 1.2 K), so single months vary LESS than real ones; whole years
vary as real ones do. Statistics: `scenarios/climates/<site>.csv`, computed from CSWD typical years.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import make_weather
from weather.site import to_site_elevation
from weather.synthetic.air import humidity_of_air, pressure_of_air_pa, temperature_of_air_c
from weather.synthetic.climate_table import SITES, climate_of
from weather.synthetic.radiation import radiation_w_per_m2
from weather.synthetic.wind import wind_speed_m_per_s

__all__ = ["SITES", "synthetic_year"]

UTC_OFFSET_H: Final[int] = 8
"""All shipped climates are in China: UTC+8, no daylight saving."""
PLACE: Final[tuple[str, ...]] = ("latitude", "longitude", "elevation_m")


def synthetic_year(
    site: str, year: int, *, seed: int | None = None, place: tuple[float, float, float] | None = None
) -> xr.Dataset:
    """A whole year of hourly weather at a shipped site: 8,760 or 8,784 hours from local midnight of 1 January (UTC+8).

    Canonical Dataset (weather/canonical.py) with attrs synthetic 1 and typical 0. The same site, year and seed give the
    same numbers; `seed` defaults to a number made of site and year. `place` (latitude, longitude, elevation [m]) near the
    climate's: the sun is that of the place, temperature, pressure and humidity are moved to its height.
    Raises WeatherError for an unknown site.
    """
    climate = climate_of(site)
    number = zlib.crc32(f"{site} {year}".encode()) if seed is None else seed
    sun_dice, heat_dice, damp_dice, wind_dice = np.random.default_rng(number).spawn(4)
    local = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    utc = local - pd.Timedelta(hours=UTC_OFFSET_H)
    under_the_sun = (
        climate if place is None else replace(climate, year=climate.year | dict(zip(PLACE, place, strict=True)))
    )
    radiation, clearness_anomaly = radiation_w_per_m2(sun_dice, under_the_sun, local, UTC_OFFSET_H)
    dry_bulb_c, heat_anomaly = temperature_of_air_c(heat_dice, climate, local, clearness_anomaly)
    humidity = humidity_of_air(damp_dice, climate, local, dry_bulb_c, heat_anomaly, clearness_anomaly)
    values = {
        **radiation,
        "dry_bulb_c": dry_bulb_c,
        "relative_humidity": humidity,
        "pressure_pa": pressure_of_air_pa(damp_dice, climate, local),
        "wind_speed_m_per_s": wind_speed_m_per_s(wind_dice, climate, local),
    }
    climates_own = {name: climate.year[name] for name in PLACE}
    weather = make_weather(
        utc, values, source=f"synthetic year {year} of {site.capitalize()} from monthly statistics",
        timezone=f"UTC+{UTC_OFFSET_H:02d}:00", synthetic=True, typical=0, seed=number,
        **climates_own,
    )  # fmt: skip
    if place is None:
        return weather
    weather.attrs |= {"latitude": place[0], "longitude": place[1]}
    return to_site_elevation(weather, place[2])
