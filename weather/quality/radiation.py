"""Do the three radiation series agree? Closure, the capped beam of some station files, and its repair from GHI."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from pvlib import irradiance

from weather.canonical import with_repair
from weather.sun.position import cosine_of_zenith, fine_cosines

CAP_W_PER_M2 = 810.0
CAP_ELEVATION_M = 1000.0
CLOSURE_W_PER_M2 = 20.0
DNI_LIMIT_W_PER_M2 = 1200.0
"""Clear-sky DNI at 3,000 m stays below; a decomposition model alone would overshoot near the horizon."""


def middle_cosines(weather: xr.Dataset, *, clock_error_min: float = 0.0) -> np.ndarray:
    """Cosine of the zenith at the middle of the step that the radiation truly belongs to, shape (time,)."""
    middle = pd.DatetimeIndex(weather.indexes["time"]) + pd.Timedelta(
        minutes=weather.attrs["step_h"] * 30 - clock_error_min
    )
    return cosine_of_zenith(middle, latitude=weather.attrs["latitude"], longitude=weather.attrs["longitude"])


def closure_rmse_w_per_m2(weather: xr.Dataset, *, clock_error_min: float = 0.0) -> float:
    """Root mean square of GHI - (DHI + DNI cos z) over all steps, missing ones left out [W/m²].

    Good files stay below 1 (TMY3 Leadville 0.7); 20 and more means that DNI and DHI do not belong to GHI.
    """
    beam = weather["dni_w_per_m2"].values * np.maximum(middle_cosines(weather, clock_error_min=clock_error_min), 0.0)
    error = weather["ghi_w_per_m2"].values - weather["dhi_w_per_m2"].values - beam
    return float(np.sqrt(np.nanmean(error**2)))


def dni_is_capped(weather: xr.Dataset, *, clock_error_min: float = 0.0) -> bool:
    """Whether DNI cannot be trusted: cut off below 810 W/m² above 1,000 m, or closure worse than 20 W/m².

    The cut-off is told from a year only: at least 300 days.
    """
    days = weather.sizes["time"] * weather.attrs["step_h"] / 24
    highest = float(np.nanmax(weather["dni_w_per_m2"].values, initial=0.0))
    cut_off = days >= 300 and highest < CAP_W_PER_M2 and weather.attrs["elevation_m"] > CAP_ELEVATION_M
    return bool(cut_off or closure_rmse_w_per_m2(weather, clock_error_min=clock_error_min) > CLOSURE_W_PER_M2)


def redecompose_dni(weather: xr.Dataset, *, clock_error_min: float = 0.0) -> xr.Dataset:
    """DNI and DHI anew from GHI alone; noted in `repairs` with the yearly sums before and after.

    `clock_error_min`: the radiation belongs to the sun that many minutes before its stamps.
    Where GHI is missing, both stay missing. The result is a model estimate, not a measurement.
    Source: Driesse, Jensen, Perez, "A continuous form of the Erbs diffuse fraction model", Solar Energy 2024,
    doi 10.1016/j.solener.2023.112222 (pvlib.irradiance.erbs_driesse); DNI at most 1,200 W/m².
    """
    cosines = middle_cosines(weather, clock_error_min=clock_error_min)
    ghi = weather["ghi_w_per_m2"].values
    zenith_deg = np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))
    day_of_year = pd.DatetimeIndex(weather.indexes["time"]).day_of_year.to_numpy()
    parts = irradiance.erbs_driesse(ghi, zenith_deg, datetime_or_doy=day_of_year)
    dni = np.clip(np.asarray(parts["dni"], dtype=float), 0.0, DNI_LIMIT_W_PER_M2)
    dni = np.where(np.isnan(ghi), np.nan, dni)
    dhi = np.clip(ghi - dni * np.maximum(cosines, 0.0), 0.0, None)
    repaired = weather.copy()
    repaired["dni_w_per_m2"] = ("time", dni, weather["dni_w_per_m2"].attrs)
    repaired["dhi_w_per_m2"] = ("time", dhi, weather["dhi_w_per_m2"].attrs)
    kwh = weather.attrs["step_h"] / 1000
    before, after = float(np.nansum(weather["dni_w_per_m2"].values)) * kwh, float(np.nansum(dni)) * kwh
    return with_repair(
        repaired, f"DNI and DHI modelled anew from GHI (Erbs-Driesse): DNI sum {before:,.0f} -> {after:,.0f} kWh/m2"
    )


def closed(weather: xr.Dataset) -> xr.Dataset:
    """Closed radiation: DNI at most GHI / cos z and DHI the rest, so that the three close at the middle of the step."""
    cosines = np.maximum(middle_cosines(weather), 0.0)
    ghi = weather["ghi_w_per_m2"].values
    beam = np.minimum(weather["dni_w_per_m2"].values * cosines, ghi)
    dni = np.where(cosines > 0.0, beam / np.where(cosines > 0.0, cosines, 1.0), weather["dni_w_per_m2"].values)
    same = weather.copy()
    same["dni_w_per_m2"] = ("time", dni, weather["dni_w_per_m2"].attrs)
    same["dhi_w_per_m2"] = ("time", ghi - beam, weather["dhi_w_per_m2"].attrs)
    return same


def without_night_radiation(weather: xr.Dataset) -> xr.Dataset:
    """Radiation set to zero in steps the sun never rises in; noted where a step held more than 5 W/m²."""
    cosines = fine_cosines(
        pd.DatetimeIndex(weather.indexes["time"]), step_h=weather.attrs["step_h"], latitude=weather.attrs["latitude"],
        longitude=weather.attrs["longitude"],
    )  # fmt: skip
    # Sun 1 degree under the horizon: refraction and the sun's disc reach 0.83 degrees.
    night = cosines.max(axis=1) < np.cos(np.radians(91.0))
    bright = night & (weather["ghi_w_per_m2"].values > 5.0)
    dark = weather.copy()
    for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        dark[name] = ("time", np.where(night, 0.0, weather[name].values), weather[name].attrs)
    if not bright.any():
        return dark
    lost = float(weather["ghi_w_per_m2"].values[bright].sum()) * weather.attrs["step_h"] / 1000
    return with_repair(dark, f"{int(bright.sum())} steps with radiation at night set to zero ({lost:.1f} kWh/m2)")
