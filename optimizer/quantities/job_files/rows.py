"""A job as a file tells it, and the account of a file: rows read, kept, left out and why."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

MOST_PROBLEMS = 10
"""So many wrong rows are named; a file in the wrong form would name all."""
MOST_PLACES = 5
"""So many rows of one kind are named in a sentence; the rest is counted."""
MOST_SHOWN = 60
"""Longer values are cut in messages."""
MOST_HOURS = 24.0 * 366
MOST_CARDS = 1e7
YEARS = range(1950, 2101)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?")


class WorkloadError(Exception):
    """A job file that cannot be used; `problems` has one line each: file, row, value, rule, remedy."""

    def __init__(self, problems: list[str]):
        self.problems = problems[:MOST_PROBLEMS]
        if len(problems) > MOST_PROBLEMS:
            self.problems.append(f"and {len(problems) - MOST_PROBLEMS} more like these")
        super().__init__("\n".join(self.problems))


class RowError(Exception):
    """Error in one row of a log."""


class LeftOut(Exception):  # noqa: N818  (no error: the row is sound and no work)
    """Why a sound row is no work for a plan (a job step, no accelerator requested, cancelled before it ran)."""


@dataclass(frozen=True)
class LogOptions:
    """Reading options of a log, where the file itself does not say."""

    accelerators: tuple[str, ...] = ("gpu", "npu", "dcu", "mlu")
    """Names of cards in Slurm's GRES and in Kubernetes' resources."""
    unknown_hours: float = 24.0
    """Length of a job of unknown length: still running or waiting, without a time limit."""
    columns: tuple[str, ...] = ()
    """Names of the columns of a file without a header."""
    keep_going: bool = False
    """Whether a broken row of a tidy table is left out and named, as in logs, instead of refusing the file."""


@dataclass(frozen=True)
class LogRow:
    """Job as a row of a log. Times: text as written, or seconds from the start of the trace."""

    id: str
    arrival: str | float
    cards: float
    hours: float
    deadline: str | float | None = None
    priority: float = 1.0
    group: str = ""
    place: str = ""
    """Where it stands in the file: `row 5`."""
    ran: tuple[str, str] | None = None
    """Start and end as written without zone, where `hours` is the difference of the two: a clock change lies between some."""


@dataclass(frozen=True)
class JobFile:
    """Jobs of a file and the account of its rows."""

    rows: tuple[LogRow, ...]
    read: int
    """Rows below the header; comments and blank lines do not count."""
    left_out: Mapping[str, tuple[str, ...]]
    """Reason → the rows left out for it."""
    assumed: Mapping[str, tuple[str, ...]]
    """What was assumed or changed → the rows it was done to."""
    unused_columns: tuple[str, ...] = ()

    def account(self) -> list[str]:
        """Sentences: rows read and kept, then each reason with its rows."""
        lost = sum(len(places) for places in self.left_out.values())
        kept = len({row.place for row in self.rows})
        jobs = "" if kept == len(self.rows) else f" as {len(self.rows):,} job{'s' if len(self.rows) > 1 else ''}"
        sentences = (
            [f"{self.read:,} row{'s' if self.read > 1 else ''} read, {kept:,} kept{jobs}, {lost:,} left out"]
            if lost or jobs
            else []
        )
        sentences += [f"left out: {reason}: {some_of(places)}" for reason, places in self.left_out.items()]
        sentences += [f"{what}: {some_of(places)}" for what, places in self.assumed.items()]
        if self.unused_columns:
            sentences.append(f"columns that nothing reads: {', '.join(map(shown, self.unused_columns))}")
        return sentences


@dataclass
class Gathering:
    """Rows of a file as they are read."""

    rows: list[LogRow] = field(default_factory=list)
    read: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)
    assumed: dict[str, list[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    """Rows that make no sense, each with what is wrong."""
    unused_columns: tuple[str, ...] = ()

    def leave(self, reason: str, place: str) -> None:
        """Count a row that is no work."""
        self.left_out.setdefault(reason, []).append(place)

    def assume(self, what: str, place: str) -> None:
        """Count a row that was read with an assumption."""
        self.assumed.setdefault(what, []).append(place)

    def closed(self, path: str, *, keep_going: bool) -> JobFile:
        """Whole. Raises WorkloadError for broken rows (unless `keep_going`), and where no job is left."""
        if self.broken and not keep_going:
            raise WorkloadError([f"{path}: {problem}" for problem in self.broken])
        left_out = {reason: tuple(places) for reason, places in self.left_out.items()}
        for problem in self.broken:
            place, _, what = problem.partition(": ")
            left_out[what] = (*left_out.get(what, ()), place)
        if not self.rows:
            reasons = [f"{path}: {some_of(places)}: {reason}" for reason, places in left_out.items()]
            raise WorkloadError([f"{path}: no job in it that ran on a card; check `form` and the columns", *reasons])
        assumed = {what: tuple(places) for what, places in self.assumed.items()}
        return JobFile(tuple(self.rows), self.read, left_out, assumed, self.unused_columns)


def some_of(places: Iterable[str]) -> str:
    """`row 2, 5, 9 and 12 more`."""
    places = list(places)
    kind = places[0].split(" ")[0] if places else ""
    bare = [place.removeprefix(f"{kind} ") for place in places]
    more = f" and {len(bare) - MOST_PLACES:,} more" if len(bare) > MOST_PLACES else ""
    return f"{kind} {', '.join(bare[:MOST_PLACES])}{more}"


def shown(value: object) -> str:
    """A value of a file in a message: printable, cut where it is long."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(value))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def job_name(text: str) -> str:
    """A job's id. Raises RowError where there is none."""
    if not text.strip():
        raise RowError("has no job id; give every job a name")
    # a terminal obeys control signs, and a report is no place for them
    return "".join(sign if sign.isprintable() else "?" for sign in text.strip())


def number(row: Mapping[str, str], column: str) -> float:
    """A finite number. Raises RowError."""
    try:
        # Python's own float takes 1_0 and the digits of every script; whoever wrote these meant something else
        if not row[column].isascii() or "_" in row[column]:
            raise ValueError
        value = float(row[column])
    except ValueError as error:
        raise RowError(f"{column} '{shown(row[column])}' is not a number") from error
    if not math.isfinite(value):
        raise RowError(f"{column} '{shown(row[column])}' is not a finite number")
    return value


def positive(row: Mapping[str, str], column: str, *, most: float = math.inf, unit: str = "") -> float:
    """A number above 0 and at most `most`. Raises RowError."""
    return within(number(row, column), column, most=most, unit=unit)


def within(value: float, what: str, *, most: float, unit: str) -> float:
    """A value above 0 and at most `most`. Raises RowError."""
    if value <= 0:
        raise RowError(f"{what} must be above 0, is {value:g}")
    if value > most:
        raise RowError(f"{what} is {value:g} {unit}; at most {most:,.0f} {unit} are believed".replace("  ", " "))
    return value


def iso_time(text: str, column: str) -> str:
    """A time as written. Raises RowError unless it is ISO 8601 of a year from 1950 to 2100."""
    stamp = parsed_time(text)
    if stamp is None:
        raise RowError(f"{column} '{shown(text)}' is not a time; write 2025-03-01 08:00, or with Z for UTC")
    if stamp.year not in YEARS:
        raise RowError(f"{column} '{shown(text)}' lies outside the years 1950 to 2100; correct the year")
    return text.strip()


def parsed_time(text: str) -> datetime | None:
    """An ISO 8601 time, year first, with its zone where it has one; None for any other text."""
    text = text.strip()
    if not ISO.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace("UTC", "Z").replace(" Z", "Z").replace(",", "."))
    except ValueError:
        return None
