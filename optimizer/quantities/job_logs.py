"""Readers of job files: each turns one form of file into rows of one kind, or says row by row what is wrong.

Rows that never ran on a card (cancelled while waiting, no accelerator asked for) are left out: they are no work.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

MOST_PROBLEMS = 10
"""So many wrong rows are named; a file in the wrong form would name all."""


class WorkloadError(Exception):
    """A job file that cannot be used; `problems` has one line each: file, row, value, rule, remedy."""

    def __init__(self, problems: list[str]):
        self.problems = problems[:MOST_PROBLEMS]
        if len(problems) > MOST_PROBLEMS:
            self.problems.append(f"and {len(problems) - MOST_PROBLEMS} more rows like these")
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class LogRow:
    """One job as a file tells it. Times: text as written, or seconds from the start of the trace."""

    id: str
    arrival: str | float
    cards: float
    hours: float
    deadline: str | float | None = None
    priority: float = 1.0
    group: str = ""


class _RowError(Exception):
    """What is wrong with one row."""


def read_tidy(path: Path) -> list[LogRow]:
    """CSV with id, arrival, cards, hours and, where known, deadline, priority, group. Times as text."""
    return _read_table(path, ",", ("id", "arrival", "cards", "hours"), _tidy_row)


def _tidy_row(row: dict[str, str]) -> LogRow | None:
    deadline = row.get("deadline", "").strip() or None
    for name, written in (("arrival", row["arrival"]), ("deadline", deadline)):
        if written is not None and not _is_time(written):
            raise _RowError(f"{name} '{written}' is not a time; write 2025-03-01 08:00, or with Z for UTC")
    return LogRow(
        _name(row["id"]),
        row["arrival"],
        _positive(row, "cards"),
        _positive(row, "hours"),
        deadline,
        _positive(row, "priority") if row.get("priority") else 1.0,
        row.get("group", ""),
    )


def read_swf(path: Path) -> list[LogRow]:
    """Standard Workload Format 2.2: 18 columns, −1 unknown; processors are taken as cards, `queue` as group.

    Seconds are counted from UnixStartTime where the header has it. Source: Parallel Workloads Archive, format 2.2.
    """
    start: float | None = None
    rows, problems = [], []
    for number, line in enumerate(_lines(path), start=1):
        if found := re.match(r";\s*UnixStartTime:\s*(\d+)", line):
            start = float(found[1])
        if not line.strip() or line.startswith(";"):
            continue
        try:
            if row := _swf_row(line.split(), start):
                rows.append(row)
        except _RowError as error:
            problems.append(f"{path}: line {number}: {error}")
    if problems:
        raise WorkloadError(problems)
    return rows


def _swf_row(cells: list[str], start: float | None) -> LogRow | None:
    if len(cells) != 18:
        raise _RowError(f"has {len(cells)} columns, SWF has 18; check that the file is SWF")
    try:
        values = [float(cell) for cell in cells]
    except ValueError as error:
        raise _RowError(f"{error}; SWF holds numbers only") from error
    submit, seconds, cards = values[1], values[3], values[4] if values[4] > 0 else values[7]
    if seconds <= 0 or cards <= 0:
        return None
    arrival = submit if start is None else str(pd.Timestamp(start + submit, unit="s", tz="UTC"))
    return LogRow(cells[0], arrival, cards, seconds / 3600, group=cells[14])


def read_sacct(path: Path) -> list[LogRow]:
    """`sacct -P` with at least JobIDRaw (or JobID), Submit, ElapsedRaw and AllocTRES or ReqTRES (gres/gpu=N).

    Job steps (`123.batch`) are left out. A job that has not run yet counts with its TimelimitRaw (minutes).
    """
    return _read_table(path, "|", ("Submit", "ElapsedRaw"), _sacct_row)


def _sacct_row(row: dict[str, str]) -> LogRow | None:
    name = row.get("JobIDRaw") or row.get("JobID") or ""
    if "." in name:
        return None
    resources = row.get("AllocTRES") or row.get("ReqTRES") or ""
    found = re.search(r"gres/gpu(?::[^=,]*)?=(\d+)", resources)
    if found is None or int(found[1]) == 0:
        return None
    seconds = _number(row, "ElapsedRaw")
    waiting = row.get("State", "").startswith("PENDING")
    if seconds <= 0 and waiting and row.get("TimelimitRaw", "").isdigit():
        seconds = 60.0 * float(row["TimelimitRaw"])
    if seconds <= 0:
        return None
    if not _is_time(row["Submit"]):
        raise _RowError(f"Submit '{row['Submit']}' is not a time; run sacct without SLURM_TIME_FORMAT")
    return LogRow(_name(name), row["Submit"], float(found[1]), seconds / 3600, group=row.get("Partition", ""))


def read_kubernetes(path: Path) -> list[LogRow]:
    """Pod list as CSV: name, num_gpu, gpu_milli, qos, creation_time, deletion_time, scheduled_time (seconds).

    A pod that shares one card counts with its share. Columns as in the openb trace (Weng et al., USENIX ATC 2023).
    """
    return _read_table(path, ",", ("name", "num_gpu", "creation_time", "deletion_time", "scheduled_time"), _pod_row)


def _pod_row(row: dict[str, str]) -> LogRow | None:
    cards = _number(row, "num_gpu")
    if not row["scheduled_time"] or not row["deletion_time"] or cards <= 0:
        return None
    if cards == 1 and row.get("gpu_milli"):
        cards = _number(row, "gpu_milli") / 1000
    seconds = _number(row, "deletion_time") - _number(row, "scheduled_time")
    if seconds <= 0 or cards <= 0:
        return None
    return LogRow(_name(row["name"]), _number(row, "creation_time"), cards, seconds / 3600, group=row.get("qos", ""))


def _read_table(
    path: Path, separator: str, needed: tuple[str, ...], make: Callable[[dict[str, str]], LogRow | None]
) -> list[LogRow]:
    reader = csv.DictReader((line for line in _lines(path) if not line.startswith("#")), delimiter=separator)
    header = list(reader.fieldnames or [])
    if missing := [name for name in needed if name not in header]:
        raise WorkloadError([f"{path}: no column {', '.join(missing)}; the file has {', '.join(header) or 'nothing'}"])
    rows, problems = [], []
    for number, cells in enumerate(reader, start=2):
        try:
            if None in cells.values() or None in cells:
                raise _RowError(f"has not the {len(header)} columns of the header; check the separators")
            if row := make({name: str(cell).strip() for name, cell in cells.items()}):
                rows.append(row)
        except _RowError as error:
            problems.append(f"{path}: row {number}: {error}")
    if problems:
        raise WorkloadError(problems)
    return rows


def _lines(path: Path) -> Iterable[str]:
    zipped = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") if zipped else path.open(encoding="utf-8-sig") as file:
        yield from file


def _name(text: str) -> str:
    if not text.strip():
        raise _RowError("has no job id; give every job a name")
    return text.strip()


def _number(row: dict[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError as error:
        raise _RowError(f"{column} '{row[column]}' is not a number") from error
    if not math.isfinite(value):
        raise _RowError(f"{column} '{row[column]}' is not a finite number")
    return value


def _positive(row: dict[str, str], column: str) -> float:
    value = _number(row, column)
    if value <= 0:
        raise _RowError(f"{column} must be above 0, is {row[column]}")
    return value


def _is_time(text: str) -> bool:
    try:
        return not pd.isna(pd.Timestamp(text))
    except ValueError:
        return False
