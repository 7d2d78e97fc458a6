"""Yield of a sun field: weather -> sun -> light on the modules -> cells -> inverter -> capacity factor.

The capacity factor is AC energy at the inverter over DC peak power: energy [MWh] = factor x MWp x h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pvlib
import xarray as xr

from weather.arguments import check_complete, check_range
from weather.solar.photovoltaics import ac_fraction, cell_temperature_c, dc_fraction
from weather.solar.plane_of_array import (
    Orientation,
    PlaneOfArray,
    plane_of_array,
    sun_of,
    tracker_orientation,
)

NEEDS = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2", "dry_bulb_c", "pressure_pa", "wind_speed_m_per_s")


@dataclass(frozen=True)
class PvSystem:
    """Photovoltaic system between light and grid; every field is an option of the two capacity-factor functions."""

    albedo: float = 0.2
    """Reflectivity of the ground, 0..1: grass and desert 0.2-0.3, fresh snow 0.8."""
    dc_ac_ratio: float = 1.2
    """DC peak power over the inverter's AC rating."""
    losses: float = 0.14
    """Share of DC energy lost to wiring, mismatch, ageing, ordinary dirt, availability (PVWatts default)."""
    temperature_coefficient_per_k: float = -0.0034
    """Change of power per kelvin of cell temperature: TOPCon -0.0029..-0.0032, PERC -0.0034..-0.0037."""
    faiman_u0: float = 25.0
    """Heat loss without wind [W/m²K] (Faiman 2008)."""
    faiman_u1: float = 6.84
    """Heat loss per m/s of wind [W/m²K per m/s] (Faiman 2008)."""
    reflection_b0: float = 0.0
    """ASHRAE incidence-angle parameter for the beam: 0.05 for glass; 0 where reflection is counted in `losses`."""
    bifacial_gain: float = 0.0
    """Light on the back as a share of the front's, times bifaciality: 0.05-0.1 on desert ground."""
    soiling: float | Sequence[float] = 0.0
    """Share of light lost to extra dirt (dust storms), 0..1: one number, or twelve for the local months."""
    snow: Sequence[float] | np.ndarray | None = None
    """Share of the modules covered with snow in every step, 0..1, shape (time,); none: never."""
    inverter_efficiency: float = 0.98
    """Of the inverter at full load; part load follows PVWatts. 1: losses are counted in `losses`."""
    inverter_derate: float = 1.0
    """Share of the inverter's AC rating left at the site. 1: made for the plateau (many string inverters keep it to
    4,000 m); for a cabinet cooled by thin air give `photovoltaics.altitude_derate(elevation_m)`, .82 at Golmud."""


def fixed_tilt_capacity_factor(
    weather: xr.Dataset, *, tilt_deg: float, azimuth_deg: float = 180.0, **options: Any
) -> xr.DataArray:
    """Capacity factor of modules on a fixed rack, 0..1 of DC peak power, shape (time,).

    Parameters: weather: canonical, complete, any equal step; tilt_deg: 0 flat .. 90; azimuth_deg: 90 east, 180 south;
    options: fields of PvSystem. Raises WeatherError for missing values, ValueError for an option out of range.
    """
    check_range("tilt_deg", tilt_deg, 0.0, 90.0)
    check_range("azimuth_deg", azimuth_deg, 0.0, 360.0)
    system = checked_system(weather, options)
    light = plane_of_array(weather, sun_of(weather), Orientation(tilt_deg, azimuth_deg), albedo=system.albedo)
    return capacity_factor_of(weather, light, system)


def tracker_capacity_factor(
    weather: xr.Dataset, *, axis_azimuth_deg: float = 180.0, max_angle_deg: float = 60.0,
    ground_coverage_ratio: float = 0.35, backtrack: bool = True, **options: Any,
) -> xr.DataArray:  # fmt: skip
    """Capacity factor of modules on a horizontal single-axis tracker, 0..1 of DC peak power, shape (time,).

    Parameters: axis_azimuth_deg: 180 for a north-south axis; max_angle_deg: largest rotation from flat;
    ground_coverage_ratio: module width over row distance; backtrack: rows turn back so that none shades the next;
    options: fields of PvSystem. Raises WeatherError for missing values, ValueError for an option out of range.
    """
    check_range("axis_azimuth_deg", axis_azimuth_deg, 0.0, 360.0)
    check_range("max_angle_deg", max_angle_deg, 0.0, 90.0)
    check_range("ground_coverage_ratio", ground_coverage_ratio, 0.01, 1.0)
    system = checked_system(weather, options)
    sun = sun_of(weather)
    orientation = tracker_orientation(
        sun, axis_azimuth_deg=axis_azimuth_deg, max_angle_deg=max_angle_deg,
        ground_coverage_ratio=ground_coverage_ratio, backtrack=backtrack,
    )  # fmt: skip
    return capacity_factor_of(weather, plane_of_array(weather, sun, orientation, albedo=system.albedo), system)


def capacity_factor_of(weather: xr.Dataset, light: PlaneOfArray, system: PvSystem) -> xr.DataArray:
    """Capacity factor of modules that catch this light, 0..1 of DC peak power, shape (time,)."""
    clean = (1.0 - soiling_of(weather, system.soiling)) * (1.0 - snow_of(weather, system.snow))
    front = light.beam_w_per_m2 * beam_transmission(light.incidence_deg, system.reflection_b0)
    front = (front + light.diffuse_w_per_m2 + light.ground_w_per_m2) * clean
    effective = front * (1.0 + system.bifacial_gain)
    cell_c = cell_temperature_c(
        effective, weather["dry_bulb_c"].values, weather["wind_speed_m_per_s"].values, u0=system.faiman_u0,
        u1=system.faiman_u1,
    )  # fmt: skip
    dc = dc_fraction(
        effective, cell_c, temperature_coefficient_per_k=system.temperature_coefficient_per_k, losses=system.losses
    )
    rated_ac = system.inverter_derate / system.dc_ac_ratio
    ac = ac_fraction(dc, rated_ac=rated_ac, inverter_efficiency=system.inverter_efficiency)
    names = {"units": "1", "long_name": "AC output of the sun field over its DC peak power"}
    return xr.DataArray(np.clip(ac, 0.0, 1.0), {"time": weather["time"]}, ("time",), "capacity_factor", names)


def beam_transmission(incidence_deg: np.ndarray, b0: float) -> np.ndarray:
    """Share of the beam that passes the glass, relative to normal incidence, 0..1 (ASHRAE; pvlib.iam.ashrae)."""
    return np.asarray(pvlib.iam.ashrae(incidence_deg, b=b0))


def soiling_of(weather: xr.Dataset, soiling: float | Sequence[float]) -> np.ndarray:
    """Share of light lost to dirt in every step, shape (time,), from one number or twelve for the local months."""
    monthly = np.broadcast_to(np.asarray(soiling, dtype=float), (12,))
    # the sun's own clock is near enough to local time to tell the month
    local = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(hours=round(weather.attrs["longitude"] / 15.0))
    return np.asarray(monthly[local.month.to_numpy() - 1])


def snow_of(weather: xr.Dataset, snow: Sequence[float] | np.ndarray | None) -> np.ndarray:
    """Share of the modules under snow in every step, shape (time,)."""
    steps = weather.sizes["time"]
    covered = np.zeros(steps) if snow is None else np.asarray(snow, dtype=float)
    if covered.shape != (steps,):
        raise ValueError(f"snow: {covered.size} values for {steps} steps of weather; give one per step")
    return covered


def checked_system(weather: xr.Dataset, options: dict[str, Any]) -> PvSystem:
    """Options as a PvSystem, ranges checked, for weather that has all it needs."""
    check_complete(weather, NEEDS)
    system = PvSystem(**options)
    for name in ("albedo", "losses", "bifacial_gain", "inverter_efficiency", "reflection_b0"):
        check_range(name, getattr(system, name), 0.0, 1.0)
    check_range("dc_ac_ratio", system.dc_ac_ratio, 0.1, 10.0)
    check_range("temperature_coefficient_per_k", system.temperature_coefficient_per_k, -0.02, 0.0)
    for name in ("soiling", "snow", "inverter_derate"):
        if getattr(system, name) is not None:
            values = np.asarray(getattr(system, name), dtype=float)
            check_range(name, float(values.min()), 0.0, 1.0)
            check_range(name, float(values.max()), 0.0, 1.0)
    return system
