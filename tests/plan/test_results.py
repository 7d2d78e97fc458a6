"""Checks that do not trust the solver: every hand-made fault in a results Dataset is found, from memory and from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sites import Demand, Small, center, pool, small, tie

from optimizer.plan.results import ResultError, checked, records_of, violations
from optimizer.plan.results_file import load_results, save_results
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service
from optimizer.technologies.energy.storage import Storage


@pytest.fixture
def site() -> Small:
    """A center with everything that has laws of its own."""
    assets = center(
        pool=pool(start_up_kwh_per_block=5.0),
        battery=Storage(power_mw=0.1, energy_mwh=0.4), inference=Service(pool="pool", cards=100.0),
        training=Queue(pool="pool", arrival_cards=50.0, deadline_h=6),
    )  # fmt: skip
    return small(assets, 12)


def test_a_sound_plan_passes_through_a_file_and_back(site: Small, tmp_path: Path) -> None:
    """Saved, loaded, checked from the file's numbers alone: no violation, the same records."""
    plan = site.plan()
    save_results(tmp_path / "results.nc", plan.results)
    loaded = load_results(tmp_path / "results.nc")
    assert violations(loaded, site.assets) == []
    first, second = records_of(plan.results), records_of(loaded)
    assert first.keys() == second.keys()
    assert np.array_equal(
        first["site", "battery", 0].stored["energy_mwh"], second["site", "battery", 0].stored["energy_mwh"]
    )


@pytest.mark.parametrize("column", range(14))
def test_a_kilowatt_too_much_in_any_flow_is_found(site: Small, column: int) -> None:
    """Every flow of the plan in turn, one hour, 1 kW or 1 card: at least the balance of its bus is broken."""
    results = site.plan().results
    if column >= results.sizes["series"]:
        return
    unit = 1.0 if str(results["bus"].values[column]).startswith("compute.") else 1e-3
    results["flow"].values[3, column] += unit
    bus = results["bus"].values[column]
    assert any(f"site > {bus}: flows sum to" in law for law in violations(results, site.assets))
    with pytest.raises(ResultError):
        checked(results, site.assets)


@pytest.mark.parametrize(
    ("quantity", "change", "words"),
    [("blocks_on", 0.5, "a part of a block is on"), ("blocks_on", -2.0, "more cards busy than on"),
     ("blocks_on", 20.0, "blocks outside the pool"), ("starts", 1.0, "IT power does not follow")],
)  # fmt: skip
def test_a_meter_that_lies_is_found(site: Small, quantity: str, change: float, words: str) -> None:
    """Half a block, too few, too many, a start nobody paid for."""
    results = site.plan().results
    results["metered"].values[3, np.flatnonzero(results["meter_quantity"].values == quantity)[0]] += change
    assert any(words in law for law in violations(results, site.assets))


def test_a_negative_promise_is_found(site: Small) -> None:
    """A shortfall below zero would earn money from a broken promise."""
    results = site.plan().results
    results["shortfall"].values[2, 0] = -0.1
    assert any("is negative at step 2" in law for law in violations(results, site.assets))


def test_a_site_without_stores_and_promises_has_results() -> None:
    """Empty tables keep the plan's hours; they once had one hour of their own and could not be joined."""
    results = small({"tie": tie(), "load": Demand(amount=[1.0])}, 5).plan().results
    assert results["stored"].shape == (5, 0)


def test_prices_are_what_one_more_unit_costs() -> None:
    """The electricity price of each hour is the tie's, 100 to 500, at steps of half an hour too."""
    prices = np.linspace(100, 500, 10)
    plan = small(
        {"tie": tie(), "load": Demand(amount=[1.0])}, 5, step_h=0.5, series={("tie", "import_price_per_mwh"): prices}
    ).plan()
    assert plan.results["price"].values[:, 0] == pytest.approx(prices)
