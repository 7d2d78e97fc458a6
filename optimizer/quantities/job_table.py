"""Jobs as people have them: a tidy table, a scheduler's log (SWF, `sacct -P`), a Kubernetes pod list; one form inside.

Times in a table are UTC where they carry a zone or `Z`, else on the site's clock. Traces that count seconds from their
own start are laid on the plan's first step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from optimizer.quantities.calendar import Calendar, zone
from optimizer.quantities.documents import beside_the_scenario
from optimizer.quantities.job_logs import (
    LogRow,
    WorkloadError,
    read_kubernetes,
    read_sacct,
    read_swf,
    read_tidy,
)

Form = Literal["tidy", "swf", "sacct", "kubernetes"]
READERS: dict[str, Callable[[Path], list[LogRow]]] = {
    "tidy": read_tidy,
    "swf": read_swf,
    "sacct": read_sacct,
    "kubernetes": read_kubernetes,
}


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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class JobRow(_Part):
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
    def _as_text(cls, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else value

    @field_validator("arrival", "deadline")
    @classmethod
    def _is_a_time(cls, value: str | None) -> str | None:
        if value is not None:
            moment(value, "UTC")
        return value


class JobTable(_Part):
    """A file with jobs."""

    file: Path
    """The file, relative to the scenario file; may be gzipped."""
    form: Form = "tidy"
    """`tidy` (id, arrival, cards, hours, ...), `swf`, `sacct` (-P output) or `kubernetes` (pod list)."""
    align: Literal["clock", "start"] = "clock"
    """`clock`: jobs arrive at the times in the file. `start`: the first one arrives at the plan's first step."""
    groups: list[str] = []
    """Only jobs of these groups (tidy: group; SWF: queue; sacct: Partition; pods: qos); none: all."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: Any, info: ValidationInfo) -> Any:
        return beside_the_scenario(data, (info.context or {}).get("folder"))

    @model_validator(mode="after")
    def _can_be_read(self) -> JobTable:
        try:
            rows = read_rows(str(self.file), self.form)
            known = sorted({row.group for row in rows})
            if unknown := [group for group in self.groups if group not in known]:
                raise WorkloadError(
                    [f"{self.file}: no jobs of group {', '.join(unknown)}; the groups are {', '.join(known)}"]
                )
        except WorkloadError as error:
            raise ValueError("; and ".join(error.problems)) from error
        return self

    def jobs(self, calendar: Calendar) -> list[Job]:
        """The jobs of the file, in its order."""
        made = _timed(str(self.file), self.form, tuple(self.groups), calendar.start, calendar.timezone)
        if self.align == "clock" or not made:
            return list(made)
        shift = calendar.start - min(job.arrival for job in made)
        return [
            replace(job, arrival=job.arrival + shift, deadline=None if job.deadline is None else job.deadline + shift)
            for job in made
        ]


def listed_jobs(rows: list[JobRow], calendar: Calendar) -> list[Job]:
    """Jobs written out in the scenario."""
    return [
        Job(
            row.id,
            moment(row.arrival, calendar.timezone),
            None if row.deadline is None else moment(row.deadline, calendar.timezone),
            row.cards,
            row.hours,
            row.priority,
        )
        for row in rows
    ]


def moment(text: str, timezone: str) -> pd.Timestamp:
    """A time as written → UTC without zone. Raises ValueError if it is no time."""
    try:
        stamp = pd.Timestamp(text)
        if pd.isna(stamp):
            raise ValueError(text)
        local = stamp if stamp.tzinfo is not None else stamp.tz_localize(zone(timezone))  # type: ignore[call-overload]
    except Exception as error:
        raise ValueError(f"'{text}' is not a time; write 2025-03-01 08:00, or 2025-03-01T00:00Z for UTC") from error
    return local.tz_convert("UTC").tz_localize(None)


@lru_cache(maxsize=16)
def read_rows(file: str, form: Form) -> tuple[LogRow, ...]:
    """The usable rows of a job file. Raises WorkloadError with every row that makes no sense."""
    path = Path(file)
    if not path.is_file():
        raise WorkloadError([f"{file}: no such file; give its path relative to the scenario file"])
    try:
        rows = READERS[form](path)
    except (UnicodeDecodeError, OSError) as error:
        raise WorkloadError([f"{file}: cannot be read ({error}); give UTF-8 text or gzip"]) from error
    twice = [name for name, times in Counter(row.id for row in rows).items() if times > 1]
    if twice:
        raise WorkloadError([f"{file}: job id '{twice[0]}' stands there more than once; give every job its own id"])
    if not rows:
        raise WorkloadError([f"{file}: no job in it that ran on a card; check `form` and the columns"])
    return tuple(rows)


@lru_cache(maxsize=16)
def _timed(file: str, form: Form, groups: tuple[str, ...], start: pd.Timestamp, timezone: str) -> tuple[Job, ...]:
    """The jobs of a file in the order of its rows; kept, since a plan reads them several times."""

    def time(written: str | float) -> pd.Timestamp:
        """Text is a time; a number is seconds from the start of the plan."""
        return moment(written, timezone) if isinstance(written, str) else start + pd.Timedelta(seconds=written)

    return tuple(
        Job(
            row.id,
            time(row.arrival),
            None if row.deadline is None else time(row.deadline),
            row.cards,
            row.hours,
            row.priority,
        )
        for row in read_rows(file, form)
        if not groups or row.group in groups
    )


__all__ = ["Job", "JobRow", "JobTable", "WorkloadError", "listed_jobs", "moment", "read_rows"]
