"""From light on the module to power on the grid: cell, module, losses, inverter.

Everything is a fraction of the DC peak power (MWp) of the field, so that MWh = fraction x MWp x h.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pvlib

STANDARD_IRRADIANCE_W_PER_M2: Final[float] = 1000.0
STANDARD_CELL_C: Final[float] = 25.0
DERATE_STARTS_M: Final[float] = 1000.0
DERATE_PER_M: Final[float] = 0.01 / 100.0
LEAST_DERATE: Final[float] = 0.5


def cell_temperature_c(
    poa_w_per_m2: np.ndarray, dry_bulb_c: np.ndarray, wind_m_per_s: np.ndarray, *, u0: float, u1: float
) -> np.ndarray:
    """Module temperature [°C], shape (time,): T + irradiance / (u0 + u1 wind).

    Parameters: poa_w_per_m2: irradiance in the plane of array [W/m²]; wind_m_per_s at 10 m or module height;
    u0 [W/m²K], u1 [W/m²K per m/s].
    Source: Faiman, Progress in Photovoltaics 16, 2008, p. 307 (pvlib.temperature.faiman).
    """
    return np.asarray(pvlib.temperature.faiman(poa_w_per_m2, dry_bulb_c, wind_m_per_s, u0, u1))


def dc_fraction(
    effective_w_per_m2: np.ndarray,
    cell_c: np.ndarray,
    *,
    temperature_coefficient_per_k: float,
    losses: np.ndarray | float,
) -> np.ndarray:
    """DC power at the inverter over DC peak power, shape (time,), at least 0.

    Parameters: effective_w_per_m2: irradiance that reaches the cells [W/m²]; cell_c [°C];
    temperature_coefficient_per_k: change per kelvin above 25 °C, negative; losses: share of DC energy lost, 0..1.
    Source: PVWatts version 5, NREL/TP-6A20-62641, eq. 6-8.
    """
    heat = 1.0 + temperature_coefficient_per_k * (cell_c - STANDARD_CELL_C)
    return np.maximum(effective_w_per_m2 / STANDARD_IRRADIANCE_W_PER_M2 * heat * (1.0 - np.asarray(losses)), 0.0)


def ac_fraction(dc: np.ndarray, *, rated_ac: float, inverter_efficiency: float) -> np.ndarray:
    """AC power over DC peak power, shape (time,), cut at the inverter's rating.

    Parameters: dc: DC power over DC peak power; rated_ac: AC rating over DC peak power; inverter_efficiency: at full
    load, 0..1; part load follows the PVWatts curve. An efficiency of 1 means: no inverter loss at any load.
    Source: PVWatts version 5, NREL/TP-6A20-62641, eq. 10-12 (pvlib.inverter.pvwatts).
    """
    if inverter_efficiency >= 1.0:
        return np.asarray(np.minimum(dc, rated_ac))
    # pvwatts divides by the nominal efficiency where it asks for the DC power at full load
    return np.asarray(pvlib.inverter.pvwatts(dc, rated_ac / inverter_efficiency, inverter_efficiency))


def altitude_derate(elevation_m: float) -> float:
    """Share of its rating that an air-cooled inverter keeps in thin air: 1 % less per 100 m above 1,000 m.

    Source: ABB ACS880 hardware manual (drives and power electronics); a maker's own figure for the inverter is better.
    """
    return float(np.clip(1.0 - DERATE_PER_M * (elevation_m - DERATE_STARTS_M), LEAST_DERATE, 1.0))
