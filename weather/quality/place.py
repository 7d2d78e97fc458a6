"""Whether weather can be that of a place: distance, pressure for the height, radiation for the latitude."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from weather.site import standard_pressure_pa
from weather.sun.extraterrestrial import extraterrestrial_horizontal_w_per_m2

EARTH_RADIUS_KM: Final = 6371.0
NEAR_KM: Final = 60.0
"""Within it weather is taken as that of the place."""
FAR_KM: Final = 300.0
"""Beyond it another climate is likely."""
PRESSURE_SLACK: Final = 0.06
"""Share by which the mean pressure may differ from the standard atmosphere at the height: real means differ by up to 0.03."""
DARK_KWH_PER_M2: Final = 0.3
"""Days whose sun above the air is weaker are not judged."""
FEW_DAYS: Final = 0.01


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance of two places [km], also over the date line (haversine formula)."""
    first, second = np.radians(latitude), np.radians(other_latitude)
    turn = np.radians(other_longitude - longitude)
    half = np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(turn / 2) ** 2
    return float(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(min(half, 1.0))))


def place_flags(weather: xr.Dataset, *, latitude: float, longitude: float) -> list[str]:
    """Warnings where the weather is that of another place than the one named."""
    own = (float(weather.attrs["latitude"]), float(weather.attrs["longitude"]))
    away_km = distance_km(latitude, longitude, *own)
    if away_km <= NEAR_KM:
        return []
    where = f"stands at {own[0]:.2f} N {own[1]:.2f} E, the site at {latitude:.2f} N {longitude:.2f} E, {away_km:,.0f} km away"
    if own[0] * latitude < 0 and min(abs(own[0]), abs(latitude)) > 1:
        where += ", in the other hemisphere"
    judged = "another climate: take weather of the site" if away_km > FAR_KM else "check that it is meant"
    return [f"warning: the weather {where}; {judged}"]


def impossible_for_the_place(weather: xr.Dataset) -> list[str]:
    """Warnings where pressure does not belong to the height, or days bring more sun than there is above the air."""
    return [flag for flag in (_pressure_flag(weather), _sun_flag(weather)) if flag]


def _pressure_flag(weather: xr.Dataset) -> str | None:
    height_m = float(weather.attrs["elevation_m"])
    ratio = float(np.nanmean(weather["pressure_pa"].values)) / standard_pressure_pa(height_m)
    if abs(ratio - 1) <= PRESSURE_SLACK:
        return None
    why = "it looks reduced to sea level" if ratio > 1 else "check the elevation and the pressure's unit"
    return f"warning: the mean pressure is {ratio:.2f} of the standard atmosphere at {height_m:g} m: {why}"


def _sun_flag(weather: xr.Dataset) -> str | None:
    """Days are judged, not hours: so a clock that is wrong by hours does not matter here."""
    step_h = float(weather.attrs["step_h"])
    per_day = round(24 / step_h)
    days = weather.sizes["time"] // per_day
    if days < 1 or abs(per_day * step_h - 24) > 1e-9:
        return None
    time = pd.DatetimeIndex(weather.indexes["time"])[: days * per_day]
    above = extraterrestrial_horizontal_w_per_m2(
        time, latitude=weather.attrs["latitude"], longitude=weather.attrs["longitude"], step_h=step_h
    )
    kwh = step_h / 1000
    most = above.reshape(days, per_day).sum(axis=1) * kwh
    received = np.nan_to_num(weather["ghi_w_per_m2"].values[: days * per_day]).reshape(days, per_day).sum(axis=1) * kwh
    too_much = (most > DARK_KWH_PER_M2) & (received > most)
    if too_much.mean() <= FEW_DAYS:
        return None
    first = time[int(np.argmax(too_much)) * per_day]
    return (
        f"warning: {int(too_much.sum()):,} of {days:,} days have more sun than there is above the air (first {first:%Y-%m-%d}): "
        "the unit, the latitude's sign or the season is wrong"
    )
