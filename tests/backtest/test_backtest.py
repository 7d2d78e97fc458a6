"""Simulation and replay: what came is sound, foresight has its price, nobody beats hindsight."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from optimizer.backtest.outcome import Backtest
from optimizer.backtest.replay import Replayed, backtest
from optimizer.backtest.world import Foresight, World
from optimizer.cli import main
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.settings import NightSettings
from optimizer.nightly.two_stage import optimise
from tests.lawful_nights import differences
from tests.nightly.nights import SITE, small_site
from tests.nightly.test_two_stage import problem_with


@pytest.fixture(scope="module")
def problem() -> Problem:
    return problem_with(NightSettings(members=1, gap=1e-6))


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Candidate:
    candidates: list[Candidate] = []
    optimise(problem, candidates.append)
    return min(candidates, key=lambda candidate: candidate.cost)


def foresight_of(plan: Candidate) -> Foresight:
    return Foresight(plan.decisions, plan.shadow_prices, plan.levels)


def test_a_plan_that_foresaw_everything_costs_what_it_said(problem: Problem, plan: Candidate) -> None:
    """Weather as forecast: the rule, told the plan's prices, comes within 5 % of the plan, and never below it.

    5 %: where power is worth exactly the price of stored energy the rule may charge in another hour (3.3 % here). Without the
    prices of stored energy (below) it costs clearly more.
    """
    world = World(problem.assets, problem.center)
    world.run(foresight_of(plan), world.model.calendar.count)
    cost = world.cost(world.results())
    assert plan.cost * (1 - 1e-6) <= cost <= plan.cost * 1.05
    blind = World(problem.assets, problem.center)
    blind.run(Foresight(plan.decisions, {}, plan.levels), blind.model.calendar.count)
    assert blind.cost(blind.results()) > cost + 1.0


def test_the_world_keeps_the_planned_work(problem: Problem, plan: Candidate) -> None:
    """Work runs as planned although the weather differs (half the sun); only storage and grid answer."""
    darker = problem.center.copy(deep=True)
    sun = darker.coords["exogenous_quantity"].values == "capacity_factor"
    darker["input"].values[:, sun] *= 0.5
    world = World(problem.assets, darker)
    world.run(foresight_of(plan), world.model.calendar.count)
    came = world.results()

    def course(results: xr.Dataset, name: str) -> np.ndarray:
        flow = results["flow"]
        return flow.values[:, flow.coords["series_flow"].values == name].sum(axis=1)

    assert course(came, "run") == pytest.approx(
        course(plan.results, "run"), abs=1e-4
    )  # cards; rows are held to 1e-7 relative
    assert course(came, "import").sum() > course(plan.results, "import").sum() + 0.1


def test_states_of_the_world_open_the_next_plan(problem: Problem, plan: Candidate) -> None:
    """After 24 steps the battery and the backlog are where the results say they are."""
    world = World(problem.assets, problem.center)
    world.run(foresight_of(plan), 24)
    states = world.states()
    world.run(
        Foresight(
            *({name: series[24:] for name, series in part.items()} for part in (plan.decisions, plan.shadow_prices)),
            plan.levels,
        ),
        24,
    )
    stored = world.results()["stored"]
    names = stored.coords["store_asset"].values
    assert states["small", "battery"]["energy_mwh"] == pytest.approx(stored.values[23, names == "battery"][0], abs=1e-5)
    assert states["small", "training"]["backlog_card_h"] == pytest.approx(
        stored.values[23, names == "training"][0], abs=1e-3
    )


@pytest.fixture(scope="module")
def replay() -> Backtest:
    return backtest(Replayed.of(small_site(), "2025-06-02", 2, NightSettings(members=2, drawn=6, gap=0.005)))


def test_nobody_beats_hindsight(replay: Backtest) -> None:
    """No store and no plan > every policy ≥ hindsight less its gap: a simulation that saw the future, or paid nothing, would fall
    below. The store by rule lies between, so that each share against it is less than against the idle store (and may be below 0)."""
    assert replay.baseline is not None
    assert replay.store_by_rule is not None
    assert replay.store_by_rule < replay.baseline
    for name, outcome in replay.replays.items():
        idle = (replay.baseline - outcome.cost) / (replay.baseline - replay.hindsight)
        assert replay.share(name) < idle, name
        assert outcome.cost >= replay.hindsight * (1 - replay.hindsight_gap) - 1e-6, name
        assert outcome.cost < replay.baseline, name
        assert replay.share(name) <= 1 + replay.hindsight_gap * 5


def test_no_deadline_is_missed(replay: Backtest) -> None:
    """Zero late card-hours in every policy: work is planned, and the plan is kept."""
    assert [outcome.late_card_h for outcome in replay.replays.values()] == pytest.approx(
        [0.0] * 4, abs=1e-3
    )  # the queue's own tolerance


def test_regret_by_cause_adds_up(replay: Backtest) -> None:
    """Rule, two days and forecast make the whole difference to hindsight; a cause counted twice would be off by thousands."""
    for name, outcome in replay.replays.items():
        assert sum(replay.regret(name).values()) == pytest.approx(outcome.cost - replay.hindsight, abs=1e-6)


def test_the_command_replays_nights_and_goes_on(tmp_path: Path) -> None:
    """A night through the command line, all four policies; run again it takes what is kept, byte for byte, and refuses others'."""
    path, kept = tmp_path / "site.yaml", tmp_path / "kept"
    path.write_text(json.dumps(SITE))
    nights = ["--start", "2025-06-02", "--members", "2", "--out", str(kept), "--json"]
    said = CliRunner().invoke(main, ["backtest", str(path), "--nights", "1", *nights])
    assert said.exit_code == 0, said.output
    assert set(json.loads(said.stdout)["replays"]) == {"stochastic", "deterministic", "persistence", "perfect days"}
    again = CliRunner().invoke(main, ["backtest", str(path), "--nights", "1", *nights])
    assert again.stdout == said.stdout
    other = CliRunner().invoke(main, ["backtest", str(path), "--nights", "2", *nights])
    assert other.exit_code == 2
    assert "give another folder" in other.output


def test_nights_end_at_the_ratios_of_the_year_s_plan(tmp_path: Path) -> None:
    """Export is held to a fifth of what the sun could give in an eight-day plan, which sells 8.6 % of these two days. Nights that know
    their weather and that plan come near it; counted by themselves they would sell a fifth."""
    planned, worth, replays = differences(2, "2025-01-04", tmp_path, days=8, policies=("perfect days",))
    assert worth["small export"] > 10
    assert planned["small export"] == pytest.approx(0.086, abs=1e-3)
    for name, share in planned.items():
        assert replays["perfect days"].ratios[name] == pytest.approx(share, abs=0.03), (
            name
        )  # the last night also sees a day behind the span
