"""Altitude effects on cooling equipment in thin air: server inlet limits, cooling capacity, electrical ratings against elevation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.psychrometrics import FloatArray

HIGHEST_CLASS_ELEVATION_M = 3050.0
DERATING_STARTS_M = 900.0


@dataclass(frozen=True)
class ThermalClass:
    """Allowable server inlet temperature; its top falls with elevation above 900 m."""

    coldest_c: float
    warmest_c: float
    metres_per_k: float


# Source: ASHRAE TC9.9 Thermal Guidelines, 5th edition, reference card; derating and H1 second hand
RECOMMENDED_INLET_C = (18.0, 27.0)
RECOMMENDED_DEW_POINT_C = (-9.0, 15.0)
CLASS_A1 = ThermalClass(15.0, 32.0, 300.0)
CLASS_A2 = ThermalClass(10.0, 35.0, 300.0)
CLASS_A3 = ThermalClass(5.0, 40.0, 175.0)
CLASS_A4 = ThermalClass(5.0, 45.0, 125.0)
CLASS_H1 = ThermalClass(5.0, 25.0, 500.0)
FACILITY_WATER_LIMIT_C = {"W17": 17.0, "W27": 27.0, "W32": 32.0, "W40": 40.0, "W45": 45.0}


def warmest_inlet_c(elevation_m: float, *, thermal_class: ThermalClass) -> float:
    """Warmest allowable server inlet [°C] at an elevation [m]; A1 at Golmud (2,808 m) 25.6 °C.

    Raises ValueError above 3,050 m, where the classes end. Source: ASHRAE TC9.9, 5th edition.
    """
    if elevation_m > HIGHEST_CLASS_ELEVATION_M:
        raise ValueError(
            f"{elevation_m:g} m: ASHRAE classes end at {HIGHEST_CLASS_ELEVATION_M:g} m; ask the server maker"
        )
    above_m = max(elevation_m - DERATING_STARTS_M, 0.0)
    return thermal_class.warmest_c - above_m / thermal_class.metres_per_k


# Source: Carrier engineering guide for altitude effects, interpolated (second hand)
TABLE_ELEVATIONS_M = (0.0, 1063.0, 1421.0, 1892.0, 2295.0, 2808.0)
AIR_COOLED_CONDENSER = (1.0, 0.93, 0.91, 0.88, 0.85, 0.82)
"""Also dry coolers."""
AIR_COOLED_CONDENSING_UNIT = (1.0, 0.98, 0.97, 0.96, 0.95, 0.94)
FAN_COIL_SENSIBLE = (1.0, 0.89, 0.86, 0.82, 0.78, 0.73)
PACKAGED_AIR_CONDITIONER = (1.0, 0.97, 0.96, 0.95, 0.94, 0.93)
EVAPORATIVE_CONDENSER = (1.0, 1.0, 1.01, 1.015, 1.02, 1.03)
WATER_COOLED_CHILLER = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def capacity_at_elevation(elevation_m: ArrayLike, *, table: tuple[float, ...]) -> FloatArray:
    """Capacity of cooling equipment relative to sea level [-], linear in a table above; constant beyond 2,808 m."""
    return np.asarray(np.interp(np.asarray(elevation_m, dtype=float), TABLE_ELEVATIONS_M, table))


def exchanger_capacity_in_thin_air(
    pressure_ratio: ArrayLike, *, effectiveness: float, transfer_exponent: float = 0.5
) -> FloatArray:
    """Capacity of an air-to-air exchanger at the same volume flow, relative to sea level [-].

    Parameters: pressure_ratio: station / sea level; effectiveness: at sea level, 0..1; transfer_exponent: UA ~ mass
    flow to this power, 0.4..0.6. Source: effectiveness-NTU relation; at 2,808 m 0.74..0.76.
    """
    ratio = np.asarray(pressure_ratio, dtype=float)
    transfer_units = effectiveness / (1 - effectiveness) * ratio ** (transfer_exponent - 1)
    return np.asarray(ratio * transfer_units / (1 + transfer_units) / effectiveness)


def power_electronics_rating(elevation_m: ArrayLike) -> FloatArray:
    """Rating of UPS, converters, inverters relative to low land: -1 % per 100 m above 1,000 m (ABB ACS880 manual)."""
    return np.asarray(1 - 0.01 * np.maximum(np.asarray(elevation_m, dtype=float) - 1000.0, 0.0) / 100.0)


def dry_transformer_rating(elevation_m: ArrayLike) -> FloatArray:
    """Rating of a dry transformer relative to low land: -0.3 % per 100 m above 1,000 m (Eaton)."""
    return np.asarray(1 - 0.003 * np.maximum(np.asarray(elevation_m, dtype=float) - 1000.0, 0.0) / 100.0)


def turbo_diesel_rating(elevation_m: ArrayLike) -> FloatArray:
    """Rating of a turbocharged diesel relative to low land: -1 % per 100 m above 1,250 m (assumption)."""
    return np.asarray(1 - 0.01 * np.maximum(np.asarray(elevation_m, dtype=float) - 1250.0, 0.0) / 100.0)
