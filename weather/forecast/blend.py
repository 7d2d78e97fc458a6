"""Wind power from forecast wind and the power just measured: persistence near, the curve far ahead, a mix between.

Two linear steps, each ridge regression (Hoerl & Kennard 1970, doi 10.1080/00401706.1970.10488634):
1. a *curve* from forecast speed to power: piecewise linear in the speed and in the speed smoothed over neighbouring
   hours (a front arrives an hour early or late), with the hour of day, because a forecast's bias has a daily course;
2. for each lead a *mix* of that curve with the power at issue time, its gap to the curve and its trend, shrunk
   towards a hand-over that fades with `HAND_OVER_H`.
Nothing in it is unknown at issue time: the wind forecast of that issue and measurements up to and including the issue.
The constants were chosen by cross-validation in blocks of time on the fitting months of GEFCom2012 wind farm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from weather.canonical import WeatherError
from weather.forecast.archive import valid_times

Floats = NDArray[np.float64]

SPEED_KNOTS_M_PER_S: Final = (2.0, 3.0, 4.0, 5.0, 6.5, 8.0)
"""Kinks of the curve in forecast speed, set by the quantiles of a 10 m forecast; past the last it goes on straight."""
NEIGHBOUR_WEIGHTS: Final = (1.0, 2.0, 3.0, 2.0, 1.0)
DAY_PART_STEPS: Final = 13
HAND_OVER_H: Final = 3.0
CURVE_PENALTY: Final = 300.0
MIX_PENALTY: Final = 3.0
RECENT_STEPS: Final = 4


@dataclass(frozen=True)
class PowerBlend:
    """A fitted blend; `predict_power` uses it. Arrays: curve_weights (feature,), mix_weights (lead, 5)."""

    lead_h: Floats
    feature_scale: Floats
    feature_mean: Floats
    curve_weights: Floats
    curve_mean: float
    mix_weights: Floats


def fit_blend(forecast_speed: xr.DataArray, measured_power: xr.DataArray) -> PowerBlend:
    """Learn curve and mix from past issues and what was measured.

    Parameters: forecast_speed: dims (issue, lead_h), hourly leads [m/s]; measured_power: dim time, fraction of
    capacity 0..1, stamped so that the value at the stamp is known at the stamp.
    Issues without a full measured window are left out.
    Raises WeatherError if fewer than 30 issues (about two weeks of two a day) remain.
    """
    speed, features = _speed(forecast_speed), _curve_features(forecast_speed)
    target = _at(measured_power, valid_times(forecast_speed))
    recent = _recent(forecast_speed, measured_power)
    known = ~(np.isnan(target).any(axis=1) | np.isnan(recent).any(axis=1) | np.isnan(speed).any(axis=1))
    if known.sum() < 30:
        raise WeatherError(f"blend: {int(known.sum())} complete issues; give at least 30, or use the power curve alone")
    x, y = features[known], target[known]
    flat = x.reshape(-1, x.shape[-1])
    scale, mean = np.maximum(flat.std(axis=0), 1e-9), flat.mean(axis=0)
    weights = _ridge((flat - mean) / scale, (y - y.mean()).ravel(), penalty=CURVE_PENALTY)
    curve = y.mean() + ((x - mean) / scale) @ weights
    lead_h = np.asarray(forecast_speed["lead_h"].values, dtype=float)
    mix = [_fit_mix(lead_h[k], curve, recent[known], k, y[:, k]) for k in range(len(lead_h))]
    return PowerBlend(lead_h, scale, mean, weights, float(y.mean()), np.stack(mix))


def predict_power(blend: PowerBlend, forecast_speed: xr.DataArray, measured_power: xr.DataArray) -> xr.DataArray:
    """Power forecast for every issue and lead, fraction of capacity 0..1, dims (issue, lead_h).

    Parameters as for `fit_blend`; of `measured_power` only stamps up to each issue are read. An issue whose recent
    measurements are missing gets the curve alone. Raises WeatherError if the leads are not those of the fit.
    """
    if not np.array_equal(np.asarray(forecast_speed["lead_h"].values, dtype=float), blend.lead_h):
        raise WeatherError("blend: leads differ from those it was fitted on; fit it on the same leads")
    features = _curve_features(forecast_speed)
    curve = blend.curve_mean + ((features - blend.feature_mean) / blend.feature_scale) @ blend.curve_weights
    recent = _recent(forecast_speed, measured_power)
    mixed = np.stack([_mix_terms(curve, recent, k) @ blend.mix_weights[k] for k in range(len(blend.lead_h))], axis=1)
    power = np.clip(np.where(np.isnan(mixed), curve, mixed), 0.0, 1.0)
    attrs = {"units": "1", "long_name": "forecast power, fraction of capacity"}
    return xr.DataArray(power, coords=forecast_speed.coords, dims=("issue", "lead_h"), name="power", attrs=attrs)


def predict_out_of_fold(forecast_speed: xr.DataArray, measured_power: xr.DataArray, *, folds: int = 5) -> xr.DataArray:
    """Power for every issue from a blend fitted on the other blocks of time: honest errors to fit an error model on.

    Parameters as for `fit_blend`; folds: consecutive blocks. Issues within 48 h of a block are kept out of its fit.
    """
    issues = forecast_speed.indexes["issue"]
    margin = pd.Timedelta(hours=float(forecast_speed["lead_h"].max()))
    parts = []
    for block in np.array_split(np.arange(len(issues)), folds):
        first, last = issues[block[0]] - margin, issues[block[-1]] + margin
        outside = np.asarray((issues < first) | (issues > last))
        blend = fit_blend(forecast_speed.isel(issue=outside), measured_power)
        parts.append(predict_power(blend, forecast_speed.isel(issue=block), measured_power))
    return xr.concat(parts, dim="issue")


def persistence_power(forecast_speed: xr.DataArray, measured_power: xr.DataArray) -> xr.DataArray:
    """Persistence forecast: the power measured at issue time for all leads, the forecast to beat near. Dims (issue, lead_h)."""
    now = _at(measured_power, forecast_speed["issue"].values)
    return xr.DataArray(
        np.repeat(now[:, None], forecast_speed.sizes["lead_h"], axis=1),
        coords=forecast_speed.coords, dims=("issue", "lead_h"), name="power",
    )  # fmt: skip


def binned_power_curve(
    forecast_speed: xr.DataArray, measured_power: xr.DataArray, *, bin_m_per_s: float = 0.5
) -> Callable[[xr.DataArray], xr.DataArray]:
    """Function speed -> mean measured power in its bin (above the last: that bin's): the forecast to beat far ahead."""
    speed, power = _speed(forecast_speed).ravel(), _at(measured_power, valid_times(forecast_speed)).ravel()
    known = ~(np.isnan(speed) | np.isnan(power))
    place = (speed[known] // bin_m_per_s).astype(int)
    count = np.bincount(place)
    mean = pd.Series(np.bincount(place, power[known]) / np.where(count > 0, count, np.nan)).ffill().bfill().to_numpy()

    def curve(speed_m_per_s: xr.DataArray) -> xr.DataArray:
        return speed_m_per_s.copy(
            data=mean[np.clip((speed_m_per_s.values // bin_m_per_s).astype(int), 0, len(mean) - 1)]
        )

    return curve


def _curve_features(forecast_speed: xr.DataArray) -> Floats:
    """Features of the power curve, shape (issue, lead, feature)."""
    speed = _speed(forecast_speed)
    smooth = _smoothed(speed, NEIGHBOUR_WEIGHTS)
    hour = pd.DatetimeIndex(valid_times(forecast_speed).ravel()).hour.to_numpy().reshape(speed.shape)
    daily = [wave(2 * np.pi * k * hour / 24) for k in (1, 2) for wave in (np.sin, np.cos)]
    terms = [speed, smooth, _smoothed(speed, (1.0,) * DAY_PART_STEPS), *daily, *(wave * smooth for wave in daily)]
    terms += [np.maximum(kind - knot, 0.0) for kind in (speed, smooth) for knot in SPEED_KNOTS_M_PER_S]
    return np.stack(terms, axis=-1)


def _smoothed(values: Floats, weights: tuple[float, ...]) -> Floats:
    """Weighted mean over neighbouring leads; the first and last lead stand in for those beyond the ends."""
    half, steps = len(weights) // 2, values.shape[1]
    shifted = [values[:, np.clip(np.arange(steps) + k - half, 0, steps - 1)] * w for k, w in enumerate(weights)]
    return np.asarray(np.sum(shifted, axis=0) / sum(weights))


def _recent(forecast_speed: xr.DataArray, measured_power: xr.DataArray) -> Floats:
    """Measured power at issue and its rise over the mean of the three hours before, shape (issue, 2)."""
    back = np.arange(RECENT_STEPS) * np.timedelta64(1, "h")
    power = _at(measured_power, np.asarray(forecast_speed["issue"].values[:, None] - back))
    return np.stack([power[:, 0], power[:, 0] - power[:, 1:].mean(axis=1)], axis=1)


def _mix_terms(curve: Floats, recent: Floats, lead: int) -> Floats:
    """Power now, its gap to the curve's first lead, its trend, the curve at this lead, one: shape (issue, 5)."""
    gap = recent[:, 0] - curve[:, 0]
    return np.column_stack([recent[:, 0], gap, recent[:, 1], curve[:, lead], np.ones(len(curve))])


def _fit_mix(lead_h: float, curve: Floats, recent: Floats, lead: int, target: Floats) -> Floats:
    terms = _mix_terms(curve, recent, lead)
    share = np.exp(-max(lead_h - 1.0, 0.0) / HAND_OVER_H)
    prior = np.array([share, 0.0, 0.0, 1.0 - share, 0.0])
    return prior + _ridge(terms, target - terms @ prior, penalty=MIX_PENALTY)


def _ridge(x: Floats, y: Floats, *, penalty: float) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y))


def _speed(forecast_speed: xr.DataArray) -> Floats:
    return np.asarray(forecast_speed.transpose("issue", "lead_h").values, dtype=float)


def _at(measured: xr.DataArray, times: NDArray[np.datetime64]) -> Floats:
    """Measured values at `times`, NaN where none was measured; shape of `times`."""
    series = pd.Series(measured.values, index=measured.indexes["time"])
    return np.array(series.reindex(pd.DatetimeIndex(times.ravel())).to_numpy(dtype=float)).reshape(times.shape)
