"""Nights of the shipped center with 200 jobs on top, for 50 weather members around a forecast: days over the year, seeded.

A forecast is the made-up year's weather with the errors a forecast has, as the replay of past nights draws it; nothing of
it was ever forecast by anybody, and the plan says so.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

SITE = "golmud"
DAYS = pd.date_range("2025-01-15", periods=10, freq="36D")
"""Every season, every phase of the week."""
SEEDS = (1, 2)
MEMBERS, JOBS = 50, 200
HOURS = 48
BEFORE_MIDNIGHT = pd.Timedelta(hours=10)
"""22:00 in Golmud is 10 hours before the plan's first midnight in UTC."""
Measured = Callable[..., dict[str, Any]]
ROW = tuple[str, str, str]


def scenario_with_jobs(day: pd.Timestamp, seed: int, jobs: int) -> Any:
    """The shipped center, and `jobs` gangs of 8 to 128 cards for 1 to 8 h with 2 to 24 h to spare, in two of its pools."""
    from optimizer.scenario.file import load_scenario, scenario_from

    data = load_scenario("scenarios/qaidam.yaml").model_dump(mode="json", exclude_unset=True)
    rng, rows = np.random.default_rng([seed, day.dayofyear]), []
    for number in range(jobs):
        arrival, length = int(rng.integers(0, HOURS - 8)), int(rng.integers(1, 9))
        due = arrival + length + int(rng.choice([2, 6, 12, 24]))
        hours = {name: str(day + pd.Timedelta(hours=at)) for name, at in (("arrival", arrival), ("deadline", due))}
        rows.append({"id": f"j{number}", "cards": int(rng.choice([8, 16, 32, 64, 128])), "hours": length, **hours})
    return scenario_from(data | {"jobs": {"training_jobs": {"pools": ["ascend", "sugon"], "jobs": rows}}})


def forecast(now: pd.Timestamp, seed: int) -> xr.Dataset:
    """A synthetic forecast issued at `now` (UTC): the made-up year with the assumed errors of a forecast, seeded."""
    from weather.forecast.default_errors import default_error_model
    from weather.forecast.forecast import as_forecast
    from weather.forecast.members import members
    from weather.synthetic.year import synthetic_year

    year = synthetic_year(SITE, now.year, seed=now.year)
    came = as_forecast(year.sel(time=slice(now, now + pd.Timedelta(hours=HOURS + 24))), now)
    drawn = members(came, default_error_model(), 1, seed).isel(member=0, drop=True)
    return drawn.assign_attrs(
        came.attrs | {"source": f"synthetic forecast of the synthetic year of {SITE}, seed {seed}"}
    )


def plan_one(day: str, seed: int, members: int, jobs: int, solve_seconds: float | None = None) -> dict[str, Any]:
    """One night from inputs to the published folder; times in seconds of wall, the solving child apart."""
    from optimizer.nightly.night import Sources, plan_night
    from optimizer.nightly.settings import NightSettings

    date = pd.Timestamp(day)
    now = date - BEFORE_MIDNIGHT
    limit = {} if solve_seconds is None else {"solve_seconds": solve_seconds}
    settings = NightSettings(members=members, drawn=members, **limit)
    sources = Sources(forecast=lambda: forecast(now, seed))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as plans:
        scenario = scenario_with_jobs(date, seed, jobs)
        record = plan_night(scenario, Path(plans), now, sources=sources, settings=settings).record
    return {
        "gap": record.gap, "level": record.level, "members": record.members, "iterations": record.iterations,
        "solve_s": record.seconds["solve"], "whole_s": time.perf_counter() - began, "notes": record.notes,
    }  # fmt: skip


def rows(timed: Measured, days: Sequence[pd.Timestamp] = tuple(DAYS), seeds: Sequence[int] = SEEDS) -> list[ROW]:
    """20 nights: how many end at the best level, and median and worst of gap, wall, CPU and iterations."""
    nights = [(str(day.date()), seed) for day in days for seed in seeds]
    found = [timed("night", day, str(seed), str(MEMBERS), str(JOBS)) for day, seed in nights]
    return table_of(nights, found)


def table_of(nights: Sequence[tuple[str, int]], found: Sequence[dict[str, Any]]) -> list[ROW]:
    """The rows for the nights measured; what a night lacks is said, it never ends the table."""
    done = [one for one in found if "failed" not in one]
    best = sum(one["level"] == 0 for one in done)
    members = sorted({one["members"] for one in done})
    told = f"{len(nights)} nights of {', '.join(map(str, members)) or 'no'} distinct members and {JOBS} jobs, {HOURS} h"
    table: list[ROW] = [("night", f"{told}: at level 0", f"{best} of {len(nights)}")]
    for what, key, form in (
        ("gap", "gap", "{:.2%}"),
        ("wall from inputs to the published plan [s]", "whole_s", "{:.0f}"),
        ("CPU of all processes [s]", "cpu_s", "{:.0f}"),
        ("simplex iterations", "iterations", "{:,.0f}"),
    ):
        table.append(("night", f"{what}: median, worst", _spread([one.get(key) for one in done], form)))
    for (day, seed), one in zip(nights, found, strict=True):
        if one.get("failed") or one.get("level"):
            why = one.get("failed") or "; ".join(one["notes"])
            table.append(("night", f"{day}, seed {seed}", why))
    return table


def _spread(values: Sequence[float | None], form: str) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "none known"
    lacking = f", none known of {len(values) - len(known)}" if len(known) < len(values) else ""
    return f"{form.format(median(known))}, {form.format(max(known))}{lacking}"
