"""Jobs that may be interrupted free of charge: how many of a cohort run in each step, and where."""

from __future__ import annotations

from collections.abc import Sequence
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
    on_steps,
    priced,
    run_cards_by_pool,
    summed,
    window,
)
from optimizer.technologies.linear import Linear


def build_counts(
    block: Block,
    inputs: Inputs,
    cohorts: Sequence[Cohort],
    pools: Pools,
    prices: JobPrices,
    placed: Placed,
) -> Work:
    """Variables and rows. A job may go on in another of its pools."""
    count = inputs.count
    declare_running(block, inputs, cohorts, pools, placed)
    declare_undone(block, cohorts, count)
    by_cohort = running_by_cohort(block, cohorts)

    @block.Constraint(range(len(cohorts)))
    def work_is_done_or_left(b: Block, c: int) -> Expr:
        cut = cut_off(cohorts[c], count)
        return sum(by_cohort[c]) + undone(b, cut, c) == cohorts[c].jobs * cohorts[c].steps

    return work_of(block, inputs, cohorts, pools, prices)


def declare_running(block: Block, inputs: Inputs, cohorts: Sequence[Cohort], pools: Pools, placed: Placed) -> None:
    """`block.running[step, cohort, pool]`: jobs that run, and never more at once than there are."""
    entries = [(t, c, p) for c, cohort in enumerate(cohorts) for p in pools[c] for t in window(cohort, inputs.count)]
    index = declare_entries(block, "running_choices", entries)

    def bounds(_: Block, t: int, c: int, p: str) -> tuple[int, int]:
        return placed.bounds((t, c, p), 0, cohorts[c].jobs)

    block.running = pyo.Var(index, domain=pyo.Integers, bounds=bounds, initialize=lambda _, *at: placed.at(at))
    split = [(t, c) for c, cohort in enumerate(cohorts) if len(pools[c]) > 1 for t in window(cohort, inputs.count)]
    if split:

        @block.Constraint(declare_entries(block, "split_choices", split))
        def a_job_runs_in_one_pool_at_once(b: Block, t: int, c: int) -> Expr:
            return sum(b.running[t, c, p] for p in pools[c]) <= cohorts[c].jobs


def declare_undone(block: Block, cohorts: Sequence[Cohort], count: int) -> None:
    """Steps of work that can still be done after the plan, in time or late, and steps that are missed."""
    cuts = declare_entries(block, "cut_offs", [(cut_off(cohort, count), c) for c, cohort in enumerate(cohorts)])
    block.left_steps = pyo.Var(cuts, bounds=lambda *at: (0, most_left(cohorts[at[-1]], count)[0]))
    block.left_late_steps = pyo.Var(cuts, bounds=lambda *at: (0, most_left(cohorts[at[-1]], count)[1]))
    block.missed_steps = pyo.Var(cuts, domain=pyo.NonNegativeReals)


def undone(block: Block, cut: int, c: int) -> Expr:
    """Steps of a cohort's work that the plan does not do."""
    return block.left_steps[cut, c] + block.left_late_steps[cut, c] + block.missed_steps[cut, c]


def most_left(cohort: Cohort, count: int) -> tuple[int, int]:
    """Most steps of a cohort's work that can be done after the plan: in time, and late."""
    in_time = min(max(cohort.due - count, 0), cohort.steps)
    late = max(min(max(cohort.last - count, 0), cohort.steps) - in_time, 0)
    return cohort.jobs * in_time, cohort.jobs * late


def running_by_cohort(block: Block, cohorts: Sequence[Cohort]) -> list[list[Variable]]:
    """Variables of each cohort."""
    gathered: list[list[Any]] = [[] for _ in cohorts]
    for (_, c, _), running in block.running.items():
        gathered[c].append(running)
    return gathered


def work_of(block: Block, inputs: Inputs, cohorts: Sequence[Cohort], pools: Pools, prices: JobPrices) -> Work:
    """Cards, cost and meters of `block.running` and of what is left undone."""
    count = inputs.count
    late = [prices.late(cohort) for cohort in cohorts]
    cost = [(float(late[c][t]), running) for (t, c, _), running in block.running.items() if late[c][t]]
    cost += [(prices.left(cohorts[c]), left) for (_, c), left in block.left_steps.items()]
    cost += [(prices.left_late(cohorts[c]), left) for (_, c), left in block.left_late_steps.items()]
    cost += [(prices.missed(cohorts[c]), missed) for (_, c), missed in block.missed_steps.items()]

    def cards_in(name: str, pool: str, most: float) -> Linear:
        occupancies = [(t, cohorts[c].cards, running) for (t, c, p), running in block.running.items() if p == pool]
        return summed(block, name, occupancies, inputs, most)

    return Work(
        run_cards=run_cards_by_pool(pools, inputs, cards_in),
        cost=[priced(cost)],
        meters=metered("running", block.running, cohorts, pools, window, count),
        late_cards=summed(
            block,
            "late_cards",
            [(t, cohorts[c].cards, v) for (t, c, _), v in block.running.items() if t >= cohorts[c].due],
            inputs,
        ),
        missed_cards=on_steps(((t, cohorts[c].cards, v) for (t, c), v in block.missed_steps.items()), count),
    )
