"""Waits of movable work, held against cases counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from sites import center, pool, small

from optimizer.plan.waits import wait_figures
from optimizer.technologies.compute.queue import Queue


def test_waits_of_a_queue_are_first_in_first_out() -> None:
    """100 card-hours come in hour 0 and 100 in hour 1, power is cheap in hour 3 alone: waits of 3 and 2 hours, mean 2.5."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=4, unfinished_price_per_card_h=900.0)
    series = {
        ("training", "arrival_cards"): [100.0, 100.0, 0, 0],
        ("tie", "import_price_per_mwh"): [500.0, 500, 500, 50],
    }
    site = small(center(pool=pool(least_blocks_on=10), training=queue), 4, series=series)
    assert wait_figures(site.plan().results, None) == pytest.approx({"mean_wait_h": 2.5, "wait_95_h": 3.0})


def test_waits_of_a_job_count_its_pauses() -> None:
    """Of one job of two hours the first waits an hour and the second, after a pause of two, three: mean 2; with 1,800 card-hours
    that wait nothing the mean is 0.2, and 95 % of all wait no longer than 1 hour.
    """
    first = pd.Timestamp("2025-01-06")
    hour = pd.Timedelta(hours=1)
    rows = [("long", 1, 2, 0, 100), ("long", 4, 5, 0, 100), ("short", 2, 11, 2, 200)]
    jobs = pd.DataFrame(
        [("site", "jobs", job, first + start * hour, first + end * hour, first + came * hour, cards)
         for job, start, end, came, cards in rows],
        columns=["site", "workload", "job", "start", "end", "arrival", "cards"],
    )  # fmt: skip
    empty = small(center(), 4).plan().results
    told = wait_figures(empty, jobs)
    assert told["mean_wait_h"] == pytest.approx(0.2)
    assert told["wait_95_h"] == 1.0
