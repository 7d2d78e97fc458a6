"""Many sites planned by prices: each solves alone against the price of far cards, a master updates the prices.

Every hosting pool has a price for a card-hour in each step. A site pays for the cards it hires and earns with those it
offers; links and their data are the sender's. The master mixes the sites' proposals so that no pool is hired beyond what
it offers (G. Dantzig and P. Wolfe 1960); its duals are the next prices, kept within a box around the best so far (R. Marsten
and others 1975).
The mixed hires are then held and each site makes its whole-numbered plan: a plan for all, with a proven bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
import xarray as xr

from optimizer.coordination_search import Proposal, Search
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
        """The same with the offered cards given, and hires up to those given: rounding may leave no room for the last
        card.
        """
        lower, upper = self.matrix.lower.copy(), self.matrix.upper.copy()
        for host, columns in self.counters.items():
            upper[columns] = np.clip(traded[host], 0.0, upper[columns])
            lower[columns] = upper[columns] if host == self.name else 0.0
        return replace(self.matrix, lower=lower, upper=upper)

    def proposal(self, values: Floats) -> Proposal:
        """What a solution costs without prices, and what it trades."""
        cost = float(self.matrix.cost @ values) + self.matrix.offset
        return Proposal(self.name, cost, {host: values[columns] for host, columns in self.counters.items()})


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
    most_rounds: int = 150,
    solver: Solver = solve_here,
    seconds_a_site: float = 60.0,
) -> Coordinated:
    """Plan all sites by prices until the relaxed bound and the master's mix are within `gap`, then with whole numbers."""
    problems, step_h = site_problems(scenario, inputs), calendar_of(inputs).step_h
    hosts = sorted({host for one in problems for host in one.counters})
    steps = calendar_of(inputs).count
    most = {one.name: one.matrix.upper[one.counters[one.name]] for one in problems if one.name in one.counters}
    search = Search(most, {host: np.zeros(steps) for host in hosts}, step_h)
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
    return _with_whole_numbers(problems, search, solver, Limits(gap=gap / 4, seconds=seconds_a_site))


def _without_trade(one: SiteProblem) -> Matrix:
    return one.held({host: np.zeros(len(columns)) for host, columns in one.counters.items()})


def _with_whole_numbers(problems: list[SiteProblem], search: Search, solver: Solver, limits: Limits) -> Coordinated:
    """Each site's own plan with the mixed trades held."""
    traded = search.mixed or search.traded()
    answers = solver([one.held(traded[one.name]) for one in problems], [limits] * len(problems))
    costs = {one.name: answer.cost for one, answer in zip(problems, answers, strict=True)}
    return Coordinated(sum(costs.values()), search.bound, search.best, traded, costs, search.history)
