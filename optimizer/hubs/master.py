"""The master of a price coordination: the cheapest mix of what the sites proposed, day by day, and its prices.

A proposal is cut into days. The master mixes the days of each site apart: what crosses midnight (stores, queues) must
match, and nobody may hire more than is offered. So a few proposals a site make many plans, each of which the sites can run.
It stays open between rounds: proposals come, those long in no mix go, prices of lacking cards change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.hubs.days import Days, Entries
from optimizer.hubs.sites import SiteProblem
from optimizer.solve.growing_lp import Columns, Growing
from optimizer.solve.highs import Answer, Floats, Integers, Matrix

IDLE_ROUNDS = 5
"""A day of a proposal that was in no mix for so many rounds is forgotten."""
IN_NO_MIX = 1e-6
"""A weight below this is none: interior point leaves traces everywhere."""


class Master:
    """Sites' proposals as columns, and slacks for cards that the mix lacks or leaves.

    `lacking`: columns of those cards, their entries in the rows of (host, step) and the most of each.
    """

    def __init__(
        self,
        problems: Sequence[SiteProblem],
        hosts: Sequence[str],
        edges: Integers,
        lacking: sp.csc_array,
        most: Floats,
    ):
        self._prices, self._lacking = lacking.shape
        steps, first_row = self._prices // max(len(hosts), 1), self._prices
        self.sites: list[Days] = []
        for problem in problems:
            self.sites.append(Days(problem, hosts, steps, edges, first_row))
            first_row += self.sites[-1].rows
        self._rows = first_row
        fixed = self._fixed(lacking, most)
        self._shared = np.cumsum([self._lacking, *(len(site.shared().cost) for site in self.sites)])
        self._fixed_columns = len(fixed.cost)
        self._problem = Growing(fixed)
        self._plans: list[Sequence[Floats]] = []
        self._days = len(edges) + 1
        self._column = np.zeros((0, len(self.sites), self._days), dtype=np.int64)
        self._idle = self._column.copy()

    def _fixed(self, lacking: sp.csc_array, most: Floats) -> Matrix:
        """Constant part of the master problem from round to round: all rows, lacking cards, and the sites' shared columns."""
        shared = _joined([site.shared() for site in self.sites], self._rows)
        below = sp.csc_array((self._rows - self._prices, self._lacking))
        bounds = [site.shared_bounds() for site in self.sites]
        sides = [site.sides() for site in self.sites]
        count = self._lacking + len(shared.cost)
        return Matrix(
            cost=np.concatenate([np.zeros(self._lacking), shared.cost]),
            offset=sum(site.problem.matrix.offset for site in self.sites),
            rows=sp.csc_array(sp.hstack([sp.vstack([lacking, below]), shared.rows], format="csc")),
            row_lower=np.concatenate([np.full(self._prices, -math.inf), *(lower for lower, _ in sides)]),
            row_upper=np.concatenate([np.zeros(self._prices), *(upper for _, upper in sides)]),
            lower=np.concatenate([np.zeros(self._lacking), *(lower for lower, _ in bounds)]),
            upper=np.concatenate([most, *(upper for _, upper in bounds)]),
            is_integer=np.zeros(count, dtype=bool),
            step=np.full(count, -1, dtype=np.int64),
        )

    def propose(self, plans: Sequence[Floats]) -> None:
        """Take in a plan of every site."""
        entries = [site.proposal(values) for site, values in zip(self.sites, plans, strict=True)]
        self._problem.add(_joined(entries, self._rows))
        first = int((self._column >= 0).sum())
        new = first + np.arange(len(self.sites) * self._days).reshape(1, len(self.sites), self._days)
        self._plans.append(plans)
        self._column, self._idle = np.concatenate([self._column, new]), np.concatenate([self._idle, np.zeros_like(new)])

    def solve(self, cost_of_lacking: Floats) -> tuple[Answer, list[Floats]]:
        """Cheapest mix with lacking cards at these costs, and each site's values in it. Raises SolverError."""
        self._problem.charge(np.arange(self._lacking), cost_of_lacking)
        answer = self._problem.optimum()
        weights = answer.values[self._fixed_columns :]
        share = np.where(self._column >= 0, weights[self._column], 0.0)
        shared = np.split(answer.values, self._shared)[1:-1]
        mix = [
            site.mixed(np.stack([plans[nth] for plans in self._plans]), share[:, nth], own)
            for nth, (site, own) in enumerate(zip(self.sites, shared, strict=True))
        ]
        self._forget(share > IN_NO_MIX)
        return answer, mix

    def _forget(self, mixed: NDArray[np.bool_]) -> None:
        """Drop the days of proposals that were long in no mix."""
        self._idle = np.where(mixed, 0, self._idle + 1)
        old = (self._column >= 0) & (self._idle >= IDLE_ROUNDS)
        if not old.any():
            return
        gone = np.sort(self._column[old])
        self._problem.drop(self._fixed_columns + gone)
        self._column = np.where(old | (self._column < 0), -1, self._column - np.searchsorted(gone, self._column))
        kept = np.any(self._column >= 0, axis=(1, 2)).astype(bool)
        self._plans = [plans for plans, keep in zip(self._plans, kept, strict=True) if keep]
        self._column, self._idle = self._column[kept], self._idle[kept]


def _joined(parts: Sequence[Entries], rows: int) -> Columns:
    """Columns side by side."""
    counts = [len(part.cost) for part in parts]
    first = np.repeat(np.cumsum(counts) - counts, [len(part.row) for part in parts])
    row, column, value = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "column", "value")
    )
    shape = (rows, sum(counts))
    return Columns(
        np.concatenate([part.cost for part in parts]), sp.csc_array((value, (row, first + column)), shape=shape)
    )
