"""Jobs whose pauses cost something (checkpoint, restart, least block, a limit on pauses): one by one, exactly.

A count cannot tell whether one job goes on or another takes its place, and that is what a pause costs; so here a job
is a cohort of its own. Start and resumption are told apart by what came before, without a further binary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyomo.environ as pyo

from optimizer.solve.pyomo_types import Block, Expr, Variable
from optimizer.technologies.base import Inputs
from optimizer.technologies.compute.jobs.cohorts import Cohort
from optimizer.technologies.compute.jobs.counts import (
    declare_running,
    declare_undone,
    running_by_cohort,
    undone,
    work_of,
)
from optimizer.technologies.compute.jobs.forms import (
    JobPrices,
    Placed,
    Pools,
    Work,
    cut_off,
    declare_entries,
    on_steps,
    summed,
    window,
)
from optimizer.technologies.compute.jobs.meters import Count, JobMeter
from optimizer.technologies.linear import Linear


@dataclass(frozen=True)
class PauseRules:
    """Pause rules: the cost of a pause and how often it may be; times in steps."""

    restart_steps: float = 0.0
    """Steps of work lost with each resumption."""
    least_block: int = 1
    """Steps a job runs at least, once it runs."""
    most_pauses: int | None = None


def build_pauses(
    block: Block,
    inputs: Inputs,
    cohorts: Sequence[Cohort],
    pools: Pools,
    prices: JobPrices,
    placed: Placed,
    rules: PauseRules,
) -> Work:
    """Variables and rows; every cohort is one job. Going on in another pool is a pause."""
    count = inputs.count
    declare_running(block, inputs, cohorts, pools, placed)
    declare_undone(block, cohorts, count)
    by_cohort = running_by_cohort(block, cohorts)
    places = [(t, c, p) for (t, c, p) in block.running_choices]
    times = declare_entries(block, "job_steps", sorted({(t, c) for t, c, _ in places}))

    def has_time(t: int, c: int) -> bool:
        """Whether a least block fits before the job's window closes; at the plan's end it may run on."""
        return cohorts[c].last > count or t + min(rules.least_block, cohorts[c].steps) <= cohorts[c].last

    block.first_start = pyo.Var(times, bounds=lambda _, t, c: (0, int(has_time(t, c) and not cohorts[c].begun)))
    block.resumes = pyo.Var(times, bounds=lambda _, t, c: (0, int(has_time(t, c))))

    def starts(b: Block, c: int) -> Expr:
        return sum(b.first_start[t, c] for t in window(cohorts[c], count))

    def resumptions(b: Block, c: int) -> Expr:
        return sum(b.resumes[t, c] for t in window(cohorts[c], count))

    def started_in(b: Block, t: int, c: int, p: str) -> Expr:
        """1 where the job runs in the pool and did not in the step before."""
        if t == cohorts[c].arrival:
            return b.running[t, c, p] - (1 if t == 0 and cohorts[c].running else 0)
        return b.running[t, c, p] - b.running[t - 1, c, p]

    @block.Constraint(block.running_choices)
    def a_job_that_begins_to_run_starts_or_resumes(b: Block, t: int, c: int, p: str) -> Expr:
        return started_in(b, t, c, p) <= b.first_start[t, c] + b.resumes[t, c]

    @block.Constraint(times)
    def only_what_has_started_resumes(b: Block, t: int, c: int) -> Expr:
        if cohorts[c].begun:
            return pyo.Constraint.Skip
        return b.resumes[t, c] <= sum(b.first_start[s, c] for s in range(cohorts[c].arrival, t))

    @block.Constraint(range(len(cohorts)))
    def a_job_starts_once(b: Block, c: int) -> Expr:
        return starts(b, c) <= 1

    @block.Constraint(range(len(cohorts)))
    def work_and_restarts_are_done_or_left(b: Block, c: int) -> Expr:
        cut = cut_off(cohorts[c], count)
        return sum(by_cohort[c]) + undone(b, cut, c) >= cohorts[c].steps + rules.restart_steps * resumptions(b, c)

    _hold_to_rules(block, cohorts, pools, rules, resumptions)
    work = work_of(block, inputs, cohorts, pools, prices)
    resumed = summed(block, "resumed_cards", [(t, cohorts[c].cards, v) for (t, c), v in block.resumes.items()], inputs)
    return replace(work, meters=work.meters | _resumptions_metered(block, cohorts, count), resumed_cards=resumed)


def _resumptions_metered(block: Block, cohorts: Sequence[Cohort], count: int) -> dict[str, Linear]:
    return {
        str(JobMeter(Count.RESUMES, cohort.name)): on_steps(
            ((t, 1.0, block.resumes[t, c]) for t in window(cohort, count)), count
        )
        for c, cohort in enumerate(cohorts)
    }


def _hold_to_rules(
    block: Block, cohorts: Sequence[Cohort], pools: Variable, rules: PauseRules, resumptions: Variable
) -> None:
    if rules.most_pauses is not None:

        @block.Constraint(range(len(cohorts)))
        def pauses_are_few(b: Block, c: int) -> Expr:
            return resumptions(b, c) <= rules.most_pauses

    if rules.least_block > 1:

        @block.Constraint(block.job_steps)
        def a_job_runs_for_its_least_block(b: Block, t: int, c: int) -> Expr:
            span = min(rules.least_block, cohorts[c].steps)
            first = max(t - span + 1, cohorts[c].arrival)
            lately = sum(b.first_start[s, c] + b.resumes[s, c] for s in range(first, t + 1))
            return lately <= sum(b.running[t, c, p] for p in pools[c])
