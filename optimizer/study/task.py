"""Run of a study as a pure task: everything it needs as plain data, and a name made of everything its answer depends on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.study.load import LoadedStudy
from optimizer.study.shapes import Task


@dataclass(frozen=True)
class RequestedRun:
    """Requested run of a study: its name, and the rows of the study it answers. Small, so that a hundred thousand fit in memory."""

    id: str
    rows: tuple[int, ...]


def task_of(study: LoadedStudy, number: int) -> Task:
    """Task of one row, by its place in the study. It shares data with the others; change a copy."""
    row = study.rows[number]
    data, folder = study.data_of(row)
    return {
        "id": study.names[number],
        "scenario": data,
        "folder": str(folder),
        "question": row.question,
        "with_baseline": study.settings.with_baseline,
        "seconds": study.settings.seconds_per_run,
        "label": row.label,
        "part": row.part,
        "case": row.case,
        "weather": row.weather,
        "factors": row.factors,
    }


def requested_runs(study: LoadedStudy) -> list[RequestedRun]:
    """Requested runs of the study, each once, in the order of its rows."""
    rows: dict[str, list[int]] = {}
    for number, name in enumerate(study.names):
        rows.setdefault(name, []).append(number)
    return [RequestedRun(name, tuple(numbers)) for name, numbers in rows.items()]


def of_shard(requested: list[RequestedRun], shard: tuple[int, int]) -> list[RequestedRun]:
    """Runs of shard i of n (0 ≤ i < n): the same for every machine, and every run in exactly one."""
    number, of = shard
    return [run for run in requested if int(run.id[:8], 16) % of == number]


def tasks(study: LoadedStudy, requested: list[RequestedRun]) -> Iterator[Task]:
    """Tasks of requested runs, made one by one as they are consumed."""
    return (task_of(study, run.rows[0]) for run in requested)
