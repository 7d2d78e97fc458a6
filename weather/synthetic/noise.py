"""Random series with a memory: the dice of a synthetic year."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

CANDIDATES = 24
"""Daily series drawn for one year; the one whose memory is nearest to the target is kept."""


def autocorrelated(rng: np.random.Generator, shape: tuple[int, ...], lag1: float) -> np.ndarray:
    """Standard normal AR(1) series along the last axis, stationary from its first value.

    Parameters: shape: (..., time); lag1: autocorrelation of neighbours, 0..1 (exclusive).
    """
    shocks = rng.standard_normal(shape)
    shocks[..., 1:] *= np.sqrt(1.0 - lag1**2)
    return np.asarray(lfilter([1.0], [1.0, -lag1], shocks, axis=-1))


def daily_anomalies(
    rng: np.random.Generator, month_of_day: np.ndarray, lag1: float, seen_as: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Anomalies of the days of a year about their month's mean, shape (day,): mean 0 in every month, deviation about 1.

    Parameters: month_of_day: 1..12, shape (day,); lag1: autocorrelation of neighbouring days after the months' means
    are taken off, 0..1; seen_as: what is made of the anomalies, shape (candidate, day) to the same.
    Taking off the mean of n values costs (1 + 3 lag1)/n of memory (Kendall's bias, Biometrika 41, 1954, p. 403), which
    is put on top; of a few candidates the one whose `seen_as` is nearest to `lag1` is returned.
    """
    memory = min(lag1 + (1.0 + 3.0 * lag1) / 30.0, 0.97)
    series = about_months(autocorrelated(rng, (CANDIDATES, len(month_of_day)), memory), month_of_day)
    series /= series.std(axis=1, keepdims=True)
    seen = about_months(seen_as(series), month_of_day)
    reached = np.mean(seen[:, 1:] * seen[:, :-1], axis=1) / np.mean(seen**2, axis=1)
    return np.asarray(series[np.argmin(np.abs(reached - lag1))])


def about_months(series: np.ndarray, month_of_day: np.ndarray) -> np.ndarray:
    """Series, shape (candidate, day), less the mean of each month."""
    centred = series.copy()
    for month in np.unique(month_of_day):
        days = month_of_day == month
        centred[:, days] -= series[:, days].mean(axis=1, keepdims=True)
    return centred
