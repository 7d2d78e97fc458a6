"""Sizes beside whole machines over two days: sought again with rounding cuts where the first search leaves the gap open."""

from __future__ import annotations

import numpy as np
import pytest
from sites import center, exact_cost, pool, small, tie

from optimizer.solve import long_plan
from optimizer.solve.effort import Effort, Laps
from optimizer.solve.highs import Integers, Matrix, solve
from optimizer.solve.long_plan import LongPlan, planned_in_windows
from optimizer.technologies.base import Size
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.green_supply import GreenSupply, Share

DAYS = 2
GAP = 0.002
PRICES = np.tile([150.0] * 8 + [300.0] * 8 + [500.0] * 5 + [150.0] * 3, DAYS)
RULES = {"ruled": GreenSupply(own_supply=Share(share=0.3, price_per_mwh=2_000.0)), "free": GreenSupply()}


def machines_and_sizes(rule: GreenSupply) -> tuple[Matrix, Integers]:
    """Sun and a store of free size beside a few large blocks of cards, whose rounding costs a good part of the whole."""
    sun_of_a_day = np.concatenate([np.zeros(7), np.sin(np.pi * (np.arange(11) + 0.5) / 11), np.zeros(6)])
    clearness, cards = np.array([0.9, 0.4]), np.random.default_rng(3).uniform(90, 600, 24 * DAYS)
    site = small(
        center(
            tie=tie(),
            sun=Solar(peak_power_mw=Size(max=4, annual_cost=350_000), capacity_factor=0.5, cost_per_mwh=1.0),
            store=Storage(
                energy_mwh=Size(max=8, annual_cost=30_000),
                power_mw=Size(max=3, annual_cost=10_000),
                charge_efficiency=0.95,
                discharge_efficiency=0.95,
            ),
            pool=pool(per_block=160),
            inference=Service(pool="pool", cards=300.0),
            rule=rule,
        ),
        24 * DAYS,
        series={
            ("sun", "capacity_factor"): np.outer(clearness, sun_of_a_day).ravel().tolist(),
            ("tie", "import_price_per_mwh"): PRICES.tolist(),
            ("inference", "demand_cards"): cards.tolist(),
        },
    )
    matrix = site.compiled().matrix
    return matrix, np.flatnonzero((matrix.step < 0) & np.isin(matrix.upper, (4.0, 8.0, 3.0)))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_sizes_are_sought_again_where_the_gap_is_open(rule: GreenSupply, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two searches: the second's relaxed optimum is above the first's, its plan no dearer, and the true optimum lies
    between the bound and the cost that are returned."""
    matrix, sizes = machines_and_sizes(rule)
    assert len(sizes) == 3
    searches: list[LongPlan] = []
    planned = long_plan._planned

    def noted(*arguments: object) -> LongPlan:
        searches.append(planned(*arguments))  # type: ignore[arg-type]
        return searches[-1]

    monkeypatch.setattr(long_plan, "_planned", noted)
    monkeypatch.setattr(long_plan, "size_columns", lambda _: sizes)
    found = planned_in_windows(matrix, Effort(gap=GAP, seconds=60.0, window_steps=24), Laps(), lambda *_: None)
    assert len(searches) == 2
    optimum = exact_cost(matrix)
    assert found.bound <= optimum * (1 + 1e-6)  # HiGHS' feasibility, priced
    assert found.plan.cost >= optimum * (1 - 1e-6)
    assert searches[1].relaxed.bound > searches[0].relaxed.bound
    assert found.plan.cost == min(search.plan.cost for search in searches)
    assert found.gap < 0.5 * searches[0].gap
    assert solve(matrix.relaxed()).cost < found.bound  # what a relaxation alone would prove


def test_sizes_are_sought_once_where_the_gap_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a gap of one half the first plan is good enough."""
    matrix, sizes = machines_and_sizes(RULES["free"])
    monkeypatch.setattr(long_plan, "size_columns", lambda _: sizes)
    monkeypatch.setattr(long_plan, "optimum_again", None)  # would be called
    found = planned_in_windows(matrix, Effort(gap=0.5, window_steps=24), Laps(), lambda *_: None)
    assert found.gap <= 0.5
