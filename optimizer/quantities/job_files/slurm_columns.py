"""Columns of `sacct` output, found by header or by content: separators, missing headers, and bars within names of jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.quantities.job_files.rows import RowError, WorkloadError, parsed_time

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
STATES = ("PENDING", "RUNNING", "SUSPENDED", "COMPLETED", "COMPLETING", "CANCELLED", "FAILED", "TIMEOUT", "PREEMPTED",
          "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY", "REQUEUED", "RESIZING", "REVOKED", "CONFIGURING")  # fmt: skip
KNOWN = frozenset({*FREE_TEXT, *TIMES, *LENGTHS, "JobID", "JobIDRaw", "State", "Partition", "AllocTRES", "ReqTRES",
                   "AllocGRES", "ReqGRES", "NNodes", "AllocNodes", "ReqNodes"})  # fmt: skip
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
    first = [cell.strip() for cell in lines[0].split(separator)]
    if len([cell for cell in first if cell in KNOWN]) >= 2:
        return (first[:-1] if first[-1] == "" else first), True
    if given:
        return list(given), False
    return _names_from_cells([line.split(separator) for line in lines[:SAMPLE]]), False


def cells_by_name(line: str, separator: str, header: Sequence[str]) -> dict[str, str]:
    """Cells by column. Where a name holds the separator, the split is taken in which all other cells make sense."""
    cells = [cell.strip() for cell in line.split(separator)]
    if len(cells) == len(header) + 1 and cells[-1] == "":
        cells = cells[:-1]  # sacct -p ends every line with a bar
    more = len(cells) - len(header)
    if not more:
        return dict(zip(header, cells, strict=True))
    if more > 0:
        for place in [at for at, name in enumerate(header) if name in FREE_TEXT]:
            joined = [*cells[:place], separator.join(cells[place : place + more + 1]), *cells[place + more + 1 :]]
            row = dict(zip(header, joined, strict=True))
            if all(_fits(name, cell) for name, cell in row.items()):
                return row
    raise RowError(f"has {len(cells)} columns, the header {len(header)}; a name may hold the sign '{separator}'")


def _fits(name: str, cell: str) -> bool:
    """Whether a cell can stand in the column of that name."""
    if name in TIMES:
        return cell in ("Unknown", "None", "") or _is_time(cell)
    if name in LENGTHS:
        return cell in ("UNLIMITED", "Partition_Limit", "INVALID", "") or _is_length(cell) or cell.isdigit()
    if name == "State":
        return cell.split(" ")[0] in STATES
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
    those(lambda cell: cell.split(" ")[0] in STATES, ("State",))
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
