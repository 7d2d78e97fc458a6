"""Forecasts with issue time, archives of them, and what stands in when none came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from weather.canonical import WeatherError, make_weather, problems_of
from weather.forecast.archive import actual_at, archive_of, measured_series, read_archive
from weather.forecast.fallback import climatology, climatology_members, persistence
from weather.forecast.forecast import as_forecast, horizon_of, issue_time, lead_h, problems_of_forecast
from weather.forecast.reduction import distinct_members
from weather.synthetic.year import synthetic_year

START = pd.Timestamp("2026-03-01")


def weather_of(start: pd.Timestamp, hours: int, wind=None, **changed) -> xr.Dataset:
    """Canonical weather whose wind is `wind`, else the hour of day."""
    time = pd.date_range(start, periods=hours, freq="h")
    flat = np.ones(hours)
    values = {
        "ghi_w_per_m2": 0 * flat, "dni_w_per_m2": 0 * flat, "dhi_w_per_m2": 0 * flat, "dry_bulb_c": 5 * flat,
        "relative_humidity": 0.4 * flat, "pressure_pa": 71_000 * flat,
        "wind_speed_m_per_s": time.hour.to_numpy(float) if wind is None else np.asarray(wind, dtype=float), **changed,
    }  # fmt: skip
    place = {"latitude": 36.4, "longitude": 94.9, "elevation_m": 2808.0, "timezone": "UTC+08:00"}
    return make_weather(time, values, source="test", **place)


def good_forecast(**changed) -> xr.Dataset:
    return as_forecast(weather_of(START, 48, **changed), "2026-02-28T14:00Z")


def problems(forecast: xr.Dataset, now="2026-02-28T22:00", hours=48.0) -> list[str]:
    return problems_of_forecast(forecast, now=pd.Timestamp(now), start=START, hours=hours)


def test_issue_time_is_utc_and_leads_count_from_it():
    """22:00 in China is 14:00 UTC: midnight UTC lies 10 h ahead. A dropped zone would say 2 h."""
    forecast = as_forecast(weather_of(START, 3), "2026-02-28T22:00+08:00")
    assert issue_time(forecast) == pd.Timestamp("2026-02-28T14:00")
    assert lead_h(forecast).tolist() == [10.0, 11.0, 12.0]
    assert forecast["lead_h"].values.tolist() == [10.0, 11.0, 12.0]


def test_forecast_leaves_the_weather_as_it_was():
    """Making a forecast of weather must not give the weather an issue time."""
    weather = weather_of(START, 3)
    as_forecast(weather, START)
    assert "issue_time" not in weather.attrs
    assert "lead_h" not in weather.coords


@pytest.mark.parametrize("stamp", ["yesterday evening", "", "NaT"])
def test_unreadable_issue_time_is_refused(stamp):
    """No time, no lead: an error that shows the form, not a lead of NaN."""
    with pytest.raises(WeatherError, match="give ISO 8601"):
        as_forecast(weather_of(START, 3), stamp)


def test_weather_without_issue_time_is_no_forecast():
    """Leads of plain weather are unknown, not zero."""
    with pytest.raises(WeatherError, match="issue_time: missing"):
        lead_h(weather_of(START, 3))


def test_good_forecast_has_no_problems():
    """Eight hours old, 48 h long, nothing missing."""
    assert problems(good_forecast()) == []


@pytest.mark.parametrize(("now", "hours", "part"), [
    ("2027-02-28T22:00", 48.0, "8768.0 h old"),
    ("2026-02-28T13:00", 48.0, "1.0 h in the future"),
    ("2026-02-28T22:00", 72.0, "ends 2026-03-03"),
])  # fmt: skip
def test_age_future_and_length_are_noticed(now, hours, part):
    """The forecast of last year, one from a wrong clock, and half a forecast each name what is wrong, and only that."""
    (problem,) = problems(good_forecast(), now=now, hours=hours)
    assert part in problem


def test_late_begin_gap_and_missing_variable_are_all_named():
    """Three faults, three lines: begins an hour late, a NaN, no pressure."""
    wind = np.ones(48)
    wind[20] = np.nan
    broken = good_forecast(wind=wind).isel(time=slice(1, None)).drop_vars("pressure_pa")
    lines = "\n".join(problems(broken, hours=40.0))
    assert "begins 2026-03-01 01:00" in lines
    assert "wind_speed_m_per_s: 1 missing values, first at 2026-03-01 20:00" in lines
    assert "pressure_pa: missing" in lines


def test_gap_beyond_the_horizon_does_not_matter():
    """A hole at hour 40 is no fault for the first 24 h, and one for 48."""
    wind = np.ones(48)
    wind[40] = np.nan
    assert problems(good_forecast(wind=wind), hours=24.0) == []
    assert len(problems(good_forecast(wind=wind))) == 1


def test_gap_in_a_power_series_is_noticed():
    """A power forecast has no canonical variable: two holes are still counted."""
    power = np.ones(48)
    power[:2] = np.nan
    time = pd.date_range(START, periods=48, freq="h")
    forecast = as_forecast(xr.Dataset({"power": ("time", power)}, coords={"time": time}), "2026-02-28T14:00")
    assert problems(forecast) == ["power: 2 missing values"]


def test_horizon_is_cut_to_the_hour():
    """24 h from midnight are 24 steps; more than there is raises."""
    assert horizon_of(good_forecast(), start=START, hours=24).sizes["time"] == 24
    with pytest.raises(WeatherError, match="need 2026-03-04"):
        horizon_of(good_forecast(), start=START, hours=72)


def test_archive_puts_values_by_issue_and_lead(tmp_path):
    """Two issues 12 h apart, rows shuffled: each value at its place, the pair that is not there NaN."""
    file = tmp_path / "past.csv"
    file.write_text("issued,lead,ws\n2026-01-01T12:00,1,7\n2026-01-01T00:00,2,5\n2026-01-01T00:00,1,4\n")
    archive = read_archive(
        file, issue_column="issued", lead_column="lead", columns={"ws": "wind"}, units={"wind": "m/s"}
    )
    assert archive["wind"].dims == ("issue", "lead_h")
    np.testing.assert_array_equal(archive["wind"].values, [[4.0, 5.0], [7.0, np.nan]])
    assert archive["wind"].attrs["units"] == "m/s"


def test_archive_names_what_is_wrong_with_the_file(tmp_path):
    """A missing column and a pair that stands there twice are errors, not silently the last value."""
    file = tmp_path / "past.csv"
    file.write_text("issued,lead,ws\n2026-01-01T12:00,1,7\n2026-01-01T12:00,1,8\n")
    with pytest.raises(WeatherError, match="twice"):
        read_archive(file, issue_column="issued", lead_column="lead", columns={"ws": "wind"}, units={"wind": "m/s"})
    with pytest.raises(WeatherError, match="no column 'v'"):
        read_archive(file, issue_column="issued", lead_column="lead", columns={"v": "wind"}, units={"wind": "m/s"})


def test_archive_of_forecasts_meets_what_came():
    """Two forecasts of 24 h issued 12 h apart against 30 h of measurements: 24 + 18 pairs, each at the valid time."""
    issued = [START, START + pd.Timedelta(hours=12)]
    forecasts = [as_forecast(weather_of(issue, 24, wind=np.arange(24)), issue) for issue in reversed(issued)]
    archive = archive_of(forecasts)
    actual = actual_at(archive, weather_of(START, 30, wind=np.arange(30) + 0.5))["wind_speed_m_per_s"]
    assert archive.indexes["issue"].tolist() == issued
    assert int(actual.notnull().sum()) == 24 + 18
    assert float(actual.sel(issue=issued[1], lead_h=3.0)) == 15.5
    assert float(archive["wind_speed_m_per_s"].sel(issue=issued[1], lead_h=3.0)) == 3.0


def test_two_forecasts_of_one_issue_are_refused():
    """A re-issued file with the same stamp must be resolved by the user, not by chance."""
    forecast = as_forecast(weather_of(START, 4), START)
    with pytest.raises(WeatherError, match="two forecasts issued"):
        archive_of([forecast, forecast])


def test_measured_series_refuses_two_truths():
    """Overlapping issues that agree give a series of 3; if they differ for one hour it is no measurement."""
    issue = pd.DatetimeIndex([START, START + pd.Timedelta(hours=1)])
    values = {"p": (("issue", "lead_h"), [[1.0, 2.0], [2.0, 3.0]])}
    archive = xr.Dataset(values, {"issue": issue, "lead_h": [1.0, 2.0]})
    assert measured_series(archive, "p").values.tolist() == [1.0, 2.0, 3.0]
    archive["p"][0, 1] = 9.0
    with pytest.raises(WeatherError, match="two values for 2026-03-01 02:00"):
        measured_series(archive, "p")


def test_persistence_keeps_the_time_of_day():
    """Measured until 06:00 (7..30): from 22:00 on the latest known value of each hour repeats; hour 7 stays 7."""
    last = weather_of(START + pd.Timedelta(hours=7), 24, wind=np.arange(7, 31))
    forecast = persistence(last, start=pd.Timestamp("2026-03-02T22:00"), hours=30)
    assert forecast["wind_speed_m_per_s"].values.tolist() == [22, 23, *range(24, 31), *range(7, 24), *range(24, 28)]
    assert issue_time(forecast) == pd.Timestamp("2026-03-02T07:00")
    assert problems_of(forecast.drop_vars("lead_h")) == []


def test_persistence_needs_a_day():
    """Six hours cannot say what comes at noon."""
    with pytest.raises(WeatherError, match="at least the last 24 h"):
        persistence(weather_of(START, 6), start=START, hours=24)


def past_years() -> xr.Dataset:
    """Two years whose wind is 5 in February to April, 10 elsewhere, plus the hour of day / 10."""
    time = pd.date_range("2024-01-01", "2025-12-31T23:00", freq="h")
    wind = np.where(time.month.isin([2, 3, 4]), 5.0, 10.0) + time.hour / 10
    return weather_of(time[0], len(time), wind=wind)


def test_climatology_is_of_the_season_and_hour():
    """In mid-March it is 5 plus the hour's share; the mean of the year would be 8.8 plus it."""
    forecast = climatology(past_years(), start=pd.Timestamp("2026-03-16T22:00"), hours=6)
    assert forecast["wind_speed_m_per_s"].values == pytest.approx([7.2, 7.3, 5.0, 5.1, 5.2, 5.3])
    assert lead_h(forecast).tolist() == [0, 1, 2, 3, 4, 5]


def test_climatology_never_looks_ahead():
    """Of years that go on after the start only what is past counts: before March 2025 only March 2024 is known."""
    past = past_years()
    future = past["wind_speed_m_per_s"].where(past["time"] < np.datetime64("2025-03-01"), 99.0)
    forecast = climatology(past.assign(wind_speed_m_per_s=future), start=pd.Timestamp("2025-03-01"), hours=3)
    assert forecast["wind_speed_m_per_s"].values.max() < 11


def test_climatology_members_are_real_stretches():
    """Every member is found somewhere in the past, and the same seed draws the same; another seed draws others."""
    rng = np.random.default_rng(0)
    past = past_years()
    past["wind_speed_m_per_s"] = ("time", rng.random(past.sizes["time"]))
    ask = {"start": pd.Timestamp("2026-06-10T22:00"), "hours": 24, "n": 5}
    drawn = climatology_members(past, **ask, seed=1)["wind_speed_m_per_s"].values
    stretches = np.lib.stride_tricks.sliding_window_view(past["wind_speed_m_per_s"].values, 24)
    assert all((stretches == member).all(axis=1).any() for member in drawn)
    assert len(np.unique(drawn[:, 0])) == 5
    np.testing.assert_array_equal(drawn, climatology_members(past, **ask, seed=1)["wind_speed_m_per_s"].values)
    assert (drawn != climatology_members(past, **ask, seed=2)["wind_speed_m_per_s"].values).any()


def test_climatology_members_never_repeat():
    """50 members of a season of which 31 days are known: each day once as it was, 19 more near one of them, no two the same."""
    past = synthetic_year("golmud", 2025, seed=1)
    drawn = climatology_members(past, start=pd.Timestamp("2026-06-10T14:00"), hours=48, n=50, seed=1)
    chosen, weights = distinct_members(drawn)
    assert len(chosen) == 50
    assert weights == pytest.approx(np.full(50, 1 / 50))
    stretches = np.lib.stride_tricks.sliding_window_view(past["dry_bulb_c"].values, 48)
    real = [
        (stretches == member).all(axis=1).any() for member in drawn["dry_bulb_c"].transpose("member", "time").values
    ]
    assert sum(real) == 31  # 15 days either side and the day itself
    assert problems_of(drawn.isel(member=49, drop=True).drop_vars("lead_h", errors="ignore")) == []


def test_climatology_needs_the_season():
    """A past of January says nothing about July."""
    with pytest.raises(WeatherError, match="season of 01 July"):
        climatology(weather_of(pd.Timestamp("2025-01-01"), 500), start=pd.Timestamp("2026-07-01"), hours=24)
