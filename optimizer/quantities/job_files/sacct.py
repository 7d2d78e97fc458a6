"""Slurm's accounting log as `sacct -P` writes it: every row is a job, a part of one, or named with why it is no work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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
    shown,
    within,
)
from optimizer.quantities.job_files.slurm_columns import cells_by_name, header_of, separator_of
from optimizer.quantities.job_files.slurm_states import NOT_DONE, state_of
from optimizer.quantities.job_files.slurm_text import (
    cards_of,
    cards_of_gres,
    length_s,
    limit_s,
    other_resources,
    slurm_time,
    tasks_of,
)

STEP = "a step of a job, counted with its job"
NO_CARD = "requested no card ({names})"
OTHER_CARDS = "requested {kinds}, which `accelerators` does not name; add it if it is cards"
NEVER_RAN = "ended before it ran ({state})"
NO_STATE = "ran for no time, and neither State nor End says whether it waits; run sacct with State"
HEADER_AGAIN = "the header again"
BY_LIMIT = "not done yet: taken as long as its time limit"
UNKNOWN_LENGTH = "not done yet and without a time limit: taken as {hours:g} h long (unknown_hours)"
ARRAY = "waiting array: counted task by task"
AGAIN = "ran more than once under one number: each run is a job"


def read_sacct(path: str, text: str, options: LogOptions) -> JobFile:
    """`sacct -P` (or -p) with JobIDRaw or JobID, Submit, a length and AllocTRES or ReqTRES; with or without a header.

    Length: ElapsedRaw, Elapsed, or Start and End. Jobs that run or wait count with their time limit.
    """
    numbered = [(at, line) for at, line in enumerate(text.splitlines(), start=1) if line.strip() and line[0] != "#"]
    lines = [line for _, line in numbered]
    try:
        separator = separator_of(lines)
        header, written = header_of(lines, separator, options.columns)
    except WorkloadError as error:
        raise WorkloadError([f"{path}: {problem}" for problem in error.problems]) from error
    except RowError as error:
        raise WorkloadError([f"{path}: first rows: {error}"]) from error
    _needed(path, header)
    gathered = Gathering()
    times_seen: dict[str, int] = {}
    for at, line in numbered[1:] if written else numbered:
        gathered.read += 1
        place = f"row {at}"
        try:
            cells = cells_by_name(line, separator, header)
            if written and line == lines[0]:
                raise LeftOut(HEADER_AGAIN)
            for row in _jobs_of(cells, place, options, gathered):
                gathered.rows.append(_with_own_name(row, times_seen, gathered))
        except LeftOut as reason:
            gathered.leave(str(reason), place)
        except RowError as error:
            gathered.broken.append(f"{place}: {error}")
    return gathered.closed(path, keep_going=True)


def _needed(path: str, header: list[str]) -> None:
    """Raises WorkloadError naming every kind of column that is lacking."""
    has = set(header)
    lacking = [
        said
        for said, any_of in (
            ("JobIDRaw or JobID", {"JobIDRaw", "JobID"}),
            ("Submit (or Start)", {"Submit", "Start"}),
            ("ElapsedRaw, Elapsed, or Start and End", {"ElapsedRaw", "Elapsed", "End"}),
            ("AllocTRES or ReqTRES", {"AllocTRES", "ReqTRES", "AllocGRES", "ReqGRES"}),
        )
        if not has & any_of
    ]
    if lacking:
        raise WorkloadError([f"{path}: no column {'; '.join(lacking)}; the file has {', '.join(header)}"])


def _jobs_of(row: dict[str, str], place: str, options: LogOptions, gathered: Gathering) -> list[LogRow]:
    name = job_name(row.get("JobIDRaw") or row.get("JobID") or "")
    if any("." in job.split("[")[0] for job in (name, row.get("JobID", ""))):
        raise LeftOut(STEP)
    cards = within(_cards(row, options), "cards", most=MOST_CARDS, unit="cards")
    arrival = _arrival(row)
    hours = _hours(row, place, options, gathered)
    job = LogRow(name, arrival, cards, hours, group=row.get("Partition", ""), place=place, ran=_ran(row, hours))
    tasks = tasks_of(row.get("JobID", "") or name)
    if len(tasks) > 1:
        gathered.assume(ARRAY, place)
        return [replace(job, id=task) for task in tasks]
    return [job]


def _cards(row: Mapping[str, str], options: LogOptions) -> float:
    """Cards allocated to a job, or requested where it has not run. Raises LeftOut where there are none."""
    lists = [row.get("AllocTRES", ""), row.get("ReqTRES", "")]
    for resources in lists:
        if cards := cards_of(resources, options.accelerators):
            return cards
    nodes = row.get("AllocNodes") or row.get("NNodes") or row.get("ReqNodes") or "1"
    for request in (row.get("AllocGRES", ""), row.get("ReqGRES", "")):
        if cards := cards_of_gres(request, nodes, options.accelerators):
            return cards
    if others := other_resources(",".join(lists), options.accelerators):
        raise LeftOut(OTHER_CARDS.format(kinds=", ".join(f"gres/{kind}" for kind in others)))
    raise LeftOut(NO_CARD.format(names=", ".join(options.accelerators)))


def _arrival(row: Mapping[str, str]) -> str:
    for column in ("Submit", "Eligible", "Start"):
        if column in row:
            try:
                written = slurm_time(row[column])
            except RowError as error:
                raise RowError(f"{column} {error}") from error
            if written is not None:
                return iso_time(written, column)
    raise RowError(f"Submit '{row.get('Submit', '')}' is not a time; a job without one cannot be placed")


def _hours(row: Mapping[str, str], place: str, options: LogOptions, gathered: Gathering) -> float:
    """Hours it ran; of a job that runs or waits its time limit, else the assumed length. Raises LeftOut: it never ran."""
    state = state_of(row.get("State", "")) or _state_by_times(row)
    seconds = _elapsed_s(row)
    if state in NOT_DONE:
        limit = limit_s(row.get("TimelimitRaw", ""), row.get("Timelimit", ""))
        what = BY_LIMIT if limit is not None else UNKNOWN_LENGTH.format(hours=options.unknown_hours)
        gathered.assume(f"{state}, {what}", place)
        seconds = max(seconds, 3600 * options.unknown_hours if limit is None else limit)
    if seconds <= 0:
        raise LeftOut(NEVER_RAN.format(state=shown(state)) if state else NO_STATE)
    return within(seconds / 3600, "length", most=MOST_HOURS, unit="h")


def _state_by_times(row: Mapping[str, str]) -> str:
    """State of a job in a log without states: without an end it runs, or waits where it has no start either."""
    if "End" not in row or slurm_time(row["End"]) is not None:
        return ""
    return "PENDING" if slurm_time(row.get("Start", "")) is None else "RUNNING"


def _ran(row: Mapping[str, str], hours: float) -> tuple[str, str] | None:
    """Start and end on the cluster's clock where the length is the time between them: that clock may change meanwhile."""
    if row.get("ElapsedRaw") or row.get("Elapsed"):
        return None
    start, end = (slurm_time(row.get(column, "")) for column in ("Start", "End"))
    times = parsed_time(start or ""), parsed_time(end or "")
    if times[0] is None or times[1] is None or times[0].tzinfo is not None:
        return None
    return (str(start), str(end)) if (times[1] - times[0]).total_seconds() == 3600 * hours else None


def _elapsed_s(row: Mapping[str, str]) -> float:
    """Run time of a job [s]: as logged, or from start to end."""
    for column in ("ElapsedRaw", "Elapsed"):
        if row.get(column):
            try:
                return length_s(row[column]) or 0.0
            except RowError as error:
                raise RowError(f"{column} {error}") from error
    start, end = (parsed_time(slurm_time(row.get(column, "")) or "") for column in ("Start", "End"))
    if start is None or end is None:
        return 0.0
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise RowError("Start and End: one has a time zone, the other none; run sacct with one form of time")
    if end < start:
        raise RowError(f"ends '{row['End']}' before it starts '{row['Start']}'; run sacct with ElapsedRaw")
    return (end - start).total_seconds()


def _with_own_name(row: LogRow, times_seen: dict[str, int], gathered: Gathering) -> LogRow:
    """Job under a name of its own: a job that was requeued stands in the log once for each run."""
    times_seen[row.id] = times_seen.get(row.id, 0) + 1
    if times_seen[row.id] == 1:
        return row
    gathered.assume(AGAIN, row.place)
    return replace(row, id=f"{row.id}#{times_seen[row.id]}")
