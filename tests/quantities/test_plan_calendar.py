"""The plan's hours: what day, month and hour each is on the site's clock, and what share of a month a plan covers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer.quantities.calendar import Calendar, zone


def test_a_plan_starts_at_local_midnight() -> None:
    """Shanghai is eight hours ahead: 1 January 00:00 there is 31 December 16:00 UTC."""
    calendar = Calendar.at_local_midnight("2025-01-01", 1, 1.0, "Asia/Shanghai")
    assert calendar.time[0] == pd.Timestamp("2024-12-31 16:00")
    assert calendar.hour.tolist() == list(range(24))
    assert set(calendar.weekday) == {2}  # a Wednesday


def test_billing_months_follow_the_local_clock() -> None:
    """48 h from 31 January local: the month turns after 24 h, not after 24 − 8."""
    calendar = Calendar.at_local_midnight("2025-01-31", 2, 1.0, "Asia/Shanghai")
    assert calendar.billing_month.tolist() == [0] * 24 + [1] * 24
    assert calendar.month_share == pytest.approx([1 / 31, 1 / 28])


def test_a_whole_year_covers_every_month_whole() -> None:
    """8,760 hours: twelve shares of one, and one year of yearly costs."""
    calendar = Calendar.at_local_midnight("2025-01-01", 365, 1.0, "Asia/Shanghai")
    assert calendar.month_share == pytest.approx(np.ones(12))
    assert calendar.years == 1.0


def test_half_hours_are_half_hours() -> None:
    """Steps of 0.5 h: 48 a day, local hours 0, 0.5, ... 23.5."""
    calendar = Calendar.at_local_midnight("2025-06-01", 1, 0.5, "UTC+08:00")
    assert (calendar.count, calendar.hour[-1]) == (48, 23.5)


def test_holidays_are_local_days() -> None:
    """1 October local is a holiday for its own 24 hours."""
    calendar = Calendar.at_local_midnight("2025-09-30", 3, 1.0, "Asia/Shanghai", frozenset({"2025-10-01"}))
    assert calendar.is_holiday.nonzero()[0].tolist() == list(range(24, 48))


def test_a_zone_that_does_not_exist_is_reported() -> None:
    """With the remedy."""
    with pytest.raises(ValueError, match="'Mars/Olympus' is not a time zone; give an IANA name such as Asia/Shanghai"):
        zone("Mars/Olympus")
