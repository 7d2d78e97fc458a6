"""The light that falls on the modules: where the sun stands, how they lie, what the sky sends.

All functions take the sun at the MIDDLE of the step, because radiation is the mean over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pvlib
import xarray as xr


@dataclass(frozen=True)
class Sun:
    """Position of the sun at the middle of every step, each of shape (time,) [degrees]; azimuth 90 east."""

    zenith_deg: np.ndarray
    apparent_zenith_deg: np.ndarray
    azimuth_deg: np.ndarray
    extraterrestrial_w_per_m2: np.ndarray


@dataclass(frozen=True)
class Orientation:
    """Orientation of the modules, each of shape (time,) or one number [degrees]; azimuth 90 east, 180 south."""

    tilt_deg: np.ndarray | float
    azimuth_deg: np.ndarray | float


@dataclass(frozen=True)
class PlaneOfArray:
    """Irradiance on the front of the modules, each of shape (time,) [W/m²]; the beam's incidence angle [degrees]."""

    beam_w_per_m2: np.ndarray
    diffuse_w_per_m2: np.ndarray
    ground_w_per_m2: np.ndarray
    incidence_deg: np.ndarray


def sun_of(weather: xr.Dataset) -> Sun:
    """Sun over a canonical Dataset. Source: NREL SPA, Reda & Andreas 2004 (pvlib.solarposition)."""
    half_step = pd.Timedelta(hours=weather.attrs["step_h"] / 2)
    middle = (pd.DatetimeIndex(weather.indexes["time"]) + half_step).tz_localize("UTC")
    position = pvlib.solarposition.get_solarposition(
        middle, weather.attrs["latitude"], weather.attrs["longitude"], altitude=weather.attrs["elevation_m"],
        pressure=float(weather["pressure_pa"].mean()), temperature=float(weather["dry_bulb_c"].mean()),
    )  # fmt: skip
    extraterrestrial = pvlib.irradiance.get_extra_radiation(middle.day_of_year.to_numpy())
    return Sun(
        position["zenith"].to_numpy(),
        position["apparent_zenith"].to_numpy(),
        position["azimuth"].to_numpy(),
        np.asarray(extraterrestrial),
    )


def tracker_orientation(
    sun: Sun, *, axis_azimuth_deg: float, max_angle_deg: float, ground_coverage_ratio: float, backtrack: bool
) -> Orientation:
    """Orientation of a horizontal single-axis tracker; flat while the sun is down.

    Source: Anderson & Mikofski, NREL/TP-5K00-76626, 2020 (pvlib.tracking.singleaxis).
    """
    angles = pvlib.tracking.singleaxis(
        sun.apparent_zenith_deg, sun.azimuth_deg, axis_azimuth=axis_azimuth_deg, max_angle=max_angle_deg,
        backtrack=backtrack, gcr=ground_coverage_ratio,
    )  # fmt: skip
    return Orientation(np.nan_to_num(angles["surface_tilt"]), np.nan_to_num(angles["surface_azimuth"], nan=180.0))


def plane_of_array(weather: xr.Dataset, sun: Sun, orientation: Orientation, *, albedo: float) -> PlaneOfArray:
    """Irradiance on modules that lie so; beam includes the bright ring about the sun.

    Source: Hay & Davies 1980 (pvlib.irradiance.haydavies); ground: isotropic reflection of GHI. The beam counts only
    while the sun is up at the middle of the step.
    """
    lie = {"surface_tilt": orientation.tilt_deg, "surface_azimuth": orientation.azimuth_deg}
    where = {"solar_zenith": sun.apparent_zenith_deg, "solar_azimuth": sun.azimuth_deg}
    dni = np.where(sun.apparent_zenith_deg < 90.0, weather["dni_w_per_m2"].values, 0.0)
    dhi = weather["dhi_w_per_m2"].values
    diffuse = pvlib.irradiance.haydavies(
        dhi=dhi, dni=dni, dni_extra=sun.extraterrestrial_w_per_m2, **lie, **where, return_components=True
    )
    incidence_deg = np.asarray(pvlib.irradiance.aoi(**lie, **where))
    beam = dni * np.maximum(np.cos(np.radians(incidence_deg)), 0.0) + np.asarray(diffuse["poa_circumsolar"])
    ground = pvlib.irradiance.get_ground_diffuse(orientation.tilt_deg, weather["ghi_w_per_m2"].values, albedo)
    return PlaneOfArray(beam, np.asarray(diffuse["poa_isotropic"]), np.asarray(ground), incidence_deg)
