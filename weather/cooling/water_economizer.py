"""Water-side economizer: how much of the chilled-water duty the tower carries alone, and the plant around it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.chiller import water_cooled_cop
from weather.cooling.outside_air import AIR_HEAT_KJ_PER_KG_K
from weather.cooling.psychrometrics import FloatArray
from weather.cooling.tower import WATER_HEAT_KJ_PER_KG_K, Tower, pump_power_mw, tower_demand


@dataclass(frozen=True)
class WaterEconomizerPlant:
    """Defaults: middle of the published ranges of large data centers (Lei and Masanet 2022, table B.1, case 2)."""

    heat_per_it: float = 1.0693
    """Heat to remove per IT power: servers, UPS at 94.5 %, distribution loss of 1 %, lights."""
    supply_air_c: float = 22.5
    air_rise_k: float = 16.65
    coil_effectiveness: float = 0.80
    water_rise_k: float = 7.5
    exchanger_approach_k: float = 2.25
    sensible_heat_ratio: float = 0.97
    fan_pressure_pa: float = 500.0
    fan_efficiency: float = 0.775
    pump_pressure_pa: float = 143_650.0
    pump_efficiency: float = 0.70
    chiller_load: float = 0.5
    tower: Tower = field(default_factory=Tower)


def economizer_share(
    wet_bulb_c: ArrayLike, *, approach_k: float, supply_water_c: float, return_water_c: float
) -> FloatArray:
    """Share of the heat the tower carries without a chiller [0..1].

    Parameters: wet_bulb_c: any shape [°C]; approach_k: of tower and heat exchanger together [K]; supply_water_c,
    return_water_c: of the hall's loop [°C]. All above the supply temperature, a share up to the return temperature.
    Raises ValueError where the loop returns no warmer than it is supplied.
    Source: Lei and Masanet, Energy 201 (2020) 117556.
    """
    if return_water_c <= supply_water_c:
        raise ValueError("return water must be warmer than supply water")
    reached_c = np.asarray(wet_bulb_c, dtype=float) + approach_k
    return np.asarray(np.clip((return_water_c - reached_c) / (return_water_c - supply_water_c), 0.0, 1.0))


@dataclass(frozen=True)
class WaterEconomizerDemand:
    """Power [MW] and water [m³/h] for 1 MW of IT, shape of the weather."""

    free_share: FloatArray
    chiller_mw: FloatArray
    pue: FloatArray
    water_m3_per_h: FloatArray


def water_economizer_demand(
    wet_bulb_c: ArrayLike, air_density_kg_per_m3: ArrayLike, *, plant: WaterEconomizerPlant
) -> WaterEconomizerDemand:
    """Power and water of a chilled-water plant with economizer, per MW of IT.

    Parameters: wet_bulb_c [°C] and air_density_kg_per_m3: outdoors, shapes that broadcast; hall air is as
    dense. Source: Lei and Masanet, Energy 201 (2020) 117556, case 2; random draws inside it are settings here.
    """
    wet_bulb, density = np.asarray(wet_bulb_c, dtype=float), np.asarray(air_density_kg_per_m3, dtype=float)
    return_air_c = plant.supply_air_c + plant.air_rise_k
    supply_water_c = return_air_c - plant.air_rise_k / plant.coil_effectiveness
    free = economizer_share(
        wet_bulb,
        approach_k=plant.tower.approach_k + plant.exchanger_approach_k,
        supply_water_c=supply_water_c,
        return_water_c=supply_water_c + plant.water_rise_k,
    )
    coil_mw = (1 - free) * plant.heat_per_it / plant.sensible_heat_ratio
    chiller_mw = coil_mw / water_cooled_cop(wet_bulb + plant.tower.approach_k, plant.chiller_load)
    tower = tower_demand(free * plant.heat_per_it + coil_mw + chiller_mw, wet_bulb, density, tower=plant.tower)
    heat_kw = 1000.0 * plant.heat_per_it
    loop_kg_per_s = heat_kw / (WATER_HEAT_KJ_PER_KG_K * plant.water_rise_k) * (1 + (free > 0))
    pump_mw = pump_power_mw(loop_kg_per_s, pressure_pa=plant.pump_pressure_pa, efficiency=plant.pump_efficiency)
    air_m3_per_s = heat_kw / (AIR_HEAT_KJ_PER_KG_K * plant.air_rise_k) / density
    fan_mw = air_m3_per_s * plant.fan_pressure_pa / plant.fan_efficiency / 1e6
    return WaterEconomizerDemand(
        free_share=free,
        chiller_mw=chiller_mw,
        pue=plant.heat_per_it + fan_mw + pump_mw + tower.pump_mw + tower.fan_mw + chiller_mw,
        water_m3_per_h=tower.water_m3_per_h,
    )
