"""Convex curves on a grid, all hours at once: the lower hull of any curve, and the few chords that follow it best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from weather.cooling.psychrometrics import FloatArray

LEAST_LOAD = 0.2
"""Errors count relative to heat; below this share of the greatest heat, where a plant hardly ever runs, ever less."""


def error_scale_mw(heat_mw: FloatArray) -> FloatArray:
    """Scale of an error at a heat load [MW], shape of the grid."""
    least_mw = LEAST_LOAD * heat_mw[-1]
    return np.asarray(np.maximum(heat_mw, 3 * least_mw - 2 * heat_mw))


def lower_hull(
    heat_mw: FloatArray, power_mw: FloatArray, water_m3_per_h: FloatArray, *, water_weight_mwh_per_m3: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Power and water of the cheapest mixtures: on the lower convex hull of power plus weighted water.

    Parameters: heat_mw: rising grid, shape (N,); power_mw, water_m3_per_h: shape (time, N);
    water_weight_mwh_per_m3: one number, or one an hour [MWh/m³]. Returns the same shapes.
    Source: monotone chain (Andrew 1979): steps of the grid are pooled while their slope falls.
    """
    rise = np.stack([np.diff(power_mw, axis=1), np.diff(water_m3_per_h, axis=1)])
    steps = np.concatenate([np.broadcast_to(np.diff(heat_mw), rise.shape[1:])[None], rise])
    weight = np.broadcast_to(np.asarray(water_weight_mwh_per_m3, dtype=float), len(power_mw))
    pieces, owner = _pooled(steps, weight)
    width, *rises = (np.take_along_axis(part, owner, axis=1) for part in pieces)
    hulls = []
    for curve, piece_rise in zip((power_mw, water_m3_per_h), rises, strict=True):
        climbed = np.cumsum(steps[0] * piece_rise / width, axis=1)
        hulls.append(np.concatenate([curve[:, :1], curve[:, :1] + climbed], axis=1))
    return hulls[0], hulls[1]


def _pooled(steps: FloatArray, water_weight: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Pieces (width, power, water) of shape (3, time, N) with rising slopes, and the piece each step went into."""
    pieces = np.zeros_like(steps)
    last = np.full(steps.shape[1], -1)
    owner = np.zeros(steps.shape[1:], dtype=np.intp)
    for number in range(steps.shape[2]):
        last += 1
        pieces[:, np.arange(len(last)), last] = steps[:, :, number]
        rows = np.flatnonzero(last > 0)
        while rows.size:
            before, after = pieces[:, rows, last[rows] - 1], pieces[:, rows, last[rows]]
            earlier, later = (piece[1] + water_weight[rows] * piece[2] for piece in (before, after))
            rows = rows[later * before[0] < earlier * after[0]]
            pieces[:, rows, last[rows] - 1] += pieces[:, rows, last[rows]]
            last[rows] -= 1
            rows = rows[last[rows] > 0]
        owner[:, number] = last
    # a step that was pooled later belongs to the lowest piece the chain fell back to
    return pieces, np.minimum.accumulate(owner[:, ::-1], axis=1)[:, ::-1]


def best_breaks(heat_mw: FloatArray, curve: FloatArray, *, segments: int) -> NDArray[np.intp]:
    """Grid numbers between which chords follow convex curves best: the worst relative error is the least possible.

    Parameters: heat_mw: shape (N,); curve: shape (time, N). Returns shape (time, segments + 1), from 0 to N - 1.
    Source: dynamic program over break points (Bellman 1961), exact on the grid.
    """
    last = len(heat_mw) - 1
    error = chord_errors(heat_mw, curve)
    worst = error[0]  # from 0 to each grid point with one chord, shape (N, time)
    sources = []
    for _ in range(segments - 1):
        source, better = np.zeros(worst.shape, dtype=np.intp), np.full_like(worst, np.inf)
        for end in range(1, last + 1):
            options = np.maximum(worst[:end], error[:end, end])
            source[end] = np.argmin(options, axis=0)
            better[end] = options.min(axis=0)
        worst = better
        sources.append(source)
    breaks = [np.full(len(curve), last)]
    for source in reversed(sources):
        breaks.append(source[breaks[-1], np.arange(len(curve))])
    return np.stack([np.zeros_like(breaks[0]), *breaks[::-1]], axis=1)


def chord_errors(heat_mw: FloatArray, curve: FloatArray) -> FloatArray:
    """Greatest relative height of the chord from grid point i to j over convex curves, (N, N, time); inf for j <= i."""
    values, count = np.ascontiguousarray(curve.T), len(heat_mw)
    scale = error_scale_mw(heat_mw)[:, None]
    error = np.full((count, count, values.shape[1]), np.inf)
    for start in range(count - 1):
        error[start, start + 1] = 0.0
        for end in range(start + 2, count):
            inner = slice(start + 1, end)
            share = ((heat_mw[inner] - heat_mw[start]) / (heat_mw[end] - heat_mw[start]))[:, None]
            height = (1 - share) * values[start] + share * values[end] - values[inner]
            error[start, end] = (height / scale[inner]).max(axis=0)
    return error
