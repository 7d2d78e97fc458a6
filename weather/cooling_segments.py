"""Cooling plants as convex piecewise-linear functions of heat, hour by hour, ready for a linear program.

A plant of many parallel units can run some of them dry and some wet, in any share. Its cheapest electricity plus
weighted water over all such mixtures is the lower convex hull of the modes' curves, so the hull needs no binary:
heat = sum of heat_m, power = sum of share_m * P_m(heat_m / share_m), sum of shares = 1 (perspective form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weather.cooling_demand import Mode
from weather.cooling_presets import AirPlant, LiquidPlant
from weather.psychrometrics import FloatArray

GRID_INTERVALS = 40
"""Steps of heat the curves are sampled at before they are thinned out; half the error of 32 against a sample of 400."""
LOW_HEAT_SHARE = 0.05
"""Keeps errors per heat finite at no heat: errors count relative to heat plus this share of the design heat."""
SMALLEST = 1e-300


@dataclass(frozen=True)
class Segments:
    """Power and water of a plant as a function of the heat it removes, filled segment by segment.

    heat = sum of use_k with 0 <= use_k <= width_mw[t, k]; power = power_at_zero_mw[t] + sum of
    power_slope[t, k] * use_k; water alike. `power_slope + weight * water_slope` never falls with k, so that a
    minimiser fills them in order.
    """

    width_mw: FloatArray
    """Heat of each segment, shape (time, segment) [MW]; a row sums to the plant's greatest heat."""
    power_slope: FloatArray
    """Electricity per heat, shape (time, segment) [MW/MW]."""
    power_at_zero_mw: FloatArray
    """Electricity at no heat, shape (time,) [MW]: fans at their floor."""
    water_slope: FloatArray
    """Water per heat, shape (time, segment) [m³/MWh]."""
    water_at_zero_m3_per_h: FloatArray
    """Water at no heat, shape (time,) [m³/h]."""

    def at(self, heat_mw: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Power [MW] and water [m³/h] at heat [MW] of shape (time,) or (time, N), segments filled in order."""
        heat = np.asarray(heat_mw, dtype=float)
        columns = heat.reshape(len(self.width_mw), -1, 1)
        before = np.cumsum(self.width_mw, axis=1) - self.width_mw
        use = np.clip(columns - before[:, None, :], 0.0, self.width_mw[:, None, :])
        power = self.power_at_zero_mw[:, None] + (use * self.power_slope[:, None, :]).sum(axis=2)
        water = self.water_at_zero_m3_per_h[:, None] + (use * self.water_slope[:, None, :]).sum(axis=2)
        return power.reshape(heat.shape), water.reshape(heat.shape)


def plant_segments(
    modes: Sequence[Mode],
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    pressure_pa: ArrayLike,
    *,
    design_heat_mw: float,
    plant: AirPlant | LiquidPlant,
    segments: int = 3,
    water_weight_mwh_per_m3: float = 0.0,
) -> Segments:
    """Convex segments of a plant over heat 0..design_heat_mw, for every hour.

    Parameters: modes: of `cooling_air` or `cooling_liquid`, those that are allowed; dry_bulb_c, wet_bulb_c [°C] and
    pressure_pa [Pa]: shape (time,); water_weight_mwh_per_m3: water price over electricity price [MWh/m³].
    Raises ValueError for no mode, or fewer than 1 segment.
    Accuracy against the full model: tests/validation.
    """
    if not modes:
        raise ValueError("a plant needs at least one mode")
    heat = design_heat_mw * np.linspace(0.0, 1.0, GRID_INTERVALS + 1)
    columns = [np.asarray(values, dtype=float).reshape(-1, 1) for values in (dry_bulb_c, wet_bulb_c, pressure_pa)]
    demands = [mode(heat, *columns, design_heat_mw=design_heat_mw, plant=plant) for mode in modes]
    shape = np.broadcast_shapes(heat.shape, *(values.shape for values in columns))
    powers = [np.broadcast_to(demand.power_mw, shape) for demand in demands]
    waters = [np.broadcast_to(demand.water_m3_per_h, shape) for demand in demands]
    return convex_segments(heat, powers, waters, segments=segments, water_weight_mwh_per_m3=water_weight_mwh_per_m3)


def convex_segments(
    heat_mw: FloatArray,
    powers_mw: Sequence[FloatArray],
    waters_m3_per_h: Sequence[FloatArray],
    *,
    segments: int = 3,
    water_weight_mwh_per_m3: float = 0.0,
) -> Segments:
    """Lower convex hull of several modes' curves, thinned to a few segments an hour.

    Parameters: heat_mw: rising grid from 0, shape (N,) [MW]; powers_mw, waters_m3_per_h: one array of shape (time, N) a
    mode [MW], [m³/h]; segments: how many to keep. Raises ValueError where the grid does not start at 0 and rise.
    """
    if segments < 1:
        raise ValueError("at least one segment is needed")
    if heat_mw[0] != 0 or np.any(np.diff(heat_mw) <= 0):
        raise ValueError("the heat grid must start at 0 and rise")
    weighed = np.stack([p + water_weight_mwh_per_m3 * w for p, w in zip(powers_mw, waters_m3_per_h, strict=True)])
    best = np.argmin(weighed, axis=0)[None]
    power = np.take_along_axis(np.stack(list(powers_mw)), best, axis=0)[0]
    water = np.take_along_axis(np.stack(list(waters_m3_per_h)), best, axis=0)[0]
    width = np.broadcast_to(np.diff(heat_mw), (len(power), len(heat_mw) - 1))
    pieces = np.stack([width, np.diff(power, axis=1), np.diff(water, axis=1)])
    hull = _lower_hull(pieces, water_weight_mwh_per_m3)
    few = _thinned(hull, water_weight_mwh_per_m3, segments)
    lowered_mw = _half_chord_error(hull, few, heat_mw, water_weight_mwh_per_m3)
    few[1] -= np.where(few[0] > 0, np.diff(lowered_mw, axis=1), 0.0)
    few = _lower_hull(few, water_weight_mwh_per_m3)
    with np.errstate(invalid="ignore"):
        slopes = np.where(few[0] > 0, few[1:] / few[0], 0.0)
    return Segments(few[0], slopes[0], power[:, 0] - lowered_mw[:, 0], slopes[1], water[:, 0].copy())


def _slope(pieces: FloatArray, water_weight: float) -> FloatArray:
    """Weighted rise per width of pieces (width, power, water); infinite for the empty ones at the end."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(pieces[0] > 0, (pieces[1] + water_weight * pieces[2]) / pieces[0], np.inf))


def _lower_hull(pieces: FloatArray, water_weight: float) -> FloatArray:
    """Pool pieces whose slope falls, all hours at once, until slopes rise: the lower convex hull.

    `pieces` has shape (3, time, N): width, power rise, water rise; so has the answer, empty pieces last.
    """
    hull = np.zeros_like(pieces)
    last = np.full(pieces.shape[1], -1)
    for number in range(pieces.shape[2]):
        last += 1
        hull[:, np.arange(len(last)), last] = pieces[:, :, number]
        rows = np.flatnonzero(last > 0)
        while rows.size:
            top = last[rows]
            above, below = hull[:, rows, top], hull[:, rows, top - 1]
            falls = _slope(above, water_weight) < _slope(below, water_weight)
            rows, top = rows[falls], top[falls]
            hull[:, rows, top - 1] += hull[:, rows, top]
            hull[:, rows, top] = 0.0
            last[rows] -= 1
            rows = rows[last[rows] > 0]
    return hull


def _thinned(hull: FloatArray, water_weight: float, segments: int) -> FloatArray:
    """Join neighbours, each time the pair whose chord errs least per heat, until `segments` are left an hour."""
    pieces = hull.copy()
    rows = np.arange(pieces.shape[1])
    low_heat = LOW_HEAT_SHARE * pieces[0, 0].sum()
    while pieces.shape[2] > segments:
        slope = _slope(pieces, water_weight)
        left, right = pieces[0, :, :-1], pieces[0, :, 1:]
        bend = np.where(right > 0, slope[:, 1:], 0.0) - np.where(right > 0, slope[:, :-1], 0.0)
        error = bend * left * right / np.maximum(left + right, SMALLEST)
        heat_there = np.cumsum(left, axis=1)
        join = np.argmin(error / (heat_there + low_heat), axis=1)
        pieces[:, rows, join] += pieces[:, rows, join + 1]
        keep = np.arange(pieces.shape[2] - 1)[None, :]
        pieces = np.take_along_axis(pieces, (keep + (keep > join[:, None]))[None], axis=2)
    return pieces


def _half_chord_error(hull: FloatArray, few: FloatArray, heat_mw: FloatArray, water_weight: float) -> FloatArray:
    """How far to lower each node so that chords lie half above, half below the hull, shape (time, segment + 1) [MW]."""
    middle = (heat_mw[1:] + heat_mw[:-1]) / 2
    owner = _piece_at(few, middle)
    chord_slope = np.take_along_axis(_slope(few, water_weight), owner, axis=1)
    hull_slope = np.take_along_axis(_slope(hull, water_weight), _piece_at(hull, middle), axis=1)
    above = np.cumsum(np.diff(heat_mw) * (chord_slope - hull_slope), axis=1)
    half = np.stack([np.where(owner == k, above, 0.0).max(axis=1) / 2 for k in range(few.shape[2])], axis=1)
    return np.concatenate([half[:, :1], (half[:, 1:] + half[:, :-1]) / 2, half[:, -1:]], axis=1)


def _piece_at(pieces: FloatArray, heat_mw: FloatArray) -> NDArray[np.intp]:
    """Number of the piece each heat lies in, shape (time, N)."""
    ends = np.cumsum(pieces[0], axis=1)[:, None, :-1]
    return np.asarray((ends <= heat_mw[None, :, None]).sum(axis=2))
