"""Dry bulb, wet bulb and pressure as they stand in an EPW file: the physics is judged on the file, not on repairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from weather.cooling.psychrometrics import FloatArray, wet_bulb_c

DRIEST = 0.01  # CSWD files hold a few hours of 0 %


def read_air(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Dry bulb [°C], wet bulb [°C] and station pressure [Pa] of the 8,760 hours of an EPW file."""
    columns = np.genfromtxt(path, delimiter=",", skip_header=8, usecols=(6, 8, 9))
    dry_bulb, humidity, pressure = columns[:, 0], np.clip(columns[:, 1] / 100, DRIEST, 1.0), columns[:, 2]
    return dry_bulb, wet_bulb_c(dry_bulb, humidity, pressure), pressure


def epw(shared: Path, station: str) -> Path:
    """The file of a station, by the end of its name before the number: 'Golmud', 'Xifengzhen', ..."""
    return next((shared / "data/weather").glob(f"*{station}*.epw"))
