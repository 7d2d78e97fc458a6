"""Members: one forecast and an error model become N equally likely ways the weather may come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import LIMITS, WeatherError
from weather.forecast.copula import draw_scores
from weather.forecast.error_model import (
    DRY_BULB,
    GHI,
    WIND_SPEED,
    ErrorModel,
    clearness,
    driving_variables,
)
from weather.forecast.error_quantiles import errors_from_scores
from weather.forecast.forecast import lead_h
from weather.forecast.member_weather import high_wind_follows, humidity_follows, sun_parts_follow
from weather.sun.extraterrestrial import extraterrestrial_horizontal_w_per_m2

Floats = NDArray[np.float64]

CLEAREST: float = 0.85
"""Largest clearness of a member, unless the forecast itself is clearer: a clear noon at 3,000 m has about 0.8."""


def members(forecast: xr.Dataset, error_model: ErrorModel, n: int, seed: int) -> xr.Dataset:
    """`n` members of a forecast, equally likely, dims (member, time); each is weather as canonical as the forecast.

    Sun, wind, temperature and power series of the model get errors that hang together over leads and variables;
    diffuse and direct sun, humidity and high wind follow; all else is as forecast and keeps dim (time). Night stays
    dark, wind and power stay within their limits. The mean of the members is the forecast corrected for its usual bias.
    The same seed gives the same members.

    Parameters: forecast: with issue time (see weather.forecast); powers as fraction of capacity; n: members, from 1 on.
    Raises WeatherError if the forecast has gaps, no issue time, no place though it has sun, or a power without errors.
    """
    names = driving_variables(forecast)
    problems = _problems(forecast, error_model, names, n)
    if problems:
        raise WeatherError(problems)
    order, leads = list(error_model.errors), lead_h(forecast)
    rng = np.random.default_rng(seed)
    correlations = [error_model.correlations[name] for name in order]
    scores = draw_scores(correlations, error_model.shocks, leads, n=n, rng=rng)
    drawn = forecast.assign_coords(member=np.arange(n))
    for name in names:
        if name in order:
            values = _drawn(forecast, error_model, name, scores[order.index(name)], leads)
            drawn[name] = (("member", "time"), values, forecast[name].attrs)
    drawn.attrs = {**forecast.attrs, "members": n, "seed": seed, "error_model": error_model.source}
    return humidity_follows(forecast, high_wind_follows(forecast, sun_parts_follow(forecast, drawn)))


def _drawn(forecast: xr.Dataset, error_model: ErrorModel, name: str, scores: Floats, leads: Floats) -> Floats:
    """Drawn variable with errors, shape (member, step), within its limits."""
    quantiles = error_model.errors[name]
    given = np.asarray(forecast[name].values, dtype=float)
    if name == GHI:
        above = extraterrestrial_of(forecast)
        level = clearness(given, above)
        error = errors_from_scores(quantiles, level, leads, scores)
        clear = np.clip(level + error, 0.0, np.maximum(level, CLEAREST))
        # where the forecast is dark, or clearer than any sky, it stands
        return np.asarray(np.where((given > 0) & (given <= above), clear * above, given))
    low, high = LIMITS.get(name, (0.0, 1.0))
    values = np.clip(given + errors_from_scores(quantiles, given, leads, scores), low, high)
    if name in error_model.dark_at_zero:
        values = np.where(given > 0, values, 0.0)
    return np.asarray(values)


def extraterrestrial_of(forecast: xr.Dataset) -> Floats:
    """Extraterrestrial horizontal irradiance of the forecast's place and steps, shape (time,) [W/m²]."""
    return extraterrestrial_horizontal_w_per_m2(
        pd.DatetimeIndex(forecast.indexes["time"]),
        latitude=forecast.attrs["latitude"],
        longitude=forecast.attrs["longitude"],
        step_h=float(forecast.attrs.get("step_h", 1.0)),
    )


def _problems(forecast: xr.Dataset, error_model: ErrorModel, names: list[str], n: int) -> list[str]:
    problems = [] if n >= 1 else [f"members: {n} requested; give at least 1"]
    if not any(name in error_model.errors for name in names):
        problems.append(f"members: no errors known for any of {', '.join(names) or 'no variable'}")
    for name in names:
        values = forecast[name].values
        if name not in error_model.errors and name not in (GHI, WIND_SPEED, DRY_BULB):
            problems.append(f"{name}: no errors known for this power; fit them or name it in default_error_model")
        if np.isnan(values).any():
            problems.append(f"{name}: {int(np.isnan(values).sum())} missing values; fill them before members are drawn")
        elif name not in LIMITS and (values.min() < 0 or values.max() > 1):
            problems.append(f"{name}: lies outside 0..1; give the power as fraction of capacity")
    if GHI in names and not {"latitude", "longitude"} <= set(forecast.attrs):
        problems.append(f"{GHI}: the forecast has no latitude and longitude; put them into its attrs")
    return problems
