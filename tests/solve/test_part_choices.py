"""Choices over parts of a long plan: which they are, that they are made as the whole would make them, and what is proved."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sites import Demand, exact_cost, small, tie

from optimizer.solve.certified import Effort, certified_plan
from optimizer.solve.highs import Matrix
from optimizer.solve.part_choices import decided, part_choices
from optimizer.solve.workers import window_workers
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.storage import Storage

DAYS = (31, 28, 31, 30, 31)
LOADS_MW, PEAK_MW = (1.2, 0.97, 0.7, 0.985, 0.94), 1.3
"""January to May, and the first day of each."""


@cache
def five_months() -> Matrix:
    """A tie of 1 MVA at 20 a MWh, 10 % off the demand charge of 1,300 from 720 MWh a month; days as steps; a lossy store.

    January earns it. April lacks 3.2 MWh, which is worth burning in the store, May 12, which is not, though it could be.
    February lacks 60 and March more: no store burns so much.
    """
    grid = tie(20.0, demand_price=1000.0).model_dump()
    grid["tariff"]["use_discount"] = {"from_kwh_per_kva": 720.0}
    store = Storage(power_mw=0.2, energy_mwh=4.0, charge_efficiency=0.7, behind_the_meter=True)
    daily = np.concatenate([[PEAK_MW, *[load] * (days - 1)] for days, load in zip(DAYS, LOADS_MW, strict=True)])
    assets = {
        "tie": Grid.model_validate(grid | {"connected_mva": 1.0}),
        "load": Demand(amount=daily.tolist()),
        "store": store,
    }
    return small(assets, 24.0 * sum(DAYS), start="2025-01-01", step_h=24.0).compiled().matrix


def test_months_are_the_parts_of_a_discount() -> None:
    """Five rights, cut at the first days of February to May; two months alone are no parts of a plan."""
    choices = part_choices(five_months())
    assert choices is not None
    assert len(choices.columns) == 5
    assert choices.edges.tolist() == np.cumsum(DAYS)[:-1].tolist()


@pytest.mark.parametrize("steps", [1, 200])
def test_a_plan_with_its_months_decided_is_the_optimum(steps: int) -> None:
    """Decided by month or solved as one, the cost is HiGHS' of the whole, and the bound is no higher."""
    matrix = five_months()
    plan, optimum = certified_plan(matrix, Effort(gap=1e-4, whole_up_to_steps=steps)), exact_cost(matrix)
    assert plan.cost == pytest.approx(optimum, rel=1e-4)  # the requested gap
    assert plan.bound <= optimum * (1 + 1e-9)
    assert plan.gap <= 1e-4


def test_another_choice_is_never_cheaper_than_told() -> None:
    """January without the discount, April without and May with it: each costs at least what is told of all such plans."""
    matrix = five_months()
    choices = part_choices(matrix)
    assert choices is not None
    with window_workers(1) as pool:
        found = decided(matrix, choices, pool, lambda *_: None)
    assert found.values.tolist() == [1, 0, 0, 1, 0]
    turned = [exact_cost(matrix.with_fixed(choices.columns[[month]], 1 - found.values[[month]])) for month in (0, 3, 4)]
    assert min(turned) >= found.otherwise - 1e-6 * found.otherwise  # HiGHS' feasibility of 1e-7, priced
    assert found.bound <= min(turned)
