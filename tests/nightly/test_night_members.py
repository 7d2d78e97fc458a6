"""What a night's members are, and what stands in when a way to a plan is closed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimizer.nightly.night import Sources
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.recheck import faults_of_folder
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.solving import SolverPlans
from optimizer.nightly.two_stage import optimise
from optimizer.plan.results_file import load_results
from optimizer.quantities.columns import matching
from optimizer.scenario.file import scenario_from
from optimizer.solve.highs import Answer, Matrix, SolverError, solve
from optimizer.technologies.energy.market import DAY_AHEAD
from tests.benchmarks.night import table_of
from tests.nightly.nights import QUICK, SITE, good, run_night

MANY = NightSettings(members=30, drawn=30, few=2, gap=0.05)


def problem_of_night(folder: Path, sources: Sources, settings: NightSettings = MANY) -> Problem:
    """The problem the solver is given."""
    seen: list[Problem] = []

    def solver(problem: Problem) -> SolverPlans:
        seen.append(problem)
        return SolverPlans([], list(rule_based_plans(problem, solve)))

    run_night(folder / "plans", sources=sources, settings=settings, solver=solver)
    return seen[0]


def test_thirty_members_without_a_forecast_are_thirty_different_ones(tmp_path: Path) -> None:
    """The season before 2 June has 15 days in a made-up year; the other members are near them. Repeated days would be 15."""
    problem = problem_of_night(tmp_path, Sources())
    table = problem.inputs["input"]
    by_member = [table.values[:, (table.coords["exogenous_member"].values == member)].tobytes() for member in range(30)]
    assert len(set(by_member)) == len(problem.inputs.attrs["weights"]) == 30
    assert sum(problem.inputs.attrs["weights"]) == pytest.approx(1.0)


def test_the_record_counts_members_that_differ(tmp_path: Path) -> None:
    """As many as the plan was made for."""
    done = run_night(tmp_path / "plans", sources=good(tmp_path), settings=MANY)
    assert done.record.members == 30
    assert done.record.iterations > 0


def test_the_plan_by_rule_is_there_before_anything_large_is_solved(tmp_path: Path) -> None:
    """With a solver that takes no problem of more than the forecast's rows, the rule-based plan is made; the baseline, of 30
    members, is not."""
    problem = problem_of_night(tmp_path, good(tmp_path))
    sizes: list[int] = []

    def small_only(matrix: Matrix) -> Answer:
        sizes.append(len(matrix.row_lower))
        if len(matrix.row_lower) > sizes[0]:
            raise SolverError("too large")
        return solve(matrix)

    assert [candidate.origin for candidate in rule_based_plans(problem, small_only)] == ["rule-based"]
    assert max(sizes) > 10 * sizes[0]


def test_a_plan_is_offered_before_its_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no method finds the relaxed optimum of all members, the plan found for a few of them stands; branch and bound
    over all of them proves it later."""
    problem = problem_of_night(tmp_path, good(tmp_path), QUICK)
    monkeypatch.setattr("optimizer.nightly.two_stage.MANY_WHOLE_NUMBERS", 1)  # as a table of jobs has them
    monkeypatch.setattr("optimizer.nightly.two_stage._Search.relaxed", None)
    offered: list[Candidate] = []
    optimise(problem, offered.append)
    assert offered[0].bound == -np.inf
    assert offered[-1].gap <= QUICK.gap


def test_a_night_whose_baseline_is_impossible_has_a_plan(tmp_path: Path) -> None:
    """A load that must be served, sun by day and a store for the night: with the store idle there is no baseline. The plan
    is made and costs nothing, and what stands in for the baseline is said."""
    sun = {"hourly": [0.0] * 6 + [0.2, 0.4] + [0.5] * 8 + [0.4, 0.2] + [0.0] * 6}
    scenario = scenario_from(
        {key: SITE[key] for key in ("name", "site", "weather")}
        | {
            "load": {"lamps": {"power_mw": 1, "unserved_price_per_mwh": None}},
            "solar": {"field": {"peak_power_mw": 10, "capacity_factor": sun}},
            "storage": {"battery": {"power_mw": 5, "energy_mwh": 30}},
        }
    )
    done = run_night(tmp_path / "plans", sources=good(tmp_path), scenario=scenario)
    assert done.record.level == 0, done.record.notes
    assert any(note.startswith("baseline: not possible") for note in done.record.notes)
    assert done.record.baseline_cost == pytest.approx(done.record.cost, abs=1e-6)


def test_a_missing_figure_does_not_end_the_benchmark() -> None:
    """One night proved, one by rule without a gap, one that failed: counted, said, median of what is known."""
    nights = [("2025-01-15", 1), ("2025-01-15", 2), ("2025-02-20", 1)]
    measurements = [
        {"gap": 0.004, "level": 0, "members": 50, "iterations": 1000, "whole_s": 30.0, "cpu_s": 31.0, "notes": []},
        {"gap": None, "level": 4, "members": 50, "iterations": 0, "whole_s": 95.0, "cpu_s": 99.0, "notes": ["late"]},
        {"failed": "MemoryError"},
    ]
    figures = {what: value for _, what, value in table_of(nights, measurements)}
    assert "1 of 3" in figures.values()
    assert "0.40%, 0.40%, none known of 1" in figures.values()
    assert figures["2025-01-15, seed 2"] == "late"
    assert figures["2025-02-20, seed 1"] == "MemoryError"
    assert {value for _, _, value in table_of(nights[2:], measurements[2:])} >= {"none known"}


def test_weather_and_prices_are_combined_and_the_purchase_is_one(tmp_path: Path) -> None:
    """Two members of the weather times two futures of the price: four, by the product of their shares. What is bought a day ahead at
    200 is the same in all: everything, since real time is 100 or 500, 260 in the mean. At 280 nothing would be."""
    price = {"by_member": {"cheap": 100.0, "dear": 500.0}}
    tie = {
        "tariff": {"energy_price_per_mwh": price}, "import_limit_mw": 2,
        "market": {"day_ahead": {"price_per_mwh": 200.0, "most_mw": 0.5}},
    }  # fmt: skip
    site = scenario_from(SITE | {"members": {"cheap": 0.6, "dear": 0.4}, "grid": {"tie": tie}})
    done = run_night(tmp_path / "plans", scenario=site, sources=good(tmp_path))
    results = load_results(done.folder / "results.nc")
    first, second = results.attrs["weights"][:2]
    assert first / second == pytest.approx(0.6 / 0.4)
    assert sum(results.attrs["weights"]) == pytest.approx(1.0)
    assert len(results.attrs["weights"]) == 4
    bought = matching(results["metered"], asset="tie", quantity=DAY_AHEAD).values
    assert bought == pytest.approx(np.full((48, 4), 0.5), abs=1e-6)
    assert (done.record.level, faults_of_folder(done.folder)) == (0, [])
