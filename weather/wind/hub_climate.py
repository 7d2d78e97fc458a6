"""Wind climate at hub height: the Weibull law, daily and monthly course that a region's wind has at 80-120 m.

A town's 10 m series scaled to the hub keeps calms and a noon peak that the hub does not have. Measured at two masts, a
rank map within the hour of day onto the hub's own law, times the hub's own daily course, restores both.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import lru_cache
from math import gamma
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import brentq

from weather.arguments import check_range
from weather.canonical import WeatherError

TABLE: Final[Path] = Path(__file__).resolve().parents[2] / "scenarios" / "winds" / "hub_climates.csv"
MONTHS: Final[tuple[str, ...]] = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ELSEWHERE: Final[str] = "elsewhere"
PLACES: Final[dict[str, tuple[float, float, float, float]]] = {
    "gonghe": (35.0, 37.2, 99.5, 102.9),
    "haixi": (35.0, 39.5, 90.0, 99.5),
    "hexi": (37.5, 43.0, 92.5, 104.0),
    "qingyang": (34.5, 37.5, 104.0, 109.0),
    "inner_mongolia": (39.5, 46.0, 106.0, 119.0),
    "yunnan": (21.0, 29.3, 97.5, 106.2),
}
"""Box of each region: latitude from and to, longitude from and to [degrees]; the first that fits counts."""


@dataclass(frozen=True)
class HubClimate:
    """Wind at hub height of a place."""

    mean_m_per_s: float
    """Mean wind speed of the year [m/s]."""
    weibull_k: float
    """Shape of the Weibull law that all hours of the year follow together."""
    hour_of_max: float
    """Local hour at which the daily course is highest, 0..24."""
    day_amplitude: float
    """Half range of the daily course over its mean, 0..0.5."""
    month_factors: tuple[float, ...]
    """Mean of each month over that of the year, twelve numbers."""
    source: str = "given"
    """Where the figures come from, or `assumption`."""

    def __post_init__(self) -> None:
        check_range("hub mean wind", self.mean_m_per_s, 0.1, 30.0)
        check_range("hub weibull_k", self.weibull_k, 1.0, 4.0)
        check_range("hub day_amplitude", self.day_amplitude, 0.0, 0.5)
        if len(self.month_factors) != len(MONTHS) or min(self.month_factors) <= 0:
            raise ValueError("hub month_factors: needs twelve numbers above 0, January first")

    def course(self, local_hour: np.ndarray, local_month: np.ndarray) -> np.ndarray:
        """Daily times monthly factor of hours 0..24 and months 1..12, mean about 1, same shape as the two."""
        months = np.asarray(self.month_factors) / np.mean(self.month_factors)
        day = 1.0 + self.day_amplitude * np.cos(2.0 * np.pi * (local_hour - self.hour_of_max) / 24.0)
        return np.asarray(day * months[np.asarray(local_month, dtype=int) - 1])

    def inner_k(self) -> float:
        """Weibull shape within one hour of day and month, so that all hours together have `weibull_k`."""
        hour, month = (axis.ravel() for axis in np.meshgrid(np.arange(24) + 0.5, np.arange(1, 13)))
        course = self.course(hour, month)
        spread = float(np.mean(course**2) / np.mean(course) ** 2)
        inner_second_moment = relative_second_moment(self.weibull_k) / spread
        if inner_second_moment <= relative_second_moment(10.0):
            raise WeatherError("hub climate: the daily and monthly course alone vary more than weibull_k allows")
        return float(brentq(lambda k: relative_second_moment(k) - inner_second_moment, 0.5, 10.0))


def relative_second_moment(k: float) -> float:
    """Mean square over squared mean of a Weibull law of shape k."""
    return gamma(1.0 + 2.0 / k) / gamma(1.0 + 1.0 / k) ** 2


def weibull_speed(quantile: np.ndarray, *, mean_m_per_s: float, k: float) -> np.ndarray:
    """Wind speed [m/s] at quantiles 0..1 (1 excluded) of the Weibull law of that mean and shape."""
    scale = mean_m_per_s / gamma(1.0 + 1.0 / k)
    return np.asarray(scale * (-np.log1p(-quantile)) ** (1.0 / k))


@lru_cache(maxsize=1)
def bands() -> dict[str, dict[str, str]]:
    """Rows of scenarios/winds/hub_climates.csv by region: the ranges a hub's wind lies in."""
    with TABLE.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["region"]: row for row in rows}


def region_at(latitude: float, longitude: float) -> str:
    """Region of the table that a place lies in, or `elsewhere`."""
    for region, (south, north, west, east) in PLACES.items():
        if south <= latitude <= north and west <= longitude <= east:
            return region
    return ELSEWHERE


def hub_climate_of(region: str) -> HubClimate:
    """Middle of a region's ranges. Raises WeatherError for an unknown region, naming the known ones."""
    row = bands().get(region)
    if row is None:
        near = difflib.get_close_matches(region, bands(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise WeatherError(f"hub_region '{region}': unknown; known are {', '.join(bands())}{hint}")
    middle = {
        name: (float(row[f"{name}_low"]) + float(row[f"{name}_high"])) / 2
        for name in ("mean", "k", "hour", "amplitude")
    }
    months = tuple(float(row[month]) for month in MONTHS)
    return HubClimate(
        middle["mean"], middle["k"], middle["hour"] % 24.0, middle["amplitude"], months, f"{region}: {row['mark']}"
    )
