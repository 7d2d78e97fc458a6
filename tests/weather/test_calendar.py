"""Weather on the scenario's horizon: typical years by local month, day and hour; other steps keep the energy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.weather.fixtures import provider_files as files
from weather.calendar import local_midnight_utc, offset_name, place_on_horizon, utc_offset_h
from weather.canonical import WeatherError, problems_of
from weather.steps import to_hourly
from weather.sun.position import fine_cosines


@pytest.fixture(scope="module")
def year() -> xr.Dataset:
    return files.truth_year()


def local(weather: xr.Dataset, name: str, hours_ahead: float = 8) -> pd.Series:
    """A variable by local standard stamps."""
    index = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(hours=hours_ahead)
    return pd.Series(weather[name].values, index=index)


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0), ("UTC+08:00", 8), ("UTC-3", -3), ("UTC+0530", 5.5), ("Asia/Shanghai", 8), ("America/Denver", -7),
     ("Australia/Sydney", 10), ("Europe/Dublin", 0)],
)  # fmt: skip
def test_standard_time_never_saves_daylight(name: str, hours: float) -> None:
    """Denver is -7 all year (its summer says -6), Sydney +10 (its January says +11)."""
    assert utc_offset_h(name) == hours


def test_offset_names_read_back() -> None:
    """Half hours and west too: -3.5 -> UTC-03:30 -> -3.5."""
    assert offset_name(-3.5) == "UTC-03:30"
    assert all(utc_offset_h(offset_name(hours)) == hours for hours in (-12, -3.5, 0, 5.75, 8, 14))


@pytest.mark.parametrize("name", ["Mars/Olympus", "UTC+8h", "", "../etc"])
def test_unknown_zones_are_weather_errors(name: str) -> None:
    """Each says which text is unknown and what to write; no traceback of zoneinfo."""
    with pytest.raises(WeatherError, match="is unknown; give an IANA name"):
        utc_offset_h(name)


def test_civil_midnight_follows_daylight_saving() -> None:
    """Denver's 1 July begins at 06:00 UTC, its 1 January at 07:00."""
    starts = [local_midnight_utc(pd.Timestamp(day), "America/Denver").hour for day in ("2025-07-01", "2025-01-01")]
    assert starts == [6, 7]


def test_the_same_year_comes_back_bit_for_bit(year: xr.Dataset) -> None:
    """A typical year on its own year and zone is itself: a shift by one hour would move every value."""
    placed = place_on_horizon(
        year, start_local=pd.Timestamp("2025-01-01"), days=365, step_h=1.0, timezone="Asia/Shanghai"
    )
    assert list(placed.indexes["time"]) == list(year.indexes["time"])
    for name in year.data_vars:
        np.testing.assert_array_equal(placed[name], year[name])
    assert placed.attrs["timezone"] == "Asia/Shanghai"


def test_another_year_keeps_month_day_and_hour(year: xr.Dataset) -> None:
    """15 August 2031 13:00 local has the value of 15 August 2025 13:00."""
    placed = place_on_horizon(year, start_local=pd.Timestamp("2031-08-10"), days=10, step_h=1.0, timezone="UTC+08:00")
    assert local(placed, "dry_bulb_c")["2031-08-15 13:00"] == local(year, "dry_bulb_c")["2025-08-15 13:00"]
    assert placed.sizes["time"] == 240


def test_leap_day_is_28_february_again(year: xr.Dataset) -> None:
    """8,784 hours in 2028; 1 March is the file's 1 March, not its 28 February moved on."""
    placed = place_on_horizon(year, start_local=pd.Timestamp("2028-01-01"), days=366, step_h=1.0, timezone="UTC+08:00")
    temperature_placed, temperature_of_year = local(placed, "dry_bulb_c"), local(year, "dry_bulb_c")
    assert placed.sizes["time"] == 8784
    assert temperature_placed["2028-02-29"].tolist() == temperature_of_year["2025-02-28"].tolist()
    assert temperature_placed["2028-03-01"].tolist() == temperature_of_year["2025-03-01"].tolist()
    assert temperature_placed["2028-12-31"].tolist() == temperature_of_year["2025-12-31"].tolist()


def test_a_horizon_wraps_over_new_year(year: xr.Dataset) -> None:
    """31 December is followed by the file's 1 January; two years repeat each other."""
    placed = place_on_horizon(year, start_local=pd.Timestamp("2025-12-20"), days=30, step_h=1.0, timezone="UTC+08:00")
    assert local(placed, "dry_bulb_c")["2026-01-05"].tolist() == local(year, "dry_bulb_c")["2025-01-05"].tolist()
    two = place_on_horizon(year, start_local=pd.Timestamp("2025-01-01"), days=730, step_h=1.0, timezone="UTC+08:00")
    np.testing.assert_array_equal(two["ghi_w_per_m2"][:8760], two["ghi_w_per_m2"][8760:])


def test_another_zone_keeps_the_sun_in_place(year: xr.Dataset) -> None:
    """A site that writes UTC+6 gets the same UTC weather: laid by stamp alone, noon would move by two hours."""
    placed = place_on_horizon(year, start_local=pd.Timestamp("2025-06-01"), days=5, step_h=1.0, timezone="UTC+06:00")
    same = year["ghi_w_per_m2"].sel(time=placed.indexes["time"])
    np.testing.assert_array_equal(placed["ghi_w_per_m2"], same)


@pytest.mark.parametrize("step_h", [1 / 12, 0.25, 0.5])
def test_finer_steps_keep_the_energy_and_follow_the_sun(step_h: float, year: xr.Dataset) -> None:
    """Each hour's energy returns to 1e-9 in GHI and DHI, the rest stays within its neighbours, no light in the dark."""
    day = {"start_local": pd.Timestamp("2025-06-01"), "days": 10, "timezone": "UTC+08:00"}
    hourly = place_on_horizon(year, step_h=1.0, **day)
    fine = place_on_horizon(year, step_h=step_h, **day)
    for name in ("ghi_w_per_m2", "dhi_w_per_m2"):
        back = fine[name].values.reshape(240, -1).mean(axis=1)
        np.testing.assert_allclose(back, hourly[name], atol=1e-9)
    assert fine["dry_bulb_c"].values.min() >= year["dry_bulb_c"].values.min()
    cosines = fine_cosines(
        pd.DatetimeIndex(fine.indexes["time"]), step_h=step_h, latitude=files.LATITUDE, longitude=files.LONGITUDE
    )
    dark = cosines.max(axis=1) < 0
    hour_of = np.repeat(hourly["ghi_w_per_m2"].values > 5, round(1 / step_h))
    assert float(fine["ghi_w_per_m2"].values[dark & hour_of].max(initial=0.0)) == 0.0
    assert problems_of(fine) == []
    assert fine.attrs["step_h"] == step_h


def test_a_zone_of_half_hours_keeps_the_energy(year: xr.Dataset) -> None:
    """Hours in UTC+05:30 are halves of two hours of the file: the year's energy stays to 1e-9, each hour is a mean."""
    placed = place_on_horizon(year, start_local=pd.Timestamp("2025-01-01"), days=365, step_h=1.0, timezone="UTC+05:30")
    assert float(placed["ghi_w_per_m2"].sum()) == pytest.approx(float(year["ghi_w_per_m2"].sum()), rel=1e-9)
    cyclic = np.roll(year["dry_bulb_c"].values, -2)  # its year begins 2.5 h later in UTC
    np.testing.assert_allclose(placed["dry_bulb_c"][:100], ((cyclic + np.roll(cyclic, -1)) / 2)[:100])


def test_coarser_steps_are_means() -> None:
    """Half-hourly actual weather on hours: pairs averaged, 60 + 20 -> 40."""
    half = files.truth(hours=96, step_h=0.5)
    half["ghi_w_per_m2"].values[:] = np.tile([60.0, 20.0], 48)
    placed = place_on_horizon(half, start_local=pd.Timestamp("2022-06-01"), days=2, step_h=1.0, timezone="UTC")
    np.testing.assert_allclose(placed["ghi_w_per_m2"], 40.0)
    hourly = to_hourly(half)
    np.testing.assert_allclose(hourly["dry_bulb_c"], placed["dry_bulb_c"])
    assert hourly.attrs["step_h"] == 1.0
    assert "30-minute steps averaged" in hourly.attrs["repairs"][-1]


def test_to_hourly_drops_broken_hours_at_the_ends_and_keeps_gaps() -> None:
    """From 00:30 the first half hour belongs to no whole hour; a lost half hour makes its hour missing."""
    half = files.truth(start_utc="2022-06-01 00:30", hours=50, step_h=0.5)
    half["dry_bulb_c"].values[5] = np.nan
    hourly = to_hourly(half)
    assert hourly.indexes["time"][0] == pd.Timestamp("2022-06-01 01:00")
    assert hourly.sizes["time"] == 24
    assert np.flatnonzero(np.isnan(hourly["dry_bulb_c"])).tolist() == [2]
    with pytest.raises(WeatherError, match="does not divide an hour"):
        to_hourly(files.truth(step_h=3.0))


def test_actual_weather_must_cover_the_horizon() -> None:
    """Ten days of June do not make a July: the error names both periods and the ways out."""
    weather = files.truth(start_utc="2022-06-01", hours=240)
    placed = place_on_horizon(weather, start_local=pd.Timestamp("2022-06-02"), days=9, step_h=1.0, timezone="UTC")
    np.testing.assert_array_equal(placed["dry_bulb_c"], weather["dry_bulb_c"][24:])
    with pytest.raises(WeatherError, match=r"covers 2022-06-01.*the horizon needs 2022-07-01.*or a typical year"):
        place_on_horizon(weather, start_local=pd.Timestamp("2022-07-01"), days=1, step_h=1.0, timezone="UTC")
    with pytest.raises(WeatherError, match="the horizon needs"):
        place_on_horizon(weather, start_local=pd.Timestamp("2022-06-02"), days=10, step_h=1.0, timezone="UTC")


def test_members_are_carried_along() -> None:
    """An ensemble keeps its member dimension on finer steps, each member its own values."""
    weather = files.truth(hours=72)
    ensemble = xr.concat([weather, weather + 1.0], dim=pd.Index([0, 1], name="member"))
    ensemble.attrs = weather.attrs
    fine = place_on_horizon(ensemble, start_local=pd.Timestamp("2022-06-02"), days=1, step_h=0.25, timezone="UTC")
    assert fine["dry_bulb_c"].sizes == {"time": 96, "member": 2}
    np.testing.assert_allclose(fine["dry_bulb_c"].sel(member=1) - fine["dry_bulb_c"].sel(member=0), 1.0)


@pytest.mark.parametrize("step_h", [0.0, -1.0, 0.01, 0.7, 2.0])
def test_impossible_steps(step_h: float, year: xr.Dataset) -> None:
    """Steps outside 5 min..1 h or that do not divide a day are refused with an example of a right one."""
    with pytest.raises(WeatherError, match=r"step_h: .* such as 0\.25"):
        place_on_horizon(year, start_local=pd.Timestamp("2025-01-01"), days=1, step_h=step_h, timezone="UTC")


def test_a_torn_typical_year_is_refused(year: xr.Dataset) -> None:
    """Half a typical year cannot stand for the other half: the first missing local hour is named."""
    with pytest.raises(WeatherError, match="a typical year without"):
        place_on_horizon(
            year.isel(time=slice(0, 4000)), start_local=pd.Timestamp("2025-01-01"), days=365, step_h=1.0,
            timezone="UTC+08:00",
        )  # fmt: skip


def test_finer_steps_stand_for_their_own_middle() -> None:
    """Air warming 1 K an hour: if 12:00-13:00 has a mean of 12.5 °C, then 12:00-12:15 has 12.125, not 12.5 or 12.0."""
    weather = files.truth(hours=72)
    weather["dry_bulb_c"] = ("time", np.arange(72) + 0.5)
    fine = place_on_horizon(weather, start_local=pd.Timestamp("2022-06-02"), days=1, step_h=0.25, timezone="UTC")
    np.testing.assert_allclose(fine["dry_bulb_c"], 24 + np.arange(96) * 0.25 + 0.125)
