"""Sun yield: against independent figures, in the right directions, within physical bounds, at every step length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation import yield_stations
from weather import sources
from weather.canonical import WeatherError
from weather.quality.repair import repair
from weather.solar import field
from weather.solar.photovoltaics import ac_fraction, altitude_derate, cell_temperature_c, dc_fraction
from weather.solar.plane_of_array import sun_of
from weather.synthetic.year import synthetic_year


@pytest.fixture(scope="module")
def golmud() -> xr.Dataset:
    """A synthetic year of Golmud."""
    return synthetic_year("golmud", 2025, seed=1)


def kwh_per_kwp(factor: xr.DataArray) -> float:
    """Energy of the series over peak power."""
    hours = float((factor["time"].values[1] - factor["time"].values[0]) / np.timedelta64(1, "h"))
    return float(factor.sum()) * hours


@pytest.mark.parametrize("name", yield_stations.STATIONS)
def test_yields_of_stations(shared_file: Callable[[str], Path], name: str) -> None:
    """Independently computed yields are met within 1 % (the bar): sun at the stamp instead of mid-hour would move
    Golmud's by 2 %, file DNI taken for modelled by 19 %."""
    station = yield_stations.STATIONS[name]
    shared = shared_file(f"data/weather/{station.file}").parents[2]
    weather = yield_stations.on_the_suns_clock(shared, station)
    assert yield_stations.sun_yield(weather) == pytest.approx(station.yield_file, rel=0.01)
    modelled = yield_stations.redecompose_dni(weather)
    assert yield_stations.sun_yield(modelled) == pytest.approx(station.yield_modelled_dni, rel=0.01)


def test_repaired_golmud(shared_file: Callable[[str], Path]) -> None:
    """After repair 1,800-2,050 kWh/kWp with all defaults; the unrepaired file gives about 1,600."""
    path = shared_file(f"data/weather/{yield_stations.STATIONS['Golmud'].file}")
    weather = repair(sources.read(path))
    assert 1800 < kwh_per_kwp(field.fixed_tilt_capacity_factor(weather, tilt_deg=36.4)) < 2050


def test_overhead_sun_by_hand() -> None:
    """1000 W/m² of pure beam from the zenith on flat modules with cells at 25 °C: exactly 1 less the losses of .14.
    Counting the beam twice (beam and circumsolar) would give more."""
    assert dc_fraction(
        np.array([1000.0]), np.array([25.0]), temperature_coefficient_per_k=-0.0034, losses=0.14
    ) == pytest.approx([0.86])
    assert cell_temperature_c(np.array([800.0]), np.array([20.0]), np.array([1.0]), u0=25.0, u1=6.84) == pytest.approx(
        [20 + 800 / 31.84]
    )  # Faiman by hand


def test_inverter_by_hand() -> None:
    """PVWatts at full load gives the nominal efficiency times .9640/.9637; above the rating the rating; at 10 % load
    .98/.9637 (-.00162 - .059 + .9858) = .9408. An inverter that passes everything would give .1."""
    full, beyond, part = ac_fraction(np.array([0.8, 2.0, 0.08]), rated_ac=0.784, inverter_efficiency=0.98)
    assert full == pytest.approx(0.784, rel=0.001)
    assert beyond == pytest.approx(0.784)
    assert part == pytest.approx(0.08 * 0.9408, rel=1e-3)


def test_altitude_derate_by_hand() -> None:
    """.819 at Golmud (18.08 steps of 100 m at 1 %), 1 below 1,000 m: a derate that starts at sea level gives .72."""
    assert altitude_derate(2808.0) == pytest.approx(0.8192)
    assert altitude_derate(300.0) == 1.0


def test_tracker_gains(golmud: xr.Dataset) -> None:
    """A backtracking tracker gains 8-25 % over fixed tilt on the plateau, more without backtracking (it ignores row
    shade) and with wider rows; an axis turned east-west would gain next to nothing."""
    fixed = kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=36.4))
    tracked = kwh_per_kwp(field.tracker_capacity_factor(golmud))
    assert 1.08 < tracked / fixed < 1.25
    assert kwh_per_kwp(field.tracker_capacity_factor(golmud, backtrack=False)) > tracked
    assert kwh_per_kwp(field.tracker_capacity_factor(golmud, ground_coverage_ratio=0.2)) > tracked
    assert kwh_per_kwp(field.tracker_capacity_factor(golmud, axis_azimuth_deg=90.0)) < 0.97 * tracked


def test_directions(golmud: xr.Dataset) -> None:
    """South beats north, tilt beats flat, white ground and a back side help, heat hurts: signs that can be lost."""
    south = kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=35))
    assert south > kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=0))
    assert south > 1.5 * kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, azimuth_deg=0))
    assert kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, albedo=0.7)) > south
    assert kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, bifacial_gain=0.07)) > 1.03 * south
    hotter = golmud.assign(dry_bulb_c=golmud["dry_bulb_c"] + 10.0)
    # 10 K at -.34 %/K cost 3.4 % of DC power, a little less where the inverter cuts
    assert kwh_per_kwp(field.fixed_tilt_capacity_factor(hotter, tilt_deg=35)) / south == pytest.approx(0.968, abs=0.004)
    assert kwh_per_kwp(field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, inverter_derate=0.82)) < 0.97 * south


def test_morning_and_evening_are_told_apart(golmud: xr.Dataset) -> None:
    """East-facing modules give before solar noon (05:45 UTC at 94.9° E), west-facing after: an azimuth counted from the
    south or a sign slip would swap them."""
    before = golmud["time"].dt.hour < 5
    for azimuth_deg, morning in ((90.0, True), (270.0, False)):
        factor = field.fixed_tilt_capacity_factor(golmud, tilt_deg=60, azimuth_deg=azimuth_deg)
        share = float(factor.where(before & (golmud["time"].dt.hour < 20), 0).sum() / factor.sum())
        assert (share > 0.5) == morning


def test_sun_stands_at_mid_step(golmud: xr.Dataset) -> None:
    """The sun is highest at solar noon, 05:40 UTC and the equation of time; a sun at the stamps is 30 min off."""
    day = golmud.isel(time=slice(24 * 100, 24 * 101))
    elevation = 90 - sun_of(day).zenith_deg
    noon_h = np.average(np.arange(24) + 0.5, weights=np.maximum(elevation, 0))
    start_h = pd.DatetimeIndex(day.indexes["time"])[0].hour
    assert (start_h + noon_h) % 24 == pytest.approx(12 - 94.9 / 15, abs=0.1)  # equation of time is 1 min on 11 April


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    tilt_deg=st.floats(0, 90), azimuth_deg=st.floats(0, 360), soiling=st.floats(0, 0.5), dc_ac_ratio=st.floats(0.8, 2)
)
def test_bounds_and_dirt(tilt_deg: float, azimuth_deg: float, soiling: float, dc_ac_ratio: float) -> None:
    """Output stays within 0 and the inverter's rating, is 0 at night, and more dirt never gives more energy."""
    weather = synthetic_year("golmud", 2025, seed=3).isel(time=slice(4000, 4480))
    options = {"tilt_deg": tilt_deg, "azimuth_deg": azimuth_deg, "dc_ac_ratio": dc_ac_ratio}
    clean = field.fixed_tilt_capacity_factor(weather, **options)
    dirty = field.fixed_tilt_capacity_factor(weather, soiling=soiling, **options)
    assert float(clean.min()) >= 0
    assert float(clean.max()) <= 1 / dc_ac_ratio + 1e-12  # rounding
    assert float(clean.where(weather["ghi_w_per_m2"] == 0, 0).max()) == 0
    # less light cools the cells, but never by as much as the light is worth; 1e-12: rounding
    assert bool((dirty <= clean + 1e-12).all())


def test_soiling_by_month_and_snow(golmud: xr.Dataset) -> None:
    """Dirt in March touches March alone (local month), and full snow cover gives nothing in its steps alone."""
    clean = field.fixed_tilt_capacity_factor(golmud, tilt_deg=35)
    dust = field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, soiling=[0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    local = pd.DatetimeIndex(golmud.indexes["time"]) + pd.Timedelta(hours=6)
    changed = np.unique(local[np.abs(dust.values - clean.values) > 1e-9].month)
    assert changed.tolist() == [3]
    snow = np.where(np.arange(8760) < 1000, 1.0, 0.0)
    buried = field.fixed_tilt_capacity_factor(golmud, tilt_deg=35, snow=snow)
    assert float(buried[:1000].max()) == 0
    assert np.array_equal(buried[1000:], clean[1000:])


@pytest.mark.parametrize("step_min", [5, 15, 30])
def test_finer_steps_keep_the_energy(golmud: xr.Dataset, step_min: int) -> None:
    """A day cut into finer steps of the same radiation gives the same energy within 3 % (the sun moves in an hour);
    a sun taken 30 min off would change each half of the day by more than 8 %."""
    day = golmud.isel(time=slice(4376, 4424))
    parts = 60 // step_min
    fine = day.isel(time=np.repeat(np.arange(48), parts))
    fine = fine.assign_coords(time=pd.date_range(day["time"].values[0], periods=48 * parts, freq=f"{step_min}min"))
    fine.attrs["step_h"] = step_min / 60
    whole = field.fixed_tilt_capacity_factor(day, tilt_deg=35)
    cut = field.fixed_tilt_capacity_factor(fine, tilt_deg=35)
    noon = slice(day["time"].values[0], day["time"].values[13])
    assert kwh_per_kwp(cut) == pytest.approx(kwh_per_kwp(whole), rel=0.03)
    assert kwh_per_kwp(cut.sel(time=noon)) == pytest.approx(kwh_per_kwp(whole.sel(time=noon)), rel=0.05)


def test_errors_name_what_is_wrong(golmud: xr.Dataset) -> None:
    """Missing weather is a WeatherError that counts it; options out of range and misspelt ones are refused by name."""
    broken = golmud.copy(deep=True)
    broken["dni_w_per_m2"][5:8] = np.nan
    with pytest.raises(WeatherError, match="dni_w_per_m2: 3 missing values"):
        field.fixed_tilt_capacity_factor(broken, tilt_deg=30)
    with pytest.raises(ValueError, match=r"tilt_deg: must lie in 0\.\.90, is 400"):
        field.fixed_tilt_capacity_factor(golmud, tilt_deg=400)
    with pytest.raises(ValueError, match=r"losses: must lie in 0\.\.1, is -0\.1"):
        field.fixed_tilt_capacity_factor(golmud, tilt_deg=30, losses=-0.1)
    with pytest.raises(ValueError, match="snow: 3 values for 8760 steps"):
        field.fixed_tilt_capacity_factor(golmud, tilt_deg=30, snow=[0, 0, 0])
    with pytest.raises(TypeError, match="loses"):
        field.fixed_tilt_capacity_factor(golmud, tilt_deg=30, loses=0.1)
