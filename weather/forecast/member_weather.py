"""Weather that follows a changed sun, wind or temperature of a forecast: diffuse and direct sun, humidity, high wind.

Each function takes the forecast and the members drawn from it and returns the members with the followers adjusted;
where a member equals the forecast, so do its followers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.cooling.psychrometrics import saturation_pressure_pa
from weather.sun.extraterrestrial import cosine_of_zenith, extraterrestrial_horizontal_w_per_m2

Floats = NDArray[np.float64]

DIMS: Final = ("member", "time")
LOWEST_COSINE: Final = 0.05
"""Below about 3 degrees of sun all of it is taken as diffuse."""
LARGEST_DNI_W_PER_M2: Final = 1200.0
CALM_M_PER_S: Final = 0.5


def sun_parts_follow(forecast: xr.Dataset, members: xr.Dataset) -> xr.Dataset:
    """DNI and DHI of members whose GHI changed: the diffuse share moves as Erbs' correlation moves with clearness.

    GHI = DHI + DNI cos(zenith at mid-step).
    Source: Erbs et al., Solar Energy 28 (1982), doi 10.1016/0038-092X(82)90302-4.
    """
    parts = ("dni_w_per_m2", "dhi_w_per_m2")
    if "member" not in members.get("ghi_w_per_m2", xr.DataArray()).dims or not all(name in forecast for name in parts):
        return members
    place = {"latitude": forecast.attrs["latitude"], "longitude": forecast.attrs["longitude"]}
    time, step_h = pd.DatetimeIndex(forecast.indexes["time"]), float(forecast.attrs.get("step_h", 1.0))
    above = extraterrestrial_horizontal_w_per_m2(time, **place, step_h=step_h)
    cosine = cosine_of_zenith(time, **place, step_h=step_h)
    ghi, given = members["ghi_w_per_m2"].values, forecast["ghi_w_per_m2"].values
    given_dni, given_dhi = (forecast[name].values for name in parts)
    bias = np.where(given > 0, given_dhi / np.maximum(given, 1e-9) - erbs_diffuse_share(given, above), 0.0)
    share = np.clip(erbs_diffuse_share(ghi, above) + bias, 0.0, 1.0)
    beam = np.where(cosine > LOWEST_COSINE, ghi * (1 - share), 0.0)
    dni = np.minimum(beam / np.maximum(cosine, LOWEST_COSINE), LARGEST_DNI_W_PER_M2)
    same = ghi == given
    dhi = np.where(same, given_dhi, ghi - dni * cosine)
    followed = members.assign({parts[0]: (DIMS, np.where(same, given_dni, dni), forecast[parts[0]].attrs)})
    return followed.assign({parts[1]: (DIMS, dhi, forecast[parts[1]].attrs)})


def erbs_diffuse_share(ghi_w_per_m2: Floats, extraterrestrial_w_per_m2: Floats) -> Floats:
    """Diffuse share of GHI by clearness, 0..1, shape of ghi; 1 at night.

    Parameters: [W/m²], extraterrestrial on the horizontal. Source: Erbs et al., Solar Energy 28 (1982), as above.
    """
    k = np.clip(
        np.where(extraterrestrial_w_per_m2 > 0, ghi_w_per_m2 / np.maximum(extraterrestrial_w_per_m2, 1e-9), 0), 0, 1
    )
    middle = 0.9511 - 0.1604 * k + 4.388 * k**2 - 16.638 * k**3 + 12.336 * k**4
    return np.asarray(np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.8, middle, 0.165)))


def high_wind_follows(forecast: xr.Dataset, members: xr.Dataset) -> xr.Dataset:
    """Wind at the upper height in proportion to the lower one (same shear); in a calm it moves by the same amount."""
    low, high = "wind_speed_m_per_s", "wind_speed_high_m_per_s"
    if high not in forecast or "member" not in members.get(low, xr.DataArray()).dims:
        return members
    speed, given, given_high = members[low].values, forecast[low].values, forecast[high].values
    scaled = given_high * speed / np.maximum(given, CALM_M_PER_S)
    moved = np.maximum(given_high + speed - given, 0.0)
    values = np.where(given >= CALM_M_PER_S, np.minimum(scaled, 75.0), moved)
    return members.assign({high: (DIMS, values, forecast[high].attrs)})


def humidity_follows(forecast: xr.Dataset, members: xr.Dataset) -> xr.Dataset:
    """Relative humidity of warmer or colder air with the same vapour in it, at most 1."""
    name = "relative_humidity"
    if name not in forecast or "member" not in members.get("dry_bulb_c", xr.DataArray()).dims:
        return members
    forecast_saturation = saturation_pressure_pa(forecast["dry_bulb_c"].values)
    values = forecast[name].values * (forecast_saturation / saturation_pressure_pa(members["dry_bulb_c"].values))
    return members.assign({name: (DIMS, np.clip(values, 0.0, 1.0), forecast[name].attrs)})
