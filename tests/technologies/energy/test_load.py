"""Loads: served or said to be unserved, moved within their block of hours."""

from __future__ import annotations

import pytest
from sites import small, tie

from optimizer.technologies.energy.load import Flexible, Load


def load_cost(load: Load, prices: list[float]) -> float:
    """Cost of a load at these prices."""
    return (
        small({"tie": tie(), "town": load}, len(prices), series={("tie", "import_price_per_mwh"): prices}).plan().cost
    )


def test_a_load_moves_its_share_within_its_block() -> None:
    """Half of 2 MW may leave the hour at 100 for that at 10: 30 + 100. Fixed it would be 220; moved into the
    next block, at 1, it would be 102."""
    profile = {"hourly": [2.0] * 24}
    flexible = Flexible(share=0.5, block_h=2.0, most_mw=4.0)
    assert load_cost(Load(power_mw=profile, flexible=flexible), [10.0, 100.0, 1.0, 1.0]) == pytest.approx(30 + 100 + 4)
    assert load_cost(Load(power_mw=profile), [10.0, 100.0, 1.0, 1.0]) == pytest.approx(220 + 4)


def test_a_moved_load_stays_below_its_most() -> None:
    """2.5 MW at most: only half a MWh moves, 25 + 150."""
    flexible = Flexible(share=0.5, block_h=2.0, most_mw=2.5)
    assert load_cost(Load(power_mw=2.0, flexible=flexible), [10.0, 100.0]) == pytest.approx(25 + 150)


def test_unserved_load_is_a_priced_promise() -> None:
    """12 MW behind a tie of 10 MW whose overload is dearer: 2 MWh unserved at 1,000."""
    plan = small({"tie": tie(100.0), "town": Load(power_mw=12.0, unserved_price_per_mwh=1000.0)}, 1).plan()
    assert plan.cost == pytest.approx(1000 + 2000)
    assert plan.results["shortfall"].values.max() == pytest.approx(2.0)


def test_as_usual_a_load_does_not_move() -> None:
    """The baseline keeps the profile."""
    flexible = Load(power_mw=2.0, flexible=Flexible(share=0.5, most_mw=3.0))
    assert flexible.as_baseline().flexible is None
