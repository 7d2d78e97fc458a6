"""Radiation whose clock is wrong: how far it stands from the sun, and moving it back.

A clock error is counted in minutes, plus where the radiation comes too LATE for its stamps.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError, with_repair
from weather.quality.radiation import CLOSURE_W_PER_M2, closed, closure_rmse_w_per_m2
from weather.sun.position import cosine_of_zenith, fine_cosines, haurwitz_ghi_w_per_m2, meinel_dni_w_per_m2

DAYS_NEEDED = 60
"""With fewer days, clouds outweigh the clock and no error is reported."""
WINDOW_DAYS = 15
CLEAR_QUANTILE = 0.85
"""Within half a month this quantile of each hour is close to its cloudless value: weather with a daily course
(afternoon thunderstorms) then bends the estimate by 5 minutes instead of 12."""
OFFSETS_MIN = np.arange(-240.0, 241.0, 10.0)
LOW_SUN_W_PER_M2 = 20.0
"""Below this mean clear-sky radiation of a step the ratio to clear sky is noise."""
HIGHEST_RATIO = 2.0


def clock_error_min(weather: xr.Dataset) -> float:
    """Minutes by which the radiation is late against the sun (minus: early); NaN where it cannot be told.

    The clear-day envelope of GHI is compared with a cloudless sky whose sun is moved in 10-minute steps; a parabola
    through the best correlation gives the minutes. Series under 60 days, or that no shift brings to a correlation of
    0.9, give NaN. Accuracy about 5 minutes on hourly typical years.
    """
    step_h = float(weather.attrs["step_h"])
    per_day = round(24 / step_h)
    days = weather.sizes["time"] // per_day
    if days < DAYS_NEEDED or abs(per_day * step_h - 24) > 1e-9:
        return float("nan")
    windows = days // WINDOW_DAYS
    ghi = weather["ghi_w_per_m2"].values[: windows * WINDOW_DAYS * per_day].reshape(windows, WINDOW_DAYS, per_day)
    seen = ~np.isnan(ghi).all(axis=1)
    envelope = np.nanquantile(np.where(seen[:, None, :], ghi, 0.0), CLEAR_QUANTILE, axis=1)
    middle = weather.indexes["time"][: windows * WINDOW_DAYS * per_day].to_numpy()
    middle = middle.reshape(windows, WINDOW_DAYS, per_day)[:, WINDOW_DAYS // 2, :]
    fits = np.array([_fit(envelope[seen], pd.DatetimeIndex(middle[seen]), weather, offset) for offset in OFFSETS_MIN])
    best = int(np.clip(np.argmax(fits), 1, len(fits) - 2))
    before, top, after = fits[best - 1 : best + 2]
    if not fits[best] > 0.9:
        return float("nan")
    vertex = 0.5 * (before - after) / (before - 2 * top + after)
    return float(-(OFFSETS_MIN[best] + 10.0 * vertex))


def _fit(envelope: np.ndarray, index: pd.DatetimeIndex, weather: xr.Dataset, offset_min: float) -> float:
    """Correlation of the envelope, shape (steps,), with a cloudless sky whose sun is `offset_min` ahead."""
    cosines = fine_cosines(
        index, step_h=weather.attrs["step_h"], latitude=weather.attrs["latitude"],
        longitude=weather.attrs["longitude"], offset_min=offset_min,
    )  # fmt: skip
    clear = haurwitz_ghi_w_per_m2(cosines).mean(axis=1)
    if clear.std() == 0 or envelope.std() == 0:
        return 0.0
    return float(np.corrcoef(envelope, clear)[0, 1])


def shift_radiation(weather: xr.Dataset, minutes: float) -> xr.Dataset:
    """Radiation moved EARLIER by `minutes` (the clock error), with the energy of every day kept; noted in `repairs`.

    Not the radiation is moved but its ratio to a cloudless sky: each source step's ratio holds over the sun's path of
    that step, and is multiplied by the cloudless sky of the new steps. So the sun rises when it should, and a clear
    day stays clear. Each of GHI, DNI and DHI keeps its sum over every complete solar day.
    Raises WeatherError if a radiation value is missing: fill gaps first.
    """
    names = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2")
    gaps = [f"{name}: missing values; fill them before shifting" for name in names if np.isnan(weather[name]).any()]
    if gaps:
        raise WeatherError(gaps)
    index, step_h = pd.DatetimeIndex(weather.indexes["time"]), float(weather.attrs["step_h"])
    pieces = max(1, round(step_h * 60 / 5.0))
    moved_pieces = round(minutes / (step_h * 60 / pieces))
    padding = abs(moved_pieces) // pieces + 1
    padded = pd.date_range(
        index[0] - padding * pd.Timedelta(hours=step_h), periods=len(index) + 2 * padding, freq=f"{step_h * 3600:.0f}s"
    )
    fine = fine_cosines(
        padded, step_h=step_h, latitude=weather.attrs["latitude"], longitude=weather.attrs["longitude"]
    ).ravel()
    day = solar_day(index, step_h=step_h, longitude=weather.attrs["longitude"])
    shifted = weather.copy()
    for name in names:
        clear = meinel_dni_w_per_m2(fine) if name == "dni_w_per_m2" else haurwitz_ghi_w_per_m2(fine)
        values = _move(weather[name].values, clear, pieces=pieces, moved=moved_pieces, padding=padding)
        values = _with_daily_sums(values, weather[name].values, day, steps_a_day=round(24 / step_h))
        # At the horizon a ratio of two small numbers may exceed any beam that the file knows.
        values = np.minimum(values, weather[name].values.max())
        shifted[name] = ("time", values, weather[name].attrs)
    if closure_rmse_w_per_m2(weather, clock_error_min=minutes) < CLOSURE_W_PER_M2:
        shifted = closed(shifted)
    direction = "late" if minutes > 0 else "early"
    return with_repair(
        shifted, f"radiation was {abs(minutes):.0f} min {direction} against the sun: moved back, daily sums kept"
    )


def means_from_instants(weather: xr.Dataset, minutes_after_label: float) -> xr.Dataset:
    """Radiation read at one instant of each step (satellite scans) as means over the step; noted in `repairs`.

    The ratio to a cloudless sky at the instant is taken to hold over the step; where the sun of the instant is too low,
    that of the nearest bright step. Missing values stay missing.
    """
    index, step_h = pd.DatetimeIndex(weather.indexes["time"]), float(weather.attrs["step_h"])
    place = {"latitude": weather.attrs["latitude"], "longitude": weather.attrs["longitude"]}
    at_instant = cosine_of_zenith(index + pd.Timedelta(minutes=minutes_after_label), **place)
    inside = fine_cosines(index, step_h=step_h, **place)
    means = weather.copy()
    for name in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        model = meinel_dni_w_per_m2 if name == "dni_w_per_m2" else haurwitz_ghi_w_per_m2
        bright = np.flatnonzero(model(at_instant) > LOW_SUN_W_PER_M2)
        if not bright.size:
            continue
        ratio = np.minimum(weather[name].values[bright] / model(at_instant)[bright], HIGHEST_RATIO)
        ratio_of_step = ratio[_nearest(bright, np.arange(len(index)))]
        values = np.where(np.isnan(weather[name].values), np.nan, ratio_of_step * model(inside).mean(axis=1))
        means[name] = ("time", values, weather[name].attrs)
    note = f"radiation read {minutes_after_label:.0f} min after each stamp made means of the step by a cloudless sky"
    return with_repair(means, note)


def _nearest(bright: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """For each step the place in `bright` (sorted step numbers) of the nearest one."""
    right = np.clip(np.searchsorted(bright, steps), 1, len(bright) - 1) if len(bright) > 1 else np.zeros_like(steps)
    left = np.maximum(right - 1, 0)
    return np.where(steps - bright[left] <= bright[right] - steps, left, right)


def _move(values: np.ndarray, clear: np.ndarray, *, pieces: int, moved: int, padding: int) -> np.ndarray:
    """Values, shape (time,), from `moved` pieces ago on `clear`, shape ((time + 2 padding) * pieces,)."""
    count = len(values)
    start = padding * pieces
    source = clear[start - moved : start - moved + count * pieces].reshape(count, pieces).mean(axis=1)
    bright = np.flatnonzero(source > LOW_SUN_W_PER_M2)
    if not bright.size:
        return values.copy()
    ratio = np.minimum(values[bright] / source[bright], HIGHEST_RATIO)
    # Which source step covers each fine piece of the new steps; dim steps take the ratio of the nearest bright one.
    source_steps = (np.arange(count * pieces) + moved) // pieces
    fine = ratio[_nearest(bright, source_steps)] * clear[start : start + count * pieces]
    return np.asarray(fine.reshape(count, pieces).mean(axis=1))


def solar_day(index: pd.DatetimeIndex, *, step_h: float, longitude: float) -> np.ndarray:
    """Number of the solar day, from 0, that the middle of each step lies in, shape (time,)."""
    middle = index + pd.Timedelta(hours=step_h / 2 + longitude / 15)
    days = (middle.normalize() - middle[0].normalize()).days
    return np.asarray(days, dtype=int)


def _with_daily_sums(values: np.ndarray, given: np.ndarray, day: np.ndarray, *, steps_a_day: int) -> np.ndarray:
    """Values scaled so that each complete day sums to what was given; broken days keep their values."""
    have, want = np.bincount(day, values), np.bincount(day, given)
    complete = (np.bincount(day) == steps_a_day) & (have > 0)
    factor = np.where(complete, want / np.where(have > 0, have, 1.0), 1.0)
    return np.asarray(values * factor[day])
