"""Scores of forecasts against what came: RMSE, pinball loss, CRPS, coverage, rank of the observation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def rmse(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Root mean square error over all elements, in the unit of the data; pairs with NaN are left out."""
    return float(np.sqrt(np.nanmean((np.asarray(forecast, dtype=float) - np.asarray(observed, dtype=float)) ** 2)))


def pinball(quantile: ArrayLike, observed: ArrayLike, *, probability: float) -> Floats:
    """Pinball loss of one forecast quantile, element by element, in the unit of the data; lower is better.

    Parameters: quantile, observed: same shape; probability: of the quantile, 0..1.
    Raises ValueError if probability is not inside 0..1.
    Source: Koenker & Bassett, Econometrica 46 (1978), doi 10.2307/1913643.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must be inside 0..1, is {probability}")
    miss = np.asarray(observed, dtype=float) - np.asarray(quantile, dtype=float)
    return np.asarray(np.maximum(probability * miss, (probability - 1) * miss))


def crps(members: ArrayLike, observed: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Continuous ranked probability score of weighted members, element by element; lower is better.

    For one member it is the absolute error. This is the score of the members as they are, E|X-y| - E|X-X'|/2
    with X, X' drawn from them, not the "fair" estimate for an endless ensemble.

    Parameters: members: shape (member, ...); observed: shape (...); weights: shape (member,), sum 1, equal if left out.
    Raises ValueError if the weights do not fit.
    Source: Gneiting & Raftery, JASA 102 (2007), eq. 21, doi 10.1198/016214506000001437.
    """
    values = np.asarray(members, dtype=float)
    weight = _weights(values.shape[0], weights).reshape((-1,) + (1,) * (values.ndim - 1))
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    ranked_weight = np.take_along_axis(np.broadcast_to(weight, values.shape), order, axis=0)
    below = np.cumsum(ranked_weight, axis=0) - ranked_weight
    above = 1.0 - below - ranked_weight
    # half the mean distance of two members: each value counts with the weight below it minus the weight above it
    half_spread = np.sum(ranked_weight * (below - above) * ranked, axis=0)
    return np.asarray(np.sum(weight * np.abs(values - np.asarray(observed, dtype=float)), axis=0) - half_spread)


def coverage(members: ArrayLike, observed: ArrayLike, *, central: float = 0.8) -> float:
    """Share of observations inside the central interval of equally likely members (bounds count as inside), 0..1.

    Parameters: members: shape (member, ...); observed: shape (...), NaN left out; central: nominal share, inside 0..1.
    Raises ValueError if central is not inside 0..1.
    """
    if not 0 < central < 1:
        raise ValueError(f"central must be inside 0..1, is {central}")
    seen = np.asarray(observed, dtype=float)
    low, high = np.quantile(np.asarray(members, dtype=float), [(1 - central) / 2, (1 + central) / 2], axis=0)
    known = ~np.isnan(seen)
    return float(np.mean(((seen >= low) & (seen <= high))[known]))


def rank_of_observation(members: ArrayLike, observed: ArrayLike) -> Floats:
    """Share of the members below the observation (ties count half), 0..1: uniform if calibrated (PIT).

    Parameters: members: shape (member, ...); observed: shape (...), which is also the shape of the answer.
    """
    values, seen = np.asarray(members, dtype=float), np.asarray(observed, dtype=float)
    return np.asarray(np.mean(values < seen, axis=0) + 0.5 * np.mean(values == seen, axis=0))


def _weights(count: int, weights: ArrayLike | None) -> Floats:
    if weights is None:
        return np.full(count, 1.0 / count)
    given = np.asarray(weights, dtype=float)
    if (
        given.shape != (count,) or (given < 0).any() or abs(given.sum() - 1) > 1e-9
    ):  # 1e-9: rounding of a sum of weights
        raise ValueError(f"weights must be {count} numbers from 0 on that sum to 1, are {given}")
    return given
