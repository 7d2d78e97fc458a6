"""The account of a job table on a plan's hours: card-hours, rounding, jobs outside the plan, too large, or not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.language.speech import noted
from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_files.rows import shown
from optimizer.quantities.job_table import Job
from optimizer.technologies.base import Inputs, Record, State
from optimizer.technologies.compute.jobs.cohorts import ROUNDING_STEPS, presumed_hours_left
from optimizer.technologies.compute.jobs.timetable import placed_jobs

if TYPE_CHECKING:
    # the settings import this file
    from optimizer.technologies.compute.jobs.settings import Jobs

MOST_NAMES = 5
"""So many jobs of one kind are named; the rest is counted."""


def remarks_on_jobs(
    jobs: Sequence[Job], calendar: Calendar, *, deadline_h: float, most_cards: float | None
) -> list[str]:
    """Sentences on jobs that this plan cannot or need not run, and on what rounding to whole steps adds.

    `most_cards`: cards of the largest of their pools; None: machines of their own.
    """
    end = calendar.start + calendar.count * pd.Timedelta(hours=calendar.step_h)
    due = [job.deadline if job.deadline is not None else job.arrival + pd.Timedelta(hours=deadline_h) for job in jobs]
    before = [
        job for job, last in zip(jobs, due, strict=True) if job.arrival < calendar.start and last <= calendar.start
    ]
    after = [job for job in jobs if job.arrival >= end]
    outside = {id(job) for job in (*before, *after)}
    inside = [(job, last) for job, last in zip(jobs, due, strict=True) if id(job) not in outside]
    remarks = []
    if jobs and not inside:
        first, last = min(job.arrival for job in jobs), max(job.arrival for job in jobs)
        remarks.append(
            f"none of {len(jobs):,} job{'s' if len(jobs) > 1 else ''} falls into the plan ({calendar.start:%Y-%m-%d} to {end:%Y-%m-%d} UTC): they arrive "
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}; move horizon > start, or set table > align: start"
        )
    else:
        remarks += _named(before, noted("due before the plan begins: not planned"))
        remarks += _named(after, noted("after the plan's end: not planned"))
    begun = [job for job, last in inside if presumed_hours_left(job, last, calendar.start) < job.hours]
    remarks += _named(begun, noted("came before the plan: taken as begun in time, unless a state says what is left"))
    remarks += _named(
        [job for job, last in inside if last < job.arrival], noted("due before arrival; correct the deadlines")
    )
    short = [job for job, last in inside if job.arrival <= last < job.arrival + pd.Timedelta(hours=job.hours)]
    remarks += _named(short, noted("too long for the deadline: late however it is planned"))
    if most_cards is not None:
        large = [job for job, _ in inside if job.cards > most_cards]
        remarks += _named(
            large,
            f"with more cards than any pool of the class has ({most_cards:,.0f}), which cannot run: split what is too large or name a larger pool",
        )
    return remarks + _rounding([job for job, _ in inside], calendar, end)


def _rounding(jobs: Sequence[Job], calendar: Calendar, end: pd.Timestamp) -> list[str]:
    """Card-hours before and after rounding to whole steps, and those that may stay for after the plan."""
    if not jobs:
        return []
    exact = sum(job.cards * job.hours for job in jobs)
    steps = np.ceil(np.array([job.hours for job in jobs]) / calendar.step_h - ROUNDING_STEPS)
    rounded = float(np.array([job.cards for job in jobs]) @ steps) * calendar.step_h
    remarks = []
    if rounded > exact * 1.001:  # a thousandth: what a person would not miss
        remarks.append(
            f"{len(jobs):,} job{'s' if len(jobs) > 1 else ''} of {exact:,.1f} card-hours: {rounded:,.1f} on steps of {calendar.step_h:g} h"
            f" ({rounded / exact - 1:+.1%}); shorter steps round less"
        )
    past = [job for job in jobs if job.arrival + pd.Timedelta(hours=job.hours) > end]
    return remarks + _named(past, noted("cannot end within the plan: part of the work is left for after it"))


def _named(jobs: Sequence[Job], what: str) -> list[str]:
    if not jobs:
        return []
    names = ", ".join(shown(job.id) for job in jobs[:MOST_NAMES])
    more = f" and {len(jobs) - MOST_NAMES:,} more" if len(jobs) > MOST_NAMES else ""
    work = sum(job.cards * job.hours for job in jobs)
    return [f"{len(jobs):,} job{'s' if len(jobs) > 1 else ''} ({names}{more}; {work:,.1f} card-hours) {what}"]


def jobs_not_run(jobs: Jobs, record: Record, inputs: Inputs, opening: State) -> list[str]:
    """Jobs that had to run within the plan and do not run at all, each with its cards and window, first by first."""
    start, step = inputs.calendar.local, inputs.step_h
    jobs_left = []
    for tally, places, _ in placed_jobs(jobs, record, inputs, opening):
        cohort = tally.cohort
        if cohort.last > inputs.count:
            continue  # it can still run after the plan
        idle = [name for name, where in zip(cohort.ids, places, strict=True) if (where < 0).all()]
        window = (
            f"{start[cohort.arrival]:%Y-%m-%d %H:%M} to {start[cohort.last - 1] + pd.Timedelta(hours=step):%m-%d %H:%M}"
        )
        jobs_left += [
            f"job {shown(name)} does not run: {cohort.cards:g} cards for {cohort.steps * step:g} h between {window} "
            f"find no room, or cost more than missing it"
            for name in idle
        ]
    return jobs_left


def deadlines_that_bind_nothing(jobs: Jobs, record: Record, inputs: Inputs, opening: State) -> list[str]:
    """Remark on deadlines changed by rule of which none decides the plan: every job ends before its old and its new one."""
    given = {job.id: job for job in jobs.given(inputs)}
    own = pd.Timedelta(hours=jobs.deadline_h)
    due = {
        job.id: (given[job.id].deadline or given[job.id].arrival + own, job.deadline or job.arrival + own)
        for job in jobs.listed(inputs)
        if job.arrival == given[job.id].arrival
    }
    changed = [name for name, (before, after) in due.items() if before != after]
    planned = {name for cohort in jobs.cohorts(inputs, opening) for name in cohort.ids}.intersection(changed)
    ends = jobs.timetable(record, inputs, opening).groupby("job")["end"].max()
    if not planned or not planned <= set(ends.index):
        return []
    left_h = min((min(due[name]) - ends[name]) / pd.Timedelta(hours=1) for name in planned)
    if left_h < inputs.step_h:
        return []
    number = len(planned)
    return [
        f"changes: {number:,} job{'s' if number > 1 else ''} with another deadline by rule, and none of these deadlines decides "
        f"the plan: the nearest is {left_h:g} h after its job's end, so it costs what it would without the rule"
    ]
