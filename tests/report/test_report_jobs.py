"""The figure of jobs: bars where they run, marks at deadlines, in local time, the largest of many."""

from __future__ import annotations

import pandas as pd
import pytest

from optimizer.report import figures
from optimizer.report.gantt import LATE_COLOUR, LISTED
from optimizer.report.palette import asset_colours
from optimizer.report.tables import table_of

HOUR_MS = 3_600_000


def run(job: str, start_h: float, end_h: float, *, due_h: float = 24.0, pool: str = "ascend", cards: float = 8.0):
    """One row of a timetable, hours from the plan's start (16:00 UTC, local midnight)."""
    at = [pd.Timestamp("2024-12-31 16:00") + pd.Timedelta(hours=hour) for hour in (0.0, start_h, end_h, due_h)]
    names = ("arrival", "start", "end", "deadline")
    told = {"site": "qaidam", "workload": "research", "job": job, "pool": pool, "cards": cards, "late": end_h > due_h}
    return told | dict(zip(names, at, strict=True))


@pytest.fixture
def two_days(plan):
    return plan.isel(time=slice(0, 48))


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_bars_lie_where_the_job_runs_in_local_time(two_days):
    """Hours 9 to 12 of the plan are 09:00 to 12:00 in Qaidam, 01:00 UTC; in two pieces the job has two bars."""
    figure = figures.job_gantt(
        two_days, pd.DataFrame([run("a", 9, 12), run("a", 20, 21), run("b", 3, 4, pool="sugon")])
    )
    bars = named(figure, "ascend")
    assert list(bars.base) == ["2025-01-01 09:00", "2025-01-01 20:00"]
    assert list(bars.x) == [3 * HOUR_MS, HOUR_MS]
    assert list(bars.y) == ["a", "a"]
    assert bars.marker.color == asset_colours(two_days)["ascend"]
    assert list(figure.layout.yaxis.categoryarray) == ["b", "a"]  # drawn from below: the pool of "a" stands on top
    assert list(named(figure, "deadline").x) == ["2025-01-02", "2025-01-02"]


def test_only_the_part_past_the_deadline_is_red(two_days):
    """Runs 10 to 14, due at 12: two hours red. All four red would cry wolf, none would hide it."""
    red = named(
        figures.job_gantt(two_days, pd.DataFrame([run("a", 10, 14, due_h=12), run("b", 1, 2)])), "past the deadline"
    )
    assert (list(red.base), list(red.x), red.marker.color) == (["2025-01-01 12:00"], [2 * HOUR_MS], LATE_COLOUR)


def test_jobs_outside_the_window_are_left_out_and_the_largest_kept(two_days):
    """60 jobs in the window and one after it: 40 rows, the smallest twenty and the late-comer gone, and the title says so."""
    rows = [run(f"job {size:02d}", 1, 2, cards=size) for size in range(1, 61)] + [run("later", 50, 60, cards=500)]
    figure = figures.job_gantt(two_days, pd.DataFrame(rows))
    assert len(figure.layout.yaxis.categoryarray) == LISTED
    assert "job 21" in figure.layout.yaxis.categoryarray
    assert "job 20" not in figure.layout.yaxis.categoryarray
    assert "40 largest of 60" in figure.layout.title.text


def test_the_table_tells_the_runs_in_local_time(two_days):
    """One row a run, with its pool, its deadline and whether it is late."""
    figure = figures.job_gantt(two_days, pd.DataFrame([run("a", 10, 14, due_h=12)]))
    moments = [f"2025-01-01 {hour}" for hour in ("00:00", "10:00", "14:00", "12:00")]
    assert table_of(figure).rows == [["a", "ascend", *moments, "8", "late"]]


def test_no_job_no_figure(two_days):
    """Neither a run without jobs nor one whose jobs lie elsewhere shows an empty frame."""
    assert figures.job_gantt(two_days, None) is None
    assert figures.job_gantt(two_days, pd.DataFrame([run("later", 50, 60)])) is None
