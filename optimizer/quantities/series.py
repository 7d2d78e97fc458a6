"""A quantity over time as a user writes it: a number, a daily or weekly course, or a column of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from optimizer.quantities.calendar import Calendar, zone
from optimizer.quantities.documents import beside_the_scenario
from optimizer.quantities.file_columns import (
    BeyondEnd,
    SeriesError,
    read_column,
    rows_by_clock,
    rows_by_year,
    rows_from_start,
    stamps_of,
)
from optimizer.quantities.price_file import PriceFile
from optimizer.quantities.strict import Settings

Floats = NDArray[np.float64]


class DailyCourse(Settings):
    """Daily course, one for every day, or one for working days and one for weekends and holidays."""

    hourly: Annotated[list[float], Field(min_length=24, max_length=24)]
    """24 values, local hours 0..23."""
    weekend: Annotated[list[float], Field(min_length=24, max_length=24)] | None = None
    """24 values for Saturdays, Sundays and holidays; none: as on other days."""
    scale: float = 1.0
    """Every value is multiplied by this."""

    def on(self, calendar: Calendar) -> Floats:
        """Means over the steps, shape (steps,)."""
        return calendar.mean_of_parts(self._at, edges_h=1.0)

    def _at(self, calendar: Calendar) -> Floats:
        """Values at the start of steps that lie within one local hour each."""
        hour = calendar.hour.astype(int)
        values = np.asarray(self.hourly)[hour]
        if self.weekend is not None:
            free = (calendar.weekday >= 5) | calendar.is_holiday
            values = np.where(free, np.asarray(self.weekend)[hour], values)
        return np.asarray(values * self.scale, dtype=float)


class Monthly(Settings):
    """Monthly values, one a calendar month."""

    monthly: Annotated[list[float], Field(min_length=12, max_length=12)]
    """12 values, January to December."""

    def on(self, calendar: Calendar) -> Floats:
        """Values per step, shape (steps,)."""
        return np.asarray(self.monthly)[calendar.month - 1]


class FileColumn(Settings):
    """A column of a CSV file, by the stamps of its rows, or row by row from the start of the plan."""

    file: Path
    """CSV file, relative to the scenario file."""
    column: str
    """Name of the column."""
    scale: float = 1.0
    """Every value is multiplied by this (unit conversion)."""
    repeat: bool = False
    """Start over when the plan is longer than the file."""
    align: Literal["clock", "start", "year"] | None = None
    """`clock`: rows lie at the times of the file's column of stamps. `start`: row 1 is the plan's first step. `year`: row
    1 is 1 January 00:00 of the local clock, of a year of 365 days. None: by the clock where the file has stamps (and does
    not repeat), else from the start.
    """
    beyond_end: BeyondEnd = "refuse"
    """Hours after the file's last row: refused, or its last day again (`last_day`)."""
    time_column: str | None = None
    """Heading of the column of stamps; none: one of the usual (time, timestamp, time_utc, ...), if there is one."""
    time_zone: str | None = None
    """Clock of stamps without a zone, as UTC or America/Denver; none: UTC where the heading says so, else the site's."""
    row_h: float | None = Field(default=None, gt=0, le=24)
    """Hours of a row; none: inferred from the stamps, else the plan's step, which must then be one hour."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_scenario(cls, data: object, info: ValidationInfo) -> object:
        return beside_the_scenario(data, (info.context or {}).get("folder"))

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone(name)
        return name

    @model_validator(mode="after")
    def _can_be_read(self) -> FileColumn:
        try:
            read_column(str(self.file), self.column)
        except SeriesError as error:
            raise ValueError(str(error)) from error
        return self

    def on(self, calendar: Calendar) -> Floats:
        """Means over the steps, shape (steps,). Raises SeriesError if the file does not cover the plan."""
        values, file = read_column(str(self.file), self.column), str(self.file)
        stamps = stamps_of(file, calendar.timezone, self.time_column, self.time_zone)
        if self.align == "clock" and stamps is None:
            raise SeriesError(
                f"{file}: has no column of stamps (time, timestamp, ...), which align: clock needs; add one"
            )
        if self.align == "year":
            parts = rows_by_year(file, len(values), calendar)
        elif stamps is not None and (self.align == "clock" or (self.align is None and not self.repeat)):
            parts = rows_by_clock(file, stamps, calendar, self.beyond_end)
        else:
            row_h = self._row_h(stamps.row_h if stamps else None, calendar)
            repeated = rows_from_start(len(values), row_h, calendar, repeat=self.repeat, beyond_end=self.beyond_end)
            if repeated is None:
                rows = (
                    f"{calendar.count}" if row_h == calendar.step_h else f"{calendar.count * calendar.step_h / row_h:g}"
                )
                raise SeriesError(
                    f"{file}: column {self.column} has {len(values)} rows, the plan needs {rows}; "
                    "shorten the plan, lengthen the file or set repeat: true"
                )
            parts = repeated
        mean = values[parts[0]] if len(parts) == 1 else np.mean([values[rows] for rows in parts], axis=0)
        return np.asarray(mean * self.scale)

    def _row_h(self, stamped_h: float | None, calendar: Calendar) -> float:
        """Hours of a row. Raises SeriesError where they are unknown and the plan's steps are no hours."""
        known = self.row_h or stamped_h
        if known is None and calendar.step_h != 1:
            raise SeriesError(
                f"{self.file}: the length of its rows is unknown, and the plan's steps are {calendar.step_h:g} h; "
                f"set row_h: 1 for hourly rows, row_h: {calendar.step_h:g} for rows as long as a step, or add a column of stamps"
            )
        return known or calendar.step_h


def _form(value: object) -> str:
    keys = value if isinstance(value, dict) else {}
    if isinstance(value, DailyCourse) or "hourly" in keys:
        return "<daily>"
    if isinstance(value, Monthly) or "monthly" in keys:
        return "<monthly>"
    if isinstance(value, ByMember) or "by_member" in keys:
        return "<members>"
    if isinstance(value, PriceFile) or "prices" in keys:
        return "<prices>"
    return "<file>" if isinstance(value, FileColumn | dict) else "<number>"


OneSeries = Annotated[
    Annotated[float, Tag("<number>")]
    | Annotated[DailyCourse, Tag("<daily>")]
    | Annotated[Monthly, Tag("<monthly>")]
    | Annotated[FileColumn, Tag("<file>")]
    | Annotated[PriceFile, Tag("<prices>")],
    Discriminator(_form),
]


class ByMember(Settings):
    """A series of its own for every member of an uncertain plan."""

    by_member: dict[str, OneSeries]
    """Member's name (as under `members`) → its number, course or file column."""

    def of(self, member: str | None) -> OneSeries:
        """Member's series. Raises SeriesError for a member it does not have."""
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
    | Annotated[PriceFile, Tag("<prices>")]
    | Annotated[ByMember, Tag("<members>")],
    Discriminator(_form),
]
"""A number, a course, a file's column, or one of these for each member."""


def values_on(series: Series, calendar: Calendar, member: str | None = None) -> Floats:
    """Any series as numbers per step, shape (steps,); `member` is the name of the member they are for."""
    if isinstance(series, ByMember):
        series = series.of(member)
    if isinstance(series, DailyCourse | Monthly | FileColumn | PriceFile):
        return series.on(calendar)
    return np.full(calendar.count, float(series))


__all__ = [
    "ByMember",
    "DailyCourse",
    "FileColumn",
    "Monthly",
    "PriceFile",
    "Series",
    "SeriesError",
    "read_column",
    "values_on",
]
