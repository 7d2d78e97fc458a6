"""What a plan minds beyond its expected cost: bad members, and last night's plan. Minded, not billed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.nightly.ladder import faults
from optimizer.nightly.problem import Candidate, Problem
from optimizer.nightly.secondary_objectives import Preferences
from optimizer.nightly.settings import NightSettings
from optimizer.plan import bill
from tests.nightly.test_two_stage import best, problem_with

KEY = ("small", "training")
GAP = 1e-4


@pytest.fixture(scope="module")
def problem() -> Problem:
    return replace(problem_with(NightSettings(members=4, drawn=12, gap=GAP)), seconds=60.0)


@pytest.fixture(scope="module")
def plain(problem: Problem) -> Candidate:
    return best(problem)


def work(plan: Candidate) -> np.ndarray:
    """Cards of the queue, shape (steps,)."""
    flow = plan.results["flow"]
    queue_columns = (flow.coords["asset"].values == KEY[1]) & (flow.coords["series_flow"].values == "run")
    return np.asarray(-flow.values[:, queue_columns][:, 0])


def worst(problem: Problem, plan: Candidate) -> float:
    """What the dearest member costs, from the bill of that member alone."""
    costs = []
    count = len(plan.results.attrs["weights"])
    for member in range(count):
        alone = [float(number == member) for number in range(count)]
        costs.append(bill.total_cost(bill.bill_by_step(plan.results, problem.assets, weights=alone)))
    return max(costs)


def test_last_night_s_hours_are_kept_where_moving_costs_more(problem: Problem, plain: Candidate) -> None:
    """At 10 a card-hour, a hundred times its energy, the plan of last night stands; at 0 it moves hundreds of card-hours.
    The bill is without that price, and the plan passes its checks."""
    before = np.roll(work(plain), 1)
    before[24:] = np.inf  # last night's plan knew one of these days
    minding = replace(problem, yesterday={KEY: before}, preferences=Preferences(change_price_per_card_h=10.0))
    kept = best(minding)
    moved = np.abs(work(kept) - before)[:24].sum() / 2
    assert moved < 0.2 * np.abs(work(plain) - before)[:24].sum() / 2
    assert kept.secondary_cost == pytest.approx(10.0 * moved, rel=1e-4, abs=1e-2)  # cards are held to 1e-7 relative
    assert faults(minding, kept) == []
    assert kept.cost >= plain.cost * (1 - 2 * GAP)


def test_the_worst_member_costs_less_where_it_is_minded(problem: Problem, plain: Candidate) -> None:
    """With all weight on the worst tenth (one of four members) its cost falls to the least it can be, and the mean rises or stays."""
    minding = replace(problem, preferences=Preferences(risk_weight=1.0, risk_tail=1e-3))
    careful = best(minding)
    assert faults(minding, careful) == []
    assert worst(problem, careful) <= worst(problem, plain) * (1 + GAP)
    assert careful.objective == pytest.approx(worst(problem, careful), rel=1e-6)
    assert careful.cost >= plain.cost * (1 - 2 * GAP)
