"""Break-even of an assumption: where a claimed quantity takes its claimed value, on runs or on sums of money."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from scipy.optimize import brentq


def number_at(data: object, path: str) -> float | None:
    """Number at a path of plain data; None: there is none."""
    node = data
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return float(node) if isinstance(node, int | float) and not isinstance(node, bool) else None


def crossing(known: list[tuple[float, float]], value: float) -> float | None:
    """First place at which straight lines between known points cross a value; None: nowhere."""
    for (x0, y0), (x1, y1) in pairwise(known):
        if min(y0, y1) <= value <= max(y0, y1) and y0 != y1:
            return x0 + (value - y0) * (x1 - x0) / (y1 - y0)
    return None


def root_beyond(over: Callable[[float], float], low: float, high: float) -> float | None:
    """Place at which `over` is zero, in the range or up to four of its widths above it and down to zero; None: nowhere."""
    for left, right in (
        (low, high),
        (max(low - 2 * (high - low), 0.0) if low >= 0 else 3 * low, low),
        (high, high + 4 * (high - low)),
    ):
        at_left, at_right = over(left), over(right)
        if at_left * at_right <= 0 and at_left != at_right:
            return float(brentq(over, left, right, xtol=1e-6 * max(abs(high), 1e-3)))
    return None
