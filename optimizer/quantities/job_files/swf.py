"""Standard Workload Format 2.2 of the Parallel Workloads Archive."""

from __future__ import annotations

import re

import pandas as pd

from optimizer.quantities.job_files.rows import (
    MOST_CARDS,
    MOST_HOURS,
    YEARS,
    Gathering,
    JobFile,
    LeftOut,
    LogOptions,
    LogRow,
    RowError,
    shown,
    within,
)

COLUMNS = 18
NEVER_RAN = "has no run time or no processors (-1 or 0): it never ran"


def read_swf(path: str, text: str, options: LogOptions) -> JobFile:  # noqa: ARG001  (every reader has this form)
    """SWF: 18 columns, −1 unknown; processors are taken as cards, `queue` as group.

    Seconds are counted from UnixStartTime where the header has it. Source: Parallel Workloads Archive, format 2.2.
    """
    match = re.search(r"^;\s*UnixStartTime:\s*(\d+)", text, re.MULTILINE)
    start = float(match[1]) if match is not None else None
    gathered = Gathering()
    names: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        gathered.read += 1
        place = f"line {number}"
        try:
            row = _swf_row(line.split(), start, place)
            if row.id in names:
                raise RowError(f"job id '{shown(row.id)}' stands there more than once")
            names.add(row.id)
            gathered.rows.append(row)
        except LeftOut as reason:
            gathered.leave(str(reason), place)
        except RowError as error:
            gathered.broken.append(f"{place}: {error}")
    return gathered.closed(path, keep_going=True)


def _swf_row(cells: list[str], start: float | None, place: str) -> LogRow:
    if len(cells) != COLUMNS:
        raise RowError(f"has {len(cells)} columns, SWF has 18; check that the file is SWF")
    try:
        values = [float(cell) for cell in cells]
    except ValueError as error:
        raise RowError(f"{shown(error)}; SWF holds numbers only") from error
    submit, seconds, cards = values[1], values[3], values[4] if values[4] > 0 else values[7]
    if seconds <= 0 or cards <= 0:
        raise LeftOut(NEVER_RAN)
    if submit < 0 or not submit + (start or 0.0) < 4.2e9:
        raise RowError(f"submit {submit:g} s lies outside the years {YEARS[0]} to {YEARS[-1]}; correct the seconds")
    hours = within(seconds / 3600, "run time", most=MOST_HOURS, unit="h")
    cards = within(cards, "processors", most=MOST_CARDS, unit="cards")
    arrival = submit if start is None else str(pd.Timestamp(start + submit, unit="s", tz="UTC"))
    return LogRow(cells[0], arrival, cards, hours, group=cells[14], place=place)
