"""The sun of a synthetic year: clear sky times a clearness that remembers yesterday and the hour before.

The clearness (GHI over clear-sky GHI, the clear-sky index) of a day has the month's mean and deviation, the
site's shape and an AR(1) memory through a Gaussian copula (as Graham & Hollands, Solar Energy 44, 1990, do it for Kt);
the hours scatter about their day, most on half-clouded days. DNI and DHI follow from GHI by Erbs-Driesse
(2024, pvlib), so the three close.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pvlib
from scipy.special import ndtri

from weather.synthetic.climate_table import SHAPE_QUANTILES, Climate
from weather.synthetic.noise import autocorrelated, daily_anomalies

CLEAREST_HOUR: Final[float] = 1.12
"""Bright clouds beside the sun lift an hour above clear sky, rarely by more (assumption)."""
DULL_BELOW: Final[float] = 0.5
CLEAR_ABOVE: Final[float] = 0.8
"""Clearness of the day that parts dull, half-clouded and clear days, as in the tables."""
DULLEST_DAY: Final[float] = 0.02
NORMAL_QUANTILES: Final[np.ndarray] = ndtri(SHAPE_QUANTILES)
YEAR_SD: Final[float] = 0.024
"""Deviation of a year's GHI from normal: 2-4 % in long records (e.g. Gueymard & Wilcox, Solar Energy 85, 2011)."""
MONTH_SD: Final[float] = 0.015
LARGEST_ANOMALY: Final[float] = 0.05
DNI_LIMIT_W_PER_M2: Final[float] = 1200.0


def radiation_w_per_m2(
    rng: np.random.Generator, climate: Climate, local: pd.DatetimeIndex, utc_offset_h: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """GHI, DNI and DHI of the hours of a year [W/m²], and the anomaly of every day's clearness (standard normal).

    Parameters: local: a whole year of hours, start-labelled, local standard time.
    """
    middle = (local - pd.Timedelta(hours=utc_offset_h - 0.5)).tz_localize("UTC")
    year = climate.year
    place = pvlib.location.Location(year["latitude"], year["longitude"], altitude=year["elevation_m"])
    sun = place.get_solarposition(middle)
    clear = place.get_clearsky(middle, model="ineichen", solar_position=sun)["ghi"].to_numpy()
    month_of_day = np.asarray(local.month)[::24]
    sd, shape = climate.months["clearness_day_sd"][month_of_day - 1], climate.shapes["clearness_day_shape"]
    anomaly = daily_anomalies(
        rng, month_of_day, year["clearness_day_lag1"], lambda dice: sd * np.interp(dice, NORMAL_QUANTILES, shape)
    )
    day = daily_clearness(rng, climate, anomaly, month_of_day, clear.reshape(-1, 24).sum(axis=1))
    ghi = hourly_ghi(rng, climate, day, clear)
    return split_of(ghi, sun["zenith"].to_numpy(), middle), anomaly


def daily_clearness(
    rng: np.random.Generator, climate: Climate, anomaly: np.ndarray, month_of_day: np.ndarray, clear: np.ndarray
) -> np.ndarray:
    """Clearness of the days of a year, shape (day,), from their anomalies and the clear days' sums [Wh/m²].

    The months' sums are the normal ones times this year's and each month's own anomaly.
    """
    drawn = YEAR_SD * rng.standard_normal() + MONTH_SD * rng.standard_normal(12)
    factor = 1.0 + np.clip(drawn, -LARGEST_ANOMALY, LARGEST_ANOMALY)
    mean, sd = climate.months["clearness"], climate.months["clearness_day_sd"]
    day = np.empty(len(anomaly))
    for m in range(12):
        days = month_of_day == m + 1
        quantiles = mean[m] + sd[m] * climate.shapes["clearness_day_shape"]
        quantiles = np.clip(quantiles, DULLEST_DAY, climate.year["clearest_day"])
        monthly_sum_wh_per_m2 = 1000.0 * climate.months["ghi_kwh_per_m2_day"][m] * days.sum() * factor[m]
        day[days] = month_of_clearness(anomaly[days], clear[days], quantiles, monthly_sum_wh_per_m2)
    return day


def month_of_clearness(
    anomaly: np.ndarray, clear: np.ndarray, quantiles: np.ndarray, wanted_wh_per_m2: float
) -> np.ndarray:
    """Clearness of the days of one month, shape (day,), whose distribution has these values at SHAPE_QUANTILES.

    The anomalies (standard normal) are shifted until the month's sun is the wanted: a dull month has more cloudy days,
    its clear days stay clear.
    """
    low, high = -3.0, 3.0
    for _ in range(25):
        shift = (low + high) / 2.0
        clearness = np.interp(anomaly + shift, NORMAL_QUANTILES, quantiles)
        low, high = (shift, high) if clearness @ clear < wanted_wh_per_m2 else (low, shift)
    # a little is left to do where every day is as clear as can be
    return np.asarray(clearness * wanted_wh_per_m2 / (clearness @ clear))


def hourly_ghi(rng: np.random.Generator, climate: Climate, day_clearness: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """GHI of the hours [W/m²], shape (time,): they scatter about their day, as dull, half-clouded and clear days do,
    and keep its sum where the sky has room."""
    day = np.repeat(day_clearness, 24)
    lag1 = climate.year["clearness_hour_lag1"]
    dice = autocorrelated(rng, (len(clear),), lag1)
    dull, half, bright = (
        np.interp(dice, NORMAL_QUANTILES, climate.shapes[f"clearness_hour_{kind}"])
        for kind in ("dull", "half", "clear")
    )
    scatter = np.where(day < DULL_BELOW, dull, np.where(day < CLEAR_ABOVE, half, bright))
    ghi = np.clip(day + scatter, 0.1 * day, CLEAREST_HOUR) * clear
    daily_sum_wh_per_m2 = day_clearness * clear.reshape(-1, 24).sum(axis=1)
    for _ in range(3):  # what the limit of an hour cuts off goes to the others
        of_day = ghi.reshape(-1, 24).sum(axis=1)
        ghi = np.minimum(ghi * np.repeat(daily_sum_wh_per_m2 / of_day, 24), CLEAREST_HOUR * clear)
    return np.asarray(ghi)


def split_of(ghi: np.ndarray, zenith_deg: np.ndarray, middle: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """GHI with the DNI and DHI that belong to it [W/m²]; GHI = DHI + DNI cos(zenith) to rounding."""
    parts = pvlib.irradiance.erbs_driesse(ghi, zenith_deg, middle)
    dni = np.clip(np.nan_to_num(np.asarray(parts["dni"])), 0.0, DNI_LIMIT_W_PER_M2)
    dhi = np.maximum(ghi - dni * np.clip(np.cos(np.radians(zenith_deg)), 0.0, None), 0.0)
    return {"ghi_w_per_m2": ghi, "dni_w_per_m2": dni, "dhi_w_per_m2": dhi}
