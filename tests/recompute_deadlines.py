"""Deadlines that a run's schedule claims to bind, recomputed from arrivals and backlog alone, without the project's code.

    python -m tests.recompute_deadlines out/qaidam

A row that says "deadline binds" must stand in an hour after which all work that may still wait does: what came in the last
`deadline_h` hours is all that is left. A job that claims it must end at its deadline. Prints each workload with its rows that claim,
those that are bound, and those that claim falsely; ends with 1 where there are any of the last.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from tests.recompute_bill import Results

CLAIM = "deadline binds"
LEAST_CARD_H = 1e-2
"""HiGHS holds the balance of each hour to 1e-7 card-hours, which add up over a year's 8,760."""


@dataclass(frozen=True)
class Claims:
    """Rows of a workload that claim its deadline, and what arrivals say of them."""

    workload: str
    rows: int
    claimed: int
    bound: int
    false: int


def of_queues(results: Results, schedule: pd.DataFrame, deadlines_h: dict[str, float]) -> Iterator[Claims]:
    """Claims of queues: after a bound hour nothing is left of what came before its last `deadline_h` hours."""
    for name, deadline_h in deadlines_h.items():
        rows = schedule[schedule["workload"] == name]
        steps = round(deadline_h / results.step_h)
        came = np.cumsum(results.input.of(asset=name, quantity="arrival_cards")) * results.step_h
        done = np.cumsum(rows["planned_cards"].to_numpy()) * results.step_h
        due = np.concatenate([np.zeros(steps), came])[: len(came)]
        bound = np.asarray(due - done >= -LEAST_CARD_H - rows["planned_cards"].to_numpy() * 1e-6)
        claimed = rows["reason"].str.contains(CLAIM).to_numpy()
        yield Claims(name, len(rows), int(claimed.sum()), int(bound.sum()), int((claimed & ~bound).sum()))


def of_jobs(schedule: pd.DataFrame, jobs: pd.DataFrame) -> Iterator[Claims]:
    """Claims of jobs: one that runs in that hour ends at its deadline."""
    last = jobs[jobs["end_utc"] == jobs["deadline_utc"]]
    for name in jobs["workload"].unique():
        rows = schedule[schedule["workload"] == name]
        claimed, time = rows["reason"].str.contains(CLAIM).to_numpy(), rows["time_utc"].to_numpy()
        bound = np.zeros(len(rows), dtype=bool)
        for start, end in last.loc[last["workload"] == name, ["start_utc", "end_utc"]].itertuples(index=False):
            bound |= (time >= start) & (time < end)
        yield Claims(str(name), len(rows), int(claimed.sum()), int(bound.sum()), int((claimed & ~bound).sum()))


def claims_of(folder: Path) -> list[Claims]:
    """Claims of every workload of a run that may move."""
    schedule = pd.read_csv(folder / "schedule.csv")
    with h5py.File(folder / "results.nc", "r") as file:
        queues = json.loads(file.attrs["scenario"]).get("queue", {})
        found = list(of_queues(Results(file, "/"), schedule, {n: float(q["deadline_h"]) for n, q in queues.items()}))
    table = folder / "jobs.csv"
    return found + (list(of_jobs(schedule, pd.read_csv(table))) if table.exists() else [])


if __name__ == "__main__":
    wrong = 0
    for name in sys.argv[1:]:
        for row in claims_of(Path(name)):
            wrong += row.false
            print(
                f"{name} {row.workload}: {row.rows} rows, {row.claimed} claim the deadline, {row.bound} are bound, {row.false} false"
            )
    sys.exit(bool(wrong))
