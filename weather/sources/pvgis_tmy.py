"""PVGIS typical years (tmy), JSON or CSV: twelve months of different years, UTC.

The head gives an "Irradiance Time Offset": radiation is the satellite's view that many hours after each stamp.
Format: PVGIS user manual, "typical meteorological year", read by pvlib.iotools.read_pvgis_tmy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import iotools

from weather.calendar import offset_name, solar_offset_h
from weather.canonical import WeatherError, make_weather, with_repair
from weather.quality.clock import means_from_instants
from weather.sources import checks
from weather.sources.typical import lay_on_year

COLUMNS = {
    "ghi": "ghi_w_per_m2", "dni": "dni_w_per_m2", "dhi": "dhi_w_per_m2", "temp_air": "dry_bulb_c",
    "relative_humidity": "relative_humidity", "pressure": "pressure_pa", "wind_speed": "wind_speed_m_per_s",
}  # fmt: skip

HOURS_OF_YEARS = (8760, 8784)


def read(path: Path | str, *, year: int | None = None) -> xr.Dataset:
    """A PVGIS typical year on calendar year `year` (2025 unless given), canonical.

    The year begins at midnight of the solar standard time (UTC plus longitude / 15, whole hours): the last UTC hours
    of the file are rolled to the front for places in the east. Raises WeatherError with what is wrong with the file.
    """
    text = checks.read_text(path)
    form = "json" if text.lstrip().startswith("{") else "csv"
    if form == "csv" and not text.startswith("Latitude"):
        raise WeatherError(f"{path}: line 1: latitude, longitude and elevation are missing; keep the head PVGIS writes")
    try:
        frame, meta = iotools.read_pvgis_tmy(str(path), pvgis_format=form)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise WeatherError(f"{path}: not a whole PVGIS typical year ({error!r}); download it again") from error
    problems = [f"{path}: column of {name} is missing" for name in COLUMNS if name not in frame]
    stamps = pd.DatetimeIndex(frame.index)
    parts = (stamps.month, stamps.day, stamps.hour)
    month, day, hour = (part.to_numpy(dtype=float) for part in parts)
    if len(frame) not in HOURS_OF_YEARS:
        problems.append(f"{path}: {len(frame):,} rows; a year has 8,760 hours. Download it again")
    checks.raise_if([*problems, *checks.typical_year_problems(path, range(1, len(frame) + 1), month, day, hour)])
    return _on_year(frame, meta, year)


def _on_year(frame: pd.DataFrame, meta: dict[str, Any], year: int | None) -> xr.Dataset:
    place = meta["inputs"].get("location", meta["inputs"])
    zone_h = solar_offset_h(float(place["longitude"]))
    values = {name: np.roll(frame[column].to_numpy(dtype=float), zone_h) for column, name in COLUMNS.items()}
    values["relative_humidity"] = values["relative_humidity"] / 100
    index, values, notes = lay_on_year(values, year=year, utc_offset_h=zone_h)
    weather = make_weather(
        index, {name: data + 0.0 for name, data in values.items()}, source="PVGIS typical year",
        latitude=place["latitude"], longitude=place["longitude"], elevation_m=place["elevation"],
        timezone=offset_name(zone_h), typical=1,
    )  # fmt: skip
    for note in notes:
        weather = with_repair(weather, note)
    offset_h = place.get("irradiance time offset", place.get("irradiance_time_offset"))
    if offset_h is None or float(offset_h) == 0.5:
        return weather
    return means_from_instants(weather, 60 * float(offset_h))
