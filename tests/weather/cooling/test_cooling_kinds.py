"""Kinds of cooling plants: laws that hold for any weather and load, and points worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weather.cooling.chilled_water import ChilledWaterPlant, chilled_water_mode, free_share
from weather.cooling.chiller import TABLE_LOADS, best_chillers_power, machine_pieces, water_cooled_cop
from weather.cooling.demand import cheapest
from weather.cooling.kinds import KINDS, adjusted, chilled_part
from weather.cooling.psychrometrics import humidity_ratio, humidity_ratio_from_wet_bulb, wet_bulb_c
from weather.cooling.segments import plant_segments

SEA_LEVEL_PA = 101_325.0
temperatures = st.floats(-30, 40)
humidities = st.floats(0.05, 1.0)
loads = st.floats(0.05, 1.0)
pressures = st.floats(65_000, 103_000)
examples = settings(max_examples=50, deadline=None, derandomize=True)


def power_mw(kind: str, load: float, dry: float, humidity: float, pressure: float, *, water: bool = True) -> float:
    """Power of a modern plant of 1 MW."""
    wet = float(wet_bulb_c(dry, humidity, pressure))
    plant = KINDS[kind]
    modes = plant.modes if water else plant.dry_modes
    demands = [mode(load, dry, wet, pressure, design_heat_mw=1.0, plant=plant.plant("modern")) for mode in modes]
    return float(cheapest(demands).power_mw)


@examples
@given(temperatures, humidities, loads, pressures)
def test_an_exchanger_never_costs_power(dry: float, humidity: float, load: float, pressure: float) -> None:
    """Chillers with a plate exchanger draw at most what chillers alone draw, in any hour; below 5 °C and from
    load .3 on less than .6 of it (below, the fans' floor is most of both)."""
    free, alone = (power_mw(kind, load, dry, humidity, pressure) for kind in ("water-economizer", "chilled-water"))
    assert free <= alone + 1e-12  # rounding
    if dry < 5 and load > 0.3:
        assert free < 0.6 * alone


@pytest.mark.parametrize("kind", ["water-economizer", "chilled-water", "warm-water"])
@pytest.mark.parametrize("preset", ["modern", "as-operated"])
def test_towers_draw_more_the_higher_the_wet_bulb(kind: str, preset: str) -> None:
    """At one dry bulb and load the power never falls with the wet bulb, from −10 to 34 °C and at four loads."""
    wet = np.linspace(-10, 34, 441)[:, None]
    plant = KINDS[kind].plant(preset)  # type: ignore[arg-type]
    demand = chilled_water_mode([0.2, 0.5, 0.8, 1.0], 34.0, wet, SEA_LEVEL_PA, design_heat_mw=1.0, plant=plant)  # type: ignore[arg-type]
    assert np.diff(demand.power_mw, axis=0).min() > -1e-9  # rounding
    assert (demand.power_mw[-1] > 1.2 * demand.power_mw[0]).all()


@examples
@given(st.sampled_from(sorted(KINDS)), temperatures, humidities, loads, pressures)
def test_heat_leaves_on_one_way_or_the_other(
    kind: str, dry: float, humidity: float, load: float, pressure: float
) -> None:
    """Free heat and the compressors' heat are all heat, nothing is negative, and a plant without water draws no less."""
    wet, plant = float(wet_bulb_c(dry, humidity, pressure)), KINDS[kind]
    for mode in (*plant.modes, *plant.dry_modes):
        for preset in ("modern", "as-operated"):
            demand = mode(load, dry, wet, pressure, design_heat_mw=1.0, plant=plant.plant(preset))
            assert float(demand.free_heat_mw + demand.compressor_heat_mw) == pytest.approx(load)
            parts = (demand.indoor_fan_mw, demand.outdoor_fan_mw, demand.compressor_mw, demand.pump_mw)
            assert min(float(part) for part in (*parts, demand.water_m3_per_h)) >= 0
    if plant.dry_modes:
        with_water = power_mw(kind, load, dry, humidity, pressure)
        # 0.006: spray pumps, where pads wet air that a compressor would cool at a good performance
        assert with_water <= power_mw(kind, load, dry, humidity, pressure, water=False) + 0.006


def test_free_cooling_by_hand() -> None:
    """17 °C water, 6 K rise, approaches of 4.75 and 2.25 K: all free to a wet bulb of 10 °C, half at 13 °C, none at 16 °C."""
    plant = KINDS["water-economizer"].plant("modern")
    share = free_share(20.0, [9.9, 13.0, 16.1], SEA_LEVEL_PA, plant=plant)  # type: ignore[arg-type]
    assert share == pytest.approx([1.0, 0.5, 0.0])
    operated = KINDS["water-economizer"].plant("as-operated")  # 12 °C water, approaches of 6 and 2.25 K, all or nothing
    assert free_share(20.0, [3.7, 3.8], SEA_LEVEL_PA, plant=operated) == pytest.approx([1.0, 0.0])  # type: ignore[arg-type]


def test_chillers_by_hand() -> None:
    """At 30 °C of condenser water full chillers take 1/6.02 of their heat, as many as is best 1/6.36, at .3 and at .75 alike."""
    assert best_chillers_power([0.3, 0.75, 1.0], 30.0) == pytest.approx([0.3 / 6.36, 0.75 / 6.36, 1 / 6.02])
    intercept, slope = machine_pieces(30.0)
    table = (intercept + slope * TABLE_LOADS[:, None]).max(axis=1)
    assert table == pytest.approx(TABLE_LOADS / water_cooled_cop(30.0, TABLE_LOADS))
    assert np.diff(slope).min() > 0
    assert intercept[0] == pytest.approx(0.0194, abs=2e-4)  # from .25 and .5 on a straight line to no load


@examples
@given(st.floats(0.0, 1.0), st.floats(10, 36), st.integers(1, 12))
def test_no_number_of_chillers_beats_the_best(load: float, water: float, count: int) -> None:
    """Any number of twelve that can carry the heat takes at least the power of as many as is cheapest."""
    if load > count / 12:
        return
    intercept, slope = machine_pieces(water)
    assert (intercept * count / 12 + slope * load).max() >= float(best_chillers_power(load, water)) - 1e-12


def test_outside_air_is_shut_out_where_it_is_damp_or_hot() -> None:
    """20 °C at 50 % cools alone; 24 °C at 95 % and 38 °C leave all heat to chillers and towers, which take water."""
    kind = KINDS["air-economizer"]
    dry, humidity = np.array([20.0, 24.0, 38.0]), np.array([0.5, 0.95, 0.3])
    wet = wet_bulb_c(dry, humidity, SEA_LEVEL_PA)
    demand = kind.modes[0](0.7, dry, wet, SEA_LEVEL_PA, design_heat_mw=1.0, plant=kind.plant("modern"))
    assert (demand.compressor_mw > 0).tolist() == [False, True, True]
    assert (demand.water_m3_per_h > 0).tolist() == [False, True, True]
    alone = chilled_water_mode(
        0.7, dry, wet, SEA_LEVEL_PA, design_heat_mw=1.0, plant=ChilledWaterPlant(exchanger=False)
    )
    assert demand.power_mw[1:] == pytest.approx(alone.power_mw[1:])


@examples
@given(st.floats(-25, 40), humidities, pressures)
def test_humidity_from_the_wet_bulb_is_that_it_was_made_of(dry: float, humidity: float, pressure: float) -> None:
    """Humidity → wet bulb → humidity comes back to 1e-6 kg/kg; the wet bulb is solved to 1e-7 K."""
    wet = wet_bulb_c(dry, humidity, pressure)
    if abs(float(wet)) > 0.01:  # water and ice meet there
        assert humidity_ratio_from_wet_bulb(dry, wet, pressure) == pytest.approx(
            humidity_ratio(dry, humidity, pressure), abs=1e-6
        )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_segments_follow_the_plant(kind: str) -> None:
    """Three segments over 60 hours of any climate err by at most 1 % of the design heat; a kind that is not convex would not."""
    random = np.random.default_rng(7)
    dry, humidity = random.uniform(-20, 38, 60), random.uniform(0.1, 1.0, 60)
    wet, plant = wet_bulb_c(dry, humidity, SEA_LEVEL_PA), KINDS[kind]
    at = (dry[:, None], wet[:, None], SEA_LEVEL_PA)
    heat = np.linspace(0.2, 1.0, 17)
    size = {"design_heat_mw": 1.0, "plant": plant.plant("modern")}
    true = np.min([np.broadcast_to(mode(heat, *at, **size).power_mw, (60, 17)) for mode in plant.modes], axis=0)
    cut = plant_segments(plant.modes, dry, wet, np.full(60, SEA_LEVEL_PA), **size)  # type: ignore[arg-type]
    power, _ = cut.at(np.broadcast_to(heat, (60, 17)))
    assert np.abs(power - true).max() < 0.01


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_better_compressors_draw_less_where_they_run(kind: str) -> None:
    """A performance 20 % higher lowers the power of a hot damp hour by at most a sixth of the compressors', and never raises it."""
    wet, plant = float(wet_bulb_c(36.0, 0.6, SEA_LEVEL_PA)), KINDS[kind].plant("modern")
    better = adjusted(plant, fan_altitude_exponent=1.0, cop_factor=1.2)
    now, then = (
        KINDS[kind].modes[-1](0.7, 36.0, wet, SEA_LEVEL_PA, design_heat_mw=1.0, plant=p) for p in (plant, better)
    )
    saved = float(now.power_mw - then.power_mw)
    assert saved >= 0
    assert saved >= float(now.compressor_mw) / 6 - 1e-9
    assert (saved == 0) == (float(now.compressor_mw) == 0)


def test_warmer_water_is_more_free_cooling() -> None:
    """Each kelvin of supply water moves the end of free cooling by a kelvin of wet bulb."""
    for supply in (12.0, 17.0, 22.0):
        plant = adjusted(KINDS["water-economizer"].plant("modern"), fan_altitude_exponent=1.0, supply_water_c=supply)
        chilled = chilled_part(plant)
        assert chilled is not None
        assert float(free_share(20.0, supply - 7.01, SEA_LEVEL_PA, plant=chilled)) == 1.0
        assert float(free_share(20.0, supply - 6.5, SEA_LEVEL_PA, plant=chilled)) < 1.0
        closed = replace(chilled, exchanger=False)
        assert float(free_share(20.0, supply - 7.01, SEA_LEVEL_PA, plant=closed)) == 0.0
