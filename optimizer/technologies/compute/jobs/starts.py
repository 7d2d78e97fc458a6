"""Jobs that run through once started: how many of a cohort start in each step, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs
from optimizer.technologies.compute.jobs.cohorts import Cohort
from optimizer.technologies.compute.jobs.forms import (
    JobPrices,
    Placed,
    Pools,
    Work,
    cut_off,
    declare_entries,
    metered,
    occupied,
    occupied_at_most,
    on_steps,
    priced,
    run_cards_by_pool,
)
from optimizer.technologies.linear import Floats, Linear


def start_steps(cohort: Cohort, count: int) -> range:
    """Steps in which jobs of the cohort may start: only the first one if they are already running."""
    if cohort.running:
        return range(1)
    return range(cohort.arrival, min(cohort.last - cohort.steps + 1, count))


def may_start_later(cohort: Cohort, count: int) -> bool:
    """Whether a job that has not started in the plan may still do so afterwards."""
    return cohort.last - cohort.steps >= count


def build_starts(
    block: Block,
    inputs: Inputs,
    cohorts: Sequence[Cohort],
    pools: Pools,
    prices: JobPrices,
    placed: Placed,
) -> Work:
    """Variables and rows. `pools[c]` are those cohort c may run in; running cohorts have one."""
    count = inputs.count
    entries = [(t, c, p) for c, cohort in enumerate(cohorts) for p in pools[c] for t in start_steps(cohort, count)]
    index = declare_entries(block, "start_choices", entries)

    def bounds(_: Block, t: int, c: int, p: str) -> tuple[int, int]:
        return placed.bounds((t, c, p), cohorts[c].jobs if cohorts[c].running else 0, cohorts[c].jobs)

    block.starts = pyo.Var(index, domain=pyo.Integers, bounds=bounds, initialize=lambda _, *at: placed.at(at))
    cuts = declare_entries(block, "cut_offs", [(cut_off(cohort, count), c) for c, cohort in enumerate(cohorts)])
    block.not_started = pyo.Var(cuts, bounds=lambda *at: (0, cohorts[at[-1]].jobs))
    by_cohort: list[list[Any]] = [[] for _ in cohorts]
    for (_, c, _), start in block.starts.items():
        by_cohort[c].append(start)

    @block.Constraint(range(len(cohorts)))
    def every_job_starts_once_or_not_at_all(b: Block, c: int) -> Expr:
        return sum(by_cohort[c]) + b.not_started[cut_off(cohorts[c], count), c] == cohorts[c].jobs

    late = [prices.late(cohort) for cohort in cohorts]
    cost = [(_start_cost(cohorts[c], late[c], prices, t), start) for (t, c, _), start in block.starts.items()]
    cost += [(price_of_not_starting(cohorts[c], prices), left) for (_, c), left in block.not_started.items()]

    def cards_in(name: str, pool: str, most: float) -> Linear:
        occupancies = [
            (t, t + cohorts[c].steps, cohorts[c].cards, v) for (t, c, p), v in block.starts.items() if p == pool
        ]
        return occupied_at_most(block, name, occupancies, inputs, most)

    return Work(
        run_cards=run_cards_by_pool(pools, inputs, cards_in),
        cost=[priced(cost)],
        meters=metered("starts", block.starts, cohorts, pools, start_steps, count),
        late_cards=occupied(block, "late_cards", _late(block.starts.items(), cohorts, count), inputs),
        missed_cards=on_steps(
            (
                (t, cohorts[c].cards * cohorts[c].steps, left)
                for (t, c), left in block.not_started.items()
                if not may_start_later(cohorts[c], count)
            ),
            count,
        ),
    )


def _late(
    starts: Iterable[tuple[tuple[int, int, str], Variable]], cohorts: Sequence[Cohort], count: int
) -> Iterator[tuple[int, int, float, Variable]]:
    """(first late step, end, cards, variable) of every start that leads past the due step within the plan."""
    for (t, c, _), start in starts:
        cohort = cohorts[c]
        if t + cohort.steps > cohort.due and max(t, cohort.due) < count:
            yield max(t, cohort.due), t + cohort.steps, cohort.cards, start


def _start_cost(cohort: Cohort, late: Floats, prices: JobPrices, step: int) -> float:
    """Lateness within the plan, and what is left of the job at its end."""
    return float(late[step : step + cohort.steps].sum()) + rest_of_started(cohort, prices, step)


def rest_of_started(cohort: Cohort, prices: JobPrices, step: int) -> float:
    """Price of the part of a job started at `step` that runs behind the plan's end."""
    return sum(prices.left_late(cohort, k) for k in range(1, step + cohort.steps - prices.count + 1))


def price_of_not_starting(cohort: Cohort, prices: JobPrices) -> float:
    """Price of a job that does not start in the plan: missed, or run right behind it."""
    if may_start_later(cohort, prices.count):
        return sum(prices.left_late(cohort, k) for k in range(1, cohort.steps + 1))
    return prices.missed(cohort) * cohort.steps
