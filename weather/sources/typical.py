"""A typical year, put together from months of several years, laid on one calendar year."""

from __future__ import annotations

import calendar
from collections.abc import Mapping

import numpy as np
import pandas as pd

from weather.sources.checks import typical_year_rows

DEFAULT_YEAR = 2025
"""A typical year lands here unless the caller names another: not a leap year."""
FEBRUARY_28 = slice(58 * 24, 59 * 24)
FEBRUARY_29 = slice(59 * 24, 60 * 24)


def on_whole_year(
    values: Mapping[str, np.ndarray], month: np.ndarray, day: np.ndarray, hour: np.ndarray
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Hourly values of a typical year with its missing rows as NaN, shape (8760,) or (8784,); a note of them."""
    rows = typical_year_rows(month, day, hour)
    hours = 8784 if bool(((month == 2) & (day == 29)).any()) else 8760
    if rows is None or len(rows) == hours:
        return dict(values), []
    whole = {name: np.full(hours, np.nan) for name in values}
    for name, data in values.items():
        whole[name][rows] = data
    return whole, [f"{hours - len(rows):,} missing rows taken as gaps"]


def lay_on_year(
    values: Mapping[str, np.ndarray], *, year: int | None, utc_offset_h: float
) -> tuple[pd.DatetimeIndex, dict[str, np.ndarray], list[str]]:
    """Hourly values of a local standard year, shape (8760,) or (8784,), on `year`: UTC index, values, notes.

    A leap day that the file lacks is 28 February repeated; one that the year lacks is left out.
    """
    year = DEFAULT_YEAR if year is None else year
    leap_file = len(next(iter(values.values()))) == 8784
    laid, notes = dict(values), []
    if calendar.isleap(year) and not leap_file:
        laid = {name: np.insert(data, FEBRUARY_29.start, data[FEBRUARY_28]) for name, data in values.items()}
        notes = [f"29 February {year} repeats 28 February: a typical year has no leap day"]
    elif leap_file and not calendar.isleap(year):
        laid = {name: np.delete(data, FEBRUARY_29) for name, data in values.items()}
        notes = [f"29 February of the file left out: {year} is not a leap year"]
    hours = len(next(iter(laid.values())))
    index = pd.date_range(f"{year}-01-01", periods=hours, freq="h") - pd.Timedelta(hours=utc_offset_h)
    return index, laid, notes
