"""The solver late, dead, silent or wrong: the ladder ends on a sound plan, and tells its level."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.solving import Solver, SolverPlans, children, in_this_process
from tests.nightly.nights import DAY, EVENING, QUICK, SITE, good, run_night, small_site

BROKEN = "tests.nightly.broken_child"
FAULTS = {
    "overruns": "not done at its deadline",
    "sleeps": "not done at its deadline",
    "raises": "cannot allocate 12 GiB",
    "killed": "signal 9",
    "wrong": "not sound",
    "garbage": "second solver",
    "nothing": "second solver",
    "distrusted": "cannot be trusted",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_solver_ends_in_a_plan_by_rule(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    """Level 4, exit code 10, the reason in the record, a sound plan. A solver believed blindly would give level 0."""
    monkeypatch.setenv("QAIDAM_TEST_FAULT", fault)
    monkeypatch.chdir(project)
    late = fault in ("overruns", "sleeps")
    solver = children(3.0 if late else 60.0, 60.0, BROKEN)
    done = run_night(tmp_path / "plans", sources=good(tmp_path), solver=solver)
    assert (done.record.level, done.record.exit_code) == (4, 10), done.record.notes
    assert FAULTS[fault] in " ".join(done.record.notes)
    assert done.record.solver_trusted == (fault != "distrusted")
    assert faults_of_folder(done.folder) == []
    left = subprocess.run(["pgrep", "-f", f"{BROKEN} optimise"], capture_output=True, check=False)
    assert left.stdout == b""  # the whole process group is gone


def test_the_real_children_plan_the_night(tmp_path: Path) -> None:
    """Two processes, level 0, exit code 0; and the same plan as in this process, so nothing is lost on the way."""
    in_children = run_night(tmp_path / "there", sources=good(tmp_path), solver=children(120.0, 120.0))
    in_process = run_night(tmp_path / "here", sources=good(tmp_path))
    assert (in_children.record.level, in_children.record.exit_code) == (0, 0)
    assert (in_children.folder / "schedule.csv").read_bytes() == (in_process.folder / "schedule.csv").read_bytes()
    assert in_children.folder.name == in_process.folder.name


def only(*origins: str, bound: float = 0.5) -> Solver:
    """A solver that brings the best plan under these names, with that bound over its cost."""

    def solve(problem: Problem) -> SolverPlans:
        plans = in_this_process(problem)
        best = plans.optimised[-1]
        kept = [replace(best, origin=origin, bound=bound * best.cost) for origin in origins]
        return SolverPlans(kept, plans.rule_based)

    return solve


@pytest.mark.parametrize(("origin", "level"), [("optimised", 1), ("rounded", 2)])
def test_a_wide_gap_is_told_as_a_fallback(origin: str, level: int, tmp_path: Path) -> None:
    """A sound plan with a gap of half its cost, 5 % requested: levels 1 and 2, exit code 10, the gap in the record."""
    done = run_night(tmp_path / "plans", sources=good(tmp_path), solver=only(origin, bound=0.5))
    assert (done.record.level, done.record.exit_code) == (level, 10)
    assert done.record.gap == pytest.approx(0.5, abs=1e-9)  # by construction


def test_yesterday_s_work_is_shifted_where_it_is_cheaper(tmp_path: Path) -> None:
    """Work comes after sunset and may wait for the sun, even a little late. Second night without a solver: yesterday's plan waits too (level 3).

    Run as it arrives (level 4) it would be paid for at evening prices.
    """
    arrivals = {"hourly": [0] * 19 + [500] * 4 + [0]}
    evening = dict(SITE["queue"]["training"], arrival_cards=arrivals, late_price_per_card_h_h=0.02)
    scenario = small_site(queue={"training": evening}, solar={"field": {"peak_power_mw": 3}})
    run_night(tmp_path / "plans", sources=good(tmp_path), scenario=scenario)
    done = run_night(tmp_path / "plans", now=EVENING + DAY, solver=only(), scenario=scenario)
    assert (done.record.level, done.record.exit_code) == (3, 10), done.record.notes
    assert done.record.previous is not None
    assert faults_of_folder(done.folder) == []


def nan_plan(problem: Problem) -> SolverPlans:
    """A solver whose plan holds no numbers."""
    plans = in_this_process(problem)
    broken = plans.optimised[-1].results.copy(deep=True)
    broken["flow"].values[:] = np.nan
    return SolverPlans([replace(plans.optimised[-1], results=broken)], plans.rule_based)


def cheap_plan(problem: Problem) -> SolverPlans:
    """A solver that claims half the cost."""
    plans = in_this_process(problem)
    return SolverPlans([replace(plans.optimised[-1], cost=0.5 * plans.optimised[-1].cost)], plans.rule_based)


def other_hours(problem: Problem) -> SolverPlans:
    """A solver that answers for another day."""
    plans = in_this_process(problem)
    plan: Candidate = plans.optimised[-1]
    results = plan.results.assign_coords(time=plan.results.indexes["time"] + DAY)
    return SolverPlans([replace(plan, results=results)], plans.rule_based)


@pytest.mark.parametrize(
    ("solver", "told"),
    [(nan_plan, "no numbers"), (cheap_plan, "its bill is"), (other_hours, "other hours")],
    ids=["nan", "cost", "hours"],
)
def test_the_independent_check_stops_what_is_wrong(solver: Solver, told: str, tmp_path: Path) -> None:
    """Each wrong plan is passed over by name and the next best is published; level 0 would mean it was believed."""
    done = run_night(tmp_path / "plans", sources=good(tmp_path), solver=solver, settings=QUICK)
    assert done.record.level == 4
    assert told in " ".join(done.record.notes)
    assert faults_of_folder(done.folder) == []
