"""Chilled-water plant: chillers and towers behind fan coils or a warm-water loop, a plate exchanger for free cooling.

Assumes: as many chillers run as is cheapest (their switching is a matter of the plan), their heat leaves by evaporation in
towers, and the exchanger stands before the chillers, so that it takes the first part of the water's fall in temperature.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.chiller import best_chillers_power
from weather.cooling.demand import PlantDemand
from weather.cooling.indirect_evaporative import hall_fan_mw
from weather.cooling.presets import AirPlant
from weather.cooling.psychrometrics import FloatArray, dry_air_density_kg_per_m3
from weather.cooling.tower import Tower, tower_demand
from weather.cooling.warm_water import Loop
from weather.cooling.water_economizer import economizer_share


@dataclass(frozen=True)
class ChilledWaterPlant:
    """Chillers, towers and the loop; sizes are per design heat. Numbers without a source are assumptions."""

    air: AirPlant | None = field(default_factory=AirPlant)
    """Hall air and its fans; None: a liquid loop, without fans."""
    exchanger: bool = True
    """Whether a plate exchanger lets the towers cool alone (water-side economizer)."""
    partial_free_cooling: bool = True
    """Whether exchanger and chillers work one behind the other; otherwise it is one or the other."""
    supply_water_c: float = 17.0
    water_rise_k: float = 6.0
    exchanger_approach_k: float = 2.25  # middle of Lei and Masanet (2022), table B.1
    sensible_heat_ratio: float = 0.97  # the same source; the rest dries the hall air
    chiller_capacity: float = 1.25  # of all chillers: one in five to spare
    cop_factor: float = 1.0  # on the performance of the table
    fixed_pump_share: float = 0.35
    tower: Tower = field(default_factory=Tower)
    loop: Loop = field(default_factory=Loop)

    @property
    def loop_pump_power(self) -> float:
        """Pump power of the loop per design heat."""
        return self.loop.power_per_heat(self.water_rise_k)

    def chillers_mw(self, design_heat_mw: float) -> float:
        """Heat all chillers carry together [MW]."""
        return self.chiller_capacity * design_heat_mw / self.sensible_heat_ratio

    def condenser_water_c(self, wet_bulb_c: ArrayLike) -> FloatArray:
        """Water that comes back from the towers [°C]."""
        return np.asarray(np.asarray(wet_bulb_c, dtype=float) + self.tower.approach_k)


WARM_WATER = ChilledWaterPlant(air=None, supply_water_c=32.0, water_rise_k=10.0, sensible_heat_ratio=1.0)
"""Towers on a liquid loop of class W32; chillers only above a wet bulb of 25 °C."""
SUMMIT = ChilledWaterPlant(
    air=None, supply_water_c=23.2, water_rise_k=5.6, exchanger_approach_k=0.0, sensible_heat_ratio=1.0,
    tower=Tower(approach_k=2.7),
)  # fmt: skip
"""Loop of a supercomputer of 2018 as measured in 2020 (warm_water.py: inferred from telemetry)."""


def free_share(
    dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, pressure_pa: ArrayLike, *, plant: ChilledWaterPlant
) -> FloatArray:
    """Share of the heat that leaves without a chiller [0..1], by hour; none where the second pump would cost more.

    Parameters: dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa]: shapes that broadcast.
    Source: Lei and Masanet, Energy 201 (2020) 117556, for the temperatures.
    """
    wet_bulb = np.asarray(wet_bulb_c, dtype=float)
    if not plant.exchanger:
        return np.zeros(np.broadcast_shapes(np.shape(dry_bulb_c), wet_bulb.shape, np.shape(pressure_pa)))
    share = economizer_share(
        wet_bulb,
        approach_k=plant.tower.approach_k + plant.exchanger_approach_k,
        supply_water_c=plant.supply_water_c,
        return_water_c=plant.supply_water_c + plant.water_rise_k,
    )
    if not plant.partial_free_cooling:
        share = np.where(share >= 1, 1.0, 0.0)
    density = dry_air_density_kg_per_m3(dry_bulb_c, pressure_pa)
    tower = tower_demand(1.0, wet_bulb, density, tower=plant.tower)
    work = best_chillers_power(0.5, plant.condenser_water_c(wet_bulb)) / 0.5 / plant.cop_factor
    saved = (work + (1 + work) * (tower.pump_mw + tower.fan_mw)) / plant.sensible_heat_ratio
    gained = share * (saved - tower.pump_mw - tower.fan_mw)
    return np.asarray(np.where(gained > plant.loop_pump_power, share, 0.0))


def chilled_water_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: ChilledWaterPlant,
) -> PlantDemand:
    """Chillers and towers, with free cooling where there is an exchanger and the air is cold enough.

    Parameters: heat_mw [MW], dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa]: shapes that broadcast;
    design_heat_mw: heat at full load [MW]. Source: Lei and Masanet, Energy 201 (2020) 117556 (towers, temperatures,
    performance of chillers); pumps and fans engineering practice (assumption).
    """
    heat = np.asarray(heat_mw, dtype=float)
    free = free_share(dry_bulb_c, wet_bulb_c, pressure_pa, plant=plant)
    chilled = (1 - free) * heat / plant.sensible_heat_ratio
    size_mw = plant.chillers_mw(design_heat_mw)
    compressor = (
        size_mw / plant.cop_factor * best_chillers_power(chilled / size_mw, plant.condenser_water_c(wet_bulb_c))
    )
    density = dry_air_density_kg_per_m3(dry_bulb_c, pressure_pa)
    tower = tower_demand(free * heat + chilled + compressor, wet_bulb_c, density, tower=plant.tower)
    load, fixed = heat / design_heat_mw, plant.fixed_pump_share
    pumps = plant.loop_pump_power * design_heat_mw * (fixed + (1 - fixed) * load**3 + np.where(free > 0, load, 0.0))
    fans = np.zeros(())
    if plant.air is not None:
        fans = hall_fan_mw(heat, pressure_pa, design_heat_mw=design_heat_mw, plant=plant.air)
    return PlantDemand(
        indoor_fan_mw=fans,
        outdoor_fan_mw=tower.fan_mw,
        compressor_mw=np.asarray(compressor),
        pump_mw=np.asarray(pumps + tower.pump_mw),
        water_m3_per_h=tower.water_m3_per_h,
        free_heat_mw=np.asarray(free * heat),
        compressor_heat_mw=np.asarray((1 - free) * heat),
        capacity_ratio=free,
        outdoor_flow=np.ones(()),
    )
