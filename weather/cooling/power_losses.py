"""Losses between the grid and the servers: UPS and transformer against IT power, and their heat in the halls."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from weather.cooling.presets import Transformer, Ups
from weather.cooling.psychrometrics import FloatArray


def ups_loss_mw(it_mw: ArrayLike, *, design_it_mw: float, ups: Ups) -> FloatArray:
    """Loss of the UPS [MW] at an IT power [MW], any shape. Source of the form: Schneider White Paper 108."""
    rating_mw = ups.rating * design_it_mw
    load = np.asarray(it_mw, dtype=float) / rating_mw
    return np.asarray(rating_mw * (ups.no_load + ups.proportional * load + ups.square * load**2))


def transformer_loss_mw(it_mw: ArrayLike, *, design_it_mw: float, transformer: Transformer) -> FloatArray:
    """Loss of the transformer [MW] at an IT power [MW], any shape: no-load and square-law (assumption)."""
    rating_mw = transformer.rating * design_it_mw
    load = np.asarray(it_mw, dtype=float) / rating_mw
    return np.asarray(rating_mw * (transformer.no_load + transformer.square * load**2))


def power_loss_mw(it_mw: ArrayLike, *, design_it_mw: float, ups: Ups, transformer: Transformer) -> FloatArray:
    """UPS and transformer loss together [MW] at an IT power [MW], any shape."""
    return ups_loss_mw(it_mw, design_it_mw=design_it_mw, ups=ups) + transformer_loss_mw(
        it_mw, design_it_mw=design_it_mw, transformer=transformer
    )


def loss_heat_to_air_mw(it_mw: ArrayLike, *, design_it_mw: float, ups: Ups) -> FloatArray:
    """Heat the UPS gives to the halls [MW]; transformers stand outside."""
    return ups.heat_to_air * ups_loss_mw(it_mw, design_it_mw=design_it_mw, ups=ups)


def power_loss_segments(
    *, design_it_mw: float, ups: Ups, transformer: Transformer, break_shares: tuple[float, ...] = (0.2, 0.5, 1.0)
) -> tuple[FloatArray, FloatArray, float]:
    """UPS and transformer loss as convex segments of IT power, the same for all hours.

    Parameters: break_shares: where chords touch, of design IT power; the first chord goes on down to 0.
    Returns (width_mw (K,), loss_slope (K,) [MW/MW], loss_at_zero_mw); K is one less than the breaks. Chords lie above
    the parabola, so nodes are lowered until chords lie half above, half below it: 0.08 % of facility power at most.
    """
    edges = design_it_mw * np.asarray(break_shares, dtype=float)
    loss = power_loss_mw(edges, design_it_mw=design_it_mw, ups=ups, transformer=transformer)
    middle = (edges[:-1] + edges[1:]) / 2
    true = power_loss_mw(middle, design_it_mw=design_it_mw, ups=ups, transformer=transformer)
    half = ((loss[:-1] + loss[1:]) / 2 - true) / 2
    loss -= np.concatenate([half[:1], (half[1:] + half[:-1]) / 2, half[-1:]])
    slope = np.diff(loss) / np.diff(edges)
    width_mw = np.diff(np.concatenate([[0.0], edges[1:]]))
    return width_mw, slope, float(loss[1] - slope[0] * edges[1])
