"""A few weighted members in place of many, chosen from the many: no averages, so ramps stay."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from weather.canonical import WeatherError
from weather.forecast.error_model import driving_variables

Floats = NDArray[np.float64]


def reduce(
    members: xr.Dataset, k: int, *, scales: Mapping[str, float] | None = None, weights: ArrayLike | None = None
) -> tuple[NDArray[np.intp], Floats]:
    """Choose `k` members to stand for all by fast forward selection; the rest give their weight to the nearest chosen.

    Parameters: members: dims (member, time); k: 1 to the number of members; scales: variable -> the difference
    that counts as one, in the variable's unit (default: every drawn sun, wind, temperature and power counts alike, by
    its standard deviation between members); weights: of the members, shape (member,), equal if left out.
    Returns indices (k,), in the order chosen, and weights (k,), sum 1. Use `members.isel(member=indices)`.
    Raises WeatherError if k does not fit or nothing differs between members to choose by.
    Source: Heitsch & Römisch, Computational Optimization and Applications 24 (2003), doi 10.1023/A:1021805924152.
    """
    count = members.sizes["member"]
    if not 1 <= k <= count:
        raise WeatherError(f"reduce: {k} of {count} members requested; give 1 to {count}")
    weight = np.full(count, 1.0 / count) if weights is None else np.asarray(weights, dtype=float)
    if weight.shape != (count,) or (weight < 0).any() or weight.sum() <= 0:
        raise WeatherError(f"reduce: weights must be {count} numbers from 0 on")
    weight = weight / weight.sum()
    distance = member_distances(members, scales=scales)
    chosen = forward_selection(distance, weight, k)
    nearest = np.argmin(distance[:, chosen], axis=1)
    nearest[chosen] = np.arange(k)  # of two equal members each chosen one keeps its own weight
    return chosen, np.bincount(nearest, weight, minlength=k).astype(float)


def distinct_members(members: xr.Dataset) -> tuple[NDArray[np.intp], Floats]:
    """Members of which no two are the same: indices (distinct,), rising, and how much of all each stands for, sum 1.

    Two members with every variable equal at every step are one; a model built for both would only be larger.
    """
    tables = [
        members[name].transpose("member", ...).values for name in members.data_vars if "member" in members[name].dims
    ]
    if not tables:
        return np.zeros(1, dtype=np.intp), np.ones(1)
    count = members.sizes["member"]
    keys = [b"".join(np.ascontiguousarray(table[number]).tobytes() for table in tables) for number in range(count)]
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    weight = np.bincount([first[key] for key in keys], minlength=count) / count
    chosen = np.flatnonzero(weight)
    return chosen, weight[chosen]


def member_distances(members: xr.Dataset, *, scales: Mapping[str, float] | None = None) -> Floats:
    """Distance between every two members over all steps and scaled variables, shape (member, member) [-].

    Parameters: as for `reduce`. Raises WeatherError if there is nothing to measure by.
    """
    if scales is None:
        scales = {name: _spread(members[name]) for name in driving_variables(members) if "member" in members[name].dims}
    absent = [name for name in scales if name not in members or "member" not in members[name].dims]
    if absent or not scales:
        raise WeatherError(
            f"reduce: no members of {', '.join(absent) or 'sun, wind, temperature or power'} to choose by"
        )
    columns = [members[name].transpose("member", ...).values / scale for name, scale in scales.items() if scale > 0]
    if not columns:
        return np.zeros((members.sizes["member"],) * 2)
    points = np.concatenate(columns, axis=1)
    squares = (points**2).sum(axis=1)
    square_distance = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(square_distance, 0.0)
    return np.asarray(np.sqrt(np.maximum(square_distance, 0.0)))


def forward_selection(distance: Floats, weight: Floats, k: int) -> NDArray[np.intp]:
    """Indices of k members; each next one leaves the least weighted distance of all to their nearest chosen."""
    nearest = np.full(len(weight), np.inf)
    chosen: list[int] = []
    for _ in range(k):
        left = np.minimum(distance, nearest[:, None])
        total = weight @ left
        total[chosen] = np.inf
        chosen.append(int(np.argmin(total)))
        nearest = left[:, chosen[-1]]
    return np.array(chosen, dtype=np.intp)


def reduction_distance(members: xr.Dataset, chosen: ArrayLike) -> float:
    """Mean distance of a member to its nearest chosen one (Kantorovich distance), default scales [-]."""
    return float(member_distances(members)[:, np.asarray(chosen)].min(axis=1).mean())


def _spread(values: xr.DataArray) -> float:
    return float(np.sqrt(values.var("member").mean()))
