"""Rule that changes the jobs of a table: earlier deadlines, later arrivals, other priorities, without a new table."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from pydantic import Field

from optimizer.quantities.job_table import Job
from optimizer.quantities.strict import Settings


class JobChanges(Settings):
    """Changes by rule to the jobs of a class, listed or from a file; without any the jobs stay as they are."""

    ids: list[str] = Field(default=["*"], min_length=1)
    """Jobs that change, by id; `*` stands for any text: `train-*`."""
    arrival_shift_h: float = Field(default=0.0, ge=-24 * 366, le=24 * 366)
    """Hours by which jobs arrive later (below zero: earlier); a deadline of their own moves along."""
    deadline_h: float | None = Field(default=None, gt=0, le=24 * 366)
    """Hours from arrival to deadline, also of jobs with a deadline of their own; none: as they have it."""
    deadline_factor: float = Field(default=1.0, gt=0, le=100)
    """Multiplies the time from arrival to deadline, whosever it is."""
    priority: float | None = Field(default=None, gt=0)
    """Priority of these jobs in place of their own; none: their own."""
    priority_factor: float = Field(default=1.0, gt=0)
    """Multiplies the priority."""

    def applied(self, jobs: list[Job], deadline_h: float) -> list[Job]:
        """Jobs after the changes; `deadline_h` is what their class gives jobs without a deadline of their own."""
        if self == JobChanges():
            return jobs
        return [self._changed(job, deadline_h) if self._concerns(job) else job for job in jobs]

    def unmet(self, given: Sequence[Job], changed: Sequence[Job]) -> list[str]:
        """Remark on a rule that changes none of the jobs, as they are given and as they are after it."""
        if self == JobChanges():
            return []
        if not any(self._concerns(job) for job in given):
            return [f"changes: no job is named {' or '.join(self.ids)}, so nothing is changed"]
        return ["changes: every job is after them as it was before, so nothing is changed"] if given == changed else []

    def _concerns(self, job: Job) -> bool:
        return any(fnmatch.fnmatchcase(job.id, pattern) for pattern in self.ids)

    def _changed(self, job: Job, deadline_h: float) -> Job:
        shift = pd.Timedelta(hours=self.arrival_shift_h)
        own = pd.Timedelta(hours=deadline_h) if job.deadline is None else job.deadline - job.arrival
        allowed = (own if self.deadline_h is None else pd.Timedelta(hours=self.deadline_h)) * self.deadline_factor
        stays = job.deadline is None and self.deadline_h is None and self.deadline_factor == 1
        arrival = job.arrival + shift
        return replace(
            job,
            arrival=arrival,
            deadline=None if stays else arrival + allowed,
            priority=(job.priority if self.priority is None else self.priority) * self.priority_factor,
        )
