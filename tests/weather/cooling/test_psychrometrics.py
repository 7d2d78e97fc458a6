"""Moist air against published points, psychrolib and its own definitions."""

from __future__ import annotations

import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weather.cooling.psychrometrics import (
    density_kg_per_m3,
    enthalpy_kj_per_kg,
    humidity_ratio,
    humidity_ratio_at_dew_point,
    saturation_pressure_pa,
    standard_pressure_pa,
    wet_bulb_c,
)

POINTS = [  # dry bulb °C, RH, Pa; psat Pa, W, h kJ/kg, rho, wet bulb °C
    (30, 0.50, 101_325, 4246.03, 0.0133102, 64.212, 1.1552, 22.005),
    (20, 0.50, 71_800, 2338.80, 0.0102973, 46.257, 0.8480, 12.962),
    (-10, 0.80, 71_800, 259.90, 0.0018063, -5.576, 0.9495, -10.823),
    (5, 0.90, 80_600, 872.49, 0.0061189, 20.390, 1.0058, 4.216),
]


@pytest.mark.parametrize("point", POINTS)
def test_points_agree(point):
    """Four published states, one iced. Sea-level pressure at 71,800 Pa would give W .0072 and a wet bulb of 13.8 °C."""
    dry_bulb, humidity, pressure, saturation, ratio, enthalpy, density, wet_bulb = point
    ours = humidity_ratio(dry_bulb, humidity, pressure)
    assert saturation_pressure_pa(dry_bulb) == pytest.approx(saturation, abs=0.01)  # given to 0.01 Pa
    assert ours == pytest.approx(ratio, abs=1e-6)
    assert enthalpy_kj_per_kg(dry_bulb, ours) == pytest.approx(enthalpy, abs=0.001)
    assert density_kg_per_m3(dry_bulb, ours, pressure) == pytest.approx(density, abs=1e-4)
    assert wet_bulb_c(dry_bulb, humidity, pressure) == pytest.approx(wet_bulb, abs=0.001)


def test_agrees_with_psychrolib():
    """600 random states, plateau to sea level. Near 0 °C a wick may be wet or iced, both answers are right;
    elsewhere 0.001 K. Stull's formula would miss by up to 3 K."""
    psychrolib.SetUnitSystem(psychrolib.SI)
    random = np.random.default_rng(7)
    dry_bulb, humidity = random.uniform(-40, 45, 600), random.uniform(0.01, 1, 600)
    pressure = random.uniform(60_000, 103_000, 600)
    ours = wet_bulb_c(dry_bulb, humidity, pressure)
    ratio = humidity_ratio(dry_bulb, humidity, pressure)
    states = list(zip(dry_bulb.tolist(), humidity.tolist(), pressure.tolist(), strict=True))
    theirs = np.array([psychrolib.GetTWetBulbFromRelHum(*state) for state in states])
    clear = (np.abs(theirs) > 1.0) & (np.abs(ours) > 1.0)
    assert clear.sum() > 500
    assert np.abs(ours - theirs)[clear].max() < 0.001  # psychrolib stops its bisection at 0.001 K
    assert ratio == pytest.approx([psychrolib.GetHumRatioFromRelHum(*state) for state in states], abs=1e-7)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(-60, 55), st.floats(0, 1), st.floats(50_000, 105_000))
def test_wet_bulb_never_exceeds_dry_bulb(dry_bulb, humidity, pressure):
    """A wick cannot warm above its air; an iced-branch root above 0 °C or a lost iteration would."""
    assert wet_bulb_c(dry_bulb, humidity, pressure) <= dry_bulb + 1e-6  # Newton stops at 1e-7 K


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(0.1, 50), st.floats(50_000, 105_000))
def test_saturated_air_is_its_own_wet_bulb(dry_bulb, pressure):
    """At 100 % the wet bulb is the dry bulb; a wrong latent heat would not show here, a wrong branch would."""
    assert wet_bulb_c(dry_bulb, 1.0, pressure) == pytest.approx(dry_bulb, abs=1e-5)


def test_thin_air_lowers_the_wet_bulb():
    """25 °C and 30 %: 14.4 °C at sea level, 13.05 °C at Golmud's 718 hPa; without pressure both were 14.4."""
    assert wet_bulb_c(25, 0.30, [101_325, 71_800]) == pytest.approx([14.4, 13.05], abs=0.05)  # given to 0.05 K


def test_standard_atmosphere_and_dew_point():
    """Golmud stands at 718 hPa by its elevation; air at its dew point is saturated."""
    assert standard_pressure_pa([0, 2808]) == pytest.approx([101_325, 71_800], abs=100)  # table in hPa
    assert humidity_ratio_at_dew_point(12.0, 80_000) == pytest.approx(humidity_ratio(12.0, 1.0, 80_000), rel=1e-12)


def test_impossible_air_is_refused():
    """Percent instead of a fraction, steam instead of air, and a gap: each is an error, not a number."""
    with pytest.raises(ValueError, match=r"0\.\.1"):
        humidity_ratio(20, 55, 101_325)
    with pytest.raises(ValueError, match="station pressure"):
        humidity_ratio(20, 0.5, 1013.25)
    with pytest.raises(ValueError, match="NaN"):
        wet_bulb_c([10.0, np.nan], 0.5, 101_325)
