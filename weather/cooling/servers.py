"""Servers seen from the cooling side: fans inside IT power, and what inlet temperature does to power and air flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.psychrometrics import SEA_LEVEL_PRESSURE_PA, FloatArray


def it_power_in_thin_air_mw(it_mw: ArrayLike, pressure_pa: ArrayLike, *, it_fan_share: float) -> FloatArray:
    """IT power [MW] at a station pressure [Pa], its own fans sped up until they move the same mass of air.

    Parameters: it_mw: at sea level; it_fan_share: share of server fans in it, 0.05..0.08 today; shapes broadcast.
    These fans hide in IT power and flatter PUE. Source: fan law at fixed mass flow, power ~ 1/density² (assumption).
    """
    if not 0 <= it_fan_share < 1:
        raise ValueError("the share of server fans must lie in 0..1; 0.05 to 0.08 is usual")
    thinness = SEA_LEVEL_PRESSURE_PA / np.asarray(pressure_pa, dtype=float)
    return np.asarray(np.asarray(it_mw, dtype=float) * (1 - it_fan_share + it_fan_share * thinness**2))


@dataclass(frozen=True)
class ServerCurves:
    """IT equipment in the ITE:AirCooled form of EnergyPlus: biquadratics of load (x) and inlet temperature (y).

    Order: constant, x, x², y, y², xy. Source: the example of EnergyPlus' unit tests, which sits at 15 °C inlet
    and is steep there; for a real server fit the maker's data. Fan share and exponent: assumption.
    """

    power: tuple[float, float, float, float, float, float] = (-1.0, 1.0, 0.0, 0.06667, 0.0, 0.0)
    flow: tuple[float, float, float, float, float, float] = (-1.4, 0.9, 0.0, 0.1, 0.0, 0.0)
    fan_share: float = 0.08
    fan_exponent: float = 2.8


def server_power_and_flow(
    load: ArrayLike, inlet_c: ArrayLike, *, curves: ServerCurves
) -> tuple[FloatArray, FloatArray]:
    """Power and air flow of servers relative to their design [-], from load [0..1] and inlet temperature [°C].

    Shapes broadcast. Raises ValueError where the curves give a negative flow: they do not hold there.
    Source: EnergyPlus, ElectricEquipment:ITE:AirCooled.
    """
    x, y = np.asarray(load, dtype=float), np.asarray(inlet_c, dtype=float)
    terms = (1.0, x, x * x, y, y * y, x * y)
    processors = sum(c * term for c, term in zip(curves.power, terms, strict=True))
    flow = np.asarray(sum(c * term for c, term in zip(curves.flow, terms, strict=True)))
    if np.any(flow < 0):
        raise ValueError("server curves give a negative air flow; they do not hold at this load and inlet temperature")
    power = (1 - curves.fan_share) * processors + curves.fan_share * flow**curves.fan_exponent
    return np.asarray(power), flow
