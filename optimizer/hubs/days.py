"""A site's proposals, cut into days (`optimizer.solve.decomposition`): each day of each is a column of the master.

What crosses midnight (stores, queues) must match, and a column of no step (a month's peak) must cover every day's mix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.hubs.sites import SiteProblem
from optimizer.solve.decomposition import Split, cut
from optimizer.solve.highs import Floats, Integers


@dataclass(frozen=True)
class Entries:
    """Matrix entries of some columns of the master: the cost of each, and their entries."""

    cost: Floats
    row: Integers
    column: Integers
    value: Floats


class Days:
    """A site in the master: its rows, its shared columns, and how a plan of it becomes columns."""

    def __init__(self, problem: SiteProblem, hosts: Sequence[str], steps: int, edges: Integers, first_row: int):
        split = cut(problem.matrix, edges)
        self.problem, self.days = problem, split.windows
        self._day, self._links = split.column_window, split.links()
        self._shared = np.flatnonzero(self._day < 0)
        self._first_row, self.rows = first_row, self.days + len(self._links) + self.days * len(self._shared)
        self._tied = first_row + self.days + len(self._links) + np.arange(self.days * len(self._shared))
        self._read(split, hosts, steps)

    def _read(self, split: Split, hosts: Sequence[str], steps: int) -> None:
        """Entries that a plan's values become: row, column of the site, factor, and the day each belongs to."""
        row, column, factor = self._crossing(split)
        timed = self._day[column] >= 0
        self._shared_links = row[~timed], np.searchsorted(self._shared, column[~timed]), factor[~timed]
        traded = _net_hired(self.problem, hosts, steps)
        copied = np.repeat(self._shared, self.days)
        self._row = np.concatenate([traded[0], row[timed], self._tied])
        self._column = np.concatenate([traded[1], column[timed], copied])
        self._factor = np.concatenate([traded[2], factor[timed], np.full(len(copied), -1.0)])
        days = np.tile(np.arange(self.days), len(self._shared))
        self._entry_day = np.concatenate([self._day[traded[1]], self._day[column[timed]], days])

    def _crossing(self, split: Split) -> tuple[Integers, Integers, Floats]:
        """Row of the master, column of the site and factor of all that ties days together."""
        linking = split.by_row[self._links].tocoo()
        row, column = (part.astype(np.int64) for part in linking.coords)
        return self._first_row + self.days + row, column, linking.data

    def proposal(self, values: Floats) -> Entries:
        """A plan of the site, shape (columns,), as one column of the master a day."""
        timed = self._day >= 0
        cost_by_column = self.problem.matrix.cost[timed] * values[timed]
        cost = np.asarray(np.bincount(self._day[timed], cost_by_column, minlength=self.days), dtype=np.float64)
        value, every = self._factor * values[self._column], np.arange(self.days)
        met = value != 0
        return Entries(
            cost,
            np.concatenate([self._first_row + every, self._row[met]]),
            np.concatenate([every, self._entry_day[met]]),
            np.concatenate([np.ones(self.days), value[met]]),
        )

    def shared(self) -> Entries:
        """Columns that days share: their part in what ties days together, and the one value that covers every day."""
        row, column, factor = self._shared_links
        count = len(self._shared)
        return Entries(
            self.problem.matrix.cost[self._shared],
            np.concatenate([row, self._tied]),
            np.concatenate([column, np.repeat(np.arange(count), self.days)]),
            np.concatenate([factor, np.ones(len(self._tied))]),
        )

    def shared_bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bounds of the shared columns."""
        return self.problem.matrix.lower[self._shared], self.problem.matrix.upper[self._shared]

    def sides(self) -> tuple[Floats, Floats]:
        """Lower and upper side of the site's rows: each day's weights sum to 1, links match, peaks are covered."""
        matrix, ones, none = self.problem.matrix, np.ones(self.days), np.zeros(len(self._tied))
        lower = [ones, matrix.row_lower[self._links], np.where(self._dearer(), none, -math.inf)]
        upper = [ones, matrix.row_upper[self._links], np.where(self._dearer(), math.inf, none)]
        return np.concatenate(lower), np.concatenate(upper)

    def _dearer(self) -> NDArray[np.bool_]:
        """Whether more of a shared column costs more: then more than a day needs does no harm. Shape (shared · days,)."""
        return np.repeat(self.problem.matrix.cost[self._shared] >= 0, self.days)

    def mixed(self, proposals: Floats, weights: Floats, shared: Floats) -> Floats:
        """Site's values in a mix, shape (columns,), of proposals (count, columns) with weights (count, days)."""
        values = np.where(self._day >= 0, np.sum(weights[:, self._day] * proposals, axis=0), 0.0)
        values[self._shared] = shared
        return values


def _net_hired(problem: SiteProblem, hosts: Sequence[str], steps: int) -> tuple[Integers, Integers, Floats]:
    """Row of the master (host · steps + step), column of the site and sign of the cards it hires less those it offers."""
    every = np.arange(steps)
    rows = [hosts.index(host) * steps + every for host in problem.counters]
    signs = [np.full(steps, -1.0 if host == problem.name else 1.0) for host in problem.counters]
    none = np.zeros(0, dtype=np.int64)
    columns = list(problem.counters.values())
    return np.concatenate([none, *rows]), np.concatenate([none, *columns]), np.concatenate([np.zeros(0), *signs])
