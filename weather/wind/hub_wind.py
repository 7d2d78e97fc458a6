"""Wind at the hub by its climate: ranks of the wind near the ground, mapped onto the hub's own law and course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import weibull_min

from weather.calendar import utc_offset_h
from weather.canonical import WeatherError
from weather.wind.hub_climate import HubClimate, weibull_speed
from weather.wind.rank_map import ranks, reference_of

LEAST_K: Final[float] = 1.3
MOST_CALM: Final[float] = 0.40
HIGHEST_HOUR_M_PER_S: Final[float] = 35.0
"""Hub wind of measured Chinese farms: k 1.8-2.6, 8-26 % of hours below 3 m/s, no hour above 31 m/s."""
CUT_IN_M_PER_S: Final[float] = 3.0
ENOUGH_HOURS: Final[int] = 24 * 300
"""Fewer hours say little of a year's law."""


def hub_wind_by_climate(weather: xr.Dataset, climate: HubClimate) -> np.ndarray:
    """Hub wind [m/s] of a series that follows a hub climate, shape (time,).

    Ranks are taken within the hour of day of the whole year the weather was cut from. Source: Weibull rank map with
    hour-of-day conditioning; on two masts in western Jilin RMSE 1.4 m/s where scaling has 1.85 (tests/validation).
    """
    hour, month = local_hour_and_month(weather)
    law = weibull_speed(ranks(weather, reference_of(weather)), mean_m_per_s=climate.mean_m_per_s, k=climate.inner_k())
    return np.asarray(law * climate.course(hour, month))


def climate_with_own_months(climate: HubClimate, weather: xr.Dataset) -> HubClimate:
    """Hub climate with the monthly course of the weather itself."""
    months = reference_of(weather).month_factors
    offset = round(
        utc_offset_h(str(weather.attrs["timezone"])) / (24 * 28)
    )  # months of UTC and local time agree but for hours
    return HubClimate(
        climate.mean_m_per_s, climate.weibull_k, climate.hour_of_max, climate.day_amplitude,
        tuple(np.roll(months, offset).tolist()), climate.source,
    )  # fmt: skip


def local_hour_and_month(weather: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Local standard hour (0..24, middle of the step) and month (1..12) of each step, shape (time,)."""
    offset = utc_offset_h(str(weather.attrs["timezone"])) + float(weather.attrs["step_h"]) / 2
    local = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(hours=offset)
    return np.asarray(local.hour + local.minute / 60.0, dtype=float), np.asarray(local.month)


@dataclass(frozen=True)
class WindFigures:
    """Wind statistics of a series."""

    mean_m_per_s: float
    weibull_k: float
    share_below_cut_in: float
    highest_m_per_s: float
    hour_of_max: float
    """Local hour of the daily course's maximum (first harmonic)."""
    day_amplitude: float
    """Half range of the daily course over the mean."""


def wind_figures(weather: xr.Dataset, speed_m_per_s: np.ndarray) -> WindFigures:
    """Mean, Weibull shape (maximum likelihood), calms, maximum and daily course of a wind series of these hours."""
    hour, _ = local_hour_and_month(weather)
    course = pd.Series(speed_m_per_s).groupby(np.floor(hour).astype(int)).mean()
    angle = 2 * np.pi * (course.index.to_numpy() + 0.5) / 24
    phase = np.arctan2((course * np.sin(angle)).sum(), (course * np.cos(angle)).sum())
    mean = float(speed_m_per_s.mean())
    shape = float(weibull_min.fit(np.maximum(speed_m_per_s, 1e-3), floc=0)[0])
    return WindFigures(
        mean, shape, float((speed_m_per_s < CUT_IN_M_PER_S).mean()), float(speed_m_per_s.max()),
        float(phase / (2 * np.pi) * 24 % 24), float((course.max() - course.min()) / 2 / max(mean, 1e-9)),
    )  # fmt: skip


def refuse_implausible(weather: xr.Dataset, speed_m_per_s: np.ndarray) -> None:
    """Raises WeatherError for hub wind of a year that no farm has: a town's calms, a shape or a gust out of bounds."""
    if len(speed_m_per_s) * float(weather.attrs["step_h"]) < ENOUGH_HOURS:
        return
    figures, wrong = wind_figures(weather, speed_m_per_s), []
    if figures.weibull_k < LEAST_K:
        wrong.append(f"Weibull shape k {figures.weibull_k:.2f}, below {LEAST_K}")
    if figures.share_below_cut_in > MOST_CALM:
        wrong.append(f"{figures.share_below_cut_in:.0%} of hours below {CUT_IN_M_PER_S:g} m/s, above {MOST_CALM:.0%}")
    if figures.highest_m_per_s > HIGHEST_HOUR_M_PER_S:
        wrong.append(f"an hour of {figures.highest_m_per_s:.0f} m/s, above {HIGHEST_HOUR_M_PER_S:g}")
    if wrong:
        raise WeatherError(
            f"hub wind scaled from the weather's own: {'; '.join(wrong)}; that is a town's wind, not a hub's: "
            "set hub_wind: climate (with hub_region or hub_weibull_k), or give wind measured at the hub"
        )
