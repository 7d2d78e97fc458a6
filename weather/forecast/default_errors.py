"""The error model of a site without history: plausible errors of a forecast, so that there are always members.

All numbers here are assumptions, of the size that public verification of global weather models reports for single
stations and wind or solar plants. Replace them by `fit_error_model` once a few weeks of forecasts are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from weather.forecast.copula import exponential_decay, nearest_correlation
from weather.forecast.error_model import DRY_BULB, GHI, WIND_SPEED, ErrorModel
from weather.forecast.error_quantiles import PROBABILITIES, ErrorQuantiles

Floats = NDArray[np.float64]

LEADS_H: Final[Floats] = np.array([1.0, 6.0, 24.0, 48.0, 168.0])


@dataclass(frozen=True)
class AssumedError:
    """Normal errors: standard deviation by forecast level, growing over LEADS_H, and how long they last."""

    level: tuple[float, ...]
    deviation: tuple[float, ...]
    growth: tuple[float, ...]
    decay_h: float


SUN: Final = AssumedError((0.0, 0.2, 0.5, 0.7, 0.85), (0.04, 0.10, 0.16, 0.08, 0.05), (0.8, 0.9, 1.0, 1.15, 1.6), 6.0)
"""Clearness [-]: clear skies are forecast well, half clouds badly."""
WIND: Final = AssumedError((0.0, 3.0, 8.0, 15.0), (1.0, 1.4, 2.0, 2.6), (0.6, 0.8, 1.0, 1.2, 1.8), 8.0)
"""Wind speed at the forecast's height [m/s]."""
TEMPERATURE: Final = AssumedError((0.0,), (1.8,), (0.6, 0.8, 1.0, 1.2, 1.8), 12.0)
"""Air temperature [K]."""
WIND_POWER: Final = AssumedError(
    (0.0, 0.2, 0.5, 0.8, 1.0), (0.06, 0.14, 0.20, 0.17, 0.10), (0.5, 0.8, 1.0, 1.1, 1.4), 8.0
)
"""Power of a wind farm [fraction of capacity]."""
SOLAR_POWER: Final = AssumedError((0.0, 0.3, 0.6, 1.0), (0.04, 0.12, 0.13, 0.07), (0.7, 0.9, 1.0, 1.1, 1.5), 5.0)
"""Power of a solar plant by day [fraction of capacity]."""
SHARED_SHOCKS: Final = {(GHI, DRY_BULB): 0.3, (GHI, WIND_SPEED): -0.1, (WIND_SPEED, DRY_BULB): 0.1}
"""Correlation of shocks: an unexpected cloud cools; sun and wind power of one site as GHI and wind speed."""


def default_error_model(*, wind_power: Sequence[str] = (), solar_power: Sequence[str] = ()) -> ErrorModel:
    """Assumed errors of sun, wind and temperature, and of the power series named in `wind_power` and `solar_power`."""
    assumed = {GHI: SUN, WIND_SPEED: WIND, DRY_BULB: TEMPERATURE}
    assumed |= dict.fromkeys(wind_power, WIND_POWER) | dict.fromkeys(solar_power, SOLAR_POWER)
    kind = {name: GHI if name in solar_power else WIND_SPEED if name in wind_power else name for name in assumed}
    shocks = np.array([[_shock(kind[a], kind[b], same=a == b) for b in assumed] for a in assumed])
    return ErrorModel(
        {name: _quantiles(error) for name, error in assumed.items()},
        {name: exponential_decay(error.decay_h) for name, error in assumed.items()},
        nearest_correlation(shocks),
        frozenset(solar_power),
        "default errors (assumption)",
    )


def _shock(a: str, b: str, *, same: bool) -> float:
    if same:
        return 1.0
    if a == b:  # two farms, or wind speed and wind power, of one site
        return 0.5
    return SHARED_SHOCKS.get((a, b), SHARED_SHOCKS.get((b, a), 0.0))


def _quantiles(error: AssumedError) -> ErrorQuantiles:
    deviation = np.array(error.growth)[:, None] * np.array(error.deviation)
    return ErrorQuantiles(np.array(error.level), LEADS_H, deviation[:, :, None] * norm.ppf(PROBABILITIES))
