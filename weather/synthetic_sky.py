"""The sun of a synthetic year: clear sky times a clearness that remembers yesterday and the hour before.

The clearness (GHI over clear-sky GHI, the clear-sky index) of a day has a beta distribution with the month's mean and
deviation and an AR(1) memory (as Graham & Hollands, Solar Energy 44, 1990, do it for Kt); the hours scatter about their
day, most on half-clouded days. DNI and DHI follow from GHI by Erbs-Driesse (2024, pvlib), so the three close.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import pvlib
from scipy.stats import beta, norm

from weather.noise import autocorrelated, daily_anomalies

CLEAREST_HOUR: Final[float] = 1.12
"""Bright clouds beside the sun lift an hour above clear sky, rarely by more (assumption)."""
NOISE_GAIN: Final[float] = 1.2
"""What the limits and the kept daily sum take away from the hours' deviation (computed for the shipped sites)."""
LEAST_SCATTER: Final[float] = 0.3
YEAR_SD: Final[float] = 0.025
"""Deviation of a year's GHI from normal: 2-4 % in long records (e.g. Gueymard & Wilcox, Solar Energy 85, 2011)."""
MONTH_SD: Final[float] = 0.015
LARGEST_ANOMALY: Final[float] = 0.06
DNI_LIMIT_W_PER_M2: Final[float] = 1200.0


def radiation_w_per_m2(
    rng: np.random.Generator,
    year: Mapping[str, float],
    months: Mapping[str, np.ndarray],
    local: pd.DatetimeIndex,
    utc_offset_h: float,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """GHI, DNI and DHI of the hours of a year [W/m²], and the anomaly of every day's clearness (standard normal).

    Parameters: year, months: statistics of a Climate; local: whole year of hours, start-labelled, local standard time.
    """
    middle = (local - pd.Timedelta(hours=utc_offset_h - 0.5)).tz_localize("UTC")
    place = pvlib.location.Location(year["latitude"], year["longitude"], altitude=year["elevation_m"])
    sun = place.get_solarposition(middle)
    clear = place.get_clearsky(middle, model="ineichen", solar_position=sun)["ghi"].to_numpy()
    month_of_day = np.asarray(local.month)[::24]
    clear_of_day = clear.reshape(-1, 24).sum(axis=1)
    days_in_month = np.bincount(month_of_day - 1)
    anomaly_of_month = np.clip(
        YEAR_SD * rng.standard_normal() + MONTH_SD * rng.standard_normal(12), -LARGEST_ANOMALY, LARGEST_ANOMALY
    )
    wanted = 1000.0 * months["ghi_kwh_per_m2_day"] * days_in_month * (1.0 + anomaly_of_month)
    anomaly = daily_anomalies(rng, month_of_day, year["clearness_day_lag1"])
    limit = year["clearest_day"]
    day = np.empty(len(anomaly))
    for m in range(12):
        days = month_of_day == m + 1
        share, sd = months["clearness"][m] / limit, months["clearness_day_sd"][m] / limit
        day[days] = limit * month_of_clearness(anomaly[days], clear_of_day[days], share, sd, wanted[m] / limit)
    ghi = hourly_ghi(rng, day, clear, sd=year["clearness_hour_sd"], lag1=year["clearness_hour_lag1"])
    return split_of(ghi, sun["zenith"].to_numpy(), middle), anomaly


def month_of_clearness(
    anomaly: np.ndarray, clear_wh_per_m2: np.ndarray, mean: float, sd: float, wanted_wh_per_m2: float
) -> np.ndarray:
    """Clearness of the days of one month as a fraction of the clearest day's, shape (day,), beta with `mean` and `sd`.

    The anomalies (standard normal) are shifted until the month's sun is the wanted: a dull month has more cloudy days,
    its clear days stay clear.
    """
    spread = max(mean * (1.0 - mean) / sd**2 - 1.0, 0.5)
    grid = np.linspace(-4.0, 4.0, 161)
    quantiles = np.maximum(beta.ppf(norm.cdf(grid), mean * spread, (1.0 - mean) * spread), 0.02)
    low, high = -3.0, 3.0
    for _ in range(30):
        shift = (low + high) / 2.0
        clearness = np.interp(anomaly + shift, grid, quantiles)
        low, high = (shift, high) if clearness @ clear_wh_per_m2 < wanted_wh_per_m2 else (low, shift)
    return np.asarray(clearness)


def hourly_ghi(
    rng: np.random.Generator, day_clearness: np.ndarray, clear: np.ndarray, *, sd: float, lag1: float
) -> np.ndarray:
    """GHI of the hours [W/m²], shape (time,): they scatter about their day and keep its sum where the sky has room.

    Half-clouded days scatter most.
    """
    day = np.repeat(day_clearness, 24)
    wide = np.maximum(2.0 * np.sqrt(np.clip(day * (1.0 - day), 0.0, None)), LEAST_SCATTER)
    hour = day + NOISE_GAIN * sd * wide * autocorrelated(rng, (len(clear),), lag1)
    ghi = np.clip(hour, 0.1 * day, CLEAREST_HOUR) * clear
    of_day = ghi.reshape(-1, 24).sum(axis=1)
    wanted = day_clearness * clear.reshape(-1, 24).sum(axis=1)
    return np.asarray(np.minimum(ghi * np.repeat(wanted / of_day, 24), CLEAREST_HOUR * clear))


def split_of(ghi: np.ndarray, zenith_deg: np.ndarray, middle: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """GHI with the DNI and DHI that belong to it [W/m²]; GHI = DHI + DNI cos(zenith) to rounding."""
    parts = pvlib.irradiance.erbs_driesse(ghi, zenith_deg, middle)
    dni = np.clip(np.nan_to_num(np.asarray(parts["dni"])), 0.0, DNI_LIMIT_W_PER_M2)
    dhi = np.maximum(ghi - dni * np.clip(np.cos(np.radians(zenith_deg)), 0.0, None), 0.0)
    return {"ghi_w_per_m2": ghi, "dni_w_per_m2": dni, "dhi_w_per_m2": dhi}
