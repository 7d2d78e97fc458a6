"""Error model and members: what is learned is what was put in, and no member is weather that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from weather.canonical import WeatherError, make_weather, problems_of
from weather.forecast import scores
from weather.forecast.copula import nearest_correlation
from weather.forecast.default_errors import default_error_model
from weather.forecast.error_model import ErrorModel, fit_error_model
from weather.forecast.forecast import as_forecast
from weather.forecast.members import members
from weather.sun.extraterrestrial import cosine_of_zenith, extraterrestrial_horizontal_w_per_m2

PLACE = {"latitude": 36.4, "longitude": 94.9}
LEADS = np.arange(1.0, 25.0)
ISSUES = pd.date_range("2025-01-01", periods=400, freq="12h")


def plateau_forecast(hours: int = 48, month: int = 6) -> xr.Dataset:
    """Half-clouded canonical forecast at Golmud, issued 14:00 UTC, sun parts that close."""
    time = pd.date_range(f"2026-{month:02d}-20T16:00", periods=hours, freq="h")
    above = extraterrestrial_horizontal_w_per_m2(time, **PLACE, step_h=1.0)
    cosine = cosine_of_zenith(time, **PLACE, step_h=1.0)
    ghi, flat = 0.55 * above, np.ones(hours)
    dni = np.where(cosine > 0.05, 0.6 * ghi / np.maximum(cosine, 0.05), 0.0)
    values = {
        "ghi_w_per_m2": ghi, "dni_w_per_m2": dni, "dhi_w_per_m2": ghi - dni * cosine, "dry_bulb_c": 12 * flat,
        "relative_humidity": 0.3 * flat, "pressure_pa": 71_000 * flat,
        "wind_speed_m_per_s": 4 + 3 * np.sin(np.arange(hours) / 5), "wind_speed_high_m_per_s": 6 + 0 * flat,
    }  # fmt: skip
    weather = make_weather(time, values, source="test", elevation_m=2808.0, timezone="UTC+08:00", **PLACE)
    return as_forecast(weather, time[0] - pd.Timedelta(hours=2))


def power_forecast(power, issue: str = "2026-01-01") -> xr.Dataset:
    time = pd.Timestamp(issue) + pd.to_timedelta(np.arange(1, len(power) + 1), unit="h")
    return as_forecast(xr.Dataset({"power": ("time", np.asarray(power, dtype=float))}, coords={"time": time}), issue)


def archive(**variables) -> xr.Dataset:
    return xr.Dataset(
        {name: (("issue", "lead_h"), values) for name, values in variables.items()},
        coords={"issue": ISSUES, "lead_h": LEADS},
        attrs={**PLACE, "step_h": 1.0},
    )


def correlated_errors(rng: np.random.Generator, decay_h: float) -> np.ndarray:
    """Standard normal errors (issue, lead), exponential correlation between leads."""
    correlation = np.exp(-np.abs(LEADS[:, None] - LEADS) / decay_h)
    return rng.standard_normal((len(ISSUES), len(LEADS))) @ np.linalg.cholesky(correlation).T


def wind_model(rng: np.random.Generator) -> ErrorModel:
    """Fitted on wind that comes 1 m/s stronger than forecast, scatters by 0.3 m/s in calm and 2 m/s in storm."""
    level = rng.uniform(3, 15, size=(len(ISSUES), len(LEADS)))
    scatter = np.where(level < 9, 0.3, 2.0)
    actual = level + 1.0 + scatter * correlated_errors(rng, decay_h=6.0)
    return fit_error_model(archive(wind_speed_m_per_s=level), archive(wind_speed_m_per_s=actual))


def wind_forecast(speed: float) -> xr.Dataset:
    time = pd.Timestamp("2026-01-01") + pd.to_timedelta(LEADS, unit="h")
    data = {"wind_speed_m_per_s": ("time", np.full(len(LEADS), speed))}
    return as_forecast(xr.Dataset(data, coords={"time": time}), "2026-01-01")


@pytest.mark.parametrize(("speed", "scatter"), [(5.0, 0.3), (13.0, 2.0)])
def test_learned_bias_and_scatter_come_back(speed, scatter):
    """Members are 1 m/s above the forecast and scatter as the past did at that speed, not by 1.4 at both."""
    drawn = members(wind_forecast(speed), wind_model(np.random.default_rng(5)), 2000, seed=1)["wind_speed_m_per_s"]
    assert float(drawn.mean()) == pytest.approx(speed + 1.0, abs=0.15)  # 400 correlated issues: 2/sqrt(400) = 0.1
    assert float(drawn.std()) == pytest.approx(scatter, abs=0.2)  # short leads have 50 pairs a bin, shrunk by 20


def test_learned_memory_comes_back():
    """Correlation between neighbouring hours exp(-1/6) = .85 and six hours apart .37, not 0 and not 1."""
    drawn = members(wind_forecast(13.0), wind_model(np.random.default_rng(5)), 2000, seed=1)["wind_speed_m_per_s"]
    correlation = np.corrcoef(drawn.values.T)
    assert np.diag(correlation, 1).mean() == pytest.approx(
        np.exp(-1 / 6), abs=0.07
    )  # a bin across calm and storm blurs
    assert np.diag(correlation, 6).mean() == pytest.approx(np.exp(-1), abs=0.1)


def test_errors_of_two_variables_go_together():
    """Temperature errors that are .8 wind errors in the past are so in the members; independent draws give 0."""
    rng = np.random.default_rng(7)
    shock, own = correlated_errors(rng, decay_h=6.0), correlated_errors(rng, decay_h=6.0)
    zero = np.full(shock.shape, 8.0)
    model = fit_error_model(
        archive(wind_speed_m_per_s=zero, dry_bulb_c=zero),
        archive(wind_speed_m_per_s=zero + shock, dry_bulb_c=zero + 0.8 * shock + 0.6 * own),
    )
    forecast = wind_forecast(8.0).assign(dry_bulb_c=("time", np.full(len(LEADS), 8.0)))
    drawn = members(forecast, model, 2000, seed=1)
    same_hour = np.corrcoef(drawn["wind_speed_m_per_s"].values.ravel(), drawn["dry_bulb_c"].values.ravel())[0, 1]
    assert same_hour == pytest.approx(0.8, abs=0.1)  # shrinkage by 30 in 430 issues, sampling


def test_quick_and_slow_errors_go_together_too():
    """Wind errors of 1 h and temperature errors of 24 h memory, shocks at .9, correlate by about .4 at the same hour.

    The members keep that; to take the hour's correlation for the shocks' would give .15.
    """
    rng = np.random.default_rng(9)
    wind_shock, own = rng.standard_normal((2, len(ISSUES), len(LEADS)))
    shocks = (wind_shock, 0.9 * wind_shock + np.sqrt(1 - 0.81) * own)
    apart = np.abs(LEADS[:, None] - LEADS)
    wind, warm = (shock @ np.linalg.cholesky(np.exp(-apart / h)).T for shock, h in zip(shocks, (1, 24), strict=True))
    zero = np.full(wind.shape, 8.0)
    model = fit_error_model(
        archive(wind_speed_m_per_s=zero, dry_bulb_c=zero),
        archive(wind_speed_m_per_s=zero + wind, dry_bulb_c=zero + warm),
    )
    drawn = members(wind_forecast(8.0).assign(dry_bulb_c=("time", zero[0])), model, 2000, seed=1)
    past = np.corrcoef(wind.ravel(), warm.ravel())[0, 1]
    same_hour = np.corrcoef(drawn["wind_speed_m_per_s"].values.ravel(), drawn["dry_bulb_c"].values.ravel())[0, 1]
    assert past > 0.3
    assert same_hour == pytest.approx(past, abs=0.1)  # shrinkage by 30 in 430 issues, sampling


def test_sun_is_learned_as_clearness():
    """A past of winter noons that came 20 % duller makes a summer noon so: 240 W/m2 less, not winter's 110."""
    times = ISSUES.to_numpy()[:, None] + pd.to_timedelta(LEADS, unit="h").to_numpy()
    flat = pd.DatetimeIndex(times.ravel())
    above = extraterrestrial_horizontal_w_per_m2(flat, **PLACE, step_h=1.0).reshape(times.shape)
    winter = np.isin(flat.month, [1, 2, 12]).reshape(times.shape)
    forecast_ghi, came = 0.7 * above, np.where(winter, 0.5 * above, np.nan)
    model = fit_error_model(archive(ghi_w_per_m2=forecast_ghi), archive(ghi_w_per_m2=came))
    forecast = plateau_forecast()
    noon = int(np.argmax(forecast["ghi_w_per_m2"].values))
    drawn = members(forecast, model, 50, seed=1)["ghi_w_per_m2"][:, noon].values
    summer = extraterrestrial_horizontal_w_per_m2(forecast.indexes["time"], **PLACE, step_h=1.0)[noon]
    assert drawn == pytest.approx(np.full(50, 0.35 * summer), rel=1e-6)  # constant error: interpolation rounds


def test_intervals_are_right_where_the_model_is_true():
    """On fresh errors of the fitted kind the central 80 % covers 80 %, tails alike; half the spread covers 48 %."""
    rng = np.random.default_rng(11)
    level = np.full((len(ISSUES), len(LEADS)), 0.5)
    past, fresh = (0.5 + 0.1 * correlated_errors(rng, decay_h=6.0) for _ in range(2))
    model = fit_error_model(archive(power=level), archive(power=np.clip(past, 0, 1)))
    drawn = members(power_forecast(level[0]), model, 500, seed=1)["power"].values
    spread = np.broadcast_to(drawn[:, None], (500, *fresh.shape))
    assert scores.coverage(spread, fresh) == pytest.approx(0.8, abs=0.03)  # 400 issues x some 4 independent hours
    assert scores.rank_of_observation(spread, fresh).mean() == pytest.approx(0.5, abs=0.03)


def test_same_seed_same_members():
    """Byte for byte; another seed differs."""
    first, again, other = (members(plateau_forecast(), default_error_model(), 5, seed=s) for s in (4, 4, 5))
    xr.testing.assert_identical(first, again)
    assert (first["wind_speed_m_per_s"].values != other["wind_speed_m_per_s"].values).any()


def test_each_member_is_canonical_weather():
    """Every member passes the canonical check, closes its sun parts and stays dark where the forecast is dark."""
    forecast = plateau_forecast()
    drawn = members(forecast, default_error_model(), 60, seed=2)
    for member in range(60):
        assert problems_of(drawn.isel(member=member)) == []
    night = forecast["ghi_w_per_m2"].values == 0
    assert night.any()
    for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        assert (drawn[name].values[:, night] == 0).all()
    cosine = cosine_of_zenith(forecast.indexes["time"], **PLACE, step_h=1.0)
    gap = drawn["ghi_w_per_m2"] - drawn["dhi_w_per_m2"] - drawn["dni_w_per_m2"] * cosine
    assert float(abs(gap).max()) < 1e-6  # W/m2, rounding of numbers up to 1,500
    assert float(drawn["ghi_w_per_m2"].std("member").max()) > 50  # and yet the sun differs


def test_dark_by_forecast_stays_dark_and_clear_stays_possible():
    """A noon forecast as 0 stays 0; no member of a forecast of clearness .8 is clearer than .85 (uncapped: .92)."""
    forecast = plateau_forecast()
    above = extraterrestrial_horizontal_w_per_m2(forecast.indexes["time"], **PLACE, step_h=1.0)
    noon = int(np.argmax(above))
    ghi_w_per_m2 = 0.8 * above
    ghi_w_per_m2[noon] = 0.0
    forecast = forecast.assign(ghi_w_per_m2=("time", ghi_w_per_m2, forecast["ghi_w_per_m2"].attrs))
    drawn = members(forecast, default_error_model(), 200, seed=1)["ghi_w_per_m2"].values
    assert (drawn[:, noon] == 0).all()
    assert (drawn <= 0.85 * above + 1e-9).all()  # W/m2, rounding
    assert drawn[:, noon + 1].max() > 0.84 * above[noon + 1]  # the cap is reached


def test_warmer_air_holds_the_same_vapour():
    """Vapour pressure (by Magnus) of all members within 1 % of the forecast's; the same humidity would be 12 % off."""
    forecast = plateau_forecast()
    drawn = members(forecast, default_error_model(), 40, seed=3)

    def vapour(weather: xr.Dataset) -> np.ndarray:
        warm = weather["dry_bulb_c"].values
        return weather["relative_humidity"].values * 611.2 * np.exp(17.62 * warm / (243.12 + warm))

    assert vapour(drawn) == pytest.approx(np.broadcast_to(vapour(forecast), (40, 48)), rel=0.01)
    assert float(drawn["dry_bulb_c"].std()) > 1.0


def test_high_wind_keeps_the_shear():
    """Above 0.5 m/s the upper wind over the lower one stays the forecast's ratio."""
    forecast = plateau_forecast()
    drawn = members(forecast, default_error_model(), 40, seed=3)
    low, high = drawn["wind_speed_m_per_s"], drawn["wind_speed_high_m_per_s"]
    blowing = forecast["wind_speed_m_per_s"].values > 0.5
    ratio = (forecast["wind_speed_high_m_per_s"] / forecast["wind_speed_m_per_s"]).values
    np.testing.assert_allclose(high.values[:, blowing], (low.values * ratio)[:, blowing])


def test_untouched_variables_stay():
    """Pressure has no errors: it keeps dim (time) and its values."""
    drawn = members(plateau_forecast(), default_error_model(), 3, seed=1)
    assert drawn["pressure_pa"].dims == ("time",)


def test_solar_power_stays_dark_at_night():
    """Solar power forecast as 0 is 0 in every member; wind power forecast as 0 may yet blow."""
    forecast = power_forecast([0.0, 0.0, 0.4, 0.0])
    sun = members(forecast, default_error_model(solar_power=["power"]), 50, seed=1)["power"].values
    wind = members(forecast, default_error_model(wind_power=["power"]), 50, seed=1)["power"].values
    assert (sun[:, [0, 1, 3]] == 0).all()
    assert sun[:, 2].std() > 0.05
    assert wind[:, 0].max() > 0.02


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=72), st.integers(1, 20), st.integers(0, 99))
def test_power_stays_within_the_plant(power, n, seed):
    """Any forecast, any number of members, any seed: all powers within 0..capacity and of the asked shape."""
    drawn = members(power_forecast(power), default_error_model(wind_power=["power"]), n, seed)["power"].values
    assert drawn.shape == (n, len(power))
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_any_number_of_members_and_leads():
    """A model fitted on 24 leads serves 60 h in half-hour steps and hours already past at issue."""
    time = pd.date_range("2025-12-31T20:00", periods=120, freq="30min")
    data = xr.Dataset({"wind_speed_m_per_s": ("time", np.full(120, 9.0))}, coords={"time": time})
    drawn = members(as_forecast(data, "2026-01-01"), wind_model(np.random.default_rng(5)), 3, seed=1)
    assert drawn["wind_speed_m_per_s"].shape == (3, 120)
    assert np.isfinite(drawn["wind_speed_m_per_s"].values).all()


def test_nearest_correlation_is_one():
    """Correlations .9, .9 and -.9 cannot be together: the answer has unit diagonal, eigenvalues above 0, same signs."""
    impossible = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]])
    mended = nearest_correlation(impossible)
    assert np.diag(mended) == pytest.approx(np.ones(3))
    assert np.linalg.eigvalsh(mended).min() > 0
    assert (np.sign(mended) == np.sign(impossible)).all()
    np.testing.assert_allclose(nearest_correlation(np.eye(3)), np.eye(3), atol=1e-12)  # a good one stays


def test_problems_of_a_fit_are_all_named():
    """Power in MW and hardly any pair: both are said."""
    level = np.full((len(ISSUES), len(LEADS)), np.nan)
    level[0, :5] = 30.0
    with pytest.raises(WeatherError) as caught:
        fit_error_model(archive(power=level), archive(power=level))
    assert "power: 5 pairs" in str(caught.value)
    assert "power: a power lies outside 0..1" in str(caught.value)


def test_nothing_in_common_is_refused():
    """Wind against temperature teaches nothing."""
    ones = np.ones((len(ISSUES), len(LEADS)))
    with pytest.raises(WeatherError, match="no variable in common"):
        fit_error_model(archive(wind_speed_m_per_s=ones), archive(dry_bulb_c=ones))


@pytest.mark.parametrize(("power", "model", "part"), [
    ([0.5, np.nan], default_error_model(wind_power=["power"]), "1 missing values"),
    ([0.5, 30.0], default_error_model(wind_power=["power"]), "fraction of capacity"),
    ([0.5, 0.5], default_error_model(), "no errors known for this power"),
])  # fmt: skip
def test_unusable_forecasts_are_refused(power, model, part):
    """A gap, MW for a fraction, a power the model does not know: refused by name, not drawn as NaN."""
    with pytest.raises(WeatherError, match=part):
        members(power_forecast(power), model, 3, seed=1)


def test_sun_needs_a_place():
    """Without latitude no night can be known."""
    forecast = plateau_forecast()
    del forecast.attrs["latitude"]
    with pytest.raises(WeatherError, match="no latitude"):
        members(forecast, default_error_model(), 3, seed=1)
