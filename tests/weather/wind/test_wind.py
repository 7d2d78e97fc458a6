"""Wind yield: against independent figures, in the right directions, with standstills and its own curves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from windpowerlib import density

from tests.validation import yield_stations
from weather import sources
from weather.canonical import WeatherError, make_weather
from weather.quality.repair import repair
from weather.synthetic.year import synthetic_year
from weather.wind import farm, hub, turbines
from weather.wind.standstill import icing, stopped_between
from weather.wind.turbines import PowerCurve

STEP_CURVE = PowerCurve(np.array([3.0, 12.0, 25.0]), np.array([0.0, 1.0, 1.0]))


def blowing(speeds: list[float], *, dry_bulb_c: float = 15.0, humidity: float = 0.5, **high: np.ndarray) -> xr.Dataset:
    """Hours of wind at 10 m in air of 1.225 kg/m³ (15 °C, sea level)."""
    steps = len(speeds)
    values = {
        "ghi_w_per_m2": np.zeros(steps), "dni_w_per_m2": np.zeros(steps), "dhi_w_per_m2": np.zeros(steps),
        "dry_bulb_c": np.full(steps, dry_bulb_c), "relative_humidity": np.full(steps, humidity),
        "pressure_pa": np.full(steps, 101_325.0), "wind_speed_m_per_s": np.array(speeds, float), **high,
    }  # fmt: skip
    time = pd.date_range("2025-01-01", periods=steps, freq="h")
    return make_weather(
        time, values, source="made", latitude=40, longitude=95, elevation_m=0, timezone="UTC+08:00",
        wind_height_high_m=100.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def golmud() -> xr.Dataset:
    """A synthetic year of Golmud."""
    return synthetic_year("golmud", 2025, seed=1)


@pytest.mark.parametrize("name", yield_stations.STATIONS)
def test_capacity_factors_of_stations(shared_file: Callable[[str], Path], name: str) -> None:
    """Independently computed capacity factors are met within .002 (the bar); without density correction Golmud's would
    be off by .026."""
    station = yield_stations.STATIONS[name]
    weather = sources.read(shared_file(f"data/weather/{station.file}"))
    thin = float(farm.capacity_factor(weather, shear_exponent=0.14).mean())
    still = float(farm.capacity_factor(weather, shear_exponent=0.14, density_correction=False).mean())
    assert thin == pytest.approx(station.wind_thin_air, abs=0.002)
    assert still == pytest.approx(station.wind, abs=0.002)


@pytest.mark.parametrize("turbine", ["N131/3000", "GE130/3200", "E-141/4200"])
def test_thin_air_at_golmud(shared_file: Callable[[str], Path], turbine: str) -> None:
    """Thin air takes 14-20 % at a hub mean of 5.6 m/s and 24-28 % at the file's own wind; linear scaling with density
    would take 26 % at both."""
    path = shared_file(f"data/weather/{yield_stations.STATIONS['Golmud'].file}")
    weather = repair(sources.read(path))
    assert 0.14 < yield_stations.density_loss(weather, 5.6, turbine) < 0.20
    assert 0.24 < yield_stations.density_loss(weather, None, turbine) < 0.28


def test_power_curve_by_hand() -> None:
    """Hub wind 7.5 m/s halfway up a straight curve from 3 to 12 gives .5; with shear applied twice it would give .8."""
    weather = blowing([7.5, 2.0, 13.0])
    factor = farm.capacity_factor(weather, power_curve=STEP_CURVE, shear_exponent=0.0, density_correction=False)
    assert factor.values == pytest.approx([0.5, 0.0, 1.0])


def test_shear_by_hand() -> None:
    """10 m/s at 10 m are 14.0 at 110 m by exponent .14, and 15.2 by the logarithm over .1 m roughness."""
    weather = blowing([10.0])
    power = hub.hub_wind_m_per_s(weather, hub_height_m=110, shear_exponent=0.14, roughness_length_m=None)
    log = hub.hub_wind_m_per_s(weather, hub_height_m=110, shear_exponent=None, roughness_length_m=0.1)
    assert power == pytest.approx([10 * 11**0.14])
    assert log == pytest.approx([10 * np.log(1100) / np.log(100)])
    with pytest.raises(ValueError, match="give one of the two"):
        hub.hub_wind_m_per_s(weather, hub_height_m=110, shear_exponent=0.14, roughness_length_m=0.1)


def test_two_heights_give_the_shear() -> None:
    """Wind that grows by exponent .2 between 10 and 100 m reaches the hub by .2; the usual .14 from 10 m would be 13 %
    less; a calm step falls back to the usual one instead of dividing by zero."""
    high = np.array([8.0 * 10**0.2, 1.0])
    weather = blowing([8.0, 0.0], wind_speed_high_m_per_s=high)
    speed = hub.hub_wind_m_per_s(weather, hub_height_m=110, shear_exponent=None, roughness_length_m=None)
    assert speed == pytest.approx([8.0 * 11**0.2, 1.0 * 1.1**0.14])


def test_density_against_windpowerlib() -> None:
    """Equals the library's barometric density at sea level within .1 %; at 72,000 Pa it lies up to .6 % above, because
    the library takes sea level's 1/8 hPa off per metre. Density at ground temperature would be .25 % lower."""
    weather = blowing([5.0])
    hub_k = 288.15 - 0.0065 * 108
    ours = hub.hub_density_kg_per_m3(weather, hub_height_m=110)
    assert ours == pytest.approx(density.barometric(101_325.0, 0, 110, hub_k), rel=0.001)
    high = weather.assign(pressure_pa=weather["pressure_pa"] * 0.72)
    excess = hub.hub_density_kg_per_m3(high, hub_height_m=110) / density.barometric(0.72 * 101_325.0, 0, 110, hub_k) - 1
    assert 0.004 < float(excess[0]) < 0.008


def test_storm_stop_and_restart() -> None:
    """After 26 m/s the turbine stands until the wind falls to 20: 22 m/s gives nothing after the storm, full power
    before. Without hysteresis the third hour would run."""
    weather = blowing([22, 26, 22, 21, 19, 22])
    factor = farm.capacity_factor(weather, power_curve=STEP_CURVE, shear_exponent=0.0)
    assert factor.values.tolist() == [1, 0, 0, 0, 1, 1]
    thin = weather.assign(pressure_pa=weather["pressure_pa"] * 0.7)
    # thin air stretches the curve, not the storm limit
    assert farm.capacity_factor(thin, power_curve=STEP_CURVE, shear_exponent=0.0).values.tolist() == [1, 0, 0, 0, 1, 1]


def test_stopped_between_by_hand() -> None:
    """Stops at 5, restarts at 2, keeps its state between; the wrong way round is refused."""
    stands = stopped_between(np.array([4, 5, 3, 2, 4, 6, 1]), stop_at=5, restart_at=2)
    assert stands.tolist() == [False, True, True, False, False, True, False]
    with pytest.raises(ValueError, match="must not lie above"):
        stopped_between(np.array([1.0]), stop_at=2, restart_at=5)


def test_cold_stop() -> None:
    """Below -30 °C it stands and restarts 3 K warmer; an unsigned comparison would stop it in summer."""
    weather = blowing([10.0] * 5)
    weather["dry_bulb_c"].values[:] = [-29.0, -31.0, -28.5, -26.5, 20.0]
    factor = farm.capacity_factor(weather, power_curve=STEP_CURVE, shear_exponent=0.0, low_temperature_stop_c=-30.0)
    assert (factor.values > 0).tolist() == [True, False, False, True, True]


def test_icing_takes_its_share_only_in_icing_hours() -> None:
    """Humid frost loses the share, dry frost and humid warmth nothing."""
    assert icing(np.array([-3.0, -3.0, 3.0, -25.0]), np.array([0.97, 0.5, 0.97, 0.97])).tolist() == [1, 0, 0, 0]
    weather = blowing([10.0], dry_bulb_c=-3.0, humidity=0.97)
    plain = farm.capacity_factor(weather, power_curve=STEP_CURVE, shear_exponent=0.0)
    iced = farm.capacity_factor(weather, power_curve=STEP_CURVE, shear_exponent=0.0, icing_loss=0.3)
    assert float(iced[0]) == pytest.approx(0.7 * float(plain[0]))
    dry = blowing([10.0], dry_bulb_c=-3.0, humidity=0.5)
    assert float(farm.capacity_factor(dry, power_curve=STEP_CURVE, shear_exponent=0.0, icing_loss=0.3)[0]) == float(
        plain[0]
    )


def test_hub_mean_and_full_load_hours(golmud: xr.Dataset) -> None:
    """Scaled to 5.6 m/s the loss-free farm gives 1,900-2,600 h; asked for 2,000 h it gives 2,000 within 2 (root finding
    to 1 mm/s); asked for 20,000 it refuses, as a year has 8,760."""
    at_mean = farm.capacity_factor(golmud, hub_mean_m_per_s=5.6)
    assert 1900 < float(at_mean.mean()) * 8760 < 2600
    losses = {"wake_efficiency": 0.92, "availability": 0.97}
    at_full_load_hours = farm.capacity_factor(golmud, full_load_hours=2000.0, **losses)
    assert float(at_full_load_hours.mean()) * 8760 == pytest.approx(2000, abs=2)
    with pytest.raises(WeatherError, match="20000 cannot be reached"):
        farm.capacity_factor(golmud, full_load_hours=20_000.0)
    with pytest.raises(ValueError, match="give one of the two"):
        farm.capacity_factor(golmud, full_load_hours=2000.0, hub_mean_m_per_s=6.0)


def test_losses_multiply(golmud: xr.Dataset) -> None:
    """Wake .9 and availability .95 leave exactly .855; added up they would leave .85."""
    plain = farm.capacity_factor(golmud, hub_mean_m_per_s=6.0)
    lossy = farm.capacity_factor(golmud, hub_mean_m_per_s=6.0, wake_efficiency=0.9, availability=0.95)
    assert float(lossy.sum() / plain.sum()) == pytest.approx(0.855)


def test_farm_smoothing(golmud: xr.Dataset) -> None:
    """A spread of 10 % rounds the knee below full power and fills the foot, and moves the year's energy by under 3 %
    (both ends nearly cancel); an unscaled normal density would change it by far more."""
    curve = turbines.power_curve_of("N131/3000")
    together = turbines.smoothed(curve, 0.1)
    knee = curve.wind_speed_m_per_s[np.argmax(curve.power >= 0.99)]
    assert np.interp(knee, together.wind_speed_m_per_s, together.power) < 0.99
    assert np.interp(20.0, together.wind_speed_m_per_s, together.power) == pytest.approx(1.0, abs=0.01)
    plain = farm.capacity_factor(golmud, hub_mean_m_per_s=6.0)
    smooth = farm.capacity_factor(golmud, hub_mean_m_per_s=6.0, farm_smoothing=0.1)
    assert float(smooth.mean()) == pytest.approx(float(plain.mean()), rel=0.03)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    speeds=st.lists(st.floats(0, 40), min_size=1, max_size=24), dry_bulb_c=st.floats(-40, 40),
    turbine=st.sampled_from(["N131/3000", "E-141/4200", "GE130/3200", "V126/3450"]), smoothing=st.floats(0, 0.2),
)  # fmt: skip
def test_bounds(speeds: list[float], dry_bulb_c: float, turbine: str, smoothing: float) -> None:
    """Output lies in 0..1 of nameplate at any wind, temperature and curve; cold dense air must not lift it above."""
    weather = blowing(speeds, dry_bulb_c=dry_bulb_c)
    factor = farm.capacity_factor(weather, turbine=turbine, farm_smoothing=smoothing)
    assert float(factor.min()) >= 0
    assert float(factor.max()) <= 1


def test_step_length_does_not_matter() -> None:
    """Quarter-hours of the same wind give the same output as hours: nothing in the chain counts steps."""
    hours = blowing([4.0, 8.0, 12.0])
    quarters = hours.isel(time=np.repeat(np.arange(3), 4))
    quarters = quarters.assign_coords(time=pd.date_range("2025-01-01", periods=12, freq="15min"))
    quarters.attrs["step_h"] = 0.25
    assert np.array_equal(farm.capacity_factor(quarters)[::4], farm.capacity_factor(hours))


def test_turbines_by_name() -> None:
    """The library's 67 curves are within 0..1 and named; an unknown one names its neighbours."""
    names = farm.turbine_names()
    assert len(names) == 67
    assert {"N131/3000", "GE130/3200", "E-141/4200"} <= set(names)
    with pytest.raises(WeatherError, match=r"N131/3001: no turbine type.*N131/3000"):
        farm.capacity_factor(blowing([5.0]), turbine="N131/3001")


@pytest.mark.parametrize(
    ("speeds", "power", "message"),
    [
        ([3, 12], [0, 3000], "divide it by the nameplate"),
        ([12, 3], [0, 1], "must rise"),
        ([3, 12], [0, 1, 1], "as many powers"),
        ([3, np.nan], [0, 1], "no numbers"),
    ],
)
def test_wrong_power_curves(speeds: list[float], power: list[float], message: str) -> None:
    """Each usual slip in one's own curve is refused with its remedy."""
    with pytest.raises(WeatherError, match=message):
        PowerCurve(np.array(speeds, float), np.array(power, float))


def test_missing_and_calm_weather() -> None:
    """NaN is refused, never passed on (windpowerlib passes it on); a calm series cannot be scaled."""
    broken = blowing([5.0, np.nan, 5.0])
    with pytest.raises(WeatherError, match="wind_speed_m_per_s: 1 missing values"):
        farm.capacity_factor(broken)
    with pytest.raises(WeatherError, match="calm in every step"):
        farm.capacity_factor(blowing([0.0, 0.0]), hub_mean_m_per_s=6.0)
