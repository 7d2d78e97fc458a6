"""Marginal prices are what a little more of a limit would really save: held against plans with a little more of it."""

from __future__ import annotations

from typing import Any

import pytest
from sites import Demand, Small, center, pool, small, tie

from optimizer.plan.marginal_prices import marginal_prices
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.storage import Storage

YEARS = 4 / 8760


def stored(**settings: Any) -> Small:
    """A store that shifts from hours at 100 to hours at 300 and 500, too small in energy."""
    store = Storage(**{"power_mw": 3.0, "energy_mwh": 2.0, "opening_state_of_charge": 0.0, **settings})
    prices = {("tie", "import_price_per_mwh"): [100.0, 300.0, 100.0, 500.0]}
    return small({"tie": tie(), "load": Demand(amount=[0.0, 4.0, 0.0, 4.0]), "store": store}, 4, series=prices)


def test_a_megawatt_hour_of_store_is_worth_what_it_shifts() -> None:
    """Each more MWh shifts 0.95 in both cycles: 0.95 · 300 − 100 / 0.95 and 0.95 · 500 − 100 / 0.95; a MW nothing."""
    site = stored()
    by_hand = 0.95 * (300 + 500) - 2 * 100 / 0.95
    prices = marginal_prices(site.plan().results)
    assert prices["store: a MWh for a year"] * YEARS == pytest.approx(by_hand)
    assert prices["store: a MW for a year"] == pytest.approx(0.0)
    assert site.plan().cost - stored(energy_mwh=2.5).plan().cost == pytest.approx(0.5 * by_hand)


def test_a_megawatt_of_store_is_worth_what_it_carries() -> None:
    """With energy enough, a MW more in and out shifts as far as charging allows: the same as a plan with 0.1 MW more."""
    little, more = stored(power_mw=1.0, energy_mwh=9.0), stored(power_mw=1.1, energy_mwh=9.0)
    price_per_mw = marginal_prices(little.plan().results)["store: a MW for a year"] * YEARS
    assert price_per_mw > 100.0
    assert little.plan().cost - more.plan().cost == pytest.approx(0.1 * price_per_mw)


def waiting(deadline_h: float) -> Small:
    """100 card-hours that come in every hour, cheaper power from hour to hour, a pool that is always on."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=deadline_h, late_price_per_card_h_h=50.0,
                  unfinished_price_per_card_h=9.0)  # fmt: skip
    series = {("training", "arrival_cards"): [100.0] * 6,
              ("tie", "import_price_per_mwh"): [900.0, 800.0, 300.0, 50.0, 40.0, 30.0]}  # fmt: skip
    return small(center(pool=pool(least_blocks_on=10), training=queue), 6, series=series)


def test_an_hour_of_deadline_is_worth_the_cheaper_hour() -> None:
    """All work waits as long as it may: an hour more moves 100 cards from hour 2 at 300 to hour 5 at 30, no more no less."""
    site = waiting(2.0)
    price_per_h = marginal_prices(site.plan().results)["training: an hour of deadline"]
    saved = site.plan().cost - waiting(3.0).plan().cost
    assert saved > 18.0  # 100 cards of 0.7 kW above idle, 270 a MWh, without losses
    assert price_per_h == pytest.approx(saved, rel=1e-6)


def test_a_card_hour_costs_its_power_and_more_where_cards_are_short() -> None:
    """A pool always on: a card-hour costs 0.7 kW at the hour's price, some 0.28 at 400; 50 where a card is missing."""
    site = small(center(pool=pool(least_blocks_on=10), inference=Service(pool="pool", cards=0.0)), 2,
                 series={("inference", "demand_cards"): [100.0, 700.0]})  # fmt: skip
    prices = marginal_prices(site.plan().results)
    assert prices["pool: a card-hour, highest"] == pytest.approx(50.0)
    assert 2 * prices["pool: a card-hour, mean"] - 50.0 == pytest.approx(
        0.28, rel=0.15
    )  # losses of the power train on top
