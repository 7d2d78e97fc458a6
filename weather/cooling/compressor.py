"""Coefficient of performance of direct-expansion trim cooling against outdoor temperature and station pressure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.presets import Compressor
from weather.cooling.psychrometrics import SEA_LEVEL_PRESSURE_PA, FloatArray


def coefficient_of_performance(dry_bulb_c: ArrayLike, pressure_pa: ArrayLike, *, compressor: Compressor) -> FloatArray:
    """Heat moved per electricity [-], a clipped line in outdoor temperature, less in thin air.

    Parameters: dry_bulb_c [°C] and pressure_pa [Pa], shapes that broadcast. Source: engineering practice (assumption);
    altitude: condensing units lose 6 % of capacity at 2,808 m (Carrier engineering guide for altitude effects).
    """
    line = compressor.cop_at_35_c + compressor.cop_per_k * (35.0 - np.asarray(dry_bulb_c, dtype=float))
    thinness = (1 - np.asarray(pressure_pa, dtype=float) / SEA_LEVEL_PRESSURE_PA) / 0.3
    return np.asarray(
        np.clip(line, compressor.least_cop, compressor.greatest_cop) * (1 - compressor.altitude_loss * thinness)
    )
