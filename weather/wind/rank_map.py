"""Rank of every hour's wind within its hour of day: what a map onto another height's law needs, kept as a small table.

The table is made of a whole year (`wind_reference`), so that a week or a forecast is ranked against the year and a windy
week stays a windy week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

QUANTILES: Final[int] = 101
HOURS, MONTHS_A_YEAR = 24, 12
TIE_BREAKERS: Final[tuple[tuple[int, float], ...]] = ((3, 1e-3), (25, 1e-5))
"""Running means [steps] and their weights: stations that report whole m/s tie, and a calm within calms is the calmer."""
ENOUGH_HOURS: Final[float] = 24.0 * 7
"""Fewer hours of a month say nothing of it."""
RAREST: Final[float] = 1e-5
"""Least share of hours above any wind: one in eleven years."""
NAME: Final[str] = "wind_reference"


@dataclass(frozen=True)
class WindReference:
    """Wind near the ground of a whole year: month means over the year's, and quantiles within each hour of day."""

    month_factors: np.ndarray
    """Shape (12,)."""
    speed_m_per_s: np.ndarray
    """Wind without its monthly course at evenly spaced quantiles, shape (24 hours of UTC, quantiles) [m/s]."""

    def flat(self) -> list[float]:
        """Wind reference table as one list, for a Dataset's attributes."""
        return [*self.month_factors.tolist(), *self.speed_m_per_s.ravel().tolist()]

    @staticmethod
    def of(values: list[float]) -> WindReference:
        """Wind reference table from a list that `flat` gave."""
        numbers = np.asarray(values, dtype=float)
        return WindReference(numbers[:MONTHS_A_YEAR], numbers[MONTHS_A_YEAR:].reshape(HOURS, -1))


def wind_reference(weather: xr.Dataset) -> WindReference:
    """Table of a whole series; months without data count as the year's mean."""
    time = pd.DatetimeIndex(weather.indexes["time"])
    speed = untied(weather["wind_speed_m_per_s"].values)
    months = pd.Series(speed).groupby(np.asarray(time.month)).agg(["mean", "count"]).reindex(range(1, 13))
    known = months["mean"].where(months["count"] * float(weather.attrs["step_h"]) >= ENOUGH_HOURS)
    factors = np.clip((known / np.nanmean(speed)).fillna(1.0).to_numpy(), 0.05, None)
    steady, hour = speed / factors[np.asarray(time.month) - 1], np.asarray(time.hour)
    even = (np.arange(QUANTILES) + 0.5) / QUANTILES
    table = [
        np.quantile(steady[hour == h] if (hour == h).any() else steady, even, method="hazen") for h in range(HOURS)
    ]
    return WindReference(factors, np.array(table))


def ranks(weather: xr.Dataset, reference: WindReference) -> np.ndarray:
    """Rank 0..1 of each step's wind within its hour of day of the reference, its monthly course removed, shape (time,)."""
    time = pd.DatetimeIndex(weather.indexes["time"])
    steady = untied(weather["wind_speed_m_per_s"].values) / reference.month_factors[np.asarray(time.month) - 1]
    hour = np.asarray(time.hour)
    rank = np.empty(len(steady))
    for h in range(HOURS):
        at = hour == h
        rank[at] = _rank_in(steady[at], reference.speed_m_per_s[h])
    return rank


def reference_of(weather: xr.Dataset) -> WindReference:
    """Table that came with the weather (made of the whole series it was cut from), else one of these hours alone."""
    kept = weather.attrs.get(NAME)
    return wind_reference(weather) if kept is None else WindReference.of(kept)


def _rank_in(speed: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Quantiles of speeds in a table of evenly spaced quantiles; beyond its ends the tails fall off exponentially."""
    count = len(table)
    even = (np.arange(count) + 0.5) / count
    tail = max(float(table[-1] - table[-6]), 1e-6) / np.log((1 - even[-6]) / (1 - even[-1]))
    above = 1.0 - np.maximum((1.0 - even[-1]) * np.exp(-np.maximum(speed - table[-1], 0.0) / tail), RAREST)
    below = even[0] * np.clip(speed / max(float(table[0]), 1e-9), 0.0, 1.0)
    inside = np.interp(speed, table, even)
    return np.asarray(np.where(speed > table[-1], above, np.where(speed < table[0], below, inside)))


def untied(speed: np.ndarray) -> np.ndarray:
    """Wind speeds with a trace of their running means, so that equal readings have an order [m/s]."""
    series = pd.Series(np.asarray(speed, dtype=float))
    for steps, weight in TIE_BREAKERS:
        series = series + weight * pd.Series(speed).rolling(steps, center=True, min_periods=1).mean()
    return np.asarray(series)
