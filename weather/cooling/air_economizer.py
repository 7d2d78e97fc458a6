"""Air-side economizer: outside air in the hall within limits of temperature and humidity, chillers and towers in the other hours."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.chilled_water import ChilledWaterPlant, chilled_water_mode
from weather.cooling.demand import PlantDemand
from weather.cooling.outside_air import OutsideAirPlant, humidifier_kg_per_s, supply_air
from weather.cooling.psychrometrics import (
    FloatArray,
    enthalpy_kj_per_kg,
    humidity_ratio_from_wet_bulb,
)
from weather.cooling.tower import pump_power_mw


@dataclass(frozen=True)
class AirEconomizerPlant:
    """Control of the outside air, and the chillers that stand behind it."""

    control: OutsideAirPlant = field(default_factory=OutsideAirPlant)
    """Limits of supply air and the humidifier; its fans, chillers and towers are not read."""
    chilled: ChilledWaterPlant = field(default_factory=lambda: ChilledWaterPlant(exchanger=False))
    """Fans of the hall, chillers and towers."""


def open_hours(
    dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, pressure_pa: ArrayLike, *, plant: AirEconomizerPlant
) -> FloatArray:
    """One in hours in which outside air cools alone, else zero; parameters as `air_economizer_mode`."""
    ratio = humidity_ratio_from_wet_bulb(dry_bulb_c, wet_bulb_c, pressure_pa)
    supply = supply_air(np.asarray(dry_bulb_c, float), ratio, np.asarray(pressure_pa, float), plant.control)
    return np.asarray(np.where(supply.mechanical, 0.0, 1.0))


def air_economizer_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirEconomizerPlant,
) -> PlantDemand:
    """Outside air, wetted where it is too dry; where it is too hot or too humid, chillers and towers carry all heat.

    Parameters: heat_mw [MW], dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa]: shapes that broadcast;
    design_heat_mw: heat at full load [MW]. Source: Lei and Masanet, Energy 201 (2020) 117556, case 1, for control and water;
    fans of the hall at part load: assumption.
    """
    heat, dry_bulb = np.asarray(heat_mw, dtype=float), np.asarray(dry_bulb_c, dtype=float)
    control, pressure = plant.control, np.asarray(pressure_pa, dtype=float)
    ratio = humidity_ratio_from_wet_bulb(dry_bulb, wet_bulb_c, pressure)
    supply = supply_air(dry_bulb, ratio, pressure, control)
    shut = supply.mechanical
    mechanical = chilled_water_mode(
        heat, dry_bulb, wet_bulb_c, pressure, design_heat_mw=design_heat_mw, plant=plant.chilled
    )
    air_kg_per_s = 1000.0 / (1.01 * control.air_rise_k)  # for 1 MW of heat
    sprayed = heat * humidifier_kg_per_s(air_kg_per_s, enthalpy_kj_per_kg(dry_bulb, ratio), ratio, supply, control)
    spray_mw = pump_power_mw(
        sprayed, pressure_pa=control.humidifier_pressure_pa, efficiency=control.humidifier_efficiency
    )
    return PlantDemand(
        indoor_fan_mw=mechanical.indoor_fan_mw,
        outdoor_fan_mw=np.where(shut, mechanical.outdoor_fan_mw, 0.0),
        compressor_mw=np.where(shut, mechanical.compressor_mw, 0.0),
        pump_mw=np.where(shut, mechanical.pump_mw, spray_mw),
        water_m3_per_h=np.where(shut, mechanical.water_m3_per_h, 3.6 * sprayed),
        free_heat_mw=np.where(shut, 0.0, heat),
        compressor_heat_mw=np.where(shut, heat, 0.0),
        capacity_ratio=np.where(shut, 0.0, 1.0),
        outdoor_flow=np.where(shut, 0.0, 1.0),
    )
