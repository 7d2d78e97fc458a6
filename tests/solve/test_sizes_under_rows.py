"""Sizes sought under rows that span the plan: the optimum of the whole problem between bound and cost, rows that bind and that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sites import Small, center, small, tie

from optimizer.solve.highs import Integers, Matrix, solve
from optimizer.solve.row_multipliers import plan_long_rows, slack_columns
from optimizer.solve.sizes_under_rows import optimum_under_rows
from optimizer.solve.workers import WindowPool
from optimizer.technologies.base import Size
from optimizer.technologies.energy.load import Load
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.green_supply import GreenSupply, Share

DAYS = 10
GAP = 0.005
PRICES = np.tile([150.0] * 8 + [300.0] * 8 + [500.0] * 5 + [150.0] * 3, DAYS)
TWO = GreenSupply(own_supply=Share(share=0.5), self_use=Share(share=0.9))
LOOSE = GreenSupply(own_supply=Share(share=0.05), self_use=Share(share=0.1))
SHORT = GreenSupply(own_supply=Share(share=0.95, price_per_mwh=400.0))
"""Dearer to keep than to miss: the multiplier is the penalty."""


def site_under(rule: GreenSupply) -> Small:
    """Sun and a store free under a rule; clouds differ from day to day."""
    clear = np.concatenate([np.zeros(7), np.sin(np.pi * (np.arange(11) + 0.5) / 11), np.zeros(6)])
    clearness = np.random.default_rng(5).uniform(0.2, 1.0, DAYS)
    assets = center(
        tie=tie(export_limit_mw=1.0, export_price=20.0),
        sun=Solar(peak_power_mw=Size(max=40, annual_cost=350_000), capacity_factor=0.5, cost_per_mwh=1.0),
        store=Storage(
            energy_mwh=Size(max=80, annual_cost=30_000),
            power_mw=Size(max=30, annual_cost=10_000),
            charge_efficiency=0.95,
            discharge_efficiency=0.95,
        ),
        town=Load(power_mw=5.0, unserved_price_per_mwh=None),
        rule=rule,
    )
    series = {("sun", "capacity_factor"): np.outer(clearness, clear).ravel(), ("tie", "import_price_per_mwh"): PRICES}
    return small(assets, 24 * DAYS, series=series)


def sizes_of(matrix: Matrix) -> Integers:
    """Columns of the three sizes."""
    return np.flatnonzero((matrix.step < 0) & np.isin(matrix.upper, (40.0, 80.0, 30.0)))


@pytest.mark.parametrize(("rule", "binds"), [(TWO, True), (LOOSE, False), (SHORT, True)], ids=["two", "loose", "short"])
def test_the_optimum_lies_between_bound_and_cost(rule: GreenSupply, binds: bool) -> None:
    """Bound ≤ optimum of the whole problem, by a fresh solve with its rows and sizes free, ≤ cost of the sizes that were
    found, all within the requested gap. Rows that bind are priced, and without them the optimum would be lower."""
    matrix = site_under(rule).compiled().matrix
    sizes, rows = sizes_of(matrix), plan_long_rows(matrix)
    assert (len(sizes), len(rows)) == (3, len([one for one in (rule.own_supply, rule.self_use) if one]))
    optimum = solve(matrix.relaxed()).cost
    mixture, relaxation, answer = optimum_under_rows(matrix, sizes, GAP, WindowPool(None), lambda *_: None)
    assert mixture is not None
    found = solve(matrix.relaxed().with_fixed(sizes, answer.values[sizes])).cost
    # 1e-7: HiGHS' feasibility
    assert answer.bound <= optimum * (1 + 1e-7)
    assert optimum * (1 - 1e-7) <= found <= optimum * (1 + GAP)
    assert optimum - answer.bound <= GAP * optimum
    assert (mixture.priced.multipliers != 0).any() or not binds
    assert relaxation.optimum().cost == pytest.approx(answer.cost, rel=1e-9)  # left open with the sizes fixed there
    without = matrix.relaxed()
    without.row_lower[rows], without.row_upper[rows] = -np.inf, np.inf
    assert (solve(without).cost < 0.999 * optimum) == binds


def test_rows_that_must_hold_are_not_priced() -> None:
    """A row without a penalty stays in the problem."""
    matrix = site_under(GreenSupply()).compiled().matrix
    mixture, _, answer = optimum_under_rows(matrix, sizes_of(matrix), GAP, WindowPool(None), lambda *_: None)
    assert mixture is None
    assert answer.bound <= solve(matrix.relaxed()).cost <= answer.cost * (1 + 1e-7)


def test_sizes_leave_room_in_the_rows() -> None:
    """Two per cent of own supply more to spare: the sizes found keep the stricter rows without missing any, at the cost of the
    best sizes under them; the sizes found before cannot."""
    matrix = site_under(TWO).compiled().matrix
    sizes, rows = sizes_of(matrix), plan_long_rows(matrix)
    mixture, _, answer = optimum_under_rows(matrix, sizes, GAP, WindowPool(None), lambda *_: None)
    assert mixture is not None
    use_mwh = 5.0 * 24 * DAYS
    stricter = replace(matrix, row_upper=matrix.row_upper.copy())
    room = np.where(mixture.priced.multipliers < 0, 0.02 * use_mwh, 0.0)
    stricter.row_upper[rows] -= room
    roomier = mixture.with_room(room)
    assert roomier is not None
    optimum = solve(stricter.relaxed()).cost
    found = solve(stricter.relaxed().with_fixed(sizes, roomier))
    assert np.abs(found.values[slack_columns(matrix, rows)]).max() < 1e-6  # HiGHS' feasibility
    assert optimum * (1 - 1e-7) <= found.cost <= optimum * (1 + 2 * GAP)
    before = solve(stricter.relaxed().with_fixed(sizes, answer.values[sizes]))
    assert before.cost > found.cost * 1.01


def test_sizes_are_fitted_to_a_plan_that_misses_a_row() -> None:
    """Sizes three per cent too small miss own supply, at the penalty: the fitted ones keep it, no dearer than a few gaps."""
    matrix = site_under(TWO).compiled().matrix
    sizes = sizes_of(matrix)
    optimum = solve(matrix.relaxed()).cost
    mixture, relaxation, answer = optimum_under_rows(matrix, sizes, GAP, WindowPool(None), lambda *_: None)
    assert mixture is not None
    small = 0.97 * answer.values[sizes]
    relaxation.free(sizes, small, small)
    plan = relaxation.optimum()
    before = mixture.priced.as_it_is(mixture.priced.relaxed(), plan)
    assert before.cost > optimum * 1.05
    relaxed, fitted = mixture.fitted(mixture.priced.relaxed(), relaxation, sizes, plan, optimum, GAP)
    assert np.abs(mixture.priced.missed(relaxed)).max() < 1e-6 < np.abs(mixture.priced.missed(plan)).max()
    assert optimum * (1 - 1e-7) <= fitted.cost <= optimum * (1 + 4 * GAP)
