"""Near-optimal ranges: how far each capacity can move within a slack of a plan's cost.

The whole problem without whole numbers, with one more row (cost ≤ (1 + slack) × the plan's cost) and a capacity as the
objective, down and up. Dropping whole numbers can only widen the range: no plan within the slack lies outside it. A wider
slack holds the narrower one, so the ranges are nested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from optimizer.plan.model import Model
from optimizer.solve.complementarity import complementary_answer
from optimizer.solve.highs import Compiled, Matrix
from optimizer.study.shapes import Range


def free_sizes(model: Model, compiled: Compiled) -> dict[str, int]:
    """Columns of the free capacities, "asset.quantity" → column; "site/asset.quantity" where there are several sites."""
    several = len({place.site for place in model.places}) > 1
    column_by_size = {}
    for place in model.places:
        for quantity, size in place.contribution.sizes.items():
            if not isinstance(size, float | int) and id(size) in compiled.column_of:
                owner = f"{place.site}/{place.asset}" if several else place.asset
                column_by_size[f"{owner}.{quantity}"] = compiled.column_of[id(size)]
    return column_by_size


def with_cost_bound(matrix: Matrix, most: float) -> Matrix:
    """Problem with one more row: its cost is at most `most`. The row is scaled to entries of at most 1."""
    scale = float(np.abs(matrix.cost).max(initial=0.0)) or 1.0
    row = sp.csc_array(matrix.cost[None, :] / scale)
    return replace(
        matrix,
        rows=sp.csc_array(sp.vstack([matrix.rows, row])),
        row_lower=np.append(matrix.row_lower, -np.inf),
        row_upper=np.append(matrix.row_upper, (most - matrix.offset) / scale),
    )


def ranges(model: Model, compiled: Compiled, cost: float, slacks: Sequence[float]) -> Iterator[Range]:
    """Least and most of each free capacity for each slack: `slack`, `size`, `least`, `most`. Raises SolverError."""
    relaxed = compiled.matrix.relaxed()
    for slack in sorted(slacks):
        cost_bounded = with_cost_bound(relaxed, cost + slack * abs(cost))
        for name, column in free_sizes(model, compiled).items():
            least, most = (_extreme(cost_bounded, column, sign) for sign in (1.0, -1.0))
            yield {"slack": slack, "size": name, "least": least, "most": most}


def _extreme(matrix: Matrix, column: int, sign: float) -> float:
    """Least (sign 1) or most (sign −1) of a column."""
    cost = np.zeros_like(matrix.cost)
    cost[column] = sign
    return float(complementary_answer(replace(matrix, cost=cost, offset=0.0)).values[column])
