"""A hundred thousand runs: a study file of so many is read, and handed out to a real scheduler's workers; the runs take no time."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from distributed import Client, LocalCluster

from optimizer.study.engine import run_on
from optimizer.study.load import load_study
from optimizer.study.task import Task, requested_runs, tasks

STUDY = Path("scenarios/studies/qaidam-sizing.yaml")
WORKERS = 2


def no_work(_: str, task: Task) -> str:
    """A run that takes no time."""
    return "done" if task["scenario"] else "empty"


def hand_out(count: int) -> dict[str, Any]:
    """Read and hand out the sizing study with so many sampled points that it has `count` runs; how many were answered."""
    text = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    text["scenario"] = str((STUDY.parent / text["scenario"]).resolve())
    text["sample"]["count"] = -(-count // len(text["weather_years"]))
    found: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "many.yaml"
        path.write_text(yaml.safe_dump(text), encoding="utf-8")
        began = time.perf_counter()
        study = load_study(path)
        wanted = requested_runs(study)
        read = time.perf_counter()
        # in the clear, for a minute and for tasks that do nothing; studies themselves refuse that
        with (
            LocalCluster(n_workers=WORKERS, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as own,
            Client(own) as client,
        ):
            run_on(client, Path(folder), tasks(study, wanted), found.__setitem__, no_work)
    done = sum(answer == "done" for answer in found.values())
    seconds = {"read_seconds": read - began, "hand_out_seconds": time.perf_counter() - read}
    return {"tasks": len(wanted), "done": done, **seconds}
