"""From the height of the station to the height of the site: pressure, temperature and humidity."""

from __future__ import annotations

import numpy as np
import xarray as xr

from weather.canonical import with_repair

LAPSE_K_PER_M = 0.0065
"""ICAO standard atmosphere (ISO 2533)."""
GRAVITY_M_PER_S2 = 9.80665
GAS_CONSTANT_J_PER_KG_K = 287.05

LEAST_RISE_M = 0.5
"""Less is how heights are rounded: 0.003 K."""


def standard_pressure_pa(elevation_m: float) -> float:
    """Pressure of the standard atmosphere at a height above the sea [Pa]. Source: ISO 2533."""
    return float(101_325.0 * (1.0 - 2.25577e-5 * elevation_m) ** 5.25588)


def saturation_pressure_pa(dry_bulb_c: np.ndarray) -> np.ndarray:
    """Saturation vapour pressure over water, same shape [Pa], -40..50 °C within 0.4 %.

    Source: Alduchov and Eskridge, J. Applied Meteorology 35 (1996) 601-609, eq. 21.
    """
    return np.asarray(610.94 * np.exp(17.625 * dry_bulb_c / (dry_bulb_c + 243.04)))


def to_site_elevation(weather: xr.Dataset, elevation_m: float) -> xr.Dataset:
    """Station's weather at another height [m]; noted in `repairs`, attribute `elevation_m` changed.

    Temperature falls by 6.5 K per km, pressure by the hydrostatic equation over the mean temperature of the layer,
    the share of water vapour in the air stays (relative humidity follows, at most 1). Radiation and wind stay.
    """
    rise_m = elevation_m - float(weather.attrs["elevation_m"])
    if abs(rise_m) < LEAST_RISE_M:
        return weather.assign_attrs(elevation_m=float(elevation_m))
    dry_bulb_c, pressure_pa = weather["dry_bulb_c"].values, weather["pressure_pa"].values
    site_c = dry_bulb_c - LAPSE_K_PER_M * rise_m
    layer_k = (dry_bulb_c + site_c) / 2 + 273.15
    site_pa = pressure_pa * np.exp(-GRAVITY_M_PER_S2 * rise_m / (GAS_CONSTANT_J_PER_KG_K * layer_k))
    vapour_pa = weather["relative_humidity"].values * saturation_pressure_pa(dry_bulb_c) * site_pa / pressure_pa
    humidity = np.minimum(vapour_pa / saturation_pressure_pa(site_c), 1.0)
    moved = weather.copy()
    for name, values in (("dry_bulb_c", site_c), ("pressure_pa", site_pa), ("relative_humidity", humidity)):
        moved[name] = ("time", values, weather[name].attrs)
    moved = with_repair(
        moved,
        f"moved from {weather.attrs['elevation_m']:g} m to {elevation_m:g} m: {-LAPSE_K_PER_M * rise_m:+.1f} K, "
        f"{float(np.nanmean(site_pa - pressure_pa)) / 100:+.1f} hPa",
    )
    moved.attrs["elevation_m"] = float(elevation_m)
    return moved
