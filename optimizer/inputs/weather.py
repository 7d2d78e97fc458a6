"""Weather of a plan: the scenario's own choice or the command line's, repaired and laid on the plan's hours."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from optimizer.quantities.calendar import Calendar
from optimizer.technologies.base import Site
from weather import sources
from weather.calendar import place_on_horizon, utc_offset_h
from weather.canonical import WeatherError, with_repair
from weather.quality.place import FAR_KM, NEAR_KM, distance_km, place_flags
from weather.quality.repair import is_of_weak_wind, repair
from weather.site import to_site_elevation
from weather.synthetic.climate_table import climate_of
from weather.synthetic.stand_in import stand_in_year
from weather.synthetic.year import synthetic_year
from weather.wind.rank_map import NAME as WIND_REFERENCE
from weather.wind.rank_map import wind_reference

NEAR_M, FAR_M = 150.0, 1500.0
"""Heights within which a climate is taken as it is, and beyond which it says nothing of a site."""


class NoWeatherError(WeatherError):
    """A scenario that needs weather and names none."""


def weather_for(
    *, synthetic: str | None, file: Path | None, year: int, calendar: Calendar, site: Site, measured_beam: bool = False,
    stand_in: bool = False, needed: bool = True,
) -> xr.Dataset:  # fmt: skip
    """Canonical weather of a site on the calendar's steps, from a weather file or, without one, from a synthetic year.

    A file is repaired first and moved to the site's height; what was changed or does not fit the place stands in
    `attrs["repairs"]`. A synthetic climate moves with the site within 300 km and 1,500 m; farther only as a `stand_in`.
    Raises WeatherError, also for a climate of a place too far away, where it is `needed`.
    """
    days = calendar.count * calendar.step_h / 24
    if file is not None:
        raw = repair(_file_of(file, site), measured_beam=measured_beam)
        # a wind farm maps the station's wind onto its hub's climate, or refuses it: no plan takes its strength
        raw.attrs["repairs"] = [note for note in raw.attrs.get("repairs", []) if not is_of_weak_wind(note)]
        for flag in place_flags(raw, latitude=site.latitude, longitude=site.longitude):
            raw = with_repair(raw, flag)
        raw = to_site_elevation(raw, site.elevation_m)
    elif synthetic is not None:
        years = list(range(int(calendar.local[0].year), int(calendar.local[-1].year) + 1))
        if stand_in and not _is_within_reach(synthetic, site):
            place, offset_h = (site.latitude, site.longitude, site.elevation_m), utc_offset_h(calendar.timezone)
            raw = stand_in_year(synthetic, year, seed=year, place=place, utc_offset_h=offset_h)
        else:
            raw = _synthetic_years(synthetic, year, years, _moved_place(synthetic, site, needed=needed))
    else:
        raise NoWeatherError(
            "the scenario names no weather; set weather > synthetic or weather > file, or pass --weather"
        )
    raw.attrs["whole_mean_wind_m_per_s"] = float(raw["wind_speed_m_per_s"].mean())
    raw.attrs[WIND_REFERENCE] = wind_reference(raw).flat()
    return place_on_horizon(
        raw,
        start_local=pd.Timestamp(calendar.local[0]),
        days=max(int(-(-days // 1)), 1),
        count=calendar.count,
        step_h=calendar.step_h,
        timezone=calendar.timezone,
    )


def no_weather() -> xr.Dataset:
    """Empty weather of a scenario in which nothing depends on it: all its series come from files or numbers."""
    return xr.Dataset(attrs={"source": "no weather", "synthetic": 0})


def _file_of(file: Path, site: Site) -> xr.Dataset:
    """Weather of a file; of a grid of points the one nearest to the site."""
    return sources.read_nearest(file, latitude=site.latitude, longitude=site.longitude)


def _is_within_reach(climate: str, site: Site) -> bool:
    """Whether a climate moves with the site: near enough in distance and in height."""
    own = climate_of(climate).year
    away_km = distance_km(site.latitude, site.longitude, own["latitude"], own["longitude"])
    return away_km <= FAR_KM and abs(site.elevation_m - own["elevation_m"]) <= FAR_M


def _moved_place(climate: str, site: Site, *, needed: bool) -> tuple[float, float, float] | None:
    """Place of the synthetic year: the site's, or None for the climate's own, which is near enough.

    Raises WeatherError where the site is so far off that the climate says nothing about it, and weather is needed.
    """
    own = climate_of(climate).year
    away_km = distance_km(site.latitude, site.longitude, own["latitude"], own["longitude"])
    rise_m = site.elevation_m - own["elevation_m"]
    if away_km <= NEAR_KM and abs(rise_m) <= NEAR_M:
        return None
    if _is_within_reach(climate, site):
        return site.latitude, site.longitude, site.elevation_m
    if not needed:
        return None
    raise WeatherError(
        f"weather > synthetic: the climate of {climate} belongs to {own['latitude']:.2f} N {own['longitude']:.2f} E at "
        f"{own['elevation_m']:,.0f} m; the site at {site.latitude:.2f} N {site.longitude:.2f} E is {away_km:,.0f} km away and "
        f"{abs(rise_m):,.0f} m {'higher' if rise_m > 0 else 'lower'}. It moves with a site up to {FAR_KM:g} km and {FAR_M:,.0f} m: "
        "take a nearer climate, a weather file of the site (qaidam weather fetch), or say weather > stand_in: true"
    )


def _synthetic_years(
    climate: str, seed_year: int, years: list[int], place: tuple[float, float, float] | None
) -> xr.Dataset:
    """Synthetic years a plan touches; the first is the seed's."""
    parts = [synthetic_year(climate, year, seed=seed_year + number, place=place) for number, year in enumerate(years)]
    joined: xr.Dataset = parts[0] if len(parts) == 1 else xr.concat(parts, dim="time", combine_attrs="override")
    return joined
