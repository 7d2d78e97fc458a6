"""Real wind forecasts of past evenings: dates laid on the plan's year, nothing read that was not at hand, nothing learned from what is replayed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from optimizer.nightly.wind_archive import WIND_POWER, WindArchive, with_power
from weather.canonical import WeatherError

START, END = pd.Timestamp("2025-03-09T16:00"), pd.Timestamp("2025-03-12T15:00")
EVENING = pd.Timestamp("2025-03-10T14:00")


def archive_file(folder: Path, changed_from: str | None = None) -> Path:
    """110 days of issues twice a day; power follows the wind, the forecast misses it by some noise; `changed_from`: other values then."""
    rng = np.random.default_rng(5)
    hours = pd.date_range("2009-12-01", periods=110 * 24 + 48, freq="h")
    speed = 6 + np.convolve(rng.normal(0, 1.2, len(hours) + 23), np.ones(24) / 5, "valid")
    power = np.clip((speed - 2) / 9, 0, 1)
    rows = []
    for issue in range(0, 110 * 24, 12):
        for lead in range(1, 49):
            rows.append(
                (hours[issue], lead, max(speed[issue + lead - 1] + rng.normal(0, 0.5), 0), power[issue + lead - 1])
            )
    table = pd.DataFrame(rows, columns=["issue", "hors", "ws", "wp"])
    if changed_from is not None:
        late = table["issue"] >= pd.Timestamp(changed_from)
        table.loc[late, "ws"] = 0.0
    path = folder / "archive.csv"
    table.to_csv(path, index=False)
    return path


def day(start: str) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=48, freq="h")


def test_what_came_lies_on_the_same_day_of_the_plan_s_year(tmp_path: Path) -> None:
    """9 March 2010 is 9 March 2025; a year's shift of 365 days too many or few would give another day's power."""
    path = archive_file(tmp_path)
    archive = WindArchive.read(path, START, END)
    table = pd.read_csv(path, parse_dates=["issue"])
    row = table[(table["issue"] == pd.Timestamp("2010-03-10T12:00")) & (table["hors"] == 3)]
    assert archive.came(pd.DatetimeIndex(["2025-03-10T15:00"]))[0] == row["wp"].iloc[0]
    assert archive.issued(EVENING) == pd.Timestamp("2025-03-10T12:00")


def test_a_forecast_reads_nothing_issued_later(tmp_path: Path) -> None:
    """All issues after the evening changed to calm: the evening's forecast is the same."""
    first = WindArchive.read(archive_file(tmp_path), START, END)
    ours = first.forecast(EVENING, day("2025-03-10T16:00"))
    (tmp_path / "late").mkdir()
    # the span reaches to the archive's end, so that nothing is learned from the changed issues either
    other = WindArchive.read(archive_file(tmp_path / "late", "2010-03-10T13:00"), START, END + pd.Timedelta(days=8))
    theirs = other.forecast(EVENING, day("2025-03-10T16:00"))
    base = WindArchive.read(archive_file(tmp_path), START, END + pd.Timedelta(days=8))
    np.testing.assert_array_equal(theirs, base.forecast(EVENING, day("2025-03-10T16:00")))
    assert np.abs(ours - first.came(day("2025-03-10T16:00"))).mean() < 0.15
    np.testing.assert_array_equal(ours[-3:], ours[-27:-24])  # behind its last lead its last day again


def test_dates_that_the_archive_has_not_are_told(tmp_path: Path) -> None:
    """June is not in it: the message names what it has."""
    with pytest.raises(WeatherError, match=r"has forecasts from 2009-12-01.*none for 01 June"):
        WindArchive.read(archive_file(tmp_path), pd.Timestamp("2025-06-01"), pd.Timestamp("2025-06-03"))


def test_farms_alone_take_the_power_of_each_member() -> None:
    """The named farm of member 1 gets member 1's power; the sun keeps its own, and without wind power nothing changes."""
    labels = [("farm", 0), ("farm", 1), ("field", 0)]
    inputs = xr.Dataset(
        {"input": (("time", "exogenous"), np.zeros((2, 3)))},
        coords={
            "exogenous_asset": ("exogenous", np.array([name for name, _ in labels], dtype=object)),
            "exogenous_member": ("exogenous", np.array([member for _, member in labels])),
            "exogenous_quantity": ("exogenous", np.array(["capacity_factor"] * 3, dtype=object)),
        },
    )
    weather_by_member = [xr.Dataset({WIND_POWER: ("time", [0.1, 0.2])}), xr.Dataset({WIND_POWER: ("time", [0.3, 0.4])})]
    np.testing.assert_array_equal(
        with_power(inputs, {"farm"}, weather_by_member)["input"].values, [[0.1, 0.3, 0], [0.2, 0.4, 0]]
    )
    assert with_power(inputs, {"farm"}, [xr.Dataset()]) is inputs
