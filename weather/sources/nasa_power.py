"""NASA POWER hourly files, JSON or CSV: hourly means stamped at their start, in UTC or local solar time (LST).

LST is UTC plus the whole hours of the 15-degree band of the longitude. Pressure is in kPa, humidity in %.
Format: power.larc.nasa.gov/docs/services/api/temporal/hourly.
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
    "ALLSKY_SFC_SW_DWN": ("ghi_w_per_m2", 1.0),
    "T2M": ("dry_bulb_c", 1.0),
    "RH2M": ("relative_humidity", 0.01),
    "PS": ("pressure_pa", 1000.0),
    "WS10M": ("wind_speed_m_per_s", 1.0),
}
"""Parameter -> canonical name and factor to its unit."""
OPTIONAL: Final = {
    "ALLSKY_SFC_SW_DNI": ("dni_w_per_m2", 1.0),
    "ALLSKY_SFC_SW_DIFF": ("dhi_w_per_m2", 1.0),
    "WS50M": ("wind_speed_high_m_per_s", 1.0),
}
CLOCK: Final = ("YEAR", "MO", "DY", "HR")


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A NASA POWER hourly point file as canonical Dataset; `year` picks one calendar year (solar standard time).

    The fill value (-999) becomes NaN; missing DNI and DHI are modelled by `weather.quality.repair`.
    Raises WeatherError with every structural problem of the file.
    """
    text = checks.read_text(path)
    facts, table = _from_json(path, text) if text.lstrip().startswith("{") else _from_csv(path, text)
    problems = checks.missing_columns(path, table, list(NEEDED))
    problems += checks.number_problems(path, table, {name: name for name in (*NEEDED, *OPTIONAL)})
    index = pd.DatetimeIndex(pd.to_datetime(table["stamp"], format="%Y%m%d%H", errors="coerce"), name="time")
    if index.isna().any():
        problems.append(f"{path}: '{table['stamp'].iloc[int(np.argmax(index.isna()))]}' is no hour YYYYMMDDHH")
    else:
        problems += checks.time_problems(path, index)
    checks.raise_if(problems)
    values = {}
    for column, (name, factor) in {**NEEDED, **OPTIONAL}.items():
        if column in table:
            numbers = checks.column_numbers(table, column)
            values[name] = np.where(numbers == facts["fill"], np.nan, numbers) * factor
    for name in ("dni_w_per_m2", "dhi_w_per_m2"):
        values.setdefault(name, np.full(len(index), np.nan))
    zone_h = solar_offset_h(facts["longitude"])
    weather = make_weather(
        index - pd.Timedelta(hours=zone_h if facts["standard"] == "LST" else 0), values, source="NASA POWER hourly",
        latitude=facts["latitude"], longitude=facts["longitude"], elevation_m=facts["elevation"],
        timezone=offset_name(zone_h), typical=0,
    )  # fmt: skip
    if "wind_speed_high_m_per_s" in values:
        weather.attrs["wind_height_high_m"] = 50.0
    return weather if year is None else pick_year(weather, year)


def _from_json(path: Path | str, text: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Facts and a table of text cells from the JSON of the service."""
    try:
        content = json.loads(text)
        longitude, latitude, elevation = content["geometry"]["coordinates"]
        parameters, header = content["properties"]["parameter"], content["header"]
    except (ValueError, KeyError, TypeError) as error:
        raise WeatherError(f"{path}: not a whole NASA POWER JSON ({error!r}); download it again") from error
    facts = {
        "latitude": float(latitude), "longitude": float(longitude), "elevation": float(elevation),
        "fill": float(header.get("fill_value", -999.0)), "standard": str(header.get("time_standard", "LST")).upper(),
    }  # fmt: skip
    table = pd.DataFrame({name: {stamp: repr(x) for stamp, x in series.items()} for name, series in parameters.items()})
    table = table.fillna("")
    return facts, table.reset_index(names="stamp")


def _from_csv(path: Path | str, text: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Facts from the header between -BEGIN HEADER- and -END HEADER-, and the table below it."""
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if line.strip() == "-END HEADER-"), None)
    if end is None:
        raise WeatherError(f"{path}: no line -END HEADER-; ask NASA POWER for CSV with its header")
    head = "\n".join(lines[:end])
    place = re.search(r"latitude\s+(-?[\d.]+)\s+longitude\s+(-?[\d.]+)", head, flags=re.IGNORECASE)
    height = re.search(r"=\s*(-?[\d.]+)\s*meters", head)
    if place is None or height is None:
        raise WeatherError(f"{path}: the header names no location or elevation; download the file with its header")
    fill = re.search(r"availability range:\s*(-?[\d.]+)", head)
    facts = {
        "latitude": float(place.group(1)), "longitude": float(place.group(2)), "elevation": float(height.group(1)),
        "fill": float(fill.group(1)) if fill else -999.0, "standard": "UTC" if re.search(r"\bUTC\b", head) else "LST",
    }  # fmt: skip
    table = checks.read_table(path, text, skip_lines=end + 1, header=True)
    checks.raise_if(checks.missing_columns(path, table, CLOCK))
    parts = [table[name].str.strip() for name in CLOCK]
    table["stamp"] = parts[0] + parts[1].str.zfill(2) + parts[2].str.zfill(2) + parts[3].str.zfill(2)
    return facts, table
