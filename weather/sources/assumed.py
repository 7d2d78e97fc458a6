"""What a provider does not deliver and the canonical form needs: pressure and humidity, estimated and said so."""

from __future__ import annotations

import numpy as np

from weather.site import saturation_pressure_pa

HUMIDITY_NOTE = "relative humidity not in the source: estimated from the day's lowest temperature (FAO-56, eq. 48)"
PRESSURE_NOTE = "pressure not in the source: standard atmosphere at the elevation (ISO 2533)"


def humidity_from_daily_minimum(dry_bulb_c: np.ndarray, *, steps_a_day: int) -> np.ndarray:
    """Relative humidity if the dew point is the lowest temperature of the day, shape (time,) [-], at most 1.

    Days are counted from the first step. Source: Allen et al., FAO Irrigation and Drainage Paper 56 (1998), eq. 48;
    in deserts the dew point lies 2-3 K lower, so the estimate is moist there.
    """
    day = np.arange(len(dry_bulb_c)) // steps_a_day
    lowest = np.full(day[-1] + 1, np.inf)
    np.fmin.at(lowest, day, dry_bulb_c)
    return np.asarray(np.minimum(saturation_pressure_pa(lowest[day]) / saturation_pressure_pa(dry_bulb_c), 1.0))
