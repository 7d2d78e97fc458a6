"""Moist air: saturation, humidity, enthalpy, density and wet bulb at any station pressure, for whole years at once.

Nomenclature: dry bulb and wet bulb [°C], relative humidity [0..1], humidity ratio [kg water per kg dry air], station
pressure [Pa], never reduced to sea level. All functions are elementwise over arrays that broadcast.
Source: ASHRAE Handbook of Fundamentals, chapter 1 (Hyland and Wexler 1983 for saturation).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

SEA_LEVEL_PRESSURE_PA = 101_325.0
WATER_TO_AIR_MOLAR_MASS = 0.621945
DRY_AIR_HEAT_KJ_PER_KG_K = 1.006
VAPOUR_HEAT_KJ_PER_KG_K = 1.86
EVAPORATION_AT_0_C_KJ_PER_KG = 2501.0
FROZEN_BELOW_C = 0.0
COLDEST_C = -100.0  # end of the Hyland-Wexler fit over ice


def saturation_pressure_pa(temperature_c: ArrayLike) -> FloatArray:
    """Saturation pressure of water vapour [Pa]: over liquid water from 0 °C up, over ice below.

    Parameters: temperature_c: any shape [°C], -100..200.
    Source: ASHRAE Fundamentals, chapter 1, equations 5 and 6 (Hyland and Wexler 1983).
    """
    temperature = np.asarray(temperature_c, dtype=float)
    kelvin = temperature + 273.15
    over_water = (
        -5.8002206e3 / kelvin
        + 1.3914993
        + kelvin * (-4.8640239e-2 + kelvin * (4.1764768e-5 - 1.4452093e-8 * kelvin))
        + 6.5459673 * np.log(kelvin)
    )
    ice = kelvin * (-9.677843e-3 + kelvin * (6.2215701e-7 + kelvin * (2.0747825e-9 - 9.484024e-13 * kelvin)))
    over_ice = -5.6745359e3 / kelvin + 6.3925247 + ice + 4.1635019 * np.log(kelvin)
    return np.asarray(np.exp(np.where(temperature >= FROZEN_BELOW_C, over_water, over_ice)))


def _log_saturation_slope_per_k(temperature_c: FloatArray) -> FloatArray:
    """Derivative of ln(saturation pressure) by temperature [1/K], of the same two fits."""
    kelvin = temperature_c + 273.15
    water = 5.8002206e3 / kelvin**2 - 4.8640239e-2 + kelvin * (8.3529536e-5 - 4.3356279e-8 * kelvin)
    ice = (
        5.6745359e3 / kelvin**2
        - 9.677843e-3
        + kelvin * (1.24431402e-6 + kelvin * (6.2243475e-9 - 3.7936096e-12 * kelvin))
    )
    return np.asarray(np.where(temperature_c >= FROZEN_BELOW_C, water + 6.5459673 / kelvin, ice + 4.1635019 / kelvin))


def humidity_ratio_from_vapour_pressure(vapour_pressure_pa: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Humidity ratio [kg/kg] of air whose water vapour has the given partial pressure [Pa].

    Raises ValueError where the vapour pressure reaches the station pressure: that is steam, not moist air.
    Source: ASHRAE Fundamentals, chapter 1, equation 20.
    """
    vapour, pressure = np.asarray(vapour_pressure_pa, dtype=float), np.asarray(pressure_pa, dtype=float)
    if np.any(vapour >= pressure):
        raise ValueError(
            "vapour pressure reaches the station pressure; check the units of temperature (°C), pressure (Pa)"
        )
    return np.asarray(WATER_TO_AIR_MOLAR_MASS * vapour / (pressure - vapour))


def humidity_ratio(dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Humidity ratio [kg/kg] from dry bulb [°C], relative humidity [0..1] and station pressure [Pa].

    Raises ValueError for a relative humidity outside 0..1. Source: ASHRAE Fundamentals, chapter 1, equations 20 and 22.
    """
    humidity = np.asarray(relative_humidity, dtype=float)
    if np.any((humidity < 0) | (humidity > 1)):
        raise ValueError("relative humidity lies outside 0..1; divide percent by 100 and clip rounding at the edge")
    return humidity_ratio_from_vapour_pressure(humidity * saturation_pressure_pa(dry_bulb_c), pressure_pa)


def humidity_ratio_at_dew_point(dew_point_c: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Humidity ratio [kg/kg] of air with the given dew point [°C] at station pressure [Pa]; same source."""
    return humidity_ratio_from_vapour_pressure(saturation_pressure_pa(dew_point_c), pressure_pa)


def enthalpy_kj_per_kg(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike) -> FloatArray:
    """Enthalpy of moist air [kJ per kg dry air], 0 for dry air at 0 °C. Source: ASHRAE Fundamentals, ch. 1, eq. 30."""
    dry_bulb, ratio = np.asarray(dry_bulb_c, dtype=float), np.asarray(humidity_ratio, dtype=float)
    vapour = EVAPORATION_AT_0_C_KJ_PER_KG + VAPOUR_HEAT_KJ_PER_KG_K * dry_bulb
    return np.asarray(DRY_AIR_HEAT_KJ_PER_KG_K * dry_bulb + ratio * vapour)


def density_kg_per_m3(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Density of moist air [kg/m³]. Source: ASHRAE Fundamentals, chapter 1, equations 10 and 26."""
    kelvin, ratio = np.asarray(dry_bulb_c, dtype=float) + 273.15, np.asarray(humidity_ratio, dtype=float)
    return np.asarray(np.asarray(pressure_pa, dtype=float) * (1 + ratio) / (287.055 * kelvin * (1 + 1.607858 * ratio)))


def dry_air_density_kg_per_m3(dry_bulb_c: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Density of dry air [kg/m³]; moist air at 30 °C is up to 1.6 % lighter. Source: ideal gas, R = 287.055 J/(kg K)."""
    kelvin = np.asarray(dry_bulb_c, dtype=float) + 273.15
    return np.asarray(np.asarray(pressure_pa, dtype=float) / (287.055 * kelvin))


def humidity_ratio_from_wet_bulb(dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Humidity ratio [kg/kg] from dry and wet bulb [°C] and station pressure [Pa], not below 0; shapes that broadcast.

    Source: ASHRAE Fundamentals, chapter 1, equations 33 (water) and 35 (ice).
    """
    dry, wet = np.asarray(dry_bulb_c, dtype=float), np.asarray(wet_bulb_c, dtype=float)
    saturated = humidity_ratio(wet, 1.0, pressure_pa)
    water = ((2501 - 2.326 * wet) * saturated - 1.006 * (dry - wet)) / (2501 + 1.86 * dry - 4.186 * wet)
    ice = ((2830 - 0.24 * wet) * saturated - 1.006 * (dry - wet)) / (2830 + 1.86 * dry - 2.1 * wet)
    return np.asarray(np.maximum(np.where(wet >= 0, water, ice), 0.0))


def standard_pressure_pa(elevation_m: ArrayLike) -> FloatArray:
    """Pressure of the standard atmosphere [Pa] at an elevation [m]; prefer a measured station pressure.

    Source: ASHRAE Fundamentals, chapter 1, equation 3.
    """
    return np.asarray(SEA_LEVEL_PRESSURE_PA * (1 - 2.25577e-5 * np.asarray(elevation_m, dtype=float)) ** 5.2559)


def wet_bulb_c(dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike) -> FloatArray:
    """Thermodynamic wet bulb [°C], by Newton's method; agrees with a bisection to 1e-6 K.

    Parameters: dry_bulb_c [°C], relative_humidity [0..1], pressure_pa [Pa], shapes that broadcast, -60..60 °C.
    Between about -0.4 and 0 °C a wick may be wet or iced, both solve the balance; the wet one is given.
    Raises ValueError for a relative humidity outside 0..1. Source: ASHRAE Fundamentals, chapter 1, equations 33 and 35.
    """
    dry_bulb, pressure = np.broadcast_arrays(np.asarray(dry_bulb_c, dtype=float), np.asarray(pressure_pa, dtype=float))
    ratio = humidity_ratio(dry_bulb, relative_humidity, pressure)
    dry_bulb, ratio, pressure = np.broadcast_arrays(dry_bulb, ratio, pressure)
    residual_at_0_c, _ = _wick_balance(np.zeros_like(dry_bulb), dry_bulb, ratio, pressure)
    wet = (residual_at_0_c <= 0) & (dry_bulb >= FROZEN_BELOW_C)
    low = np.where(wet, FROZEN_BELOW_C, COLDEST_C)
    high = np.where(wet, dry_bulb, np.minimum(dry_bulb, np.nextafter(FROZEN_BELOW_C, -1.0)))
    guess = high  # the balance rises and is convex: from the warm side Newton never overshoots
    for _ in range(50):
        residual, slope = _wick_balance(guess, dry_bulb, ratio, pressure)
        better = np.clip(guess - residual / slope, low, high)
        if np.max(np.abs(better - guess), initial=0.0) < 1e-7:
            return np.asarray(better)
        guess = better
    raise ValueError("wet bulb did not converge; is there a NaN in the weather, or a temperature outside -60..60 °C?")


def _wick_balance(
    wet_bulb: FloatArray, dry_bulb: FloatArray, ratio: FloatArray, pressure: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Heat a wick at `wet_bulb` gives off less what the air brings [kJ/kg], its slope [kJ/kg K]; 0 at the wet bulb."""
    frozen = wet_bulb < FROZEN_BELOW_C
    latent = np.where(frozen, 2830.0, EVAPORATION_AT_0_C_KJ_PER_KG)
    latent_slope = np.where(frozen, 0.24, 2.326)
    condensate = np.where(frozen, 2.1, 4.186)
    saturation = saturation_pressure_pa(wet_bulb)
    saturated = WATER_TO_AIR_MOLAR_MASS * saturation / (pressure - saturation)
    saturated_slope = saturated * _log_saturation_slope_per_k(wet_bulb) * pressure / (pressure - saturation)
    residual = (
        (latent - latent_slope * wet_bulb) * saturated
        - DRY_AIR_HEAT_KJ_PER_KG_K * (dry_bulb - wet_bulb)
        - ratio * (latent + VAPOUR_HEAT_KJ_PER_KG_K * dry_bulb - condensate * wet_bulb)
    )
    slope = (latent - latent_slope * wet_bulb) * saturated_slope - latent_slope * saturated
    return np.asarray(residual), np.asarray(slope + DRY_AIR_HEAT_KJ_PER_KG_K + condensate * ratio)
