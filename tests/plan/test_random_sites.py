"""Laws that hold on every site, tried on random small ones. Each example plans a site of 12 to 24 steps; seeds are fixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sites import Site, built, sites
from sites import exact_cost

from optimizer.plan.bill import total_cost
from optimizer.plan.results import violations
from optimizer.solve.certified import Effort, certified_plan
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.energy.lease import Lease
from optimizer.technologies.energy.storage import Storage

fixed = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
SAME = 2e-6
"""Relative. Both costs come from solves to a gap of 1e-9 whose rows are held to 1e-7."""
BATTERY = Storage(power_mw=0.2, energy_mwh=0.5, opening_state_of_charge=0.0)


def at_most(cost: float, other: float) -> bool:
    """cost ≤ other, but for the tolerance of two solves."""
    return cost <= other + SAME * max(abs(cost), abs(other), 1.0)


@settings(max_examples=40, **fixed)
@given(sites(least_steps=12, most_steps=18))
def test_every_plan_is_sound_and_its_bill_is_its_objective(site: Site) -> None:
    """Balances, bounds, blocks, deadlines and stocks recomputed from the Dataset alone; money counted twice, the same.

    A slip in a technology's `build`, `check` or `bill` shows here as a violation, or as two costs that differ.
    """
    plan = (made := built(site)).plan()
    assert violations(plan.results, made.assets) == []
    assert total_cost(plan.bill_by_step) == pytest.approx(
        plan.certificate.cost, rel=1e-6, abs=1e-6
    )  # HiGHS' rows: 1e-7
    assert plan.certificate.bound <= plan.cost + 1e-6 * max(abs(plan.cost), 1.0)


@settings(max_examples=18, **fixed)
@given(sites(least_steps=12, most_steps=16))
def test_a_store_never_raises_the_bill(site: Site) -> None:
    """An empty battery may lie idle: the bill without it stays possible."""
    assets, _ = site
    assets.pop("battery", None)
    without = built(site).plan().cost
    assert at_most(built(site, more=BATTERY).plan().cost, without)


@settings(max_examples=18, **fixed)
@given(sites(least_steps=12, most_steps=16), st.sampled_from([0.25, 0.5, 0.75]))
def test_a_share_of_a_lease_is_an_own_store_of_that_size(site: Site, share: float) -> None:
    """Half of a station of 0.4 MW / 1 MWh, lease for nothing, costs what an own battery of 0.2 MW / 0.5 MWh costs."""
    leased = Storage(
        power_mw=0.4 * share, energy_mwh=1.0 * share, behind_the_meter=True, lease=Lease(), wear_cost_per_mwh=10.0
    )
    owned = Storage(power_mw=0.4 * share, energy_mwh=1.0 * share, wear_cost_per_mwh=10.0)
    leased_cost, owned_cost = built(site, more=leased).plan().cost, built(site, more=owned).plan().cost
    assert leased_cost == pytest.approx(owned_cost, rel=SAME, abs=SAME)


@settings(max_examples=20, **fixed)
@given(sites(least_steps=12, most_steps=16), st.integers(1, 24))
def test_an_hour_more_of_slack_never_raises_the_bill(site: Site, more_h: int) -> None:
    """Work that may wait longer can still be done as before. A bound on the backlog that shrank would cost more."""
    assets, _ = site
    queue = assets.get("training")
    if not isinstance(queue, Queue):
        return
    later = queue.model_copy(update={"deadline_h": queue.deadline_h + more_h})
    if queue.opening_backlog_card_h:  # it comes due over the deadline as well
        assert later.opening_backlog_card_h == queue.opening_backlog_card_h
    assert at_most(built(site, training=later).plan().cost, built(site).plan().cost)


@settings(max_examples=18, **fixed)
@given(sites(least_steps=24, most_steps=24), st.sampled_from([6, 9, 12]))
def test_windows_never_claim_more_than_the_truth(site: Site, window_steps: int) -> None:
    """Priced windows' bound ≤ true optimum ≤ cost of the plan made in windows, with month peaks, stores, queues, starts
    and directions of the tie across the cuts; the bound is no worse than the relaxed whole. A wrong sign of any price
    breaks it.
    """
    matrix = built(site).compiled().matrix
    optimum = exact_cost(matrix)
    plan = certified_plan(matrix, Effort(gap=1e-4, seconds=3.0, window_steps=window_steps, whole_up_to_steps=0))
    assert plan.windows > 1
    assert at_most(plan.bound, optimum)
    assert at_most(optimum, plan.cost)
    assert at_most(plan.relaxed_cost, plan.bound)


@settings(max_examples=20, **fixed)
@given(sites(least_steps=12, most_steps=16))
def test_what_the_site_does_without_a_plan_is_never_cheaper(site: Site) -> None:
    """Work as it arrives with storage idle is one of the plans there are; a dearer optimum would be none."""
    from sites import EXACT

    from optimizer.plan.baseline import as_baseline
    from optimizer.plan.optimize import plan_assets

    made = built(site)
    baseline_case, inputs = as_baseline(made.assets, made.inputs)
    baseline = plan_assets(baseline_case, inputs, EXACT)
    assert at_most(made.plan().cost, baseline.cost)
    storage = baseline.results["flow"].values[
        :, np.isin(baseline.results["series_flow"].values, ["charge", "discharge"])
    ]
    assert not storage.any()


@settings(max_examples=18, **fixed)
@given(sites(least_steps=12, most_steps=16))
def test_a_plan_in_two_parts_is_a_plan(site: Site) -> None:
    """The second half planned from the state the first one leaves is sound, and opens where the first ended."""
    from optimizer.plan.results import records_of

    assets, arguments = site
    whole = built(site)
    plan = whole.plan()
    records = records_of(plan.results)
    state = {
        (place, asset): technology.state_after(records[place, asset, member], plan.results.sizes["time"] - 1)
        for (place, asset), technology in whole.assets.items()
        for member in (0, -1)
        if (place, asset, member) in records
    }
    second = replace(whole, inputs=whole.inputs)
    again = second.plan(opening=state)
    assert violations(again.results, second.assets, state) == []
    if "battery" in assets:
        first = again.results["stored"].sel(store=again.results["store_asset"] == "battery").values[0, 0]
        ended = plan.results["stored"].sel(store=plan.results["store_asset"] == "battery").values[-1, 0]
        battery = assets["battery"]
        most = battery.power_mw * arguments["step_h"] / battery.discharge_efficiency  # type: ignore[attr-defined, operator]
        assert abs(first - ended) <= most + 0.01 * ended + 1e-6
