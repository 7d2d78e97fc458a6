"""Central plant with outside air: economizer, adiabatic humidification, chiller and tower for the rest.

Everything is per IT power of 1 MW, as published. An hour is cold (below the supply window), mild (within) or hot
(above), and its air too dry, right or too humid.
Source: Lei and Masanet, Energy 201 (2020) 117556; Resources, Conservation & Recycling 182 (2022) 106323, case 1;
implemented from the papers' equations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weather.cooling.chiller import water_cooled_cop
from weather.cooling.psychrometrics import (
    FloatArray,
    density_kg_per_m3,
    enthalpy_kj_per_kg,
    humidity_ratio,
    humidity_ratio_at_dew_point,
)
from weather.cooling.tower import WATER_HEAT_KJ_PER_KG_K, Tower, pump_power_mw, tower_demand

AIR_HEAT_KJ_PER_KG_K = 1.01  # as published
CONDENSATION_HEAT_KJ_PER_KG = 2266.0  # as published


@dataclass(frozen=True)
class OutsideAirPlant:
    """Defaults: middle of the published ranges of large data centers (table B.1, case 1)."""

    ups_efficiency: float = 0.945
    distribution_loss: float = 0.01
    lights: float = 0.001  # per IT power
    coldest_supply_c: float = 14.0
    warmest_supply_c: float = 31.0
    driest_dew_point_c: float = -10.5
    dampest_dew_point_c: float = 21.0
    least_humidity: float = 0.14
    greatest_humidity: float = 0.775
    sensible_heat_ratio: float = 0.97
    air_rise_k: float = 16.65
    water_rise_k: float = 7.5
    fan_pressure_pa: float = 650.0
    fan_efficiency: float = 0.775
    humidifier_pressure_pa: float = 7_000_000.0
    humidifier_efficiency: float = 0.70
    chilled_pump_pressure_pa: float = 143_650.0
    chilled_pump_efficiency: float = 0.70
    chiller_load: float = 0.5
    cop_error: float = 0.0  # relative error of the chiller's COP
    tower: Tower = field(default_factory=Tower)

    @property
    def heat_per_it(self) -> float:
        """Heat to remove per IT power [-]: servers, UPS, distribution, lights."""
        return 1 / self.ups_efficiency + 1 / (1 - self.distribution_loss) - 1 + self.lights


@dataclass(frozen=True)
class SupplyAir:
    """State of the air given to the servers, and how the outdoor air became it; shape (time,)."""

    temperature_c: FloatArray
    humidity_ratio: FloatArray
    humidified: NDArray[np.bool_]
    mechanical: NDArray[np.bool_]
    """Hours in which the chiller carries all heat: too hot, or too humid and not cold."""


def supply_air(
    dry_bulb_c: FloatArray, humidity: FloatArray, pressure_pa: FloatArray, plant: OutsideAirPlant
) -> SupplyAir:
    """Supply air and control state from outdoor dry bulb [°C], humidity ratio [kg/kg], pressure [Pa], shape (time,)."""
    cold = dry_bulb_c < plant.coldest_supply_c
    hot = dry_bulb_c >= plant.warmest_supply_c
    mild = ~cold & ~hot
    held_c = np.clip(dry_bulb_c, plant.coldest_supply_c, plant.warmest_supply_c)
    dampest = humidity_ratio_at_dew_point(plant.dampest_dew_point_c, pressure_pa)
    driest = humidity_ratio_at_dew_point(plant.driest_dew_point_c, pressure_pa)
    upper = np.minimum(humidity_ratio(held_c, plant.greatest_humidity, pressure_pa), dampest)
    lower = np.maximum(humidity_ratio(held_c, plant.least_humidity, pressure_pa), driest)
    humidified = ~hot & (humidity < lower)
    too_humid = ~cold & (humidity > upper)
    outdoor = enthalpy_kj_per_kg(dry_bulb_c, humidity)
    evaporated_c = (outdoor - 2501.0 * lower) / (1.006 + 1.86 * lower)
    temperature = np.where(mild & humidified, np.maximum(plant.coldest_supply_c, evaporated_c), held_c)
    dehumidified_c = max(plant.coldest_supply_c, plant.dampest_dew_point_c)
    temperature = np.where(mild & too_humid, dehumidified_c, temperature)
    ratio = np.where(cold, np.minimum(humidity, dampest), humidity)
    ratio = np.where(humidified, lower, np.where(hot | too_humid, upper, ratio))
    return SupplyAir(temperature, ratio, humidified, hot | too_humid)


@dataclass(frozen=True)
class OutsideAirDemand:
    """Power [MW] and water [m³/h] for 1 MW of IT, shape (time,)."""

    heat_mw: float
    fan_mw: FloatArray
    pump_mw: FloatArray
    chiller_mw: FloatArray
    tower_fan_mw: FloatArray
    water_m3_per_h: FloatArray

    @property
    def pue(self) -> FloatArray:
        """Power usage effectiveness [-]; losses and lights are the heat beyond IT."""
        return np.asarray(self.heat_mw + self.fan_mw + self.pump_mw + self.chiller_mw + self.tower_fan_mw)


def outside_air_demand(
    dry_bulb_c: FloatArray,
    relative_humidity: FloatArray,
    wet_bulb_c: FloatArray,
    pressure_pa: FloatArray,
    *,
    plant: OutsideAirPlant,
) -> OutsideAirDemand:
    """Power and water of the plant per MW of IT, hour by hour.

    Parameters: dry_bulb_c, wet_bulb_c [°C], relative_humidity [0..1], pressure_pa (station) [Pa], shape (time,).
    Raises ValueError for a relative humidity outside 0..1. Source: see the module.
    """
    outdoor_ratio = humidity_ratio(dry_bulb_c, relative_humidity, pressure_pa)
    supply = supply_air(dry_bulb_c, outdoor_ratio, pressure_pa, plant)
    air_kg_per_s = 1000.0 * plant.heat_per_it / (AIR_HEAT_KJ_PER_KG_K * plant.air_rise_k)
    supply_density = density_kg_per_m3(supply.temperature_c, supply.humidity_ratio, pressure_pa)
    sprayed = humidifier_kg_per_s(
        air_kg_per_s, enthalpy_kj_per_kg(dry_bulb_c, outdoor_ratio), outdoor_ratio, supply, plant
    )
    chiller_heat_mw = np.where(supply.mechanical, plant.heat_per_it, 0.0)
    coil_mw = chiller_heat_mw / plant.sensible_heat_ratio
    latent_kg_per_s = 1000.0 * (coil_mw - chiller_heat_mw) / CONDENSATION_HEAT_KJ_PER_KG
    cop = water_cooled_cop(wet_bulb_c + plant.tower.approach_k, plant.chiller_load) * (1 + plant.cop_error)
    chiller_mw = coil_mw / cop
    outdoors = density_kg_per_m3(dry_bulb_c, outdoor_ratio, pressure_pa)
    tower = tower_demand(coil_mw + chiller_mw, wet_bulb_c, outdoors, tower=plant.tower)
    chilled_kg_per_s = 1000.0 * coil_mw / (WATER_HEAT_KJ_PER_KG_K * plant.water_rise_k)
    return OutsideAirDemand(
        heat_mw=plant.heat_per_it,
        fan_mw=air_kg_per_s / supply_density * plant.fan_pressure_pa / plant.fan_efficiency / 1e6,
        pump_mw=tower.pump_mw
        + pump_power_mw(sprayed, pressure_pa=plant.humidifier_pressure_pa, efficiency=plant.humidifier_efficiency)
        + pump_power_mw(
            chilled_kg_per_s, pressure_pa=plant.chilled_pump_pressure_pa, efficiency=plant.chilled_pump_efficiency
        ),
        chiller_mw=chiller_mw,
        tower_fan_mw=tower.fan_mw,
        water_m3_per_h=3.6 * (sprayed + latent_kg_per_s) + tower.water_m3_per_h,
    )


def humidifier_kg_per_s(
    air_kg_per_s: float,
    outdoor_enthalpy: FloatArray,
    outdoor_ratio: FloatArray,
    supply: SupplyAir,
    plant: OutsideAirPlant,
) -> FloatArray:
    """Water sprayed [kg/s]: only the outdoor part of the air is dry, the rest returns at supply humidity."""
    supplied = enthalpy_kj_per_kg(supply.temperature_c, supply.humidity_ratio)
    returned = supplied + AIR_HEAT_KJ_PER_KG_K * plant.air_rise_k
    free = supply.humidified & ~supply.mechanical
    warming = np.where(free, returned - outdoor_enthalpy, 1.0)
    outdoor_share = np.where(free, np.clip((returned - supplied) / warming, 0.0, 1.0), 0.0)
    return np.asarray(air_kg_per_s * outdoor_share * np.maximum(supply.humidity_ratio - outdoor_ratio, 0.0))
