"""Warm-water plant with towers and chiller trim, a rule read off a year of measurements at a supercomputer.

Chillers join with a fixed step, the one place in cooling where a unit-commitment binary earns its keep.
Source: Summit, Oak Ridge National Laboratory, 2020 (sc21_summit_power_analysis_artifacts, MIT licence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.psychrometrics import FloatArray
from weather.cooling.tower import WATER_HEAT_KJ_PER_KG_K, Tower, pump_power_mw, tower_demand
from weather.cooling.water_economizer import economizer_share

SEA_LEVEL_AIR_KG_PER_M3 = 1.2


@dataclass(frozen=True)
class Loop:
    """Pump of a facility water loop; middle of the ranges of Lei and Masanet (2022), table B.1."""

    pump_pressure_pa: float = 143_650.0
    pump_efficiency: float = 0.70

    def power_per_heat(self, range_k: float) -> float:
        """Pump power per heat carried over a range [K]."""
        flow_kg_per_s = 1000.0 / (WATER_HEAT_KJ_PER_KG_K * range_k)
        return float(pump_power_mw(flow_kg_per_s, pressure_pa=self.pump_pressure_pa, efficiency=self.pump_efficiency))


@dataclass(frozen=True)
class WarmWaterPlant:
    """Settings of the rule; temperatures inferred from telemetry, the approach chosen by eye."""

    approach_k: float = 2.7
    supply_water_c: float = 23.2
    range_k: float = 5.6
    base_overhead: float = 0.042  # per IT power: pumps, towers, what is always on
    warm_overhead: float = 0.05  # tower fans and chillers at idle, reached over the ramp below
    ramp_from_c: float = 14.0  # wet bulb
    ramp_width_k: float = 6.0
    chiller_overhead: float = 0.32  # per IT power, chillers carrying all heat


def chiller_share(wet_bulb_c: ArrayLike, *, plant: WarmWaterPlant) -> FloatArray:
    """Share of the heat chillers carry [0..1] at a wet bulb [°C], any shape."""
    free = economizer_share(
        wet_bulb_c,
        approach_k=plant.approach_k,
        supply_water_c=plant.supply_water_c,
        return_water_c=plant.supply_water_c + plant.range_k,
    )
    return np.asarray(1 - free)


def warm_water_pue(wet_bulb_c: ArrayLike, *, plant: WarmWaterPlant) -> FloatArray:
    """PUE of IT and cooling alone [-] at a wet bulb [°C], any shape; holds for a chiller share up to about 0.4."""
    wet_bulb = np.asarray(wet_bulb_c, dtype=float)
    ramp = np.clip((wet_bulb - plant.ramp_from_c) / plant.ramp_width_k, 0.0, 1.0)
    overhead = plant.base_overhead + plant.warm_overhead * ramp
    return np.asarray(1 + overhead + plant.chiller_overhead * chiller_share(wet_bulb, plant=plant))


def tower_power_per_heat(wet_bulb_c: ArrayLike, *, tower: Tower, loop: Loop) -> FloatArray:
    """Electricity per heat [-] when towers carry everything: tower pump and fan, one pump for the hall's loop.

    Parameters: wet_bulb_c: any shape [°C]. Source: Lei and Masanet, Energy 201 (2020) 117556 (tower), pump law.
    """
    demand = tower_demand(1.0, wet_bulb_c, SEA_LEVEL_AIR_KG_PER_M3, tower=tower)
    return np.asarray(demand.pump_mw + demand.fan_mw + loop.power_per_heat(tower.range_k))


def chiller_power_per_heat(wet_bulb_c: ArrayLike, *, tower: Tower, loop: Loop, chiller_cop: float) -> FloatArray:
    """Electricity per heat [-] when chillers carry everything: compressor, tower pump, a second loop; any shape."""
    demand = tower_demand(1 + 1 / chiller_cop, wet_bulb_c, SEA_LEVEL_AIR_KG_PER_M3, tower=tower)
    return np.asarray(1 / chiller_cop + demand.pump_mw + demand.fan_mw + 2 * loop.power_per_heat(tower.range_k))
