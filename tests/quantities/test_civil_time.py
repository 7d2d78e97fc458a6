"""Days of 23 and 25 hours, half-hour zones and the date line: plans, months, courses and tariffs on the local clock."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import Series, values_on
from optimizer.quantities.tariff import Tariff

TWO_PRICES = {"hourly": [50] * 6 + [100] * 16 + [50] * 2}


def day(date: str, zone: str, step_h: float = 1.0, days: float = 1) -> Calendar:
    """A plan of that day."""
    return Calendar.at_local_midnight(date, days, step_h, zone)


def series(data: object) -> Series:
    """What a user wrote."""
    return TypeAdapter(Series).validate_python(data)


@pytest.mark.parametrize(
    ("date", "zone", "hours", "first_utc", "bill"),
    [
        ("2025-03-30", "Europe/Berlin", 23, "2025-03-29 23:00", 1950),
        ("2025-10-26", "Europe/Berlin", 25, "2025-10-25 22:00", 2050),
        ("2025-09-07", "America/Santiago", 23, "2025-09-07 04:00", 1950),
        ("2025-04-25", "Africa/Cairo", 23, "2025-04-24 22:00", 1950),
        ("2025-03-30", "Atlantic/Azores", 23, "2025-03-30 01:00", 1950),
        ("2025-10-26", "Atlantic/Azores", 25, "2025-10-26 00:00", 2050),
        ("2025-06-01", "Asia/Kolkata", 24, "2025-05-31 18:30", 2000),
        ("2025-06-01", "Pacific/Kiritimati", 24, "2025-05-31 10:00", 2000),
        ("2025-06-01", "Pacific/Pago_Pago", 24, "2025-06-01 11:00", 2000),
    ],
)
def test_a_day_has_the_hours_of_its_clock(date: str, zone: str, hours: int, first_utc: str, bill: float) -> None:
    """1 MW at 50 from 22 to 6 and 100 else: the hour that is skipped costs nothing, the doubled one twice."""
    calendar = day(date, zone)
    assert (calendar.count, calendar.time[0]) == (hours, pd.Timestamp(first_utc))
    assert values_on(series(TWO_PRICES), calendar).sum() == bill
    quarters = day(date, zone, 0.25)
    assert values_on(series(TWO_PRICES), quarters).sum() / 4 == bill


def test_half_an_hour_of_summer_time() -> None:
    """Lord Howe moves its clock by half an hour: 24.5 h, and hourly steps afterwards lie across two prices."""
    calendar = day("2025-04-06", "Australia/Lord_Howe", 0.5)
    assert calendar.count == 49
    hourly = day("2025-04-06", "Australia/Lord_Howe", 1.0, 2)
    assert 75 in values_on(series(TWO_PRICES), hourly).tolist()


def test_months_of_743_and_745_hours_are_whole_months() -> None:
    """March and October of a year in Berlin pay their whole demand charge; two days of March pay 2/31 of it."""
    year = day("2025-01-01", "Europe/Berlin", days=365)
    assert (year.count, year.month_share.tolist()) == (8760, [1.0] * 12)
    assert day("2025-03-03", "Europe/Berlin", days=2).month_share[0] == pytest.approx(2 / 31)
    assert day("2025-03-30", "Europe/Berlin", days=1).month_share[0] == pytest.approx(1 / 31)


def test_a_course_is_averaged_over_long_steps() -> None:
    """1, 2, 2, 2 hour by hour: 42 MWh a day in steps of four hours; the first hour of each step would give 24."""
    course = series({"hourly": [1, 2, 2, 2] * 6})
    assert values_on(course, day("2025-03-03", "Europe/Berlin", 4.0)).sum() * 4 == 42
    assert values_on(course, day("2025-03-03", "Europe/Berlin", 24.0)).sum() * 24 == 42


def tariff(*rows: dict[str, object]) -> Tariff:
    """A price of 100 times the rows' factors."""
    bands = [{"band": f"row {number}", **row} for number, row in enumerate(rows)]
    return Tariff.model_validate({"energy_price_per_mwh": 100, "periods": bands})


def test_tariff_hours_within_a_step_count_by_their_share() -> None:
    """Factor 3 from 7:30 to 9:00: an hourly step from 7 has 2, steps of four hours 1 + 2 × 0.5/4 and 1 + 2 × 1/4."""
    rows = ({"hours": [[7.5, 9]], "factor": 3}, {"hours": [[0, 7.5], [9, 24]], "factor": 1})
    assert tariff(*rows).factor(day("2025-03-03", "Europe/Berlin"))[6:10].tolist() == [1, 2, 3, 1]
    assert tariff(*rows).factor(day("2025-03-03", "Europe/Berlin", 4.0))[1:3] == pytest.approx([1.25, 1.5])


WORKDAYS = {"days": [0, 1, 2, 3, 4], "holidays": False}
PEAK, NIGHT = {**WORKDAYS, "hours": [[8, 20]], "factor": 2}, {**WORKDAYS, "hours": [[20, 8]], "factor": 1}


@pytest.mark.parametrize("free", [{"days": [5, 6, "holidays"]}, {"days": [5, 6]}])
@pytest.mark.parametrize("date", ["2025-05-01", "2025-07-04", "2025-12-25"])
def test_holidays_off_peak_in_any_month(free: dict[str, object], date: str) -> None:
    """Said with `days: holidays`, or taken from Sunday's row: 2,400 a holiday, not 3,600."""
    calendar = Calendar.at_local_midnight(date, 1, 1.0, "Europe/Berlin", frozenset({date}))
    holiday_tariff = tariff(PEAK, NIGHT, {**free, "factor": 1})
    assert holiday_tariff.import_price(calendar).sum() == 2400
    assert bool(holiday_tariff.remarks(calendar)) == ("holidays" not in free["days"])  # type: ignore[operator]
    assert not holiday_tariff.remarks(Calendar.at_local_midnight(date, 1, 1.0, "Europe/Berlin"))


def test_a_holiday_in_a_season_alone_is_found() -> None:
    """Rows that miss the working hours of summer's holidays only: the Sunday row of that season, 0.8 × 60 = 48, not 60."""
    summer, winter = {"months": [6, 7, 8, 9]}, {"months": [1, 2, 3, 4, 5, 10, 11, 12], "factor": 0.9}
    work = {**summer, "days": [0, 1, 2, 3, 4]}
    season_tariff = tariff(
        {**work, "holidays": False, "hours": [[14, 20]], "factor": 2.2},
        {**work, "hours": [[0, 14], [20, 24]], "factor": 0.8},
        {**summer, "days": [5, 6], "factor": 0.8},
        winter,
    )
    fourth = Calendar.at_local_midnight("2025-07-04", 1, 1.0, "America/Denver", frozenset({"2025-07-04"}))
    assert season_tariff.import_price(fourth)[14:20] == pytest.approx(np.full(6, 80))
    assert "6 steps on holidays lie in no row (first 2025-07-04 14:00)" in season_tariff.remarks(fourth)[0]


def test_a_holiday_in_two_rows_is_refused() -> None:
    """Weekends and holidays in one row, working days with their holidays in the other: twice."""
    with pytest.raises(ValueError, match="January, a holiday on a Monday 00:00 2 times"):
        tariff({"days": [0, 1, 2, 3, 4], "factor": 1}, {"days": [5, 6, "holidays"], "factor": 1})


@pytest.mark.parametrize("hours", [[22, 6], [22.5, 22.25]])
def test_hours_over_midnight(hours: list[float]) -> None:
    """From 22 to 6 are eight hours, not none."""
    rest = [hours[1], hours[0]]
    night_tariff = tariff({"hours": [hours], "factor": 2}, {"hours": [rest], "factor": 1})
    length_h = (hours[1] - hours[0]) % 24
    assert night_tariff.factor(day("2025-03-03", "Europe/Berlin", 0.25)).sum() / 4 == 24 + length_h
    with pytest.raises(ValueError, match="cover nothing"):
        tariff({"hours": [[7, 7]], "factor": 2}, {"factor": 1})
