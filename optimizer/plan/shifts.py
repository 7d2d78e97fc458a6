"""Shifted work in time: for every hour of a workload the hour its moved card-hours came from, or went to, first in, first out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.technologies.linear import Floats

NONE = -1
"""No hour: the card-hours have no counterpart within the plan."""


def counterparts(planned: Floats, baseline: Floats) -> NDArray[np.int64]:
    """Hour with which each hour exchanged most card-hours, NONE where it exchanged none; shape (steps,).

    The n-th card-hour of the plan is the n-th of the baseline. Of an hour that runs more than in the baseline it is the hour
    they came from, of one that runs less the hour they went to.
    """
    ran, runs = np.cumsum(baseline), np.cumsum(planned)
    most, partner = np.zeros(len(planned)), np.full(len(planned), NONE, dtype=np.int64)
    if not len(planned):
        return partner
    more = planned > baseline
    edges = np.unique(np.concatenate([[0.0], ran, runs]))
    for low, high in pairwise(edges[edges <= min(ran[-1], runs[-1])].tolist()):
        middle = (low + high) / 2
        source, target = int(np.searchsorted(ran, middle)), int(np.searchsorted(runs, middle))
        for hour, other, counts in ((source, target, not more[source]), (target, source, more[target])):
            if counts and source != target and high - low > most[hour]:
                most[hour], partner[hour] = high - low, other
    return partner
