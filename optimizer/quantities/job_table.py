"""Jobs as people have them: a tidy table, a scheduler's log (SWF, `sacct -P`), a list of Kubernetes pods; one form inside.

Times in a table are UTC where they carry a zone or `Z`, else on the site's clock. Traces that count seconds from their
own start are laid on the plan's first step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.civil_time import DOUBLED, SKIPPED, moments
from optimizer.quantities.documents import beside_the_scenario
from optimizer.quantities.file_cache import FileVersion, cached_by_version
from optimizer.quantities.job_files.pods import read_pods
from optimizer.quantities.job_files.rows import (
    JobFile,
    LogOptions,
    LogRow,
    WorkloadError,
    iso_time,
    some_of,
)
from optimizer.quantities.job_files.sacct import read_sacct
from optimizer.quantities.job_files.swf import read_swf
from optimizer.quantities.job_files.tables import read_tidy
from optimizer.quantities.strict import Settings
from weather.files.plain import UnusableFileError, text_of, unpacked_bytes

Form = Literal["tidy", "swf", "sacct", "kubernetes"]
READERS: dict[str, Callable[[str, str, LogOptions], JobFile]] = {
    "tidy": read_tidy,
    "swf": read_swf,
    "sacct": read_sacct,
    "kubernetes": read_pods,
}
MOST_MB = 400.0
AS_IT_IS = LogOptions()


@dataclass(frozen=True)
class Job:
    """A piece of work with an identity. Times are UTC without zone."""

    id: str
    arrival: pd.Timestamp
    deadline: pd.Timestamp | None
    cards: float
    """Cards it holds all at once while it runs (a gang)."""
    hours: float
    """How long it runs on them."""
    priority: float = 1.0


class JobRow(Settings):
    """A job written out in the scenario."""

    id: str
    """Name of the job."""
    arrival: str
    """When it may start: `2025-03-01 08:00`, on the site's clock."""
    deadline: str | None = None
    """When it must be done; none: the class's deadline."""
    cards: float = Field(gt=0)
    """Cards it holds while it runs."""
    hours: float = Field(gt=0, le=24 * 366)
    """Hours it runs."""
    priority: float = Field(default=1.0, gt=0)
    """Multiplies the prices of being late or missed."""

    @field_validator("arrival", "deadline", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return value.isoformat() if hasattr(value, "isoformat") else value

    @field_validator("arrival", "deadline")
    @classmethod
    def _is_a_time(cls, value: str | None) -> str | None:
        if value is not None:
            _checked_time(value)
        return value


class JobTable(Settings):
    """A file with jobs."""

    file: Path
    """File, relative to the scenario file; may be gzipped."""
    form: Form = "tidy"
    """`tidy` (id, arrival, cards, hours, ...), `swf`, `sacct` (-P output) or `kubernetes` (pods: JSON of kubectl, or CSV)."""
    align: Literal["clock", "start"] = "clock"
    """`clock`: jobs arrive at the times in the file. `start`: the first one arrives at the plan's first step."""
    groups: list[str] = []
    """Only jobs of these groups (tidy: group; SWF: queue; sacct: Partition; pods: qos); none: all."""
    accelerators: list[str] = Field(default=list(AS_IT_IS.accelerators), min_length=1)
    """What cards are called in the log: Slurm's gres/NAME, Kubernetes' MAKER/NAME."""
    unknown_hours: float = Field(default=AS_IT_IS.unknown_hours, gt=0, le=24 * 366)
    """Length taken for a job of a log that is not done and has no time limit."""
    columns: list[str] = []
    """Names of the columns of an sacct log without a header; none: inferred from the cells."""
    broken_rows: Literal["refuse", "leave_out"] = "refuse"
    """What a wrong row does to a tidy table; in logs it is always left out and named."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: object, info: ValidationInfo) -> object:
        return beside_the_scenario(data, (info.context or {}).get("folder"))

    @model_validator(mode="after")
    def _can_be_read(self) -> JobTable:
        try:
            known = sorted({row.group for row in self.read().rows})
            if unknown := [group for group in self.groups if group not in known]:
                raise WorkloadError(
                    [f"{self.file}: no jobs of group {', '.join(unknown)}; the groups are {', '.join(known)}"]
                )
        except WorkloadError as error:
            raise ValueError("; and ".join(error.problems)) from error
        return self

    def read(self) -> JobFile:
        """Rows of the file with their account. Raises WorkloadError."""
        return read_file(str(self.file), self.form, self._options())

    def _options(self) -> LogOptions:
        return LogOptions(
            tuple(self.accelerators), self.unknown_hours, tuple(self.columns), self.broken_rows == "leave_out"
        )

    def jobs(self, calendar: Calendar) -> list[Job]:
        """Jobs of the file, in its order."""
        groups = tuple(self.groups)
        made = _timed(str(self.file), self.form, self._options(), groups, calendar.start, calendar.timezone)
        if self.align == "clock" or not made:
            return list(made)
        shift = calendar.start - min(job.arrival for job in made)
        return [
            replace(job, arrival=job.arrival + shift, deadline=None if job.deadline is None else job.deadline + shift)
            for job in made
        ]

    def account(self, calendar: Calendar) -> list[str]:
        """Sentences on the file's rows: left out and why, assumed lengths, local times that do not exist or exist twice."""
        return [*self.read().account(), *_odd_times(self.read().rows, calendar.timezone)]


def listed_jobs(rows: list[JobRow], calendar: Calendar) -> list[Job]:
    """Jobs written out in the scenario."""
    # all times at once: one by one they took a minute for ten thousand jobs
    arrivals, _, _ = moments([row.arrival for row in rows], calendar.timezone)
    written = [row.deadline for row in rows if row.deadline is not None]
    deadlines = iter(moments(written, calendar.timezone)[0])
    return [
        Job(row.id, arrival, None if row.deadline is None else next(deadlines), row.cards, row.hours, row.priority)
        for row, arrival in zip(rows, arrivals, strict=True)
    ]


def _checked_time(text: str) -> str:
    """A time as written, if it is one. Raises ValueError."""
    try:
        return iso_time(text, "time")
    except Exception as error:
        raise ValueError(f"'{text}' is not a time; write 2025-03-01 08:00, or 2025-03-01T00:00Z for UTC") from error


def read_rows(file: str, form: Form, options: LogOptions = AS_IT_IS) -> tuple[LogRow, ...]:
    """Usable rows of a job file. Raises WorkloadError with every row that makes no sense."""
    return read_file(file, form, options).rows


def read_file(file: str, form: Form, options: LogOptions = AS_IT_IS) -> JobFile:
    """A job file's rows with their account; kept while the file stays the same. Raises WorkloadError."""
    try:
        return _read_file(file, form, options)
    except FileNotFoundError as error:
        raise WorkloadError([f"{file}: no such file; give its path relative to the scenario file"]) from error
    except UnusableFileError as error:
        raise WorkloadError([f"{file}: {error}"]) from error
    except OSError as error:
        raise WorkloadError([f"{file}: cannot be read ({error.strerror}); give UTF-8 text or gzip"]) from error


@cached_by_version(maxsize=16)
def _read_file(file: str, form: Form, options: LogOptions) -> JobFile:
    return READERS[form](file, text_of(unpacked_bytes(file, most_mb=MOST_MB)), options)


@cached_by_version(maxsize=16)
def _timed(
    file: str, form: Form, options: LogOptions, groups: tuple[str, ...], start: pd.Timestamp, timezone: str
) -> tuple[Job, ...]:
    """Jobs of a file in the order of its rows; kept, since a plan reads them several times."""
    rows = [row for row in read_rows(file, form, options) if not groups or row.group in groups]
    arrivals = _times([row.arrival for row in rows], start, timezone)
    deadlines = _times([row.deadline if row.deadline is not None else 0.0 for row in rows], start, timezone)
    hours = _hours_by_clock(rows, timezone)
    return tuple(
        Job(row.id, arrival, None if row.deadline is None else deadline, row.cards, length_h, row.priority)
        for row, arrival, deadline, length_h in zip(rows, arrivals, deadlines, hours, strict=True)
    )


def _hours_by_clock(rows: Sequence[LogRow], timezone: str) -> list[float]:
    """Lengths of jobs; from start to end on the site's clock where no other is known, an hour more or less over a clock change."""
    between: Iterator[float] = iter(())
    spans = [row.ran for row in rows if row.ran is not None]
    if spans:
        starts, ends = (moments([span[at] for span in spans], timezone)[0] for at in (0, 1))
        between = iter(np.asarray((ends - starts) / pd.Timedelta(hours=1), dtype=float).tolist())
    by_clock = [row.hours if row.ran is None else next(between) for row in rows]
    return [length_h if length_h > 0 else row.hours for row, length_h in zip(rows, by_clock, strict=True)]


def _times(written: Sequence[str | float], start: pd.Timestamp, timezone: str) -> list[pd.Timestamp]:
    """Text is a time; a number is seconds from the start of the plan."""
    texts = [text for text in written if isinstance(text, str)]
    of_text = iter(moments(texts, timezone)[0]) if texts else iter(())
    return [next(of_text) if isinstance(time, str) else start + pd.Timedelta(seconds=time) for time in written]


def _odd_times(rows: Sequence[LogRow], timezone: str) -> list[str]:
    """Sentences on arrivals and deadlines in an hour that the clock skips or shows twice."""
    sentences = []
    for what in ("arrival", "deadline"):
        timed = [row for row in rows if isinstance(getattr(row, what), str)]
        if not timed:
            continue
        _, skipped, doubled = moments([getattr(row, what) for row in timed], timezone)
        sentences += [
            _clock_change_note(what, timed, marks, why)
            for marks, why in ((skipped, SKIPPED), (doubled, DOUBLED))
            if marks.any()
        ]
    return sentences


def _clock_change_note(what: str, rows: Sequence[LogRow], marks: NDArray[np.bool_], why: str) -> str:
    odd = [row for row, marked in zip(rows, marks, strict=True) if marked]
    return f"{some_of([row.place for row in odd])}: {what} {getattr(odd[0], what)} {why}"


__all__ = ["FileVersion", "Job", "JobFile", "JobRow", "JobTable", "WorkloadError", "listed_jobs", "read_rows"]
