"""Central plants against published bands and a measured year; chillers and towers against quoted points."""

from __future__ import annotations

import numpy as np
import pytest

from tests.validation import cooling_lei_masanet, cooling_summit
from weather.cooling.chiller import (
    YORK_YCAL_AIR_COOLED,
    YORK_YT_WATER_COOLED,
    available_heat_mw,
    chiller_power_mw,
    water_cooled_cop,
)
from weather.cooling.outside_air import OutsideAirPlant, outside_air_demand, supply_air
from weather.cooling.psychrometrics import humidity_ratio, wet_bulb_c
from weather.cooling.tower import Tower, evaporation_heat_kj_per_kg, tower_demand
from weather.cooling.warm_water import WarmWaterPlant, chiller_share, warm_water_pue
from weather.cooling.water_economizer import (
    WaterEconomizerPlant,
    economizer_share,
    water_economizer_demand,
)

SEA_LEVEL_PA = np.array([101_325.0])


@pytest.fixture(scope="module")
def bands(shared_file):
    """Bands of 11 zones from 64 Sobol plants over all hours."""
    return {band.zone: band for band in cooling_lei_masanet.bands(lei_masanet_folder(shared_file), 64)}


def lei_masanet_folder(shared_file):
    """The folder, skipping with the reason where a file is missing."""
    names = ("climate_11zones_hourly.csv.gz", "UE.csv", "datacenter_input_ranges.csv")
    paths = [shared_file(f"data/cooling/lei_masanet/{name}") for name in names]
    return paths[0].parent


def test_published_bands_of_all_zones(bands):
    """5 % end within .04, 95 % end within .02 PUE, WUE within .25 L/kWh, by zone. Without chillers 1A is .1 off."""
    assert len(bands) == 11
    for band in bands.values():
        low, high = np.subtract(band.pue, band.published_pue)
        assert abs(low) < cooling_lei_masanet.PUE_BAR_LOW, band.zone
        assert abs(high) < cooling_lei_masanet.PUE_BAR_HIGH, band.zone
        assert np.abs(np.subtract(band.wue, band.published_wue)).max() < cooling_lei_masanet.WUE_BAR, band.zone


def test_hot_zones_cost_more(bands):
    """Very hot humid Miami (1A) above mixed 3A above subarctic 8, at both ends of the band."""
    for end in (0, 1):
        assert bands["1A"].pue[end] > bands["3A"].pue[end] > bands["8"].pue[end]


def test_outside_air_control():
    """Cold: mixed to 14 °C. Mild: taken as it is. Dry: wetted. Damp or hot: chiller. One hour each."""
    dry_bulb, humidity = np.array([-5.0, 20.0, 25.0, 24.0, 38.0]), np.array([0.9, 0.5, 0.03, 0.95, 0.3])
    pressure = np.full(5, 101_325.0)
    plant = OutsideAirPlant()
    supply = supply_air(dry_bulb, humidity_ratio(dry_bulb, humidity, pressure), pressure, plant)
    assert supply.mechanical.tolist() == [False, False, False, True, True]
    assert supply.humidified.tolist() == [False, False, True, False, False]
    assert supply.temperature_c[[0, 1, 3, 4]] == pytest.approx([14.0, 20.0, 21.0, 31.0])
    assert 14 < supply.temperature_c[2] < 25
    demand = outside_air_demand(dry_bulb, humidity, wet_bulb_c(dry_bulb, humidity, pressure), pressure, plant=plant)
    assert (demand.water_m3_per_h > 0).tolist() == [False, False, True, True, True]
    assert (demand.chiller_mw > 0).tolist() == supply.mechanical.tolist()
    assert (demand.pue > plant.heat_per_it).all()


def test_summit_weeks(shared_file):
    """51 measured weeks: mean error .012 (bar .02), bias -.009 (bar .012); a constant PUE would err by .055."""
    table = cooling_summit.weeks(shared_file("data/cooling/summit_2020/summit_weekly_digitised.csv").parents[3])
    error = table["ours"] - table["pue"]
    assert len(table) == 51
    assert error.abs().mean() <= 0.02
    assert abs(error.mean()) <= 0.012
    assert 0.08 <= cooling_summit.summer_excess(table, "ours") <= 0.16
    mean_error, bias = cooling_summit.hinge_out_of_sample(table)
    assert mean_error <= 0.02
    assert abs(bias) <= 0.012


def test_summit_exact_states(shared_file):
    """Towers alone 1.033 ± .015, chillers alone 1.274 ± .03, from maker's and literature values alone."""
    table = cooling_summit.exact_states(shared_file("data/cooling/summit_2020/summit_raw_samples.csv").parents[3])
    for chillers, bar in ((False, 0.015), (True, 0.03)):
        rows = table[table["all_chiller"] == chillers]
        assert len(rows) == 5
        assert (rows["ours"] - rows["k100_pue"]).abs().max() < bar


def test_chillers_join_above_twenty_degrees():
    """Share 0 to 20.5 °C wet bulb, then 1/5.6 a kelvin to 1; PUE 1.042 in the cold, 1.092 before the chillers."""
    plant = WarmWaterPlant()
    assert chiller_share([10, 20.5, 23.3, 30], plant=plant) == pytest.approx([0, 0, 0.5, 1])
    assert warm_water_pue([5, 20.5, 23.3], plant=plant) == pytest.approx([1.042, 1.092, 1.252])


@pytest.mark.parametrize(
    ("curves", "leaving", "entering", "cop"),
    [
        (YORK_YT_WATER_COOLED, 6.67, 20.0, 7.6), (YORK_YT_WATER_COOLED, 6.67, 25.0, 6.6),
        (YORK_YT_WATER_COOLED, 6.67, 29.4, 5.9), (YORK_YCAL_AIR_COOLED, 10.0, 24.0, 4.43),
        (YORK_YCAL_AIR_COOLED, 10.0, 30.0, 3.78), (YORK_YCAL_AIR_COOLED, 10.0, 35.0, 3.31),
        (YORK_YCAL_AIR_COOLED, 10.0, 40.0, 2.91),
    ],
)  # fmt: skip
def test_chiller_performance(curves, leaving, entering, cop):
    """Full-load COP of two York machines, as computed elsewhere from the same records; swapped axes give 3 and 12."""
    full_mw = float(available_heat_mw(leaving, entering, curves=curves))
    ours = full_mw / chiller_power_mw(full_mw, leaving, entering, curves=curves)
    assert ours == pytest.approx(cop, rel=0.01)  # quoted to two digits


def test_chiller_part_load():
    """The water-cooled machine at 29.4 °C falls from 5.9 to 4.2 at a quarter load; it cycles below a tenth."""
    curves, full_mw = YORK_YT_WATER_COOLED, 1.0676
    quarter = 0.25 * full_mw
    assert quarter / chiller_power_mw(quarter, 6.67, 29.4, curves=curves) == pytest.approx(4.2, rel=0.01)
    small, smaller = (chiller_power_mw(share * full_mw, 6.67, 29.4, curves=curves) for share in (0.05, 0.025))
    assert small / smaller == pytest.approx(2.0, rel=1e-9)
    with pytest.raises(ValueError, match="more machines"):
        chiller_power_mw(1.2, 6.67, 29.4, curves=curves)


def test_water_cooled_table():
    """Quoted points at 20 and 30 °C; held at 15 °C, where an extrapolated regression runs off to 11..14."""
    assert water_cooled_cop([20, 30], [0.25, 1.0]) == pytest.approx([5.85, 6.02])
    assert water_cooled_cop(0.0, 0.75) == water_cooled_cop(15.0, 0.75)


def test_tower_mass_balance():
    """1 MW at 20 °C wet bulb evaporates 1.477 m³/h; blown down to 9 cycles, unless 1 % windage carries off more."""
    evaporated = 3.6 * 1000 / float(evaporation_heat_kj_per_kg(20 + 4.75 + 2.5))
    circulating = 3.6 * 1000 / (4.184 * 5)
    tight, leaky = (tower_demand(1.0, 20.0, 1.2, tower=Tower(windage=windage)) for windage in (0.0001, 0.01))
    assert evaporated == pytest.approx(1.477, abs=0.001)
    assert tight.water_m3_per_h == pytest.approx(evaporated * 9 / 8, rel=1e-9)
    assert leaky.water_m3_per_h == pytest.approx(evaporated + 0.01 * circulating, rel=1e-9)


def test_water_economizer():
    """Full free cooling in the cold, none in the heat, half in between; PUE and water move with it."""
    assert economizer_share([0, 10, 12.5, 15, 25], approach_k=5, supply_water_c=15, return_water_c=20) == pytest.approx(
        [1, 1, 0.5, 0, 0]
    )
    demand = water_economizer_demand(np.array([0.0, 28.0]), 1.2, plant=WaterEconomizerPlant())
    assert demand.free_share.tolist() == [1.0, 0.0]
    assert demand.chiller_mw[0] == 0
    assert 1.07 < demand.pue[0] < demand.pue[1] < 1.35  # published bands of all zones: 1.07..1.29
    assert demand.water_m3_per_h.min() > 1.5
    assert demand.water_m3_per_h.max() < 2.7  # published bands: 1.7..2.6
    with pytest.raises(ValueError, match="warmer"):
        economizer_share(10.0, approach_k=5, supply_water_c=20, return_water_c=20)
