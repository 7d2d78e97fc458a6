"""Common parts of all formulations of a job table: prices of being late or left, and lines gathered from scattered variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.solve.pyomo_types import Block, Expr, Steps, Variable
from optimizer.technologies.base import Inputs
from optimizer.technologies.compute.jobs.cohorts import Cohort
from optimizer.technologies.compute.jobs.meters import Count, JobMeter
from optimizer.technologies.linear import Floats, Linear

Entry = tuple[int, float, Variable]
"""(step, coefficient, variable)."""


@dataclass(frozen=True)
class JobPrices:
    """Money for a card-hour that is late, missed or left for after the plan."""

    late_per_card_h_h: float
    missed_per_card_h: float
    unfinished_per_card_h: float
    step_h: float
    count: int

    def late(self, cohort: Cohort) -> Floats:
        """Price of one job of the cohort running in each step, shape (steps,): hours past due at the step's end."""
        past = np.maximum(np.arange(self.count) + 1 - cohort.due, 0) * self.step_h
        return past * (self.late_per_card_h_h * cohort.priority * self.card_h(cohort))

    def missed(self, cohort: Cohort) -> float:
        """Price of one step of one job that is not run in its window."""
        return self.missed_per_card_h * cohort.priority * self.card_h(cohort)

    def left(self, cohort: Cohort) -> float:
        """Price of one step of one job that may still run after the plan and be in time."""
        return self.unfinished_per_card_h * self.card_h(cohort)

    def left_late(self, cohort: Cohort, after: int = 1) -> float:
        """Lateness price of the `after`-th step behind the plan's end: with the lateness that is certain, but no more than missing."""
        past_h = max(self.count + after - cohort.due, 0) * self.step_h
        price = self.unfinished_per_card_h + self.late_per_card_h_h * cohort.priority * past_h
        return min(price, self.missed_per_card_h * cohort.priority) * self.card_h(cohort)

    def card_h(self, cohort: Cohort) -> float:
        """Card-hours of one step of one job."""
        return cohort.cards * self.step_h


At = tuple[int, int, str]
"""(step, cohort, pool)."""


@dataclass(frozen=True)
class Placed:
    """Jobs at their places: how many start there (or run there, where jobs are counted while they run)."""

    jobs: Mapping[At, int]
    fixed: bool
    """Whether they stay there; otherwise a search for a plan may begin there."""

    def bounds(self, entry: At, least: int, most: int) -> tuple[int, int]:
        """Fewest and most jobs at a place."""
        return (self.at(entry),) * 2 if self.fixed else (least, most)

    def at(self, entry: At) -> int:
        """Jobs at a place."""
        return self.jobs.get(entry, 0)


@dataclass(frozen=True)
class Work:
    """Work of a formulation, by pool where there are several."""

    run_cards: dict[str, Linear]
    cost: list[Linear]
    meters: dict[str, Linear]
    late_cards: Linear
    missed_cards: Linear
    resumed_cards: Linear | None = None
    """Cards of jobs that go on after a pause, per step; none where pauses cost nothing."""


def declare_entries(block: Block, name: str, entries: Sequence[tuple[object, ...]]) -> Steps:
    """A set `block.<name>` of entries (step, ...) that does not cover every step; variables over it belong to their step."""
    declared = pyo.Set(initialize=entries, dimen=len(entries[0]) if entries else 2)
    block.add_component(name, declared)
    declared.of_steps = True
    return declared


Pools = Mapping[int, Sequence[str]]
"""Pools each cohort may run in, by its number."""


def run_cards_by_pool(pools: Pools, inputs: Inputs, line_of: Callable[[str, str, float], Linear]) -> dict[str, Linear]:
    """Occupied cards of every pool; `line_of(name, pool, most)` declares the variables of one, which has `most` cards."""
    places = sorted({pool for some in pools.values() for pool in some})
    most = {pool: float(inputs.values.get(f"cards_of:compute.{pool}", np.inf)) for pool in places}
    return {pool: line_of(f"run_cards_{number}", pool, most[pool]) for number, pool in enumerate(places)}


def metered(
    kind: str,
    variables: Variable,
    cohorts: Sequence[Cohort],
    pools: Pools,
    steps_of: Callable[[Cohort, int], range],
    count: int,
) -> dict[str, Linear]:
    """Meters of `variables[step, cohort, pool]`: a meter "kind:job@pool" for every cohort and pool."""
    return {
        str(JobMeter(Count(kind), cohort.name, pool)): on_steps(
            ((t, 1.0, variables[t, c, pool]) for t in steps_of(cohort, count)), count
        )
        for c, cohort in enumerate(cohorts)
        for pool in pools[c]
    }


def window(cohort: Cohort, count: int) -> range:
    """Steps of the plan in which jobs of the cohort may run."""
    return range(cohort.arrival, min(cohort.last, count))


def cut_off(cohort: Cohort, count: int) -> int:
    """Step at which it is decided that work is missed or left for after the plan."""
    return min(cohort.last, count) - 1


def on_steps(entries: Iterable[Entry], count: int) -> Linear:
    """A line to be read off (not for rows): at most a few variables a step, zero elsewhere."""
    layers: list[tuple[Floats, list[Any]]] = []
    depth = np.zeros(count, dtype=int)
    for step, coefficient, variable in entries:
        if depth[step] == len(layers):
            layers.append((np.zeros(count), [0.0] * count))
        coefficients, variables = layers[depth[step]]
        coefficients[step], variables[step] = coefficient, variable
        depth[step] += 1
    return Linear(tuple(layers), np.zeros(count))


def priced(entries: Sequence[tuple[float, Variable]]) -> Linear:
    """Costs of entries: coefficient times variable each."""
    coefficients = np.array([coefficient for coefficient, _ in entries], dtype=float)
    return Linear(((coefficients, [variable for _, variable in entries]),), np.zeros(len(entries)))


def summed(block: Block, name: str, entries: Iterable[Entry], inputs: Inputs, most: float = np.inf) -> Linear:
    """A new variable over the steps that is the sum of each step's entries, and at most so much."""
    return _followed(block, name, entries, inputs, keeps=False, most=most)


def occupied(block: Block, name: str, entries: Iterable[tuple[int, int, float, Variable]], inputs: Inputs) -> Linear:
    """A new variable over the steps: the sum of all (enter, leave, coefficient, variable) with enter ≤ step < leave.

    Written as a chain of changes: two numbers for every entry, however long it stays.
    """
    changes: list[Entry] = []
    for enter, leave, coefficient, variable in entries:
        changes.append((enter, coefficient, variable))
        if leave < inputs.count:
            changes.append((leave, -coefficient, variable))
    return _followed(block, name, changes, inputs, keeps=True)


EXPLICIT_ENTRIES = 2_000_000
"""Most numbers of rows that say for every step who is there. More would take minutes to build."""


def occupied_at_most(
    block: Block, name: str, entries: Iterable[tuple[int, int, float, Variable]], inputs: Inputs, most: float
) -> Linear:
    """Occupied cards of a pool with an upper bound, in one row a step over all present jobs where that is not too long.

    From such rows a solver sees what fits beside each other at once; a chain of changes hides it (branch and bound took
    several times as long with chains).
    """
    occupancies = list(entries)
    spans = [(enter, min(leave, inputs.count)) for enter, leave, _, _ in occupancies]
    if sum(leave - enter for enter, leave in spans) > EXPLICIT_ENTRIES:
        return occupied(block, name, occupancies, inputs)
    present = (
        (step, coefficient, variable)
        for (enter, leave), (_, _, coefficient, variable) in zip(spans, occupancies, strict=True)
        for step in range(enter, leave)
    )
    return summed(block, name, present, inputs, most)


def _followed(
    block: Block, name: str, entries: Iterable[Entry], inputs: Inputs, *, keeps: bool, most: float = np.inf
) -> Linear:
    """Variable over the steps = (its value before, if it `keeps`) + the step's entries."""
    gathered: list[tuple[list[float], list[Variable]]] = [([], []) for _ in range(inputs.count)]
    for step, coefficient, variable in entries:
        gathered[step][0].append(coefficient)
        gathered[step][1].append(variable)
    totals = pyo.Var(inputs.steps, bounds=(0, most if np.isfinite(most) else None))
    block.add_component(name, totals)

    def row(_: Block, t: int) -> Expr:
        coefficients, variables = gathered[t]
        before = [totals[t - 1]] if keeps and t else []
        expression = LinearExpression(
            constant=0.0,
            linear_coefs=[*coefficients, *[1.0 for _ in before], -1.0],
            linear_vars=[*variables, *before, totals[t]],
        )
        return (0.0, expression, 0.0)

    block.add_component(f"{name}_follow_the_jobs", pyo.Constraint(inputs.steps, rule=row))
    return Linear.of(totals.values())
