"""The sun above the air: what a horizontal plane would get without an atmosphere. The yardstick of clearness."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from weather.sun import position

Floats = NDArray[np.float64]

SUBSTEPS = 6


def extraterrestrial_horizontal_w_per_m2(
    time: pd.DatetimeIndex, *, latitude: float, longitude: float, step_h: float
) -> Floats:
    """Mean over each step of the extraterrestrial irradiance on a horizontal plane, shape (time,) [W/m²]; 0 at night.

    Parameters: time: step starts, UTC without zone; latitude, longitude: [°N], [°E]; step_h: length of a step [h].
    Source: sun position by the Astronomical Almanac (0.01 degrees), solar constant 1366.1 W/m² with Spencer's orbit,
    both by pvlib.
    """
    middles = (np.arange(SUBSTEPS) + 0.5) * step_h / SUBSTEPS
    shifted = time.to_numpy()[:, None] + pd.to_timedelta(middles, unit="h").to_numpy()
    stamps = pd.DatetimeIndex(shifted.ravel())
    cosines = position.cosine_of_zenith(stamps, latitude=latitude, longitude=longitude)
    normal = pvlib.irradiance.get_extra_radiation(stamps.day_of_year.to_numpy())
    return np.asarray((normal * np.clip(cosines, 0.0, None)).reshape(shifted.shape).mean(axis=1))


def cosine_of_zenith(time: pd.DatetimeIndex, *, latitude: float, longitude: float, step_h: float) -> Floats:
    """Cosine of the sun's zenith at the MIDDLE of each step, 0 below the horizon, shape (time,) [-].

    Parameters and source: as for `extraterrestrial_horizontal_w_per_m2`.
    """
    middle = time + pd.Timedelta(hours=step_h / 2)
    return np.asarray(np.clip(position.cosine_of_zenith(middle, latitude=latitude, longitude=longitude), 0.0, None))
