"""Jobs changed by rule: what a rule says happens to each job it names, and to no other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optimizer.quantities.job_changes import JobChanges
from optimizer.quantities.job_table import Job
from optimizer.scenario.file import ScenarioError, load_site

LEADVILLE = Path(__file__).parents[2] / "scenarios" / "examples" / "leadville.yaml"
NOON = pd.Timestamp("2025-06-09 12:00")
OWN = Job("train-1", NOON, NOON + pd.Timedelta(hours=40), cards=8, hours=2, priority=3)
CLASS = Job("batch-1", NOON, None, cards=8, hours=2)
"""Has the deadline of its class."""


@pytest.mark.parametrize(
    ("rule", "arrival_h", "own_h", "class_h", "priority"),
    [({}, 0, 40, None, 3),
     ({"deadline_factor": 0.5}, 0, 20, 12, 3),                      # of its own 40 h, of the class's 24 h
     ({"deadline_h": 10}, 0, 10, 10, 3),                            # whatever stands in the table
     ({"deadline_h": 10, "deadline_factor": 2}, 0, 20, 20, 3),
     ({"arrival_shift_h": -6}, -6, 34, None, 3),                    # the deadline moves along
     ({"arrival_shift_h": 6, "deadline_factor": 0.5}, 6, 26, 18, 3),
     ({"priority_factor": 2}, 0, 40, None, 6),
     ({"priority": 1.5, "priority_factor": 2}, 0, 40, None, 3)],
)  # fmt: skip
def test_a_rule_changes_what_it_says(
    rule: dict[str, float], arrival_h: float, own_h: float, class_h: float | None, priority: float
) -> None:
    """Hours from noon; a class deadline that no rule touches stays the class's."""
    own, of_class = JobChanges.model_validate(rule).applied([OWN, CLASS], 24.0)

    def after(job: Job) -> float | None:
        return None if job.deadline is None else (job.deadline - NOON) / pd.Timedelta(hours=1)

    assert ((own.arrival - NOON) / pd.Timedelta(hours=1), after(own), after(of_class)) == (arrival_h, own_h, class_h)
    assert own.priority == priority
    assert (own.cards, own.hours) == (8, 2)


def test_a_rule_for_some_jobs_leaves_the_others() -> None:
    """By a pattern of ids; a pattern that meets none is told, since the plan would be the same without a word."""
    rule = JobChanges(ids=["train-*"], deadline_factor=0.5)
    assert rule.applied([OWN, CLASS], 24.0)[1] is CLASS
    assert rule.unmet([OWN, CLASS], rule.applied([OWN, CLASS], 10.0)) == []
    assert rule.unmet([CLASS], [CLASS]) == ["changes: no job is named train-*, so nothing is changed"]
    own_hours = JobChanges(deadline_h=40, priority=3)
    assert "as it was before" in own_hours.unmet([OWN], own_hours.applied([OWN], 24.0))[0]


def test_a_rule_is_reached_by_its_path() -> None:
    """As `--set` and a study give it, although the scenario's file has no such key; a factor of 0 is refused."""
    scenario = load_site(LEADVILLE, {"jobs.training.changes.deadline_factor": 0.5})
    (training,) = (t for (_, name), t in scenario.assets().items() if name == "training")
    assert training.changes == JobChanges(deadline_factor=0.5)
    with pytest.raises(ScenarioError, match="deadline_factor"):
        load_site(LEADVILLE, {"jobs.training.changes.deadline_factor": 0})
