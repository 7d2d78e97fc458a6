"""Growth: how time grows with hours (1, 2, 4, 8 weeks, a year) and with jobs (10 to 10,000 in 48 hours).

Usage: rows for the table of `make bench`, and figures in out/bench/growth.json. The exponent n of time ~ size^n is the
slope of a straight line through the logarithms, by least squares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

WEEKS_AND_YEAR_DAYS = (7, 14, 28, 56, 365)
JOBS = (10, 100, 1_000, 10_000)
FIGURES = Path("out/bench/growth.json")
GAP = 0.005
MOST_SECONDS = 120.0
"""After which the best plan of the jobs so far is taken, with its gap."""
JOB_CARD_HOURS = 60_000.0
"""All jobs together ask for a quarter of what the pool can do in 48 h, however many they are."""
KINDS = ((2, 0.5), (4, 1.0), (8, 0.75), (3, 1.5))
"""Hours of a job, and its cards over the mean: few kinds, as requests of a scheduler are."""
Measured = Callable[..., dict[str, Any]]
ROW = tuple[str, str, str]


def exponent(seconds_by_size: Mapping[float, float]) -> float:
    """Slope of log seconds over log size, by least squares."""
    sizes, seconds = np.array(list(seconds_by_size)), np.array(list(seconds_by_size.values()))
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def over_hours(timed: Measured) -> list[ROW]:
    """The shipped center for longer and longer spans."""
    return _rows("growth", "days", {days: timed("certified", str(days), str(GAP)) for days in WEEKS_AND_YEAR_DAYS})


def over_jobs(timed: Measured, counts: tuple[int, ...] = JOBS) -> list[ROW]:
    """The shipped center for 48 h with more and more jobs of the same work in all."""
    return _rows("growth-jobs", "jobs", {count: timed("jobs", str(count), str(GAP)) for count in counts})


def _rows(part: str, unit: str, found: Mapping[int, dict[str, Any]]) -> list[ROW]:
    rows: list[ROW] = []
    seconds: dict[float, float] = {}
    for size, one in found.items():
        if "failed" in one:
            rows.append((part, f"{size:,} {unit}", one["failed"]))
            continue
        seconds[size] = one["cpu_s"]
        told = f"{one['cpu_s']:.1f}, {one['wall_s']:.1f}, {one['gap']:.2%}"
        rows.append((part, f"{size:,} {unit}: CPU [s], wall [s], gap", told))
    slope = exponent(seconds) if len(seconds) > 1 else None
    if slope is not None:
        rows.append((part, f"exponent of CPU time over {unit}", f"{slope:.2f}"))
    _store(part, {"unit": unit, "measured": {str(size): one for size, one in found.items()}, "exponent": slope})
    return rows


def _store(part: str, figures: dict[str, Any]) -> None:
    """Put a part's figures beside those of the other parts."""
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.is_file() else {}
    FIGURES.write_text(json.dumps(known | {part: figures}, indent=1) + "\n", encoding="utf-8")


def job_rows(count: int) -> list[dict[str, Any]]:
    """`count` jobs that arrive over the first 40 h, due a day later; seeded, the same work in all for every count."""
    rng = np.random.default_rng(count)
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    per_unit = JOB_CARD_HOURS / sum(hours * cards for hours, cards in kinds)
    arrivals = np.sort(rng.integers(0, 40, count))
    return [
        {
            "id": f"job_{number}",
            "arrival": f"2025-01-{1 + hour // 24:02d}T{hour % 24:02d}:00",
            "cards": max(round(cards * per_unit), 1),
            "hours": hours,
        }
        for number, (hour, (hours, cards)) in enumerate(zip(arrivals.tolist(), kinds, strict=True))
    ]


def plan_jobs(count: int, gap: float) -> dict[str, Any]:
    """48 h of the shipped center with `count` jobs in place of its training queue."""
    from optimizer.plan.optimize import calendar_for, effort_for, inputs_for, plan_assets
    from optimizer.scenario.file import load_scenario

    jobs = {"pools": ["ascend"], "jobs": job_rows(count), "deadline_h": 24.0}
    scenario = load_scenario(
        "scenarios/qaidam.yaml", {"jobs": {"batch": jobs}, "queue.model_training.arrival_cards": 0.0}
    )
    inputs = inputs_for(scenario, calendar_for(scenario, days=2))
    effort = effort_for(scenario, gap=gap, seconds=MOST_SECONDS, workers=1)
    certificate = plan_assets(scenario.assets(), inputs, effort).certificate
    return {"gap": certificate.gap, "cost": certificate.cost, "seconds": certificate.seconds}
