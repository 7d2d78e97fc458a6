"""Availability of a measured plant, and days it was limited: outages and curtailment, found in measured output."""

from __future__ import annotations

from typing import Final

import pandas as pd

TYPICAL_DAYS: Final[int] = 61
TYPICAL_QUANTILE: Final[float] = 0.75
LIMITED_BELOW: Final[float] = 0.8
"""A day that gives less than this share of what is usual about it was limited: cloud and dirt move it by less."""
OUTAGE_MONTH_SHARE: Final[float] = 1 / 3


def limited_days(measured: pd.Series, expected: pd.Series) -> pd.Series:
    """Whether the plant was limited on each day: True or False by local day.

    Parameters: measured, expected: power at equal steps [MW], indexed by local time; expected from the weather alone,
    up to a constant factor. The ratio of a day's energies is compared with the upper quartile of the two
    months about it, so that slow change (dirt, ageing, seasons) is no outage. Days without sun or wind are not limited.
    """
    by_day = pd.DatetimeIndex(measured.index).normalize()
    ratio = measured.groupby(by_day).sum() / expected.groupby(by_day).sum().where(lambda energy: energy > 0)
    baseline = ratio.rolling(TYPICAL_DAYS, center=True, min_periods=TYPICAL_DAYS // 3).quantile(TYPICAL_QUANTILE)
    return ratio < LIMITED_BELOW * baseline


def outage_months(limited: pd.Series) -> list[str]:
    """Months (YYYY-MM) in which the plant was limited on more than a third of the days."""
    share = limited.groupby(pd.DatetimeIndex(limited.index).strftime("%Y-%m")).mean()
    return [str(month) for month in share.index[share > OUTAGE_MONTH_SHARE]]
