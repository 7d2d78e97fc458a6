"""Jobs that are alike, counted together: one whole number for how many run, instead of a binary for each job.

A cohort holds jobs of the same first step, due step, length, cards and priority. A plan says how many of them run in
each step; `assign` hands the steps back to the jobs. It always can: where no more run than there are and the steps sum
to their need, each job can be given its own steps (Gale 1957; Ryser 1957, on 0-1 matrices of given row and column sums).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.job_table import Job
from optimizer.technologies.base import State
from optimizer.technologies.linear import Floats

ROUNDING_STEPS = 1e-6
"""Times of files are seconds in double precision; a millionth of a step is no part of a step."""


@dataclass(frozen=True)
class Cohort:
    """Alike jobs on the plan's steps; steps before the plan are cut off."""

    ids: tuple[str, ...]
    arrival: int
    """First step they may run in."""
    due: int
    """First step that is too late; may lie beyond the plan."""
    last: int
    """First step they may not run in any more, in time or late."""
    steps: int
    """Steps each of them runs."""
    cards: float
    """Cards each of them holds."""
    priority: float
    begun: bool = False
    """They have run before the plan."""
    running: bool = False
    """They ran in the step before the plan."""

    @property
    def jobs(self) -> int:
        """Number of jobs in the cohort."""
        return len(self.ids)

    @property
    def name(self) -> str:
        """Name of the cohort: that of its first job."""
        return self.ids[0]


def cohorts_of(
    jobs: Sequence[Job],
    calendar: Calendar,
    *,
    deadline_h: float,
    most_late_h: float,
    opening: State,
    alike: bool = True,
) -> list[Cohort]:
    """Cohorts of all jobs that are to be planned, sorted by first step; one a job if not `alike`.

    `opening["left_h"]` (job → hours left) names the jobs that came before the plan and are not done; without it a job
    whose deadline lies in the plan is taken as new, or as begun early enough to be in time. `opening["running"]` names
    those that ran in the step before, `opening["last_steps"]` tells from which step on they may not run any more.
    """
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    left_h, running, last_steps = opening.get("left_h"), set(opening.get("running", [])), opening.get("last_steps", {})
    for job in jobs:
        due_time = job.deadline if job.deadline is not None else job.arrival + pd.Timedelta(hours=deadline_h)
        arrival = int(np.ceil(_steps_from(calendar, job.arrival) - ROUNDING_STEPS))
        due = int(np.floor(_steps_from(calendar, due_time) + ROUNDING_STEPS))
        hours = job.hours
        if arrival < 0:
            if left_h is None and due <= 0:
                continue
            hours = presumed_hours_left(job, due_time, calendar.start) if left_h is None else left_h.get(job.id, 0.0)
        length = int(np.ceil(hours / calendar.step_h - ROUNDING_STEPS))
        if left_h is None and hours < job.hours:
            length = min(length, due)  # whole steps in time
        if arrival >= calendar.count or length <= 0:
            continue
        first = max(arrival, 0)
        late = int(np.ceil(most_late_h / calendar.step_h - ROUNDING_STEPS))
        # who cannot be in time any more may still run at once, late
        last = last_steps.get(job.id, max(due + late, first + length))
        key = (first, due, last, length, job.cards, job.priority)
        groups[*key, hours < job.hours, job.id in running, "" if alike else job.id].append(job.id)
    return [Cohort(tuple(ids), *key[:-1]) for key, ids in sorted(groups.items(), key=lambda item: item[0])]  # type: ignore[arg-type]


def presumed_hours_left(job: Job, due: pd.Timestamp, start: pd.Timestamp) -> float:
    """Hours left of a job that came before a plan's start and of which nothing is reported.

    All of them while it can still be in time; else those until its deadline: who was to be in time has begun. A job too
    long for its deadline is late in any case and stays whole.
    """
    hour = pd.Timedelta(hours=1)
    if job.arrival >= start or job.arrival + job.hours * hour > due:
        return job.hours
    return min(job.hours, (due - start) / hour)


def _steps_from(calendar: Calendar, time: pd.Timestamp) -> float:
    return (time - calendar.start) / pd.Timedelta(hours=calendar.step_h)


def in_order_of_arrival(cohorts: Sequence[Cohort], free_cards: Floats) -> list[list[int]]:
    """First step of every job of every cohort if each starts as soon as its cards are free for all its steps.

    In order of arrival, higher priority first; a later job may fill a gap that earlier ones leave. A job that finds no
    room in its window gets none. Giving back exactly the cards that were used leads to the same starts again.
    """
    room, count = free_cards.astype(float).copy(), len(free_cards)
    starts: list[list[int]] = [[] for _ in cohorts]
    order = sorted(
        range(len(cohorts)), key=lambda c: (not cohorts[c].running, cohorts[c].arrival, -cohorts[c].priority, c)
    )
    for number in order:
        cohort = cohorts[number]
        for _ in range(cohort.jobs):
            step = _first_gap(room, cohort, count)
            if step is None:
                break
            room[step : step + cohort.steps] -= cohort.cards
            starts[number].append(step)
    return starts


def _first_gap(room: Floats, cohort: Cohort, count: int) -> int | None:
    most = min(cohort.last - cohort.steps + 1, count)
    full = np.concatenate([[0], np.cumsum(room < cohort.cards - ROUNDING_STEPS)])
    first = np.arange(cohort.arrival, max(most, cohort.arrival))
    fits = full[np.minimum(first + cohort.steps, count)] == full[first]
    return int(first[np.argmax(fits)]) if fits.any() else None


def assign(running: NDArray[np.int64], *, jobs: int, steps: int) -> NDArray[np.bool_]:
    """Assignment of jobs to steps, shape (jobs, time), from how many run, shape (time,).

    Keeps jobs running as long as that leaves the others a way to finish. Raises ValueError where more run than there
    are, or than `jobs` × `steps` in all. Where less is planned than needed, the last jobs are short of it.
    """
    total = int(running.sum())
    if running.max(initial=0) > jobs or total > jobs * steps:
        raise ValueError(
            f"{total} steps, {running.max(initial=0)} at once, are more than {jobs} jobs of {steps} steps can run"
        )
    left = _needs(total, jobs, steps, int(running.max(initial=0)))
    left = _attainable(left, running)
    runs = np.zeros((jobs, len(running)), dtype=bool)
    before = np.zeros(jobs, dtype=bool)
    for step, number in enumerate(running):
        if number:
            before = _chosen(left, before, int(number), running[step + 1 :])
            left = left - before
        else:
            before = np.zeros(jobs, dtype=bool)
        runs[:, step] = before
    return runs


def _needs(total: int, jobs: int, steps: int, widest: int) -> NDArray[np.int64]:
    """Steps each job is given: all of them, or whole jobs first and the rest to the next, as far as the widest step lets."""
    whole = np.minimum(np.maximum(total - steps * np.arange(jobs), 0), steps)
    assert widest <= jobs
    return whole.astype(np.int64)


def _attainable(left: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps moved from fuller to emptier jobs until the columns can be assigned, their sum kept."""
    left = left.copy()
    while not _can_finish(left, columns):
        left[np.argmax(left)] -= 1
        left[np.argmin(left)] += 1
    return left


def _chosen(
    left: NDArray[np.int64], before: NDArray[np.bool_], number: int, later: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Jobs that run now: those already running, then those nearest their end, as far as the others can still finish."""
    eager = np.lexsort((left, ~before))
    eager = eager[left[eager] > 0]
    needy = np.lexsort((~before, -left))
    picked = list(eager[:number])
    for job in needy[:number]:  # the neediest always leave a way: exchange for them one by one
        trial = np.zeros(len(left), dtype=bool)
        trial[picked] = True
        if _can_finish(left - trial, later):
            return trial
        if job not in picked:
            worst = next(candidate for candidate in reversed(picked) if candidate not in needy[:number])
            picked.remove(worst)
            picked.append(job)
    trial = np.zeros(len(left), dtype=bool)
    trial[picked] = True
    return trial


def _can_finish(left: NDArray[np.int64], columns: NDArray[np.int64]) -> bool:
    """Gale and Ryser: any k jobs need no more than the columns can give to k jobs."""
    if (left < 0).any():
        return False
    need = np.cumsum(np.sort(left)[::-1])
    most = np.minimum(columns[None, :], np.arange(1, len(left) + 1)[:, None]).sum(axis=1)
    return bool((need <= most).all())
