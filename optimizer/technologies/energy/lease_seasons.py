"""Seasons of a lease: calendar quarters of a plan, and how long each of them is."""

from __future__ import annotations

import numpy as np

from optimizer.quantities.calendar import HOURS_PER_YEAR, Calendar
from optimizer.technologies.linear import Floats


def season_of(calendar: Calendar) -> Floats:
    """Number of the calendar quarter of each step, counted from the first of the plan, shape (steps,)."""
    quarter = np.asarray(calendar.local.year * 4 + (calendar.month - 1) // 3, dtype=int)
    return np.asarray(quarter - quarter[0])


def season_years(calendar: Calendar) -> Floats:
    """Length of the part of each quarter that the plan covers [years]."""
    return np.asarray(np.bincount(season_of(calendar)) * calendar.step_h / HOURS_PER_YEAR)
