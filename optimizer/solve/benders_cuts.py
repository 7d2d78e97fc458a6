"""Benders cuts of the relaxed optimum as a function of a few sizes: one touches it at every point solved.

With its sizes fixed, a problem's reduced costs are the value of more of each: a cut that lies below the optimum
everywhere (Benders 1962, doi:10.1007/BF01386316). Sizes here are in shares of their ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.solve.highs import Answer, Floats, Integers, Matrix, SolverError, solve
from optimizer.solve.relaxation import Relaxation

LEAST_REACH, LEAST_SHARE_KEPT = 1e-4, 0.1
"""While searched, a size stays above this share of its range and of its best value so far. Far from any solved point, at
no power and with energy to fill, the problem is so degenerate that one solve took 40 s instead of 1 s (measured on the
shipped year); near such a point it is quick, and at the end a size at its least reach goes to its least."""


@dataclass(frozen=True)
class Cut:
    """Benders cut: the optimum at a point in the sizes, shape (sizes,), and the plane that touches it there."""

    at: Floats
    answer: Answer
    slope: Floats
    """Money per range of a size."""

    @property
    def cost(self) -> float:
        """Optimum at the point."""
        return self.answer.cost

    @property
    def height(self) -> float:
        """Value of the cut where all shares are 0."""
        return self.answer.cost - float(self.slope @ self.at)


def at_sizes(matrix: Matrix, sizes: Integers, at: Floats) -> Matrix:
    """Problem with its sizes fixed at shares of their ranges."""
    return matrix.with_fixed(sizes, values_at(matrix, sizes, at))


def values_at(matrix: Matrix, sizes: Integers, at: Floats) -> Floats:
    """Shares of their ranges as values of the sizes' columns."""
    values: Floats = matrix.lower[sizes] + at * (matrix.upper[sizes] - matrix.lower[sizes])
    return values


def cut_at(matrix: Matrix, relaxation: Relaxation, sizes: Integers, at: Floats) -> Cut:
    """Benders cut at a point: the problem solved with its sizes fixed. Raises SolverError where there is no plan."""
    answer = relaxation.solve_fixed(sizes, values_at(matrix, sizes, at))
    assert answer.row_dual is not None
    reduced_costs = matrix.cost[sizes] - matrix.rows[:, sizes].T @ answer.row_dual
    return Cut(at, answer, reduced_costs * (matrix.upper[sizes] - matrix.lower[sizes]))


@dataclass(frozen=True)
class CutModel:
    """Cutting-plane model: the highest of some cuts at every point, and its small problems in a unit of money that scales them well."""

    slopes: Floats
    """Shape (cuts, sizes), in the unit."""
    heights: Floats
    """Shape (cuts,), in the unit."""
    money: float

    @classmethod
    def of(cls, cuts: Sequence[Cut]) -> CutModel:
        """Cutting-plane model of some cuts; the unit is the least cost among them."""
        money = max(min(abs(cut.cost) for cut in cuts), 1.0)
        slopes, heights = np.array([cut.slope for cut in cuts]), np.array([cut.height for cut in cuts])
        return cls(slopes / money, heights / money, money)

    @property
    def sizes(self) -> int:
        """Number of sizes."""
        return int(self.slopes.shape[1])

    def turned(self, slope: Floats, height: float, money: float) -> CutModel:
        """Benders cuts with a slope and a height added, in another unit."""
        return CutModel((self.slopes * self.money + slope) / money, (self.heights * self.money + height) / money, money)

    def lowest(self, least: Floats | float = 0.0, most: Floats | float = 1.0) -> tuple[float, Floats, Floats]:
        """Lowest point in a box: its money, the share each cut has in it (sum 1), its sizes."""
        free = _box(self.sizes, least, most)
        answer = _small(np.hstack([-self.slopes, np.ones((len(self.heights), 1))]), self.heights, *free)
        assert answer.row_dual is not None
        shares = np.maximum(answer.row_dual, 0.0)
        return answer.cost * self.money, shares / shares.sum(), answer.values[: self.sizes]

    def nearest_below(self, level: float, point: Floats, reach: float) -> Floats | None:
        """Nearest point to another, in the largest norm, where the model is at most `level`; None: not within reach."""
        identity, away = np.eye(self.sizes), np.ones((self.sizes, 1))
        rows = [
            np.hstack([-self.slopes, np.zeros((len(self.heights), 1))]),
            np.hstack([identity, away]),
            np.hstack([-identity, away]),
        ]
        right = np.concatenate([self.heights - level / self.money, point, -point])
        lower, upper = np.append(least_kept(point), 0.0), np.append(np.ones(self.sizes), reach)
        try:
            return _small(np.vstack(rows), right, lower, upper).values[: self.sizes]
        except SolverError:
            return None

    def lowest_below(self, other: CutModel, level: float, box: tuple[Floats, Floats]) -> tuple[float, Floats] | None:
        """Lowest point of this model in a box where another model is at most `level`: (money, point); None: there is none."""
        own_rows = np.hstack([-self.slopes, np.ones((len(self.heights), 1))])
        other_rows = np.hstack([-other.slopes, np.zeros((len(other.heights), 1))])
        right = np.concatenate([self.heights, other.heights - level / other.money])
        try:
            answer = _small(np.vstack([own_rows, other_rows]), right, *_box(self.sizes, *box))
        except SolverError:
            return None
        return answer.cost * self.money, answer.values[: self.sizes]


def least_kept(point: Floats) -> Floats:
    """Lower limit of a search step from a point."""
    return np.maximum(point * LEAST_SHARE_KEPT, LEAST_REACH)


def _box(sizes: int, least: Floats | float, most: Floats | float) -> tuple[Floats, Floats]:
    """Bounds of the sizes, and of the money behind them, which has none."""
    return np.append(np.ones(sizes) * least, -np.inf), np.append(np.ones(sizes) * most, np.inf)


def _small(rows: Floats, row_lower: Floats, lower: Floats, upper: Floats) -> Answer:
    """Linear program of the least last column under rows of at least `row_lower`. Raises SolverError."""
    columns = rows.shape[1]
    problem = Matrix(
        cost=np.append(np.zeros(columns - 1), 1.0),
        offset=0.0,
        rows=sp.csc_array(rows),
        row_lower=row_lower,
        row_upper=np.full(len(row_lower), np.inf),
        lower=lower,
        upper=upper,
        is_integer=np.zeros(columns, dtype=bool),
        step=np.full(columns, -1, dtype=np.int64),
    )
    return solve(problem)
