"""Small sites with jobs, and what a plan made of them, for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sites import EXACT, Small, center, pool, small, tie

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.outcome import Plan
from optimizer.plan.results import records_of
from optimizer.technologies.base import State
from optimizer.technologies.compute.jobs.settings import Jobs
from optimizer.technologies.compute.jobs.timetable import timetable

MONDAY = pd.Timestamp("2025-01-06")


UTC_MONDAY = pd.Timestamp("2025-01-05 16:00")
"""Midnight of the tests' site, UTC+8."""


def at(hour: float) -> str:
    """So many hours after the plan's start, on the site's clock."""
    return str(MONDAY + pd.Timedelta(hours=hour))


def job(name: str, arrival: float, due: float, hours: float, cards: float = 1.0, **more: Any) -> dict[str, Any]:
    """One row of a job table."""
    return {"id": name, "arrival": at(arrival), "deadline": at(due), "hours": hours, "cards": cards, **more}


def lone(prices: list[float], rows: list[dict[str, Any]], **rules: Any) -> Small:
    """Jobs on machines of their own, 1 kW a card: a card-hour costs a thousandth of the price."""
    work = Jobs(jobs=rows, **{"kw_per_card": 1.0, "most_late_h": 0.0, **rules})
    site = {"tie": tie(import_limit_mw=100.0), "work": work}
    return small(site, len(prices), series={("tie", "import_price_per_mwh"): prices})


def shared(prices: list[float], rows: list[dict[str, Any]], cards: int = 64, **rules: Any) -> Small:
    """Jobs in a pool of so many cards, one block that is always on; a busy card-hour draws 1 kW, an idle one next to nothing."""
    free = pool(cards, cards, idle_kw_per_card=0.0, off_kw_per_card=0.0, least_blocks_on=1)
    work = Jobs(pools=["pool"], jobs=rows, **{"most_late_h": 0.0, **rules})
    return small(center(pool=free, work=work), len(prices), series={("tie", "import_price_per_mwh"): prices})


def table_of(site: Small, plan: Plan, opening: State | None = None) -> pd.DataFrame:
    """Which job runs when, in hours from the plan's start."""
    record = records_of(plan.results)["site", "work", -1]
    table = timetable(
        site.assets["site", "work"], record, inputs_by_asset(plan.results)["site", "work", 0], opening or {}
    )
    for column in ("start", "end"):
        table[column] = (table[column] - UTC_MONDAY) / pd.Timedelta(hours=1)
    return table


def runs_of(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    """(job, start, end) of every run."""
    return list(table[["job", "start", "end"]].itertuples(index=False, name=None))


PRICES = [500.0, 90.0, 400.0, 100.0, 300.0, 110.0, 130.0, 600.0]


def random_rows(rng: np.random.Generator, jobs: int, hours: int) -> list[dict[str, Any]]:
    """Jobs of few kinds, so that some are alike; some cannot be in time."""
    rows = []
    for number in range(jobs):
        arrival, length = int(rng.integers(0, hours - 4)), int(rng.integers(1, 5))
        due = arrival + length + int(rng.choice([-1, 0, 3, 8]))
        rows.append(job(f"j{number}", arrival, due, length, cards=int(rng.choice([8, 16]))))
    return rows


FORMS: tuple[dict[str, Any], ...] = ({}, {"interruptible": True}, {"interruptible": True, "restart_minutes": 30})


def baseline_of(site: Small) -> Plan:
    """The same hours for a site that plans nothing."""
    return plan_assets(*as_baseline(site.assets, site.inputs), EXACT)
