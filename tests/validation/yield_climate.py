"""Synthetic years against the typical years they were made from: months, distributions, memories, spread.

Clearness is GHI over clear-sky GHI (pvlib Ineichen) with the sun above 10 degrees, the file's radiation on the sun's
clock. Wind of the files is whole m/s with calms: the synthetic wind is rounded to whole m/s, all hours are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pvlib
import xarray as xr
from scipy.stats import ks_2samp

from weather import sources
from weather.synthetic.year import synthetic_year

SOURCE = "CSWD typical years (China Meteorological Bureau and Tsinghua University, 2005)"
FILES = {
    "golmud": ("CHN_Qinghai.Golmud.528180_CSWD.epw", 90),
    "delingha": ("CHN_Qinghai.Daqaidam.527130_CSWD.epw", 30),
    "xining": ("CHN_Qinghai.Xining.528660_CSWD.epw", 30),
    "kunming": ("CHN_Yunnan.Kunming.567780_CSWD.epw", 60),
    "qingyang": ("CHN_Gansu.Xifengzhen.539230_CSWD.epw", 30),
    "hohhot": ("CHN_Nei.Mongol.Hohhot.534630_CSWD.epw", 30),
}
"""File of each site, and how late its radiation runs [min]."""
YEAR = 2025
LOWEST_SUN_DEG = 10.0


@dataclass(frozen=True)
class Portrait:
    """What is compared: monthly values of shape (12,), hourly samples, and lag-1 autocorrelations by name."""

    ghi: np.ndarray
    dry_bulb_c: np.ndarray
    clearness: np.ndarray
    wind: np.ndarray
    lag1: dict[str, float]


def portrait(weather: xr.Dataset, *, late_min: float = 0.0) -> Portrait:
    """The features of a local standard year (UTC+8)."""
    local = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(hours=8)
    month, day = local.month.to_numpy(), np.arange(len(local)) // 24
    middle = (pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(minutes=30 - late_min)).tz_localize("UTC")
    place = pvlib.location.Location(
        weather.attrs["latitude"], weather.attrs["longitude"], altitude=weather.attrs["elevation_m"]
    )
    sun = place.get_solarposition(middle)
    clear = place.get_clearsky(middle, model="ineichen", solar_position=sun)["ghi"].to_numpy()
    ghi, air, wind = (weather[n].values for n in ("ghi_w_per_m2", "dry_bulb_c", "wind_speed_m_per_s"))
    high = sun["zenith"].to_numpy() < 90.0 - LOWEST_SUN_DEG
    hours = np.where(high, ghi / np.maximum(clear, 1.0), np.nan)
    days = np.bincount(day, ghi) / np.bincount(day, clear)
    month_of_day = month[::24]
    lag1 = {
        "daily clearness": lag1_of(about_month(days, month_of_day)),
        "hourly clearness": lag1_of(hours),
        "daily temperature": lag1_of(about_month(np.bincount(day, air) / 24.0, month_of_day)),
        "hourly wind": lag1_of(wind),
    }
    monthly = np.bincount(month - 1, ghi), np.bincount(month - 1, air) / np.bincount(month - 1)
    return Portrait(*monthly, hours[high], np.floor(wind + 0.5), lag1)


def about_month(days: np.ndarray, month_of_day: np.ndarray) -> np.ndarray:
    """Daily values less their month's mean."""
    return np.asarray(days - (np.bincount(month_of_day, days) / np.maximum(np.bincount(month_of_day), 1))[month_of_day])


def lag1_of(series: np.ndarray) -> float:
    """Correlation of neighbours, pairs with a gap left out."""
    pairs = ~np.isnan(series[1:] + series[:-1])
    return float(np.corrcoef(series[1:][pairs], series[:-1][pairs])[0, 1])


@lru_cache(maxsize=len(FILES))
def real(shared: Path, site: str) -> Portrait:
    """The portrait of a site's file."""
    file, late_min = FILES[site]
    return portrait(sources.read(shared / "data/weather" / file, year=YEAR), late_min=late_min)


def distances(shared: Path, site: str, seed: int) -> dict[str, float]:
    """How far one synthetic year is from the file: largest monthly error, distribution distance, memory error."""
    ours, theirs = portrait(synthetic_year(site, YEAR, seed=seed)), real(shared, site)
    apart = {
        "monthly GHI, largest error": float(np.abs(ours.ghi / theirs.ghi - 1).max()),
        "monthly temperature, largest error, K": float(np.abs(ours.dry_bulb_c - theirs.dry_bulb_c).max()),
        "hourly clearness, KS distance": float(ks_2samp(ours.clearness, theirs.clearness).statistic),
        "hourly wind speed, KS distance": float(ks_2samp(ours.wind, theirs.wind).statistic),
    }
    return apart | {f"lag-1 of {name}, error": abs(ours.lag1[name] - theirs.lag1[name]) for name in ours.lag1}


BARS = {
    "monthly GHI, largest error": 0.08,
    "monthly temperature, largest error, K": 1.5,
    "hourly clearness, KS distance": 0.12,
    "hourly wind speed, KS distance": 0.12,
    "lag-1 of daily clearness, error": 0.1,
    "lag-1 of hourly clearness, error": 0.1,
    "lag-1 of daily temperature, error": 0.1,
    "lag-1 of hourly wind, error": 0.1,
}


def spread(site: str, seeds: int) -> tuple[float, float]:
    """Deviation of the year's GHI (as a share) and of its mean temperature [K] over seeds."""
    years = [synthetic_year(site, YEAR, seed=seed) for seed in range(seeds)]
    ghi = np.array([float(year["ghi_w_per_m2"].sum()) for year in years])
    air = np.array([float(year["dry_bulb_c"].mean()) for year in years])
    return float(ghi.std(ddof=1) / ghi.mean()), float(air.std(ddof=1))


def rows(shared: Path, *, seeds: int = 20) -> list[dict[str, str]]:
    """What 19 of 20 years at each site stay below, as rows of the validation table; a single year may lie beyond."""
    lines = []
    for site in FILES:
        tried = [distances(shared, site, seed) for seed in range(seeds)]
        reached = {
            metric: float(np.quantile([year_distances[metric] for year_distances in tried], 0.95)) for metric in BARS
        }
        data = f"synthetic {site}, 95 % of {seeds} years below"
        lines += [(data, metric, f"{reached[metric]:.3f}", f"<= {bar}") for metric, bar in BARS.items()]
    ghi_sd, air_sd_k = spread("golmud", 2 * seeds)
    data = f"synthetic golmud, {2 * seeds} seeds"
    lines += [(data, "GHI of the year, deviation", f"{ghi_sd:.1%}", "2..4 %")]
    lines += [(data, "temperature of the year, deviation, K", f"{air_sd_k:.2f}", "0.5..1")]
    names = ("data", "metric", "ours", "bar", "source")
    return [dict(zip(names, (*line, SOURCE), strict=True)) for line in lines]


def figure(shared: Path) -> go.Figure:
    """Monthly sun and temperature at Golmud: the file and ten synthetic years."""
    months = np.arange(1, 13)
    plot = go.Figure()
    for seed in range(10):
        ours = portrait(synthetic_year("golmud", YEAR, seed=seed))
        plot.add_scatter(
            x=months, y=ours.ghi / 1000, mode="lines", name="synthetic", line={"color": "silver"}, showlegend=seed == 0
        )
    plot.add_scatter(x=months, y=real(shared, "golmud").ghi / 1000, mode="lines+markers", name="CSWD file")
    return plot.update_layout(title="Golmud, GHI by month", xaxis_title="month", yaxis_title="kWh/m2")
