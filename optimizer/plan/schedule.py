"""The compute-shift schedule: which pool runs what in which hour, against what it would have run, and why.

One row an hour and workload: time_utc, time_local, site, pool, workload, baseline_cards, planned_cards, cap_cards, it_mw,
electricity_price (marginal, money per MWh), reason. The reasons come from the plan's shadow prices and bounds (reasons.py).
Work that has names (jobs) has a timetable besides: when and where each of them runs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.inputs.assemble import calendar_of
from optimizer.plan.reasons import Reasons
from optimizer.plan.results import records_of, views_of
from optimizer.quantities.columns import matching, mean, rows_of, total
from optimizer.technologies.base import State, Technology
from optimizer.technologies.flows import WORK, Role
from optimizer.technologies.linear import Floats

COLUMNS = (
    "time_utc", "time_local", "site", "pool", "workload", "baseline_cards", "planned_cards", "cap_cards", "it_mw",
    "electricity_price", "reason",
)  # fmt: skip
MUST_RUN = "must run in its hour"
MOST_UNSERVED = 20
"""So many jobs that do not run are named one by one."""


def schedule_of(
    results: xr.Dataset,
    baseline: xr.Dataset,
    assets: Mapping[tuple[str, str], Technology],
    jobs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Schedule of a plan beside its baseline, sorted by time and then in the order of the scenario.

    `jobs`: the plan's timetable, where it has one.
    """
    calendar, reasons = calendar_of(results), Reasons(results, assets, jobs)
    work = matching(results["flow"], role=WORK, member=0)
    parts = []
    for order, (site, asset, bus, role) in enumerate(rows_of(work, "site", "asset", "bus", "role")):
        pool, planned = bus.removeprefix("compute."), np.maximum(-work.values[:, order], 0.0)
        # what it holds in all its pools
        baseline_case = np.maximum(-total(baseline["flow"], site=site, asset=asset, role=role), 0.0)
        price = mean(results["price"], site=site, bus="electricity")
        parts.append(
            pd.DataFrame(
                {
                    "time_utc": calendar.time.strftime("%Y-%m-%dT%H:%MZ"),
                    "time_local": calendar.local.strftime("%Y-%m-%d %H:%M"),
                    "site": site,
                    "pool": pool,
                    "workload": asset,
                    "baseline_cards": baseline_case.round(2),
                    "planned_cards": planned.round(2),
                    "cap_cards": np.ceil(planned - 1e-6).astype(int),
                    "it_mw": (_it_mw(results, site, pool) * _share(results, site, bus, planned)).round(6),
                    "electricity_price": price.round(3),
                    "reason": reasons.of(site, asset, bus, planned, baseline_case)
                    if role == Role.MOVABLE_WORK
                    else MUST_RUN,
                    "order": order,
                }
            )
        )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS, "order"])
    return table.sort_values(["time_utc", "order"], kind="stable", ignore_index=True)[list(COLUMNS)]


def timetable_of(
    results: xr.Dataset,
    assets: Mapping[tuple[str, str], Technology],
    opening: Mapping[tuple[str, str], State] | None = None,
) -> pd.DataFrame | None:
    """Job timetable in UTC, a row a run, sorted by start; None where no work has names.

    Columns: site, workload, job, pool, arrival, start, end, deadline, cards, late.
    """
    records = records_of(results)
    views, parts = views_of(results, records), []
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        state = (opening or {}).get((site, asset), technology.opening_state())
        table = technology.timetable(record, views[site, asset, member], state)
        if table is not None:
            parts.append(table.assign(site=site, workload=asset))
    if not parts:
        return None
    whole = pd.concat(parts, ignore_index=True).sort_values("start", kind="stable", ignore_index=True)
    return whole[["site", "workload", *(name for name in whole.columns if name not in ("site", "workload"))]]


def unserved_work(results: xr.Dataset, assets: Mapping[tuple[str, str], Technology]) -> list[str]:
    """Work with a name that the plan does not do at all: `asset: job ... does not run: reason`, the first ones of each asset."""
    records = records_of(results)
    views, lines = views_of(results, records), []
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        idle = technology.unserved(record, views[site, asset, member], technology.opening_state())
        lines += [f"{asset}: {text}" for text in idle[:MOST_UNSERVED]]
        if len(idle) > MOST_UNSERVED:
            lines.append(f"{asset}: and {len(idle) - MOST_UNSERVED:,} more that do not run")
    return list(dict.fromkeys(lines))


def remarks_on_plan(results: xr.Dataset, assets: Mapping[tuple[str, str], Technology]) -> list[str]:
    """Remarks of all assets on what they do in a plan, each with the asset's name in front."""
    records = records_of(results)
    views = views_of(results, records)
    lines = []
    for (site, asset, member), record in records.items():
        technology = assets[site, asset]
        told = technology.remarks_on_plan(record, views[site, asset, member], technology.opening_state())
        lines += [f"{asset}: {text}" for text in told]
    return list(dict.fromkeys(lines))


def stamped(jobs: pd.DataFrame) -> pd.DataFrame:
    """Timetable as its file has it: `start_utc` "2025-06-01T17:00Z" in place of `start`, as in the schedule."""
    times = ("arrival", "start", "end", "deadline")
    texts = {name: pd.DatetimeIndex(jobs[name]).strftime("%Y-%m-%dT%H:%MZ") for name in times}
    return jobs.assign(**texts).rename(columns={name: f"{name}_utc" for name in times})


def _it_mw(results: xr.Dataset, site: str, pool: str) -> Floats:
    return -total(results["flow"], site=site, asset=pool, bus="it")


def _share(results: xr.Dataset, site: str, bus: str, planned: Floats) -> Floats:
    """Share of the pool's busy cards that a workload holds."""
    busy = total(results["flow"], site=site, bus=bus, role=Role.CARDS)
    return np.asarray(np.divide(planned, busy, out=np.zeros_like(planned), where=busy > 1e-6))
