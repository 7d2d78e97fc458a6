"""Columns of `sacct` output, found by header or by content: separators, missing headers, and bars within names of jobs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from optimizer.quantities.job_files.rows import RowError, WorkloadError, parsed_time
from optimizer.quantities.job_files.slurm_states import STATES, state_of

FREE_TEXT = (
    "JobName",
    "Comment",
    "AdminComment",
    "SystemComment",
    "WorkDir",
    "SubmitLine",
    "WCKey",
    "Account",
    "Reason",
)
"""Columns in which people write what they like, also the separator."""
TIMES = ("Submit", "Eligible", "Start", "End")
LENGTHS = ("ElapsedRaw", "Elapsed", "TimelimitRaw", "Timelimit")
KNOWN = frozenset({*FREE_TEXT, *TIMES, *LENGTHS, "JobID", "JobIDRaw", "State", "Partition", "AllocTRES", "ReqTRES",
                   "AllocGRES", "ReqGRES", "NNodes", "AllocNodes", "ReqNodes"})  # fmt: skip
AS_WRITTEN = {name.lower(): name for name in KNOWN}
"""Columns by their name in small letters: spreadsheets and scripts change the case, `%30` is sacct's width."""
SAMPLE = 200
LENGTH = re.compile(r"(?:\d+-)?(?:\d+:)?\d+:\d+(?:\.\d+)?")


def separator_of(lines: Sequence[str]) -> str:
    """Sign between cells. Raises WorkloadError for sacct's table of fixed columns."""
    first = lines[0] if lines else ""
    separator = max("|,;\t", key=first.count)
    if not first.count(separator):
        raise WorkloadError(["has no separators between columns; run sacct with -P (--parsable2)"])
    return separator


def header_of(lines: Sequence[str], separator: str, given: Sequence[str]) -> tuple[list[str], bool]:
    """Names of the columns, and whether they stand in the first line: given, written, or inferred from the cells."""
    first = [AS_WRITTEN.get(re.sub(r"%-?\d+$", "", cell).lower(), cell) for cell in split_line(lines[0], separator)]
    known = [cell for cell in first if cell in KNOWN]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise WorkloadError([f"column {twice[0]} stands there twice; name every column once"])
    if len(known) >= 2:
        return (first[:-1] if first[-1] == "" else first), True
    if given:
        return list(given), False
    return _names_from_cells([split_line(line, separator) for line in lines[:SAMPLE]]), False


def split_line(line: str, separator: str) -> list[str]:
    """Cells of a line; of a comma-separated one with quotes as spreadsheets write them. Raises RowError."""
    if separator != "," or '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error as error:
        raise RowError(f"cannot be taken apart ({error}); check the quotes") from error


def cells_by_name(line: str, separator: str, header: Sequence[str]) -> dict[str, str]:
    """Cells by column. Where a name holds the separator, the split is taken in which all other cells make sense."""
    cells = split_line(line, separator)
    if len(cells) == len(header):
        return dict(zip(header, cells, strict=True))
    # sacct -p ends every line with a bar
    ways = [cells[:-1], cells] if len(cells) > len(header) and cells[-1] == "" else [cells]
    for row in (row for way in ways for row in _readings(way, separator, header)):
        if all(_fits(name, cell) for name, cell in row.items()):
            return row
    if len(ways[0]) == len(header):
        return dict(zip(header, ways[0], strict=True))
    raise RowError(f"has {len(cells)} columns, the header {len(header)}; a name may hold the sign '{separator}'")


def _readings(cells: Sequence[str], separator: str, header: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows a line can stand for: as it is, or with the separator inside one name (or, of commas, list of resources)."""
    more = len(cells) - len(header)
    if not more:
        yield dict(zip(header, cells, strict=True))
    for place in [at for at, name in enumerate(header) if more > 0 and _may_hold(name, separator)]:
        joined = [*cells[:place], separator.join(cells[place : place + more + 1]), *cells[place + more + 1 :]]
        yield dict(zip(header, joined, strict=True))


def _may_hold(name: str, separator: str) -> bool:
    return name in FREE_TEXT or (separator == "," and name.endswith(("TRES", "GRES")))


def _fits(name: str, cell: str) -> bool:
    """Whether a cell can stand in the column of that name."""
    if name in TIMES:
        return cell in ("Unknown", "None", "") or _is_time(cell)
    if name in LENGTHS:
        return cell in ("UNLIMITED", "Partition_Limit", "INVALID", "") or _is_length(cell) or cell.isdigit()
    if name == "State":
        return state_of(cell) in STATES
    if name.endswith("TRES"):
        return cell == "" or "=" in cell
    return True


def _is_time(cell: str) -> bool:
    return parsed_time(cell) is not None or re.fullmatch(r"\d{9,10}", cell) is not None


def _is_length(cell: str) -> bool:
    return LENGTH.fullmatch(cell) is not None


def _names_from_cells(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names of the columns of a log without a header, from what stands in them; unknown columns are numbered.

    Times are taken in sacct's own order (Submit, Start, End; two: Start, End). Of two lists of resources the first is
    what was given. Raises WorkloadError where no submit time, no length or no resources can be identified.
    """
    width = max(map(len, rows))
    columns = [[row[at].strip() for row in rows if len(row) == width and row[at].strip()] for at in range(width)]
    names = [f"column {at + 1}" for at in range(width)]

    def those(test: object, names_in_order: Sequence[str]) -> None:
        fitting = [
            at for at, cells in enumerate(columns)
            if names[at].startswith("column") and cells and all(test(cell) for cell in cells)  # type: ignore[operator]
        ]  # fmt: skip
        for at, name in zip(fitting, names_in_order, strict=False):
            names[at] = name

    times = [at for at, cells in enumerate(columns) if cells and all(map(_time_or_unknown, cells))]
    those(_time_or_unknown, ("Submit",) if len(times) == 1 else ("Submit", "Start", "End"))
    those(lambda cell: state_of(cell) in STATES, ("State",))
    those(lambda cell: "=" in cell and ("cpu=" in cell or "gres/" in cell), ("AllocTRES", "ReqTRES"))
    those(_is_length, ("Elapsed", "Timelimit"))
    those(lambda cell: re.fullmatch(r"\d+(?:_\[?[\d,:%-]+\]?)?(?:[.+]\w+)?", cell) is not None, ("JobID",))
    those(str.isdigit, ("ElapsedRaw",) if "Elapsed" not in names else ())
    those(lambda cell: re.fullmatch(r"[A-Za-z][\w.-]*", cell) is not None, ("Partition",))
    lacking = [name for name in ("JobID", "Submit", "AllocTRES") if name not in names]
    if not {"Elapsed", "ElapsedRaw", "End"} & set(names):
        lacking.append("ElapsedRaw")
    if lacking:
        raise WorkloadError([
            f"no column {', '.join(lacking)}; the first line is no header and the cells identify none: "
            "run sacct with its header, or name the columns in `columns`"
        ])  # fmt: skip
    return names


def _time_or_unknown(cell: str) -> bool:
    return cell in ("Unknown", "None") or _is_time(cell)
