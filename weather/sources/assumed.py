"""Assumed variables that a provider does not deliver and the canonical form needs: pressure and humidity, estimated and said so."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pvlib.location import Location

from weather.site import saturation_pressure_pa

HUMIDITY_NOTE = (
    "warning: relative humidity not in the source: estimated from the day's lowest temperature (FAO-56, eq. 48), lower under "
    "clear skies; good to 0.1, so water and compressor hours are uncertain: a source with humidity or dew point is better"
)
PRESSURE_NOTE = "pressure not in the source: standard atmosphere at the elevation (ISO 2533)"
DRYNESS_K = (-8.467, 18.513)
"""Depression of the dew point below the day's lowest temperature [K] = first + second × clearness, at least 0: least
squares over the 108 months of the nine shipped climates (CSWD; Shanghai to Golmud). Leaving each site out in turn, the
relative humidity of its months is met within 0.10 (RMS); without the term Golmud's year has 0.68 instead of 0.32."""
CLEARNESS_DAYS = 31


def humidity_from_dew_point(dry_bulb_c: np.ndarray, dew_point_c: np.ndarray) -> np.ndarray:
    """Relative humidity from the dew point, any shape [-], at most 1; NaN where either is."""
    return np.asarray(np.minimum(saturation_pressure_pa(dew_point_c) / saturation_pressure_pa(dry_bulb_c), 1.0))


def estimated_humidity(
    dry_bulb_c: np.ndarray, ghi_w_per_m2: np.ndarray, time: pd.DatetimeIndex, *, step_h: float, place: Location
) -> np.ndarray:
    """Relative humidity of equal steps without a source, shape (time,) [-], at most 1.

    Parameters: time: UTC starts of the steps. Days are those of the sun. Source: Allen et al., FAO Irrigation and Drainage
    Paper 56 (1998), eq. 48: the dew point is the day's lowest temperature; in deserts it lies lower, by DRYNESS_K.
    """
    middle = time + pd.Timedelta(hours=step_h / 2)
    clear = place.get_clearsky(middle.tz_localize("UTC"), model="ineichen")["ghi"].to_numpy(dtype=float)
    solar = middle + pd.Timedelta(hours=place.longitude / 15)
    day = np.asarray((solar.normalize() - solar[0].normalize()).days, dtype=int)
    seen = ~np.isnan(ghi_w_per_m2)
    sums = [np.bincount(day, np.where(seen, values, 0.0)) for values in (np.nan_to_num(ghi_w_per_m2), clear)]
    window = np.ones(min(CLEARNESS_DAYS, len(sums[0])))
    measured, clear_sky = (np.convolve(each, window, mode="same")[: len(each)] for each in sums)
    clearness = np.where(clear_sky > 0, measured / np.where(clear_sky > 0, clear_sky, 1.0), 0.0)
    depression_k = np.maximum(DRYNESS_K[0] + DRYNESS_K[1] * clearness, 0.0)
    lowest = np.full(day[-1] + 1, np.inf)
    np.fmin.at(lowest, day, dry_bulb_c)
    return humidity_from_dew_point(dry_bulb_c, (lowest - depression_k)[day])
