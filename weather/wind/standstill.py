"""Standstill of turbines by storm, cold and ice: storm, cold, ice."""

from __future__ import annotations

from typing import Final

import numpy as np

ICING_WARMEST_C: Final[float] = 0.0
ICING_COLDEST_C: Final[float] = -20.0
ICING_HUMIDITY: Final[float] = 0.95


def stopped_between(values: np.ndarray, *, stop_at: float, restart_at: float) -> np.ndarray:
    """True in the steps a machine stands: it stops at `stop_at` and above, restarts at `restart_at` and below.

    Shape (time,); between the two it stays as it was; it runs at the start. Raises ValueError if restart is above stop.
    """
    if restart_at > stop_at:
        raise ValueError(f"restart {restart_at:g} must not lie above stop {stop_at:g}")
    stops, restarts = values >= stop_at, values <= restart_at
    latest_stop = np.maximum.accumulate(np.where(stops, np.arange(len(values)), -1))
    latest_restart = np.maximum.accumulate(np.where(restarts & ~stops, np.arange(len(values)), -1))
    return np.asarray(latest_stop > latest_restart)


def icing(dry_bulb_c: np.ndarray, relative_humidity: np.ndarray) -> np.ndarray:
    """True in the steps ice can grow on blades: below freezing and nearly saturated, shape (time,).

    A meteorological proxy (IEA Wind Task 19, Available Technologies for Wind Energy in Cold Climates, 2018): it counts
    the hours of icing, not the longer time the ice stays on.
    """
    cold = (dry_bulb_c < ICING_WARMEST_C) & (dry_bulb_c > ICING_COLDEST_C)
    return np.asarray(cold & (relative_humidity >= ICING_HUMIDITY))
