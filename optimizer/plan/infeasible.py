"""Reasons for a model without a plan, in the scenario's own names: which bus lacks how much in which hour, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyomo.environ as pyo

from optimizer.plan.model import Balance, Model, Place
from optimizer.solve.deadline import seconds_left
from optimizer.solve.elastic import LEAST_BREACH, Breach, earliest_breach, least_breach
from optimizer.solve.highs import Compiled, InfeasibleError, SolverError
from optimizer.solve.pyomo_types import Variable
from optimizer.technologies import key_of
from optimizer.technologies.flows import bus_address
from optimizer.technologies.linear import Linear

SECONDS = 60.0
"""For one elastic solve: a plan that cannot be is worth a minute of finding out why."""
MOST_NAMES = 4
"""Assets named in a line."""


NO_PLAN = "no plan is possible: "


def explained_error(error: SolverError, model: Model, compiled: Compiled) -> SolverError:
    """Error with its reasons where the model has no plan; as it is where time was short or a plan may exist."""
    reasons = reasons_without_plan(model, compiled) if seconds_left() > 0 else []
    return InfeasibleError(NO_PLAN + "; ".join(reasons)) if reasons else error


def reasons_without_plan(model: Model, compiled: Compiled) -> list[str]:
    """A line for every bus that cannot be balanced, else for every rule of an asset that cannot hold; empty: none was found.

    Buses first: that power is lacking is what a reader can act on, whichever rule forbids to make it; and the first hour that cannot be, not the
    hour in which the least would have to be given up.
    """
    balances = _rows_of_balances(model, compiled)
    rows = np.array(sorted(balances), dtype=np.int64)
    steps = np.array([balances[row][1] for row in rows.tolist()], dtype=np.int64)
    breach = earliest_breach(compiled.matrix, rows, steps, SECONDS)
    if breach is not None:
        return _Reading(model, compiled, breach).buses(balances)
    breach = least_breach(compiled.matrix, np.arange(len(compiled.matrix.row_lower)), SECONDS)
    return [] if breach is None else _Reading(model, compiled, breach).rules()


def _rows_of_balances(model: Model, compiled: Compiled) -> dict[int, tuple[Balance, int]]:
    return {
        compiled.row_of[id(constraint[step])]: (balance, step)
        for balance, constraint in model.balances.items()
        for step in constraint
        if id(constraint[step]) in compiled.row_of
    }


@dataclass(frozen=True)
class _Part:
    """A constraint or variable of an asset in one step (−1: of the whole plan), and whether it forces the breach."""

    place: Place
    name: str
    step: int
    forces: bool
    broken: float

    @property
    def label(self) -> str:
        """Section, asset and what the model calls the part."""
        return f"{key_of(type(self.place.technology))} > {self.place.asset} ({self.name})"


@dataclass
class _Reading:
    """A breach read in the model's names."""

    model: Model
    compiled: Compiled
    breach: Breach
    parts: list[_Part] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = list(self._parts())

    def buses(self, balances: dict[int, tuple[Balance, int]]) -> list[str]:
        """A line for every bus that lacks something or has too much, with its worst step."""
        lacking: dict[Balance, dict[int, float]] = {}
        for row, (balance, step) in balances.items():
            if abs(self.breach.amount[row]) > LEAST_BREACH:
                lacking.setdefault(balance, {})[step] = float(self.breach.amount[row])
        return [self._bus(balance, by_step) for balance, by_step in lacking.items()]

    def _bus(self, balance: Balance, by_step: dict[int, float]) -> str:
        step = max(by_step, key=lambda t: abs(by_step[t]))
        lacks = by_step[step] > 0  # flows that sum to less than zero: more is drawn than fed
        sign, verb = (-1.0, "draws") if lacks else (1.0, "gives")
        flows = sorted(((sign * value, name) for name, value in self._flows(balance, step)), reverse=True)
        unit = "cards" if balance.bus.startswith("compute") else "MW"
        named = [f"{name} {verb} {value:,.4g}" for value, name in flows[:MOST_NAMES] if value > LEAST_BREACH]
        ways = [part.label for part in self.parts if part.forces and part.step in by_step]
        ways = ways or [part.label for part in self.parts if part.forces]
        return "; ".join(
            [
                f"{balance.site} > {balance.bus}: {self._hour(step)}: {abs(by_step[step]):,.4g} {unit} "
                + ("too little" if lacks else "too much, which nothing takes")
                + (
                    f", and in {len(by_step) - 1} more step{'s' if len(by_step) > 2 else ''} too"
                    if len(by_step) > 1
                    else ""
                ),
                *([", ".join(named)] if named else []),
                *(["in the way: " + ", ".join(list(dict.fromkeys(ways))[:MOST_NAMES])] if ways else []),
            ]
        )

    def rules(self) -> list[str]:
        """A line for every rule of an asset that must be broken, with its worst step."""
        worst: dict[str, _Part] = {}
        for part in self.parts:
            if abs(part.broken) > max(LEAST_BREACH, abs(worst[part.label].broken) if part.label in worst else 0.0):
                worst[part.label] = part
        return [
            f"{part.place.site} > {label}: {self._hour(part.step)}: cannot hold by {abs(part.broken):,.4g}"
            for label, part in worst.items()
        ]

    def _hour(self, step: int) -> str:
        return "the whole plan" if step < 0 else f"{self.model.calendar.local[step]:%Y-%m-%d %H:%M}"

    def _flows(self, balance: Balance, step: int) -> Iterator[tuple[str, float]]:
        """(section > asset, amount) of every flow on a bus in a step; plus adds to the bus."""
        for place in self.model.places:
            if place.member not in (-1, balance.member):
                continue
            for (bus, _, _), flow in place.contribution.flows.items():
                if bus_address(place.site, bus) == (balance.site, balance.bus):
                    yield f"{key_of(type(place.technology))} > {place.asset}", self._value(flow, step)

    def _value(self, flow: Linear, step: int) -> float:
        value = float(flow.constant[step])
        for coefficients, variables in flow.terms:
            column = self.compiled.column_of.get(id(variables[step]))
            value += float(coefficients[step]) * (0.0 if column is None else float(self.breach.values[column]))
        return value

    def _parts(self) -> Iterator[_Part]:
        """Every constraint and variable of every asset."""
        blocks = self.model.pyomo.component_objects(pyo.Block, descend_into=False)
        for place, block in zip(self.model.places, blocks, strict=True):
            for part in block.component_data_objects((pyo.Constraint, pyo.Var), descend_into=True):
                yield _Part(place, part.parent_component().local_name, self._step(part), *self._role(part))

    def _step(self, part: Variable) -> int:
        index = part.index()
        step = index[0] if isinstance(index, tuple) else index
        return step if isinstance(step, int) and 0 <= step < self.model.calendar.count else -1

    def _role(self, part: Variable) -> tuple[bool, float]:
        """Whether a constraint or a variable's bound forces the breach, and by how much it is broken itself."""
        row, column = self.compiled.row_of.get(id(part)), self.compiled.column_of.get(id(part))
        if row is not None:
            return bool(abs(self.breach.row_dual[row]) > LEAST_BREACH), float(self.breach.amount[row])
        return column is not None and bool(self.breach.reduced_cost[column]), 0.0
