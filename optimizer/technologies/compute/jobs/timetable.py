"""From counts back to jobs: which job runs when and where, and what the next plan must know of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.technologies.base import Inputs, Kept, Record, State
from optimizer.technologies.compute.jobs.cohorts import assign
from optimizer.technologies.compute.jobs.meters import Count, JobMeter
from optimizer.technologies.compute.jobs.tally import TOLERANCE_JOBS, Tally, late_and_missed
from optimizer.technologies.linear import Floats

if TYPE_CHECKING:
    # the settings import this file
    from optimizer.technologies.compute.jobs.settings import Jobs

COLUMNS = ("job", "pool", "arrival", "start", "end", "deadline", "cards", "late")
"""Times are UTC, on the plan's steps; a job that pauses has several rows; `late`: whether the row ends past the deadline."""

Places = NDArray[np.int64]
"""For each job and step the number of the pool it runs in, −1: it does not; shape (jobs, steps)."""


def timetable(jobs: Jobs, record: Record, inputs: Inputs, opening: State) -> pd.DataFrame:
    """Timetable of every job of a plan, a row a run, with the columns COLUMNS; sorted by start."""
    start, step = inputs.calendar.start, pd.Timedelta(hours=inputs.step_h)
    rows = []
    for tally, places, pools in placed_jobs(jobs, record, inputs, opening):
        cohort = tally.cohort
        arrival, deadline = start + cohort.arrival * step, start + cohort.due * step
        for job, where in zip(cohort.ids, places, strict=True):
            for first, end, pool in _runs(where):
                span = (start + first * step, start + end * step)
                rows.append((job, pools[pool], arrival, *span, deadline, cohort.cards, end > cohort.due))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["start", "job"], kind="stable", ignore_index=True)


def placed_jobs(
    jobs: Jobs, record: Record, inputs: Inputs, opening: State
) -> Iterator[tuple[Tally, Places, list[str]]]:
    """Cohorts with the places of their jobs and the names of the pools."""
    for tally in jobs.tally(record, inputs, opening):
        pools = sorted(tally.by_pool)
        table = np.round([tally.by_pool[pool] for pool in pools]).astype(np.int64)
        place = _whole_runs if not jobs.interruptible else _scattered
        yield tally, place(table, tally), pools


def _scattered(table: NDArray[np.int64], tally: Tally) -> Places:
    """Places of jobs that may pause; a job stays in its pool where it can."""
    cohort = tally.cohort
    steps = max(cohort.steps, int(table.sum())) if cohort.jobs == 1 else cohort.steps  # restarts lengthen a lone job
    runs = assign(table.sum(axis=0), jobs=cohort.jobs, steps=steps)
    places = np.full(runs.shape, -1, dtype=np.int64)
    last = np.full(cohort.jobs, -1)
    for step in np.flatnonzero(table.sum(axis=0)):
        room = table[:, step].copy()
        waiting = list(np.flatnonzero(runs[:, step]))
        for job in sorted(waiting, key=lambda one_job: last[one_job] < 0 or room[last[one_job]] == 0):
            pool = last[job] if last[job] >= 0 and room[last[job]] else int(np.argmax(room))
            room[pool] -= 1
            places[job, step] = last[job] = pool
    return places


def _whole_runs(table: NDArray[np.int64], tally: Tally) -> Places:
    """Places of jobs that run through: each start goes to the next job."""
    cohort, count = tally.cohort, table.shape[1]
    places = np.full((cohort.jobs, count), -1, dtype=np.int64)
    job = 0
    ends: list[tuple[int, int]] = []
    for step in range(count):
        for pool in range(len(table)):
            still = sum(1 for end, where in ends if where == pool and end > step)
            for _ in range(int(table[pool, step]) - still):
                end = step + cohort.steps
                places[job, step:end] = pool
                ends.append((end, pool))
                job += 1
    return places


def _runs(where: NDArray[np.int64]) -> Iterable[tuple[int, int, int]]:
    """(first step, end, pool) of every unbroken run."""
    edges = np.flatnonzero(np.diff(where, prepend=-1, append=-1) != 0)
    for first, end in pairwise(edges):
        if where[first] >= 0:
            yield int(first), int(end), int(where[first])


def state_of(jobs: Jobs, record: Record, inputs: Inputs, opening: State, step: int) -> State:
    """Jobs not done by the end of `step`: hours left, which of them are running, in which pool, and until when they may run."""
    left_h: dict[str, float] = {}
    running: list[str] = []
    last_steps: dict[str, int] = {}
    pool_of: dict[str, str] = {}
    restart_steps = jobs.pause_rules(inputs).restart_steps
    for tally, places, pools in placed_jobs(jobs, record, inputs, opening):
        if tally.cohort.arrival > step or tally.cohort.last <= step + 1:
            continue  # not yet here, or given up
        lost = 0.0 if tally.resumes is None else restart_steps * float(tally.resumes[: step + 1].sum())
        for job, where in zip(tally.cohort.ids, places, strict=True):
            left = tally.cohort.steps + lost - int((where[: step + 1] >= 0).sum())
            if left > TOLERANCE_JOBS:
                left_h[job] = left * inputs.step_h
                last_steps[job] = tally.cohort.last - step - 1
                if where[step] >= 0:
                    running.append(job)
                    pool_of[job] = pools[where[step]]
    return {"left_h": left_h, "running": running, "pool": pool_of, "last_steps": last_steps}


def over_windows(jobs: Jobs, record: Record, parts: Sequence[Kept], inputs: Inputs, opening: State) -> Record:
    """Record of plans that followed one another as the counts of one plan: each job's places end to end."""
    where = _places_by_job(jobs, parts, inputs.count)
    meters: dict[str, Floats] = {}
    for cohort in jobs.cohorts(inputs, opening):
        table = np.array([where[job] for job in cohort.ids])
        before = np.column_stack([np.full(len(table), -1), table[:, :-1]])
        for number, pool in enumerate(jobs.places):
            if jobs.interruptible:
                meters[str(JobMeter(Count.RUNNING, cohort.name, pool))] = (table == number).sum(axis=0).astype(float)
            else:
                begins = (table == number) & (before == -1)
                if cohort.running:
                    begins[:, 0] = table[:, 0] == number
                meters[str(JobMeter(Count.STARTS, cohort.name, pool))] = begins.sum(axis=0).astype(float)
        if jobs.pauses_cost:
            ran = np.maximum.accumulate(before, axis=1) >= 0
            resumes = (table >= 0) & (table != before) & (ran | cohort.begun)
            meters[str(JobMeter(Count.RESUMES, cohort.name))] = resumes.sum(axis=0).astype(float)
    joined = replace(record, meters=meters)
    late, missed = late_and_missed(jobs.tally(joined, inputs, opening), inputs)
    return replace(joined, shortfalls={"late_cards": late, "missed_cards": missed})


def _places_by_job(jobs: Jobs, parts: Sequence[Kept], count: int) -> dict[str, Places]:
    """Number of the pool each job runs in, by step, −1: it does not; shape (count,)."""
    where: dict[str, Places] = defaultdict(lambda: np.full(count, -1, dtype=np.int64))
    first = 0
    for record, inputs, opening, steps in parts:
        for tally, places, pools in placed_jobs(jobs, record, inputs, opening):
            number_of = np.array([jobs.places.index(pool) for pool in pools] + [-1])
            for job, row in zip(tally.cohort.ids, places, strict=True):
                where[job][first : first + steps] = number_of[row[:steps]]
        first += steps
    return where
