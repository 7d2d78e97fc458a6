"""The compute-shift schedule: its rows, its columns; its reasons are tried in test_reasons.py."""

from __future__ import annotations

import pytest
from sites import EXACT, center, small

from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.schedule import COLUMNS, schedule_of
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service


def test_every_hour_and_workload_has_its_row() -> None:
    """4 h × 2 workloads; cards as planned and as they would have been; IT power of the pool split by cards; whole caps."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=3, unfinished_price_per_card_h=5.0)
    assets = center(inference=Service(pool="pool", cards=64.0), training=queue)
    series = {("training", "arrival_cards"): [64.0, 0, 0, 0], ("tie", "import_price_per_mwh"): [500.0, 500, 500, 1.0]}
    site = small(assets, 4, series=series)
    baseline, inputs = as_baseline(site.assets, site.inputs)
    table = schedule_of(site.plan().results, plan_assets(baseline, inputs, EXACT).results, site.assets)
    assert tuple(table.columns) == COLUMNS
    training = table[table["workload"] == "training"]
    assert training["planned_cards"].tolist() == [0.0, 0.0, 0.0, 64.0]
    assert training["baseline_cards"].tolist() == [64.0, 0.0, 0.0, 0.0]
    assert training["cap_cards"].tolist() == [0, 0, 0, 64]
    last = table[table["time_local"].str.endswith("03:00")]
    assert last["it_mw"].sum() == pytest.approx(0.128 + 512 * 1e-5, abs=1e-5)
    assert last["it_mw"].nunique() == 1  # 64 cards each
    assert training["reason"].tolist()[3].startswith("moved here from 01-06 00:00: power bought costs 1 ")
    assert (table[table["workload"] == "inference"]["reason"] == "must run in its hour").all()
