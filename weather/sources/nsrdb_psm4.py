"""NSRDB PSM4 files (SAM CSV): satellite radiation and MERRA-2 weather, hourly or half-hourly, actual or typical years.

Stamps of hourly files stand at minute 30, the middle of their hour; half-hourly stamps begin their step.
Format: NSRDB documentation and SAM CSV, read by pvlib.iotools.read_nsrdb_psm4.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools

from weather.calendar import offset_name
from weather.canonical import WeatherError, make_weather, with_repair
from weather.sources import assumed, checks
from weather.sources.actual import pick_year
from weather.sources.typical import lay_on_year

NEEDED = {
    "GHI": "ghi_w_per_m2", "DNI": "dni_w_per_m2", "DHI": "dhi_w_per_m2", "Temperature": "dry_bulb_c",
    "Pressure": "pressure_pa", "Wind Speed": "wind_speed_m_per_s",
}  # fmt: skip


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A PSM4 file as canonical Dataset. A typical year is laid on `year` (2025); of an actual one `year` picks a year.

    Pressure arrives in mbar. Raises WeatherError with every structural problem of the file.
    """
    text = checks.read_text(path)
    table = checks.read_table(path, text, skip_lines=2, header=True)
    clock = ["Year", "Month", "Day", "Hour", "Minute"]
    problems = checks.missing_columns(path, table, [*clock, *NEEDED])
    problems += checks.number_problems(path, table, {name: name for name in (*clock, *NEEDED, "Relative Humidity")})
    checks.raise_if(problems)
    try:
        frame, meta = iotools.read_nsrdb_psm4(str(path), map_variables=False)
    except (KeyError, ValueError, TypeError) as error:
        raise WeatherError(f"{path}: not a whole PSM4 file ({error!r}); download it again") from error
    values = {name: frame[column].to_numpy(dtype=float) for column, name in NEEDED.items()}
    values["pressure_pa"] = values["pressure_pa"] * 100
    notes = []
    if "Relative Humidity" in frame:
        values["relative_humidity"] = frame["Relative Humidity"].to_numpy(dtype=float) / 100
    else:
        values["relative_humidity"] = assumed.humidity_from_daily_minimum(values["dry_bulb_c"], steps_a_day=24)
        notes = [assumed.HUMIDITY_NOTE]
    local = pd.DatetimeIndex(frame.index).tz_localize(None)
    zone_h = float(meta["Time Zone"])
    typical = bool((np.diff(local.year) < 0).any() or local.year.nunique() > 2) and len(frame) in (8760, 8784)
    index, values, more = _on_calendar(path, local, values, zone_h, year if typical else None, typical)
    weather = make_weather(
        index, values, source=f"NSRDB PSM4 {meta['Location ID']}", latitude=float(meta["Latitude"]),
        longitude=float(meta["Longitude"]), elevation_m=float(meta["Elevation"]), timezone=offset_name(zone_h),
        typical=int(typical),
    )  # fmt: skip
    for note in notes + more:
        weather = with_repair(weather, note)
    return pick_year(weather, year) if year is not None and not typical else weather


def _on_calendar(
    path: Path | str, local: pd.DatetimeIndex, values: dict[str, np.ndarray], zone_h: float, year: int | None,
    typical: bool,
) -> tuple[pd.DatetimeIndex, dict[str, np.ndarray], list[str]]:  # fmt: skip
    """UTC stamps at the start of the steps, for a typical year after laying it on `year`; values; notes."""
    if typical:
        month, day, hour = (part.to_numpy(dtype=float) for part in (local.month, local.day, local.hour))
        checks.raise_if(checks.typical_year_problems(path, range(4, 4 + len(local)), month, day, hour))
        return lay_on_year(values, year=year, utc_offset_h=zone_h)
    hourly = len(local) > 1 and local[1] - local[0] == pd.Timedelta(hours=1)
    start = local.floor("h") if hourly else local
    checks.raise_if(checks.time_problems(path, start, lines=range(4, 4 + len(local))))
    return start - pd.Timedelta(hours=zone_h), values, []
