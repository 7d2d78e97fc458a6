"""Indirect evaporative cooling of hall air: dry or sprayed exchanger, compressor trim for the rest.

Two modes cover four states: a mode whose exchanger suffices (capacity_ratio >= 1) runs without its compressor.
Both take the HEAT to remove, so that a plant can stand on a heat bus. At zero heat the fans still turn at their floor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.compressor import coefficient_of_performance
from weather.cooling.demand import Mode, PlantDemand, cheapest, evaporative_water_m3_per_h
from weather.cooling.presets import AirPlant
from weather.cooling.psychrometrics import SEA_LEVEL_PRESSURE_PA, FloatArray

AIR_DENSITY_KG_PER_M3 = SEA_LEVEL_PRESSURE_PA / (287.05 * 298.15)  # 1.184 at sea level, 25 °C
AIR_HEAT_J_PER_KG_K = 1006.0
SMALLEST_SHARE = 1e-9  # keeps ratios finite at zero heat and where the source is warmer than the hall


def fan_power_per_heat(pressure_drop_pa: float, efficiency: float, air_rise_k: float) -> float:
    """Fan power per heat moved at design flow and sea level [-]: dp / (efficiency × density × heat capacity × rise)."""
    return pressure_drop_pa / (efficiency * AIR_DENSITY_KG_PER_M3 * AIR_HEAT_J_PER_KG_K * air_rise_k)


def flow_share(heat_mw: ArrayLike, *, design_heat_mw: float, plant: AirPlant) -> FloatArray:
    """Hall air flow as a share of the installed flow [0..1], not below the fan floor."""
    share = np.asarray(heat_mw, dtype=float) / (design_heat_mw * plant.oversizing)
    return np.asarray(np.maximum(share, plant.least_flow))


def hall_fan_mw(heat_mw: ArrayLike, pressure_pa: ArrayLike, *, design_heat_mw: float, plant: AirPlant) -> FloatArray:
    """Power of the fans that move the hall air [MW], whatever cools it; parameters as `dry_mode`."""
    flow = flow_share(heat_mw, design_heat_mw=design_heat_mw, plant=plant)
    thin_air = (np.asarray(pressure_pa, dtype=float) / SEA_LEVEL_PRESSURE_PA) ** -plant.fan_altitude_exponent
    specific = fan_power_per_heat(plant.indoor_pressure_drop_pa, plant.indoor_fan_efficiency, plant.air_rise_k)
    return np.asarray(specific * design_heat_mw * plant.oversizing * flow**plant.fan_exponent * thin_air)


def exchanger_capacity_mw(
    flow: FloatArray, source_c: ArrayLike, *, effectiveness: float, design_heat_mw: float, plant: AirPlant
) -> FloatArray:
    """Heat the exchanger can reject at full scavenger flow [MW], zero where the source is warmer than the return air.

    Parameters: flow: share of installed hall flow [0..1]; source_c: dry or wet bulb [°C]; effectiveness at full flow.
    Source: effectiveness-NTU relation of a balanced counterflow exchanger, eps = NTU / (1 + NTU).
    """
    transfer_units = effectiveness / (1 - effectiveness) * flow**-plant.transfer_exponent
    effective = transfer_units / (1 + transfer_units)
    drive = (plant.return_temperature_c - np.asarray(source_c, dtype=float)) / plant.air_rise_k
    return np.asarray(np.maximum(effective * drive, 0.0) * flow * plant.oversizing * design_heat_mw)


def dry_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,  # noqa: ARG001  every mode takes the same weather
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    """Dry exchanger, compressor for the rest: no water at all.

    Parameters: heat_mw [MW], dry_bulb_c, wet_bulb_c [°C], pressure_pa (station) [Pa]: shapes that broadcast, e.g.
    heat (1, N) and weather (time, 1); design_heat_mw: heat at full IT load [MW].
    Source: fan law, effectiveness-NTU exchanger; coefficients engineering practice (assumption).
    """
    return _demand(
        heat_mw, dry_bulb_c, dry_bulb_c, pressure_pa,
        effectiveness=plant.dry_effectiveness, sprayed_share=0.0, design_heat_mw=design_heat_mw, plant=plant,
    )  # fmt: skip


def wet_mode(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    """Sprayed exchanger, compressor for the rest; parameters as `dry_mode`. Source: as `dry_mode`, on the wet bulb."""
    return _demand(
        heat_mw, wet_bulb_c, dry_bulb_c, pressure_pa,
        effectiveness=plant.wet_effectiveness, sprayed_share=1.0, design_heat_mw=design_heat_mw, plant=plant,
    )  # fmt: skip


DRY_ONLY: tuple[Mode, ...] = (dry_mode,)
"""No water allowed: dry exchanger and compressor."""
DRY_OR_WET: tuple[Mode, ...] = (dry_mode, wet_mode)


def _demand(
    heat_mw: ArrayLike,
    source_c: ArrayLike,
    dry_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    effectiveness: float,
    sprayed_share: float,
    design_heat_mw: float,
    plant: AirPlant,
) -> PlantDemand:
    heat = np.asarray(heat_mw, dtype=float)
    flow = flow_share(heat, design_heat_mw=design_heat_mw, plant=plant)
    capacity_mw = exchanger_capacity_mw(
        flow, source_c, effectiveness=effectiveness, design_heat_mw=design_heat_mw, plant=plant
    )
    tiny = SMALLEST_SHARE * design_heat_mw
    ratio = np.maximum(capacity_mw, tiny) / np.maximum(heat, tiny)
    scavenger = np.clip(ratio ** (-1 / plant.scavenger_exponent), plant.least_scavenger_flow, 1.0)
    indoor_fan_mw, outdoor_fan_mw = _fans_mw(flow, scavenger, pressure_pa, design_heat_mw, plant)
    free_heat = np.minimum(heat, capacity_mw)
    return PlantDemand(
        indoor_fan_mw=indoor_fan_mw,
        outdoor_fan_mw=outdoor_fan_mw,
        compressor_mw=(heat - free_heat)
        / coefficient_of_performance(dry_bulb_c, pressure_pa, compressor=plant.compressor),
        pump_mw=plant.spray_power * sprayed_share * free_heat,
        water_m3_per_h=evaporative_water_m3_per_h(
            sprayed_share * free_heat, cycles_of_concentration=plant.cycles_of_concentration, drift=plant.drift
        ),
        free_heat_mw=free_heat,
        compressor_heat_mw=heat - free_heat,
        capacity_ratio=ratio,
        outdoor_flow=scavenger,
    )


def _fans_mw(
    flow: FloatArray, scavenger: FloatArray, pressure_pa: ArrayLike, design_heat_mw: float, plant: AirPlant
) -> tuple[FloatArray, FloatArray]:
    """Hall and scavenger fan power [MW]; thin air moves more volume for the same mass."""
    thin_air = (np.asarray(pressure_pa, dtype=float) / SEA_LEVEL_PRESSURE_PA) ** -plant.fan_altitude_exponent
    full_flow = design_heat_mw * plant.oversizing * flow**plant.fan_exponent * thin_air
    indoor = fan_power_per_heat(plant.indoor_pressure_drop_pa, plant.indoor_fan_efficiency, plant.air_rise_k)
    outdoor = fan_power_per_heat(plant.outdoor_pressure_drop_pa, plant.outdoor_fan_efficiency, plant.air_rise_k)
    return np.asarray(indoor * full_flow), np.asarray(outdoor * full_flow * scavenger**plant.fan_exponent)


def air_plant_demand(
    heat_mw: ArrayLike,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant,
    modes: tuple[Mode, ...] = DRY_OR_WET,
    water_weight_mwh_per_m3: float = 0.0,
) -> PlantDemand:
    """Electricity and water of the plant in its cheapest allowed mode; parameters as `dry_mode` and `cheapest`."""
    demands = [
        mode(heat_mw, dry_bulb_c, wet_bulb_c, pressure_pa, design_heat_mw=design_heat_mw, plant=plant) for mode in modes
    ]
    return cheapest(demands, water_weight_mwh_per_m3=water_weight_mwh_per_m3)
