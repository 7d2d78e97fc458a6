"""Columns of files on the plan's hours: by their stamps, by the year, or from the start, in steps of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.series import FileColumn, SeriesError


def column(folder: Path, text: str, **settings: object) -> FileColumn:
    """A file with that text, its column `price`."""
    (folder / "prices.csv").write_text(text, encoding="utf-8")
    return FileColumn.model_validate({"file": str(folder / "prices.csv"), "column": "price", **settings})


def plan(start: str = "2025-03-04", days: float = 1, step_h: float = 1.0, zone: str = "Europe/Berlin") -> Calendar:
    """The hours of a plan."""
    return Calendar.at_local_midnight(start, days, step_h, zone)


def stamped(first: str, prices: list[float], freq: str = "h", form: str = "%Y-%m-%d %H:%M") -> str:
    """A table of prices with a column of stamps."""
    times = pd.date_range(first, periods=len(prices), freq=freq).strftime(form)
    return "time,price\n" + "".join(f"{time},{price}\n" for time, price in zip(times, prices, strict=True))


def test_rows_lie_at_their_stamps(tmp_path: Path) -> None:
    """The file begins a day earlier at 10; the plan's day has 1,000: 24,000, not 240."""
    days = [10.0] * 24 + [1000.0] * 24
    assert column(tmp_path, stamped("2025-03-03", days)).on(plan()).sum() == 24_000
    assert column(tmp_path, stamped("2025-03-02 23:00", days, form="%Y-%m-%dT%H:%MZ")).on(plan()).sum() == 24_000
    assert column(tmp_path, stamped("2025-03-03", days), align="start").on(plan()).sum() == 240


def test_stamps_of_another_time_are_refused_with_the_remedy(tmp_path: Path) -> None:
    """Last year's prices are not this year's unless somebody says so."""
    old = column(tmp_path, stamped("2024-03-03", [1.0] * 48))
    with pytest.raises(SeriesError, match=r"its stamps run from 2024-03-02 23:00:00 to .*; .* align: start"):
        old.on(plan())
    with pytest.raises(SeriesError, match="its stamps run from"):
        column(tmp_path, stamped("2025-03-04", [1.0] * 23)).on(plan())


def test_hourly_rows_in_quarters_and_quarters_in_hours(tmp_path: Path) -> None:
    """Rows hold as long as their stamps say: 24 h × 100 in quarters; the mean of four quarters in an hour."""
    quarters = column(tmp_path, stamped("2025-03-04", [100.0] * 24 + [300.0] * 72)).on(plan(step_h=0.25))
    assert (quarters.sum() / 4, len(quarters)) == (2400, 96)
    fine = column(tmp_path, stamped("2025-03-04", [0.0, 0, 0, 4] * 24, "15min"))
    assert fine.on(plan()).tolist() == [1.0] * 24
    assert fine.on(plan(step_h=4)).tolist() == [1.0] * 6


def test_rows_without_stamps_say_how_long_they_are(tmp_path: Path) -> None:
    """In plans of other steps than hours nobody guesses: refused, and 2,400 with `row_h: 1`."""
    text = "price\n" + "100\n" * 24 + "300\n" * 72
    with pytest.raises(SeriesError, match="set row_h: 1 for hourly rows"):
        column(tmp_path, text).on(plan(step_h=0.25))
    assert column(tmp_path, text, row_h=1).on(plan(step_h=0.25)).sum() / 4 == 2400
    assert column(tmp_path, text, row_h=0.25).on(plan(step_h=0.25)).sum() / 4 == 600 + 5400
    assert column(tmp_path, text).on(plan()).sum() == 2400


def test_a_year_file_has_one_price_for_an_hour_wherever_a_plan_begins(tmp_path: Path) -> None:
    """Row 3,624 is 1 June 00:00 of the local clock, from 29 March over the change of clocks as from 1 June."""
    rows = np.zeros(8760)
    rows[3623], rows[3624] = 5, 7
    year = column(tmp_path, "price\n" + "\n".join(map(str, rows)), align="year")
    assert year.on(plan("2025-03-29", 65))[-24] == year.on(plan("2025-06-01"))[0] == 7
    assert year.on(plan("2024-06-01"))[0] == 7  # a leap year: 29 February reads the 28th
    assert year.on(plan("2025-06-01", step_h=0.25))[:5].tolist() == [7, 7, 7, 7, 0]
    assert year.on(plan("2024-12-31", 2)).shape == (48,)


def test_local_stamps_over_the_change_of_clocks(tmp_path: Path) -> None:
    """02:00 twice in October: both rows are read, in their order; in March the skipped hour has no row."""
    local = pd.date_range("2025-10-25 22:00", periods=25, freq="h", tz="UTC").tz_convert("Europe/Berlin")
    text = "time,price\n" + "".join(f"{time:%Y-%m-%d %H:%M},{number}\n" for number, time in enumerate(local))
    assert column(tmp_path, text).on(plan("2025-10-26")).tolist() == list(range(25))
    local = pd.date_range("2025-03-29 23:00", periods=23, freq="h", tz="UTC").tz_convert("Europe/Berlin")
    text = "time,price\n" + "".join(f"{time:%Y-%m-%d %H:%M},{number}\n" for number, time in enumerate(local))
    assert column(tmp_path, text).on(plan("2025-03-30")).tolist() == list(range(23))


def test_clocks_that_go_back_by_half_an_hour_or_two(tmp_path: Path) -> None:
    """Half-hour rows of Lord Howe (back by 30 min) and hours of Troll (by two hours): each row once, in its order."""
    for zone, first, count, freq in (
        ("Australia/Lord_Howe", "2025-04-06", 49, "30min"),
        ("Antarctica/Troll", "2025-10-26", 26, "h"),
    ):
        utc = pd.date_range(pd.Timestamp(first, tz=zone), periods=count, freq=freq)
        local = "time,price\n" + "".join(f"{each:%Y-%m-%d %H:%M},{row}\n" for row, each in enumerate(utc))
        hours = plan(first, 1, 0.5 if freq == "30min" else 1.0, zone)
        assert column(tmp_path, local).on(hours).tolist() == list(range(count))


def test_beyond_its_end_a_file_repeats_its_last_day_where_that_is_asked_for(tmp_path: Path) -> None:
    """Two days of stamps, four planned: the second day twice more; from the start as well; less than a day is no day."""
    rows = [*range(24), *range(100, 124)]
    days = stamped("2025-03-04", [float(row) for row in rows])
    asked = column(tmp_path, days, beyond_end="last_day").on(plan(days=4)).tolist()
    assert asked == rows + 2 * rows[24:]
    assert column(tmp_path, days, beyond_end="last_day", align="start").on(plan(days=4)).tolist() == asked
    with pytest.raises(SeriesError, match="its stamps run from"):
        column(tmp_path, stamped("2025-03-04", [1.0] * 23), beyond_end="last_day").on(plan())


def test_a_missing_row_is_reported(tmp_path: Path) -> None:
    """Not shifted by an hour."""
    lines = stamped("2025-03-04", [1.0] * 24).splitlines(keepends=True)
    with pytest.raises(SeriesError, match="row 6: 2025-03-04 05:00 follows 2025-03-04 03:00"):
        column(tmp_path, "".join(lines[:5] + lines[6:])).on(plan())


def test_a_year_of_other_length_is_refused(tmp_path: Path) -> None:
    """8,000 rows wrapped around the year silently."""
    with pytest.raises(SeriesError, match="8,000 rows are no year of equal steps"):
        column(tmp_path, "price\n" + "1\n" * 8000, align="year").on(plan())


def test_a_column_of_stamps_of_any_name_on_a_clock_of_its_own(tmp_path: Path) -> None:
    """`Datum` in New York begins the day at 05:00 UTC, six hours after Berlin's: 18 hours of 1,000 lie in Berlin's day, 6 of 10.

    Without the key the heading is no usual one, and the rows are laid from the plan's start.
    """
    text = stamped("2025-03-03", [10.0] * 24 + [1000.0] * 24).replace("time,", "Datum,")
    named = column(tmp_path, text, time_column="Datum", time_zone="America/New_York")
    assert named.on(plan()).sum() == 6 * 10 + 18 * 1000
    assert column(tmp_path, text, time_column="Datum").on(plan()).sum() == 24_000
    assert (
        column(tmp_path, text.replace("Datum", "Datetime (UTC)"), time_column="Datetime (UTC)").on(plan()).sum()
        == 10 + 23 * 1000
    )
    assert column(tmp_path, text).on(plan()).sum() == 240


@pytest.mark.parametrize(("name", "said"), [("price", "is no time"), ("Tag", "no column 'Tag'")])
def test_a_column_of_stamps_that_is_none(name: str, said: str, tmp_path: Path) -> None:
    """A column that is not there, and one of prices; silence would lay the rows from the start."""
    with pytest.raises(SeriesError, match=said):
        column(tmp_path, stamped("2025-03-04", [1.5] * 24), time_column=name).on(plan())
