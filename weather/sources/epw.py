"""EnergyPlus weather files (EPW): a typical year of hours in local standard time, hour 1..24 ending the interval.

Format: EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.calendar import offset_name
from weather.canonical import make_weather
from weather.quality.clock import means_from_instants
from weather.sources import checks
from weather.sources.assumed import humidity_from_dew_point
from weather.sources.typical import lay_on_year, on_whole_year

HEADER_LINES: Final = 8
CELLS: Final = 35
CHECKED: Final = {
    "0": "year", "1": "month", "2": "day", "3": "hour", "6": "dry bulb", "7": "dew point", "8": "relative humidity", "9": "pressure",
    "13": "global horizontal radiation", "14": "direct normal radiation", "15": "diffuse horizontal radiation",
    "21": "wind speed",
}  # fmt: skip
COLUMNS: Final = {
    "ghi_w_per_m2": ("13", 9999.0), "dni_w_per_m2": ("14", 9999.0), "dhi_w_per_m2": ("15", 9999.0),
    "dry_bulb_c": ("6", 99.9), "dew_point_c": ("7", 99.9), "humidity_percent": ("8", 999.0),
    "pressure_pa": ("9", 999999.0), "wind_speed_m_per_s": ("21", 999.0),
}  # fmt: skip
"""Quantity -> column, and the value from which upwards a cell means "missing" (EPW data dictionary)."""


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """Typical year of an EPW file on calendar year `year` (2025 unless given), canonical, UTC.

    Missing codes become NaN. An EPW of PVGIS holds UTC hours and satellite instants: both are set right.
    Raises WeatherError with every structural problem of the file.
    """
    text = checks.read_text(path)
    header_problems, offset_h = _header_problems(path, text)
    table = checks.read_table(path, text, skip_lines=HEADER_LINES, header=False)
    checks.raise_if([*header_problems, *_row_problems(path, table)])
    month, day, hour = (checks.column_numbers(table, column) for column in ("1", "2", "3"))
    values, gaps = on_whole_year(_values(table), month, day, hour - 1)
    meta = _meta(text)
    scan = re.search(r"Irradiance Time Offset \(h\):\s*(-?[\d.]+)", text[:5000])
    if scan:  # PVGIS writes UTC rows under the header of the local zone
        values = {name: np.roll(data, round(offset_h)) for name, data in values.items()}
    index, values, notes = lay_on_year(values, year=year, utc_offset_h=offset_h)
    weather = make_weather(
        index, values, source=f"EPW {meta['city']} {meta['data_type']} {meta['WMO_code']}", latitude=float(meta["latitude"]),
        longitude=float(meta["longitude"]), elevation_m=float(meta["altitude"]), timezone=offset_name(offset_h), typical=1,
    )  # fmt: skip
    weather.attrs["repairs"] = [*gaps, *notes]
    return means_from_instants(weather, 60 * (1 + float(scan.group(1)))) if scan else weather


def _meta(text: str) -> dict[str, str]:
    """Ten cells of the first line."""
    cells = [cell.strip() for cell in text.split("\n", 1)[0].split(",")]
    names = ("mark", "city", "state", "country", "data_type", "WMO_code", "latitude", "longitude", "zone", "altitude")
    return dict(zip(names, cells, strict=False))


def _header_problems(path: Path | str, text: str) -> tuple[list[str], float]:
    """Problems of the eight header lines, and the offset from UTC they state [h]."""
    lines = text.splitlines()
    place = lines[0].split(",")
    if place[0].strip().upper() != "LOCATION" or len(place) < 10:
        return [f"{path}: line 1: an EPW begins with LOCATION and ten cells, found '{lines[0][:40]}'"], 0.0
    problems = []
    numbers = []
    for at, name, low, high in ((6, "latitude", -90, 90), (7, "longitude", -180, 180), (8, "time zone", -12, 14),
                                (9, "elevation", -500, 9000)):  # fmt: skip
        try:
            numbers.append(float(place[at]))
        except ValueError:
            numbers.append(np.nan)
        if not low <= numbers[-1] <= high:
            problems.append(f"{path}: line 1, {name}: '{place[at]}' must lie in {low}..{high}; correct the header")
    period = next((line.split(",") for line in lines[:HEADER_LINES] if line.upper().startswith("DATA PERIODS")), None)
    if period is not None and len(period) > 2 and period[2].strip() != "1":
        problems.append(f"{path}: DATA PERIODS: {period[2]} records an hour; only 1 is read, convert to hourly rows")
    return problems, numbers[2]


def _row_problems(path: Path | str, table: pd.DataFrame) -> list[str]:
    """Cells that are no numbers, and rows that are missing, doubled or out of order."""
    if len(table.columns) < 22:
        return [f"{path}: line 9 has {len(table.columns)} cells, an EPW row has {CELLS}; export the file again"]
    problems = checks.number_problems(path, table, CHECKED)
    if problems:
        return problems
    month, day, hour = (checks.column_numbers(table, column) for column in ("1", "2", "3"))
    return checks.typical_year_problems(path, list(table.index), month, day, hour - 1)


def _values(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Canonical names and units, missing codes as NaN; humidity that is missing from the dew point where that is there."""
    cells = {name: checks.column_numbers(table, column, missing=missing) for name, (column, missing) in COLUMNS.items()}
    humidity = cells.pop("humidity_percent") / 100
    dew_point_c = cells.pop("dew_point_c")
    from_dew_point = humidity_from_dew_point(cells["dry_bulb_c"], dew_point_c)
    return {**cells, "relative_humidity": np.where(np.isnan(humidity), from_dew_point, humidity)}
