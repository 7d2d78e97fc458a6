"""Shifted work in time: for every hour of a workload the hour its moved card-hours came from, or went to, in order of time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.technologies.linear import Floats

NONE = -1
"""No hour: the card-hours have no counterpart within the plan."""


def counterparts(planned: Floats, baseline: Floats) -> NDArray[np.int64]:
    """Hour with which each hour exchanged most card-hours, NONE where it exchanged none; shape (steps,).

    First in, first out: the first card-hour that was taken away is the first that runs elsewhere.
    """
    shift = planned - baseline
    gone, come = np.cumsum(np.maximum(-shift, 0.0)), np.cumsum(np.maximum(shift, 0.0))
    most, partner = np.zeros(len(shift)), np.full(len(shift), NONE, dtype=np.int64)
    edges = np.unique(np.concatenate([[0.0], gone, come]))
    edges = edges[edges <= min(gone[-1], come[-1])] if len(shift) else edges
    for low, high in pairwise(edges.tolist()):
        middle = (low + high) / 2
        source, target = int(np.searchsorted(gone, middle)), int(np.searchsorted(come, middle))
        for hour, other in ((source, target), (target, source)):
            if high - low > most[hour]:
                most[hour], partner[hour] = high - low, other
    return partner
