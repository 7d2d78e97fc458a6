"""Synthetic years: close to their climate, different from seed to seed, whole, consistent and repeatable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation import yield_climate
from weather.canonical import WeatherError, problems_of
from weather.solar.plane_of_array import sun_of
from weather.synthetic.climate_table import CLIMATES, climate_of
from weather.synthetic.noise import autocorrelated, daily_anomalies
from weather.synthetic.seasons import smooth_course, through_noons
from weather.synthetic.year import SITES, synthetic_year

YEAR = pd.date_range("2025-01-01", "2026-01-01", freq="h", inclusive="left")


@pytest.mark.parametrize("site", yield_climate.FILES)
def test_years_look_like_the_file(shared_file: Callable[[str], Path], site: str) -> None:
    """Five seeds each: monthly GHI within 8 %, temperature 1.5 K, distributions within a Kolmogorov-Smirnov distance of
    .12, lag-1 autocorrelations within .1 (the bars). White noise has its lag-1 .2-.9 off, a plain Weibull without calms
    its wind .3 off at Xining."""
    file, _ = yield_climate.FILES[site]
    shared = shared_file(f"data/weather/{file}").parents[2]
    for seed in range(5):
        reached = yield_climate.distances(shared, site, seed)
        too_far = {name: value for name, value in reached.items() if value > yield_climate.BARS[name]}
        assert not too_far, f"seed {seed}"


def test_years_differ_as_real_ones_do() -> None:
    """Thirty seeds spread by 1.4-4 % in GHI and .4-1 K in temperature: without a yearly anomaly GHI would spread by 1 %
    and temperature by nothing. (The bars 2-4 %, .5-1 K, less the sampling error of 30 years, 13 % of a deviation.)"""
    ghi_sd, air_sd_k = yield_climate.spread("golmud", 30)
    assert 0.014 < ghi_sd < 0.04
    assert 0.4 < air_sd_k < 1.0


@pytest.mark.parametrize("site", SITES)
def test_every_site_gives_a_whole_canonical_year(site: str) -> None:
    """All nine sites give a complete year without impossible values, from local midnight, labelled synthetic."""
    weather = synthetic_year(site, 2025)
    assert problems_of(weather) == []
    assert weather.sizes["time"] == 8760
    assert str(weather["time"].values[0])[:13] == "2024-12-31T16"
    assert (weather.attrs["synthetic"], weather.attrs["typical"], weather.attrs["step_h"]) == (1, 0, 1.0)
    assert weather.attrs["source"] == f"synthetic year 2025 of {site.capitalize()} from monthly statistics"


def test_tables_are_the_sites() -> None:
    """Each name has a table and each table a name; a table holds twelve months and its source in the head."""
    assert sorted(path.stem for path in CLIMATES.glob("*.csv")) == sorted(SITES)
    for site in SITES:
        assert "CSWD" in (CLIMATES / f"{site}.csv").read_text(encoding="utf-8").splitlines()[1]
        assert climate_of(site).months["month"].tolist() == list(range(1, 13))


@pytest.mark.parametrize("site", SITES)
def test_months_keep_to_their_normals(site: str) -> None:
    """Every month's sun is within 8 % and its temperature within 1.5 K of the table, at all sites, for three seeds; a
    table read one row off would miss by 5 K."""
    normal = climate_of(site).months
    for seed in range(3):
        weather = synthetic_year(site, 2025, seed=seed)
        month = YEAR.month.to_numpy() - 1
        ghi = np.bincount(month, weather["ghi_w_per_m2"]) / 1000 / (np.bincount(month) / 24)
        air = np.bincount(month, weather["dry_bulb_c"]) / np.bincount(month)
        assert np.abs(ghi / normal["ghi_kwh_per_m2_day"] - 1).max() < 0.08
        assert np.abs(air - normal["dry_bulb_c"]).max() < 1.5


def test_leap_year_has_its_day() -> None:
    """2024 has 8,784 hours and ends with the last hour of the local year; a fixed 8,760 would lose 31 December."""
    weather = synthetic_year("golmud", 2024)
    assert weather.sizes["time"] == 8784
    assert str(weather["time"].values[-1])[:13] == "2024-12-31T15"


def test_seeds() -> None:
    """The same seed gives the same numbers; another seed, another year, another site gives others."""
    year = synthetic_year("golmud", 2025)
    assert year.identical(synthetic_year("golmud", 2025))
    for other in (synthetic_year("golmud", 2025, seed=7), synthetic_year("golmud", 2027)):
        assert np.corrcoef(year["wind_speed_m_per_s"], other["wind_speed_m_per_s"])[0, 1] < 0.5


def test_radiation_closes_and_follows_the_sun() -> None:
    """GHI - DHI - DNI cos z stays below 1 W/m² RMSE (the bar; CSWD files have 36-96), the night is dark, and the
    radiation is centred on the sun to 10 minutes (CSWD Golmud: 90 late)."""
    weather = synthetic_year("golmud", 2025)
    sun = sun_of(weather)
    up = np.clip(np.cos(np.radians(sun.zenith_deg)), 0, None)
    ghi = weather["ghi_w_per_m2"].values
    error = ghi - weather["dhi_w_per_m2"].values - weather["dni_w_per_m2"].values * up
    assert np.sqrt(np.mean(error**2)) < 1.0
    assert ghi[sun.zenith_deg > 91].max() == 0
    noon = [np.average(np.arange(24), weights=series.reshape(-1, 24).sum(axis=0)) for series in (ghi, up)]
    assert abs(noon[0] - noon[1]) < 1 / 6


def test_wind_keeps_its_mean() -> None:
    """Six years of Xining, half of whose hours are calms, have the table's mean wind within 5 % (six years of 4 % noise
    a month: 1 %, of hourly memory: 1 %); calms taken as exact zeros would lose 11 %, calms left out double it."""
    years = [synthetic_year("xining", 2025, seed=seed) for seed in range(6)]
    mean = np.mean([float(year["wind_speed_m_per_s"].mean()) for year in years])
    assert mean == pytest.approx(climate_of("xining").months["wind_speed_m_per_s"].mean(), rel=0.05)


def test_golmud_yields_like_the_file() -> None:
    """DNI of a synthetic Golmud year is 2,050-2,550 kWh/m² (the file's, modelled anew: 2,296; as filed: 1,596)."""
    for seed in range(3):
        dni = float(synthetic_year("golmud", 2025, seed=seed)["dni_w_per_m2"].sum()) / 1000
        assert 2050 < dni < 2550


def test_thin_air_lets_more_beam_through() -> None:
    """The brightest hour's DNI falls from Golmud (2,808 m) over Hohhot (1,063 m) to Shanghai (5 m), passing 1,050 W/m²
    at Golmud: a clear sky computed for sea level would stay below 1,000."""
    brightest = [float(synthetic_year(site, 2025)["dni_w_per_m2"].max()) for site in ("golmud", "hohhot", "shanghai")]
    assert brightest == sorted(brightest, reverse=True)
    assert brightest[0] > 1050


def test_unknown_site() -> None:
    """A misspelt site names the known ones and the nearest."""
    with pytest.raises(WeatherError, match=r"golmut: .*known are golmud, .*Did you mean golmud\?"):
        synthetic_year("golmut", 2025)


def test_lost_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing table is a WeatherError with its path, not a traceback of open()."""
    monkeypatch.setattr("weather.synthetic.climate_table.CLIMATES", tmp_path)
    with pytest.raises(WeatherError, match=r"golmud\.csv: climate table of golmud cannot be read"):
        synthetic_year("golmud", 2025)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(st.floats(-30, 35), min_size=12, max_size=12))
def test_smooth_course_keeps_the_months(monthly: list[float]) -> None:
    """Months' means come back exactly (1e-9: a 12 x 12 solve); plain interpolation loses up to 1 K of July."""
    course = smooth_course(np.array(monthly), YEAR)
    month = YEAR.month.to_numpy() - 1
    assert np.bincount(month, course) / np.bincount(month) == pytest.approx(monthly, abs=1e-9)


def test_through_noons_keeps_the_days() -> None:
    """Days' means come back within 1e-3 of their deviation of 1 (24 hours stand for a straight line); a line through
    the plain daily values would lose a quarter of it."""
    daily = np.random.default_rng(1).standard_normal(365)
    course = through_noons(daily, YEAR)
    assert course.reshape(365, 24).mean(axis=1) == pytest.approx(daily, abs=5e-3)


def test_noise_remembers() -> None:
    """An AR(1) of .7 has lag-1 .7 and deviation 1 within .02 (50,000 values: standard error .005)."""
    series = autocorrelated(np.random.default_rng(2), (50_000,), 0.7)
    assert yield_climate.lag1_of(series) == pytest.approx(0.7, abs=0.02)
    assert series.std() == pytest.approx(1.0, abs=0.02)


def test_daily_anomalies_have_no_month_of_their_own() -> None:
    """Every month's mean is 0 and the memory is the wanted within .03 (the best of a few candidates)."""
    month_of_day = YEAR.month.to_numpy()[::24]
    series = daily_anomalies(np.random.default_rng(3), month_of_day, 0.5, np.array)
    assert np.bincount(month_of_day, series)[1:] == pytest.approx(np.zeros(12), abs=1e-9)  # rounding
    assert yield_climate.lag1_of(series) == pytest.approx(0.5, abs=0.03)
