"""Missing hours: short ones interpolated, longer ones taken from the neighbouring days, too long ones refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError, with_repair
from weather.sun.position import fine_cosines, haurwitz_ghi_w_per_m2, meinel_dni_w_per_m2

LONGEST_GAP_H = 72.0
"""A longer gap is not filled: three invented days in a row are no weather."""
LARGEST_SHARE = 0.1
"""Nor is a series of which more than this share is missing."""
A_DAY_H, HALF = 24.0, 0.5
"""A day may be missing of a short series too, if half of it is there."""
NEIGHBOUR_DAYS = 7
"""How far a neighbouring day may lie."""
LOW_SUN_W_PER_M2 = 20.0


def fill_gaps(
    weather: xr.Dataset, *, names: Sequence[str] | None = None, limit_h: float = 6.0, clock_error_min: float = 0.0
) -> xr.Dataset:
    """Missing values (NaN) filled, noted in `repairs` by variable, number and length.

    Gaps up to `limit_h` hours are interpolated in time; longer ones, up to 72 h, take the mean of the same time of day
    on the nearest day before and after that has it (within 7 days). Radiation is filled as its ratio to a cloudless
    sky, so that a filled morning rises with the sun; `clock_error_min` says how late that sun is in the stamps.
    `names`: the variables to fill, all unless given.
    Raises WeatherError, one line a variable, for gaps over 72 h or more than 10 % missing.
    """
    filled, notes, problems = weather.copy(), [], []
    for name in weather.data_vars if names is None else names:
        values = weather[name].values
        missing = np.isnan(values)
        if not missing.any():
            continue
        problem = _too_much(str(name), missing, weather)
        if problem:
            problems.append(problem)
            continue
        filled[name] = ("time", _fill(str(name), weather, limit_h, clock_error_min), weather[name].attrs)
        lengths_h = gap_lengths(missing) * weather.attrs["step_h"]
        notes.append(
            f"{name}: {int(missing.sum())} missing steps in {len(lengths_h)} gaps filled, longest {lengths_h.max():g} h"
            f" ({int((lengths_h > limit_h).sum())} from neighbouring days)"
        )
    if problems:
        raise WeatherError(problems)
    for note in notes:
        filled = with_repair(filled, note)
    return filled


def gap_lengths(missing: np.ndarray) -> np.ndarray:
    """Number of steps of every run of True in `missing`, shape (time,), in order of time."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(int), [0]])))
    return np.asarray(edges[1::2] - edges[::2])


def _too_much(name: str, missing: np.ndarray, weather: xr.Dataset) -> str | None:
    """Why the gaps of this variable cannot be filled, or None."""
    share = float(missing.mean())
    longest_h = float(gap_lengths(missing).max()) * weather.attrs["step_h"]
    missing_h = float(missing.sum()) * weather.attrs["step_h"]
    few = share <= LARGEST_SHARE or (missing_h <= A_DAY_H and share < HALF)
    if few and longest_h <= LONGEST_GAP_H:
        return None
    first = weather.indexes["time"][int(np.argmax(missing))]
    return (
        f"{name}: {share:.1%} missing, longest gap {longest_h:g} h, first at {first} UTC; at most {LARGEST_SHARE:.0%} "
        f"and {LONGEST_GAP_H:g} h can be filled, give a more complete file"
    )


def _fill(name: str, weather: xr.Dataset, limit_h: float, clock_error_min: float) -> np.ndarray:
    """Variable without gaps, shape (time,)."""
    values = weather[name].values
    scale = _clear_sky(name, weather, clock_error_min)
    bright = scale > LOW_SUN_W_PER_M2 if scale is not None else np.ones(len(values), dtype=bool)
    divisor = np.where(bright, 1.0 if scale is None else scale, 1.0)
    ratio = np.where(bright, values / divisor, np.nan)
    missing = np.isnan(values)
    known = np.flatnonzero(~np.isnan(ratio))
    short = np.interp(np.arange(len(values)), known, ratio[known]) if known.size else np.zeros(len(values))
    lengths = np.zeros(len(values))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(int), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        lengths[start:end] = (end - start) * weather.attrs["step_h"]
    long = lengths > limit_h
    guess = np.where(long, _neighbour_days(ratio, round(24 / weather.attrs["step_h"]), fallback=short), short)
    guess = np.where(bright, guess * divisor, 0.0)
    return np.where(missing, guess, values)


def _clear_sky(name: str, weather: xr.Dataset, clock_error_min: float) -> np.ndarray | None:
    """Cloudless radiation of each step in the shape of this variable, or None for what is not radiation."""
    if name not in ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"):
        return None
    attrs = weather.attrs
    cosines = fine_cosines(
        pd.DatetimeIndex(weather.indexes["time"]), step_h=attrs["step_h"], latitude=attrs["latitude"],
        longitude=attrs["longitude"], offset_min=-clock_error_min,
    )  # fmt: skip
    shape = meinel_dni_w_per_m2 if name == "dni_w_per_m2" else haurwitz_ghi_w_per_m2
    return np.asarray(shape(cosines).mean(axis=1))


def _neighbour_days(ratio: np.ndarray, per_day: int, *, fallback: np.ndarray) -> np.ndarray:
    """Mean of the same time on the nearest known day before and after, shape (time,); `fallback` where neither is."""
    count = len(ratio)
    sides = []
    for direction in (-1, 1):
        nearest = np.full(count, np.nan)
        for days in range(1, NEIGHBOUR_DAYS + 1):
            at = np.arange(count) + direction * days * per_day
            inside = (at >= 0) & (at < count)
            nearest = np.where(np.isnan(nearest) & inside, ratio[np.clip(at, 0, count - 1)], nearest)
        sides.append(nearest)
    known = (~np.isnan(sides)).sum(axis=0)
    return np.where(known > 0, np.nansum(sides, axis=0) / np.maximum(known, 1), fallback)
