"""Columns of CSV files with the stamps of their rows: which row belongs to which hour of a plan."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.quantities.calendar import Calendar
from optimizer.quantities.civil_time import moments, second_pass
from optimizer.quantities.file_cache import cached_by_version
from optimizer.quantities.job_files.rows import parsed_time, shown
from weather.files.plain import UnusableFileError, plain_bytes, text_of

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
BeyondEnd = Literal["refuse", "last_day"]
"""Answer for hours after a file's last row."""
STAMP_NAMES = frozenset({"time", "timestamp", "datetime", "date", "stamp", "utc", "time_utc", "time_local", "local_time",
                         "date_time", "utc_time", "timestamp_utc", "datetime_utc"})  # fmt: skip
"""Headings of a column of stamps."""
MOST_MB = 200.0
HOURS_OF_YEARS = (8760, 8784)


class SeriesError(Exception):
    """A series that cannot be laid on the plan's hours: names the file, what is wrong and the remedy."""


def read_column(file: str, column: str) -> Floats:
    """Numeric column of a CSV file (lines that begin with # are comments). Raises SeriesError."""
    try:
        return _column(file, column)
    except UnusableFileError as error:
        raise SeriesError(f"{file}: {error}") from error
    except OSError as error:
        raise SeriesError(f"{file}: no such file; give its path relative to the scenario file") from error


@cached_by_version(maxsize=256)
def _column(file: str, column: str) -> Floats:
    table = _table(file)
    if column not in table.columns:
        known = ", ".join(shown(name) for name in table.columns[:20])
        raise SeriesError(f"{file}: no column '{column}'; the file has {known}")
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers))) + 2
        cell = shown(table[column].iloc[row - 2])
        raise SeriesError(f"{file}: column {column}, row {row}: '{cell}' is not a number; fill every row")
    if not len(numbers):
        raise SeriesError(f"{file}: column {column} has no rows below its heading")
    return numbers


@cached_by_version(maxsize=8)
def _table(file: str) -> pd.DataFrame:
    text = text_of(plain_bytes(file, most_mb=MOST_MB))
    try:
        return pd.read_csv(io.StringIO(text), comment="#")
    except Exception as error:
        raise SeriesError(
            f"{file}: cannot be read as CSV ({shown(error)}); give a comma-separated table with a header row"
        ) from error


@dataclass(frozen=True)
class Stamps:
    """Clock of a file's rows."""

    time: pd.DatetimeIndex
    """UTC start of every row, without zone."""
    row_h: float
    """Hours from each row to the next."""


def stamps_of(file: str, timezone: str, column: str | None = None, clock: str | None = None) -> Stamps | None:
    """Stamps of a file's rows, if it has a column of them; stamps without a zone are local (`utc` in the heading: UTC).

    `column`: its heading, where it is none of the usual; `clock`: that of stamps without a zone. Raises SeriesError where
    they are out of order or unequally spaced.
    """
    return _stamps(file, timezone, column, clock)


@cached_by_version(maxsize=32)
def _stamps(file: str, timezone: str, column: str | None, clock: str | None) -> Stamps | None:
    table = _table(file)
    if column is not None:
        _require_stamps(table, file, column)
        table = table.rename(columns={column: "time"})[["time"]]
    elif clock is not None:
        table = table.rename(columns=dict.fromkeys(_stamp_columns(table)[:1], "time"))
    return stamps_in(table, file, clock or ("UTC" if "utc" in (column or "").lower() else timezone))


def _require_stamps(table: pd.DataFrame, file: str, column: str) -> None:
    """Raises SeriesError where the named column is not there or holds no stamps."""
    if column not in table.columns:
        known = ", ".join(shown(name) for name in table.columns[:20])
        raise SeriesError(f"{file}: no column '{column}'; the file has {known}")
    if not len(table) or parsed_time(str(table[column].iloc[0])) is None:
        cell = shown(table[column].iloc[0]) if len(table) else ""
        raise SeriesError(f"{file}: column {column}: '{cell}' is no time; name the column of stamps as time_column")


def _stamp_columns(table: pd.DataFrame) -> list[str]:
    """Columns whose heading is a usual one of stamps."""
    return [name for name in table.columns if str(name).strip().lower() in STAMP_NAMES]


def table_of(file: str) -> pd.DataFrame:
    """Whole table of a CSV file. Raises SeriesError."""
    try:
        return _table(file)
    except UnusableFileError as error:
        raise SeriesError(f"{file}: {error}") from error
    except OSError as error:
        raise SeriesError(f"{file}: no such file; give its path relative to the scenario file") from error


def stamps_in(table: pd.DataFrame, file: str, timezone: str) -> Stamps | None:
    """Stamps of a table's rows, as `stamps_of`; `file` names it in messages."""
    names = _stamp_columns(table)
    texts = table[names[0]].fillna("").astype(str).tolist() if names else []
    if len(texts) < 2 or parsed_time(texts[0]) is None:
        return None
    try:
        time = moments(texts, "UTC" if "utc" in str(names[0]).lower() else timezone)[0]
    except ValueError as error:
        raise SeriesError(f"{file}: column {names[0]}: {shown(error)}") from error
    time = _second_pass(time, texts, timezone)
    steps = np.diff(time.to_numpy()) / np.timedelta64(1, "h")
    typical = float(np.median(steps))
    odd = np.flatnonzero(np.abs(steps - typical) > 1e-6)  # hours; stamps are whole seconds
    if len(odd):
        row = int(odd[0]) + 3
        raise SeriesError(
            f"{file}: row {row}: {texts[row - 2]} follows {texts[row - 3]}, other rows are {typical:g} h apart; "
            "restore the missing rows or sort them, or write stamps in UTC with Z"
        )
    return Stamps(time, typical)


def _second_pass(time: pd.DatetimeIndex, texts: list[str], timezone: str) -> pd.DatetimeIndex:
    """Second of two equal local stamps (the hour that the clock shows twice) later by as much as the clock goes back."""
    seen: dict[str, int] = {}
    again = np.zeros(len(texts), dtype=bool)
    for number, text in enumerate(texts):
        again[number] = text in seen
        seen[text] = number
    if not again.any():
        return time
    local = time.tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    # equal stamps outside such an hour are an hour apart too: the check of equal steps names them
    back_h = np.asarray(second_pass(local, timezone) / pd.Timedelta(hours=1), dtype=float)
    return pd.DatetimeIndex(time + pd.to_timedelta(np.where(again, np.where(back_h > 0, back_h, 1.0), 0.0), unit="h"))


def rows_by_clock(file: str, stamps: Stamps, calendar: Calendar, beyond_end: BeyondEnd = "refuse") -> list[Places]:
    """Rows that belong to each step by their stamps: one array of shape (steps,) for each part of a step.

    Raises SeriesError where the file does not cover the plan.
    """
    parts = max(round(calendar.step_h / stamps.row_h), 1)
    starts = calendar.finer(parts).time if parts > 1 else calendar.time
    passed_h = np.asarray((starts - stamps.time[0]) / pd.Timedelta(hours=1), dtype=float)
    rows = np.floor(passed_h / stamps.row_h + 1e-9).astype(np.int64)
    if beyond_end == "last_day":
        rows = on_last_day(rows, len(stamps.time), stamps.row_h)
    if rows[0] < 0 or rows[-1] >= len(stamps.time):
        last = stamps.time[-1] + pd.Timedelta(hours=stamps.row_h)
        end = calendar.time[-1] + pd.Timedelta(hours=calendar.step_h)
        raise SeriesError(
            f"{file}: its stamps run from {stamps.time[0]} to {last} UTC, the plan from {calendar.time[0]} to {end} UTC; "
            "give a file of these hours, align: start to lay its first row on the plan's first step, or beyond_end: last_day "
            "to repeat its last day"
        )
    return list(rows.reshape(calendar.count, parts).T)


def on_last_day(rows: Places, count: int, row_h: float) -> Places:
    """Rows of a file of `count` rows, those beyond its end moved back by whole days into its last day; none shorter than a day."""
    a_day = round(24 / row_h)
    if count < a_day:
        return rows
    days_beyond = np.maximum(-(-(rows - count + 1) // a_day), 0)
    return np.asarray(rows - days_beyond * a_day, dtype=np.int64)


def rows_by_year(file: str, length: int, calendar: Calendar) -> list[Places]:
    """Rows of a file of one year that belong to each step by local month, day and hour (29 February reads the 28th)."""
    hours = next((hours for hours in HOURS_OF_YEARS if length % hours == 0), None)
    if hours is None:
        raise SeriesError(
            f"{file}: {length:,} rows are no year of equal steps; align: year needs 8,760 hours (or 8,784), or quarters of them"
        )
    row_h = hours / length
    parts = max(round(calendar.step_h / row_h), 1)
    local = (calendar.finer(parts) if parts > 1 else calendar).local
    leap_day = (local.month == 2) & (local.day == 29)
    day = np.asarray(local.dayofyear) - 1
    if hours == HOURS_OF_YEARS[0]:
        day = day - np.asarray((local.is_leap_year & (local.month > 2)) | leap_day, dtype=int)
    else:
        day = day + np.asarray(~local.is_leap_year & (local.month > 2), dtype=int)
    in_day = (np.asarray(local.hour) + np.asarray(local.minute) / 60) / row_h
    rows = np.floor(day * 24 / row_h + in_day + 1e-9).astype(np.int64)
    return list(rows.reshape(calendar.count, parts).T)


def rows_from_start(
    length: int, row_h: float, calendar: Calendar, *, repeat: bool, beyond_end: BeyondEnd = "refuse"
) -> list[Places] | None:
    """Rows that belong to each step when the first row is the first step; None: the file is too short."""
    parts = max(round(calendar.step_h / row_h), 1)
    at_h = np.arange(calendar.count * parts) * (calendar.step_h / parts)
    rows = np.floor(at_h / row_h + 1e-9).astype(np.int64)
    if beyond_end == "last_day":
        rows = on_last_day(rows, length, row_h)
    if repeat:
        rows = rows % length
    elif rows[-1] >= length:
        return None
    return list(rows.reshape(calendar.count, parts).T)
