"""Air and liquid plants mode by mode: who runs when, what it draws, and what it may never do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import evaporative_water_m3_per_h, first_feasible
from weather.cooling.direct_air import outside_air_mode
from weather.cooling.indirect_evaporative import (
    DRY_ONLY,
    DRY_OR_WET,
    air_plant_demand,
    dry_mode,
    fan_power_per_heat,
    wet_mode,
)
from weather.cooling.liquid_loop import (
    DRY_OR_ADIABATIC,
    adiabatic_mode,
    dry_cooler_mode,
    liquid_plant_demand,
)
from weather.cooling.presets import AirPlant, Compressor, LiquidPlant
from weather.cooling.psychrometrics import wet_bulb_c

PLATEAU_PA = 71_800.0
AIR, LIQUID = AirPlant(), LiquidPlant()


def hours(temperature, humidity=0.4, pressure=PLATEAU_PA):
    """Dry bulb, wet bulb, pressure."""
    return temperature, wet_bulb_c(temperature, humidity, pressure), pressure


def test_fan_power_of_the_design():
    """450 Pa at 62 % over 12 K is 5.08 % of the heat, 300 Pa at 58 % is 3.62 %; with Pa taken as kPa it were 51."""
    assert fan_power_per_heat(450, 0.62, 12) == pytest.approx(0.0508, abs=5e-5)  # given to 4 digits
    assert fan_power_per_heat(300, 0.58, 12) == pytest.approx(0.0362, abs=5e-5)


def test_full_flow_limits():
    """At installed flow the dry exchanger suffices up to 18.5 °C, the wet one up to a wet bulb of 20.3 °C."""
    plant = replace(AIR, oversizing=1.0)
    for mode, limit in ((dry_mode, 37 - 12 / 0.65), (wet_mode, 37 - 12 / 0.72)):
        below = mode(1.0, limit - 0.01, limit - 0.01, PLATEAU_PA, design_heat_mw=1.0, plant=plant)
        above = mode(1.0, limit + 0.01, limit + 0.01, PLATEAU_PA, design_heat_mw=1.0, plant=plant)
        assert below.compressor_mw == 0
        assert above.compressor_mw > 0


def test_plants_scale_with_size():
    """Twice the heat in a plant twice the size draws twice the power and water; a hidden constant would not."""
    weather = hours(np.array([-10.0, 15.0, 26.0, 36.0]))
    for mode, plant in ((dry_mode, AIR), (wet_mode, AIR), (outside_air_mode, AIR), (adiabatic_mode, LIQUID)):
        single = mode(0.6, *weather, design_heat_mw=1.0, plant=plant)
        double = mode(1.2, *weather, design_heat_mw=2.0, plant=plant)
        assert double.power_mw == pytest.approx(2 * single.power_mw, rel=1e-12)
        assert double.water_m3_per_h == pytest.approx(2 * single.water_m3_per_h, rel=1e-12)


def test_cheapest_mode_wets_where_feasibility_would_wait():
    """28 °C, load .3: dry suffices with racing scavenger fans, spray saves 27 %; first feasible stays dry."""
    weather = hours(28.0)
    demands = [mode(0.31, *weather, design_heat_mw=1.0, plant=AIR) for mode in DRY_OR_WET]
    assert first_feasible(demands).water_m3_per_h == 0
    best = air_plant_demand(0.31, *weather, design_heat_mw=1.0, plant=AIR)
    assert best.water_m3_per_h > 0
    assert best.power_mw < 0.75 * demands[0].power_mw


def test_dear_water_keeps_the_plant_dry():
    """At 1 MWh a cubic metre no spray pays, at 0 it does; the weight of water must reach the choice."""
    weather = hours(28.0)
    free = air_plant_demand(0.31, *weather, design_heat_mw=1.0, plant=AIR)
    dear = air_plant_demand(0.31, *weather, design_heat_mw=1.0, plant=AIR, water_weight_mwh_per_m3=1.0)
    assert (float(dear.water_m3_per_h), free.water_m3_per_h > 0) == (0.0, True)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(0.0, 1.0), st.floats(-30, 42), st.floats(0.02, 1.0))
def test_a_choice_never_costs_more(heat, temperature, humidity):
    """More allowed modes never raise power; of air and of liquid plants."""
    weather = hours(temperature, humidity)
    dry = air_plant_demand(heat, *weather, design_heat_mw=1.0, plant=AIR, modes=DRY_ONLY)
    both = air_plant_demand(heat, *weather, design_heat_mw=1.0, plant=AIR)
    three = air_plant_demand(heat, *weather, design_heat_mw=1.0, plant=AIR, modes=(*DRY_OR_WET, outside_air_mode))
    assert dry.power_mw >= both.power_mw >= three.power_mw
    liquid = liquid_plant_demand(heat, *weather, design_heat_mw=1.0, plant=LIQUID)
    assisted = liquid_plant_demand(heat, *weather, design_heat_mw=1.0, plant=LIQUID, modes=DRY_OR_ADIABATIC)
    assert liquid.power_mw >= assisted.power_mw


def test_no_heat_still_turns_fans():
    """At zero heat: fans at their floor, no compressor, no water, no NaN; 1.25 × 5.08 % × 0.5^2.6 × 1.41 indoors."""
    idle = wet_mode(0.0, *hours(np.array([-20.0, 20.0, 45.0])), design_heat_mw=1.0, plant=AIR)
    floor = fan_power_per_heat(450, 0.62, 12) * 1.25 * 0.5**2.6 * 101_325 / PLATEAU_PA
    assert idle.indoor_fan_mw == pytest.approx(np.full(3, floor), rel=1e-9)
    assert idle.compressor_mw.tolist() == idle.water_m3_per_h.tolist() == [0.0, 0.0, 0.0]


def test_water_of_five_cycles():
    """1.84 m³ per MWh rejected wet: 3600/2450 evaporated, a quarter of it blown down, .2 % drift."""
    assert evaporative_water_m3_per_h(1.0, cycles_of_concentration=5, drift=0.002) == pytest.approx(1.8397, abs=1e-4)
    with pytest.raises(ValueError, match="above 1"):
        evaporative_water_m3_per_h(1.0, cycles_of_concentration=1.0, drift=0.0)


def test_compressor_performance():
    """3.6 at 35 °C and sea level, capped at 7 in the cold and 2.5 in the heat, 9.7 % less at Golmud."""
    cop = coefficient_of_performance([35.0, -20.0, 60.0], 101_325.0, compressor=Compressor())
    assert cop == pytest.approx([3.6, 7.0, 2.5])
    assert coefficient_of_performance(35.0, PLATEAU_PA, compressor=Compressor()) == pytest.approx(
        3.6 * 0.9029, abs=1e-3
    )


def test_dry_cooler_design_point():
    """Full load at 28 °C needs full fan speed and no chiller (effectiveness .5); at 30 °C it joins with 10 %."""
    design = dry_cooler_mode(1.0, 28.0, 15.0, 101_325.0, design_heat_mw=1.0, plant=LIQUID)
    assert (float(design.outdoor_flow), float(design.compressor_mw)) == pytest.approx((1.0, 0.0), abs=1e-12)
    assert design.outdoor_fan_mw == pytest.approx(0.03)
    warm = dry_cooler_mode(1.0, 30.0, 15.0, 101_325.0, design_heat_mw=1.0, plant=LIQUID)
    assert warm.compressor_heat_mw == pytest.approx(0.10)


def test_reused_sea_level_coolers_carry_less():
    """Sea-level dry coolers reused at Golmud keep .786 of their capacity (s^0.7): 15 °C air, not 28, at full load."""
    plant = replace(LIQUID, capacity_altitude_exponent=0.7)
    demand = dry_cooler_mode(1.0, 28.0, 15.0, PLATEAU_PA, design_heat_mw=1.0, plant=plant)
    assert demand.capacity_ratio == pytest.approx((PLATEAU_PA / 101_325) ** 0.7, rel=1e-9)


def test_adiabatic_pads_replace_the_chiller():
    """33 °C and 15 °C wet bulb: pads bring the air to 15 °C, no chiller, and drink what the air takes up."""
    dry = dry_cooler_mode(1.0, 33.0, 15.0, 101_325.0, design_heat_mw=1.0, plant=LIQUID)
    wet = adiabatic_mode(1.0, 33.0, 15.0, 101_325.0, design_heat_mw=1.0, plant=LIQUID)
    speed = (1 / (0.5 * 33 / 10)) ** (1 / 0.7)
    assert dry.compressor_mw > 0.05
    assert wet.compressor_mw == 0
    assert wet.outdoor_flow == pytest.approx(speed)
    assert wet.water_m3_per_h == pytest.approx(1.8397 * speed * 18 / 10, rel=1e-4)


def test_outside_air_states():
    """Cold: mixed, no water. Warm, dry: wetted to 25 °C, 5/12 of the heat evaporates. Hot, humid: compressor."""
    cold, warm, humid = (
        outside_air_mode(1.0, *state, 101_325.0, design_heat_mw=1.0, plant=AIR)
        for state in ((0.0, -3.0), (30.0, 15.0), (38.0, 33.0))
    )
    assert (float(cold.compressor_mw), float(cold.water_m3_per_h)) == (0.0, 0.0)
    assert cold.outdoor_flow == pytest.approx(12 / 37)
    assert warm.water_m3_per_h == pytest.approx(1.8397 * 5 / 12, rel=1e-4)
    assert warm.compressor_mw == 0
    assert humid.compressor_heat_mw == pytest.approx((13 - 0.85 * 5) / 12)
    shut = outside_air_mode(1.0, 45.0, 44.0, 101_325.0, design_heat_mw=1.0, plant=AIR)
    assert (float(shut.compressor_heat_mw), float(shut.outdoor_flow)) == (1.0, 0.0)


def test_impossible_plants_are_refused():
    """An effectiveness of 65 is a percentage; a rise of 0 K moves no heat."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        AirPlant(dry_effectiveness=65)
    with pytest.raises(ValueError, match="above 0"):
        AirPlant(air_rise_k=0)
