"""A night of the shipped center with 200 jobs on top, for 50 weather members of the season."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DAY = pd.Timestamp("2025-06-02")
EVENING = pd.Timestamp("2025-06-01T14:00")
"""22:00 in Golmud on the evening before."""
HOURS = 48


def scenario_with_jobs(jobs: int) -> Any:
    """The shipped center, and `jobs` gangs of 8 to 128 cards for 1 to 8 h with 2 to 24 h to spare, in two of its pools."""
    from optimizer.scenario.file import load_scenario, scenario_from

    data = load_scenario("scenarios/qaidam.yaml").model_dump(mode="json", exclude_unset=True)
    rng, rows = np.random.default_rng(7), []
    for number in range(jobs):
        arrival, length = int(rng.integers(0, HOURS - 8)), int(rng.integers(1, 9))
        due = arrival + length + int(rng.choice([2, 6, 12, 24]))
        hours = {name: str(DAY + pd.Timedelta(hours=at)) for name, at in (("arrival", arrival), ("deadline", due))}
        rows.append({"id": f"j{number}", "cards": int(rng.choice([8, 16, 32, 64, 128])), "hours": length, **hours})
    return scenario_from(data | {"jobs": {"training_jobs": {"pools": ["ascend", "sugon"], "jobs": rows}}})


def plan_one(members: int, jobs: int) -> dict[str, Any]:
    """One night from inputs to the published folder; times in seconds of wall, the solving child apart."""
    from optimizer.nightly.night import plan_night
    from optimizer.nightly.settings import NightSettings

    settings = NightSettings(members=members, drawn=members)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as plans:
        record = plan_night(scenario_with_jobs(jobs), Path(plans), EVENING, settings=settings).record
    return {
        "gap": record.gap, "level": record.level_name, "solve_s": record.seconds["solve"],
        "whole_s": time.perf_counter() - began,
    }  # fmt: skip
