"""The wind of a synthetic year: calms and a Weibull distribution, a memory of hours, a daily and a yearly course."""

from __future__ import annotations

from math import cos, gamma, pi
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from weather.synthetic.climate_table import Climate
from weather.synthetic.noise import autocorrelated

CALM_LIMIT_M_PER_S: Final[float] = 0.5
"""A station that reports whole m/s calls everything below it a calm."""
MONTH_SD: Final[float] = 0.04
"""Deviation of a month's wind from normal, as a fraction (assumption)."""
MEMORY_LOST: Final[float] = 0.03
"""Lag-1 correlation lost between the normal series and the wind made of it (computed for shapes 1.6-2.5)."""


def wind_speed_m_per_s(rng: np.random.Generator, climate: Climate, local: pd.DatetimeIndex) -> np.ndarray:
    """Wind speed at 10 m of the hours [m/s], shape (time,): a Gaussian copula AR(1) with calms and Weibull margins."""
    calm, shape = climate.year["wind_calm_share"], climate.year["wind_weibull_shape"]
    dice = normal_with_course(rng, climate, np.asarray(local.hour))
    mean = climate.months["wind_speed_m_per_s"]
    normal_speed = speed_at(norm.cdf(dice), calm=calm, shape=shape, mean_m_per_s=float(mean.mean()))
    course = mean / mean.mean() * (1.0 + MONTH_SD * np.clip(rng.standard_normal(12), -2.0, 2.0))
    return np.asarray(normal_speed * course[np.asarray(local.month) - 1])


def normal_with_course(rng: np.random.Generator, climate: Climate, hour: np.ndarray) -> np.ndarray:
    """Standard normal series with the daily course and the memory of the site's wind, shape (time,)."""
    calm, shape = climate.year["wind_calm_share"], climate.year["wind_weibull_shape"]
    relative_sd = np.sqrt((gamma(1 + 2 / shape) / gamma(1 + 1 / shape) ** 2) / (1.0 - calm) - 1.0)
    swing = min(climate.year["wind_course_amplitude"] / (2.0 * relative_sd), 0.9)
    course_share = swing**2 / 2.0
    target = min(climate.year["wind_hour_lag1"] + MEMORY_LOST, 0.98)
    memory = (target - course_share * cos(2 * pi / 24)) / (1.0 - course_share)
    noise = autocorrelated(rng, (len(hour),), float(np.clip(memory, 0.0, 0.99)))
    course = swing * np.cos(2 * np.pi * (hour - climate.year["wind_hour_of_max"]) / 24)
    return np.asarray(np.sqrt(1.0 - course_share) * noise + course)


def speed_at(quantile: np.ndarray, *, calm: float, shape: float, mean_m_per_s: float) -> np.ndarray:
    """Wind speed [m/s] at quantiles 0..1: an even run from 0 to the calm limit, then Weibull; the mean is kept."""
    moving_mean = (mean_m_per_s - calm * CALM_LIMIT_M_PER_S / 2) / (1.0 - calm)
    scale = moving_mean / gamma(1 + 1 / shape)
    moving = np.clip((quantile - calm) / (1.0 - calm), 0.0, 1.0 - 1e-9)
    resting = CALM_LIMIT_M_PER_S * quantile / calm if calm > 0 else np.zeros_like(quantile)
    return np.where(quantile < calm, resting, scale * (-np.log1p(-moving)) ** (1 / shape))
