"""NREL TMY3 files: a typical year of hours in local standard time, labelled at the END (01:00 .. 24:00).

Format: Wilcox and Marion, "Users Manual for TMY3 Data Sets", NREL/TP-581-43156, 2008.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools

from weather.calendar import offset_name
from weather.canonical import WeatherError, make_weather
from weather.sources import checks
from weather.sources.typical import lay_on_year, on_whole_year

COLUMNS: Final = (
    "Date (MM/DD/YYYY)", "Time (HH:MM)", "GHI (W/m^2)", "DNI (W/m^2)", "DHI (W/m^2)", "Dry-bulb (C)", "RHum (%)",
    "Pressure (mbar)", "Wspd (m/s)",
)  # fmt: skip
MISSING_BELOW: Final = -9000.0
"""TMY3 writes -9900 where a value is missing."""


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """Typical year of a TMY3 file on calendar year `year` (2025 unless given), canonical, UTC.

    Missing codes become NaN. Raises WeatherError with every structural problem of the file.
    """
    text = checks.read_text(path)
    table = checks.read_table(path, text, skip_lines=1, header=True)
    checks.raise_if([*_header_problems(path, text), *_row_problems(path, table)])
    try:
        frame, meta = iotools.read_tmy3(io.StringIO(text), map_variables=False)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise WeatherError(f"{path}: not a whole TMY3 file ({error}); correct the row or download it again") from error
    values, gaps = on_whole_year(_values(frame), *_clock(table))
    index, values, notes = lay_on_year(values, year=year, utc_offset_h=float(meta["TZ"]))
    name = meta["Name"].strip(' "')
    weather = make_weather(
        index, values, source=f"TMY3 {name} {meta['USAF']}", latitude=meta["latitude"],
        longitude=meta["longitude"], elevation_m=meta["altitude"], timezone=offset_name(meta["TZ"]), typical=1,
    )  # fmt: skip
    weather.attrs["repairs"] = [*gaps, *notes]
    return weather


def _header_problems(path: Path | str, text: str) -> list[str]:
    cells = text.splitlines()[0].split(",")
    if len(cells) != 7:
        return [f"{path}: line 1 has {len(cells)} cells, a TMY3 file has 7: code, name, state, zone, lat, lon, m"]
    problems = []
    for name, cell in zip(("time zone", "latitude", "longitude", "elevation"), cells[3:], strict=True):
        try:
            float(cell)
        except ValueError:
            problems.append(f"{path}: line 1, {name}: '{cell}' is not a number; correct the header")
    return problems


def _row_problems(path: Path | str, table: pd.DataFrame) -> list[str]:
    problems = checks.missing_columns(path, table, COLUMNS)
    problems += checks.number_problems(path, table, {name: name for name in COLUMNS[2:]})
    if problems:
        return problems
    day = pd.to_datetime(table[COLUMNS[0]].str.strip(), format="%m/%d/%Y", errors="coerce")
    hour = pd.to_numeric(table[COLUMNS[1]].str.strip().str.split(":").str[0], errors="coerce")
    wrong = table.index[day.isna() | hour.isna()]
    if len(wrong):
        cell = f"{table[COLUMNS[0]][wrong[0]]} {table[COLUMNS[1]][wrong[0]]}"
        return [f"{path}: line {wrong[0]}: '{cell}' is not a date and hour MM/DD/YYYY,HH:MM; correct the row"]
    return checks.typical_year_problems(path, list(table.index), *_clock(table))


def _clock(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Month, day and hour 0..23 of the rows."""
    day = pd.to_datetime(table[COLUMNS[0]].str.strip(), format="%m/%d/%Y", errors="coerce")
    hour = pd.to_numeric(table[COLUMNS[1]].str.strip().str.split(":").str[0], errors="coerce")
    month, date = day.dt.month.to_numpy(dtype=float), day.dt.day.to_numpy(dtype=float)
    return month, date, hour.to_numpy(dtype=float) - 1


def _values(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """TMY3 columns in canonical names and units, missing codes as NaN."""

    def column(name: str) -> np.ndarray:
        values = frame[name].to_numpy(dtype=float, copy=True)
        values[values <= MISSING_BELOW] = np.nan
        return values

    return {
        "ghi_w_per_m2": column("GHI (W/m^2)"),
        "dni_w_per_m2": column("DNI (W/m^2)"),
        "dhi_w_per_m2": column("DHI (W/m^2)"),
        "dry_bulb_c": column("Dry-bulb (C)"),
        "relative_humidity": column("RHum (%)") / 100,
        "pressure_pa": column("Pressure (mbar)") * 100,
        "wind_speed_m_per_s": column("Wspd (m/s)"),
    }
