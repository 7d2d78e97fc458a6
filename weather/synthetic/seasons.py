"""Monthly values laid over a year without steps at the months' borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import solve_banded


def smooth_course(monthly: np.ndarray, time: pd.DatetimeIndex) -> np.ndarray:
    """A course over the days of `time` (one whole year) that keeps every month's mean, shape (time,).

    Straight lines between the middles of the months, December running into January; the twelve heights solve the linear
    system "the mean of month m is monthly[m]", so that nothing of summer or winter is lost in the smoothing.
    """
    days_of_year = 366.0 if time[0].is_leap_year else 365.0
    day = np.asarray(time.day_of_year) - 1 + (np.asarray(time.hour) + 0.5) / 24.0
    month = np.asarray(time.month) - 1
    middles = np.array([day[month == m].mean() for m in range(12)])
    knots = np.concatenate([[middles[-1] - days_of_year], middles, [middles[0] + days_of_year]])
    weights = np.stack([np.interp(day, knots, row) for row in np.eye(12)[:, [11, *range(12), 0]]])
    means = np.stack([weights[:, month == m].mean(axis=1) for m in range(12)])
    return np.asarray(np.linalg.solve(means, monthly) @ weights)


def through_noons(daily: np.ndarray, time: pd.DatetimeIndex) -> np.ndarray:
    """A line through the noons of the days that keeps every day's mean, shape (time,), from daily means, shape (day,).

    The mean of such a line over a day is 1/8 of the noon before, 3/4 of its own and 1/8 of the noon after.
    """
    weights = np.zeros((3, len(daily)))
    weights[0, 1:] = weights[2, :-1] = 1 / 8
    weights[1] = 3 / 4
    weights[1, [0, -1]] = 7 / 8  # flat beyond the first and the last noon
    noons = solve_banded((1, 1), weights, daily)
    day = np.asarray(time.day_of_year) - 1 + (np.asarray(time.hour) + 0.5) / 24.0
    return np.asarray(np.interp(day, np.arange(len(daily)) + 0.5, noons))
