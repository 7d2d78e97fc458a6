"""Waits of movable work: hours from arrival to run of every card-hour, of queues first in, first out, of jobs by their timetable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from optimizer.quantities.columns import matching, rows_of, total
from optimizer.technologies.flows import BACKLOG_CARD_H, Role
from optimizer.technologies.linear import Floats

LEAST_CARD_H = 1e-6
"""Less is rounding: backlogs are held to 1e-7 relative."""


def wait_figures(results: xr.Dataset, jobs: pd.DataFrame | None) -> dict[str, float]:
    """`mean_wait_h` and `wait_95_h` over all card-hours that queues and jobs run; NaN where there is no such work.

    `jobs`: the plan's timetable. Work that is left at the end is not counted; what a queue opens with came at the start.
    """
    parts = [_queue_waits(results, site, asset) for site, asset in rows_of_backlogs(results)]
    if jobs is not None and len(jobs):
        parts.append(_job_waits(jobs))
    wait_h, card_h = (np.concatenate([part[k] for part in parts] or [np.zeros(0)]) for k in (0, 1))
    if card_h.sum() <= LEAST_CARD_H:
        return {"mean_wait_h": np.nan, "wait_95_h": np.nan}
    order = np.argsort(wait_h, kind="stable")
    reached = np.searchsorted(np.cumsum(card_h[order]), 0.95 * card_h.sum() - LEAST_CARD_H)
    return {"mean_wait_h": float(wait_h @ card_h / card_h.sum()), "wait_95_h": float(wait_h[order][reached])}


def rows_of_backlogs(results: xr.Dataset) -> list[tuple[str, ...]]:
    """(site, asset) of every stock of waiting work."""
    return list(dict.fromkeys(rows_of(matching(results["stored"], quantity=BACKLOG_CARD_H), "site", "asset")))


def _queue_waits(results: xr.Dataset, site: str, asset: str) -> tuple[Floats, Floats]:
    """Hours of wait and card-hours that waited so long."""
    step_h = float(results.attrs["step_h"])
    run = -total(results["flow"], site=site, asset=asset, role=Role.MOVABLE_WORK) * step_h
    backlog = total(results["stored"], site=site, asset=asset, quantity=BACKLOG_CARD_H)
    came, ran = np.cumsum(run) + backlog, np.cumsum(run)  # what opened the plan is there in its first step
    edges = np.unique(np.concatenate([[0.0], came, ran]))
    edges = edges[edges <= ran[-1]]
    middle, card_h = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    wait = (np.searchsorted(ran, middle) - np.searchsorted(came, middle)) * step_h
    kept = card_h > LEAST_CARD_H
    return np.maximum(wait[kept], 0.0).astype(float), card_h[kept]


def _job_waits(jobs: pd.DataFrame) -> tuple[Floats, Floats]:
    """Of each step of each run: hours beyond those the job would have needed had it begun at its arrival without a pause."""
    hour = pd.Timedelta(hours=1)
    wait, card_h = [], []
    for _, runs in jobs.sort_values("start").groupby(["site", "workload", "job"], sort=False):
        ran = 0.0
        for start, end, arrival, cards in runs[["start", "end", "arrival", "cards"]].itertuples(index=False, name=None):
            wait.append((start - arrival) / hour - ran)
            card_h.append(cards * (end - start) / hour)
            ran += (end - start) / hour
    return np.maximum(np.array(wait), 0.0), np.array(card_h)
