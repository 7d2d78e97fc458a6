"""An evaporative cooling tower: water evaporated, drifted and blown down, pump and fan power, for heat it rejects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.psychrometrics import FloatArray

WATER_HEAT_KJ_PER_KG_K = 4.184
WATER_DENSITY_KG_PER_M3 = 1000.0


@dataclass(frozen=True)
class Tower:
    """Defaults: middle of the ranges of Lei and Masanet (2022), table B.1, doi 10.1016/j.resconrec.2022.106323."""

    approach_k: float = 4.75
    range_k: float = 5.0
    windage: float = 0.002525
    """Share of the circulating water carried off as drops."""
    cycles_of_concentration: float = 9.0
    liquid_to_gas: float = 2.1
    fan_pressure_pa: float = 250.0
    fan_efficiency: float = 0.775
    pump_pressure_pa: float = 208_650.0
    pump_efficiency: float = 0.70


@dataclass(frozen=True)
class TowerDemand:
    """Power demand of a cooling tower, in the unit of the heat it rejects, and its make-up water."""

    pump_mw: FloatArray
    fan_mw: FloatArray
    water_m3_per_h: FloatArray


def pump_power_mw(flow_kg_per_s: ArrayLike, *, pressure_pa: float, efficiency: float) -> FloatArray:
    """Power [MW] of a pump that moves water [kg/s] against a pressure [Pa]."""
    flow_m3_per_s = np.asarray(flow_kg_per_s, dtype=float) / WATER_DENSITY_KG_PER_M3
    return np.asarray(flow_m3_per_s * pressure_pa / efficiency / 1e6)


def evaporation_heat_kj_per_kg(water_c: ArrayLike) -> FloatArray:
    """Latent heat of water [kJ/kg] at a temperature [°C], 0..50. Source: Lei and Masanet 2020."""
    water = np.asarray(water_c, dtype=float)
    return np.asarray(-0.0013 * water**2 - 2.3097 * water + 2500.5)


def tower_demand(
    heat_mw: ArrayLike, wet_bulb_c: ArrayLike, air_density_kg_per_m3: ArrayLike, *, tower: Tower
) -> TowerDemand:
    """Pump, fan and make-up water of a tower.

    Parameters: heat_mw: rejected heat, chiller work included [MW]; wet_bulb_c: outdoors [°C]; air_density_kg_per_m3:
    outdoors; shapes that broadcast. All heat leaves by evaporation, air follows from evaporation over L/G, as
    published. Source: Lei and Masanet, Energy 201 (2020) 117556.
    """
    heat_kw = 1000.0 * np.asarray(heat_mw, dtype=float)
    circulating = heat_kw / (WATER_HEAT_KJ_PER_KG_K * tower.range_k)
    water_c = np.asarray(wet_bulb_c, dtype=float) + tower.approach_k + tower.range_k / 2
    evaporated = heat_kw / evaporation_heat_kj_per_kg(water_c)
    drift = circulating * tower.windage
    blowdown = np.maximum(evaporated / (tower.cycles_of_concentration - 1) - drift, 0.0)
    air_m3_per_s = evaporated / tower.liquid_to_gas / np.asarray(air_density_kg_per_m3, dtype=float)
    return TowerDemand(
        pump_mw=pump_power_mw(circulating, pressure_pa=tower.pump_pressure_pa, efficiency=tower.pump_efficiency),
        fan_mw=np.asarray(air_m3_per_s * tower.fan_pressure_pa / tower.fan_efficiency / 1e6),
        water_m3_per_h=np.asarray((evaporated + drift + blowdown) * 3.6),
    )
