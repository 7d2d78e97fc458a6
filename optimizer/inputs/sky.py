"""Which weather a plan is made for: the scenario's own choice or the command line's, repaired and laid on the plan's hours."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from optimizer.quantities.calendar import Calendar
from weather import sources
from weather.calendar import place_on_horizon
from weather.canonical import WeatherError
from weather.quality.repair import repair
from weather.site import to_site_elevation
from weather.synthetic.year import synthetic_year


class NoWeatherError(WeatherError):
    """A scenario that needs weather and names none."""


def weather_for(
    *, synthetic: str | None, file: Path | None, year: int, calendar: Calendar, elevation_m: float
) -> xr.Dataset:
    """Canonical weather on the calendar's steps, from a weather file or, without one, from a synthetic year.

    A file is repaired first; what was changed stands in `attrs["repairs"]`. Raises WeatherError.
    """
    days = calendar.count * calendar.step_h / 24
    if file is not None:
        raw = repair(sources.read(file))
        raw = to_site_elevation(raw, elevation_m)
    elif synthetic is not None:
        years = sorted({int(calendar.local[0].year), int(calendar.local[-1].year)})
        raw = _synthetic_years(synthetic, year, years)
    else:
        raise NoWeatherError(
            "the scenario names no weather; set weather > synthetic or weather > file, or pass --weather"
        )
    raw.attrs["whole_mean_wind_m_per_s"] = float(raw["wind_speed_m_per_s"].mean())
    return place_on_horizon(
        raw,
        start_local=pd.Timestamp(calendar.local[0]),
        days=max(int(-(-days // 1)), 1),
        count=calendar.count,
        step_h=calendar.step_h,
        timezone=calendar.timezone,
    )


def no_weather() -> xr.Dataset:
    """For a scenario in which nothing depends on the sky: all its series come from files or numbers."""
    return xr.Dataset(attrs={"source": "no weather", "synthetic": 0})


def _synthetic_years(site: str, seed_year: int, years: list[int]) -> xr.Dataset:
    """The synthetic years a plan touches; the first is the seed's."""
    parts = [synthetic_year(site, year, seed=seed_year + number) for number, year in enumerate(years)]
    joined: xr.Dataset = parts[0] if len(parts) == 1 else xr.concat(parts, dim="time", combine_attrs="override")
    return joined
