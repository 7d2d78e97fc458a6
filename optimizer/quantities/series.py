"""A quantity over time as a user writes it: a number, a daily or weekly course, or a column of a file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo, model_validator

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.documents import beside_the_scenario

Floats = NDArray[np.float64]


class SeriesError(Exception):
    """A series that cannot be laid on the plan's hours: names the file, what is wrong and the remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class DailyCourse(_Part):
    """The same course every day, or one for working days and one for weekends and holidays."""

    hourly: Annotated[list[float], Field(min_length=24, max_length=24)]
    """24 values, local hours 0..23."""
    weekend: Annotated[list[float], Field(min_length=24, max_length=24)] | None = None
    """24 values for Saturdays, Sundays and holidays; none: as on other days."""
    scale: float = 1.0
    """Every value is multiplied by this."""

    def on(self, calendar: Calendar) -> Floats:
        """Values per step, shape (steps,)."""
        hour = calendar.hour.astype(int)
        values = np.asarray(self.hourly)[hour]
        if self.weekend is not None:
            free = (calendar.weekday >= 5) | calendar.is_holiday
            values = np.where(free, np.asarray(self.weekend)[hour], values)
        return np.asarray(values * self.scale, dtype=float)


class Monthly(_Part):
    """One value a calendar month."""

    monthly: Annotated[list[float], Field(min_length=12, max_length=12)]
    """12 values, January to December."""

    def on(self, calendar: Calendar) -> Floats:
        """Values per step, shape (steps,)."""
        return np.asarray(self.monthly)[calendar.month - 1]


class FileColumn(_Part):
    """A column of a CSV file, row by row from the start of the plan."""

    file: Path
    """CSV file, relative to the scenario file."""
    column: str
    """Name of the column."""
    scale: float = 1.0
    """Every value is multiplied by this (unit conversion)."""
    repeat: bool = False
    """Start over when the plan is longer than the file."""
    align: Literal["start", "year"] = "start"
    """`start`: row 1 is the plan's first step. `year`: row 1 is 1 January 00:00 local time of a year of 365 days."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: Any, info: ValidationInfo) -> Any:
        return beside_the_scenario(data, (info.context or {}).get("folder"))

    @model_validator(mode="after")
    def _can_be_read(self) -> FileColumn:
        try:
            read_column(str(self.file), self.column)
        except SeriesError as error:
            raise ValueError(str(error)) from error
        return self

    def on(self, calendar: Calendar) -> Floats:
        """Values per step, shape (steps,). Raises SeriesError if the file is too short."""
        values = read_column(str(self.file), self.column)
        first = 0
        if self.align == "year":
            start = calendar.local[0]
            before_leap_day = start.dayofyear - int(start.is_leap_year and start.month > 2)
            first = round(((before_leap_day - 1) * 24 + start.hour + start.minute / 60) / calendar.step_h)
        rows = first + np.arange(calendar.count)
        if self.repeat or self.align == "year":
            rows = rows % len(values)
        elif rows[-1] >= len(values):
            raise SeriesError(
                f"{self.file}: column {self.column} has {len(values)} rows, the plan needs {calendar.count}; "
                "shorten the plan, lengthen the file or set repeat: true"
            )
        return values[rows] * self.scale


def _form(value: object) -> str:
    keys = value if isinstance(value, dict) else {}
    if isinstance(value, DailyCourse) or "hourly" in keys:
        return "<daily>"
    if isinstance(value, Monthly) or "monthly" in keys:
        return "<monthly>"
    if isinstance(value, ByMember) or "by_member" in keys:
        return "<members>"
    return "<file>" if isinstance(value, FileColumn | dict) else "<number>"


OneSeries = Annotated[
    Annotated[float, Tag("<number>")]
    | Annotated[DailyCourse, Tag("<daily>")]
    | Annotated[Monthly, Tag("<monthly>")]
    | Annotated[FileColumn, Tag("<file>")],
    Discriminator(_form),
]


class ByMember(_Part):
    """A series of its own for every member of an uncertain plan."""

    by_member: dict[str, OneSeries]
    """Member's name (as under `members`) → its number, course or file column."""

    def of(self, member: str | None) -> OneSeries:
        """The member's series. Raises SeriesError for a member it does not have."""
        if member not in self.by_member:
            known = ", ".join(self.by_member)
            which = f"member '{member}'" if member else "a quantity that is fixed before the member is known"
            raise SeriesError(
                f"by_member has {known}, not {which}; give one series for each member, or the same for all"
            )
        return self.by_member[member]


Series = Annotated[
    Annotated[float, Tag("<number>")]
    | Annotated[DailyCourse, Tag("<daily>")]
    | Annotated[Monthly, Tag("<monthly>")]
    | Annotated[FileColumn, Tag("<file>")]
    | Annotated[ByMember, Tag("<members>")],
    Discriminator(_form),
]
"""A number, a course, a file's column, or one of these for each member."""


def values_on(series: Series, calendar: Calendar, member: str | None = None) -> Floats:
    """Any series as numbers per step, shape (steps,); `member` is the name of the member they are for."""
    if isinstance(series, ByMember):
        series = series.of(member)
    if isinstance(series, DailyCourse | Monthly | FileColumn):
        return series.on(calendar)
    return np.full(calendar.count, float(series))


def read_column(file: str, column: str) -> Floats:
    """One numeric column of a CSV file (lines that begin with # are comments). Raises SeriesError."""
    try:
        stamp = Path(file).stat().st_mtime_ns
    except OSError as error:
        raise SeriesError(f"{file}: no such file; give its path relative to the scenario file") from error
    return _column(file, column, stamp)


@lru_cache(maxsize=256)
def _column(file: str, column: str, stamp: int) -> Floats:
    table = _table(file, stamp)
    if column not in table.columns:
        raise SeriesError(f"{file}: no column '{column}'; the file has {', '.join(map(str, table.columns))}")
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers))) + 2
        raise SeriesError(
            f"{file}: column {column}, row {row}: '{table[column].iloc[row - 2]}' is not a number; fill every row"
        )
    return numbers


@lru_cache(maxsize=8)
def _table(file: str, stamp: int) -> pd.DataFrame:  # noqa: ARG001
    try:
        return pd.read_csv(file, comment="#")
    except Exception as error:
        raise SeriesError(
            f"{file}: cannot be read as CSV ({error}); give a comma-separated table with a header row"
        ) from error
