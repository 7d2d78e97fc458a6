"""Whole sites: worked points, the annual table, published anchors, and what physics demands of any load and weather."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation import cooling_sites
from tests.validation.cooling_sites import CASES, STATIONS, assisted_days, mechanical_pue, year
from weather.cooling.indirect_evaporative import DRY_ONLY
from weather.cooling.liquid_loop import DRY_OR_ADIABATIC
from weather.cooling.presets import AS_OPERATED, LIQUID_HEAVY, MODERN_IEC
from weather.cooling.psychrometrics import wet_bulb_c
from weather.cooling.site import air_heat_mw, design_air_heat_mw, facility_power

PLATEAU_PA = 71_800.0
FILES = {
    "Golmud": "CHN_Qinghai.Golmud.528180_CSWD", "Daqaidam": "CHN_Qinghai.Daqaidam.527130_CSWD",
    "Xining": "CHN_Qinghai.Xining.528660_CSWD", "Kunming": "CHN_Yunnan.Kunming.567780_CSWD",
    "Xifengzhen": "CHN_Gansu.Xifengzhen.539230_CSWD", "Hohhot": "CHN_Nei.Mongol.Hohhot.534630_CSWD",
    "Leadville": "USA_CO_Leadville-Lake.County.AP.724673_TMY3",
}  # fmt: skip
WORKED = [  # preset, load, dry bulb; PUE, WUE, hall fans, scavenger fans, spray or loop pumps' share follows from PUE
    (MODERN_IEC, 0.70, -10, 1.08494, 0.0, 0.02056, 0.00044),
    (MODERN_IEC, 0.70, 10, 1.08863, 0.0, 0.02056, 0.00303),
    (MODERN_IEC, 0.70, 22, 1.09416, 1.8985, 0.02056, 0.00329),
    (MODERN_IEC, 0.70, 30, 1.10260, 1.8985, 0.02056, 0.00919),
    (AS_OPERATED, 0.55, 10, 1.17357, 0.0, 0.03603, 0.00141),
    (AS_OPERATED, 0.55, 22, 1.19373, 0.0, 0.03603, 0.01250),
    (AS_OPERATED, 0.55, 30, 1.18486, 1.9609, 0.03603, 0.00469),
    (LIQUID_HEAVY, 0.70, 10, 1.07563, 0.0, 0.00370, 0.00055),
    (LIQUID_HEAVY, 0.70, 30, 1.09493, 0.3348, 0.00370, 0.00166),
]


def at(preset, load, dry_bulb_c, humidity=0.4, pressure_pa=PLATEAU_PA, **modes):
    """The site in one state of the weather."""
    wet_bulb = wet_bulb_c(dry_bulb_c, humidity, pressure_pa)
    return facility_power(load, dry_bulb_c, wet_bulb, pressure_pa, preset=preset, **modes)


@pytest.mark.parametrize("point", WORKED)
def test_worked_points(point):
    """Golmud pressure, 40 %: independent computation to 1e-4. Sea-level fans would lower PUE by .006."""
    preset, load, dry_bulb, pue, wue, indoor, outdoor = point
    site = at(preset, load, dry_bulb)
    assert site.pue == pytest.approx(pue, abs=1e-4)
    assert site.wue_l_per_kwh == pytest.approx(wue, abs=1e-4)
    assert site.air.indoor_fan_mw == pytest.approx(indoor, abs=1e-5)
    assert site.air.outdoor_fan_mw == pytest.approx(outdoor, abs=1e-5)


def test_trim_point_at_sea_level():
    """33 °C and 60 % at full load: the sprayed exchanger carries 65 %, a compressor of COP 3.80 the rest."""
    site = at(MODERN_IEC, 1.0, 33, 0.6, 101_325.0)
    assert site.air.capacity_ratio == pytest.approx(0.6499, abs=1e-4)
    assert site.air.compressor_heat_mw / site.air.compressor_mw == pytest.approx(3.80, abs=1e-3)
    assert (float(site.pue), float(site.wue_l_per_kwh)) == pytest.approx((1.21002, 1.2307), abs=1e-4)


def test_part_load_table():
    """PUE at Golmud against load (rows), temperature (columns), computed independently; one PUE fails by .06."""
    expected = [
        [1.1448, 1.1448, 1.1448, 1.1455, 1.1463, 1.1472, 1.1488, 1.1542, 1.1713, 1.1516],
        [1.0961, 1.0965, 1.0978, 1.0999, 1.1027, 1.1059, 1.1113, 1.1042, 1.1057, 1.1082],
        [1.0848, 1.0858, 1.0886, 1.0931, 1.0989, 1.0933, 1.0942, 1.0961, 1.0993, 1.1048],
        [1.0948, 1.0964, 1.1012, 1.1086, 1.1182, 1.1053, 1.1068, 1.1100, 1.1151, 1.1240],
        [1.1017, 1.1038, 1.1097, 1.1189, 1.1308, 1.1135, 1.1153, 1.1192, 1.1255, 1.1364],
    ]
    temperature = np.array([-15.0, 0, 10, 15, 18, 20, 22, 25, 28, 31])
    ours = at(MODERN_IEC, np.array([0.3, 0.5, 0.7, 0.9, 1.0])[:, None], temperature).pue
    assert ours == pytest.approx(np.array(expected), abs=1e-4)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("station", STATIONS)
def test_annual_table(shared_file, station, case):
    """Annual means on seven typical years to .0005 PUE and .005 L/kWh; a wrong mode order moves Kunming by .003."""
    number = STATIONS.index(station)
    site = year(case, shared_file(f"data/weather/{FILES[station]}.epw"))
    assert site.pue.mean() == pytest.approx(case.expected_pue[number], abs=cooling_sites.PUE_TOLERANCE)
    if case.expected_wue:
        assert site.wue_l_per_kwh.mean() == pytest.approx(case.expected_wue[number], abs=cooling_sites.WUE_TOLERANCE)
    if case is CASES[0]:
        assert int((site.air.pump_mw > 0).sum()) == cooling_sites.WET_HOURS[number]
        assert int((site.air.compressor_mw > 0).sum()) == cooling_sites.TRIM_HOURS[number]


def test_published_anchors(shared_file):
    """Xining 1.17 ± .03 (calibration), its assisted days 30..75 (51 published), NREL's liquid hall 1.037 ± .015."""
    xining = shared_file(f"data/weather/{FILES['Xining']}.epw")
    leadville = shared_file(f"data/weather/{FILES['Leadville']}.epw")
    assert year(CASES[1], xining).pue.mean() == pytest.approx(1.17, abs=0.03)
    assert 30 <= assisted_days(xining, AS_OPERATED, 0.55) <= 75
    assert mechanical_pue(year(CASES[3], leadville)) == pytest.approx(1.037, abs=0.015)


LOADS, TEMPERATURES = st.floats(0.05, 1.0), st.floats(-30.0, 42.0)
PRESETS = st.sampled_from([MODERN_IEC, AS_OPERATED, LIQUID_HEAVY])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PRESETS, LOADS, TEMPERATURES, st.floats(0.02, 1.0), st.floats(60_000, 102_000))
def test_every_state_closes(preset, load, dry_bulb, humidity, pressure):
    """Heat in equals heat rejected, free or by compressor; PUE above 1; water only where allowed; nothing negative."""
    for modes in ({}, {"air_modes": DRY_ONLY}, {"liquid_modes": DRY_OR_ADIABATIC}):
        site = at(preset, load, dry_bulb, humidity, pressure, **modes)
        plants = [(site.air, site.air_heat_mw)] + ([(site.liquid, site.liquid_heat_mw)] if site.liquid else [])
        for plant, heat_mw in plants:
            assert plant.free_heat_mw + plant.compressor_heat_mw == pytest.approx(heat_mw, rel=1e-12)
            parts = (plant.indoor_fan_mw, plant.outdoor_fan_mw, plant.compressor_mw, plant.pump_mw)
            assert min(map(float, parts)) >= 0
            assert 0 <= plant.outdoor_flow <= 1
        assert site.pue > 1
    assert at(preset, load, dry_bulb, humidity, pressure, air_modes=DRY_ONLY).water_m3_per_h == 0


def test_pue_falls_then_rises_with_load():
    """15 °C at Golmud: fixed losses weigh at load .2, fans at 1. A constant share would be flat."""
    pue = at(MODERN_IEC, np.linspace(0.2, 1.0, 81), 15.0).pue
    best = int(np.argmin(pue))
    assert 0.5 < np.linspace(0.2, 1.0, 81)[best] < 0.8
    assert (np.diff(pue[: best + 1]) < 0).all()
    assert (np.diff(pue[best:]) > 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(PRESETS, LOADS, TEMPERATURES, st.floats(0.1, 10.0))
def test_warmer_never_costs_less_without_water(preset, load, dry_bulb, warmer_k):
    """Dry plants: a warmer hour never lowers power, whichever load."""
    power = at(preset, load, np.array([dry_bulb, dry_bulb + warmer_k]), air_modes=DRY_ONLY).power_mw
    assert power[1] >= power[0] - 1e-12  # rounding


@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_fans_cost_more_higher_up(exponent):
    """Fan power rises at every step up to 4,000 m; at Golmud it is 1.41 times that of sea level, or 1.99."""
    preset = replace(MODERN_IEC, air=replace(MODERN_IEC.air, fan_altitude_exponent=exponent))
    pressure = np.linspace(101_325, 61_600, 30)
    site = facility_power(0.7, 10.0, 3.0, pressure, preset=preset)
    fans = site.air.indoor_fan_mw + site.air.outdoor_fan_mw
    assert (np.diff(fans) > 0).all()
    golmud = facility_power(0.7, 10.0, 3.0, 71_800.0, preset=preset).air.indoor_fan_mw
    assert golmud / site.air.indoor_fan_mw[0] == pytest.approx((101_325 / 71_800) ** exponent, rel=1e-9)


def test_design_heat_is_that_of_full_load():
    """A 10 MW modern hall must carry 10.33 MW of heat: servers, 80 % of the UPS loss, half of the lights."""
    ups = 1.2 * (0.006 + 0.012 / 1.2 + 0.012 / 1.2**2)
    assert design_air_heat_mw(10.0, MODERN_IEC) == pytest.approx(10 * (1 + 0.8 * ups + 0.006), rel=1e-12)
    assert air_heat_mw(0.0, design_it_mw=10.0, preset=MODERN_IEC) == pytest.approx(10 * (0.8 * 0.0072 + 0.006))


def test_nonsense_is_refused():
    """An empty hall has no PUE, and a wet bulb above the dry bulb is a swapped column."""
    with pytest.raises(ValueError, match="above 0"):
        facility_power([0.5, 0.0], 10.0, 5.0, PLATEAU_PA, preset=MODERN_IEC)
    with pytest.raises(ValueError, match="wet bulb exceeds"):
        facility_power(0.5, 10.0, 15.0, PLATEAU_PA, preset=MODERN_IEC)
