"""Synthetic years from monthly climate statistics: the weather a scenario has when nobody gives a file.

A synthetic year has the months, the days and the hours of its climate, not the weather of any real date. Its months
stay close to normal (sun within 6 %, temperature within 1.2 K), so single months vary LESS than real ones; whole years
vary as real ones do. Statistics: `scenarios/climates/<site>.csv`, computed from CSWD typical years.
"""

from __future__ import annotations

import difflib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError, make_weather
from weather.synthetic_air import humidity_of_air, pressure_of_air_pa, temperature_of_air_c
from weather.synthetic_sky import radiation_w_per_m2
from weather.synthetic_wind import wind_speed_m_per_s

SITES: Final[tuple[str, ...]] = (
    "golmud", "delingha", "xining", "kunming", "qingyang", "hohhot", "shanghai", "guangzhou", "beijing",
)  # fmt: skip
"""Names `synthetic_year` knows. Delingha stands with Daqaidam's station, Qingyang with Xifengzhen's."""
CLIMATES: Final[Path] = Path(__file__).resolve().parents[1] / "scenarios" / "climates"
UTC_OFFSET_H: Final[int] = 8
"""All shipped climates are in China: UTC+8, no daylight saving."""
ALWAYS: Final[tuple[str, ...]] = ("latitude", "longitude", "elevation_m")


@dataclass(frozen=True)
class Climate:
    """Monthly statistics of one site.

    `year` holds the numbers that stand for the whole year, `months` one array of shape (12,) for each column of the
    table: ghi_kwh_per_m2_day, clearness and clearness_day_sd (of clear sky), dry_bulb_c, daily_range_k,
    dry_bulb_day_sd_k, dew_point_c, relative_humidity, pressure_pa, wind_speed_m_per_s (10 m).
    """

    site: str
    year: dict[str, float]
    months: dict[str, np.ndarray]


def climate_of(site: str) -> Climate:
    """The statistics of a shipped site. Raises WeatherError for an unknown name, naming the known ones."""
    if site not in SITES:
        near = difflib.get_close_matches(site.lower(), SITES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise WeatherError(f"{site}: no synthetic climate of that name; known are {', '.join(SITES)}.{hint}")
    path = CLIMATES / f"{site}.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise WeatherError(f"{path}: climate table of {site} cannot be read ({error}); restore it") from error
    heads = [line[1:].split(":", 1) for line in lines if line.startswith("#") and ":" in line]
    year = {key.strip(): float(value.split()[0]) for key, value in heads if key.strip() not in ("source", "clearness")}
    table = [line.split(",") for line in lines if not line.startswith("#")]
    columns = np.array(table[1:], dtype=float).T
    return Climate(site, year, dict(zip(table[0], columns, strict=True)))


def synthetic_year(site: str, year: int, *, seed: int | None = None) -> xr.Dataset:
    """A whole year of hourly weather at a shipped site: 8,760 or 8,784 hours from local midnight of 1 January (UTC+8).

    Canonical Dataset (weather/canonical.py) with attrs synthetic 1 and typical 0. The same site, year and seed give the
    same numbers; `seed` defaults to a number made of site and year. Raises WeatherError for an unknown site.
    """
    climate = climate_of(site)
    number = zlib.crc32(f"{site} {year}".encode()) if seed is None else seed
    sky_dice, heat_dice, damp_dice, wind_dice = np.random.default_rng(number).spawn(4)
    local = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    utc = local - pd.Timedelta(hours=UTC_OFFSET_H)
    sky, clearness_anomaly = radiation_w_per_m2(sky_dice, climate.year, climate.months, local, UTC_OFFSET_H)
    dry_bulb_c, heat_anomaly = temperature_of_air_c(heat_dice, climate.year, climate.months, local, clearness_anomaly)
    values = {
        **sky,
        "dry_bulb_c": dry_bulb_c,
        "relative_humidity": humidity_of_air(
            damp_dice, climate.months, local, dry_bulb_c, heat_anomaly, clearness_anomaly
        ),
        "pressure_pa": pressure_of_air_pa(damp_dice, climate.months, local),
        "wind_speed_m_per_s": wind_speed_m_per_s(wind_dice, climate.year, climate.months, local),
    }
    place = {name: climate.year[name] for name in ALWAYS}
    return make_weather(
        utc, values, source=f"synthetic year {year} of {site.capitalize()} from monthly statistics",
        timezone=f"UTC+{UTC_OFFSET_H:02d}:00", synthetic=True, typical=0, seed=number, **place,
    )  # fmt: skip
