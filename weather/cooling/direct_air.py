"""Direct outside air in the hall, evaporatively cooled on warm days: the fourth mode of an air plant, off by default.

On the plateau dust and dry air speak against it; it stands for comparison sites (Prineville, Boulder).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import PlantDemand, evaporative_water_m3_per_h
from weather.cooling.indirect_evaporative import fan_power_per_heat, flow_share
from weather.cooling.presets import AirPlant
from weather.cooling.psychrometrics import SEA_LEVEL_PRESSURE_PA

PAD_EFFECTIVENESS = 0.85  # of wetted media on the wet bulb, maker's practice (assumption)


def outside_air_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    """Outside air mixed up to the supply temperature, or wetted down to it; a compressor for what is missing.

    Parameters as `cooling_air.dry_mode`. Fans work against hall and filters (the indoor pressure drop). Above
    the return temperature dampers close and the compressor carries all heat.
    Source: heat balance of the air (assumption).
    """
    heat, dry_bulb = np.asarray(heat_mw, dtype=float), np.asarray(dry_bulb_c, dtype=float)
    wet_bulb = np.asarray(wet_bulb_c, dtype=float)
    wanted_k = np.maximum(dry_bulb - plant.supply_temperature_c, 0.0)
    wetted_k = np.minimum(wanted_k, PAD_EFFECTIVENESS * (dry_bulb - wet_bulb))
    missing = np.clip((wanted_k - wetted_k) / plant.air_rise_k, 0.0, 1.0)
    open_dampers = missing < 1
    evaporated = np.where(open_dampers, wetted_k / plant.air_rise_k, 0.0) * heat
    flow = flow_share(heat, design_heat_mw=design_heat_mw, plant=plant)
    thin_air = (np.asarray(pressure_pa, dtype=float) / SEA_LEVEL_PRESSURE_PA) ** -plant.fan_altitude_exponent
    specific = fan_power_per_heat(plant.indoor_pressure_drop_pa, plant.indoor_fan_efficiency, plant.air_rise_k)
    outside = np.clip(plant.air_rise_k / np.maximum(plant.return_temperature_c - dry_bulb, plant.air_rise_k), 0.0, 1.0)
    fan_mw = specific * design_heat_mw * plant.oversizing * flow**plant.fan_exponent * thin_air
    return PlantDemand(
        indoor_fan_mw=np.asarray(fan_mw),
        outdoor_fan_mw=np.zeros(()),
        compressor_mw=missing * heat / coefficient_of_performance(dry_bulb, pressure_pa, compressor=plant.compressor),
        pump_mw=np.asarray(plant.spray_power * evaporated),
        water_m3_per_h=evaporative_water_m3_per_h(
            evaporated, cycles_of_concentration=plant.cycles_of_concentration, drift=plant.drift
        ),
        free_heat_mw=np.asarray((1 - missing) * heat),
        compressor_heat_mw=np.asarray(missing * heat),
        capacity_ratio=np.asarray(1 - missing),
        outdoor_flow=np.asarray(outside * open_dampers),
    )
