"""Random small sites: what there is on a site is drawn, and so are prices, weather and work."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sites import Small, center, pool, small, tie

from optimizer.technologies.base import Technology
from optimizer.technologies.compute.cluster import Cluster, PowerCap
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

Site = tuple[dict[str, Technology], dict[str, Any]]
"""Assets, and the other arguments of `small`."""


@st.composite
def sites(draw: st.DrawFn, least_steps: int = 24, most_steps: int = 28) -> Site:
    """Assets by name and how long, with which series: a center on prices that may fall below zero or invite export."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(least_steps, most_steps))
    step_h = draw(st.sampled_from([1.0, 1.0, 1.0, 0.5]))
    hours = steps * step_h
    lowest = draw(st.sampled_from([200.0, 0.0, -150.0]))
    prices = rng.uniform(lowest, 900.0, steps).round(1)
    assets: dict[str, Technology] = center(tie=_tie(draw), pool=_pool(draw))
    series = {("tie", "import_price_per_mwh"): prices}
    if assets["tie"].export_limit_mw:  # type: ignore[attr-defined]
        series["tie", "export_price_per_mwh"] = prices * rng.uniform(0.3, 1.2, steps)
    if draw(st.booleans()):
        assets["field"] = Solar(peak_power_mw=0.8, capacity_factor=0.0)
        series["field", "capacity_factor"] = np.maximum(rng.uniform(-0.7, 1.0, steps), 0.0)
    if draw(st.booleans()):
        assets["battery"] = _storage(draw)
    assets["inference"] = Service(pool="pool", cards=0.0)
    series["inference", "demand_cards"] = rng.uniform(0, 60, steps).round()
    if draw(st.booleans()):
        assets["training"] = _queue(draw)
        series["training", "arrival_cards"] = (rng.uniform(0, 90, steps) * (rng.random(steps) < 0.5)).round()
    start = draw(st.sampled_from(["2025-01-06", "2025-01-31"]))  # the second: a month ends within the plan
    return assets, {"hours": hours, "step_h": step_h, "start": start, "series": series}


def built(site: Site, **more: Technology) -> Small:
    """The site, with further or other assets."""
    assets, arguments = site
    return small({**assets, **more}, **arguments)


def _tie(draw: st.DrawFn) -> Any:
    demand_price = draw(st.sampled_from([0.0, 30_000.0]))
    return tie(demand_price=demand_price, export_limit_mw=draw(st.sampled_from([0.0, 0.5])), import_limit_mw=1.0)


def _pool(draw: st.DrawFn) -> Cluster:
    return pool(
        cards=160, per_block=draw(st.sampled_from([40, 80])), start_up_kwh_per_block=5.0,
        start_up_cost_per_block=draw(st.sampled_from([0.0, 8.0])), least_blocks_on=draw(st.integers(0, 1)),
        power_caps=draw(st.sampled_from([[PowerCap(speed=1, power=1)], [PowerCap(speed=1, power=1), PowerCap(speed=0.8, power=0.65)]])),
    )  # fmt: skip


def _storage(draw: st.DrawFn) -> Storage:
    efficiency = draw(st.sampled_from([1.0, 0.9]))
    return Storage(
        power_mw=draw(st.sampled_from([0.05, 0.3])), energy_mwh=0.4, charge_efficiency=efficiency,
        discharge_efficiency=efficiency, standby_loss_per_h=draw(st.sampled_from([0.0, 0.01])),
        least_state_of_charge=0.1, end_value_per_mwh=draw(st.sampled_from([0.0, 300.0])),
    )  # fmt: skip


def _queue(draw: st.DrawFn) -> Queue:
    return Queue(
        pool="pool", arrival_cards=0.0, deadline_h=draw(st.sampled_from([1, 4, 12, 30])),
        most_cards=draw(st.sampled_from([None, 70.0])), unfinished_price_per_card_h=draw(st.sampled_from([0.1, 2.0])),
        opening_backlog_card_h=draw(st.sampled_from([0.0, 120.0])), late_price_per_card_h_h=draw(st.sampled_from([0.5, 5.0])),
    )  # fmt: skip
