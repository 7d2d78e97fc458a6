"""Job tables in families: few large gangs to ten thousand small jobs, tight and loose, 48 h to ten days; ours beside others.

Every instance is the shipped center without its own training work, with a seeded table in its largest pool. HiGHS alone
and OR-tools' CP-SAT get the same matrix and the same time; CP-SAT in a process of its own, because its library brings a
HiGHS that cannot live beside ours, and only where `ortools` is installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

POOL, CARDS = "ascend", 5120
START = pd.Timestamp("2025-03-10")
SEEDS = range(10)
GAP = 0.005
Measured = Callable[..., dict[str, Any]]
ROW = tuple[str, str, str]


@dataclass(frozen=True)
class Family:
    """Tables that are alike."""

    jobs: int
    hours: int
    shares: tuple[float, float]
    """Smallest and largest share of the pool that a job holds; between them even in the logarithm."""
    lengths_h: tuple[int, ...]
    slack_h: tuple[int, int]
    seconds: float
    """Most time to plan."""
    interruptible: bool = False


FAMILIES = {
    "10 gangs, loose": Family(10, 48, (0.3, 0.6), (2, 4, 7, 9, 13), (24, 72), 30),
    "15 gangs, loose": Family(15, 48, (0.3, 0.6), (1, 3, 4, 5, 8), (24, 72), 30),
    "15 gangs, tight": Family(15, 48, (0.3, 0.6), (1, 2, 3), (2, 12), 30),
    "15 gangs, interruptible": Family(15, 48, (0.3, 0.6), (1, 3, 4, 5, 8), (24, 72), 30, interruptible=True),
    "50 gangs, loose": Family(50, 48, (0.3, 0.6), (1, 1, 2), (24, 72), 60),
    "100 mixed gangs": Family(100, 48, (0.05, 0.6), (1, 2), (24, 72), 120),
    "200 mixed gangs": Family(200, 48, (0.05, 0.6), (1,), (24, 72), 120),
    "50 gangs, a week": Family(50, 168, (0.3, 0.6), (1, 3, 4, 5, 8, 11), (24, 72), 300),
    "6 jobs, ten days": Family(6, 240, (0.05, 0.3), (4, 8, 12), (96, 96), 20),
    "1,000 small jobs": Family(1_000, 48, (0.001, 0.02), (1, 2, 4, 8), (4, 48), 30),
    "10,000 distinct jobs": Family(10_000, 48, (0.0002, 0.002), (1, 2, 4), (4, 48), 120),
}


def table(family: Family, seed: int) -> list[dict[str, Any]]:
    """The jobs of one instance: arrivals over the first 85 % of the hours."""
    rng = np.random.default_rng([family.jobs, family.hours, seed])
    low, high = family.shares
    rows = []
    for number, hour in enumerate(np.sort(rng.integers(0, round(0.85 * family.hours), family.jobs)).tolist()):
        length = int(rng.choice(family.lengths_h))
        arrival = START + pd.Timedelta(hours=hour)
        due = arrival + pd.Timedelta(hours=length + int(rng.integers(family.slack_h[0], family.slack_h[1] + 1)))
        cards = max(round(CARDS * low * (high / low) ** float(rng.uniform())), 1)
        rows.append(
            {"id": f"j{number}", "cards": cards, "hours": length, "arrival": str(arrival), "deadline": str(due)}
        )
    return rows


def center(family: Family, seed: int) -> Any:
    """The shipped center with the table of one instance."""
    from optimizer.scenario.file import load_scenario

    jobs = {"pools": [POOL], "jobs": table(family, seed), "interruptible": family.interruptible}
    changes = {
        "jobs": {"gangs": jobs},
        "queue.model_training.arrival_cards": 0.0,
        "service.language_model_inference.cards": 0.0,
        "horizon.start": str(START.date()),
        "horizon.days": family.hours / 24,
    }
    return load_scenario("scenarios/qaidam.yaml", changes)


def plan_one(name: str, seed: int, method: str) -> dict[str, Any]:
    """Cost, bound and gap of one instance by `ours`, `highs` or `cp-sat`; the gap also over the money that moves."""
    from optimizer.plan.optimize import calendar_for, compiled_assets, effort_for, inputs_for, plan_assets
    from optimizer.solve.first_plan import begun_plan
    from optimizer.solve.relaxation import Relaxation

    family = FAMILIES[name]
    scenario = center(family, seed)
    inputs, assets = inputs_for(scenario, calendar_for(scenario)), scenario.assets()
    matrix = compiled_assets(assets, inputs)[1].matrix
    arrival = begun_plan(matrix, Relaxation(matrix))
    began, before_s = time.perf_counter(), time.process_time()
    if method == "ours":
        effort = effort_for(scenario, gap=GAP, seconds=family.seconds, workers=1)
        certificate = plan_assets(assets, inputs, effort).certificate
        cost, bound = certificate.cost, certificate.bound
    else:
        cost, bound = (_by_highs if method == "highs" else _by_cp_sat)(matrix, family.seconds)
    spent = {"plan_s": time.perf_counter() - began, "plan_cpu_s": time.process_time() - before_s}
    moves = max((arrival.cost if arrival else cost) - bound, 1e-9)
    found = np.isfinite(cost)
    gaps = {"gap": (cost - bound) / abs(cost), "gap_of_moving": (cost - bound) / moves} if found else {}
    return {"cost": cost if found else None, "bound": bound, **gaps, **spent}


def _by_highs(matrix: Any, seconds: float) -> tuple[float, float]:
    from optimizer.solve.highs import Limits, solve

    answer = solve(matrix, Limits(gap=GAP, seconds=seconds))
    return answer.cost, answer.bound


def _by_cp_sat(matrix: Any, seconds: float) -> tuple[float, float]:
    """The matrix handed over as a file: CP-SAT's library cannot be loaded beside highspy."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matrix.npz"
        parts = {name: getattr(matrix.rows, name) for name in ("data", "indices", "indptr")}
        names = ("cost", "row_lower", "row_upper", "lower", "upper", "is_integer")
        np.savez(path, **parts, **{name: getattr(matrix, name) for name in names})
        command = [sys.executable, "-m", "tests.benchmarks.cp_sat", str(path), str(seconds), str(GAP)]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError((told.stderr.strip().splitlines() or ["CP-SAT said nothing"])[-1])
    found = json.loads(told.stdout.strip().splitlines()[-1])
    cost = np.inf if found["cost"] is None else found["cost"] + matrix.offset
    return cost, found["bound"] + matrix.offset


def rows(timed: Measured, methods: tuple[str, ...] = ("ours", "highs", "cp-sat")) -> list[ROW]:
    """Median and worst of every family and method."""
    return [
        _row(name, method, [timed("job-table", name, str(seed), method) for seed in SEEDS])
        for name in FAMILIES
        for method in methods
    ]


def _row(name: str, method: str, found: list[dict[str, Any]]) -> ROW:
    """One line; instances without a plan, or that failed, are counted and told."""
    planned = [one for one in found if one.get("gap") is not None]
    what = f"{name}, {method}: gap, of the money that moves, wall [s], CPU [s] (median / worst)"
    without = [str(one.get("failed", "no plan")) for one in found if one.get("gap") is None]
    told = f"; {len(without)} without a plan ({without[0]})" if without else ""
    if not planned:
        return ("jobs", what, told.removeprefix("; "))
    figures = {key: [one[key] for one in planned] for key in ("gap", "gap_of_moving", "plan_s", "plan_cpu_s")}
    shares = [f"{median(figures[key]):.2%} / {max(figures[key]):.2%}" for key in ("gap", "gap_of_moving")]
    times = [f"{median(figures[key]):.0f} / {max(figures[key]):.0f}" for key in ("plan_s", "plan_cpu_s")]
    return ("jobs", what, ", ".join([*shares, *times]) + told)
