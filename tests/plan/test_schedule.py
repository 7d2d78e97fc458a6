"""The compute-shift schedule: its rows, its columns and the reasons it gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sites import EXACT, center, small

from optimizer.plan.baseline import as_baseline
from optimizer.plan.optimize import plan_assets
from optimizer.plan.schedule import COLUMNS, reasons, schedule_of
from optimizer.technologies.compute.queue import Queue
from optimizer.technologies.compute.service import Service


def test_every_hour_and_workload_has_its_row() -> None:
    """4 h × 2 workloads; cards as planned and as they would have been; IT power of the pool split by cards; whole caps."""
    queue = Queue(pool="pool", arrival_cards=0.0, deadline_h=3, unfinished_price_per_card_h=5.0)
    assets = center(inference=Service(pool="pool", cards=64.0), training=queue)
    series = {("training", "arrival_cards"): [64.0, 0, 0, 0], ("tie", "import_price_per_mwh"): [500.0, 500, 500, 1.0]}
    site = small(assets, 4, series=series)
    baseline, inputs = as_baseline(site.assets, site.inputs)
    table = schedule_of(site.plan().results, plan_assets(baseline, inputs, EXACT).results)
    assert tuple(table.columns) == COLUMNS
    training = table[table["workload"] == "training"]
    assert training["planned_cards"].tolist() == [0.0, 0.0, 0.0, 64.0]
    assert training["baseline_cards"].tolist() == [64.0, 0.0, 0.0, 0.0]
    assert training["cap_cards"].tolist() == [0, 0, 0, 64]
    last = table[table["time_local"].str.endswith("03:00")]
    assert last["it_mw"].sum() == pytest.approx(0.128 + 512 * 1e-5, abs=1e-5)
    assert last["it_mw"].nunique() == 1  # 64 cards each
    assert training["reason"].tolist()[3].startswith("moved here: power is worth")
    assert (table[table["workload"] == "inference"]["reason"] == "must run in its hour").all()


def test_reasons_follow_the_price_of_the_day() -> None:
    """More work in a cheap hour is moved for its price, in a dear one to be in time; less work in a dear hour is moved away."""
    local = pd.date_range("2025-01-01", periods=4, freq="h")
    price, baseline = np.array([100.0, 500.0, 500.0, 100.0]), np.array([0.0, 0.0, 50.0, 50.0])
    texts = reasons(np.array([50.0, 50.0, 0.0, 50.0]), baseline, price, local, movable=True)
    assert texts[0] == "moved here: power is worth 100, the day's mean 300"
    assert texts[1].startswith("moved here to be in time")
    assert texts[2] == "moved away: power is worth 500, the day's mean 300"
    assert texts[3] == "runs as it arrives"
