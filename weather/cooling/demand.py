"""Power demand of a cooling plant for a heat load: electricity by part, and water; and the choice between its modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weather.cooling.psychrometrics import FloatArray

EVAPORATION_KJ_PER_KG = 2450.0  # near 20 °C


@dataclass(frozen=True)
class PlantDemand:
    """Electricity and heat [MW], water [m³/h] of a plant; fields have the shape of heat and weather, broadcast."""

    indoor_fan_mw: FloatArray
    outdoor_fan_mw: FloatArray
    compressor_mw: FloatArray
    pump_mw: FloatArray
    """Water pumps, spray pumps included."""
    water_m3_per_h: FloatArray
    free_heat_mw: FloatArray
    """Heat rejected without a compressor."""
    compressor_heat_mw: FloatArray
    capacity_ratio: FloatArray
    """What the exchanger could reject at full outdoor flow, per heat to be rejected; below 1 the compressor helps."""
    outdoor_flow: FloatArray
    """Scavenger flow or dry-cooler fan speed, 0..1 of full."""

    def __post_init__(self) -> None:
        shape = np.broadcast_shapes(*(np.shape(getattr(self, field.name)) for field in fields(self)))
        for field in fields(self):
            object.__setattr__(self, field.name, np.broadcast_to(np.asarray(getattr(self, field.name), float), shape))

    @property
    def power_mw(self) -> FloatArray:
        """Electric power of the whole plant [MW]."""
        return np.asarray(self.indoor_fan_mw + self.outdoor_fan_mw + self.compressor_mw + self.pump_mw)


Mode = Callable[..., PlantDemand]
"""A way to run a plant: mode(heat_mw, dry_bulb_c, wet_bulb_c, pressure_pa, *, design_heat_mw, plant) -> PlantDemand."""


def choose(where: NDArray[np.bool_], first: PlantDemand, second: PlantDemand) -> PlantDemand:
    """`first` where the mask holds, else `second`, element by element."""
    return PlantDemand(
        **{
            field.name: np.asarray(np.where(where, getattr(first, field.name), getattr(second, field.name)))
            for field in fields(PlantDemand)
        }
    )


def first_feasible(demands: Sequence[PlantDemand]) -> PlantDemand:
    """First demand that needs no compressor, in the order given; the last one where all need it."""
    chosen = demands[-1]
    for demand in reversed(demands[:-1]):
        chosen = choose(demand.capacity_ratio >= 1, demand, chosen)
    return chosen


def cheapest(demands: Sequence[PlantDemand], *, water_weight_mwh_per_m3: float = 0.0) -> PlantDemand:
    """Demand with the least electricity plus weighted water, element by element.

    Parameters: water_weight_mwh_per_m3: what a cubic metre is worth in electricity [MWh/m³]: water price / power price.
    """
    chosen = demands[0]
    for demand in demands[1:]:
        weighed = demand.power_mw + water_weight_mwh_per_m3 * demand.water_m3_per_h
        best = chosen.power_mw + water_weight_mwh_per_m3 * chosen.water_m3_per_h
        chosen = choose(np.asarray(weighed < best), demand, chosen)
    return chosen


def evaporative_water_m3_per_h(wet_heat_mw: ArrayLike, *, cycles_of_concentration: float, drift: float) -> FloatArray:
    """Make-up water [m³/h] to reject heat [MW] by evaporation: evaporated, blown down, carried off as drift.

    Parameters: cycles_of_concentration: above 1; drift: share of the evaporated water. At 5 cycles 1.84 m³/MWh.
    Raises ValueError at 1 cycle or less. Source: mass balance of a recirculating spray, latent heat 2,450 kJ/kg.
    """
    if cycles_of_concentration <= 1:
        raise ValueError("cycles of concentration must be above 1; 3 to 8 is usual")
    per_mwh = 3600.0 / EVAPORATION_KJ_PER_KG * (1 + 1 / (cycles_of_concentration - 1) + drift)
    return np.asarray(np.asarray(wet_heat_mw, dtype=float) * per_mwh)
