"""Warm-water loop of liquid-cooled halls: dry coolers, adiabatic pads where allowed, a chiller for the rest, pumps.

Modes have the same form as those of the air plant, and the same meaning of heat: what the loop must reject [MW].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import Mode, PlantDemand, cheapest, evaporative_water_m3_per_h
from weather.cooling.presets import LiquidPlant
from weather.cooling.psychrometrics import SEA_LEVEL_PRESSURE_PA, FloatArray

LEAST_DRIVE_K = 0.5  # between returning water and air; below it the cooler is given up


def dry_cooler_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,  # noqa: ARG001  every mode takes the same weather
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: LiquidPlant,
) -> PlantDemand:
    """Dry cooler, chiller for the rest: no water.

    Parameters: heat_mw [MW], dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa], shapes that broadcast;
    design_heat_mw: heat at full load [MW]. Source: engineering practice (assumption); the
    effectiveness of 0.5 is that of a maker's 2.9 MW record (BAC Trillium, in the Modelica Buildings library).
    """
    dry_bulb = np.asarray(dry_bulb_c, dtype=float)
    return _demand(heat_mw, dry_bulb, np.zeros_like(dry_bulb), dry_bulb, pressure_pa, design_heat_mw, plant)


def adiabatic_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: LiquidPlant,
) -> PlantDemand:
    """Dry cooler behind wetted pads that pre-cool its air, chiller for the rest; parameters as `dry_cooler_mode`.

    The pads evaporate what cools the air stream; at full speed the stream carries as much heat per kelvin as the water
    (equal capacity rates, assumption). Source: engineering practice (assumption).
    """
    dry_bulb = np.asarray(dry_bulb_c, dtype=float)
    cooling_k = plant.saturation_effectiveness * (dry_bulb - np.asarray(wet_bulb_c, dtype=float))
    return _demand(heat_mw, dry_bulb - cooling_k, cooling_k, dry_bulb, pressure_pa, design_heat_mw, plant)


DRY_COOLER_ONLY: tuple[Mode, ...] = (dry_cooler_mode,)
DRY_OR_ADIABATIC: tuple[Mode, ...] = (dry_cooler_mode, adiabatic_mode)


def _demand(
    heat_mw: ArrayLike,
    source_c: FloatArray,
    pad_cooling_k: FloatArray,
    dry_bulb_c: FloatArray,
    pressure_pa: ArrayLike,
    design_heat_mw: float,
    plant: LiquidPlant,
) -> PlantDemand:
    heat = np.asarray(heat_mw, dtype=float)
    load = heat / design_heat_mw
    pressure_ratio = np.asarray(pressure_pa, dtype=float) / SEA_LEVEL_PRESSURE_PA
    drive_k = np.maximum(plant.supply_temperature_c + plant.range_k - source_c, LEAST_DRIVE_K)
    available = plant.design_effectiveness * pressure_ratio**plant.capacity_altitude_exponent
    capacity = available * drive_k / plant.range_k  # per design heat, at full fan speed
    ratio = capacity / np.maximum(load, 1e-9)
    speed = np.clip(ratio ** (-1 / plant.speed_exponent), plant.least_fan_speed, 1.0)
    free_heat = design_heat_mw * np.minimum(load, capacity)
    trim_heat = heat - free_heat
    evaporated = speed * design_heat_mw * pad_cooling_k / plant.range_k
    pumps = plant.pump_power * design_heat_mw * (plant.fixed_pump_share + (1 - plant.fixed_pump_share) * load**3)
    return PlantDemand(
        indoor_fan_mw=np.zeros(()),
        outdoor_fan_mw=plant.fan_power * design_heat_mw * speed**3 * pressure_ratio**-plant.fan_altitude_exponent,
        compressor_mw=trim_heat / coefficient_of_performance(dry_bulb_c, pressure_pa, compressor=plant.compressor),
        pump_mw=np.asarray(pumps + plant.spray_power * evaporated),
        water_m3_per_h=evaporative_water_m3_per_h(
            evaporated, cycles_of_concentration=plant.cycles_of_concentration, drift=plant.drift
        ),
        free_heat_mw=np.asarray(free_heat),
        compressor_heat_mw=np.asarray(trim_heat),
        capacity_ratio=np.asarray(ratio),
        outdoor_flow=np.asarray(speed),
    )


def liquid_plant_demand(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: LiquidPlant,
    modes: tuple[Mode, ...] = DRY_COOLER_ONLY,
    water_weight_mwh_per_m3: float = 0.0,
) -> PlantDemand:
    """Electricity and water of the loop in its cheapest mode; parameters as `dry_cooler_mode` and `cheapest`."""
    demands = [
        mode(heat_mw, dry_bulb_c, wet_bulb_c, pressure_pa, design_heat_mw=design_heat_mw, plant=plant) for mode in modes
    ]
    return cheapest(demands, water_weight_mwh_per_m3=water_weight_mwh_per_m3)
