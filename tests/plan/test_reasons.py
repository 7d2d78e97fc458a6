"""Reasons of moved work: sites of a few hours, each built so that one cause alone moves the work; and what no reason may claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sites import EXACT, Small, center, pool, small, tie

from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.schedule import schedule_of, timetable_of
from optimizer.plan.shifts import NONE, counterparts
from optimizer.technologies.base import Technology
from optimizer.technologies.compute.jobs.settings import Jobs
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.solar import Solar
from optimizer.technologies.energy.storage import Storage

ALWAYS_ON = pool(least_blocks_on=10)
"""Ten blocks that are on anyway: cards play no part."""
COLUMN = {"training": "arrival_cards", "inference": "demand_cards", "tie": "import_price_per_mwh", "sun": "capacity_factor",
          "evening": "arrival_cards"}  # fmt: skip


def training(deadline_h: float = 4, **changes: Any) -> Queue:
    """Work that may wait, and is done in any case."""
    return Queue(**{"pool": "pool", "arrival_cards": 0.0, "deadline_h": deadline_h, "late_price_per_card_h_h": 900.0,
                    "unfinished_price_per_card_h": 900.0} | changes)  # fmt: skip


def sun(power_mw: float = 1.0) -> Solar:
    """A field whose output the test gives."""
    return Solar(peak_power_mw=power_mw, mount={"kind": "fixed", "tilt_deg": 30, "azimuth_deg": 180}, dc_ac_ratio=1.0,
                 losses=0.0, capacity_factor=0.0)  # fmt: skip


def site_of(assets: Mapping[str, Technology], **series: list[float]) -> Small:
    """A site whose pool is always on unless the case says otherwise."""
    hours = max(len(values) for values in series.values())
    named = {(asset, COLUMN[asset]): values for asset, values in series.items()}
    site = small(center(**{"pool": ALWAYS_ON, "training": training(), **assets}), hours, series=named)
    site.inputs.attrs["currency"] = "CNY"
    return site


def schedule(site: Small) -> pd.DataFrame:
    """The schedule of a site's plan beside its baseline."""
    baseline, inputs = as_baseline(site.assets, site.inputs)
    results = site.plan().results
    jobs = timetable_of(results, site.assets)
    return schedule_of(results, plan_assets(baseline, inputs, EXACT).results, site.assets, jobs)


def reasons(site: Small, work: str = "training") -> list[str]:
    """The reason of each hour of a workload."""
    table = schedule(site)
    return list(table[table["workload"] == work]["reason"])


FLAT = [400.0] * 4
CASES: dict[str, tuple[Small, int, str]] = {
    "cheaper purchase": (
        site_of({}, training=[300, 0, 0, 0], tie=[500, 500, 100, 500]),
        2, "moved here from 01-06 00:00: power bought costs 100 CNY/MWh here, 500 then",
    ),
    "deadline": (  # power falls hour by hour: what came in hour 0 may wait through two hours, no longer
        site_of({"training": training(2)}, training=[300, 0, 0, 0], tie=[500, 400, 300, 200]),
        2, "deadline binds: an hour more would save 0.0",
    ),
    "surplus": (
        site_of({"sun": sun(5)}, training=[300, 0, 0, 0], tie=FLAT, sun=[0, 0, 1, 0]),
        2, "surplus power here, worth 1 CNY/MWh, 400 then",
    ),
    "export instead": (  # the sun would be sold at 90; the tie could take more of it
        site_of({"sun": sun(5), "tie": tie(400, export_price=90, export_limit_mw=9)}, training=[300, 0, 0, 0], tie=FLAT,
                sun=[0, 0, 1, 0]),
        2, "power would be sold here: it is worth 90 CNY/MWh, 400 then",
    ),
    "demand peak": (  # a flat price; inference alone makes the peak of the first hour
        site_of({"tie": tie(400, demand_price=40_000), "inference": Service(pool="pool", cards=0.0)},
                training=[300, 0, 0, 0], tie=FLAT, inference=[300, 0, 0, 0]),
        1, "the demand peak is kept down then",
    ),
    "import limit": (  # one price; the tie carries the blocks and inference, and little more
        site_of({"tie": tie(400, import_limit_mw=0.5), "inference": Service(pool="pool", cards=0.0),
                 "training": training(delay_price_per_card_h_h=0.001)},
                training=[300, 0, 0, 0], tie=FLAT, inference=[300, 0, 0, 0]),
        1, "the tie imports all it may then",
    ),
    "store empty": (  # the tie is too dear: what is stored lasts for two hours of inference; then the sun comes, all of it used
        site_of({"pool": pool(idle_kw_per_card=0.0, off_kw_per_card=0.0), "inference": Service(pool="pool", cards=0.0),
                 "sun": sun(0.6), "training": training(delay_price_per_card_h_h=0.02),
                 "store": Storage(power_mw=2.0, energy_mwh=2.0, opening_state_of_charge=0.15, end_value_per_mwh=100)},
                training=[300, 0, 0, 0], inference=[100, 100, 100, 100], sun=[0, 0, 1, 1], tie=[3000] * 4),
        2, "the store ran empty from then on",
    ),
    "store full": (  # the store takes 0.2 MWh of the sun and is full; it would sell more in the last hour
        site_of({"sun": sun(5), "store": Storage(power_mw=4.0, energy_mwh=0.2, opening_state_of_charge=0.0)},
                training=[300, 0, 0, 0], tie=FLAT, sun=[0, 0, 1, 0]),
        2, "the store is full here",
    ),
    "no free card": (  # one price; other work, which bears no delay, has all cards
        site_of({"training": training(delay_price_per_card_h_h=0.05), "evening": training(delay_price_per_card_h_h=5.0)},
                training=[300, 0, 0, 0], evening=[640, 0, 0, 0], tie=FLAT),
        1, "no card is free then",
    ),
    "blocks on anyway": (  # one price, starts are free: running beside inference saves an idle half block
        site_of({"pool": pool(), "inference": Service(pool="pool", cards=0.0)},
                training=[32, 0, 0, 0], inference=[0, 0, 32, 0], tie=FLAT),
        2, "blocks are on anyway here; one more then would idle",
    ),
    "start-up": (  # 15 a start are more than an idle hour at 5, less than three
        site_of({"pool": pool(idle_kw_per_card=0.2, start_up_cost_per_block=15.0),
                 "inference": Service(pool="pool", cards=0.0)},
                training=[0, 0, 0, 32, 0, 0, 0, 0], inference=[0, 0, 0, 0, 0, 0, 32, 0], tie=[400.0] * 8),
        6, "one more start then would cost 0.234 CNY a card",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_known_cause_is_the_reason(name: str) -> None:
    """One cause moves the work to that hour; the row says it, and the rows around it claim no deadline."""
    site, hour, expected = CASES[name]
    told = reasons(site)
    assert expected in told[hour], told
    if name != "deadline":
        assert not any("deadline" in text for text in told)


def test_partners_in_time_are_first_in_first_out() -> None:
    """30 card-hours leave hour 0 and 50 hour 1; of hour 2's 60, 30 come from each, hour 3 has the rest of hour 1's."""
    partners = counterparts(np.array([0.0, 0, 70, 20]), np.array([30.0, 60, 0, 0]))
    assert partners.tolist() == [2, 2, 1, 1]
    assert counterparts(np.array([5.0, 5]), np.array([5.0, 5])).tolist() == [NONE, NONE]
    # a backlog that is handed on: what runs last came an hour before, not with the first
    assert counterparts(np.array([0.0, 9, 9, 9]), np.array([9.0, 9, 9, 0])).tolist() == [1, 2, 3, 2]


def backlog_at_limit(run: np.ndarray, arrival: np.ndarray, deadline_h: int) -> np.ndarray:
    """Whether in each hour all work that may wait does, from cards and arrivals alone."""
    came = np.cumsum(arrival)
    due = np.concatenate([np.zeros(deadline_h), came[:-deadline_h]])
    return np.asarray(came - np.cumsum(run) >= came - due - 1e-3)


@pytest.mark.parametrize("deadline_h", [1, 2, 3])
def test_no_row_claims_a_deadline_that_does_not_bind(deadline_h: int) -> None:
    """Two days of random arrivals and prices: where a row says that the deadline binds, all work that may wait waits, and
    the next hour is cheaper than this one; some rows do say so, and some that run late in their window do not.
    """
    random = np.random.default_rng(deadline_h)
    arrival, price = random.choice([0.0, 100.0, 300.0], 48), random.uniform(50, 900, 48)
    site = site_of({"training": training(deadline_h)}, training=arrival.tolist(), tie=price.tolist())
    table = schedule(site)
    table = table[table["workload"] == "training"]
    run = table["planned_cards"].to_numpy()
    told, at_limit = table["reason"].to_list(), backlog_at_limit(run, arrival, deadline_h)
    claims = np.array(["deadline" in text for text in told])
    assert claims.any()
    assert not claims[~at_limit].any()
    assert (price[1:] < price[:-1])[claims[:-1]].all()
    assert not claims[-1]


@pytest.mark.parametrize(("last_price", "binds"), [(100.0, True), (900.0, False)])
def test_a_job_in_its_last_hours_is_bound_only_where_the_next_is_cheaper(last_price: float, binds: bool) -> None:
    """A job of two hours that must end at hour 4 runs in hours 2 and 3, the cheapest there are; hour 4 would be cheaper, or not."""
    job = {"id": "a", "arrival": "2025-01-06 00:00", "hours": 2, "cards": 64, "deadline": "2025-01-06 04:00"}
    site = site_of({"training": Jobs(pools=["pool"], jobs=[job])}, tie=[500, 500, 300, 300, last_price])
    told = reasons(site)
    assert all(("deadline" in text) == binds for text in told[2:4]), told


def test_a_fixed_service_must_run_in_its_hour() -> None:
    """Work that cannot wait has one reason."""
    site = site_of({"inference": Service(pool="pool", cards=64.0)}, training=[0, 0], tie=[400, 400])
    assert set(reasons(site, "inference")) == {"must run in its hour"}


def test_a_dual_of_the_demand_peak_is_said_in_money() -> None:
    """The larger power price of the peak hour stands in the reason: 400 of energy and the month's price of a MW."""
    site, hour, _ = CASES["demand peak"]
    text = reasons(site)[hour]
    price = float(text.split("worth ")[1].split(" CNY")[0])
    assert price > 400.0
