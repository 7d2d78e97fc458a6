"""Sites that cannot run their work by rule: the night serves what it can, or says why it can serve nothing."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from optimizer.nightly.ladder import faults
from optimizer.nightly.problem import Problem
from optimizer.nightly.rule_based import rule_based_plans
from optimizer.plan.optimize import calendar_for, inputs_for
from optimizer.scenario.file import set_by_path, site_from
from optimizer.solve.highs import SolverError, solve
from optimizer.solve.scipy_solver import solve_by_scipy
from optimizer.technologies.flows import Role
from tests.nightly.random_nights import BASE


def site(changes: dict[str, object]) -> Any:
    """The site of the random nights, changed."""
    data = copy.deepcopy(BASE)
    for path, value in changes.items():
        set_by_path(data, path, value)
    return site_from(data)


def problem_of(scenario: Any) -> Problem:
    """Its first six hours as the problem of a night."""
    inputs = inputs_for(scenario, calendar_for(scenario, days=0.25))
    return Problem(scenario.assets(), inputs, inputs, inputs, {}, {}, gap=0.05, seconds=20)


NEGATIVE = {"name": "t", "currency": "CNY", "energy_price_per_mwh": -50}
TIGHT: dict[str, tuple[dict[str, object], float]] = {
    # what is narrow, and the most cards that can be busy in an hour
    "IT power for no card": ({"power_train.supply.design_it_mw": 0.01}, 0),
    "less than one block's": ({}, 44),
    "blocks that stay on": ({"cluster.pool.least_blocks_on": 1}, 44),
    "a switching rule": ({"cluster.pool.least_up_h": 6}, 44),
    "negative prices": ({"grid.tie.tariff": NEGATIVE}, 44),
}


@pytest.mark.parametrize("name", TIGHT)
def test_what_cannot_run_by_rule_is_served_as_far_as_it_can(name: str) -> None:
    """IT power of 50 kW; a block of 64 idles at 19.2 kW and draws 0.7 kW more for each busy card, so 44 can be busy, and the
    rule's 50 cannot. A sound plan that serves what one block can, with amount, bus and what is in the way; a rule that is
    kept to the letter leaves no plan."""
    changes, most_cards = TIGHT[name]
    problem = problem_of(site({"power_train.supply.design_it_mw": 0.05} | changes))
    plans = list(rule_based_plans(problem, solve))
    assert [plan.origin for plan in plans] == ["possible"] * 2
    assert faults(problem, plans[0]) == []
    (why,) = plans[1].notes
    assert "here > it" in why
    assert "MW too little" in why
    assert "power_train > supply" in why
    flow = plans[0].results["flow"]
    served = -flow.values[:, flow.coords["role"].isin([Role.SERVED_WORK, Role.MOVABLE_WORK]).values].sum()
    assert served == pytest.approx(6 * most_cards, abs=1e-3)


def test_a_site_that_can_have_no_plan_says_why() -> None:
    """Cards that draw 0.2 kW when off, 51.2 kW in all, on 10 kW: the amount that is lacking, bus and hour."""
    problem = problem_of(site({"power_train.supply.design_it_mw": 0.01, "cluster.pool.off_kw_per_card": 0.2}))
    for solver in (solve, solve_by_scipy):
        with pytest.raises(SolverError, match=r"no plan is possible: here > it: .* 0\.0412 MW too little"):
            list(rule_based_plans(problem, solver))


HARD: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("power_train.supply.design_it_mw", (0.005, 0.02, 0.05, 0.1, 0.2)),
    ("cluster.pool.off_kw_per_card", (0.0, 0.01, 0.05)),
    ("cluster.pool.least_blocks_on", (0, 1, 3)),
    ("cluster.pool.least_up_h", (0, 5)),
    ("cluster.pool.ramp_blocks_per_h", (1, None)),
    ("cooling.halls.design_heat_mw", (0.001, 0.6)),
    ("grid.tie.import_limit_mw", (0.0, 0.05, 2)),
    ("grid.tie.ramp_mw_per_h", (0.01, None)),
    ("grid.tie.tariff", ("qinghai", {"name": "t", "currency": "CNY", "energy_price_per_mwh": -50})),
    ("storage.battery.opening_state_of_charge", (0.1, 1.0)),
)


@pytest.mark.parametrize("seed", range(20))
def test_a_tight_site_has_a_plan_or_a_reason(seed: int) -> None:
    """Any mixture of narrow limits: a sound plan, or what is lacking where."""
    dice = random.Random(seed)
    problem = problem_of(site({path: dice.choice(values) for path, values in HARD}))
    said = ""
    try:
        said = "; ".join(faults(problem, next(rule_based_plans(problem, solve))))
    except SolverError as error:
        said = str(error).partition("no plan is possible: here > ")[0]
    assert said == ""
