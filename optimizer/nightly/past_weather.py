"""The site's own past: what the season is like when no forecast came, and how windy the place is as a whole."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.scenario.single_site import Scenario
from weather import sources
from weather.canonical import make_weather
from weather.quality.repair import repair
from weather.site import to_site_elevation
from weather.synthetic.year import synthetic_year
from weather.wind.rank_map import NAME as WIND_REFERENCE
from weather.wind.rank_map import wind_reference


def past_weather(scenario: Scenario) -> xr.Dataset:
    """A year of weather as the scenario names it: its file, or the synthetic year of its site.

    Raises WeatherError or OSError where the file cannot be used, ValueError where the scenario names no weather.
    """
    choice = scenario.weather
    if choice.file is not None:
        return to_site_elevation(repair(sources.read(choice.file)), scenario.site.elevation_m)
    if choice.synthetic is None:
        raise ValueError("the scenario names no weather; set weather > synthetic or weather > file")
    return _synthetic(choice.synthetic, choice.year)


@lru_cache(maxsize=8)
def _synthetic(site: str, year: int) -> xr.Dataset:
    return synthetic_year(site, year, seed=year)


def wind_of_the_year(past: xr.Dataset | None, forecast: xr.Dataset) -> dict[str, float | list[float]]:
    """Wind statistics of the whole past as attributes, against which a windy day is windy; without a past the forecast's own."""
    source = forecast if past is None else past
    return {
        "whole_mean_wind_m_per_s": float(source["wind_speed_m_per_s"].mean()),
        WIND_REFERENCE: wind_reference(source).flat(),
    }


def still_air(scenario: Scenario, start: pd.Timestamp, hours: float) -> xr.Dataset:
    """Mild air without sun and wind: the weather a plan can be made for when nothing at all is known."""
    count = int(np.ceil(hours))
    site = scenario.site
    still = {
        "dry_bulb_c": 15.0,
        "relative_humidity": 0.5,
        "pressure_pa": 101_325.0 * (1 - 2.25577e-5 * site.elevation_m) ** 5.2559,
    }
    names = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2", "wind_speed_m_per_s")
    values = {name: np.zeros(count) for name in names} | {name: np.full(count, value) for name, value in still.items()}
    return make_weather(
        pd.date_range(start, periods=count, freq="h"), values, source="still air, no sun: no weather was available",
        latitude=site.latitude, longitude=site.longitude, elevation_m=site.elevation_m, timezone=site.timezone, synthetic=True,
    )  # fmt: skip
