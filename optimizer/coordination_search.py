"""The master of a price coordination: it mixes what the sites proposed, day by day, and finds the next prices.

A proposal is cut into days (`optimizer.windows`). The master mixes the days of each site apart: what crosses midnight
(stores, queues) must match, and nobody may hire more than is offered. So a few proposals a site make many plans, each of
which the sites can run. Cards that the mix lacks or leaves cost the best prices so far, in steps that rise to the edge of
a box around them (O. du Merle, D. Villeneuve, J. Desrosiers and P. Hansen 1999: Stabilized column generation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.coordination_sites import SiteProblem
from optimizer.solver import Floats, Integers, Matrix, solve
from optimizer.windows import cut

FIRST_BOX = 0.25
"""Half width of the box around the best prices at the start, in mean prices."""
WIDER, NARROWER, LEAST_BOX = 1.4, 0.85, 1e-4
"""The box after better prices and after worse ones; its least width, in mean prices."""
PRICE_STEPS = 4
"""Steps of the price of a lacking card between the best price and the edge of the box."""
STEP_SHARE = 0.06
"""Share of a pool's cards that a step of the price is good for."""
IDLE_ROUNDS = 12
"""A proposal that was in no mix for so many rounds is forgotten."""
ENOUGH = 0.1
"""Share of the hoped-for rise of the bound that makes prices better ones."""

Prices = dict[str, Floats]


class Days:
    """A site's proposals, cut into days, as columns of the master."""

    def __init__(self, problem: SiteProblem, hosts: Sequence[str], steps: int, edges: Integers):
        self.problem = problem
        split = cut(problem.matrix, edges)
        self._day, self._days, self._links = split.column_window, split.windows, split.links()
        self._shared = np.flatnonzero(self._day < 0)
        timed, columns = np.flatnonzero(self._day >= 0), len(self._day)
        self._of_day = sp.csr_array((np.ones(len(timed)), (timed, self._day[timed])), shape=(columns, self._days))
        self._linking = split.by_row[self._links]
        self._met, self._hired, self._prices = *_net_hired(problem, hosts, steps), len(hosts) * steps
        self.proposals: list[Floats] = []
        self._cut: list[tuple[Floats, sp.csc_array, sp.csc_array]] = []
        self._idle: list[int] = []

    def propose(self, values: Floats) -> None:
        """Take in a plan of the site, shape (columns,)."""
        part = sp.csr_array(sp.diags_array(values)) @ self._of_day
        hired, crossing = sp.csc_array(self._hired @ part), sp.csc_array(self._linking @ part)
        hired = sp.csc_array((hired.data, self._met[hired.indices], hired.indptr), shape=(self._prices, self._days))
        own = sp.csc_array(sp.vstack([sp.eye_array(self._days), crossing, self._copies(values)], format="csc"))
        self._cut.append((self.problem.matrix.cost @ part, hired, own))
        self.proposals.append(values)
        self._idle.append(0)

    def columns(self) -> tuple[Floats, sp.csc_array, sp.csc_array]:
        """Cost, cards hired (hosts · steps), and rows of the site's own for each day of each proposal; then the shared."""
        count = len(self._shared)
        ties = np.kron(np.eye(count), np.ones((self._days, 1)))
        shared = sp.vstack([sp.csc_array((self._days, count)), self._linking[:, self._shared], ties], format="csc")
        cost, hired, own = zip(*self._cut, strict=True)
        every = sp.hstack([*hired, sp.csc_array((self._prices, count))], format="csc")
        return (
            np.concatenate([*cost, self.problem.matrix.cost[self._shared]]),
            sp.csc_array(every),
            sp.csc_array(sp.hstack([*own, shared], format="csc")),
        )

    def _copies(self, values: Floats) -> Floats:
        """Each day's need of the columns that days share (a month's peak): their one value must cover every day's mix."""
        return np.asarray(np.kron(-values[self._shared][:, None], np.eye(self._days)), dtype=float)

    def sides(self) -> tuple[Floats, Floats]:
        """Lower and upper side of the site's own rows: each day's weights sum to 1, links match, peaks are covered."""
        matrix, ones, none = self.problem.matrix, np.ones(self._days), np.zeros(self._days * len(self._shared))
        lower = [ones, matrix.row_lower[self._links], np.where(self._dearer(), none, -math.inf)]
        upper = [ones, matrix.row_upper[self._links], np.where(self._dearer(), math.inf, none)]
        return np.concatenate(lower), np.concatenate(upper)

    def _dearer(self) -> NDArray[np.bool_]:
        """Whether more of a shared column costs more: then more than a day needs does no harm. Shape (shared · days,)."""
        return np.repeat(self.problem.matrix.cost[self._shared] >= 0, self._days)

    def bounds(self) -> tuple[Floats, Floats]:
        """Bounds of the columns: weights at least 0, shared columns their own."""
        matrix, weights = self.problem.matrix, self._days * len(self.proposals)
        lower = np.concatenate([np.zeros(weights), matrix.lower[self._shared]])
        return lower, np.concatenate([np.full(weights, math.inf), matrix.upper[self._shared]])

    def mix(self, weights: Floats) -> Floats:
        """The site's values in a mix, shape (columns,). Proposals long in no mix are forgotten."""
        parts = weights[: self._days * len(self.proposals)].reshape(len(self.proposals), self._days)
        values = np.zeros(len(self._day))
        for share, proposal in zip(parts, self.proposals, strict=True):
            values += np.where(self._day >= 0, share[self._day], 0.0) * proposal
        values[self._shared] = weights[self._days * len(self.proposals) :]
        self._idle = [0 if share.any() else idle + 1 for share, idle in zip(parts, self._idle, strict=True)]
        kept = [number for number, idle in enumerate(self._idle) if idle < IDLE_ROUNDS]
        self.proposals, self._cut = [self.proposals[one] for one in kept], [self._cut[one] for one in kept]
        self._idle = [self._idle[one] for one in kept]
        return values


def _net_hired(problem: SiteProblem, hosts: Sequence[str], steps: int) -> tuple[Integers, sp.csr_array]:
    """The (host, step) rows a site trades in, and what takes its values to the cards it hires less those it offers there."""
    columns = len(problem.matrix.cost)
    met = [hosts.index(host) * steps + np.arange(steps) for host in problem.counters]
    signs = [np.full(steps, -1.0 if host == problem.name else 1.0) for host in problem.counters]
    if not met:
        return np.zeros(0, dtype=np.int64), sp.csr_array((0, columns))
    count = len(met) * steps
    entries = (np.concatenate(signs), (np.arange(count), np.concatenate(list(problem.counters.values()))))
    return np.concatenate(met), sp.csr_array(entries, shape=(count, columns))


class Search:
    """What was proposed so far, the best prices and their bound."""

    def __init__(self, problems: Sequence[SiteProblem], start: Prices, step_h: float, edges: Integers):
        self.hosts, self.best, self.step_h = sorted(start), start, step_h
        steps = len(next(iter(start.values())))
        self.sites = [Days(one, self.hosts, steps, edges) for one in problems]
        self.most = {one.name: one.matrix.upper[one.counters[one.name]] for one in problems if one.name in start}
        usual = float(np.mean([np.mean(price) for price in start.values()])) if start else 0.0
        self._usual = max(usual, 1e-3)  # prices of nothing everywhere: steps of a tenth of a cent
        self.box = FIRST_BOX * self._usual
        self.bound, self.hoped, self.history = -math.inf, math.inf, list[float]()
        self.mixed_cost, self.mixed = math.inf, dict[str, Prices]()
        self.mix: list[Floats] = []

    def propose(self, answers: Sequence[Floats]) -> None:
        """Take in a plan of every site."""
        for site, values in zip(self.sites, answers, strict=True):
            site.propose(values)

    def learn(self, prices: Prices, bound: float) -> None:
        """The sites' costs at some prices sum to a bound of the whole (the prices of the trades cancel)."""
        if not self.history or bound > self.bound + ENOUGH * max(self.hoped - self.bound, 0.0):
            self.best, self.box = prices, self.box * (WIDER if self.history else 1.0)
        else:
            self.box = max(self.box * NARROWER, LEAST_BOX * self._usual)
        self.bound = max(self.bound, bound)
        self.history.append(self.bound)

    def remember(self, traded: dict[str, Prices], cost: float) -> None:
        """What the sites cost with some trades held; the cheapest are kept."""
        if cost < self.mixed_cost:
            self.mixed_cost, self.mixed = cost, traded

    def next_prices(self) -> Prices:
        """The mix that costs least, and the prices at which it does."""
        matrix, ends = self._master()
        answer = solve(matrix)
        assert answer.row_dual is not None
        self.hoped = answer.cost
        weights = np.split(answer.values, ends)[: len(self.sites)]
        self.mix = [site.mix(own) for site, own in zip(self.sites, weights, strict=True)]
        count = len(self.hosts) * len(next(iter(self.best.values())))
        dual = np.maximum(-answer.row_dual[:count], 0.0).reshape(len(self.hosts), -1) / self.step_h
        return dict(zip(self.hosts, dual, strict=True))

    def _master(self) -> tuple[Matrix, Integers]:
        """The problem of the best mix, and at which columns each site ends."""
        cost, hired, own = zip(*(site.columns() for site in self.sites), strict=True)
        lower, upper = zip(*(site.bounds() for site in self.sites), strict=True)
        row_lower, row_upper = zip(*(site.sides() for site in self.sites), strict=True)
        lacking_cost, lacking, most = self._lacking_and_left()
        count = lacking.shape[0]
        matrix = Matrix(
            cost=np.concatenate([*cost, lacking_cost]),
            offset=sum(site.problem.matrix.offset for site in self.sites),
            rows=sp.csc_array(
                sp.block_array([[sp.hstack(hired, format="csc"), lacking], [sp.block_diag(own), None]], format="csc")
            ),
            row_lower=np.concatenate([np.full(count, -math.inf), *row_lower]),
            row_upper=np.concatenate([np.zeros(count), *row_upper]),
            lower=np.concatenate([*lower, np.zeros(len(most))]),
            upper=np.concatenate([*upper, most]),
            is_integer=np.zeros(len(lacking_cost) + sum(map(len, cost)), dtype=bool),
            step=np.full(len(lacking_cost) + sum(map(len, cost)), -1, dtype=np.int64),
        )
        return matrix, np.cumsum([len(one) for one in cost])

    def _lacking_and_left(self) -> tuple[Floats, sp.csc_array, Floats]:
        """Cost, rows and most of cards that the mix lacks or leaves, dearer step by step to the edge of the box."""
        centre = np.concatenate([self.best[host] for host in self.hosts])
        cards = np.concatenate([self.most[host] for host in self.hosts]) * STEP_SHARE
        unit, costs, rows, most = sp.eye_array(len(centre)), [], [], []
        for step in range(1, PRICE_STEPS + 1):
            away = self.box * step / PRICE_STEPS
            costs += [(centre + away) * self.step_h, -np.maximum(centre - away, 0.0) * self.step_h]
            rows += [-unit, unit]
            most += [cards if step < PRICE_STEPS else np.full(len(centre), math.inf)] * 2
        return np.concatenate(costs), sp.csc_array(sp.hstack(rows)), np.concatenate(most)

    def traded(self) -> dict[str, Prices]:
        """The mixed hires by site and host, cut to what the mixed offers allow, and what each host must then offer."""
        found = {
            site.problem.name: site.problem.traded(values) for site, values in zip(self.sites, self.mix, strict=True)
        }
        for host in self.hosts:
            hirers = [trades for site, trades in found.items() if site != host and host in trades]
            hired = np.sum([trades[host] for trades in hirers], axis=0) if hirers else np.zeros(len(self.best[host]))
            offered = np.clip(found[host][host], 0.0, self.most[host])
            room = np.minimum(1.0, offered / np.maximum(hired, 1e-9))
            for trades in hirers:
                trades[host] = trades[host] * room
            found[host][host] = hired * room
        return found
