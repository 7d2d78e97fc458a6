"""Many sites planned by prices: each solves alone against the price of far cards, a master updates the prices.

Every hosting pool has a price for a card-hour in each step. A site pays for the cards it hires and earns with those it
offers; links and their data are the sender's. The master mixes the sites' proposals so that no pool is hired beyond what
it offers (G. Dantzig and P. Wolfe 1960); its duals are the next prices, kept within a box around the best so far (R. Marsten
and others 1975).
The mixed hires are then held and each site makes its whole-numbered plan: a plan for all, with a proven bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
import scipy.sparse as sp
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.model import Balance
from optimizer.planning import compiled_assets
from optimizer.solver import Answer, Compiled, Floats, Integers, Limits, Matrix, relative_gap, solve
from optimizer.technologies.base import Contribution, Inputs, Record, State, Technology
from optimizer.technologies.linear import Linear
from optimizer.technologies.link import Link

Solver = Callable[[Sequence[Matrix], Sequence[Limits]], Sequence[Answer]]
"""Solves many problems: one after the other, in processes, or on the workers of a cluster."""


class Counter(Technology):
    """Cards hired from a far pool (they feed its bus), or offered from an own pool (they draw from it)."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    pool: str
    """The pool."""
    most_cards: float
    """All its cards."""
    direction: Literal[-1, 1]
    """1: hired, −1: offered."""

    def build(self, block: Any, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        block.cards = pyo.Var(inputs.steps, bounds=(0, self.most_cards))
        return Contribution(
            flows={(f"compute.{self.pool}", "counter"): Linear.of(block.cards.values()) * self.direction}
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {}


@dataclass(frozen=True)
class SiteProblem:
    """One site's matrix, and which columns its counters with each host are."""

    name: str
    matrix: Matrix
    counters: dict[str, Integers]
    """Host → columns of the cards hired there; the own name → cards offered. Shape (steps,)."""
    pool_rows: Integers
    """Rows of the own hosting pool's balance, shape (steps,); empty where it hosts nobody."""

    def own_price(self, answer: Answer, step_h: float) -> Floats:
        """What one more card-hour of the own pool costs, shape (steps,)."""
        assert answer.row_dual is not None
        return np.abs(answer.row_dual[self.pool_rows]) / step_h

    def priced(self, prices: Mapping[str, Floats], step_h: float) -> Matrix:
        """The same with the prices of far cards paid and of own cards earned."""
        cost = self.matrix.cost.copy()
        for host, columns in self.counters.items():
            cost[columns] += prices[host] * step_h * (-1.0 if host == self.name else 1.0)
        return replace(self.matrix, cost=cost)

    def held(self, traded: Mapping[str, Floats]) -> Matrix:
        """The same with the traded cards given."""
        hosts = list(self.counters)
        columns = np.concatenate([self.counters[host] for host in hosts])
        return self.matrix.with_fixed(columns, np.concatenate([traded[host] for host in hosts]))

    def proposal(self, values: Floats) -> Proposal:
        """What a solution costs without prices, and what it trades."""
        cost = float(self.matrix.cost @ values) + self.matrix.offset
        return Proposal(self.name, cost, {host: values[columns] for host, columns in self.counters.items()})


@dataclass(frozen=True)
class Proposal:
    """One plan of one site."""

    site: str
    cost: float
    traded: dict[str, Floats]


@dataclass(frozen=True)
class Coordinated:
    """A plan for all sites, found by prices."""

    cost: float
    bound: float
    """No plan of all sites is cheaper."""
    prices: dict[str, Floats]
    """Card-hour at each hosting pool [money], shape (steps,)."""
    traded: dict[str, dict[str, Floats]]
    """Site → host → cards."""
    site_costs: dict[str, float]
    rounds: list[float] = field(default_factory=list)
    """Best bound after each round."""

    @property
    def gap(self) -> float:
        """(cost − bound) / |cost|."""
        return relative_gap(self.cost, self.bound)


MIX_EVERY = 5
"""Rounds between looks at what the mixed trades would cost."""
FIRST_BOX = 0.05
"""Half width of the box around the best prices at the start, money a card-hour: a quarter of a usual price."""


def solve_here(matrices: Sequence[Matrix], limits: Sequence[Limits]) -> list[Answer]:
    """One after the other, in this process."""
    return [solve(matrix, limit) for matrix, limit in zip(matrices, limits, strict=True)]


def on_workers(client: Any) -> Solver:
    """Solve on the workers of a Dask cluster (`distributed.Client`), one problem a task."""

    def solved(matrices: Sequence[Matrix], limits: Sequence[Limits]) -> list[Answer]:
        futures = client.map(solve, matrices, limits, pure=False)
        return list(client.gather(futures))

    return solved


def site_problems(scenario: Any, inputs: xr.Dataset) -> list[SiteProblem]:
    """Every site of a hubs scenario with its own assets, its links, and counters in place of the others' pools."""
    assets = scenario.assets()
    hosts = {name: pool for name, pool in scenario.hosts.items() if _cards(assets, name, pool)}
    return [_site_problem(name, assets, hosts, inputs) for name in scenario.sites]


def _site_problem(
    name: str, assets: Mapping[tuple[str, str], Technology], hosts: Mapping[str, str], inputs: xr.Dataset
) -> SiteProblem:
    mine = {key: one for key, one in assets.items() if key[0] == name}
    reached = {one.to for one in mine.values() if isinstance(one, Link) and one.to}
    met = {host: pool for host, pool in hosts.items() if host in reached or host == name}
    for host, pool in met.items():
        counter = Counter(pool=pool, most_cards=_cards(assets, host, pool), direction=-1 if host == name else 1)
        mine[host, "counter"] = counter
    model, compiled = compiled_assets(mine, inputs)
    blocks = {place.site: place.contribution for place in model.places if place.asset == "counter"}
    columns = {host: _columns(compiled, part) for host, part in blocks.items()}
    own = model.balances.get(Balance(name, f"compute.{hosts.get(name, '')}", -1))
    rows = [compiled.row_of[id(own[t])] for t in own] if own is not None else []
    return SiteProblem(name, compiled.matrix, columns, np.array(rows, dtype=np.int64))


def _cards(assets: Mapping[tuple[str, str], Technology], site: str, pool: str) -> float:
    return sum(one.offers(asset).get(f"compute.{pool}", 0.0) for (place, asset), one in assets.items() if place == site)


def _columns(compiled: Compiled, part: Contribution) -> Integers:
    line = next(iter(part.flows.values()))
    return np.array([compiled.column_of[id(variable)] for variable in line.terms[0][1]], dtype=np.int64)


def coordinate(
    scenario: Any,
    inputs: xr.Dataset,
    *,
    gap: float = 0.002,
    most_rounds: int = 40,
    solver: Solver = solve_here,
    seconds_a_site: float = 60.0,
) -> Coordinated:
    """Plan all sites by prices until the relaxed bound and the master's mix are within `gap`, then with whole numbers."""
    problems, step_h = site_problems(scenario, inputs), calendar_of(inputs).step_h
    hosts = sorted({host for one in problems for host in one.counters})
    steps = calendar_of(inputs).count
    search = _Search(hosts, {host: np.zeros(steps) for host in hosts}, step_h)
    nobody = solver([_without_trade(one).relaxed() for one in problems], [Limits()] * len(problems))
    search.proposals += [one.proposal(answer.values) for one, answer in zip(problems, nobody, strict=True)]
    trial = {
        **search.best,
        **{one.name: one.own_price(answer, step_h) for one, answer in zip(problems, nobody, strict=True)},
    }
    for number in range(most_rounds):
        trial = {host: trial[host] for host in hosts}
        answers = solver([one.priced(trial, step_h).relaxed() for one in problems], [Limits()] * len(problems))
        search.learn(trial, sum(answer.cost for answer in answers))
        search.proposals += [one.proposal(answer.values) for one, answer in zip(problems, answers, strict=True)]
        trial = search.next_prices()
        if number % MIX_EVERY == MIX_EVERY - 1:
            held = [one.held(search.traded()[one.name]).relaxed() for one in problems]
            search.remember(sum(answer.cost for answer in solver(held, [Limits()] * len(problems))))
            if relative_gap(search.mixed_cost, search.bound) <= gap:
                break
    return _with_whole_numbers(problems, search, solver, Limits(gap=gap, seconds=seconds_a_site))


def _without_trade(one: SiteProblem) -> Matrix:
    return one.held({host: np.zeros(len(columns)) for host, columns in one.counters.items()})


def _with_whole_numbers(problems: list[SiteProblem], search: _Search, solver: Solver, limits: Limits) -> Coordinated:
    """Each site's own plan with the mixed trades held."""
    traded = search.mixed or search.traded()
    answers = solver([one.held(traded[one.name]) for one in problems], [limits] * len(problems))
    costs = {one.name: answer.cost for one, answer in zip(problems, answers, strict=True)}
    return Coordinated(sum(costs.values()), search.bound, search.best, traded, costs, search.history)


class _Search:
    """Proposals so far, the best prices and their bound."""

    def __init__(self, hosts: list[str], prices: dict[str, Floats], step_h: float):
        self.hosts, self.best, self.step_h = hosts, prices, step_h
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
            self.bound, self.best, self.box = bound, prices, self.box * (1.3 if self.history else 1.0)
        else:
            self.box = max(self.box * 0.75, 1e-5)
        self.history.append(self.bound)

    def traded(self) -> dict[str, dict[str, Floats]]:
        """The mixed hires by site and host, and what each host must then offer (its own name)."""
        steps = len(next(iter(self.best.values())))
        found: dict[str, dict[str, Floats]] = {one.site: {} for one in self.proposals}
        for weight, one in zip(self._weights, self.proposals, strict=True):
            for host, cards in one.traded.items():
                found[one.site][host] = found[one.site].get(host, np.zeros(steps)) + weight * cards
        for host in self.hosts:
            hired = sum(
                (trades.get(host, np.zeros(steps)) for site, trades in found.items() if site != host), np.zeros(steps)
            )
            if host in found:
                found[host][host] = hired
        return found
