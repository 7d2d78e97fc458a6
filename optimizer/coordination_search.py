"""The master of a price coordination: what the sites proposed so far, the best prices, the next ones within a box."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.solver import Floats, Matrix, solve

FIRST_BOX = 0.05
"""Half width of the box around the best prices at the start, money a card-hour: a quarter of a usual price."""


@dataclass(frozen=True)
class Proposal:
    """One plan of one site."""

    site: str
    cost: float
    traded: dict[str, Floats]


class Search:
    """Proposals so far, the best prices and their bound."""

    def __init__(self, most: dict[str, Floats], prices: dict[str, Floats], step_h: float):
        self.hosts, self.most, self.best, self.step_h = sorted(most), most, prices, step_h
        self.bound, self.box, self.hoped = -math.inf, FIRST_BOX, math.inf
        self.history: list[float] = []
        self.proposals: list[Proposal] = []
        self.mixed_cost, self.mixed = math.inf, dict[str, dict[str, Floats]]()
        self._weights: Floats = np.zeros(0)

    def remember(self, cost: float) -> None:
        """What the sites cost with the present mix of trades held; the cheapest mix is kept."""
        if cost < self.mixed_cost:
            self.mixed_cost, self.mixed = cost, self.traded()

    def next_prices(self) -> dict[str, Floats]:
        """Prices within the box around the best that promise the most."""
        answer = solve(self._master())
        assert answer.row_dual is not None
        self.hoped, self._weights = answer.cost, answer.values[: len(self.proposals)]
        count = len(self.hosts) * len(self.best[self.hosts[0]])
        dual = np.maximum(-answer.row_dual[:count], 0.0).reshape(len(self.hosts), -1) / self.step_h
        return dict(zip(self.hosts, dual, strict=True))

    def _master(self) -> Matrix:
        """Weights of the proposals, each site's summing to 1; more or less than what is offered is hired at the box's
        prices.
        """
        sites = list(dict.fromkeys(one.site for one in self.proposals))
        trades = np.column_stack([self._net_hired(one) for one in self.proposals])
        whole = np.array([[float(one.site == site) for one in self.proposals] for site in sites])
        rows, count = sp.csc_array(np.vstack([trades, whole])), trades.shape[0]
        centre = np.concatenate([self.best[host] for host in self.hosts])
        unit = sp.vstack([sp.eye_array(count), sp.csc_array((len(sites), count))])
        most, least = centre + self.box, np.maximum(centre - self.box, 0.0)
        cost = np.concatenate([[one.cost for one in self.proposals], most * self.step_h, -least * self.step_h])
        return Matrix(
            cost=cost,
            offset=0.0,
            rows=sp.csc_array(sp.hstack([rows, -unit, unit])),
            row_lower=np.concatenate([np.full(count, -math.inf), np.ones(len(sites))]),
            row_upper=np.concatenate([np.zeros(count), np.ones(len(sites))]),
            lower=np.zeros(len(cost)),
            upper=np.full(len(cost), math.inf),
            is_integer=np.zeros(len(cost), dtype=bool),
            step=np.full(len(cost), -1, dtype=np.int64),
        )

    def _net_hired(self, one: Proposal) -> Floats:
        """Cards hired less cards offered at each host and step, hosts one after the other."""
        steps = len(next(iter(self.best.values())))
        parts = [one.traded.get(host, np.zeros(steps)) * (-1.0 if host == one.site else 1.0) for host in self.hosts]
        return np.concatenate(parts)

    def learn(self, prices: dict[str, Floats], bound: float) -> None:
        """The sites' costs at some prices sum to a bound of the whole (the prices of the trades cancel).

        A tenth of what was hoped for moves the box; less makes it smaller, so that the proposals near the best count more.
        """
        if bound > self.bound + 0.1 * max(self.hoped - self.bound, 0.0) or not self.history:
            self.bound, self.best, self.box = bound, prices, self.box * (1.4 if self.history else 1.0)
        else:
            self.box = max(self.box * 0.85, 1e-5)
        self.history.append(self.bound)

    def traded(self) -> dict[str, dict[str, Floats]]:
        """The mixed hires by site and host, cut to what the mixed offers allow, and what each host must then offer."""
        steps = len(next(iter(self.best.values())))
        found: dict[str, dict[str, Floats]] = {one.site: {} for one in self.proposals}
        for weight, one in zip(self._weights, self.proposals, strict=True):
            for host, cards in one.traded.items():
                found[one.site][host] = found[one.site].get(host, np.zeros(steps)) + weight * cards
        for host in self.hosts:
            hired = sum(
                (one.get(host, np.zeros(steps)) for site, one in found.items() if site != host), np.zeros(steps)
            )
            offered = np.minimum(found.get(host, {}).get(host, hired), self.most[host])
            room = np.minimum(1.0, offered / np.maximum(hired, 1e-9))
            for site, trades in found.items():
                if host in trades and site != host:
                    trades[host] = trades[host] * room
            if host in found:
                found[host][host] = hired * room
        return found
