"""Card pools: whole blocks, starts, caps and the power they draw, against hand-reckoned numbers."""

from __future__ import annotations

import numpy as np
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import center, flow_of, meter_of, pool, small

from optimizer.technologies.compute.cluster import PowerCap
from optimizer.technologies.compute.service import Service


def test_blocks_are_whole() -> None:
    """130 of 640 cards need three blocks of 64, not 2.03: IT power is 130 busy, 62 idle, 448 off."""
    plan = small(center(inference=Service(pool="pool", cards=130.0)), 2).plan()
    assert meter_of(plan, "pool", "blocks_on") == approx([3.0, 3.0])
    it_kw = 130 * 1.0 + 62 * 0.3 + 448 * 0.01
    assert -flow_of(plan, "pool", "draw") * 1e3 == approx([it_kw, it_kw])


def test_a_start_costs_its_energy_and_its_wear() -> None:
    """One block more in hour 1: 0.005 MWh more are drawn in that hour, and 3 money are paid once."""
    switched = pool(start_up_kwh_per_block=5.0, start_up_cost_per_block=3.0)
    site = small(center(pool=switched, inference=Service(pool="pool", cards=0.0)), 3,
                 series={("inference", "demand_cards"): [64, 128, 128]})  # fmt: skip
    plan = site.plan()
    assert meter_of(plan, "pool", "starts") == approx([0.0, 1.0, 0.0])
    assert -np.diff(flow_of(plan, "pool", "draw"))[1] == approx(-0.005)
    assert plan.bill_by_step["pool: starts"].tolist() == approx([0.0, 3.0, 0.0])


def test_a_block_stays_on_where_a_start_costs_more_than_idling() -> None:
    """An hour's idling of 64 cards costs 0.29 × 64 kWh, some 8 money: cheaper than a start of 30, dearer than one of 3."""
    for price, blocks in ((30.0, 2.0), (3.0, 1.0)):
        site = small(center(pool=pool(start_up_cost_per_block=price), inference=Service(pool="pool", cards=0.0)), 3,
                     series={("inference", "demand_cards"): [128, 64, 128]})  # fmt: skip
        assert meter_of(site.plan(), "pool", "blocks_on")[1] == approx(blocks)


def test_the_state_before_the_plan_makes_the_first_start() -> None:
    """From one block on, three need two starts in the first step; without a past the first step is free."""
    site = small(center(pool=pool(start_up_cost_per_block=30.0), inference=Service(pool="pool", cards=192.0)), 2)
    opened = site.plan(opening={("site", "pool"): {"blocks_on": 1.0}})
    assert meter_of(opened, "pool", "starts") == approx([2.0, 0.0])
    assert meter_of(site.plan(), "pool", "starts") == approx([0.0, 0.0])


def test_a_cap_is_used_where_it_saves_more_than_its_cards_cost() -> None:
    """80 % speed at 60 % power: 48 full-speed cards of work need 60 cards of the 64 that are on. Full speed would draw more."""
    capped = pool(power_caps=[PowerCap(speed=1, power=1), PowerCap(speed=0.8, power=0.6)])
    plan = small(center(pool=capped, inference=Service(pool="pool", cards=48.0)), 1).plan()
    assert meter_of(plan, "pool", "busy_cards_at_cap_1") == approx([60.0])
    assert -flow_of(plan, "pool", "draw")[0] * 1e3 == approx(60 * 0.6 + 4 * 0.3 + 576 * 0.01)


def test_heat_is_the_it_power_and_splits_by_the_liquid_share() -> None:
    """70 % of the pool's power leaves by liquid, 30 % by air; all of it leaves."""
    from sites import Drain

    site = small(
        center(pool=pool(liquid_share=0.7), loop=Drain(bus="liquid_heat"), inference=Service(pool="pool", cards=64.0)),
        1,
    )
    plan = site.plan()
    power = -flow_of(plan, "pool", "draw")
    assert flow_of(plan, "pool", "air heat") == approx(0.3 * power)
    assert flow_of(plan, "pool", "liquid heat") == approx(0.7 * power)


def test_unserved_work_is_said_and_priced() -> None:
    """700 cards of 640: 60 unserved an hour at 50 each. A plan that hid them would cost 3,000 an hour less."""
    plan = small(center(inference=Service(pool="pool", cards=700.0)), 2).plan()
    assert plan.bill_by_step["inference: unserved penalty"].tolist() == approx([3000.0, 3000.0])
    assert -flow_of(plan, "inference", "serve") == approx([640.0, 640.0])


def test_service_comes_before_work_that_can_wait() -> None:
    """A pool of 640 with 500 cards of inference and 300 of training arriving: inference is whole, training waits."""
    from optimizer.technologies.compute.queue import Queue

    training = Queue(pool="pool", arrival_cards=300.0, deadline_h=6)
    plan = small(center(inference=Service(pool="pool", cards=500.0), training=training), 6).plan()
    assert -flow_of(plan, "inference", "serve") == approx([500.0] * 6)
    assert (-flow_of(plan, "training", "run") <= 140 + 1e-6).all()  # HiGHS' rows: 1e-7 relative
