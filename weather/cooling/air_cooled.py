"""Air-cooled chillers or direct-expansion units: fans in the hall, compressors for all heat, no water."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import PlantDemand
from weather.cooling.indirect_evaporative import hall_fan_mw
from weather.cooling.presets import AirPlant


def air_cooled_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,  # noqa: ARG001  every mode takes the same weather
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    """Compressors carry all heat and give it to outside air, whatever the weather.

    Parameters: heat_mw [MW], dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa]: shapes that broadcast;
    design_heat_mw: heat at full load [MW]. Source: engineering practice (assumption), performance as in `compressor`.
    """
    heat = np.asarray(heat_mw, dtype=float)
    cop = coefficient_of_performance(dry_bulb_c, pressure_pa, compressor=plant.compressor)
    none = np.zeros(())
    return PlantDemand(
        indoor_fan_mw=hall_fan_mw(heat, pressure_pa, design_heat_mw=design_heat_mw, plant=plant),
        outdoor_fan_mw=none,  # the condenser's fans are part of the performance
        compressor_mw=np.asarray(heat / cop),
        pump_mw=none,
        water_m3_per_h=none,
        free_heat_mw=none,
        compressor_heat_mw=heat,
        capacity_ratio=none,
        outdoor_flow=np.ones(()),
    )
