"""The canonical weather form: one Dataset shape that every reader delivers and every model reads.

Dimension `time`: UTC without time zone, equal steps, labelled at the START of the step.
Radiation is the mean over the step; temperature, wind and pressure stand for the step as a whole.

| variable              | unit  |                                                      |
|-----------------------|-------|------------------------------------------------------|
| ghi_w_per_m2          | W/m²  | global horizontal irradiance                         |
| dni_w_per_m2          | W/m²  | direct normal irradiance                             |
| dhi_w_per_m2          | W/m²  | diffuse horizontal irradiance                        |
| dry_bulb_c            | °C    | air temperature at 2 m                               |
| relative_humidity     | 0..1  | relative humidity at 2 m                             |
| pressure_pa           | Pa    | STATION pressure, never reduced to sea level         |
| wind_speed_m_per_s    | m/s   | wind speed at `wind_height_m`                        |
| wind_speed_high_m_per_s | m/s | optional: wind speed at `wind_height_high_m`         |

Attributes: `source`, `latitude`, `longitude`, `elevation_m`, `timezone` (IANA name or fixed offset such as
"UTC+08:00"), `step_h`, `wind_height_m`, `wind_height_high_m` (where there is one), `synthetic` (0 or 1), `typical` (1: a
typical year, not a real one), `repairs` (list of str, what was changed since the file).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

UNITS: Final[dict[str, str]] = {
    "ghi_w_per_m2": "W/m2",
    "dni_w_per_m2": "W/m2",
    "dhi_w_per_m2": "W/m2",
    "dry_bulb_c": "degC",
    "relative_humidity": "1",
    "pressure_pa": "Pa",
    "wind_speed_m_per_s": "m/s",
}
OPTIONAL_UNITS: Final[dict[str, str]] = {"wind_speed_high_m_per_s": "m/s"}
LONG_NAMES: Final[dict[str, str]] = {
    "ghi_w_per_m2": "global horizontal irradiance, mean over the step",
    "dni_w_per_m2": "direct normal irradiance, mean over the step",
    "dhi_w_per_m2": "diffuse horizontal irradiance, mean over the step",
    "dry_bulb_c": "dry-bulb air temperature",
    "relative_humidity": "relative humidity",
    "pressure_pa": "station pressure",
    "wind_speed_m_per_s": "wind speed at wind_height_m",
    "wind_speed_high_m_per_s": "wind speed at wind_height_high_m",
}
LIMITS: Final[dict[str, tuple[float, float]]] = {
    "ghi_w_per_m2": (0.0, 1500.0),
    "dni_w_per_m2": (0.0, 1400.0),
    "dhi_w_per_m2": (0.0, 1000.0),
    "dry_bulb_c": (-60.0, 60.0),
    "relative_humidity": (0.0, 1.0),
    "pressure_pa": (40_000.0, 110_000.0),
    "wind_speed_m_per_s": (0.0, 75.0),
    "wind_speed_high_m_per_s": (0.0, 75.0),
}
"""What can be on earth; a value outside is an error in the file, not weather."""

PLACES: Final[dict[str, tuple[float, float]]] = {
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 360.0),
    "elevation_m": (-500.0, 9000.0),
}
"""Places on earth; some providers count longitudes to 360."""

LONGEST_PROBLEM: Final = 1000
"""Signs of a line about a file; a cell may hold a whole book."""


def _cut(problem: str) -> str:
    """A line without its middle where it is long: the place stands in front, the remedy at the end."""
    if len(problem) <= LONGEST_PROBLEM:
        return problem
    return f"{problem[:600]}... ({len(problem):,} characters) ...{problem[-200:]}"


class WeatherError(Exception):
    """A weather file or series that cannot be used; `problems` lists all that is wrong with it, one line each."""

    def __init__(self, problems: str | list[str]):
        given = [problems] if isinstance(problems, str) else list(problems)
        self.problems = [_cut(problem) for problem in given]
        super().__init__("\n".join(self.problems))


def make_weather(
    time: pd.DatetimeIndex,
    values: Mapping[str, np.ndarray],
    *,
    source: str,
    latitude: float,
    longitude: float,
    elevation_m: float,
    timezone: str,
    wind_height_m: float = 10.0,
    synthetic: bool = False,
    **attrs: object,
) -> xr.Dataset:
    """Canonical Dataset from arrays, each of shape (time,), in the units of the table above.

    `time` is UTC (a zone is converted and dropped), labelled at the start of the step.
    Rows that are missing between equal steps become gaps (NaN), noted in `repairs`.
    Raises WeatherError if a variable is missing or has another length, or the place is none on earth.
    """
    index = time.tz_convert("UTC").tz_localize(None) if time.tz is not None else time
    known = {**UNITS, **OPTIONAL_UNITS}
    problems = [f"{name}: missing; give one value per step" for name in UNITS if name not in values]
    problems += [
        f"{name}: not a weather variable; known are {', '.join(known)}" for name in values if name not in known
    ]
    problems += [
        f"{name}: {len(data)} values for {len(index)} steps" for name, data in values.items() if len(data) != len(index)
    ]
    place = {"latitude": latitude, "longitude": longitude, "elevation_m": elevation_m}
    problems += [
        f"{name}: {place[name]:g} is none on earth ({low:g} to {high:g}); correct it in the head of the file"
        for name, (low, high) in PLACES.items()
        if not low <= place[name] <= high
    ]
    if problems:
        raise WeatherError(problems)
    index, values, notes = _with_gaps(index, values)
    weather = xr.Dataset(
        {
            name: ("time", np.asarray(values[name], dtype=float), {"units": known[name], "long_name": LONG_NAMES[name]})
            for name in known
            if name in values
        },
        coords={"time": index.as_unit("ns").rename("time")},
    )
    step_h = float((index[1] - index[0]) / pd.Timedelta(hours=1)) if len(index) > 1 else 1.0
    weather.attrs = {
        "source": source,
        "latitude": float(latitude),
        "longitude": float(longitude),
        "elevation_m": float(elevation_m),
        "timezone": timezone,
        "step_h": step_h,
        "wind_height_m": float(wind_height_m),
        "synthetic": int(synthetic),
        "repairs": notes,
        **attrs,
    }
    return weather


def _with_gaps(
    index: pd.DatetimeIndex, values: Mapping[str, np.ndarray]
) -> tuple[pd.DatetimeIndex, Mapping[str, np.ndarray], list[str]]:
    """Weather on all steps from the first to the last: missing rows as NaN, and a note of them."""
    steps = np.diff(index.to_numpy())
    median_step = np.sort(steps)[(len(steps) - 1) // 2] if len(steps) else np.timedelta64(0)
    if (
        not len(steps)
        or median_step <= np.timedelta64(0)
        or (steps == median_step).all()
        or (steps % median_step != np.timedelta64(0)).any()
    ):
        return index, values, []
    whole = pd.date_range(index[0], index[-1], freq=pd.Timedelta(median_step))
    rows = whole.get_indexer(index)
    opened = {name: np.full(len(whole), np.nan) for name in values}
    for name, data in values.items():
        opened[name][rows] = data
    first = whole[int(np.argmax(~whole.isin(index)))]
    return whole, opened, [f"{len(whole) - len(index):,} missing rows taken as gaps, first at {first} UTC"]


def problems_of(weather: xr.Dataset) -> list[str]:
    """Problems that keep a Dataset from being canonical and complete: steps, gaps (NaN), impossible values."""
    problems = []
    index = weather.indexes["time"]
    if len(index) > 1:
        steps = np.diff(index.values)
        odd = int(np.argmax(steps != steps[0]))
        if (steps != steps[0]).any():
            problems.append(f"time: unequal step after {index[odd]}; resample to equal steps")
    for name, data in weather.data_vars.items():
        values = data.values
        missing = np.isnan(values)
        if missing.any():
            first = index[int(np.argmax(missing))]
            problems.append(f"{name}: {int(missing.sum())} missing values, first at {first} UTC; fill or repair them")
        low, high = LIMITS[str(name)]
        wrong = (values < low) | (values > high)
        if wrong.any():
            at = int(np.argmax(wrong))
            problems.append(f"{name}: {values[at]:g} at {index[at]} UTC lies outside {low:g}..{high:g}; check its unit")
    return problems


def with_repair(weather: xr.Dataset, note: str) -> xr.Dataset:
    """Weather with one more line in `attrs['repairs']`; the given Dataset stays as it is."""
    repaired = weather.copy()
    repaired.attrs = {**weather.attrs, "repairs": [*weather.attrs.get("repairs", []), note]}
    return repaired
