"""Yield of a wind farm: weather -> wind and air at the hub -> power curve -> standstills and losses -> capacity factor.

The capacity factor is a fraction of nameplate: energy [MWh] = factor x MW x h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from scipy.optimize import brentq
from windpowerlib import power_output

from weather.arguments import check_complete, check_range
from weather.canonical import WeatherError
from weather.wind.hub import hub_density_kg_per_m3, hub_wind_m_per_s
from weather.wind.hub_climate import HubClimate, weibull_speed
from weather.wind.hub_wind import hub_wind_by_climate
from weather.wind.standstill import icing, stopped_between
from weather.wind.turbines import PowerCurve, check_turbine, power_curve_of, smoothed, turbine_names

__all__ = ["PowerCurve", "WindFarm", "capacity_factor", "check_turbine", "turbine_names"]

NEEDS = ("dry_bulb_c", "relative_humidity", "pressure_pa", "wind_speed_m_per_s")
HOURS_A_YEAR: Final[float] = 8760.0
HIGHEST_MEAN_M_PER_S: Final[int] = 15
LEAST_SMOOTHING: Final[float] = 1e-3
"""Below it the curve of a farm is that of one turbine."""
LAW_POINTS: Final[int] = 50
"""Quantiles at which a law is summed up; 200 change full-load hours by less than 0.1 %."""
COLD_RESTART_K: Final[float] = 3.0
"""A turbine stopped by cold restarts this much warmer (assumption; makers give 2-5 K)."""


@dataclass(frozen=True)
class WindFarm:
    """Wind farm between wind and grid; every field is an option of `capacity_factor`."""

    density_correction: bool = True
    """Follow the density of the air (IEC 61400-12-1 as refined by Svenningsen, EMD 2010)."""
    wake_efficiency: float = 1.0
    """Share of energy left after the turbines have shaded one another: 0.90-0.95 in a farm, 1 for one turbine."""
    availability: float = 1.0
    """Share of energy left after repairs: 0.95-0.98."""
    cut_out_m_per_s: float | None = None
    """Wind speed at which storm stops the turbine; none: the last speed of the power curve."""
    restart_m_per_s: float | None = None
    """Wind speed at which it restarts after a storm; none: 5 m/s below the cut-out."""
    low_temperature_stop_c: float | None = None
    """Air temperature below which it stands: -20 ordinary, -30 cold-climate version; none: never."""
    icing_loss: float = 0.0
    """Share of output lost in hours of icing, 0..1."""
    highest_output: float = 1.0
    """Share of nameplate that converter and transformer can carry at the site's height (weather.wind.altitude)."""
    farm_smoothing: float = 0.0
    """Spread of wind speed among the turbines over its mean, 0..0.3; smooths the power curve. 0: one turbine."""


def capacity_factor(
    weather: xr.Dataset, *, turbine: str = "N131/3000", power_curve: PowerCurve | None = None,
    hub_height_m: float = 110.0, shear_exponent: float | None = None, roughness_length_m: float | None = None,
    hub_mean_m_per_s: float | None = None, full_load_hours: float | None = None, climate: HubClimate | None = None,
    **options: Any,
) -> xr.DataArray:  # fmt: skip
    """Capacity factor of a wind farm, 0..1 of nameplate, shape (time,).

    Parameters: weather: canonical, complete, any equal step; turbine: type of windpowerlib's library; or `power_curve`:
    one's own; shear: see weather.wind.hub.hub_wind_m_per_s; hub_mean_m_per_s: scales the wind so that its mean over the
    given weather is this (give a whole year); full_load_hours: scales it so that the output after losses is this many
    hours a year; climate: the hub's own law and course instead of the shear (weather.wind.hub_wind), whose mean the two
    targets then change; options: fields of WindFarm. Raises WeatherError for an unknown turbine, missing values or full-load
    hours out of reach, ValueError for an option out of range.
    """
    farm = checked_farm(weather, WindFarm(**options), hub_height_m)
    curve = power_curve_of(turbine) if power_curve is None else power_curve
    curve = smoothed(curve, farm.farm_smoothing) if farm.farm_smoothing > LEAST_SMOOTHING else curve
    density = hub_density_kg_per_m3(weather, hub_height_m=hub_height_m)
    if hub_mean_m_per_s is not None and full_load_hours is not None:
        raise ValueError("hub_mean_m_per_s and full_load_hours: give one of the two")
    if climate is None:
        speed = hub_wind_m_per_s(
            weather, hub_height_m=hub_height_m, shear_exponent=shear_exponent, roughness_length_m=roughness_length_m
        )
        if hub_mean_m_per_s is not None:
            speed = speed * scale_to_mean(speed, hub_mean_m_per_s)
        if full_load_hours is not None:
            speed = speed * scale_to_full_load_hours(weather, speed, density, curve, farm, full_load_hours)
    else:
        speed = hub_wind_by_climate(weather, climate)
        if hub_mean_m_per_s is not None:
            speed = speed * (hub_mean_m_per_s / climate.mean_m_per_s)
        if full_load_hours is not None:
            speed = speed * scale_of_law(climate, density, curve, farm, full_load_hours)
    names = {"units": "1", "long_name": "output of the wind farm over its nameplate power"}
    factor = output_of(weather, speed, density, curve, farm)
    return xr.DataArray(factor, {"time": weather["time"]}, ("time",), "capacity_factor", names)


def output_of(
    weather: xr.Dataset, speed: np.ndarray, density: np.ndarray, curve: PowerCurve, farm: WindFarm
) -> np.ndarray:
    """Output over nameplate, 0..1, shape (time,), at these wind speeds [m/s] and densities [kg/m³] at the hub."""
    cut_out = curve.wind_speed_m_per_s[-1] if farm.cut_out_m_per_s is None else farm.cut_out_m_per_s
    restart = cut_out - 5.0 if farm.restart_m_per_s is None else farm.restart_m_per_s
    # thin air stretches the curve beyond its last speed: the storm stop below ends it at the true speed
    power = power_output.power_curve(
        np.minimum(speed, curve.wind_speed_m_per_s[-1]), curve.wind_speed_m_per_s, curve.power,
        density=density, density_correction=farm.density_correction,
    )  # fmt: skip
    stands = stopped_between(speed, stop_at=cut_out, restart_at=restart)
    if farm.low_temperature_stop_c is not None:
        cold = -weather["dry_bulb_c"].values
        stop = -farm.low_temperature_stop_c
        stands |= stopped_between(cold, stop_at=stop, restart_at=stop - COLD_RESTART_K)
    iced = icing(weather["dry_bulb_c"].values, weather["relative_humidity"].values)
    left = farm.wake_efficiency * farm.availability * (1.0 - farm.icing_loss * iced)
    return np.clip(np.where(stands, 0.0, np.minimum(power, farm.highest_output) * left), 0.0, 1.0)


def scale_to_mean(speed: np.ndarray, mean_m_per_s: float) -> float:
    """Factor that brings the mean wind speed to `mean_m_per_s`."""
    check_range("hub_mean_m_per_s", mean_m_per_s, 0.1, 30.0)
    mean = float(speed.mean())
    if mean <= 0:
        raise WeatherError("wind_speed_m_per_s: calm in every step, cannot be scaled; take another wind series")
    return mean_m_per_s / mean


def scale_to_full_load_hours(
    weather: xr.Dataset, speed: np.ndarray, density: np.ndarray, curve: PowerCurve, farm: WindFarm, hours: float
) -> float:
    """Factor on the wind speed that brings the yearly output after losses to `hours` of full load."""
    unit = scale_to_mean(speed, 1.0)

    def surplus(mean_m_per_s: float) -> float:
        factor = output_of(weather, speed * unit * mean_m_per_s, density, curve, farm)
        return float(factor.mean()) * HOURS_A_YEAR - hours

    # upwards in steps: beyond some mean the storm stops take more than the wind gives, and the output falls again
    above = next((mean for mean in range(1, HIGHEST_MEAN_M_PER_S + 1) if surplus(mean) >= 0), None)
    if above is None:
        raise WeatherError(
            f"full_load_hours: {hours:g} cannot be reached at any hub mean up to {HIGHEST_MEAN_M_PER_S} m/s; "
            "check the losses"
        )
    return unit * float(brentq(surplus, above - 1, above, xtol=1e-3))


def scale_of_law(climate: HubClimate, density: np.ndarray, curve: PowerCurve, farm: WindFarm, hours: float) -> float:
    """Factor on a hub climate's wind that brings a year by its law to `hours` of full load, whatever hours are planned."""
    quantile, hour, month = np.meshgrid(
        (np.arange(LAW_POINTS) + 0.5) / LAW_POINTS, np.arange(24) + 0.5, np.arange(1, 13)
    )
    course = climate.course(hour.ravel(), month.ravel())
    speed = weibull_speed(quantile.ravel(), mean_m_per_s=1.0, k=climate.inner_k()) * course

    def surplus(mean_m_per_s: float) -> float:
        power = power_output.power_curve(
            np.minimum(speed * mean_m_per_s, curve.wind_speed_m_per_s[-1]), curve.wind_speed_m_per_s, curve.power,
            density=np.full(len(speed), density.mean()), density_correction=farm.density_correction,
        )  # fmt: skip
        left = np.minimum(power, farm.highest_output) * farm.wake_efficiency * farm.availability
        return float(left.mean()) * HOURS_A_YEAR - hours

    if surplus(HIGHEST_MEAN_M_PER_S) < 0:
        raise WeatherError(
            f"full_load_hours: {hours:g} cannot be reached at any hub mean up to {HIGHEST_MEAN_M_PER_S} m/s; "
            "check the losses"
        )
    return float(brentq(surplus, 0.1, HIGHEST_MEAN_M_PER_S, xtol=1e-3)) / climate.mean_m_per_s


def checked_farm(weather: xr.Dataset, farm: WindFarm, hub_height_m: float) -> WindFarm:
    """Farm, ranges checked, for weather that has all it needs."""
    check_complete(weather, NEEDS)
    check_range("hub_height_m", hub_height_m, 5.0, 300.0)
    for name in ("wake_efficiency", "availability", "icing_loss", "highest_output"):
        check_range(name, getattr(farm, name), 0.0, 1.0)
    check_range("farm_smoothing", farm.farm_smoothing, 0.0, 0.3)
    return farm
