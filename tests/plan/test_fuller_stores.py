"""Fuller stores among plans of equal cost: not a cent more, no law broken, never less energy inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sites import EXACT, Demand, Small, center, flow_of, small, tie

from optimizer.plan.outcome import Plan
from optimizer.plan.results import violations
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.energy.storage import Storage

FULLER = replace(EXACT, fuller_stores=True)


def stored(plan: Plan) -> np.ndarray:
    """Energy inside at the end of each step."""
    return np.asarray(plan.results["stored"].sel(store=plan.results["store_asset"] == "store").values[:, 0])


def test_a_flat_price_fills_the_store_first() -> None:
    """At one price a lossless, empty store of 4 MWh may buy whenever it likes: it is full after an hour, and stays so as long as
    its energy is not needed: 4 MWh are, in the last hour, by a tie of 1 MW.
    """
    store = Storage(
        power_mw=5.0, energy_mwh=4.0, charge_efficiency=1, discharge_efficiency=1, opening_state_of_charge=0
    )
    site = small({"tie": tie(400.0, import_limit_mw=4.0), "load": Demand(amount=[0.0, 0, 0, 8.0]), "store": store}, 4)
    plain, fuller = site.plan(), site.plan(FULLER)
    assert fuller.cost == pytest.approx(plain.cost, rel=1e-9)
    assert stored(fuller) == pytest.approx([4.0, 4.0, 4.0, 0.0])


@pytest.mark.parametrize("seed", range(4))
def test_no_cent_more_and_never_emptier(seed: int) -> None:
    """Random prices of three kinds, a store with losses, work that waits, whole blocks: same cost to 1e-8, sound, no emptier."""
    random = np.random.default_rng(seed)
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=6, unfinished_price_per_card_h=9.0)
    store = Storage(power_mw=0.3, energy_mwh=1.0, opening_state_of_charge=0.2)
    series = {("training", "arrival_cards"): random.choice([0.0, 64.0, 300.0], 24),
              ("tie", "import_price_per_mwh"): random.choice([100.0, 300.0, 600.0], 24)}  # fmt: skip
    site: Small = small(center(training=queue, store=store), 24, series=series)
    effort = replace(EXACT, gap=1e-4)
    plain, fuller = site.plan(effort), site.plan(replace(effort, fuller_stores=True))
    assert fuller.cost == pytest.approx(plain.cost, rel=1e-8)
    assert violations(fuller.results, site.assets) == []
    assert stored(fuller).sum() >= stored(plain).sum() - 1e-6
    assert np.minimum(-flow_of(fuller, "store", "charge"), flow_of(fuller, "store", "discharge")).max() < 1e-6
