"""Hub wind by climate: the law it is asked for, the hub's own daily course, weeks ranked against their year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation import hub_wind_masts
from weather.canonical import WeatherError
from weather.synthetic.year import synthetic_year
from weather.wind import farm
from weather.wind.hub_climate import HubClimate, bands, hub_climate_of, region_at
from weather.wind.hub_wind import hub_wind_by_climate, refuse_implausible, wind_figures
from weather.wind.rank_map import NAME, WindReference, ranks, wind_reference

EVEN = (1.0,) * 12


@pytest.fixture(scope="module")
def hohhot() -> xr.Dataset:
    """A synthetic year whose 10 m wind is calm in half of its hours."""
    return synthetic_year("hohhot", 2025)


@settings(max_examples=25, deadline=None)
@given(
    mean=st.floats(4.0, 10.0), k=st.floats(1.6, 2.8), amplitude=st.floats(0.0, 0.2), hour=st.floats(0.0, 24.0),
    seed=st.integers(0, 2**31 - 1),
)  # fmt: skip
def test_the_law_is_the_one_asked_for(mean: float, k: float, amplitude: float, hour: float, seed: int) -> None:
    """Mean within 2 % and k within 0.1 of the target, whatever the town's wind is: even rounded and half calm."""
    rng = np.random.default_rng(seed)
    time = pd.date_range("2025-01-01", periods=8760, freq="h")
    town = np.round(np.maximum(rng.weibull(1.3, 8760) * 3.0 - 1.0, 0.0))
    weather = xr.Dataset(
        {"wind_speed_m_per_s": ("time", town)}, {"time": time}, {"timezone": "UTC+08:00", "step_h": 1.0}
    )
    climate = HubClimate(mean, k, hour, amplitude, EVEN)
    figures = wind_figures(weather, hub_wind_by_climate(weather, climate))
    assert figures.mean_m_per_s == pytest.approx(mean, rel=0.02)
    assert figures.weibull_k == pytest.approx(k, abs=0.1)
    assert figures.day_amplitude == pytest.approx(
        amplitude, abs=0.04
    )  # a year's noise within one hour of the day: 365 days


def test_the_daily_course_is_the_hub_s_not_the_town_s(hohhot: xr.Dataset) -> None:
    """The town's wind peaks at noon; the hub's comes out with its maximum near midnight. Scaled, it stayed at noon."""
    assert 10 <= wind_figures(hohhot, hohhot["wind_speed_m_per_s"].values).hour_of_max <= 16
    at_hub = wind_figures(hohhot, hub_wind_by_climate(hohhot, hub_climate_of("inner_mongolia")))
    assert min(at_hub.hour_of_max, 24 - at_hub.hour_of_max) <= 2


def test_a_windy_week_stays_a_windy_week(hohhot: xr.Dataset) -> None:
    """A week with its year's table is the year's week to the last digit but for the ends of running means."""
    climate = hub_climate_of("inner_mongolia")
    whole = hub_wind_by_climate(hohhot, climate)
    week = hohhot.isel(time=slice(2000, 2168)).assign_attrs(hohhot.attrs | {NAME: wind_reference(hohhot).flat()})
    assert hub_wind_by_climate(week, climate)[13:-13] == pytest.approx(whole[2013:2155], abs=1e-9)


def test_more_wind_near_the_ground_is_never_less_at_the_hub(hohhot: xr.Dataset) -> None:
    """Ranks rise with the wind within an hour of day, also beyond the strongest wind of the table."""
    table = wind_reference(hohhot)
    hour = hohhot.isel(time=[4000])
    rising = [float(ranks(hour.assign(wind_speed_m_per_s=("time", [v])), table)[0]) for v in np.linspace(0, 60, 200)]
    assert (np.diff(rising) >= 0).all()
    assert rising[-1] < 1.0
    assert WindReference.of(table.flat()).speed_m_per_s == pytest.approx(table.speed_m_per_s)


def test_full_load_hours_are_met_by_the_law(hohhot: xr.Dataset) -> None:
    """A year fitted to 2,400 h gives 2,400 h within 3 %: the law's year against this one's storms and density."""
    losses = {"wake_efficiency": 0.92, "availability": 0.97}
    factor = farm.capacity_factor(hohhot, climate=hub_climate_of("inner_mongolia"), full_load_hours=2400.0, **losses)
    assert float(factor.sum()) == pytest.approx(2400.0, rel=0.03)


def test_a_town_s_wind_is_no_hub_s(hohhot: xr.Dataset) -> None:
    """Scaled 10 m wind of half calm hours is refused with what is wrong and what to set; a climate's wind passes."""
    town = hohhot["wind_speed_m_per_s"].values * 3
    with pytest.raises(WeatherError, match=r"below 3 m/s.*hub_wind: climate"):
        refuse_implausible(hohhot, town)
    refuse_implausible(hohhot, hub_wind_by_climate(hohhot, hub_climate_of("inner_mongolia")))


def test_every_region_s_middle_lies_in_its_own_band() -> None:
    """Share below 3 m/s follows from mean, k and courses; it must lie within the band that stands beside them (± .02)."""
    time = pd.date_range("2025-01-01", periods=8760, freq="h")
    wind = np.random.default_rng(1).weibull(2.0, 8760) * 4.0
    weather = xr.Dataset({"wind_speed_m_per_s": ("time", wind)}, {"time": time}, {"timezone": "UTC", "step_h": 1.0})
    for region, row in bands().items():
        figures = wind_figures(weather, hub_wind_by_climate(weather, hub_climate_of(region)))
        assert float(row["calm_low"]) - 0.02 <= figures.share_below_cut_in <= float(row["calm_high"]) + 0.02, region
        assert float(row["k_low"]) - 0.05 <= figures.weibull_k <= float(row["k_high"]) + 0.05, region


def test_places_find_their_region_and_a_slip_its_name() -> None:
    """Golmud lies in Haixi, Gonghe's stations in Gonghe, Denver elsewhere; 'haxi' is told 'haixi'."""
    assert [region_at(36.42, 94.9), region_at(36.3, 100.6), region_at(40.4, 111.8), region_at(39.7, -105.0)] == [
        "haixi", "gonghe", "inner_mongolia", "elsewhere",
    ]  # fmt: skip
    with pytest.raises(WeatherError, match="did you mean 'haixi'"):
        hub_climate_of("haxi")


def test_jilin_mast_from_10_to_80_m(shared_file: Callable[[str], Path]) -> None:
    """Mast of western Jilin: RMSE at most 1.5 m/s (scaling 1.85), daily course r at least .8 (scaling -.62), k, calms."""
    root = shared_file(hub_wind_masts.JILIN).parents[2]
    comparison = hub_wind_masts.jilin(root)
    assert comparison.rmse_m_per_s <= 1.5
    assert comparison.daily_course_r >= 0.8
    assert comparison.ours.weibull_k == pytest.approx(comparison.measured.weibull_k, abs=0.1)
    assert comparison.ours.share_below_cut_in == pytest.approx(comparison.measured.share_below_cut_in, abs=0.03)
