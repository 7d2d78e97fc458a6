"""Many sites planned by prices: each solves alone against the price of far cards, a master updates the prices.

Every hosting pool has a price for a card-hour in each step. A site pays for the cards it hires and earns with those it
offers; links and their data are the sender's. The sites' costs at any prices sum to a bound of the whole. The master mixes
the sites' proposals so that no pool is hired beyond what it offers (G. Dantzig and P. Wolfe 1960); its duals are the next
prices. The mixed hires are then held and each site makes its whole-numbered plan: a plan for all, with a proven bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from optimizer.hubs.search import Search
from optimizer.hubs.sites import SiteProblem, site_problems
from optimizer.inputs.assemble import calendar_of
from optimizer.quantities.calendar import Calendar
from optimizer.scenario.hubs import Hubs
from optimizer.solve.complementarity import complementary_answer
from optimizer.solve.highs import Answer, Floats, Limits, Matrix, relative_gap
from optimizer.solve.workers import Progress

if TYPE_CHECKING:
    # who plans without a cluster need not wait for Dask
    from distributed import Client

Solver = Callable[[Sequence[Matrix], Sequence[Limits]], Sequence[Answer]]
"""Solves many problems: one after the other, in processes, or on the workers of a cluster."""


@dataclass(frozen=True)
class Coordinated:
    """A plan for all sites, found by prices."""

    cost: float
    bound: float
    """No plan of all sites is cheaper."""
    relaxed_cost: float
    """Cost of the mixed trades without whole numbers."""
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


LEAST_GAP = 1e-4
"""Relative gap at which a site's own bound is near enough."""
MIX_EVERY = 5
"""Rounds between looks at what the mixed trades would cost."""


def solve_here(matrices: Sequence[Matrix], limits: Sequence[Limits]) -> list[Answer]:
    """Solves in this process, one after the other."""
    return [complementary_answer(matrix, limit) for matrix, limit in zip(matrices, limits, strict=True)]


def in_processes(pool: Executor) -> Solver:
    """Solve in the processes of a pool."""
    return lambda matrices, limits: list(pool.map(complementary_answer, matrices, limits))


def on_workers(client: Client) -> Solver:
    """Solve on the workers of a Dask cluster (`distributed.Client`), one problem a task."""

    def solved(matrices: Sequence[Matrix], limits: Sequence[Limits]) -> list[Answer]:
        futures = client.map(complementary_answer, matrices, limits, pure=False)
        return list(client.gather(futures))

    return solved


def coordinate(
    scenario: Hubs,
    inputs: xr.Dataset,
    *,
    gap: float = 0.003,
    most_rounds: int = 150,
    solver: Solver = solve_here,
    seconds_a_site: float = 60.0,
) -> Coordinated:
    """Plan all sites by prices until bound and mix, both without whole numbers, are within `gap`, then with whole ones."""
    search = search_for_prices(scenario, inputs, gap=gap, most_rounds=most_rounds, solver=solver)
    return _with_whole_numbers(search, solver, Limits(gap=gap / 4, seconds=seconds_a_site))


def search_for_prices(
    scenario: Hubs,
    inputs: xr.Dataset,
    *,
    gap: float,
    most_rounds: int = 150,
    solver: Solver = solve_here,
    progress: Progress = lambda *_: None,
) -> Search:
    """Prices and mixed trades, without whole numbers, within `gap` of each other or after `most_rounds`."""
    search = first_search(site_problems(scenario, inputs), calendar_of(inputs), solver)
    trial = search.best
    for number in range(most_rounds):
        trial = one_round(search, trial, solver)
        progress("rounds of prices", number + 1, most_rounds)
        if number % MIX_EVERY == MIX_EVERY - 1:
            hold_the_mix(search, solver)
            if relative_gap(search.mixed_cost, search.bound) <= gap:
                break
    if not search.mixed:
        hold_the_mix(search, solver)
    return search


def first_search(problems: Sequence[SiteProblem], calendar: Calendar, solver: Solver) -> Search:
    """A search that starts midway between each host's own price of a card and the mean of all hosts."""
    alone = solver([problem.alone().relaxed() for problem in problems], [Limits()] * len(problems))
    hosts = {host for problem in problems for host in problem.counters}
    own = {
        problem.name: problem.own_price(answer, calendar.step_h)
        for problem, answer in zip(problems, alone, strict=True)
        if problem.name in hosts
    }
    mean = np.mean(list(own.values()), axis=0)
    steps_a_day = max(round(24 / calendar.step_h), 1)
    edges = np.arange(steps_a_day, calendar.count, steps_a_day)
    search = Search(problems, {host: (price + mean) / 2 for host, price in own.items()}, calendar.step_h, edges)
    search.propose([answer.values for answer in alone])
    return search


def one_round(search: Search, trial: dict[str, Floats], solver: Solver) -> dict[str, Floats]:
    """Price round: every site answers the trial prices; returns the next ones."""
    problems = search.problems
    answers = solver(
        [problem.priced(trial, search.step_h).relaxed() for problem in problems], [Limits()] * len(problems)
    )
    search.learn(trial, sum(answer.cost for answer in answers))
    search.propose([answer.values for answer in answers])
    return search.next_prices()


def hold_the_mix(search: Search, solver: Solver) -> None:
    """Best plan of every site with the mixed trades fixed: a plan for all, and proposals near the best."""
    problems, traded = search.problems, search.traded()
    answers = solver(
        [problem.with_fixed_trades(traded[problem.name]).relaxed() for problem in problems], [Limits()] * len(problems)
    )
    search.remember(traded, sum(answer.cost for answer in answers))
    search.propose([answer.values for answer in answers])


def _with_whole_numbers(search: Search, solver: Solver, limits: Limits) -> Coordinated:
    """Mixed-integer plan of each site with the mixed trades fixed; the bound with each site's own plan at the best prices."""
    problems = search.problems
    answers = solver(
        [problem.with_fixed_trades(search.mixed[problem.name]) for problem in problems], [limits] * len(problems)
    )
    bound = bound_with_whole_numbers(search, solver, limits.seconds / 6)
    costs = {problem.name: answer.cost for problem, answer in zip(problems, answers, strict=True)}
    return Coordinated(sum(costs.values()), bound, search.mixed_cost, search.best, search.mixed, costs, search.history)


def bound_with_whole_numbers(search: Search, solver: Solver, seconds_a_site: float) -> float:
    """Bound with each site's own plan at the best prices in whole numbers; a search cut short has one all the same."""
    brief = Limits(gap=LEAST_GAP, seconds=seconds_a_site, heuristics=0.0)
    priced = [problem.priced(search.best, search.step_h) for problem in search.problems]
    return max(search.bound, sum(answer.bound for answer in solver(priced, [brief] * len(priced))))
