"""Resampling of weather to other equal steps: means where they are coarser, the sun's course where they are finer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from weather.canonical import WeatherError
from weather.sun.position import fine_cosines, haurwitz_ghi_w_per_m2, meinel_dni_w_per_m2

RADIATION = ("ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2")


def to_steps(weather: xr.Dataset, index: pd.DatetimeIndex, step_h: float) -> xr.Dataset:
    """Weather on equal UTC steps of `step_h` hours that start at `index`, which it must cover. Dims (time, ...).

    Radiation keeps its energy in every case. Raises WeatherError if `index` reaches beyond the weather, or has to be
    resampled across missing values.
    """
    have = pd.DatetimeIndex(weather.indexes["time"])
    own_h = float(weather.attrs["step_h"])
    if have[0] > index[0] or have[-1] + pd.Timedelta(hours=own_h) < index[-1] + pd.Timedelta(hours=step_h):
        raise WeatherError(f"weather from {have[0]} to {have[-1]} UTC does not cover {index[0]} to {index[-1]}")
    if abs(own_h - step_h) < 1e-9 and index[0] in have:
        placed = weather.sel(time=index)
    else:
        gaps = [
            f"{name}: missing values; repair the weather before resampling"
            for name in weather
            if weather[name].isnull().any()
        ]
        if gaps:
            raise WeatherError(gaps)
        placed = _resampled(weather, have, index, own_h, step_h)
    placed.attrs = {**weather.attrs, "step_h": step_h}
    return placed


def _resampled(
    weather: xr.Dataset, have: pd.DatetimeIndex, index: pd.DatetimeIndex, own_h: float, step_h: float
) -> xr.Dataset:
    """Resampled variables on the new steps; time is put first."""
    edges_h = np.asarray((have - index[0]) / pd.Timedelta(hours=1), dtype=float)
    starts_h = np.arange(len(index)) * step_h
    finer = step_h < own_h - 1e-9
    variables = {}
    for name, data in weather.data_vars.items():
        data = data.transpose("time", ...)
        columns = data.values.reshape(len(have), -1)
        if name in RADIATION and finer:
            shape = _sun_shape(str(name), weather, have, index, own_h, step_h)
            # A beam in the few minutes after sunrise could pass what the file knows: cut there.
            new = [
                np.minimum(_mean_over(column, edges_h, own_h, starts_h, step_h) * shape, 1.1 * column.max())
                for column in columns.T
            ]
        elif finer:
            middles_h = starts_h + step_h / 2
            new = [np.interp(middles_h, edges_h + own_h / 2, column) for column in columns.T]
        else:
            new = [_mean_over(column, edges_h, own_h, starts_h, step_h) for column in columns.T]
        variables[name] = (data.dims, np.stack(new, axis=1).reshape(len(index), *data.shape[1:]), data.attrs)
    coords = {str(name): coord for name, coord in weather.coords.items() if name != "time"}
    return xr.Dataset(variables, coords={**coords, "time": index})


def _mean_over(
    values: np.ndarray, edges_h: np.ndarray, own_h: float, starts_h: np.ndarray, step_h: float
) -> np.ndarray:
    """Mean over each new step of values, shape (time,), that hold from their edge for `own_h` hours."""
    bounds_h = np.append(edges_h, edges_h[-1] + own_h)
    energy = np.concatenate([[0.0], np.cumsum(values) * own_h])
    return np.asarray((np.interp(starts_h + step_h, bounds_h, energy) - np.interp(starts_h, bounds_h, energy)) / step_h)


def _sun_shape(
    name: str, weather: xr.Dataset, have: pd.DatetimeIndex, index: pd.DatetimeIndex, own_h: float, step_h: float,
) -> np.ndarray:  # fmt: skip
    """Cloudless radiation of each new step over that of the own step around it, shape (index,); 1 where both are dark.

    Its mean over the new steps inside an own step is 1, so multiplying with it moves energy only within own steps.
    """
    model = meinel_dni_w_per_m2 if name == "dni_w_per_m2" else haurwitz_ghi_w_per_m2
    place = {"latitude": weather.attrs["latitude"], "longitude": weather.attrs["longitude"]}
    clear = model(fine_cosines(index, step_h=step_h, **place)).mean(axis=1)
    ratio = own_h / step_h
    aligned = abs(ratio - round(ratio)) < 1e-9 and index[0] in have and len(index) % round(ratio) == 0
    if not aligned:
        return np.ones(len(index))
    around = np.repeat(clear.reshape(-1, round(ratio)).mean(axis=1), round(ratio))
    return np.where(around > 1.0, clear / np.maximum(around, 1.0), 1.0)
