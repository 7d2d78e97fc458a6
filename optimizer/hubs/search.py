"""The search for prices: the best so far, a box around them, and the next to try.

Cards that the mix lacks or leaves cost the best prices so far, in steps that rise to the edge of a box around them
(O. du Merle, D. Villeneuve, J. Desrosiers and P. Hansen 1999: Stabilized column generation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from optimizer.hubs.master import Master
from optimizer.hubs.sites import SiteProblem
from optimizer.solve.highs import Floats, Integers

FIRST_BOX = 0.25
"""Half width of the box around the best prices at the start, in mean prices."""
WIDER, NARROWER, LEAST_BOX = 1.4, 0.85, 1e-4
"""The box after better prices and after worse ones; its least width, in mean prices."""
PRICE_STEPS = 2
"""Steps of the price of a lacking card between the best price and the edge of the box."""
STEP_SHARE = 0.15
"""Share of a pool's cards that a step of the price is good for."""
ENOUGH = 0.1
"""Share of the hoped-for rise of the bound that makes prices better ones."""

Prices = dict[str, Floats]


class Search:
    """State of the price search: proposals, best prices and their bound."""

    def __init__(self, problems: Sequence[SiteProblem], start: Prices, step_h: float, edges: Integers):
        self.hosts, self.best, self.step_h, self.problems = sorted(start), start, step_h, problems
        self.most = {
            problem.name: problem.matrix.upper[problem.counters[problem.name]]
            for problem in problems
            if problem.name in start
        }
        self._master = Master(problems, self.hosts, edges, *self._lacking_and_left())
        typical_price = float(np.mean([np.mean(price) for price in start.values()])) if start else 0.0
        self._typical_price = max(typical_price, 1e-3)  # prices of nothing everywhere: steps of a tenth of a cent
        self.box = FIRST_BOX * self._typical_price
        self.bound, self.hoped, self.history = -math.inf, math.inf, list[float]()
        self.mixed_cost, self.mixed = math.inf, dict[str, Prices]()
        self.mix: list[Floats] = []

    def propose(self, answers: Sequence[Floats]) -> None:
        """Take in a plan of every site."""
        self._master.propose(answers)

    def learn(self, prices: Prices, bound: float) -> None:
        """Sites' costs at some prices sum to a bound of the whole (the prices of the trades cancel)."""
        if not self.history or bound > self.bound + ENOUGH * max(self.hoped - self.bound, 0.0):
            self.best, self.box = prices, self.box * (WIDER if self.history else 1.0)
        else:
            self.box = max(self.box * NARROWER, LEAST_BOX * self._typical_price)
        self.bound = max(self.bound, bound)
        self.history.append(self.bound)

    def remember(self, traded: dict[str, Prices], cost: float) -> None:
        """Sites' costs with fixed trades remembered; the cheapest are kept."""
        if cost < self.mixed_cost:
            self.mixed_cost, self.mixed = cost, traded

    def next_prices(self) -> Prices:
        """Mix that costs least, and the prices at which it does."""
        answer, self.mix = self._master.solve(self._cost_of_lacking())
        assert answer.row_dual is not None
        self.hoped = answer.cost
        count = len(self._centre())
        dual = np.maximum(-answer.row_dual[:count], 0.0).reshape(len(self.hosts), -1) / self.step_h
        return dict(zip(self.hosts, dual, strict=True))

    def _centre(self) -> Floats:
        """Best prices, host by host, shape (hosts · steps,)."""
        return np.concatenate([self.best[host] for host in self.hosts])

    def _lacking_and_left(self) -> tuple[sp.csc_array, Floats]:
        """Rows and most of cards that the mix lacks or leaves: a step of the price after another, lacking then left."""
        cards = np.concatenate([self.most[host] for host in self.hosts]) * STEP_SHARE
        unit = sp.eye_array(len(cards))
        endless = np.full(2 * len(cards), math.inf)
        most = np.concatenate([np.tile(cards, 2 * (PRICE_STEPS - 1)), endless])
        return sp.csc_array(sp.hstack([-unit, unit] * PRICE_STEPS)), most

    def _cost_of_lacking(self) -> Floats:
        """Cost of cards that the mix lacks or leaves, dearer step by step to the edge of the box."""
        away = self.box * np.arange(1, PRICE_STEPS + 1)[:, None] / PRICE_STEPS
        lacking, left = self._centre() + away, -np.maximum(self._centre() - away, 0.0)
        return np.asarray(np.stack([lacking, left], axis=1).ravel() * self.step_h)

    def traded(self) -> dict[str, Prices]:
        """Mixed hires by site and host, cut to what the mixed offers allow, and what each host must then offer."""
        trades_by_site = {
            problem.name: problem.traded(values) for problem, values in zip(self.problems, self.mix, strict=True)
        }
        for host in self.hosts:
            hirers = [trades for site, trades in trades_by_site.items() if site != host and host in trades]
            hired = np.sum([trades[host] for trades in hirers], axis=0) if hirers else np.zeros(len(self.best[host]))
            offered = np.clip(trades_by_site[host][host], 0.0, self.most[host])
            room = np.minimum(1.0, offered / np.maximum(hired, 1e-9))
            for trades in hirers:
                trades[host] = trades[host] * room
            trades_by_site[host][host] = hired * room
        return trades_by_site
