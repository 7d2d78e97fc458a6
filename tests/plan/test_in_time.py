"""The seconds of a plan hold for its whole run, and what there is by then is returned; while they last the search goes on."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from optimizer.plan.optimize import optimize
from optimizer.scenario.file import load_scenario
from optimizer.solve.certified import Effort
from optimizer.solve.deadline import deadline, done_by, ending_by, seconds_left, without_deadline
from optimizer.solve.highs import SolverError, solve
from optimizer.solve.relaxation import Relaxation
from optimizer.solve.workers import window_workers
from optimizer.technologies.energy.storage import Storage
from tests.sites import Demand, small, tie
from tests.solve.test_lp_portfolio import transport

OVER = -1.0
"""A time of time.monotonic long ago."""


def test_no_solve_outlives_the_deadline() -> None:
    """Behind a deadline that is over, linear problems of either kind end without an answer; without one they have it."""
    with ending_by(OVER):
        with pytest.raises(SolverError, match="Time limit"):
            solve(transport(200))
        with pytest.raises(SolverError, match="Time limit"):
            Relaxation(transport(200)).optimum()
        with without_deadline():
            assert solve(transport(20)).status == "optimal"
    assert deadline() == math.inf


def test_an_inner_deadline_cannot_outlast_an_outer_one() -> None:
    """The earlier of two holds, and each ends with its block."""
    soon = time.monotonic() + 100.0
    with ending_by(soon):
        with ending_by(soon + 1000.0):
            assert deadline() == soon
        with ending_by(soon - 50.0):
            assert deadline() == soon - 50.0
        assert deadline() == soon
    assert seconds_left() == math.inf


def test_workers_are_handed_the_deadline() -> None:
    """A worker process sees the deadline of the one that asked; a thing of its own process would be infinite there."""
    soon = time.monotonic() + 1000.0
    with window_workers(2) as pool, ending_by(soon):
        assert pool.each(deadline, [(), ()], "ask", lambda *_: None) == [soon, soon]
    assert done_by(soon, deadline, ()) == soon


def test_without_time_for_a_plan_work_runs_as_it_arrives() -> None:
    """A millisecond for the shipped center: the plan is the baseline with its lease, its gap is not known, and the note says what to raise."""
    scenario = load_scenario(
        "scenarios/qaidam.yaml",
        {"planning.seconds": 0.001, "storage.haixi_share.power_mw": 1, "storage.haixi_share.energy_mwh": 2},
    )
    outcome = optimize(scenario, days=1, workers=1)
    summary = outcome.summary
    assert (summary["status"], summary["gap"], summary["bound"]) == ("gap", None, None)
    lease = 2 * 50_000 / 365  # of the shared station: due for what lies idle, but not by a site without it
    assert summary["cost"] - summary["baseline_cost"] == pytest.approx(lease)
    assert any("planning > seconds" in note for note in summary["notes"])


def test_the_search_goes_on_until_the_gap_is_closed() -> None:
    """A month of a battery under prices below zero, a direction an hour against burning: asked for 1e-6, that is proved.

    Windows alone stop at a tenth of a percent; branch and bound over the whole, from their plan, ends it.
    """
    prices = np.round(np.random.default_rng(4).normal(40, 60, 744), 2)
    month = small(
        {
            "tie": tie(export_limit_mw=10.0),
            "store": Storage(power_mw=2.0, energy_mwh=8.0),
            "halls": Demand(amount=[1.0]),
        },
        744,
        series={("tie", "import_price_per_mwh"): prices, ("tie", "export_price_per_mwh"): prices - 20.0},
    )
    assert len(month.compiled().matrix.pairs.first) >= 744
    assert month.plan(Effort(gap=1e-6, seconds=300.0)).certificate.gap <= 1e-6
