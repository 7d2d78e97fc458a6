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
    columns = {
        name: at_quantiles(sampled_range, unit[:, place])
        for place, (name, sampled_range) in enumerate(sample.ranges.items())
    }
    return [{name: float(values[point]) for name, values in columns.items()} for point in range(sample.count)]


def _unit_points(sample: Sample) -> Floats:
    """Points in the unit cube, shape (count, ranges)."""
    dimensions = len(sample.ranges)
    if sample.method == "latin-hypercube":
        return np.asarray(qmc.LatinHypercube(dimensions, seed=sample.seed).random(sample.count))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # other counts than powers of two lose balance, not validity
        return np.asarray(qmc.Sobol(dimensions, seed=sample.seed).random(sample.count))


def at_quantiles(sampled_range: Range, quantiles: Floats) -> Floats:
    """Values of the range at quantiles 0..1, shape as given."""
    width, middle = sampled_range.high - sampled_range.low, (sampled_range.low + sampled_range.high) / 2
    if sampled_range.distribution == "uniform":
        return sampled_range.low + width * quantiles
    if sampled_range.distribution == "log-uniform":
        return np.asarray(sampled_range.low * (sampled_range.high / sampled_range.low) ** quantiles)
    if sampled_range.distribution == "triangular":
        mode = middle if sampled_range.mode is None else sampled_range.mode
        return np.asarray(
            stats.triang.ppf(quantiles, (mode - sampled_range.low) / width, loc=sampled_range.low, scale=width)
        )
    return np.asarray(stats.truncnorm.ppf(quantiles, -2, 2, loc=middle, scale=width / 4))
