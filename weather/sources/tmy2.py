"""NREL TMY2 files: a typical year of hours in fixed columns, local standard time, hour 1..24 ending the interval.

Format: Marion and Urban, "User's Manual for TMY2s", NREL, 1995. Temperature and wind are in tenths.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools

from weather.calendar import offset_name
from weather.canonical import make_weather
from weather.sources import checks
from weather.sources.typical import lay_on_year, on_whole_year

HEADER: Final = re.compile(r"\s*\S+ .+ [A-Z]{2}\s+-?\d+ [NS]\s*\d+\s+\d+ [EW]\s*\d+\s+\d+\s+-?\d+\s*$")
ROW: Final = re.compile(r" \d\d[ \d]\d[ \d]\d[ \d]\d.{133}")
MISSING: Final = {"GHI": 9999, "DNI": 9999, "DHI": 9999, "DryBulb": 9999, "RHum": 999, "Pressure": 9999, "Wspd": 999}


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """Typical year of a TMY2 file on calendar year `year` (2025 unless given), canonical, UTC.

    Missing codes become NaN. Raises WeatherError with every structural problem of the file.
    """
    lines = checks.read_text(path).splitlines()
    checks.raise_if(_line_problems(path, lines))
    try:
        frame, meta = iotools.read_tmy2(str(path))
    except (ValueError, IndexError) as error:
        checks.raise_if([f"{path}: a field is not a number ({str(error).strip()}); correct the row"])
        raise
    values, gaps = on_whole_year(_values(frame), *_clock(lines[1:]))
    index, values, notes = lay_on_year(values, year=year, utc_offset_h=float(meta["TZ"]))
    weather = make_weather(
        index, values, source=f"TMY2 {meta['City']} {meta['WBAN']}", latitude=meta["latitude"],
        longitude=meta["longitude"], elevation_m=meta["altitude"], timezone=offset_name(meta["TZ"]), typical=1,
    )  # fmt: skip
    weather.attrs["repairs"] = [*gaps, *notes]
    return weather


def _line_problems(path: Path | str, lines: list[str]) -> list[str]:
    """Lines that do not have the fixed columns, and hours out of order."""
    if not HEADER.match(lines[0]):
        return [f"{path}: line 1: '{lines[0][:60]}' is not a TMY2 header: station, city, state, zone, position, height"]
    rows = lines[1:]
    wrong = [line for line, row in enumerate(rows, start=2) if not ROW.match(row)]
    if wrong:
        return [f"{path}: line {wrong[0]}: not a TMY2 row of 142 characters ({len(wrong)} such); download it again"]
    return checks.typical_year_problems(path, range(2, len(lines) + 1), *_clock(rows))


def _clock(rows: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Month, day and hour 0..23 of the rows."""
    month, day, hour = (np.array([float(row[at : at + 2]) for row in rows]) for at in (3, 5, 7))
    return month, day, hour - 1


def _values(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """TMY2 fields in canonical names and units, missing codes as NaN."""

    def field(name: str) -> np.ndarray:
        values = frame[name].to_numpy(dtype=float, copy=True)
        values[values >= MISSING[name]] = np.nan
        return values

    return {
        "ghi_w_per_m2": field("GHI"),
        "dni_w_per_m2": field("DNI"),
        "dhi_w_per_m2": field("DHI"),
        "dry_bulb_c": field("DryBulb") / 10,
        "relative_humidity": field("RHum") / 100,
        "pressure_pa": field("Pressure") * 100,
        "wind_speed_m_per_s": field("Wspd") / 10,
    }
