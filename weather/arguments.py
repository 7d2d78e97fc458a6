"""Checks of physical arguments: numbers out of range, weather with holes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from weather.canonical import WeatherError


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raises ValueError if a value lies outside low..high or is no number."""
    if not low <= value <= high:
        raise ValueError(f"{name}: must lie in {low:g}..{high:g}, is {value:g}")


def check_complete(weather: xr.Dataset, names: Iterable[str]) -> None:
    """Raises WeatherError naming every one of these variables that has missing values or is missing itself."""
    problems = []
    for name in names:
        if name not in weather:
            problems.append(f"{name}: missing; give one value per step")
        elif missing := int(np.isnan(weather[name].values).sum()):
            problems.append(f"{name}: {missing} missing values; repair the weather first")
    if problems:
        raise WeatherError(problems)
