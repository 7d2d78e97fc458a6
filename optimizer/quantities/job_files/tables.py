"""Rows of comma- or bar-separated files, and the tidy job table."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Iterator, Sequence

from optimizer.quantities.job_files.rows import (
    MOST_CARDS,
    MOST_HOURS,
    Gathering,
    JobFile,
    LeftOut,
    LogOptions,
    LogRow,
    RowError,
    WorkloadError,
    iso_time,
    job_name,
    parsed_time,
    positive,
    shown,
)

NEEDED = ("id", "arrival", "cards", "hours")
KNOWN = (*NEEDED, "deadline", "priority", "group")
COMMENT = "begins with # and was taken as a comment; name the job otherwise if it is one"
LONGEST_CELL = 100_000
"""Characters; csv's own limit of 131,072 would end the whole file instead of the row."""


def table_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are no comment and not blank, with their number in the file from 1."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def cells_of(line: str) -> list[str]:
    """Cells of a comma-separated line. Raises RowError."""
    if len(line) > LONGEST_CELL:
        raise RowError(f"has {len(line):,} characters; a row of a job table has less than {LONGEST_CELL:,}")
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line)), [])]
    except csv.Error as error:
        raise RowError(f"cannot be taken apart ({error}); check the quotes") from error


def missing_columns(path: str, header: Sequence[str], needed: Sequence[str]) -> None:
    """Raises WorkloadError where the header lacks a column, or has one twice."""
    if missing := [name for name in needed if name not in header]:
        present = ", ".join(shown(name) for name in header[:20]) or "nothing"
        raise WorkloadError([f"{path}: no column {', '.join(missing)}; the file has {present}"])
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise WorkloadError([f"{path}: column {shown(twice[0])} stands there twice; name every column once"])


def gather_rows(
    gathered: Gathering,
    lines: Iterator[tuple[int, str]],
    header: Sequence[str],
    read: Callable[[dict[str, str], str], LogRow],
) -> None:
    """Read every line below a header: its job is kept, or the row is named with why not."""
    for line_number, line in lines:
        gathered.read += 1
        place = f"row {line_number}"
        try:
            cells = cells_of(line)
            if len(cells) != len(header):
                raise RowError(f"has not the {len(header)} columns of the header; check the separators")
            gathered.rows.append(read(dict(zip(header, cells, strict=True)), place))
        except LeftOut as reason:
            gathered.leave(str(reason), place)
        except RowError as error:
            gathered.broken.append(f"{place}: {error}")


def read_tidy(path: str, text: str, options: LogOptions) -> JobFile:
    """CSV with id, arrival, cards, hours and, where known, deadline, priority, group. Times as text."""
    lines = table_lines(text)
    _, first = next(lines, (1, ""))
    header = cells_of(first)
    missing_columns(path, header, NEEDED)
    gathered = Gathering(unused_columns=_unused(path, header))
    names: set[str] = set()

    def named_once(cells: dict[str, str], place: str) -> LogRow:
        row = _tidy_row(cells, place)
        if row.id in names:
            raise RowError(f"job id '{shown(row.id)}' stands there more than once; give every job its own id")
        names.add(row.id)
        return row

    gather_rows(gathered, lines, header, named_once)
    for line_number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") and line.count(",") >= len(NEEDED) - 1 and _holds_a_time(line):
            gathered.assume(COMMENT, f"row {line_number}")
    return gathered.closed(path, keep_going=options.keep_going)


def _holds_a_time(line: str) -> bool:
    return any(parsed_time(cell) is not None for cell in line[:LONGEST_CELL].split(","))


def _unused(path: str, header: Sequence[str]) -> tuple[str, ...]:
    """Columns nothing reads. Raises WorkloadError for one that looks like a known one misspelled."""
    unused = [name for name in header if name not in KNOWN]
    absent = [name for name in KNOWN if name not in header]
    for name in unused:
        if near := difflib.get_close_matches(name.lower().strip(), absent, n=1, cutoff=0.75):
            raise WorkloadError([f"{path}: row 1: unknown column '{shown(name)}'; did you mean '{near[0]}'?"])
    return tuple(unused)


def _tidy_row(row: dict[str, str], place: str) -> LogRow:
    arrival = iso_time(row["arrival"], "arrival")
    deadline = iso_time(row["deadline"], "deadline") if row.get("deadline") else None
    if deadline is not None and _is_before(deadline, arrival):
        raise RowError(f"due '{deadline}' before it arrives '{arrival}'; give a deadline after the arrival")
    return LogRow(
        job_name(row["id"]),
        arrival,
        positive(row, "cards", most=MOST_CARDS, unit="cards"),
        positive(row, "hours", most=MOST_HOURS, unit="h"),
        deadline,
        positive(row, "priority", most=1e6) if row.get("priority") else 1.0,
        row.get("group", ""),
        place,
    )


def _is_before(first: str, second: str) -> bool:
    """Whether a time is before another; False where only one has a zone, which the plan's clock decides later."""
    first_time, second_time = parsed_time(first), parsed_time(second)
    if first_time is None or second_time is None or (first_time.tzinfo is None) != (second_time.tzinfo is None):
        return False
    return first_time < second_time
