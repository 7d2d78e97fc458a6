"""Sun position and shape of clear-sky irradiance: the yardsticks of the radiation checks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pvlib import solarposition

FINE_MIN = 5.0
"""Steps are cut into pieces of about this length where the sun moves within them [min]."""


def cosine_of_zenith(index: pd.DatetimeIndex, *, latitude: float, longitude: float) -> np.ndarray:
    """Cosine of the true (unrefracted) zenith angle at UTC instants, shape (time,) [-1..1].

    Source: pvlib.solarposition.ephemeris (Astronomical Almanac formulas, about 0.01 degrees).
    """
    zenith_deg = solarposition.ephemeris(index, latitude, longitude)["zenith"].to_numpy(dtype=float)
    return np.asarray(np.cos(np.radians(zenith_deg)))


def fine_cosines(
    index: pd.DatetimeIndex, *, step_h: float, latitude: float, longitude: float, offset_min: float = 0.0
) -> np.ndarray:
    """Cosine of the zenith inside every step, shape (time, pieces): pieces of about 5 minutes, at their middles.

    `offset_min` moves all instants (plus = later sun).
    """
    pieces = max(1, round(step_h * 60 / FINE_MIN))
    inside = pd.to_timedelta((np.arange(pieces) + 0.5) * step_h * 60 / pieces + offset_min, unit="min")
    instants = pd.DatetimeIndex((index.to_numpy()[:, None] + inside.to_numpy()[None, :]).ravel())
    return cosine_of_zenith(instants, latitude=latitude, longitude=longitude).reshape(len(index), pieces)


def haurwitz_ghi_w_per_m2(cos_zenith: np.ndarray) -> np.ndarray:
    """Global horizontal irradiance of a cloudless sky, any shape [W/m²]; 0 below the horizon.

    Source: Haurwitz, "Insolation in relation to cloudiness and cloud density", J. Meteorology 2 (1945) 154-166.
    """
    height = np.maximum(cos_zenith, 1e-3)
    return np.where(cos_zenith > 1e-3, 1098.0 * height * np.exp(-0.057 / height), 0.0)


def meinel_dni_w_per_m2(cos_zenith: np.ndarray) -> np.ndarray:
    """Direct normal irradiance of a cloudless sky, any shape [W/m²]; 0 below the horizon.

    Source: Meinel and Meinel, "Applied Solar Energy", 1976, with the air mass 1/cos z.
    """
    air_mass = 1.0 / np.maximum(cos_zenith, 0.02)
    return np.where(cos_zenith > 0.0, 1353.0 * 0.7 ** (air_mass**0.678), 0.0)
