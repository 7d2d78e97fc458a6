"""Temperature, humidity and pressure of a synthetic year."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from weather.synthetic.climate_table import Climate
from weather.synthetic.noise import autocorrelated, daily_anomalies
from weather.synthetic.seasons import smooth_course, through_noons

YEAR_SD_K: Final[float] = 0.7
"""Deviation of a year's mean temperature from normal, 0.5-1 K in inland China (assumption)."""
MONTH_SD_K: Final[float] = 0.35
LARGEST_ANOMALY_K: Final[float] = 1.2
COURSE_SHARE: Final[float] = 0.9
"""The mean daily course spans 0.85-0.95 of the mean daily range, as extremes come at varying hours (CSWD, computed)."""
DRIFT_LAG1: Final[float] = 0.9
"""Lag-1 autocorrelation of a straight line over a month about its mean."""
RISE_H: Final[float] = 9.5
"""From the coldest hour about sunrise to the warmest (CSWD, computed: 8-10 h)."""
DEW_POINT_DAY_SD_K: Final[float] = 3.3
DEW_POINT_HOUR_SD_K: Final[float] = 1.5
DEW_POINT_WITH_HEAT: Final[float] = 0.4
DEW_POINT_WITH_SUN: Final[float] = -0.35
"""Correlation of a day's dew point with its temperature and clearness (CSWD, computed, mean of six stations)."""
PRESSURE_DAY_SD_PA: Final[float] = 320.0
"""Deviation of a day's mean pressure within its month (CSWD, computed: 220-380 Pa)."""


def temperature_of_air_c(
    rng: np.random.Generator,
    climate: Climate,
    local: pd.DatetimeIndex,
    clearness_anomaly: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Dry bulb of the hours [°C], shape (time,), and the anomaly of every day (standard normal), shape (day,).

    Seasonal course + this year's anomaly + days with a memory + a daily course that is wider under a clear sky.
    """
    month_of_day = np.asarray(local.month)[::24]
    shift_k = np.clip(
        YEAR_SD_K * rng.standard_normal() + MONTH_SD_K * rng.standard_normal(12), -LARGEST_ANOMALY_K, LARGEST_ANOMALY_K
    )
    season = smooth_course(climate.months["dry_bulb_c"] + shift_k, local)
    sd_k, lag1 = without_drift(
        smooth_course(climate.months["dry_bulb_c"], local),
        month_of_day,
        climate.months["dry_bulb_day_sd_k"],
        climate.year["temperature_day_lag1"],
    )
    anomaly = daily_anomalies(rng, month_of_day, lag1, lambda dice: sd_k[month_of_day - 1] * dice)
    days = through_noons(sd_k[month_of_day - 1] * anomaly, local)
    range_k = climate.months["daily_range_k"][month_of_day - 1] * np.clip(1.0 + 0.2 * clearness_anomaly, 0.4, 1.5)
    course = daily_course(np.asarray(local.hour), climate.year["hour_of_max_temperature"])
    return season + days + COURSE_SHARE * np.repeat(range_k, 24) * course, anomaly


def without_drift(
    season: np.ndarray, month_of_day: np.ndarray, day_sd_k: np.ndarray, day_lag1: float
) -> tuple[np.ndarray, float]:
    """Deviation of the days by month [K], shape (12,), and their memory, once the season's drift is taken out of both.

    The statistics are about the month's mean, so spring's warming counts in them; the seasonal course already has it.
    """
    of_day = season.reshape(-1, 24).mean(axis=1)
    drift_k = np.array([of_day[month_of_day == m].std() for m in range(1, 13)])
    own_k = np.sqrt(np.maximum(day_sd_k**2 - drift_k**2, (0.4 * day_sd_k) ** 2))
    lag1 = (day_lag1 * np.sum(own_k**2 + drift_k**2) - DRIFT_LAG1 * np.sum(drift_k**2)) / np.sum(own_k**2)
    return own_k, float(np.clip(lag1, 0.0, 0.9))


def daily_course(hour: np.ndarray, warmest_hour: float) -> np.ndarray:
    """Daily temperature course of mean 0 and span 1: a fast rise after sunrise, a slow fall, shape (time,)."""
    since_coldest = (hour - (warmest_hour - RISE_H)) % 24.0
    rising = -0.5 * np.cos(np.pi * since_coldest / RISE_H)
    falling = 0.5 * np.cos(np.pi * (since_coldest - RISE_H) / (24.0 - RISE_H))
    course = np.where(since_coldest < RISE_H, rising, falling)
    return np.asarray(course - course.mean())


def humidity_of_air(
    rng: np.random.Generator,
    climate: Climate,
    local: pd.DatetimeIndex,
    dry_bulb_c: np.ndarray,
    heat_anomaly: np.ndarray,
    clearness_anomaly: np.ndarray,
) -> np.ndarray:
    """Relative humidity of the hours, 0..1, shape (time,), from a dew point that follows heat and cloud of the day,
    scaled to the normal humidity of every month.

    Magnus vapour pressure over water (WMO-No. 8, annex 4.B); the dew point never lies above the dry bulb.
    """
    month_of_day = np.asarray(local.month)[::24]
    own = daily_anomalies(rng, month_of_day, 0.6, np.array)
    own_weight = np.sqrt(1.0 - DEW_POINT_WITH_HEAT**2 - DEW_POINT_WITH_SUN**2)
    day_k = DEW_POINT_WITH_HEAT * heat_anomaly + DEW_POINT_WITH_SUN * clearness_anomaly + own_weight * own
    dew_point_c = (
        smooth_course(climate.months["dew_point_c"], local)
        + through_noons(DEW_POINT_DAY_SD_K * day_k, local)
        + DEW_POINT_HOUR_SD_K * autocorrelated(rng, (len(local),), 0.9)
    )
    humidity = np.clip(vapour_pressure_pa(dew_point_c) / vapour_pressure_pa(dry_bulb_c), 0.02, 1.0)
    month = np.asarray(local.month) - 1
    reached = np.bincount(month, weights=humidity) / np.bincount(month)
    return np.asarray(np.clip(humidity * (climate.months["relative_humidity"] / reached)[month], 0.02, 1.0))


def vapour_pressure_pa(temperature_c: np.ndarray) -> np.ndarray:
    """Saturation vapour pressure over water [Pa], Magnus form of WMO-No. 8, annex 4.B."""
    return np.asarray(611.2 * np.exp(17.62 * temperature_c / (243.12 + temperature_c)))


def pressure_of_air_pa(rng: np.random.Generator, climate: Climate, local: pd.DatetimeIndex) -> np.ndarray:
    """Station pressure of the hours [Pa], shape (time,): monthly course and passing weather."""
    anomaly = daily_anomalies(rng, np.asarray(local.month)[::24], 0.6, np.array)
    course = smooth_course(climate.months["pressure_pa"], local)
    return np.asarray(course + through_noons(PRESSURE_DAY_SD_PA * anomaly, local))
