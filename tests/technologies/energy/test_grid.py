"""Grid tie: what energy, peaks, overload, carbon and export cost, and that nobody earns by buying and selling at once."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx  # noqa: PT013  (reads as a sentence)
from sites import Demand, small, tie

from optimizer.quantities.tariff import Tariff
from optimizer.solve.complementarity import broken_pairs
from optimizer.solve.highs import solve
from optimizer.technologies.energy.grid import Grid
from optimizer.technologies.energy.storage import Storage


def test_energy_and_carbon_are_charged_on_every_mwh() -> None:
    """10 MWh at 300 plus 0.5 t at 100: 3,500. Carbon forgotten would cost 3,000."""
    grid = tie(300.0, carbon_t_per_mwh=0.5, carbon_price_per_t=100.0)
    assert small({"tie": grid, "load": Demand(amount=[5.0])}, 2).plan().cost == approx(10 * 350)


def test_the_month_is_charged_for_its_highest_hour() -> None:
    """Two months of 24 h each: peaks of 4 and 7 MW, each in its month's share (1/31 and 1/28) of 31,000 and 28,000 a MW.

    One peak for both months would charge 7 MW twice: 14,000 instead of 4,000 + 7,000; the mean hour would charge less.
    """
    load = [1.0] * 5 + [4.0] + [1.0] * 18 + [2.0] * 10 + [7.0] + [2.0] * 13
    grid = tie(0.0, demand_price=31_000 * 28.0)
    plan = small({"tie": grid, "load": Demand(amount=load)}, 48, start="2025-01-31").plan()
    assert plan.cost == approx(31_000 * 28.0 * (4 / 31 + 7 / 28))


def test_overload_counts_for_the_peak_and_pays_its_penalty() -> None:
    """12 MW over a 10 MW tie: the peak is 12, and 2 MWh pay 20,000 each. A peak of 10 would leave out 2 MW's charge."""
    grid = tie(100.0, demand_price=3100.0)
    plan = small({"tie": grid, "load": Demand(amount=[12.0])}, 24).plan()
    assert plan.cost == approx(24 * 12 * 100 + 24 * 2 * 20_000 + 12 * 3100 / 31)
    assert plan.results["shortfall"].values.max() == approx(2.0)


def test_a_peak_of_the_month_so_far_is_paid_already() -> None:
    """With 9 MW already imported this month, an hour of 8 MW adds nothing: a battery to flatten it stays idle."""
    assets = {
        "tie": tie(100.0, demand_price=31_000.0), "load": Demand(amount=[2.0] * 23 + [8.0]),
        "store": Storage(power_mw=5, energy_mwh=10, opening_state_of_charge=0),
    }  # fmt: skip
    fresh = small(assets, 24).plan()
    opened = small(assets, 24).plan(opening={("site", "tie"): {"peak_mw": 9.0}})
    assert opened.cost == approx(100 * (2 * 23 + 8) + 9 * 1000)
    assert fresh.cost < opened.cost - 3000  # flattened to about 2.4 MW
    assert fresh.results["flow"].values.shape == opened.results["flow"].values.shape


def test_least_billed_demand_is_a_share_of_the_tie() -> None:
    """40 % of 10 MW are billed although 1 MW is the peak: 4 MW."""
    tariff = Tariff(energy_price_per_mwh=0.0, demand_price_per_mw_month=31_000, minimum_demand_share=0.4)
    plan = small({"tie": Grid(tariff=tariff, import_limit_mw=10), "load": Demand(amount=[1.0])}, 24).plan()
    assert plan.cost == approx(4 * 1000.0)


def test_export_above_the_import_price_needs_a_direction() -> None:
    """Sold for 500 and bought for 400 at once, 5 MW an hour would earn 500 × hours from nothing. A tie goes one way.

    Relaxed, the same model earns 24 × 5 × 100 = 12,000 more.
    """
    site = small({"tie": tie(400.0, export_price=500.0, export_limit_mw=5.0), "load": Demand(amount=[1.0])}, 24)
    assert site.plan().cost == approx(24 * 400.0)
    assert solve(site.compiled().matrix.relaxed()).cost == approx(24 * 400.0 - 24 * 5 * 100.0)


def test_direction_is_only_asked_where_export_pays() -> None:
    """In two of 24 hours it pays: only there the relaxed optimum goes both ways; at other prices no direction is asked."""
    prices = np.full(24, 400.0)
    prices[[3, 17]] = 100.0
    site = small(
        {"tie": tie(export_price=300.0, export_limit_mw=5.0), "load": Demand(amount=[1.0])}, 24,
        series={("tie", "import_price_per_mwh"): prices},
    )  # fmt: skip
    matrix = site.compiled().matrix
    broken = broken_pairs(matrix, solve(matrix.relaxed()).values)
    assert matrix.step[matrix.pairs.first[broken]].tolist() == [3, 17]


@pytest.mark.parametrize(
    ("flow", "value", "words"),
    [("import", 11.0, "imports above its limit"), ("export", -6.0, "exports above its limit")],
)
def test_the_check_sees_what_is_wrong(flow: str, value: float, words: str) -> None:
    """A flow beyond its limit in a Dataset is found without the solver."""
    from optimizer.plan.results import violations

    site = small({"tie": tie(export_price=10.0, export_limit_mw=5.0), "load": Demand(amount=[1.0])}, 3)
    results = site.plan().results
    results["flow"].values[1, np.flatnonzero(results["series_flow"].values == flow)[0]] = value
    assert any(words in violation for violation in violations(results, site.assets))
