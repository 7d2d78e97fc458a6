"""Checks of every reader before it trusts a file: it opens, its cells are numbers, its hours follow each other.

A check returns its problems as a list of lines, so that a reader can gather all of them and raise once.
Each line says file, place, value, rule and remedy.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from weather.canonical import WeatherError
from weather.files.plain import UnusableFileError, plain_bytes

MOST_MISSING = 0.1
"""Share of rows that may be missing; `weather.quality.gaps` fills no more."""
A_DAY_H = 24.0
"""So much may be missing of a short series too: the 29 February that some providers leave out."""
MOST_MB = 400.0
SHOWN = 5
"""How many bad cells of one column are named one by one; the rest is counted."""


def read_text(path: Path | str) -> str:
    """Whole file as text. Raises WeatherError if it is missing, empty, a folder or not text."""
    try:
        raw = plain_bytes(path, most_mb=MOST_MB)
    except UnusableFileError as error:
        raise WeatherError(f"{path}: {error}") from error
    except OSError as error:
        raise WeatherError(f"{path}: cannot be read ({error.strerror}); give the path of a weather file") from error
    if not raw.strip():
        raise WeatherError(f"{path}: the file is empty; download or export it again")
    if b"\x00" in raw[:4096]:
        raise WeatherError(f"{path}: binary data where text was expected; give the file as text, or name its kind")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # station names of old files; digits are the same


def read_table(path: Path | str, text: str, *, skip_lines: int, header: bool) -> pd.DataFrame:
    """Rows below the first `skip_lines` lines as strings, indexed by line number in the file (from 1).

    `header`: the first of these rows names the columns; else columns are 0, 1, 2, ...
    Raises WeatherError if the rows have different numbers of cells.
    """
    body = "\n".join(_without_surplus_commas(text.splitlines()[skip_lines:]))
    if not body.strip():
        raise WeatherError(f"{path}: no rows below line {skip_lines}; the file breaks off, download it again")
    try:
        with warnings.catch_warnings():
            # rows with more cells than the header would lose the last ones, with nothing but a warning
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.StringIO(body), header=0 if header else None, dtype=str, keep_default_na=False,
                skip_blank_lines=False, index_col=False,
            )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise WeatherError(f"{path}: rows of different length ({error}); repair or download it again") from error
    table.index = pd.RangeIndex(skip_lines + 1 + header, skip_lines + 1 + header + len(table))
    table.columns = [str(name).strip() for name in table.columns]
    return table


def _without_surplus_commas(lines: Sequence[str]) -> list[str]:
    """Rows without the empty cells that spreadsheets add beyond those of the first row."""
    most = lines[0].count(",") if lines else 0
    surplus = [max(line.count(",") - most, 0) for line in lines]
    return [
        line[:-more] if more and line.endswith("," * more) else line for line, more in zip(lines, surplus, strict=True)
    ]


def missing_columns(path: Path | str, table: pd.DataFrame, required: Sequence[str]) -> list[str]:
    """Missing columns of a table, one line each."""
    return [f"{path}: column '{name}' is missing; export the file with it" for name in required if name not in table]


def number_problems(path: Path | str, table: pd.DataFrame, columns: Mapping[str, str]) -> list[str]:
    """Cells that hold neither a number nor nothing; `columns` maps column -> name to show."""
    problems = []
    for column, name in columns.items():
        if column not in table:
            continue
        cells = table[column].str.strip()
        numbers = pd.to_numeric(cells, errors="coerce")
        wrong = cells.index[numbers.isna() & ~cells.str.lower().isin(["", "nan", "na", "null"])]
        problems += [
            f"{path}: line {line}, {name}: '{cells[line]}' is not a number; correct the cell or leave it empty"
            for line in wrong[:SHOWN]
        ]
        if len(wrong) > SHOWN:
            problems.append(f"{path}: {name}: {len(wrong) - SHOWN} more cells are not numbers; correct the column")
    return problems


def column_numbers(table: pd.DataFrame, column: str, *, missing: float | None = None) -> np.ndarray:
    """Numbers of a column as floats, shape (rows,); empty cells and values from `missing` upwards are NaN."""
    values = pd.to_numeric(table[column].str.strip(), errors="coerce").to_numpy(dtype=float, copy=True)
    if missing is not None:
        values[values >= missing] = np.nan
    return values


def typical_year_problems(
    path: Path | str, lines: Sequence[int], month: np.ndarray, day: np.ndarray, hour: np.ndarray
) -> list[str]:
    """Rows (month, day, hour 0..23, each of shape (rows,)) that leave the order of a year of 8,760 or 8,784 hours."""
    leap = bool(((month == 2) & (day == 29)).any())
    expected = pd.date_range("2024-01-01" if leap else "2025-01-01", periods=8784 if leap else 8760, freq="h")
    stamps = np.stack([month, day, hour], axis=1)
    right = np.stack([expected.month, expected.day, expected.hour], axis=1)
    problems: list[str] = []
    if len(stamps) < len(right) and typical_year_rows(month, day, hour) is not None:
        return problems
    if len(stamps) != len(right):
        problems.append(f"{path}: {len(stamps):,} rows; a year has {len(right):,} hours. Restore or remove hours")
    shared = min(len(stamps), len(right))
    odd = np.flatnonzero((stamps[:shared] != right[:shared]).any(axis=1))
    if odd.size:
        at = int(odd[0])
        stamp, due = (f"{m:g}/{d:g} hour {h + 1:g}" for m, d, h in (stamps[at], right[at]))
        problems.append(
            f"{path}: line {lines[at]}: {stamp} where {due} was due; an hour is missing, doubled or out of order"
        )
    return problems


def time_problems(path: Path | str, index: pd.DatetimeIndex, *, lines: Sequence[int] | None = None) -> list[str]:
    """Doubled, unsorted or unequally spaced stamps, each with its first place; `lines` are their line numbers."""
    if len(index) < 2:
        return [f"{path}: {len(index)} row(s); at least two steps are needed to know the step"]

    def place(at: int) -> str:
        return f"{path}: {'row' if lines is None else 'line'} {at + 1 if lines is None else lines[at]}"

    steps = np.diff(index.to_numpy())
    zero, median_step = np.timedelta64(0), np.sort(steps)[(len(steps) - 1) // 2]
    doubled, back = np.flatnonzero(steps == zero), np.flatnonzero(steps < zero)
    problems = []
    if doubled.size:
        at = int(doubled[0]) + 1
        problems.append(f"{place(at)}: {index[at]} appears twice ({doubled.size} in all); keep one row for each step")
    if back.size:
        at = int(back[0]) + 1
        problems.append(f"{place(at)}: {index[at]} comes after {index[at - 1]}; sort the rows by time")
    if not problems and (steps != median_step).any() and not _mere_gaps(steps, median_step):
        at = int(np.flatnonzero(steps != median_step)[0]) + 1
        problems.append(
            f"{place(at)}: {index[at]} follows {index[at - 1]}; all steps must be equal, restore the missing rows"
        )
    return problems


def _mere_gaps(steps: np.ndarray, median_step: np.timedelta64) -> bool:
    """Whether unequal steps are only missing rows, few enough to be repaired: `make_weather` opens gaps for them."""
    multiples = steps / median_step
    missing = float(multiples.sum() - len(steps))
    few = missing <= MOST_MISSING * multiples.sum() or missing * (median_step / np.timedelta64(1, "h")) <= A_DAY_H
    return bool((multiples % 1 == 0).all() and missing < multiples.sum() / 2 and few)


def typical_year_rows(month: np.ndarray, day: np.ndarray, hour: np.ndarray) -> np.ndarray | None:
    """Places of rows in a year of hours where only some rows are missing, shape (rows,); None: the order is broken."""
    leap = bool(((month == 2) & (day == 29)).any())
    hours = pd.date_range("2024-01-01" if leap else "2025-01-01", periods=8784 if leap else 8760, freq="h")
    place = {(stamp.month, stamp.day, stamp.hour): at for at, stamp in enumerate(hours)}
    rows = np.array([place.get((m, d, h), -1) for m, d, h in zip(month, day, hour, strict=True)], dtype=int)
    few = len(hours) - len(rows) <= MOST_MISSING * len(hours)
    return rows if few and len(rows) and (rows >= 0).all() and (np.diff(rows) > 0).all() else None


def raise_if(problems: list[str]) -> None:
    """Raise one WeatherError with all problems, or return if there are none."""
    if problems:
        raise WeatherError(problems)
