"""The error model of a forecast: how far each variable misses, and how the misses hang together.

Learned from past pairs of forecast and actual (`fit_error_model`), or assumed where there are none yet
(`weather.forecast.default_errors`). `weather.forecast.members` turns one forecast and this model into many.

Sun is measured as clearness (GHI over extraterrestrial horizontal), so that the model knows day from night and summer
from winter; wind [m/s], temperature [K] and power [fraction of capacity] as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import OPTIONAL_UNITS, UNITS, WeatherError
from weather.forecast.archive import valid_times
from weather.forecast.copula import LeadCorrelation, fit_lead_correlation, fit_shock_correlation
from weather.forecast.error_quantiles import ErrorQuantiles, fit_error_quantiles, normal_scores
from weather.sun.extraterrestrial import extraterrestrial_horizontal_w_per_m2

Floats = NDArray[np.float64]

GHI: Final = "ghi_w_per_m2"
WIND_SPEED: Final = "wind_speed_m_per_s"
DRY_BULB: Final = "dry_bulb_c"
DRIVERS: Final = (GHI, WIND_SPEED, DRY_BULB)
"""Weather variables with errors of their own; the others follow from them."""
LOWEST_SUN_W_PER_M2: Final = 50.0
"""Below this extraterrestrial irradiance clearness is mostly rounding: such hours teach nothing."""
LARGEST_CLEARNESS: Final = 1.2
MIN_PAIRS: Final = 100


@dataclass(frozen=True)
class ErrorModel:
    """Errors of some variables; `shocks`: correlation of their shocks, (variable, variable), ordered as `errors`."""

    errors: Mapping[str, ErrorQuantiles]
    correlations: Mapping[str, LeadCorrelation]
    shocks: Floats
    dark_at_zero: frozenset[str]
    """Power series whose forecast zero means night: it stays zero in every member."""
    source: str


def fit_error_model(forecast: xr.Dataset, actual: xr.Dataset, *, dark_at_zero: Collection[str] = ()) -> ErrorModel:
    """Learn the errors of past forecasts.

    Parameters: forecast, actual: archives (see weather.forecast.archive) with the same issues and leads, NaN where unknown; of
    the canonical variables sun, wind and temperature are used, of others all that both have (powers as fraction of
    capacity). For sun `forecast.attrs` gives latitude, longitude and step_h. dark_at_zero: solar power series.
    Raises WeatherError, all problems at once: no common variable, too few pairs, a power outside 0..1, no place.
    """
    names = [name for name in driving_variables(forecast) if name in actual]
    problems = [problem for name in names for problem in _pair_problems(forecast, actual, name)]
    if not names:
        problems = [
            "error model: forecast and actual have no variable in common; give ghi, wind, temperature or a power"
        ]
    if problems:
        raise WeatherError(problems)
    lead_h = np.asarray(forecast["lead_h"].values, dtype=float)
    errors, correlations, scores = {}, {}, []
    for name in names:
        level, error = _levels_and_errors(forecast, actual, name, dark=name in dark_at_zero)
        known = ~np.isnan(error)
        leads = np.broadcast_to(lead_h, error.shape)[known]
        errors[name] = fit_error_quantiles(level[known], leads, error[known])
        score = np.full(error.shape, np.nan)
        score[known] = normal_scores(errors[name], level[known], leads, error[known])
        scores.append(score)
        correlations[name] = fit_lead_correlation(score, lead_h)
    shocks = fit_shock_correlation(scores, list(correlations.values()), lead_h)
    source = f"fitted on {forecast.sizes['issue']} issues"
    return ErrorModel(errors, correlations, shocks, frozenset(dark_at_zero), source)


def driving_variables(forecast: xr.Dataset) -> list[str]:
    """Variables of a forecast that may err on their own: sun, wind, temperature, and every power series."""
    canonical = {**UNITS, **OPTIONAL_UNITS}
    names = [str(name) for name in forecast.data_vars]
    return [name for name in DRIVERS if name in names] + [name for name in names if name not in canonical]


def clearness(ghi_w_per_m2: Floats, extraterrestrial_w_per_m2: Floats) -> Floats:
    """GHI over extraterrestrial horizontal irradiance, 0..LARGEST_CLEARNESS, 0 at night; shape of the arguments."""
    day = extraterrestrial_w_per_m2 > 0
    ratio = np.divide(ghi_w_per_m2, extraterrestrial_w_per_m2, out=np.zeros_like(ghi_w_per_m2), where=day)
    return np.asarray(np.clip(ratio, 0.0, LARGEST_CLEARNESS))


def _levels_and_errors(forecast: xr.Dataset, actual: xr.Dataset, name: str, *, dark: bool) -> tuple[Floats, Floats]:
    """Forecast level and error of every pair, shape (issue, lead); error NaN where there is nothing to learn."""
    level, came = (_values(archive[name]) for archive in (forecast, actual))
    unusable = np.isnan(level) | np.isnan(came)
    if name == GHI:
        above = _extraterrestrial(forecast)
        level, came = clearness(level, above), clearness(came, above)
        unusable |= above < LOWEST_SUN_W_PER_M2
    if dark:
        unusable |= level == 0.0
    return level, np.where(unusable, np.nan, came - level)


def _extraterrestrial(forecast: xr.Dataset) -> Floats:
    times = valid_times(forecast)
    unique, place = np.unique(times.ravel(), return_inverse=True)
    above = extraterrestrial_horizontal_w_per_m2(
        pd.DatetimeIndex(unique),
        latitude=forecast.attrs["latitude"],
        longitude=forecast.attrs["longitude"],
        step_h=float(forecast.attrs.get("step_h", 1.0)),
    )
    return np.asarray(above[place].reshape(times.shape))


def _pair_problems(forecast: xr.Dataset, actual: xr.Dataset, name: str) -> list[str]:
    level, came = _values(forecast[name]), _values(actual[name])
    if level.shape != came.shape:
        return [f"{name}: {level.shape} forecasts and {came.shape} actuals; lay them out alike with archive.actual_at"]
    problems = []
    pairs = int((~(np.isnan(level) | np.isnan(came))).sum())
    if pairs < MIN_PAIRS:
        problems.append(
            f"{name}: {pairs} pairs of forecast and actual; give at least {MIN_PAIRS} or use the default errors"
        )
    if name not in DRIVERS and any(
        np.nanmin(x) < 0 or np.nanmax(x) > 1 for x in (level, came) if not np.isnan(x).all()
    ):
        problems.append(f"{name}: a power lies outside 0..1; give it as fraction of capacity")
    if name == GHI and not {"latitude", "longitude"} <= set(forecast.attrs):
        problems.append(f"{name}: the forecast has no latitude and longitude; put them into its attrs")
    return problems


def _values(archive: xr.DataArray) -> Floats:
    return np.asarray(archive.transpose("issue", "lead_h").values, dtype=float)
