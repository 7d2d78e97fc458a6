"""NSRDB PSM4 files (SAM CSV): satellite radiation and MERRA-2 weather, hourly or half-hourly, actual or typical years.

A stamp is the MIDDLE of its step: the file's own zenith is that of the stamp, and its radiation closes there. So
hourly steps begin at the full hour, half-hourly ones a quarter before and after it.
Format: NSRDB documentation and SAM CSV, read by pvlib.iotools.read_nsrdb_psm4.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools
from pvlib.location import Location

from weather.calendar import offset_name
from weather.canonical import WeatherError, make_weather, with_repair
from weather.sources import assumed, checks
from weather.sources.actual import pick_year
from weather.sources.assumed import humidity_from_dew_point
from weather.sources.typical import lay_on_year, on_whole_year
from weather.sun.position import cosine_of_zenith

NEEDED = {
    "GHI": "ghi_w_per_m2", "DNI": "dni_w_per_m2", "DHI": "dhi_w_per_m2", "Temperature": "dry_bulb_c",
    "Pressure": "pressure_pa", "Wind Speed": "wind_speed_m_per_s",
}  # fmt: skip


BRIGHT = 0.2
ZENITH_SLACK = 0.015
"""Median difference of cosines; a quarter of an hour moves them by about 0.04, refraction by 0.001."""


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A PSM4 file as canonical Dataset. A typical year is laid on `year` (2025); of an actual one `year` picks a year.

    Pressure arrives in mbar. Raises WeatherError with every structural problem of the file.
    """
    text = checks.read_text(path)
    table = checks.read_table(path, text, skip_lines=2, header=True)
    clock = ["Year", "Month", "Day", "Hour", "Minute"]
    problems = checks.missing_columns(path, table, [*clock, *NEEDED])
    problems += checks.number_problems(
        path, table, {name: name for name in (*clock, *NEEDED, "Relative Humidity", "Dew Point")}
    )
    checks.raise_if(problems)
    try:
        frame, meta = iotools.read_nsrdb_psm4(io.StringIO(text), map_variables=False)
    except (KeyError, ValueError, TypeError) as error:
        raise WeatherError(f"{path}: not a whole PSM4 file ({error!r}); download it again") from error
    values = {name: frame[column].to_numpy(dtype=float) for column, name in NEEDED.items()}
    values["pressure_pa"] = values["pressure_pa"] * 100
    local = pd.DatetimeIndex(frame.index).tz_localize(None)
    zone_h = float(meta["Time Zone"])
    place = Location(float(meta["Latitude"]), float(meta["Longitude"]), altitude=float(meta["Elevation"]))
    values["relative_humidity"], notes = _humidity(frame, values, local - pd.Timedelta(hours=zone_h), place)
    notes += _zenith_notes(frame, local - pd.Timedelta(hours=zone_h), place)
    typical = bool((np.diff(local.year) < 0).any() or local.year.nunique() > 2) and 7900 < len(frame) <= 8784
    index, values, more = _on_calendar(path, local, values, zone_h, year if typical else None, typical)
    weather = make_weather(
        index, values, source=f"NSRDB PSM4 {meta['Location ID']}", latitude=float(meta["Latitude"]),
        longitude=float(meta["Longitude"]), elevation_m=float(meta["Elevation"]), timezone=offset_name(zone_h),
        typical=int(typical),
    )  # fmt: skip
    for note in notes + more:
        weather = with_repair(weather, note)
    return pick_year(weather, year) if year is not None and not typical else weather


def _humidity(
    frame: pd.DataFrame, values: dict[str, np.ndarray], middle_utc: pd.DatetimeIndex, place: Location
) -> tuple[np.ndarray, list[str]]:
    """Relative humidity as given, else from the dew point, else estimated; and a note of what was done."""
    if "Relative Humidity" in frame:
        return frame["Relative Humidity"].to_numpy(dtype=float) / 100, []
    if "Dew Point" in frame:
        dew_point_c = frame["Dew Point"].to_numpy(dtype=float)
        note = "relative humidity not in the source: from its dew point"
        return humidity_from_dew_point(values["dry_bulb_c"], dew_point_c), [note]
    step_h = float(np.median(np.diff(middle_utc.to_numpy()) / np.timedelta64(1, "h"))) if len(middle_utc) > 1 else 1.0
    start = middle_utc - pd.Timedelta(hours=step_h / 2)
    guess = assumed.estimated_humidity(values["dry_bulb_c"], values["ghi_w_per_m2"], start, step_h=step_h, place=place)
    return guess, [assumed.HUMIDITY_NOTE]


def _zenith_notes(frame: pd.DataFrame, middle_utc: pd.DatetimeIndex, place: Location) -> list[str]:
    """A warning where the file's own zenith is not that of the stamps: then the file has another clock or place."""
    if "Solar Zenith Angle" not in frame:
        return []
    cosine_of_file = np.cos(np.radians(frame["Solar Zenith Angle"].to_numpy(dtype=float)))
    cosine_of_stamps = cosine_of_zenith(middle_utc, latitude=place.latitude, longitude=place.longitude)
    bright = (cosine_of_file > BRIGHT) & (cosine_of_stamps > BRIGHT)
    off = float(np.median(np.abs(cosine_of_file - cosine_of_stamps)[bright])) if bright.any() else 0.0
    if off <= ZENITH_SLACK:
        return []
    return [f"warning: the file's own zenith differs from that of its stamps and place by {off:.3f} in cosine: its clock, "
            "zone or place is wrong"]  # fmt: skip


def _on_calendar(
    path: Path | str, local: pd.DatetimeIndex, values: dict[str, np.ndarray], zone_h: float, year: int | None,
    typical: bool,
) -> tuple[pd.DatetimeIndex, dict[str, np.ndarray], list[str]]:  # fmt: skip
    """UTC stamps at the start of the steps, for a typical year after laying it on `year`; values; notes."""
    if typical:
        month, day, hour = (part.to_numpy(dtype=float) for part in (local.month, local.day, local.hour))
        checks.raise_if(checks.typical_year_problems(path, range(4, 4 + len(local)), month, day, hour))
        whole, gaps = on_whole_year(values, month, day, hour)
        index, laid, notes = lay_on_year(whole, year=year, utc_offset_h=zone_h)
        return index, laid, [*gaps, *notes]
    step = pd.Timedelta(pd.Series(local).diff().median()) if len(local) > 1 else pd.Timedelta(hours=1)
    start = local - step / 2
    checks.raise_if(checks.time_problems(path, start, lines=range(4, 4 + len(local))))
    return start - pd.Timedelta(hours=zone_h), values, []
