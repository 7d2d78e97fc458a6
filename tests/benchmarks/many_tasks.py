"""A hundred thousand runs through the study's engine: real rows and tasks, a real scheduler and workers, runs that take no time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from optimizer.study.designs import rows_of
from optimizer.study.engine import local_client, run_on
from optimizer.study.load import load_study
from optimizer.study.task import Task, Wanted, task_of

STUDY = Path("scenarios/studies/qaidam-sizing.yaml")
WORKERS = 2


def no_work(_: str, task: Task) -> str:
    """A run that takes no time."""
    return "done" if task["scenario"] else "empty"


def hand_out(count: int) -> dict[str, Any]:
    """Hand out `count` tasks of the sizing study, one for each sampled point and weather; how many were answered.

    Scenarios are checked once, not per point: that is the study's reading, which this does not measure.
    """
    study = load_study(STUDY)
    assert study.settings.sample is not None
    sample = study.settings.sample.model_copy(update={"count": -(-count // len(study.settings.weather_years))})
    rows = list(rows_of(study.settings.model_copy(update={"sample": sample}), STUDY.parent))[:count]
    wanted = [Wanted(f"{number:024x}", (number,)) for number in range(len(rows))]
    first = task_of(study, study.rows[0])

    def tasks() -> Iterator[Task]:
        for one in wanted:
            row = rows[one.rows[0]]
            data, _ = study.data_of(row)
            yield first | {"id": one.id, "label": row.label, "factors": row.factors, "scenario": data}

    found: dict[str, str] = {}
    with TemporaryDirectory() as folder, local_client(WORKERS) as client:
        run_on(client, Path(folder), tasks(), found.__setitem__, no_work)
    done = sum(answer == "done" for answer in found.values())
    return {"tasks": len(wanted), "done": done}
