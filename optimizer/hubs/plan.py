"""A plan of all sites by prices, whole as any other: the trades that prices found are held as rows of the one problem.

With the trades held no site minds the others, and the rest is each site's own plan. The bound is the coordination's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pyomo.environ as pyo
import xarray as xr

from optimizer.files.processes import worker_processes
from optimizer.hubs.rounds import (
    Solver,
    bound_with_whole_numbers,
    in_processes,
    search_for_prices,
    solve_here,
)
from optimizer.hubs.search import Prices, Search
from optimizer.plan.model import Model
from optimizer.plan.optimize import Assets, plan_assets
from optimizer.plan.outcome import Plan
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.hubs import Hubs
from optimizer.scenario.single_site import Scenario
from optimizer.solve.certified import Effort, Progress
from optimizer.solve.highs import relative_gap
from optimizer.technologies.compute.link import Link
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear

SHARE_OF_TRADES = 0.5
"""Share of the requested gap that the trades may leave; the rest is for the whole numbers."""


@dataclass(frozen=True)
class ByPrices:
    """Planner of a hubs scenario by prices of card-hours (Dantzig-Wolfe)."""

    scenario: Hubs

    @staticmethod
    def of(scenario: Scenario | Hubs) -> ByPrices:
        """Raises DocumentError for a scenario whose sites cannot run each other's work."""
        if isinstance(scenario, Scenario) or not scenario.hosts:
            raise DocumentError(["hosts: no site runs the work of others; plan without --coordinated"])
        return ByPrices(scenario)

    def plan(self, assets: Assets, inputs: xr.Dataset, effort: Effort, *, progress: Progress = lambda *_: None) -> Plan:
        """Plan with the trades held that prices found; its bound is that of all sites together.

        Raises SolverError, ResultError.
        """
        began = time.perf_counter()
        with _solver_of(effort.workers) as solver:
            search = search_for_prices(
                self.scenario, inputs, gap=SHARE_OF_TRADES * effort.gap, solver=solver, progress=progress
            )
            search_seconds = time.perf_counter() - began
            rest = replace(effort, gap=(1 - SHARE_OF_TRADES) * effort.gap)
            plan = plan_assets(assets, inputs, rest, progress=progress, amend=hires_up_to(search.mixed))
            bound = search.bound
            if relative_gap(plan.cost, bound) > effort.gap:
                bound = bound_with_whole_numbers(search, solver, effort.window_seconds)
        bound = min(bound, plan.cost)
        certificate = replace(
            plan.certificate,
            status="optimal" if relative_gap(plan.cost, bound) <= effort.gap else "gap",
            bound=bound,
            relaxed_cost=search.mixed_cost,
            seconds={"prices of links": search_seconds, **plan.certificate.seconds},
            gap_by_step=None,  # of the trades held
        )
        return replace(plan, certificate=certificate, notes=(_search_note(search), *plan.notes))


def hires_up_to(traded: Mapping[str, Prices]) -> Callable[[Model], None]:
    """Amendment that lets no site hire more of a host's cards than `traded`: site → host → cards, shape (steps,)."""

    def amend(model: Model) -> None:
        hired: dict[tuple[str, str], Linear] = {}
        for place in model.places:
            if isinstance(place.technology, Link) and place.technology.to:
                key = place.site, place.technology.to
                for (_, _, role), flow in place.contribution.flows.items():
                    if role == Role.HOST:
                        hired[key] = hired[key] - flow if key in hired else -flow
        steps = range(model.calendar.count)
        model.pyomo.held_trades = pyo.ConstraintList()
        for (site, host), cards in hired.items():
            for t in steps:
                model.pyomo.held_trades.add(cards.at(t) <= float(traded[site][host][t]))

    return amend


@contextmanager
def _solver_of(workers: int) -> Iterator[Solver]:
    """Sites one after the other, or in as many processes."""
    if workers == 1:
        yield solve_here
        return
    with worker_processes(workers) as pool:
        yield in_processes(pool)


def _search_note(search: Search) -> str:
    mean_prices = ", ".join(f"{float(np.mean(price)):.2f} at {host}" for host, price in search.best.items())
    return (
        f"planned by prices of far cards in {len(search.history)} rounds: a card-hour is worth {mean_prices} on average;"
        f" without whole numbers {relative_gap(search.mixed_cost, search.bound):.2%} above the bound"
    )
