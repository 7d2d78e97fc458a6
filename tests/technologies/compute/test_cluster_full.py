"""Pools with power caps, least times, ramp and spare cards; services with floor and reserve."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sites import EXACT, Small, center, flow_of, meter_of, pool, small

from optimizer.inputs.assemble import inputs_by_asset
from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.results import records_of
from optimizer.technologies.compute.cluster import Cluster, PowerCap
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service

BUSY_KW, IDLE_KW, CARDS = 1.0, 0.3, 640


def serving(demand: list[float], service: dict[str, float] | None = None, **settings: object) -> Small:
    """A pool and inference with a demand by hour."""
    inference = Service(pool="pool", cards=0.0, **(service or {}))
    return small(
        center(pool=pool(**settings), inference=inference), len(demand), series={("inference", "demand_cards"): demand}
    )


def measured_caps(file: Path) -> list[PowerCap]:
    """ResNet-50 on a V100 at caps of 100 to 250 W, relative to 250 W (zeus, NSDI 2023)."""
    table = pd.read_csv(file)
    resnet50 = (
        table[(table["network"] == "resnet50") & (table["batch_size"] == 256)]
        .groupby("power_limit")
        .mean(numeric_only=True)
    )
    full = resnet50.loc[250]
    speed, power = (
        full["time_per_epoch"] / resnet50["time_per_epoch"],
        resnet50["average_power"] / full["average_power"],
    )
    return [PowerCap(speed=s, power=p) for s, p in zip(speed, power, strict=True)]


def least_kw(caps: list[PowerCap], cards: float) -> float:
    """Least power for so much speed with all cards on: the best mixture of any two states, idle among them."""
    states = [(0.0, IDLE_KW), *((cap.speed, cap.power * BUSY_KW) for cap in caps)]
    best = np.inf
    for (slow, low), (fast, high) in itertools.permutations(states, 2):
        if slow * CARDS <= cards <= fast * CARDS and fast > slow:
            share = (cards / CARDS - slow) / (fast - slow)
            best = min(best, CARDS * (low + share * (high - low)))
    return best


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.88, 0.93, 0.97, 1.0])
def test_measured_power_caps_follow_their_hull(shared_file: Callable[[str], Path], share: float) -> None:
    """With all blocks on, IT power is that of the best mixture of measured points, and no cap is a whole-number choice;
    at 70 % speed the hull saves a fifth against running 70 % of the cards at full speed."""
    caps = measured_caps(shared_file("data/compute/zeus_power_limit/summary_power_v100.csv"))
    assert [round(cap.speed, 3) for cap in caps] == [0.518, 0.694, 0.847, 0.912, 0.950, 0.981, 1.0]
    site = serving([share * CARDS], power_caps=caps, least_blocks_on=10)
    assert -1000 * flow_of(site.plan(), "pool", "draw")[0] == pytest.approx(least_kw(caps, share * CARDS), rel=1e-6)
    assert site.compiled().matrix.is_integer.sum() == 1
    if share == 0.7:
        assert least_kw(caps, share * CARDS) < 0.8 * CARDS * (IDLE_KW + share * (BUSY_KW - IDLE_KW))


def test_least_time_on_carries_blocks_through() -> None:
    """A peak of one hour, least time 3 h: the nine blocks started for it are on for 3 h each, 30 block-hours instead of 14."""
    demand, before = [64.0, 640.0, 64.0, 64.0, 64.0], {("site", "pool"): {"blocks_on": 1.0}}
    free = serving(demand).plan(opening=before)
    np.testing.assert_allclose(meter_of(free, "pool", "blocks_on"), [1, 10, 1, 1, 1], atol=1e-5)
    kept_on = serving(demand, least_up_h=3.0).plan(opening=before)
    assert meter_of(kept_on, "pool", "blocks_on").sum() == pytest.approx(
        30, abs=1e-4
    )  # five counts, each whole to 1e-6


def test_ramp_brings_blocks_up_before_the_peak() -> None:
    """Two blocks an hour: ten are needed in hour 4, so 8, 6, 4 stand ready before; without the ramp it is one until then."""
    demand = [64.0] * 4 + [640.0]
    on = meter_of(serving(demand, ramp_blocks_per_h=2).plan(), "pool", "blocks_on")
    np.testing.assert_allclose(on, [2, 4, 6, 8, 10], atol=1e-5)


def test_half_hour_steps_hold_the_ramp_of_an_hour() -> None:
    """Three blocks an hour in half-hour steps: never more than three in any two steps; one and a half a step would be no whole block."""
    inference = Service(pool="pool", cards=0.0)
    demand = [64.0] * 6 + [640.0] * 2
    site = small(
        center(pool=pool(ramp_blocks_per_h=3), inference=inference),
        4,
        series={("inference", "demand_cards"): demand},
        step_h=0.5,
    )
    starts = meter_of(site.plan(), "pool", "starts")
    assert max(starts[:-1] + starts[1:]) <= 3 + 1e-5
    assert meter_of(site.plan(), "pool", "blocks_on")[6] == pytest.approx(10)


def test_what_was_switched_lately_is_remembered() -> None:
    """Five blocks started in the last kept hour must stay on for two more; a plan without that memory switches them off at once."""
    settings = {"least_up_h": 3.0, "start_up_cost_per_block": 1.0}
    first = serving([64.0, 64.0, 640.0, 64.0], **settings)
    plan = first.plan()
    cluster, record = first.assets["site", "pool"], records_of(plan.results)["site", "pool", -1]
    state = cluster.closing_state(record, _inputs(first), {}, 2)
    assert state["blocks_on"] == 10
    assert sum(state["recent_starts"]) > 0
    after = serving([64.0] * 4, **settings).plan(opening={("site", "pool"): state})
    on = meter_of(after, "pool", "blocks_on")
    started = np.array(state["recent_starts"])
    assert on[0] >= started.sum() - 1e-6
    assert on[3] == pytest.approx(1)
    forgetful = serving([64.0] * 4, **settings).plan(opening={("site", "pool"): {"blocks_on": 10.0}})
    assert meter_of(forgetful, "pool", "blocks_on")[0] == pytest.approx(1)


def _inputs(site: Small) -> object:
    from optimizer.technologies.base import Inputs

    return inputs_by_asset(site.inputs).get(
        ("site", "pool", 0), Inputs("pool", site.calendar, range(site.calendar.count), {})
    )


def test_reserve_keeps_idle_cards_on() -> None:
    """100 cards served and half of that in reserve: three blocks of 64 are on instead of two, 192 · 0.3 kW idle power in all."""
    reserve = serving([100.0], {"reserve": 0.5}, offers_spare=True).plan()
    assert meter_of(reserve, "pool", "blocks_on")[0] == pytest.approx(3)
    assert flow_of(reserve, "inference", "reserve")[0] == pytest.approx(-50)
    assert meter_of(serving([100.0]).plan(), "pool", "blocks_on")[0] == pytest.approx(2)


def test_reserve_that_cannot_be_held_is_reported_and_priced() -> None:
    """620 of 640 cards busy, 62 wanted in reserve: 42 are missing at 5 each, and nobody goes unserved for them."""
    plan = serving([620.0], {"reserve": 0.1}, offers_spare=True).plan()
    record = records_of(plan.results)["site", "inference", -1]
    assert record.shortfalls["missing_reserve_cards"][0] == pytest.approx(42)
    assert plan.bill_by_step["inference: reserve penalty"].sum() == pytest.approx(42 * 5.0)
    assert record.shortfalls["unserved_cards"][0] == pytest.approx(0, abs=1e-6)


def test_floor_is_the_last_to_go() -> None:
    """Two services want 640 cards each and have 640 together: the one with a vital half keeps 320, at 50 + 0 for the rest;
    with 800 wanted by a service whose whole demand is vital, 160 are cut and cost 550 each."""
    plan = serving([800.0], {"floor": 1.0}).plan()
    assert plan.bill_by_step["inference: floor penalty"].sum() == pytest.approx(160 * 500.0)
    assert plan.bill_by_step["inference: unserved penalty"].sum() == pytest.approx(160 * 50.0)
    vital, plain = (
        Service(pool="pool", cards=640.0, floor=0.5, unserved_price_per_card_h=10.0),
        Service(pool="pool", cards=640.0),
    )
    both = small(center(vital=vital, plain=plain), 1).plan()
    assert -flow_of(both, "vital", "serve")[0] == pytest.approx(320)
    assert -flow_of(both, "plain", "serve")[0] == pytest.approx(320)


def test_a_site_that_plans_nothing_keeps_its_reserve() -> None:
    """640 cards, 300 served, 150 in reserve: of 400 that arrive 190 run at once. Were the reserve given away, 340 would,
    and the baseline would pay 150 cards of reserve at 5 that a saving then counts."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=4)
    service = Service(pool="pool", cards=300.0, reserve=0.5)
    assets = center(pool=pool(offers_spare=True), inference=service, training=queue)
    site = small(assets, 3, series={("training", "arrival_cards"): [400.0, 0.0, 0.0]})
    plan = plan_assets(*as_baseline(site.assets, site.inputs), EXACT)
    assert -flow_of(plan, "training", "run") == pytest.approx([190.0, 190.0, 20.0])
    assert plan.bill_by_step["inference: reserve penalty"].sum() == pytest.approx(0.0, abs=1e-6)


def test_spare_needs_a_pool_that_offers_it() -> None:
    """A reserve in a pool without spare cards is told when the scenario is read, with the pool's name."""
    from optimizer.scenario.file import ScenarioError, scenario_from

    data = {
        "name": "x",
        "site": {"latitude": 36.0, "longitude": 95.0, "elevation_m": 2800},
        "service": {"chat": {"pool": "hall", "cards": 10, "reserve": 0.2}},
        "cluster": {
            "hall": Cluster(cards=64, cards_per_block=64, busy_kw_per_card=1, idle_kw_per_card=0.3).model_dump()
        },
    }
    with pytest.raises(ScenarioError, match=r"hall\.spare"):
        scenario_from(data)
