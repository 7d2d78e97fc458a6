"""A night cannot fail: random files × scenario changes × clock jumps, and every night ends with a sound plan for its day."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pandas as pd
import pytest

from optimizer.nightly.forecast_chain import forecast_file
from optimizer.nightly.hours import night_of
from optimizer.nightly.night import Published, Sources
from optimizer.nightly.past_weather import past_weather
from optimizer.nightly.problem import Problem
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import SolverPlans
from optimizer.quantities.documents import DocumentError
from optimizer.scenario.file import site_from
from optimizer.solve.highs import solve
from tests.nightly.nights import run_night
from tests.nightly.random_nights import (
    BASE,
    LAST,
    changed_scenario,
    end_values_text,
    input_file,
    next_clock,
    spoil,
    telemetry_text,
)

CHAINS, NIGHTS = int(os.environ.get("QAIDAM_NIGHT_CHAINS", "1")), 10
FIRST = pd.Timestamp("2025-06-01T14:00")


def rule_based(problem: Problem) -> SolverPlans:
    """Only the rule-based plans, in this process: quick enough for hundreds of nights."""
    return SolverPlans([], list(rule_based_plans(problem, solve)))


def one_night(plans: Path, folder: Path, now: pd.Timestamp, dice: random.Random) -> Published:
    """A night with whatever the dice put before it."""
    for _ in range(dice.choice((0, 1, 1, 2, 5))):
        spoil((plans / "latest").resolve() / dice.choice(LAST), dice)
    try:
        scenario = site_from(changed_scenario(dice))
    except DocumentError:
        scenario = site_from(BASE)  # a refused scenario is reported before the night
    state = input_file(folder, "telemetry.json", lambda: telemetry_text(now, dice), dice)
    values = input_file(folder, "end_values.json", end_values_text, dice)
    forecast_path = (
        None
        if dice.random() < 0.6
        else input_file(folder, "forecast.csv", lambda: b"time,dry_bulb_c\n2025-06-01,3\n", dice)
    )
    sources = Sources(None if forecast_path is None else lambda: forecast_file(forecast_path), state)
    settings = NightSettings(members=1, end_values=values, read_seconds=20)
    done = run_night(plans, scenario=scenario, now=now, sources=sources, solver=rule_based, settings=settings)
    assert done.record.day == night_of(scenario, now, 2).day or done.record.notes
    told = " ".join(done.record.notes)
    # whatever spoils the inputs leaves the scenario itself: if that has no plan, what is lacking or too long is said
    said = "no plan is possible: here > " in told or "step_h: 2 h; give 5 minutes to 1 hour" in told
    assert said or "tonight's gives no plan" not in told, told
    return done


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("chain", range(CHAINS))
def test_any_night_ends_with_a_sound_plan(chain: int, tmp_path: Path) -> None:
    """Ten evenings in a row: each has a plan for its day that breaks no law when it is read back, no folder is lost, and
    `latest` leads to a whole plan."""
    dice, plans, now = random.Random(chain), tmp_path / "plans", FIRST
    past_weather(site_from(BASE))  # read once for all nights
    run_night(plans, scenario=site_from(BASE), now=now, solver=rule_based, settings=NightSettings(members=1))
    for _ in range(NIGHTS):
        now = next_clock(now, dice)
        before = {path.name for path in plans.iterdir() if path.name.startswith("2")}
        done = one_night(plans, tmp_path, now, dice)
        assert faults_of_folder(done.folder) == [], done.record.notes
        assert before <= {path.name for path in plans.iterdir()}
        if (plans / "latest").resolve() != done.folder:
            assert faults_of_folder(plans / "latest") == []
        now = now if abs(now - FIRST) < pd.Timedelta(days=60) else FIRST
