"""Variants of a site by how it buys its energy: at the market with synthetic spot prices, and with the grid company as agent."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.plan.optimize import plan_scenario
from optimizer.plan.outcome import Plan
from optimizer.quantities.columns import matching
from optimizer.quantities.documents import SCENARIOS
from optimizer.scenario.file import load_site
from optimizer.technologies.energy.market import DAY_AHEAD
from tests.spot_series import FUTURES, LEAST, MOST, PATH, spot_prices, text

DAY, FIRST, HOURS = "2025-03-04", 72, 6
"""A night in which some hours are cheaper a day ahead and some are not; its first row in the price file."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A quarter of a day at the market."""
    return plan_scenario(load_site(SCENARIOS / "qingyang-market.yaml"), start=DAY, days=HOURS / 24, workers=1)


def test_the_price_file_is_what_its_script_makes() -> None:
    """Byte for byte; within what may be cleared, with a mean near the energy price of the tariff (267), dear in the evening."""
    assert PATH.read_text(encoding="utf-8") == text()
    prices = spot_prices().drop(columns="time")
    assert LEAST <= float(prices.min().min()) <= float(prices.max().max()) <= MOST
    assert float(prices["day_ahead"].mean()) == pytest.approx(267, rel=0.1)
    by_hour = prices["real_time_usual"].to_numpy().reshape(-1, 24).mean(axis=0)
    assert by_hour[19] > 5 * by_hour[12]


def test_the_day_ahead_purchase_is_one_decision(plan: Plan) -> None:
    """It is the same whichever future comes: all that may be bought where it is below the mean of real time, else nothing."""
    bought = matching(plan.results["metered"], asset="tie", quantity=DAY_AHEAD).values
    assert bought.shape == (HOURS, len(FUTURES))
    assert bought == pytest.approx(np.repeat(bought[:, :1], len(FUTURES), axis=1), abs=1e-9)
    prices = spot_prices().iloc[FIRST : FIRST + HOURS]
    mean = sum(share * prices[f"real_time_{name}"] for name, (share, _) in FUTURES.items())
    assert bought[:, 0] == pytest.approx(np.where(prices["day_ahead"] < mean, 2.3, 0.0), abs=1e-6)
    assert 0 < bought[:, 0].sum() < 2.3 * HOURS


def test_every_future_settles_its_differences(plan: Plan) -> None:
    """Contract and day-ahead by hand: Σ q_C (p_C − p_RT) + q_DA (p_DA − p_RT), weighted over the futures."""
    prices, contract_mw = spot_prices().iloc[FIRST : FIRST + HOURS], 0.7
    bought = matching(plan.results["metered"], asset="tie", quantity=DAY_AHEAD).values[:, 0]
    by_hand = {"contracts": 0.0, "day-ahead": 0.0}
    for name, (share, _) in FUTURES.items():
        real = prices[f"real_time_{name}"].to_numpy()
        by_hand["contracts"] += share * float((contract_mw * (270.0 - real)).sum())
        by_hand["day-ahead"] += share * float((bought * (prices["day_ahead"].to_numpy() - real)).sum())
    table = plan.bill_by_step
    for item, money in by_hand.items():
        booked = [column for column in table.columns if str(column).endswith(item) or item in tuple(column)]
        assert float(table[booked].to_numpy().sum()) == pytest.approx(money, abs=1e-4), item


def test_an_agent_serves_no_direct_connection() -> None:
    """The variant by the time-of-use table has none, in the same month as the market's."""
    agent, market = (load_site(SCENARIOS / f"qingyang-{how}.yaml") for how in ("grid-agent", "market"))
    assert agent.grid["tie"].direct_connection is None
    assert market.grid["tie"].direct_connection is not None
    assert agent.horizon == market.horizon
    assert len(agent.grid["tie"].tariff.periods) > 0
    assert market.grid["tie"].tariff.periods == []
