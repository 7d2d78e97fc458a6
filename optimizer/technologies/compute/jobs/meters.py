"""Meters of job cohorts: how many jobs start, run or resume in each step, by cohort and pool, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Count(StrEnum):
    """Counted events of jobs: starts, running steps, resumptions."""

    STARTS = "starts"
    """Jobs that start in the step; each runs through from there."""
    RUNNING = "running"
    """Jobs that run in the step."""
    RESUMES = "resumes"
    """Jobs that go on after a pause, in whatever pool."""


@dataclass(frozen=True)
class JobMeter:
    """Meter of one cohort: a count of its jobs, in one pool or in all."""

    count: Count
    cohort: str
    pool: str = ""
    """Pool; empty: all pools together."""

    def __str__(self) -> str:
        """Meter name of the count: `starts:nightly@ascend`, `resumes:nightly`."""
        return f"{self.count}:{self.cohort}@{self.pool}" if self.pool else f"{self.count}:{self.cohort}"


def read_job_meter(name: str) -> JobMeter:
    """Meter of a name that `str` has written. Raises ValueError if it is none."""
    kind, _, rest = name.partition(":")
    count = Count(kind)
    if count == Count.RESUMES:
        return JobMeter(count, rest)
    cohort, _, pool = rest.rpartition("@")
    return JobMeter(count, cohort, pool)
