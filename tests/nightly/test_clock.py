"""Nights on odd clocks: which hours are planned, and how many are kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optimizer.nightly.hours import as_utc, night_of
from optimizer.nightly.recheck import faults_of_folder
from tests.nightly.nights import run_night, small_site

CLOCKS = {
    "evening": ("Asia/Shanghai", "2025-06-01T22:00+08:00", "2025-06-02", "2025-06-01T16:00", 24),
    "late, after midnight": ("Asia/Shanghai", "2025-06-02T00:40+08:00", "2025-06-02", "2025-06-01T16:00", 24),
    "spring forward": ("Europe/Berlin", "2025-03-29T22:00+01:00", "2025-03-30", "2025-03-29T23:00", 23),
    "fall back": ("Europe/Berlin", "2025-10-25T22:00+02:00", "2025-10-26", "2025-10-25T22:00", 25),
    "half-hour zone": ("Asia/Kolkata", "2025-06-01T22:00+05:30", "2025-06-02", "2025-06-01T18:30", 24),
    "leap day": ("Asia/Shanghai", "2028-02-28T22:00+08:00", "2028-02-29", "2028-02-28T16:00", 24),
    "after the leap day": ("Asia/Shanghai", "2028-02-29T22:00+08:00", "2028-03-01", "2028-02-29T16:00", 24),
    "new year": ("Asia/Shanghai", "2025-12-31T22:00+08:00", "2026-01-01", "2025-12-31T16:00", 24),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_night_plans_the_coming_local_day(name: str) -> None:
    """Day, start in UTC and kept hours; counted in UTC days the clock change would keep 24."""
    zone, now, day, start, kept = CLOCKS[name]
    night = night_of(small_site(site={"timezone": zone}), as_utc(now), 2)
    assert (night.day, night.start, night.kept_steps) == (day, pd.Timestamp(start), kept)


@pytest.mark.parametrize("name", ["spring forward", "half-hour zone", "leap day", "new year"])
def test_odd_clocks_end_in_a_sound_plan(name: str, tmp_path: Path) -> None:
    """No forecast at hand and an odd clock: a plan from the season's weather that breaks no law and keeps the local day."""
    zone, now, day, start, kept = CLOCKS[name]
    done = run_night(tmp_path, scenario=small_site(site={"timezone": zone}), now=as_utc(now))
    hours = (pd.Timestamp(done.record.kept_until_utc) - pd.Timestamp(start)) / pd.Timedelta(hours=1)
    assert (done.record.day, done.record.exit_code, hours) == (day, 10, kept)
    assert faults_of_folder(done.folder) == []


def test_half_hours_are_planned_from_hourly_weather(tmp_path: Path) -> None:
    """48 steps a day from an hourly forecast; a plan on the forecast's own hours would have 48 steps in two days."""
    done = run_night(tmp_path, scenario=small_site(horizon={"step_h": 0.5}))
    assert len((done.folder / "schedule.csv").read_text().splitlines()) == 1 + 2 * 96  # two workloads
    assert faults_of_folder(done.folder) == []
