"""Defects of weather files are found and repaired, good files stay untouched: on made weather and NREL's own files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
import xarray as xr

from tests.weather.fixtures import provider_files as files
from weather import sources
from weather.canonical import WeatherError, problems_of
from weather.quality.clock import clock_error_min, shift_radiation
from weather.quality.gaps import fill_gaps
from weather.quality.radiation import closure_rmse_w_per_m2, redecompose_dni
from weather.quality.repair import repair
from weather.sun.position import cosine_of_zenith, fine_cosines, haurwitz_ghi_w_per_m2

PVLIB = Path(pvlib.__file__).parent / "data"


def late_year(minutes: float) -> tuple[xr.Dataset, xr.Dataset]:
    """A true year of hourly means with random clouds, and the same recorded `minutes` late."""
    weather = files.truth_year()
    index = pd.DatetimeIndex(weather.indexes["time"])
    random = np.random.default_rng(7)
    cloud = np.repeat(random.uniform(0.3, 1.0, 365), 24)
    made = []
    for offset_min in (0.0, -minutes):
        cosines = fine_cosines(
            index, step_h=1.0, latitude=files.LATITUDE, longitude=files.LONGITUDE, offset_min=offset_min
        )
        copy = weather.copy()
        ghi = cloud * haurwitz_ghi_w_per_m2(cosines).mean(axis=1)
        middle = index + pd.Timedelta(minutes=30 + offset_min)
        height = np.maximum(cosine_of_zenith(middle, latitude=files.LATITUDE, longitude=files.LONGITUDE), 0.0)
        dni = np.where(height > 0.05, 0.6 * ghi / np.maximum(height, 0.05), 0.0)
        copy["ghi_w_per_m2"] = ("time", ghi)
        copy["dni_w_per_m2"] = ("time", dni)
        copy["dhi_w_per_m2"] = ("time", ghi - dni * height)
        made.append(copy)
    return made[0], made[1]


@pytest.mark.parametrize("minutes", [-60.0, 0.0, 30.0, 90.0])
def test_clock_error_of_made_years(minutes: float) -> None:
    """A year recorded 90 min late says 90; a sign or half-hour slip says -90 or 60. Bound 3: parabola of a grid."""
    _, late = late_year(minutes)
    assert clock_error_min(late) == pytest.approx(minutes, abs=3)


@pytest.mark.parametrize("minutes", [-45.0, 30.0, 90.0])
def test_shift_brings_the_true_hours_back(minutes: float) -> None:
    """Moved radiation is the true one within 0.5 W/m² RMSE (5-minute pieces); unmoved it is 35 to 102 away.

    Moving GHI itself instead of its ratio to a cloudless sky would leave 3.6 to 4.8 here.
    """
    true, late = late_year(minutes)
    moved = shift_radiation(late, minutes)

    def distance(weather: xr.Dataset) -> float:
        return float(np.sqrt(np.mean((weather["ghi_w_per_m2"].values - true["ghi_w_per_m2"].values) ** 2)))

    assert distance(late) > 30
    assert distance(moved) < 0.5


@pytest.mark.parametrize("minutes", [-45.0, 30.0, 90.0])
def test_shift_keeps_the_energy_and_the_closure(minutes: float) -> None:
    """Yearly GHI within 0.1 % (the promise is 0.5 %) and GHI = DHI + DNI cos z within 1 W/m² afterwards."""
    _, late = late_year(minutes)
    moved = shift_radiation(late, minutes)
    assert float(moved["ghi_w_per_m2"].sum()) == pytest.approx(float(late["ghi_w_per_m2"].sum()), rel=1e-3)
    assert closure_rmse_w_per_m2(moved) < 1.0


def test_too_short_a_series_tells_no_clock_error() -> None:
    """Thirty days of weather cannot be told from clouds: NaN, and repair says nothing of a clock."""
    short = files.truth(hours=30 * 24)
    assert np.isnan(clock_error_min(short))
    assert not any("against the sun" in note for note in repair(short).attrs["repairs"])


@pytest.mark.parametrize("name", ["723170TYA.CSV", "703165TY.csv", "12839.tm2"])
def test_good_radiation_is_left_alone(name: str) -> None:
    """NREL's files need no repair of radiation: every daylight value comes back bit for bit."""
    weather = sources.read(PVLIB / name)
    repaired = repair(weather)
    for variable in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        day = repaired[variable].values > 0
        np.testing.assert_array_equal(repaired[variable].values[day], weather[variable].values[day])
    assert not any("moved" in note or "modelled" in note for note in repaired.attrs["repairs"])


def test_short_gaps_are_interpolated_and_mornings_rise() -> None:
    """Three lost morning hours of a clear day return within 2 % of the sun; a straight line would miss by 10 %."""
    weather = files.truth_year()
    index = pd.DatetimeIndex(weather.indexes["time"])
    place = {"latitude": files.LATITUDE, "longitude": files.LONGITUDE}
    clear = haurwitz_ghi_w_per_m2(fine_cosines(index, step_h=1.0, **place)).mean(axis=1)
    weather["ghi_w_per_m2"] = ("time", clear.copy())
    hole = slice(4000 + 1, 4000 + 4)
    start = int(np.argmax(clear[4000:4024] > 20)) + 4000
    hole = slice(start + 1, start + 4)
    weather["ghi_w_per_m2"].values[hole] = np.nan
    filled = fill_gaps(weather)["ghi_w_per_m2"].values[hole]
    np.testing.assert_allclose(filled, clear[hole], rtol=0.02)
    line = np.interp(np.arange(1, 4), [0, 4], [clear[start], clear[start + 4]])
    assert np.abs(line / clear[hole] - 1).max() > 0.02


def test_long_gaps_take_the_neighbouring_days() -> None:
    """Twenty lost hours get the mean of the same hours before and after, exactly; interpolation would lose the day."""
    weather = files.truth_year()
    values = weather["dry_bulb_c"].values
    kept = values.copy()
    values[4000:4020] = np.nan
    filled = fill_gaps(weather)
    expected = (kept[4000 - 24 : 4020 - 24] + kept[4000 + 24 : 4020 + 24]) / 2
    np.testing.assert_allclose(filled["dry_bulb_c"].values[4000:4020], expected, rtol=1e-12)
    assert "longest 20 h (1 from neighbouring days)" in filled.attrs["repairs"][0]


def test_too_long_gaps_are_refused_all_at_once() -> None:
    """Eighty hours of one variable and 20 % of another: one error, two lines, with the limits and the remedy."""
    weather = files.truth_year()
    weather["dry_bulb_c"].values[100:180] = np.nan
    weather["wind_speed_m_per_s"].values[::5] = np.nan
    with pytest.raises(WeatherError) as caught:
        repair(weather)
    assert len(caught.value.problems) == 2
    assert "dry_bulb_c" in caught.value.problems[0]
    assert "longest gap 80 h" in caught.value.problems[0]
    assert "20.0% missing" in caught.value.problems[1]


def test_missing_beam_is_modelled_from_ghi() -> None:
    """A source without DNI and DHI (all NaN) gets both from its GHI, closed within 1 W/m²; no hour stays empty."""
    weather, _ = late_year(0.0)
    weather["dni_w_per_m2"].values[:] = np.nan
    weather["dhi_w_per_m2"].values[:] = np.nan
    repaired = repair(weather)
    assert problems_of(repaired) == []
    assert closure_rmse_w_per_m2(repaired) < 1
    assert any("8760 steps modelled from GHI" in note for note in repaired.attrs["repairs"])


def test_wrong_unit_is_an_error_not_a_gap() -> None:
    """Pressure in hPa makes all 8,760 values impossible: refused with the hint at the unit, not filled."""
    weather = files.truth_year()
    weather["pressure_pa"] = weather["pressure_pa"] / 100
    with pytest.raises(WeatherError, match=r"pressure_pa: 8,760 values outside 40000..110000.*check its unit"):
        repair(weather)


def test_small_overshoots_are_cut() -> None:
    """Humidity 1.04 and a pyranometer's -3 W/m² at night are cut to 1 and 0, and counted."""
    weather, _ = late_year(0.0)
    weather["relative_humidity"].values[3] = 1.04
    weather["ghi_w_per_m2"].values[0] = -3.0
    repaired = repair(weather)
    assert float(repaired["relative_humidity"].max()) == 1.0
    assert float(repaired["ghi_w_per_m2"].min()) == 0.0
    assert any("relative_humidity: 1 values just outside" in note for note in repaired.attrs["repairs"])


def test_an_ensemble_is_repaired_member_by_member() -> None:
    """A gap in member 1 alone is filled there, members keep their order and values, the note appears once."""
    weather = files.truth()
    torn = weather.copy(deep=True)
    torn["dry_bulb_c"].values[50:53] = np.nan
    ensemble = xr.concat([weather, torn], dim=pd.Index([0, 1], name="member"))
    ensemble.attrs = weather.attrs
    repaired = repair(ensemble)
    assert repaired["dry_bulb_c"].dims == ("member", "time")
    np.testing.assert_array_equal(repaired["dry_bulb_c"].sel(member=0), weather["dry_bulb_c"])
    assert not np.isnan(repaired["dry_bulb_c"].values).any()
    assert sum("dry_bulb_c: 3 missing" in note for note in repaired.attrs["repairs"]) == 1


def test_redecomposed_dni_is_between_nothing_and_1200() -> None:
    """The model alone overshoots near the horizon; every hour must stay in 0..1,200 and close at mid-hour."""
    weather, _ = late_year(0.0)
    modelled = redecompose_dni(weather)
    assert float(modelled["dni_w_per_m2"].min()) >= 0
    assert float(modelled["dni_w_per_m2"].max()) <= 1200
    assert closure_rmse_w_per_m2(modelled) < 1e-9  # DHI is the rest by construction


def test_shift_moves_clouds_with_the_sun() -> None:
    """Clouds of single hours, an hour late, return to their hours within 2 W/m²; left behind they miss by over 50."""
    weather = files.truth_year()
    index = pd.DatetimeIndex(weather.indexes["time"])
    cloud = np.random.default_rng(3).uniform(0.3, 1.0, len(index))
    clear = haurwitz_ghi_w_per_m2(
        fine_cosines(index, step_h=1.0, latitude=files.LATITUDE, longitude=files.LONGITUDE)
    ).mean(axis=1)
    true_ghi = cloud * clear
    weather["ghi_w_per_m2"] = ("time", np.roll(true_ghi, 1))  # 60 min late, hour by hour
    moved = shift_radiation(weather, 60.0)["ghi_w_per_m2"].values
    bright = clear > 20  # below, the ratio is that of the nearest bright hour
    assert float(np.abs(moved - true_ghi)[bright].mean()) < 2
    assert float(np.abs(np.roll(true_ghi, 1) - true_ghi)[bright].mean()) > 50


def test_light_in_the_night_is_put_out_and_counted() -> None:
    """A lamp of 20 W/m² at local midnight for ten nights goes, with its 0.2 kWh/m² in the note; dusk stays."""
    weather, _ = late_year(0.0)
    weather["ghi_w_per_m2"].values[24 * 100 : 24 * 110 : 24] = 20.0
    repaired = repair(weather)
    assert float(repaired["ghi_w_per_m2"].values[24 * 100 : 24 * 110 : 24].max()) == 0.0
    assert "10 steps with radiation at night set to zero (0.2 kWh/m2)" in repaired.attrs["repairs"]


def test_gaps_of_a_late_file_are_filled_under_its_late_sun() -> None:
    """A lost hour of a file 90 min late is filled with that file's sun: within 3 % of what was lost; under the wrong
    sun (90 min early) the filled morning hour would be twice as far off as the limit."""
    _, late = late_year(90.0)
    kept = late["ghi_w_per_m2"].values.copy()
    morning = np.flatnonzero((kept > 100) & (np.roll(kept, 1) < 100) & (np.roll(kept, -1) > kept))[50:60]
    late["ghi_w_per_m2"].values[morning] = np.nan
    filled = fill_gaps(late, clock_error_min=90.0)["ghi_w_per_m2"].values[morning]
    assert float(np.abs(filled / kept[morning] - 1).max()) < 0.03
    wrong = fill_gaps(late, clock_error_min=-90.0)["ghi_w_per_m2"].values[morning]
    assert float(np.abs(wrong / kept[morning] - 1).max()) > 0.06
