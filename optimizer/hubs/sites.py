"""The sites of a price coordination, each a problem of its own: far pools become counters where cards are hired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pyomo.environ as pyo
import xarray as xr

from optimizer.plan.model import Balance
from optimizer.plan.optimize import compiled_assets
from optimizer.quantities.columns import positions
from optimizer.scenario.hubs import Hubs
from optimizer.solve.highs import Answer, Compiled, Floats, Integers, Matrix
from optimizer.solve.pyomo_types import Block
from optimizer.technologies.base import Contribution, Inputs, Record, State, Technology
from optimizer.technologies.compute.link import Link
from optimizer.technologies.flows import Role
from optimizer.technologies.linear import Linear


class Counter(Technology):
    """Cards hired from a far pool (they feed its bus), or offered from an own pool (they draw from it)."""

    stage: ClassVar[Literal["plan", "recourse"]] = "plan"

    pool: str
    """Pool."""
    most_cards: float
    """All its cards."""
    direction: Literal[-1, 1]
    """1: hired, −1: offered."""

    def build(self, block: Block, inputs: Inputs, opening: State) -> Contribution:  # noqa: ARG002
        block.cards = pyo.Var(inputs.steps, bounds=(0, self.most_cards))
        role = Role.LEND if self.direction > 0 else Role.HOST
        return Contribution(
            flows={(f"compute.{self.pool}", "counter", role): Linear.of(block.cards.values()) * self.direction}
        )

    def bill(self, record: Record, inputs: Inputs, opening: State) -> dict[str, Floats]:  # noqa: ARG002
        return {}


@dataclass(frozen=True)
class Host:
    """A pool that runs the work of others."""

    pool: str
    cards: float


@dataclass(frozen=True)
class SiteProblem:
    """Matrix of one site, and the columns of its trades with each host."""

    name: str
    matrix: Matrix
    counters: dict[str, Integers]
    """Host → columns of the cards hired there; the own name → cards offered. Shape (steps,)."""
    pool_rows: Integers
    """Rows of the own hosting pool's balance, shape (steps,); empty where it hosts nobody."""

    def own_price(self, answer: Answer, step_h: float) -> Floats:
        """Marginal price of a card-hour of the own pool, shape (steps,)."""
        assert answer.row_dual is not None
        return np.abs(answer.row_dual[self.pool_rows]) / step_h

    def priced(self, prices: Mapping[str, Floats], step_h: float) -> Matrix:
        """Problem with the prices of far cards paid and of own cards earned."""
        cost = self.matrix.cost.copy()
        for host, columns in self.counters.items():
            cost[columns] += prices[host] * step_h * (-1.0 if host == self.name else 1.0)
        return replace(self.matrix, cost=cost)

    def with_fixed_trades(self, traded: Mapping[str, Floats]) -> Matrix:
        """Problem with the offered cards fixed, and hires up to those given: rounding may leave no room for the last
        card.
        """
        lower, upper = self.matrix.lower.astype(float), self.matrix.upper.astype(float)
        for host, columns in self.counters.items():
            upper[columns] = np.clip(traded[host], 0.0, upper[columns])
            lower[columns] = upper[columns] if host == self.name else 0.0
        return replace(self.matrix, lower=lower, upper=upper)

    def alone(self) -> Matrix:
        """Problem without any trade."""
        return self.with_fixed_trades({host: np.zeros(len(columns)) for host, columns in self.counters.items()})

    def traded(self, values: Floats) -> dict[str, Floats]:
        """Cards by host in a solution, each shape (steps,)."""
        return {host: values[columns] for host, columns in self.counters.items()}


def site_problems(scenario: Hubs, inputs: xr.Dataset) -> list[SiteProblem]:
    """Site problems of a hubs scenario, each with its own assets, its links, and counters in place of the others' pools."""
    assets: dict[str, dict[tuple[str, str], Technology]] = {name: {} for name in scenario.sites}
    for key, technology in scenario.assets().items():
        assets[key[0]][key] = technology
    offered = {name: _cards(assets[name], pool) for name, pool in scenario.hosts.items()}
    hosts = {name: Host(pool, offered[name]) for name, pool in scenario.hosts.items() if offered[name]}
    own_inputs = {name: inputs.isel(exogenous=positions(inputs["input"], site=name)) for name in scenario.sites}
    return [_site_problem(name, assets[name], hosts, own_inputs[name]) for name in scenario.sites]


def _site_problem(
    name: str, own: Mapping[tuple[str, str], Technology], hosts: Mapping[str, Host], inputs: xr.Dataset
) -> SiteProblem:
    reached = dict.fromkeys(
        [name, *(technology.to for technology in own.values() if isinstance(technology, Link) and technology.to)]
    )
    counters = {
        (host, "counter"): Counter(
            pool=hosts[host].pool, most_cards=hosts[host].cards, direction=-1 if host == name else 1
        )
        for host in reached
        if host in hosts
    }
    model, compiled = compiled_assets({**own, **counters}, inputs)
    blocks = {place.site: place.contribution for place in model.places if place.asset == "counter"}
    columns = {host: _columns(compiled, part) for host, part in blocks.items()}
    balance = model.balances.get(Balance(name, f"compute.{hosts[name].pool}", -1)) if name in hosts else None
    rows = [compiled.row_of[id(balance[t])] for t in balance] if balance is not None else []
    return SiteProblem(name, compiled.matrix, columns, np.array(rows, dtype=np.int64))


def _cards(own: Mapping[tuple[str, str], Technology], pool: str) -> float:
    return sum(technology.offers(asset).get(f"compute.{pool}", 0.0) for (_, asset), technology in own.items())


def _columns(compiled: Compiled, part: Contribution) -> Integers:
    line = next(iter(part.flows.values()))
    return np.array([compiled.column_of[id(variable)] for variable in line.terms[0][1]], dtype=np.int64)
