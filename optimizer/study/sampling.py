"""Points spread over ranges: Sobol or Latin hypercube of the unit cube, carried to each range's distribution."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import qmc

from optimizer.study.settings import Range, Sample

Floats = NDArray[np.float64]


def sampled(sample: Sample) -> list[dict[str, float]]:
    """Factor values of every point, by name; the same for the same seed."""
    unit = _unit_points(sample)
    columns = {name: at_quantiles(one, unit[:, place]) for place, (name, one) in enumerate(sample.ranges.items())}
    return [{name: float(values[point]) for name, values in columns.items()} for point in range(sample.count)]


def _unit_points(sample: Sample) -> Floats:
    """Points in the unit cube, shape (count, ranges)."""
    dimensions = len(sample.ranges)
    if sample.method == "latin-hypercube":
        return np.asarray(qmc.LatinHypercube(dimensions, seed=sample.seed).random(sample.count))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # other counts than powers of two lose balance, not validity
        return np.asarray(qmc.Sobol(dimensions, seed=sample.seed).random(sample.count))


def at_quantiles(one: Range, quantiles: Floats) -> Floats:
    """Values of the range at quantiles 0..1, shape as given."""
    width, middle = one.high - one.low, (one.low + one.high) / 2
    if one.distribution == "uniform":
        return one.low + width * quantiles
    if one.distribution == "log-uniform":
        return np.asarray(one.low * (one.high / one.low) ** quantiles)
    if one.distribution == "triangular":
        mode = middle if one.mode is None else one.mode
        return np.asarray(stats.triang.ppf(quantiles, (mode - one.low) / width, loc=one.low, scale=width))
    return np.asarray(stats.truncnorm.ppf(quantiles, -2, 2, loc=middle, scale=width / 4))
