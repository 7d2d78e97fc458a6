"""PVGIS hourly series (seriescalc), JSON or CSV: satellite radiation on a plane, temperature and 10 m wind, UTC.

Only a horizontal plane gives GHI, so the file must be asked for with angle=0, best with components=1. Stamps such as
00:10 are the scan times of the satellite: radiation there is an instant, and is made a mean of the hour.
Format: PVGIS user manual, "hourly radiation data", read by pvlib.iotools.read_pvgis_hourly.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools
from pvlib.location import Location

from weather.calendar import offset_name, solar_offset_h
from weather.canonical import WeatherError, make_weather, with_repair
from weather.quality.clock import means_from_instants
from weather.site import standard_pressure_pa
from weather.sources import assumed, checks
from weather.sources.actual import pick_year

LOWEST_SUN_DEG = 2.0
"""Below this height beam over the sine of the height is noise."""


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A horizontal PVGIS hourly file as canonical Dataset; `year` picks one calendar year (solar standard time).

    Without components DNI and DHI are missing (NaN) and `weather.quality.repair` models them. Humidity and pressure
    are not in the source: estimated, and noted. Raises WeatherError with what is wrong with the file.
    """
    text = checks.read_text(path)
    form = "json" if text.lstrip().startswith("{") else "csv"
    try:
        frame, meta = iotools.read_pvgis_hourly(str(path), pvgis_format=form)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise WeatherError(f"{path}: not a whole PVGIS hourly file ({error!r}); download it again") from error
    place = meta["inputs"].get("location", meta["inputs"])
    slope_deg = _slope_deg(meta["inputs"])
    problems = [f"{path}: column '{name}' is missing" for name in ("temp_air", "wind_speed") if name not in frame]
    if slope_deg != 0.0:
        shown = "not fixed" if slope_deg is None else f"{slope_deg:g} deg"
        problems.append(f"{path}: plane of slope {shown}; ask PVGIS for angle=0 and components=1: GHI is needed")
    stamps = pd.DatetimeIndex(frame.index).tz_localize(None)
    labels = stamps.floor("h")
    checks.raise_if([*problems, *checks.time_problems(path, labels)])
    weather = make_weather(
        labels, _values(frame, place, labels), source=f"PVGIS hourly {_database(meta['inputs'])}",
        latitude=place["latitude"], longitude=place["longitude"], elevation_m=place["elevation"],
        timezone=offset_name(solar_offset_h(float(place["longitude"]))), typical=0,
    )  # fmt: skip
    weather = with_repair(with_repair(weather, assumed.HUMIDITY_NOTE), assumed.PRESSURE_NOTE)
    minutes = float((stamps[0] - labels[0]) / pd.Timedelta(minutes=1))
    if minutes != 30.0:  # reanalysis is stamped at the middle of its hourly mean
        weather = means_from_instants(weather, minutes)
    return weather if year is None else pick_year(weather, year)


def _values(frame: pd.DataFrame, place: dict[str, Any], labels: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """pvlib's columns in canonical names and units."""
    count, elevation_m = len(frame), float(place["elevation"])
    location = Location(float(place["latitude"]), float(place["longitude"]), altitude=elevation_m)
    temperature = frame["temp_air"].to_numpy(dtype=float)
    if "poa_direct" in frame:
        beam = frame["poa_direct"].to_numpy(dtype=float)
        dhi = frame["poa_sky_diffuse"].to_numpy(dtype=float)
        height = np.maximum(frame["solar_elevation"].to_numpy(dtype=float), LOWEST_SUN_DEG)
        ghi, dni = beam + dhi, np.minimum(beam / np.sin(np.radians(height)), 1400.0)
    else:
        ghi = frame["poa_global"].to_numpy(dtype=float)
        dni = dhi = np.full(count, np.nan)
    return {
        "ghi_w_per_m2": ghi,
        "dni_w_per_m2": dni,
        "dhi_w_per_m2": dhi,
        "dry_bulb_c": temperature,
        "relative_humidity": assumed.estimated_humidity(temperature, ghi, labels, step_h=1.0, place=location),
        "pressure_pa": np.full(count, standard_pressure_pa(elevation_m)),
        "wind_speed_m_per_s": frame["wind_speed"].to_numpy(dtype=float),
    }


def _slope_deg(inputs: dict[str, Any]) -> float | None:
    """Slope of the plane [°] from the JSON or CSV head; None where the plane moves or is not named."""
    mounting = inputs.get("mounting_system", {})
    value = mounting.get("fixed", {}).get("slope", {}).get("value") if mounting else inputs.get("Slope")
    if value is None:
        return None
    number = re.match(r"-?[\d.]+", str(value).strip())
    return float(number.group()) if number else None


def _database(inputs: dict[str, Any]) -> str:
    return str(inputs.get("radiation_database") or inputs.get("meteo_data", {}).get("radiation_db", ""))
