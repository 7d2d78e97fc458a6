"""Rows over a whole long plan: priced in blocks, they lead to the same optimum from near it; plans keep them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sites import Small, center, flow_of, meter_of, pool, small, tie

from optimizer.plan.results import violations
from optimizer.solve import block_basis
from optimizer.solve.block_basis import opened_from_blocks, priced_from_blocks
from optimizer.solve.certified import Effort
from optimizer.solve.first_plan import rounded_up_from
from optimizer.solve.highs import Floats, Integers, Matrix, solve
from optimizer.solve.relaxation import Basis, Relaxation
from optimizer.solve.row_multipliers import Master, plan_long_rows, slack_columns
from optimizer.solve.workers import WindowPool
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage
from optimizer.technologies.rules.green_supply import CarbonCap, GreenSupply, Share

WEEK = 56
"""Steps of 3 h."""


def weeks_under(rule: GreenSupply, weeks: int = 3) -> Small:
    """Some weeks of a center with sun, a store and work that may wait; every day has other weather and prices."""
    rng, steps = np.random.default_rng(11), weeks * WEEK
    assets = center(
        tie=tie(import_limit_mw=2.0, export_limit_mw=0.5, export_price=150.0, carbon_t_per_mwh=0.5),
        pool=pool(cards=160, per_block=8, start_up_cost_per_block=1.0),
        battery=Storage(power_mw=0.05, energy_mwh=0.2, end_value_per_mwh=200.0, wear_cost_per_mwh=20.0),
        field=Solar(peak_power_mw=0.3, capacity_factor=0.0, cost_per_mwh=300.0),
        inference=Service(pool="pool", cards=30.0),
        training=Queue(pool="pool", arrival_cards=25.0, deadline_h=24),
        rule=rule,
    )
    hour = np.arange(steps) % 8
    sun = np.where((hour > 1) & (hour < 6), np.repeat(rng.uniform(0.3, 1.0, steps // 8), 8), 0.0)
    series = {("tie", "import_price_per_mwh"): rng.uniform(200, 900, steps), ("field", "capacity_factor"): sun}
    return small(assets, 3 * steps, step_h=3.0, series=series)


THREE = GreenSupply(self_use=Share(share=0.55), own_supply=Share(share=0.3), export=Share(share=0.2))
CAPPED = GreenSupply(carbon_cap=CarbonCap(most_t=5.5))


@pytest.mark.parametrize("rule", [THREE, CAPPED], ids=["three ratios", "carbon cap"])
def test_blocks_find_the_price_of_a_row_over_the_whole(monkeypatch: pytest.MonkeyPatch, rule: GreenSupply) -> None:
    """A binding row has a price between nothing and its penalty. Three weeks solved alone find it to a tenth: what they do
    not know is the store at their ends. The whole then begins near its optimum, which is that of a fresh solve."""
    matrix, found = weeks_under(rule).compiled().matrix, []
    rows, fresh, opened = plan_long_rows(matrix), solve(matrix.relaxed()), block_basis.opened_at_multipliers

    def noted(of: Matrix, some: Integers, multipliers: Floats, basis: Basis) -> Relaxation:
        found.append(multipliers)
        return opened(of, some, multipliers, basis)

    monkeypatch.setattr(block_basis, "BLOCK_STEPS", WEEK)
    monkeypatch.setattr(block_basis, "opened_at_multipliers", noted)
    answer = opened_from_blocks(matrix, WindowPool(None), lambda *_: None).optimum()
    assert fresh.row_dual is not None
    prices = -fresh.row_dual[rows]
    assert np.count_nonzero((prices > 1) & (prices < 1_999)) == 1
    assert (-found[0]).tolist() == pytest.approx(prices.tolist(), rel=0.1, abs=1.0)
    assert answer.cost == pytest.approx(fresh.cost, rel=1e-9, abs=1e-6)
    assert answer.iterations < 0.2 * fresh.iterations


def test_a_row_that_cannot_be_kept_is_paid_for() -> None:
    """All of the sun cannot be used: the row's price is its penalty, and the master says so without any column of its own."""
    matrix = weeks_under(GreenSupply(self_use=Share(share=1.0, price_per_mwh=700.0))).compiled().matrix
    rows = plan_long_rows(matrix)
    slack = slack_columns(matrix, rows)
    assert len(rows) == 1
    assert matrix.cost[slack[0]] > 0
    master = Master(matrix, rows, blocks=1, reach=np.array([1.0]))
    master.add(0, 1_000.0, matrix.row_upper[rows] + 50.0)
    while (mixed := master.solved()).cut_short:
        pass
    assert -mixed.multipliers[0] == pytest.approx(700.0)
    assert mixed.cost == pytest.approx(1_000.0 + 50.0 * 700.0)


@pytest.mark.parametrize("rule", [THREE, CAPPED], ids=["three ratios", "carbon cap"])
def test_rows_that_are_priced_leave_a_bound_and_come_back(monkeypatch: pytest.MonkeyPatch, rule: GreenSupply) -> None:
    """Whatever the multipliers, the problem without the rows costs no more than with them; at those of the blocks almost as
    much. Its plan's whole numbers keep the rows once these are back, at no less than the optimum."""
    monkeypatch.setattr(block_basis, "BLOCK_STEPS", WEEK)
    matrix = weeks_under(rule).compiled().matrix
    true = solve(matrix.relaxed()).cost
    priced, relaxation = priced_from_blocks(matrix, WindowPool(None), lambda *_: None)
    assert priced is not None
    near = relaxation.optimum()
    assert true - 2e-3 * abs(true) < near.cost < true + 1e-6 * abs(true)
    far = replace(priced, multipliers=3 * priced.multipliers)
    assert solve(far.relaxed().relaxed()).cost < near.cost - 1e-3 * abs(true)
    back = priced.restored(priced.relaxed())
    for name in ("cost", "upper", "row_lower", "row_upper", "offset"):
        assert np.array_equal(getattr(back, name), getattr(matrix, name)), name
    rounded = rounded_up_from(priced.relaxed(), near.values, relaxation)
    assert rounded is not None
    as_it_is = priced.as_it_is(priced.relaxed(), rounded)  # what the rows are missed by is paid for
    added = matrix.rows @ as_it_is.values
    assert (added <= matrix.row_upper + 1e-6).all()
    assert (added >= matrix.row_lower - 1e-6).all()
    assert as_it_is.cost == pytest.approx(float(matrix.cost @ as_it_is.values) + matrix.offset, rel=1e-12)
    assert as_it_is.cost >= true - 1e-6 * abs(true)
    _, plan = priced.kept(priced.relaxed(), rounded, relaxation.basis(), np.zeros(0, dtype=np.int64))
    activity, slack = matrix.rows @ plan.values, plan.values[priced.slack]
    assert (activity[priced.rows] <= matrix.row_upper[priced.rows] + 1e-6).all()
    assert slack == pytest.approx(0.0, abs=1e-6)
    assert true - 1e-6 * abs(true) < plan.cost < 1.05 * true


QUICK = Effort(gap=0.005, seconds=60.0, window_steps=16, whole_up_to_steps=0)


@pytest.mark.parametrize("rule", [THREE, CAPPED], ids=["three ratios", "carbon cap"])
def test_weeks_in_windows_keep_the_rules(monkeypatch: pytest.MonkeyPatch, rule: GreenSupply) -> None:
    """Three weeks, windows of two days: 0.5 %, every rule kept in the account of the results, no store both ways."""
    monkeypatch.setattr(block_basis, "BLOCK_STEPS", WEEK)
    made = weeks_under(rule)
    plan = made.plan(QUICK)
    assert violations(plan.results, made.assets) == []
    assert plan.certificate.windows == 10
    assert plan.certificate.gap <= 0.005
    assert plan.results["shortfall"].sel(promise=plan.results["promise_asset"] == "rule").max() < 1e-5
    account = {
        name: meter_of(plan, "rule", f"{name}_mwh").sum() for name in ("available", "self_used", "load", "exported")
    }
    if rule is THREE:
        assert account["self_used"] >= (0.55 - 1e-5) * account["available"]
        assert account["self_used"] >= (0.3 - 1e-5) * account["load"]
        assert account["exported"] <= (0.2 + 1e-5) * account["available"]
    else:
        assert meter_of(plan, "rule", "carbon_t").sum() <= 5.5 + 1e-5
    assert np.minimum(-flow_of(plan, "battery", "charge"), flow_of(plan, "battery", "discharge")).max() < 1e-5
