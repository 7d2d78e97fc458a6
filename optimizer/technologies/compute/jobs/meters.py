"""Meters of job cohorts: how many jobs start, run or resume in each step, by cohort and pool, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Count(StrEnum):
    """What is counted."""

    STARTS = "starts"
    """Jobs that start in the step; each runs through from there."""
    RUNNING = "running"
    """Jobs that run in the step."""
    RESUMES = "resumes"
    """Jobs that go on after a pause, in whatever pool."""


@dataclass(frozen=True)
class JobMeter:
    """One count of one cohort."""

    count: Count
    cohort: str
    pool: str = ""
    """Where; empty: in all pools together."""

    def __str__(self) -> str:
        """Its name among the meters of an asset: `starts:nightly@ascend`, `resumes:nightly`."""
        return f"{self.count}:{self.cohort}@{self.pool}" if self.pool else f"{self.count}:{self.cohort}"


def read_job_meter(name: str) -> JobMeter:
    """The meter of a name that `str` has written. Raises ValueError if it is none."""
    kind, _, rest = name.partition(":")
    count = Count(kind)
    if count == Count.RESUMES:
        return JobMeter(count, rest)
    cohort, _, pool = rest.rpartition("@")
    return JobMeter(count, cohort, pool)
