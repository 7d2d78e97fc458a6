"""Open-Meteo JSON: forecasts, archive and ensembles; radiation is the mean of the hour BEFORE each stamp.

Stamps are local to `utc_offset_seconds`; wind comes in km/h unless asked in m/s; unfinished hours are null at the end.
An answer with several models suffixes every variable with the model's name, an ensemble with _memberNN.
Format: open-meteo.com/en/docs and /en/docs/ensemble-api.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.calendar import offset_name, solar_offset_h
from weather.canonical import WeatherError, make_weather
from weather.sources import checks
from weather.sources.actual import pick_year

NEEDED: Final = {
    "temperature_2m": "dry_bulb_c",
    "relative_humidity_2m": "relative_humidity",
    "surface_pressure": "pressure_pa",
    "wind_speed_10m": "wind_speed_m_per_s",
}
RADIATION: Final = {
    "shortwave_radiation": "ghi_w_per_m2",
    "direct_normal_irradiance": "dni_w_per_m2",
    "diffuse_radiation": "dhi_w_per_m2",
}
HIGH_WIND: Final = {
    "wind_speed_120m": 120.0,
    "wind_speed_100m": 100.0,
    "wind_speed_80m": 80.0,
    "wind_speed_180m": 180.0,
}
FACTORS: Final = {
    "°C": 1.0, "%": 0.01, "hPa": 100.0, "Pa": 1.0, "W/m²": 1.0, "m/s": 1.0, "km/h": 1 / 3.6, "mp/h": 0.44704,
    "kn": 0.514444,
}  # fmt: skip
MEMBER: Final = re.compile(r"_member(\d+)$")


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A forecast or archive answer as canonical Dataset; of an ensemble its control run; `year` picks one year.

    Trailing hours without data are left out. Missing DNI and DHI are modelled by `weather.quality.repair`.
    Raises WeatherError with every structural problem of the file.
    """
    content = _load(path)
    weather = _weather(path, content, _models_suffix(content["hourly"]))
    return weather if year is None else pick_year(weather, year)


def read_ensemble(path: Path | str) -> xr.Dataset:
    """An ensemble answer with dimensions (member, time); member 0 is the control run. Raises WeatherError as `read`."""
    content = _load(path)
    suffix = _models_suffix(content["hourly"])
    names = {match.group() for name in content["hourly"] if (match := MEMBER.search(name))}
    if not names:
        raise WeatherError(f"{path}: no _memberNN variables; this is no ensemble, read it as a forecast")
    members = [_weather(path, content, suffix, member) for member in ("", *sorted(names))]
    shared = members[0].indexes["time"]
    for member in members[1:]:
        shared = shared.intersection(member.indexes["time"])
    numbers = [0, *(int(name.removeprefix("_member")) for name in sorted(names))]
    stacked = xr.concat([member.sel(time=shared) for member in members], dim=pd.Index(numbers, name="member"))
    stacked.attrs = members[0].attrs
    return stacked


def _load(path: Path | str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(checks.read_text(path))
    except ValueError as error:
        raise WeatherError(f"{path}: JSON that breaks off or is damaged ({error}); download it again") from error
    if content.get("error"):
        raise WeatherError(f"{path}: the service answered '{content.get('reason', 'error')}'; correct the request")
    keys = ("latitude", "longitude", "elevation", "utc_offset_seconds", "hourly", "hourly_units")
    checks.raise_if(
        [f"{path}: key '{key}' is missing; download the answer again" for key in keys if key not in content]
    )
    return content


def _models_suffix(hourly: dict[str, Any]) -> str:
    """Suffix of the first model where an answer holds several, or nothing."""
    names = [MEMBER.sub("", name) for name in hourly]
    if "temperature_2m" in names:
        return ""
    return next((name.removeprefix("temperature_2m") for name in names if name.startswith("temperature_2m_")), "")


def _unit_problem(path: Path | str, key: str, units: dict[str, Any]) -> str:
    """Problem of a series whose unit is not named, or none we know."""
    if key not in units:
        return f"{path}: {key} has no unit in hourly_units; ask for wind_speed_unit=ms and metric units"
    return f"{path}: unit '{units[key]}' of {key} is unknown; ask for wind_speed_unit=ms and metric units"


def _weather(path: Path | str, content: dict[str, Any], suffix: str, member: str = "") -> xr.Dataset:
    """Canonical weather of one model's or one member's series."""
    hourly, units = content["hourly"], content["hourly_units"]
    names = {**NEEDED, **RADIATION, **dict.fromkeys(HIGH_WIND, "wind_speed_high_m_per_s")}
    keys = {name: f"{name}{suffix}{member}" for name in names}
    needed = [*NEEDED, "shortwave_radiation"]
    problems = [f"{path}: hourly '{keys[name]}' is missing; request it" for name in needed if keys[name] not in hourly]
    present = {name: keys[name] for name in names if keys[name] in hourly}
    problems += [_unit_problem(path, key, units) for key in present.values() if units.get(key) not in FACTORS]
    stamps = pd.DatetimeIndex(pd.to_datetime(pd.Series(hourly.get("time", [])), format="ISO8601", errors="coerce"))
    problems += [f"{path}: {key}: {len(hourly[key])} values for {len(stamps)} hours" for key in present.values()
                 if len(hourly[key]) != len(stamps)]  # fmt: skip
    problems += [f"{path}: a time is not ISO 8601"] if stamps.isna().any() else checks.time_problems(path, stamps)
    checks.raise_if(problems)
    stamps = stamps - pd.Timedelta(seconds=content["utc_offset_seconds"])
    series = {name: _numbers(path, hourly, key) * FACTORS[units[key]] for name, key in present.items()}
    return _canonical(content, stamps, series, suffix)


def _numbers(path: Path | str, hourly: dict[str, Any], key: str) -> np.ndarray:
    """List of one variable as floats, shape (hours,), null as NaN."""
    try:
        return np.array([np.nan if value is None else float(value) for value in hourly[key]])
    except (TypeError, ValueError) as error:
        raise WeatherError(f"{path}: {key}: {error}; every value must be a number or null") from error


def _canonical(
    content: dict[str, Any], stamps: pd.DatetimeIndex, series: dict[str, np.ndarray], suffix: str
) -> xr.Dataset:
    """Series on interval starts: radiation of a stamp belongs to the hour before it, the rest to the hour after."""
    values = {NEEDED[name]: data[:-1] for name, data in series.items() if name in NEEDED}
    for name, canonical in RADIATION.items():
        values[canonical] = series[name][1:] if name in series else np.full(len(stamps) - 1, np.nan)
    high = next((name for name in HIGH_WIND if name in series), None)
    if high is not None:
        values["wind_speed_high_m_per_s"] = series[high][:-1]
    known = np.flatnonzero(~np.isnan([values["dry_bulb_c"], values["ghi_w_per_m2"]]).any(axis=0))
    last = int(known[-1]) + 1 if known.size else 0
    if last < 2:
        raise WeatherError("temperature and shortwave radiation are null in all hours; request a period with data")
    weather = make_weather(
        stamps[:last], {name: data[:last] for name, data in values.items()},
        source=f"Open-Meteo {suffix.strip('_') or 'best match'}", latitude=content["latitude"],
        longitude=content["longitude"], elevation_m=content["elevation"],
        timezone=offset_name(content["utc_offset_seconds"] / 3600 or solar_offset_h(content["longitude"])), typical=0,
    )  # fmt: skip
    if high is not None:
        weather.attrs["wind_height_high_m"] = HIGH_WIND[high]
    return weather
