"""Direct outside air in the hall, evaporatively cooled on warm days, with a compressor for the rest.

On the plateau dust and dry air speak against it; it is built at Prineville and Boulder.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import Mode, PlantDemand, evaporative_water_m3_per_h
from weather.cooling.indirect_evaporative import hall_fan_mw
from weather.cooling.presets import AirPlant

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

    Parameters as `indirect_evaporative.dry_mode`. Fans work against hall and filters (the indoor pressure drop). Above
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
    outside = np.clip(plant.air_rise_k / np.maximum(plant.return_temperature_c - dry_bulb, plant.air_rise_k), 0.0, 1.0)
    return PlantDemand(
        indoor_fan_mw=hall_fan_mw(heat, pressure_pa, design_heat_mw=design_heat_mw, plant=plant),
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


def unwetted_air_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,  # noqa: ARG001  every mode takes the same weather
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    """Outside air without wetted pads: no water; parameters and source as `outside_air_mode`."""
    return outside_air_mode(heat_mw, dry_bulb_c, dry_bulb_c, pressure_pa, design_heat_mw=design_heat_mw, plant=plant)


WETTED: tuple[Mode, ...] = (outside_air_mode,)
UNWETTED: tuple[Mode, ...] = (unwetted_air_mode,)
